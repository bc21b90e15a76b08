//! What a pattern can begin with: by this the engine finds where it is worth trying.
//!
//! Everything here is an over-estimate: what is said to be impossible is impossible.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::start_words::{StartWord, start_words};

/// Runs of letters and digits of this length and longer are one length.
pub(super) const LONGEST_RUN: usize = 63;
/// Counts of digits in a run from this on are one count.
pub(super) const MOST_DIGITS: usize = 20;
/// More bytes before the first digit than this are too many to look back.
const FARTHEST: usize = 120;
/// Nothing is walked more often than this: by then all runs are long.
const MOST_TIMES: u32 = 120;
/// The shapes of the run that holds the first digit: a bit for each length, by count of digits.
pub(super) type Shapes = [u64; MOST_DIGITS + 1];

/// What the matches of one pattern have in common.
#[derive(Clone, Debug)]
pub(super) struct Start {
    /// The bytes with which a match can begin.
    pub(super) first: [bool; 256],
    /// If every match holds a digit: the shapes of the run that holds the first one, and the most
    /// bytes that stand in the match before that run.
    pub(super) digit: Option<(Shapes, usize)>,
    /// The bytes that can follow that run in a match.
    pub(super) after_run: [bool; 256],
    /// The shapes of the runs with which a match can end.
    pub(super) last_run: Shapes,
    /// The most bytes that a match can have; none if there is no end to it.
    pub(super) longest: Option<usize>,
    /// If every match begins with one of a few words: those.
    pub(super) words: Option<Vec<StartWord>>,
}

impl Start {
    /// With `holds_digit`, matches without a digit are none.
    pub(super) fn of(hir: &Hir, holds_digit: bool) -> Self {
        let mut first = [false; 256];
        let nullable = first_bytes(hir, &mut first);
        if nullable {
            first = [true; 256];
        }
        let end = Walk::start().walk(hir);
        Self {
            first,
            digit: first_digit(&end, holds_digit),
            after_run: end.after_run,
            last_run: end.within,
            longest: hir.properties().maximum_len(),
            words: start_words(hir),
        }
    }
}

/// Adds the bytes with which a match of `hir` can begin; whether it can be empty.
fn first_bytes(hir: &Hir, into: &mut [bool; 256]) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => match literal.0.first() {
            Some(&byte) => {
                into[usize::from(byte)] = true;
                false
            }
            None => true,
        },
        HirKind::Class(class) => {
            for_each_range(class, |from, to| {
                for c in [from, to] {
                    // Of longer characters the first bytes ascend with the characters.
                    into[usize::from(first_byte(c))] = true;
                }
                for byte in first_byte(from)..=first_byte(to) {
                    into[usize::from(byte)] = true;
                }
            });
            false
        }
        HirKind::Repetition(repetition) => first_bytes(&repetition.sub, into) || repetition.min == 0,
        HirKind::Capture(capture) => first_bytes(&capture.sub, into),
        HirKind::Concat(parts) => parts.iter().all(|part| first_bytes(part, into)),
        HirKind::Alternation(parts) => {
            // Every part adds its bytes, also after one that can be empty.
            let mut nullable = false;
            for part in parts {
                nullable |= first_bytes(part, into);
            }
            nullable
        }
    }
}

fn first_byte(c: u32) -> u8 {
    let mut buffer = [0; 4];
    char::from_u32(c).and_then(|c| c.encode_utf8(&mut buffer).bytes().next()).unwrap_or(0xff)
}

pub(super) fn for_each_range(class: &Class, each: impl FnMut(u32, u32)) {
    // The Kelvin sign and the long s come with `k` and `s` where case is no matter; no identifier has them.
    let mut each = each;
    let mut each = |from, to| {
        if !(from == to && matches!(from, 0x212a | 0x17f)) {
            each(from, to);
        }
    };
    match class {
        Class::Unicode(class) => class.iter().for_each(|range| each(u32::from(range.start()), u32::from(range.end()))),
        Class::Bytes(class) => class.iter().for_each(|range| each(u32::from(range.start()), u32::from(range.end()))),
    }
}

/// Where the matches of a part of a pattern can stand with regard to the first digit.
#[derive(Clone, PartialEq, Eq)]
struct Walk {
    /// No digit yet: by length of the run at hand, the most bytes before that run.
    before: [Option<usize>; LONGEST_RUN + 1],
    /// In the run that holds the first digit.
    within: Shapes,
    /// After it.
    shapes: Shapes,
    /// The most bytes before that run.
    lead: usize,
    /// What can follow that run.
    after_run: [bool; 256],
}

#[derive(Clone, Copy)]
struct Step {
    digit: bool,
    letter: bool,
    /// The longest other character, in bytes; 0 if there is none.
    other: usize,
    /// The first bytes of the others.
    bytes: [bool; 256],
}

impl Step {
    fn none() -> Self {
        Self { digit: false, letter: false, other: 0, bytes: [false; 256] }
    }

    /// A character between `from` and `to` is possible too.
    fn add(&mut self, from: u32, to: u32) {
        let meets = |low: u8, high: u8| from <= u32::from(high) && to >= u32::from(low);
        self.digit |= meets(b'0', b'9');
        self.letter |= meets(b'A', b'Z') || meets(b'a', b'z');
        let within = |low: u8, high: u8| from >= u32::from(low) && to <= u32::from(high);
        if within(b'0', b'9') || within(b'A', b'Z') || within(b'a', b'z') {
            return;
        }
        // Ranges that are not all digits or all letters hold something else, or may.
        self.other = self.other.max(char::from_u32(to).map_or(4, char::len_utf8));
        for byte in first_byte(from)..=first_byte(to) {
            if !byte.is_ascii_alphanumeric() {
                self.bytes[usize::from(byte)] = true;
            }
        }
    }
}

impl Walk {
    fn start() -> Self {
        let mut walk = Self {
            before: [None; LONGEST_RUN + 1],
            within: [0; MOST_DIGITS + 1],
            shapes: [0; MOST_DIGITS + 1],
            lead: 0,
            after_run: [false; 256],
        };
        walk.before[0] = Some(0);
        walk
    }

    /// One more character.
    fn step(&self, step: &Step) -> Self {
        let longer = |lengths: u64| (lengths << 1) | (lengths & (1 << LONGEST_RUN));
        let mut next = Self {
            before: [None; LONGEST_RUN + 1],
            within: [0; MOST_DIGITS + 1],
            shapes: self.shapes,
            lead: self.lead,
            after_run: self.after_run,
        };
        if step.other > 0 && self.within.iter().any(|lengths| *lengths != 0) {
            for (to, from) in next.after_run.iter_mut().zip(&step.bytes) {
                *to |= from;
            }
        }
        for (length, lead) in self.before.iter().enumerate() {
            let Some(lead) = *lead else { continue };
            let one_more = (length + 1).min(LONGEST_RUN);
            if step.letter {
                next.before[one_more] = next.before[one_more].max(Some(lead));
            }
            if step.digit {
                next.within[1] |= 1 << one_more;
                next.lead = next.lead.max(lead);
            }
            if step.other > 0 {
                next.before[0] = next.before[0].max(Some((lead + length + step.other).min(FARTHEST + 1)));
            }
        }
        for digits in 0..=MOST_DIGITS {
            let lengths = self.within[digits];
            if step.letter {
                next.within[digits] |= longer(lengths);
            }
            if step.digit {
                next.within[(digits + 1).min(MOST_DIGITS)] |= longer(lengths);
            }
            if step.other > 0 {
                next.shapes[digits] |= lengths;
            }
        }
        next
    }

    fn join(&mut self, other: &Self) {
        for (to, from) in self.before.iter_mut().zip(&other.before) {
            *to = (*to).max(*from);
        }
        for (to, from) in self.within.iter_mut().zip(&other.within) {
            *to |= from;
        }
        for (to, from) in self.shapes.iter_mut().zip(&other.shapes) {
            *to |= from;
        }
        self.lead = self.lead.max(other.lead);
        for (to, from) in self.after_run.iter_mut().zip(&other.after_run) {
            *to |= from;
        }
    }

    fn walk(&self, hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => self.clone(),
            HirKind::Literal(literal) => {
                let text = String::from_utf8_lossy(&literal.0);
                text.chars().fold(self.clone(), |walk, c| {
                    let mut step = Step::none();
                    step.add(u32::from(c), u32::from(c));
                    walk.step(&step)
                })
            }
            HirKind::Class(class) => {
                let mut step = Step::none();
                for_each_range(class, |from, to| step.add(from, to));
                self.step(&step)
            }
            HirKind::Repetition(repetition) => {
                let mut walk =
                    (0..repetition.min.min(MOST_TIMES)).fold(self.clone(), |walk, _| walk.walk(&repetition.sub));
                let more = repetition.max.map_or(MOST_TIMES, |max| max.saturating_sub(repetition.min).min(MOST_TIMES));
                let mut last = walk.clone();
                for _ in 0..more {
                    last = last.walk(&repetition.sub);
                    let before = walk.clone();
                    walk.join(&last);
                    if walk == before {
                        break;
                    }
                }
                walk
            }
            HirKind::Capture(capture) => self.walk(&capture.sub),
            HirKind::Concat(parts) => parts.iter().fold(self.clone(), |walk, part| walk.walk(part)),
            HirKind::Alternation(parts) => {
                let mut parts = parts.iter().map(|part| self.walk(part));
                let mut all = parts.next().unwrap_or_else(Self::start);
                parts.for_each(|part| all.join(&part));
                all
            }
        }
    }
}

/// The most bytes before the first place where a match holds `part`, as far as a literal in the
/// pattern tells.
pub(super) fn farthest(hir: &Hir, part: &str) -> Option<usize> {
    match hir.kind() {
        HirKind::Literal(literal) => memchr::memmem::find(&literal.0, part.as_bytes()),
        HirKind::Capture(capture) => farthest(&capture.sub, part),
        HirKind::Repetition(repetition) if repetition.min > 0 => farthest(&repetition.sub, part),
        HirKind::Alternation(parts) => parts.iter().try_fold(0, |most, one| Some(farthest(one, part)?.max(most))),
        HirKind::Concat(parts) => {
            let mut before = 0_usize;
            for one in parts {
                if let Some(within) = farthest(one, part) {
                    return Some(before + within);
                }
                before += one.properties().maximum_len()?;
            }
            None
        }
        _ => None,
    }
}

fn first_digit(end: &Walk, holds_digit: bool) -> Option<(Shapes, usize)> {
    if (!holds_digit && end.before.iter().any(Option::is_some)) || end.lead > FARTHEST {
        return None;
    }
    let mut shapes = end.shapes;
    for (to, from) in shapes.iter_mut().zip(&end.within) {
        *to |= from;
    }
    Some((shapes, end.lead))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(pattern: &str) -> Start {
        Start::of(&regex_syntax::parse(pattern).unwrap(), false)
    }

    /// Pairs of length and digits.
    fn shapes(pattern: &str) -> Option<(Vec<(usize, usize)>, usize)> {
        let (shapes, lead) = start(pattern).digit?;
        let mut pairs = Vec::new();
        for (digits, lengths) in shapes.iter().enumerate() {
            pairs.extend((0..64).filter(|length| lengths >> length & 1 == 1).map(|length| (length, digits)));
        }
        Some((pairs, lead))
    }

    #[test]
    fn the_run_that_holds_the_first_digit() {
        assert_eq!(shapes("[0-9]{11}"), Some((vec![(11, 11)], 0)));
        assert_eq!(shapes("[A-Z]{2}[0-9]{2}"), Some((vec![(4, 2)], 0)));
        assert_eq!(shapes("[0-9]{3}[ -][0-9]{4}"), Some((vec![(3, 3)], 0)));
        assert_eq!(shapes("[0-9]{3}[ -]?[0-9]{2}"), Some((vec![(3, 3), (5, 5)], 0)));
        assert_eq!(shapes(r"\+?[0-9]{2}"), Some((vec![(2, 2)], 1)));
        assert_eq!(shapes("[A-Z]{1,2}[ -]?[0-9]"), Some((vec![(1, 1), (2, 1), (3, 1)], 3)));
        assert_eq!(shapes("[A-Z]+"), None);
        assert_eq!(shapes("a(?:[0-9]|b)"), None);
        let (pairs, _) = shapes("[A-Z0-9]*[0-9]").unwrap();
        assert!(pairs.contains(&(LONGEST_RUN, MOST_DIGITS)) && pairs.contains(&(1, 1)));
    }

    #[test]
    fn first_bytes_of_all_ways() {
        let first = start(r"(?-u:\b)(?:x|[+(]?[0-9]|é)").first;
        let bytes: Vec<u8> = (0..=255).filter(|b| first[usize::from(*b)]).collect();
        assert_eq!(bytes, [b"(+0123456789x".as_slice(), &[0xc3]].concat());
    }

    #[test]
    fn words_at_the_start() {
        let words = |pattern: &str| {
            let words = start(pattern).words?;
            Some(
                words
                    .iter()
                    .map(|w| format!("{}{}{}", w.lead, w.text, if w.stem { "*" } else { "" }))
                    .collect::<Vec<_>>(),
            )
        };
        let expect = |pattern: &str, expected: &[&str]| {
            assert_eq!(
                words(pattern).as_deref(),
                Some(expected.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>().as_slice()),
                "{pattern}"
            );
        };
        expect("(?i)pass(?:word|wd) ?:", &["0passwd", "0password"]);
        expect("-----BEGIN (?:RSA )?KEY", &["5begin"]);
        expect("AKIA[A-Z0-9]{16}", &["0akia*"]);
        expect("gh[pous]_[a-z]+", &["0gho", "0ghp", "0ghs", "0ghu"]);
        expect("contrase[nñ]a=", &["0contrasena"]);
        assert_eq!(words("[A-Z]{3}x"), None);
        assert_eq!(words("ab[0-9]+"), None);
    }
}
