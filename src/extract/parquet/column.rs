//! Reads the chunk of one column, page by page, and hands out the values of one row after the other.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use crate::extract::blocks::{Codec, unpack};
use crate::model::Reason;
use crate::open::reader::ReadError;
use crate::open::{Budget, Input};

use super::footer::{Chunk, Leaf};
use super::levels::{Hybrid, width};
use super::thrift::{Thrift, Value};

/// Bytes of one page, unpacked; programs write one megabyte.
const LONGEST_PAGE: usize = 64 << 20;
/// Bytes of all pages that are held at once.
const MOST_HELD: usize = 256 << 20;
/// Bytes of the header of a page, with its statistics.
const HEADER: u64 = 1 << 20;

/// Bytes that the columns of a group hold together.
#[derive(Default)]
pub(super) struct Held(usize);

pub(super) struct Column<'l> {
    pub(super) leaf: &'l Leaf,
    at: u64,
    end: u64,
    codec: Codec,
    /// Values of the chunk that were not met yet, those that are missing included.
    left: u64,
    dictionary: (Vec<u8>, Vec<Range<usize>>),
    page: Option<Page>,
    /// What this column holds of [`Held`].
    held: usize,
}

struct Page {
    left: u64,
    /// The repetition of the next value, where it was looked at.
    repeated: Option<u32>,
    repetitions: Option<Hybrid>,
    definitions: Option<Hybrid>,
    bytes: Vec<u8>,
    values: Values,
}

enum Values {
    /// Where the next one begins.
    Plain(usize),
    /// Truth, a bit each.
    Bits(usize),
    Runs(Hybrid),
    Dictionary(Hybrid),
}

fn damaged(what: &str) -> ReadError {
    ReadError::malformed("parquet", what)
}

impl<'l> Column<'l> {
    pub(super) fn new(leaf: &'l Leaf, chunk: &Chunk) -> Result<Self, ReadError> {
        if chunk.is_encrypted {
            return Err(ReadError::Encrypted);
        }
        let codec = chunk.codec.filter(|_| !chunk.is_elsewhere);
        let codec = codec.ok_or(ReadError::Unsupported("the compression or the place of a column"))?;
        let (at, end, left) = (chunk.start, chunk.end, chunk.values);
        Ok(Self { leaf, at, end, codec, left, dictionary: Default::default(), page: None, held: 0 })
    }

    /// Calls `each` with the values of the next row; false if there is none.
    pub(super) fn row(
        &mut self,
        input: &mut Input<'_>,
        budget: &Budget,
        held: &mut Held,
        each: &mut dyn FnMut(&[u8]) -> Result<(), ReadError>,
    ) -> Result<bool, ReadError> {
        let mut started = false;
        loop {
            budget.check()?;
            if self.page.as_ref().is_none_or(|page| page.left == 0) {
                if self.left == 0 || !self.turn(input, budget, held)? {
                    return Ok(started);
                }
                continue;
            }
            let Some(page) = &mut self.page else { return Ok(started) };
            let repeated = match (page.repeated.take(), &mut page.repetitions) {
                (Some(repeated), _) => repeated,
                (None, Some(levels)) => levels.next().ok_or_else(|| damaged("the levels of a page"))?,
                (None, None) => 0,
            };
            if started && repeated == 0 {
                page.repeated = Some(repeated);
                return Ok(true);
            }
            started = true;
            page.left -= 1;
            self.left = self.left.saturating_sub(1);
            let defined = match &mut page.definitions {
                Some(levels) => levels.next().ok_or_else(|| damaged("the levels of a page"))?,
                None => self.leaf.most_defined,
            };
            if defined == self.leaf.most_defined {
                let value = page.value(self.leaf, &self.dictionary).ok_or_else(|| damaged("the values of a page"))?;
                each(value)?;
            }
        }
    }

    /// Turns to the next page; false at the end of the chunk.
    fn turn(&mut self, input: &mut Input<'_>, budget: &Budget, held: &mut Held) -> Result<bool, ReadError> {
        loop {
            budget.check()?;
            self.page = None;
            if self.at >= self.end {
                return Err(damaged("a column is shorter than it says"));
            }
            input.seek(SeekFrom::Start(self.at))?;
            let mut head = Vec::new();
            let mut header = None;
            // Most headers are short.
            for wanted in [256, HEADER] {
                (&mut *input).take(wanted - head.len() as u64).read_to_end(&mut head)?;
                header = PageHeader::parse(&head);
                if header.is_some() {
                    break;
                }
            }
            let header = header.ok_or_else(|| damaged("the header of a page"))?;
            let start = self.at + header.length;
            self.at = start.saturating_add(header.packed as u64);
            if header.packed > LONGEST_PAGE || header.unpacked > LONGEST_PAGE {
                return Err(ReadError::Budget(Reason::MemberTooLarge));
            }
            if !matches!(header.kind, 0 | 2 | 3) {
                continue;
            }
            input.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            (&mut *input).take(header.packed as u64).read_to_end(&mut bytes)?;
            if bytes.len() < header.packed {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            let page = self.unpack(&header, bytes)?;
            budget.spend_bytes(page.len() as u64)?;
            held.0 = held.0 - self.held + page.len() + self.dictionary.0.len();
            self.held = page.len() + self.dictionary.0.len();
            if held.0 > MOST_HELD {
                return Err(ReadError::Budget(Reason::MemberTooLarge));
            }
            if header.kind == 2 {
                self.dictionary = self.index(page, &header)?;
                continue;
            }
            self.page = Some(self.open(page, &header)?);
            return Ok(true);
        }
    }

    /// In the second version the levels stand before what is compressed.
    fn unpack(&self, header: &PageHeader, bytes: Vec<u8>) -> Result<Vec<u8>, ReadError> {
        let plain = if header.kind == 3 { header.levels.0 + header.levels.1 } else { 0 };
        if self.codec == Codec::Stored || (header.kind == 3 && !header.is_compressed) {
            return Ok(bytes);
        }
        let (levels, values) = bytes.split_at_checked(plain).ok_or_else(|| damaged("the levels of a page"))?;
        let mut page = levels.to_vec();
        if !values.is_empty() {
            page.extend(unpack(self.codec, values, header.unpacked.saturating_sub(plain))?);
        }
        Ok(page)
    }

    /// A dictionary: where each of its values lies.
    fn index(&self, page: Vec<u8>, header: &PageHeader) -> Result<(Vec<u8>, Vec<Range<usize>>), ReadError> {
        let mut at = 0;
        let mut ranges = Vec::new();
        while (ranges.len() as u64) < header.values
            && let Some(range) = plain(&page, at, self.leaf)
        {
            // A value takes a byte at least, unless its length is declared as none.
            if range.end == at {
                break;
            }
            at = range.end;
            ranges.push(range);
        }
        if (ranges.len() as u64) < header.values {
            return Err(damaged("a dictionary"));
        }
        Ok((page, ranges))
    }

    fn open(&self, page: Vec<u8>, header: &PageHeader) -> Result<Page, ReadError> {
        let levels = || damaged("the levels of a page");
        let mut at = 0;
        let mut section = |most: u32, length: usize| {
            if most == 0 {
                at += length;
                return Some(None);
            }
            let length = if header.kind == 3 {
                length
            } else {
                let length = page.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))?;
                at += 4;
                usize::try_from(length).ok()?
            };
            let bytes = page.get(at..at.checked_add(length)?)?;
            at += length;
            Some(Some(Hybrid::new(bytes, width(most))))
        };
        let repetitions = section(self.leaf.most_repeated, header.levels.0).ok_or_else(levels)?;
        let definitions = section(self.leaf.most_defined, header.levels.1).ok_or_else(levels)?;
        let rest = page.get(at..).unwrap_or_default();
        let values = match (header.encoding, self.leaf.kind) {
            (0, 0) => Values::Bits(at * 8),
            (0, _) => Values::Plain(at),
            (2 | 8, _) => {
                let bits = u32::from(rest.first().copied().unwrap_or(0));
                Values::Dictionary(Hybrid::new(rest.get(1..).unwrap_or_default(), bits))
            }
            (3, 0) => Values::Runs(Hybrid::new(rest.get(4..).unwrap_or_default(), 1)),
            _ => return Err(ReadError::Unsupported("the encoding of a column")),
        };
        Ok(Page { left: header.values, repeated: None, repetitions, definitions, bytes: page, values })
    }
}

impl Page {
    fn value<'p>(&'p mut self, leaf: &Leaf, dictionary: &'p (Vec<u8>, Vec<Range<usize>>)) -> Option<&'p [u8]> {
        let truth = |is: bool| if is { &[1][..] } else { &[0][..] };
        match &mut self.values {
            Values::Plain(at) => {
                let range = plain(&self.bytes, *at, leaf)?;
                *at = range.end;
                self.bytes.get(range)
            }
            Values::Bits(bit) => {
                let byte = self.bytes.get(*bit / 8)?;
                let is = byte & (1 << (*bit % 8)) != 0;
                *bit += 1;
                Some(truth(is))
            }
            Values::Runs(runs) => Some(truth(runs.next()? == 1)),
            Values::Dictionary(places) => {
                let range = dictionary.1.get(usize::try_from(places.next()?).ok()?)?;
                dictionary.0.get(range.clone())
            }
        }
    }
}

/// Where a plain value at this place lies.
fn plain(bytes: &[u8], at: usize, leaf: &Leaf) -> Option<Range<usize>> {
    let (start, length) = match leaf.kind {
        1 | 4 => (at, 4),
        2 | 5 => (at, 8),
        3 => (at, 12),
        7 => (at, leaf.length),
        6 => {
            let length = bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))?;
            (at + 4, usize::try_from(length).ok()?)
        }
        _ => return None,
    };
    let end = start.checked_add(length)?;
    (end <= bytes.len()).then_some(start..end)
}

#[derive(Default)]
struct PageHeader {
    kind: i64,
    /// Bytes of the header itself.
    length: u64,
    unpacked: usize,
    packed: usize,
    values: u64,
    encoding: i64,
    /// Bytes of repetitions and definitions, in the second version.
    levels: (usize, usize),
    is_compressed: bool,
}

impl PageHeader {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut header = Self { is_compressed: true, ..Self::default() };
        let size = |value: Value<'_>| usize::try_from(value.number()).ok();
        let mut thrift = Thrift::new(bytes);
        thrift.fields(&mut |thrift, field, value| {
            match field {
                1 => header.kind = value.number(),
                2 => header.unpacked = size(value)?,
                3 => header.packed = size(value)?,
                // Of data, of a dictionary, of data in the second version.
                5 | 7 | 8 if value == Value::Struct => {
                    let second = field == 8;
                    thrift.fields(&mut |_, inner, value| {
                        match (inner, second) {
                            (1, _) => header.values = u64::try_from(value.number()).ok()?,
                            (2, false) | (4, true) => header.encoding = value.number(),
                            (5, true) => header.levels.1 = size(value)?,
                            (6, true) => header.levels.0 = size(value)?,
                            (7, true) => header.is_compressed = value != Value::Bool(false),
                            _ => return Some(false),
                        }
                        Some(true)
                    })?;
                }
                _ => return Some(false),
            }
            Some(true)
        })?;
        header.length = thrift.position() as u64;
        Some(header)
    }
}
