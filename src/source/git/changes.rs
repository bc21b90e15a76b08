//! Which files differ between two trees of a repository: what was added or changed, never what went away.

use std::collections::{HashMap, HashSet};

use crate::model::Name;

use super::objects::{EntryKind, TreeEntry};
use super::{GitError, ObjectId, Objects};

/// Entries that are compared; a tree can repeat itself without end.
pub(super) const MOST_ENTRIES: usize = 50_000_000;

/// A file that is new, or whose content is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub path: Name,
    pub id: ObjectId,
    /// The content that stood at this path before.
    pub old: Option<ObjectId>,
}

/// Changes as they are found, and what went away: a file that only moved is no change.
#[derive(Default)]
pub(super) struct Found {
    changes: Vec<Change>,
    gone: HashSet<ObjectId>,
    gone_trees: Vec<ObjectId>,
    pub(super) entries: usize,
}

impl Found {
    pub(super) fn change(&mut self, path: Vec<u8>, id: ObjectId, old: Option<&TreeEntry>) {
        let old = old.filter(|old| old.kind == EntryKind::File).map(|old| old.id);
        if old != Some(id) {
            self.changes.push(Change { path: Name::from_bytes(path), id, old });
        }
    }

    pub(super) fn gone(&mut self, entry: &TreeEntry) {
        match entry.kind {
            EntryKind::Tree => self.gone_trees.push(entry.id),
            EntryKind::File => drop(self.gone.insert(entry.id)),
            EntryKind::Link | EntryKind::Submodule => {}
        }
    }

    pub(super) fn count(&mut self, entries: usize) -> Result<(), GitError> {
        self.entries = self.entries.saturating_add(entries);
        if self.entries > MOST_ENTRIES { Err(GitError::TooMany) } else { Ok(()) }
    }

    /// The changes by path, without files that moved as they were.
    pub(super) fn finish(mut self, objects: &Objects) -> Result<Vec<Change>, GitError> {
        if self.changes.iter().any(|change| change.old.is_none()) {
            let mut seen = HashSet::new();
            while let Some(tree) = self.gone_trees.pop() {
                if !seen.insert(tree) {
                    continue;
                }
                let entries = objects.tree(tree)?;
                self.count(entries.len())?;
                for entry in &entries {
                    self.gone(entry);
                }
            }
        }
        let Self { mut changes, gone, .. } = self;
        changes.retain(|change| change.old.is_some() || !gone.contains(&change.id));
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(changes)
    }
}

/// What the tree `new` brings beyond `old`; without `old`, all of it.
pub fn between(objects: &Objects, old: Option<ObjectId>, new: ObjectId) -> Result<Vec<Change>, GitError> {
    let mut found = Found::default();
    compare(objects, old, new, Vec::new(), &mut found)?;
    found.finish(objects)
}

/// Adds what the tree `new` brings below `prefix`, which ends with a slash or is empty.
pub(super) fn compare(
    objects: &Objects,
    old: Option<ObjectId>,
    new: ObjectId,
    prefix: Vec<u8>,
    found: &mut Found,
) -> Result<(), GitError> {
    let mut pending = vec![(prefix, old, new)];
    while let Some((prefix, old, new)) = pending.pop() {
        if old == Some(new) {
            continue;
        }
        let mut before = by_name(objects, old)?;
        let entries = objects.tree(new)?;
        found.count(entries.len())?;
        for entry in entries {
            let was = before.remove(&entry.name);
            if was.as_ref().is_some_and(|was| was.id == entry.id && was.kind == entry.kind) {
                continue;
            }
            let mut path = prefix.clone();
            path.extend_from_slice(&entry.name);
            match entry.kind {
                EntryKind::Tree => {
                    path.push(b'/');
                    let was_tree = was.filter(|was| was.kind == EntryKind::Tree).map(|was| was.id);
                    pending.push((path, was_tree, entry.id));
                }
                EntryKind::File => found.change(path, entry.id, was.as_ref()),
                EntryKind::Link | EntryKind::Submodule => {}
            }
        }
        for entry in before.values() {
            found.gone(entry);
        }
    }
    Ok(())
}

/// The entries of a tree, if there is one.
pub(super) fn by_name(objects: &Objects, tree: Option<ObjectId>) -> Result<HashMap<Vec<u8>, TreeEntry>, GitError> {
    let Some(tree) = tree else { return Ok(HashMap::new()) };
    Ok(objects.tree(tree)?.into_iter().map(|entry| (entry.name.clone(), entry)).collect())
}
