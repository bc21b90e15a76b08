//! Shows the values of a row of an Access table, and hands out the documents that are kept in one.

use std::io::{self, Cursor, Read};

use flate2::read::ZlibDecoder;

use crate::extract::rows::{Rows, real};
use crate::open::Budget;
use crate::open::budget::{Spent, Unpacked};
use crate::open::reader::ReadError;

use super::pages::{Pages, row_address, u16_at, u32_at};
use super::table::{Column, Row, Table};

/// Bytes of a long text that are kept; the rest is a gap.
const LONGEST_TEXT: u64 = 16 << 20;
/// Bytes in which a document is looked for behind what a program put before it.
const ENVELOPE: u64 = 4096;

/// How documents begin that programs embed.
const DOCUMENTS: &[&[u8]] =
    &[b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n", b"{\\rtf"];

const BOOLEAN: u8 = 1;
const BINARY: u8 = 9;
const TEXT: u8 = 10;
const OLE: u8 = 11;
const MEMO: u8 = 12;

pub(super) fn write(
    row: &Row<'_>,
    table: &Table,
    pages: &mut Pages<'_, '_>,
    derived: bool,
    budget: &Budget,
    rows: &mut Rows<'_, '_>,
) -> Result<(), ReadError> {
    let mut fault = Ok(());
    for (index, column) in table.columns.iter().enumerate() {
        if column.kind == BOOLEAN && !column.is_computed {
            rows.cell(index, if row.is_true(column) { "true" } else { "false" })?;
            continue;
        }
        let Some(mut bytes) = row.value(column) else { continue };
        if column.is_computed && column.kind != MEMO {
            bytes = computed(bytes);
        }
        let result = match column.kind {
            TEXT => rows.cell(index, pages.text(bytes)),
            MEMO => memo(bytes, index, column, pages, budget, rows),
            OLE => ole(bytes, index, column, pages, derived, budget, rows),
            BINARY => rows.binary(index, bytes.len() as u64, &mut &*bytes, derived, budget),
            _ => rows.cell(index, short(bytes, column).unwrap_or_default()),
        };
        match result {
            Err(error) if crate::extract::package::ends_the_file(&error) => return Err(error),
            Err(error) => fault = Err(error),
            Ok(()) => {}
        }
    }
    fault
}

/// The value in its envelope: sixteen bytes, its length, itself.
fn computed(bytes: &[u8]) -> &[u8] {
    let length = u32_at(bytes, 16).and_then(|length| usize::try_from(length).ok());
    let value = length.and_then(|length| bytes.get(20..length.checked_add(20)?));
    value.unwrap_or(bytes)
}

/// A value of fixed length.
fn short(bytes: &[u8], column: &Column) -> Option<String> {
    Some(match column.kind {
        BOOLEAN => if bytes.first() == Some(&0) { "false" } else { "true" }.to_owned(),
        2 => bytes.first()?.to_string(),
        3 => u16_at(bytes, 0)?.cast_signed().to_string(),
        4 | 18 => u32_at(bytes, 0)?.cast_signed().to_string(),
        5 => scaled(i64::from_le_bytes(*bytes.first_chunk()?).into(), 4),
        6 => f32::from_le_bytes(*bytes.first_chunk()?).to_string(),
        7 => real(f64::from_le_bytes(*bytes.first_chunk()?)),
        8 => moment(f64::from_le_bytes(*bytes.first_chunk()?)),
        15 => guid(bytes)?,
        16 => numeric(bytes, column.scale)?,
        19 => i64::from_le_bytes(*bytes.first_chunk()?).to_string(),
        // A date with more digits, as text.
        20 => extended(bytes),
        _ => return None,
    })
}

/// A number with that many decimals.
fn scaled(number: i128, scale: u32) -> String {
    let Some(unit) = 10u128.checked_pow(scale) else { return number.to_string() };
    let (whole, part) = (number.unsigned_abs() / unit, number.unsigned_abs() % unit);
    let sign = if number < 0 { "-" } else { "" };
    if part == 0 {
        return format!("{sign}{whole}");
    }
    let decimals = format!("{part:0width$}", width = usize::try_from(scale).unwrap_or(0));
    format!("{sign}{whole}.{}", decimals.trim_end_matches('0'))
}

/// A sign and four groups of four bytes, the highest one first.
fn numeric(bytes: &[u8], scale: u8) -> Option<String> {
    let mut number = 0u128;
    for group in 0..4 {
        number = (number << 32) | u128::from(u32_at(bytes, 1 + 4 * group)?);
    }
    let number = i128::try_from(number).ok()?;
    Some(scaled(if bytes.first() == Some(&0) { number } else { -number }, u32::from(scale)))
}

/// Days since 30 December 1899. Before it the fraction still counts forward.
fn moment(value: f64) -> String {
    let shown = || {
        let days = value.trunc();
        let mut seconds = ((value - days).abs() * 86_400.0).round();
        if !(-700_000.0..3_000_000.0).contains(&days) {
            return None;
        }
        seconds = seconds.min(86_399.0);
        #[expect(clippy::cast_possible_truncation, reason = "in range, checked above")]
        let (days, seconds) = (days as i64, seconds as i64);
        let time = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        if days == 0 && seconds != 0 {
            return Some(time);
        }
        let date = jiff::civil::date(1899, 12, 30).checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
        Some(if seconds == 0 { date.to_string() } else { format!("{date} {time}") })
    };
    shown().unwrap_or_else(|| real(value))
}

/// The first three parts are numbers of this processor.
fn guid(bytes: &[u8]) -> Option<String> {
    let (first, rest) = bytes.split_first_chunk::<4>()?;
    let (second, rest) = rest.split_first_chunk::<2>()?;
    let (third, rest) = rest.split_first_chunk::<2>()?;
    let (first, second, third) = (u32::from_le_bytes(*first), u16::from_le_bytes(*second), u16::from_le_bytes(*third));
    let last = rest.first_chunk::<8>().map(|bytes| u64::from_be_bytes(*bytes))?;
    Some(format!("{{{first:08X}-{second:04X}-{third:04X}-{:04X}-{:012X}}}", last >> 48, last & 0xffff_ffff_ffff))
}

/// `days:nanoseconds:7`, where days count from the year 1.
fn extended(bytes: &[u8]) -> String {
    let text: String = bytes.iter().copied().map(char::from).filter(char::is_ascii_graphic).collect();
    let shown = || {
        let mut parts = text.split(':');
        let days: i64 = parts.next()?.parse().ok()?;
        let seconds = parts.next()?.parse::<i64>().ok()? / 10_000_000;
        let date = jiff::civil::date(1, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
        Some(format!("{date} {:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60))
    };
    shown().unwrap_or(text.clone())
}

fn memo(
    bytes: &[u8],
    index: usize,
    column: &Column,
    pages: &mut Pages<'_, '_>,
    budget: &Budget,
    rows: &mut Rows<'_, '_>,
) -> Result<(), ReadError> {
    let mut content = Vec::new();
    let mut value = LongValue::new(bytes, pages, budget)?;
    let result = (&mut value).take(LONGEST_TEXT).read_to_end(&mut content);
    let cut = value.left > 0;
    rows.cell(index, pages.text(if column.is_computed { computed(&content) } else { &content }))?;
    result?;
    if cut { Err(ReadError::malformed("access", "a text is too long")) } else { Ok(()) }
}

/// A document in a cell. Access puts an envelope around what a user attaches, and programs put
/// their own around what they embed.
fn ole(
    bytes: &[u8],
    index: usize,
    column: &Column,
    pages: &mut Pages<'_, '_>,
    derived: bool,
    budget: &Budget,
    rows: &mut Rows<'_, '_>,
) -> Result<(), ReadError> {
    let mut value = LongValue::new(bytes, pages, budget)?;
    let length = value.left;
    let mut head = Vec::new();
    (&mut value).take(ENVELOPE).read_to_end(&mut head)?;
    if &*column.name == "FileData"
        && let Some(kind @ 0..=1) = u32_at(&head, 0)
    {
        let packed = Cursor::new(head.split_off(head.len().min(8))).chain(value);
        let mut content: Box<dyn Read + '_> =
            if kind == 1 { Box::new(ZlibDecoder::new(packed)) } else { Box::new(packed) };
        let mut length = [0; 4];
        content.read_exact(&mut length)?;
        let envelope = u64::from(u32::from_le_bytes(length)).saturating_sub(4).min(ENVELOPE);
        io::copy(&mut (&mut content).take(envelope), &mut io::sink())?;
        let size = u32_at(&head, 4).map_or(0, u64::from).saturating_sub(envelope + 4);
        return rows.binary(index, size, &mut Unpacked::new(budget, &mut content), derived, budget);
    }
    let starts = DOCUMENTS.iter().filter_map(|magic| memchr::memmem::find(&head, magic));
    let start = starts.min().unwrap_or(0);
    let mut content = Cursor::new(head.split_off(start)).chain(value);
    rows.binary(index, length.saturating_sub(start as u64), &mut content, derived, budget)
}

/// A value that lies on pages of its own, or behind its address if it is short.
struct LongValue<'v, 'p, 'i> {
    pages: &'v mut Pages<'p, 'i>,
    budget: &'v Budget,
    chunk: Vec<u8>,
    at: usize,
    /// The next part, and whether it names one that follows.
    next: Option<(u32, u16, bool)>,
    left: u64,
}

impl<'v, 'p, 'i> LongValue<'v, 'p, 'i> {
    fn new(definition: &[u8], pages: &'v mut Pages<'p, 'i>, budget: &'v Budget) -> Result<Self, ReadError> {
        let damaged = || ReadError::malformed("access", "the address of a long value is damaged");
        let flags = u32_at(definition, 0).ok_or_else(damaged)?;
        let mut left = u64::from(flags & 0x3fff_ffff);
        let (mut chunk, mut next) = (Vec::new(), None);
        if flags & 0x8000_0000 != 0 {
            chunk = definition.get(12..).unwrap_or_default().to_vec();
            left = left.min(chunk.len() as u64);
        } else if left > 0 {
            let (page, row) = definition.get(4..).and_then(row_address).ok_or_else(damaged)?;
            next = Some((page, row, flags & 0x4000_0000 == 0));
        }
        Ok(Self { pages, budget, chunk, at: 0, next, left })
    }

    fn turn(&mut self) -> Result<(), ReadError> {
        let Some((page, row, has_next)) = self.next.take() else {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        };
        let (bytes, _) = self.pages.row(page, row)?;
        self.at = 0;
        if has_next {
            let (page, row) =
                row_address(bytes).ok_or_else(|| ReadError::malformed("access", "a long value is damaged"))?;
            self.next = (page != 0).then_some((page, row, true));
            self.chunk = bytes.get(4..).unwrap_or_default().to_vec();
        } else {
            self.chunk = bytes.to_vec();
        }
        if self.chunk.is_empty() {
            return Err(ReadError::malformed("access", "a long value is damaged"));
        }
        // Many rows may name the same pages.
        self.budget.spend_bytes(self.chunk.len() as u64)?;
        Ok(())
    }
}

impl Read for LongValue<'_, '_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || buffer.is_empty() {
            return Ok(0);
        }
        if self.at >= self.chunk.len() {
            self.turn().map_err(|error| match error {
                ReadError::Io(error) => error,
                ReadError::Budget(reason) => Spent(reason).into(),
                error => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
            })?;
        }
        let rest = self.chunk.get(self.at..).unwrap_or_default();
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(rest.len());
        let n = rest.get(..most).unwrap_or_default().read(buffer)?;
        self.at += n;
        self.left -= n as u64;
        Ok(n)
    }
}
