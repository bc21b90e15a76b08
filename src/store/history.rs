//! The scans that a state knows, and the one that runs now.

use rusqlite::{OptionalExtension, Row};

use super::error::StoreError;
use super::{Lock, Store};

/// How a scan ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Finished,
    /// It ended early, in good order.
    Interrupted,
    /// It runs, or was killed.
    Running,
    /// Not at its end when another began under other settings.
    GivenUp,
}

impl Status {
    pub fn key(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Interrupted => "interrupted",
            Self::Running => "running",
            Self::GivenUp => "given_up",
        }
    }
}

/// A scan of the state.
#[derive(Clone, Debug)]
pub struct Scan {
    pub id: u64,
    /// RFC 3339.
    pub started: String,
    pub ended: Option<String>,
    pub status: Status,
    /// How often it was begun or gone on with.
    pub runs: u64,
    pub full: bool,
    /// As in the JSON Lines; none while it has not ended.
    pub summary: Option<serde_json::Value>,
}

/// The run that uses a state now.
#[derive(Clone, Debug)]
pub struct Running {
    pub scan: u64,
    pub process: u32,
    pub started: String,
    /// When it wrote this, RFC 3339.
    pub updated: String,
    pub files: u64,
    pub unchanged: u64,
    pub bytes: u64,
    /// Files that show what they should not, of those read.
    pub found: u64,
}

fn scan(row: &Row<'_>) -> rusqlite::Result<Scan> {
    let status = match row.get_ref(3)?.as_str()? {
        "finished" => Status::Finished,
        "interrupted" => Status::Interrupted,
        "running" => Status::Running,
        _ => Status::GivenUp,
    };
    let summary: Option<String> = row.get(6)?;
    Ok(Scan {
        id: row.get::<_, i64>(0)?.cast_unsigned(),
        started: row.get(1)?,
        ended: row.get(2)?,
        status,
        runs: row.get::<_, i64>(4)?.cast_unsigned(),
        full: row.get(5)?,
        summary: summary.and_then(|summary| serde_json::from_str(&summary).ok()),
    })
}

const SCANS: &str = "SELECT id, started, ended, status, runs, full, summary FROM scan";

impl Store {
    /// All scans, the oldest first.
    pub fn scans(&self) -> Result<Vec<Scan>, StoreError> {
        let mut scans = self.connection.prepare(&format!("{SCANS} ORDER BY id"))?;
        Ok(scans.query_map([], scan)?.collect::<Result<_, _>>()?)
    }

    /// The last scan that came to its end, before another one if that is given.
    pub fn last_finished(&self, before: Option<u64>) -> Result<Option<Scan>, StoreError> {
        let before = before.map_or(i64::MAX, u64::cast_signed);
        let sql = format!("{SCANS} WHERE status = 'finished' AND id < ? ORDER BY id DESC LIMIT 1");
        Ok(self.connection.query_row(&sql, [before], scan).optional()?)
    }

    /// The finished scan with this number.
    pub fn finished(&self, id: u64) -> Result<Scan, StoreError> {
        let found = self.scans()?.into_iter().find(|scan| scan.id == id).ok_or(StoreError::NoScan(id))?;
        if found.status == Status::Finished {
            return Ok(found);
        }
        Err(StoreError::Refused(format!("scan {id} has not come to its end, and says nothing of what is gone")))
    }

    /// What the run that uses the state said last; none if none runs.
    pub fn running(&self) -> Result<Option<Running>, StoreError> {
        if !Lock::is_held(&self.path) {
            return Ok(None);
        }
        let sql = "SELECT scan, process, started, updated, files, unchanged, bytes, found FROM run";
        let number = |row: &Row<'_>, at| row.get::<_, i64>(at).map(i64::cast_unsigned);
        let run = self.connection.query_row(sql, [], |row| {
            Ok(Running {
                scan: number(row, 0)?,
                process: row.get(1)?,
                started: row.get(2)?,
                updated: row.get(3)?,
                files: number(row, 4)?,
                unchanged: number(row, 5)?,
                bytes: number(row, 6)?,
                found: number(row, 7)?,
            })
        });
        Ok(run.optional()?)
    }
}
