//! Tables, records and streams: what is counted, merged, masked and bounded.

use std::fmt::Write;
use std::sync::Arc;

use crate::model::{Category, Exposure, Place, Protection, Severity, Shape, State, Text};

use super::{READY, check, expect, judge_document, judge_texts};
use crate::judge::{Judge, Key, Options};

/// Objects of labelled fields, as the JSON and XML readers give them.
fn objects(objects: &[&[(&str, &str)]]) -> Text {
    let mut text = Text::new(Shape::Rows);
    for (record, fields) in objects.iter().enumerate() {
        for (label, value) in *fields {
            let label: Arc<str> = (*label).into();
            text.push(&label, Place::field(&label), record as u64, None);
            text.push_more(": ");
            text.push(value, Place::field(&label), record as u64, Some(Arc::clone(&label)));
            text.push_more("\n");
        }
    }
    text
}

/// Any valid tax code: its check letter is computed as DM 23.12.1976 says.
fn tax_code(n: usize) -> String {
    const ODD: &[u32] = &[1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let letter = |i: usize| char::from(b'A' + u8::try_from(i % 26).unwrap());
    let mut code: String = ['R', 'S', 'S', letter(n / 676), letter(n / 26), letter(n)].into_iter().collect();
    write!(code, "{:02}A{:02}H501", (n / 17_576) % 80 + 10, n % 28 + 1).unwrap();
    let sum: u32 = code
        .chars()
        .enumerate()
        .map(|(i, c)| {
            let value = c.to_digit(10).unwrap_or_else(|| u32::from(c) - u32::from('A'));
            if i % 2 == 0 { ODD[value as usize] } else { value }
        })
        .sum();
    code.push(letter(sum as usize % 26));
    code
}

#[test]
fn an_object_of_json() {
    let text = objects(&[
        &[("codiceFiscale", "BNCLRA85C52L219K"), ("diagnosi", "asma"), ("reparto", "montaggio")],
        &[("codiceFiscale", "VRDMRC82E15H501Q"), ("diagnosi", ""), ("reparto", "logistica")],
    ]);
    let judgement = judge_texts(&[text]);
    expect("json", &judgement, &[Category::Health]);
    assert_eq!(judgement.categories[&Category::Health], 1);
    assert_eq!(judgement.subjects.len(), 2);
}

#[test]
fn things_have_names_too() {
    let things = objects(&[&[("name", "Title Slide"), ("kind", "layout")], &[("name", "Quarz"), ("stock", "12")]]);
    assert!(judge_texts(&[things]).categories.is_empty());
    let person = objects(&[&[("name", "Zschokke Ulfgard"), ("geburtsdatum", "12.03.1971")]]);
    assert!(judge_texts(&[person]).categories.contains_key(&Category::Name));
}

#[test]
fn settings_are_nobody() {
    let text =
        objects(&[&[("name", "health-check"), ("disability", "false"), ("religion", "null"), ("union", "true")]]);
    expect("json", &judge_texts(&[text]), &[]);
}

#[test]
fn a_list_binds_by_row() {
    let judgement = judge_document(
        "Codice fiscale\tNote\n\
         BNCLRA85C52L219K\tpermessi L. 104/92\n\
         VRDMRC82E15H501Q\tnessuna nota\n\
         RSSPLA78H14F205C\tiscritto al sindacato\n",
    );
    let subject = |category| {
        let finding = judgement.findings.iter().find(|f| f.category == category).unwrap();
        finding.subject.clone().unwrap()
    };
    let of_code = |start: &str| {
        let mut codes = judgement.findings.iter().filter(|f| f.category == Category::NationalId);
        codes.find(|f| f.sample.as_str().starts_with(start)).unwrap().subject.clone().unwrap()
    };
    assert_eq!(subject(Category::Health), of_code("BNCL"));
    assert_eq!(subject(Category::TradeUnion), of_code("RSSP"));
    assert_eq!(judgement.subjects.len(), 3);
    assert_eq!(judgement.severity, Severity::High);
}

#[test]
fn one_person_is_counted_once() {
    let judgement = judge_document(
        "Codice fiscale\tE-mail\n\
         BNCLRA85C52L219K\tlaura.bianchi@esempio.it\n\
         BNCLRA85C52L219K\tlaura@casa-esempio.it\n\n",
    );
    assert_eq!(judgement.subjects.len(), 1);
}

#[test]
fn clear_values_stay_inside() {
    let judgement = judge_document("Laura Bianchi, C.F. BNCLRA85C52L219K, assente per malattia dal 3 marzo");
    assert!(judgement.findings.iter().all(|f| f.value.is_none()));
    assert!(judgement.findings.iter().all(|f| !f.sample.as_str().contains("BNCLRA85C52L219K")));
    let (catalogue, engine, _) = &*READY;
    let options = Options { reveal: true, ..Options::default() };
    let judge = Judge::new(catalogue, Key::from_bytes([7; 32]), options);
    let text = crate::detect::example::example_text("C.F. BNCLRA85C52L219K");
    let mut case = judge.case();
    case.add(&text, engine.find(&text));
    let revealed = case.finish(&Protection::default(), &Exposure::default());
    assert_eq!(revealed.findings[0].value.as_deref(), Some("BNCLRA85C52L219K"));
}

#[test]
fn the_key_decides_the_fingerprints() {
    let (catalogue, engine, _) = &*READY;
    let text = crate::detect::example::example_text("C.F. BNCLRA85C52L219K");
    let with = |key| {
        let judge = Judge::new(catalogue, Key::from_bytes([key; 32]), Options::default());
        let mut case = judge.case();
        case.add(&text, engine.find(&text));
        case.finish(&Protection::default(), &Exposure::default())
    };
    assert_eq!(with(1), with(1));
    assert_ne!(with(1).findings[0].fingerprint, with(2).findings[0].fingerprint);
    assert_ne!(with(1).subjects, with(2).subjects);
}

#[test]
fn what_is_sealed_is_not_severe() {
    let (_, engine, judge) = &*READY;
    let text = crate::detect::example::example_text("C.F. BNCLRA85C52L219K assente per malattia dal 3 marzo");
    let severity = |protection: Protection| {
        let mut case = judge.case();
        case.add(&text, engine.find(&text));
        case.finish(&protection, &Exposure::default()).severity
    };
    assert_eq!(severity(Protection::default()), Severity::High);
    assert_eq!(severity(Protection::weak("zip-zipcrypto", "")), Severity::High);
    assert_eq!(severity(Protection::new(State::Strong, "zip-aes256", "")), Severity::Low);
}

/// A table of many rows, in texts as a reader cuts them.
fn payroll_table(rows: usize) -> Vec<Text> {
    let labels: [Arc<str>; 3] = ["codice_fiscale".into(), "netto in busta".into(), "tratt. sind.".into()];
    let mut texts = Vec::new();
    let mut text = Text::new(Shape::Rows);
    for row in 0..rows {
        let code = tax_code(row);
        for (cell, label) in [code.as_str(), "1.482,00", "FIOM-CGIL 12,00"].iter().zip(&labels) {
            text.push(cell, Place::line(row as u64 + 2), row as u64, Some(Arc::clone(label)));
            text.push_more("\t");
        }
        text.push_more("\n");
        if text.len() > 64 * 1024 {
            texts.push(std::mem::replace(&mut text, Text::new(Shape::Rows)));
        }
    }
    texts.push(text);
    texts
}

#[test]
fn a_long_table_is_counted_to_the_last_row() {
    let judgement = judge_texts(&payroll_table(5_000));
    assert_eq!(judgement.subjects.len(), 5_000);
    assert_eq!(judgement.subjects_beyond, 0);
    assert_eq!(judgement.categories[&Category::TradeUnion], 5_000);
    assert_eq!(judgement.categories[&Category::Payroll], 5_000);
    assert_eq!(judgement.categories[&Category::NationalId], 5_000);
    assert_eq!(judgement.findings.len(), 1_000);
    assert_eq!(judgement.findings_beyond, 14_000);
    assert_eq!(judgement.severity, Severity::Critical);
}

#[test]
fn the_cut_between_texts_does_not_matter() {
    let whole = judge_texts(&payroll_table(300));
    let rows = payroll_table(300);
    let mut pieces = Vec::new();
    for text in &rows {
        let mut current = Text::new(Shape::Rows);
        let mut last = None;
        for (at, piece) in text.pieces().iter().enumerate() {
            if last.is_some_and(|record| record != piece.record) && piece.record % 7 == 0 {
                pieces.push(std::mem::replace(&mut current, Text::new(Shape::Rows)));
            }
            last = Some(piece.record);
            let end = text.pieces().get(at + 1).map_or(text.len(), |next| next.start);
            current.push(&text.content()[piece.start..end], piece.place.clone(), piece.record, piece.label.clone());
        }
        pieces.push(current);
    }
    let cut = judge_texts(&pieces);
    assert_eq!(whole, cut);
}

#[test]
fn a_record_that_never_ends_is_judged_in_bounded_memory() {
    let mut text = String::new();
    for n in 0..30_000 {
        text.push_str(&tax_code(n));
        text.push(if n % 3 == 0 { '\n' } else { ' ' });
    }
    let judgement = judge_document(&text);
    assert_eq!(judgement.categories[&Category::NationalId], 30_000);
    assert_eq!(judgement.subjects.len(), 30_000);
}

#[test]
fn neighbours_in_a_long_text_are_seen_over_the_cut() {
    let filler = "Questo paragrafo parla di altro e non dice nulla di nessuno.\n\n".repeat(300);
    check(
        &format!(
            "{filler}Il lavoratore è BNCLRA85C52L219K (codice fiscale).\n\nRisulta affetto da epilessia.\n\n{filler}"
        ),
        &[Category::Health],
    );
    check(
        &format!("{filler}Codice fiscale BNCLRA85C52L219K\n\n{filler}Risulta affetto da epilessia.\n\n{filler}"),
        &[],
    );
}

#[test]
fn a_published_sample_is_reported_and_not_counted() {
    let judgement = judge_document("Codice fiscale: RSSMRA80A01H501U, malattia dal 3 marzo");
    if judgement.findings.iter().any(|f| f.why.contains(&"known_sample".to_owned())) {
        assert!(judgement.categories.is_empty());
        assert!(judgement.subjects.is_empty());
        assert_eq!(judgement.severity, Severity::None);
    }
}
