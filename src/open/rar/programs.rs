//! The filter programs of RAR 3: known ones are told by their checksum, others are not run.

use std::io;

use crate::model::Reason;
use crate::open::decode::{Bits, damaged, ended_by};

use super::filters::Filter;
use super::header::crc_of;
use super::output::Output;

/// Programs an archive may bring along.
const MOST: usize = 1024;
/// The memory of the machine that ran them, and what half of it holds.
const MEMORY: u32 = 0x4_0000;

/// What a program does; archivers write these six and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Program {
    X86 { jumps: bool },
    Delta,
    Rgb,
    Audio,
    Unknown,
}

impl Program {
    fn of(code: &[u8]) -> Self {
        match (code.len(), crc_of(code)) {
            (53, 0xad57_6887) => Self::X86 { jumps: false },
            (57, 0x3cd7_e57e) => Self::X86 { jumps: true },
            (29, 0x0e06_077d) => Self::Delta,
            (149, 0x1c2c_5dc8) => Self::Rgb,
            (216, 0xbc85_e701) => Self::Audio,
            _ => Self::Unknown,
        }
    }
}

/// The programs so far, each with the length it was last used for.
#[derive(Default)]
pub(super) struct Programs {
    known: Vec<(Program, u32)>,
    last: usize,
}

impl Programs {
    /// Takes an order to run a program, new or known, over bytes to come.
    pub(super) fn add(&mut self, first: u32, mut order: &[u8], output: &mut Output) -> io::Result<()> {
        let bits = &mut Bits::new(&mut order);
        let mut index = self.last;
        if first & 0x80 != 0 {
            index = usize::try_from(number(bits)?).unwrap_or(usize::MAX);
            if index == 0 {
                self.known.clear();
            } else {
                index -= 1;
            }
        }
        let is_new = index == self.known.len();
        if index > self.known.len() || index >= MOST {
            return Err(damaged("a filter that is not there"));
        }
        self.last = index;
        let mut ahead = number(bits)?;
        if first & 0x40 != 0 {
            ahead = ahead.wrapping_add(258);
        }
        let length =
            if first & 0x20 != 0 { number(bits)? } else { self.known.get(index).map_or(0, |(_, length)| *length) };
        let mut registers = [0u32; 7];
        if first & 0x10 != 0 {
            let given = bits.take(7)?;
            for (index, register) in registers.iter_mut().enumerate() {
                if given & (1 << index) != 0 {
                    *register = number(bits)?;
                }
            }
        }
        if is_new {
            let size = number(bits)?;
            if size == 0 || size >= 0x1_0000 {
                return Err(damaged("a filter program of a length that none has"));
            }
            let code: io::Result<Vec<u8>> = (0..size).map(|_| Ok(u8::try_from(bits.take(8)?).unwrap_or(0))).collect();
            self.known.push((Program::of(&code?), length));
        }
        let Some((program, known_length)) = self.known.get_mut(index) else { return Ok(()) };
        *known_length = length;
        let [first_register, second_register, ..] = registers.map(|value| usize::try_from(value).unwrap_or(usize::MAX));
        // Beyond these the machine did nothing.
        let fits = length <= MEMORY / 2;
        let filter = match *program {
            Program::X86 { jumps } if length <= MEMORY => Filter::X86 { jumps, wraps: false },
            Program::Delta if fits && (1..=1024).contains(&first_register) => {
                Filter::Delta { channels: first_register }
            }
            Program::Audio if fits && (1..=128).contains(&first_register) => Filter::Audio { channels: first_register },
            Program::Rgb if fits && first_register >= 3 && second_register <= 2 => {
                Filter::Rgb { width: first_register - 3, red: second_register }
            }
            Program::Unknown => return Err(ended_by(Reason::UnsupportedFeature)),
            _ => return Err(damaged("a filter with parameters that none has")),
        };
        output.filter(u64::from(ahead & 0x3f_ffff), u64::from(length), filter)
    }
}

/// A number of the machine: four bits, eight, eight below zero, sixteen or thirty-two.
fn number(bits: &mut Bits<'_>) -> io::Result<u32> {
    match bits.take(2)? {
        0 => bits.take(4),
        1 => match bits.take(4)? {
            0 => Ok(0xffff_ff00 | bits.take(8)?),
            high => Ok(high << 4 | bits.take(4)?),
        },
        2 => bits.take(16),
        _ => bits.take(32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length() {
        let check = |bytes: &[u8], expected: u32| {
            assert_eq!(number(&mut Bits::new(&mut &bytes[..])).unwrap(), expected, "{bytes:x?}");
        };
        check(&[0b0010_1100], 0b1011);
        check(&[0b0110_0111, 0b1100_0000], 0x9f);
        check(&[0b0100_0011, 0b1111_1100], 0xffff_ffff);
        check(&[0b1000_0100, 0b1000_1101, 0b0000_0000], 0x1234);
    }

    #[test]
    fn unknown_programs_are_not_run() {
        let mut output = Output::default();
        // A new program of one byte, for ten bytes that start here.
        let order = [0b0000_0000, 0b0000_0010, 0b1000_0001, 0b0000_0000];
        let error = Programs::default().add(0x80 | 0x20, &order, &mut output).unwrap_err();
        assert_eq!(crate::open::budget::reason_of(&error), Some(Reason::UnsupportedFeature));
    }
}
