//! What became of the files of each folder, counted: where those figures lead whose files no list holds.

use std::collections::HashMap;

use super::files::FileFacts;
use super::totals::ancestor;
use crate::model::Name;

/// Folders are told apart down to this depth, less deep if there are more than so many of them, and not at all if
/// there are more than so many below the roots.
const DEPTH: usize = 3;
const FOLDERS: usize = 1_000;
const TOP_FOLDERS: usize = 20_000;

/// Files by folder and by their fate, of every file of the scan, in bounded memory.
#[derive(Debug)]
pub struct Coverage {
    depth: usize,
    limit: usize,
    folders: HashMap<(usize, Name), Covered>,
}

/// What became of the files of a folder, those of deeper folders included where it is as deep as folders are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// By [`super::Fate`].
    pub fates: [u64; 5],
    /// What lies inside these files, at any depth.
    pub members: u64,
    /// Not read again, for they have not changed.
    pub unchanged: u64,
}

/// A folder, by its root and path.
pub type Row<'a> = (&'a (usize, Name), Covered);

impl Covered {
    /// All of its files.
    pub fn files(&self) -> u64 {
        self.fates.iter().sum()
    }

    /// Adds what another folder has.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.fates.iter_mut().zip(other.fates) {
            *mine += theirs;
        }
        self.members += other.members;
        self.unchanged += other.unchanged;
    }

    fn unread(&self) -> u64 {
        let [_, in_part, not_read, ..] = self.fates;
        in_part + not_read
    }
}

impl Default for Coverage {
    fn default() -> Self {
        Self { depth: DEPTH, limit: FOLDERS, folders: HashMap::new() }
    }
}

impl Coverage {
    pub fn add(&mut self, file: &FileFacts, unchanged: bool) {
        let key = (file.root, ancestor(&file.folder(), self.depth));
        let folder = self.folders.entry(key).or_default();
        if let Some(files) = folder.fates.get_mut(file.fate as usize) {
            *files += 1;
        }
        folder.members += file.members;
        folder.unchanged += u64::from(unchanged);
        while self.depth > 0 && self.folders.len() > if self.depth > 1 { self.limit } else { TOP_FOLDERS } {
            self.depth -= 1;
            let mut shallower: HashMap<(usize, Name), Covered> = HashMap::new();
            for ((root, path), covered) in self.folders.drain() {
                shallower.entry((root, ancestor(&path, self.depth))).or_default().merge(&covered);
            }
            self.folders = shallower;
        }
    }

    /// How deep folders are told apart.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Most unread files first, then most files; and the sum of those beyond `most`, with their number.
    pub fn rows(&self, most: usize) -> (Vec<Row<'_>>, (u64, Covered)) {
        let mut rows: Vec<_> = self.folders.iter().map(|(path, covered)| (path, *covered)).collect();
        rows.sort_by(|(a_path, a), (b_path, b)| {
            (b.unread(), b.files()).cmp(&(a.unread(), a.files())).then_with(|| a_path.cmp(b_path))
        });
        let rest = rows.split_off(rows.len().min(most));
        let mut sum = Covered::default();
        for (_, covered) in &rest {
            sum.merge(covered);
        }
        (rows, (rest.len() as u64, sum))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fate::Fate;
    use super::super::files::Files;
    use super::super::sample::{item, read, share};
    use super::*;
    use crate::model::{ItemRecord, Outcome, Reason};

    fn coverage(limit: usize, records: &[ItemRecord]) -> Coverage {
        let mut coverage = Coverage { limit, ..Coverage::default() };
        let mut files = Files::default();
        for file in records.iter().filter_map(|record| files.add(record)) {
            coverage.add(&file, file.path.to_string().contains("old"));
        }
        coverage
    }

    fn show(coverage: &Coverage, most: usize) -> Vec<String> {
        let (rows, (folders, rest)) = coverage.rows(most);
        let show = |name: &str, covered: Covered| {
            format!("{name} {:?} {} {}", covered.fates, covered.members, covered.unchanged)
        };
        let rows = rows.iter().map(|((_, path), covered)| show(&path.to_string(), *covered));
        rows.chain([show(&folders.to_string(), rest)]).collect()
    }

    #[test]
    fn folders_with_unread_files_come_first_and_the_rest_is_summed() {
        let records = [
            read("a/b/c/d/1"),
            read("a/b/c/2 old"),
            item("x/1", Outcome::Unreadable, &[Reason::Malformed]),
            read("top"),
            read("y/1.zip!/z"),
            read("y/1.zip"),
        ];
        let all = ["x [0, 0, 1, 0, 0] 0 0", "a/b/c [2, 0, 0, 0, 0] 0 1"];
        assert_eq!(show(&coverage(9, &records), 2), [all[0], all[1], "2 [2, 0, 0, 0, 0] 1 0"]);
        assert_eq!(show(&coverage(3, &records), 9)[1], "a [2, 0, 0, 0, 0] 0 1", "less deep");
    }

    #[test]
    fn every_file_is_in_a_folder() {
        let coverage = coverage(9, &share());
        let files: u64 = coverage.rows(0).1.1.files();
        assert_eq!(files, share().iter().filter(|record| record.item.members.is_empty()).count() as u64);
        let fates = [Fate::Read, Fate::ReadInPart, Fate::NotRead, Fate::Sealed, Fate::LeftOut];
        for (at, fate) in fates.into_iter().enumerate() {
            assert_eq!(fate as usize, at);
        }
    }
}
