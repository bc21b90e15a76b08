//! The one hand that writes the state during a scan: a file's findings and its row in one transaction.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::error::StoreError;
use super::kept::{self, Written};
use super::known::{Known, split};
use super::seen::Seen;
use super::version::{Verdict, Version, is_clean};
use super::words::Words;
use super::{Store, connect};
use crate::model::{ItemRecord, Name, Outcome, Reason, Stamp};

/// A commit at least this often: what a crash costs.
const FILES: u64 = 10_000;
const TIME: Duration = Duration::from_secs(1);
/// Directories whose numbers are remembered.
const DIRECTORIES: usize = 20_000;

/// What the walk knows of a file that goes to a worker, for when its record comes back.
#[derive(Clone, Debug, Default)]
pub struct Ticket {
    pub stamp: Stamp,
    /// Its change key may not tell the next change.
    pub is_racy: bool,
    pub earlier: Option<Version>,
}

/// How a scan goes into the state.
pub struct Writer {
    pub(super) store: Store,
    pub(super) words: Words,
    pub(super) scan: i64,
    pub(super) policy: i64,
    pub(super) roots: Arc<[i64]>,
    root_names: Vec<Vec<u8>>,
    pub(super) continued: bool,
    pub(super) baseline: Option<i64>,
    /// Versions read in an earlier scan do not count.
    pub(super) fresh_from: i64,
    /// On mounts whose stamps are weak, versions read in this scan or earlier do not count.
    pub(super) stale_until: i64,
    pub(super) seen: Seen,
    pub(super) alive: u64,
    pub(super) left: u64,
    pub(super) met: Vec<u64>,
    pending: HashMap<(usize, Name), Pending>,
    directories: HashMap<(usize, Box<[u8]>), i64>,
    next: i64,
    uncommitted: u64,
    committed: Instant,
    counts: Counts,
}

/// A file of which members have come and its own record has not.
struct Pending {
    id: i64,
    items: i64,
    digest: i64,
    verdict: Verdict,
}

#[derive(Default)]
struct Counts {
    files: u64,
    unchanged: u64,
    bytes: u64,
    found: u64,
}

impl Writer {
    pub(super) fn new(store: Store, begun: super::begin::Begun) -> Result<Self, StoreError> {
        let fact = |key: &str| -> Result<i64, StoreError> {
            let sql = "SELECT value FROM fact WHERE key = ?";
            Ok(store.connection.query_row(sql, [key], |row| row.get(0)).optional()?.unwrap_or(0))
        };
        let (next, alive) = (fact("next")?.max(1), fact("alive")?);
        let super::begin::Begun { scan, policy, roots, root_names, continued, baseline, fresh_from, stale_until } =
            begun;
        let writer = Self {
            words: Words::default(),
            scan,
            policy,
            continued,
            baseline,
            fresh_from,
            stale_until,
            seen: Seen::default(),
            alive: alive.cast_unsigned(),
            left: 0,
            met: vec![0; roots.len()],
            roots,
            root_names,
            pending: HashMap::new(),
            directories: HashMap::new(),
            next,
            uncommitted: 0,
            committed: Instant::now(),
            counts: Counts::default(),
            store,
        };
        writer.connection().execute_batch("BEGIN")?;
        Ok(writer)
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.store.connection
    }

    /// For the threads of the walk.
    pub fn lookup(&self) -> Lookup {
        Lookup { path: self.store.path.clone(), roots: Arc::clone(&self.roots), is_empty: self.alive == 0 }
    }

    /// Number of the scan in the state.
    pub fn scan(&self) -> i64 {
        self.scan
    }

    /// The settings with which files must have been read, and the scan from which on, to stand for now.
    pub fn terms(&self) -> Terms {
        Terms { policy: self.policy, fresh_from: self.fresh_from, stale_until: self.stale_until, scan: self.scan }
    }

    /// A file that has not changed; its records are those of the state.
    pub fn unchanged(&mut self, root: usize, id: i64) -> Result<(), StoreError> {
        self.seen.mark(id);
        self.counts.unchanged += 1;
        self.meet(root);
        self.commit_if_due()
    }

    fn meet(&mut self, root: usize) {
        self.counts.files += 1;
        if let Some(met) = self.met.get_mut(root) {
            *met += 1;
        }
    }

    /// A record of a scan; `ticket` comes with that of a file.
    pub fn put(&mut self, record: &ItemRecord, ticket: Option<Ticket>) -> Result<(), StoreError> {
        if record.item.members.is_empty() {
            self.put_file(record, ticket.unwrap_or_default())?;
            self.uncommitted += 1;
            return self.commit_if_due();
        }
        let key = (record.item.root, record.item.path.clone());
        if !self.pending.contains_key(&key) {
            let id = self.take_number();
            self.connection().prepare_cached("INSERT INTO pending VALUES (?)")?.execute([id])?;
            let pending = Pending { id, items: 0, digest: 0, verdict: Verdict::default() };
            self.pending.insert(key.clone(), pending);
        }
        let Some(pending) = self.pending.get_mut(&key) else { return Ok(()) };
        let written = Written::new(record)?;
        pending.items += 1;
        pending.digest = pending.digest.wrapping_add(written.digest());
        pending.verdict.add(record);
        let (id, n) = (pending.id, pending.items);
        written.insert(&self.store.connection, &mut self.words, id, n)?;
        self.uncommitted += 1;
        self.commit_if_due()
    }

    fn take_number(&mut self) -> i64 {
        self.next += 1;
        self.next - 1
    }

    fn put_file(&mut self, record: &ItemRecord, ticket: Ticket) -> Result<(), StoreError> {
        self.meet(record.item.root);
        let pending = if self.pending.is_empty() {
            None
        } else {
            self.pending.remove(&(record.item.root, record.item.path.clone()))
        };
        let Ticket { stamp, is_racy, earlier } = ticket;
        if let Some(earlier) = &earlier {
            self.seen.mark(earlier.id);
        }
        if record.reasons.contains(&Reason::Interrupted) {
            // Not done: what was known stays, and the next run reads it.
            self.left += 1;
            return self.drop_pending(pending);
        }
        self.counts.bytes = self.counts.bytes.saturating_add(record.size);
        self.note_hole(record, &stamp)?;

        let mut verdict = pending.as_ref().map(|pending| pending.verdict).unwrap_or_default();
        verdict.add(record);
        verdict.again |= is_racy;
        verdict.has_items = pending.is_some() || !is_clean(record, &stamp);
        self.counts.found += u64::from(verdict.is_exposed);
        let written = if verdict.has_items { Some(Written::new(record)?) } else { None };
        let members = pending.as_ref().map_or(0, |pending| pending.digest);
        let digest = written.as_ref().map(|written| written.digest().wrapping_add(members));
        let media_type = self.words.id(&self.store.connection, &record.media_type)?;
        let mut version = Version {
            directory: 0,
            id: 0,
            since: self.scan,
            stamp,
            owner: record.exposure.owner,
            media_type,
            verdict,
            policy: self.policy,
            read_in: self.scan,
            digest,
        };
        let (directory, name) = split(record.item.path.as_bytes());
        if let Some(earlier) = earlier {
            if says_the_same(&earlier, &version) {
                self.drop_pending(pending)?;
                return self.renew(&earlier, &version, name);
            }
            version.directory = earlier.directory;
            self.end(&earlier, name)?;
        } else {
            version.directory = self.directory(record.item.root, directory)?;
        }
        version.id = match &pending {
            Some(pending) => pending.id,
            None => self.take_number(),
        };
        if let Some(written) = written {
            written.insert(&self.store.connection, &mut self.words, version.id, 0)?;
        }
        self.insert(&version, name)?;
        if let Some(pending) = pending {
            self.connection().prepare_cached("DELETE FROM pending WHERE file = ?")?.execute([pending.id])?;
        }
        self.event(version.directory, name)
    }

    fn insert(&mut self, version: &Version, name: &[u8]) -> Result<(), StoreError> {
        let Version { directory, id, since, stamp, owner, media_type, verdict, policy, read_in, digest } = version;
        let mut row = self
            .store
            .connection
            .prepare_cached("INSERT OR REPLACE INTO file VALUES (?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
        row.execute(params![
            directory,
            name,
            since,
            id,
            stamp.size.cast_signed(),
            stamp.modified,
            stamp.changed,
            stamp.born,
            stamp.id.map(u64::cast_signed),
            owner,
            media_type,
            verdict.packed(),
            policy,
            read_in,
            digest
        ])?;
        self.seen.mark(*id);
        self.alive += 1;
        Ok(())
    }

    /// The file was read again, and the same is said of it: its row goes on with the new key.
    fn renew(&mut self, earlier: &Version, now: &Version, name: &[u8]) -> Result<(), StoreError> {
        let is_special = now.stamp == Stamp::default();
        if (now.policy, now.verdict) == (earlier.policy, earlier.verdict)
            && (is_special || earlier.read_in == now.read_in)
        {
            return Ok(());
        }
        let mut row = self.store.connection.prepare_cached(
            "UPDATE file SET modified = ?, changed = ?, born = ?, number = ?, verdict = ?, policy = ?, read_in = ? \
             WHERE directory = ? AND name = ? AND since = ?",
        )?;
        row.execute(params![
            now.stamp.modified,
            now.stamp.changed,
            now.stamp.born,
            now.stamp.id.map(u64::cast_signed),
            now.verdict.packed(),
            now.policy,
            now.read_in,
            earlier.directory,
            name,
            earlier.since
        ])?;
        Ok(())
    }

    /// The version is no longer that of the file.
    pub(super) fn end(&mut self, version: &Version, name: &[u8]) -> Result<(), StoreError> {
        self.alive = self.alive.saturating_sub(1);
        self.seen.clear(version.id);
        let key = params![version.directory, name, version.since];
        if version.since == self.scan {
            // It was written in this scan and is part of no other.
            let sql = "DELETE FROM file WHERE directory = ? AND name = ? AND since = ?";
            self.connection().prepare_cached(sql)?.execute(key)?;
            return kept::delete(self.connection(), version.id);
        }
        let sql = "UPDATE file SET until = ? WHERE directory = ? AND name = ? AND since = ?";
        let key = params![self.scan, version.directory, name, version.since];
        self.connection().prepare_cached(sql)?.execute(key)?;
        Ok(())
    }

    pub(super) fn event(&self, directory: i64, name: &[u8]) -> Result<(), StoreError> {
        if self.baseline.is_some() {
            let mut row = self.connection().prepare_cached("INSERT OR IGNORE INTO event VALUES (?, ?, ?)")?;
            row.execute(params![self.scan, directory, name])?;
        }
        Ok(())
    }

    fn drop_pending(&self, pending: Option<Pending>) -> Result<(), StoreError> {
        if let Some(pending) = pending {
            kept::delete(self.connection(), pending.id)?;
            self.connection().prepare_cached("DELETE FROM pending WHERE file = ?")?.execute([pending.id])?;
        }
        Ok(())
    }

    /// Below what could not be listed, or was left out, nothing can be said to be gone.
    fn note_hole(&self, record: &ItemRecord, stamp: &Stamp) -> Result<(), StoreError> {
        let left_out = |reason: &Reason| matches!(reason, Reason::Excluded | Reason::OtherFileSystem);
        let is_unlisted = record.outcome() == Outcome::Unreadable && *stamp == Stamp::default();
        if !is_unlisted && !record.reasons.iter().any(left_out) {
            return Ok(());
        }
        let Some(&root) = self.roots.get(record.item.root) else { return Ok(()) };
        // A root that cannot be listed is told under its own name.
        let path = match record.item.path.as_bytes() {
            b"." => &[][..],
            path if is_unlisted && self.root_names.get(record.item.root).is_some_and(|name| name == path) => &[],
            path => path,
        };
        self.hole(root, path)
    }

    pub(super) fn hole(&self, root: i64, path: &[u8]) -> Result<(), StoreError> {
        let mut row = self.connection().prepare_cached("INSERT OR IGNORE INTO hole VALUES (?, ?, ?)")?;
        row.execute(params![self.scan, root, path])?;
        Ok(())
    }

    fn directory(&mut self, root: usize, path: &[u8]) -> Result<i64, StoreError> {
        let key = (root, path.into());
        if let Some(&id) = self.directories.get(&key) {
            return Ok(id);
        }
        let number = self.roots.get(root).copied().unwrap_or(0);
        let sql = "SELECT id FROM directory WHERE root = ? AND path = ?";
        let known = self.connection().prepare_cached(sql)?.query_row(params![number, path], |row| row.get(0));
        let id = if let Some(id) = known.optional()? {
            id
        } else {
            let id = self.take_number();
            let sql = "INSERT INTO directory VALUES (?, ?, ?)";
            self.connection().prepare_cached(sql)?.execute(params![number, path, id])?;
            id
        };
        if self.directories.len() >= DIRECTORIES {
            self.directories.clear();
        }
        self.directories.insert(key, id);
        Ok(id)
    }

    /// Commits when enough has come together or some time has passed; to be called often.
    pub fn commit_if_due(&mut self) -> Result<(), StoreError> {
        let is_due = self.uncommitted >= FILES;
        if is_due || self.uncommitted.is_multiple_of(64) && self.committed.elapsed() >= TIME {
            self.commit()?;
        }
        Ok(())
    }

    /// When nothing came for a while.
    pub fn tick(&mut self) -> Result<(), StoreError> {
        if self.committed.elapsed() >= TIME { self.commit() } else { Ok(()) }
    }

    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        self.write_facts()?;
        self.connection().execute_batch("COMMIT; BEGIN")?;
        self.uncommitted = 0;
        self.committed = Instant::now();
        Ok(())
    }

    fn write_facts(&self) -> Result<(), StoreError> {
        let mut fact = self.connection().prepare_cached("INSERT OR REPLACE INTO fact VALUES (?, ?)")?;
        fact.execute(params!["next", self.next])?;
        fact.execute(params!["alive", self.alive.cast_signed()])?;
        let Counts { files, unchanged, bytes, found } = &self.counts;
        let mut run = self
            .connection()
            .prepare_cached("UPDATE run SET updated = ?, files = ?, unchanged = ?, bytes = ?, found = ?")?;
        let number = |count: &u64| count.cast_signed();
        run.execute(params![
            Timestamp::now().to_string(),
            number(files),
            number(unchanged),
            number(bytes),
            number(found)
        ])?;
        Ok(())
    }

    pub(super) fn unchanged_files(&self) -> u64 {
        self.counts.unchanged
    }
}

/// Opens what is known, once for each thread.
#[derive(Clone, Debug)]
pub struct Lookup {
    path: PathBuf,
    roots: Arc<[i64]>,
    is_empty: bool,
}

impl Lookup {
    /// Nothing is known from before: the state began with this scan.
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    pub fn open(&self) -> Result<Known, StoreError> {
        Ok(Known::new(connect(&self.path, true)?, Arc::clone(&self.roots)))
    }
}

/// The terms on which a version stands for what would be read now.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    policy: i64,
    fresh_from: i64,
    stale_until: i64,
    scan: i64,
}

impl Terms {
    /// Whether what was read under this version can be told again, if the file is the same.
    pub fn accept(&self, version: &Version) -> bool {
        version.policy == self.policy && !version.verdict.again && version.read_in >= self.fresh_from
    }

    /// On a weak mount one file in 64 is read again at every scan, and every file in its time.
    pub fn is_sampled(&self, version: &Version) -> bool {
        version.read_in != self.scan
            && (version.read_in <= self.stale_until || (version.id ^ self.scan).rem_euclid(64) == 0)
    }
}

/// Whether a report would say the same of both, but for nothing that a reader of it sees.
fn says_the_same(earlier: &Version, now: &Version) -> bool {
    let verdict = Verdict { again: earlier.verdict.again, ..now.verdict };
    earlier.verdict == verdict
        && earlier.digest == now.digest
        && earlier.media_type == now.media_type
        && earlier.owner == now.owner
        && earlier.stamp.size == now.stamp.size
        && earlier.stamp.modified == now.stamp.modified
}
