//! Images of discs made by hand, sector by sector, and what hostile ones cost.
#![allow(clippy::cast_possible_truncation, reason = "test code")]

use super::*;
use crate::open::Limits;
use crate::open::collect::{Collected, collect, collect_with};

const TEXT: &[u8] = b"Dipendente: Laura Bianchi\n";

/// A record: name, extent, size, flags, fields behind the name.
fn record(name: &[u8], start: u32, size: usize, flags: u8, fields: &[u8]) -> Vec<u8> {
    let mut out = vec![0, 0];
    out.extend(start.to_le_bytes());
    out.extend(start.to_be_bytes());
    out.extend((size as u32).to_le_bytes());
    out.extend((size as u32).to_be_bytes());
    out.extend([124, 3, 1, 12, 0, 0, 4]);
    out.extend([flags, 0, 0, 1, 0, 0, 1, name.len() as u8]);
    out.extend(name);
    if name.len().is_multiple_of(2) {
        out.push(0);
    }
    out.extend(fields);
    if out.len() % 2 == 1 {
        out.push(0);
    }
    out[0] = out.len() as u8;
    out
}

fn descriptor(kind: u8, escape: &[u8], root: u32) -> Vec<u8> {
    let mut out = vec![kind];
    out.extend(b"CD001\x01");
    out.resize(2048, 0);
    out.splice(88..88 + escape.len(), escape.iter().copied());
    out.splice(128..130, [0, 8]);
    out.splice(156..190, record(&[0], root, 2048, 2, &[]));
    out
}

fn sectors(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![0; 16 * 2048];
    for part in parts {
        out.extend(part);
        out.resize(out.len().next_multiple_of(2048), 0);
    }
    out
}

fn folder(own: u32, fields: &[u8], records: &[Vec<u8>]) -> Vec<u8> {
    [record(&[0], own, 2048, 2, fields), record(&[1], own, 2048, 2, &[]), records.concat()].concat()
}

fn open(image: &[u8]) -> Collected {
    collect(&Iso, "a.iso", image)
}

/// Sectors: 16 and 17 descriptors, 18 the root, 19 a folder, 20 and 21 contents.
fn plain() -> Vec<u8> {
    sectors(&[
        descriptor(1, b"", 18),
        descriptor(255, b"", 0),
        folder(18, &[], &[record(b"DOCS", 19, 2048, 2, &[]), record(b"A.TXT;1", 20, 26, 0, &[])]),
        folder(
            19,
            &[],
            &[
                record(b"B.;1", 20, 26, 0x80, &[]),
                record(b"B.;1", 20, 26, 0, &[]),
                record(b"E.;1", 0, 0, 0, &[]),
                record(b"F.;1", 0, 0, 0, &[]),
            ],
        ),
        TEXT.to_vec(),
    ])
}

#[test]
fn plain_names_folders_and_extents() {
    let collected = open(&plain());
    assert!(collected.error.is_none() && collected.gaps.is_empty(), "{collected:?}");
    assert_eq!(collected.member_names(), ["A.TXT", "DOCS/B", "DOCS/E", "DOCS/F"]);
    assert_eq!(collected.members[0].1, TEXT);
    assert_eq!(collected.members[1].1, [TEXT, TEXT].concat());
    assert_eq!(collected.members[0].0.modified.as_deref(), Some("2024-03-01T11:00:00Z"));
}

#[test]
fn joliet_names_win_and_hidden_files_count() {
    let wide: Vec<u8> = "perché;1".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let image = sectors(&[
        descriptor(1, b"", 19),
        descriptor(2, b"%/E", 20),
        descriptor(255, b"", 0),
        folder(19, &[], &[record(b"PERCH.;1", 21, 26, 0, &[]), record(b"HIDDEN.;1", 21, 10, 0, &[])]),
        folder(20, &[], &[record(&wide, 21, 26, 0, &[])]),
        TEXT.to_vec(),
    ]);
    assert_eq!(open(&image).member_names(), ["perché", "HIDDEN"]);
}

#[test]
fn rock_ridge_names_links_and_moved_folders() {
    let names = |name: &str| [&[b'N', b'M', 5 + name.len() as u8, 1, 0], name.as_bytes()].concat();
    let link = [names("l"), vec![b'S', b'L', 8, 1, 0, 8, 1, 0]].concat();
    let mut moved = vec![b'C', b'L', 12, 1];
    moved.extend(20u32.to_le_bytes());
    moved.extend(20u32.to_be_bytes());
    let mut more = vec![b'C', b'E', 28, 1];
    for number in [22u32, 4, 20] {
        more.extend(number.to_le_bytes());
        more.extend(number.to_be_bytes());
    }
    let image = sectors(&[
        descriptor(1, b"", 18),
        descriptor(255, b"", 0),
        folder(
            18,
            &[b'S', b'P', 7, 1, 0xbe, 0xef, 0],
            &[
                record(b"A.;1", 21, 26, 0, &names("a long name.txt")),
                record(b"L.;1", 0, 0, 0, &link),
                record(b"M.;1", 0, 0, 0, &[moved, names("moved")].concat()),
                record(b"C.;1", 21, 25, 0, &more),
            ],
        ),
        vec![0],
        folder(20, &[], &[record(b"B.;1", 21, 24, 0, &names("b"))]),
        TEXT.to_vec(),
        [vec![0; 4], names("../continued")].concat(),
    ]);
    let collected = open(&image);
    assert_eq!(collected.member_names(), ["a long name.txt", "../continued", "moved/b"], "{collected:?}");
    assert_eq!(collected.unread.iter().map(|(_, reason)| *reason).collect::<Vec<_>>(), [Reason::Symlink]);
}

#[test]
fn udf_is_told() {
    let recognised = |kind: &[u8]| [&[0][..], kind, &[1]].concat();
    let udf = [recognised(b"BEA01"), recognised(b"NSR02"), recognised(b"TEA01")];
    assert_eq!(open(&sectors(&udf)).error.map(|error| error.reason()), Some(Reason::UnsupportedFeature));
    assert_eq!(open(&vec![0; 80_000]).error.map(|error| error.reason()), Some(Reason::Malformed));
}

#[test]
fn circles_lies_and_budgets_end() {
    // A folder that holds itself, and files that claim more than there is.
    let image = sectors(&[
        descriptor(1, b"", 18),
        descriptor(255, b"", 0),
        folder(18, &[], &[record(b"LOOP", 18, 2048, 2, &[]), record(b"A.;1", 19, 1 << 30, 0, &[])]),
        TEXT.to_vec(),
    ]);
    assert_eq!(open(&image).error.map(|error| error.reason()), Some(Reason::Truncated));
    let image = sectors(&[
        descriptor(1, b"", 18),
        descriptor(255, b"", 0),
        folder(18, &[], &[record(b"FAR", 1 << 30, 2048, 2, &[])]),
    ]);
    assert_eq!(open(&image).gaps.first().map(|(reason, _)| *reason), Some(Reason::Truncated));
    let limits = Limits { members: 1, ..Limits::default() };
    let spent = collect_with(&Iso, "a", &plain(), limits).error.map(|error| error.reason());
    assert_eq!(spent, Some(Reason::TooManyMembers));
    let whole = plain();
    for at in (16 * 2048..20 * 2048).step_by(3) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0xff;
        let _ = open(&flipped);
    }
}
