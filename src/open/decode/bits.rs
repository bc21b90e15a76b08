//! Bits of a stream, the highest of each byte first.

use std::io::{self, Read};

const CHUNK: usize = 32 << 10;

/// Bits of packed data, the highest of each byte first. Decoders may look beyond the end, where
/// zeros stand; taking from there is an error.
pub(in crate::open) struct Bits<'a> {
    source: &'a mut dyn Read,
    buffer: Vec<u8>,
    at: usize,
    /// The next bits, the first one highest.
    hold: u64,
    held: u32,
    /// Bits in `hold` that are made up.
    beyond: u32,
    taken: u64,
}

impl<'a> Bits<'a> {
    pub(in crate::open) fn new(source: &'a mut dyn Read) -> Self {
        Self { source, buffer: Vec::new(), at: 0, hold: 0, held: 0, beyond: 0, taken: 0 }
    }

    /// Bits taken so far.
    pub(in crate::open) fn position(&self) -> u64 {
        self.taken
    }

    fn next_byte(&mut self) -> io::Result<Option<u8>> {
        if self.at >= self.buffer.len() {
            self.buffer.resize(CHUNK, 0);
            let n = loop {
                match self.source.read(&mut self.buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other?,
                }
            };
            self.buffer.truncate(n);
            self.at = 0;
        }
        let byte = self.buffer.get(self.at).copied();
        self.at += usize::from(byte.is_some());
        Ok(byte)
    }

    /// Holds at least 32 bits.
    fn fill(&mut self) -> io::Result<()> {
        while self.held <= 56 {
            // Nothing more comes once it has ended.
            let byte = if self.beyond > 0 { None } else { self.next_byte()? };
            self.beyond += if byte.is_none() { 8 } else { 0 };
            self.hold |= u64::from(byte.unwrap_or(0)) << (56 - self.held);
            self.held += 8;
        }
        Ok(())
    }

    /// The next bits, at most 32, without taking them.
    pub(in crate::open) fn peek(&mut self, count: u32) -> io::Result<u32> {
        if count == 0 {
            return Ok(0);
        }
        if self.held < 32 {
            self.fill()?;
        }
        Ok(u32::try_from(self.hold >> (64 - count)).unwrap_or(0))
    }

    /// Takes bits that were looked at, at most 32.
    pub(in crate::open) fn skip(&mut self, count: u32) -> io::Result<()> {
        if self.held < count {
            self.fill()?;
        }
        self.hold <<= count;
        self.held -= count;
        self.taken += u64::from(count);
        if self.held < self.beyond { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    pub(in crate::open) fn take(&mut self, count: u32) -> io::Result<u32> {
        let bits = self.peek(count)?;
        self.skip(count)?;
        Ok(bits)
    }

    pub(in crate::open) fn bit(&mut self) -> io::Result<bool> {
        Ok(self.take(1)? == 1)
    }

    /// Goes on at the next byte.
    pub(in crate::open) fn align(&mut self) -> io::Result<()> {
        let odd = u32::try_from(self.taken % 8).unwrap_or(0);
        if odd > 0 { self.skip(8 - odd) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_highest_first_and_end() {
        let mut source: &[u8] = &[0b1010_0101, 0xff, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde];
        let mut bits = Bits::new(&mut source);
        assert_eq!(bits.take(4).unwrap(), 0b1010);
        bits.align().unwrap();
        assert_eq!((bits.position(), bits.peek(12).unwrap()), (8, 0xff1));
        bits.skip(8).unwrap();
        assert_eq!(bits.take(32).unwrap(), 0x1234_5678);
        assert_eq!(bits.peek(32).unwrap(), 0x9abc_de00);
        bits.skip(24).unwrap();
        assert_eq!(bits.bit().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
