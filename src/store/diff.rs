//! What became different between two scans: files that are new, changed, gone, exposed, protected.

use rusqlite::{Connection, OptionalExtension, params};

use super::Store;
use super::error::StoreError;
use super::known::{COLUMNS, version};
use super::version::Version;
use crate::model::{Change, Delta, Difference, ItemPath, Name, Severity};

struct Compared {
    change: Change,
    newly_exposed: bool,
    newly_protected: bool,
    severity: (Option<Severity>, Option<Severity>),
}

fn compare(old: Option<&Version>, new: Option<&Version>) -> Option<Compared> {
    // Links and the like, and directories that could not be listed, are no files.
    if old.into_iter().chain(new).all(|version| version.stamp.id.is_none() && version.stamp.modified.is_none()) {
        return None;
    }
    let change = match (old, new) {
        (None, Some(_)) => Change::New,
        (Some(_), None) => Change::Gone,
        (Some(old), Some(new)) if old.since != new.since => Change::Changed,
        _ => return None,
    };
    let was_exposed = old.is_some_and(|old| old.verdict.is_exposed);
    let is_exposed = new.is_some_and(|new| new.verdict.is_exposed);
    Some(Compared {
        change,
        newly_exposed: is_exposed && !was_exposed,
        newly_protected: was_exposed && new.is_some_and(|new| !is_exposed && new.verdict.is_sealed),
        severity: (old.map(|old| old.verdict.severity()), new.map(|new| new.verdict.severity())),
    })
}

/// Takes the index of a root, the number of a directory, a name, and what is different.
type Hear<'a> = dyn FnMut(usize, i64, &[u8], Compared) -> Result<(), StoreError> + 'a;

/// Goes through the files of the roots of `new` of which something else is said than in `old`.
fn each(connection: &Connection, (old, new): (i64, i64), to: &mut Hear<'_>) -> Result<(), StoreError> {
    let roots: String = connection.query_row("SELECT roots FROM scan WHERE id = ?", [new], |row| row.get(0))?;
    let roots: Vec<i64> = serde_json::from_str(&roots)?;
    let mut events = connection.prepare(
        "SELECT DISTINCT event.directory, event.name, directory.root FROM event \
         JOIN temp.place AS directory ON directory.id = event.directory WHERE event.scan > ? AND event.scan <= ?",
    )?;
    let sql = format!(
        "SELECT {COLUMNS} FROM file WHERE directory = ? AND name = ? AND since <= ? AND (until IS NULL OR until > ?)"
    );
    let mut at = connection.prepare(&sql)?;
    let mut events = events.query([old, new])?;
    while let Some(event) = events.next()? {
        let (directory, root): (i64, i64) = (event.get(0)?, event.get(2)?);
        let name = event.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        let Some(root) = roots.iter().position(|&other| other == root) else { continue };
        let before = at.query_row(params![directory, name, old, old], version).optional()?;
        let now = at.query_row(params![directory, name, new, new], version).optional()?;
        if let Some(compared) = compare(before.as_ref(), now.as_ref()) {
            to(root, directory, name, compared)?;
        }
    }
    Ok(())
}

/// Directories by their number, as far as something happened in them; the table has no such index.
fn gather_places(connection: &Connection, (old, new): (i64, i64)) -> Result<(), StoreError> {
    connection.execute_batch(
        "CREATE TEMP TABLE IF NOT EXISTS place (id INTEGER PRIMARY KEY, root INTEGER, path BLOB); DELETE FROM temp.place;",
    )?;
    let any: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM event WHERE scan > ? AND scan <= ?)",
        [old, new],
        |row| row.get(0),
    )?;
    if any {
        connection.execute(
            "INSERT INTO temp.place SELECT id, root, path FROM directory \
             WHERE id IN (SELECT directory FROM event WHERE scan > ? AND scan <= ?)",
            [old, new],
        )?;
    }
    Ok(())
}

/// Tells every difference, with its path, and counts them.
fn compared(
    connection: &Connection,
    (old, new): (i64, i64),
    to: &mut dyn FnMut(Difference),
) -> Result<Delta, StoreError> {
    let started = connection.query_row("SELECT started FROM scan WHERE id = ?", [old], |row| row.get(0))?;
    let mut delta = Delta { scan: old.cast_unsigned(), started, ..Delta::default() };
    gather_places(connection, (old, new))?;
    let mut places = connection.prepare("SELECT path FROM temp.place WHERE id = ?")?;
    each(connection, (old, new), &mut |root, directory, name, compared| {
        let path: Vec<u8> = places.query_row([directory], |row| row.get(0))?;
        let Compared { change, newly_exposed, newly_protected, severity } = compared;
        let item = ItemPath::new(root, Name::from_bytes(join(&path, name)));
        let difference = Difference { item, change, newly_exposed, newly_protected, severity };
        delta.count(&difference);
        to(difference);
        Ok(())
    })?;
    Ok(delta)
}

/// With the list of what matters most.
pub(super) fn delta(connection: &Connection, old: i64, new: i64) -> Result<Delta, StoreError> {
    let mut list = Delta::default();
    let mut delta = compared(connection, (old, new), &mut |difference| list.keep(difference))?;
    list.settle();
    delta.files = list.files;
    Ok(delta)
}

impl Store {
    /// Tells what is different in the newer of two finished scans.
    pub fn diff(&self, old: u64, new: u64, to: &mut dyn FnMut(Difference)) -> Result<Delta, StoreError> {
        compared(&self.connection, (old.cast_signed(), new.cast_signed()), to)
    }

    /// The same, with the list of what matters most.
    pub fn delta(&self, old: u64, new: u64) -> Result<Delta, StoreError> {
        delta(&self.connection, old.cast_signed(), new.cast_signed())
    }
}

pub(super) fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = directory.to_vec();
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

/// Paths below which a scan could not look, with their roots.
pub(super) fn holes(connection: &Connection, scan: i64) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let mut rows = connection.prepare("SELECT root, path FROM hole WHERE scan = ?")?;
    let rows = rows.query_map([scan], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether the path lies in one of the holes; what stands at its edge does not.
pub(super) fn is_below(holes: &[(i64, Vec<u8>)], root: i64, path: &[u8]) -> bool {
    holes.iter().any(|(other, hole)| {
        *other == root
            && (hole.is_empty() || path.strip_prefix(hole.as_slice()).is_some_and(|rest| rest.first() == Some(&b'/')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_end_at_a_slash() {
        let holes = [(1, b"a/b".to_vec()), (2, Vec::new())];
        assert!(is_below(&holes, 1, b"a/b/c"));
        assert!(!is_below(&holes, 1, b"a/bc"));
        assert!(!is_below(&holes, 1, b"a/b"));
        assert!(is_below(&holes, 2, b"x"));
        assert!(!is_below(&holes, 3, b"x"));
    }
}
