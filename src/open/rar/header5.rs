//! Headers of RAR 5 and 7.
//!
//! Specification: RAR 5.0 archive format (rarlab.com/technote.htm).

use crate::model::Name;

use super::header::{File, Header, Kind, Method, Parsed, crc_of, u32_at, u64_at};

/// A number of RAR 5: seven bits a byte, the lowest first.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..70).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

pub(super) fn parse(head: &[u8], place: u64) -> Parsed {
    let Some(mut rest) = head.get(4..) else { return Parsed::TooShort(7) };
    let Some(size) = number(&mut rest).and_then(|size| usize::try_from(size).ok()) else { return Parsed::Damaged };
    let prefix = head.len() - rest.len();
    let Some(fields) = rest.get(..size) else { return Parsed::TooShort(prefix.saturating_add(size)) };
    let whole = prefix + size;
    if size == 0 || u32_at(head, 0) != head.get(4..whole).map(crc_of) {
        return Parsed::Damaged;
    }
    header(fields, place.saturating_add(whole as u64)).map_or(Parsed::Damaged, Parsed::Header)
}

fn header(mut fields: &[u8], data_start: u64) -> Option<Header> {
    let kind = number(&mut fields)?;
    let flags = number(&mut fields)?;
    let extra_size = if flags & 1 != 0 { usize::try_from(number(&mut fields)?).ok()? } else { 0 };
    let data_size = if flags & 2 != 0 { number(&mut fields)? } else { 0 };
    let (mut fields, extra) = fields.split_at_checked(fields.len().checked_sub(extra_size)?)?;
    let kind = match kind {
        1 => Kind::Main { is_solid: number(&mut fields)? & 4 != 0, has_comment: false },
        2 => Kind::File(file(fields, extra, flags)?),
        3 => Kind::Service(file(fields, extra, flags)?),
        4 => Kind::Sealed,
        5 => Kind::End,
        _ => Kind::Other,
    };
    Some(Header { kind, data: data_start..data_start.saturating_add(data_size) })
}

fn file(mut rest: &[u8], mut extra: &[u8], header_flags: u64) -> Option<File> {
    let flags = number(&mut rest)?;
    let size = number(&mut rest)?;
    let _attributes = number(&mut rest)?;
    let mut modified = None;
    if flags & 2 != 0 {
        modified = u32_at(rest, 0).map(i64::from);
        rest = rest.get(4..)?;
    }
    let mut crc = None;
    if flags & 4 != 0 {
        crc = u32_at(rest, 0);
        rest = rest.get(4..)?;
    }
    let packing = number(&mut rest)?;
    let _host = number(&mut rest)?;
    let length = usize::try_from(number(&mut rest)?).ok()?;
    let mut file = File {
        name: Name::from_bytes(rest.get(..length)?),
        size: (flags & 8 == 0).then_some(size),
        crc,
        modified,
        method: method(packing),
        is_directory: flags & 1 != 0,
        is_encrypted: false,
        is_link: false,
        is_solid: packing & 0x40 != 0,
        is_continued: header_flags & 0x08 != 0,
        goes_on: header_flags & 0x10 != 0,
        stream: None,
    };
    while let Some(size) = number(&mut extra).and_then(|size| usize::try_from(size).ok()) {
        let Some((mut record, next)) = extra.split_at_checked(size) else { break };
        extra = next;
        match number(&mut record) {
            Some(1) => file.is_encrypted = true,
            Some(3) => file.modified = modified_of(record).or(file.modified),
            // Links of every kind, and references to another member with the same content.
            Some(5) => file.is_link = true,
            Some(7) => file.stream = Some(Name::from_bytes(record)),
            _ => {}
        }
    }
    if file.is_encrypted || file.goes_on {
        // Made with the password, or of the part in this volume.
        file.crc = None;
    }
    Some(file)
}

fn modified_of(mut record: &[u8]) -> Option<i64> {
    let flags = number(&mut record)?;
    match (flags & 1 != 0, flags & 2 != 0) {
        (true, true) => u32_at(record, 0).map(i64::from),
        // Tenths of microseconds since 1601.
        (false, true) => {
            u64_at(record, 0).and_then(|time| i64::try_from(time / 10_000_000).ok()).map(|s| s - 11_644_473_600)
        }
        _ => None,
    }
}

fn method(packing: u64) -> Method {
    let strength = (packing >> 7) & 7;
    if strength == 0 {
        return Method::Stored;
    }
    let base = |bits: u64| 128u64 << 10 << bits;
    match packing & 0x3f {
        0 => Method::Fifth { dictionary: base((packing >> 10) & 15), far: false },
        1 => {
            let base = base((packing >> 10) & 31);
            let dictionary = base.saturating_add(base / 32 * ((packing >> 15) & 31));
            // Bit 20: packed as RAR 5 does it, with a dictionary of RAR 7.
            Method::Fifth { dictionary, far: packing & (1 << 20) == 0 }
        }
        _ => Method::Unknown("a compression method of a later RAR"),
    }
}
