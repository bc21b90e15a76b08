//! The folders with exposed files as a tree, each with all that lies below it.

use std::collections::BTreeMap;

use super::files::FileFacts;
use super::group::People;
use super::totals::ancestor;
use crate::model::{Name, Severity};

/// Levels below a root, and folders at all levels together.
const DEPTH: usize = 8;
const FOLDERS: usize = 20_000;

/// Each folder with the sum of everything below it. With too many folders the deepest level is
/// given up: its files still count above.
#[derive(Debug)]
pub struct Tree {
    nodes: BTreeMap<(usize, Vec<u8>), Node>,
    depth: usize,
    limit: usize,
}

#[derive(Clone, Debug)]
pub struct Node {
    pub files: u64,
    pub worst: Severity,
    pub people: People,
}

impl Default for Tree {
    fn default() -> Self {
        Self { nodes: BTreeMap::new(), depth: DEPTH, limit: FOLDERS }
    }
}

/// One folder as a list shows it: the parent stands before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub parent: Option<usize>,
    pub root: usize,
    /// The last part of its path; empty for a root.
    pub name: Name,
    pub files: u64,
    pub worst: Severity,
    pub people: u64,
}

impl Tree {
    pub fn add(&mut self, file: &FileFacts) {
        if !file.is_exposed() {
            return;
        }
        let folder = file.folder();
        let parts = if folder.is_empty() { 0 } else { folder.as_bytes().split(|&b| b == b'/').count() };
        for depth in 0..=parts.min(self.depth) {
            let key = (file.root, ancestor(&folder, depth).as_bytes().to_vec());
            let node = self.nodes.entry(key).or_insert_with(|| Node {
                files: 0,
                worst: Severity::None,
                people: People::new(64, 10),
            });
            node.files += 1;
            node.worst = node.worst.max(file.severity);
            node.people.merge(&file.crowd.all);
        }
        while self.nodes.len() > self.limit && self.depth > 0 {
            self.depth -= 1;
            let deepest = self.depth;
            self.nodes.retain(|(_, path), _| level(path) <= deepest);
        }
    }

    /// Parents before their children, by path.
    pub fn rows(&self) -> Vec<Row> {
        let mut places: BTreeMap<(usize, &[u8]), usize> = BTreeMap::new();
        let mut rows = Vec::with_capacity(self.nodes.len());
        for ((root, path), node) in &self.nodes {
            let cut = path.iter().rposition(|&b| b == b'/');
            let parent = match (path.is_empty(), cut) {
                (true, _) => None,
                (false, cut) => places.get(&(*root, path.get(..cut.unwrap_or(0)).unwrap_or_default())).copied(),
            };
            places.insert((*root, path), rows.len());
            rows.push(Row {
                parent,
                root: *root,
                name: Name::from_bytes(path.get(cut.map_or(0, |cut| cut + 1)..).unwrap_or_default()),
                files: node.files,
                worst: node.worst,
                people: node.people.count(),
            });
        }
        rows
    }
}

fn level(path: &[u8]) -> usize {
    if path.is_empty() { 0 } else { path.split(|&b| b == b'/').count() }
}

#[cfg(test)]
mod tests {
    use super::super::files::Files;
    use super::super::sample::found;
    use super::*;
    use crate::model::Category;

    fn tree(limit: usize, paths: &[&str]) -> Tree {
        let mut tree = Tree { limit, ..Tree::default() };
        for (person, path) in (0..).zip(paths) {
            let record = found(path, Severity::Low, &[Category::Email], &[person]);
            tree.add(&Files::default().add(&record).unwrap());
        }
        tree
    }

    fn show(tree: &Tree) -> Vec<String> {
        let rows = tree.rows();
        let above = |row: &Row| row.parent.map(|at| rows[at].name.to_string());
        rows.iter().map(|row| format!("{:?} {} {} {}", above(row), row.name, row.files, row.people)).collect()
    }

    #[test]
    fn every_folder_counts_what_is_below() {
        let tree = tree(100, &["a/b/1", "a/2", "a b/3", "4"]);
        let expected = ["None  4 4", r#"Some("") a 2 2"#, r#"Some("") a b 1 1"#, r#"Some("a") b 1 1"#];
        assert_eq!(show(&tree), expected);
    }

    #[test]
    fn too_many_folders_are_told_apart_less_deep() {
        let tree = tree(3, &["a/b/c/1", "a/x/y/2", "z/3"]);
        assert_eq!(show(&tree), ["None  3 3", r#"Some("") a 2 2"#, r#"Some("") z 1 1"#]);
    }
}
