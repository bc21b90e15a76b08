//! Runs the catalogue over a text: candidates by shape and by word, then check, surroundings and confidence.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Mutex;

use crate::model::Text;
use crate::model::finding::Mask;

use super::candidates::{Candidate, Pieces, Places, start_words};
use super::catalogue::{Catalogue, Detector};
use super::check::Verdict;
use super::check::person::known_first_names;
use super::column::{self, Kinds};
use super::context::{Label, Labels, Support, Surroundings};
use super::cover::without_covered;
use super::edges::{
    ends_inside_word, has_different_neighbour, heads_line, is_fragment, is_part_of_code, is_whole_line, may_begin_at,
};
use super::lexicon::Lexicon;
use super::normal::normalise;
use super::numbers::Near;
use super::shape::cut;
use super::text_labels::TextLabels;
use super::words::{Found, Hit, Role, Words, written};
use super::{Clear, Evidence, Match};

/// The catalogue, ready to run. Cheap to share between threads.
#[derive(Debug)]
pub struct Engine {
    pub(super) detectors: Vec<Detector>,
    words: Words,
    places: Places,
    labels: Labels,
    kinds: Kinds,
    known_samples: Vec<HashSet<String>>,
    /// What no thread uses at the moment.
    desks: Mutex<Vec<Desk>>,
}

/// What a thread works with, kept for the next text.
#[derive(Debug, Default)]
struct Desk {
    found: Found,
    near: Near,
    candidates: Vec<Candidate>,
}

/// How many words are taken off the end of a candidate whose check fails.
const MOST_CUTS: usize = 4;

impl Engine {
    pub fn new(catalogue: &Catalogue) -> Self {
        let detectors = catalogue.detectors().to_vec();
        let known = |detector: &Detector| {
            detector.spec.known_samples.iter().map(|sample| normalise(detector.normal, sample)).collect()
        };
        let words = || {
            let made = || Lexicon::new(written(&detectors), known_first_names(), &start_words(&detectors));
            Words::from(catalogue.lexicon().unwrap_or_else(made))
        };
        // Two halves of about the same size: who scans one small file waits for this.
        let ((words, labels), (mut places, kinds, known_samples)) = std::thread::scope(|scope| {
            let half = scope.spawn(|| (words(), Labels::new(&detectors)));
            let known_samples = detectors.iter().map(known).collect();
            let other = (Places::new(&detectors), Kinds::new(&detectors), known_samples);
            (half.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), other)
        });
        places.reach(&detectors, &words);
        Self { places, words, labels, kinds, known_samples, desks: Mutex::default(), detectors }
    }

    /// All matches, by start, then detector. A match that a surer one covers is left out.
    ///
    /// A match of a pattern is what the pattern matches from a place on at which no word and no
    /// character goes on, unless an earlier match of the same detector reaches there.
    pub fn find(&self, text: &Text) -> Vec<Match> {
        let mut desk = self.desks.lock().ok().and_then(|mut desks| desks.pop()).unwrap_or_default();
        self.words.find(text.content(), &mut desk.found);
        let labels = self.read_labels(text);
        let labelled = labels.telling(text);
        let pieces = Pieces { content: text.content(), found: &desk.found, labelled: &labelled };
        self.places.find(&pieces, &mut desk.near, &mut desk.candidates);
        let matches = self.matches(text, &desk.found, &labels, &desk.candidates);
        if let Ok(mut desks) = self.desks.lock() {
            desks.push(desk);
        }
        matches
    }

    /// Tries every candidate, which are sorted, and weighs what stands there.
    pub(super) fn matches(
        &self,
        text: &Text,
        found: &Found,
        labels: &TextLabels<'_>,
        candidates: &[Candidate],
    ) -> Vec<Match> {
        let content = text.content();
        let Found { hits, first_names, .. } = found;
        let around = Surroundings { text, words: &self.words, hits, first_names, detectors: &self.detectors };
        let label_at = |offset| labels.at(text, offset);
        let mut matches = Vec::new();
        let mut reached = vec![0; self.detectors.len()];
        for candidate in candidates {
            let (start, index) = (candidate.start(), candidate.detector());
            let (Some(detector), Some(reached)) = (self.detectors.get(index), reached.get_mut(index)) else { continue };
            let Some(pattern) = &detector.pattern else { continue };
            if start < *reached {
                continue;
            }
            let Some(candidate) = pattern.at(content, start) else { continue };
            let label = label_at(start);
            let mut whole = candidate.whole;
            let mut judged = self.judge(&around, index, whole.clone(), candidate.value, label);
            // A spaced value may have run into the words or numbers after it.
            for _ in 0..MOST_CUTS {
                if judged.is_some() || detector.spec.check.is_none() {
                    break;
                }
                let Some(shorter) = cut(pattern, content, &whole) else { break };
                whole = shorter.whole;
                judged = self.judge(&around, index, whole.clone(), shorter.value, label);
            }
            if judged.is_some() {
                *reached = whole.end;
            }
            matches.extend(judged);
        }
        self.phrases(&around, hits, &label_at, &mut matches);
        column::add_matches(text, &self.detectors, &self.kinds, labels, &mut matches);
        matches.sort_by_key(|found| (found.span.start, found.detector, found.span.end));
        matches.dedup_by(|b, a| a.detector == b.detector && a.span == b.span);
        without_covered(&self.detectors, matches)
    }

    #[cfg(test)]
    pub(super) fn hits(&self, content: &str) -> Vec<Hit> {
        let mut found = Found::default();
        self.words.find(content, &mut found);
        found.hits
    }

    /// Every phrase and context word, and whether its case counts.
    #[cfg(test)]
    pub(super) fn written(&self) -> Vec<(String, bool)> {
        self.words.written(&self.detectors)
    }

    pub(super) fn read_labels<'t>(&self, text: &'t Text) -> TextLabels<'t> {
        TextLabels::new(text, |label| self.labels.of(&self.words, &self.places, &self.detectors, label))
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
        if !may_begin_at(content, whole.start) {
            return None;
        }
        if !spec.unbounded && (ends_inside_word(content, whole.end) || is_fragment(content, &value)) {
            return None;
        }
        if spec.mask == Mask::Name && is_part_of_code(content, &whole) {
            return None;
        }
        if spec.whole_line && !is_whole_line(content, &whole) || spec.heads_line && !heads_line(content, &whole) {
            return None;
        }
        // Most candidates for a name end here: their normal form comes later.
        let written = spec.check.filter(|check| check.reads_written()).map(|check| check.run(raw));
        if written == Some(Verdict::Refuted) {
            return None;
        }
        let normal = normalise(detector.normal, raw);
        let verdict = written.unwrap_or_else(|| spec.check.map_or(Verdict::Silent, |check| check.run(&normal)));
        if spec.plausible.is_some_and(|check| check.run(&normal) == Verdict::Refuted)
            || spec.holds.as_ref().is_some_and(|part| !content.get(whole.clone()).unwrap_or_default().contains(part))
            || (spec.holds_digit
                && !content.get(whole.clone()).unwrap_or_default().contains(|c: char| c.is_ascii_digit()))
        {
            return None;
        }
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
        let beside_name = !spec.beside_name || matches!(support, Support::For(_)) || around.is_beside_name(whole.start);
        if confidence <= 0.0 || !beside_name {
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
            for &(index, role) in self.words.uses(hit.word) {
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
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::detect::example::example_text;
    use crate::model::{Place, Shape};

    /// Two kinds of eleven digits that only their words tell apart, and a shape that needs none.
    const DETECTORS: &str = r#"
        [[detector]]
        id = "a.badge"
        title = "badge"
        category = "employee_number"
        pattern = '(?-u:\b)[0-9]{11}(?-u:\b)'
        context = ["badge", "staff number"]
        labels = ["BDG_NO"]
        veto = ["order", "badge order"]
        known_samples = ["12345678901"]
        confidence = { in_context = 0.8 }
        references = ["r"]
        examples = ["e"]
        counterexamples = ["c"]

        [[detector]]
        id = "a.meter"
        title = "meter"
        category = "phone"
        pattern = '(?-u:\b)[0-9]{11}(?-u:\b)'
        context = ["meter"]
        confidence = { in_context = 0.7 }
        references = ["r"]
        examples = ["e"]
        counterexamples = ["c"]

        [[detector]]
        id = "a.card"
        title = "card"
        category = "payment_card"
        pattern = '(?-u:\b)[0-9]{4}(?: [0-9]{4}){1,3}(?-u:\b)'
        check = "luhn"
        confidence = { checked = 0.6 }
        references = ["r"]
        examples = ["e"]
        counterexamples = ["c"]

        [[detector]]
        id = "a.short"
        title = "any four digits"
        category = "phone"
        pattern = '(?-u:\b)[0-9]{4}(?-u:\b)'
        confidence = { bare = 0.5 }
        references = ["r"]
        examples = ["e"]
        counterexamples = ["c"]

        [[detector]]
        id = "a.word"
        title = "word"
        category = "health"
        phrases = ["neoplas*", "cod* rosso", "badge", "badge holder"]
        confidence = { bare = 0.5 }
        references = ["r"]
        examples = ["e"]
        counterexamples = ["c"]

        [[detector]]
        id = "a.mark"
        title = "mark"
        category = "classified"
        phrases = ["GELB", "BLAU"]
        exact_case = true
        whole_line = true
        alone = true
        confidence = { bare = 0.5 }
        references = ["r"]
        examples = ["e"]
        counterexamples = ["c"]
    "#;

    fn engine() -> (Catalogue, Engine) {
        let mut catalogue = Catalogue::default();
        catalogue.add("a/a.toml", DETECTORS, Some("a")).unwrap();
        let engine = Engine::new(&catalogue);
        (catalogue, engine)
    }

    fn found(text: &Text) -> Vec<String> {
        let (catalogue, engine) = engine();
        let named = |found: &Match| {
            let id = catalogue.detectors().get(found.detector).unwrap().spec.id.clone();
            let reasons: Vec<String> = found.evidence.iter().map(ToString::to_string).collect();
            format!("{} {} {}", id.trim_start_matches("a."), found.raw.expose(), reasons.join(" ")).trim().to_owned()
        };
        engine.find(text).iter().map(named).collect()
    }

    fn check(text: &str, expected: &[&str]) {
        // The word badge itself is of no interest here.
        let mut all = found(&example_text(text));
        all.retain(|found| !found.to_lowercase().starts_with("word badge"));
        assert_eq!(all, expected, "{text}");
    }

    #[test]
    fn context_before_after_and_above() {
        check("12345678999", &[]);
        check("Badge: 12345678999", &["badge 12345678999 context:Badge"]);
        check("BADGE\n12345678999", &["badge 12345678999 context:BADGE"]);
        check("badge\n\n12345678999", &["badge 12345678999 context:badge"]);
        check("12345678999 (staff\nnumber)", &["badge 12345678999 context:staff number"]);
        check("badges 12345678999", &[]);
        check(&format!("badge{}12345678999", " of".repeat(30)), &[]);
    }

    #[test]
    fn vetoes_and_words_of_other_detectors() {
        check("badge, order 12345678999", &[]);
        check("order for badge 12345678999", &["badge 12345678999 context:badge"]);
        check("badge order 12345678999", &[]);
        check("badge of hall 3, meter no. 12345678999", &["meter 12345678999 context:meter"]);
    }

    #[test]
    fn the_label_of_the_column_decides() {
        check("BDG-No.\tx\n12345678999\t1", &["badge 12345678999 label:BDG-No."]);
        check("badgeOrder\tx\n12345678999\t1", &[]);
        check("meter\tkind\n12345678999\tbadge", &["meter 12345678999 label:meter"]);
        // The cell to the left counts, unless the own label says otherwise; other rows never.
        check("kind\tvalue\nbadge\t12345678999", &["badge 12345678999 context:badge"]);
        check("kind\tmeter\nbadge\t12345678999", &["meter 12345678999 label:meter"]);
        check("kind\tvalue\nbadge\t1\nnone\t12345678999", &[]);
    }

    #[test]
    fn a_field_is_a_label() {
        let mut text = Text::new(Shape::Rows);
        text.push("staffNumber", Place::default(), 0, None);
        text.push_more(": ");
        text.push("12345678999", Place::default(), 0, Some(Arc::from("rows[0].staffNumber")));
        assert_eq!(found(&text), ["badge 12345678999 label:rows[0].staffNumber"]);
    }

    #[test]
    fn parts_of_longer_things_are_nothing() {
        for text in [
            "badge 12345678999a",
            "badge x-1-12345678999",
            "badge 12345678999/2024",
            "badge 12345678999,50",
            "badge é12345678999",
        ] {
            check(text, &[]);
        }
        check("badge 12345678999, 2", &["badge 12345678999 context:badge"]);
        check("badge 12345678999.", &["badge 12345678999 context:badge"]);
    }

    #[test]
    fn a_sure_match_covers_and_a_long_one_is_cut() {
        check("4539 1488 0343 6467", &["card 4539 1488 0343 6467 check:luhn"]);
        check("2048", &["short 2048"]);
        // Three groups that pass, and a number that does not belong to them.
        check("0000 0000 0018 2047", &["card 0000 0000 0018 check:luhn", "short 2047"]);
    }

    #[test]
    fn known_samples_are_marked() {
        check("badge 12345678901", &["badge 12345678901 context:badge known_sample"]);
    }

    #[test]
    fn phrases_stems_and_the_longest() {
        let phrases = |text: &str| found(&example_text(text));
        assert_eq!(phrases("una NEOPLASIA, codice rosso"), ["word NEOPLASIA", "word codice rosso"]);
        assert_eq!(phrases("the badge-holder"), ["word badge-holder"]);
        assert!(phrases("xneoplasia rossocodice").is_empty());
    }

    #[test]
    fn markings_stand_alone_in_capitals() {
        check("GELB", &["mark GELB"]);
        check("- GELB -\ntext", &["mark GELB"]);
        check("Gelb", &[]);
        check("GELB ist eine Farbe", &[]);
        check("GELB\nBLAU", &[]);
        check("GELB\n\nder Rest\n\nGELB", &["mark GELB", "mark GELB"]);
    }

    #[test]
    fn texts_without_end_or_start_are_no_matter() {
        for text in ["", "\n", "é", "badge", "badge é", "12345678999 badge\u{ad}", "\u{feff}badge 12345678999\u{300}"]
        {
            let _ = found(&example_text(text));
        }
    }
}
