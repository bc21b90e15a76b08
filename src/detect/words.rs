//! Finds every phrase, context word, veto word, first name and start of a pattern in one pass over the text.
//!
//! The text is cut into runs of letters and digits; the folded bytes of a run make a key of 64
//! bits, and a filter of bits says for almost all runs that nothing begins with them. A phrase is
//! kept under its first word, and the rest of it is compared where that stands.

use std::ops::Range;

use super::catalogue::Detector;
use super::fold::{FoldedChars, fold, is_removed};
use super::initials::{ANY, Initials, Two, end_of_initials, is_latin, latin_letter, next_two};
use super::keys::{ByText, Entry, HeadTable, Keys, StemHeads, Table, by_text, halves, key, key_of, sixteen, stem_key};
use super::start_words::SHORTEST_STEM;
use super::tokens::{Run, runs};
pub(super) use super::word::{Hit, Role, Word};

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

impl Words {
    pub(super) fn new<'a>(
        detectors: &[Detector],
        first_names: impl Iterator<Item = &'a str>,
        starts: &[StartOf<'_>],
    ) -> Self {
        let count = |detector: &Detector| {
            let spec = &detector.spec;
            spec.phrases.len() + spec.context.len() + spec.context_after.len() + spec.veto.len()
        };
        let most = detectors.iter().map(count).sum();
        let mut words: Vec<Word> = Vec::with_capacity(most);
        let mut known: ByText<(String, bool)> = by_text(most);
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
                    let word = *known.entry((key, exact)).or_insert_with_key(|(key, _)| {
                        words.push(Word::new(phrase, if exact { None } else { Some(key) }));
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
        let mut heads = Heads { all: Vec::with_capacity(most), by_text: by_text(most) };
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
        let built = heads.build();
        Self { all: words, ..built }
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

/// Gathers words under their first ones.
struct Heads<'w> {
    all: Vec<Head>,
    by_text: ByText<(&'w str, bool)>,
}

impl<'w> Heads<'w> {
    fn of(&mut self, text: &'w str, stem: bool) -> &mut Head {
        let all = &mut self.all;
        let index = *self.by_text.entry((text, stem)).or_insert_with(|| {
            all.push(Head::default());
            all.len() - 1
        });
        // The index is of this list.
        &mut all[index]
    }

    /// All but the words themselves.
    fn build(self) -> Words {
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
        Words {
            all: Vec::new(),
            heads: self.all,
            filter,
            stem_heads,
            whole: HeadTable::new(whole),
            stems,
            stem_lists,
            stem_bytes,
            longest,
        }
    }
}
