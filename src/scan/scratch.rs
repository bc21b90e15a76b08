//! Makes a stream seekable: in memory while it is small, in an unlinked temporary file when it is not.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use crate::model::Reason;
use crate::open::ReadError;

/// Bytes kept in memory before scratch goes to disk.
const IN_MEMORY: u64 = 16 << 20;

/// The bytes of one member. The file, if there is one, has no name and goes with its handle;
/// it lies in the system's temporary directory, never on the share.
pub enum Scratch {
    Memory(Cursor<Vec<u8>>),
    File(File),
    /// Of the one file that a worker process has.
    #[cfg(unix)]
    Part(part::Part),
}

/// Opens the one file in which all scratch of this process will lie, `quota` bytes at most: for
/// a process that will not be allowed to open one. Where there is none to be had, what needs it
/// cannot be read.
#[cfg(unix)]
pub fn prepare(quota: u64) {
    part::prepare(tempfile::tempfile().ok(), quota);
}

impl Scratch {
    /// Reads the stream to its end, at most `limit` bytes of it.
    pub fn fill(stream: &mut dyn Read, limit: u64) -> Result<(Self, u64), ReadError> {
        let mut memory = Vec::new();
        stream.take(IN_MEMORY.min(limit)).read_to_end(&mut memory)?;
        let size = memory.len() as u64;
        let mut next = [0_u8; 1];
        if size < IN_MEMORY.min(limit) || stream.read(&mut next)? == 0 {
            return Ok((Self::Memory(Cursor::new(memory)), size));
        }
        if size >= limit {
            return Err(ReadError::Budget(Reason::MemberTooLarge));
        }
        #[cfg(unix)]
        if let Some(mut part) = part::begin()? {
            let size = write(memory, next, stream, limit, &mut part)?;
            part.rewind()?;
            return Ok((Self::Part(part), size));
        }
        let mut file = tempfile::tempfile()?;
        let size = write(memory, next, stream, limit, &mut file)?;
        file.rewind()?;
        Ok((Self::File(file), size))
    }
}

/// Writes what was read and what is left; returns the bytes.
fn write(
    memory: Vec<u8>,
    next: [u8; 1],
    stream: &mut dyn Read,
    limit: u64,
    out: &mut impl Write,
) -> Result<u64, ReadError> {
    let mut size = memory.len() as u64 + 1;
    out.write_all(&memory)?;
    drop(memory);
    out.write_all(&next)?;
    size += io::copy(&mut stream.take(limit.saturating_sub(size) + 1), out)?;
    if size > limit {
        return Err(ReadError::Budget(Reason::MemberTooLarge));
    }
    Ok(size)
}

#[cfg(unix)]
mod part {
    //! Parts of one file, each behind those that are in use: scratch within scratch.

    use std::fs::File;
    use std::io::{self, Read, Seek, SeekFrom, Write};
    use std::os::unix::fs::FileExt;
    use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

    use crate::model::Reason;
    use crate::open::budget::Spent;

    struct Shared {
        file: Option<File>,
        quota: u64,
        /// Where the parts begin and end that are in use.
        parts: Mutex<Vec<(u64, u64)>>,
    }

    static SHARED: OnceLock<Shared> = OnceLock::new();

    impl Shared {
        fn parts(&self) -> MutexGuard<'_, Vec<(u64, u64)>> {
            self.parts.lock().unwrap_or_else(PoisonError::into_inner)
        }

        fn begin(&'static self) -> io::Result<Part> {
            let file = self.file.as_ref().ok_or_else(|| io::Error::other("no temporary file could be opened"))?;
            let mut parts = self.parts();
            let start = parts.iter().map(|(_, end)| *end).max().unwrap_or(0);
            parts.push((start, start));
            Ok(Part { shared: self, file, start, size: 0, position: 0 })
        }
    }

    pub(super) fn prepare(file: Option<File>, quota: u64) {
        let _ = SHARED.set(Shared { file, quota, parts: Mutex::default() });
    }

    /// A new part behind all others; none if this process has files of its own.
    pub(super) fn begin() -> io::Result<Option<Part>> {
        SHARED.get().map(Shared::begin).transpose()
    }

    /// One part; its place is free again when it is dropped.
    pub struct Part {
        shared: &'static Shared,
        file: &'static File,
        start: u64,
        size: u64,
        position: u64,
    }

    impl Write for Part {
        /// Appends. Fails when another part begins behind this one, or the quota is spent.
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let end = self.start + self.size;
            let room = self.shared.quota.saturating_sub(end);
            let mut parts = self.shared.parts();
            let is_last = parts.iter().all(|(start, _)| *start <= self.start);
            let bytes = bytes.get(..bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX))).unwrap_or_default();
            if bytes.is_empty() || !is_last {
                return Err(Spent(Reason::MemberTooLarge).into());
            }
            let length = self.file.write_at(bytes, end)?;
            self.size += length as u64;
            if let Some(own) = parts.iter_mut().find(|(start, _)| *start == self.start) {
                own.1 = self.start + self.size;
            }
            Ok(length)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Read for Part {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let left = usize::try_from(self.size.saturating_sub(self.position)).unwrap_or(usize::MAX);
            let length = buffer.len().min(left);
            let Some(buffer) = buffer.get_mut(..length) else { return Ok(0) };
            let length = self.file.read_at(buffer, self.start + self.position)?;
            self.position += length as u64;
            Ok(length)
        }
    }

    impl Seek for Part {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            let position = match to {
                SeekFrom::Start(position) => Some(position),
                SeekFrom::Current(by) => self.position.checked_add_signed(by),
                SeekFrom::End(by) => self.size.checked_add_signed(by),
            };
            self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
            Ok(self.position)
        }
    }

    impl Drop for Part {
        fn drop(&mut self) {
            let mut parts = self.shared.parts();
            if let Some(own) = parts.iter().position(|(start, _)| *start == self.start) {
                parts.swap_remove(own);
            }
            let end = parts.iter().map(|(_, end)| *end).max().unwrap_or(0);
            // What cannot be given back now goes with the process.
            let _ = self.file.set_len(end);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn parts_lie_behind_each_other_and_give_their_room_back() {
            let shared: &'static Shared =
                Box::leak(Box::new(Shared { file: tempfile::tempfile().ok(), quota: 10, parts: Mutex::default() }));
            let length = || shared.file.as_ref().unwrap().metadata().unwrap().len();
            let mut outer = shared.begin().unwrap();
            outer.write_all(b"outer").unwrap();
            let mut inner = shared.begin().unwrap();
            inner.write_all(b"in").unwrap();
            assert!(outer.write_all(b"x").is_err(), "it would write over the inner one");
            assert!(inner.write_all(b"nerinner").is_err(), "more than the quota");
            let mut text = String::new();
            inner.seek(SeekFrom::End(-5)).unwrap();
            inner.read_to_string(&mut text).unwrap();
            assert_eq!((text.as_str(), length()), ("inner", 10));
            drop(inner);
            assert_eq!(length(), 5);
            text.clear();
            outer.seek(SeekFrom::Start(1)).unwrap();
            outer.read_to_string(&mut text).unwrap();
            assert_eq!(text, "uter");
            drop(outer);
            assert_eq!(length(), 0);
        }
    }
}

impl Read for Scratch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => bytes.read(buffer),
            Self::File(file) => file.read(buffer),
            #[cfg(unix)]
            Self::Part(part) => part.read(buffer),
        }
    }
}

impl Seek for Scratch {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Memory(bytes) => bytes.seek(position),
            Self::File(file) => file.seek(position),
            #[cfg(unix)]
            Self::Part(part) => part.seek(position),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: u64, limit: u64) -> Result<(bool, u64), Reason> {
        let (mut scratch, size) =
            Scratch::fill(&mut io::repeat(7).take(bytes), limit).map_err(|error| error.reason())?;
        let mut read = Vec::new();
        scratch.read_to_end(&mut read).unwrap();
        assert_eq!(read.len() as u64, size);
        assert!(read.iter().all(|&b| b == 7));
        Ok((matches!(scratch, Scratch::File(_)), size))
    }

    #[test]
    fn small_in_memory_large_on_disk_too_large_refused() {
        assert_eq!(check(0, 100), Ok((false, 0)));
        assert_eq!(check(100, 100), Ok((false, 100)));
        assert_eq!(check(101, 100), Err(Reason::MemberTooLarge));
        assert_eq!(check(IN_MEMORY, 1 << 30), Ok((false, IN_MEMORY)));
        assert_eq!(check(IN_MEMORY + 1, 1 << 30), Ok((true, IN_MEMORY + 1)));
        assert_eq!(check(IN_MEMORY + 9, IN_MEMORY + 8), Err(Reason::MemberTooLarge));
    }
}
