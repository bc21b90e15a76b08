//! How documents of the compound format are sealed: whole packages, and the ciphers of Office before 2007.
//!
//! Specification: [MS-OFFCRYPTO] 2.2 (rights management), 2.3.5 and 2.3.6 (RC4), 2.3.7 (XOR).

use std::io::{self, Read};

use md5::Md5;
use sha1::{Digest, Sha1};

use crate::extract::office_encryption::{DEFAULT_PASSWORD, PackageKey, office_package, opened_by_default};
use crate::model::{Name, Protection};
use crate::open::reader::{ReadError, Sink};
use crate::open::{Budget, Member};

use super::storage::{Storage, u16_at, u32_at};

const LONGEST_INFO: u64 = 1 << 20;
/// What a try of a password costs, in rounds of hashing.
const RC4_ROUNDS: u64 = 20;

/// An encrypted Office Open XML document. What the default password opens is read.
pub(super) fn read_package(storage: &mut Storage<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let Some(info) = storage.bytes("EncryptionInfo", LONGEST_INFO)? else {
        let rights = storage.has("\u{6}DataSpaces");
        sink.protection(if rights {
            rights_managed("an EncryptedPackage with data spaces and no EncryptionInfo")
        } else {
            Protection::unknown("an EncryptedPackage without EncryptionInfo")
        });
        return Err(ReadError::Encrypted);
    };
    let (mut protection, lock) = office_package(&info);
    let mut key = None;
    if let Some(lock) = lock {
        key = lock.open(DEFAULT_PASSWORD);
        if key.is_some() {
            protection = opened_by_default(protection);
        } else {
            let (name, budget) = (storage.name(), storage.budget());
            let tried = budget.passwords().try_each(name, lock.rounds(), budget, |password| lock.open(password))?;
            protection = tried.verdict(protection);
            key = tried.into_key();
        }
    }
    sink.protection(protection);
    let Some(key) = key else { return Err(ReadError::Encrypted) };
    let Some(mut package) = storage.stream("EncryptedPackage")? else { return Err(ReadError::Encrypted) };
    let mut length = [0; 8];
    package.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length).min(package.len());
    let mut opened = Opened { package, key, number: 0, left: length, segment: io::Cursor::new(Vec::new()) };
    let mut member = Member::new("EncryptedPackage");
    member.size = Some(length);
    sink.member(member, &mut opened)
}

/// Rights management asks a server for the key: whether it would give it cannot be told here.
pub(super) fn rights_managed(what: &str) -> Protection {
    let mut protection = Protection::unknown(format!("{what}: rights management (a server holds the key)"));
    protection.scheme = Some("ms-irm".into());
    protection
}

/// The package, decrypted segment by segment.
struct Opened<R> {
    package: R,
    key: PackageKey,
    number: u32,
    left: u64,
    segment: io::Cursor<Vec<u8>>,
}

impl<R: Read> Read for Opened<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.segment.position() == self.segment.get_ref().len() as u64 && self.left > 0 {
            let mut sealed = Vec::with_capacity(PackageKey::SEGMENT);
            (&mut self.package).take(PackageKey::SEGMENT as u64).read_to_end(&mut sealed)?;
            let mut opened = self.key.open(self.number, &sealed).unwrap_or_default();
            opened.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
            self.left = if opened.is_empty() { 0 } else { self.left - opened.len() as u64 };
            self.number = self.number.wrapping_add(1);
            self.segment = io::Cursor::new(opened);
        }
        self.segment.read(buffer)
    }
}

/// Takes a password; gives the key if it is the right one.
type Opener<'a> = dyn Fn(&str) -> Option<StreamKey> + 'a;

/// The verdict by the version that stands before every header of RC4, and the key if the
/// default password or one that others have opens it. `header` begins with the version.
pub(super) fn rc4(
    header: &[u8],
    program: &str,
    name: &Name,
    budget: &Budget,
) -> Result<(Protection, Option<StreamKey>), ReadError> {
    let version = (u16_at(header, 0).unwrap_or(0), u16_at(header, 2).unwrap_or(0));
    let mut open: Box<Opener<'_>> = Box::new(|_| None);
    let protection = match version {
        (1, 1) => {
            open = Box::new(|secret| StreamKey::basic(header.get(4..)?, secret));
            Protection::weak("office-rc4-40", format!("{program}: RC4 with 40 bits (version 1.1)"))
        }
        (2..=4, 2) => {
            let size = u32_at(header, 8).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
            let info = header.get(12..).unwrap_or_default();
            let bits = u32_at(info, 16).filter(|bits| (40..=128).contains(bits)).unwrap_or(40);
            let verifier = info.get(size..).unwrap_or_default();
            open = Box::new(move |secret| StreamKey::crypto_api(verifier, bits, secret));
            Protection::weak(format!("office-rc4-{bits}"), format!("{program}: RC4 CryptoAPI with {bits} bits"))
        }
        _ => Protection::weak("office-rc4", format!("{program}: an encryption of Office before 2007")),
    };
    if let Some(key) = open(DEFAULT_PASSWORD) {
        return Ok((opened_by_default(protection), Some(key)));
    }
    let tried = budget.passwords().try_each(name, RC4_ROUNDS, budget, open)?;
    Ok((tried.verdict(protection), tried.into_key()))
}

/// What opens a stream that is sealed in blocks of 1024 bytes.
pub(super) enum StreamKey {
    Basic([u8; 5]),
    CryptoApi { hash: Vec<u8>, bytes: usize },
}

impl StreamKey {
    pub(super) const BLOCK: u64 = 1024;

    fn basic(verifier: &[u8], secret: &str) -> Option<Self> {
        let salt = verifier.get(..16)?;
        let password = Md5::digest(utf16(secret));
        let mut digest = Md5::new();
        for _ in 0..16 {
            digest.update(password.get(..5)?);
            digest.update(salt);
        }
        let key = Self::Basic(digest.finalize().get(..5)?.try_into().ok()?);
        let mut sealed = verifier.get(16..48)?.to_vec();
        key.cipher(0)?.apply(&mut sealed);
        let (plain, hash) = sealed.split_at_checked(16)?;
        (Md5::digest(plain).as_slice() == hash).then_some(key)
    }

    fn crypto_api(verifier: &[u8], bits: u32, secret: &str) -> Option<Self> {
        let salt = verifier.get(4..20)?;
        let hash = Sha1::new().chain_update(salt).chain_update(utf16(secret)).finalize().to_vec();
        let key = Self::CryptoApi { hash, bytes: usize::try_from(bits / 8).ok()? };
        let mut sealed = verifier.get(20..36)?.to_vec();
        sealed.extend(verifier.get(40..60)?);
        key.cipher(0)?.apply(&mut sealed);
        let (plain, hash) = sealed.split_at_checked(16)?;
        (Sha1::digest(plain).as_slice() == hash).then_some(key)
    }

    fn cipher(&self, block: u32) -> Option<Rc4> {
        match self {
            Self::Basic(key) => {
                Some(Rc4::new(&Md5::new().chain_update(key).chain_update(block.to_le_bytes()).finalize()))
            }
            Self::CryptoApi { hash, bytes } => {
                let digest = Sha1::new().chain_update(hash).chain_update(block.to_le_bytes()).finalize();
                let mut key = digest.get(..*bytes)?.to_vec();
                if *bytes == 5 {
                    key.resize(16, 0);
                }
                Some(Rc4::new(&key))
            }
        }
    }

    /// Opens bytes that stand at `offset` of the stream.
    pub(super) fn open(&self, offset: u64, data: &mut [u8]) {
        let mut offset = offset;
        let mut rest = data;
        while !rest.is_empty() {
            let within = offset % Self::BLOCK;
            let here = usize::try_from(Self::BLOCK - within).unwrap_or(1).min(rest.len());
            let Some((now, later)) = rest.split_at_mut_checked(here) else { return };
            let Some(mut cipher) = u32::try_from(offset / Self::BLOCK).ok().and_then(|block| self.cipher(block)) else {
                return;
            };
            cipher.skip(within);
            cipher.apply(now);
            offset += here as u64;
            rest = later;
        }
    }
}

fn utf16(secret: &str) -> Vec<u8> {
    secret.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// RC4 is broken; this is for reading what was sealed with it.
struct Rc4 {
    state: [u8; 256],
    i: u8,
    j: u8,
}

impl Rc4 {
    fn new(key: &[u8]) -> Self {
        let mut state = [0; 256];
        state.iter_mut().zip(0..=255_u8).for_each(|(s, i)| *s = i);
        let mut j = 0_u8;
        for (i, &k) in (0..256).zip(key.iter().cycle()) {
            j = j.wrapping_add(state[i]).wrapping_add(k);
            state.swap(i, usize::from(j));
        }
        Self { state, i: 0, j: 0 }
    }

    fn next(&mut self) -> u8 {
        self.i = self.i.wrapping_add(1);
        let a = self.state[usize::from(self.i)];
        self.j = self.j.wrapping_add(a);
        self.state.swap(usize::from(self.i), usize::from(self.j));
        let b = self.state[usize::from(self.i)];
        self.state[usize::from(a.wrapping_add(b))]
    }

    fn skip(&mut self, n: u64) {
        for _ in 0..n {
            self.next();
        }
    }

    fn apply(&mut self, data: &mut [u8]) {
        for byte in data {
            *byte ^= self.next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::State;
    use crate::open::Limits;

    #[test]
    fn rc4_gives_the_published_stream() {
        // RFC 6229, key length 40 bits, offset 0.
        let mut data = [0; 4];
        Rc4::new(&[1, 2, 3, 4, 5]).apply(&mut data);
        assert_eq!(data, [0xB2, 0x39, 0x63, 0x05]);
    }

    #[test]
    fn old_ciphers_are_weak() {
        let budget = Budget::new(Limits::default(), 1, std::sync::Arc::default());
        let judge = |header: &[u8]| rc4(header, "xls", &Name::from("a.xls"), &budget).unwrap();
        let (protection, key) = judge(&[1, 0, 1, 0]);
        assert_eq!((protection.state, protection.scheme.as_deref()), (State::Weak, Some("office-rc4-40")));
        assert!(key.is_none());
        assert_eq!(judge(&[]).0.state, State::Weak);
    }
}
