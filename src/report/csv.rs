//! The report for spreadsheets: one row a finding, and one for every item that is sealed or was not read.

use std::io::{self, Write};

use super::reporter::Reporter;
use super::target::Target;
use crate::model::{Finding, ItemRecord, Name, ScanRecord, Summary};

const COLUMNS: [&str; 22] = [
    "kind",
    "root",
    "path",
    "members",
    "place",
    "category",
    "gdpr",
    "severity",
    "detector",
    "confidence",
    "sample",
    "person",
    "people_in_item",
    "protection",
    "scheme",
    "outcome",
    "reasons",
    "who_can_read",
    "size",
    "modified",
    "media_type",
    "content",
];

/// RFC 4180 in UTF-8 with a mark of its encoding, for the programs that need one. No cell can be
/// taken for a formula.
pub struct Csv {
    out: Target,
    roots: Vec<Name>,
    reveal: bool,
    line: String,
}

impl Csv {
    /// With `reveal` a last column holds the clear values that the findings carry.
    pub fn new(out: Target, reveal: bool) -> Self {
        Self { out, roots: Vec::new(), reveal, line: String::new() }
    }

    fn row(&mut self, kind: &str, record: &ItemRecord, finding: Option<&Finding>) -> io::Result<()> {
        let text = |text: &str| text.to_owned();
        let members: Vec<String> = record.item.members.iter().map(Name::to_string).collect();
        let reasons: Vec<&str> = record.reasons.iter().map(|reason| reason.key()).collect();
        let of = |cell: fn(&Finding) -> String| finding.map(cell).unwrap_or_default();
        let cells = [
            text(kind),
            self.roots.get(record.item.root).map(Name::to_string).unwrap_or_default(),
            record.item.path.to_string(),
            members.join("!/"),
            of(|finding| finding.place.to_string()),
            of(|finding| finding.category.key().to_owned()),
            of(|finding| finding.category.gdpr().join(" ")),
            text(record.severity.key()),
            of(|finding| finding.detector.clone()),
            of(|finding| format!("{:.2}", finding.confidence)),
            of(|finding| finding.sample.as_str().to_owned()),
            of(|finding| finding.subject.clone().unwrap_or_default()),
            record.subject_count().to_string(),
            text(record.protection.state.key()),
            record.protection.scheme.clone().unwrap_or_default(),
            text(record.outcome().key()),
            reasons.join(" "),
            text(record.exposure.access.key()),
            record.size.to_string(),
            record.modified.clone().unwrap_or_default(),
            text(&record.media_type),
            record.content.clone().unwrap_or_default(),
        ];
        let value = self.reveal.then(|| of(|finding| finding.value.clone().unwrap_or_default()));
        self.write(cells.iter().chain(&value).map(String::as_str))
    }

    fn write<'a>(&mut self, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
        self.line.clear();
        for (i, cell) in cells.enumerate() {
            if i > 0 {
                self.line.push(',');
            }
            push_cell(&mut self.line, cell, ',');
        }
        self.line.push_str("\r\n");
        self.out.write_all(self.line.as_bytes())
    }
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

/// The rows of an item, each with its kind: one a finding, or one if it was not read or is sealed.
pub(super) fn rows(record: &ItemRecord) -> impl Iterator<Item = (&'static str, Option<&Finding>)> {
    // What is sealed with findings (its names, or what a known password opened) has its rows.
    let is_sealed = record.protection.scheme.is_some() && record.findings.is_empty();
    let other = if record.is_gap() { Some("not_read") } else { is_sealed.then_some("sealed") };
    let findings = record.findings.iter().map(|finding| ("finding", Some(finding)));
    findings.chain(other.map(|kind| (kind, None)))
}

impl Reporter for Csv {
    fn scan(&mut self, scan: &ScanRecord) -> io::Result<()> {
        self.roots.clone_from(&scan.roots);
        self.out.write_all("\u{feff}".as_bytes())?;
        let value = self.reveal.then_some("value");
        self.write(COLUMNS.into_iter().chain(value))
    }

    fn record(&mut self, record: &ItemRecord) -> io::Result<()> {
        rows(record).try_for_each(|(kind, finding)| self.row(kind, record, finding))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if summary.interrupted {
            self.write(["interrupted"].into_iter().chain(std::iter::repeat_n("", COLUMNS.len() - 1)))?;
        }
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
        let mut csv = Csv::new(target, false);
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
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[1].starts_with("finding,/srv,\"'=cmd|'/C calc'!A0.csv\","), "{text}");
        assert!(lines[2].starts_with("sealed,/srv,a.7z,"), "{text}");
        assert!(lines[3].starts_with(r"not_read,/srv,b\n.tif,"), "{text}");
        assert!(lines.iter().all(|line| line.matches(',').count() == COLUMNS.len() - 1), "{text}");
    }
}
