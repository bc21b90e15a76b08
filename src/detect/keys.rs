//! Keys of words: 64 bits by which a word is looked up, and the tables and filters of them.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::initials::Two;

/// Up to 16 letters and digits from `at`, folded, in two halves, the first byte lowest.
#[inline]
pub(super) fn sixteen(bytes: &[u8], at: usize, length: usize) -> (u64, u64) {
    /// In ASCII letters and digits this bit is the case, or set.
    const LOWER: u64 = u64::from_le_bytes([0x20; 8]);
    let word = if let Some(word) = bytes.get(at..at + 16).and_then(|word| <[u8; 16]>::try_from(word).ok()) {
        word
    } else {
        let mut word = [0; 16];
        for (to, from) in word.iter_mut().zip(bytes.get(at..).unwrap_or_default()) {
            *to = *from;
        }
        word
    };
    let (low, high) = halves(u128::from_le_bytes(word));
    let (low_kept, high_kept) = kept(length);
    ((low | LOWER) & low_kept, (high | LOWER) & high_kept)
}

/// The bits of the first `length` bytes of sixteen.
#[inline]
pub(super) fn kept(length: usize) -> (u64, u64) {
    const KEPT: [(u64, u64); 17] = {
        let mut kept = [(u64::MAX, u64::MAX); 17];
        let mut length: usize = 0;
        while length < 16 {
            let (low, high) = (if length < 8 { length } else { 8 }, length.saturating_sub(8));
            kept[length] = (if low < 8 { (1 << (8 * low)) - 1 } else { u64::MAX }, (1 << (8 * high)) - 1);
            length += 1;
        }
        kept
    };
    KEPT.get(length).copied().unwrap_or((u64::MAX, u64::MAX))
}

#[inline]
#[allow(clippy::cast_possible_truncation, reason = "one half at a time")]
pub(super) fn halves(word: u128) -> (u64, u64) {
    (word as u64, (word >> 64) as u64)
}

/// The key of a word of at most 16 folded bytes.
#[inline]
pub(super) fn key(low: u64, high: u64, length: usize) -> u64 {
    let one = low ^ 0x9e37_79b9_7f4a_7c15;
    let other = high ^ 0xd6e8_feb8_6659_fd93 ^ ((length as u64) << 56);
    let product = u128::from(one) * u128::from(other);
    let (low, high) = halves(product);
    low ^ high
}

/// The key of a word of any length.
pub(super) fn key_of(folded: &[u8]) -> u64 {
    let mut sum = 0;
    for part in folded.chunks(16) {
        let (low, high) = sixteen(part, 0, part.len());
        sum = key(low ^ sum, high, part.len());
    }
    sum
}

#[inline]
pub(super) fn stem_key(low: u64, bytes: usize) -> u64 {
    key(low & kept(bytes).0, 0x5354_454d, bytes)
}

/// The key of a word together with the letters with which the next one begins.
#[inline]
pub(super) fn pair_key(word: u64, next: Two) -> u64 {
    (word ^ u64::from(next)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// A set of keys that says yes to all of them and to a few others.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filter<const BITS: u32> {
    pub(super) words: Box<[u64]>,
}

/// 32 KiB: stays in near memory.
pub(super) type Keys = Filter<18>;

impl<const BITS: u32> Filter<BITS> {
    pub(super) fn new() -> Self {
        Self { words: vec![0; (1 << BITS) / 64].into() }
    }

    #[inline]
    pub(super) fn place(key: u64) -> (usize, u64) {
        let bit = key >> (64 - BITS);
        ((bit / 64) as usize, 1 << (bit % 64))
    }

    pub(super) fn add(&mut self, key: u64) {
        let (word, bit) = Self::place(key);
        if let Some(word) = self.words.get_mut(word) {
            *word |= bit;
        }
    }

    #[inline]
    pub(super) fn holds(&self, key: u64) -> bool {
        let (word, bit) = Self::place(key);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }
}

/// What is looked up by a key: a number, and a few bits that say what there is to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) bits: u64,
}

impl Entry {
    const KIND_BITS: u32 = 8;

    /// Bit `i` of `kinds` says that there is something of the `i`th kind.
    pub(super) fn new(number: usize, kinds: u8) -> Self {
        // Nothing has all bits clear: numbers begin with one.
        Self { bits: (number as u64 + 1) << Self::KIND_BITS | u64::from(kinds) }
    }

    /// None if this stands for nothing.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "it was a usize")]
    pub(super) fn number(self) -> Option<usize> {
        (self.bits >> Self::KIND_BITS).checked_sub(1).map(|number| number as usize)
    }

    #[inline]
    pub(super) fn has(self, kind: u32) -> bool {
        self.bits >> kind & 1 == 1
    }
}

/// Entries by their keys, in a table of which half or more is empty.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EntryTable {
    /// The key 0 where nothing is.
    pub(super) slots: Box<[(u64, Entry)]>,
}

impl Default for EntryTable {
    fn default() -> Self {
        Self::new(&[])
    }
}

impl EntryTable {
    pub(super) fn new(entries: &[(u64, Entry)]) -> Self {
        let size = (entries.len() * 2).next_power_of_two();
        let mut table = Self { slots: vec![(0, Entry::default()); size].into() };
        for (key, entry) in entries {
            let mut at = table.first(*key);
            while table.slots.get(at).is_some_and(|(key, _)| *key != 0) {
                at = (at + 1) & (size - 1);
            }
            if let Some(slot) = table.slots.get_mut(at) {
                *slot = (*key, *entry);
            }
        }
        table
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "some bits of it")]
    fn first(&self, key: u64) -> usize {
        key as usize & (self.slots.len() - 1)
    }

    /// The entry under a key; nothing if there is none.
    #[inline]
    pub(super) fn get(&self, key: u64) -> Entry {
        let first = self.first(key);
        let (known, entry) = self.slots.get(first).copied().unwrap_or_default();
        // One branch, and a rare one: many are asked one after the other, and each waits for memory.
        if known != key && known != 0 {
            return self.farther(key, first);
        }
        Entry { bits: entry.bits & u64::from(known == key).wrapping_neg() }
    }

    #[cold]
    fn farther(&self, key: u64, first: usize) -> Entry {
        let mut at = first;
        loop {
            at = (at + 1) & (self.slots.len() - 1);
            match self.slots.get(at) {
                Some((known, entry)) if *known == key => return *entry,
                Some((0, _)) | None => return Entry::default(),
                Some(_) => {}
            }
        }
    }
}

/// Places in a list by words and phrases of the catalogue, which nobody chooses to make them collide.
pub(super) type ByText<K> = HashMap<K, usize, BuildHasherDefault<Short>>;

pub(super) fn by_text<K>(most: usize) -> ByText<K> {
    ByText::with_capacity_and_hasher(most, BuildHasherDefault::default())
}

#[derive(Debug, Default)]
pub(super) struct Short(u64);

impl Hasher for Short {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(16) {
            let mut word = [0; 16];
            for (to, from) in word.iter_mut().zip(part) {
                *to = *from;
            }
            let (low, high) = halves(u128::from_le_bytes(word));
            self.0 = key(low ^ self.0, high, part.len());
        }
    }
}
