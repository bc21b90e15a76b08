//! What the fixtures of 7z archives hold.

use super::*;
use crate::open::Limits;
use crate::open::collect::{Collected, collect, collect_knowing, collect_with};

const DOCS: [&str; 4] = ["docs/brief.txt", "docs/empty.txt", "docs/note.txt", "docs/people.csv"];

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/sevenz/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn open(path: &str) -> Collected {
    collect(&SevenZip, path, &fixture(path))
}

#[test]
fn plain_archives_of_every_method() {
    for path in ["plain.7z", "ppmd.7z", "bzip2.7z", "deflate.7z", "copy.7z"] {
        let collected = open(path);
        assert!(collected.error.is_none(), "{path}: {:?}", collected.error);
        let mut names = collected.member_names();
        names.sort();
        assert_eq!(names, DOCS, "{path}");
        assert!(collected.protection.is_none());
        assert!(collected.members.iter().any(|(_, bytes)| bytes.starts_with(b"Nome;Cognome")));
    }
}

#[test]
fn encrypted_content_shows_its_names() {
    let collected = open("content-encrypted.7z");
    let protection = collected.protection.unwrap();
    assert_eq!((protection.state, protection.names_exposed), (State::Strong, true));
    assert_eq!(protection.evidence, "3 of 3 members encrypted, AES-256 (7zAES coder 06F10701)");
    assert!(matches!(collected.error, Some(ReadError::Encrypted)));
    assert_eq!(collected.unread.iter().filter(|(m, r)| *r == Reason::Encrypted && m.protection.is_some()).count(), 3);
}

#[test]
fn an_encrypted_list_hides_its_names() {
    let collected = open("header-encrypted.7z");
    let protection = collected.protection.unwrap();
    assert_eq!((protection.state, protection.names_exposed), (State::Strong, false));
    assert!(matches!(collected.error, Some(ReadError::Encrypted)));
    assert!(collected.unread.is_empty());
}

#[test]
fn a_mixed_archive_is_plain_and_says_how_much_is_not() {
    let collected = open("mixed.7z");
    let protection = collected.protection.unwrap();
    assert_eq!(
        (protection.state, protection.evidence.as_str()),
        (State::Plain, "2 of 5 members are encrypted (AES-256)")
    );
    assert!(collected.error.is_none());
    assert_eq!(collected.members.len(), 4);
    assert_eq!(collected.unread.len(), 2);
}

#[test]
fn damaged_archives() {
    assert_eq!(open("truncated.7z").error.map(|error| error.reason()), Some(Reason::Truncated));
}

#[test]
fn budgets_end_it() {
    let limits = Limits { members: 2, ..Limits::default() };
    let collected = collect_with(&SevenZip, "a", &fixture("plain.7z"), limits);
    assert_eq!(collected.error.map(|error| error.reason()), Some(Reason::TooManyMembers));
}

#[test]
fn cut_and_flipped_archives_end_without_a_panic() {
    for path in ["plain.7z", "content-encrypted.7z", "mixed.7z", "ppmd.7z"] {
        let whole = fixture(path);
        for cut in (0..whole.len()).step_by(5) {
            let _ = collect(&SevenZip, path, &whole[..cut]);
        }
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 0xff;
            let _ = collect(&SevenZip, path, &flipped);
        }
    }
}

#[test]
fn known_passwords_open_content_and_lists() {
    for path in ["content-encrypted.7z", "header-encrypted.7z", "mixed.7z"] {
        let collected = collect_knowing(&SevenZip, path, &fixture(path), &["falsch", "geheim"]);
        assert!(collected.error.is_none(), "{path}: {:?}", collected.error);
        assert!(collected.unread.is_empty(), "{path}");
        assert!(collected.members.iter().any(|(_, bytes)| bytes.starts_with(b"Nome;Cognome")), "{path}");
        let state = if path == "mixed.7z" { State::Plain } else { State::Weak };
        assert_eq!(collected.protection.unwrap().state, state, "{path}");
        let opened = collected.members.iter().filter(|(member, _)| member.protection.is_some()).count();
        assert!(opened > 0, "{path}");
        let collected = collect_knowing(&SevenZip, path, &fixture(path), &["falsch"]);
        assert!(collected.protection.unwrap().key.is_none(), "{path}");
    }
}
