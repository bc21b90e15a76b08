//! Unpacks what RAR 5 and 7 packed.

use std::io::{self, Read};

use crate::open::decode::{Bits, History, PrefixCode, damaged};

use super::filters::Filter;
use super::output::{LONGEST_FILTER, Output};

/// Symbols of the four codes: literals and lengths, distances, low bits of distances, lengths
/// of matches at a distance used before.
const LITERALS: usize = 306;
const DISTANCES: usize = 64;
const FAR_DISTANCES: usize = 80;
const LOW: usize = 16;
const REPEATS: usize = 44;
/// Symbols of the code in which the lengths of the others are written.
const LENGTHS: usize = 20;

struct Codes {
    literals: PrefixCode,
    distances: PrefixCode,
    low: PrefixCode,
    repeats: PrefixCode,
}

/// What goes from one member of a solid archive to the next.
pub(super) struct Lz5 {
    history: History,
    codes: Option<Codes>,
    old: [u64; 4],
    last_length: usize,
}

impl Lz5 {
    pub(super) fn new(dictionary: usize) -> Self {
        Self { history: History::new(dictionary), codes: None, old: [0; 4], last_length: 0 }
    }

    pub(super) fn widen(&mut self, dictionary: usize) {
        self.history.widen(dictionary);
    }

    /// The content of the next member, packed in `packed`.
    pub(super) fn member<'a>(&'a mut self, packed: &'a mut dyn Read, far: bool) -> Member5<'a> {
        let output = Output::default();
        Member5 { lz: self, bits: Bits::new(packed), far, block: None, output, ended: false }
    }
}

/// A run of symbols under the same codes.
struct Block {
    /// Position of the first bit behind it.
    end: u64,
    is_last: bool,
}

pub(super) struct Member5<'a> {
    lz: &'a mut Lz5,
    bits: Bits<'a>,
    far: bool,
    block: Option<Block>,
    output: Output,
    ended: bool,
}

impl Read for Member5<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.output.take(buffer, self.ended);
            if n > 0 || self.ended || buffer.is_empty() {
                return Ok(n);
            }
            while !self.ended && !self.output.is_full() {
                self.step()?;
            }
        }
    }
}

impl Member5<'_> {
    fn step(&mut self) -> io::Result<()> {
        match &self.block {
            Some(block) if self.bits.position() < block.end => {}
            Some(Block { is_last: true, .. }) => {
                self.ended = true;
                return Ok(());
            }
            _ => {
                self.block = Some(self.read_block()?);
                return Ok(());
            }
        }
        let Some(codes) = &self.lz.codes else { return Err(damaged("data before the first codes")) };
        let bits = &mut self.bits;
        let symbol = codes.literals.next(bits)?;
        match symbol {
            0..256 => {
                self.lz.history.put(u8::try_from(symbol).unwrap_or(0), &mut self.output.queue);
                return Ok(());
            }
            256 => return self.read_filter(),
            257 => {}
            258..262 => {
                let slot = codes.repeats.next(bits)?;
                self.lz.last_length = length(slot, bits)?;
                self.lz.old[..=symbol - 258].rotate_right(1);
            }
            _ => {
                let mut length = length(symbol - 262, bits)?;
                let distance = distance(codes, bits)?;
                length +=
                    usize::from(distance > 0x100) + usize::from(distance > 0x2000) + usize::from(distance > 0x4_0000);
                self.lz.old.rotate_right(1);
                self.lz.old[0] = distance;
                self.lz.last_length = length;
            }
        }
        if self.lz.last_length > 0 {
            self.lz.history.repeat(self.lz.old[0], self.lz.last_length, &mut self.output.queue)?;
        }
        Ok(())
    }

    fn read_block(&mut self) -> io::Result<Block> {
        let bits = &mut self.bits;
        bits.align()?;
        let flags = bits.take(8)?;
        let checksum = bits.take(8)?;
        let mut size = 0;
        let mut sum = 0x5a ^ flags;
        for index in 0..=(flags >> 3) & 3 {
            let byte = bits.take(8)?;
            size |= u64::from(byte) << (8 * index);
            sum ^= byte;
        }
        if sum != checksum || (flags >> 3) & 3 == 3 || size == 0 {
            return Err(damaged("the header of a block does not match its checksum"));
        }
        let end = bits.position() + (size - 1) * 8 + u64::from(flags & 7) + 1;
        if flags & 0x80 != 0 {
            self.lz.codes = Some(read_codes(bits, self.far)?);
        }
        Ok(Block { end, is_last: flags & 0x40 != 0 })
    }

    fn read_filter(&mut self) -> io::Result<()> {
        let bits = &mut self.bits;
        let mut number = || {
            let count = bits.take(2)?;
            (0..=count)
                .try_fold(0u64, |value, index| Ok::<_, io::Error>(value | u64::from(bits.take(8)?) << (8 * index)))
        };
        let (ahead, length) = (number()?, number()?);
        let filter = match bits.take(3)? {
            0 => Filter::Delta { channels: usize::try_from(bits.take(5)?).unwrap_or(0) + 1 },
            1 => Filter::X86 { jumps: false, wraps: true },
            2 => Filter::X86 { jumps: true, wraps: true },
            3 => Filter::Arm,
            _ => return Err(damaged("an unknown filter")),
        };
        // Too long ones are passed over.
        if length > LONGEST_FILTER { Ok(()) } else { self.output.filter(ahead, length, filter) }
    }
}

fn read_codes(bits: &mut Bits<'_>, far: bool) -> io::Result<Codes> {
    let mut lengths = [0; LENGTHS];
    let mut at = 0;
    while at < LENGTHS {
        let length = u8::try_from(bits.take(4)?).unwrap_or(0);
        let zeros = if length == 15 { bits.take(4)? } else { 0 };
        if zeros > 0 {
            at += usize::try_from(zeros).unwrap_or(0) + 2;
        } else {
            lengths[at] = length;
            at += 1;
        }
    }
    let code = PrefixCode::new(&lengths)?;
    let distances = if far { FAR_DISTANCES } else { DISTANCES };
    let count = LITERALS + distances + LOW + REPEATS;
    let mut lengths: Vec<u8> = Vec::with_capacity(count);
    while lengths.len() < count {
        let symbol = code.next(bits)?;
        if symbol < 16 {
            lengths.push(u8::try_from(symbol).unwrap_or(0));
            continue;
        }
        let run = if symbol % 2 == 0 { bits.take(3)? + 3 } else { bits.take(7)? + 11 };
        let length =
            if symbol < 18 { *lengths.last().ok_or_else(|| damaged("a run before the first length"))? } else { 0 };
        let end = count.min(lengths.len() + usize::try_from(run).unwrap_or(0));
        lengths.resize(end, length);
    }
    let (literals, rest) = lengths.split_at(LITERALS);
    let (distances, rest) = rest.split_at(distances);
    let (low, repeats) = rest.split_at(LOW);
    let code = PrefixCode::new;
    Ok(Codes { literals: code(literals)?, distances: code(distances)?, low: code(low)?, repeats: code(repeats)? })
}

fn length(slot: usize, bits: &mut Bits<'_>) -> io::Result<usize> {
    if slot < 8 {
        return Ok(2 + slot);
    }
    let count = slot / 4 - 1;
    let extra = usize::try_from(bits.take(u32::try_from(count).unwrap_or(0))?).unwrap_or(0);
    Ok(2 + ((4 | (slot & 3)) << count) + extra)
}

fn distance(codes: &Codes, bits: &mut Bits<'_>) -> io::Result<u64> {
    let slot = codes.distances.next(bits)? as u64;
    if slot < 4 {
        return Ok(1 + slot);
    }
    let count = u32::try_from(slot / 2 - 1).unwrap_or(0);
    let base = 1 + ((2 | (slot & 1)) << count);
    if count < 4 {
        return Ok(base + u64::from(bits.take(count)?));
    }
    // At most 38 bits.
    let high = count - 4;
    let upper = if high > 32 { u64::from(bits.take(high - 32)?) << 32 } else { 0 };
    let high = upper | u64::from(bits.take(high.min(32))?);
    Ok(base + (high << 4) + codes.low.next(bits)? as u64)
}
