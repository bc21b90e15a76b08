//! The first words of everything that is looked for, by their keys, and what begins with each.

use super::initials::{ANY, Two};
use super::keys::{ByText, Entry, EntryTable, Keys, by_text, kept, key_of, pair_key, sixteen, stem_key};
use super::start_words::SHORTEST_STEM;

/// Lists of what belongs to each of many, one after the other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Grouped<T> {
    pub(super) all: Vec<T>,
    /// Where the list of each ends.
    pub(super) ends: Vec<usize>,
}

impl<T: Copy + Ord + Default> Grouped<T> {
    /// Pairs of whose list and what is in it, for `count` lists; each list is sorted, and nothing in it twice.
    pub(super) fn new(pairs: &[(usize, T)], count: usize) -> Self {
        // Put where it belongs by counting: to sort all of them would be most of the work of a start.
        let mut ends = vec![0; count];
        for (whose, _) in pairs {
            if let Some(end) = ends.get_mut(*whose) {
                *end += 1;
            }
        }
        let mut sum = 0;
        for end in &mut ends {
            // Where the list begins, until it is filled.
            (sum, *end) = (sum + *end, sum);
        }
        let mut all = vec![T::default(); sum];
        for (whose, what) in pairs {
            if let Some(end) = ends.get_mut(*whose)
                && let Some(slot) = all.get_mut(*end)
            {
                *slot = *what;
                *end += 1;
            }
        }
        let (mut from, mut kept) = (0, 0);
        for end in &mut ends {
            if let Some(list) = all.get_mut(from..*end) {
                list.sort_unstable();
            }
            let first = kept;
            for i in from..*end {
                let Some(what) = all.get(i).copied() else { break };
                if kept > first && all.get(kept - 1) == Some(&what) {
                    continue;
                }
                if let Some(slot) = all.get_mut(kept) {
                    *slot = what;
                    kept += 1;
                }
            }
            from = *end;
            *end = kept;
        }
        all.truncate(kept);
        Self { all, ends }
    }
}

impl<T> Grouped<T> {
    #[inline]
    pub(super) fn get(&self, whose: usize) -> &[T] {
        let from = whose.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied()).unwrap_or(0);
        self.ends.get(whose).and_then(|end| self.all.get(from..*end)).unwrap_or_default()
    }
}

/// Gathers words under their first ones: heads, each with a number.
pub(super) struct Heads<'w> {
    by_text: ByText<(&'w str, bool)>,
    first_names: Vec<usize>,
    /// Words that are no more than their head.
    pub(super) alone: Vec<(usize, usize)>,
    /// Words that go on, with the first letters of their rest.
    pub(super) longer: Vec<(usize, (Two, usize))>,
    /// Patterns that begin with a head: what the caller named them, and the bytes before it.
    pub(super) starts: Vec<(usize, (usize, usize))>,
}

impl<'w> Heads<'w> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            by_text: by_text(most),
            first_names: Vec::new(),
            alone: Vec::with_capacity(most),
            longer: Vec::with_capacity(most),
            starts: Vec::new(),
        }
    }

    /// The number of a head; a stem may go on.
    pub(super) fn of(&mut self, text: &'w str, stem: bool) -> usize {
        let next = self.by_text.len();
        *self.by_text.entry((text, stem)).or_insert(next)
    }

    pub(super) fn add_first_name(&mut self, name: &'w str) {
        let head = self.of(name, false);
        self.first_names.push(head);
    }

    pub(super) fn build(self) -> Index {
        let count = self.by_text.len();
        let mut index = Index {
            any: Keys::new(),
            sure: Keys::new(),
            pairs: Keys::new(),
            stem_lengths: vec![0; 1 << STEM_BITS].into(),
            whole: EntryTable::default(),
            stems: EntryTable::default(),
            stem_lists: Vec::new(),
            longest: 0,
            alone: Grouped::new(&self.alone, count),
            longer: Grouped::new(&self.longer, count),
            starts: Grouped::new(&self.starts, count),
            first_names: vec![false; count],
        };
        for head in self.first_names {
            if let Some(is_first_name) = index.first_names.get_mut(head) {
                *is_first_name = true;
            }
        }
        let mut whole = Vec::new();
        let mut by_first_bytes: ByText<(u64, usize)> = by_text(0);
        for ((text, stem), head) in self.by_text {
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
                let head = index.entry(head);
                if let Some(list) = index.stem_lists.get_mut(list) {
                    list.push((text.into(), head));
                }
            } else {
                let key = key_of(text);
                index.any.add(key);
                if index.counts_alone(head) {
                    index.sure.add(key);
                } else {
                    index.longer.get(head).iter().for_each(|(two, _)| index.pairs.add(pair_key(key, *two)));
                }
                whole.push((key, index.entry(head)));
            }
            index.longest = index.longest.max(text.len());
        }
        index.whole = EntryTable::new(&whole);
        let lists: Vec<(u64, Entry)> =
            by_first_bytes.into_iter().map(|((key, _), list)| (key, Entry::new(list, 0))).collect();
        index.stems = EntryTable::new(&lists);
        index
    }
}

/// Heads, and filters that say for almost all words of a text that none is theirs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Index {
    /// The keys of all heads, and of the first bytes of stems.
    pub(super) any: Keys,
    /// The keys of those that count whatever comes next.
    pub(super) sure: Keys,
    /// The keys of the others with the letters that come next.
    pub(super) pairs: Keys,
    /// Which of [`STEM_BYTES`] make keys of stems, one bit each, by the place of their first letters.
    pub(super) stem_lengths: Box<[u8]>,
    pub(super) whole: EntryTable,
    /// The list of stems under the key of their first bytes.
    pub(super) stems: EntryTable,
    /// Each with its head.
    pub(super) stem_lists: Vec<Vec<(Box<[u8]>, Entry)>>,
    /// Bytes of the longest head.
    pub(super) longest: usize,
    /// Of each head: the words that are no more than it, those that go on, the patterns that begin with it.
    pub(super) alone: Grouped<usize>,
    pub(super) longer: Grouped<(Two, usize)>,
    pub(super) starts: Grouped<(usize, usize)>,
    pub(super) first_names: Vec<bool>,
}

/// How many bytes of a stem make its key: the most of these that it has.
const STEM_BYTES: [usize; 4] = [8, 6, 4, SHORTEST_STEM];
const STEM_BITS: u32 = 13;

/// Where the first letters of a stem are noted.
#[inline]
fn stem_place(low: u64) -> usize {
    let first = u32::try_from(low & kept(SHORTEST_STEM).0).unwrap_or(0);
    (first.wrapping_mul(0x9e37_79b1) >> (32 - STEM_BITS)) as usize
}

impl Index {
    /// Whether a word is a head perhaps.
    #[inline]
    pub(super) fn may_be_head(&self, key: u64) -> bool {
        self.any.holds(key)
    }

    /// Whether a word is a head perhaps that counts before these letters; yes, if it is not known what comes next.
    #[inline]
    pub(super) fn may_count(&self, key: u64, next: Two) -> bool {
        (next == ANY) | self.sure.holds(key) | self.pairs.holds(pair_key(key, next))
    }

    /// The number of a head, with the bits of [`Index::ALONE`] and the following.
    #[inline]
    pub(super) fn head(&self, key: u64) -> Entry {
        self.whole.get(key)
    }

    /// Words are no more than this head.
    pub(super) const ALONE: u32 = 0;
    /// Words go on after it.
    pub(super) const LONGER: u32 = 1;
    /// Patterns begin with it.
    pub(super) const STARTS: u32 = 2;
    /// It is a first name.
    pub(super) const FIRST_NAME: u32 = 3;

    fn entry(&self, head: usize) -> Entry {
        let has = [
            (Self::ALONE, !self.alone.get(head).is_empty()),
            (Self::LONGER, !self.longer.get(head).is_empty()),
            (Self::STARTS, !self.starts.get(head).is_empty()),
            (Self::FIRST_NAME, self.is_first_name(head)),
        ];
        Entry::new(head, has.into_iter().fold(0, |kinds, (kind, has)| kinds | u8::from(has) << kind))
    }

    fn is_first_name(&self, head: usize) -> bool {
        self.first_names.get(head).copied().unwrap_or(false)
    }

    /// Whether a head counts whatever comes next.
    fn counts_alone(&self, head: usize) -> bool {
        !self.alone.get(head).is_empty()
            || !self.starts.get(head).is_empty()
            || self.is_first_name(head)
            || self.longer.get(head).iter().any(|(two, _)| *two == ANY)
    }

    /// The words under a head that may go on with these letters.
    pub(super) fn going_on(&self, head: usize, next: Two) -> impl Iterator<Item = usize> {
        let longer = self.longer.get(head);
        let from = |two: Two| longer.partition_point(|(first, _)| *first < two);
        let (any, some) = match next {
            ANY => (0..longer.len(), 0..0),
            // No letters are more than all bits.
            _ => (0..from(ANY + 1), from(next)..from(next.saturating_add(1))),
        };
        any.chain(some).filter_map(|i| longer.get(i).map(|(_, word)| *word))
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
    pub(super) fn stems(&self, low: u64, lengths: u8, folded: &[u8], mut each: impl FnMut(Entry)) {
        for (i, bytes) in STEM_BYTES.into_iter().enumerate() {
            if lengths >> i & 1 == 0 {
                continue;
            }
            let key = stem_key(low, bytes);
            if !self.any.holds(key) {
                continue;
            }
            let list = self.stems.get(key).number().and_then(|list| self.stem_lists.get(list));
            for (stem, head) in list.into_iter().flatten() {
                if folded.starts_with(stem) {
                    each(*head);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_hold_nothing_twice() {
        let pairs = [(2, 'c'), (0, 'b'), (2, 'a'), (0, 'b'), (4, 'z'), (2, 'c'), (2, 'b')];
        let grouped = Grouped::new(&pairs, 6);
        let lists: Vec<String> = (0..7).map(|whose| grouped.get(whose).iter().collect()).collect();
        assert_eq!(lists, ["b", "", "abc", "", "z", "", ""]);
        assert!(Grouped::<char>::new(&[], 0).get(0).is_empty());
    }
}
