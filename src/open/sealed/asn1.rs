//! Encrypted ASN.1: S/MIME envelopes, PKCS #8 keys and PKCS #12 stores, by their algorithm identifiers.
//!
//! Specifications: RFC 5652 (CMS), RFC 5958 (PKCS #8), RFC 7292 (PKCS #12), RFC 8018 (PKCS #5).

use memchr::memmem::find;

use crate::model::{Protection, State};

use super::{Verdict, pem_body, pkcs12};

/// Object identifiers of content and key encryption as they stand in the bytes.
const ALGORITHMS: &[(&str, &[u8], State)] = &[
    ("aes128-cbc", b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x02", State::Strong),
    ("aes192-cbc", b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x16", State::Strong),
    ("aes256-cbc", b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a", State::Strong),
    ("aes128-gcm", b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x06", State::Strong),
    ("aes192-gcm", b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x1a", State::Strong),
    ("aes256-gcm", b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2e", State::Strong),
    ("camellia128-cbc", b"\x06\x0b\x2a\x83\x08\x8c\x9a\x4b\x3d\x01\x01\x01\x02", State::Strong),
    ("camellia256-cbc", b"\x06\x0b\x2a\x83\x08\x8c\x9a\x4b\x3d\x01\x01\x01\x04", State::Strong),
    ("3des", b"\x06\x08\x2a\x86\x48\x86\xf7\x0d\x03\x07", State::Weak),
    ("rc2", b"\x06\x08\x2a\x86\x48\x86\xf7\x0d\x03\x02", State::Weak),
    ("rc4", b"\x06\x08\x2a\x86\x48\x86\xf7\x0d\x03\x04", State::Weak),
    ("des", b"\x06\x05\x2b\x0e\x03\x02\x07", State::Weak),
    ("pbe-md5-des", b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x03", State::Weak),
    ("pbe-sha1-des", b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0a", State::Weak),
    ("pbe-sha1-rc4-128", b"\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x01", State::Weak),
    ("pbe-sha1-rc4-40", b"\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x02", State::Weak),
    ("pbe-sha1-3des", b"\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03", State::Weak),
    ("pbe-sha1-2des", b"\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x04", State::Weak),
    ("pbe-sha1-rc2-128", b"\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x05", State::Weak),
    ("pbe-sha1-rc2-40", b"\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x06", State::Weak),
];

pub(super) fn judge(head: &[u8]) -> Option<Verdict> {
    let decoded = pem_body(head);
    let bytes = decoded.as_deref().unwrap_or(head);
    if bytes.first() != Some(&0x30) {
        return None;
    }
    let start = bytes.get(..64).unwrap_or(bytes);
    // Of data, and of version 3: encrypted data may be of data too.
    let is_version_3 = find(start, b"\x02\x01\x03\x30").is_some_and(|at| at <= 8);
    let is_of_data = find(start, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01").is_some();
    let (kind, what, media_type) = if is_version_3 && is_of_data {
        ("pkcs12", "PKCS #12 store", "application/x-pkcs12")
    } else if find(start, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07").is_some()
        || find(start, b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17").is_some()
    {
        ("cms", "S/MIME (CMS) envelope", "application/pkcs7-mime")
    } else {
        ("pkcs8", "PKCS #8 private key", "application/pkcs8-encrypted")
    };
    let found: Vec<_> = ALGORITHMS.iter().filter(|(_, oid, _)| find(bytes, oid).is_some()).collect();
    let names: Vec<&str> = found.iter().map(|(name, _, _)| *name).collect();
    let protection = match found.iter().min_by_key(|(_, _, state)| *state) {
        Some((name, _, state)) => {
            Protection::new(*state, format!("{kind}-{name}"), format!("{what}, {}", names.join(", ")))
        }
        None => Protection::unknown(format!("{what} with an encryption that is not known here")),
    };
    let protection = if kind == "pkcs12" { pkcs12::judge(bytes, protection) } else { protection };
    Some((protection, media_type))
}
