//! Writes the rows of a database table: each cell with the name of its column, documents in cells as members.

use std::io::{self, Read};
use std::sync::Arc;

use crate::identify::{Format, identify};
use crate::model::{Cell, Name, Place};
use crate::open::Budget;
use crate::open::reader::{Member, ReadError};

use super::charset::decode;
use super::writer::TextWriter;

/// Bytes of one row after which it is written in parts.
const LONGEST_ROW: usize = 4 << 20;
/// Bytes of a binary cell by which its kind is told. Text that is no longer is a cell like any other.
const HEAD: u64 = 4096;
/// Binary cells up to this length, of no known kind, are keys, hashes, shapes: no documents.
const SMALL: u64 = 1024;

/// One table, whose columns are known. The row of their names is the first one, as on a sheet.
pub(super) struct Rows<'t, 's> {
    writer: &'t mut TextWriter<'s>,
    table: Option<Arc<str>>,
    columns: Vec<Arc<str>>,
    row: u32,
    cells: Vec<(u32, String)>,
    bytes: usize,
}

impl<'t, 's> Rows<'t, 's> {
    /// The name may be empty: of a file that holds one table.
    pub(super) fn new(writer: &'t mut TextWriter<'s>, table: &str, columns: Vec<Arc<str>>) -> Result<Self, ReadError> {
        let table = (!table.is_empty()).then(|| table.into());
        let names = columns.clone();
        let mut rows = Self { writer, table, columns: Vec::new(), row: 0, cells: Vec::new(), bytes: 0 };
        for (column, name) in names.iter().enumerate() {
            rows.cell(column, &**name)?;
        }
        rows.end_row()?;
        rows.columns = columns;
        Ok(rows)
    }

    pub(super) fn cell(&mut self, column: usize, text: impl Into<String>) -> Result<(), ReadError> {
        let text = text.into();
        if text.is_empty() {
            return Ok(());
        }
        if self.bytes > LONGEST_ROW {
            self.write()?;
        }
        self.bytes += text.len();
        self.cells.push((u32::try_from(column).unwrap_or(u32::MAX), text));
        Ok(())
    }

    /// A cell of bytes: text is a cell like any other, a document is an item of its own. With
    /// `derived`, what is neither is left out: it was made from the other tables.
    pub(super) fn binary(
        &mut self,
        column: usize,
        length: u64,
        content: &mut dyn Read,
        derived: bool,
        budget: &Budget,
    ) -> Result<(), ReadError> {
        let mut head = Vec::new();
        (&mut *content).take(HEAD).read_to_end(&mut head)?;
        let format = identify(&head, &Name::default());
        if is_text(format) && length <= HEAD && is_wordy(&head) {
            return self.cell(column, decode(&head));
        }
        let known = !matches!(format, Format::Binary | Format::Empty) && (!is_text(format) || length > HEAD);
        if !known && (derived || length <= SMALL) {
            return Ok(());
        }
        budget.spend_member()?;
        let name = self.member_name(column);
        let member = Member { size: Some(length), ..Member::new(name) };
        self.writer.sink()?.member(member, &mut io::Cursor::new(head).chain(content))
    }

    /// `table/row/column`, with the number of the row as a sheet counts it.
    fn member_name(&self, column: usize) -> String {
        let table = self.table.as_deref().map(|table| format!("{table}/")).unwrap_or_default();
        let column = self.columns.get(column).map_or_else(|| format!("column {}", column + 1), ToString::to_string);
        format!("{table}{}/{column}", u64::from(self.row) + 1)
    }

    /// An empty row counts, too.
    pub(super) fn end_row(&mut self) -> Result<(), ReadError> {
        let end = self.write();
        self.row = self.row.saturating_add(1);
        end
    }

    fn write(&mut self) -> Result<(), ReadError> {
        if self.cells.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let (table, columns, row) = (&self.table, &self.columns, self.row);
        let written = self.writer.row(self.cells.iter().map(|(column, text)| {
            let cell = Some(Cell { row, column: *column });
            let place = Place { sheet: table.clone(), cell, ..Place::default() };
            let label = usize::try_from(*column).ok().and_then(|column| columns.get(column)).cloned();
            (place, label, text.as_str())
        }));
        self.cells.clear();
        written
    }
}

fn is_text(format: Format) -> bool {
    matches!(
        format,
        Format::Text
            | Format::Csv
            | Format::Tsv
            | Format::Json
            | Format::JsonLines
            | Format::Xml
            | Format::Html
            | Format::Markdown
            | Format::Sql
            | Format::Mail
            | Format::Mbox
    )
}

/// Whether bytes that may be text are: a key of sixteen bytes can look like text in some encoding.
fn is_wordy(bytes: &[u8]) -> bool {
    let words = bytes.iter().filter(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()).count();
    std::str::from_utf8(bytes).is_ok() || words * 3 >= bytes.len() * 2 || bytes.contains(&0)
}

/// A number without exponent and without `.0`, so that a long one is found as it is meant.
pub(super) fn real(number: f64) -> String {
    if number.abs() < 1e18 { format!("{number}") } else { format!("{number:e}") }
}

/// Parts of a second since 1970.
pub(super) fn moment(value: i64, unit: i64) -> Option<String> {
    let seconds = value.div_euclid(unit);
    let (days, seconds) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    if seconds == 0 {
        return Some(date.to_string());
    }
    Some(format!("{date} {:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60))
}

/// A number with that many decimals.
pub(super) fn decimal(number: i128, scale: u32) -> String {
    let Some(unit) = 10u128.checked_pow(scale) else { return number.to_string() };
    let (whole, part) = (number.unsigned_abs() / unit, number.unsigned_abs() % unit);
    let sign = if number < 0 { "-" } else { "" };
    if scale == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{part:0width$}", width = usize::try_from(scale).unwrap_or(0))
}

/// Faults of one table: the first one says why, and all are counted.
#[derive(Default)]
pub(super) struct Faults {
    first: Option<ReadError>,
    count: u64,
}

impl Faults {
    /// What ends the file on the share comes back, all else is kept.
    pub(super) fn keep(&mut self, result: Result<(), ReadError>) -> Result<(), ReadError> {
        match result {
            Ok(()) => Ok(()),
            Err(error) if super::package::ends_the_file(&error) => Err(error),
            Err(error) => {
                self.count += 1;
                self.first.get_or_insert(error);
                Ok(())
            }
        }
    }

    pub(super) fn any(&self) -> bool {
        self.count > 0
    }

    /// Tells the gap, if there is one.
    pub(super) fn report(self, part: &str, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let Some(first) = self.first else { return Ok(()) };
        let more = if self.count > 1 { format!(" ({} faults)", self.count) } else { String::new() };
        writer.sink()?.gap(first.reason(), &format!("{part}: {first}{more}"));
        Ok(())
    }
}
