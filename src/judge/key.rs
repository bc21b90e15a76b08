//! The key of fingerprints and subjects: without it nobody can try values against a report.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::BuildHasherDefault;

use sha2::{Digest, Sha256};

/// How values and contents are hashed: hashes of another name cannot be compared.
pub const KEYED_HASH: &str = "blake3-128";

/// Key of BLAKE3 in its keyed mode, a pseudorandom function (BLAKE3 specification, sections 2.3 and 4). Reports
/// made with one key can be compared.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl Key {
    /// A new key from the system's random source.
    pub fn random() -> std::io::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(Self(bytes))
    }

    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The key that a key file of any length and form stands for: its SHA-256.
    pub fn derive(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// For whoever stores the key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// A key made ready: hashing a value costs one block in most cases.
#[derive(Clone)]
pub(super) struct Hasher {
    values: blake3::Hasher,
    contents: blake3::Hasher,
}

impl Hasher {
    pub(super) fn new(key: &Key) -> Self {
        let values = blake3::Hasher::new_keyed(&key.0);
        // A key of its own: no value of a person is a content.
        let contents = blake3::Hasher::new_keyed(blake3::keyed_hash(&key.0, b"contents of files").as_bytes());
        Self { values, contents }
    }

    /// The first 16 bytes of the hash over the parts, each ended by a zero byte.
    pub(super) fn hash(&self, parts: &[&str]) -> u128 {
        let mut hash = self.values.clone();
        for part in parts {
            hash.update(part.as_bytes());
            hash.update(&[0]);
        }
        hash.finalize().as_bytes().iter().take(16).fold(0, |hash, byte| hash << 8 | u128::from(*byte))
    }
}

/// The hash of a content, taken a piece at a time, cut to 128 bits. It is keyed as all
/// others are: of a form that is known but for one number, a plain hash would give the number away.
pub struct ContentHasher(Box<blake3::Hasher>);

impl ContentHasher {
    pub(super) fn new(hasher: &Hasher) -> Self {
        Self(Box::new(hasher.contents.clone()))
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// 32 hexadecimal digits.
    pub fn finish(self) -> String {
        crate::model::hex(self.0.finalize().as_bytes().get(..16).unwrap_or_default())
    }
}

/// By keyed hashes, which nobody without the key can make collide: they need no other.
pub(super) type ByHash<T> = HashMap<u128, T, BuildHasherDefault<Spread>>;
pub(super) type Hashes = HashSet<u128, BuildHasherDefault<Spread>>;

/// Takes a hash for what it is.
#[derive(Default)]
pub(super) struct Spread(u64);

impl std::hash::Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = short(hash);
    }
}

/// As it stands in reports: 32 hexadecimal digits.
pub(super) fn hex(hash: u128) -> String {
    format!("{hash:032x}")
}

/// As it stands in the list of subjects: the first eight bytes.
pub(super) fn short(hash: u128) -> u64 {
    u64::try_from(hash >> 64).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_depend_on_key_value_and_the_borders_of_parts() {
        let hasher = Hasher::new(&Key::from_bytes([1; 32]));
        let other = Hasher::new(&Key::from_bytes([2; 32]));
        assert_eq!(hasher.hash(&["a", "b"]), hasher.hash(&["a", "b"]));
        assert_ne!(hasher.hash(&["a", "b"]), hasher.hash(&["ab"]));
        assert_ne!(hasher.hash(&["a", "b"]), other.hash(&["a", "b"]));
    }

    /// The published test vectors of BLAKE3 (`test_vectors.json`, `keyed_hash` of 0, 1 and 1,023 bytes).
    #[test]
    fn it_is_keyed_blake3() {
        let hasher = Hasher::new(&Key::from_bytes(*b"whats the Elvish word for friend"));
        let hash = |input: &[u8]| crate::model::hex(&hasher.values.clone().update(input).finalize().as_bytes()[..16]);
        assert_eq!(hash(&[]), "92b2b75604ed3c761f9d6f62392c8a92");
        assert_eq!(hash(&[0]), "6d7878dfff2f485635d39013278ae14f");
        let counted: Vec<u8> = (0..251).cycle().take(1023).collect();
        assert_eq!(hash(&counted), "c951ecdf03288d0fcc96ee3413563d8a");
        assert_eq!(hasher.hash(&[""]), u128::from_str_radix(&hash(&[0]), 16).unwrap());
    }

    #[test]
    fn a_content_is_one_however_it_is_cut() {
        let hasher = Hasher::new(&Key::from_bytes([1; 32]));
        let hash = |pieces: &[&str]| {
            let mut hash = ContentHasher::new(&hasher);
            for piece in pieces {
                hash.update(piece.as_bytes());
            }
            hash.finish()
        };
        assert_eq!(hash(&["ab", "c"]), hash(&["abc"]));
        assert_ne!(hash(&["abc"]), hash(&["abd"]));
        assert_ne!(hash(&["abc"]), hex(hasher.hash(&["abc"])));
        assert_eq!(hash(&[]).len(), 32);
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", Key::from_bytes([7; 32])), "Key(…)");
    }
}
