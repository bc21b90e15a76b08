//! A git repository on disk: where it lies and what it holds, read without the git program.

pub mod changes;
pub mod history;
pub mod objects;
pub mod revision;
pub mod staged;
pub mod worktree;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::model::Name;

pub use gix_hash::ObjectId;
pub use objects::Objects;

/// The only hash that is read here.
const HASH: gix_hash::Kind = gix_hash::Kind::Sha1;
/// What a pack may ask for at once, whatever it declares.
const MOST_BYTES: usize = 512 << 20;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a repository, or something in it, could not be read.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("{0} lies in no git repository")]
    NoRepository(Name),
    #[error("the repository uses {0}, which is not read yet")]
    Unsupported(&'static str),
    #[error("reading {0} of the repository")]
    Unreadable(&'static str, #[source] Cause),
    #[error("the object {0} is not in the repository{1}")]
    Missing(ObjectId, &'static str),
    #[error("the object {0} is not what the repository says of it")]
    Malformed(ObjectId),
    #[error("the object {0} is larger than allowed")]
    TooLarge(ObjectId),
    #[error("`{0}` names no commit here; in a pipeline, fetch enough of the history for it")]
    NoCommit(Name),
    #[error("`{0}` is the beginning of more than one object")]
    Ambiguous(Name),
    #[error("`{0}` and `{1}` have no common history here; in a pipeline, fetch enough of it")]
    NoMergeBase(Name, Name),
    #[error("the repository holds more entries than can be compared")]
    TooMany,
    #[error("`{0}` is no range of revisions; expected BASE...HEAD or BASE..HEAD")]
    NoRange(Name),
}

impl GitError {
    fn unreadable(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Unreadable(what, Box::new(error))
    }

    fn store(error: impl Into<Cause>) -> Self {
        Self::Unreadable("an object", error.into())
    }
}

/// An opened repository; opening reads neither its objects nor its index.
pub struct Repository {
    git_dir: PathBuf,
    /// Of the whole repository, where `git_dir` is of one working tree of several.
    common_dir: PathBuf,
    /// Where the files lie; none in a bare repository.
    work_dir: Option<PathBuf>,
    store: Arc<gix_odb::Store>,
    is_shallow: bool,
    is_partial: bool,
}

impl Repository {
    /// The repository that holds `path`: the nearest one around it.
    pub fn discover(path: &Path) -> Result<Self, GitError> {
        let path = path.canonicalize().map_err(GitError::unreadable("the path"))?;
        for folder in path.ancestors() {
            if let Some(git_dir) = git_dir_in(folder) {
                return Self::open(git_dir, Some(folder.to_path_buf()));
            }
            if is_git_dir(folder) {
                return Self::open(folder.to_path_buf(), None);
            }
        }
        Err(GitError::NoRepository(Name::from_path(&path)))
    }

    fn open(git_dir: PathBuf, work_dir: Option<PathBuf>) -> Result<Self, GitError> {
        // A further working tree shares all but its HEAD and its index.
        let common_dir = match std::fs::read_to_string(git_dir.join("commondir")) {
            Ok(common) => git_dir.join(common.trim_end()),
            Err(_) => git_dir.clone(),
        };
        let config = std::fs::read_to_string(common_dir.join("config")).unwrap_or_default().to_lowercase();
        let sets = |key: &str, value: &str| {
            config.lines().filter_map(|line| line.split_once('=')).any(|(k, v)| k.trim() == key && v.trim() == value)
        };
        if sets("objectformat", "sha256") {
            return Err(GitError::Unsupported("SHA-256 objects"));
        }
        if sets("refstorage", "reftable") {
            return Err(GitError::Unsupported("reftable"));
        }
        let options = gix_odb::store::init::Options { alloc_limit_bytes: Some(MOST_BYTES), ..Default::default() };
        let store = gix_odb::Store::at_opts(common_dir.join("objects"), HASH, &mut std::iter::empty(), options)
            .map_err(GitError::unreadable("the objects"))?;
        Ok(Self {
            is_shallow: common_dir.join("shallow").is_file(),
            is_partial: config.contains("promisor"),
            git_dir,
            common_dir,
            work_dir,
            store: Arc::new(store),
        })
    }

    pub fn work_dir(&self) -> Option<&Path> {
        self.work_dir.as_deref()
    }

    /// Whether the history ends before its beginning, as in most pipelines.
    pub fn is_shallow(&self) -> bool {
        self.is_shallow
    }

    /// Access for one thread.
    pub fn objects(&self) -> Objects {
        Objects::new(&self.store, self.is_partial)
    }

    /// The references, for one thread.
    fn refs(&self) -> gix_ref::file::Store {
        if self.common_dir == self.git_dir {
            gix_ref::file::Store::at(self.git_dir.clone(), HASH)
        } else {
            gix_ref::file::Store::for_linked_worktree(self.git_dir.clone(), self.common_dir.clone(), HASH)
        }
    }

    /// The index: that of a commit under way, if `given` names one of this repository.
    pub fn index_file(&self, given: Option<&Path>) -> PathBuf {
        let own = self.git_dir.join("index");
        let Some(given) = given else { return own };
        let base = self.work_dir.as_deref().unwrap_or(&self.git_dir);
        match base.join(given).canonicalize() {
            Ok(path) if path.starts_with(&self.git_dir) => path,
            _ => own,
        }
    }
}

/// The directory of the repository whose files lie in `folder`.
fn git_dir_in(folder: &Path) -> Option<PathBuf> {
    let dot_git = folder.join(".git");
    let metadata = dot_git.symlink_metadata().ok()?;
    if metadata.is_file() && metadata.len() < 4096 {
        // `gitdir: PATH`, in further working trees and submodules.
        let content = std::fs::read_to_string(&dot_git).ok()?;
        let target = folder.join(content.strip_prefix("gitdir:")?.trim());
        return target.canonicalize().ok().filter(|target| target.join("HEAD").is_file());
    }
    let target = dot_git.canonicalize().ok()?;
    is_git_dir(&target).then_some(target)
}

fn is_git_dir(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir() && folder.join("refs").is_dir()
}
