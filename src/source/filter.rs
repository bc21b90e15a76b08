//! What the user leaves out of the walk.

use std::fs::Metadata;
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Globs in the syntax of gitignore, relative to each root, and single files.
#[derive(Clone, Debug, Default)]
pub struct Excludes {
    globs: Option<Gitignore>,
    files: Vec<FileId>,
}

/// A file whatever its path: device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileId(u64, u64);

impl FileId {
    /// None where the system has no such numbers.
    #[cfg(unix)]
    pub fn of(metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        Some(Self(metadata.dev(), metadata.ino()))
    }

    /// None where the system has no such numbers.
    #[cfg(not(unix))]
    pub fn of(_metadata: &Metadata) -> Option<Self> {
        None
    }
}

#[derive(Debug, thiserror::Error)]
#[error("not a valid glob: {glob}")]
pub struct FilterError {
    pub glob: String,
    #[source]
    source: ignore::Error,
}

impl Excludes {
    pub fn new(globs: &[String]) -> Result<Self, FilterError> {
        if globs.is_empty() {
            return Ok(Self::default());
        }
        let mut builder = GitignoreBuilder::new("");
        for glob in globs {
            builder.add_line(None, glob).map_err(|source| FilterError { glob: glob.clone(), source })?;
        }
        let built = builder.build().map_err(|source| FilterError { glob: globs.join(" "), source })?;
        Ok(Self { globs: Some(built), files: Vec::new() })
    }

    /// Leaves out these files too: the reports of the scan itself.
    #[must_use]
    pub fn with_files(self, files: Vec<FileId>) -> Self {
        Self { files, ..self }
    }

    /// Whether the entry is one of the single files.
    pub fn is_file(&self, metadata: &Metadata) -> bool {
        !self.files.is_empty() && FileId::of(metadata).is_some_and(|id| self.files.contains(&id))
    }

    /// Whether the entry at this path, relative to its root, is left out.
    pub fn matches(&self, relative: &Path, is_dir: bool) -> bool {
        self.globs.as_ref().is_some_and(|globs| globs.matched(relative, is_dir).is_ignore())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_are_those_of_gitignore() {
        let excludes = Excludes::new(&["*.iso".into(), "/backup/".into(), "!keep.iso".into()]).unwrap();
        let is_out = |path: &str, is_dir| excludes.matches(Path::new(path), is_dir);
        assert!(is_out("a/b/c.iso", false));
        assert!(!is_out("keep.iso", false));
        assert!(is_out("backup", true));
        assert!(!is_out("backup", false));
        assert!(!is_out("a/backup", true));
    }
}
