//! The report for analysts: the rows of a scan as a Parquet file.
//!
//! The rows are those of [`super::Csv`], in the same order, with columns of their kinds. It is read by pyarrow,
//! pandas, DuckDB and whatever else reads <https://parquet.apache.org/docs/file-format/>.

mod writer;

use std::io;

use self::writer::Writer;
use super::reporter::Reporter;
use super::retention::Terms;
use super::rows::{Cell, Rows};
use super::target::Target;
use crate::model::{ItemRecord, ScanRecord, Summary};

/// Rows are written in groups of some megabytes, so that memory does not grow with the scan but for what the footer
/// says of each group. Names are as in the CSV; no cell is escaped. The key-value metadata of the file say version,
/// hash of the detectors, start (RFC 3339), and whether the scan is complete.
pub struct Parquet {
    /// None once it is finished.
    out: Option<Out>,
    rows: Rows,
    facts: Vec<(&'static str, String)>,
}

enum Out {
    /// Before the scan begins.
    Waiting(Target),
    Writing(Box<Writer<Target>>),
}

impl Parquet {
    /// With `reveal` a last column holds the clear values that the findings carry.
    pub fn new(out: Target, terms: Terms, reveal: bool) -> Self {
        Self { out: Some(Out::Waiting(out)), rows: Rows::new(terms, reveal), facts: Vec::new() }
    }
}

fn put(out: &mut Option<Out>, cells: &[Cell]) -> io::Result<()> {
    match out {
        Some(Out::Writing(writer)) => writer.row(cells),
        _ => Err(io::Error::other("a row before the scan began, or after its end")),
    }
}

impl Reporter for Parquet {
    fn scan(&mut self, scan: &ScanRecord) -> io::Result<()> {
        self.rows.scan(scan);
        self.facts = vec![
            ("plainsight.version", scan.version.to_owned()),
            ("plainsight.detectors_hash", scan.detectors_hash.clone()),
            ("plainsight.started", scan.started.clone()),
        ];
        if let Some(Out::Waiting(target)) = self.out.take() {
            let created_by = concat!("plainsight version ", env!("CARGO_PKG_VERSION"));
            self.out = Some(Out::Writing(Box::new(Writer::new(target, self.rows.columns(), created_by)?)));
        }
        Ok(())
    }

    fn record(&mut self, record: &ItemRecord) -> io::Result<()> {
        self.rows.record(record, &mut |cells| put(&mut self.out, cells))
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.rows.finish(summary.interrupted, &mut |cells| put(&mut self.out, cells))?;
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
            let mut parquet = Parquet::new(target, Terms::default(), reveal);
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
