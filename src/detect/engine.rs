//! Runs the catalogue over a text: candidates by shape and by word, then check, surroundings and confidence.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use regex::{Regex, RegexSet, RegexSetBuilder};

use crate::model::Text;

use super::catalogue::{Catalogue, Detector};
use super::check::Verdict;
use super::context::{LONGEST_BRIDGE, Label, Labels, Support, Surroundings};
use super::fold::fold;
use super::normal::normalise;
use super::words::{Hit, Role, Words};
use super::{Clear, Evidence, Match};

/// The catalogue, ready to run. Cheap to share between threads.
#[derive(Debug)]
pub struct Engine {
    detectors: Vec<Detector>,
    words: Words,
    labels: Labels,
    known_samples: Vec<HashSet<String>>,
    /// The detectors that fire without context and within one line: one pass says which of
    /// them a line may hold.
    by_line: Vec<usize>,
    line_set: RegexSet,
}

/// No match is longer, and none of a context detector begins farther from its word.
const LONGEST_MATCH: usize = 100;

/// How many words are taken off the end of a candidate whose check fails.
const MOST_CUTS: usize = 4;

impl Engine {
    pub fn new(catalogue: &Catalogue) -> Self {
        let detectors = catalogue.detectors().to_vec();
        let known = |detector: &Detector| {
            detector.spec.known_samples.iter().map(|sample| normalise(detector.normal, sample)).collect()
        };
        let by_line: Vec<usize> = detectors
            .iter()
            .enumerate()
            .filter(|(_, detector)| detector.fires_without_context() && stays_in_line(detector))
            .map(|(index, _)| index)
            .collect();
        let patterns = by_line.iter().filter_map(|index| detectors.get(*index)?.spec.pattern.as_deref());
        // Every pattern compiled alone; if they do not all fit into one set, each runs over the whole text.
        let set = RegexSetBuilder::new(patterns).size_limit(64 << 20).dfa_size_limit(16 << 20).build();
        let (line_set, by_line) = set.map_or_else(|_| (RegexSet::empty(), Vec::new()), |set| (set, by_line));
        Self {
            line_set,
            by_line,
            words: Words::new(&detectors),
            labels: Labels::new(&detectors),
            known_samples: detectors.iter().map(known).collect(),
            detectors,
        }
    }

    /// All matches, by start, then detector. A match that a surer one covers is left out.
    pub fn find(&self, text: &Text) -> Vec<Match> {
        let content = text.content();
        let hits = self.words.find(content);
        let around = Surroundings { text, words: &self.words, hits: &hits, detectors: &self.detectors };
        let labels = self.read_labels(text);
        let label_at = |offset| text.label(offset).and_then(|label| labels.get(label));
        let windows = self.windows(text, &hits, &labels);
        let mut matches = Vec::new();
        for (index, detector) in self.detectors.iter().enumerate() {
            if let Some(regex) = &detector.regex {
                let everywhere = [0..content.len()];
                let ranges = match windows.get(index) {
                    Some(Some(ranges)) => ranges.as_slice(),
                    _ => &everywhere,
                };
                for range in ranges {
                    let Some(haystack) = content.get(..range.end) else { continue };
                    let mut at = range.start;
                    while let Some(found) = regex.find_at(haystack, at) {
                        let Candidate { mut whole, value } = candidate(regex, haystack, at, found.range());
                        let first = whole.clone();
                        let mut judged = self.judge(&around, index, whole.clone(), value, label_at(whole.start));
                        // A spaced value may have run into the words or numbers after it.
                        for _ in 0..MOST_CUTS {
                            if judged.is_some() || detector.spec.check.is_none() {
                                break;
                            }
                            let Some(shorter) = cut(regex, content, &whole) else { break };
                            let value = shorter.value.clone();
                            judged = self.judge(&around, index, shorter.whole.clone(), value, label_at(whole.start));
                            whole = shorter.whole;
                        }
                        at = if judged.is_some() { whole.end } else { next_token(content, &first) };
                        matches.extend(judged);
                    }
                }
            }
        }
        self.phrases(&around, &hits, &label_at, &mut matches);
        matches.sort_by(|a, b| (a.span.start, a.detector, a.span.end).cmp(&(b.span.start, b.detector, b.span.end)));
        matches.dedup_by(|b, a| a.detector == b.detector && a.span == b.span);
        self.without_covered(matches)
    }

    fn read_labels<'t>(&self, text: &'t Text) -> HashMap<&'t str, Label> {
        let mut labels = HashMap::new();
        for label in text.pieces().iter().filter_map(|piece| piece.label.as_deref()) {
            labels.entry(label).or_insert_with(|| self.labels.read(&self.words, &self.detectors, label));
        }
        labels
    }

    /// For each detector that fires only in context, the parts of the text near one of its
    /// words or under one of its labels; none for those that fire anywhere.
    fn windows(&self, text: &Text, hits: &[Hit], labels: &HashMap<&str, Label>) -> Vec<Option<Vec<Range<usize>>>> {
        let content = text.content();
        let mut windows: Vec<Option<Vec<Range<usize>>>> = self
            .detectors
            .iter()
            .map(|detector| (detector.regex.is_some() && !detector.fires_without_context()).then(Vec::new))
            .collect();
        for hit in hits {
            for &(index, role) in self.words.get(hit.word).map_or(&[][..], |word| word.uses.as_slice()) {
                let Some(Some(ranges)) = windows.get_mut(index) else { continue };
                let Some(spec) = self.detectors.get(index).map(|detector| &detector.spec) else { continue };
                let reach = LONGEST_MATCH + if spec.adjacent { LONGEST_BRIDGE } else { spec.distance };
                let (before, after) = match role {
                    Role::Context if spec.adjacent => (0, reach),
                    Role::Context => (reach, reach),
                    Role::ContextAfter => (LONGEST_MATCH + LONGEST_BRIDGE, 0),
                    Role::Phrase | Role::Veto => continue,
                };
                ranges.push(hit.span.start.saturating_sub(before)..hit.span.end.saturating_add(after));
            }
        }
        let pieces = text.pieces();
        for (i, piece) in pieces.iter().enumerate() {
            let Some(label) = piece.label.as_deref().and_then(|label| labels.get(label)) else { continue };
            let end = pieces.get(i + 1).map_or(content.len(), |next| next.start);
            for index in label.supported() {
                if let Some(Some(ranges)) = windows.get_mut(index) {
                    ranges.push(piece.start..end);
                }
            }
        }
        self.lines(content, &mut windows);
        for ranges in windows.iter_mut().flatten() {
            merge(ranges, content);
        }
        windows
    }

    /// Adds the lines that may hold a match of a detector that fires without context.
    fn lines(&self, content: &str, windows: &mut [Option<Vec<Range<usize>>>]) {
        for index in &self.by_line {
            if let Some(window) = windows.get_mut(*index) {
                *window = Some(Vec::new());
            }
        }
        let mut start = 0;
        for line in content.split_inclusive('\n') {
            let end = start + line.len();
            for matched in &self.line_set.matches(line) {
                if let Some(Some(ranges)) = self.by_line.get(matched).and_then(|index| windows.get_mut(*index)) {
                    ranges.push(start..end);
                }
            }
            start = end;
        }
    }

    /// Weighs one candidate.
    fn judge(
        &self,
        around: &Surroundings<'_>,
        index: usize,
        whole: Range<usize>,
        value: Range<usize>,
        label: Option<&Label>,
    ) -> Option<Match> {
        let detector = self.detectors.get(index)?;
        let spec = &detector.spec;
        let content = around.text.content();
        let raw = content.get(value.clone())?;
        if !spec.unbounded && (is_inside_word(content, &whole) || is_fragment(content, &value)) {
            return None;
        }
        if spec.whole_line && !is_whole_line(content, &whole) {
            return None;
        }
        let normal = normalise(detector.normal, raw);
        let verdict = spec.check.map_or(Verdict::Silent, |check| check.run(&normal));
        let checked = match verdict {
            Verdict::Certain => true,
            Verdict::Silent => false,
            Verdict::Refuted => return None,
        };
        let support = around.support(index, detector, &whole, label);
        let table = spec.confidence;
        let confidence = match (&support, checked) {
            (Support::Against, _) => return None,
            (Support::None, false) => table.bare,
            (Support::None, true) => table.checked,
            (Support::For(_), false) => table.in_context,
            (Support::For(_), true) => table.checked_in_context,
        };
        if confidence <= 0.0 {
            return None;
        }
        let mut evidence = Vec::new();
        if let (true, Some(check)) = (checked, spec.check) {
            evidence.push(Evidence::Check(check.name()));
        }
        if let Support::For(reason) = support {
            evidence.push(reason);
        }
        if self.known_samples.get(index).is_some_and(|known| known.contains(&normal)) {
            evidence.push(Evidence::KnownSample);
        }
        Some(Match {
            detector: index,
            raw: Clear::new(raw),
            value: Clear::new(normal),
            confidence,
            evidence,
            place: around.text.place(value.start),
            record: around.text.record(value.start),
            span: value,
        })
    }

    /// Matches of the detectors that are phrases: the longest at each place.
    fn phrases<'l>(
        &self,
        around: &Surroundings<'_>,
        hits: &[Hit],
        label_at: &impl Fn(usize) -> Option<&'l Label>,
        matches: &mut Vec<Match>,
    ) {
        let mut spans: HashMap<usize, Vec<Range<usize>>> = HashMap::new();
        for hit in hits {
            for &(index, role) in self.words.get(hit.word).map_or(&[][..], |word| word.uses.as_slice()) {
                if role != Role::Phrase {
                    continue;
                }
                // Hits come by start, the longer first.
                let spans = spans.entry(index).or_default();
                if spans.last().is_none_or(|last| last.end <= hit.span.start) {
                    spans.push(hit.span.clone());
                }
            }
        }
        for (index, spans) in spans {
            let alone = self.detectors.get(index).is_some_and(|detector| detector.spec.alone);
            for (i, span) in spans.iter().enumerate() {
                if alone && has_different_neighbour(around.text, &spans, i) {
                    continue;
                }
                matches.extend(self.judge(around, index, span.clone(), span.clone(), label_at(span.start)));
            }
        }
    }

    /// Drops a match that lies within the span of a surer one of another detector: the digits
    /// of a phone number inside an IBAN, a date inside a machine-readable zone.
    fn without_covered(&self, matches: Vec<Match>) -> Vec<Match> {
        let strong = |found: &Match| matches!(found.evidence.first(), Some(Evidence::Check(_)));
        let is_value = |found: &Match| self.detectors.get(found.detector).is_some_and(|d| d.regex.is_some());
        let covered: Vec<bool> = matches
            .iter()
            .enumerate()
            .map(|(i, found)| {
                let covers = |other: &Match| {
                    other.detector != found.detector
                        && other.span.start <= found.span.start
                        && found.span.end <= other.span.end
                        && is_value(other)
                        && if other.span == found.span {
                            (strong(other), other.confidence) > (strong(found), found.confidence)
                        } else {
                            strong(other) && (!strong(found) || other.confidence >= found.confidence)
                        }
                };
                let near = |other: &&Match| other.span.start + 4 * LONGEST_MATCH > found.span.start;
                is_value(found)
                    && (matches.iter().take(i).rev().take_while(near).any(covers)
                        || matches
                            .iter()
                            .skip(i + 1)
                            .take_while(|other| other.span.start == found.span.start)
                            .any(covers))
            })
            .collect();
        matches.into_iter().zip(covered).filter(|(_, covered)| !covered).map(|(found, _)| found).collect()
    }
}

/// Sorts windows, joins those that overlap and moves their ends to the ends of words.
fn merge(ranges: &mut Vec<Range<usize>>, content: &str) {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges.drain(..) {
        let start = (0..=range.start.min(content.len())).rev().find(|at| content.is_char_boundary(*at)).unwrap_or(0);
        let mut end = range.end.min(content.len());
        while end < content.len()
            && (!content.is_char_boundary(end) || content.as_bytes().get(end).is_some_and(|b| !b.is_ascii_whitespace()))
            && end < range.end.saturating_add(256)
        {
            end += 1;
        }
        while !content.is_char_boundary(end) {
            end += 1;
        }
        match merged.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => merged.push(start..end),
        }
    }
    *ranges = merged;
}

/// Whether no match of the pattern can hold a line break, as far as its text tells.
fn stays_in_line(detector: &Detector) -> bool {
    detector.spec.pattern.as_deref().is_some_and(|pattern| {
        !["\\s", "\\n", "\\r", "\\S", "\\W", "\\D", "[^", "(?s", "\\P", "\\x", "\\u", "[[:", "\n"]
            .iter()
            .any(|part| pattern.contains(part))
    })
}

/// A place where the shape of a detector stands.
struct Candidate {
    whole: Range<usize>,
    /// The group `value`, or all of it.
    value: Range<usize>,
}

fn candidate(regex: &Regex, haystack: &str, at: usize, whole: Range<usize>) -> Candidate {
    let value = (regex.captures_len() > 1)
        .then(|| regex.captures_at(haystack, at)?.name("value").map(|value| value.range()))
        .flatten()
        .unwrap_or_else(|| whole.clone());
    Candidate { whole, value }
}

/// The same shape up to the last space in it.
fn cut(regex: &Regex, content: &str, whole: &Range<usize>) -> Option<Candidate> {
    let inside = content.get(whole.clone())?;
    let end = whole.start + inside.trim_end().rfind(char::is_whitespace)?;
    let haystack = content.get(..end)?;
    let found = regex.find_at(haystack, whole.start).filter(|found| found.start() == whole.start)?;
    Some(candidate(regex, haystack, whole.start, found.range()))
}

/// Where to look on after a candidate that was none: the real one may begin within it.
fn next_token(content: &str, span: &Range<usize>) -> usize {
    let inside = content.get(span.clone()).unwrap_or_default();
    let mut chars = inside.char_indices().skip_while(|(at, c)| *at == 0 || c.is_alphanumeric());
    chars.next().map_or(span.end, |(at, c)| span.start + at + c.len_utf8()).min(span.end)
}

fn before(content: &str, at: usize) -> Option<char> {
    content.get(..at)?.chars().next_back()
}

fn after(content: &str, at: usize) -> Option<char> {
    content.get(at..)?.chars().next()
}

/// Whether a letter or digit of the match touches another one outside it.
fn is_inside_word(content: &str, span: &Range<usize>) -> bool {
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    (word(before(content, span.start)) && word(after(content, span.start)))
        || (word(after(content, span.end)) && word(before(content, span.end)))
}

/// Whether digits at the edge of the value go on beyond a joint: parts of a UUID, of a decimal
/// number, of a version, of an IP address, of `12345678901/2024`.
fn is_fragment(content: &str, span: &Range<usize>) -> bool {
    let Some(value) = content.get(span.clone()) else { return false };
    let joint = |c: char| matches!(c, '-' | '_' | '.' | ',' | '/' | '\\' | '+' | '=');
    let token_has_digit = |token: &str| token.bytes().any(|b| b.is_ascii_digit());
    if value.starts_with(|c: char| c.is_ascii_digit()) {
        let head = content.get(..span.start).unwrap_or_default();
        let mut chars = head.chars().rev();
        if chars.next().is_some_and(joint) {
            let token: String = chars.take_while(char::is_ascii_alphanumeric).take(40).collect();
            if token_has_digit(&token) {
                return true;
            }
        }
    }
    if value.ends_with(|c: char| c.is_ascii_digit()) {
        let tail = content.get(span.end..).unwrap_or_default();
        let mut chars = tail.chars();
        if chars.next().is_some_and(joint) {
            let token: String = chars.take_while(char::is_ascii_alphanumeric).take(40).collect();
            if token_has_digit(&token) {
                return true;
            }
        }
    }
    false
}

/// Whether the match is all of its line, or its cell, but for punctuation, the word
/// `classification` and page and copy numbers.
fn is_whole_line(content: &str, span: &Range<usize>) -> bool {
    let ends = |c: char| matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    let head = content.get(..span.start).unwrap_or_default();
    let head = head.get(head.rfind(ends).map_or(0, |at| at + 1)..).unwrap_or_default();
    let tail = content.get(span.end..).unwrap_or_default();
    let tail = tail.get(..tail.find(ends).unwrap_or(tail.len())).unwrap_or_default();
    [head, tail].iter().all(|side| {
        side.len() <= 80
            && fold(side).split(|c: char| !c.is_alphanumeric()).all(|word| {
                word.is_empty() || word.bytes().all(|b| b.is_ascii_digit()) || BESIDE_MARKING.contains(&word)
            })
    })
}

/// Words that stand in one line with a marking. Folded.
const BESIDE_MARKING: &[&str] = &[
    "classifica",
    "classificazione",
    "classificato",
    "classification",
    "classified",
    "di",
    "segretezza",
    "livello",
    "level",
    "einstufung",
    "vs",
    "geheimhaltungsgrad",
    "pagina",
    "pag",
    "page",
    "seite",
    "copia",
    "copy",
    "ausfertigung",
    "esemplare",
    "exemplaire",
    "of",
    "von",
    "su",
    "n",
    "nr",
    "no",
    "sur",
    "de",
    "niveau",
    "mention",
    "marking",
    "security",
    "rel",
    "to",
    "releasable",
    "internal",
    "handling",
];

/// Whether another phrase of the same detector that says something else stands in the same
/// record or line, or in the next or previous one.
fn has_different_neighbour(text: &Text, spans: &[Range<usize>], i: usize) -> bool {
    let content = text.content();
    let Some(span) = spans.get(i) else { return false };
    let said = |span: &Range<usize>| fold(content.get(span.clone()).unwrap_or_default());
    let here = said(span);
    let record = text.record(span.start);
    let far = |other: &Range<usize>| {
        let between = if other.start < span.start { other.end..span.start } else { span.end..other.start };
        between.len() > 400 || text.record(other.start).abs_diff(record) > 1 || {
            let between = content.get(between).unwrap_or_default();
            text.record(other.start) != record && between.matches('\n').count() > 2
        }
    };
    let (earlier, later) = (spans.get(..i).unwrap_or_default(), spans.get(i + 1..).unwrap_or_default());
    earlier.iter().rev().take_while(|other| !far(other)).any(|other| said(other) != here)
        || later.iter().take_while(|other| !far(other)).any(|other| said(other) != here)
}
