//! Encrypted files that say what they are: age, S/MIME, private keys, password safes, volumes, rights management.

mod age;
mod asn1;
mod keys;
mod pkcs12;
mod rights;
mod unmarked;
mod volume;

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::identify::Format;
use crate::model::{Protection, Reason, State};

use super::budget::Budget;
use super::input::{Access, Input};
use super::reader::{ReadError, Reader, Sink};

/// Pushes the verdict and ends as encrypted: nothing here is ever unpacked.
pub struct Sealed;

pub use unmarked::unmarked;

/// Bytes of the file that the verdict is taken from.
const HEAD: u64 = 256 << 10;

/// What a judge says of a head: the verdict, and the media type.
type Verdict = (Protection, &'static str);

type Judge = fn(&[u8]) -> Option<Verdict>;

impl Reader for Sealed {
    fn name(&self) -> &'static str {
        "sealed"
    }

    fn version(&self) -> u32 {
        2
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Age, Format::Sealed]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut head = Vec::new();
        input.take(HEAD).read_to_end(&mut head)?;
        budget.check()?;
        let (protection, media_type) = judge(&head);
        let is_plain = protection.state == State::Plain;
        sink.refine(media_type);
        sink.protection(protection);
        if is_plain {
            sink.gap(Reason::UnsupportedFeature, "a store of keys that is not encrypted; its content is not unpacked");
            return Ok(());
        }
        Err(ReadError::Encrypted)
    }
}

fn judge(head: &[u8]) -> Verdict {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let judges: [Judge; 5] = [age::judge, volume::judge, rights::judge, keys::judge, asn1::judge];
    judges.iter().find_map(|judge| judge(text).or_else(|| judge(head))).unwrap_or_else(|| {
        (Protection::unknown("looks encrypted, by a scheme that is not known here"), "application/x-encrypted")
    })
}

/// The bytes of a PEM block, headers left out; none if there is no block.
fn pem_body(text: &[u8]) -> Option<Vec<u8>> {
    let rest = text.strip_prefix(b"-----BEGIN ")?;
    let body: Vec<u8> = rest
        .split(|b| *b == b'\n')
        .skip(1)
        .map(<[u8]>::trim_ascii)
        .take_while(|line| !line.starts_with(b"-----"))
        .filter(|line| !line.contains(&b':'))
        .flatten()
        .copied()
        .collect();
    let whole = body.len() / 4 * 4;
    STANDARD.decode(body.get(..whole)?).ok()
}

#[cfg(test)]
mod tests;
