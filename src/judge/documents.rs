//! Whole small documents, worded like real ones, through engine and judge.

use std::sync::{Arc, LazyLock};

use crate::detect::example::example_text;
use crate::detect::{Catalogue, Engine};
use crate::model::{Category, Exposure, Place, Protection, Shape, Text};

use super::{Judge, Judgement, Key, Options};

mod english;
mod french;
mod german;
mod gossip;
mod italian;
mod italian_negative;
mod lists;
mod machine;
mod notes_abroad;
mod papers;
mod reasons;
mod rows;

static READY: LazyLock<(Catalogue, Engine, Judge)> = LazyLock::new(|| {
    let catalogue = Catalogue::built_in().unwrap();
    let engine = Engine::new(&catalogue);
    let judge = Judge::new(&catalogue, Key::from_bytes([7; 32]), Options::default());
    (catalogue, engine, judge)
});

/// The judgement on texts.
fn judge_texts(texts: &[Text]) -> Judgement {
    let (_, engine, judge) = &*READY;
    let mut case = judge.case();
    for text in texts {
        case.add(text, engine.find(text));
    }
    case.finish(&Protection::default(), &Exposure::default())
}

/// A document as written; lines with tabs are a table under its first line.
fn judge_document(document: &str) -> Judgement {
    judge_texts(&[example_text(document)])
}

/// A mail: its head is one record of fields, its body prose.
fn mail(document: &str) -> Vec<Text> {
    let (head, body) = document.trim_start().split_once("\n\n").unwrap();
    let mut fields = Text::new(Shape::Rows);
    for line in head.lines() {
        let (label, value) = line.split_once(": ").unwrap();
        let label: Arc<str> = label.into();
        fields.push(&label, Place::field(&label), 0, None);
        fields.push_more(": ");
        fields.push(value, Place::field(&label), 0, Some(Arc::clone(&label)));
        fields.push_more("\n");
    }
    let mut prose = Text::new(Shape::Prose);
    for (record, paragraph) in body.split("\n\n").enumerate() {
        prose.push(paragraph, Place::line(1), record as u64 + 1, None);
        prose.push_more("\n");
    }
    vec![fields, prose]
}

/// The sensitive categories and pay that are found: exactly those expected.
#[track_caller]
fn expect(document: &str, judgement: &Judgement, expected: &[Category]) {
    let found: Vec<Category> = judgement.categories.keys().copied().filter(|c| c.needs_subject()).collect();
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected, "\n{document}\n{}", describe(judgement));
}

fn describe(judgement: &Judgement) -> String {
    let lines = judgement
        .findings
        .iter()
        .map(|f| format!("{} {} {:?} {:?}", f.detector, f.confidence, f.sample.as_str(), f.why));
    lines.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(document: &str, expected: &[Category]) {
    expect(document, &judge_document(document), expected);
}

#[track_caller]
fn check_mail(document: &str, expected: &[Category]) {
    expect(document, &judge_texts(&mail(document)), expected);
}

#[test]
fn the_lexicons_keep_their_promises() {
    let (catalogue, engine, _) = &*READY;
    let mut broken = Vec::new();
    for detector in catalogue.detectors().iter().map(|d| &d.spec).filter(|spec| spec.category.needs_subject()) {
        let best = |example: &str| {
            let matches = engine.find(&example_text(example));
            let own = matches.iter().filter(|m| catalogue.detectors()[m.detector].spec.id == detector.id);
            own.map(|m| m.confidence).fold(0.0, f32::max)
        };
        for example in detector.examples.iter().filter(|e| best(e) < 0.5) {
            broken.push(format!("{} misses {example:?} ({})", detector.id, best(example)));
        }
        for example in detector.counterexamples.iter().filter(|e| best(e) >= 0.5) {
            broken.push(format!("{} takes {example:?} ({})", detector.id, best(example)));
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}
