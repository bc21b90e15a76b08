//! What the state knows of the files of a scan: asked by each thread of the walk, a directory at a time.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row};

use super::error::StoreError;
use super::kept;
use super::version::{Verdict, Version, written};
use super::words::Words;
use crate::model::{Exposure, ItemPath, ItemRecord, Name, Outcome, Stamp};

/// Directories that a thread keeps at hand, and the files of one beyond which it asks for each.
const DIRECTORIES: usize = 64;
const FILES: usize = 4096;

pub(super) const COLUMNS: &str = "directory, name, since, id, size, modified, changed, born, number, owner, \
                                  media_type, verdict, policy, read_in, digest";

/// One connection that only reads; it sees what is committed.
pub struct Known {
    connection: Connection,
    words: Words,
    /// Numbers in the state of the roots of the scan, in their order.
    roots: Arc<[i64]>,
    /// Of each root, by path.
    cache: Vec<HashMap<Box<[u8]>, Directory>>,
    clock: u64,
}

struct Directory {
    id: Option<i64>,
    /// In the order of the names; none if there are too many to hold.
    files: Option<Vec<(Box<[u8]>, Version)>>,
    used: u64,
}

impl Known {
    pub(super) fn new(connection: Connection, roots: Arc<[i64]>) -> Self {
        let cache = roots.iter().map(|_| HashMap::new()).collect();
        Self { connection, words: Words::default(), roots, cache, clock: 0 }
    }

    /// The current version of the file at a path.
    pub fn find(&mut self, root: usize, path: &Name) -> Result<Option<Version>, StoreError> {
        let (directory, name) = split(path.as_bytes());
        self.clock += 1;
        if !self.cache.get(root).is_some_and(|cache| cache.contains_key(directory)) {
            self.make_room();
            let loaded = self.load(root, directory)?;
            let Some(cache) = self.cache.get_mut(root) else { return Ok(None) };
            cache.insert(directory.into(), loaded);
        }
        let Some(known) = self.cache.get_mut(root).and_then(|cache| cache.get_mut(directory)) else { return Ok(None) };
        known.used = self.clock;
        let Some(id) = known.id else { return Ok(None) };
        if let Some(files) = &known.files {
            let at = files.binary_search_by(|(other, _)| (**other).cmp(name));
            return Ok(at.ok().and_then(|at| files.get(at)).map(|(_, version)| version.clone()));
        }
        let sql = format!("SELECT {COLUMNS} FROM file WHERE directory = ? AND name = ? AND until IS NULL");
        Ok(self.connection.prepare_cached(&sql)?.query_row((id, name), version).optional()?)
    }

    fn make_room(&mut self) {
        let mut used: Vec<u64> = self.cache.iter().flat_map(HashMap::values).map(|directory| directory.used).collect();
        if used.len() < DIRECTORIES {
            return;
        }
        used.sort_unstable();
        let middle = used.get(used.len() / 2).copied().unwrap_or(0);
        for cache in &mut self.cache {
            cache.retain(|_, directory| directory.used > middle);
        }
    }

    fn load(&self, root: usize, path: &[u8]) -> Result<Directory, StoreError> {
        let nothing = Directory { id: None, files: Some(Vec::new()), used: 0 };
        let Some(&root) = self.roots.get(root) else { return Ok(nothing) };
        let mut directories = self.connection.prepare_cached("SELECT id FROM directory WHERE root = ? AND path = ?")?;
        let Some(id) = directories.query_row((root, path), |row| row.get(0)).optional()? else { return Ok(nothing) };
        let sql = format!("SELECT {COLUMNS} FROM file WHERE directory = ? AND until IS NULL ORDER BY name");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([id])?;
        let mut files = Vec::new();
        while let Some(row) = rows.next()? {
            if files.len() == FILES {
                return Ok(Directory { id: Some(id), files: None, used: 0 });
            }
            files.push((row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?.into(), version(row)?));
        }
        Ok(Directory { id: Some(id), files: Some(files), used: 0 })
    }

    /// The records of a version, those of members before that of the file. `exposure` is that of now.
    pub fn records(
        &mut self,
        version: &Version,
        item: ItemPath,
        exposure: Exposure,
        to: &mut dyn FnMut(ItemRecord),
    ) -> Result<(), StoreError> {
        records(&self.connection, &mut self.words, version, (item, exposure), to)
    }
}

/// Directory and name of a path below a root.
pub(super) fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(slash) => (path.get(..slash).unwrap_or_default(), path.get(slash + 1..).unwrap_or_default()),
        None => (&[], path),
    }
}

/// A row of [`COLUMNS`].
pub(super) fn version(row: &Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        directory: row.get(0)?,
        since: row.get(2)?,
        id: row.get(3)?,
        stamp: Stamp {
            size: row.get::<_, i64>(4)?.cast_unsigned(),
            modified: row.get(5)?,
            changed: row.get(6)?,
            born: row.get(7)?,
            device: None,
            id: row.get::<_, Option<i64>>(8)?.map(i64::cast_unsigned),
        },
        owner: row.get(9)?,
        media_type: row.get(10)?,
        verdict: Verdict::unpacked(row.get(11)?),
        policy: row.get(12)?,
        read_in: row.get(13)?,
        digest: row.get(14)?,
    })
}

pub(super) fn records(
    connection: &Connection,
    words: &mut Words,
    version: &Version,
    (item, exposure): (ItemPath, Exposure),
    to: &mut dyn FnMut(ItemRecord),
) -> Result<(), StoreError> {
    if version.verdict.has_items {
        return kept::read(connection, words, version.id, (&item, &exposure), to);
    }
    to(ItemRecord {
        item,
        size: version.stamp.size,
        modified: written(version.stamp.modified),
        media_type: words.word(connection, version.media_type)?.to_string().into(),
        outcome: Some(Outcome::Read),
        exposure,
        ..ItemRecord::default()
    });
    Ok(())
}
