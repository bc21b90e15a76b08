//! What can go wrong with a state: it ends the run, for a state that is not written must not be relied upon.

use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the state could not be read or written")]
    Database(#[from] rusqlite::Error),
    #[error("the file of the state, {path}")]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("another run uses the state {0}")]
    Locked(PathBuf),
    #[error("a state cannot lie on a network mount ({kind} at {path}): give a path on a disk of this machine")]
    Network { path: PathBuf, kind: String },
    #[error("the state was written by a newer version of this program")]
    Newer,
    #[error("the state holds a record that cannot be understood")]
    Record(#[from] serde_json::Error),
    #[error("there is no scan {0} in the state")]
    NoScan(u64),
    #[error("{0}")]
    Refused(String),
}
