//! Tells what an S/MIME body is, sealed or merely signed, and takes the message out of a signed one.
//!
//! <https://www.rfc-editor.org/rfc/rfc5652> (CMS), <https://www.rfc-editor.org/rfc/rfc8551> (S/MIME).

use crate::model::Protection;

/// pkcs-7 (1.2.840.113549.1.7) as DER writes it.
const PKCS7: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07";
/// id-smime-ct-authEnvelopedData (1.2.840.113549.1.9.16.1.23) and compressedData (….9).
const AUTH_ENVELOPED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17";
const COMPRESSED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09";

/// Content encryption algorithms: identifier, name, whether it holds.
const CIPHERS: &[(&[u8], &str, bool)] = &[
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x02", "aes128-cbc", true),
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x16", "aes192-cbc", true),
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a", "aes256-cbc", true),
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x06", "aes128-gcm", true),
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x1a", "aes192-gcm", true),
    (b"\x60\x86\x48\x01\x65\x03\x04\x01\x2e", "aes256-gcm", true),
    (b"\x2a\x83\x08\x8c\x9a\x4b\x3d\x01\x01\x01\x02", "camellia128-cbc", true),
    (b"\x2a\x83\x08\x8c\x9a\x4b\x3d\x01\x01\x01\x04", "camellia256-cbc", true),
    (b"\x2a\x86\x48\x86\xf7\x0d\x03\x07", "3des", false),
    (b"\x2a\x86\x48\x86\xf7\x0d\x03\x02", "rc2", false),
    (b"\x2a\x86\x48\x86\xf7\x0d\x03\x04", "rc4", false),
    (b"\x2b\x0e\x03\x02\x07", "des", false),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Signed,
    Enveloped,
    Compressed,
    Unknown,
}

/// What the content type at the start says.
pub fn kind(der: &[u8]) -> Kind {
    let head = der.get(..der.len().min(64)).unwrap_or_default();
    let after = |oid: &[u8]| memchr::memmem::find(head, oid).and_then(|at| head.get(at + oid.len()).copied());
    if memchr::memmem::find(head, AUTH_ENVELOPED).is_some() {
        return Kind::Enveloped;
    }
    if memchr::memmem::find(head, COMPRESSED).is_some() {
        return Kind::Compressed;
    }
    match after(PKCS7) {
        Some(2) => Kind::Signed,
        Some(3 | 4) => Kind::Enveloped,
        _ => Kind::Unknown,
    }
}

/// The verdict on enveloped data; its cipher stands behind the list of recipients.
pub fn protection(der: &[u8]) -> Protection {
    let evidence = "content type CMS EnvelopedData; headers (addresses, subject) are not sealed";
    let found = CIPHERS.iter().filter_map(|(oid, name, holds)| {
        let at = memchr::memmem::rfind(der, oid)?;
        // An object identifier, by its tag and length.
        let tag = der.get(at.checked_sub(2)?..at)?;
        (tag.first() == Some(&6) && tag.get(1).map(|n| usize::from(*n)) == Some(oid.len())).then_some((at, name, holds))
    });
    match found.min_by_key(|(at, ..)| *at) {
        Some((_, name, true)) => Protection::strong(format!("smime-{name}"), format!("{evidence}; cipher {name}")),
        Some((_, name, false)) => Protection::weak(format!("smime-{name}"), format!("{evidence}; cipher {name}")),
        // A cipher that is not known may be a broken one.
        None => Protection {
            scheme: Some("smime".into()),
            ..Protection::unknown(format!("{evidence}; a cipher that is not known here"))
        },
    }
}

/// The message inside signed data: the octets of its encapsulated content.
pub fn signed_content(der: &[u8]) -> Option<Vec<u8>> {
    // SignedData holds id-data (pkcs7 1), then [0] with the octets, whole or in segments.
    let id_data = [PKCS7, b"\x01"].concat();
    let at = memchr::memmem::find(der, &id_data)?;
    let (tag, _, explicit) = element(der.get(at + id_data.len()..)?)?;
    if tag != 0xa0 {
        return None;
    }
    let (tag, length, content) = element(explicit)?;
    match tag {
        0x04 => content.get(..length?).map(<[u8]>::to_vec),
        0x24 => {
            let mut out = Vec::new();
            let mut rest = match length {
                Some(length) => content.get(..length)?,
                None => content,
            };
            while let Some((0x04, Some(length), segment)) = element(rest) {
                let Some(octets) = segment.get(..length) else { break };
                out.extend_from_slice(octets);
                rest = segment.get(length..).unwrap_or_default();
            }
            Some(out)
        }
        _ => None,
    }
}

/// Tag, length (none if indefinite) and what follows the head of the element.
fn element(der: &[u8]) -> Option<(u8, Option<usize>, &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    match first {
        0x80 => Some((*tag, None, rest)),
        0..0x80 => Some((*tag, Some(usize::from(*first)), rest)),
        long => {
            let n = usize::from(long & 0x7f);
            if n > 4 {
                return None;
            }
            let length = rest.get(..n)?.iter().fold(0usize, |length, byte| (length << 8) | usize::from(*byte));
            Some((*tag, Some(length), rest.get(n..)?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let n = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82, n[0], n[1]], content].concat()
    }

    fn content_info(kind: u8, content: &[u8]) -> Vec<u8> {
        let oid = [&[6, 9], PKCS7, &[kind]].concat();
        der(0x30, &[oid, der(0xa0, content)].concat())
    }

    #[test]
    fn signed_content_is_taken_out() {
        let data = [&[6, 9], PKCS7, &[1]].concat();
        let whole = der(0xa0, &der(0x04, b"Subject: x\r\n\r\nMario"));
        let signed = content_info(2, &der(0x30, &[data.clone(), whole].concat()));
        assert_eq!(kind(&signed), Kind::Signed);
        assert_eq!(signed_content(&signed).unwrap(), b"Subject: x\r\n\r\nMario");
        let segments = [&[0xa0, 0x80, 0x24, 0x80][..], &der(0x04, b"Ma"), &der(0x04, b"rio"), &[0, 0, 0, 0]].concat();
        let signed = content_info(2, &der(0x30, &[data, segments].concat()));
        assert_eq!(signed_content(&signed).unwrap(), b"Mario");
        assert_eq!(signed_content(b"\x30\x80"), None);
    }

    #[test]
    fn sealed_content_and_its_cipher() {
        let aes = [&[6, 9][..], b"\x60\x86\x48\x01\x65\x03\x04\x01\x2a"].concat();
        let sealed = content_info(3, &der(0x30, &aes));
        assert_eq!(kind(&sealed), Kind::Enveloped);
        assert_eq!(protection(&sealed).scheme.as_deref(), Some("smime-aes256-cbc"));
        let rc2 = content_info(3, &[&[6, 8][..], b"\x2a\x86\x48\x86\xf7\x0d\x03\x02"].concat());
        assert_eq!(protection(&rc2).state, crate::model::State::Weak);
    }
}
