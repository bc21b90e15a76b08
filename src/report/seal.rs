//! Reports sealed to recipients in the format of age, version 1: what is written is never on disk in clear.
//!
//! <https://age-encryption.org/v1>: a file key is wrapped for each X25519 recipient, and the payload goes in
//! chunks of 64 KiB through ChaCha20-Poly1305. Written here on the primitives of `RustCrypto`, for the `age` crate
//! brings some eighty others for its translated messages; a test opens what is written with another program.

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce};
use curve25519_dalek::MontgomeryPoint;
use hmac::digest::array::Array;
use hmac::{Hmac, Mac};
use sha2::Sha256;

const CHUNK: usize = 64 << 10;
const INTRO: &str = "age-encryption.org/v1";
const LABEL: &[u8] = b"age-encryption.org/v1/X25519";

/// Somebody who can open what is sealed: `age1...`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Recipient([u8; 32]);

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipient(age1…)")
    }
}

impl FromStr for Recipient {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let key = bech32(text.trim(), "age").and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        key.map(Self).ok_or_else(|| "expected a recipient of age, as age1...; `age-keygen` makes one".to_owned())
    }
}

/// Encrypts all that is written to it.
pub struct Sealed<W: Write> {
    out: W,
    cipher: ChaCha20Poly1305,
    /// Number of the next chunk.
    number: u128,
    chunk: Vec<u8>,
}

impl<W: Write> Sealed<W> {
    /// Writes the header. `random` fills a slice with bytes nobody can guess.
    ///
    /// # Errors
    /// There is nobody to seal it for, no randomness, or `out` fails.
    pub fn new(mut out: W, recipients: &[Recipient], random: impl Fn(&mut [u8]) -> io::Result<()>) -> io::Result<Self> {
        if recipients.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "nobody to seal it for"));
        }
        let mut file_key = [0; 16];
        random(&mut file_key)?;
        let mut header = format!("{INTRO}\n");
        for recipient in recipients {
            let mut secret = [0; 32];
            random(&mut secret)?;
            let (share, wrapped) = wrap(&file_key, secret, recipient)?;
            for part in ["-> X25519 ", &STANDARD_NO_PAD.encode(share), "\n", &STANDARD_NO_PAD.encode(wrapped), "\n"] {
                header.push_str(part);
            }
        }
        header.push_str("---");
        let code = mac(&derive(&file_key, &[], b"header"), &[header.as_bytes()]);
        for part in [" ", &STANDARD_NO_PAD.encode(code), "\n"] {
            header.push_str(part);
        }
        let mut nonce = [0; 16];
        random(&mut nonce)?;
        out.write_all(header.as_bytes())?;
        out.write_all(&nonce)?;
        let cipher = ChaCha20Poly1305::new(&derive(&file_key, &nonce, b"payload").into());
        Ok(Self { out, cipher, number: 0, chunk: Vec::with_capacity(CHUNK) })
    }

    /// Writes the last chunk, without which nobody can open the file, and gives back what is below.
    ///
    /// # Errors
    /// As of writing.
    pub fn finish(&mut self) -> io::Result<&mut W> {
        self.send(true)?;
        Ok(&mut self.out)
    }

    pub fn inner(&self) -> &W {
        &self.out
    }

    fn send(&mut self, is_last: bool) -> io::Result<()> {
        // Eleven bytes of the number, and whether it is the last.
        let numbered = (self.number << 8 | u128::from(is_last)).to_be_bytes();
        let nonce: [u8; 12] = numbered.last_chunk().copied().unwrap_or_default();
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), self.chunk.as_slice());
        let sealed = sealed.map_err(|_| io::Error::other("the report could not be sealed"))?;
        self.number += 1;
        self.chunk.clear();
        self.out.write_all(&sealed)
    }
}

impl<W: Write> Write for Sealed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits: only when more comes is it not the last.
        if self.chunk.len() == CHUNK && !bytes.is_empty() {
            self.send(false)?;
        }
        let room = CHUNK - self.chunk.len();
        let taken = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.chunk.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The share and the wrapped file key for one recipient.
fn wrap(file_key: &[u8; 16], secret: [u8; 32], recipient: &Recipient) -> io::Result<([u8; 32], Vec<u8>)> {
    let share = MontgomeryPoint::mul_base_clamped(secret).to_bytes();
    let shared = MontgomeryPoint(recipient.0).mul_clamped(secret).to_bytes();
    if shared == [0; 32] {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the recipient is a point of low order"));
    }
    let mut salt = share.to_vec();
    salt.extend_from_slice(&recipient.0);
    let key = derive(&shared, &salt, LABEL);
    let wrapped = ChaCha20Poly1305::new(&key.into()).encrypt(&Nonce::from([0; 12]), file_key.as_slice());
    Ok((share, wrapped.map_err(|_| io::Error::other("the report could not be sealed"))?))
}

/// HKDF with SHA-256 (RFC 5869) for one block.
fn derive(secret: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32] {
    let extracted = mac(salt, &[secret]);
    mac(&extracted, &[info, &[1]])
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes a key of any length: the error cannot occur, and the fallback is another key.
    let code = <Hmac<Sha256> as KeyInit>::new_from_slice(key);
    let mut code = code.unwrap_or_else(|_| <Hmac<Sha256> as KeyInit>::new(&Array::default()));
    for part in parts {
        code.update(part);
    }
    code.finalize().into_bytes().into()
}

/// The bytes of a text in Bech32 (BIP 173) with this prefix.
fn bech32(text: &str, prefix: &str) -> Option<Vec<u8>> {
    const LETTERS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let data = text.strip_prefix(prefix)?.strip_prefix('1')?;
    let values: Vec<u32> =
        data.chars().map(|c| LETTERS.find(c).and_then(|at| u32::try_from(at).ok())).collect::<Option<_>>()?;
    let expanded =
        prefix.bytes().map(|b| u32::from(b >> 5)).chain([0]).chain(prefix.bytes().map(|b| u32::from(b & 31)));
    let mut sum = 1_u32;
    for value in expanded.chain(values.iter().copied()) {
        let top = sum >> 25;
        sum = (sum & 0x01ff_ffff) << 5 ^ value;
        for (at, generator) in GENERATOR.iter().enumerate() {
            if top >> at & 1 == 1 {
                sum ^= generator;
            }
        }
    }
    let body = values.get(..values.len().checked_sub(6)?).filter(|_| sum == 1)?;
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for value in body {
        bits = (bits << 5 | value) & 0xfff;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    // What is left is padding: fewer than five bits, all zero.
    (count < 5 && bits & ((1 << count) - 1) == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `age-keygen` for this test alone.
    const RECIPIENT: &str = "age1etm5llxcqpy8dhrgm0urvansl97saw8ve6l39kjsfk7v3qdeau2s0aeqg2";

    #[test]
    fn recipients_are_checked() {
        let recipient: Recipient = RECIPIENT.parse().unwrap();
        assert_eq!(format!("{recipient:?}"), "Recipient(age1…)");
        for wrong in [
            "",
            "age1",
            "age1etm5llxcqpy8dhrgm0urvansl97saw8ve6l39kjsfk7v3qdeau2s0aeqg3",
            "AGE-SECRET-KEY-1",
            "ssh-ed25519 AAAA",
        ] {
            assert!(wrong.parse::<Recipient>().is_err(), "{wrong}");
        }
    }

    /// RFC 5869, test case 3: no salt, no info.
    #[test]
    fn keys_are_derived_as_hkdf_does() {
        let key = derive(&[0x0b; 22], &[], &[]);
        assert_eq!(crate::model::hex(&key), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
    }

    #[test]
    fn nothing_of_the_content_shows_and_chunks_end_as_they_must() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let recipients = [RECIPIENT.parse().unwrap(); 2];
            let mut sealed = Sealed::new(Vec::new(), &recipients, |bytes| {
                bytes.fill(7);
                Ok(())
            })
            .unwrap();
            sealed.write_all(&b"personal".repeat(length / 8 + 1)[..length]).unwrap();
            let written = sealed.finish().unwrap().clone();
            assert!(!written.windows(8).any(|window| window == b"personal"));
            let header = written.windows(4).position(|window| window == b"--- ").unwrap() + 4 + 43 + 1;
            let chunks = length.div_ceil(CHUNK).max(1);
            assert_eq!(written.len(), header + 16 + length + 16 * chunks, "{length}");
            assert_eq!(String::from_utf8_lossy(&written[..header]).matches("-> X25519 ").count(), 2);
        }
    }

    #[test]
    fn somebody_must_be_there_to_open_it() {
        assert!(Sealed::new(Vec::new(), &[], |_| Ok(())).is_err());
    }
}
