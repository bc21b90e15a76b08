//! Takes scans and people out of the state: what we keep of others is personal data too.

use rusqlite::params;

use super::error::StoreError;
use super::{Store, kept};

impl Store {
    /// Forgets scans, and what was said of files in no other scan. What is said of files as they
    /// are now stays: the next scan builds on it. Returns the number of versions that went.
    pub fn forget_scans(&self, scans: &[u64]) -> Result<u64, StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        for &scan in scans {
            let id = scan.cast_signed();
            if self.connection.execute("DELETE FROM scan WHERE id = ?", [id])? == 0 {
                self.connection.execute_batch("ROLLBACK")?;
                return Err(StoreError::NoScan(scan));
            }
            self.connection.execute("DELETE FROM hole WHERE scan = ?", [id])?;
        }
        // Between two scans that stay, what happened in those that went still counts.
        self.connection.execute("DELETE FROM event WHERE scan <= (SELECT coalesce(min(id), 1 << 62) FROM scan)", [])?;
        let sql = "SELECT id, directory, name, since FROM file WHERE until IS NOT NULL \
                   AND NOT EXISTS (SELECT 1 FROM scan WHERE scan.id >= since AND scan.id < until)";
        let mut versions = self.connection.prepare(sql)?;
        let versions = versions.query_map([], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, Vec<u8>>(2)?, row.get::<_, i64>(3)?))
        })?;
        let versions: Vec<_> = versions.collect::<Result<_, _>>()?;
        for (id, directory, name, since) in &versions {
            kept::delete(&self.connection, *id)?;
            self.connection
                .prepare_cached("DELETE FROM file WHERE directory = ? AND name = ? AND since = ?")?
                .execute(params![directory, name, since])?;
        }
        self.connection.execute_batch("COMMIT")?;
        Ok(versions.len() as u64)
    }

    /// Forgets a person in all scans: `subject` as reports print it. Returns the number of findings
    /// that went. While the data lies on the share, the next scan that reads it finds it again.
    pub fn forget_subject(&self, subject: &str) -> Result<u64, StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let findings = self.without_findings(subject)?;
        // In the lists of people stand the first eight bytes.
        let first = subject.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok());
        let mut people = 0;
        if let Some(first) = first {
            let sql = "UPDATE item SET subjects = \
                       (SELECT json_group_array(value) FROM json_each(subjects) WHERE value != ?1) \
                       WHERE EXISTS (SELECT 1 FROM json_each(subjects) WHERE value = ?1)";
            people = self.connection.execute(sql, [first.cast_signed()])?;
        }
        self.connection.execute_batch("COMMIT")?;
        Ok(findings.max(people) as u64)
    }

    fn without_findings(&self, subject: &str) -> Result<usize, StoreError> {
        let mut items = self.connection.prepare("SELECT file, n, findings FROM item WHERE instr(findings, ?)")?;
        let mut items = items.query([subject])?;
        let (mut gone, mut changed) = (0, Vec::new());
        while let Some(row) = items.next()? {
            let (count, left) = kept::without(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?, subject)?;
            if count > 0 {
                gone += count;
                changed.push((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, left));
            }
        }
        let mut row = self.connection.prepare("UPDATE item SET findings = ? WHERE file = ? AND n = ?")?;
        for (file, n, left) in changed {
            row.execute(params![left, file, n])?;
        }
        Ok(gone)
    }

    /// Gives back the room of what was forgotten, so that it is in no page of the file.
    pub fn compact(&self) -> Result<(), StoreError> {
        self.connection.execute_batch(
            "PRAGMA secure_delete = ON; DELETE FROM word WHERE id NOT IN (\
             SELECT one.value ->> 0 FROM item, json_each(item.findings) AS one UNION \
             SELECT one.value ->> 4 FROM item, json_each(item.findings) AS one UNION SELECT media_type FROM file UNION SELECT policy FROM file UNION \
             SELECT policy FROM scan); VACUUM; PRAGMA wal_checkpoint(TRUNCATE);",
        )?;
        Ok(())
    }
}
