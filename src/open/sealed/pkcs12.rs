//! Key stores of PKCS #12: sealed, opened by the empty password, or not sealed at all.
//!
//! Specification: RFC 7292; appendix B has the derivation of the key of the checksum.

use hmac::{Hmac, KeyInit, Mac};
use memchr::memmem::find;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::model::{Protection, State};

/// pkcs-12 keyBag: a private key in the clear.
const KEY_BAG: &[u8] = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x01";
/// pkcs-7 encryptedData and pkcs-12 pkcs8ShroudedKeyBag.
const SEALED_PARTS: [&[u8]; 2] =
    [b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06", b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02"];
/// More rounds than any program asks for are not tried.
const MOST_ROUNDS: u32 = 200_000;

/// What a store is, where its encryption does not say it all; `verdict` is what its ciphers say.
pub(super) fn judge(store: &[u8], verdict: Protection) -> Protection {
    if find(store, KEY_BAG).is_some() {
        let evidence = "PKCS #12 store with a private key that is not encrypted".into();
        return Protection { evidence, ..Protection::default() };
    }
    if SEALED_PARTS.iter().all(|part| find(store, part).is_none()) && whole_length(store) == Some(store.len()) {
        return Protection { evidence: "PKCS #12 store without encryption".into(), ..Protection::default() };
    }
    if verdict.state != State::Plain && opens_with_nothing(store) == Some(true) {
        let evidence = format!("{}; its checksum is that of the empty password", verdict.evidence);
        return Protection { state: State::OpensWithoutPassword, evidence, ..verdict };
    }
    verdict
}

/// Header and content together.
fn whole_length(der: &[u8]) -> Option<usize> {
    let (_, _, rest) = element(der)?;
    Some(der.len() - rest.len())
}

/// Tag, content and what follows it; none for a length that is not given or not there.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// Password, salt, rounds and data: the checksum.
type Check = fn(&[u8], &[u8], u32, &[u8]) -> Option<Vec<u8>>;

/// Whether the checksum over the store is that of the empty password; none if there is no
/// checksum of a kind that is known here.
fn opens_with_nothing(store: &[u8]) -> Option<bool> {
    let (_, pfx, _) = element(store)?;
    let (_, _version, pfx) = element(pfx)?;
    let (_, content_info, pfx) = element(pfx)?;
    let (_, _data, explicit) = element(content_info)?;
    let (_, octets, _) = element(explicit)?;
    let (tag, safe, _) = element(octets)?;
    let (_, mac_data, _) = element(pfx)?;
    let (_, digest_info, mac_data) = element(mac_data)?;
    let (_, salt, mac_data) = element(mac_data)?;
    let rounds = match element(mac_data) {
        Some((2, rounds, _)) if rounds.len() <= 4 => rounds.iter().fold(0_u32, |n, byte| (n << 8) | u32::from(*byte)),
        _ => 1,
    };
    let (_, algorithm, digest_info) = element(digest_info)?;
    let (_, expected, _) = element(digest_info)?;
    let (_, oid, _) = element(algorithm)?;
    if tag != 4 || rounds > MOST_ROUNDS || salt.len() > 1024 {
        return None;
    }
    let check: Check = match oid {
        b"\x2b\x0e\x03\x02\x1a" => {
            |password, salt, rounds, data| mac::<Hmac<Sha1>>(&derive::<Sha1>(password, salt, rounds, 64), data)
        }
        b"\x60\x86\x48\x01\x65\x03\x04\x02\x01" => {
            |password, salt, rounds, data| mac::<Hmac<Sha256>>(&derive::<Sha256>(password, salt, rounds, 64), data)
        }
        b"\x60\x86\x48\x01\x65\x03\x04\x02\x02" => {
            |password, salt, rounds, data| mac::<Hmac<Sha384>>(&derive::<Sha384>(password, salt, rounds, 128), data)
        }
        b"\x60\x86\x48\x01\x65\x03\x04\x02\x03" => {
            |password, salt, rounds, data| mac::<Hmac<Sha512>>(&derive::<Sha512>(password, salt, rounds, 128), data)
        }
        _ => return None,
    };
    // Some programs end the empty password with two zeros like any other, some do not.
    Some([&b"\0\0"[..], b""].iter().any(|password| check(password, salt, rounds, safe).as_deref() == Some(expected)))
}

fn mac<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    mac.update(data);
    Some(mac.finalize().into_bytes().to_vec())
}

/// One block of key material for a checksum (purpose 3), RFC 7292 B.2. `block` is that of
/// the hash, in bytes.
fn derive<D: Digest>(password: &[u8], salt: &[u8], rounds: u32, block: usize) -> Vec<u8> {
    let filled = |bytes: &[u8]| -> Vec<u8> {
        let length = bytes.len().div_ceil(block) * block;
        bytes.iter().copied().cycle().take(length).collect()
    };
    let mut hash =
        D::new().chain_update(vec![3; block]).chain_update(filled(salt)).chain_update(filled(password)).finalize();
    for _ in 1..rounds {
        hash = D::digest(&hash);
    }
    hash.to_vec()
}
