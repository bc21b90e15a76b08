//! Every content that a file ever had in the history of a repository, each once, with the other contents of its file.

use std::collections::{HashMap, HashSet};

use crate::model::Name;

use super::objects::EntryKind;
use super::{GitError, ObjectId, Objects, Repository, revision};

/// Contents of a file in a row, oldest first; none of them was told before.
#[derive(Clone, Debug)]
pub struct Versions {
    pub path: Name,
    /// What was told of this file last, before these.
    pub before: Option<ObjectId>,
    pub contents: Vec<Version>,
}

/// A content and the commit in which it first appeared.
#[derive(Clone, Copy, Debug)]
pub struct Version {
    pub id: ObjectId,
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
/// Contents of a file that are told at once: what one thread reads without a pause.
const MOST_AT_ONCE: usize = 256;
/// Contents that are gathered before they are told: the first ones soon, then more and more, so that most versions of a
/// file come in a row.
const FIRST_GATHERED: usize = 1 << 12;
const MOST_GATHERED: usize = 1 << 19;

/// Tells every content that a commit reachable from a reference holds, file by file, oldest commits
/// first; `tell` says whether to go on.
pub fn walk(
    repository: &Repository,
    objects: &Objects,
    tell: &mut dyn FnMut(Versions) -> bool,
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
    let mut gathered = Gathered::default();
    let mut enough = FIRST_GATHERED;
    for (_, commit, tree) in commits {
        let mut folders = vec![(Vec::new(), tree)];
        while let Some((prefix, tree)) = folders.pop() {
            if !seen.insert(tree) {
                continue;
            }
            let read = objects.entries(tree, &mut |kind, name, id| {
                let path = || [&*prefix, name].concat();
                match kind {
                    EntryKind::Tree if !seen.contains(&id) => folders.push(([&*path(), b"/"].concat(), id)),
                    EntryKind::File if seen.insert(id) => gathered.add(path(), Version { id, commit }),
                    EntryKind::Tree | EntryKind::File | EntryKind::Link | EntryKind::Submodule => {}
                }
            });
            if let Err(error) = read {
                fault(&mut walked, &error);
            }
            if gathered.count >= enough {
                enough = (enough * 4).min(MOST_GATHERED);
                if !gathered.tell(tell) {
                    return Ok(walked);
                }
            }
        }
    }
    gathered.tell(tell);
    Ok(walked)
}

/// Contents by file, until there are enough to be told.
#[derive(Default)]
struct Gathered {
    files: Vec<Versions>,
    /// Of every path so far: its last content, and the place of its file if that is among `files`.
    known: HashMap<Vec<u8>, (ObjectId, Option<usize>)>,
    count: usize,
}

impl Gathered {
    fn add(&mut self, path: Vec<u8>, version: Version) {
        self.count += 1;
        let known = self.known.get(&path).copied();
        let open = known.and_then(|(_, at)| at).filter(|at| self.contents(*at) < MOST_AT_ONCE);
        let at = open.unwrap_or(self.files.len());
        if let Some(file) = self.files.get_mut(at) {
            file.contents.push(version);
        } else {
            let before = known.map(|(last, _)| last);
            self.files.push(Versions { path: Name::from_bytes(path.clone()), before, contents: vec![version] });
        }
        self.known.insert(path, (version.id, Some(at)));
    }

    fn contents(&self, at: usize) -> usize {
        self.files.get(at).map_or(0, |file| file.contents.len())
    }

    fn tell(&mut self, tell: &mut dyn FnMut(Versions) -> bool) -> bool {
        self.count = 0;
        for (_, at) in self.known.values_mut() {
            *at = None;
        }
        self.files.drain(..).all(tell)
    }
}

fn fault(walked: &mut Walked, error: &GitError) {
    if walked.faults.len() < MOST_FAULTS {
        walked.faults.push(error.to_string());
    }
}
