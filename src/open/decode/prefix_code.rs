//! Prefix codes given by the length of each word: Huffman codes in their canonical form.

use std::io;

use super::{Bits, damaged};

/// Bits that are looked up at once.
const QUICK: u32 = 10;
const LONGEST: usize = 16;

/// A canonical Huffman code with words of at most sixteen bits, as RAR and LHA have it.
#[derive(Clone, Debug)]
pub(in crate::open) struct PrefixCode {
    /// By the next bits: the symbol and the length of its word, or nothing.
    quick: Vec<(u16, u8)>,
    /// By length: the first sixteen bits that stand for no word of at most this length.
    limits: [u32; LONGEST + 1],
    /// By length: where its symbols start, and the word of the first.
    starts: [u32; LONGEST + 1],
    symbols: Vec<u16>,
}

impl PrefixCode {
    /// The code in which symbol `n` has a word of `lengths[n]` bits; zero for none. Words may be
    /// left over, as encoders do it that know one symbol only, but not lack.
    pub(in crate::open) fn new(lengths: &[u8]) -> io::Result<Self> {
        let mut counts = [0u32; LONGEST + 1];
        for length in lengths.iter().filter(|length| **length > 0) {
            *counts.get_mut(usize::from(*length)).ok_or_else(|| damaged("a word of the code is too long"))? += 1;
        }
        let mut limits = [0; LONGEST + 1];
        let mut starts = [0; LONGEST + 1];
        let mut next = [0u32; LONGEST + 1];
        let (mut limit, mut start) = (0u32, 0u32);
        for length in 1..=LONGEST {
            starts[length] = start;
            next[length] = start;
            start += counts[length];
            limit += counts[length] << (LONGEST - length);
            limits[length] = limit;
        }
        if limit > 1 << LONGEST {
            return Err(damaged("the code has more words than there are"));
        }
        let mut symbols = vec![0; usize::try_from(start).unwrap_or(0)];
        for (symbol, length) in lengths.iter().enumerate().filter(|(_, length)| **length > 0) {
            if let Some(place) = next.get_mut(usize::from(*length)) {
                if let Some(slot) = symbols.get_mut(usize::try_from(*place).unwrap_or(usize::MAX)) {
                    *slot = u16::try_from(symbol).unwrap_or(0);
                }
                *place += 1;
            }
        }
        let mut code = Self { quick: Vec::new(), limits, starts, symbols };
        code.quick = (0..1u32 << QUICK).map(|bits| code.look(bits << (16 - QUICK), QUICK).unwrap_or((0, 0))).collect();
        Ok(code)
    }

    /// The symbol at the front of sixteen bits, if its word has at most `longest` bits.
    fn look(&self, bits: u32, longest: u32) -> Option<(u16, u8)> {
        let longest = usize::try_from(longest).unwrap_or(0);
        let length = (1..=longest.min(LONGEST)).find(|length| bits < self.limits[*length])?;
        let from = self.limits[length - 1];
        let index = self.starts[length] + ((bits - from) >> (LONGEST - length));
        let symbol = self.symbols.get(usize::try_from(index).unwrap_or(usize::MAX))?;
        Some((*symbol, u8::try_from(length).unwrap_or(0)))
    }

    pub(in crate::open) fn next(&self, bits: &mut Bits<'_>) -> io::Result<usize> {
        let ahead = bits.peek(16)?;
        let quick = self.quick.get(usize::try_from(ahead >> (16 - QUICK)).unwrap_or(0));
        let (symbol, length) = match quick {
            Some((symbol, length)) if *length > 0 => (*symbol, *length),
            _ => self.look(ahead, 16).ok_or_else(|| damaged("bits that are no word of the code"))?,
        };
        bits.skip(u32::from(length))?;
        Ok(usize::from(symbol))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_every_length() {
        // 0, 10, 110, and two words of sixteen bits.
        let mut lengths = vec![1, 2, 3];
        lengths.extend(4..=15);
        lengths.extend([16, 16]);
        let code = PrefixCode::new(&lengths).unwrap();
        let mut source: &[u8] = &[0b0101_1011, 0b1111_1111, 0b1111_1111, 0b1111_1111, 0b1110_0000];
        let mut bits = Bits::new(&mut source);
        let found: Vec<usize> = (0..5).map(|_| code.next(&mut bits).unwrap()).collect();
        assert_eq!(found, [0, 1, 2, 16, 13]);
    }

    #[test]
    fn too_many_words_are_refused() {
        assert!(PrefixCode::new(&[1, 1, 1]).is_err());
        assert!(PrefixCode::new(&[17]).is_err());
        let lonely = PrefixCode::new(&[0, 1]).unwrap();
        assert_eq!(lonely.next(&mut Bits::new(&mut &[0x7f][..])).unwrap(), 1);
        assert!(lonely.next(&mut Bits::new(&mut &[0xff][..])).is_err());
    }
}
