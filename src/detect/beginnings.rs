//! With what the matches of detectors begin, and every place in a text where that stands.

use std::ops::Range;

use super::byte_set::ByteSet;
use super::candidates::Candidate;
use super::edges::may_begin_at;
use super::opening::{Opening, behind_word};
use super::start::Start;

/// With what the matches of one detector begin.
#[derive(Clone, Debug)]
pub(super) struct Beginning {
    first: ByteSet,
    /// [`pair`] of the first two letters, if a match begins with one of a few words.
    pairs: Option<ByteSet>,
    opening: Option<Opening>,
    /// Whether all matches begin with a letter or a digit.
    is_word: bool,
}

/// Stands for the first two letters of a word, whatever their case; none if one is beyond ASCII.
#[inline]
fn pair(first: u8, second: u8) -> Option<u8> {
    let lower = |byte: u8| if byte.is_ascii_alphanumeric() { byte | 0x20 } else { 0 };
    (first < 0x80 && second < 0x80).then(|| lower(first).wrapping_mul(31).wrapping_add(lower(second)))
}

impl Beginning {
    pub(super) fn new(start: &Start) -> Self {
        let words = start.words.iter().flatten();
        let pairs: Option<Vec<u8>> = words
            .map(|word| {
                let mut bytes = word.text.bytes();
                let pair = pair(bytes.next()?, bytes.next().unwrap_or(0))?;
                (word.lead == 0).then_some(pair)
            })
            .collect();
        let pairs = pairs.filter(|pairs| !pairs.is_empty()).map(ByteSet::of);
        let is_word = start.first.iter().all(|byte| byte.is_ascii_alphanumeric() || byte >= 0x80);
        Self { first: start.first, pairs, opening: start.opening, is_word }
    }

    /// Whether a match may begin with what stands at `at`.
    #[inline]
    pub(super) fn may_be_at(&self, content: &str, at: usize) -> bool {
        let bytes = content.as_bytes();
        let Some(&first) = bytes.get(at) else { return false };
        self.first.contains(first)
            && may_begin_at(content, at)
            && self.is_one_of_few(first, bytes.get(at + 1).copied().unwrap_or(0))
            && self.opening.is_none_or(|opening| opening.fits(behind_word(bytes, at)))
    }

    #[inline]
    fn is_one_of_few(&self, first: u8, second: u8) -> bool {
        match (&self.pairs, pair(first, second)) {
            (Some(pairs), Some(pair)) => pairs.contains(pair),
            _ => true,
        }
    }
}

/// Puts down a place if a match of the detector may begin there.
#[inline]
pub(super) fn push_at(content: &str, at: usize, beginning: &Beginning, detector: usize, into: &mut Vec<Candidate>) {
    if beginning.may_be_at(content, at) {
        into.push(Candidate::new(at, detector));
    }
}

/// Puts down every place in the window where a match of the detector may begin.
pub(super) fn push_all(
    text: &Words<'_>,
    window: &Range<usize>,
    beginning: &Beginning,
    detector: usize,
    into: &mut Vec<Candidate>,
) {
    if beginning.is_word {
        text.each(window, |at| push_at(text.content, at, beginning, detector, into));
    } else {
        let end = window.end.min(text.content.len());
        (window.start..end).for_each(|at| push_at(text.content, at, beginning, detector, into));
    }
}

/// A text, and where its words begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words<'a> {
    pub(super) content: &'a str,
    /// A bit for each byte of the text, the first lowest: a word may begin there, or not.
    pub(super) begin: &'a [u64],
}

impl Words<'_> {
    /// Calls `each` with every place of the window where a word may begin.
    #[inline]
    fn each(&self, window: &Range<usize>, mut each: impl FnMut(usize)) {
        let end = window.end.min(self.content.len());
        let mut at = window.start;
        while at < end {
            let mut bits = self.begin.get(at / 64).copied().unwrap_or(0) & (u64::MAX << (at % 64));
            let base = at / 64 * 64;
            at = base + 64;
            if at > end {
                bits &= (1 << (end - base)) - 1;
            }
            while bits != 0 {
                each(base + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
        }
    }
}

/// Detectors by the bytes with which their matches begin.
#[derive(Debug, Default)]
pub(super) struct Beginnings {
    /// Of which all matches begin with a word, and the others.
    words: Groups,
    others: Groups,
}

#[derive(Debug, Default)]
struct Groups {
    all: Vec<Group>,
    /// The bytes of all of them.
    first: ByteSet,
    /// Those, if they are three or fewer: there is a fast search for so many.
    few: Option<[u8; 3]>,
}

/// Up to sixty-four detectors, a bit for each.
#[derive(Debug)]
struct Group {
    detectors: Vec<usize>,
    /// By first byte, by [`pair`], by the bytes behind the first word.
    first: [u64; 256],
    pairs: [u64; 256],
    behind: [[u64; 256]; 2],
}

impl Group {
    const MOST: usize = 64;

    fn new() -> Self {
        Self { detectors: Vec::new(), first: [0; 256], pairs: [0; 256], behind: [[0; 256]; 2] }
    }

    fn add(&mut self, detector: usize, beginning: &Beginning) {
        let bit = 1 << self.detectors.len();
        self.detectors.push(detector);
        let Beginning { first, pairs, opening, .. } = beginning;
        let [behind, behind_that] = opening.map_or([ByteSet::ALL; 2], |opening| opening.bytes());
        let [to_behind, to_behind_that] = &mut self.behind;
        for (table, bytes) in [
            (&mut self.first, *first),
            (&mut self.pairs, pairs.unwrap_or(ByteSet::ALL)),
            (to_behind, behind),
            (to_behind_that, behind_that),
        ] {
            bytes.iter().for_each(|byte| table[usize::from(byte)] |= bit);
        }
    }

    /// Those that may begin with a word of these first letters that has these bytes behind it.
    #[inline]
    fn those(&self, first: u8, pair: Option<u8>, [behind, behind_that]: [u8; 2]) -> u64 {
        let [by_behind, by_behind_that] = &self.behind;
        self.first[usize::from(first)]
            & pair.map_or(u64::MAX, |pair| self.pairs[usize::from(pair)])
            & by_behind[usize::from(behind)]
            & by_behind_that[usize::from(behind_that)]
    }

    /// Those that may begin at a place whose first byte is one of theirs.
    #[inline]
    fn push_at(&self, content: &str, at: usize, into: &mut Vec<Candidate>) {
        let bytes = content.as_bytes();
        let Some((first, rest)) = bytes.get(at..).and_then(<[u8]>::split_first) else { return };
        let pair = pair(*first, rest.first().copied().unwrap_or(0));
        let mut those = self.those(*first, pair, behind_word(bytes, at));
        while those != 0 {
            if let Some(detector) = self.detectors.get(those.trailing_zeros() as usize) {
                into.push(Candidate::new(at, *detector));
            }
            those &= those - 1;
        }
    }
}

impl Groups {
    fn add(&mut self, detector: usize, beginning: &Beginning) {
        self.first.add(&beginning.first);
        if self.all.last().is_none_or(|group| group.detectors.len() == Group::MOST) {
            self.all.push(Group::new());
        }
        if let Some(group) = self.all.last_mut() {
            group.add(detector, beginning);
        }
        let bytes: Vec<u8> = self.first.iter().take(4).collect();
        self.few = match bytes[..] {
            [one] => Some([one; 3]),
            [one, two] => Some([one, two, two]),
            [one, two, three] => Some([one, two, three]),
            _ => None,
        };
    }

    fn push_at(&self, content: &str, at: usize, into: &mut Vec<Candidate>) {
        if content.as_bytes().get(at).is_some_and(|first| self.first.contains(*first)) && may_begin_at(content, at) {
            self.all.iter().for_each(|group| group.push_at(content, at, into));
        }
    }

    /// Every place in the window where one may begin; of those that begin with words, `words` says where to look.
    fn push(&self, content: &str, window: &Range<usize>, words: Option<&Words<'_>>, into: &mut Vec<Candidate>) {
        if self.all.is_empty() {
            return;
        }
        match (self.few, words) {
            (Some([one, two, three]), _) => {
                let here = content.as_bytes().get(window.clone()).unwrap_or_default();
                memchr::memchr3_iter(one, two, three, here)
                    .for_each(|at| self.push_at(content, window.start + at, into));
            }
            (None, Some(words)) => words.each(window, |at| self.push_at(content, at, into)),
            (None, None) => window.clone().for_each(|at| self.push_at(content, at, into)),
        }
    }
}

impl Beginnings {
    pub(super) fn add(&mut self, detector: usize, beginning: &Beginning) {
        if beginning.is_word { &mut self.words } else { &mut self.others }.add(detector, beginning);
    }

    /// Every place in the window where one of them may begin.
    pub(super) fn push(&self, text: &Words<'_>, window: &Range<usize>, into: &mut Vec<Candidate>) {
        let end = window.end.min(text.content.len());
        let window = window.start.min(end)..end;
        self.words.push(text.content, &window, Some(text), into);
        self.others.push(text.content, &window, None, into);
    }
}
