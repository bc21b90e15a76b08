//! Signed documents (`.p7m`): what lies inside the signature is pushed as a member.
//!
//! Specification: RFC 5652 (CMS), section 5; the content may be cut in BER pieces of any size.

use std::io::{self, Read};

use crate::identify::Format;
use crate::model::Name;

use super::budget::{Budget, Unpacked};
use super::input::{Access, Input};
use super::reader::{Member, ReadError, Reader, Sink};

pub struct Signed;

const SEQUENCE: u8 = 0x30;
const OBJECT_IDENTIFIER: u8 = 0x06;
const INTEGER: u8 = 0x02;
const SET: u8 = 0x31;
const EXPLICIT_0: u8 = 0xa0;
const OCTETS: u8 = 0x04;
const OCTETS_IN_PIECES: u8 = 0x24;

impl Reader for Signed {
    fn name(&self) -> &'static str {
        "signed"
    }

    fn version(&self) -> u32 {
        2
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Signed]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let name = inner_name(input.name());
        let mut packed = input.buffered();
        let (size, left, pieces) = match find_content(&mut packed)? {
            Found::Nothing => return Ok(()),
            Found::Whole(size) => (Some(size), size, Pieces::One),
            Found::Pieces => (None, 0, Pieces::UntilEnd),
        };
        budget.spend_member()?;
        let mut content = Content { inner: &mut packed, left, pieces };
        sink.member(Member { size, ..Member::new(name) }, &mut Unpacked::new(budget, &mut content))
    }
}

/// `a.pdf` of `a.pdf.p7m`.
fn inner_name(outer: &Name) -> Name {
    let name = outer.file_name();
    let stem = matches!(outer.extension().as_str(), "p7m" | "p7s" | "p7b" | "p7c")
        .then(|| name.get(..name.len().saturating_sub(4)))
        .flatten();
    Name::from_bytes(stem.unwrap_or(name))
}

/// Tag and length; a length of none ends with an end-of-contents mark.
fn header(input: &mut dyn Read) -> io::Result<(u8, Option<u64>)> {
    let mut two = [0; 2];
    input.read_exact(&mut two)?;
    let [tag, first] = two;
    let length = match first {
        0..=0x7f => Some(u64::from(first)),
        0x80 => None,
        0x81..=0x88 => {
            let mut bytes = [0; 8];
            let count = usize::from(first & 0x7f);
            input.read_exact(bytes.get_mut(8 - count..).unwrap_or_default())?;
            Some(u64::from_be_bytes(bytes))
        }
        _ => return Err(io::ErrorKind::InvalidData.into()),
    };
    Ok((tag, length))
}

enum Found {
    /// The signature stands apart from what it signs.
    Nothing,
    /// In one piece of so many bytes.
    Whole(u64),
    Pieces,
}

/// Walks to the content.
fn find_content(input: &mut dyn Read) -> Result<Found, ReadError> {
    let fault = |error: io::Error| ReadError::from_decoder("signature", &error);
    let wrong = || ReadError::malformed("signature", "its parts are not in order");
    // ContentInfo, SignedData: enter what is entered, skip what is skipped.
    let (mut entered, mut skipped) = (None, 0);
    for (expected, enter) in [
        (SEQUENCE, true),
        (OBJECT_IDENTIFIER, false),
        (EXPLICIT_0, true),
        (SEQUENCE, true),
        (INTEGER, false),
        (SET, false),
        (SEQUENCE, true),
        (OBJECT_IDENTIFIER, false),
    ] {
        let (tag, length) = header(input).map_err(fault)?;
        if tag != expected {
            return Err(wrong());
        }
        if enter {
            entered = length;
        } else {
            let length = length.filter(|length| *length <= 64 << 10).ok_or_else(wrong)?;
            skipped = length + 2;
            io::copy(&mut input.take(length), &mut io::sink()).map_err(fault)?;
        }
    }
    // Certificates, which follow, have the tag that content would have.
    if entered == Some(skipped) {
        return Ok(Found::Nothing);
    }
    let (tag, _) = header(input).map_err(fault)?;
    if tag != EXPLICIT_0 {
        return Ok(Found::Nothing);
    }
    match header(input).map_err(fault)? {
        (OCTETS, Some(length)) => Ok(Found::Whole(length)),
        (OCTETS_IN_PIECES, _) => Ok(Found::Pieces),
        _ => Err(wrong()),
    }
}

enum Pieces {
    One,
    UntilEnd,
}

/// The octets of the content, the headers of the pieces left out.
struct Content<'a> {
    inner: &'a mut dyn Read,
    left: u64,
    pieces: Pieces,
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left == 0 {
            if buffer.is_empty() || matches!(self.pieces, Pieces::One) {
                return Ok(0);
            }
            match header(self.inner)? {
                (OCTETS, Some(length)) => self.left = length,
                // Pieces may nest; whatever else comes ends the content.
                (OCTETS_IN_PIECES, _) => {}
                _ => self.pieces = Pieces::One,
            }
        }
        let n = self.inner.take(self.left).read(buffer)?;
        if n == 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= n as u64;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reason;
    use crate::open::collect::collect;

    fn fixture() -> Vec<u8> {
        std::fs::read(format!("{}/fixtures/sealed/signed.p7m", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn the_content_is_a_member() {
        let collected = collect(&Signed, "dir/nota.txt.p7m", &fixture());
        assert!(collected.error.is_none(), "{:?}", collected.error);
        assert_eq!(collected.member_names(), ["nota.txt"]);
        assert!(collected.members[0].1.starts_with(b"Promemoria"));
        assert!(collected.protection.is_none());
    }

    #[test]
    fn certificates_alone_are_no_content() {
        let bytes = [
            &b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80\x02\x01\x01\x31\x00"[..],
            b"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x03\x30\x01\x00",
        ]
        .concat();
        let collected = collect(&Signed, "a.p7b", &bytes);
        assert!(collected.error.is_none() && collected.members.is_empty(), "{:?}", collected.error);
    }

    #[test]
    fn content_in_pieces() {
        let bytes = [
            &b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80\x02\x01\x01\x31\x00"[..],
            b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x80\x24\x80",
            b"\x04\x03abc\x04\x81\x03def\0\0\0\0\0\0",
        ]
        .concat();
        let collected = collect(&Signed, "a.p7m", &bytes);
        assert_eq!(collected.members[0].1, b"abcdef");
        let collected = collect(&Signed, "a.p7m", &bytes[..42]);
        assert_eq!(collected.error.map(|error| error.reason()), Some(Reason::Truncated));
    }
}
