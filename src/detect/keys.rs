//! Keys of words: 64 bits by which a word is looked up, and the tables and filters of them.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::initials::Initials;

/// Up to 16 letters and digits from `at`, folded, the first byte lowest.
#[inline]
pub(super) fn sixteen(bytes: &[u8], at: usize, length: usize) -> u128 {
    const LOWER: u128 = u128::from_le_bytes([0x20; 16]);
    let word = if let Some(word) = bytes.get(at..at + 16).and_then(|word| <[u8; 16]>::try_from(word).ok()) {
        word
    } else {
        let mut word = [0; 16];
        for (to, from) in word.iter_mut().zip(bytes.get(at..).unwrap_or_default()) {
            *to = *from;
        }
        word
    };
    // In ASCII letters and digits this bit is the case, or set.
    let word = u128::from_le_bytes(word) | LOWER;
    if length >= 16 { word } else { word & !(u128::MAX << (8 * length)) }
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
        let (low, high) = halves(sixteen(part, 0, part.len()));
        sum = key(low ^ sum, high, part.len());
    }
    sum
}

#[inline]
pub(super) fn stem_key(low: u64, bytes: usize) -> u64 {
    let kept = if bytes >= 8 { low } else { low & !(u64::MAX << (8 * bytes)) };
    key(kept, 0x5354_454d, bytes)
}

/// A set of keys that says yes to all of them and to a few others.
#[derive(Debug)]
pub(super) struct Filter<const BITS: u32>(Box<[u64]>);

/// 16 KiB and 1 KiB stay in the fastest memory.
pub(super) type Keys = Filter<17>;
pub(super) type StemHeads = Filter<13>;

impl<const BITS: u32> Filter<BITS> {
    pub(super) fn new() -> Self {
        Self(vec![0; (1 << BITS) / 64].into())
    }

    #[inline]
    pub(super) fn place(key: u64) -> (usize, u64) {
        let bit = key >> (64 - BITS);
        ((bit / 64) as usize, 1 << (bit % 64))
    }

    pub(super) fn add(&mut self, key: u64) {
        let (word, bit) = Self::place(key);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    #[inline]
    pub(super) fn holds(&self, key: u64) -> bool {
        let (word, bit) = Self::place(key);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }
}

/// Heads by their keys, in a table of which half or more is empty.
#[derive(Debug)]
pub(super) struct HeadTable {
    /// 0 where nothing is.
    keys: Box<[u64]>,
    entries: Box<[Entry]>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    pub(super) initials: Initials,
    pub(super) head: u32,
    /// Nothing but words that go on.
    pub(super) only_longer: bool,
}

impl HeadTable {
    pub(super) fn new(entries: Vec<(u64, Entry)>) -> Self {
        let size = (entries.len() * 2).next_power_of_two();
        let mut table = Self { keys: vec![0; size].into(), entries: vec![Entry::default(); size].into() };
        for (key, entry) in entries {
            let mut at = table.first(key);
            while table.keys.get(at).is_some_and(|key| *key != 0) {
                at = (at + 1) & (size - 1);
            }
            if let (Some(slot), Some(to)) = (table.keys.get_mut(at), table.entries.get_mut(at)) {
                (*slot, *to) = (key, entry);
            }
        }
        table
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "some bits of it")]
    pub(super) fn first(&self, key: u64) -> usize {
        key as usize & (self.keys.len() - 1)
    }

    #[inline]
    pub(super) fn get(&self, key: u64) -> Option<Entry> {
        let mut at = self.first(key);
        loop {
            match self.keys.get(at) {
                Some(known) if *known == key => return self.entries.get(at).copied(),
                Some(0) | None => return None,
                Some(_) => at = (at + 1) & (self.keys.len() - 1),
            }
        }
    }
}

/// Keys and what each stands for.
pub(super) type Table = HashMap<u64, usize, BuildHasherDefault<Own>>;

/// The keys are hashes already.
#[derive(Debug, Default)]
pub(super) struct Own(u64);

impl Hasher for Own {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
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
