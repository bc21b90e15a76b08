//! Where the first digit of a match can stand: in which run of letters and digits, and between what.
//!
//! As with all that is said of the start of a pattern: what is said to be impossible is impossible.

use regex_syntax::hir::{Hir, HirKind};
use serde::{Deserialize, Serialize};

use super::byte_set::ByteSet;
use super::start::{first_byte, for_each_range};

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

/// The run of letters and digits that holds the first digit of a match.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct FirstNumber {
    #[serde(with = "some_shapes")]
    pub(super) shapes: Shapes,
    /// The most bytes that stand in the match before it, and which these can be.
    pub(super) lead: usize,
    pub(super) lead_bytes: ByteSet,
    /// Whether it can begin the match.
    pub(super) begins: bool,
    /// Where it does not: the bytes that can stand directly before it, and before those.
    pub(super) before: [ByteSet; 2],
    /// The bytes that can follow it in the match, and follow those.
    pub(super) after: [ByteSet; 2],
    /// The bytes that can follow it if it is all digits, by how many these are.
    pub(super) after_digits: Vec<(usize, ByteSet)>,
    /// The shapes of such runs with which a match can end.
    #[serde(with = "some_shapes")]
    pub(super) last: Shapes,
    /// The shapes of the runs that one character parts from it; none if there can be something else.
    pub(super) next: Option<NextShapes>,
    /// The bytes that can follow such a run.
    pub(super) after_next: ByteSet,
}

impl FirstNumber {
    /// With `holds_digit`, matches without a digit are none. None if one may be, or has its first digit far behind.
    pub(super) fn of(pattern: &Hir, holds_digit: bool) -> Option<Self> {
        Walk::start().walk(pattern).first_number(holds_digit)
    }

    /// Whether the run that holds the first digit can have so many digits and this length.
    pub(super) fn may_be(&self, digits: usize, length: usize) -> bool {
        let digits = digits.min(MOST_DIGITS);
        let lengths = |shapes: &Shapes| shapes.get(digits).copied().unwrap_or(0);
        (lengths(&self.shapes) | lengths(&self.last)) >> length.min(LONGEST_RUN) & 1 == 1
    }
}

/// Shapes of a second run; one without digits may have any letters.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct NextShapes(#[serde(with = "some_shapes")] pub(super) Shapes);

/// Counts of digits that are possible at all, with their lengths.
mod some_shapes {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Shapes;

    pub(super) fn serialize<S: Serializer>(shapes: &Shapes, to: S) -> Result<S::Ok, S::Error> {
        let some: Vec<(usize, u64)> = shapes.iter().copied().enumerate().filter(|(_, lengths)| *lengths != 0).collect();
        some.serialize(to)
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Shapes, D::Error> {
        let mut shapes = Shapes::default();
        for (digits, lengths) in Vec::<(usize, u64)>::deserialize(from)? {
            if let Some(to) = shapes.get_mut(digits) {
                *to = lengths;
            }
        }
        Ok(shapes)
    }
}

/// Where the matches of a part of a pattern can stand with regard to the first digit.
#[derive(Clone, PartialEq, Eq)]
struct Walk {
    /// No digit yet: by length of the run at hand, the most bytes before that run.
    open: [Option<usize>; LONGEST_RUN + 1],
    /// Then: whether that run can begin the match; if it does not, the bytes before it.
    begins: bool,
    before: [ByteSet; 2],
    /// Then: the last bytes of all.
    last: ByteSet,
    /// In the run that holds the first digit.
    within: Shapes,
    /// One character after it, and in the run after that.
    just_after: bool,
    second: Shapes,
    /// What is known of the runs that hold the first digit.
    found: FirstNumber,
}

impl PartialEq for FirstNumber {
    fn eq(&self, other: &Self) -> bool {
        // A repetition ends when nothing is added: what does not grow need not be compared.
        let around = |number: &Self| (number.lead, number.lead_bytes, number.begins, number.before, number.after);
        (self.shapes, around(self), &self.after_digits, &self.next, self.after_next)
            == (other.shapes, around(other), &other.after_digits, &other.next, other.after_next)
    }
}

impl Eq for FirstNumber {}

/// The characters that are possible next.
#[derive(Clone, Copy, Default)]
struct Step {
    digit: bool,
    /// ASCII letters.
    letters: ByteSet,
    /// The longest other character, in bytes; 0 if there is none.
    other: usize,
    /// The first bytes of the others, and the last ones.
    others: ByteSet,
    others_end: ByteSet,
}

impl Step {
    /// A character between `from` and `to` is possible too.
    fn add(&mut self, from: u32, to: u32) {
        let ascii = (from..=to.min(0x7f)).filter_map(|c| u8::try_from(c).ok());
        for byte in ascii {
            match byte {
                b'0'..=b'9' => self.digit = true,
                b'A'..=b'Z' | b'a'..=b'z' => self.letters.insert(byte),
                _ => {
                    self.other = self.other.max(1);
                    self.others.insert(byte);
                    self.others_end.insert(byte);
                }
            }
        }
        if to > 0x7f {
            self.other = self.other.max(char::from_u32(to).map_or(4, char::len_utf8));
            (first_byte(from.max(0x80))..=first_byte(to)).for_each(|byte| self.others.insert(byte));
            (0x80..=0xbf).for_each(|byte| self.others_end.insert(byte));
        }
    }

    /// All bytes of those that are no digits.
    fn bytes(&self) -> ByteSet {
        let mut bytes = self.others;
        bytes.add(&self.letters);
        if self.other > 1 {
            bytes.add(&ByteSet::of(0x80..=0xff));
        }
        bytes
    }

    /// The bytes with which it begins.
    fn first(&self) -> ByteSet {
        let mut first = self.others;
        first.add(&self.letters);
        if self.digit {
            first.add(&ByteSet::of(b'0'..=b'9'));
        }
        first
    }
}

impl Walk {
    fn start() -> Self {
        let mut walk = Self { begins: true, last: ByteSet::ALL, ..Self::nothing() };
        walk.open[0] = Some(0);
        walk
    }

    /// No way leads here.
    fn nothing() -> Self {
        Self {
            open: [None; LONGEST_RUN + 1],
            begins: false,
            before: [ByteSet::default(); 2],
            last: ByteSet::default(),
            within: Shapes::default(),
            just_after: false,
            second: Shapes::default(),
            found: FirstNumber {
                shapes: Shapes::default(),
                lead: 0,
                lead_bytes: ByteSet::default(),
                begins: false,
                before: [ByteSet::default(); 2],
                after: [ByteSet::default(); 2],
                after_digits: Vec::new(),
                last: Shapes::default(),
                next: Some(NextShapes::default()),
                after_next: ByteSet::default(),
            },
        }
    }

    /// One more character.
    fn step(&self, step: &Step) -> Self {
        let longer = |lengths: u64| (lengths << 1) | (lengths & (1 << LONGEST_RUN));
        let mut next = Self { found: self.found.clone(), ..Self::nothing() };
        let is_letter = !step.letters.is_empty();
        if self.just_after {
            next.found.after[1].add(&step.first());
            next.second[0] |= u64::from(is_letter) << 1;
            next.second[1] |= u64::from(step.digit) << 1;
            if step.other > 0 {
                next.found.next = None;
            }
        }
        for digits in 0..=MOST_DIGITS {
            let lengths = self.second[digits];
            if is_letter {
                next.second[digits] |= longer(lengths);
            }
            if step.digit {
                next.second[(digits + 1).min(MOST_DIGITS)] |= longer(lengths);
            }
            if step.other > 0
                && let Some(shapes) = &mut next.found.next
            {
                shapes.0[digits] |= lengths;
            }
        }
        if step.other > 0 && self.second.iter().any(|lengths| *lengths != 0) {
            next.found.after_next.add(&step.others);
        }
        if step.other > 0 && self.within.iter().any(|lengths| *lengths != 0) {
            next.found.after[0].add(&step.others);
            let all_digits = |digits: &usize| self.within[*digits] >> digits & 1 == 1;
            for digits in (1..MOST_DIGITS).filter(all_digits) {
                add_after(&mut next.found.after_digits, digits, &step.others);
            }
            next.just_after = true;
            if step.other > 1 {
                next.found.after[1].add(&ByteSet::of(0x80..=0xbf));
            }
        }
        for (length, lead) in self.open.iter().enumerate() {
            let Some(lead) = *lead else { continue };
            let one_more = (length + 1).min(LONGEST_RUN);
            if is_letter {
                next.open[one_more] = next.open[one_more].max(Some(lead));
            }
            if step.digit {
                next.within[1] |= 1 << one_more;
                next.found.lead = next.found.lead.max(lead);
            }
            if step.other > 0 {
                next.open[0] = next.open[0].max(Some((lead + length + step.other).min(FARTHEST + 1)));
            }
        }
        if self.open.iter().any(Option::is_some) {
            next.found.lead_bytes.add(&step.bytes());
            if is_letter {
                next.begins = self.begins;
                next.before = self.before;
                next.last = step.letters;
            }
            if step.digit {
                next.found.begins |= self.begins;
                add_both(&mut next.found.before, &self.before);
            }
            if step.other > 0 {
                next.before[0].add(&step.others_end);
                next.before[1].add(&self.last);
                if step.other > 1 {
                    next.before[1].add(&ByteSet::of(0x80..=0xff));
                }
                next.last.add(&step.others_end);
            }
        }
        for digits in 0..=MOST_DIGITS {
            let lengths = self.within[digits];
            if is_letter {
                next.within[digits] |= longer(lengths);
            }
            if step.digit {
                next.within[(digits + 1).min(MOST_DIGITS)] |= longer(lengths);
            }
            if step.other > 0 {
                next.found.shapes[digits] |= lengths;
            }
        }
        next
    }

    fn join(&mut self, other: &Self) {
        for (to, from) in self.open.iter_mut().zip(&other.open) {
            *to = (*to).max(*from);
        }
        self.begins |= other.begins;
        add_both(&mut self.before, &other.before);
        self.last.add(&other.last);
        self.just_after |= other.just_after;
        let (to, from) = (&mut self.found, &other.found);
        add_shapes(&mut self.within, &other.within);
        add_shapes(&mut self.second, &other.second);
        add_shapes(&mut to.shapes, &from.shapes);
        match (&mut to.next, &from.next) {
            (Some(to), Some(from)) => add_shapes(&mut to.0, &from.0),
            (next, _) => *next = None,
        }
        to.lead = to.lead.max(from.lead);
        to.lead_bytes.add(&from.lead_bytes);
        to.begins |= from.begins;
        add_both(&mut to.before, &from.before);
        add_both(&mut to.after, &from.after);
        for (digits, bytes) in &from.after_digits {
            add_after(&mut to.after_digits, *digits, bytes);
        }
        to.after_next.add(&from.after_next);
    }

    /// What stands at the end of the pattern.
    fn first_number(&self, holds_digit: bool) -> Option<FirstNumber> {
        if (!holds_digit && self.open.iter().any(Option::is_some)) || self.found.lead > FARTHEST {
            return None;
        }
        let mut found = self.found.clone();
        add_shapes(&mut found.shapes, &self.within);
        found.last = self.within;
        if let Some(next) = &mut found.next {
            add_shapes(&mut next.0, &self.second);
        }
        if self.second.iter().any(|lengths| *lengths != 0) {
            found.after_next = ByteSet::ALL;
        }
        if self.just_after {
            // The match ends there: anything may follow.
            found.after[1] = ByteSet::ALL;
            found.next = None;
        }
        Some(found)
    }

    fn walk(&self, hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => self.clone(),
            HirKind::Literal(literal) => {
                let text = String::from_utf8_lossy(&literal.0);
                text.chars().fold(self.clone(), |walk, c| {
                    let mut step = Step::default();
                    step.add(u32::from(c), u32::from(c));
                    walk.step(&step)
                })
            }
            HirKind::Class(class) => {
                let mut step = Step::default();
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

fn add_shapes(to: &mut Shapes, from: &Shapes) {
    for (to, from) in to.iter_mut().zip(from) {
        *to |= from;
    }
}

fn add_after(to: &mut Vec<(usize, ByteSet)>, digits: usize, bytes: &ByteSet) {
    match to.binary_search_by_key(&digits, |(digits, _)| *digits) {
        Ok(at) => to.get_mut(at).into_iter().for_each(|(_, known)| known.add(bytes)),
        Err(at) => to.insert(at, (digits, *bytes)),
    }
}

fn add_both(to: &mut [ByteSet; 2], from: &[ByteSet; 2]) {
    for (to, from) in to.iter_mut().zip(from) {
        to.add(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(pattern: &str) -> Option<FirstNumber> {
        FirstNumber::of(&regex_syntax::parse(pattern).unwrap(), false)
    }

    /// Pairs of length and digits.
    fn shapes(pattern: &str) -> Option<(Vec<(usize, usize)>, usize)> {
        let FirstNumber { shapes, lead, .. } = number(pattern)?;
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
    fn what_stands_before_the_first_digit() {
        let before = |pattern: &str| String::from_utf8(number(pattern).unwrap().lead_bytes.iter().collect()).unwrap();
        assert_eq!(before("[A-C]{2}(?:, ?|: )[0-9]+[x-z]?"), " ,:ABC");
        assert_eq!(before("[0-9]{2}[./]"), "");
    }

    #[test]
    fn what_touches_the_run_that_holds_the_first_digit() {
        let touching = |pattern: &str| {
            let number = number(pattern).unwrap();
            let text = |set: &ByteSet| String::from_utf8(set.iter().collect()).unwrap_or("beyond ASCII".into());
            let [before, before_that] = number.before.each_ref().map(text);
            let [after, after_that] = number.after.each_ref().map(text);
            (number.begins, [before_that, before, after, after_that])
        };
        let expect = |pattern: &str, begins: bool, around: [&str; 4]| {
            assert_eq!(touching(pattern), (begins, around.map(str::to_owned)), "{pattern}");
        };
        expect("[0-9]{2}[.][0-9]", true, ["", "", ".", "0123456789"]);
        expect("A[BC] ?[0-9]{2}", true, ["BC", " ", "", ""]);
        expect("(?:AB[ -])?[0-9]{2}[.-]?", true, ["B", " -", "-.", "beyond ASCII"]);
        expect("x:[0-9]é", false, ["x", ":", "beyond ASCII", "beyond ASCII"]);
        expect("[+][0-9][ ][(]?[0-9]", false, ["beyond ASCII", "+", " ", "(0123456789"]);
    }

    #[test]
    fn what_follows_runs_of_digits_alone() {
        let text = |set: &ByteSet| String::from_utf8(set.iter().collect()).unwrap_or("beyond ASCII".into());
        let after = |pattern: &str| {
            let FirstNumber { after_digits, after_next, .. } = number(pattern).unwrap();
            (after_digits.iter().map(|(n, bytes)| format!("{n}{}", text(bytes))).collect::<Vec<_>>(), text(&after_next))
        };
        let expect = |pattern: &str, digits: &[&str], next: &str| {
            assert_eq!(after(pattern), (digits.iter().map(|&s| s.to_owned()).collect(), next.to_owned()), "{pattern}");
        };
        expect("[0-9]{2}[. ]?[0-9]{2}[-/]?[0-9]:", &["2 .", "4-/", "5:"], "-/:");
        expect("[0-9]{2}[A-Z]? [0-9]{3}(?:,[0-9])?", &["2 "], "beyond ASCII");
        expect("[A-Z][0-9]+-[0-9]", &[], "beyond ASCII");
    }

    #[test]
    fn the_run_after_the_first_number() {
        let next = |pattern: &str| {
            let shapes = number(pattern).unwrap().next?;
            let lengths = |(digits, lengths): (usize, &u64)| {
                (0..64).filter(|length| lengths >> length & 1 == 1).map(|length| (length, digits)).collect::<Vec<_>>()
            };
            Some(shapes.0.iter().enumerate().flat_map(lengths).collect::<Vec<_>>())
        };
        assert_eq!(next("[0-9]{4}(?: [0-9]{4}){3}"), Some(vec![(4, 4)]));
        assert_eq!(next("[0-9]{2}[.-]?[0-9]{3}[A-Z]?"), Some(vec![(3, 3), (4, 3)]));
        assert_eq!(next("[0-9]{2} [A-Z]{2} [0-9]"), Some(vec![(2, 0)]));
        assert_eq!(next("[0-9]{2} ?/ ?[0-9]"), None);
        assert_eq!(next("[0-9]{2}-?"), None);
        assert_eq!(next("[0-9]{2}"), Some(vec![]));
    }
}
