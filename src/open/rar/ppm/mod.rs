//! The part of RAR 3 that foretells each byte by a model of the text before it.
//!
//! The method is PPMd, variant H, by Dmitry Shkarin, with the range coder of Dmitry Subbotin
//! (both in the public domain). Crates of it read 7z archives; here the model outlives a run and
//! even the member, while the coder starts anew, which they do not offer.

mod arena;
mod model;

use std::io;

use crate::open::decode::{Bits, damaged};

use model::Model;

/// The model, which outlives the member in a solid archive.
pub(super) struct Ppm {
    model: Option<Box<Model>>,
    coder: Coder,
    /// The byte that announces what is none.
    pub escape: u8,
}

impl Default for Ppm {
    fn default() -> Self {
        Self { model: None, coder: Coder::default(), escape: 2 }
    }
}

impl Ppm {
    /// Reads what a run of the model begins with, behind its first bit.
    pub(super) fn begin(&mut self, bits: &mut Bits<'_>) -> io::Result<()> {
        let flags = bits.take(7)?;
        let starts_anew = flags & 0x20 != 0;
        let megabytes = if starts_anew { bits.take(8)? + 1 } else { 0 };
        if flags & 0x40 != 0 {
            self.escape = u8::try_from(bits.take(8)?).unwrap_or(0);
        }
        self.coder = Coder { low: 0, range: u32::MAX, code: bits.take(32)? };
        if starts_anew {
            let order = match (flags & 0x1f) + 1 {
                1 => return Err(damaged("a model of order one")),
                order @ ..=16 => order,
                order => 16 + (order - 16) * 3,
            };
            self.model = Some(Box::new(Model::new(order, megabytes << 20)));
        }
        if self.model.is_some() { Ok(()) } else { Err(damaged("a model that was not begun")) }
    }

    /// The next byte; none where the model says that nothing follows.
    pub(super) fn next(&mut self, bits: &mut Bits<'_>) -> io::Result<Option<u8>> {
        match &mut self.model {
            Some(model) => model.next(&mut self.coder, bits),
            None => Err(damaged("a model that was not begun")),
        }
    }

    pub(super) fn need(&mut self, bits: &mut Bits<'_>) -> io::Result<u8> {
        self.next(bits)?.ok_or_else(|| damaged("the model ends in the middle of a match"))
    }

    pub(super) fn need_if(&mut self, is_there: bool, bits: &mut Bits<'_>) -> io::Result<u8> {
        if is_there { self.need(bits) } else { Ok(0) }
    }
}

/// The range coder without carries.
#[derive(Default)]
struct Coder {
    low: u32,
    range: u32,
    code: u32,
}

impl Coder {
    /// Where among `total` the next count lies.
    fn threshold(&mut self, total: u32) -> u32 {
        self.range /= total.max(1);
        self.code.wrapping_sub(self.low).checked_div(self.range).unwrap_or(0)
    }

    fn narrow(&mut self, start: u32, size: u32) {
        self.low = self.low.wrapping_add(start.wrapping_mul(self.range));
        self.range = self.range.wrapping_mul(size);
    }

    fn refill(&mut self, bits: &mut Bits<'_>) -> io::Result<()> {
        const TOP: u32 = 1 << 24;
        const BOTTOM: u32 = 1 << 15;
        loop {
            if self.low ^ self.low.wrapping_add(self.range) >= TOP {
                if self.range >= BOTTOM {
                    return Ok(());
                }
                self.range = self.low.wrapping_neg() & (BOTTOM - 1);
            }
            self.code = self.code << 8 | bits.take(8)?;
            self.range <<= 8;
            self.low <<= 8;
        }
    }
}
