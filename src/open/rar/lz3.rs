//! Unpacks what RAR 2.9 to 4 packed.

use std::io::{self, Read};

use crate::model::Reason;
use crate::open::decode::{Bits, History, PrefixCode, damaged, ended_by};

use super::output::Output;
use super::ppm::Ppm;
use super::programs::Programs;

const LITERALS: usize = 299;
const DISTANCES: usize = 60;
const LOW: usize = 17;
const REPEATS: usize = 28;
const ALL: usize = LITERALS + DISTANCES + LOW + REPEATS;
/// Symbols of the code in which the lengths of the others are written.
const LENGTHS: usize = 20;

/// The largest window of this generation.
const WINDOW: usize = 4 << 20;

const LENGTH_BASES: [usize; REPEATS] =
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224];
const SHORT_BASES: [u64; 8] = [0, 4, 8, 16, 32, 64, 128, 192];
const SHORT_BITS: [u32; 8] = [2, 2, 3, 4, 5, 6, 6, 6];

struct Codes {
    literals: PrefixCode,
    distances: PrefixCode,
    low: PrefixCode,
    repeats: PrefixCode,
}

enum Mode {
    /// The codes have yet to be read.
    Start,
    Matches(Box<Codes>),
    /// By the model; the byte that announces something else.
    Model,
}

/// What goes from one member of a solid archive to the next.
pub(super) struct Lz3 {
    history: History,
    mode: Mode,
    lengths: [u8; ALL],
    old: [u64; 4],
    last_length: usize,
    low: u64,
    low_repeats: u32,
    ppm: Ppm,
    programs: Programs,
}

impl Lz3 {
    pub(super) fn new() -> Self {
        Self {
            history: History::new(WINDOW),
            mode: Mode::Start,
            lengths: [0; ALL],
            old: [0; 4],
            last_length: 0,
            low: 0,
            low_repeats: 0,
            ppm: Ppm::default(),
            programs: Programs::default(),
        }
    }

    /// The content of the next member, packed in `packed`.
    pub(super) fn member<'a>(&'a mut self, packed: &'a mut dyn Read) -> Member3<'a> {
        Member3 { lz: self, bits: Bits::new(packed), output: Output::default(), ended: false }
    }
}

pub(super) struct Member3<'a> {
    lz: &'a mut Lz3,
    bits: Bits<'a>,
    output: Output,
    ended: bool,
}

impl Read for Member3<'_> {
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

impl Member3<'_> {
    fn step(&mut self) -> io::Result<()> {
        match self.lz.mode {
            Mode::Start => self.read_codes(),
            Mode::Model => self.model_step(),
            Mode::Matches(_) => self.match_step(),
        }
    }

    fn match_step(&mut self) -> io::Result<()> {
        let Mode::Matches(codes) = &self.lz.mode else { return Ok(()) };
        let bits = &mut self.bits;
        let symbol = codes.literals.next(bits)?;
        match symbol {
            0..256 => {
                self.lz.history.put(u8::try_from(symbol).unwrap_or(0), &mut self.output.queue);
                return Ok(());
            }
            256 => return self.end_block(),
            257 => {
                let first = bits.take(8)?;
                let code = match first & 7 {
                    6 => bits.take(8)? + 7,
                    7 => bits.take(16)?,
                    short => short + 1,
                };
                let code: io::Result<Vec<u8>> =
                    (0..code).map(|_| Ok(u8::try_from(bits.take(8)?).unwrap_or(0))).collect();
                return self.lz.programs.add(first, &code?, &mut self.output);
            }
            258 => {}
            259..263 => {
                self.lz.old[..=symbol - 259].rotate_right(1);
                let slot = codes.repeats.next(bits)?;
                self.lz.last_length = length(slot, bits)? + 2;
            }
            263..271 => {
                let index = symbol - 263;
                let distance = SHORT_BASES[index] + 1 + u64::from(bits.take(SHORT_BITS[index])?);
                self.lz.remember(distance, 2);
            }
            _ => {
                let mut length = length(symbol - 271, bits)? + 3;
                let slot = codes.distances.next(bits)?;
                let (base, count) = distance_base(slot);
                let mut distance = base + 1;
                if slot > 9 {
                    distance += u64::from(bits.take(count.saturating_sub(4))?) << 4;
                    if self.lz.low_repeats > 0 {
                        self.lz.low_repeats -= 1;
                    } else {
                        match codes.low.next(bits)? {
                            16 => self.lz.low_repeats = 15,
                            low => self.lz.low = low as u64,
                        }
                    }
                    distance += self.lz.low;
                } else {
                    distance += u64::from(bits.take(count)?);
                }
                length += usize::from(distance >= 0x2000) + usize::from(distance >= 0x4_0000);
                self.lz.remember(distance, length);
            }
        }
        if self.lz.last_length > 0 {
            self.lz.history.repeat(self.lz.old[0], self.lz.last_length, &mut self.output.queue)?;
        }
        Ok(())
    }

    /// Bytes of the model. One of them announces what is none.
    fn model_step(&mut self) -> io::Result<()> {
        let Some(byte) = self.lz.ppm.next(&mut self.bits)? else {
            self.ended = true;
            return Ok(());
        };
        if byte != self.lz.ppm.escape {
            self.lz.history.put(byte, &mut self.output.queue);
            return Ok(());
        }
        match self.lz.ppm.need(&mut self.bits)? {
            0 => self.read_codes(),
            2 => {
                self.lz.mode = Mode::Start;
                self.ended = true;
                Ok(())
            }
            3 => {
                let first = u32::from(self.lz.ppm.need(&mut self.bits)?);
                let mut length = usize::from(self.lz.ppm.need_if(first & 7 >= 6, &mut self.bits)?);
                length = match first & 7 {
                    6 => length + 7,
                    7 => (length << 8) + usize::from(self.lz.ppm.need(&mut self.bits)?),
                    short => usize::try_from(short).unwrap_or(0) + 1,
                };
                let code: io::Result<Vec<u8>> = (0..length).map(|_| self.lz.ppm.need(&mut self.bits)).collect();
                self.lz.programs.add(first, &code?, &mut self.output)
            }
            4 => {
                let [a, b, c, length] = [
                    self.lz.ppm.need(&mut self.bits)?,
                    self.lz.ppm.need(&mut self.bits)?,
                    self.lz.ppm.need(&mut self.bits)?,
                    self.lz.ppm.need(&mut self.bits)?,
                ];
                let distance = u64::from(u32::from_be_bytes([0, a, b, c])) + 2;
                self.lz.history.repeat(distance, usize::from(length) + 32, &mut self.output.queue)
            }
            5 => {
                let length = usize::from(self.lz.ppm.need(&mut self.bits)?) + 4;
                self.lz.history.repeat(1, length, &mut self.output.queue)
            }
            _ => {
                self.lz.history.put(byte, &mut self.output.queue);
                Ok(())
            }
        }
    }

    /// The end of a run under the same codes: new codes, or the end of the member.
    fn end_block(&mut self) -> io::Result<()> {
        if self.bits.bit()? {
            return self.read_codes();
        }
        if self.bits.bit()? {
            self.lz.mode = Mode::Start;
        }
        self.ended = true;
        Ok(())
    }

    fn read_codes(&mut self) -> io::Result<()> {
        let bits = &mut self.bits;
        bits.align()?;
        if bits.bit()? {
            self.lz.ppm.begin(bits)?;
            self.lz.mode = Mode::Model;
            return Ok(());
        }
        self.lz.low = 0;
        self.lz.low_repeats = 0;
        if !bits.bit()? {
            self.lz.lengths = [0; ALL];
        }
        let mut own = [0; LENGTHS];
        let mut at = 0;
        while at < LENGTHS {
            let length = u8::try_from(bits.take(4)?).unwrap_or(0);
            let zeros = if length == 15 { bits.take(4)? } else { 0 };
            if zeros > 0 {
                at += usize::try_from(zeros).unwrap_or(0) + 2;
            } else {
                own[at] = length;
                at += 1;
            }
        }
        let code = PrefixCode::new(&own)?;
        let lengths = &mut self.lz.lengths;
        let mut at = 0;
        while at < ALL {
            let symbol = code.next(bits)?;
            if symbol < 16 {
                lengths[at] = (lengths[at] + u8::try_from(symbol).unwrap_or(0)) & 15;
                at += 1;
                continue;
            }
            let run = if symbol % 2 == 0 { bits.take(3)? + 3 } else { bits.take(7)? + 11 };
            let end = ALL.min(at + usize::try_from(run).unwrap_or(0));
            let before = at.checked_sub(1).map(|before| lengths[before]);
            let length = if symbol < 18 { before.ok_or_else(|| damaged("a run before the first length"))? } else { 0 };
            lengths[at..end].fill(length);
            at = end;
        }
        let (literals, rest) = lengths.split_at(LITERALS);
        let (distances, rest) = rest.split_at(DISTANCES);
        let (low, repeats) = rest.split_at(LOW);
        let code = PrefixCode::new;
        let codes =
            Codes { literals: code(literals)?, distances: code(distances)?, low: code(low)?, repeats: code(repeats)? };
        self.lz.mode = Mode::Matches(Box::new(codes));
        Ok(())
    }
}

impl Lz3 {
    fn remember(&mut self, distance: u64, length: usize) {
        self.old.rotate_right(1);
        self.old[0] = distance;
        self.last_length = length;
    }
}

fn length(slot: usize, bits: &mut Bits<'_>) -> io::Result<usize> {
    let base = LENGTH_BASES.get(slot).ok_or_else(|| ended_by(Reason::Malformed))?;
    let count = if slot < 8 { 0 } else { u32::try_from(slot / 4 - 1).unwrap_or(0) };
    Ok(base + usize::try_from(bits.take(count)?).unwrap_or(0))
}

/// Where the distances of a slot begin, and the bits that say which it is: four slots without
/// bits, two of each number up to fifteen, fourteen of sixteen, twelve of eighteen.
fn distance_base(slot: usize) -> (u64, u32) {
    let slot_ = slot as u64;
    match slot {
        0..4 => (slot_, 0),
        4..34 => {
            let count = slot_ / 2 - 1;
            ((2 | (slot_ & 1)) << count, u32::try_from(count).unwrap_or(0))
        }
        34..48 => (0x2_0000 + ((slot_ - 34) << 16), 16),
        _ => (0x10_0000 + ((slot_ - 48) << 18), 18),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_follow_one_another() {
        let mut next = 0;
        for slot in 0..DISTANCES {
            let (base, count) = distance_base(slot);
            assert_eq!(base, next, "{slot}");
            next = base + (1 << count);
        }
        assert_eq!(next, 0x40_0000);
        for slot in 1..REPEATS {
            let count = |slot: usize| if slot < 8 { 0 } else { slot / 4 - 1 };
            assert_eq!(LENGTH_BASES[slot], LENGTH_BASES[slot - 1] + (1 << count(slot - 1)));
        }
    }
}
