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
/// Bytes of folders that are kept, to tell what is new in the next ones.
const MOST_OF_FOLDERS: usize = 64 << 20;

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
    // The bytes of folders as they were in the commit before, by their paths.
    let (mut folders_before, mut kept): (HashMap<Vec<u8>, Vec<u8>>, usize) = (HashMap::new(), 0);
    for (_, commit, tree) in commits {
        let mut folders = vec![(Vec::new(), tree)];
        while let Some((prefix, tree)) = folders.pop() {
            if !seen.insert(tree) {
                continue;
            }
            // Most of a folder is what it was before.
            let before = folders_before.remove(&prefix).unwrap_or_default();
            kept -= before.len();
            let read = objects.entries_beside(tree, &before, &mut |kind, name, id| {
                let path = || [&*prefix, name].concat();
                match kind {
                    EntryKind::Tree if !seen.contains(&id) => folders.push(([&*path(), b"/"].concat(), id)),
                    EntryKind::File if seen.insert(id) => gathered.add(path(), Version { id, commit }),
                    EntryKind::Tree | EntryKind::File | EntryKind::Link | EntryKind::Submodule => {}
                }
            });
            match read {
                Ok(bytes) if kept + bytes.len() <= MOST_OF_FOLDERS => {
                    kept += bytes.len();
                    folders_before.insert(prefix, bytes);
                }
                Ok(_) => {}
                Err(error) => fault(&mut walked, &error),
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::process::Command;

    use super::*;

    /// Files that become folders and the other way, and names of which folders come elsewhere in the order than files.
    #[test]
    #[expect(clippy::print_stderr, reason = "a test that is left out says so")]
    fn all_contents_are_told_once_however_folders_change() {
        if Command::new("git").arg("--version").output().is_err() {
            eprintln!("*** GIT IS NOT INSTALLED: the walk over a history is NOT COMPARED with it ***");
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str]| {
            let settings = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
            let mut command = Command::new("git");
            command.args(settings).args(arguments).current_dir(dir.path());
            let output = command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null").output();
            let output = output.unwrap();
            assert!(output.status.success(), "{arguments:?}: {output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        git(&["init", "-q", "-b", "main"]);
        let mut state = 5_u64;
        let mut below = |limit: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % limit
        };
        let paths = ["a", "a-b", "a.b", "a/b", "a/b/c", "a0", "a/b-c", "b/a", "b/a-", "b/a/a", "b-", "c"];
        for commit in 0..60 {
            for _ in 0..=below(3) {
                let path = dir.path().join(paths[below(paths.len())]);
                let mut above = path.parent().unwrap();
                while above.starts_with(dir.path()) && above != dir.path() {
                    let _ = fs::remove_file(above);
                    above = above.parent().unwrap();
                }
                let _ = fs::remove_dir_all(&path);
                if below(4) == 0 {
                    let _ = fs::remove_file(&path);
                } else {
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(&path, format!("content {}", below(200))).unwrap();
                }
            }
            git(&["add", "-A"]);
            git(&["commit", "-q", "--allow-empty", "-m", &commit.to_string()]);
        }
        let listed = git(&["cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)"]);
        let expected: BTreeSet<String> =
            listed.lines().filter_map(|line| line.strip_prefix("blob ")).map(str::to_owned).collect();
        let repository = Repository::discover(dir.path()).unwrap();
        let objects = repository.objects();
        let mut told: Vec<String> = Vec::new();
        let walked = walk(&repository, &objects, &mut |file| {
            told.extend(file.contents.iter().map(|version| version.id.to_string()));
            true
        });
        assert!(walked.unwrap().faults.is_empty() && expected.len() > 50);
        assert_eq!(told.len(), expected.len());
        assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), expected);
    }
}
