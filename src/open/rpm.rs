//! Rpm packages: what the header says in words, and the payload as a member.
//!
//! Specification: the RPM V4 package format (rpm.org). The payload is a cpio archive, packed.

use std::io::Read;

use crate::identify::Format;
use crate::model::{Place, Reason, Shape, Text};

use super::budget::{Budget, Unpacked};
use super::input::{Access, Input};
use super::reader::{Member, ReadError, Reader, Sink};

pub struct Rpm;

const LEAD: u64 = 96;
/// The program itself refuses longer headers.
const HEADER: u64 = 256 << 20;
const ENTRIES: u64 = 0xffff;

impl Reader for Rpm {
    fn name(&self) -> &'static str {
        "rpm"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Rpm]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut input = input.buffered();
        if take(&mut input, LEAD)?.len() as u64 != LEAD {
            return Err(cut_off());
        }
        let signature = Header::read(&mut input)?;
        // The header starts at a multiple of eight bytes.
        take(&mut input, signature.length.wrapping_neg() % 8)?;
        let header = Header::read(&mut input)?;
        let text = header.text();
        if !text.is_empty() {
            sink.text(text)?;
        }
        let name = match header.strings(PAYLOAD_COMPRESSOR).first().map(String::as_str) {
            Some("gzip") => "payload.cpio.gz",
            Some("bzip2") => "payload.cpio.bz2",
            Some("xz") => "payload.cpio.xz",
            Some("lzma") => "payload.cpio.lzma",
            Some("zstd") => "payload.cpio.zst",
            _ => "payload.cpio",
        };
        budget.spend_member()?;
        if header.strings(PAYLOAD_FORMAT).first().is_some_and(|format| format == "drpm") {
            sink.member_unread(Member::new(name), Reason::UnsupportedFeature, "the difference to another package");
            return Ok(());
        }
        sink.member(Member::new(name), &mut Unpacked::new(budget, &mut input))
    }
}

const PAYLOAD_FORMAT: u32 = 1124;
const PAYLOAD_COMPRESSOR: u32 = 1125;

/// Tags that hold words or people.
const TOLD: &[(u32, &str)] = &[
    (1000, "name"),
    (1001, "version"),
    (1004, "summary"),
    (1005, "description"),
    (1007, "build host"),
    (1011, "vendor"),
    (1015, "packager"),
    (1020, "url"),
    (1023, "script before installation"),
    (1024, "script after installation"),
    (1025, "script before removal"),
    (1026, "script after removal"),
    (1081, "changelog author"),
    (1082, "changelog"),
];

/// A header: an index of tags, and the store that they point into.
struct Header {
    length: u64,
    index: Vec<u8>,
    store: Vec<u8>,
}

impl Header {
    fn read(input: &mut impl Read) -> Result<Self, ReadError> {
        let start = take(input, 16)?;
        let number = |at: usize| start.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes);
        let (Some(entries), Some(size)) = (number(8).map(u64::from), number(12).map(u64::from)) else {
            return Err(cut_off());
        };
        if !start.starts_with(b"\x8e\xad\xe8\x01") || entries > ENTRIES || size > HEADER {
            return Err(ReadError::malformed("rpm", "a header is damaged"));
        }
        let index = take(input, entries * 16)?;
        let store = take(input, size)?;
        if (index.len() as u64) < entries * 16 || (store.len() as u64) < size {
            return Err(cut_off());
        }
        Ok(Self { length: size, index, store })
    }

    /// The texts of a tag: one, several, or one for each language.
    fn strings(&self, tag: u32) -> Vec<String> {
        let number = |entry: &[u8; 16], at: usize| {
            entry.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_be_bytes)
        };
        let entries = self.index.as_chunks::<16>().0;
        let Some(entry) = entries.iter().find(|entry| number(entry, 0) == tag) else { return Vec::new() };
        if !matches!(number(entry, 4), 6 | 8 | 9) {
            return Vec::new();
        }
        let store = usize::try_from(number(entry, 8)).ok().and_then(|at| self.store.get(at..)).unwrap_or_default();
        let count = usize::try_from(number(entry, 12)).unwrap_or(0);
        store.split(|byte| *byte == 0).take(count).map(|text| String::from_utf8_lossy(text).into_owned()).collect()
    }

    fn text(&self) -> Text {
        let mut text = Text::new(Shape::Prose);
        for (record, (tag, field)) in TOLD.iter().enumerate() {
            for value in self.strings(*tag) {
                if !value.trim().is_empty() {
                    text.push(&value, Place::field(field), record as u64, None);
                    text.push_more("\n");
                }
            }
        }
        text
    }
}

fn cut_off() -> ReadError {
    std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()
}

fn take(input: &mut impl Read, count: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    input.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "test code")]
mod tests {
    use super::*;
    use crate::open::collect::collect;

    fn header(tags: &[(u32, &str)]) -> Vec<u8> {
        let mut index = Vec::new();
        let mut store = Vec::new();
        for (tag, text) in tags {
            for number in [*tag, 6, store.len() as u32, 1] {
                index.extend(number.to_be_bytes());
            }
            store.extend(text.as_bytes());
            store.push(0);
        }
        let counts = [(tags.len() as u32).to_be_bytes(), (store.len() as u32).to_be_bytes()].concat();
        [b"\x8e\xad\xe8\x01\0\0\0\0".to_vec(), counts, index, store].concat()
    }

    #[test]
    fn words_of_the_header_and_the_payload() {
        let mut package = b"\xed\xab\xee\xdb\x03\0".to_vec();
        package.resize(96, 0);
        package.extend(header(&[(1000, "odd length")]));
        package.resize(package.len().next_multiple_of(8), 0);
        package.extend(header(&[(1015, "Laura Bianchi"), (PAYLOAD_COMPRESSOR, "xz")]));
        package.extend(b"payload");
        let collected = collect(&Rpm, "a.rpm", &package);
        assert!(collected.error.is_none(), "{collected:?}");
        assert_eq!(collected.content(), "Laura Bianchi\n");
        assert_eq!(collected.member_names(), ["payload.cpio.xz"]);
        assert_eq!(collected.members[0].1, b"payload");
        for cut in 0..package.len() - 7 {
            assert!(collect(&Rpm, "a.rpm", &package[..cut]).error.is_some());
        }
    }
}
