//! Finds every phrase, context word, veto word, first name and start of a pattern in one pass over the text.
//!
//! The text is cut into runs of letters and digits; the folded bytes of a run make a key of 64
//! bits, and a filter of bits says for almost all runs that nothing begins with them. A phrase is
//! kept under its first word, and the rest of it is compared where that stands.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::sync::LazyLock;

use super::catalogue::Detector;
use super::fold::{FoldedChars, fold, is_removed};
use super::tokens::{Run, runs};

/// What a word is to a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Phrase,
    Context,
    ContextAfter,
    Veto,
}

/// A word at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// Bytes of the text.
    pub(super) span: Range<usize>,
    pub(super) word: usize,
}

/// One way of writing something.
#[derive(Debug)]
pub(super) struct Word {
    /// Folded, without the star of a stem.
    text: String,
    /// Bytes of `text` before its first letter or digit.
    lead: usize,
    /// Ends of words within `text` at which a word may go on, its own end too.
    stems: Vec<usize>,
    /// Letters and digits as they must be written.
    exact: Option<String>,
    #[cfg(test)]
    pub(super) written: String,
    pub(super) uses: Vec<(usize, Role)>,
}

impl Word {
    pub(super) fn role(&self, detector: usize, role: Role) -> bool {
        self.uses.contains(&(detector, role))
    }

    fn new(phrase: &str, exact: bool) -> Self {
        // A star is no letter: folding keeps it.
        let mut text = String::new();
        let mut stems = Vec::new();
        for (i, part) in fold(phrase).split('*').enumerate() {
            if i > 0 {
                stems.push(text.len());
            }
            text.push_str(part);
        }
        let lead = text.find(char::is_alphanumeric).unwrap_or(text.len());
        Self {
            text,
            lead,
            stems,
            exact: exact.then(|| letters(phrase)),
            #[cfg(test)]
            written: phrase.to_owned(),
            uses: Vec::new(),
        }
    }

    #[cfg(test)]
    pub(super) fn is_exact(&self) -> bool {
        self.exact.is_some()
    }

    /// The first run of letters and digits, and whether it may go on.
    fn head(&self) -> (&str, bool) {
        let body = self.text.get(self.lead..).unwrap_or_default();
        let end = body.find(|c: char| !c.is_alphanumeric()).unwrap_or(body.len());
        (body.get(..end).unwrap_or_default(), self.stems.contains(&(self.lead + end)))
    }

    /// The two letters or digits with which the word after the head begins.
    fn next_two(&self) -> Two {
        let (head, _) = self.head();
        let from = self.lead + head.len();
        let rest = self.text.get(from..).unwrap_or_default();
        let Some(at) = rest.find(char::is_alphanumeric) else { return ANY };
        let mut next = rest.get(at..).unwrap_or_default().chars();
        let mut letter = || next.next().filter(|c| c.is_alphanumeric()).map_or(Some(0), |c| u8::try_from(c).ok());
        // After one letter of a stem, or of initials, any may follow.
        let is_stem = self.stems.contains(&(from + at + 1));
        match (letter(), letter()) {
            (Some(first), Some(second)) if first.is_ascii() && second.is_ascii() && !is_stem => two(first, second),
            _ => ANY,
        }
    }

    /// Where the word is in `content`, if its first letter or digit is the one at `start`.
    fn at(&self, content: &str, start: usize) -> Option<Range<usize>> {
        let begin = self.lead_before(content, start)?;
        let mut chars = FoldedChars::new(content, start);
        let mut done = self.lead;
        let mut next = chars.next();
        for expected in self.text.get(self.lead..)?.chars() {
            if self.stems.contains(&done) {
                while next.is_some_and(|(_, c)| c.is_alphanumeric()) {
                    next = chars.next();
                }
            }
            if next.map(|(_, c)| c) != Some(expected) {
                return None;
            }
            next = chars.next();
            done += expected.len_utf8();
        }
        if self.stems.contains(&done) {
            while next.is_some_and(|(_, c)| c.is_alphanumeric()) {
                next = chars.next();
            }
        } else if next.is_some_and(|(_, c)| c.is_alphanumeric()) {
            return None;
        }
        let span = begin..next.map_or(content.len(), |(at, _)| at);
        self.is_as_written(content.get(span.clone())?).then_some(span)
    }

    /// Where the punctuation before the first letter begins.
    fn lead_before(&self, content: &str, start: usize) -> Option<usize> {
        let mut at = start;
        let mut chars = content.get(..start)?.chars().rev().peekable();
        for expected in self.text.get(..self.lead)?.chars().rev() {
            let c = chars.next()?;
            at -= c.len_utf8();
            if expected == ' ' {
                if c != ' ' {
                    return None;
                }
                while chars.next_if_eq(&' ').is_some() {
                    at -= 1;
                }
            } else if c != expected {
                return None;
            }
        }
        (self.lead == 0 || !chars.next().is_some_and(char::is_alphanumeric)).then_some(at)
    }

    fn is_as_written(&self, original: &str) -> bool {
        match &self.exact {
            None => true,
            Some(exact) if self.stems.last() == Some(&self.text.len()) => letters(original).starts_with(exact.as_str()),
            Some(exact) => letters(original) == *exact,
        }
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What stands under a first word, or under the beginning of one.
#[derive(Debug, Default)]
struct Head {
    /// Words that are no more than it.
    alone: Vec<usize>,
    /// Words that go on, with the first letters of their rest.
    longer: Vec<(Two, usize)>,
    /// The first letters of the rests.
    initials: Initials,
    /// Patterns that begin with it: what the caller named them, and the bytes before it.
    starts: Vec<(usize, usize)>,
    is_first_name: bool,
}

/// What one pass found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// By start, then the longer first.
    pub(super) hits: Vec<Hit>,
    /// ASCII runs that hold a digit.
    pub(super) numbers: Vec<Number>,
    /// First names that begin with a capital.
    pub(super) first_names: Vec<Range<usize>>,
    /// Where patterns may begin that begin with a word.
    pub(super) starts: Vec<(usize, usize)>,
}

impl Found {
    fn clear(&mut self) {
        self.hits.clear();
        self.numbers.clear();
        self.first_names.clear();
        self.starts.clear();
    }
}

/// A run of ASCII letters and digits with a digit in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) start: usize,
    pub(super) length: usize,
    pub(super) digits: usize,
}

/// A word with which patterns begin.
pub(super) struct StartOf<'a> {
    pub(super) text: &'a str,
    pub(super) stem: bool,
    pub(super) lead: usize,
    /// What [`Found::starts`] names it.
    pub(super) name: usize,
}

#[derive(Debug)]
pub(super) struct Words {
    all: Vec<Word>,
    heads: Vec<Head>,
    /// Of all keys.
    filter: Keys,
    /// Of the keys of the first bytes of all stems.
    stem_heads: StemHeads,
    /// Heads by the key of the word that they are.
    whole: HeadTable,
    /// Lists of stems by the key of their first bytes.
    stems: Table,
    /// Each with its head.
    stem_lists: Vec<Vec<(Box<[u8]>, usize)>>,
    /// The counts of bytes that make keys of stems here.
    stem_bytes: Vec<usize>,
    /// Bytes of the longest word that is no stem.
    longest: usize,
}

/// How many bytes of a stem make its key: the most of these that it has.
const STEM_BYTES: [usize; 4] = [8, 6, 4, SHORTEST_STEM];
/// No stem is shorter.
pub(super) const SHORTEST_STEM: usize = 3;

impl Words {
    pub(super) fn new<'a>(
        detectors: &[Detector],
        first_names: impl Iterator<Item = &'a str>,
        starts: &[StartOf<'_>],
    ) -> Self {
        let mut words: Vec<Word> = Vec::new();
        let mut known: HashMap<(String, bool), usize> = HashMap::new();
        for (index, detector) in detectors.iter().enumerate() {
            let spec = &detector.spec;
            let lists = [
                (Role::Phrase, &spec.phrases),
                (Role::Context, &spec.context),
                (Role::ContextAfter, &spec.context_after),
                (Role::Veto, &spec.veto),
            ];
            for (role, list) in lists {
                let exact = spec.exact_case && role == Role::Phrase;
                for phrase in list {
                    let key = if exact { phrase.clone() } else { fold(phrase) };
                    let word = *known.entry((key, exact)).or_insert_with(|| {
                        words.push(Word::new(phrase, exact));
                        words.len() - 1
                    });
                    if let Some(word) = words.get_mut(word)
                        && !word.role(index, role)
                    {
                        word.uses.push((index, role));
                    }
                }
            }
        }
        let mut heads = Heads::default();
        for (index, word) in words.iter().enumerate() {
            let (text, stem) = word.head();
            let single = word.lead == 0 && word.exact.is_none() && text.len() == word.text.len();
            let head = heads.of(text, stem);
            if single {
                head.alone.push(index);
            } else {
                head.longer.push((word.next_two(), index));
                head.initials.add(word.next_two());
            }
        }
        for name in first_names {
            heads.of(name, false).is_first_name = true;
        }
        for start in starts {
            heads.of(start.text, start.stem).starts.push((start.name, start.lead));
        }
        heads.build(words)
    }

    pub(super) fn get(&self, word: usize) -> Option<&Word> {
        self.all.get(word)
    }

    pub(super) fn all(&self) -> &[Word] {
        &self.all
    }

    /// What stands in the text, in one pass.
    pub(super) fn find(&self, content: &str, found: &mut Found) {
        found.clear();
        let bytes = content.as_bytes();
        let mut skip_to = 0;
        runs(bytes, |run| {
            if run.start < skip_to {
                return;
            }
            if run.high {
                if !self.latin_run(content, run, found) {
                    self.high_run(content, run, found);
                }
                return;
            }
            let length = run.end - run.start;
            if run.digits > 0 {
                found.numbers.push(Number { start: run.start, length, digits: run.digits });
            } else if length == 1 {
                let end = end_of_initials(bytes, run.start);
                if end > run.end {
                    skip_to = end;
                    let chars = FoldedChars::new(content, run.start);
                    let text: String = chars.take_while(|(at, _)| *at < end).map(|(_, c)| c).collect();
                    self.look_up(content, text.as_bytes(), run.start..end, found);
                    return;
                }
            }
            let span = run.start..run.end;
            if length <= 16 {
                let word = sixteen(bytes, run.start, length);
                let (low, high) = halves(word);
                let key = key(low, high, length);
                if self.filter.holds(key)
                    && let Some(entry) = self.whole.get(key)
                {
                    self.take_entry(content, entry, &span, found);
                }
                if self.stem_may_begin(word, length) {
                    let folded = word.to_le_bytes();
                    self.look_up_stems(content, low, folded.get(..length).unwrap_or_default(), &span, found);
                }
            } else if let Some(written) = content.get(span.clone()) {
                let head = sixteen(bytes, run.start, 16);
                if length <= self.longest || self.stem_may_begin(head, 16) {
                    let kept = written.get(..self.longest.max(16)).unwrap_or(written);
                    let whole = kept.len() == length;
                    self.look_up_folded(content, kept.to_ascii_lowercase().as_bytes(), whole, span, found);
                }
            }
        });
        found.hits.sort_unstable_by(|a, b| (a.span.start, b.span.end, a.word).cmp(&(b.span.start, a.span.end, b.word)));
    }

    /// A run of ASCII and of the letters U+00C0 to U+017F, with typographic quotes and dashes
    /// between words: almost all runs beyond ASCII are such. Says whether this one is.
    fn latin_run(&self, content: &str, run: Run, found: &mut Found) -> bool {
        const LONGEST: usize = 40;
        let Some(bytes) = content.as_bytes().get(run.start..run.end) else { return false };
        // First whether all of it is: afterwards nothing may be undone.
        if bytes.len() > LONGEST || run.digits > 0 || !is_latin(bytes) {
            return false;
        }
        let mut word = [0_u8; 2 * LONGEST];
        let (mut length, mut start, mut at) = (0, 0, 0);
        while let Some(&byte) = bytes.get(at) {
            let [one, two] = if byte < 0x80 {
                [byte.to_ascii_lowercase(), 0]
            } else {
                let second = bytes.get(at + 1).copied().unwrap_or(0);
                latin_letter(byte, second).unwrap_or([0, 0])
            };
            if one == 0 {
                if length > 0 {
                    let span = run.start + start..run.start + at;
                    self.look_up_filtered(content, word.get(..length).unwrap_or_default(), span, found);
                }
                length = 0;
            } else {
                if length == 0 {
                    start = at;
                }
                for letter in [one, two] {
                    if let (true, Some(to)) = (letter != 0, word.get_mut(length)) {
                        *to = letter;
                        length += 1;
                    }
                }
            }
            at += match byte {
                0..=0x7f => 1,
                0xe2 => 3,
                _ => 2,
            };
        }
        if length > 0 {
            let span = run.start + start..run.end;
            self.look_up_filtered(content, word.get(..length).unwrap_or_default(), span, found);
        }
        true
    }

    fn look_up_filtered(&self, content: &str, folded: &[u8], span: Range<usize>, found: &mut Found) {
        let begins = match folded.len() {
            length @ ..=16 => self.may_begin(sixteen(folded, 0, length), length),
            length => self.stem_may_begin(sixteen(folded, 0, 16), 16) || length <= self.longest,
        };
        if begins {
            self.look_up(content, folded, span, found);
        }
    }

    /// A run with bytes beyond ASCII: words, and signs between them.
    fn high_run(&self, content: &str, run: Run, found: &mut Found) {
        if run.digits > 0 {
            let bytes = content.as_bytes();
            let mut at = run.start;
            while at < run.end {
                let rest = bytes.get(at..run.end).unwrap_or_default();
                let length = rest.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len());
                let digits = rest.iter().take(length).filter(|b| b.is_ascii_digit()).count();
                if digits > 0 {
                    found.numbers.push(Number { start: at, length, digits });
                }
                at += length.max(1);
            }
        }
        let mut word = String::new();
        let mut start = run.start;
        for (at, c) in FoldedChars::new(content, run.start) {
            let inside = at < run.end && c.is_alphanumeric();
            if inside {
                if word.is_empty() {
                    start = at;
                }
                word.push(c);
            } else if !word.is_empty() {
                self.look_up(content, word.as_bytes(), start..at.min(run.end), found);
                word.clear();
            }
            if at >= run.end {
                break;
            }
        }
        if !word.is_empty() {
            self.look_up(content, word.as_bytes(), start..run.end, found);
        }
        let written = content.get(run.start..run.end).unwrap_or_default();
        if written.contains(is_removed) {
            self.starts_between_signs(written, run.start, found);
        }
    }

    /// A pattern, unlike a word, takes a soft hyphen for the end of what stands before it.
    fn starts_between_signs(&self, written: &str, offset: usize, found: &mut Found) {
        let mut others = Found::default();
        for word in written.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let start = word.as_ptr() as usize - written.as_ptr() as usize;
            self.look_up(word, fold(word).as_bytes(), 0..word.len(), &mut others);
            let starts = others.starts.drain(..);
            found.starts.extend(starts.map(|(name, at)| (name, offset + start + at)));
        }
    }

    /// Whether anything may begin with a word of at most 16 bytes.
    #[inline]
    fn may_begin(&self, word: u128, length: usize) -> bool {
        let (low, high) = halves(word);
        self.filter.holds(key(low, high, length)) || self.stem_may_begin(word, length)
    }

    #[inline]
    fn stem_may_begin(&self, word: u128, length: usize) -> bool {
        let (low, _) = halves(word);
        self.stem_heads.holds(stem_key(low, SHORTEST_STEM))
            && self.stem_bytes.iter().any(|bytes| length >= *bytes && self.filter.holds(stem_key(low, *bytes)))
    }

    fn look_up(&self, content: &str, folded: &[u8], span: Range<usize>, found: &mut Found) {
        self.look_up_folded(content, folded, true, span, found);
    }

    /// What begins with a word, of which `folded` is all (`whole`) or the first bytes.
    fn look_up_folded(&self, content: &str, folded: &[u8], whole: bool, span: Range<usize>, found: &mut Found) {
        if whole && let Some(entry) = self.whole.get(key_of(folded)) {
            self.take_entry(content, entry, &span, found);
        }
        let (low, _) = halves(sixteen(folded, 0, folded.len().min(16)));
        self.look_up_stems(content, low, folded, &span, found);
    }

    #[inline]
    fn take_entry(&self, content: &str, entry: Entry, span: &Range<usize>, found: &mut Found) {
        if (!entry.only_longer || entry.initials.meet(next_two(content.as_bytes(), span.end)))
            && let Some(head) = self.heads.get(entry.head as usize)
        {
            self.take(content, head, span, found);
        }
    }

    fn look_up_stems(&self, content: &str, low: u64, folded: &[u8], span: &Range<usize>, found: &mut Found) {
        for bytes in self.stem_bytes.iter().copied().filter(|bytes| *bytes <= folded.len()) {
            let Some(list) = self.stems.get(&stem_key(low, bytes)).and_then(|list| self.stem_lists.get(*list)) else {
                continue;
            };
            for (stem, head) in list {
                if folded.starts_with(stem)
                    && let Some(head) = self.heads.get(*head)
                {
                    self.take(content, head, span, found);
                }
            }
        }
    }

    fn take(&self, content: &str, head: &Head, span: &Range<usize>, found: &mut Found) {
        for &word in &head.alone {
            found.hits.push(Hit { span: span.clone(), word });
        }
        if !head.longer.is_empty() {
            let initial = next_two(content.as_bytes(), span.end);
            if head.initials.meet(initial) {
                for &(expected, index) in &head.longer {
                    if (initial == ANY || expected == ANY || initial == expected)
                        && let Some(word) = self.all.get(index)
                        && let Some(span) = word.at(content, span.start)
                    {
                        found.hits.push(Hit { span, word: index });
                    }
                }
            }
        }
        for &(name, lead) in &head.starts {
            if let Some(start) = span.start.checked_sub(lead) {
                found.starts.push((name, start));
            }
        }
        if head.is_first_name && content.get(span.clone()).is_some_and(|name| name.starts_with(char::is_uppercase)) {
            found.first_names.push(span.clone());
        }
    }
}

/// The first two letters of a word.
type Two = u16;

/// Stands for any letters, and for some beyond ASCII.
const ANY: Two = 0;

fn two(first: u8, second: u8) -> Two {
    u16::from_le_bytes([first, second])
}

/// A set of first letters that says yes to all of them and to some others.
#[derive(Clone, Copy, Debug, Default)]
struct Initials(u64);

impl Initials {
    fn bit(two: Two) -> u64 {
        if two == ANY { u64::MAX } else { 1 << (two.wrapping_mul(0x9e37) >> 10) }
    }

    fn add(&mut self, two: Two) {
        self.0 |= Self::bit(two);
    }

    #[inline]
    fn meet(self, two: Two) -> bool {
        self.0 & Self::bit(two) != 0
    }
}

/// Whether bytes beyond ASCII are only letters U+00C0 to U+017F, and quotes and dashes.
fn is_latin(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += match (byte, bytes.get(at + 1).copied().unwrap_or(0)) {
            (0..=0x7f, _) => 1,
            (0xc3..=0xc5, second) if latin_letter(byte, second).is_some() => 2,
            // U+2010 to U+201F; U+200B to U+200F are signs that words go on over.
            (0xe2, 0x80) if bytes.get(at + 2).is_some_and(|third| (0x90..=0x9f).contains(third)) => 3,
            _ => return false,
        };
    }
    true
}

/// The folded letters of a character U+00C0 to U+017F, by its two bytes.
fn latin_letter(first: u8, second: u8) -> Option<[u8; 2]> {
    static LETTERS: LazyLock<[[u8; 2]; 192]> = LazyLock::new(|| {
        let mut letters = [[0; 2]; 192];
        for (letters, c) in letters.iter_mut().zip('\u{c0}'..='\u{17f}') {
            let folded = fold(&c.to_string());
            if folded.is_ascii() && folded.len() <= 2 && c.is_alphanumeric() {
                for (to, from) in letters.iter_mut().zip(folded.bytes()) {
                    *to = from;
                }
            }
        }
        letters
    });
    let place = usize::from(first.checked_sub(0xc3)?) * 64 + usize::from(second.checked_sub(0x80)?);
    LETTERS.get(place).copied().filter(|letters| letters[0] != 0)
}

/// The two letters or digits with which the next word begins; any, if they are not all ASCII.
fn next_two(bytes: &[u8], at: usize) -> Two {
    let rest = bytes.get(at..).unwrap_or_default();
    let Some(first) = rest.iter().position(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80) else { return ANY };
    let letter = |i: usize| rest.get(first + i).copied().unwrap_or(0);
    match (letter(0), letter(1)) {
        // One of several initials, perhaps.
        (_, b'.') => ANY,
        (one, other) if one < 0x80 && other < 0x80 => {
            let other = if other.is_ascii_alphanumeric() { other } else { 0 };
            two(one.to_ascii_lowercase(), other.to_ascii_lowercase())
        }
        _ => ANY,
    }
}

/// Where a run of initials ends that begins at `start`: after the L of `C.G.I.L.`; after the first
/// letter if no other follows it.
fn end_of_initials(bytes: &[u8], start: usize) -> usize {
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let word = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80);
    let mut end = start + 1;
    if !letter(start) {
        return end;
    }
    while bytes.get(end) == Some(&b'.') && letter(end + 1) && !word(end + 2) {
        end += 2;
    }
    end
}

/// Up to 16 letters and digits from `at`, folded, the first byte lowest.
#[inline]
fn sixteen(bytes: &[u8], at: usize, length: usize) -> u128 {
    const LOWER: u128 = u128::from_le_bytes([0x20; 16]);
    let word = match bytes.get(at..at + 16).and_then(|word| <[u8; 16]>::try_from(word).ok()) {
        Some(word) => word,
        None => {
            let mut word = [0; 16];
            for (to, from) in word.iter_mut().zip(bytes.get(at..).unwrap_or_default()) {
                *to = *from;
            }
            word
        }
    };
    // In ASCII letters and digits this bit is the case, or set.
    let word = u128::from_le_bytes(word) | LOWER;
    if length >= 16 { word } else { word & !(u128::MAX << (8 * length)) }
}

#[inline]
#[allow(clippy::cast_possible_truncation, reason = "one half at a time")]
fn halves(word: u128) -> (u64, u64) {
    (word as u64, (word >> 64) as u64)
}

/// The key of a word of at most 16 folded bytes.
#[inline]
fn key(low: u64, high: u64, length: usize) -> u64 {
    let one = low ^ 0x9e37_79b9_7f4a_7c15;
    let other = high ^ 0xd6e8_feb8_6659_fd93 ^ ((length as u64) << 56);
    let product = u128::from(one) * u128::from(other);
    let (low, high) = halves(product);
    low ^ high
}

/// The key of a word of any length.
fn key_of(folded: &[u8]) -> u64 {
    let mut sum = 0;
    for part in folded.chunks(16) {
        let (low, high) = halves(sixteen(part, 0, part.len()));
        sum = key(low ^ sum, high, part.len());
    }
    sum
}

#[inline]
fn stem_key(low: u64, bytes: usize) -> u64 {
    let kept = if bytes >= 8 { low } else { low & !(u64::MAX << (8 * bytes)) };
    key(kept, 0x5354_454d, bytes)
}

/// A set of keys that says yes to all of them and to a few others.
#[derive(Debug)]
struct Filter<const BITS: u32>(Box<[u64]>);

/// 16 KiB and 1 KiB stay in the fastest memory.
type Keys = Filter<17>;
type StemHeads = Filter<13>;

impl<const BITS: u32> Filter<BITS> {
    fn new() -> Self {
        Self(vec![0; (1 << BITS) / 64].into())
    }

    #[inline]
    fn place(key: u64) -> (usize, u64) {
        let bit = key >> (64 - BITS);
        ((bit / 64) as usize, 1 << (bit % 64))
    }

    fn add(&mut self, key: u64) {
        let (word, bit) = Self::place(key);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    #[inline]
    fn holds(&self, key: u64) -> bool {
        let (word, bit) = Self::place(key);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }
}

/// Heads by their keys, in a table of which half or more is empty.
#[derive(Debug)]
struct HeadTable {
    /// 0 where nothing is.
    keys: Box<[u64]>,
    entries: Box<[Entry]>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    initials: Initials,
    head: u32,
    /// Nothing but words that go on.
    only_longer: bool,
}

impl HeadTable {
    fn new(entries: Vec<(u64, Entry)>) -> Self {
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
    fn first(&self, key: u64) -> usize {
        key as usize & (self.keys.len() - 1)
    }

    #[inline]
    fn get(&self, key: u64) -> Option<Entry> {
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
type Table = HashMap<u64, usize, BuildHasherDefault<Own>>;

/// The keys are hashes already.
#[derive(Debug, Default)]
struct Own(u64);

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

/// Gathers words under their first ones.
#[derive(Default)]
struct Heads {
    all: Vec<Head>,
    by_text: HashMap<(String, bool), usize>,
}

impl Heads {
    fn of(&mut self, text: &str, stem: bool) -> &mut Head {
        let all = &mut self.all;
        let index = *self.by_text.entry((text.to_owned(), stem)).or_insert_with(|| {
            all.push(Head::default());
            all.len() - 1
        });
        // The index is of this list.
        &mut all[index]
    }

    fn build(self, words: Vec<Word>) -> Words {
        let mut filter = Keys::new();
        let mut stem_heads = StemHeads::new();
        let mut whole = Vec::new();
        let mut stems = Table::default();
        let mut stem_lists: Vec<Vec<(Box<[u8]>, usize)>> = Vec::new();
        let mut stem_bytes = Vec::new();
        let mut longest = 0;
        for ((text, stem), head) in self.by_text {
            let text = text.as_bytes();
            if stem {
                let Some(bytes) = STEM_BYTES.into_iter().find(|bytes| *bytes <= text.len()) else { continue };
                if !stem_bytes.contains(&bytes) {
                    stem_bytes.push(bytes);
                }
                let (low, _) = halves(sixteen(text, 0, text.len().min(16)));
                let key = stem_key(low, bytes);
                filter.add(key);
                stem_heads.add(stem_key(low, SHORTEST_STEM));
                longest = longest.max(text.len());
                let list = *stems.entry(key).or_insert_with(|| {
                    stem_lists.push(Vec::new());
                    stem_lists.len() - 1
                });
                if let Some(list) = stem_lists.get_mut(list) {
                    list.push((text.into(), head));
                }
            } else {
                filter.add(key_of(text));
                let Some(under) = self.all.get(head) else { continue };
                let entry = Entry {
                    initials: under.initials,
                    head: u32::try_from(head).unwrap_or(u32::MAX),
                    only_longer: under.alone.is_empty() && under.starts.is_empty() && !under.is_first_name,
                };
                whole.push((key_of(text), entry));
                longest = longest.max(text.len());
            }
        }
        Words { all: words, heads: self.all, filter, stem_heads, whole: HeadTable::new(whole), stems, stem_lists, stem_bytes, longest }
    }
}
impl Words { pub(super) fn stem_stats(&self) { let mut n: Vec<_> = self.stem_lists.iter().flatten().map(|(s,_)| s.len()).collect(); n.sort(); eprintln!("stems {} shortest {:?} heads {} bits {}", n.len(), &n[..n.len().min(12)], self.whole.keys.len(), self.filter.0.iter().map(|w| w.count_ones()).sum::<u32>()); } }
