//! One entry of the walk: what the directory says of it, and how it is opened.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::model::{Access, Exposure, ItemPath, Reason, Stamp};

use super::fault::reason;
use super::long_path;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    Directory,
    /// Anything that holds no content of its own, with the reason it is skipped for.
    Special(Reason),
}

/// A file as the walk met it; its metadata were taken before it is read.
#[derive(Clone, Debug)]
pub struct Entry {
    pub item: ItemPath,
    /// How to open it from here.
    pub path: PathBuf,
    pub kind: Kind,
    pub size: u64,
    /// Bytes that the file takes on its disk, as far as the system says; at most `size`. A
    /// sparse file can claim any size.
    pub stored: u64,
    pub modified_at: Option<SystemTime>,
    pub exposure: Exposure,
    /// Tells whether the file changed since another scan.
    pub stamp: Stamp,
}

impl Entry {
    pub fn new(item: ItemPath, path: PathBuf, metadata: &Metadata) -> Self {
        Self {
            item,
            path,
            kind: kind(metadata),
            size: metadata.len(),
            stored: stored(metadata),
            modified_at: metadata.modified().ok(),
            exposure: exposure(metadata),
            stamp: stamp(metadata),
        }
    }

    /// When it was modified last: RFC 3339, UTC.
    pub fn modified(&self) -> Option<String> {
        Timestamp::try_from(self.modified_at?).ok().map(|time| time.to_string())
    }

    /// Opens the file for reading. Never follows a link, never blocks on a pipe that took
    /// the file's place, and leaves the access time alone where the system allows it.
    pub fn open(&self) -> io::Result<File> {
        let file = match open_read_only(&self.path) {
            Err(error) if reason(&error) == Reason::PathTooLong => {
                let handle = long_path::resolve(&self.path)?;
                open_read_only(handle.path())?
            }
            opened => opened?,
        };
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no longer a regular file"));
        }
        Ok(file)
    }

    /// The same path as it is now.
    pub fn again(&self) -> io::Result<Self> {
        let metadata = match self.path.symlink_metadata() {
            Err(error) if reason(&error) == Reason::PathTooLong => {
                long_path::resolve(&self.path)?.path().symlink_metadata()?
            }
            metadata => metadata?,
        };
        let now = Self::new(self.item.clone(), self.path.clone(), &metadata);
        Ok(Self { exposure: self.exposure.clone(), ..now })
    }

    /// Whether somebody worked on the file within this time; a clock that goes wrong may say so too.
    pub fn is_younger(&self, age: Duration) -> bool {
        let Some(modified) = self.modified_at else { return true };
        modified.elapsed().is_ok_and(|elapsed| elapsed < age) || modified > SystemTime::now()
    }

    /// Whether the open file still is what the walk met; an error if the share does not say.
    pub fn is_unchanged(&self, file: &File) -> io::Result<bool> {
        let now = file.metadata()?;
        Ok(now.len() == self.size && now.modified().ok() == self.modified_at)
    }
}

#[cfg(unix)]
fn stored(metadata: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    // Some network file systems do not count blocks.
    match metadata.blocks().saturating_mul(512) {
        0 => metadata.len(),
        stored => stored.min(metadata.len()),
    }
}

#[cfg(not(unix))]
fn stored(metadata: &Metadata) -> u64 {
    metadata.len()
}

#[cfg(unix)]
fn open_read_only(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC;
    // O_NOATIME is refused to whoever does not own the file.
    #[cfg(target_os = "linux")]
    match OpenOptions::new().read(true).custom_flags(flags | libc::O_NOATIME).open(path) {
        Err(error) if error.raw_os_error() == Some(libc::EPERM) => {}
        opened => return opened,
    }
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open_read_only(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

fn kind(metadata: &Metadata) -> Kind {
    let kind = metadata.file_type();
    if kind.is_file() {
        return Kind::File;
    }
    if kind.is_dir() {
        return Kind::Directory;
    }
    if kind.is_symlink() {
        return Kind::Special(Reason::Symlink);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return Kind::Special(Reason::Fifo);
        }
        if kind.is_socket() {
            return Kind::Special(Reason::Socket);
        }
    }
    Kind::Special(Reason::Device)
}

#[cfg(unix)]
fn exposure(metadata: &Metadata) -> Exposure {
    use std::os::unix::fs::MetadataExt;
    let access = match metadata.mode() {
        mode if mode & 0o004 != 0 => Access::Everyone,
        mode if mode & 0o040 != 0 => Access::Group,
        _ => Access::Owner,
    };
    Exposure { access, owner: Some(metadata.uid()) }
}

#[cfg(not(unix))]
fn exposure(_metadata: &Metadata) -> Exposure {
    Exposure::default()
}

fn nanoseconds(time: io::Result<SystemTime>) -> Option<i64> {
    let nanoseconds = match time.ok()?.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i128::try_from(after.as_nanos()).ok()?,
        Err(before) => -i128::try_from(before.duration().as_nanos()).ok()?,
    };
    i64::try_from(nanoseconds).ok()
}

fn stamp(metadata: &Metadata) -> Stamp {
    let stamp = Stamp {
        size: metadata.len(),
        modified: nanoseconds(metadata.modified()),
        born: nanoseconds(metadata.created()),
        ..Stamp::default()
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let changed = metadata.ctime().checked_mul(1_000_000_000).and_then(|s| s.checked_add(metadata.ctime_nsec()));
        Stamp {
            // Some file systems in user space do not know it, and say 1970.
            changed: changed.filter(|&time| time != 0),
            device: Some(metadata.dev()),
            id: Some(metadata.ino()),
            ..stamp
        }
    }
    #[cfg(not(unix))]
    stamp
}
