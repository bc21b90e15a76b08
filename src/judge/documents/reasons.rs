//! What is said of every match of a document: that it counts, or why it does not.

use std::sync::Arc;

use super::READY;
use crate::detect::example::example_text;
use crate::judge::{Explanation, Fate};
use crate::model::{Exposure, Place, Protection, Shape, Text};

/// The matches with what became of them; the judgement is the same with reasons and without.
#[track_caller]
fn explain(texts: &[Text]) -> Explanation {
    let (_, engine, judge) = &*READY;
    let (protection, exposure) = (Protection::default(), Exposure::default());
    let mut plain = judge.case();
    let mut telling = judge.case_with_reasons();
    let mut matches = 0;
    for text in texts {
        let found = engine.find(text);
        matches += found.len();
        plain.add(text, found.clone());
        telling.add(text, found);
    }
    let (judgement, explanation) = telling.finish_with_reasons(&protection, &exposure);
    assert_eq!(judgement, plain.finish(&protection, &exposure));
    // Every match is told once, and the values of telling fields besides.
    assert!(explanation.matches.len() >= matches, "{} of {matches} are told", explanation.matches.len());
    if texts.iter().all(|text| text.shape() == Shape::Prose) {
        assert_eq!(explanation.matches.len(), matches);
    }
    let counting = explanation.matches.iter().filter(|explained| explained.fate.counts()).count() as u64;
    assert_eq!(counting, judgement.categories.values().sum::<u64>());
    explanation
}

/// The detector says this of its match, or of one of them.
#[track_caller]
fn check(document: &str, expected: &[(&str, &str)]) {
    check_told(&explain(&[example_text(document)]), expected);
}

#[track_caller]
fn check_told(explanation: &Explanation, expected: &[(&str, &str)]) {
    for wanted in expected {
        let told = || explanation.matches.iter().map(|explained| (explained.detector.as_str(), explained.fate.code()));
        assert!(told().any(|told| told == *wanted), "{wanted:?} is not among {:?}", told().collect::<Vec<_>>());
    }
}

const PERSON: &str = "Laura Bianchi, codice fiscale BNCLRA85C52L219K";

#[test]
fn values() {
    check(
        &format!("{PERSON}, IBAN IT28O0306909606100000063119"),
        &[("it.codice_fiscale", "counts"), ("intl.known_name", "counts"), ("it.iban", "counts")],
    );
    check("IBAN IT60X0542811101000000123456", &[("it.iban", "known_sample")]);
    check("scrivere a info@nordacciai.it", &[("intl.email_role", "below_minimum")]);
    check(
        "Assente per malattia dal 12/03.",
        &[("special.health_term", "covered"), ("special.health_sick_leave", "no_person")],
    );
}

#[test]
fn an_account_whose_national_digits_fail_is_less_sure() {
    // The check letter should be O; the check digits of the whole fit.
    let explanation = explain(&[example_text("IBAN: IT32P0306909606100000063119")]);
    let iban = explanation.matches.iter().find(|explained| explained.detector == "it.iban").unwrap();
    assert_eq!((iban.confidence, &iban.fate), (0.75, &Fate::Counts));
    assert_eq!(iban.why, ["check:iban", "context:IBAN", "doubt:iban_national"]);
}

#[test]
fn words() {
    check(&format!("{PERSON}\nè in malattia dal 3 marzo"), &[("special.health_sick_leave", "counts")]);
    check(&format!("{PERSON}\nDiagnosi: ______________"), &[("special.health_term", "blank_form")]);
    check(&format!("{PERSON}\n\nQualora sia affetta da diabete lo dica."), &[("special.health_term", "condition")]);
    check(
        "Informativa ai sensi del Regolamento 2016/679: l'iscrizione al sindacato è un dato del lavoratore.",
        &[("special.trade_union_membership", "data_protection")],
    );
    check(
        "Dati su malattia, religione cattolica, iscrizione al sindacato, orientamento omosessuale.",
        &[("special.religion_term", "many_categories"), ("special.trade_union_membership", "many_categories")],
    );
    check("Scioperano CGIL, CISL e FIOM.", &[("special.trade_union_sigla", "many_organisations")]);
}

#[test]
fn fields() {
    check("name\tprice\nWalnut Desk\t120\nOak Chair\t44", &[("intl.person_name", "thing")]);
    let mut text = Text::new(Shape::Rows);
    text.push("diagnosi", Place::default(), 0, None);
    text.push_more(": ");
    text.push("-", Place::default(), 0, Some(Arc::from("diagnosi")));
    check_told(&explain(&[text]), &[("special.health_term", "field_name")]);
}

#[test]
fn no_clear_value_leaves_the_judge_unasked() {
    let explanation = explain(&[example_text(PERSON)]);
    assert!(!explanation.matches.is_empty());
    for explained in &explanation.matches {
        assert_eq!(explained.value, None);
        assert!(!explained.sample.as_str().contains("BNCLRA85C52L219K"));
    }
    assert_eq!(explanation.severity, ["a national id or identity document", "names and contact data"]);
}
