//! Reads the definition of a table, and its rows from the pages that it owns.

use std::collections::HashSet;
use std::sync::Arc;

use crate::extract::rows::Faults;
use crate::open::Budget;
use crate::open::reader::ReadError;

use super::pages::{Pages, row_address, u16_at, u32_at};

/// Pages of one definition: a table has at most 255 columns.
const MOST_PAGES: usize = 64;
/// Pages of another table in the list of one, after which the list is given up.
const MOST_STRAYS: u32 = 200;

pub(super) struct Column {
    pub(super) name: Arc<str>,
    pub(super) kind: u8,
    number: u16,
    is_fixed: bool,
    /// Offset in the fixed part, or index into the variable one.
    at: usize,
    length: usize,
    pub(super) scale: u8,
    /// The value is computed, and stands in an envelope.
    pub(super) is_computed: bool,
}

pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    page: u32,
    jet3: bool,
    /// Page and row of the list of its pages.
    owned: (u32, u16),
}

/// The columns of one row.
pub(super) struct Row<'r> {
    bytes: &'r [u8],
    jet3: bool,
    /// One bit a column: set where there is a value.
    filled: &'r [u8],
    /// Where variable values begin, and where the last one ends.
    offsets: Vec<usize>,
}

fn damaged() -> ReadError {
    ReadError::malformed("access", "the definition of a table is damaged")
}

impl Table {
    pub(super) fn read(pages: &mut Pages<'_, '_>, page: u32, budget: &Budget) -> Result<Self, ReadError> {
        let definition = definition(pages, page, budget)?;
        let jet3 = pages.header.jet3;
        let (at_count, at_indexes, at_owned, header, index) =
            if jet3 { (25, 31, 35, 43, 8) } else { (45, 51, 55, 63, 12) };
        let count = usize::from(u16_at(&definition, at_count).ok_or_else(damaged)?);
        let indexes = usize::try_from(u32_at(&definition, at_indexes).ok_or_else(damaged)?).map_err(|_| damaged())?;
        let owned = definition.get(at_owned..).and_then(row_address).ok_or_else(damaged)?;
        let size = if jet3 { 18 } else { 25 };
        let start = indexes.checked_mul(index).and_then(|n| n.checked_add(header)).ok_or_else(damaged)?;
        let mut columns = Vec::new();
        let described = definition.get(start..).ok_or_else(damaged)?;
        let mut names = described.get(size * count..).ok_or_else(damaged)?;
        for block in described.chunks_exact(size).take(count) {
            let name = name(&mut names, pages).ok_or_else(damaged)?;
            columns.push(column(block, name, jet3).ok_or_else(damaged)?);
        }
        // In the order in which a person made them.
        columns.sort_by_key(|column| column.number);
        Ok(Self { columns, page, jet3, owned })
    }

    /// Calls `each` for every row that is not deleted.
    pub(super) fn rows(
        &self,
        pages: &mut Pages<'_, '_>,
        budget: &Budget,
        faults: &mut Faults,
        each: &mut dyn FnMut(&Row<'_>, &mut Pages<'_, '_>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut seen = HashSet::new();
        let mut strays = 0;
        let count_at = if self.jet3 { 8 } else { 12 };
        let map = pages.row(self.owned.0, self.owned.1)?.0.to_vec();
        let mut owned = Owned::new(map, pages)?;
        loop {
            budget.check()?;
            let number = match owned.next(pages) {
                Ok(Some(number)) => number,
                Ok(None) => return Ok(()),
                Err(error) => {
                    faults.keep(Err(error))?;
                    continue;
                }
            };
            let page = match pages.page(number) {
                Ok(page) => page,
                Err(error) => {
                    faults.keep(Err(error))?;
                    strays += 1;
                    if strays > MOST_STRAYS {
                        return Ok(());
                    }
                    continue;
                }
            };
            if page.first() != Some(&1) || u32_at(page, 4) != Some(self.page) || !seen.insert(number) {
                faults.keep(Err(ReadError::malformed("access", "a page does not belong to its table")))?;
                strays += 1;
                if strays > MOST_STRAYS {
                    return Ok(());
                }
                continue;
            }
            let count = u16_at(page, count_at).unwrap_or(0);
            for row in 0..count.min(256) {
                let result = self.row(pages, number, row, each);
                faults.keep(result)?;
            }
        }
    }

    fn row(
        &self,
        pages: &mut Pages<'_, '_>,
        page: u32,
        row: u16,
        each: &mut dyn FnMut(&Row<'_>, &mut Pages<'_, '_>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let (bytes, flags) = pages.row(page, row)?;
        if flags & 0x8000 != 0 {
            return Ok(());
        }
        let bytes = if flags & 0x4000 == 0 {
            bytes.to_vec()
        } else {
            let (page, row) = row_address(bytes).ok_or_else(damaged)?;
            pages.row(page, row)?.0.to_vec()
        };
        let row = Row::parse(&bytes, self.jet3).ok_or_else(|| ReadError::malformed("access", "a row is damaged"))?;
        each(&row, pages)
    }
}

/// The pages of a definition without their headers.
fn definition(pages: &mut Pages<'_, '_>, page: u32, budget: &Budget) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let mut next = page;
    for _ in 0..MOST_PAGES {
        budget.check()?;
        let page = pages.page(next)?;
        if page.first() != Some(&2) {
            return Err(damaged());
        }
        next = u32_at(page, 4).unwrap_or(0);
        bytes.extend_from_slice(if bytes.is_empty() { page } else { page.get(8..).unwrap_or_default() });
        if next == 0 {
            return Ok(bytes);
        }
    }
    Err(damaged())
}

fn name(names: &mut &[u8], pages: &Pages<'_, '_>) -> Option<Arc<str>> {
    let jet3 = pages.header.jet3;
    let (length, rest) = if jet3 {
        let (first, rest) = names.split_first()?;
        (usize::from(*first), rest)
    } else {
        (usize::from(u16_at(names, 0)?), names.get(2..)?)
    };
    *names = rest.get(length..)?;
    Some(pages.text(rest.get(..length)?).into())
}

fn column(block: &[u8], name: Arc<str>, jet3: bool) -> Option<Column> {
    let at = |jet3_at: usize, jet4_at: usize| u16_at(block, if jet3 { jet3_at } else { jet4_at });
    let flags = *block.get(if jet3 { 13 } else { 15 })?;
    let is_fixed = flags & 1 != 0;
    Some(Column {
        name,
        kind: *block.first()?,
        number: at(1, 5)?,
        is_fixed,
        at: usize::from(if is_fixed { at(14, 21)? } else { at(3, 7)? }),
        length: usize::from(at(16, 23)?),
        scale: *block.get(12)?,
        is_computed: !jet3 && block.get(16).is_some_and(|flags| flags & 0xc0 == 0xc0),
    })
}

impl<'r> Row<'r> {
    fn parse(bytes: &'r [u8], jet3: bool) -> Option<Self> {
        let columns = if jet3 { usize::from(*bytes.first()?) } else { usize::from(u16_at(bytes, 0)?) };
        let end = bytes.len().checked_sub(columns.div_ceil(8))?;
        let filled = bytes.get(end..)?;
        let offsets = if jet3 { jumping_offsets(bytes, end) } else { wide_offsets(bytes, end) };
        Some(Self { bytes, jet3, filled, offsets: offsets.unwrap_or_default() })
    }

    fn is_filled(&self, column: &Column) -> bool {
        let number = usize::from(column.number);
        self.filled.get(number / 8).is_some_and(|bits| bits & (1 << (number % 8)) != 0)
    }

    /// Of a column of truth values, which has no other bytes.
    pub(super) fn is_true(&self, column: &Column) -> bool {
        self.is_filled(column)
    }

    /// The bytes of a value; none if there is none.
    pub(super) fn value(&self, column: &Column) -> Option<&'r [u8]> {
        if !self.is_filled(column) {
            return None;
        }
        let (start, end) = if column.is_fixed {
            let start = column.at + if self.jet3 { 1 } else { 2 };
            (start, start + fixed_length(column))
        } else {
            (*self.offsets.get(column.at)?, *self.offsets.get(column.at + 1)?)
        };
        self.bytes.get(start..end)
    }

    pub(super) fn number(&self, table: &Table, column: usize) -> Option<i64> {
        let bytes = self.value(table.columns.get(column)?)?;
        match bytes.len() {
            2 => u16_at(bytes, 0).map(|number| i64::from(number.cast_signed())),
            _ => u32_at(bytes, 0).map(|number| i64::from(number.cast_signed())),
        }
    }

    /// A short text of the table of all tables.
    pub(super) fn text(&self, table: &Table, column: usize) -> Option<String> {
        let bytes = self.value(table.columns.get(column)?)?;
        Some(short_text(bytes, self.jet3))
    }
}

/// Names of tables in Jet 3 are shown as Western; their rows are decoded as the header says.
fn short_text(bytes: &[u8], jet3: bool) -> String {
    if jet3 {
        return encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned();
    }
    if let Some(narrow) = bytes.strip_prefix(b"\xff\xfe") {
        return narrow.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
    }
    let (pairs, _) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
    String::from_utf16_lossy(&units)
}

fn fixed_length(column: &Column) -> usize {
    match column.kind {
        2 => 1,
        3 => 2,
        4 | 6 | 18 => 4,
        5 | 7 | 8 | 19 => 8,
        15 => 16,
        16 => 17,
        _ => column.length,
    }
}

/// Two bytes each, from the end to the front; their number stands behind them.
fn wide_offsets(bytes: &[u8], end: usize) -> Option<Vec<usize>> {
    let count = usize::from(u16_at(bytes, end.checked_sub(2)?)?);
    (0..=count).map(|i| Some(usize::from(u16_at(bytes, end.checked_sub(4 + 2 * i)?)?))).collect()
}

/// One byte each, and before them the columns at which another 256 bytes are to be added.
fn jumping_offsets(bytes: &[u8], end: usize) -> Option<Vec<usize>> {
    let last = end.checked_sub(1)?;
    let count = usize::from(*bytes.get(last)?);
    let mut jumps = (bytes.len() - 1) / 256;
    let first = last.checked_sub(jumps + 1)?;
    if first.saturating_sub(count) / 256 < jumps {
        jumps -= 1;
    }
    let mut used = 0;
    let mut offsets = Vec::new();
    for index in 0..=count {
        while used < jumps && bytes.get(last.checked_sub(used + 1)?).copied().map(usize::from) == Some(index) {
            used += 1;
        }
        offsets.push(usize::from(*bytes.get(first.checked_sub(index)?)?) + 256 * used);
    }
    Some(offsets)
}

/// The pages of a table, by the bits of their list.
struct Owned {
    map: Vec<u8>,
    /// What the list refers to, if it is long.
    is_reference: bool,
    /// The bits at hand, and the page of the first one.
    bits: Vec<u8>,
    first: u64,
    next_bit: usize,
    next_reference: usize,
    per_page: u64,
}

impl Owned {
    fn new(map: Vec<u8>, pages: &Pages<'_, '_>) -> Result<Self, ReadError> {
        let per_page = (pages.header.page_size as u64 - 4) * 8;
        let (bits, first, is_reference) = match map.first() {
            Some(0) => (map.get(5..).unwrap_or_default().to_vec(), u64::from(u32_at(&map, 1).unwrap_or(0)), false),
            Some(1) => (Vec::new(), 0, true),
            _ => return Err(ReadError::malformed("access", "the list of the pages of a table is damaged")),
        };
        Ok(Self { map, is_reference, bits, first, next_bit: 0, next_reference: 0, per_page })
    }

    fn next(&mut self, pages: &mut Pages<'_, '_>) -> Result<Option<u32>, ReadError> {
        loop {
            while let Some(byte) = self.bits.get(self.next_bit / 8) {
                let bit = self.next_bit;
                if *byte == 0 {
                    self.next_bit += 8 - bit % 8;
                    continue;
                }
                self.next_bit += 1;
                if byte & (1 << (bit % 8)) != 0 {
                    let page = self.first + bit as u64;
                    return Ok(Some(u32::try_from(page).unwrap_or(u32::MAX)));
                }
            }
            if !self.is_reference {
                return Ok(None);
            }
            let Some(page) = u32_at(&self.map, 1 + 4 * self.next_reference) else { return Ok(None) };
            self.first = self.next_reference as u64 * self.per_page;
            self.next_reference += 1;
            self.next_bit = 0;
            self.bits.clear();
            if page == 0 || self.first >= pages.count() {
                continue;
            }
            let page = pages.page(page)?;
            if page.first() != Some(&5) {
                return Err(ReadError::malformed("access", "the list of the pages of a table is damaged"));
            }
            self.bits = page.get(4..).unwrap_or_default().to_vec();
        }
    }
}
