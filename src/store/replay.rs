//! A scan told once more from the state, for a report that was not asked for then.

use rusqlite::params;

use super::Store;
use super::begin::Header;
use super::diff::{holes, is_below, join};
use super::error::StoreError;
use super::known::{COLUMNS, records, version};
use super::words::Words;
use crate::model::{ItemPath, ItemRecord, MountRecord, Name, ScanRecord};

/// What a scan says besides its records.
pub struct Replayed {
    pub header: ScanRecord,
    /// The arguments of the scan and the file systems that it read; empty if it was of an earlier version.
    pub configuration: Vec<Name>,
    pub mounts: Vec<MountRecord>,
    pub directories: u64,
    pub duration_seconds: f64,
    /// It has not come to its end: what it had not reached is as it was known before.
    pub interrupted: bool,
    /// As it was at its end; none if it had none.
    pub summary: Option<serde_json::Value>,
}

impl Store {
    /// What is known of a scan as a whole.
    pub fn replayed(&self, scan: u64) -> Result<Replayed, StoreError> {
        let sql = "SELECT header, status, summary FROM scan WHERE id = ?";
        let row = self.connection.query_row(sql, [scan.cast_signed()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
        });
        let (header, status, summary) = match row {
            Err(rusqlite::Error::QueryReturnedNoRows) => return Err(StoreError::NoScan(scan)),
            row => row?,
        };
        let Header { version, detectors_hash, started, roots, shares, configuration, mounts } =
            serde_json::from_str(&header)?;
        let summary: Option<serde_json::Value> = summary.map(|text| serde_json::from_str(&text)).transpose()?;
        let number = |key: &str| summary.as_ref().and_then(|summary| summary.get(key));
        Ok(Replayed {
            // The version that scanned; reports are told by that which reads now.
            header: ScanRecord {
                tool: "plainsight",
                version: if version == env!("CARGO_PKG_VERSION") { env!("CARGO_PKG_VERSION") } else { "earlier" },
                detectors_hash,
                started,
                roots,
                shares,
            },
            configuration,
            mounts,
            directories: number("directories").and_then(serde_json::Value::as_u64).unwrap_or(0),
            duration_seconds: number("duration_seconds").and_then(serde_json::Value::as_f64).unwrap_or(0.0),
            interrupted: status != "finished",
            summary,
        })
    }

    /// Tells the records of a scan, members before their file, in the order of the paths.
    pub fn replay<E: From<StoreError>>(
        &self,
        scan: u64,
        to: &mut dyn FnMut(ItemRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut failed = None;
        let mut tell = |record| {
            if failed.is_none() {
                failed = to(record).err();
            }
            failed.is_none()
        };
        self.tell(scan.cast_signed(), &mut tell)?;
        failed.map_or(Ok(()), Err)
    }

    fn tell(&self, scan: i64, to: &mut dyn FnMut(ItemRecord) -> bool) -> Result<(), StoreError> {
        let sql = "SELECT roots FROM scan WHERE id = ?";
        let roots: String = self.connection.query_row(sql, [scan], |row| row.get(0))?;
        let roots: Vec<i64> = serde_json::from_str(&roots)?;
        let holes = holes(&self.connection, scan)?;
        let mut words = Words::default();
        let mut directories = self.connection.prepare("SELECT path, id FROM directory WHERE root = ? ORDER BY path")?;
        let sql = format!(
            "SELECT {COLUMNS} FROM file WHERE directory = ?1 AND since <= ?2 AND (until IS NULL OR until > ?2) ORDER BY name"
        );
        let mut files = self.connection.prepare(&sql)?;
        for (at, &root) in roots.iter().enumerate() {
            let mut directories = directories.query([root])?;
            while let Some(row) = directories.next()? {
                let directory: Vec<u8> = row.get(0)?;
                let mut files = files.query(params![row.get::<_, i64>(1)?, scan])?;
                while let Some(row) = files.next()? {
                    let path = join(&directory, row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?);
                    if is_below(&holes, root, &path) {
                        continue;
                    }
                    let version = version(row)?;
                    let item = ItemPath::new(at, Name::from_bytes(path));
                    let mut goes_on = true;
                    let place = (item, version.exposure());
                    records(&self.connection, &mut words, &version, place, &mut |record| {
                        goes_on = goes_on && to(record);
                    })?;
                    if !goes_on {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }
}
