//! The state between scans: what was read and said of every file, so that the next scan reads only what changed.
//!
//! One SQLite file, in WAL mode, with one writer at a time. A killed run leaves what it committed;
//! the next one goes on from there, for a file that is done is one that has not changed.
//!
//! **Invariant: no clear value is written.** `kept` takes findings apart field by field.

pub mod begin;
pub mod closing;
pub mod diff;
pub mod error;
pub mod forget;
pub mod history;
mod kept;
pub mod known;
pub mod mount;
pub mod place;
pub mod replay;
mod schema;
mod seen;
#[cfg(test)]
mod tests;
mod version;
mod words;
pub mod writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

pub use begin::Plan;
pub use error::StoreError;
pub use history::{Running, Scan, Status};
pub use known::Known;
pub use mount::Mounts;
pub use place::Lock;
pub use replay::Replayed;
pub use version::Version;
pub use writer::{Lookup, Terms, Ticket, Writer};

/// A state that is open.
pub struct Store {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    /// None for who only reads.
    _lock: Option<Lock>,
}

impl Store {
    /// For a run: makes the state if there is none, and keeps other runs out.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        place::prepare(path)?;
        let lock = Lock::take(path)?;
        let mut connection = connect(path, false)?;
        schema::migrate(&mut connection)?;
        let store = Self { connection, path: path.to_owned(), _lock: Some(lock) };
        store.clear_pending()?;
        Ok(store)
    }

    /// For a look at a state, also while a run uses it.
    pub fn look(path: &Path) -> Result<Self, StoreError> {
        if let Err(source) = std::fs::metadata(path) {
            return Err(StoreError::File { path: path.to_owned(), source });
        }
        let mut connection = connect(path, true)?;
        schema::migrate(&mut connection)?;
        Ok(Self { connection, path: path.to_owned(), _lock: None })
    }

    /// The files of the state itself, which are not part of a share that they lie on.
    pub fn files(&self) -> Vec<PathBuf> {
        ["", "-wal", "-shm", ".lock", ".key"].map(|suffix| place::beside(&self.path, suffix)).into()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What a killed run wrote of files that it did not bring to their end.
    fn clear_pending(&self) -> Result<(), StoreError> {
        let pending: Vec<i64> = self
            .connection
            .prepare("SELECT file FROM pending")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        self.connection.execute_batch("BEGIN")?;
        for file in pending {
            kept::delete(&self.connection, file)?;
        }
        self.connection.execute_batch("DELETE FROM pending; COMMIT")?;
        Ok(())
    }
}

fn connect(path: &Path, only_reads: bool) -> Result<Connection, StoreError> {
    // Without SQLITE_OPEN_URI: a path is a path.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(30))?;
    connection.set_prepared_statement_cache_capacity(64);
    // Otherwise statements are planned again for every new number that is asked for.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // NORMAL: a failure of power may cost the last commits, never the state.
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = FAST;",
    )?;
    // Kibibytes. The writer meets directories in the order of the walk, and most pages once.
    connection.pragma_update(None, "cache_size", if only_reads { -4_096 } else { -32_768 })?;
    if !only_reads {
        connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    }
    Ok(connection)
}
