//! Databases of Jet 3 and Jet 4, whole, sealed, cut off and damaged.

use super::*;
use crate::model::State;
use crate::open::collect::{Collected, collect};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/access/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
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

#[test]
fn rows_of_jet_3_and_jet_4() {
    for (name, state) in [("jet3.mdb", None), ("jet4.mdb", None), ("scrambled.mdb", Some(State::OpensWithoutPassword))]
    {
        let got = collect(&Access, name, &fixture(name));
        assert!(got.error.is_none() && got.gaps.is_empty(), "{name}: {:?} {:?}", got.error, got.gaps);
        assert_eq!(got.protection.as_ref().map(|protection| protection.state), state, "{name}");
        let people = rows(&got, "Dipendenti");
        assert_eq!(people.len(), 3, "{name}: {people:#?}");
        assert_eq!(people[0], "-=ID|-=Nome|-=Nato|-=Paga|-=Attivo|-=Note|-=Allegato|-=Quota");
        assert_eq!(
            people[1],
            "ID=1|Nome=Laura Bianchi|Nato=1985-03-12|Paga=31250.5|Attivo=true|Note=Nota breve: città|Quota=0.5"
        );
        let second = "ID=2|Nome=Zoë Ångström|Nato=2000-01-01 12:00:00|Paga=-7.25|Attivo=false|Note=Una nota lunga. ";
        assert!(people[2].starts_with(second), "{name}: {}", people[2]);
        assert!(people[2].ends_with("Una nota lunga. Fine di Laura Bianchi."), "{name}: {}", people[2]);
        assert_eq!(got.member_names(), ["Dipendenti/3/Allegato"]);
        assert!(got.members[0].1.starts_with(b"PK"));
    }
}

#[test]
fn a_password_of_access_2007_is_an_answer() {
    for (info, expected) in [
        (&[4, 0, 4, 0, 0x40, 0, 0, 0, b'<'][..], (State::Strong, "access-agile")),
        (
            &[4, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 1, 0x68, 0, 0],
            (State::Weak, "access-rc4-cryptoapi"),
        ),
        (
            &[3, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x66, 0, 0],
            (State::Strong, "access-aes"),
        ),
    ] {
        let mut bytes = fixture("scrambled.mdb");
        bytes[20] = 3;
        bytes[0x299] = u8::try_from(info.len()).unwrap();
        bytes[0x29b..0x29b + info.len()].copy_from_slice(info);
        let got = collect(&Access, "a.accdb", &bytes);
        assert!(matches!(got.error, Some(ReadError::Encrypted)) && got.content().is_empty());
        let protection = got.protection.unwrap();
        assert_eq!((protection.state, protection.scheme.as_deref()), (expected.0, Some(expected.1)));
    }
}

#[test]
fn what_is_cut_off_is_a_gap_and_the_rest_is_read() {
    let whole = fixture("jet4.mdb");
    let got = collect(&Access, "a.mdb", &whole[..8 * 4096]);
    assert!(got.error.is_none());
    assert_eq!(got.gaps.first().map(|gap| gap.0), Some(Reason::Truncated), "{:?}", got.gaps);
    assert!(rows(&got, "Dipendenti")[1].contains("Laura Bianchi"));
    assert!(collect(&Access, "a.mdb", &whole[..100]).error.is_some());
    assert!(collect(&Access, "a.mdb", b"").error.is_some());
}

#[test]
fn a_list_that_names_every_page_and_a_value_that_never_ends() {
    let mut bytes = fixture("jet4.mdb");
    let list = memchr::memmem::rfind(&bytes[..7 * 4096], &[0, 7, 0, 0, 0, 1]).unwrap();
    bytes[list + 1..list + 69].fill(0xff);
    bytes[list + 1..list + 5].fill(0);
    let got = collect(&Access, "a.mdb", &bytes);
    assert_eq!(got.gaps.len(), 1, "{:?}", got.gaps);
    assert_eq!(rows(&got, "Dipendenti").len(), 3);
    // The first part of the long value names itself as the next one, and a gigabyte is declared.
    let mut bytes = fixture("jet4.mdb");
    let part = memchr::memmem::rfind(&bytes, &[1, 8, 0, 0]).unwrap();
    bytes[part..part + 4].copy_from_slice(&[0, 8, 0, 0]);
    let address = memchr::memmem::rfind(&bytes[..8 * 4096], &[0, 8, 0, 0]).unwrap();
    bytes[address - 4..address].copy_from_slice(&0x3fff_ffffu32.to_le_bytes());
    let got = collect(&Access, "a.mdb", &bytes);
    assert!(got.error.is_none() && got.gaps.len() == 1, "{:?} {:?}", got.error, got.gaps);
}
