//! Where which detectors are worth trying: by the shapes of numbers, by words near by, by labels.
//!
//! Whatever is left out here could not have become a match: `Engine::find` gives the same as
//! trying every detector at every place, which a test compares.

use std::ops::Range;

use memchr::memmem;

use super::bits::{Bits, MOST};
use super::catalogue::Detector;
use super::context::{LONGEST_BRIDGE, Label, bridged};
use super::edges::may_begin_at;
use super::pattern::{Union, UnionState};
use super::start::{LONGEST_RUN, MOST_DIGITS, Start, StartWord};
use super::words::{Found, Hit, Number, Role, StartOf, Words};

/// No match of a detector that needs context begins farther from its word than this and its distance.
pub(super) const LONGEST_MATCH: usize = 100;

/// How far from a known first name a match begins that must stand beside one: before, after.
pub(super) const BESIDE_NAME: (usize, usize) = (100, 200);

/// More bytes before the first digit than this, and the detector is not looked for by its numbers.
const FARTHEST_LEAD: usize = 24;

/// Words near by are gathered for so many bytes at once.
const BLOCK: usize = 128;

/// How the places of a detector are found.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    /// It is no pattern.
    Phrases,
    /// By the run that holds its first digit; the place of its bit.
    Number(usize),
    /// By the words with which it begins.
    Word,
    /// By what it must hold.
    Holds(String),
    /// Around first names, and by context and labels.
    Name,
    /// By context and labels only.
    Context,
    /// At every word.
    Everywhere,
}

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

/// The catalogue by places.
#[derive(Debug)]
pub(super) struct Places {
    ways: Vec<Way>,
    longest_distance: usize,
    starts: Vec<Option<Start>>,
    /// Detector of each bit.
    numbers: Vec<usize>,
    /// Bytes before the number, by bit.
    leads: Vec<usize>,
    with_lead: Bits,
    bare: Bits,
    /// By digits and length of a run: what may begin with it.
    shapes: Vec<Bits>,
    /// By its first byte: what may begin with it.
    first: Vec<Bits>,
    /// All detectors of numbers that fire without context, as one.
    bare_union: Union,
    reach: Vec<Reach>,
    /// Detectors that need no word near by, by way.
    holds: Vec<(usize, memmem::Finder<'static>)>,
    by_name: Vec<usize>,
    everywhere: Vec<usize>,
}

/// A place and the detector to try there.
pub(super) type Candidate = (usize, usize);

/// What a text offers beside its words.
pub(super) struct Pieces<'a> {
    pub(super) content: &'a str,
    pub(super) found: &'a Found,
    /// Parts of the text under a label, in order.
    pub(super) labelled: &'a [(Range<usize>, &'a Label)],
}

/// The words with which patterns begin, for [`Words::new`].
pub(super) fn start_words(starts: &[Option<Start>], detectors: &[Detector]) -> Vec<(usize, StartWord)> {
    let words = |(index, way): (usize, &Way)| {
        let start = starts.get(index).and_then(Option::as_ref).filter(|_| *way == Way::Word);
        start.and_then(|start| start.words.clone()).into_iter().flatten().map(move |word| (index, word))
    };
    ways(starts, detectors).iter().enumerate().flat_map(words).collect()
}

fn ways(starts: &[Option<Start>], detectors: &[Detector]) -> Vec<Way> {
    let mut bits = 0;
    let way = |(start, detector): (&Option<Start>, &Detector)| {
        let way = way(detector, start.as_ref(), bits);
        bits += usize::from(matches!(way, Way::Number(_)));
        way
    };
    starts.iter().zip(detectors).map(way).collect()
}

fn way(detector: &Detector, start: Option<&Start>, bits: usize) -> Way {
    let spec = &detector.spec;
    let Some(start) = start else { return Way::Phrases };
    if spec.beside_name {
        return Way::Name;
    }
    if let Some(part) = &spec.holds {
        return Way::Holds(part.clone());
    }
    if start.digit.as_ref().is_some_and(|(_, lead)| *lead <= FARTHEST_LEAD) && bits < MOST {
        return Way::Number(bits);
    }
    if start.words.is_some() {
        return Way::Word;
    }
    if detector.fires_without_context() { Way::Everywhere } else { Way::Context }
}

impl Places {
    pub(super) fn new(detectors: &[Detector], starts: Vec<Option<Start>>, words: &Words) -> Self {
        let mut places = Self {
            ways: Vec::new(),
            longest_distance: detectors.iter().map(|detector| detector.spec.distance).max().unwrap_or(0),
            starts: Vec::new(),
            numbers: Vec::new(),
            leads: Vec::new(),
            with_lead: Bits::default(),
            bare: Bits::default(),
            shapes: vec![Bits::default(); (MOST_DIGITS + 1) * (LONGEST_RUN + 1)],
            first: vec![Bits::default(); 256],
            bare_union: Union::new(std::iter::empty()),
            reach: Vec::new(),
            holds: Vec::new(),
            by_name: Vec::new(),
            everywhere: Vec::new(),
        };
        for (index, way) in ways(&starts, detectors).into_iter().enumerate() {
            let (Some(detector), Some(start)) = (detectors.get(index), starts.get(index)) else { continue };
            match &way {
                Way::Number(bit) => places.add_number(index, detector, start.as_ref(), *bit),
                Way::Holds(part) => places.holds.push((index, memmem::Finder::new(part).into_owned())),
                Way::Name => places.by_name.push(index),
                Way::Everywhere => places.everywhere.push(index),
                Way::Phrases | Way::Word | Way::Context => {}
            }
            places.ways.push(way);
        }
        let bare = places
            .bare
            .iter()
            .filter_map(|bit| places.numbers.get(bit))
            .filter_map(|index| Some((*index, detectors.get(*index)?.spec.pattern.clone()?)));
        places.bare_union = Union::new(bare);
        places.starts = starts;
        places.reach = words.all().iter().map(|word| places.reach_of(detectors, &word.uses)).collect();
        places
    }

    pub(super) fn shown(&self, d: &[Detector]) { for (w, d) in self.ways.iter().zip(d) { if *w != Way::Phrases { eprintln!("{} {w:?}", d.spec.id); } } }

    fn add_number(&mut self, index: usize, detector: &Detector, start: Option<&Start>, bit: usize) {
        self.numbers.push(index);
        let Some(start) = start else { return };
        let Some((shapes, lead)) = &start.digit else { return };
        self.leads.push(*lead);
        if *lead > 0 {
            self.with_lead.insert(bit);
        }
        if detector.fires_without_context() {
            self.bare.insert(bit);
        }
        for (digits, lengths) in shapes.iter().enumerate() {
            for length in (0..=LONGEST_RUN).filter(|length| lengths >> length & 1 == 1) {
                if let Some(bits) = self.shapes.get_mut(shape(digits, length)) {
                    bits.insert(bit);
                }
            }
        }
        for (byte, bits) in self.first.iter_mut().enumerate() {
            if start.first.get(byte) == Some(&true) {
                bits.insert(bit);
            }
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
    pub(super) fn find(&self, text: &Pieces<'_>, state: &mut UnionState, candidates: &mut Vec<Candidate>) {
        candidates.clear();
        self.numbers(text, state, candidates);
        self.around_words(text, candidates);
        self.under_labels(text, candidates);
        for &(detector, start) in &text.found.starts {
            self.push(text.content, start, detector, candidates);
        }
        for (detector, finder) in &self.holds {
            let mut windows: Vec<Range<usize>> = Vec::new();
            for at in finder.find_iter(text.content.as_bytes()) {
                extend(&mut windows, at.saturating_sub(LONGEST_MATCH)..at + 1);
            }
            self.push_all(text.content, windows, *detector, candidates);
        }
        if !text.found.first_names.is_empty() {
            let mut windows: Vec<Range<usize>> = Vec::new();
            for name in &text.found.first_names {
                extend(&mut windows, name.start.saturating_sub(BESIDE_NAME.0)..name.end + BESIDE_NAME.1 + 1);
            }
            for detector in &self.by_name {
                self.push_all(text.content, windows.iter().cloned(), *detector, candidates);
            }
        }
        for detector in &self.everywhere {
            self.push_all(text.content, std::iter::once(0..text.content.len()), *detector, candidates);
        }
        candidates.sort_unstable();
        candidates.dedup();
    }

    fn numbers(&self, text: &Pieces<'_>, state: &mut UnionState, into: &mut Vec<Candidate>) {
        if self.numbers.is_empty() || text.found.numbers.is_empty() {
            return;
        }
        let near = self.near(text);
        let mut labelled = text.labelled.iter().peekable();
        for number in &text.found.numbers {
            let shape = shape(number.digits.min(MOST_DIGITS), number.length.min(LONGEST_RUN));
            let Some(shapes) = self.shapes.get(shape) else { continue };
            let mut wanted = near.get(number.start / BLOCK).copied().unwrap_or_default();
            while labelled.next_if(|(part, _)| part.end <= number.start).is_some() {}
            if let Some((part, label)) = labelled.peek()
                && part.start <= number.start
            {
                wanted.add(label.numbers());
            }
            let in_context = shapes.and(&wanted);
            for bit in in_context.iter() {
                self.push_number(text.content, *number, bit, into);
            }
            let bare = shapes.and(&self.bare);
            if !bare.is_empty() {
                self.push_bare(text.content, *number, &bare, state, into);
            }
        }
    }

    /// By block, which detectors of numbers have a word near it.
    fn near(&self, text: &Pieces<'_>) -> Vec<Bits> {
        let mut blocks = vec![Bits::default(); text.content.len() / BLOCK + 1];
        let mut add = |bits: &Bits, from: usize, to: usize| {
            let last = (to / BLOCK).min(blocks.len() - 1);
            for block in blocks.get_mut(from / BLOCK..=last).unwrap_or_default() {
                block.add(bits);
            }
        };
        // The number itself stands up to so many bytes after the start of its match.
        for hit in &text.found.hits {
            let Some(reach) = self.reach.get(hit.word) else { continue };
            if let Some(bits) = &reach.near {
                let reach = LONGEST_MATCH + self.longest_distance;
                add(bits, hit.span.start.saturating_sub(reach), hit.span.end + reach);
            }
            if let Some(bits) = &reach.next {
                add(bits, hit.span.end, hit.span.end + LONGEST_BRIDGE + FARTHEST_LEAD);
            }
        }
        blocks
    }

    /// The places where a match may begin that has its first digit in `number`.
    fn push_number(&self, content: &str, number: Number, bit: usize, into: &mut Vec<Candidate>) {
        let (Some(&detector), Some(&lead)) = (self.numbers.get(bit), self.leads.get(bit)) else { return };
        let bytes = content.as_bytes();
        self.push(content, number.start, detector, into);
        for back in 1..=lead {
            let Some(start) = number.start.checked_sub(back) else { return };
            match bytes.get(start) {
                Some(byte) if byte.is_ascii_digit() => return,
                Some(_) => self.push(content, start, detector, into),
                None => return,
            }
        }
    }

    fn push_bare(&self, content: &str, number: Number, bare: &Bits, state: &mut UnionState, into: &mut Vec<Candidate>) {
        let bytes = content.as_bytes();
        let leads = bare.and(&self.with_lead);
        let mut farthest = 0;
        for bit in leads.iter() {
            farthest = farthest.max(self.leads.get(bit).copied().unwrap_or(0));
        }
        for back in 0..=farthest {
            let Some(start) = number.start.checked_sub(back) else { return };
            let Some(&byte) = bytes.get(start) else { return };
            if back > 0 && byte.is_ascii_digit() {
                return;
            }
            let possible = if back == 0 { bare } else { &leads };
            let begins = self.first.get(usize::from(byte)).is_some_and(|first| !possible.and(first).is_empty());
            if begins && may_begin_at(content, start) {
                self.bare_union.at(state, content, start, |detector| into.push((start, detector)));
            }
        }
    }

    fn around_words(&self, text: &Pieces<'_>, into: &mut Vec<Candidate>) {
        let mut windows: Vec<Vec<Range<usize>>> = vec![Vec::new(); self.ways.len()];
        for hit in &text.found.hits {
            let Some(reach) = self.reach.get(hit.word) else { continue };
            if !reach.others_next.is_empty() {
                self.directly_after(text.content, hit, &reach.others_next, into);
            }
            for &index in &reach.others_before {
                if let Some(windows) = windows.get_mut(index) {
                    extend(windows, hit.span.start.saturating_sub(LONGEST_MATCH + LONGEST_BRIDGE)..hit.span.start);
                }
            }
            for &(index, distance) in &reach.others_near {
                if let Some(windows) = windows.get_mut(index) {
                    let before = hit.span.start.saturating_sub(LONGEST_MATCH + distance);
                    extend(windows, before..hit.span.end + distance + 1);
                }
            }
        }
        for (index, windows) in windows.into_iter().enumerate() {
            if !windows.is_empty() {
                self.push_all(text.content, windows, index, into);
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

    fn under_labels(&self, text: &Pieces<'_>, into: &mut Vec<Candidate>) {
        for (part, label) in text.labelled {
            for detector in label.supported() {
                match self.ways.get(detector) {
                    Some(Way::Context | Way::Name) => {
                        self.push_all(text.content, std::iter::once(part.clone()), detector, into);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Every place in the windows where a match may begin.
    fn push_all(
        &self,
        content: &str,
        windows: impl IntoIterator<Item = Range<usize>>,
        detector: usize,
        into: &mut Vec<Candidate>,
    ) {
        let Some(Some(start)) = self.starts.get(detector) else { return };
        for window in windows {
            let end = window.end.min(content.len());
            let Some(bytes) = content.as_bytes().get(window.start.min(end)..end) else { continue };
            for (i, byte) in bytes.iter().enumerate() {
                let at = window.start + i;
                if start.first.get(usize::from(*byte)) == Some(&true) && may_begin_at(content, at) {
                    into.push((at, detector));
                }
            }
        }
    }

    fn push(&self, content: &str, at: usize, detector: usize, into: &mut Vec<Candidate>) {
        let Some(Some(start)) = self.starts.get(detector) else { return };
        let Some(byte) = content.as_bytes().get(at) else { return };
        if start.first.get(usize::from(*byte)) == Some(&true) && may_begin_at(content, at) {
            into.push((at, detector));
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

/// Adds a window; they come by their starts, or nearly.
fn extend(windows: &mut Vec<Range<usize>>, window: Range<usize>) {
    match windows.last_mut() {
        Some(last) if window.start <= last.end && window.start >= last.start => last.end = last.end.max(window.end),
        _ => windows.push(window),
    }
}

fn shape(digits: usize, length: usize) -> usize {
    digits * (LONGEST_RUN + 1) + length
}

/// The words with which patterns begin, as [`Words::new`] takes them.
pub(super) fn as_starts(words: &[(usize, StartWord)]) -> Vec<StartOf<'_>> {
    words
        .iter()
        .map(|(name, word)| StartOf { text: &word.text, stem: word.stem, lead: word.lead, name: *name })
        .collect()
}
