//! The examples of a detector: as texts, and whether it finds what it says it finds.

use std::sync::Arc;

use crate::model::{Place, Shape, Text};

use super::catalogue::{Catalogue, Detector};
use super::engine::Engine;
use super::spec::DetectorSpec;

/// The confidence from which a match counts.
const COUNTS: f32 = 0.5;

/// What a detector says of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It must be found in it.
    Example,
    /// It must not.
    Counterexample,
}

/// A text of which a detector says what is not so.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure<'c> {
    pub id: &'c str,
    pub kind: Kind,
    pub text: &'c str,
    /// Of its surest match in the text; 0 where there is none.
    pub confidence: f32,
}

/// All texts that a detector names.
pub fn examples(spec: &DetectorSpec) -> impl Iterator<Item = (Kind, &str)> {
    let counterexamples = spec.counterexamples.iter().map(|text| (Kind::Counterexample, text.as_str()));
    spec.examples.iter().map(|text| (Kind::Example, text.as_str())).chain(counterexamples)
}

/// Runs the whole catalogue over the texts of the `wanted` detectors. The engine is that of the catalogue.
pub fn failures<'c>(catalogue: &'c Catalogue, engine: &Engine, wanted: impl Fn(&Detector) -> bool) -> Vec<Failure<'c>> {
    let mut failures = Vec::new();
    for (index, detector) in catalogue.detectors().iter().enumerate().filter(|(_, detector)| wanted(detector)) {
        for (kind, text) in examples(&detector.spec) {
            let found = engine.find(&example_text(text));
            let own = found.iter().filter(|found| found.detector == index);
            let confidence = own.map(|found| found.confidence).fold(0.0, f32::max);
            if (confidence >= COUNTS) != (kind == Kind::Example) {
                failures.push(Failure { id: &detector.spec.id, kind, text, confidence });
            }
        }
    }
    failures
}

/// The text that an example stands for. Lines that all hold a tab are a table: the first is its
/// header, the others are rows. Anything else is prose, each paragraph (up to an empty line) a record.
pub fn example_text(example: &str) -> Text {
    let lines: Vec<&str> = example.trim_matches('\n').lines().collect();
    if lines.len() > 1 && lines.iter().all(|line| line.contains('\t')) {
        return table(&lines);
    }
    let mut text = Text::new(Shape::Prose);
    let mut record = 0;
    let mut start_of_record = true;
    for (number, line) in lines.iter().enumerate() {
        if line.trim().is_empty() {
            start_of_record = true;
            record += 1;
            text.push_more("\n");
            continue;
        }
        if start_of_record {
            text.push("", Place::line(number as u64 + 1), record, None);
            start_of_record = false;
        }
        text.push_more(line);
        text.push_more("\n");
    }
    text
}

fn table(lines: &[&str]) -> Text {
    let mut text = Text::new(Shape::Rows);
    let mut lines = lines.iter();
    let header: Vec<Arc<str>> = lines.next().map_or_else(Vec::new, |line| line.split('\t').map(Arc::from).collect());
    for (row, line) in lines.enumerate() {
        for (column, cell) in line.split('\t').enumerate() {
            if column > 0 {
                text.push_more("\t");
            }
            let label = header.get(column).filter(|label| !label.trim().is_empty()).cloned();
            text.push(cell, Place::line(row as u64 + 2), row as u64, label);
        }
        text.push_more("\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_labels_and_prose_has_paragraphs() {
        let rows = example_text("Name\tCF\nRossi\tX");
        assert_eq!((rows.shape(), rows.label(6), rows.record(6)), (Shape::Rows, Some("CF"), 0));
        let prose = example_text("one\ntwo\n\nthree\n");
        assert_eq!((prose.shape(), prose.record(4), prose.record(10)), (Shape::Prose, 0, 1));
        assert_eq!(prose.content(), "one\ntwo\n\nthree\n");
    }

    #[test]
    fn a_wrong_example_fails_and_a_right_one_does_not() {
        let mut catalogue = Catalogue::default();
        let detector = r#"
            [[detector]]
            id = "a.badge"
            title = "badge"
            category = "employee_number"
            pattern = 'BDG-[0-9]{6}'
            confidence = { bare = 0.9 }
            references = ["the badge office"]
            examples = ["BDG-123456", "BDG-12"]
            counterexamples = ["nothing", "the lost BDG-654321"]
        "#;
        catalogue.add("badge.toml", detector, None).unwrap();
        let engine = Engine::new(&catalogue);
        let found: Vec<_> =
            failures(&catalogue, &engine, |_| true).iter().map(|f| (f.kind, f.text, f.confidence)).collect();
        let expected = [(Kind::Example, "BDG-12", 0.0), (Kind::Counterexample, "the lost BDG-654321", 0.9)];
        assert_eq!(found, expected);
        assert!(failures(&catalogue, &engine, |_| false).is_empty());
    }
}
