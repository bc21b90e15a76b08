//! The model of the text: contexts with the symbols that were seen in them, and how often.

use std::io;

use crate::open::decode::Bits;

use super::Coder;
use super::arena::{Arena, STATE};

/// The highest count of a symbol before all are halved.
const MOST: u32 = 124;
const SCALE: u32 = 1 << 14;
/// First guesses for contexts of one symbol, and for what escapes from them.
const FIRST_BINARY: [u32; 8] = [0x3cdd, 0x1f3f, 0x59bf, 0x48f3, 0x64a1, 0x5abc, 0x6632, 0x6051];
const ESCAPES: [u8; 16] = [25, 14, 9, 7, 5, 5, 4, 4, 4, 3, 3, 3, 2, 2, 2, 2];
/// Contexts above one another.
const DEEPEST: usize = 64;

/// How often symbols that are new in their contexts were seen.
#[derive(Clone, Copy, Default)]
struct Escape {
    sum: u16,
    shift: u8,
    count: u8,
}

pub(super) struct Model {
    memory: Arena,
    order: u32,
    /// The context in use, and the longest one that is being made.
    context: u32,
    longest: u32,
    /// Where the symbol found last stands.
    found: u32,
    fall: u32,
    first_escape: u32,
    was_likely: u32,
    high_bits: u32,
    run: i32,
    first_run: i32,
    class_of: [u8; 256],
    escapes: [[Escape; 16]; 25],
    dummy: Escape,
    binary: [[u16; 64]; 128],
}

// A context: the number of its symbols, the sum of their counts, its list of states, and the
// context that is one symbol shorter. The one state of a context of one symbol stands in it.
// A state: symbol, count, and the context that follows it, or a place in the text.

impl Model {
    pub(super) fn new(order: u32, memory: u32) -> Self {
        let mut class_of = [0u8; 256];
        let (mut class, mut left) = (3u8, 1);
        for (count, slot) in class_of.iter_mut().enumerate() {
            *slot = u8::try_from(count).unwrap_or(0).min(class);
            if count >= 3 {
                *slot = class;
                left -= 1;
                if left == 0 {
                    class += 1;
                    left = class - 2;
                }
            }
        }
        let mut model = Self {
            memory: Arena::new(memory),
            order,
            context: 0,
            longest: 0,
            found: 0,
            fall: 0,
            first_escape: 0,
            was_likely: 0,
            high_bits: 0,
            run: 0,
            first_run: 0,
            class_of,
            escapes: [[Escape::default(); 16]; 25],
            dummy: Escape::default(),
            binary: [[0; 64]; 128],
        };
        model.restart();
        model
    }

    fn restart(&mut self) {
        self.memory.clear();
        self.fall = self.order;
        self.first_run = -i32::try_from(self.order.min(12)).unwrap_or(12) - 1;
        self.run = self.first_run;
        self.was_likely = 0;
        let (context, list) = self.memory.first();
        (self.context, self.longest, self.found) = (context, context, list);
        self.memory.set_short(context, 256);
        self.memory.set_short(context + 2, 257);
        self.memory.set_long(context + 4, list);
        self.memory.set_long(context + 8, 0);
        for symbol in 0..=u8::MAX {
            self.memory.set_state(list + u32::from(symbol) * STATE, [symbol, 1, 0, 0, 0, 0]);
        }
        for (count, row) in (2u32..).zip(self.binary.iter_mut()) {
            for (index, slot) in row.iter_mut().enumerate() {
                *slot = u16::try_from(SCALE - FIRST_BINARY[index % 8] / count).unwrap_or(0);
            }
        }
        for (class, row) in (0u16..).zip(self.escapes.iter_mut()) {
            *row = [Escape { sum: (5 * class + 10) << 3, shift: 3, count: 4 }; 16];
        }
        self.dummy = Escape { sum: 0, shift: 7, count: 64 };
    }

    fn symbols(&self, context: u32) -> u32 {
        self.memory.short(context)
    }

    fn sum(&self, context: u32) -> u32 {
        self.memory.short(context + 2)
    }

    fn list(&self, context: u32) -> u32 {
        self.memory.long(context + 4)
    }

    fn suffix(&self, context: u32) -> u32 {
        self.memory.long(context + 8)
    }

    fn symbol(&self, state: u32) -> u8 {
        self.memory.byte(state)
    }

    fn count(&self, state: u32) -> u32 {
        u32::from(self.memory.byte(state + 1))
    }

    fn set_count(&mut self, state: u32, count: u32) {
        self.memory.set_byte(state + 1, count.to_le_bytes()[0]);
    }

    fn successor(&self, state: u32) -> u32 {
        self.memory.long(state + 2)
    }

    fn set_successor(&mut self, state: u32, successor: u32) {
        self.memory.set_long(state + 2, successor);
    }

    /// The state of a symbol that the context has.
    fn find(&self, context: u32, symbol: u8) -> u32 {
        let (list, count) = (self.list(context), self.symbols(context));
        (0..count).map(|index| list + index * STATE).find(|state| self.symbol(*state) == symbol).unwrap_or(list)
    }

    fn swap(&mut self, a: u32, b: u32) {
        let (first, second) = (self.memory.state(a), self.memory.state(b));
        self.memory.set_state(a, second);
        self.memory.set_state(b, first);
    }

    /// The next byte; none where no context knows a symbol.
    pub(super) fn next(&mut self, coder: &mut Coder, bits: &mut Bits<'_>) -> io::Result<Option<u8>> {
        let mut masked = [false; 256];
        let count = self.symbols(self.context);
        if count == 1 {
            if let Some(symbol) = self.next_binary(coder, bits)? {
                return Ok(Some(symbol));
            }
            masked[usize::from(self.symbol(self.context + 2))] = true;
        } else {
            let (list, sum) = (self.list(self.context), self.sum(self.context));
            let threshold = coder.threshold(sum);
            let mut below = 0;
            for index in 0..count {
                let state = list + index * STATE;
                let own = self.count(state);
                if threshold < below + own {
                    coder.narrow(below, own);
                    coder.refill(bits)?;
                    self.found = state;
                    let symbol = self.symbol(state);
                    if index == 0 {
                        self.update_first();
                    } else {
                        self.update_other();
                    }
                    return Ok(Some(symbol));
                }
                below += own;
                if index == 0 {
                    self.was_likely = 0;
                }
            }
            if threshold >= sum {
                return Ok(None);
            }
            coder.narrow(below, sum - below);
            self.high_bits = high_bit(self.symbol(self.found), 8);
            self.mask(&mut masked, list, count);
        }
        self.next_escaped(&mut masked, coder, bits)
    }

    fn mask(&self, masked: &mut [bool; 256], list: u32, count: u32) {
        for index in 0..count {
            masked[usize::from(self.symbol(list + index * STATE))] = true;
        }
    }

    /// In a context of one symbol: that one, or none.
    fn next_binary(&mut self, coder: &mut Coder, bits: &mut Bits<'_>) -> io::Result<Option<u8>> {
        let state = self.context + 2;
        self.high_bits = high_bit(self.symbol(self.found), 8);
        let above = match self.symbols(self.suffix(self.context)) {
            0 | 1 => 0,
            2 => 2,
            3..=11 => 4,
            _ => 6,
        };
        let column =
            self.was_likely + u32::from(self.run < 0) * 32 + above + high_bit(self.symbol(state), 16) + self.high_bits;
        let row = self.count(state).clamp(1, 128) - 1;
        let slot = &mut self.binary[row as usize][(column & 63) as usize];
        let likely = u32::from(*slot);
        let size = (coder.range >> 14) * likely;
        let less = likely - ((likely + 32) >> 7);
        if coder.code.wrapping_sub(coder.low) < size {
            *slot = u16::try_from(less + 128).unwrap_or(0);
            coder.range = size;
            coder.refill(bits)?;
            self.found = state;
            self.was_likely = 1;
            self.run += 1;
            let count = self.count(state);
            self.set_count(state, count + u32::from(count < 128));
            let symbol = self.symbol(state);
            self.follow();
            return Ok(Some(symbol));
        }
        *slot = u16::try_from(less).unwrap_or(0);
        self.first_escape = u32::from(ESCAPES[(less >> 10 & 15) as usize]);
        coder.low = coder.low.wrapping_add(size);
        coder.range = (coder.range & !(SCALE - 1)).wrapping_sub(size);
        self.was_likely = 0;
        Ok(None)
    }

    /// In shorter and shorter contexts, without the symbols that it was not.
    fn next_escaped(
        &mut self,
        masked: &mut [bool; 256],
        coder: &mut Coder,
        bits: &mut Bits<'_>,
    ) -> io::Result<Option<u8>> {
        loop {
            coder.refill(bits)?;
            let known = self.symbols(self.context);
            let mut context = self.context;
            while self.symbols(context) == known {
                self.fall += 1;
                context = self.suffix(context);
                if context == 0 {
                    return Ok(None);
                }
            }
            self.context = context;
            let (list, count) = (self.list(context), self.symbols(context));
            let states = (0..count).map(|index| list + index * STATE);
            let new: u32 = states
                .clone()
                .filter(|state| !masked[usize::from(self.symbol(*state))])
                .map(|state| self.count(state))
                .sum();
            let place = self.escape_place(known, count);
            let escape = self.escape(place);
            let sum = u32::from(escape.sum);
            let expected = sum >> escape.shift;
            if place.is_some() {
                escape.sum = u16::try_from(sum - expected).unwrap_or(0);
            }
            let total = new + if place.is_some() { expected.max(1) } else { 1 };
            let threshold = coder.threshold(total);
            if threshold >= total {
                return Ok(None);
            }
            if threshold >= new {
                coder.narrow(new, total - new);
                let escape = self.escape(place);
                escape.sum = escape.sum.wrapping_add(u16::try_from(total & 0xffff).unwrap_or(0));
                self.mask(masked, list, count);
                continue;
            }
            let mut below = 0;
            for state in states {
                let symbol = self.symbol(state);
                let own = if masked[usize::from(symbol)] { 0 } else { self.count(state) };
                if threshold >= below + own {
                    below += own;
                    continue;
                }
                coder.narrow(below, own);
                coder.refill(bits)?;
                let escape = self.escape(place);
                if escape.shift < 7 {
                    escape.count = escape.count.wrapping_sub(1);
                    if escape.count == 0 {
                        escape.sum <<= 1;
                        escape.count = (3u32 << escape.shift).to_le_bytes()[0];
                        escape.shift += 1;
                    }
                }
                self.found = state;
                let count = self.count(state) + 4;
                self.run = self.first_run;
                self.add_to_sum(self.context, 4);
                self.set_count(state, count);
                if count > MOST {
                    self.halve();
                }
                self.update();
                return Ok(Some(symbol));
            }
            return Ok(None);
        }
    }

    /// Which of the guesses about escapes is meant; none in the context of all symbols.
    fn escape_place(&self, known: u32, count: u32) -> Option<(usize, usize)> {
        if count == 256 {
            return None;
        }
        let new = count.saturating_sub(known).max(1);
        let class = self.class_of.get(new as usize - 1).copied().unwrap_or(0);
        let above = self.symbols(self.suffix(self.context));
        let column = u32::from(new < above.saturating_sub(count))
            + 2 * u32::from(self.sum(self.context) < 11 * count)
            + 4 * u32::from(known > new)
            + self.high_bits;
        Some((usize::from(class).min(24), (column & 15) as usize))
    }

    fn escape(&mut self, place: Option<(usize, usize)>) -> &mut Escape {
        match place {
            Some((class, column)) => &mut self.escapes[class][column],
            None => &mut self.dummy,
        }
    }

    fn add_to_sum(&mut self, context: u32, more: u32) {
        let sum = self.sum(context);
        self.memory.set_short(context + 2, sum + more);
    }

    /// The first symbol of the list was found.
    fn update_first(&mut self) {
        let (state, sum) = (self.found, self.sum(self.context));
        let count = self.count(state);
        self.was_likely = u32::from(2 * count > sum);
        self.run += i32::from(self.was_likely == 1);
        self.add_to_sum(self.context, 4);
        self.set_count(state, count + 4);
        if count + 4 > MOST {
            self.halve();
        }
        self.follow();
    }

    /// Another one was: it moves up.
    fn update_other(&mut self) {
        let state = self.found;
        let count = self.count(state) + 4;
        self.add_to_sum(self.context, 4);
        self.set_count(state, count);
        if count > self.count(state - STATE) {
            self.swap(state, state - STATE);
            self.found = state - STATE;
            if count > MOST {
                self.halve();
            }
        }
        self.follow();
    }

    fn follow(&mut self) {
        let successor = self.successor(self.found);
        if self.fall == 0 && self.memory.is_context(successor) {
            (self.context, self.longest) = (successor, successor);
        } else {
            self.update();
        }
    }
}

/// A bit for symbols from 64 on, at this place.
fn high_bit(symbol: u8, bit: u32) -> u32 {
    if symbol >= 64 { bit } else { 0 }
}

mod growth;
