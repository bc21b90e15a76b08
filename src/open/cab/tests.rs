//! Cabinets made by hand, and what damaged ones cost.
#![allow(clippy::cast_possible_truncation, reason = "test code")]

use super::*;
use crate::open::Limits;
use crate::open::collect::{Collected, collect, collect_with};

const TEXT: &[u8] = b"Dipendente: Laura Bianchi\n";

fn deflated(content: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut packer = flate2::write::DeflateEncoder::new(b"CK".to_vec(), flate2::Compression::best());
    packer.write_all(content).unwrap();
    packer.finish().unwrap()
}

/// A cabinet of one folder; members by name, folder, start and size.
fn cabinet(kind: u16, members: &[(&str, u16, u32, u32)], blocks: &[(&[u8], usize)]) -> Vec<u8> {
    let mut files = Vec::new();
    for (name, folder, start, size) in members {
        files.extend([size.to_le_bytes(), start.to_le_bytes()].concat());
        files.extend(folder.to_le_bytes());
        files.extend([0; 6]);
        files.extend(name.as_bytes());
        files.push(0);
    }
    let mut data = Vec::new();
    for (packed, size) in blocks {
        let sizes = [(packed.len() as u16).to_le_bytes(), (*size as u16).to_le_bytes()].concat();
        data.extend(sum(&sizes, sum(packed, 0)).to_le_bytes());
        data.extend(sizes);
        data.extend(*packed);
    }
    let data_at = 36 + 8 + files.len() as u32;
    let mut bytes = b"MSCF\0\0\0\0".to_vec();
    bytes.extend((data_at + data.len() as u32).to_le_bytes());
    bytes.extend([0, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0, 3, 1, 1, 0]);
    bytes.extend((members.len() as u16).to_le_bytes());
    bytes.extend([0; 6]);
    bytes.extend(data_at.to_le_bytes());
    bytes.extend((blocks.len() as u16).to_le_bytes());
    bytes.extend(kind.to_le_bytes());
    [bytes, files, data].concat()
}

fn open(bytes: &[u8]) -> Collected {
    collect(&Cab, "a.cab", bytes)
}

fn unread(collected: &Collected) -> Vec<Reason> {
    collected.unread.iter().map(|(_, reason)| *reason).collect()
}

#[test]
fn members_of_a_folder_one_behind_the_other() {
    let both = [TEXT, b"e altro"].concat();
    let packed = deflated(&both);
    let length = TEXT.len() as u32;
    let members = [("docs\\a.txt", 0, 0, length), ("..\\b.txt", 0, length, 7)];
    for (kind, block) in [(0, &both), (1, &packed)] {
        let collected = open(&cabinet(kind, &members, &[(block, both.len())]));
        assert!(collected.error.is_none() && collected.gaps.is_empty(), "{collected:?}");
        assert_eq!(collected.member_names(), ["docs/a.txt", "../b.txt"]);
        assert_eq!((&collected.members[0].1[..], &collected.members[1].1[..]), (TEXT, &b"e altro"[..]));
    }
    // LZX: a block that is not packed.
    let mut lzx = vec![0, 0x30, 0x30, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];
    lzx.extend(b"abc\0");
    let collected = open(&cabinet(3 | 15 << 8, &[("a", 0, 0, 3)], &[(&lzx, 3)]));
    assert_eq!(collected.members[0].1, b"abc", "{collected:?}");
}

#[test]
fn a_window_reaches_into_the_block_before() {
    let first: Vec<u8> = (0..BLOCK).map(|n| (n * 7 / 5) as u8).collect();
    let mut window = Decompress::new(false);
    let mut packer = flate2::Compress::new(flate2::Compression::best(), false);
    packer.set_dictionary(&first).unwrap();
    let mut second = b"CK".to_vec();
    second.reserve(1 << 16);
    packer.compress_vec(&first[100..1100], &mut second, flate2::FlushCompress::Finish).unwrap();
    assert!(window.decompress_vec(&second[2..], &mut Vec::with_capacity(2000), FlushDecompress::Finish).is_err());
    let size = BLOCK as u32 + 1000;
    let collected = open(&cabinet(1, &[("a", 0, 0, size)], &[(&deflated(&first), BLOCK), (&second, 1000)]));
    assert_eq!(collected.members[0].1, [&first[..], &first[100..1100]].concat());
}

#[test]
fn what_is_not_unpacked_is_named() {
    let check = |kind, members: &[(&str, u16, u32, u32)], expected: &[Reason]| {
        let collected = open(&cabinet(kind, members, &[(TEXT, TEXT.len())]));
        assert_eq!(unread(&collected), expected, "{collected:?}");
    };
    check(2, &[("a", 0, 0, 5), ("b", 0, 5, 5)], &[Reason::UnsupportedFeature; 2]);
    check(3 | 30 << 8, &[("a", 0, 0, 5)], &[Reason::UnsupportedFeature]);
    check(0, &[("a", 9, 0, 5)], &[Reason::Malformed]);
    check(0, &[("a", 0, 900, 5)], &[Reason::Truncated]);
    check(0, &[("a", 0, 0, 5), ("b", 0, 3, 5)], &[Reason::Malformed]);
    let more = open(&cabinet(0, &[("a", 0, 0, 99)], &[(TEXT, TEXT.len())]));
    assert_eq!(more.error.map(|error| error.reason()), Some(Reason::Truncated));
    // From the cabinet before.
    let mut bytes = cabinet(0, &[("a", 0xfffd, 0, 5)], &[(TEXT, TEXT.len())]);
    bytes[30] = 1;
    bytes.splice(36..36, *b"a.cab\0disk\0");
    bytes[16] += 11;
    assert_eq!(unread(&open(&bytes)), [Reason::Truncated]);
}

#[test]
fn budgets_and_damage_end_it() {
    let whole = cabinet(1, &[("a", 0, 0, 26), ("b", 0, 26, 0)], &[(&deflated(TEXT), TEXT.len())]);
    let limits = Limits { members: 1, ..Limits::default() };
    let reason = collect_with(&Cab, "a", &whole, limits).error.map(|error| error.reason());
    assert_eq!(reason, Some(Reason::TooManyMembers));
    for at in 0..whole.len() {
        let _ = open(&whole[..at]);
        let mut flipped = whole.clone();
        flipped[at] ^= 0xff;
        let _ = open(&flipped);
    }
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(open(&flipped).error.map(|error| error.reason()), Some(Reason::Malformed));
}
