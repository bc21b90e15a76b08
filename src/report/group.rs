//! Files counted together, by category or by folder, with the people in them.

use std::collections::HashMap;

use super::distinct::Distinct;
use crate::model::{ItemRecord, Name, Severity};

/// Folders are told apart down to this depth, and above it if there are more than `FOLDERS`.
const FOLDER_DEPTH: usize = 3;
const FOLDERS: usize = 50_000;

/// Files that have something in common, and the people in them.
#[derive(Clone, Debug, Default)]
pub struct Group {
    pub files: u64,
    pub worst: Severity,
    pub people: People,
}

/// Distinct people; a floor if an item had more than its record keeps.
#[derive(Clone, Debug)]
pub struct People {
    pub(super) distinct: Distinct,
    most: u64,
    pub at_least: bool,
}

impl Default for People {
    /// About 2 MB at most.
    fn default() -> Self {
        Self::new(100_000, 14)
    }
}

impl People {
    /// Of one file: at most about 1 KB.
    pub(super) fn small() -> Self {
        Self::new(64, 10)
    }

    pub(super) fn new(limit: usize, precision: u8) -> Self {
        Self { distinct: Distinct::new(limit, precision), most: 0, at_least: false }
    }

    pub(super) fn add(&mut self, record: &ItemRecord) {
        record.subjects.iter().for_each(|&subject| self.distinct.insert(subject));
        self.most = self.most.max(record.subject_count());
        self.at_least |= record.subjects_beyond > 0;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.distinct.merge(&other.distinct);
        self.most = self.most.max(other.most);
        self.at_least |= other.at_least;
    }

    pub(super) fn coarsen(&mut self, limit: usize, precision: u8) {
        self.distinct.coarsen(limit, precision);
    }

    pub fn count(&self) -> u64 {
        self.distinct.count().max(self.most)
    }

    /// The most in one item.
    pub(super) fn most(&self) -> u64 {
        self.most
    }
}

/// Folders with exposed files, at the depth at which they are not too many.
#[derive(Debug)]
pub struct Folders {
    depth: usize,
    limit: usize,
    pub groups: HashMap<(usize, Name), Group>,
}

impl Default for Folders {
    fn default() -> Self {
        Self { depth: FOLDER_DEPTH, limit: FOLDERS, groups: HashMap::new() }
    }
}

impl Folders {
    pub(super) fn add(&mut self, root: usize, path: &Name, severity: Severity, people: &People) {
        let group = self.groups.entry((root, folder(path, self.depth))).or_insert_with(small_group);
        group.add(severity, people);
        while self.groups.len() > self.limit && self.depth > 0 {
            self.depth -= 1;
            let mut shallower: HashMap<(usize, Name), Group> = HashMap::new();
            for ((root, path), group) in self.groups.drain() {
                let into = shallower.entry((root, ancestor(&path, self.depth))).or_insert_with(small_group);
                into.files += group.files;
                into.worst = into.worst.max(group.worst);
                into.people.merge(&group.people);
            }
            self.groups = shallower;
        }
    }

    /// Most at risk first.
    pub fn ranked(&self) -> Vec<(&(usize, Name), &Group)> {
        let mut folders: Vec<_> = self.groups.iter().map(|(path, group)| (path, group, group.people.count())).collect();
        folders.sort_by(|(a_path, a, a_people), (b_path, b, b_people)| {
            (b.worst, b_people, b.files).cmp(&(a.worst, a_people, a.files)).then_with(|| a_path.cmp(b_path))
        });
        folders.into_iter().map(|(path, group, _)| (path, group)).collect()
    }
}

/// About 1 KB at most, for there may be many.
fn small_group() -> Group {
    Group { people: People::small(), ..Group::default() }
}

impl Group {
    pub(super) fn add(&mut self, severity: Severity, people: &People) {
        self.files += 1;
        self.worst = self.worst.max(severity);
        self.people.merge(people);
    }
}

/// The first `depth` folders of the path of a file.
fn folder(path: &Name, depth: usize) -> Name {
    let bytes = path.as_bytes();
    let end = bytes.iter().rposition(|&b| b == b'/').unwrap_or(0);
    ancestor(&Name::from_bytes(bytes.get(..end).unwrap_or_default()), depth)
}

fn ancestor(folder: &Name, depth: usize) -> Name {
    let parts: Vec<&[u8]> = folder.as_bytes().split(|&b| b == b'/').take(depth).collect();
    Name::from_bytes(parts.join(&b'/'))
}

#[cfg(test)]
mod tests {
    use super::super::sample::found;
    use super::*;

    #[test]
    fn too_many_folders_are_counted_further_up() {
        let mut folders = Folders { limit: 2, ..Folders::default() };
        let people = |person| {
            let mut people = People::default();
            people.add(&found("x", Severity::Low, &[], &[person]));
            people
        };
        folders.add(0, &"a/b/c/d/1".into(), Severity::High, &people(1));
        folders.add(0, &"a/b/c/2".into(), Severity::Low, &people(1));
        folders.add(0, &"3".into(), Severity::Low, &people(2));
        let paths = |folders: &Folders| {
            let show = |((_, path), group): (&(usize, Name), &Group)| {
                format!("{path}:{}:{}:{}", group.files, group.people.count(), group.worst.key())
            };
            folders.ranked().into_iter().map(show).collect::<Vec<_>>()
        };
        assert_eq!(paths(&folders), ["a/b/c:2:1:high", ":1:1:low"]);
        folders.add(0, &"a/x/4".into(), Severity::Critical, &people(3));
        assert_eq!(paths(&folders), ["a:3:2:critical", ":1:1:low"]);
        folders.add(0, &"b/5".into(), Severity::Low, &people(4));
        assert_eq!(paths(&folders), [":5:4:critical"]);
    }
}
