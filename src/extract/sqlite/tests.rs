//! Databases of sqlite3, whole, cut off and damaged.

use super::*;
use crate::model::Reason;
use crate::open::collect::{Collected, collect};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/sqlite/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn open(bytes: &[u8]) -> Collected {
    collect(&Sqlite, "a.db", bytes)
}

/// Every row of a table as `label=text|…`.
fn rows(got: &Collected, table: &str) -> Vec<String> {
    let mut rows: Vec<(u64, Vec<String>)> = Vec::new();
    for text in &got.texts {
        for piece in text.pieces().iter().filter(|piece| piece.place.sheet.as_deref() == Some(table)) {
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

const PEOPLE: &[&str] = &[
    "-=id|-=name|-=born|-=cf|-=balance|-=site",
    "id=7|name=Laura Bianchi|born=1985-03-12|cf=BNCLRA85C52L219K|balance=31250.5|site=Montevarchi",
    "id=12|name=Jörg Ångström|born=1979-11-30|balance=-7.25|site=Montevarchi",
    "id=13|name=Anna Verdi|balance=0|site=Augsburg",
    "id=4000000000|name=Zoë Šimková|born=2001-01-01|balance=4111111111111111|site=Montevarchi",
];

#[test]
fn rows_have_the_names_of_their_columns_in_every_encoding() {
    for name in ["plain.db", "utf16.db", "utf16be.db"] {
        let got = open(&fixture(name));
        assert!(got.error.is_none() && got.gaps.is_empty(), "{name}: {:?} {:?}", got.error, got.gaps);
        assert_eq!(rows(&got, "people"), PEOPLE, "{name}");
    }
}

#[test]
fn long_texts_and_documents_in_cells() {
    let got = open(&fixture("plain.db"));
    let notes = rows(&got, "notes");
    assert_eq!(notes.len(), 5);
    assert!(notes[1].ends_with("Una nota lunga. Fine di Laura Bianchi."));
    assert_eq!(notes[1].len(), "n=1|text=".len() + 16 * 150 + 22);
    assert_eq!(notes[2..4], ["n=-129|text=con allegato", "n=9007199254740993|text=chiave"]);
    assert_eq!(notes[4], "n=1e300|text=testo come byte|attachment=Nicolò Dessì, Forlì");
    assert_eq!(got.member_names(), ["notes/3/attachment"]);
    assert!(got.members[0].1.starts_with(b"PK"));
    assert!(got.content().contains("per Anna Verdi"), "a view is read");
    let many = rows(&got, "many");
    assert_eq!((many.len(), many.last().unwrap().as_str()), (301, "k=299|v=value 299"));
    let mut pieces = got.texts.iter().flat_map(crate::model::Text::pieces);
    let place = pieces.find(|piece| piece.label.as_deref() == Some("cf")).unwrap();
    assert_eq!(place.place.to_string(), "sheet people, cell D2");
}

#[test]
fn a_table_without_row_numbers() {
    let got = open(&fixture("without-rowid.db"));
    let badge = rows(&got, "badge");
    assert_eq!((badge.len(), badge[1].as_str()), (121, "code=C0000|site=site 0|name=Persona 0"));
    assert!(badge[1..].is_sorted());
    assert!(got.gaps.is_empty());
}

#[test]
fn nothing_in_nothing() {
    let got = open(&fixture("empty.db"));
    assert!(got.error.is_none() && got.gaps.is_empty() && got.content().is_empty());
    assert!(open(b"SQLite format 3\0").error.is_some());
}

#[test]
fn what_is_cut_off_is_a_gap_and_the_rest_is_read() {
    let whole = fixture("plain.db");
    let got = open(&whole[..whole.len() - 700]);
    assert!(got.error.is_none());
    assert!(got.gaps.iter().any(|gap| gap.0 == Reason::Truncated), "{:?}", got.gaps);
    assert!(rows(&got, "people").contains(&PEOPLE[1].to_owned()));
}

#[test]
fn a_damaged_page_is_a_gap_and_the_rest_is_read() {
    let mut bytes = fixture("plain.db");
    // A leaf in the middle of `many`.
    let at = memchr::memmem::find(&bytes, b"value 150").unwrap() / 512 * 512;
    bytes[at] = 0;
    let got = open(&bytes);
    assert_eq!(got.gaps.len(), 1, "{:?}", got.gaps);
    assert_eq!(got.gaps[0].0, Reason::Malformed);
    let many = rows(&got, "many");
    assert!((250..301).contains(&many.len()), "{}", many.len());
    assert_eq!(many.last().unwrap(), "k=299|v=value 299");
}

#[test]
fn a_page_that_is_its_own_child_ends() {
    let mut bytes = fixture("plain.db");
    let root = memchr::memmem::find(&bytes, b"value 150").unwrap() / 512;
    // The interior page of `many` names this leaf; every child becomes page one.
    let leaf = u32::try_from(root + 1).unwrap().to_be_bytes();
    let at = memchr::memmem::find_iter(&bytes, &leaf).find(|at| bytes[at / 512 * 512] == 5).unwrap();
    let parent = u32::try_from(at / 512 + 1).unwrap().to_be_bytes();
    bytes[at..at + 4].copy_from_slice(&parent);
    let got = open(&bytes);
    assert!(got.gaps.iter().any(|gap| gap.1.contains("used twice")), "{:?}", got.gaps);
    assert!(rows(&got, "many").len() > 200);
}

#[test]
fn cells_that_overlap_do_not_multiply() {
    let mut bytes = fixture("plain.db");
    let leaf = memchr::memmem::find(&bytes, b"value 150").unwrap() / 512 * 512;
    let (first, count) = (bytes[leaf + 8..leaf + 10].to_vec(), usize::from(bytes[leaf + 4]));
    // All cells are the first one, and there are as many as fit.
    bytes[leaf + 3..leaf + 5].copy_from_slice(&250u16.to_be_bytes());
    for cell in 0..count {
        bytes[leaf + 8 + 2 * cell..leaf + 10 + 2 * cell].copy_from_slice(&first);
    }
    let got = open(&bytes);
    assert!(rows(&got, "many").len() < 400);
    assert!(!got.gaps.is_empty());
}
