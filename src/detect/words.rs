//! Finds every phrase, context word, veto word, first name and start of a pattern in one pass over the text.
//!
//! The text is cut into runs of letters and digits; the folded bytes of a run make a key of 64
//! bits, and filters of bits say for almost all runs that nothing begins with them. A phrase is
//! kept under its first word, and the rest of it is compared where that stands.

use std::ops::Range;

use super::catalogue::Detector;
use super::fold::{FoldedChars, fold, is_removed};
use super::heads::{Head, Heads, Index};
use super::initials::{ANY, end_of_initials, is_latin, latin_letter, next_two, two_at};
use super::keys::{ByText, by_text, kept, key, key_of, sixteen};
use super::tokens::{Run, Tile, Tiles};
pub(super) use super::word::{Hit, Role, Word};

/// What one pass found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// By start, then the longer first.
    pub(super) hits: Vec<Hit>,
    /// ASCII runs that hold a digit, by start.
    pub(super) numbers: Vec<Number>,
    /// First names that begin with a capital, by start.
    pub(super) first_names: Vec<Range<usize>>,
    /// Where patterns may begin that begin with a word.
    pub(super) starts: Vec<(usize, usize)>,
    tile: Tile,
    looks: Vec<Look>,
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

/// A run that is worth a second look.
#[derive(Clone, Copy, Debug)]
struct Look {
    run: Run,
    /// Its first eight folded bytes, and its key; of a run of at most sixteen.
    low: u64,
    key: u64,
    stems: u8,
    /// Where the next run begins, if that is known.
    next: Option<usize>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    /// Of more than sixteen bytes.
    Long,
    /// With bytes beyond ASCII.
    High,
    /// One letter with a dot.
    Initial,
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
    index: Index,
}

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
        let mut heads = Heads::new(most);
        for (index, word) in words.iter().enumerate() {
            let (text, stem) = word.head();
            let single = word.lead == 0 && word.exact.is_none() && text.len() == word.text.len();
            let head = heads.of(text, stem);
            if single {
                head.alone.push(index);
            } else {
                head.longer.push((word.next_two(), index));
            }
        }
        for name in first_names {
            heads.of(name, false).is_first_name = true;
        }
        for start in starts {
            heads.of(start.text, start.stem).starts.push((start.name, start.lead));
        }
        let index = heads.build();
        Self { all: words, index }
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
        let mut tile = std::mem::take(&mut found.tile);
        let mut looks = std::mem::take(&mut found.looks);
        let mut skip_to = 0;
        let mut tiles = Tiles::new(bytes, &mut tile);
        while tiles.next(&mut tile) {
            self.sift(bytes, &tile, &mut looks, &mut found.numbers);
            for look in looks.drain(..) {
                if look.run.start >= skip_to {
                    skip_to = self.look_at(content, &look, found);
                }
            }
        }
        (found.tile, found.looks) = (tile, looks);
        if !found.numbers.is_sorted_by_key(|number| number.start) {
            found.numbers.sort_unstable_by_key(|number| number.start);
        }
        found.hits.sort_unstable_by(|a, b| (a.span.start, b.span.end, a.word).cmp(&(b.span.start, a.span.end, b.word)));
    }

    /// Takes the numbers of a tile, and the few runs with which something may begin.
    fn sift(&self, bytes: &[u8], tile: &Tile, looks: &mut Vec<Look>, numbers: &mut Vec<Number>) {
        /// Clear in digits, set in letters.
        const LETTER: u64 = u64::from_le_bytes([0x40; 8]);
        const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
        for (i, run) in tile.runs().enumerate() {
            let length = run.end - run.start;
            let (low, high) = sixteen(bytes, run.start, length);
            let (low_kept, high_kept) = kept(length);
            let (low_digits, high_digits) = (!low & LETTER & low_kept, !high & LETTER & high_kept);
            let mut is_high = (low | high) & HIGH != 0;
            let mut digits = 0;
            if low_digits | high_digits != 0 {
                digits = (low_digits.count_ones() + high_digits.count_ones()) as usize;
            }
            if length > 16 {
                let run = bytes.get(run.start..run.end).unwrap_or_default();
                is_high = !run.is_ascii();
                digits = run.iter().filter(|byte| byte.is_ascii_digit()).count();
            }
            if digits > 0 && !is_high {
                numbers.push(Number { start: run.start, length, digits });
            }
            let key = key(low, high, length);
            let stems = self.index.stem_lengths(low, length);
            let is_initial = length == 1 && bytes.get(run.end) == Some(&b'.');
            if is_high | (length > 16) | is_initial | (stems != 0) | self.index.may_be_head(key) {
                let kind = match () {
                    () if is_high => Kind::High,
                    () if length > 16 => Kind::Long,
                    () if is_initial => Kind::Initial,
                    () => Kind::Plain,
                };
                looks.push(Look { run, low, key, stems, next: tile.start(i + 1), kind });
            }
        }
    }

    /// Looks up what begins with a run; the offset before which nothing else does.
    fn look_at(&self, content: &str, look: &Look, found: &mut Found) -> usize {
        let bytes = content.as_bytes();
        let run = look.run;
        let span = run.start..run.end;
        match look.kind {
            Kind::High => {
                if !self.latin_run(content, run, found) {
                    self.high_run(content, run, found);
                }
                return run.end;
            }
            Kind::Long => {
                self.long_run(content, run, found);
                return run.end;
            }
            Kind::Initial => {
                let end = end_of_initials(bytes, run.start);
                if end > run.end {
                    let chars = FoldedChars::new(content, run.start);
                    let text: String = chars.take_while(|(at, _)| *at < end).map(|(_, c)| c).collect();
                    self.look_up(content, text.as_bytes(), run.start..end, found);
                    return end;
                }
            }
            Kind::Plain => {}
        }
        if self.index.may_be_head(look.key) {
            let next = look.next.map_or_else(|| next_two(bytes, run.end), |next| two_at(bytes, next));
            if self.index.may_count(look.key, next)
                && let Some(head) = self.index.head(look.key)
            {
                self.take(content, head, &span, found);
            }
        }
        if look.stems != 0 {
            let (low, high) = sixteen(bytes, run.start, run.end - run.start);
            let folded = (u128::from(low) | u128::from(high) << 64).to_le_bytes();
            let folded = folded.get(..span.len()).unwrap_or_default();
            self.index.stems(look.low, look.stems, folded, |head| self.take(content, head, &span, found));
        }
        run.end
    }

    /// A run of ASCII of more than sixteen bytes.
    fn long_run(&self, content: &str, run: Run, found: &mut Found) {
        const LONGEST: usize = 64;
        let Some(written) = content.as_bytes().get(run.start..run.end) else { return };
        let mut folded = [0; LONGEST];
        for (to, from) in folded.iter_mut().zip(written) {
            *to = from.to_ascii_lowercase();
        }
        let whole = written.len() <= LONGEST;
        let folded = folded.get(..written.len().min(LONGEST)).unwrap_or_default();
        if whole && written.len() <= self.index.longest {
            self.look_up(content, folded, run.start..run.end, found);
        } else {
            self.look_up_stems(content, folded, run.start..run.end, found);
        }
    }

    /// A run of ASCII and of the letters U+00C0 to U+017F, with typographic quotes and dashes
    /// between words: almost all runs beyond ASCII are such. Says whether this one is.
    fn latin_run(&self, content: &str, run: Run, found: &mut Found) -> bool {
        const LONGEST: usize = 40;
        let Some(bytes) = content.as_bytes().get(run.start..run.end) else { return false };
        // First whether all of it is: afterwards nothing may be undone.
        if bytes.len() > LONGEST || bytes.iter().any(u8::is_ascii_digit) || !is_latin(bytes) {
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
                    self.look_up(content, word.get(..length).unwrap_or_default(), span, found);
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
            self.look_up(content, word.get(..length).unwrap_or_default(), span, found);
        }
        true
    }

    /// A run with bytes beyond ASCII: words, and signs between them.
    fn high_run(&self, content: &str, run: Run, found: &mut Found) {
        let bytes = content.as_bytes();
        if bytes.get(run.start..run.end).unwrap_or_default().iter().any(u8::is_ascii_digit) {
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

    /// What begins with a word, folded.
    fn look_up(&self, content: &str, folded: &[u8], span: Range<usize>, found: &mut Found) {
        let key = key_of(folded);
        if self.index.may_be_head(key)
            && let Some(head) = self.index.head(key)
        {
            self.take(content, head, &span, found);
        }
        self.look_up_stems(content, folded, span, found);
    }

    /// The stems with which a word begins, given its first folded bytes.
    fn look_up_stems(&self, content: &str, folded: &[u8], span: Range<usize>, found: &mut Found) {
        let (low, _) = sixteen(folded, 0, folded.len());
        let lengths = self.index.stem_lengths(low, folded.len());
        self.index.stems(low, lengths, folded, |head| self.take(content, head, &span, found));
    }

    fn take(&self, content: &str, head: &Head, span: &Range<usize>, found: &mut Found) {
        for &word in &head.alone {
            found.hits.push(Hit { span: span.clone(), word });
        }
        if !head.longer.is_empty() {
            let initial = next_two(content.as_bytes(), span.end);
            for &(expected, index) in &head.longer {
                if (initial == ANY || expected == ANY || initial == expected)
                    && let Some(word) = self.all.get(index)
                    && let Some(span) = word.at(content, span.start)
                {
                    found.hits.push(Hit { span, word: index });
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
