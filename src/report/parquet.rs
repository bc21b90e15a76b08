//! The report for analysts: a Parquet file with one row a finding, and one for every item that is sealed or was not read.
//!
//! The rows are those of [`super::Csv`], in the same order, with columns of their kinds. It is read by pyarrow,
//! pandas, DuckDB and whatever else reads <https://parquet.apache.org/docs/file-format/>.

mod writer;

use std::io;

use jiff::Timestamp;

use self::writer::{Cell, Kind, Writer};
use super::csv::rows;
use super::reporter::Reporter;
use super::target::Target;
use crate::model::{Finding, ItemRecord, Name, ScanRecord, Summary};

/// Every column may be null: what does not apply to a row, or is not known. `value` is there with `--reveal` only.
const COLUMNS: [(&str, Kind); 27] = [
    // `finding`, `sealed`, `not_read`; `interrupted` in a last row of nothing else.
    ("kind", Kind::Text),
    ("root", Kind::Text),
    ("path", Kind::Text),
    // Within containers, outermost first, with `!/` between them.
    ("members", Kind::Text),
    // As a person turns to it; its line and page, from one, stand alone, too.
    ("place", Kind::Text),
    ("line", Kind::Integer),
    ("page", Kind::Integer),
    ("category", Kind::Text),
    // With spaces between them.
    ("gdpr", Kind::Text),
    ("severity", Kind::Text),
    ("detector", Kind::Text),
    // 0 to 1.
    ("confidence", Kind::Real),
    ("sample", Kind::Text),
    // Keyed hash.
    ("person", Kind::Text),
    ("people_in_item", Kind::Integer),
    ("protection", Kind::Text),
    ("scheme", Kind::Text),
    // Whether anybody who copies the item can read what was found in it.
    ("exposed", Kind::Truth),
    // Whether the names of what is sealed can be read.
    ("names_exposed", Kind::Truth),
    ("outcome", Kind::Text),
    ("reasons", Kind::Text),
    ("who_can_read", Kind::Text),
    // Bytes.
    ("size", Kind::Integer),
    ("modified", Kind::Moment),
    ("media_type", Kind::Text),
    // Keyed hash.
    ("content", Kind::Text),
    ("value", Kind::Text),
];

/// Rows are written in groups of some megabytes, so that memory does not grow with the scan but for what the footer
/// says of each group. Names are as in the CSV; no cell is escaped. The key-value metadata of the file say version,
/// hash of the detectors, start (RFC 3339), and whether the scan is complete.
pub struct Parquet {
    /// None once it is finished.
    out: Option<Out>,
    roots: Vec<String>,
    columns: usize,
    facts: Vec<(&'static str, String)>,
}

enum Out {
    /// Before the scan begins.
    Waiting(Target),
    Writing(Box<Writer<Target>>),
}

impl Parquet {
    /// With `reveal` a last column holds the clear values that the findings carry.
    pub fn new(out: Target, reveal: bool) -> Self {
        let columns = if reveal { COLUMNS.len() } else { COLUMNS.len() - 1 };
        Self { out: Some(Out::Waiting(out)), roots: Vec::new(), columns, facts: Vec::new() }
    }

    fn put(&mut self, cells: &[Cell]) -> io::Result<()> {
        match &mut self.out {
            Some(Out::Writing(writer)) => writer.row(cells),
            _ => Err(io::Error::other("a row before the scan began, or after its end")),
        }
    }

    fn row(&mut self, kind: &str, record: &ItemRecord, finding: Option<&Finding>) -> io::Result<()> {
        let members: Vec<String> = record.item.members.iter().map(Name::to_string).collect();
        let reasons: Vec<&str> = record.reasons.iter().map(|reason| reason.key()).collect();
        let place = finding.map(|finding| &finding.place);
        let modified = record.modified.as_ref().and_then(|modified| modified.parse::<Timestamp>().ok());
        let cells = [
            Cell::text(kind),
            Cell::text(self.roots.get(record.item.root).map_or("", String::as_str)),
            Cell::text(&record.item.path.to_string()),
            Cell::text(&members.join("!/")),
            Cell::text(&place.map(ToString::to_string).unwrap_or_default()),
            Cell::number(place.and_then(|place| place.line)),
            Cell::number(place.and_then(|place| place.page)),
            Cell::text(finding.map_or("", |finding| finding.category.key())),
            Cell::text(&finding.map(|finding| finding.category.gdpr().join(" ")).unwrap_or_default()),
            Cell::text(record.severity.key()),
            Cell::text(finding.map_or("", |finding| &finding.detector)),
            finding.map_or(Cell::Missing, |finding| Cell::Real(finding.confidence)),
            Cell::text(finding.map_or("", |finding| finding.sample.as_str())),
            Cell::text(finding.and_then(|finding| finding.subject.as_deref()).unwrap_or_default()),
            Cell::number(Some(record.subject_count())),
            Cell::text(record.protection.state.key()),
            Cell::text(record.protection.scheme.as_deref().unwrap_or_default()),
            Cell::Truth(record.is_exposed()),
            Cell::Truth(record.protection.names_exposed),
            Cell::text(record.outcome().key()),
            Cell::text(&reasons.join(" ")),
            Cell::text(record.exposure.access.key()),
            Cell::number(Some(record.size)),
            Cell::number(modified.map(Timestamp::as_microsecond)),
            Cell::text(&record.media_type),
            Cell::text(record.content.as_deref().unwrap_or_default()),
            Cell::text(finding.and_then(|finding| finding.value.as_deref()).unwrap_or_default()),
        ];
        self.put(cells.get(..self.columns).unwrap_or(&cells))
    }
}

impl Reporter for Parquet {
    fn scan(&mut self, scan: &ScanRecord) -> io::Result<()> {
        self.roots = scan.roots.iter().map(Name::to_string).collect();
        self.facts = vec![
            ("plainsight.version", scan.version.to_owned()),
            ("plainsight.detectors_hash", scan.detectors_hash.clone()),
            ("plainsight.started", scan.started.clone()),
        ];
        if let Some(Out::Waiting(target)) = self.out.take() {
            let columns = COLUMNS.get(..self.columns).unwrap_or(&COLUMNS);
            let created_by = concat!("plainsight version ", env!("CARGO_PKG_VERSION"));
            self.out = Some(Out::Writing(Box::new(Writer::new(target, columns, created_by)?)));
        }
        Ok(())
    }

    fn record(&mut self, record: &ItemRecord) -> io::Result<()> {
        rows(record).try_for_each(|(kind, finding)| self.row(kind, record, finding))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        if summary.interrupted {
            self.put(&[Cell::text("interrupted")])?;
        }
        let mut facts = std::mem::take(&mut self.facts);
        facts.push(("plainsight.complete", summary.complete.to_string()));
        match self.out.take() {
            Some(Out::Writing(writer)) => writer.finish(facts)?.finish(),
            _ => Err(io::Error::other("the end of a scan that did not begin")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{begun, share, summary};
    use super::*;

    #[test]
    fn a_file_begins_and_ends_as_it_must_and_holds_no_clear_values_unless_asked() {
        let write = |reveal| {
            let (target, written) = Target::memory();
            let mut parquet = Parquet::new(target, reveal);
            let records = share();
            parquet.scan(&begun(&["/srv"])).unwrap();
            for record in &records {
                parquet.record(record).unwrap();
            }
            parquet.finish(&summary(&records)).unwrap();
            written.lock().unwrap().clone()
        };
        let bytes = write(false);
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
        let footer = u32::from_le_bytes(bytes[bytes.len() - 8..bytes.len() - 4].try_into().unwrap());
        assert!((footer as usize) < bytes.len() - 12);
        let holds = |bytes: &[u8], name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
        assert!(holds(&bytes, b"people_in_item") && !holds(&bytes, b"\x05value"));
        assert!(holds(&write(true), b"\x05value"));
    }
}
