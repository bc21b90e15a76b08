//! The tables of a state, and how an older state becomes a current one.

use rusqlite::Connection;

use super::error::StoreError;

/// One step for each version of the schema; a step is never changed once it was released.
pub(super) const STEPS: &[&str] = &[FIRST, BIRTHS, TOGETHER];

/// A file is one row for every version of it that was seen, valid from the scan `since` up to
/// the scan `until` (none: still). A clean file is nothing but that row. `directory`, `name` is
/// the order of the table, so that a directory is read in one go and no index repeats names.
///
/// What is more than clean has rows in `item` (the file: `n` 0; members from 1) under the number
/// of the version, with its findings and people, and below these in `problem`.
const FIRST: &str = "
CREATE TABLE fact (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE word (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE);
CREATE TABLE root (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE);
CREATE TABLE scan (
    id INTEGER PRIMARY KEY,
    started TEXT NOT NULL,
    ended TEXT,
    status TEXT NOT NULL,
    header TEXT NOT NULL,
    roots TEXT NOT NULL,
    policy INTEGER NOT NULL,
    full INTEGER NOT NULL,
    runs INTEGER NOT NULL,
    summary TEXT
);
CREATE TABLE directory (
    root INTEGER NOT NULL,
    path BLOB NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (root, path)
) WITHOUT ROWID;
CREATE TABLE file (
    directory INTEGER NOT NULL,
    name BLOB NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    id INTEGER NOT NULL,
    size INTEGER NOT NULL,
    modified INTEGER,
    changed INTEGER,
    born INTEGER,
    number INTEGER,
    owner INTEGER,
    media_type INTEGER NOT NULL,
    verdict INTEGER NOT NULL,
    policy INTEGER NOT NULL,
    read_in INTEGER NOT NULL,
    digest INTEGER,
    PRIMARY KEY (directory, name, since)
) WITHOUT ROWID;
CREATE TABLE item (
    file INTEGER NOT NULL,
    n INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (file, n)
) WITHOUT ROWID;
CREATE TABLE finding (
    file INTEGER NOT NULL,
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    detector INTEGER NOT NULL,
    category TEXT NOT NULL,
    confidence REAL NOT NULL,
    place TEXT NOT NULL,
    why INTEGER NOT NULL,
    sample TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    subject TEXT,
    PRIMARY KEY (file, n, at)
) WITHOUT ROWID;
CREATE TABLE problem (
    file INTEGER NOT NULL,
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    stage TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    members TEXT NOT NULL,
    PRIMARY KEY (file, n, at)
) WITHOUT ROWID;
CREATE TABLE subject (
    file INTEGER NOT NULL,
    n INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    PRIMARY KEY (file, n, subject)
) WITHOUT ROWID;
-- Files whose members are being written while the file itself is not done.
CREATE TABLE pending (file INTEGER PRIMARY KEY);
-- What became different: found again without a look at every file.
CREATE TABLE event (
    scan INTEGER NOT NULL,
    directory INTEGER NOT NULL,
    name BLOB NOT NULL,
    PRIMARY KEY (scan, directory, name)
) WITHOUT ROWID;
-- Below these paths a scan could not look, or was told not to.
CREATE TABLE hole (
    scan INTEGER NOT NULL,
    root INTEGER NOT NULL,
    path BLOB NOT NULL,
    PRIMARY KEY (scan, root, path)
) WITHOUT ROWID;
CREATE TABLE run (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    scan INTEGER NOT NULL,
    process INTEGER NOT NULL,
    started TEXT NOT NULL,
    updated TEXT NOT NULL,
    files INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    found INTEGER NOT NULL
);
";

/// The year of birth that a finding says: negative where the century is not certain.
const BIRTHS: &str = "ALTER TABLE finding ADD COLUMN born INTEGER;";

/// Findings and people of an item are lists in its row, in JSON; they were rows of their own.
const TOGETHER: &str = "
ALTER TABLE item ADD COLUMN findings TEXT;
ALTER TABLE item ADD COLUMN subjects TEXT;
UPDATE item SET findings = (
    SELECT json_group_array(json_array(
        detector, category, confidence, json(place), why, sample, fingerprint, subject, born) ORDER BY at)
    FROM finding WHERE finding.file = item.file AND finding.n = item.n
) WHERE EXISTS (SELECT 1 FROM finding WHERE finding.file = item.file AND finding.n = item.n);
UPDATE item SET subjects = (
    SELECT json_group_array(subject ORDER BY subject) FROM subject
    WHERE subject.file = item.file AND subject.n = item.n
) WHERE EXISTS (SELECT 1 FROM subject WHERE subject.file = item.file AND subject.n = item.n);
DROP TABLE finding;
DROP TABLE subject;
";

/// Brings the state to the current version, in one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let current = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > current {
        return Err(StoreError::Newer);
    }
    if version == current {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    for step in STEPS.iter().skip(usize::try_from(version).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", current)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_state_is_current_and_a_newer_one_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema WHERE type = 'table'", [], |r| r.get(0)).unwrap();
        assert_eq!(tables, 12);
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(migrate(&mut connection), Err(StoreError::Newer)));
    }
}
