//! How far a scan is, for whoever shows it: counters that many threads write and one reads.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::model::ItemPath;

/// Shared by the conductor and the progress bar.
#[derive(Debug, Default)]
pub struct Progress {
    /// Files that the walk has met so far.
    pub found: AtomicU64,
    /// Bytes of them.
    pub found_bytes: AtomicU64,
    /// Files that are done.
    pub done: AtomicU64,
    pub done_bytes: AtomicU64,
    /// The walk is over: `found` is the total.
    pub walked: AtomicBool,
    current: Mutex<Option<ItemPath>>,
}

impl Progress {
    pub fn set_current(&self, item: &ItemPath) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(item.clone());
    }

    /// The file that a worker took up last.
    pub fn current(&self) -> Option<ItemPath> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn add_found(&self, bytes: u64) {
        self.found.fetch_add(1, Ordering::Relaxed);
        self.found_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub fn add_done(&self, bytes: u64) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.done_bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}
