//! Tar archives of every dialect: v7, ustar, GNU and pax.
//!
//! Specification: POSIX.1-2017, pax interchange format; GNU tar manual, "Basic Tar Format".

use std::cell::Cell;
use std::io::Read;

use tar::EntryType;

use crate::identify::Format;
use crate::model::{Name, Reason};

use super::budget::{Budget, Unpacked};
use super::input::{Access, Input};
use super::reader::{Member, ReadError, Reader, Sink};

pub struct Tar;

impl Reader for Tar {
    fn name(&self) -> &'static str {
        "tar"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Tar]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let ended = Cell::new(false);
        let mut archive = tar::Archive::new(Ending { inner: input.buffered(), ended: &ended });
        // Archives are joined by joining their bytes; what follows the end mark is no padding then.
        archive.set_ignore_zeros(true);
        let fault = |error: std::io::Error| match ReadError::from_decoder("tar", &error) {
            // The library has words for it, and no kind of error.
            ReadError::Malformed { .. } if ended.get() => ReadError::Io(std::io::ErrorKind::UnexpectedEof.into()),
            error => error,
        };
        for entry in archive.entries().map_err(fault)? {
            let mut entry = entry.map_err(fault)?;
            budget.check()?;
            let kind = entry.header().entry_type();
            if matches!(kind, EntryType::Directory | EntryType::XGlobalHeader | EntryType::XHeader) {
                continue;
            }
            budget.spend_member()?;
            let name = entry.path_bytes();
            let name = Name::from_bytes(name.strip_prefix(b"./").unwrap_or(&name));
            let size = entry.size();
            let modified = entry.header().mtime().ok().and_then(|seconds| i64::try_from(seconds).ok());
            let member = Member {
                size: Some(size),
                packed_size: Some(size),
                modified: modified
                    .filter(|seconds| *seconds > 0)
                    .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
                    .map(|time| time.to_string()),
                ..Member::new(name)
            };
            match kind {
                EntryType::Symlink => sink.member_unread(member, Reason::Symlink, "a symbolic link in a tar archive"),
                EntryType::Link => {
                    sink.member_unread(member, Reason::Symlink, "a hard link to another member of the tar archive");
                }
                EntryType::Char | EntryType::Block => {
                    sink.member_unread(member, Reason::Device, "a device in a tar archive");
                }
                EntryType::Fifo => sink.member_unread(member, Reason::Fifo, "a pipe in a tar archive"),
                // Vendors' own kinds: read as a file, as POSIX asks.
                _ => {
                    let mut content = Whole { left: size, inner: &mut entry };
                    sink.member(member, &mut Unpacked::new(budget, &mut content))?;
                }
            }
        }
        Ok(())
    }
}

/// Remembers that the input came to its end.
struct Ending<'a, R> {
    inner: R,
    ended: &'a Cell<bool>,
}

impl<R: Read> Read for Ending<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.ended.set(self.ended.get() || (n == 0 && !buffer.is_empty()));
        Ok(n)
    }
}

/// Content that ends before its declared size is cut off, not short.
struct Whole<'a, R> {
    left: u64,
    inner: &'a mut R,
}

impl<R: Read> Read for Whole<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.left = self.left.saturating_sub(n as u64);
        if n == 0 && !buffer.is_empty() && self.left > 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::collect::{Collected, collect};

    fn open(path: &str) -> Collected {
        let bytes = std::fs::read(format!("{}/fixtures/tar/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        collect(&Tar, path, &bytes)
    }

    #[test]
    fn every_dialect() {
        for path in ["gnu.tar", "pax.tar", "ustar.tar", "v7.tar"] {
            let collected = open(path);
            assert!(collected.error.is_none(), "{path}: {:?}", collected.error);
            let mut names = collected.member_names();
            names.sort();
            assert_eq!(names, ["docs/brief.txt", "docs/empty.txt", "docs/note.txt", "docs/people.csv"], "{path}");
        }
        assert!(open("long-name.tar").member_names()[0].len() > 100);
    }

    #[test]
    fn links_are_named_and_not_followed() {
        let collected = open("links.tar");
        let unread: Vec<Reason> = collected.unread.iter().map(|(_, reason)| *reason).collect();
        assert_eq!(unread, [Reason::Symlink, Reason::Symlink]);
        assert_eq!(collected.members.len(), 4);
    }

    #[test]
    fn a_cut_archive_is_truncated() {
        let collected = open("truncated.tar");
        assert_eq!(collected.error.map(|error| error.reason()), Some(Reason::Truncated));
    }
}
