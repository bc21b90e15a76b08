//! The verdict on an encrypted PDF: which scheme, and whether it opens without a password.
//!
//! The encryption dictionary (ISO 32000-2, 7.6) is itself never encrypted, so it is read
//! here from the raw bytes, whether or not the document opens.

use hayro_syntax::object::{Dict, FromBytes, Name};

use crate::model::{Protection, State};

/// How the document answered when it was opened with the empty password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    Yes,
    NeedsPassword,
    /// The handler is not one of passwords, or not known.
    UnknownHandler,
    /// The document is damaged, or its encryption is.
    Damaged,
}

/// What the encryption dictionary says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Encryption {
    filter: String,
    sub_filter: Option<String>,
    /// Algorithm.
    v: Option<i64>,
    /// Revision of the password handler.
    r: Option<i64>,
    /// Bits of the key.
    length: Option<i64>,
    /// Method of the filter for streams: `V2`, `AESV2`, `AESV3`, `None`.
    method: Option<String>,
    /// Streams and strings of the document itself are not encrypted.
    text_is_plain: bool,
}

const KEY: &[u8] = b"/Encrypt";
/// Trailers and objects of one number that are looked at.
const MAX_TRAILERS: usize = 1000;

/// Takes the encryption dictionaries out of the trailers, so that a document whose text is
/// not encrypted opens as a plain one.
pub(super) fn disregard(file: &mut [u8]) {
    let found: Vec<usize> =
        memchr::memmem::find_iter(file, KEY).take(MAX_TRAILERS).filter(|at| value(file, *at).is_some()).collect();
    for at in found {
        if let Some(letter) = file.get_mut(at + 1) {
            *letter = b'_';
        }
    }
}

/// What follows the key, if it is the key of a trailer.
fn value(file: &[u8], at: usize) -> Option<&[u8]> {
    const WINDOW: usize = 4096;
    let value = file.get(at + KEY.len()..)?;
    if value.first().is_none_or(u8::is_ascii_alphanumeric) {
        return None;
    }
    let around = file.get(at.saturating_sub(WINDOW)..at.saturating_add(WINDOW).min(file.len()))?;
    let in_trailer = [&b"trailer"[..], b"/XRef"].iter().any(|mark| memchr::memmem::find(around, mark).is_some());
    in_trailer.then(|| value.trim_ascii_start())
}

fn skip_comments(mut text: &[u8]) -> &[u8] {
    loop {
        text = text.trim_ascii_start();
        if !text.starts_with(b"%") {
            return text;
        }
        let end = text.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(text.len());
        text = text.get(end..).unwrap_or_default();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cipher {
    Rc4 {
        bits: i64,
    },
    Aes128,
    /// With the bad password hash of revision 5.
    Aes256Revision5,
    Aes256,
    Unknown,
}

impl Encryption {
    /// Of the last trailer that names one.
    pub(super) fn find(file: &[u8]) -> Option<Self> {
        let mut end = file.len();
        for _ in 0..MAX_TRAILERS {
            let at = memchr::memmem::rfind(file.get(..end)?, KEY)?;
            if let Some(found) = value(file, at).and_then(|value| Self::at(file, value)) {
                return Some(found);
            }
            end = at;
        }
        None
    }

    fn at(file: &[u8], value: &[u8]) -> Option<Self> {
        if value.starts_with(b"<<") {
            return Self::read(&Dict::from_bytes(value)?);
        }
        let mut parts =
            value.get(..64.min(value.len()))?.split(u8::is_ascii_whitespace).filter(|part| !part.is_empty());
        let number = |part: &[u8]| std::str::from_utf8(part).ok()?.parse::<u64>().ok();
        let (object, generation) = (number(parts.next()?)?, number(parts.next()?)?);
        let head = format!("{object} {generation} obj");
        let mut end = file.len();
        for _ in 0..MAX_TRAILERS {
            let found = memchr::memmem::rfind(file.get(..end)?, head.as_bytes())?;
            let starts = found.checked_sub(1).and_then(|before| file.get(before)).is_none_or(|b| !b.is_ascii_digit());
            let body = skip_comments(file.get(found + head.len()..)?);
            if starts && body.starts_with(b"<<") {
                return Self::read(&Dict::from_bytes(body)?);
            }
            end = found;
        }
        None
    }

    /// The verdict on the attached files, where they alone are encrypted: the text of such a
    /// document is as it is in any PDF.
    pub(super) fn of_files_only(&self) -> Option<Protection> {
        let encryption = Self { text_is_plain: false, ..self.clone() };
        (self.filter == "Standard" && self.text_is_plain).then(|| encryption.verdict(Opened::NeedsPassword))
    }

    fn read(dict: &Dict<'_>) -> Option<Self> {
        let name = |dict: &Dict<'_>, key: &str| dict.get::<Name<'_>>(key).map(|name| name.as_str().to_owned());
        let method = dict.get::<Dict<'_>>("CF").and_then(|filters| {
            let named = |key| name(dict, key).filter(|used| used != "Identity");
            let used = named("StmF").or_else(|| named("StrF")).or_else(|| named("EFF"));
            let used = used.unwrap_or_else(|| "StdCF".to_owned());
            name(&filters.get::<Dict<'_>>(used.as_bytes())?, "CFM")
        });
        let is_identity = |key| name(dict, key).as_deref() == Some("Identity");
        Some(Self {
            text_is_plain: is_identity("StmF") && is_identity("StrF"),
            filter: name(dict, "Filter")?,
            sub_filter: name(dict, "SubFilter"),
            v: dict.get("V"),
            r: dict.get("R"),
            length: dict.get("Length"),
            method,
        })
    }

    pub(super) fn verdict(&self, opened: Opened) -> Protection {
        let (cipher, facts) = (self.cipher(), self.facts());
        match self.filter.as_str() {
            "Standard" => self.password_verdict(cipher, &facts, opened),
            "Adobe.PubSec" | "Entrust.PPKEF" | "Adobe.PPKLite" => {
                Protection::strong("pdf-public-key", format!("{facts}; opens only with the private key of a recipient"))
            }
            "MicrosoftIRMServices" => Protection {
                scheme: Some("ms-irm".into()),
                ..Protection::unknown(format!("{facts}; rights management (a server holds the key)"))
            },
            _ => Protection::unknown(format!("{facts}; a handler that is not part of the PDF standard")),
        }
    }

    fn password_verdict(&self, cipher: Cipher, facts: &str, opened: Opened) -> Protection {
        let scheme = cipher.scheme();
        let (state, says) = match (opened, cipher) {
            _ if self.text_is_plain => {
                (State::OpensWithoutPassword, "only attached files are encrypted, the text is not")
            }
            (Opened::Yes, _) => (State::OpensWithoutPassword, "the empty password opens it"),
            (_, Cipher::Unknown) => (State::Unknown, "an algorithm that the PDF standard does not describe"),
            (Opened::Damaged | Opened::UnknownHandler, _) => (State::Unknown, "too damaged to try the empty password"),
            (Opened::NeedsPassword, Cipher::Rc4 { .. }) => {
                (State::Weak, "the empty password does not open it; RC4 is broken")
            }
            (Opened::NeedsPassword, Cipher::Aes256Revision5) => (
                State::Weak,
                "the empty password does not open it; revision 5 checks passwords with one plain SHA-256, which is fast to guess",
            ),
            (Opened::NeedsPassword, Cipher::Aes128 | Cipher::Aes256) => {
                (State::Strong, "the empty password does not open it")
            }
        };
        let evidence = format!("{facts}; {says}");
        match scheme {
            Some(scheme) => Protection::new(state, scheme, evidence),
            None => Protection { state, evidence, ..Protection::default() },
        }
    }

    fn cipher(&self) -> Cipher {
        let bits = self.length.map(|length| if length <= 32 { length * 8 } else { length });
        match (self.v, self.method.as_deref()) {
            (Some(1), _) => Cipher::Rc4 { bits: 40 },
            (Some(2), _) => Cipher::Rc4 { bits: bits.unwrap_or(40) },
            (Some(4), Some("V2")) => Cipher::Rc4 { bits: bits.unwrap_or(128) },
            (Some(4), Some("AESV2")) => Cipher::Aes128,
            (Some(5 | 6), _) if self.r == Some(5) => Cipher::Aes256Revision5,
            (Some(5 | 6), _) => Cipher::Aes256,
            _ => Cipher::Unknown,
        }
    }

    /// In the words of the dictionary itself; holds nothing of the content.
    fn facts(&self) -> String {
        let mut facts = "Encrypt dictionary:".to_owned();
        if self.filter != "Standard" {
            facts.push_str(" Filter=");
            facts.extend(plain(&self.filter));
            if let Some(sub_filter) = &self.sub_filter {
                facts.push_str(" SubFilter=");
                facts.extend(plain(sub_filter));
            }
        }
        for (key, value) in [("V", self.v), ("R", self.r), ("Length", self.length)] {
            if let Some(value) = value {
                facts.extend([" ", key, "=", &value.to_string()]);
            }
        }
        if let Some(method) = &self.method {
            facts.push_str(", ");
            facts.extend(plain(method));
        }
        facts
    }
}

impl Cipher {
    fn scheme(self) -> Option<&'static str> {
        Some(match self {
            Self::Rc4 { bits: ..=64 } => "pdf-rc4-40",
            Self::Rc4 { .. } => "pdf-rc4-128",
            Self::Aes128 => "pdf-aes128",
            Self::Aes256Revision5 | Self::Aes256 => "pdf-aes256",
            Self::Unknown => return None,
        })
    }
}

/// A name as it may stand in a report.
fn plain(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')).take(40)
}
