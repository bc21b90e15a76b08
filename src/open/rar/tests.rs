//! Rar archives made by hand, header by header, and what hostile ones cost.
#![allow(clippy::cast_possible_truncation, reason = "test code")]

use super::header::crc_of;
use super::*;
use crate::open::Limits;
use crate::open::collect::{Collected, collect, collect_with};

const TEXT: &[u8] = b"Dipendente: Laura Bianchi\n";

fn number(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A block of RAR 5: checksum, size, kind, flags, fields, extra, data.
fn block(kind: u8, flags: u8, fields: &[u8], extra: &[u8], data: &[u8]) -> Vec<u8> {
    let flags = flags | u8::from(!extra.is_empty()) | if data.is_empty() { 0 } else { 2 };
    let mut body = vec![kind, flags];
    if !extra.is_empty() {
        body.extend(number(extra.len() as u64));
    }
    if !data.is_empty() {
        body.extend(number(data.len() as u64));
    }
    body.extend(fields);
    body.extend(extra);
    let sized = [number(body.len() as u64), body].concat();
    [&crc_of(&sized).to_le_bytes()[..], &sized, data].concat()
}

/// A member; `packing` holds version, solid, method and dictionary.
fn member(name: &str, packing: u64, flags: u8, extra: &[u8], content: &[u8], packed: &[u8]) -> Vec<u8> {
    let mut fields = vec![4];
    fields.extend(number(content.len() as u64));
    fields.push(0);
    fields.extend(crc_of(content).to_le_bytes());
    fields.extend(number(packing));
    fields.push(0);
    fields.extend(number(name.len() as u64));
    fields.extend(name.as_bytes());
    block(2, flags, &fields, extra, packed)
}

fn stored(name: &str) -> Vec<u8> {
    member(name, 0, 0, &[], TEXT, TEXT)
}

fn sealed(name: &str) -> Vec<u8> {
    member(name, 0, 0, &[3, 1, 0, 0], TEXT, TEXT)
}

fn archive(blocks: &[Vec<u8>]) -> Vec<u8> {
    [Generation::Five.signature(), &block(1, 0, &[0], &[], &[]), &blocks.concat(), &block(5, 0, &[0], &[], &[])]
        .concat()
}

fn open(blocks: &[Vec<u8>]) -> Collected {
    collect(&Rar, "a.rar", &archive(blocks))
}

fn unread(collected: &Collected) -> Vec<Reason> {
    collected.unread.iter().map(|(_, reason)| *reason).collect()
}

#[test]
fn stored_members_and_comments_are_read() {
    let comment = [&[0u8, 5, 0, 0, 0, 3][..], b"CMT"].concat();
    let comment = block(3, 0, &comment, &[], b"Rossi");
    let collected = open(&[comment, stored("docs/a.txt"), stored("../b.txt")]);
    assert!(collected.error.is_none() && collected.gaps.is_empty(), "{collected:?}");
    assert_eq!(collected.member_names(), ["comment", "docs/a.txt", "../b.txt"]);
    assert!(collected.members[1..].iter().all(|(_, content)| content == TEXT));
}

#[test]
fn sealed_members_and_lists() {
    let check = |blocks: &[Vec<u8>], state: Option<(State, bool)>, is_sealed: bool, reasons: &[Reason]| {
        let collected = open(blocks);
        assert_eq!(collected.protection.as_ref().map(|p| (p.state, p.names_exposed)), state);
        assert_eq!(matches!(collected.error, Some(ReadError::Encrypted)), is_sealed, "{collected:?}");
        assert_eq!(unread(&collected), reasons);
    };
    check(&[stored("a")], None, false, &[]);
    check(&[sealed("a")], Some((State::Strong, true)), true, &[Reason::Encrypted]);
    check(&[sealed("a"), stored("b")], Some((State::Plain, false)), false, &[Reason::Encrypted]);
    check(&[block(4, 0, &[0, 0, 15], &[], &[])], Some((State::Strong, false)), true, &[]);
}

#[test]
fn what_is_not_unpacked_is_named() {
    // Packed with a terabyte of dictionary; with a later version; a link; the rest of a member.
    let huge = member("a", 1 | 3 << 7 | 23 << 10, 0, &[], &[0; 100], b"x");
    let mut claims = huge.clone();
    claims.clear();
    claims.extend(block(2, 0, &[&[8u8, 0, 0][..], &number(1 | 3 << 7 | 23 << 10), &[0, 1, b'a']].concat(), &[], b"x"));
    assert_eq!(unread(&open(&[claims])), [Reason::MemberTooLarge]);
    assert_eq!(unread(&open(&[member("a", 5 | 3 << 7, 0, &[], b"abc", b"x")])), [Reason::UnsupportedFeature]);
    assert_eq!(unread(&open(&[member("a", 0, 0, &[5, 5, 1, 0, 1, b'b'], b"", b"")])), [Reason::Symlink]);
    assert_eq!(unread(&open(&[member("a", 0, 8, &[], TEXT, TEXT)])), [Reason::Truncated]);
    // A solid member without the one before.
    assert_eq!(unread(&open(&[member("a", 0x40 | 3 << 7, 0, &[], b"abc", b"x")])), [Reason::Truncated]);
}

#[test]
fn damage_is_told() {
    let reason = |bytes: &[u8]| collect(&Rar, "a.rar", bytes).gaps.first().map(|(reason, _)| *reason);
    let whole = archive(&[stored("a"), stored("b")]);
    assert_eq!(reason(&whole), None);
    assert_eq!(reason(&whole[..whole.len() - 8]), Some(Reason::Truncated));
    let mut flipped = whole.clone();
    let at = whole.len() - 40;
    flipped[at] ^= 1;
    assert_eq!(reason(&flipped), Some(Reason::Malformed));
    // Content that is not as promised.
    let collected = open(&[member("a", 0, 0, &[], TEXT, &TEXT[1..])]);
    assert_eq!(collected.error.map(|error| error.reason()), Some(Reason::Truncated));
    let collected = open(&[member("a", 0, 0, &[], TEXT, &[&TEXT[1..], b"!"].concat())]);
    assert_eq!(collected.error.map(|error| error.reason()), Some(Reason::Malformed));
}

#[test]
fn budgets_end_it() {
    let bytes = archive(&[stored("a"), stored("b"), stored("c")]);
    let reason = |limits| collect_with(&Rar, "a", &bytes, limits).error.map(|error| error.reason());
    assert_eq!(reason(Limits { members: 2, ..Limits::default() }), Some(Reason::TooManyMembers));
    assert_eq!(reason(Limits { unpacked_bytes: 30, ..Limits::default() }), Some(Reason::TooManyBytes));
}

/// A header of RAR 4 with its checksum.
fn block_4(kind: u8, flags: u16, fields: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(7 + fields.len()).unwrap();
    let body = [&[kind][..], &flags.to_le_bytes(), &length.to_le_bytes(), fields].concat();
    [&(crc_of(&body) as u16).to_le_bytes()[..], &body, data].concat()
}

fn member_4(name: &str, flags: u16, version: u8, method: u8) -> Vec<u8> {
    let size = (TEXT.len() as u32).to_le_bytes();
    let mut fields = [size, size].concat();
    fields.push(2);
    fields.extend(crc_of(TEXT).to_le_bytes());
    fields.extend([0, 0, 0, 0, version, method]);
    fields.extend((name.len() as u16).to_le_bytes());
    fields.extend([0x20, 0, 0, 0]);
    fields.extend(name.as_bytes());
    block_4(0x74, 0x8000 | flags, &fields, TEXT)
}

#[test]
fn rar_4_archives() {
    let open = |main: u16, members: &[Vec<u8>]| {
        let main = block_4(0x73, main, &[0; 6], &[]);
        let end = block_4(0x7b, 0x4000, &[], &[]);
        collect(&Rar, "a.rar", &[Generation::Four.signature(), &main, &members.concat(), &end].concat())
    };
    let plain = open(0, &[member_4("docs\\a.txt", 0, 29, 0x30), member_4("b", 0, 29, 0x30)]);
    assert_eq!(plain.member_names(), ["docs/a.txt", "b"], "{plain:?}");
    assert!(plain.gaps.is_empty() && plain.error.is_none() && plain.members.iter().all(|(_, content)| content == TEXT));
    let sealed = open(0, &[member_4("a", 4, 29, 0x30)]);
    assert_eq!(sealed.protection.map(|p| (p.state, p.scheme)), Some((State::Strong, Some("rar4-aes128".into()))));
    assert!(matches!(open(0x80, &[]).error, Some(ReadError::Encrypted)));
    let old = open(0, &[member_4("a", 0, 20, 0x33), member_4("b", 1, 29, 0x30)]);
    assert_eq!(unread(&old), [Reason::UnsupportedFeature, Reason::Truncated]);
}
