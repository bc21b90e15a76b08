//! Tests of columns that only their values tell.

use std::sync::{Arc, LazyLock};

use super::*;
use crate::detect::check::thing;
use crate::detect::column_values::book;
use crate::detect::{Catalogue, Engine};
use crate::model::Place;

static ENGINE: LazyLock<(Catalogue, Engine)> = LazyLock::new(|| {
    let catalogue = Catalogue::built_in().unwrap();
    let engine = Engine::new(&catalogue);
    (catalogue, engine)
});

/// A table of the columns, without headings unless `label` is one; the detectors of the matches that rest on shares.
fn found(columns: &[&[String]], label: Option<&str>) -> Vec<String> {
    let (catalogue, engine) = &*ENGINE;
    let mut text = Text::new(Shape::Rows);
    let label: Option<Arc<str>> = label.map(Arc::from);
    for row in 0..columns[0].len() {
        for (at, column) in columns.iter().enumerate() {
            if at > 0 {
                text.push_more("\t");
            }
            text.push(&column[row], Place::line(row as u64 + 1), row as u64, label.clone().filter(|_| at == 0));
        }
        text.push_more("\n");
    }
    let by_share = |found: &Match| found.evidence.iter().any(|evidence| matches!(evidence, Evidence::Share { .. }));
    let mut ids: Vec<String> = engine
        .find(&text)
        .iter()
        .filter(|found| by_share(found))
        .map(|found| catalogue.detectors()[found.detector].spec.id.clone())
        .collect();
    let all = ids.len();
    ids.dedup();
    ids.iter().map(|id| format!("{id} {all}")).collect()
}

/// Numbers that look drawn, the same ones in every run.
fn drawn(count: usize, digits: usize, mut seed: u64) -> Vec<String> {
    (0..count)
        .map(|_| {
            (0..digits)
                .map(|_| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    char::from(b'0' + u8::try_from((seed >> 33) % 10).unwrap())
                })
                .collect()
        })
        .collect()
}

/// The same numbers with the one last digit that `check` takes; those for which none is are left out.
fn checked(numbers: &[String], check: Check) -> Vec<String> {
    numbers
        .iter()
        .filter_map(|number| {
            let body = &number[..number.len() - 1];
            (0..10).map(|digit| format!("{body}{digit}")).find(|value| check.run(value) == Verdict::Certain)
        })
        .collect()
}

fn born(mut numbers: Vec<String>) -> Vec<String> {
    for (at, number) in numbers.iter_mut().enumerate() {
        number.replace_range(..6, &format!("{:02}{:02}{:02}", 60 + at % 39, 1 + at % 12, 1 + at * 7 % 28));
    }
    numbers
}

#[test]
fn a_column_of_one_kind_needs_no_heading() {
    let bsn = checked(&drawn(40, 9, 1), Check::Bsn);
    assert_eq!(found(&[&bsn[..12]], None), ["nl.bsn 12"]);
    assert_eq!(found(&[&bsn[..12]], Some("COL_7")), ["nl.bsn 12"]);
    let pesel = checked(&born(drawn(20, 11, 2)), Check::Pesel);
    let names: Vec<String> = (0..pesel.len()).map(|at| format!("x{at}")).collect();
    assert_eq!(found(&[&names, &pesel], None), ["pl.pesel 20"]);
}

#[test]
fn few_values_prove_nothing_and_a_few_wrong_ones_are_no_matter() {
    let mut bsn = checked(&drawn(60, 9, 3), Check::Bsn);
    assert!(found(&[&bsn[..6]], None).is_empty());
    for value in bsn.iter_mut().take(4) {
        *value = "100000001".replace('1', &value[..1]);
    }
    assert_eq!(found(&[&bsn[..30]], None).len(), 1);
    assert_eq!(found(&[&vec![bsn[20].clone(); 40]], None).len(), 0, "one number over and over");
}

#[test]
fn chance_and_things_are_silent() {
    for digits in 7..=14 {
        for seed in 0..40 {
            assert_eq!(found(&[&drawn(5 + digits, digits, seed)], None).len(), 0, "{digits} digits, seed {seed}");
        }
    }
    let count: Vec<String> = (0..200).map(|at| (100_000_007 + at * 11).to_string()).collect();
    assert!(found(&[&count], None).is_empty(), "counting up");
    let dated: Vec<String> = (0..60).map(|at| format!("{:02}0{}25{:04}", 1 + at % 28, 1 + at % 9, at * 37)).collect();
    assert!(found(&[&dated], None).is_empty(), "numbers that begin with a date");
    let epochs: Vec<String> = (0..60).map(|at| (1_700_000_000u64 + at * at * 977).to_string()).collect();
    assert!(found(&[&epochs], None).is_empty(), "times");
    for (digits, is) in
        [(8, thing::gtin as fn(&str) -> Verdict), (12, thing::gtin), (13, thing::gtin), (14, thing::gtin), (10, book)]
    {
        let things: Vec<String> =
            drawn(4000, digits, 9).into_iter().filter(|v| is(v) == Verdict::Certain).take(40).collect();
        assert_eq!(things.len(), 40);
        assert!(found(&[&things], None).is_empty(), "things of {digits} digits");
    }
    let bsn = checked(&drawn(40, 9, 1), Check::Bsn);
    for label in ["Order no.", "numero_ordine", "Rechnungsnummer", "tracking"] {
        assert!(found(&[&bsn], Some(label)).is_empty(), "{label}");
    }
}
