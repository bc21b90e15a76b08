//! Opens a sealed part of an OpenDocument package with a password: AES in CBC mode under PBKDF2.
//!
//! Specification: OpenDocument 1.3 part 2, section 4.8. Blowfish, Argon2id and AES-GCM are not opened.

use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::extract::office_encryption::{base64, block_of, cbc_decrypt};
use crate::extract::office_xml::Tag;

/// More rounds than any program asks for are not tried.
const MOST_ROUNDS: u32 = 1_000_000;
/// Bytes of the packed part that its checksum is of.
const CHECKED: usize = 1024;

/// What the manifest says of the encryption of one part.
#[derive(Default)]
pub(in crate::extract) struct PartLock {
    cipher: String,
    vector: Vec<u8>,
    derivation: String,
    start_key: String,
    key_bytes: usize,
    rounds: u32,
    salt: Vec<u8>,
    checksum_type: String,
    checksum: Vec<u8>,
}

impl PartLock {
    /// Takes over what an element inside of `encryption-data` says, or it itself.
    pub(in crate::extract) fn read(&mut self, tag: &Tag<'_>) {
        let text = |name: &str| tag.attribute(name).unwrap_or_default().to_ascii_lowercase();
        let number = |name: &str| tag.attribute(name).and_then(|value| value.parse::<u32>().ok());
        match tag.name() {
            "encryption-data" => {
                self.checksum_type = text("checksum-type");
                self.checksum = base64(tag.attribute("checksum"));
            }
            "algorithm" => {
                self.cipher = text("algorithm-name");
                self.vector = base64(tag.attribute("initialisation-vector"));
            }
            "start-key-generation" => self.start_key = text("start-key-generation-name"),
            "key-derivation" => {
                self.derivation = text("key-derivation-name");
                self.key_bytes = number("key-size").and_then(|n| usize::try_from(n).ok()).unwrap_or(16);
                self.rounds = number("iteration-count").unwrap_or(0);
                self.salt = base64(tag.attribute("salt"));
            }
            _ => {}
        }
    }

    /// Whether its encryption is one that is opened here.
    pub(super) fn is_known(&self) -> bool {
        let cipher = self.cipher.contains("-cbc") && self.cipher.contains("aes");
        cipher
            && self.derivation.contains("pbkdf2")
            && matches!(self.key_bytes, 16 | 24 | 32)
            && self.rounds <= MOST_ROUNDS
    }

    /// What one try costs: PBKDF2 with SHA-1 makes 20 bytes at a time.
    pub(super) fn rounds(&self) -> u64 {
        u64::from(self.rounds) * self.key_bytes.div_ceil(20) as u64
    }

    fn key(&self, password: &str) -> Vec<u8> {
        let start = if self.start_key.contains("sha256") {
            Sha256::digest(password).to_vec()
        } else {
            Sha1::digest(password).to_vec()
        };
        let mut key = vec![0; self.key_bytes];
        pbkdf2::pbkdf2_hmac::<Sha1>(&start, &self.salt, self.rounds, &mut key);
        key
    }

    /// The part, still packed, with the padding at its end.
    pub(super) fn decrypt(&self, sealed: &[u8], password: &str) -> Option<Vec<u8>> {
        cbc_decrypt(&self.key(password), &block_of(&self.vector), sealed)
    }

    /// Whether the password opens the part, by the checksum over its start.
    pub(super) fn is_opened_by(&self, sealed: &[u8], password: &str) -> bool {
        let start = sealed.get(..(CHECKED + 16).min(sealed.len())).unwrap_or_default();
        let Some(mut packed) = self.decrypt(start, password) else { return false };
        if sealed.len() <= CHECKED + 16 {
            let padding = packed.last().copied().map_or(0, usize::from);
            packed.truncate(packed.len().saturating_sub(padding));
        }
        packed.truncate(CHECKED);
        let actual = if self.checksum_type.contains("sha256") {
            Sha256::digest(&packed).to_vec()
        } else {
            Sha1::digest(&packed).to_vec()
        };
        !self.checksum.is_empty() && actual == self.checksum
    }
}
