//! Judges how an office document is sealed, and opens it if the well-known default password does.
//!
//! Specifications: [MS-OFFCRYPTO] for Office; OpenDocument 1.3 part 2, sections 3.4 and 4 for OpenDocument.

use std::collections::HashMap;

use aes::cipher::{BlockCipherDecrypt, KeyInit};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::model::Protection;

use super::odf::PartLock;
use super::office_xml::{Markup, Token};

/// The password that Excel itself uses to seal a workbook whose structure or sheets are
/// protected; every program tries it unasked ([MS-OFFCRYPTO] 2.4.2.3 names it).
pub const DEFAULT_PASSWORD: &str = "VelvetSweatshop";

/// Rounds of hashing of standard encryption.
const STANDARD_ROUNDS: u32 = 50_000;

/// More rounds of hashing than any program asks for are not tried.
const MOST_ROUNDS: u32 = 1_000_000;

/// An OpenDocument package of which some parts are sealed.
pub(super) struct SealedPackage {
    pub(super) protection: Protection,
    parts: HashMap<String, PartLock>,
}

impl SealedPackage {
    pub(super) fn covers(&self, part: &str) -> bool {
        self.parts.contains_key(part) || (part == "content.xml" && self.parts.contains_key("encrypted-package"))
    }

    pub(super) fn lock(&self, part: &str) -> Option<&PartLock> {
        self.parts.get(part)
    }
}

/// The verdict on an OpenDocument package by its manifest; none if no part is sealed.
pub(super) fn open_document(manifest: &[u8]) -> Option<SealedPackage> {
    let mut part = manifest;
    let mut markup = Markup::new(&mut part);
    let mut parts = HashMap::new();
    let (mut path, mut sealed, mut lock) = (String::new(), false, PartLock::default());
    let (mut cipher, mut derivation, mut rounds) = (String::new(), String::new(), String::new());
    while let Ok(Some(token)) = markup.next() {
        match token {
            Token::Open(tag) => {
                lock.read(&tag);
                match tag.name() {
                    "file-entry" => {
                        path = tag.attribute("full-path").unwrap_or_default();
                        sealed = false;
                        lock = PartLock::default();
                    }
                    "encryption-data" => sealed = true,
                    // Of the content first; parts are sealed alike.
                    "algorithm" if cipher.is_empty() => cipher = tag.attribute("algorithm-name").unwrap_or_default(),
                    "key-derivation" if derivation.is_empty() => {
                        derivation = tag.attribute("key-derivation-name").unwrap_or_default();
                        rounds = tag
                            .attribute("iteration-count")
                            .or_else(|| tag.attribute("argon2-iterations"))
                            .filter(|n| n.len() < 12)
                            .unwrap_or_default();
                    }
                    _ => {}
                }
            }
            Token::Close(end) if end.name() == "file-entry" && sealed => {
                parts.insert(std::mem::take(&mut path), std::mem::take(&mut lock));
            }
            _ => {}
        }
    }
    if parts.is_empty() {
        return None;
    }
    let derivation = derivation.rsplit(['#', ':', '/']).next().unwrap_or_default();
    let derivation = match derivation.to_ascii_lowercase().as_str() {
        name if name.contains("argon2") => "Argon2id",
        name if name.contains("pbkdf2") => "PBKDF2",
        name if name.contains("pgp") => "OpenPGP",
        _ => "an unnamed key derivation",
    };
    let rounds = if rounds.bytes().all(|b| b.is_ascii_digit()) && !rounds.is_empty() {
        format!(", {rounds} iterations")
    } else {
        String::new()
    };
    let how = |cipher: &str| format!("META-INF/manifest.xml: encryption-data with {cipher}, {derivation}{rounds}");
    let lower = cipher.to_ascii_lowercase();
    let protection = if lower.contains("aes256-gcm") {
        Protection::strong("odf-aes256", how("AES-256-GCM"))
    } else if lower.contains("aes256") {
        Protection::strong("odf-aes256", how("AES-256-CBC"))
    } else if lower.contains("aes192") || lower.contains("aes128") {
        Protection::strong("odf-aes128", how("AES"))
    } else if lower.contains("blowfish") {
        // 128 bits of Blowfish have no practical attack; its 64-bit blocks do not matter at
        // the size of a document. The 1024 rounds of its time only make guessing cheap.
        Protection::strong("odf-blowfish", how("Blowfish-CFB"))
    } else {
        Protection::unknown("META-INF/manifest.xml: encryption-data with an unknown algorithm")
    };
    let whole = parts.contains_key("encrypted-package");
    let protection = if whole { protection } else { protection.with_names_exposed() };
    Some(SealedPackage { protection, parts })
}

/// What opens an encrypted Office Open XML package.
pub(super) enum PackageKey {
    Agile { key: Vec<u8>, salt: Vec<u8>, hash: Hash },
    Standard { key: Vec<u8> },
}

/// What a password is tried on.
pub(super) enum Lock {
    /// Of the data, and of the key that a password seals.
    Agile(Box<(Parameters, Parameters)>),
    Standard {
        verifier: Vec<u8>,
        length: usize,
    },
}

/// The verdict by the stream `EncryptionInfo`, and what a password is tried on.
pub(super) fn office_package(info: &[u8]) -> (Protection, Option<Lock>) {
    let (major, minor) = (u16_at(info, 0).unwrap_or(0), u16_at(info, 2).unwrap_or(0));
    match (major, minor) {
        (4, 4) => agile(info.get(8..).unwrap_or_default()),
        (2..=4, 2) => standard(info),
        (3 | 4, 3) => (
            Protection {
                scheme: Some("ooxml-extensible".into()),
                ..Protection::unknown("EncryptionInfo: extensible, its provider decides")
            },
            None,
        ),
        _ => (Protection::unknown(format!("EncryptionInfo: unknown version {major}.{minor}")), None),
    }
}

/// [MS-OFFCRYPTO] 2.3.4.10 and following.
fn agile(xml: &[u8]) -> (Protection, Option<Lock>) {
    let mut part = xml;
    let mut markup = Markup::new(&mut part);
    let mut data = None;
    let mut password = None;
    while let Ok(Some(token)) = markup.next() {
        let Token::Open(tag) = token else { continue };
        let parameters = || Parameters {
            cipher: tag.attribute("cipherAlgorithm").unwrap_or_default(),
            bits: tag.attribute("keyBits").and_then(|bits| bits.parse().ok()).unwrap_or(0),
            chaining: tag.attribute("cipherChaining").unwrap_or_default(),
            hash: tag.attribute("hashAlgorithm").as_deref().and_then(Hash::named),
            salt: base64(tag.attribute("saltValue")),
            rounds: tag.attribute("spinCount").and_then(|n| n.parse().ok()).unwrap_or(0),
            verifier: base64(tag.attribute("encryptedVerifierHashInput")),
            verifier_hash: base64(tag.attribute("encryptedVerifierHashValue")),
            key: base64(tag.attribute("encryptedKeyValue")),
        };
        match tag.name() {
            "keyData" if data.is_none() => data = Some(parameters()),
            // By password; there may be one by certificate beside it.
            "encryptedKey" if password.is_none() && tag.attribute("spinCount").is_some() => {
                password = Some(parameters());
            }
            _ => {}
        }
    }
    let Some(data) = data else {
        return (Protection::unknown("EncryptionInfo: agile, without parameters"), None);
    };
    let hash = data.hash.map_or("an unknown hash", Hash::name);
    let rounds = password.as_ref().map_or_else(|| "no password".to_owned(), |p| format!("{} rounds", p.rounds));
    let cipher = match data.cipher.as_str() {
        name @ ("AES" | "DES" | "3DES" | "3DES_112" | "DESX" | "RC2" | "RC4") => name,
        _ => "an unknown cipher",
    };
    let evidence = format!("EncryptionInfo 4.4 (agile): {cipher} with {} bits, {hash}, {rounds}", data.bits);
    let protection = match cipher {
        "AES" if matches!(data.bits, 128 | 192 | 256) => {
            Protection::strong(format!("ooxml-agile-aes{}", data.bits), evidence)
        }
        "3DES" | "3DES_112" => Protection::weak("ooxml-agile-3des", evidence),
        "RC2" | "RC4" | "DES" | "DESX" => Protection::weak(format!("ooxml-agile-{}", cipher.to_lowercase()), evidence),
        _ => Protection::unknown(evidence),
    };
    (protection, password.map(|password| Lock::Agile(Box::new((data, password)))))
}

/// The verdict on what the default password opens.
pub(super) fn opened_by_default(protection: Protection) -> Protection {
    let evidence = format!("{}; the default password of Excel opens it", protection.evidence);
    Protection::opens_without_password(protection.scheme.unwrap_or_default(), evidence)
}

pub(super) struct Parameters {
    cipher: String,
    bits: u32,
    chaining: String,
    hash: Option<Hash>,
    salt: Vec<u8>,
    rounds: u32,
    verifier: Vec<u8>,
    verifier_hash: Vec<u8>,
    key: Vec<u8>,
}

impl Lock {
    /// Rounds of hashing that a try costs.
    pub(super) fn rounds(&self) -> u64 {
        match self {
            Self::Agile(parameters) => u64::from(parameters.1.rounds),
            Self::Standard { .. } => u64::from(STANDARD_ROUNDS),
        }
    }

    /// The key, if this is the password.
    pub(super) fn open(&self, secret: &str) -> Option<PackageKey> {
        match self {
            Self::Agile(parameters) => agile_key(&parameters.0, &parameters.1, secret),
            Self::Standard { verifier, length } => standard_key(verifier, *length, secret),
        }
    }
}

fn agile_key(data: &Parameters, password: &Parameters, secret: &str) -> Option<PackageKey> {
    let is_aes_cbc = |p: &Parameters| p.cipher == "AES" && p.chaining == "ChainingModeCBC";
    if !is_aes_cbc(data) || !is_aes_cbc(password) || password.rounds > MOST_ROUNDS {
        return None;
    }
    let hash = password.hash?;
    let rounds = hash.stretch(&password.salt, secret, password.rounds);
    let length = usize::try_from(password.bits / 8).ok()?;
    let open = |block: [u8; 8], sealed: &[u8]| {
        let mut key = hash.of(&[&rounds, &block]);
        key.resize(length, 0x36);
        cbc_decrypt(&key, &block_of(&password.salt), sealed)
    };
    let verifier = open([0xFE, 0xA7, 0xD2, 0x76, 0x3B, 0x4B, 0x9E, 0x79], &password.verifier)?;
    let expected = open([0xD7, 0xAA, 0x0F, 0x6D, 0x30, 0x61, 0x34, 0x4E], &password.verifier_hash)?;
    let verifier = verifier.get(..password.salt.len().min(verifier.len()))?;
    let actual = hash.of(&[verifier]);
    if expected.get(..actual.len())? != actual.as_slice() {
        return None;
    }
    let mut key = open([0x14, 0x6E, 0x0B, 0xE7, 0xAB, 0xAC, 0xD0, 0xD6], &password.key)?;
    key.truncate(usize::try_from(data.bits / 8).ok()?);
    Some(PackageKey::Agile { key, salt: data.salt.clone(), hash: data.hash? })
}

/// [MS-OFFCRYPTO] 2.3.4.5 (AES) and 2.3.5.1 (RC4).
fn standard(info: &[u8]) -> (Protection, Option<Lock>) {
    let header_size = u32_at(info, 8).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let header = info.get(12..).unwrap_or_default();
    let cipher = u32_at(header, 8).unwrap_or(0);
    let bits = u32_at(header, 16).unwrap_or(0);
    let aes_bits = match cipher {
        0x660E => 128,
        0x660F => 192,
        0x6610 => 256,
        0x6801 => {
            let bits = if bits == 0 { 40 } else { bits };
            return (
                Protection::weak(format!("office-rc4-{bits}"), format!("EncryptionInfo: RC4 (CryptoAPI), {bits} bits")),
                None,
            );
        }
        _ => return (Protection::unknown("EncryptionInfo: standard, with an unknown cipher"), None),
    };
    let evidence = format!("EncryptionInfo (standard): AES with {aes_bits} bits, SHA-1, 50000 rounds");
    let protection = Protection::strong(format!("ooxml-standard-aes{aes_bits}"), evidence);
    let verifier = header.get(header_size..).unwrap_or_default();
    (protection, Some(Lock::Standard { verifier: verifier.to_vec(), length: aes_bits / 8 }))
}

fn standard_key(verifier: &[u8], length: usize, secret: &str) -> Option<PackageKey> {
    let salt = verifier.get(4..20)?;
    let sealed = verifier.get(20..36)?;
    let sealed_hash = verifier.get(40..72)?;
    let rounds = Hash::Sha1.stretch(salt, secret, STANDARD_ROUNDS);
    let last = Hash::Sha1.of(&[&rounds, &[0; 4]]);
    let padded = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(&last).for_each(|(b, h)| *b ^= h);
        Hash::Sha1.of(&[&block])
    };
    let mut key = padded(0x36);
    key.extend(padded(0x5C));
    key.truncate(length);
    let opened = ecb_decrypt(&key, sealed)?;
    let expected = ecb_decrypt(&key, sealed_hash)?;
    let actual = Hash::Sha1.of(&[&opened]);
    (expected.get(..20)? == actual.as_slice()).then_some(PackageKey::Standard { key })
}

impl PackageKey {
    /// Bytes that are decrypted together; all segments but the last are full.
    pub(super) const SEGMENT: usize = 4096;

    /// One segment of the stream `EncryptedPackage` (behind its eight bytes of length).
    pub(super) fn open(&self, number: u32, segment: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Agile { key, salt, hash } => {
                let iv = hash.of(&[salt, &number.to_le_bytes()]);
                cbc_decrypt(key, &block_of(&iv), segment)
            }
            Self::Standard { key } => ecb_decrypt(key, segment),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn named(name: &str) -> Option<Self> {
        match name.replace('-', "").to_ascii_uppercase().as_str() {
            "SHA1" => Some(Self::Sha1),
            "SHA256" => Some(Self::Sha256),
            "SHA384" => Some(Self::Sha384),
            "SHA512" => Some(Self::Sha512),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut digest = D::new();
            for part in parts {
                digest.update(part);
            }
            digest.finalize().to_vec()
        }
        match self {
            Self::Sha1 => digest::<Sha1>(parts),
            Self::Sha256 => digest::<Sha256>(parts),
            Self::Sha384 => digest::<Sha384>(parts),
            Self::Sha512 => digest::<Sha512>(parts),
        }
    }

    /// A password through `rounds` of hashing.
    fn stretch(self, salt: &[u8], password: &str, rounds: u32) -> Vec<u8> {
        let password: Vec<u8> = password.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut hash = self.of(&[salt, &password]);
        for round in 0..rounds {
            hash = self.of(&[&round.to_le_bytes(), &hash]);
        }
        hash
    }
}

/// Sixteen bytes, cut or filled as the specification says.
pub(super) fn block_of(bytes: &[u8]) -> [u8; 16] {
    let mut block = [0x36; 16];
    block.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    block
}

/// Decrypts one block in place.
type Decrypt = Box<dyn Fn(&mut [u8; 16])>;

fn decryptor(key: &[u8]) -> Option<Decrypt> {
    fn boxed<C: BlockCipherDecrypt + KeyInit + 'static>(key: &[u8]) -> Option<Decrypt> {
        let cipher = C::new_from_slice(key).ok()?;
        Some(Box::new(move |bytes: &mut [u8; 16]| {
            if let Ok(mut block) = aes::cipher::Block::<C>::try_from(bytes.as_slice()) {
                cipher.decrypt_block(&mut block);
                bytes.iter_mut().zip(block).for_each(|(to, from)| *to = from);
            }
        }))
    }
    match key.len() {
        16 => boxed::<aes::Aes128>(key),
        24 => boxed::<aes::Aes192>(key),
        32 => boxed::<aes::Aes256>(key),
        _ => None,
    }
}

fn ecb_decrypt(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let decrypt = decryptor(key)?;
    let mut out = Vec::with_capacity(data.len());
    for block in data.as_chunks::<16>().0 {
        let mut block = *block;
        decrypt(&mut block);
        out.extend_from_slice(&block);
    }
    Some(out)
}

pub(super) fn cbc_decrypt(key: &[u8], iv: &[u8; 16], data: &[u8]) -> Option<Vec<u8>> {
    let decrypt = decryptor(key)?;
    let mut previous = *iv;
    let mut out = Vec::with_capacity(data.len());
    for sealed in data.as_chunks::<16>().0 {
        let mut block = *sealed;
        decrypt(&mut block);
        out.extend(block.iter().zip(previous).map(|(b, p)| b ^ p));
        previous = *sealed;
    }
    Some(out)
}

pub(super) fn base64(text: Option<String>) -> Vec<u8> {
    use base64::Engine as _;
    let text: String = text.unwrap_or_default().split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_default()
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(data.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::State;

    fn odf(algorithm: &str, path: &str) -> Option<Protection> {
        let manifest = format!(
            "<m:manifest><m:file-entry m:full-path='{path}'><m:encryption-data><m:algorithm m:algorithm-name='{algorithm}'/>\
             </m:encryption-data></m:file-entry></m:manifest>"
        );
        open_document(manifest.as_bytes()).map(|sealed| sealed.protection)
    }

    #[test]
    fn open_document_names_its_cipher() {
        let scheme = |algorithm: &str| odf(algorithm, "content.xml").unwrap().scheme;
        assert_eq!(scheme("http://www.w3.org/2009/xmlenc11#aes256-gcm").as_deref(), Some("odf-aes256"));
        assert_eq!(scheme("Blowfish CFB").as_deref(), Some("odf-blowfish"));
        assert_eq!(odf("other", "content.xml").unwrap().state, State::Unknown);
        assert!(!odf("http://www.w3.org/2009/xmlenc11#aes256-gcm", "encrypted-package").unwrap().names_exposed);
        assert!(open_document(b"<m:manifest><m:file-entry m:full-path='content.xml'/></m:manifest>").is_none());
    }

    #[test]
    fn damaged_parameters_are_unknown() {
        assert_eq!(office_package(b"").0.state, State::Unknown);
        assert_eq!(office_package(&[4, 0, 4, 0, 0, 0, 0, 0, b'<']).0.state, State::Unknown);
        assert_eq!(office_package(&[3, 0, 2, 0]).0.state, State::Unknown);
        assert_eq!(office_package(&[4, 0, 3, 0]).0.scheme.as_deref(), Some("ooxml-extensible"));
    }
}
