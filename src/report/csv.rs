//! The report for spreadsheets: the rows of a scan as CSV.

use std::io::{self, Write};

use jiff::Timestamp;

use super::reporter::Reporter;
use super::retention::Terms;
use super::rows::{Cell, Kind, Rows};
use super::target::Target;
use crate::model::{ItemRecord, ScanRecord, Summary};

/// RFC 4180 in UTF-8 with a mark of its encoding, for the programs that need one. No cell can be
/// taken for a formula.
pub struct Csv {
    out: Target,
    rows: Rows,
}

impl Csv {
    /// With `reveal` a last column holds the clear values that the findings carry.
    pub fn new(out: Target, terms: Terms, reveal: bool) -> Self {
        Self { out, rows: Rows::new(terms, reveal) }
    }
}

/// A cell of a column of this kind, as it reads.
fn plain(cell: &Cell, kind: Kind) -> String {
    match cell {
        Cell::Missing => String::new(),
        Cell::Truth(is) => is.to_string(),
        Cell::Integer(moment) if kind == Kind::Moment => {
            Timestamp::from_microsecond(*moment).map_or_else(|_| String::new(), |moment| moment.to_string())
        }
        Cell::Integer(number) => number.to_string(),
        Cell::Real(real) => format!("{real:.2}"),
        Cell::Text(text) => text.clone(),
    }
}

fn write(out: &mut Target, cells: impl Iterator<Item = String>) -> io::Result<()> {
    let mut line = String::new();
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            line.push(',');
        }
        push_cell(&mut line, &cell, ',');
    }
    line.push_str("\r\n");
    out.write_all(line.as_bytes())
}

fn row<'a>(out: &'a mut Target, columns: &'static [(&str, Kind)]) -> impl FnMut(&[Cell]) -> io::Result<()> + 'a {
    move |cells| write(out, cells.iter().zip(columns).map(|(cell, (_, kind))| plain(cell, *kind)))
}

/// A cell as it stands in the file. What a spreadsheet would take for a formula gets an
/// apostrophe before it: a file called `=HYPERLINK(...)` must not become one.
pub(super) fn push_cell(line: &mut String, cell: &str, separator: char) {
    let is_formula = cell.trim_start().starts_with(['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠'])
        || cell.starts_with(['\t', '\r', '\n', '\'']);
    let needs_quotes = is_formula || cell.contains(['"', '\r', '\n', separator]) || cell.trim() != cell;
    if !needs_quotes {
        return line.push_str(cell);
    }
    line.push('"');
    if is_formula {
        line.push('\'');
    }
    for c in cell.chars() {
        if c == '"' {
            line.push('"');
        }
        line.push(c);
    }
    line.push('"');
}

impl Reporter for Csv {
    fn scan(&mut self, scan: &ScanRecord) -> io::Result<()> {
        self.rows.scan(scan);
        self.out.write_all("\u{feff}".as_bytes())?;
        write(&mut self.out, self.rows.columns().iter().map(|(name, _)| (*name).to_owned()))
    }

    fn record(&mut self, record: &ItemRecord) -> io::Result<()> {
        let columns = self.rows.columns();
        self.rows.record(record, &mut row(&mut self.out, columns))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let columns = self.rows.columns();
        self.rows.finish(summary.interrupted, &mut row(&mut self.out, columns))?;
        self.out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{begun, found, item, sealed, summary};
    use super::*;
    use crate::model::{Category, Outcome, Protection, Reason, Severity};

    fn cell(text: &str) -> String {
        let mut line = String::new();
        push_cell(&mut line, text, ',');
        line
    }

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        for formula in ["=x", "+x", "-x", "@x", " =x", "\t=x", "\rx", "|x", "%x", "＝x", "'=x"] {
            assert!(cell(formula).starts_with("\"'"), "{formula:?}");
        }
        assert_eq!(cell("plain = plain"), "plain = plain");
    }

    #[test]
    fn cells_are_quoted_where_they_must() {
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"x\""), "\"say \"\"x\"\"\"");
        assert_eq!(cell(" x"), "\" x\"");
    }

    #[test]
    fn every_row_has_all_columns_and_names_cannot_break_out() {
        let (target, written) = Target::memory();
        let mut csv = Csv::new(target, Terms::default(), false);
        let scan = begun(&["/srv"]);
        let records = [
            found("=cmd|'/C calc'!A0.csv", Severity::High, &[Category::Health], &[1]),
            sealed("a.7z", Protection::strong("7z-aes256", "header")),
            item("b\n.tif", Outcome::Unreadable, &[Reason::OcrUnavailable]),
            item("clean.txt", Outcome::Read, &[]),
        ];
        csv.scan(&scan).unwrap();
        for record in &records {
            csv.record(record).unwrap();
        }
        csv.finish(&summary(&records)).unwrap();
        let text = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        let lines: Vec<&str> = text.trim_end().split("\r\n").collect();
        assert_eq!(lines.len(), 5, "{text}");
        assert!(lines[1].starts_with("finding,/srv,\"'=cmd|'/C calc'!A0.csv\","), "{text}");
        assert!(lines[2].starts_with("file,/srv,\"'=cmd|"), "{text}");
        assert!(lines[3].starts_with("sealed,/srv,a.7z,"), "{text}");
        assert!(lines[4].starts_with(r"not_read,/srv,b\n.tif,"), "{text}");
        assert!(lines.iter().all(|line| line.matches(',').count() == 35 - 1), "{text}");
    }
}
