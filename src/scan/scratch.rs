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
}

impl Scratch {
    /// Reads the stream to its end, at most `limit` bytes of it.
    pub fn fill(stream: &mut dyn Read, limit: u64) -> Result<(Self, u64), ReadError> {
        let mut memory = Vec::new();
        stream.take(IN_MEMORY.min(limit)).read_to_end(&mut memory)?;
        let mut size = memory.len() as u64;
        let mut next = [0_u8; 1];
        if size < IN_MEMORY.min(limit) || stream.read(&mut next)? == 0 {
            return Ok((Self::Memory(Cursor::new(memory)), size));
        }
        if size >= limit {
            return Err(ReadError::Budget(Reason::MemberTooLarge));
        }
        let mut file = tempfile::tempfile()?;
        file.write_all(&memory)?;
        drop(memory);
        file.write_all(&next)?;
        size += 1;
        size += io::copy(&mut stream.take(limit.saturating_sub(size) + 1), &mut file)?;
        if size > limit {
            return Err(ReadError::Budget(Reason::MemberTooLarge));
        }
        file.rewind()?;
        Ok((Self::File(file), size))
    }
}

impl Read for Scratch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => bytes.read(buffer),
            Self::File(file) => file.read(buffer),
        }
    }
}

impl Seek for Scratch {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Memory(bytes) => bytes.seek(position),
            Self::File(file) => file.seek(position),
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
