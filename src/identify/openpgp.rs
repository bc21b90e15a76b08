//! Whether bytes are an OpenPGP message; keyrings are not.

use crate::model::Name;

/// What follows a session key: another one, or the data.
const SESSION_OR_DATA: &[u8] = &[1, 3, 9, 18, 20];

/// Bytes of a head that need not be the whole file.
const HEAD: usize = 64 << 10;

/// Looks at the first packet (RFC 9580, section 4.2), and at what follows it as far as the
/// head goes: one random byte in eight looks like a packet tag.
pub(super) fn is_message(head: &[u8], name: &Name) -> bool {
    let Some((tag, body, after)) = first_packet(head) else { return false };
    let at = |i: usize| head.get(body + i).copied();
    let followed = |tags: &[u8]| match after {
        Some(next) if next < head.len() => {
            head.get(next..).and_then(first_packet).is_some_and(|(tag, _, _)| tags.contains(&tag))
        }
        // All of a file that ends with the session key holds no data.
        Some(_) => head.len() >= HEAD,
        None => true,
    };
    let named = matches!(name.extension().as_str(), "gpg" | "pgp" | "asc" | "sig" | "enc");
    match tag {
        // Public-key encrypted session key: version, key id, algorithm.
        1 => match at(0) {
            Some(3) => at(9).is_some_and(|a| matches!(a, 1 | 2 | 16 | 18 | 25 | 26)) && followed(SESSION_OR_DATA),
            Some(6) => followed(SESSION_OR_DATA),
            _ => false,
        },
        // Symmetric-key encrypted session key: version, cipher, string-to-key.
        3 => match (at(0), at(1), at(2)) {
            (Some(4), Some(1..=13), Some(0 | 1 | 3 | 4 | 101))
            | (Some(5), Some(1..=13), Some(1..=3))
            | (Some(6), Some(1..=64), Some(1..=13)) => followed(SESSION_OR_DATA),
            _ => false,
        },
        9 => named,
        // Version 2: cipher, mode, and the size of its chunks.
        18 => match (at(0), at(1), at(2), at(3)) {
            (Some(1), ..) => named,
            (Some(2), Some(1..=13), Some(1..=3), Some(0..=16)) => true,
            _ => false,
        },
        20 => at(0) == Some(1) && matches!(at(1), Some(1..=13)) && matches!(at(2), Some(1..=3)),
        // One-pass signature: version, type, hash, algorithm.
        4 => matches!((at(0), at(1), at(2)), (Some(3 | 6), Some(0 | 1), Some(1..=14))),
        8 => compressed_is_message(head, body, name, named),
        11 => matches!(at(0), Some(b'b' | b't' | b'u' | b'l' | b'm' | b'1')) && (named || literal_fits(head, body)),
        _ => false,
    }
}

/// Tag, start of the body and end of the packet where one is given.
fn first_packet(head: &[u8]) -> Option<(u8, usize, Option<usize>)> {
    let first = *head.first()?;
    if first & 0x80 == 0 {
        return None;
    }
    let byte = |i: usize| head.get(i).map(|b| usize::from(*b));
    if first & 0x40 != 0 {
        let tag = first & 0x3f;
        return Some(match byte(1)? {
            length @ 0..=191 => (tag, 2, Some(2 + length)),
            length @ 192..=223 => (tag, 3, Some(3 + ((length - 192) << 8) + byte(2)? + 192)),
            255 => {
                let length = u32::from_be_bytes(head.get(2..6)?.try_into().ok()?);
                (tag, 6, usize::try_from(length).ok().and_then(|length| length.checked_add(6)))
            }
            _ => (tag, 2, None),
        });
    }
    let tag = (first >> 2) & 0x0f;
    Some(match first & 3 {
        0 => (tag, 2, Some(2 + byte(1)?)),
        1 => (tag, 3, Some(3 + (byte(1)? << 8) + byte(2)?)),
        2 => {
            let length = u32::from_be_bytes(head.get(1..5)?.try_into().ok()?);
            (tag, 5, usize::try_from(length).ok().and_then(|length| length.checked_add(5)))
        }
        _ => (tag, 1, None),
    })
}

/// A compressed packet must unpack to a packet again.
fn compressed_is_message(head: &[u8], body: usize, name: &Name, named: bool) -> bool {
    use std::io::Read as _;
    let Some(data) = head.get(body + 1..) else { return false };
    let mut start = [0; 16];
    let unpacked = match head.get(body) {
        Some(0) => return named && is_message(data, name),
        Some(1) => flate2::read::DeflateDecoder::new(data).read(&mut start),
        Some(2) => flate2::read::ZlibDecoder::new(data).read(&mut start),
        Some(3) => return data.starts_with(b"BZh"),
        _ => return false,
    };
    unpacked
        .is_ok_and(|n| start.get(..n).and_then(first_packet).is_some_and(|(tag, _, _)| matches!(tag, 2 | 4 | 8 | 11)))
}

/// A literal packet without a telling name: the stored file name must be printable.
fn literal_fits(head: &[u8], body: usize) -> bool {
    let Some(length) = head.get(body + 1).map(|b| usize::from(*b)) else { return false };
    length > 3
        && head.get(body + 2..body + 2 + length).is_some_and(|name| name.iter().all(|b| (0x20..0x7f).contains(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &[u8], expected: bool) {
        assert_eq!(is_message(head, &Name::from("a")), expected, "{head:?}");
    }

    #[test]
    fn packets() {
        check(b"\x8c\x0d\x04\x09\x03\x02saltsalt\xff\xd2\x40\x01", true);
        check(b"\x8c\x0d\x04\x63\x03\x02saltsalt\xff\xd2\x40\x01", false);
        check(b"\x8c\x0d\x04\x09\x03\x02saltsalt\xff\x99\x01\x0d", false);
        check(b"\x99\x01\x0d\x04\x5f\0\0\0\x01", false);
        check(b"\xe9 una lettera", false);
        check("èlle".as_bytes(), false);
    }
}
