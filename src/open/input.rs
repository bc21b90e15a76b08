//! The bytes of one item, as a stream or seekable, charged to the budget as they are read.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use crate::model::Name;

use super::budget::{Budget, Spent};
use super::error::ReadError;

/// What a reader needs of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// From front to back, once.
    Stream,
    /// Anywhere; a member is unpacked to memory or scratch first.
    Seek,
}

pub trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

enum Source<'a> {
    Stream(Box<dyn Read + 'a>),
    Seekable(Box<dyn ReadSeek + 'a>),
}

/// The bytes of one item. Reading checks time and interruption at every call.
pub struct Input<'a> {
    source: Source<'a>,
    budget: &'a Budget,
    name: Name,
    size: Option<u64>,
    /// Containers around this item.
    depth: u32,
}

impl<'a> Input<'a> {
    pub fn stream(source: impl Read + 'a, budget: &'a Budget, name: Name, depth: u32) -> Self {
        Self { source: Source::Stream(Box::new(source)), budget, name, size: None, depth }
    }

    pub fn seekable(source: impl Read + Seek + 'a, size: u64, budget: &'a Budget, name: Name, depth: u32) -> Self {
        Self { source: Source::Seekable(Box::new(source)), budget, name, size: Some(size), depth }
    }

    /// In memory: for tests and small members.
    pub fn bytes(bytes: &'a [u8], budget: &'a Budget, name: Name) -> Self {
        Self::seekable(io::Cursor::new(bytes), bytes.len() as u64, budget, name, 0)
    }

    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Known for a seekable input.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// All bytes, for readers that need them at once; at most `limit`.
    pub fn read_all(&mut self, limit: u64) -> Result<Vec<u8>, ReadError> {
        let expected = self.size.unwrap_or(0).min(limit).min(64 << 20);
        let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
        (&mut *self).take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(ReadError::Budget(crate::model::Reason::MemberTooLarge));
        }
        Ok(bytes)
    }

    /// Buffered, front to back.
    pub fn buffered(&mut self) -> impl BufRead + '_ {
        io::BufReader::with_capacity(128 * 1024, self)
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.budget.check().map_err(|reason| io::Error::from(Spent(reason)))?;
        match &mut self.source {
            Source::Stream(stream) => stream.read(buffer),
            Source::Seekable(file) => file.read(buffer),
        }
    }
}

/// Fails for a stream: a reader that seeks says so with [`Access::Seek`].
impl Seek for Input<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        match &mut self.source {
            Source::Stream(_) => Err(io::ErrorKind::Unsupported.into()),
            Source::Seekable(file) => file.seek(position),
        }
    }
}
