//! Reads the values of one row from its record.

use std::io::{self, Read};

use crate::extract::charset::decode;
use crate::open::reader::ReadError;

use super::pages::Payload;
use super::tree::varint;

/// Types of as many values as a table can have columns, of nine bytes each.
const LONGEST_HEADER: u64 = 9 * 32_767 + 9;
/// Bytes of a text that are decoded at once.
const PIECE: u64 = 1 << 20;

/// How the texts of a database are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// A value; text and bytes of that length are then to be read.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Field {
    Null,
    Integer(i64),
    Real(f64),
    Text(u64),
    Bytes(u64),
}

/// The record of one row, value by value.
pub(super) struct Record<'r, 'a, 'p, 'i> {
    pub(super) payload: &'r mut Payload<'a, 'p, 'i>,
    types: std::vec::IntoIter<u64>,
    encoding: Encoding,
}

impl<'r, 'a, 'p, 'i> Record<'r, 'a, 'p, 'i> {
    pub(super) fn open(payload: &'r mut Payload<'a, 'p, 'i>, encoding: Encoding) -> Result<Self, ReadError> {
        let damaged = || ReadError::malformed("sqlite", "the header of a row is damaged");
        let whole = payload.left();
        let mut start = Vec::new();
        // The length of the header, which counts itself.
        while start.last().is_none_or(|byte| byte & 0x80 != 0) && start.len() < 9 {
            let mut byte = [0];
            payload.read_exact(&mut byte)?;
            start.extend(byte);
        }
        let length = varint(&mut start.as_slice()).ok_or_else(damaged)?;
        let rest = length.checked_sub(start.len() as u64).ok_or_else(damaged)?;
        if length > LONGEST_HEADER || length > whole {
            return Err(damaged());
        }
        let mut header = Vec::new();
        payload.take(rest).read_to_end(&mut header)?;
        let mut bytes = header.as_slice();
        let mut types = Vec::new();
        while !bytes.is_empty() {
            types.push(varint(&mut bytes).ok_or_else(damaged)?);
        }
        Ok(Self { payload, types: types.into_iter(), encoding })
    }

    /// The next value; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Field>, ReadError> {
        let Some(kind) = self.types.next() else { return Ok(None) };
        Ok(Some(match kind {
            0 => Field::Null,
            1 => Field::Integer(self.integer(1)?),
            2 => Field::Integer(self.integer(2)?),
            3 => Field::Integer(self.integer(3)?),
            4 => Field::Integer(self.integer(4)?),
            5 => Field::Integer(self.integer(6)?),
            6 => Field::Integer(self.integer(8)?),
            7 => Field::Real(f64::from_bits(self.integer(8)?.cast_unsigned())),
            8 => Field::Integer(0),
            9 => Field::Integer(1),
            10 | 11 => return Err(ReadError::malformed("sqlite", "a value of a reserved type")),
            kind => {
                let length = (kind - 12) / 2;
                if length > self.payload.left() {
                    return Err(ReadError::malformed("sqlite", "a value is longer than its row"));
                }
                if kind % 2 == 1 { Field::Text(length) } else { Field::Bytes(length) }
            }
        }))
    }

    /// Big-endian, two's complement.
    fn integer(&mut self, width: usize) -> Result<i64, ReadError> {
        let mut bytes = [0; 8];
        if let Some(end) = bytes.get_mut(..width) {
            self.payload.read_exact(end)?;
        }
        Ok(i64::from_be_bytes(bytes) >> (64 - 8 * width))
    }

    /// The text at hand in pieces of bounded length.
    pub(super) fn text(
        &mut self,
        length: u64,
        push: &mut dyn FnMut(String) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut left = length;
        let mut bytes = Vec::new();
        while left > 0 {
            let n = (&mut *self.payload).take(left.min(PIECE)).read_to_end(&mut bytes);
            let n = match n {
                Ok(n) => n,
                Err(error) => {
                    push(self.decode(&mut bytes, true))?;
                    return Err(error.into());
                }
            };
            if n == 0 {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            left -= n as u64;
            push(self.decode(&mut bytes, left == 0))?;
        }
        Ok(())
    }

    /// Takes the whole characters out of `bytes`, at the end of a text all.
    fn decode(&self, bytes: &mut Vec<u8>, ended: bool) -> String {
        let unit: fn([u8; 2]) -> u16 = match self.encoding {
            Encoding::Utf8 => {
                let end = match std::str::from_utf8(bytes) {
                    Err(error) if error.error_len().is_none() && !ended => error.valid_up_to(),
                    _ => bytes.len(),
                };
                let rest = bytes.split_off(end);
                let whole = std::mem::replace(bytes, rest);
                // Nobody checks what a program puts in.
                return String::from_utf8(whole).unwrap_or_else(|error| decode(error.as_bytes()));
            }
            Encoding::Utf16Le => u16::from_le_bytes,
            Encoding::Utf16Be => u16::from_be_bytes,
        };
        let (pairs, _) = bytes.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        // The second half of a pair may come with the next piece.
        if !ended && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            units.pop();
        }
        bytes.drain(..2 * units.len());
        String::from_utf16_lossy(&units)
    }
}
