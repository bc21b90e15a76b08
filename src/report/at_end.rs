//! A report that is written whole when the scan is over: the page, the workbook, and the papers.

use std::io::{self, Write};

use super::inventory::Inventory;
use super::reporter::Reporter;
use super::target::Target;
use super::words::Language;
use crate::model::{ItemRecord, ScanRecord, Summary};

/// Makes the bytes of a report of what was collected.
type Render = dyn Fn(&Inventory, &Summary, Language) -> io::Result<Vec<u8>> + Send;

/// Collects the scan and writes the report at its end.
pub struct AtEnd {
    out: Target,
    language: Language,
    inventory: Inventory,
    render: Box<Render>,
}

impl AtEnd {
    /// `inventory` says whether files are listed or only counted.
    pub fn new(
        out: Target,
        language: Language,
        inventory: Inventory,
        render: impl Fn(&Inventory, &Summary, Language) -> io::Result<Vec<u8>> + Send + 'static,
    ) -> Self {
        Self { out, language, inventory, render: Box::new(render) }
    }
}

impl Reporter for AtEnd {
    fn scan(&mut self, scan: &ScanRecord) -> io::Result<()> {
        self.inventory.scan(scan);
        Ok(())
    }

    fn record(&mut self, record: &ItemRecord) -> io::Result<()> {
        self.inventory.record(record, false);
        Ok(())
    }

    fn unchanged(&mut self, record: &ItemRecord) -> io::Result<()> {
        self.inventory.record(record, true);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.inventory.finish();
        let bytes = (self.render)(&self.inventory, summary, self.language)?;
        self.out.write_all(&bytes)?;
        self.out.finish()
    }
}
