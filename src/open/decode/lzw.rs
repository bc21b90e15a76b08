//! The stream of the old Unix program compress: words of nine to sixteen bits for strings seen before.

use std::io::{self, Read};

use super::damaged;

const CLEAR: u32 = 256;
const ENOUGH: usize = 64 << 10;

/// What compress (`.Z`) packed, its first three bytes included.
pub(in crate::open) struct Lzw<R> {
    source: R,
    widest: u32,
    /// Word 256 empties the table.
    clears: bool,
    width: u32,
    /// Bits of one word after the other, the lowest first; words are written in groups of eight.
    group: Vec<u8>,
    at: usize,
    /// Of each word from 257 on: the word before its last byte, and that byte.
    table: Vec<(u16, u8)>,
    previous: Option<u32>,
    first: u8,
    queue: Vec<u8>,
    taken: usize,
    ended: bool,
    begun: bool,
}

impl<R: Read> Lzw<R> {
    pub(in crate::open) fn new(source: R) -> Self {
        Self {
            source,
            widest: 0,
            clears: false,
            width: 9,
            group: Vec::new(),
            at: 0,
            table: Vec::new(),
            previous: None,
            first: 0,
            queue: Vec::new(),
            taken: 0,
            ended: false,
            begun: false,
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        let mut header = [0; 3];
        self.source.read_exact(&mut header)?;
        self.widest = u32::from(header[2] & 31);
        self.clears = header[2] & 0x80 != 0;
        if header[..2] != [0x1f, 0x9d] || !(9..=16).contains(&self.widest) {
            return Err(damaged("no stream of compress"));
        }
        self.begun = true;
        Ok(())
    }

    /// The next word; none at the end.
    fn word(&mut self) -> io::Result<Option<u32>> {
        let width = usize::try_from(self.width).unwrap_or(16);
        if (self.at + 1) * width > self.group.len() * 8 {
            self.group.clear();
            (&mut self.source).take(width as u64).read_to_end(&mut self.group)?;
            self.at = 0;
            if self.group.len() * 8 < width {
                return if self.group.is_empty() { Ok(None) } else { Err(io::ErrorKind::UnexpectedEof.into()) };
            }
        }
        let start = self.at * width;
        let bytes = self.group.get(start / 8..).unwrap_or_default();
        let bits = bytes.iter().take(3).rev().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        self.at += 1;
        Ok(Some(bits >> (start % 8) & ((1 << width) - 1)))
    }

    /// Words of another width start a new group: the rest of this one is padding.
    fn widen(&mut self, width: u32) {
        self.width = width;
        self.group.clear();
        self.at = 0;
    }

    fn step(&mut self) -> io::Result<()> {
        let first_free = if self.clears { 257 } else { 256 };
        let free = first_free + u32::try_from(self.table.len()).unwrap_or(0);
        if free > (1 << self.width) - 1 && self.width < self.widest {
            self.widen(self.width + 1);
        }
        let Some(word) = self.word()? else {
            self.ended = true;
            return Ok(());
        };
        if word == CLEAR && self.clears {
            self.table.clear();
            self.previous = None;
            self.widen(9);
            return Ok(());
        }
        let Some(previous) = self.previous else {
            self.first = u8::try_from(word).map_err(|_| damaged("the first word is no byte"))?;
            self.queue.push(self.first);
            self.previous = Some(word);
            return Ok(());
        };
        if word > free {
            return Err(damaged("a word that is not in the table"));
        }
        // The string is written from its end.
        let start = self.queue.len();
        let mut rest = word;
        if word == free {
            self.queue.push(self.first);
            rest = previous;
        }
        while rest >= first_free {
            let entry = usize::try_from(rest - first_free).ok().and_then(|index| self.table.get(index));
            let Some((before, last)) = entry else { return Err(damaged("a word that is not in the table")) };
            self.queue.push(*last);
            rest = u32::from(*before);
        }
        self.first = u8::try_from(rest).map_err(|_| damaged("a word that is not in the table"))?;
        self.queue.push(self.first);
        if let Some(string) = self.queue.get_mut(start..) {
            string.reverse();
        }
        if free < 1 << self.widest {
            self.table.push((u16::try_from(previous).unwrap_or(0), self.first));
        }
        self.previous = Some(word);
        Ok(())
    }
}

impl<R: Read> Read for Lzw<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.begun {
            self.begin()?;
        }
        if self.taken == self.queue.len() {
            self.queue.clear();
            self.taken = 0;
            while !self.ended && self.queue.len() < ENOUGH {
                if let Err(error) = self.step() {
                    // What came before the fault is handed out first.
                    if self.queue.is_empty() {
                        return Err(error);
                    }
                    break;
                }
            }
        }
        let n = self.queue.get(self.taken..).unwrap_or_default().read(buffer)?;
        self.taken += n;
        Ok(n)
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "test code")]
mod tests {
    use super::*;

    fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        Lzw::new(packed).read_to_end(&mut all).map(|_| all)
    }

    #[test]
    fn words_that_make_themselves() {
        // a, then 257 (aa), 258 (aaa), a.
        let words = [97u32, 257, 258, 97];
        let mut bits: Vec<bool> = words.iter().flat_map(|word| (0..9).map(move |bit| word >> bit & 1 == 1)).collect();
        bits.resize(bits.len().next_multiple_of(8), false);
        let bytes = bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |all, bit| all << 1 | u8::from(*bit)));
        let packed: Vec<u8> = [0x1f, 0x9d, 0x90].into_iter().chain(bytes).collect();
        assert_eq!(unpack(&packed).unwrap(), b"aaaaaaa");
        assert!(unpack(&packed[..2]).is_err());
        assert!(unpack(&[0x1f, 0x9d, 0x90, 0xff, 0x03, 0x00]).is_err());
        assert!(unpack(&[0x1f, 0x9d, 0x9f, 0x61, 0]).is_err());
        assert_eq!(unpack(&[0x1f, 0x9d, 0x90]).unwrap(), b"");
    }
}
