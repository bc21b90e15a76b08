//! The seam of a report: what it is told, and when.

use std::io;

use crate::model::{ItemRecord, ScanRecord, Summary};

/// Receives a scan from its one writer thread: `scan` first and once, every item in any
/// order (the members of a file before the file itself), `finish` last and once, also when
/// the scan was interrupted. An error ends the scan: a report that cannot be written must
/// not pass for a clean one.
pub trait Reporter: Send {
    fn scan(&mut self, scan: &ScanRecord) -> io::Result<()>;
    fn record(&mut self, record: &ItemRecord) -> io::Result<()>;
    /// The same for an item of a file that has not changed and was not read again.
    fn unchanged(&mut self, record: &ItemRecord) -> io::Result<()> {
        self.record(record)
    }
    fn finish(&mut self, summary: &Summary) -> io::Result<()>;
}
