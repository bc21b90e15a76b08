//! Texts that are said of many files (detectors, reasons, media types), each written once.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension};

use super::error::StoreError;

/// Entries that are remembered in either direction.
const MOST: usize = 20_000;

#[derive(Debug, Default)]
pub(super) struct Words {
    ids: HashMap<String, i64>,
    words: HashMap<i64, Arc<str>>,
}

impl Words {
    /// The number of a text, given to it now if it has none.
    pub(super) fn id(&mut self, connection: &Connection, word: &str) -> Result<i64, StoreError> {
        if let Some(&id) = self.ids.get(word) {
            return Ok(id);
        }
        let known = connection
            .prepare_cached("SELECT id FROM word WHERE word = ?")?
            .query_row([word], |row| row.get(0))
            .optional()?;
        let id = match known {
            Some(id) => id,
            None => connection.prepare_cached("INSERT INTO word (word) VALUES (?)")?.insert([word])?,
        };
        if self.ids.len() >= MOST {
            self.ids.clear();
        }
        self.ids.insert(word.to_owned(), id);
        Ok(id)
    }

    pub(super) fn word(&mut self, connection: &Connection, id: i64) -> Result<Arc<str>, StoreError> {
        if let Some(word) = self.words.get(&id) {
            return Ok(Arc::clone(word));
        }
        let word: String =
            connection.prepare_cached("SELECT word FROM word WHERE id = ?")?.query_row([id], |row| row.get(0))?;
        let word: Arc<str> = word.into();
        if self.words.len() >= MOST {
            self.words.clear();
        }
        self.words.insert(id, Arc::clone(&word));
        Ok(word)
    }
}
