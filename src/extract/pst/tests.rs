//! The same small store in all layouts and encodings, and what damage does to it.

use super::*;
use crate::model::State;
use crate::open::collect::{Collected, collect};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/pst/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn names(collected: &Collected) -> Vec<String> {
    collected.items.iter().map(|(member, _)| member.name.to_string()).collect()
}

const STORES: [&str; 4] = ["unicode-permute.pst", "unicode-cyclic.pst", "ansi.pst", "large-pages.ost"];

#[test]
fn every_layout_says_the_same() {
    for store in STORES {
        let got = collect(&MailStore, store, &fixture(store));
        assert!(got.error.is_none() && got.gaps.is_empty(), "{store}: {:?} {:?}", got.error, got.gaps);
        assert_eq!(
            names(&got),
            [
                "Posta in arrivo/Re: Dati di Laura Bianchi",
                "Posta in arrivo/Paghe/Verbale",
                "Posta in arrivo/Ferie",
                "Senza cartella",
                "Posta in arrivo/(associated) Vista",
            ],
            "{store}"
        );
        let texts: Vec<String> = got.items.iter().map(|(_, item)| item.content()).collect();
        assert_eq!(
            texts[0],
            "from: Marta Colombo\nfrom: marta.colombo@example.org\nsubject: Re: Dati di Laura Bianchi\n\
             date: 2025-05-18\nCodice fiscale: BNCLRA85C52L219K\nrecipient: Laura Bianchi\n\
             recipient: laura.bianchi@example.org\nrecipient: Dario Rizzo\nrecipient: /o=firma/cn=drizzo\n\
             recipient: drizzo@example.org\n",
            "{store}"
        );
        assert!(texts[1].contains("Riga 0 del verbale") && texts[1].contains("Riga 259 del verbale"), "{store}");
        assert!(texts[2].contains("Ferie di Chiara Gatti, nata il 12/03/1985"), "{store}: {}", texts[2]);
        let (file, bytes) = &got.items[1].1.members[0];
        assert_eq!(
            (file.name.to_string().as_str(), bytes.as_slice()),
            ("elenco.csv", b"nome;cf\nLaura Bianchi;BNCLRA85C52L219K\n".as_slice())
        );
        let (inner, inside) = &got.items[2].1.items[0];
        assert_eq!(inner.name.to_string(), "Dentro");
        assert!(inside.content().contains("Matricola di Dario Rizzo: 4711"), "{store}");
        assert!(got.content().contains("folder: Paghe"), "{}", got.content());
        assert_eq!(got.items[0].0.modified.as_deref(), Some("2025-05-18T00:00:00Z"));
    }
}

#[test]
fn a_password_protects_nothing() {
    let state = |store: &str| collect(&MailStore, store, &fixture(store)).protection.map(|verdict| verdict.state);
    assert_eq!(state("unicode-cyclic.pst"), Some(State::OpensWithoutPassword));
    assert_eq!(state("unicode-permute.pst"), None);
}

#[test]
fn keys_of_the_organisation_are_no_damage() {
    let mut bytes = fixture("unicode-permute.pst");
    bytes[513] = 0x10;
    let got = collect(&MailStore, "a.pst", &bytes);
    assert!(matches!(got.error, Some(ReadError::Encrypted)));
    assert_eq!(got.protection.map(|verdict| verdict.state), Some(State::Unknown));
}

#[test]
fn what_is_damaged_is_told() {
    for store in STORES {
        let whole = fixture(store);
        for cut in [0, 4, 100, 600, whole.len() / 3, whole.len() / 2, whole.len() - 600] {
            let got = collect(&MailStore, store, &whole[..cut]);
            assert!(got.error.is_some() || !got.gaps.is_empty(), "{store}: {cut} of {} bytes", whole.len());
        }
    }
}

/// Where the number stands in the file.
fn at(bytes: &[u8], number: u64) -> Vec<usize> {
    memchr::memmem::find_iter(bytes, &number.to_le_bytes()).collect()
}

#[test]
fn rings_end() {
    let whole = fixture("unicode-permute.pst");
    let root = u64::from_le_bytes(whole[224..232].try_into().unwrap());
    let page = usize::try_from(root).unwrap();
    // The inner page of the nodes leads to itself.
    let mut bytes = whole.clone();
    for entry in 0..3 {
        bytes[page + entry * 24 + 16..page + entry * 24 + 24].copy_from_slice(&root.to_le_bytes());
    }
    let got = collect(&MailStore, "a.pst", &bytes);
    assert!(got.error.is_some() || !got.gaps.is_empty());
    // A list of blocks lists itself a thousand times.
    let mut bytes = whole.clone();
    let blocks = u64::from_le_bytes(whole[240..248].try_into().unwrap());
    assert!(!at(&whole, blocks).is_empty());
    let list = (8192..whole.len() - 8).step_by(64).find(|&at| whole[at..at + 2] == [1, 1] && whole[at + 3] == 0);
    let list = list.expect("the long body has a list of blocks");
    let first = whole[list + 8..list + 16].to_vec();
    bytes[list + 2..list + 4].copy_from_slice(&3_u16.to_le_bytes());
    for entry in 1..3 {
        bytes[list + 8 + entry * 8..list + 16 + entry * 8].copy_from_slice(&first);
    }
    let got = collect(&MailStore, "a.pst", &bytes);
    assert_eq!(got.items.len(), 5);
}
