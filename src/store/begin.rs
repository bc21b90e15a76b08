//! The beginning of a scan: a new one, or the one that was not brought to its end.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::Store;
use super::error::StoreError;
use super::words::Words;
use super::writer::Writer;
use crate::model::{MountRecord, Name, ScanRecord, ShareName};

/// On a mount with weak stamps a file is read again after this time at the latest.
const STALE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What a run is about to do.
pub struct Plan<'a> {
    pub header: &'a ScanRecord,
    /// The roots in the order of the header, in their one absolute form.
    pub roots: &'a [PathBuf],
    /// Stands for the detectors, readers and settings: files read under another are read again.
    pub policy: &'a str,
    /// Reads every file again.
    pub full: bool,
    /// The arguments, and the file systems of the roots: for a manifest that is asked for later.
    pub configuration: &'a [Name],
    pub mounts: &'a [MountRecord],
}

pub(super) struct Begun {
    pub(super) scan: i64,
    pub(super) policy: i64,
    pub(super) roots: Arc<[i64]>,
    /// The last parts of their paths.
    pub(super) root_names: Vec<Vec<u8>>,
    pub(super) continued: bool,
    pub(super) baseline: Option<i64>,
    pub(super) fresh_from: i64,
    pub(super) stale_until: i64,
}

impl Store {
    /// Goes on with the last scan if it has not come to its end and was of the same roots
    /// under the same settings; else begins a new one.
    pub fn begin(self, plan: &Plan<'_>) -> Result<Writer, StoreError> {
        let connection = &self.connection;
        connection.execute_batch("BEGIN IMMEDIATE")?;
        let begun = begin(connection, plan)?;
        connection.execute_batch("COMMIT")?;
        Writer::new(self, begun)
    }
}

fn begin(connection: &Connection, plan: &Plan<'_>) -> Result<Begun, StoreError> {
    let roots = plan.roots.iter().map(|root| root_number(connection, root)).collect::<Result<Vec<_>, StoreError>>()?;
    let policy = Words::default().id(connection, plan.policy)?;
    let written_roots = serde_json::to_string(&roots)?;
    let now = Timestamp::now();

    let sql = "SELECT id, status, policy, full, roots FROM scan ORDER BY id DESC LIMIT 1";
    let last = connection.query_row(sql, [], |row| {
        let is_same = row.get::<_, i64>(2)? == policy
            && row.get::<_, bool>(3)? == plan.full
            && row.get::<_, String>(4)? == written_roots;
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, is_same))
    });
    let (scan, continued) = match last.optional()? {
        Some((scan, status, true)) if status != "finished" => {
            connection.execute("UPDATE scan SET status = 'running', runs = runs + 1 WHERE id = ?", [scan])?;
            // What could not be looked at then is looked at again.
            connection.execute("DELETE FROM hole WHERE scan = ?", [scan])?;
            (scan, true)
        }
        last => {
            connection.execute("UPDATE scan SET status = 'given_up' WHERE status != 'finished'", [])?;
            let scan = last.map_or(1, |(scan, ..)| scan + 1);
            let header = serde_json::to_string(&Header::of(plan))?;
            connection.execute(
                "INSERT INTO scan VALUES (?, ?, NULL, 'running', ?, ?, ?, ?, 1, NULL)",
                params![scan, plan.header.started, header, written_roots, policy, plan.full],
            )?;
            (scan, false)
        }
    };
    let baseline = connection
        .query_row(
            "SELECT max(id) FROM scan WHERE status = 'finished' AND roots = ? AND id < ?",
            params![written_roots, scan],
            |row| row.get::<_, Option<i64>>(0),
        )
        .optional()?
        .flatten();
    let long_ago = now.checked_sub(STALE).unwrap_or(now).to_string();
    let stale_until: Option<i64> =
        connection.query_row("SELECT max(id) FROM scan WHERE started < ?", [long_ago], |row| row.get(0))?;
    connection.execute(
        "INSERT OR REPLACE INTO run VALUES (1, ?, ?, ?, ?, 0, 0, 0, 0)",
        params![scan, i64::from(std::process::id()), now.to_string(), now.to_string()],
    )?;
    Ok(Begun {
        scan,
        policy,
        roots: roots.into(),
        root_names: plan.roots.iter().map(|root| Name::from_path(root).file_name().to_vec()).collect(),
        continued,
        baseline,
        fresh_from: if plan.full { scan } else { 0 },
        stale_until: stale_until.unwrap_or(0),
    })
}

fn root_number(connection: &Connection, root: &std::path::Path) -> Result<i64, StoreError> {
    let path = Name::from_path(root);
    let known = connection.query_row("SELECT id FROM root WHERE path = ?", [path.as_bytes()], |row| row.get(0));
    if let Some(id) = known.optional()? {
        return Ok(id);
    }
    connection.execute("INSERT INTO root (path) VALUES (?)", [path.as_bytes()])?;
    Ok(connection.last_insert_rowid())
}

/// What of the first line of a scan is kept to tell it again.
#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Header {
    pub(super) version: String,
    pub(super) detectors_hash: String,
    pub(super) started: String,
    pub(super) roots: Vec<Name>,
    #[serde(default)]
    pub(super) shares: Vec<ShareName>,
    /// These two are of the run that began the scan; states of earlier versions have neither.
    #[serde(default)]
    pub(super) configuration: Vec<Name>,
    #[serde(default)]
    pub(super) mounts: Vec<MountRecord>,
}

impl Header {
    fn of(plan: &Plan<'_>) -> Self {
        let ScanRecord { tool: _, version, detectors_hash, started, roots, shares } = plan.header;
        Self {
            version: (*version).to_owned(),
            detectors_hash: detectors_hash.clone(),
            started: started.clone(),
            roots: roots.clone(),
            shares: shares.clone(),
            configuration: plan.configuration.to_vec(),
            mounts: plan.mounts.to_vec(),
        }
    }
}
