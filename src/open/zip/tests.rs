//! What the fixtures of zip archives hold, and what hostile ones cost.

use super::*;
use crate::model::{Protection, State};
use crate::open::Limits;
use crate::open::collect::{Collected, collect, collect_knowing, collect_with};

fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(format!("{}/fixtures/zip/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn open(path: &str) -> Collected {
    collect(&Zip, path, &fixture(path))
}

fn check(path: &str, names: &[&str]) -> Collected {
    let collected = open(path);
    let mut found = collected.member_names();
    found.sort();
    assert_eq!(found, names, "{path}: {collected:?}");
    collected
}

fn check_protection(path: &str, state: State, scheme: Option<&str>, evidence: &str) -> Collected {
    let collected = open(path);
    let Protection { state: s, scheme: c, evidence: e, names_exposed, key: _ } = collected.protection.clone().unwrap();
    assert_eq!((s, c.as_deref(), e.as_str()), (state, scheme, evidence), "{path}");
    assert_eq!(names_exposed, state != State::Plain);
    collected
}

#[test]
fn plain_members_are_read_and_directories_are_silent() {
    let collected = check("plain.zip", &["docs/brief.txt", "docs/empty.txt", "docs/note.txt", "docs/people.csv"]);
    assert!(collected.protection.is_none() && collected.gaps.is_empty() && collected.unread.is_empty());
    assert!(
        collected
            .members
            .iter()
            .any(|(m, bytes)| m.name == Name::from("docs/people.csv") && bytes.starts_with(b"Nome"))
    );
}

#[test]
fn every_method_unpacks() {
    for path in ["deflate64.zip", "bzip2.zip", "lzma.zip", "ppmd.zip"] {
        let collected = check(path, &["docs/note.txt"]);
        assert_eq!(collected.members[0].1.len(), 360, "{path}");
    }
    let collected = check("zstd.zip", &["einladung.txt"]);
    assert_eq!(collected.members[0].1.len(), 140);
    check("streamed.zip", &["docs/note.txt", "docs/people.csv"]);
}

#[test]
fn encrypted_archives() {
    for (path, state, scheme, evidence) in [
        (
            "zipcrypto.zip",
            State::Weak,
            "zip-zipcrypto",
            "3 of 3 members encrypted, ZipCrypto (general purpose bit 0, no extra field 0x9901)",
        ),
        ("aes128.zip", State::Strong, "zip-aes128", "3 of 3 members encrypted, AES-128 (extra field 0x9901, AE-2)"),
        ("aes192.zip", State::Strong, "zip-aes192", "3 of 3 members encrypted, AES-192 (extra field 0x9901, AE-2)"),
        ("aes256.zip", State::Strong, "zip-aes256", "3 of 3 members encrypted, AES-256 (extra field 0x9901, AE-2)"),
        (
            "strong-encryption.zip",
            State::Unknown,
            "zip-pkware",
            "1 of 1 members encrypted, PKWARE strong encryption (general purpose bit 6)",
        ),
    ] {
        let collected = check_protection(path, state, Some(scheme), evidence);
        assert!(matches!(collected.error, Some(ReadError::Encrypted)), "{path}");
        assert!(
            collected
                .unread
                .iter()
                .any(|(m, r)| *r == Reason::Encrypted && m.protection.as_ref().is_some_and(|p| p.state == state))
        );
    }
}

#[test]
fn a_mixed_archive_is_plain_and_says_how_much_is_not() {
    let evidence = "2 of 5 members are encrypted (AES-256 (extra field 0x9901, AE-2))";
    let collected = check_protection("mixed.zip", State::Plain, None, evidence);
    assert!(collected.error.is_none());
    assert_eq!(collected.members.len(), 3);
    assert_eq!(collected.unread.len(), 2);
}

#[test]
fn names_keep_their_bytes() {
    let names: Vec<Name> = open("names.zip").members.into_iter().map(|(m, _)| m.name).collect();
    assert_eq!(names, [Name::from("perché.txt"), Name::from_bytes(&b"perch\x82.txt"[..]), Name::from("città.txt")]);
}

#[test]
fn members_of_the_same_name_are_all_read() {
    let contents: Vec<Vec<u8>> = open("duplicate-names.zip").members.into_iter().map(|(_, bytes)| bytes).collect();
    assert_eq!(contents, [&b"first\n"[..], b"second\n"]);
}

#[test]
fn what_cannot_be_unpacked_is_named() {
    let collected = check("unknown-method.zip", &["good.txt"]);
    assert_eq!(collected.unread[0].1, Reason::UnsupportedFeature);
    let collected = check("symlink.zip", &["docs/note.txt"]);
    assert_eq!(collected.unread[0].1, Reason::Symlink);
}

#[test]
fn overlapping_members_are_told() {
    let collected = open("overlapping.zip");
    assert_eq!(collected.gaps[0].0, Reason::Malformed);
    assert_eq!(collected.members.len(), 2);
}

#[test]
fn without_a_directory_local_headers_are_read() {
    let collected = open("no-directory.zip");
    assert_eq!(collected.gaps[0].0, Reason::Truncated);
    assert_eq!(collected.members.len(), 4, "{collected:?}");
    let collected = open("streamed-truncated.zip");
    assert_eq!(collected.gaps[0].0, Reason::Truncated);
    assert_eq!(collected.members.len(), 2, "{collected:?}");
    assert!(collected.members[0].1.starts_with(b"Nome"));
}

#[test]
fn of_an_archive_cut_in_parts_each_is_read() {
    let whole = fixture("plain.zip");
    let at = (0..whole.len()).filter(|at| whole[*at..].starts_with(b"PK\x03\x04")).nth(2).unwrap();
    let (first, last) = whole.split_at(at);
    let mut names = collect(&Zip, "a.zip.001", first).member_names();
    let last = collect(&Zip, "a.zip.002", last);
    let unread: Vec<Reason> = last.unread.iter().map(|(_, reason)| *reason).collect();
    assert!(!unread.is_empty() && unread.iter().all(|reason| *reason == Reason::Truncated), "{last:?}");
    assert_eq!(last.unread.len() + last.members.len(), 4);
    names.extend(last.member_names());
    names.sort();
    assert_eq!(names, ["docs/brief.txt", "docs/empty.txt", "docs/note.txt", "docs/people.csv"]);
}

#[test]
fn budgets_end_a_bomb() {
    let limits = Limits { members: 2, ..Limits::default() };
    let collected = collect_with(&Zip, "a", &fixture("plain.zip"), limits);
    assert_eq!(collected.error.map(|error| error.reason()), Some(Reason::TooManyMembers));
    let limits = Limits { unpacked_bytes: 100, ..Limits::default() };
    let collected = collect_with(&Zip, "a", &fixture("plain.zip"), limits);
    assert_eq!(collected.error.map(|error| error.reason()), Some(Reason::TooManyBytes));
}

#[test]
fn cut_and_flipped_archives_end_without_a_panic() {
    for path in ["plain.zip", "aes256.zip", "zstd.zip", "lzma.zip", "ppmd.zip", "streamed.zip", "names.zip"] {
        let whole = fixture(path);
        for cut in (0..whole.len()).step_by(7) {
            let _ = collect(&Zip, path, &whole[..cut]);
        }
        for at in 0..whole.len() {
            let mut flipped = whole.clone();
            flipped[at] ^= 0xff;
            let _ = collect(&Zip, path, &flipped);
        }
    }
}

#[test]
fn known_passwords_open_members() {
    for (path, scheme) in
        [("zipcrypto", "zip-zipcrypto"), ("aes128", "zip-aes128"), ("aes192", "zip-aes192"), ("aes256", "zip-aes256")]
    {
        let bytes = std::fs::read(format!("{}/fixtures/zip/{path}.zip", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let collected = collect_knowing(&Zip, "a.zip", &bytes, &["falsch", "geheim"]);
        assert!(collected.error.is_none(), "{path}: {:?}", collected.error);
        let protection = collected.protection.clone().unwrap();
        assert_eq!((protection.state, protection.scheme.as_deref()), (State::Weak, Some(scheme)));
        assert!(protection.evidence.contains("known_password"), "{}", protection.evidence);
        assert!(collected.members.iter().any(|(_, bytes)| bytes.starts_with(b"Nome;Cognome")), "{path}");
        assert!(
            collected.members.iter().all(|(m, _)| m.size == Some(0) || m.protection.as_ref().unwrap().key.is_some())
        );
        let collected = collect_knowing(&Zip, "a.zip", &bytes, &["falsch"]);
        assert!(matches!(collected.error, Some(ReadError::Encrypted)), "{path}");
        assert_eq!(collected.protection.unwrap().key, None);
        for at in (0..bytes.len()).step_by(3) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x55;
            let _ = collect_knowing(&Zip, "a.zip", &flipped, &["geheim"]);
        }
    }
}
