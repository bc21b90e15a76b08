//! Headers of RAR 1.5 to 4.
//!
//! Specification: technote.txt of RAR 3 and 4 (rarlab.com), block headers.

use crate::model::Name;

use super::header::{File, Header, Kind, Method, Parsed, crc_of, u16_at, u32_at};

const MAIN: u8 = 0x73;
const FILE: u8 = 0x74;
const COMMENT: u8 = 0x75;
const SERVICE: u8 = 0x7a;
const END: u8 = 0x7b;

/// Whoever wrote the archive.
const UNIX: u8 = 3;

pub(super) fn parse(head: &[u8], place: u64) -> Parsed {
    let (Some(crc), Some(kind), Some(flags), Some(length)) =
        (u16_at(head, 0), head.get(2), u16_at(head, 3), u16_at(head, 5))
    else {
        return Parsed::TooShort(7);
    };
    let length = usize::from(length);
    let Some(block) = head.get(..length) else { return Parsed::TooShort(length) };
    // Old comments in the main header are not part of its checksum.
    let summed = if *kind == MAIN { 13.min(length) } else { length };
    let whole = block.get(2..).is_some_and(|bytes| crc_of(bytes) & 0xffff == u32::from(crc));
    let start = block.get(2..summed).is_some_and(|bytes| crc_of(bytes) & 0xffff == u32::from(crc));
    if length < 7 || !(whole || start) {
        return Parsed::Damaged;
    }
    let data_start = place.saturating_add(length as u64);
    let mut data_size = if flags & 0x8000 != 0 { u64::from(u32_at(block, 7).unwrap_or(0)) } else { 0 };
    let kind = match *kind {
        MAIN if flags & 0x80 != 0 => Kind::Sealed,
        MAIN => Kind::Main { is_solid: flags & 8 != 0, has_comment: flags & 2 != 0 },
        COMMENT => Kind::OldComment,
        END => Kind::End,
        kind @ (FILE | SERVICE) => {
            let Some((file, packed)) = file(block, flags) else { return Parsed::Damaged };
            data_size = packed;
            if kind == FILE { Kind::File(file) } else { Kind::Service(file) }
        }
        _ => Kind::Other,
    };
    Parsed::Header(Header { kind, data: data_start..data_start.saturating_add(data_size) })
}

/// With the size of its packed data.
fn file(block: &[u8], flags: u16) -> Option<(File, u64)> {
    let mut packed = u64::from(u32_at(block, 7)?);
    let mut size = u64::from(u32_at(block, 11)?);
    let (host, crc, version, method) = (*block.get(15)?, u32_at(block, 16)?, *block.get(24)?, *block.get(25)?);
    let name_length = usize::from(u16_at(block, 26)?);
    let attributes = u32_at(block, 28)?;
    let mut name_start = 32;
    if flags & 0x100 != 0 {
        packed |= u64::from(u32_at(block, 32)?) << 32;
        size |= u64::from(u32_at(block, 36)?) << 32;
        name_start = 40;
    }
    let raw = block.get(name_start..name_start + name_length)?;
    let is_encrypted = flags & 4 != 0;
    let goes_on = flags & 2 != 0;
    let file = File {
        name: name(raw, flags & 0x200 != 0),
        // All ones: not known when it was written.
        size: (size < u64::from(u32::MAX) || flags & 0x100 != 0 && size < u64::MAX).then_some(size),
        crc: (!is_encrypted && !goes_on).then_some(crc),
        modified: None,
        method: match (method, version) {
            (0x30, _) => Method::Stored,
            (0x31..=0x35, 29 | 36) => Method::Third,
            (_, ..=26) => Method::Unknown("a compression method of RAR before 2.9"),
            _ => Method::Unknown("an unknown compression method of RAR"),
        },
        is_directory: flags & 0xe0 == 0xe0,
        is_encrypted,
        is_link: host == UNIX && attributes & 0xf000 == 0xa000,
        is_solid: flags & 0x10 != 0,
        is_continued: flags & 1 != 0,
        goes_on,
        stream: None,
    };
    Some((file, packed))
}

/// A name in the code page of its author; behind a NUL stands a packed Unicode form of it.
fn name(raw: &[u8], has_unicode: bool) -> Name {
    let slashes = |bytes: Vec<u8>| {
        Name::from_bytes(bytes.iter().map(|b| if *b == b'\\' { b'/' } else { *b }).collect::<Vec<u8>>())
    };
    if has_unicode && let Some(end) = raw.iter().position(|b| *b == 0) {
        let plain = raw.get(..end).unwrap_or_default();
        let packed = raw.get(end + 1..).unwrap_or_default();
        if let Some(wide) = unpack_name(plain, packed) {
            return slashes(String::from_utf16_lossy(&wide).into_bytes());
        }
        return slashes(plain.to_vec());
    }
    slashes(raw.to_vec())
}

/// The units of UTF-16: two bits for each say whether its high byte is zero, the common one, or
/// given, or whether a run is that of the plain name.
fn unpack_name(plain: &[u8], packed: &[u8]) -> Option<Vec<u16>> {
    let mut bytes = packed.iter().copied();
    let high = u16::from(bytes.next()?) << 8;
    let mut wide: Vec<u16> = Vec::new();
    let (mut flags, mut left) = (0u8, 0);
    loop {
        if left == 0 {
            let Some(next) = bytes.next() else { return Some(wide) };
            (flags, left) = (next, 4);
        }
        let kind = flags >> 6;
        flags <<= 2;
        left -= 1;
        let Some(byte) = bytes.next() else { return Some(wide) };
        match kind {
            0 => wide.push(u16::from(byte)),
            1 => wide.push(u16::from(byte) | high),
            2 => wide.push(u16::from(byte) | u16::from(bytes.next()?) << 8),
            _ => {
                let correction = if byte & 0x80 != 0 { Some(bytes.next()?) } else { None };
                for _ in 0..usize::from(byte & 0x7f) + 2 {
                    let Some(own) = plain.get(wide.len()) else { break };
                    wide.push(match correction {
                        Some(correction) => u16::from(own.wrapping_add(correction)) | high,
                        None => u16::from(*own),
                    });
                }
            }
        }
        if wide.len() > 4096 {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_unicode_names() {
        // Eight units of the plain name, a given one, one of the common page.
        let packed = [0x04, 0b1110_0100, 6, 0x16, 0x20, 0x41];
        let wide = unpack_name(b"documents", &packed).unwrap();
        assert_eq!(String::from_utf16(&wide).unwrap(), "document\u{2016}\u{441}");
        assert_eq!(name(b"a\\b.txt", false), Name::from("a/b.txt"));
    }
}
