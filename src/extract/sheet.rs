//! Writes the cells of a sheet row by row, each with the name of its column, and numbers as a person sees them.

use std::sync::Arc;

use crate::extract::columns::Columns;
use crate::extract::writer::TextWriter;
use crate::model::{Cell, Place};
use crate::open::reader::ReadError;

/// Bytes of one row after which it is written in parts.
const LONGEST_ROW: usize = 4 << 20;

/// One sheet; cells come in the order of the file.
pub(super) struct SheetRows<'t, 's> {
    writer: &'t mut TextWriter<'s>,
    sheet: Arc<str>,
    columns: Columns,
    row: u32,
    previous: Option<u32>,
    cells: Vec<(u32, String)>,
    bytes: usize,
}

impl<'t, 's> SheetRows<'t, 's> {
    pub(super) fn new(writer: &'t mut TextWriter<'s>, sheet: Arc<str>) -> Self {
        Self { writer, sheet, columns: Columns::default(), row: 0, previous: None, cells: Vec::new(), bytes: 0 }
    }

    pub(super) fn cell(&mut self, row: u32, column: u32, text: impl Into<String>) -> Result<(), ReadError> {
        let text = text.into();
        if text.trim().is_empty() {
            return Ok(());
        }
        if row != self.row || self.bytes > LONGEST_ROW {
            self.end_row()?;
            self.row = row;
        }
        self.bytes += text.len();
        self.cells.push((column, text));
        Ok(())
    }

    /// Prose of the sheet that is no cell of the grid: a comment, a page header.
    pub(super) fn note(&mut self, cell: Option<Cell>, field: &str, text: &str) -> Result<(), ReadError> {
        self.end_row()?;
        let place = Place { sheet: Some(Arc::clone(&self.sheet)), cell, ..Place::field(field) };
        self.writer.paragraph(place, text)
    }

    pub(super) fn finish(mut self) -> Result<(), ReadError> {
        self.end_row()
    }

    fn end_row(&mut self) -> Result<(), ReadError> {
        if self.cells.is_empty() {
            return Ok(());
        }
        let cells = std::mem::take(&mut self.cells);
        self.bytes = 0;
        let gap = self.previous.is_some_and(|previous| self.row > previous.saturating_add(1));
        self.previous = Some(self.row);
        let header = self.columns.row(gap, cells.iter().map(|(column, text)| (*column, text.as_str())));
        let (columns, sheet, row) = (&self.columns, &self.sheet, self.row);
        self.writer.row(cells.iter().map(|(column, text)| {
            let cell = Some(Cell { row, column: *column });
            let place = Place { sheet: Some(Arc::clone(sheet)), cell, ..Place::default() };
            let label = if header { None } else { columns.label(*column) };
            (place, label, text.as_str())
        }))
    }
}

/// How a cell shows its number, as far as it changes what a person reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum NumberFormat {
    #[default]
    General,
    Date,
    Time,
    DateTime,
    /// Zeros that are filled up, with what stands between them: a VAT number as `00000000000`.
    Digits(Arc<str>),
}

impl NumberFormat {
    /// One of the formats that every workbook has without saying so (ECMA-376 part 1, 18.8.30).
    pub(super) fn builtin(id: u32) -> Self {
        match id {
            14..=17 | 27..=31 | 34..=36 | 50..=54 | 57 | 58 => Self::Date,
            18..=21 | 32 | 33 | 45..=47 | 55 | 56 => Self::Time,
            22 => Self::DateTime,
            _ => Self::General,
        }
    }

    /// A format as the workbook writes it.
    pub(super) fn parse(code: &str) -> Self {
        let first = code.split(';').next().unwrap_or_default();
        if first.eq_ignore_ascii_case("general") || first.len() > 255 {
            return Self::General;
        }
        let (mut date, mut time, mut months_or_minutes) = (false, false, false);
        let mut mask = String::new();
        let mut is_mask = true;
        let mut characters = first.chars();
        while let Some(c) = characters.next() {
            match c {
                '"' => mask.extend(characters.by_ref().take_while(|&c| c != '"')),
                '\\' => mask.extend(characters.next()),
                '_' | '*' => {
                    characters.next();
                }
                '[' => {
                    let inside: String = characters.by_ref().take_while(|&c| c != ']').collect();
                    // Elapsed time; else a colour, a locale or a condition.
                    time |=
                        !inside.is_empty() && inside.chars().all(|c| matches!(c, 'h' | 'H' | 'm' | 'M' | 's' | 'S'));
                }
                'y' | 'Y' | 'd' | 'D' => date = true,
                'h' | 'H' | 's' | 'S' => time = true,
                'm' | 'M' => months_or_minutes = true,
                '0' => mask.push('0'),
                ' ' | '-' | '/' | '(' | ')' | '+' => mask.push(c),
                _ => is_mask = false,
            }
        }
        match (date, time) {
            (true, true) => Self::DateTime,
            (true, false) => Self::Date,
            (false, true) => Self::Time,
            (false, false) if months_or_minutes => Self::Date,
            (false, false) if is_mask && mask.matches('0').count() > 1 => Self::Digits(mask.into()),
            (false, false) => Self::General,
        }
    }

    /// `written` is the number as the file has it, where it has text.
    pub(super) fn show(&self, number: f64, written: Option<&str>, since_1904: bool) -> String {
        match self {
            Self::Date | Self::Time | Self::DateTime => date_time(self, number, since_1904),
            Self::Digits(mask) => fill(mask, number),
            Self::General => None,
        }
        .unwrap_or_else(|| plain(number, written))
    }
}

/// No exponent and no `.0`, so that a long number is found as it is meant.
fn plain(number: f64, written: Option<&str>) -> String {
    match written.map(str::trim) {
        Some(text) if !text.is_empty() && !text.contains(['e', 'E']) => {
            text.strip_suffix(".0").unwrap_or(text).to_owned()
        }
        _ if number.abs() < 1e18 => format!("{number}"),
        Some(text) if !text.is_empty() => text.to_owned(),
        _ => format!("{number:e}"),
    }
}

fn fill(mask: &str, number: f64) -> Option<String> {
    if !(0.0..1e18).contains(&number) || number.fract() != 0.0 {
        return None;
    }
    let places = mask.matches('0').count();
    let text = format!("{number}");
    let padded = format!("{}{text}", "0".repeat(places.saturating_sub(text.len())));
    let split = padded.len().checked_sub(places)?;
    let (before, rest) = padded.split_at_checked(split)?;
    let mut rest = rest.chars();
    let mut out = String::new();
    let mut first = true;
    for c in mask.chars() {
        if c == '0' {
            if first {
                out.push_str(before);
                first = false;
            }
            out.extend(rest.next());
        } else {
            out.push(c);
        }
    }
    Some(out)
}

/// Serial days as `YYYY-MM-DD`, with the time of day where the format shows one.
fn date_time(format: &NumberFormat, serial: f64, since_1904: bool) -> Option<String> {
    if !(0.0..3_000_000.0).contains(&serial) {
        return None;
    }
    let mut days = serial.floor();
    let mut seconds = ((serial - days) * 86_400.0).round();
    if seconds >= 86_400.0 {
        days += 1.0;
        seconds = 0.0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "in range, checked above")]
    let (days, seconds) = (days as i64, seconds as i64);
    let time = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if *format == NumberFormat::Time && days == 0 {
        return Some(time);
    }
    let epoch = match (since_1904, days < 60) {
        (true, _) => jiff::civil::date(1904, 1, 1),
        // Lotus counted a 29 February 1900, and Excel kept it.
        (false, true) => jiff::civil::date(1899, 12, 31),
        (false, false) => jiff::civil::date(1899, 12, 30),
    };
    let date = epoch.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    let with_time = seconds != 0 && *format != NumberFormat::Date;
    Some(if with_time { format!("{date} {time}") } else { date.to_string() })
}

/// `B7`, also as `$B$7` or the start of a range.
pub(super) fn parse_reference(reference: &str) -> Option<Cell> {
    let mut column: u32 = 0;
    let mut row: u32 = 0;
    for c in reference.split(':').next()?.bytes() {
        match c {
            b'$' => {}
            b'A'..=b'Z' if row == 0 => column = column.checked_mul(26)?.checked_add(u32::from(c - b'A') + 1)?,
            b'a'..=b'z' if row == 0 => column = column.checked_mul(26)?.checked_add(u32::from(c - b'a') + 1)?,
            b'0'..=b'9' => row = row.checked_mul(10)?.checked_add(u32::from(c - b'0'))?,
            _ => return None,
        }
    }
    Some(Cell { row: row.checked_sub(1)?, column: column.checked_sub(1)? })
}

/// Texts that cells share, held once and bounded.
#[derive(Default)]
pub(super) struct SharedStrings {
    text: String,
    ends: Vec<usize>,
    used: Vec<bool>,
}

impl SharedStrings {
    const MOST_BYTES: usize = 256 << 20;
    const MOST_STRINGS: usize = 16 << 20;

    /// False if there is no room: the caller writes the text down by itself.
    pub(super) fn push(&mut self, text: &str) -> bool {
        if self.text.len() + text.len() > Self::MOST_BYTES || self.ends.len() >= Self::MOST_STRINGS {
            return false;
        }
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.used.push(false);
        true
    }

    pub(super) fn take(&mut self, index: usize) -> Option<&str> {
        *self.used.get_mut(index)? = true;
        self.get(index)
    }

    fn get(&self, index: usize) -> Option<&str> {
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..*self.ends.get(index)?)
    }

    /// Texts that no cell shows any more, but that are still in the file.
    pub(super) fn write_unused(&self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        for (index, _) in self.used.iter().enumerate().filter(|(_, used)| !**used) {
            writer.paragraph(Place::field("text of no cell"), self.get(index).unwrap_or_default())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(code: &str, number: f64, written: &str) -> String {
        NumberFormat::parse(code).show(number, Some(written), false)
    }

    #[test]
    fn dates_are_written_as_dates() {
        assert_eq!(show("dd/mm/yyyy", 29_260.0, "29260"), "1980-02-09");
        assert_eq!(show("[$-410]d mmmm yyyy;@", 1.0, "1"), "1900-01-01");
        assert_eq!(show("dd/mm/yy hh:mm", 45_000.5, "45000.5"), "2023-03-15 12:00:00");
        assert_eq!(show("h:mm", 0.25, "0.25"), "06:00:00");
        assert_eq!(NumberFormat::Date.show(0.0, None, true), "1904-01-01");
        assert_eq!(show("yyyy", 1e300, "1E300"), "1E300");
    }

    #[test]
    fn numbers_keep_their_digits() {
        assert_eq!(show("General", 12_345_678_901.0, "12345678901"), "12345678901");
        assert_eq!(show("0.00", 12_345_678_901.0, "1.2345678901E10"), "12345678901");
        assert_eq!(show("#,##0", 5.0, "5.0"), "5");
        assert_eq!(NumberFormat::General.show(4_111_111_111_111_111.0, None, false), "4111111111111111");
        assert_eq!(show("0.00E+00", 1.5, "1.5"), "1.5");
    }

    #[test]
    fn leading_zeros_that_the_cell_shows_are_written() {
        assert_eq!(show("00000000000", 743_110_157.0, "743110157"), "00743110157");
        assert_eq!(show("000\\-0000", 5_551_234.0, "5551234"), "555-1234");
        assert_eq!(show("00", 123.0, "123"), "123");
        assert_eq!(show("\"Red\"", 1.0, "1"), "1");
    }

    #[test]
    fn references_are_read() {
        let at = |text: &str| parse_reference(text).map(|cell| cell.to_string());
        assert_eq!(at("B7").as_deref(), Some("B7"));
        assert_eq!(at("$AA$10:$AB$12").as_deref(), Some("AA10"));
        assert_eq!(at("7"), None);
        assert_eq!(at("A0"), None);
        assert_eq!(at("AAAAAAAAAAAA1"), None);
    }
}
