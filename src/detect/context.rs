//! What stands around a match: words before and after it, the label of its column or field.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use crate::model::{Category, Shape, Text};

use super::Evidence;
use super::bits::Bits;
use super::candidates::{BESIDE_NAME, Places};
use super::catalogue::Detector;
use super::fold::{core_label, label_key, label_keys, last_field, split_camel};
use super::words::{Found, Hit, Role, Words};

/// What the surroundings say of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Support {
    None,
    For(Evidence),
    Against,
}

/// What a label says, by detector.
#[derive(Debug, Default)]
pub(super) struct Label {
    supports: Vec<usize>,
    refutes: Vec<usize>,
    /// Of what it supports, the detectors of numbers, by their bits.
    numbers: Bits,
}

impl Label {
    /// The detectors that it supports.
    pub(super) fn supported(&self) -> impl Iterator<Item = usize> {
        self.supports.iter().copied()
    }

    pub(super) fn numbers(&self) -> &Bits {
        &self.numbers
    }

    pub(super) fn refutes(&self, detector: usize) -> bool {
        self.refutes.contains(&detector)
    }

    pub(super) fn supports(&self, detector: usize) -> bool {
        self.supports.contains(&detector)
    }
}

/// The labels of the catalogue, and what each says.
#[derive(Debug)]
pub(super) struct Labels {
    whole: HashMap<String, Vec<usize>>,
    /// Those of texts that were read: the files of a share are alike.
    read: Mutex<HashMap<String, Arc<Label>>>,
}

/// Labels of texts that are remembered, and the bytes that one of them has at most.
const REMEMBERED: usize = 4096;
const LONGEST_REMEMBERED: usize = 128;

impl Labels {
    pub(super) fn new(detectors: &[Detector]) -> Self {
        let mut whole: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, detector) in detectors.iter().enumerate() {
            for label in &detector.spec.labels {
                let list = whole.entry(label_key(label)).or_default();
                if !list.contains(&index) {
                    list.push(index);
                }
            }
        }
        Self { whole, read: Mutex::default() }
    }

    /// What a label says: remembered, or read.
    pub(super) fn of(&self, words: &Words, places: &Places, detectors: &[Detector], label: &str) -> Arc<Label> {
        let known = self.read.lock().ok().and_then(|read| read.get(label).cloned());
        known.unwrap_or_else(|| {
            let new = Arc::new(self.read(words, places, detectors, label));
            if label.len() <= LONGEST_REMEMBERED
                && let Ok(mut read) = self.read.lock()
            {
                if read.len() >= REMEMBERED {
                    read.clear();
                }
                read.insert(label.to_owned(), Arc::clone(&new));
            }
            new
        })
    }

    /// Reads a label: whole, and the words in it.
    fn read(&self, words: &Words, places: &Places, detectors: &[Detector], label: &str) -> Label {
        let mut read = Label::default();
        for key in label_keys(label) {
            read.supports.extend(self.whole.get(&key).into_iter().flatten());
        }
        if read.supports.is_empty()
            && let Some(core) = core_label(last_field(label))
        {
            read.supports.extend(self.whole.get(&core).into_iter().flatten());
        }
        let split = split_camel(label);
        // The word that ends last says what the label is about: in `codice ordine`, the order.
        let mut contexts: HashMap<usize, usize> = HashMap::new();
        let mut vetoes: HashMap<usize, usize> = HashMap::new();
        let mut found = Found::default();
        words.find(&split, &mut found);
        for hit in found.hits {
            for &(detector, role) in words.uses(hit.word) {
                let ends = match role {
                    Role::Context => &mut contexts,
                    Role::Veto => &mut vetoes,
                    Role::Phrase | Role::ContextAfter => continue,
                };
                let end = ends.entry(detector).or_default();
                *end = hit.span.end.max(*end);
            }
        }
        for (detector, _) in contexts {
            // An adjacent word must be the end of the label: `Nome` yes, `Nome file` no.
            let adjacent = detectors.get(detector).is_some_and(|detector| detector.spec.adjacent);
            if !vetoes.contains_key(&detector) && !adjacent {
                read.supports.push(detector);
            }
        }
        read.refutes = vetoes.into_keys().filter(|detector| !read.supports.contains(detector)).collect();
        read.numbers = places.number_bits(read.supported());
        read
    }
}

/// One text with the words found in it.
pub(super) struct Surroundings<'a> {
    pub(super) text: &'a Text,
    pub(super) words: &'a Words,
    pub(super) hits: &'a [Hit],
    pub(super) first_names: &'a [Range<usize>],
    pub(super) detectors: &'a [Detector],
}

/// Bytes that may stand between a label and its value where they must be adjacent.
pub(super) const LONGEST_BRIDGE: usize = 40;

/// Bytes between which no word of more than this length is looked for: hits are sorted by
/// start, and one that ends in the window may start before it.
const LONGEST_WORD: usize = 64;

struct Near<'a> {
    gap: usize,
    hit: &'a Hit,
}

impl<'a> Surroundings<'a> {
    /// What stands around the match of `detector` at `span`.
    pub(super) fn support(
        &self,
        index: usize,
        detector: &Detector,
        span: &Range<usize>,
        label: Option<&Label>,
    ) -> Support {
        let spec = &detector.spec;
        if let Some(label) = label {
            if label.supports(index) {
                let name = self.text.label(span.start).unwrap_or_default().trim();
                // `"pn" = "pn"`, in a list of words: what says nothing but its own name is no value of it.
                let value = self.text.content().get(span.clone());
                if value.is_some_and(|value| value.eq_ignore_ascii_case(name)) {
                    return Support::Against;
                }
                return Support::For(Evidence::Label(name.to_owned()));
            }
            if label.refutes.contains(&index) {
                return Support::Against;
            }
        }
        let mut context: Option<Near> = None;
        let mut veto: Option<Near> = None;
        let mut vetoes: Vec<&Range<usize>> = Vec::new();
        let mut other: Option<Near> = None;
        let claimed = label.is_some_and(|label| !label.supports.is_empty());
        let nearer = |best: &Option<Near>, gap: usize| best.as_ref().is_none_or(|best| gap < best.gap);
        for hit in self.before(span, spec.distance) {
            if !self.reaches(hit, span, claimed) {
                continue;
            }
            let gap = span.start.saturating_sub(hit.span.end);
            if self.words.is(hit.word, index, Role::Context) {
                let counts = !spec.adjacent || (hit.span.end <= span.start && self.is_bridge(hit.span.end..span.start));
                if counts && nearer(&context, gap) {
                    context = Some(Near { gap, hit });
                }
            } else if self.words.is(hit.word, index, Role::Veto) {
                vetoes.push(&hit.span);
                if nearer(&veto, gap) {
                    veto = Some(Near { gap, hit });
                }
            } else if (hit.span.end <= span.start || spec.category != Category::Address)
                // An address holds such words itself: `str. Moldovei nr. 8`.
                && self.is_of_another(hit.word)
                && nearer(&other, gap)
            {
                other = Some(Near { gap, hit });
            }
        }
        // A word of another kind directly before the match says what it is.
        if let Some(near) = &other
            && context.as_ref().is_none_or(|context| {
                // `EHIC card no.` is one label.
                near.gap < context.gap && !self.touch(&context.hit.span, &near.hit.span)
            })
            && self.is_bridge(near.hit.span.end..span.start)
        {
            context = None;
            if veto.is_none() {
                return self.after_directly(index, span, claimed);
            }
        } else if context.is_none() || context.as_ref().is_some_and(|near| near.gap > 8) {
            for hit in self.after(span, spec.distance) {
                if !self.reaches(hit, span, claimed) {
                    continue;
                }
                // A caption below its value stands directly there; other words in other lines are
                // about what comes next.
                let gap = span.end..hit.span.start;
                let same_line = !self.text.content().get(gap.clone()).is_some_and(|gap| gap.contains('\n'));
                let is_context =
                    self.words.is(hit.word, index, Role::Context) || self.words.is(hit.word, index, Role::ContextAfter);
                if !(same_line || is_context && self.is_bridge(gap)) {
                    continue;
                }
                // What follows counts half as much as what precedes.
                let gap = hit.span.start.saturating_sub(span.end).saturating_mul(2).saturating_add(8);
                let follows =
                    self.words.is(hit.word, index, Role::ContextAfter) && self.is_bridge(span.end..hit.span.start);
                if follows || (!spec.adjacent && self.words.is(hit.word, index, Role::Context)) {
                    if nearer(&context, gap) {
                        context = Some(Near { gap, hit });
                    }
                } else if self.words.is(hit.word, index, Role::Veto) && nearer(&veto, gap) {
                    veto = Some(Near { gap, hit });
                }
            }
        }
        // `project born on`: a veto that runs into the context word says what that is about.
        let qualified = |context: &Near| {
            let word = &context.hit.span;
            vetoes.iter().any(|veto| veto.start < word.start && word.start < veto.end)
        };
        match (context, veto) {
            (Some(context), _) if qualified(&context) => Support::Against,
            // An adjacent word stands as near as can be: what the passage is about decides.
            (Some(context), Some(veto)) if veto.gap < context.gap || spec.adjacent => Support::Against,
            (Some(context), _) => Support::For(self.evidence(context.hit)),
            (None, Some(_)) => Support::Against,
            (None, None) => Support::None,
        }
    }

    /// Whether a match that begins at `start` stands beside a known first name.
    pub(super) fn is_beside_name(&self, start: usize) -> bool {
        let (before, after) = BESIDE_NAME;
        let first = self.first_names.partition_point(|name| name.end + after < start);
        self.first_names.get(first).is_some_and(|name| name.start <= start + before)
    }

    fn after_directly(&self, index: usize, span: &Range<usize>, claimed: bool) -> Support {
        self.after(span, 24)
            .find(|hit| {
                self.words.is(hit.word, index, Role::ContextAfter)
                    && self.reaches(hit, span, claimed)
                    && self.is_bridge(span.end..hit.span.start)
            })
            .map_or(Support::None, |hit| Support::For(self.evidence(hit)))
    }

    /// Hits that begin within the distance before the match, or in it.
    fn before(&self, span: &Range<usize>, distance: usize) -> impl Iterator<Item = &'a Hit> {
        let from = span.start.saturating_sub(distance);
        let first = self.hits.partition_point(|hit| hit.span.start < from.saturating_sub(LONGEST_WORD));
        let end = span.end;
        let hits = self.hits.get(first..).unwrap_or_default();
        hits.iter().take_while(move |hit| hit.span.start < end).filter(move |hit| hit.span.end >= from)
    }

    fn after(&self, span: &Range<usize>, distance: usize) -> impl Iterator<Item = &'a Hit> {
        let first = self.hits.partition_point(|hit| hit.span.start < span.end);
        let to = span.end.saturating_add(distance);
        self.hits.get(first..).unwrap_or_default().iter().take_while(move |hit| hit.span.start < to)
    }

    /// Whether a word counts for the match by where they stand. In prose: the same record, or
    /// the one before it. In rows: the same record; another cell only if it is one of the two
    /// to the left and the match's own label does not say that it is something else (`claimed`).
    fn reaches(&self, hit: &Hit, span: &Range<usize>, claimed: bool) -> bool {
        let (there, here) = (self.text.record(hit.span.start), self.text.record(span.start));
        match self.text.shape() {
            Shape::Prose => there == here || (hit.span.end <= span.start && there.checked_add(1) == Some(here)),
            Shape::Rows => {
                if there != here {
                    return false;
                }
                let piece = |offset: usize| self.text.pieces_until(offset);
                let (there, here) = (piece(hit.span.start), piece(span.start));
                there == here || (!claimed && there < here && here - there <= 2)
            }
        }
    }

    /// A context word of a detector that takes no adjacent words: those (`Sig.`, `dipendente`)
    /// stand before other things too.
    fn is_of_another(&self, word: usize) -> bool {
        self.words.uses(word).iter().any(|&(other, role)| {
            role == Role::Context
                && self.detectors.get(other).is_some_and(|other| other.spec.pattern.is_some() && !other.spec.adjacent)
        })
    }

    /// Whether only punctuation and words that lead from a label to its value stand in the gap.
    fn is_bridge(&self, gap: Range<usize>) -> bool {
        if gap.start >= gap.end {
            return true;
        }
        let Some(between) = self.text.content().get(gap) else { return false };
        between.len() <= LONGEST_BRIDGE
            && between.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).all(is_bridge_word)
    }

    /// Whether no letter or digit stands between two words.
    fn touch(&self, first: &Range<usize>, second: &Range<usize>) -> bool {
        first.end >= second.start
            || self
                .text
                .content()
                .get(first.end..second.start)
                .is_some_and(|gap| gap.len() <= 4 && !gap.contains(|c: char| c.is_alphanumeric()))
    }

    fn evidence(&self, hit: &Hit) -> Evidence {
        let word = self.text.content().get(hit.span.clone()).unwrap_or_default();
        Evidence::Context(word.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

fn is_bridge_word(word: &str) -> bool {
    BRIDGES.iter().any(|bridge| word.eq_ignore_ascii_case(bridge))
}

/// The offsets from `from` on that only words of a bridge part from it.
pub(super) fn bridged(content: &str, from: usize) -> impl Iterator<Item = usize> {
    let rest = content.get(from..).unwrap_or_default();
    let mut word = 0;
    let mut over = false;
    rest.char_indices().take_while(|(at, _)| *at <= LONGEST_BRIDGE).map_while(move |(at, c)| {
        if over {
            return None;
        }
        if c.is_alphanumeric() {
            return Some(from + at);
        }
        // A word has ended here, or nothing has.
        let ended = rest.get(word..at).unwrap_or_default();
        word = at + c.len_utf8();
        over = !ended.is_empty() && !is_bridge_word(ended);
        (!over).then_some(from + at)
    })
}

const BRIDGES: &[&str] = &[
    "º",
    "ª",
    "numer",
    "nro",
    "číslo",
    "č",
    "szám",
    "száma",
    "номер",
    "αρ",
    "αριθμός",
    "broj",
    "br",
    "št",
    "številka",
    "numurs",
    "numeris",
    "nummer",
    "n",
    "nr",
    "no",
    "num",
    "numero",
    "number",
    "numéro",
    "número",
    "n°",
    "nº",
    "è",
    "e",
    "is",
    "ist",
    "est",
    "es",
    "lautet",
    "di",
    "del",
    "della",
    "dell",
    "der",
    "des",
    "du",
    "de",
    "of",
    "il",
    "la",
    "lo",
    "al",
    "a",
    "le",
    "el",
    "the",
    "und",
    "and",
    "et",
    "y",
    "sig",
    "ra",
    "signor",
    "signora",
    "dott",
    "ssa",
    "dr",
    "ing",
    "avv",
    "rag",
    "geom",
    "prof",
    "mr",
    "mrs",
    "ms",
    "herr",
    "herrn",
    "frau",
    "m",
    "mme",
    "mlle",
    "monsieur",
    "madame",
    "d",
    "l",
    "uff",
    "ufficio",
    "casa",
    "abitazione",
    "privat",
    "priv",
    "dienstl",
    "personale",
    "aziendale",
];
