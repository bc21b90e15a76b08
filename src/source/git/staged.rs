//! What the next commit would bring: the index against the commit that is checked out.

use std::ops::Range;
use std::path::Path;

use gix_index::entry::Mode;
use gix_index::extension::Tree;

use super::changes::{Change, Found, by_name, compare};
use super::objects::EntryKind;
use super::{GitError, HASH, MOST_BYTES, ObjectId, Objects, Repository, revision};

/// A folder of the index and what stands for it on both sides.
struct Folder<'a> {
    /// Ends with a slash, or is empty.
    prefix: Vec<u8>,
    entries: Range<usize>,
    /// Its tree in the commit.
    tree: Option<ObjectId>,
    /// What the index remembers of the tree it would become.
    cached: Option<&'a Tree>,
}

fn read_index(path: &Path) -> Result<gix_index::File, GitError> {
    let options = gix_index::decode::Options { alloc_limit_bytes: Some(MOST_BYTES), ..Default::default() };
    // The sum over the whole file costs as much as reading it, and guards against nothing here.
    gix_index::File::at_or_default(path, HASH, true, options)
        .map_err(|error| GitError::Unreadable("the index", error.into()))
}

/// Files that are staged and differ from the commit that is checked out.
pub fn staged(repository: &Repository, objects: &Objects, index: &Path) -> Result<Vec<Change>, GitError> {
    let index = read_index(index)?;
    let head = revision::head(repository, objects)?;
    let tree = head.map(|head| objects.commit(head)).transpose()?.map(|commit| commit.tree);
    let all = index.entries();
    let mut found = Found::default();
    let mut pending = vec![Folder { prefix: Vec::new(), entries: 0..all.len(), tree, cached: index.tree() }];
    while let Some(Folder { prefix, entries, tree, cached }) = pending.pop() {
        // Untouched folders end here: neither their entries nor their trees are looked at.
        let is_cached = |cached: &&Tree| cached.num_entries.is_some_and(|n| n as usize == entries.len());
        if tree.is_some() && cached.filter(is_cached).map(|cached| cached.id) == tree {
            continue;
        }
        let mut before = by_name(objects, tree)?;
        found.count(entries.len())?;
        let mut at = entries.start;
        while let Some(entry) = all.get(at).filter(|_| at < entries.end) {
            let path = entry.path(&index);
            let rest = path.get(prefix.len()..).unwrap_or_default();
            let Some(slash) = rest.iter().position(|byte| *byte == b'/') else {
                at += 1;
                let was = before.remove(rest);
                let is_file = entry.mode == Mode::FILE || entry.mode == Mode::FILE_EXECUTABLE;
                if is_file {
                    found.change(path.to_vec(), entry.id, was.as_ref());
                }
                continue;
            };
            let (name, child) = rest.split_at(slash);
            let mut below = prefix.clone();
            below.extend_from_slice(name);
            below.push(b'/');
            let was = before.remove(name).filter(|was| was.kind == EntryKind::Tree).map(|was| was.id);
            if child.len() == 1 {
                // A folder that a sparse index holds as one.
                at += 1;
                compare(objects, was, entry.id, below, &mut found)?;
                continue;
            }
            let same = |entry: &gix_index::Entry| entry.path(&index).starts_with(&below);
            let tail = all.get(at..entries.end).unwrap_or_default();
            let end = at + tail.partition_point(same).max(1);
            let cached = cached.and_then(|cached| cached.children.iter().find(|child| child.name.as_slice() == name));
            pending.push(Folder { prefix: below, entries: at..end, tree: was, cached });
            at = end;
        }
        for entry in before.values() {
            found.gone(entry);
        }
    }
    found.finish(objects)
}

/// The paths of all files that the repository tracks.
pub fn tracked(index: &Path) -> Result<Vec<Vec<u8>>, GitError> {
    let index = read_index(index)?;
    let is_file = |entry: &&gix_index::Entry| entry.mode == Mode::FILE || entry.mode == Mode::FILE_EXECUTABLE;
    Ok(index.entries().iter().filter(is_file).map(|entry| entry.path(&index).to_vec()).collect())
}
