//! Opens encrypted members of a zip archive with passwords that others have too: ZipCrypto and the AES of WinZip.
//!
//! Specifications: APPNOTE.TXT 6.3.10, section 6.1 (traditional encryption); "AES Encryption
//! Information" of WinZip (AE-1, AE-2).

use std::io::{self, Read, Seek, SeekFrom};

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use hmac::{Hmac, Mac};
use sha1::Sha1;

use crate::model::{KeyFound, Reason};
use crate::open::budget::Budget;
use crate::open::passwords::{Secret, Tried};
use crate::open::reader::Member;
use crate::open::{Input, ReadError, Sink};

use super::content;
use super::directory::{Entry, bytes_at};

/// Members on which the whole list is tried in vain before no more are tried.
const MOST_FAILURES: u32 = 4;
/// Bytes that are unpacked, or authenticated, to prove a password.
const PROOF: u64 = 16 << 20;
const AUTHENTICATED: u64 = 128 << 20;
/// What one try costs, in rounds of hashing: 4 blocks of PBKDF2 with 1000 rounds, or a look at 12 bytes.
const AES_ROUNDS: u64 = 4000;
const TRADITIONAL_ROUNDS: u64 = 100;
const AUTHENTICATION: usize = 10;

/// The password that opened a member, which is tried first on the next.
#[derive(Default)]
pub(super) struct Unlock {
    last: Option<(Secret, KeyFound)>,
    failures: u32,
    /// Members that were opened.
    pub opened: u64,
    /// Passwords that were not tried.
    pub left: usize,
}

/// What decrypts one member.
enum Key {
    Traditional([u32; 3]),
    Aes { cipher: Vec<u8>, mac: Vec<u8> },
}

impl Unlock {
    /// Reads the member if a password opens it; else gives it back.
    pub(super) fn read(
        &mut self,
        entry: &Entry,
        member: Member,
        start: u64,
        input: &mut Input<'_>,
        budget: &Budget,
        sink: &mut dyn Sink,
    ) -> Result<Option<Member>, ReadError> {
        if entry.is_strong() || entry.method == 99 || (entry.aes.is_none() && entry.packed_size < 12) {
            return Ok(Some(member));
        }
        let Some((key, found)) = self.find(entry, start, input, budget)? else { return Ok(Some(member)) };
        // The tally counts those that hold something.
        self.opened += u64::from(entry.size != Some(0));
        let mut member = member;
        member.protection = member.protection.map(|protection| found.weaken(protection));
        let plain = plain_entry(entry);
        seek_data(entry, start, input)?;
        content::push(&plain, member, &mut decrypted(entry, &key, input), budget, sink)?;
        Ok(None)
    }

    /// The key that the last password showed.
    pub(super) fn found(&self) -> Option<&KeyFound> {
        self.last.as_ref().map(|(_, found)| found)
    }

    fn find(
        &mut self,
        entry: &Entry,
        start: u64,
        input: &mut Input<'_>,
        budget: &Budget,
    ) -> Result<Option<(Key, KeyFound)>, ReadError> {
        let salt = bytes_at(input, start, entry.aes.map_or(12, |aes| usize::from(aes.bits / 16) + 2))?;
        let rounds = if entry.aes.is_some() { AES_ROUNDS } else { TRADITIONAL_ROUNDS };
        if let Some((secret, found)) = self.last.clone()
            && budget.passwords().spend(rounds)
            && let Some(key) = derive(entry, &salt, secret.reveal())
            && proves(entry, &key, start, input, budget)?
        {
            return Ok(Some((key, found)));
        }
        // Nothing in an empty member speaks against a wrong password.
        if self.failures >= MOST_FAILURES || entry.size == Some(0) {
            return Ok(None);
        }
        let mut fault = None;
        let name = input.name().clone();
        let tried: Tried<Key> = budget.passwords().try_each(&name, rounds, budget, |password| {
            let key = derive(entry, &salt, password)?;
            match proves(entry, &key, start, input, budget) {
                Ok(true) => Some(key),
                Ok(false) => None,
                Err(error) => {
                    fault.get_or_insert(error);
                    None
                }
            }
        })?;
        if let Some(error) = fault {
            return Err(error);
        }
        self.left = self.left.max(tried.left);
        let Some((key, secret, found)) = tried.opened else {
            self.failures += 1;
            return Ok(None);
        };
        self.last = Some((secret, found.clone()));
        Ok(Some((key, found)))
    }
}

/// The key of a password, if what stands in front of the data does not speak against it.
fn derive(entry: &Entry, head: &[u8], password: &str) -> Option<Key> {
    let Some(aes) = entry.aes else {
        let mut keys = Traditional::new(password.as_bytes());
        let last = head.iter().take(12).map(|byte| keys.decrypt(*byte)).last()?;
        let by_crc = entry.crc.map(|crc| crc.to_be_bytes()[0]);
        let by_time = entry.dos_time.to_be_bytes()[0];
        return (by_crc == Some(last) || by_time == last).then_some(Key::Traditional(keys.0));
    };
    let length = usize::from(aes.bits / 8);
    let (salt, check) = head.split_at_checked(length / 2)?;
    let mut keys = vec![0; 2 * length + 2];
    pbkdf2::pbkdf2_hmac::<Sha1>(password.as_bytes(), salt, 1000, &mut keys);
    let expected = keys.split_off(2 * length);
    let mac = keys.split_off(length);
    (length > 0 && check == expected.as_slice()).then_some(Key::Aes { cipher: keys, mac })
}

/// Whether the data come out as their checksum says, as far as they are looked at.
fn proves(entry: &Entry, key: &Key, start: u64, input: &mut Input<'_>, budget: &Budget) -> Result<bool, ReadError> {
    seek_data(entry, start, input)?;
    if let Key::Aes { .. } = key {
        if entry.packed_size > AUTHENTICATED {
            return Ok(true);
        }
        let mut data = decrypted(entry, key, input);
        return Ok(io::copy(&mut data, &mut io::sink()).is_ok());
    }
    let mut trial = Trial { fine: false };
    let plain = plain_entry(entry);
    match content::push(&plain, Member::default(), &mut decrypted(entry, key, input), budget, &mut trial) {
        Err(ReadError::Budget(reason)) => Err(reason.into()),
        _ => Ok(trial.fine),
    }
}

fn seek_data(entry: &Entry, start: u64, input: &mut Input<'_>) -> Result<(), ReadError> {
    let head = entry.aes.map_or(12, |aes| u64::from(aes.bits / 16) + 2);
    input.seek(SeekFrom::Start(start.saturating_add(head)))?;
    Ok(())
}

/// The member as it is behind its encryption.
fn plain_entry(entry: &Entry) -> Entry {
    let around = entry.aes.map_or(12, |aes| u64::from(aes.bits / 16) + 2 + AUTHENTICATION as u64);
    Entry {
        packed_size: entry.packed_size.saturating_sub(around),
        // AE-2 keeps no checksum; its authentication code stands for it.
        crc: entry.crc.filter(|_| entry.aes.is_none_or(|aes| aes.version == 1)),
        flags: entry.flags & !1,
        ..entry.clone()
    }
}

fn decrypted<'a>(entry: &Entry, key: &Key, input: &'a mut Input<'_>) -> Box<dyn Read + 'a> {
    let left = plain_entry(entry).packed_size;
    match key {
        Key::Traditional(keys) => Box::new(TraditionalReader { keys: Traditional(*keys), inner: input.take(left) }),
        Key::Aes { cipher, mac } => Box::new(AesReader {
            cipher: Counter::new(cipher),
            mac: <Hmac<Sha1> as hmac::KeyInit>::new_from_slice(mac).ok(),
            left,
            inner: input,
        }),
    }
}

/// The three keys of traditional encryption.
struct Traditional([u32; 3]);

impl Traditional {
    fn new(password: &[u8]) -> Self {
        let mut keys = Self([0x1234_5678, 0x2345_6789, 0x3456_7890]);
        for byte in password {
            keys.update(*byte);
        }
        keys
    }

    fn update(&mut self, byte: u8) {
        let [first, second, third] = &mut self.0;
        *first = crc_step(*first, byte);
        *second = second.wrapping_add(*first & 0xff).wrapping_mul(134_775_813).wrapping_add(1);
        *third = crc_step(*third, second.to_be_bytes()[0]);
    }

    fn decrypt(&mut self, byte: u8) -> u8 {
        let word = (self.0[2] | 2) & 0xffff;
        let plain = byte ^ (word.wrapping_mul(word ^ 1) >> 8).to_le_bytes()[0];
        self.update(plain);
        plain
    }
}

const CRC: [u32; 256] = crc_table();

const fn crc_table() -> [u32; 256] {
    let mut table = [0_u32; 256];
    let mut i = 0;
    let mut start = 0_u32;
    while i < 256 {
        let mut value = start;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { (value >> 1) ^ 0xedb8_8320 } else { value >> 1 };
            bit += 1;
        }
        table[i] = value;
        i += 1;
        start += 1;
    }
    table
}

fn crc_step(crc: u32, byte: u8) -> u32 {
    (crc >> 8) ^ CRC[usize::from(crc.to_le_bytes()[0] ^ byte)]
}

struct TraditionalReader<R> {
    keys: Traditional,
    inner: R,
}

impl<R: Read> Read for TraditionalReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        for byte in buffer.iter_mut().take(n) {
            *byte = self.keys.decrypt(*byte);
        }
        Ok(n)
    }
}

/// Encrypts one block in place.
type Encrypt = Box<dyn Fn(&mut [u8; 16])>;

/// AES in counter mode, the counter with its lowest byte first.
struct Counter {
    cipher: Option<Encrypt>,
    next: u128,
    pad: [u8; 16],
    used: usize,
}

impl Counter {
    fn new(key: &[u8]) -> Self {
        fn boxed<C: BlockCipherEncrypt + KeyInit + 'static>(key: &[u8]) -> Option<Encrypt> {
            let cipher = C::new_from_slice(key).ok()?;
            Some(Box::new(move |bytes: &mut [u8; 16]| {
                if let Ok(mut block) = aes::cipher::Block::<C>::try_from(bytes.as_slice()) {
                    cipher.encrypt_block(&mut block);
                    bytes.iter_mut().zip(block).for_each(|(to, from)| *to = from);
                }
            }))
        }
        let cipher = match key.len() {
            16 => boxed::<aes::Aes128>(key),
            24 => boxed::<aes::Aes192>(key),
            _ => boxed::<aes::Aes256>(key),
        };
        Self { cipher, next: 1, pad: [0; 16], used: 16 }
    }

    fn apply(&mut self, data: &mut [u8]) {
        for byte in data {
            if self.used == self.pad.len() {
                self.pad = self.next.to_le_bytes();
                if let Some(cipher) = &self.cipher {
                    cipher(&mut self.pad);
                }
                self.next = self.next.wrapping_add(1);
                self.used = 0;
            }
            *byte ^= self.pad.get(self.used).copied().unwrap_or_default();
            self.used += 1;
        }
    }
}

/// Decrypts, and compares the authentication code at the end.
struct AesReader<R> {
    cipher: Counter,
    mac: Option<Hmac<Sha1>>,
    left: u64,
    inner: R,
}

impl<R: Read> Read for AesReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if room == 0 {
            if self.left == 0
                && let Some(mac) = self.mac.take()
            {
                let mut code = [0; AUTHENTICATION];
                self.inner.read_exact(&mut code)?;
                if !mac.finalize().into_bytes().starts_with(&code) {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "the authentication code does not match"));
                }
            }
            return Ok(0);
        }
        let data = buffer.get_mut(..room).unwrap_or_default();
        let n = self.inner.read(data)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let data = data.get_mut(..n).unwrap_or_default();
        if let Some(mac) = &mut self.mac {
            mac.update(data);
        }
        self.cipher.apply(data);
        self.left -= n as u64;
        Ok(n)
    }
}

/// Takes what comes out of a member and keeps only whether it came out right.
struct Trial {
    fine: bool,
}

impl Sink for Trial {
    fn text(&mut self, _text: crate::model::Text) -> Result<(), ReadError> {
        Ok(())
    }

    fn member(&mut self, _member: Member, content: &mut dyn Read) -> Result<(), ReadError> {
        self.fine = match io::copy(&mut content.take(PROOF), &mut io::sink()) {
            Ok(_) => true,
            Err(error) => match ReadError::from_decoder("zip", &error) {
                ReadError::Budget(reason) => return Err(reason.into()),
                _ => false,
            },
        };
        Ok(())
    }

    fn member_unread(&mut self, _member: Member, _reason: Reason, _detail: &str) {}

    fn protection(&mut self, _protection: crate::model::Protection) {}

    fn refine(&mut self, _media_type: &'static str) {}

    fn gap(&mut self, _reason: Reason, _detail: &str) {}
}
