//! Where which detectors are worth trying: by the shapes of numbers, by words near by, by labels.
//!
//! Whatever is left out here could not have become a match: `Engine::find` gives the same as
//! trying every detector at every place, which a test compares.

use std::ops::Range;

use memchr::memmem;

use super::beginnings::Words as TextWords;
use super::beginnings::{Beginning, Beginnings, push_all, push_at};
use super::bits::Bits;
use super::byte_set::ByteSet;
use super::catalogue::Detector;
use super::context::{LONGEST_BRIDGE, Label, bridged};
use super::numbers::{Near, Numbers};

use super::start::{Start, bytes_before, farthest};
use super::start_words::StartWord;
use super::way::{self, FARTHEST_LEAD, Sought, Way};
use super::words::{Found, Hit, Role, Words};

/// No match of a detector that needs context begins farther from its word than this and its distance.
pub(super) const LONGEST_MATCH: usize = 100;

/// How far from a known first name a match begins that must stand beside one: before, after.
pub(super) const BESIDE_NAME: (usize, usize) = (100, 200);

/// What a word says about places.
#[derive(Clone, Debug, Default)]
struct Reach {
    /// Detectors of numbers that may stand on both sides of it.
    near: Option<Box<Bits>>,
    /// Detectors of numbers that stand directly after it.
    next: Option<Box<Bits>>,
    /// The other detectors: on both sides, with the distance; directly after it; directly before it.
    others_near: Vec<(usize, usize)>,
    others_next: Vec<usize>,
    others_before: Vec<usize>,
}

/// A detector whose matches hold a part.
#[derive(Debug)]
struct Holds {
    detector: usize,
    part: memmem::Finder<'static>,
    /// The most bytes that stand before it in a match, and which these can be.
    before: usize,
    bytes_before: ByteSet,
}

/// The catalogue by places.
#[derive(Debug)]
pub(super) struct Places {
    ways: Vec<Way>,
    longest_distance: usize,
    beginnings: Vec<Option<Beginning>>,
    numbers: Numbers,
    reach: Vec<Reach>,
    /// Detectors that need no word near by, by way.
    holds: Vec<Holds>,
    by_name: Beginnings,
    everywhere: Beginnings,
}

/// A place and the detector to try there; they are ordered by place, then detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate(u64);

impl Candidate {
    const DETECTOR_BITS: u32 = 16;

    pub(super) fn new(start: usize, detector: usize) -> Self {
        Self((start as u64) << Self::DETECTOR_BITS | detector as u64)
    }

    #[allow(clippy::cast_possible_truncation, reason = "it was a usize")]
    pub(super) fn start(self) -> usize {
        (self.0 >> Self::DETECTOR_BITS) as usize
    }

    #[allow(clippy::cast_possible_truncation, reason = "the lower bits of it")]
    pub(super) fn detector(self) -> usize {
        usize::from(self.0 as u16)
    }
}

/// What a text offers beside its words.
pub(super) struct Pieces<'a> {
    pub(super) content: &'a str,
    pub(super) found: &'a Found,
    /// Parts of the text under a label, in order.
    pub(super) labelled: &'a [(Range<usize>, &'a Label)],
}

/// How the places of each detector are found.
fn ways(detectors: &[Detector]) -> Vec<Way> {
    way::ways(detectors.iter().map(|detector| Sought {
        start: detector.start.as_deref(),
        holds: detector.spec.holds.as_deref(),
        beside_name: detector.spec.beside_name,
        fires_without_context: detector.fires_without_context(),
    }))
}

/// The words with which patterns begin, for the lexicon.
pub(super) fn start_words(detectors: &[Detector]) -> Vec<(usize, StartWord)> {
    way::start_words(&ways(detectors), detectors.iter().map(|detector| detector.start.as_deref()))
}

impl Places {
    /// What needs no words; [`Places::reach`] comes after it.
    pub(super) fn new(detectors: &[Detector]) -> Self {
        let mut places = Self {
            ways: Vec::new(),
            longest_distance: detectors.iter().map(|detector| detector.spec.distance).max().unwrap_or(0),
            beginnings: Vec::new(),
            numbers: Numbers::new(),
            reach: Vec::new(),
            holds: Vec::new(),
            by_name: Beginnings::default(),
            everywhere: Beginnings::default(),
        };
        for (index, (way, detector)) in ways(detectors).into_iter().zip(detectors).enumerate() {
            if let Some(start) = &detector.start {
                places.add(index, detector, start, &way);
            }
            places.ways.push(way);
            places.beginnings.push(detector.start.as_deref().map(Beginning::new));
        }
        places.numbers.complete();
        places
    }

    /// How far words reach.
    pub(super) fn reach(&mut self, detectors: &[Detector], words: &Words) {
        self.reach = (0..words.all().len()).map(|word| self.reach_of(detectors, words.uses(word))).collect();
    }

    fn add(&mut self, index: usize, detector: &Detector, start: &Start, way: &Way) {
        match way {
            Way::Number(_) => {
                if let Some(number) = &start.number {
                    self.numbers.add(index, detector, start, number);
                }
            }
            Way::Holds(part) => {
                let hir = detector.pattern.as_ref().and_then(|pattern| pattern.hir());
                let before = hir.as_ref().and_then(|hir| farthest(hir, part)).or(start.longest).unwrap_or(usize::MAX);
                let bytes_before = hir.map_or(ByteSet::ALL, |hir| bytes_before(&hir, part));
                let part = memmem::Finder::new(part).into_owned();
                self.holds.push(Holds { detector: index, part, before, bytes_before });
            }
            Way::Name => self.by_name.add(index, &Beginning::new(start)),
            Way::Everywhere => self.everywhere.add(index, &Beginning::new(start)),
            Way::Phrases | Way::Word | Way::Context => {}
        }
    }

    fn reach_of(&self, detectors: &[Detector], uses: &[(usize, Role)]) -> Reach {
        let mut reach = Reach::default();
        for &(index, role) in uses {
            let (Some(way), Some(detector)) = (self.ways.get(index), detectors.get(index)) else { continue };
            let spec = &detector.spec;
            match (way, role) {
                (_, Role::Phrase | Role::Veto) | (Way::Phrases | Way::Word | Way::Holds(_) | Way::Everywhere, _) => {}
                (Way::Number(bit), Role::Context) if spec.adjacent => {
                    reach.next.get_or_insert_default().insert(*bit);
                }
                (Way::Number(bit), _) => reach.near.get_or_insert_default().insert(*bit),
                (_, Role::ContextAfter) => reach.others_before.push(index),
                (_, Role::Context) if spec.adjacent => reach.others_next.push(index),
                (_, Role::Context) => reach.others_near.push((index, spec.distance)),
            }
        }
        reach
    }

    /// Every place where a detector may match, by place.
    pub(super) fn find(&self, text: &Pieces<'_>, near: &mut Near, candidates: &mut Vec<Candidate>) {
        candidates.clear();
        let content = text.content;
        let words = TextWords { content, begin: &text.found.begin };
        self.gather(text, near);
        self.numbers.find(content, &text.found.numbers, near, text.labelled, candidates);
        self.around_words(text, &words, candidates);
        self.under_labels(text, &words, candidates);
        for &(detector, start) in &text.found.starts {
            self.push(content, start, detector, candidates);
        }
        for holds in &self.holds {
            let mut windows: Vec<Range<usize>> = Vec::new();
            for at in holds.part.find_iter(content.as_bytes()) {
                let reach = content.as_bytes().get(at.saturating_sub(holds.before)..at).unwrap_or_default();
                let before = reach.iter().rev().take_while(|byte| holds.bytes_before.contains(**byte)).count();
                extend(&mut windows, at - before..at + 1);
            }
            self.push_all(&words, windows, holds.detector, candidates);
        }
        let mut windows: Vec<Range<usize>> = Vec::new();
        for name in &text.found.first_names {
            extend(&mut windows, beside(name));
        }
        for window in &windows {
            self.by_name.push(&words, window, candidates);
        }
        self.everywhere.push(&words, &(0..content.len()), candidates);
        // In order by and by: what keeps such runs is faster than what does not.
        candidates.sort();
        candidates.dedup();
    }

    /// Which detectors of numbers have a word near by, and where.
    fn gather(&self, text: &Pieces<'_>, near: &mut Near) {
        near.clear(text.content.len());
        // The number itself stands up to so many bytes after the start of its match.
        for hit in &text.found.hits {
            let Some(reach) = self.reach.get(hit.word) else { continue };
            if let Some(bits) = &reach.near {
                let reach = LONGEST_MATCH + self.longest_distance;
                near.add(bits, hit.span.start.saturating_sub(reach), hit.span.end + reach);
            }
            if let Some(bits) = &reach.next {
                near.add(bits, hit.span.end, hit.span.end + LONGEST_BRIDGE + FARTHEST_LEAD);
            }
        }
        let mut windows: Vec<Range<usize>> = Vec::new();
        for name in &text.found.first_names {
            let Range { start, end } = beside(name);
            extend(&mut windows, start..end + FARTHEST_LEAD);
        }
        for window in windows {
            near.add(&self.numbers.beside_name, window.start, window.end);
        }
    }

    fn around_words(&self, text: &Pieces<'_>, words: &TextWords<'_>, into: &mut Vec<Candidate>) {
        // Detectors with the parts of the text where they may stand.
        let mut windows: Vec<(usize, usize, usize)> = Vec::new();
        for hit in &text.found.hits {
            let Some(reach) = self.reach.get(hit.word) else { continue };
            if !reach.others_next.is_empty() {
                self.directly_after(text.content, hit, &reach.others_next, into);
            }
            let Range { start, end } = hit.span;
            for &index in &reach.others_before {
                windows.push((index, start.saturating_sub(LONGEST_MATCH + LONGEST_BRIDGE), start));
            }
            for &(index, distance) in &reach.others_near {
                windows.push((index, start.saturating_sub(LONGEST_MATCH + distance), end + distance + 1));
            }
        }
        windows.sort_unstable();
        for of_one in windows.chunk_by(|a, b| a.0 == b.0) {
            let mut joined: Vec<Range<usize>> = Vec::new();
            for (_, start, end) in of_one {
                extend(&mut joined, *start..*end);
            }
            if let Some((index, ..)) = of_one.first() {
                self.push_all(words, joined, *index, into);
            }
        }
    }

    /// The places that only words such as `n.` and `di` part from a word.
    fn directly_after(&self, content: &str, hit: &Hit, detectors: &[usize], into: &mut Vec<Candidate>) {
        for start in bridged(content, hit.span.end) {
            for &detector in detectors {
                self.push(content, start, detector, into);
            }
        }
    }

    fn under_labels(&self, text: &Pieces<'_>, words: &TextWords<'_>, into: &mut Vec<Candidate>) {
        for (part, label) in text.labelled {
            for detector in label.supported() {
                if let Some(Way::Context | Way::Name) = self.ways.get(detector) {
                    self.push_all(words, std::iter::once(part.clone()), detector, into);
                }
            }
        }
    }

    /// Every place in the windows where a match may begin.
    fn push_all(
        &self,
        text: &TextWords<'_>,
        windows: impl IntoIterator<Item = Range<usize>>,
        detector: usize,
        into: &mut Vec<Candidate>,
    ) {
        let Some(Some(beginning)) = self.beginnings.get(detector) else { return };
        windows.into_iter().for_each(|window| push_all(text, &window, beginning, detector, into));
    }

    fn push(&self, content: &str, at: usize, detector: usize, into: &mut Vec<Candidate>) {
        if let Some(Some(beginning)) = self.beginnings.get(detector) {
            push_at(content, at, beginning, detector, into);
        }
    }

    /// Bits of the detectors of numbers among `detectors`.
    pub(super) fn number_bits(&self, detectors: impl Iterator<Item = usize>) -> Bits {
        let mut bits = Bits::default();
        for detector in detectors {
            if let Some(Way::Number(bit)) = self.ways.get(detector) {
                bits.insert(*bit);
            }
        }
        bits
    }
}

/// Where a match may begin that must stand beside this first name.
fn beside(name: &Range<usize>) -> Range<usize> {
    name.start.saturating_sub(BESIDE_NAME.0)..name.end + BESIDE_NAME.1 + 1
}

/// Adds a window; they come by their starts, or nearly.
fn extend(windows: &mut Vec<Range<usize>>, window: Range<usize>) {
    match windows.last_mut() {
        Some(last) if window.start <= last.end && window.start >= last.start => last.end = last.end.max(window.end),
        _ => windows.push(window),
    }
}
