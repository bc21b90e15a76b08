//! The small file through which a worker shows what it has in hand, and in which its last words stay.
//!
//! It is the standard error of the worker: what the runtime says when memory runs out or the
//! stack overflows lands behind the mark. It has no name, lies in memory on Linux, and cannot grow.

use std::fs::File;
use std::io;
use std::process::Stdio;

/// Bytes of the file.
const SIZE: usize = 4096;
/// Bytes of the mark at its start.
const MARK: usize = 24;

/// What a worker has in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    pub(super) unit: u64,
    /// Index in the unit.
    pub(super) at: u64,
}

impl Mark {
    /// The last number tells a mark from one half written.
    fn bytes(self) -> [u8; MARK] {
        let mut bytes = [0; MARK];
        let check = self.unit.rotate_left(32) ^ self.at ^ u64::MAX;
        for (place, number) in bytes.chunks_exact_mut(8).zip([self.unit, self.at, check]) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    fn of(bytes: [u8; MARK]) -> Option<Self> {
        let mut numbers = bytes.as_chunks::<8>().0.iter().map(|number| u64::from_le_bytes(*number));
        let mark = Self { unit: numbers.next()?, at: numbers.next()? };
        (mark.bytes() == bytes).then_some(mark)
    }
}

pub(super) struct Register(File);

impl Register {
    pub(super) fn create() -> io::Result<Self> {
        use std::io::Write;
        let mut file = nameless()?;
        // The last words come behind the mark.
        file.write_all(&[0; MARK])?;
        Ok(Self(file))
    }

    /// For the standard error of the worker.
    pub(super) fn to_worker(&self) -> io::Result<Stdio> {
        Ok(self.0.try_clone()?.into())
    }

    /// In a worker: its own.
    pub(super) fn own() -> io::Result<Self> {
        own_stderr().map(Self)
    }

    pub(super) fn write(&self, mark: Mark) -> io::Result<()> {
        write_at(&self.0, &mark.bytes())
    }

    pub(super) fn read(&self) -> Option<Mark> {
        let mut bytes = [0; MARK];
        (read_at(&self.0, &mut bytes, 0).ok()? == MARK).then_some(())?;
        Mark::of(bytes)
    }

    /// What the runtime said at last. It may quote content: to be compared, never to be shown.
    pub(super) fn last_words(&self) -> String {
        let mut bytes = vec![0; SIZE];
        let length = read_at(&self.0, &mut bytes, MARK as u64).unwrap_or(0);
        bytes.truncate(length);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

#[cfg(target_os = "linux")]
fn nameless() -> io::Result<File> {
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
    let file = memfd_create("register", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    ftruncate(&file, SIZE as u64)?;
    fcntl_add_seals(&file, SealFlags::GROW | SealFlags::SHRINK | SealFlags::SEAL)?;
    Ok(file.into())
}

#[cfg(not(target_os = "linux"))]
fn nameless() -> io::Result<File> {
    tempfile::tempfile()
}

#[cfg(unix)]
fn own_stderr() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(io::stderr().as_fd().try_clone_to_owned()?.into())
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, 0)
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, at)
}

#[cfg(windows)]
fn own_stderr() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(io::stderr().as_handle().try_clone_to_owned()?.into())
}

/// Leaves the position behind the mark, where the last words belong.
#[cfg(windows)]
fn write_at(file: &File, bytes: &[u8]) -> io::Result<()> {
    std::os::windows::fs::FileExt::seek_write(file, bytes, 0).map(drop)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn marks_and_last_words_do_not_disturb_each_other() {
        let register = Register::create().unwrap();
        assert_eq!(register.read(), None, "nothing was taken up yet");
        for mark in [Mark { unit: 1, at: 0 }, Mark { unit: u64::MAX, at: 63 }] {
            register.write(mark).unwrap();
            assert_eq!(register.read(), Some(mark));
        }
        (&register.0).write_all(b"memory allocation of 9 bytes failed").unwrap();
        assert!(register.last_words().starts_with("memory allocation of"));
        assert_eq!(register.read(), Some(Mark { unit: u64::MAX, at: 63 }));
        let _ = (&register.0).write_all(&[1; 2 * SIZE]);
        #[cfg(target_os = "linux")]
        assert_eq!(register.0.metadata().unwrap().len(), SIZE as u64, "it cannot grow");
    }

    #[test]
    fn half_a_mark_is_none() {
        let mut bytes = Mark { unit: 3, at: 7 }.bytes();
        assert_eq!(Mark::of(bytes), Some(Mark { unit: 3, at: 7 }));
        bytes[8] = 8;
        assert_eq!(Mark::of(bytes), None);
    }
}
