//! The first bytes of an item, by which it is identified, and how many bytes of it there were.

use std::cell::Cell;
use std::io::{self, Read};

/// Bytes from the start of an item by which it is identified.
pub(super) const HEAD: u64 = 64 * 1024;

/// The first bytes of an item that claims this size.
pub(super) fn head_of(stream: &mut (impl Read + ?Sized), size: u64) -> io::Result<Vec<u8>> {
    // One byte more tells that a file ends where it says.
    let room = usize::try_from(size.saturating_add(1).min(HEAD)).unwrap_or(0);
    let mut head = vec![0; room];
    let mut have = 0;
    while let Some(free) = head.get_mut(have..).filter(|free| !free.is_empty()) {
        match stream.read(free) {
            Ok(0) => break,
            Ok(n) => have += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    head.truncate(have);
    if have == room && size < HEAD {
        // It has grown.
        stream.take(HEAD - have as u64).read_to_end(&mut head)?;
    }
    Ok(head)
}

/// Counts the bytes that are read.
pub(super) struct Counted<'a> {
    pub(super) inner: &'a mut dyn Read,
    pub(super) count: &'a Cell<u64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.count.set(self.count.get() + n as u64);
        Ok(n)
    }
}
