//! Tables and memo files of dBase and FoxPro.

use super::*;
use crate::open::collect::{Collected, collect};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/dbase/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn open(name: &str) -> Collected {
    collect(&Dbase, name, &fixture(name))
}

#[test]
fn columns_are_labels_and_deleted_rows_are_read() {
    let got = open("people.dbf");
    assert!(got.error.is_none() && got.gaps.is_empty(), "{:?} {:?}", got.error, got.gaps);
    let lines: Vec<String> = got.content().lines().map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "NOME\tNATO\tCF\tPAGA\tATTIVO\tNOTE",
            "Nicolò Dessì\t1985-03-12\tDSSNCL85C12D704K\t1234.50\tT",
            "Anna Verdi\t1990-01-02\t-7.00\tF",
            "Cancellato Già\t1970-12-31\tXXX",
        ]
    );
    let labels: Vec<_> = got.texts[0].pieces().iter().filter_map(|piece| piece.label.as_deref()).take(3).collect();
    assert_eq!(labels, ["NOME", "NATO", "CF"]);
}

#[test]
fn visual_foxpro() {
    let got = open("foxpro.dbf");
    assert!(got.error.is_none() && got.gaps.is_empty(), "{:?} {:?}", got.error, got.gaps);
    assert_eq!(got.content(), "NAME\tN\tPAY\tAT\tX\tNOTE\nZoë Šimková\t-5\t-12.3400\t2024-02-29 13:14:15\t0.5\n");
}

#[test]
fn memo_files() {
    for name in ["people.dbt", "iv.dbt", "foxpro.fpt"] {
        let got = open(name);
        assert!(got.error.is_none() && got.gaps.is_empty(), "{name}: {:?} {:?}", got.error, got.gaps);
        let content = got.content();
        assert_eq!(content.matches("Laura Bianchi").count(), 2, "{name}: {content:?}");
        assert!(content.contains("città"), "{name}: {content:?}");
    }
}

#[test]
fn fewer_rows_than_declared_are_a_gap() {
    let whole = fixture("people.dbf");
    let got = collect(&Dbase, "people.dbf", &whole[..whole.len() - 50]);
    assert_eq!(got.gaps.first().map(|gap| gap.0), Some(Reason::Truncated));
    assert!(got.content().contains("Nicolò"));
    assert!(collect(&Dbase, "people.dbf", &whole[..40]).error.is_some());
    assert!(collect(&Dbase, "people.dbf", b"").error.is_some());
}
