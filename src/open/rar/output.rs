//! What a rar decoder has unpacked and not yet handed out, with the filters that wait for it.

use std::io;

use crate::open::decode::damaged;

use super::filters::Filter;

/// Filters that wait for their bytes at once; encoders write few.
const MOST_FILTERS: usize = 1024;
/// The longest run of bytes that a filter changes (both generations stay below).
pub(super) const LONGEST_FILTER: u64 = 4 << 20;
/// How much is unpacked before some of it is handed out.
const ENOUGH: usize = 64 << 10;

struct Waiting {
    start: u64,
    length: usize,
    filter: Filter,
}

/// The output of one member.
#[derive(Default)]
pub(super) struct Output {
    pub queue: Vec<u8>,
    taken: usize,
    /// Bytes of the member that have left the queue.
    gone: u64,
    filters: Vec<Waiting>,
    /// The length of the queue at which to look again whether filters have their bytes.
    look_at: usize,
}

impl Output {
    /// Bytes of the member that were unpacked.
    pub(super) fn unpacked(&self) -> u64 {
        self.gone + self.queue.len() as u64
    }

    /// Whether there is enough to hand out.
    pub(super) fn is_full(&mut self) -> bool {
        if self.queue.len() < (self.taken + ENOUGH).max(self.look_at) {
            return false;
        }
        self.settle();
        self.look_at = self.queue.len() + ENOUGH;
        self.ready() > self.taken
    }

    /// A filter for `length` bytes that start `ahead` bytes after those unpacked.
    pub(super) fn filter(&mut self, ahead: u64, length: u64, filter: Filter) -> io::Result<()> {
        if length == 0 {
            return Ok(());
        }
        if length > LONGEST_FILTER || self.filters.len() >= MOST_FILTERS {
            return Err(damaged("a filter that no archiver writes"));
        }
        let start = self.unpacked().saturating_add(ahead);
        self.filters.push(Waiting { start, length: usize::try_from(length).unwrap_or(0), filter });
        Ok(())
    }

    /// Applies filters that have their bytes.
    fn settle(&mut self) {
        let (gone, unpacked) = (self.gone, self.unpacked());
        let queue = &mut self.queue;
        self.filters.retain(|waiting| {
            if waiting.start.saturating_add(waiting.length as u64) > unpacked {
                return true;
            }
            let start = waiting.start.checked_sub(gone).and_then(|start| usize::try_from(start).ok());
            if let Some(bytes) = start.and_then(|start| queue.get_mut(start..start + waiting.length)) {
                waiting.filter.apply(bytes, waiting.start);
            }
            false
        });
    }

    /// How far the queue is as it should be.
    fn ready(&self) -> usize {
        let first = self.filters.iter().map(|waiting| waiting.start).min();
        let ready = first.map_or(self.queue.len() as u64, |start| start.saturating_sub(self.gone));
        usize::try_from(ready).unwrap_or(usize::MAX).min(self.queue.len())
    }

    /// Hands out what is ready; `ended` if nothing more will be unpacked.
    pub(super) fn take(&mut self, buffer: &mut [u8], ended: bool) -> usize {
        self.settle();
        if ended {
            // What a filter still waits for will not come.
            self.filters.clear();
        }
        let ready = self.ready();
        let bytes = self.queue.get(self.taken..ready).unwrap_or_default();
        let n = bytes.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..n), bytes.get(..n)) {
            to.copy_from_slice(from);
        }
        self.taken += n;
        if self.taken >= ENOUGH || self.taken == self.queue.len() {
            self.queue.drain(..self.taken);
            self.gone += self.taken as u64;
            self.taken = 0;
            self.look_at = 0;
        }
        n
    }
}
