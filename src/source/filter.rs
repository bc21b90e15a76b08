//! What the user leaves out of the walk.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Globs in the syntax of gitignore, relative to each root.
#[derive(Clone, Debug, Default)]
pub struct Excludes(Option<Gitignore>);

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
            return Ok(Self(None));
        }
        let mut builder = GitignoreBuilder::new("");
        for glob in globs {
            builder.add_line(None, glob).map_err(|source| FilterError { glob: glob.clone(), source })?;
        }
        let built = builder.build().map_err(|source| FilterError { glob: globs.join(" "), source })?;
        Ok(Self(Some(built)))
    }

    /// Whether the entry at this path, relative to its root, is left out.
    pub fn matches(&self, relative: &Path, is_dir: bool) -> bool {
        self.0.as_ref().is_some_and(|globs| globs.matched(relative, is_dir).is_ignore())
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
