//! Unpacks what LHA packed by its methods lh4 to lh7.

use std::io::{self, Read};

use crate::open::decode::{Bits, History, PrefixCode, damaged};

/// Literals, and lengths of matches from three to 256.
const SYMBOLS: usize = 510;
/// Lengths of words, and three runs without words.
const LENGTHS: usize = 19;
const ENOUGH: usize = 64 << 10;

/// A code, or the one symbol that stands without bits.
enum Code {
    Words(PrefixCode),
    Always(usize),
}

impl Code {
    fn next(&self, bits: &mut Bits<'_>) -> io::Result<usize> {
        match self {
            Self::Words(code) => code.next(bits),
            Self::Always(symbol) => Ok(*symbol),
        }
    }
}

pub(super) struct Unpacker<'a> {
    bits: Bits<'a>,
    history: History,
    /// Bits of the window.
    window: u32,
    /// Symbols left under the same codes.
    left: u32,
    codes: Option<(Code, Code)>,
    queue: Vec<u8>,
    taken: usize,
    /// Bytes to come; the data has no end of its own.
    wanted: u64,
}

impl<'a> Unpacker<'a> {
    pub(super) fn new(packed: &'a mut dyn Read, window: u32, size: u64) -> Self {
        Self {
            bits: Bits::new(packed),
            // What is before the beginning are spaces.
            history: History::filled_with(b' ', 1 << window),
            window,
            left: 0,
            codes: None,
            queue: Vec::new(),
            taken: 0,
            wanted: size,
        }
    }

    fn step(&mut self) -> io::Result<()> {
        let bits = &mut self.bits;
        if self.left == 0 {
            self.left = bits.take(16)?;
            let (count, special) = if self.window < 14 { (4, 14) } else { (5, 17) };
            let lengths = read_lengths(bits, 5, LENGTHS, Some(3))?;
            let symbols = read_symbols(bits, &lengths)?;
            self.codes = Some((symbols, read_lengths(bits, count, special, None)?));
            return Ok(());
        }
        let Some((symbols, distances)) = &self.codes else { return Err(damaged("data before the first codes")) };
        self.left -= 1;
        let symbol = symbols.next(bits)?;
        if let Ok(byte) = u8::try_from(symbol) {
            self.history.put(byte, &mut self.queue);
            return Ok(());
        }
        let slot = u32::try_from(distances.next(bits)?).unwrap_or(0);
        let distance = match slot {
            0 => 0,
            slot if slot > self.window => return Err(damaged("a distance beyond the window")),
            slot => (1 << (slot - 1)) + bits.take(slot - 1)?,
        };
        self.history.repeat(u64::from(distance) + 1, symbol - 256 + 3, &mut self.queue)
    }
}

impl Read for Unpacker<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.queue.len() {
            self.queue.clear();
            self.taken = 0;
            while self.queue.len() < ENOUGH && (self.queue.len() as u64) < self.wanted {
                self.step()?;
            }
            self.wanted = self.wanted.saturating_sub(self.queue.len() as u64);
        }
        let n = self.queue.get(self.taken..).unwrap_or_default().read(buffer)?;
        self.taken += n;
        Ok(n)
    }
}

/// A code whose lengths stand in three bits each, longer ones with ones behind them. After the
/// `special` first ones, some may be left out.
fn read_lengths(bits: &mut Bits<'_>, width: u32, most: usize, special: Option<usize>) -> io::Result<Code> {
    let count = usize::try_from(bits.take(width)?).unwrap_or(0);
    if count == 0 {
        return Ok(Code::Always(usize::try_from(bits.take(width)?).unwrap_or(0)));
    }
    if count > most {
        return Err(damaged("a code of more symbols than there are"));
    }
    let mut lengths = Vec::with_capacity(count);
    while lengths.len() < count {
        let mut length = bits.take(3)?;
        if length == 7 {
            while bits.bit()? {
                length += 1;
            }
        }
        lengths.push(u8::try_from(length).unwrap_or(u8::MAX));
        if special == Some(lengths.len()) {
            lengths.resize(lengths.len() + usize::try_from(bits.take(2)?).unwrap_or(0), 0);
        }
    }
    Ok(Code::Words(PrefixCode::new(&lengths)?))
}

/// The code of literals and lengths, whose lengths are words of another code.
fn read_symbols(bits: &mut Bits<'_>, code: &Code) -> io::Result<Code> {
    let count = usize::try_from(bits.take(9)?).unwrap_or(0);
    if count == 0 {
        return Ok(Code::Always(usize::try_from(bits.take(9)?).unwrap_or(0)));
    }
    if count > SYMBOLS {
        return Err(damaged("a code of more symbols than there are"));
    }
    let mut lengths: Vec<u8> = Vec::with_capacity(count);
    while lengths.len() < count {
        let run = match code.next(bits)? {
            0 => 1,
            1 => bits.take(4)? + 3,
            2 => bits.take(9)? + 20,
            length => {
                lengths.push(u8::try_from(length - 2).unwrap_or(u8::MAX));
                continue;
            }
        };
        lengths.resize(lengths.len() + usize::try_from(run).unwrap_or(0), 0);
    }
    lengths.truncate(SYMBOLS);
    Ok(Code::Words(PrefixCode::new(&lengths)?))
}
