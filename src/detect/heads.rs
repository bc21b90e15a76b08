//! The first words of everything that is looked for, by their keys, and what begins with each.

use super::initials::{ANY, Two};
use super::keys::{ByText, HeadTable, Keys, by_text, key_of, pair_key, sixteen, stem_key};
use super::start_words::SHORTEST_STEM;

/// What stands under a first word, or under the beginning of one.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// Words that are no more than it.
    pub(super) alone: Vec<usize>,
    /// Words that go on, by the first letters of their rest.
    pub(super) longer: Vec<(Two, usize)>,
    /// Patterns that begin with it: what the caller named them, and the bytes before it.
    pub(super) starts: Vec<(usize, usize)>,
    pub(super) is_first_name: bool,
}

impl Head {
    /// The words that may go on with these letters.
    pub(super) fn going_on(&self, next: Two) -> impl Iterator<Item = usize> {
        let from = |two: Two| self.longer.partition_point(|(first, _)| *first < two);
        let (any, some) = match next {
            ANY => (0..self.longer.len(), 0..0),
            // No letters are more than all bits.
            _ => (0..from(ANY + 1), from(next)..from(next.saturating_add(1))),
        };
        any.chain(some).filter_map(|i| self.longer.get(i).map(|(_, word)| *word))
    }

    /// Whether it counts whatever comes next.
    fn counts_alone(&self) -> bool {
        !self.alone.is_empty()
            || !self.starts.is_empty()
            || self.is_first_name
            || self.longer.iter().any(|(two, _)| *two == ANY)
    }
}

/// Gathers words under their first ones.
pub(super) struct Heads<'w> {
    all: Vec<Head>,
    by_text: ByText<(&'w str, bool)>,
}

impl<'w> Heads<'w> {
    pub(super) fn new(most: usize) -> Self {
        Self { all: Vec::with_capacity(most), by_text: by_text(most) }
    }

    pub(super) fn of(&mut self, text: &'w str, stem: bool) -> &mut Head {
        let all = &mut self.all;
        let index = *self.by_text.entry((text, stem)).or_insert_with(|| {
            all.push(Head::default());
            all.len() - 1
        });
        // The index is of this list.
        &mut all[index]
    }

    pub(super) fn build(self) -> Index {
        let mut index = Index {
            any: Keys::new(),
            alone: Keys::new(),
            pairs: Keys::new(),
            stem_lengths: vec![0; 1 << STEM_BITS].into(),
            whole: HeadTable::default(),
            stems: HeadTable::default(),
            stem_lists: Vec::new(),
            longest: 0,
            heads: Vec::new(),
        };
        let mut whole = Vec::new();
        let mut by_first_bytes: ByText<(u64, usize)> = by_text(0);
        for ((text, stem), head) in self.by_text {
            let Some(under) = self.all.get(head) else { continue };
            let text = text.as_bytes();
            if stem {
                let Some(length) = STEM_BYTES.iter().position(|bytes| *bytes <= text.len()) else { continue };
                let (low, _) = sixteen(text, 0, text.len().min(16));
                let key = stem_key(low, STEM_BYTES.get(length).copied().unwrap_or(0));
                index.any.add(key);
                if let Some(lengths) = index.stem_lengths.get_mut(stem_place(low)) {
                    *lengths |= 1 << length;
                }
                let list = *by_first_bytes.entry((key, 0)).or_insert_with(|| {
                    index.stem_lists.push(Vec::new());
                    index.stem_lists.len() - 1
                });
                if let Some(list) = index.stem_lists.get_mut(list) {
                    list.push((text.into(), head));
                }
            } else {
                let key = key_of(text);
                index.any.add(key);
                if under.counts_alone() {
                    index.alone.add(key);
                } else {
                    under.longer.iter().for_each(|(two, _)| index.pairs.add(pair_key(key, *two)));
                }
                whole.push((key, head));
            }
            index.longest = index.longest.max(text.len());
        }
        index.whole = HeadTable::new(&whole);
        let lists: Vec<(u64, usize)> = by_first_bytes.into_iter().map(|((key, _), list)| (key, list)).collect();
        index.stems = HeadTable::new(&lists);
        index.heads = self.all;
        index.heads.iter_mut().for_each(|head| head.longer.sort_unstable());
        index
    }
}

/// Heads, and filters that say for almost all words of a text that none is theirs.
#[derive(Debug)]
pub(super) struct Index {
    /// The keys of all heads, and of the first bytes of stems.
    any: Keys,
    /// The keys of those that count whatever comes next.
    alone: Keys,
    /// The keys of the others with the letters that come next.
    pairs: Keys,
    /// Which of [`STEM_BYTES`] make keys of stems, one bit each, by the place of their first letters.
    stem_lengths: Box<[u8]>,
    whole: HeadTable,
    /// The list of stems under the key of their first bytes.
    stems: HeadTable,
    /// Each with its head.
    stem_lists: Vec<Vec<(Box<[u8]>, usize)>>,
    /// Bytes of the longest head.
    pub(super) longest: usize,
    heads: Vec<Head>,
}

/// How many bytes of a stem make its key: the most of these that it has.
const STEM_BYTES: [usize; 4] = [8, 6, 4, SHORTEST_STEM];
const STEM_BITS: u32 = 13;

/// Where the first letters of a stem are noted.
#[inline]
fn stem_place(low: u64) -> usize {
    (stem_key(low, SHORTEST_STEM) >> (64 - STEM_BITS)) as usize
}

impl Index {
    /// Whether a word is a head perhaps.
    #[inline]
    pub(super) fn may_be_head(&self, key: u64) -> bool {
        self.any.holds(key)
    }

    /// Whether one is that counts before these letters, perhaps.
    #[inline]
    pub(super) fn may_count(&self, key: u64, next: Two) -> bool {
        next == ANY || self.alone.holds(key) || self.pairs.holds(pair_key(key, next))
    }

    #[inline]
    pub(super) fn head(&self, key: u64) -> Option<&Head> {
        self.heads.get(self.whole.get(key)?)
    }

    /// Which keys of stems may be those of a word with these first bytes, by the bits of [`STEM_BYTES`].
    #[inline]
    pub(super) fn stem_lengths(&self, low: u64, length: usize) -> u8 {
        /// The stems that are not longer than a word.
        const FITTING: [u8; 9] = [0, 0, 0, 0b1000, 0b1100, 0b1100, 0b1110, 0b1110, 0b1111];
        let fitting = FITTING.get(length.min(8)).copied().unwrap_or(0);
        self.stem_lengths.get(stem_place(low)).map_or(0, |lengths| lengths & fitting)
    }

    /// Calls `each` with every stem with which a word begins, given its folded bytes.
    pub(super) fn stems(&self, low: u64, lengths: u8, folded: &[u8], mut each: impl FnMut(&Head)) {
        for (i, bytes) in STEM_BYTES.into_iter().enumerate() {
            if lengths >> i & 1 == 0 {
                continue;
            }
            let key = stem_key(low, bytes);
            if !self.any.holds(key) {
                continue;
            }
            let list = self.stems.get(key).and_then(|list| self.stem_lists.get(list));
            for (stem, head) in list.into_iter().flatten() {
                if folded.starts_with(stem)
                    && let Some(head) = self.heads.get(*head)
                {
                    each(head);
                }
            }
        }
    }
}
