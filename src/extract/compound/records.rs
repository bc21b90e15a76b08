//! Goes through the records of an xls stream: opened if sealed, put together if continued.
//!
//! Specification: [MS-XLS] 2.1.4 and 2.2.10.

use std::io::{BufReader, Read};

use crate::model::Reason;
use crate::open::reader::ReadError;

use super::file::Stream;
use super::seal::StreamKey;
use super::storage::{u16_at, wide};

pub(super) const FILE_PASS: u16 = 0x002F;
pub(super) const CONTINUE: u16 = 0x003C;
pub(super) const SHEET: u16 = 0x0085;
pub(super) const BEGIN: u16 = 0x0809;

/// Continued records are put together up to this size.
const LONGEST_CONTINUED: usize = 64 << 20;

pub(super) struct Record {
    pub(super) kind: u16,
    pub(super) start: u64,
    pub(super) data: Vec<u8>,
}

pub(super) struct Records<'i> {
    stream: BufReader<Stream<'i>>,
    position: u64,
    peeked: Option<Record>,
    /// Opens what follows, once the default password has opened the workbook.
    pub(super) key: Option<StreamKey>,
}

impl<'i> Records<'i> {
    pub(super) fn new(stream: Stream<'i>) -> Self {
        let stream = BufReader::with_capacity(16 * 1024, stream);
        Self { stream, position: 0, peeked: None, key: None }
    }

    pub(super) fn next(&mut self) -> Result<Option<Record>, ReadError> {
        if let Some(record) = self.peeked.take() {
            return Ok(Some(record));
        }
        let start = self.position;
        let mut head = Vec::with_capacity(4);
        (&mut self.stream).take(4).read_to_end(&mut head)?;
        let (Some(kind), Some(length)) = (u16_at(&head, 0), u16_at(&head, 2)) else { return Ok(None) };
        let mut data = Vec::with_capacity(usize::from(length));
        (&mut self.stream).take(u64::from(length)).read_to_end(&mut data)?;
        self.position = start + 4 + data.len() as u64;
        if data.len() < usize::from(length) {
            return if kind == 0 { Ok(None) } else { Err(ReadError::malformed("xls", "a record is cut off")) };
        }
        self.unseal(kind, start + 4, &mut data);
        Ok(Some(Record { kind, start, data }))
    }

    /// [MS-XLS] 2.2.10: which records, and which of their bytes, are never sealed.
    fn unseal(&self, kind: u16, offset: u64, data: &mut [u8]) {
        let Some(key) = &self.key else { return };
        match kind {
            BEGIN | FILE_PASS | 0x00E1 | 0x0194 | 0x0195 | 0x0196 | 0x0138 => {}
            SHEET => {
                if let Some(sealed) = data.get_mut(4..) {
                    key.open(offset + 4, sealed);
                }
            }
            _ => key.open(offset, data),
        }
    }

    pub(super) fn peek(&mut self) -> Result<Option<u16>, ReadError> {
        if self.peeked.is_none() {
            self.peeked = self.next()?;
        }
        Ok(self.peeked.as_ref().map(|record| record.kind))
    }

    /// A record with those that continue it.
    pub(super) fn continued(&mut self, first: Record) -> Result<Vec<Vec<u8>>, ReadError> {
        let mut bytes = first.data.len();
        let mut segments = vec![first.data];
        while self.peek()? == Some(CONTINUE) {
            let Some(record) = self.next()? else { break };
            bytes += record.data.len();
            if bytes > LONGEST_CONTINUED {
                return Err(ReadError::Budget(Reason::MemberTooLarge));
            }
            segments.push(record.data);
        }
        Ok(segments)
    }
}

/// Texts that run over the ends of records ([MS-XLS] 2.5.293 and 2.4.58).
pub(super) struct Segments<'a> {
    records: &'a [Vec<u8>],
    current: usize,
    at: usize,
}

impl<'a> Segments<'a> {
    /// From the byte `at` of the first record on.
    pub(super) fn new(records: &'a [Vec<u8>], at: usize) -> Self {
        Self { records, current: 0, at }
    }

    fn rest(&self) -> &[u8] {
        self.records.get(self.current).and_then(|segment| segment.get(self.at..)).unwrap_or_default()
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        while self.rest().is_empty() {
            self.current += 1;
            self.at = 0;
            if self.current >= self.records.len() {
                return None;
            }
        }
        let byte = self.rest().first().copied();
        self.at += 1;
        byte
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    /// The next bytes, or as many as there are.
    pub(super) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map_while(|_| self.byte()).collect()
    }

    pub(super) fn skip(&mut self, mut bytes: usize) {
        while bytes > 0 {
            let here = self.rest().len().min(bytes);
            self.at += here;
            bytes -= here;
            if bytes > 0 {
                self.current += 1;
                self.at = 0;
                if self.current >= self.records.len() {
                    return;
                }
            }
        }
    }

    pub(super) fn plain_text(&mut self) -> Option<String> {
        let length = usize::from(self.u16()?);
        let flags = self.byte()?;
        Some(self.letters(length, flags & 1 == 1))
    }

    pub(super) fn rich_text(&mut self) -> Option<String> {
        let length = usize::from(self.u16()?);
        let flags = self.byte()?;
        let runs = if flags & 8 != 0 { usize::from(self.u16()?) } else { 0 };
        let extension = if flags & 4 != 0 {
            let (low, high) = (self.u16()?, self.u16()?);
            usize::from(low) | usize::from(high) << 16
        } else {
            0
        };
        let text = self.letters(length, flags & 1 == 1);
        self.skip(runs * 4);
        self.skip(extension);
        Some(text)
    }

    /// A record that continues a text says again how wide its letters are.
    pub(super) fn letters(&mut self, mut letters: usize, mut is_wide: bool) -> String {
        let mut text = String::new();
        loop {
            let width = if is_wide { 2 } else { 1 };
            let rest = self.rest();
            let here = (rest.len() / width).min(letters);
            let bytes = rest.get(..here * width).unwrap_or_default();
            text.push_str(&if is_wide { wide(bytes) } else { narrow_unicode(bytes) });
            self.at += here * width;
            letters -= here;
            if letters == 0 {
                return text;
            }
            self.current += 1;
            self.at = 0;
            if self.current >= self.records.len() {
                return text;
            }
            is_wide = self.byte().is_some_and(|flags| flags & 1 == 1);
        }
    }
}

/// Letters below U+0100, a byte each.
pub(super) fn narrow_unicode(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| char::from(b)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_run_over_the_ends_of_records() {
        // "abcd": two narrow letters, then two wide ones in the record that continues.
        let segments = vec![vec![4, 0, 0, b'a', b'b'], vec![1, b'c', 0, b'd', 0, 2, 0, 0, b'x', b'y']];
        let mut cursor = Segments::new(&segments, 0);
        assert_eq!(cursor.rich_text().as_deref(), Some("abcd"));
        assert_eq!(cursor.rich_text().as_deref(), Some("xy"));
        assert_eq!(cursor.rich_text(), None);
    }

    #[test]
    fn formatting_runs_are_passed_over() {
        let segments = vec![vec![1, 0, 0x0C, 1, 0, 2, 0, 0, 0, b'a', 9, 9, 9, 9, 8, 8, 1, 0, 0, b'b']];
        let mut cursor = Segments::new(&segments, 0);
        assert_eq!(cursor.rich_text().as_deref(), Some("a"));
        assert_eq!(cursor.rich_text().as_deref(), Some("b"));
    }
}
