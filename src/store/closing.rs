//! The end of a scan: what is gone, what is new, and what the scan can say of itself.

use jiff::Timestamp;
use rusqlite::params;

use super::diff;
use super::error::StoreError;
use super::known::{COLUMNS, version};
use super::version::Version;
use super::writer::Writer;
use crate::model::{Standing, Summary};

impl Writer {
    /// Ends the scan. Deletions are concluded only if nothing interrupted it. The standing of
    /// the scan goes into the summary, which is kept.
    pub fn finish(mut self, summary: &mut Summary) -> Result<(), StoreError> {
        let unreached_roots = self.conclude(!summary.interrupted)?;
        if unreached_roots > 0 {
            // A share that lists nothing where there was something is not a share that was read.
            summary.complete = false;
        }
        let since = match self.baseline {
            Some(baseline) if !summary.interrupted => Some(diff::delta(self.connection(), baseline, self.scan)?),
            _ => None,
        };
        summary.state = Some(Standing {
            scan: self.scan.cast_unsigned(),
            continued: self.continued,
            unchanged: self.unchanged_files(),
            left: self.left,
            unreached_roots,
            since,
        });
        let status = if summary.interrupted { "interrupted" } else { "finished" };
        let written = serde_json::to_string(summary)?;
        self.connection().execute(
            "UPDATE scan SET status = ?, ended = ?, summary = ? WHERE id = ?",
            params![status, Timestamp::now().to_string(), written, self.scan],
        )?;
        self.commit()?;
        // What is left of files that never came to their end.
        self.connection().execute_batch("COMMIT")?;
        self.store.clear_pending()?;
        self.store.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        Ok(())
    }

    /// Ends the versions of files that were not met; how many roots were not reached at all.
    fn conclude(&mut self, walked: bool) -> Result<u64, StoreError> {
        if self.seen.count() == self.alive {
            return Ok(0);
        }
        let mut unreached = 0;
        for (at, root) in std::sync::Arc::clone(&self.roots).iter().copied().enumerate() {
            // Where there were files there is an empty directory: a mount that is not there.
            let is_empty = walked && self.met.get(at) == Some(&0);
            if is_empty {
                self.hole(root, b"")?;
            }
            let holes = diff::holes(self.connection(), self.scan)?;
            let mut left = 0;
            let mut directories = self.directories_after(root, None)?;
            while let Some((last, _)) = directories.last().cloned() {
                for (path, id) in directories {
                    for (name, version) in self.not_met(id)? {
                        if !walked || diff::is_below(&holes, root, &diff::join(&path, &name)) {
                            left += 1;
                        } else {
                            self.end(&version, &name)?;
                            self.event(version.directory, &name)?;
                        }
                    }
                }
                directories = self.directories_after(root, Some(&last))?;
            }
            unreached += u64::from(is_empty && left > 0);
            self.left += left;
        }
        Ok(unreached)
    }

    /// Some of the directories of a root, in their order.
    fn directories_after(&self, root: i64, last: Option<&[u8]>) -> Result<Vec<(Vec<u8>, i64)>, StoreError> {
        let mut rows = self.connection().prepare_cached(
            "SELECT path, id FROM directory WHERE root = ?1 AND (?2 IS NULL OR path > ?2) ORDER BY path LIMIT 1000",
        )?;
        let rows = rows.query_map(params![root, last], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The current versions in a directory that the scan has not seen, with their names.
    fn not_met(&self, directory: i64) -> Result<Vec<(Vec<u8>, Version)>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM file WHERE directory = ? AND until IS NULL");
        let mut files = self.connection().prepare_cached(&sql)?;
        let mut files = files.query([directory])?;
        let mut found = Vec::new();
        while let Some(row) = files.next()? {
            if !self.seen.has(row.get(3)?) {
                found.push((row.get(1)?, version(row)?));
            }
        }
        Ok(found)
    }
}
