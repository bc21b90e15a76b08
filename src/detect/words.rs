//! Finds every phrase, context word, veto word, first name and start of a pattern in one pass over the text.
//!
//! The text is cut into runs of letters and digits; the folded bytes of a run make a key of 64
//! bits, and filters of bits say for almost all runs that nothing begins with them. A phrase is
//! kept under its first word, and the rest of it is compared where that stands.

use std::ops::Range;

use super::catalogue::Detector;
use super::fold::FoldedChars;
use super::heads::Index;
use super::initials::{ANY, end_of_initials, first_two, is_beyond_ascii, next_two};
use super::keys::{Entry, kept, key, key_of, sixteen};
use super::lexicon::{Lexicon, Written};
use super::tokens::{MOST_RUNS, Run, Tile, Tiles};
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
    /// A bit for each byte, the first lowest: where a word may begin.
    pub(super) begin: Vec<u64>,
    /// Made when first used: who only gathers what others find needs none.
    work: Option<Box<Work>>,
}

/// Where one tile is worked on.
#[derive(Debug, Default)]
struct Work {
    tile: Tile,
    sifted: Sifted,
}

impl Found {
    fn clear(&mut self) {
        self.hits.clear();
        self.numbers.clear();
        self.first_names.clear();
        self.starts.clear();
        self.begin.clear();
    }
}

/// A run of ASCII letters and digits with a digit in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) start: usize,
    pub(super) length: usize,
    pub(super) digits: usize,
}

/// Clear in digits, set in letters.
const LETTER: u64 = u64::from_le_bytes([0x40; 8]);

impl Number {
    #[inline]
    fn of(bytes: &[u8], Run { start, end }: Run) -> Option<Self> {
        let length = end - start;
        let digits = if length <= 16 {
            let ((low, high), (low_kept, high_kept)) = (sixteen(bytes, start, length), kept(length));
            ((!low & LETTER & low_kept).count_ones() + (!high & LETTER & high_kept).count_ones()) as usize
        } else {
            bytes.get(start..end)?.iter().filter(|byte| byte.is_ascii_digit()).count()
        };
        Some(Self { start, length, digits })
    }
}

/// A run that is worth a second look: its place among those of the tile, and why.
#[derive(Clone, Copy, Debug, Default)]
struct Look {
    run: u32,
    why: u8,
    /// Of the run, if it is short and plain.
    key: u64,
}

impl Look {
    /// A head begins with it perhaps.
    const HEAD: u8 = 1;
    /// One letter with a dot.
    const INITIAL: u8 = 2;
    /// Of more than sixteen bytes.
    const LONG: u8 = 4;
    /// With bytes beyond ASCII.
    const HIGH: u8 = 8;
    /// From this bit on: which stems begin it perhaps.
    const STEMS: u32 = 4;
}

/// The runs of one tile that are worth a second look, and the places of the numbers among them, each list with its
/// length.
#[derive(Debug)]
struct Sifted {
    looks: Box<[Look]>,
    looked: usize,
    /// The heads of as many looks.
    heads: Box<[Entry]>,
    numbers: Box<[u32]>,
    numbered: usize,
}

impl Default for Sifted {
    fn default() -> Self {
        Self {
            looks: vec![Look::default(); MOST_RUNS].into(),
            looked: 0,
            heads: vec![Entry::default(); MOST_RUNS].into(),
            numbers: vec![0; MOST_RUNS].into(),
            numbered: 0,
        }
    }
}

impl Sifted {
    /// Takes the run if there is a reason. Written without a branch: nobody can predict which words a text has.
    #[inline]
    fn look(&mut self, run: u32, why: u8, key: u64) {
        if let Some(slot) = self.looks.get_mut(self.looked) {
            *slot = Look { run, why, key };
            self.looked += usize::from(why != 0);
        }
    }

    #[inline]
    fn number(&mut self, run: u32, is_one: bool) {
        if let Some(slot) = self.numbers.get_mut(self.numbered) {
            *slot = run;
            self.numbered += usize::from(is_one);
        }
    }
}

/// What the detectors name, to be found.
#[derive(Debug)]
pub(super) struct Words {
    lexicon: Lexicon,
}

/// The words of the detectors, in their order.
pub(super) fn written(detectors: &[Detector]) -> impl Iterator<Item = Written<'_>> {
    detectors.iter().enumerate().flat_map(|(number, detector)| {
        let spec = &detector.spec;
        let lists = [
            (Role::Phrase, &spec.phrases),
            (Role::Context, &spec.context),
            (Role::ContextAfter, &spec.context_after),
            (Role::Veto, &spec.veto),
        ];
        let exact = |role| spec.exact_case && role == Role::Phrase;
        lists.into_iter().flat_map(move |(role, list)| {
            list.iter().map(move |phrase| Written { detector: number, role, exact: exact(role), phrase })
        })
    })
}

impl Words {
    /// What a word is to which detectors.
    pub(super) fn uses(&self, word: usize) -> &[(usize, Role)] {
        self.lexicon.uses.get(word)
    }

    pub(super) fn is(&self, word: usize, detector: usize, role: Role) -> bool {
        self.uses(word).contains(&(detector, role))
    }

    pub(super) fn all(&self) -> &[Word] {
        &self.lexicon.all
    }

    /// Of every word how it is written first, and whether its case counts.
    #[cfg(test)]
    pub(super) fn written(&self, detectors: &[Detector]) -> Vec<(String, bool)> {
        let mut first = std::collections::HashMap::new();
        for Written { phrase, exact, .. } in written(detectors) {
            let Word { text, stems, exact: letters, .. } = Word::new(phrase, exact);
            first.entry((text, stems, letters)).or_insert((phrase.to_owned(), exact));
        }
        let key = |word: &Word| (word.text.clone(), word.stems.clone(), word.exact.clone());
        self.all().iter().map(|word| first.get(&key(word)).cloned().unwrap_or_default()).collect()
    }

    /// What stands in the text, in one pass.
    pub(super) fn find(&self, content: &str, found: &mut Found) {
        found.clear();
        let bytes = content.as_bytes();
        let mut work = found.work.take().unwrap_or_default();
        let Work { tile, sifted } = &mut *work;
        let mut skip_to = 0;
        let mut tiles = Tiles::new(bytes, tile);
        while tiles.next(tile) {
            found.begin.extend_from_slice(tile.beginnings());
            self.sift(bytes, tile, sifted);
            let numbers = sifted.numbers.get(..sifted.numbered).unwrap_or_default();
            found.numbers.extend(numbers.iter().filter_map(|number| Number::of(bytes, tile.run(*number)?)));
            let looks = sifted.looks.get(..sifted.looked).unwrap_or_default();
            // All at once: each waits for memory, and none for another.
            for (head, look) in sifted.heads.iter_mut().zip(looks) {
                *head = self.lexicon.index.head(look.key);
            }
            for (look, head) in looks.iter().zip(&sifted.heads) {
                if let Some(run) = tile.run(look.run)
                    && run.start >= skip_to
                {
                    skip_to = self.look_at(content, run, look.why, *head, found);
                }
            }
        }
        found.work = Some(work);
        if !found.numbers.is_sorted_by_key(|number| number.start) {
            found.numbers.sort_unstable_by_key(|number| number.start);
        }
        found.hits.sort_by(|a, b| (a.span.start, b.span.end, a.word).cmp(&(b.span.start, a.span.end, b.word)));
    }

    /// Takes the numbers of a tile, and the few runs with which something may begin.
    fn sift(&self, bytes: &[u8], tile: &Tile, sifted: &mut Sifted) {
        const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
        (sifted.looked, sifted.numbered) = (0, 0);
        // Whether a run is a head is said when the letters after it are known.
        let mut last: Option<(u64, u8)> = None;
        let mut count = 0_u32;
        for (i, run) in (0..).zip(tile.runs()) {
            let length = run.end - run.start;
            let (low, high) = sixteen(bytes, run.start, length);
            let (low_kept, high_kept) = kept(length);
            let mut has_digits = (!low & low_kept | !high & high_kept) & LETTER != 0;
            let mut is_high = (low | high) & HIGH != 0;
            let mut why = 0;
            if length > 16 {
                let run = bytes.get(run.start..run.end).unwrap_or_default();
                is_high = !run.is_ascii();
                has_digits = run.iter().any(u8::is_ascii_digit);
                why = Look::LONG;
            }
            let is_initial = length == 1 && bytes.get(run.end) == Some(&b'.');
            why |= (u8::from(is_high) * Look::HIGH) | (u8::from(is_initial) * Look::INITIAL);
            why |= self.lexicon.index.stem_lengths(low, length) << Look::STEMS;
            sifted.number(i, has_digits && !is_high);
            if let Some((key, why)) = last {
                let next = if is_initial | is_beyond_ascii(low) { ANY } else { first_two(low) };
                sifted.look(i - 1, why | u8::from(self.lexicon.index.may_count(key, next)), key);
            }
            last = Some((key(low, high, length), why));
            count = i + 1;
        }
        if let (Some((key, why)), Some(i)) = (last, count.checked_sub(1)) {
            sifted.look(i, why | Look::HEAD, key);
        }
    }

    /// Looks up what begins with a run; the offset before which nothing else does.
    fn look_at(&self, content: &str, run: Run, why: u8, head: Entry, found: &mut Found) -> usize {
        let bytes = content.as_bytes();
        if why & Look::HIGH != 0 {
            self.high_run(content, run, found);
            return run.end;
        }
        if why & Look::LONG != 0 {
            self.long_run(content, run, found);
            return run.end;
        }
        if why & Look::INITIAL != 0 {
            let end = end_of_initials(bytes, run.start);
            if end > run.end {
                let chars = FoldedChars::new(content, run.start);
                let text: String = chars.take_while(|(at, _)| *at < end).map(|(_, c)| c).collect();
                self.look_up(content, text.as_bytes(), text.len(), run.start..end, found);
                return end;
            }
        }
        let span = run.start..run.end;
        if why & Look::HEAD != 0 {
            self.take(content, head, &span, found);
        }
        let stems = why >> Look::STEMS;
        if stems != 0 {
            let (low, high) = sixteen(bytes, run.start, span.len());
            let folded = (u128::from(low) | u128::from(high) << 64).to_le_bytes();
            let folded = folded.get(..span.len()).unwrap_or_default();
            self.lexicon.index.stems(low, stems, folded, |head| self.take(content, head, &span, found));
        }
        run.end
    }

    /// A run of ASCII of more than sixteen bytes; what is looked for has fewer than it can have.
    fn long_run(&self, content: &str, run: Run, found: &mut Found) {
        let Some(written) = content.as_bytes().get(run.start..run.end) else { return };
        let (low, _) = sixteen(written, 0, 16);
        if written.len() <= self.lexicon.index.longest || self.lexicon.index.stem_lengths(low, 16) != 0 {
            // One byte more than the longest is as good as all of them.
            let kept = written.get(..self.lexicon.index.longest + 1).unwrap_or(written).to_ascii_lowercase();
            self.look_up(content, &kept, kept.len(), run.start..run.end, found);
        }
    }

    /// What begins with a word: the first `length` bytes of `folded`.
    pub(super) fn look_up(&self, content: &str, folded: &[u8], length: usize, span: Range<usize>, found: &mut Found) {
        let word = folded.get(..length).unwrap_or_default();
        let (low, high) = sixteen(folded, 0, length);
        let key = if length <= 16 { key(low, high, length) } else { key_of(word) };
        if self.lexicon.index.may_be_head(key) {
            self.take(content, self.lexicon.index.head(key), &span, found);
        }
        let stems = self.lexicon.index.stem_lengths(low, length);
        if stems != 0 {
            self.lexicon.index.stems(low, stems, word, |head| self.take(content, head, &span, found));
        }
    }

    /// What begins with a head, which may be none.
    fn take(&self, content: &str, head: Entry, span: &Range<usize>, found: &mut Found) {
        let Some(number) = head.number() else { return };
        if head.has(Index::ALONE) {
            for &word in self.lexicon.index.alone.get(number) {
                found.hits.push(Hit { span: span.clone(), word });
            }
        }
        if head.has(Index::LONGER) {
            let next = next_two(content.as_bytes(), span.end);
            for word in self.lexicon.index.going_on(number, next) {
                if let Some(span) = self.lexicon.all.get(word).and_then(|known| known.at(content, span.start)) {
                    found.hits.push(Hit { span, word });
                }
            }
        }
        if head.has(Index::STARTS) {
            for &(name, lead) in self.lexicon.index.starts.get(number) {
                if let Some(start) = span.start.checked_sub(lead) {
                    found.starts.push((name, start));
                }
            }
        }
        if head.has(Index::FIRST_NAME)
            && content.get(span.clone()).is_some_and(|name| name.starts_with(char::is_uppercase))
        {
            found.first_names.push(span.clone());
        }
    }
}

impl From<Lexicon> for Words {
    fn from(lexicon: Lexicon) -> Self {
        Self { lexicon }
    }
}
