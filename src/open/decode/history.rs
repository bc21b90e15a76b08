//! The window of a Lempel-Ziv decoder: what was unpacked last, of which matches repeat parts.

use std::io;

use super::damaged;

/// The last bytes that came out. Grows with them, whatever size was declared.
pub(in crate::open) struct History {
    bytes: Vec<u8>,
    size: usize,
    at: usize,
}

impl History {
    pub(in crate::open) fn new(size: usize) -> Self {
        Self { bytes: Vec::new(), size: size.max(1), at: 0 }
    }

    /// As if these bytes had come out before.
    pub(in crate::open) fn filled_with(byte: u8, size: usize) -> Self {
        Self { bytes: vec![byte; size], size, at: 0 }
    }

    /// Makes room for a larger window; what is in it stays.
    pub(in crate::open) fn widen(&mut self, size: usize) {
        if size > self.size {
            let oldest = if self.bytes.len() == self.size { self.at } else { 0 };
            self.bytes.rotate_left(oldest);
            self.at = self.bytes.len();
            self.size = size;
        }
    }

    pub(in crate::open) fn put(&mut self, byte: u8, out: &mut Vec<u8>) {
        match self.bytes.get_mut(self.at) {
            Some(slot) => *slot = byte,
            None => self.bytes.push(byte),
        }
        self.at += 1;
        if self.at == self.size {
            self.at = 0;
        }
        out.push(byte);
    }

    /// Repeats `length` bytes from `distance` back; they may overlap with what they make.
    pub(in crate::open) fn repeat(&mut self, distance: u64, length: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let distance = usize::try_from(distance).unwrap_or(usize::MAX);
        if distance == 0 || distance > self.bytes.len() {
            return Err(damaged("a match reaches back before the beginning"));
        }
        let mut from = if self.at >= distance { self.at - distance } else { self.at + self.bytes.len() - distance };
        let room = self.size - self.at;
        if distance >= length && length < room && from + length <= self.bytes.len() {
            let end = self.at + length;
            if self.at == self.bytes.len() {
                self.bytes.extend_from_within(from..from + length);
            } else {
                self.bytes.copy_within(from..from + length, self.at);
            }
            out.extend_from_slice(self.bytes.get(self.at..end).unwrap_or_default());
            self.at = end;
            return Ok(());
        }
        for _ in 0..length {
            let byte = self.bytes.get(from).copied().unwrap_or(0);
            self.put(byte, out);
            from += 1;
            if from == self.size {
                from = 0;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_overlap_and_wrap() {
        let mut history = History::new(4);
        let mut out = Vec::new();
        for byte in *b"ab" {
            history.put(byte, &mut out);
        }
        history.repeat(2, 5, &mut out).unwrap();
        assert_eq!(out, b"abababa");
        history.repeat(4, 4, &mut out).unwrap();
        assert_eq!(out, b"abababababa");
        assert!(history.repeat(5, 1, &mut out).is_err());
        assert!(history.repeat(0, 1, &mut out).is_err());
        history.widen(8);
        history.put(b'c', &mut out);
        history.repeat(5, 5, &mut out).unwrap();
        assert_eq!(out, b"abababababacbabac");
    }
}
