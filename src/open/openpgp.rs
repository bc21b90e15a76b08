//! OpenPGP messages: whether they are encrypted, to whom, and how well.
//!
//! Specification: RFC 9580, which RFC 4880 went before. Signed-only messages are not encrypted
//! and are not unpacked here.

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::identify::Format;
use crate::model::{Protection, Reason};

use super::budget::Budget;
use super::input::{Access, Input};
use super::reader::{ReadError, Reader, Sink};

pub struct OpenPgp;

/// Enough for the session keys of a thousand recipients.
const HEAD: u64 = 1 << 20;

impl Reader for OpenPgp {
    fn name(&self) -> &'static str {
        "openpgp"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::OpenPgp, Format::OpenPgpArmor]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut head = Vec::new();
        input.take(HEAD).read_to_end(&mut head)?;
        let packets = match dearmor(&head) {
            Some(decoded) => decoded,
            None => head,
        };
        budget.check()?;
        match judge(&packets) {
            Judged::Encrypted(protection) => {
                sink.protection(protection);
                Err(ReadError::Encrypted)
            }
            Judged::Plain(what) => {
                sink.protection(Protection { evidence: what.into(), ..Protection::default() });
                sink.gap(
                    Reason::UnsupportedFeature,
                    "an OpenPGP message that is not encrypted; its content is not unpacked",
                );
                Ok(())
            }
            Judged::Unknown => {
                sink.protection(Protection::unknown("OpenPGP packets that cannot be followed to the data"));
                Err(ReadError::malformed("OpenPGP message", "its packets cannot be followed"))
            }
        }
    }
}

/// The bytes inside ASCII armour (RFC 9580, section 6.2); none if there is no armour.
fn dearmor(head: &[u8]) -> Option<Vec<u8>> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if !text.starts_with(b"-----BEGIN ") {
        return None;
    }
    // Headers end with an empty line; some writers leave both out.
    let mut lines = text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).skip(1).peekable();
    while lines.peek().is_some_and(|line| line.contains(&b':')) {
        lines.next();
    }
    let body: Vec<u8> =
        lines.take_while(|line| !line.starts_with(b"-----") && !line.starts_with(b"=")).flatten().copied().collect();
    let whole = body.len() / 4 * 4;
    STANDARD.decode(body.get(..whole)?).ok()
}

enum Judged {
    Encrypted(Protection),
    Plain(&'static str),
    Unknown,
}

#[derive(Default)]
struct SessionKeys {
    recipients: u32,
    algorithms: Vec<&'static str>,
    passwords: u32,
    ciphers: Vec<u8>,
    weaknesses: Vec<&'static str>,
}

fn judge(bytes: &[u8]) -> Judged {
    let mut keys = SessionKeys::default();
    let mut rest = bytes;
    // Each turn takes at least two bytes.
    while let Some((tag, body, next)) = packet(rest) {
        match tag {
            1 => keys.public(body),
            3 => keys.password(body),
            // Marker, padding and private packets.
            10 | 21 | 60..=63 => {}
            9 => {
                return Judged::Encrypted(
                    keys.verdict("data without integrity protection (tag 9)", &["no integrity protection"]),
                );
            }
            18 => {
                let version_2 = body.first() == Some(&2);
                let cipher = body.get(1).copied().filter(|_| version_2);
                keys.ciphers.extend(cipher);
                let data =
                    if version_2 { "data with AEAD (SEIPD v2)" } else { "data with integrity protection (SEIPD v1)" };
                return Judged::Encrypted(keys.verdict(data, &[]));
            }
            20 => {
                keys.ciphers.extend(body.get(1));
                return Judged::Encrypted(keys.verdict("data with AEAD (tag 20)", &[]));
            }
            _ if keys.recipients + keys.passwords > 0 => return Judged::Unknown,
            2 | 4 => return Judged::Plain("OpenPGP: signed, not encrypted"),
            8 => return Judged::Plain("OpenPGP: compressed, not encrypted"),
            11 => return Judged::Plain("OpenPGP: literal data, not encrypted"),
            _ => return Judged::Unknown,
        }
        rest = next;
    }
    Judged::Unknown
}

/// Tag, body as far as it is there, and what follows. Partial lengths only occur in data
/// packets, which end the walk.
fn packet(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let byte = |i: usize| rest.get(i).map(|b| usize::from(*b));
    let (tag, header, length) = if first & 0xc0 == 0xc0 {
        let tag = first & 0x3f;
        match byte(0)? {
            length @ 0..=191 => (tag, 1, Some(length)),
            length @ 192..=223 => (tag, 2, Some(((length - 192) << 8) + byte(1)? + 192)),
            255 => (tag, 5, usize::try_from(u32::from_be_bytes(rest.get(1..5)?.try_into().ok()?)).ok()),
            _ => (tag, 1, None),
        }
    } else if first & 0x80 != 0 {
        let tag = (first >> 2) & 0x0f;
        match first & 3 {
            0 => (tag, 1, Some(byte(0)?)),
            1 => (tag, 2, Some((byte(0)? << 8) + byte(1)?)),
            2 => (tag, 4, usize::try_from(u32::from_be_bytes(rest.get(..4)?.try_into().ok()?)).ok()),
            _ => (tag, 0, None),
        }
    } else {
        return None;
    };
    let content = rest.get(header..)?;
    let end = length.unwrap_or(content.len()).min(content.len());
    let (body, next) = content.split_at(end);
    Some((tag, body, next))
}

impl SessionKeys {
    fn public(&mut self, body: &[u8]) {
        self.recipients += 1;
        let algorithm = match body.first() {
            Some(3) => body.get(9),
            // Version 6: the key's version and fingerprint come first, with their length.
            Some(6) => body.get(1).and_then(|length| body.get(2 + usize::from(*length))),
            _ => None,
        };
        let name = match algorithm {
            Some(1 | 2) => "RSA",
            Some(16 | 20) => "Elgamal",
            Some(18) => "ECDH",
            Some(25) => "X25519",
            Some(26) => "X448",
            _ => "unknown algorithm",
        };
        if !self.algorithms.contains(&name) {
            self.algorithms.push(name);
        }
    }

    fn password(&mut self, body: &[u8]) {
        self.passwords += 1;
        let (cipher, s2k) = match body.first() {
            Some(4) => (body.get(1), body.get(2)),
            Some(5) => (body.get(1), body.get(3)),
            // Version 6 counts the octets of its fields first.
            Some(6) => (body.get(2), body.get(5)),
            _ => (None, None),
        };
        self.ciphers.extend(cipher);
        match s2k {
            Some(0) => self.weaknesses.push("password hashed once without salt"),
            Some(1) => self.weaknesses.push("password hashed once"),
            _ => {}
        }
    }

    fn verdict(mut self, data: &str, weaknesses: &[&'static str]) -> Protection {
        self.weaknesses.extend(weaknesses);
        self.ciphers.sort_unstable();
        self.ciphers.dedup();
        let names: Vec<&str> = self.ciphers.iter().map(|cipher| cipher_name(*cipher)).collect();
        if self.ciphers.iter().any(|cipher| matches!(cipher, 1..=4)) {
            self.weaknesses.push("64-bit block cipher");
        }
        let mut parts = Vec::new();
        if self.recipients > 0 {
            parts.push(format!("{} public-key recipient(s) ({})", self.recipients, self.algorithms.join(", ")));
        }
        if self.passwords > 0 {
            parts.push(format!("{} password(s)", self.passwords));
        }
        parts.extend((!names.is_empty()).then(|| names.join(", ")));
        parts.push(data.into());
        parts.extend(self.weaknesses.iter().map(|weakness| format!("weak: {weakness}")));
        let evidence = format!("OpenPGP: {}", parts.join("; "));
        let scheme = match names.as_slice() {
            [cipher] => format!("openpgp-{cipher}"),
            _ => "openpgp".into(),
        };
        if self.weaknesses.is_empty() {
            Protection::strong(scheme, evidence)
        } else {
            Protection::weak(scheme, evidence)
        }
    }
}

/// RFC 9580, section 9.3.
fn cipher_name(cipher: u8) -> &'static str {
    match cipher {
        0 => "none",
        1 => "idea",
        2 => "3des",
        3 => "cast5",
        4 => "blowfish",
        7 => "aes128",
        8 => "aes192",
        9 => "aes256",
        10 => "twofish",
        11 => "camellia128",
        12 => "camellia192",
        13 => "camellia256",
        _ => "unknown-cipher",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::State;
    use crate::open::collect::collect;

    fn check(path: &str, state: State, scheme: Option<&str>, evidence: &str) {
        let bytes = std::fs::read(format!("{}/fixtures/sealed/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let collected = collect(&OpenPgp, path, &bytes);
        let protection = collected.protection.unwrap();
        assert_eq!(
            (protection.state, protection.scheme.as_deref()),
            (state, scheme),
            "{path}: {}",
            protection.evidence
        );
        assert!(protection.evidence.contains(evidence), "{path}: {}", protection.evidence);
        assert_eq!(matches!(collected.error, Some(ReadError::Encrypted)), state != State::Plain, "{path}");
        assert_eq!(collected.gaps.len(), usize::from(state == State::Plain), "{path}");
    }

    #[test]
    fn messages() {
        check("symmetric.gpg", State::Strong, Some("openpgp-aes256"), "1 password(s)");
        check("symmetric.asc", State::Strong, Some("openpgp-aes256"), "SEIPD v1");
        check("symmetric-3des.gpg", State::Weak, Some("openpgp-3des"), "64-bit block cipher");
        check("symmetric-no-mdc.gpg", State::Weak, Some("openpgp-cast5"), "no integrity protection");
        check("recipient.gpg", State::Strong, Some("openpgp"), "1 public-key recipient(s) (RSA)");
        check("recipient.asc", State::Strong, Some("openpgp"), "1 public-key recipient(s) (RSA)");
        check("recipient-and-password.gpg", State::Strong, Some("openpgp-aes256"), "1 password(s)");
        check("signed.gpg", State::Plain, None, "compressed, not encrypted");
        check("signed-uncompressed.gpg", State::Plain, None, "signed, not encrypted");
        check("stored.gpg", State::Plain, None, "not encrypted");
    }

    #[test]
    fn damaged_messages_end_without_a_panic() {
        let bytes = std::fs::read(format!("{}/fixtures/sealed/recipient-and-password.gpg", env!("CARGO_MANIFEST_DIR")))
            .unwrap();
        for cut in 0..bytes.len() {
            let _ = collect(&OpenPgp, "a", &bytes[..cut]);
            let mut flipped = bytes.clone();
            flipped[cut] ^= 0xff;
            let _ = collect(&OpenPgp, "a", &flipped);
        }
    }
}
