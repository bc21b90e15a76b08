//! Files of pyarrow in every codec and version of pages, and what damage costs.

use super::*;
use crate::open::collect::{Collected, collect};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/parquet/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn rows(got: &Collected) -> Vec<String> {
    let mut rows: Vec<(u64, Vec<String>)> = Vec::new();
    for text in &got.texts {
        for piece in text.pieces() {
            let content = text.piece_content(piece.start).trim_end_matches(['\t', '\n']);
            let shown = format!("{}={content}", piece.label.as_deref().unwrap_or("-"));
            match rows.last_mut() {
                Some((record, cells)) if *record == piece.record => cells.push(shown),
                _ => rows.push((piece.record, vec![shown])),
            }
        }
    }
    rows.into_iter().map(|(_, cells)| cells.join("|")).collect()
}

#[test]
fn rows_of_every_codec_and_version() {
    for name in ["snappy.parquet", "gzip.parquet", "zstd-v2.parquet", "lz4.parquet", "stored.parquet"] {
        let got = collect(&Parquet, name, &fixture(name));
        assert!(got.error.is_none() && got.gaps.is_empty(), "{name}: {:?} {:?}", got.error, got.gaps);
        assert_eq!(
            rows(&got),
            [
                "-=name|-=cf|-=born|-=pay|-=n|-=x|-=ok|-=at|-=tags|-=home.street|-=home.zip|-=doc",
                // The document stands before the row that holds it.
                "name=Laura Bianchi|cf=BNCLRA85C52L219K|born=1985-03-12|pay=31250.50|n=1|x=0.5|ok=true|\
                 at=2024-02-29 13:14:15|tags=a|tags=b|home.street=Via Roma 3|home.zip=50100",
                "name=Zoë Ångström|pay=-7.25|n=-2|ok=false",
                "cf=VRDNNA80A41H501X|born=1980-01-01|n=4000000000|x=1e300|home.zip=1",
                "name=Laura Bianchi|born=1901-12-31|pay=0.00|x=-3|ok=true|at=1960-01-01|tags=c|home.street=X|doc=Forlì",
            ],
            "{name}"
        );
        assert_eq!(got.member_names(), ["2/doc"], "{name}");
    }
}

#[test]
fn what_is_not_read_is_a_gap() {
    let got = collect(&Parquet, "a.parquet", &fixture("other.parquet"));
    assert_eq!(got.gaps.len(), 1, "{:?}", got.gaps);
    assert_eq!(got.gaps[0].0, Reason::UnsupportedFeature);
    let got = collect(&Parquet, "a.parquet", &fixture("empty.parquet"));
    assert!(got.error.is_none() && got.gaps.is_empty());
    assert_eq!(rows(&got).len(), 1);
}

#[test]
fn cut_and_sealed_files() {
    let whole = fixture("stored.parquet");
    for end in [0, 4, 11, whole.len() / 2, whole.len() - 1] {
        assert!(collect(&Parquet, "a", &whole[..end]).error.is_some(), "{end}");
    }
    let mut sealed = whole.clone();
    let end = sealed.len();
    sealed[end - 4..].copy_from_slice(b"PARE");
    let got = collect(&Parquet, "a", &sealed);
    assert!(matches!(got.error, Some(ReadError::Encrypted)));
    assert_eq!(got.protection.unwrap().scheme.as_deref(), Some("parquet-aes"));
}

#[test]
fn damage_costs_a_column_at_most() {
    let whole = fixture("stored.parquet");
    // The first page of the first column.
    let mut bytes = whole.clone();
    bytes[4..24].fill(0xff);
    let got = collect(&Parquet, "a", &bytes);
    assert!(got.error.is_none() && got.gaps.len() == 1, "{:?} {:?}", got.error, got.gaps);
    assert!(got.content().contains("BNCLRA85C52L219K") && !got.content().contains("Laura Bianchi"));
}
