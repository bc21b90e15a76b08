//! The objects of a repository: commits, trees and the contents of files, each read within a limit.

use std::sync::Arc;

use gix_object::{CommitRefIter, Find, Kind, TagRefIter, TreeRefIter};
use gix_odb::Header;
use gix_odb::pack::cache::lru::MemoryCappedHashmap;

use super::{GitError, HASH, MOST_BYTES, ObjectId};

/// Commits, trees and tags beyond this are not made by people.
const MOST_OF_STRUCTURE: u64 = 256 << 20;
/// Bytes of objects that are kept because others are stored as differences from them.
const MOST_OF_BASES: usize = 32 << 20;
/// Tags of tags that are followed.
const MOST_TAGS: usize = 16;

/// What stands at a name of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    Tree,
    File,
    Link,
    /// The commit of another repository.
    Submodule,
}

#[derive(Clone, Debug)]
pub struct TreeEntry {
    pub name: Vec<u8>,
    pub kind: EntryKind,
    pub id: ObjectId,
}

#[derive(Clone, Debug)]
pub struct Commit {
    pub tree: ObjectId,
    pub parents: Vec<ObjectId>,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
}

/// The objects as one thread reads them.
pub struct Objects {
    odb: gix_odb::Cache<gix_odb::store::Handle<Arc<gix_odb::Store>>>,
    is_partial: bool,
}

impl Objects {
    pub(super) fn new(store: &Arc<gix_odb::Store>, is_partial: bool) -> Self {
        Self { odb: store.to_cache_arc(), is_partial }
    }

    /// Keeps what objects are made of in memory, for a walk over many that are alike.
    #[must_use]
    pub fn with_bases(mut self) -> Self {
        self.odb.set_pack_cache(|| Box::new(MemoryCappedHashmap::new(MOST_OF_BASES)));
        self
    }

    fn missing(&self, id: ObjectId) -> GitError {
        GitError::Missing(id, if self.is_partial { "; it was cloned in part" } else { "" })
    }

    fn read(&self, id: ObjectId, limit: u64) -> Result<(Kind, Vec<u8>), GitError> {
        let mut bytes = Vec::new();
        let kind = match Find::try_find(&self.odb, &id, &mut bytes) {
            Ok(Some(data)) => data.kind,
            Ok(None) => return Err(self.missing(id)),
            // What the store refuses may be larger than it takes at once: only its header says so.
            Err(error) => {
                let header = Header::try_header(&self.odb, &id).ok().flatten();
                let is_larger = header.is_some_and(|header| header.size() > limit.min(MOST_BYTES as u64));
                return Err(if is_larger { GitError::TooLarge(id) } else { GitError::store(error) });
            }
        };
        if bytes.len() as u64 > limit { Err(GitError::TooLarge(id)) } else { Ok((kind, bytes)) }
    }

    /// The content of a file, of at most `limit` bytes.
    pub fn blob(&self, id: ObjectId, limit: u64) -> Result<Vec<u8>, GitError> {
        match self.read(id, limit)? {
            (Kind::Blob, bytes) => Ok(bytes),
            _ => Err(GitError::Malformed(id)),
        }
    }

    pub fn commit(&self, id: ObjectId) -> Result<Commit, GitError> {
        let (kind, bytes) = self.read(id, MOST_OF_STRUCTURE)?;
        if kind != Kind::Commit {
            return Err(GitError::Malformed(id));
        }
        let commit = CommitRefIter::from_bytes(&bytes, HASH);
        let mut start = commit;
        let tree = start.tree_id().map_err(|_| GitError::Malformed(id))?;
        let time = commit.committer().map_or(0, |signature| signature.seconds());
        Ok(Commit { tree, parents: commit.parent_ids().collect(), time })
    }

    pub fn tree(&self, id: ObjectId) -> Result<Vec<TreeEntry>, GitError> {
        let mut entries = Vec::new();
        self.entries_beside(id, &[], &mut |kind, name, id| {
            entries.push(TreeEntry { name: name.to_vec(), kind, id });
        })?;
        Ok(entries)
    }

    /// Tells the entries of a tree that another one, of which these are the bytes, does not have, and perhaps some that it
    /// has; on an error, those before it. Its own bytes, for the next one.
    pub(super) fn entries_beside(
        &self,
        id: ObjectId,
        other: &[u8],
        tell: &mut dyn FnMut(EntryKind, &[u8], ObjectId),
    ) -> Result<Vec<u8>, GitError> {
        let (kind, bytes) = self.read(id, MOST_OF_STRUCTURE)?;
        if kind != Kind::Tree {
            return Err(GitError::Malformed(id));
        }
        let mut others = TreeRefIter::from_bytes(other, HASH).map_while(Result::ok).peekable();
        for entry in TreeRefIter::from_bytes(&bytes, HASH) {
            let entry = entry.map_err(|_| GitError::Malformed(id))?;
            // Both are in order, folders a little differently: those are found again or told again.
            while others.next_if(|other| other.filename < entry.filename).is_some() {}
            if others.next_if(|other| *other == entry).is_some() {
                continue;
            }
            let kind = match entry.mode {
                mode if mode.is_tree() => EntryKind::Tree,
                mode if mode.is_link() => EntryKind::Link,
                mode if mode.is_commit() => EntryKind::Submodule,
                _ => EntryKind::File,
            };
            tell(kind, entry.filename, entry.oid.to_owned());
        }
        Ok(bytes)
    }

    /// The commit that a tag, perhaps of a tag, stands for; none for a tree or a file.
    pub fn peel(&self, id: ObjectId) -> Result<Option<ObjectId>, GitError> {
        let mut id = id;
        for _ in 0..MOST_TAGS {
            let (kind, bytes) = self.read(id, MOST_OF_STRUCTURE)?;
            match kind {
                Kind::Commit => return Ok(Some(id)),
                Kind::Tag => {
                    id = TagRefIter::from_bytes(&bytes, HASH).target_id().map_err(|_| GitError::Malformed(id))?;
                }
                Kind::Tree | Kind::Blob => return Ok(None),
            }
        }
        Err(GitError::Malformed(id))
    }

    /// The only object whose name begins with these hexadecimal digits.
    pub(super) fn beginning(&self, digits: &str) -> Result<Option<Result<ObjectId, ()>>, GitError> {
        let Ok(prefix) = gix_hash::Prefix::from_hex(digits) else { return Ok(None) };
        self.odb.lookup_prefix(prefix, None).map_err(GitError::store)
    }
}
