//! Every content that a file ever had in the history of a repository, each once, under the first name it had.

use std::collections::HashSet;

use crate::model::Name;

use super::objects::EntryKind;
use super::{GitError, ObjectId, Objects, Repository, revision};

/// A content and where it first appeared.
#[derive(Clone, Debug)]
pub struct Blob {
    pub id: ObjectId,
    pub path: Name,
    pub commit: ObjectId,
}

/// What the walk over the history met besides contents.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    pub commits: u64,
    /// Commits and trees that could not be read.
    pub faults: Vec<String>,
}

/// Faults that are told; a broken repository has many.
const MOST_FAULTS: usize = 100;

/// Tells every content that a commit reachable from a reference holds, oldest commits first;
/// `tell` says whether to go on.
pub fn walk(
    repository: &Repository,
    objects: &Objects,
    tell: &mut dyn FnMut(Blob) -> bool,
) -> Result<Walked, GitError> {
    let mut walked = Walked::default();
    let mut commits = Vec::new();
    let mut seen: HashSet<ObjectId> = HashSet::new();
    let mut pending = revision::tips(repository, objects)?;
    seen.extend(&pending);
    while let Some(id) = pending.pop() {
        match objects.commit(id) {
            Ok(commit) => {
                pending.extend(commit.parents.iter().copied().filter(|parent| seen.insert(*parent)));
                commits.push((commit.time, id, commit.tree));
            }
            Err(GitError::Missing(..)) if repository.is_shallow() => {}
            Err(error) => fault(&mut walked, &error),
        }
    }
    walked.commits = commits.len() as u64;
    commits.sort_unstable();
    for (_, commit, tree) in commits {
        let mut folders = vec![(Vec::new(), tree)];
        while let Some((prefix, tree)) = folders.pop() {
            if !seen.insert(tree) {
                continue;
            }
            let entries = match objects.tree(tree) {
                Ok(entries) => entries,
                Err(error) => {
                    fault(&mut walked, &error);
                    continue;
                }
            };
            for entry in entries {
                let mut path: Vec<u8> = prefix.clone();
                path.extend_from_slice(&entry.name);
                match entry.kind {
                    EntryKind::Tree => {
                        path.push(b'/');
                        folders.push((path, entry.id));
                    }
                    EntryKind::File if seen.insert(entry.id) => {
                        if !tell(Blob { id: entry.id, path: Name::from_bytes(path), commit }) {
                            return Ok(walked);
                        }
                    }
                    EntryKind::File | EntryKind::Link | EntryKind::Submodule => {}
                }
            }
        }
    }
    Ok(walked)
}

fn fault(walked: &mut Walked, error: &GitError) {
    if walked.faults.len() < MOST_FAULTS {
        walked.faults.push(error.to_string());
    }
}
