//! The memory of the model: contexts, lists of symbols, and the text itself, in one block of units.

/// Bytes of one unit; a context fills one, two symbols with their counts fill one.
pub(super) const UNIT: u32 = 12;
/// Bytes of a symbol with its count and what follows it.
pub(super) const STATE: u32 = 6;
/// Sizes of pieces, in units: 1 to 4, then by twos, threes and fours up to 128.
const SIZES: usize = 38;

/// The memory of the model. Places are offsets; zero is nowhere.
pub(super) struct Arena {
    bytes: Vec<u8>,
    units_of: [u8; SIZES],
    index_of: [u8; 128],
    free: [u32; SIZES],
    glue_count: u32,
    /// Where the text ends, and where units begin.
    pub text: u32,
    units_start: u32,
    low: u32,
    high: u32,
}

impl Arena {
    pub(super) fn new(size: u32) -> Self {
        let mut units_of = [0; SIZES];
        let mut index_of = [0; 128];
        let mut units = 0u8;
        for (index, slot) in units_of.iter_mut().enumerate() {
            let step = if index < 12 { index / 4 + 1 } else { 4 };
            for _ in 0..step {
                index_of[usize::from(units)] = u8::try_from(index).unwrap_or(0);
                units += 1;
            }
            *slot = units;
        }
        // Zeros come from the system page by page, when they are touched.
        let bytes = vec![0; usize::try_from(size).unwrap_or(0)];
        let mut arena = Self {
            bytes,
            units_of,
            index_of,
            free: [0; SIZES],
            glue_count: 0,
            text: 0,
            units_start: 0,
            low: 0,
            high: 0,
        };
        arena.clear();
        arena
    }

    pub(super) fn clear(&mut self) {
        self.free = [0; SIZES];
        self.text = 0;
        self.glue_count = 0;
        self.high = u32::try_from(self.bytes.len()).unwrap_or(0);
        self.units_start = self.high - self.high / 8 / UNIT * 7 * UNIT;
        self.low = self.units_start;
    }

    pub(super) fn byte(&self, at: u32) -> u8 {
        self.bytes.get(at as usize).copied().unwrap_or(0)
    }

    pub(super) fn set_byte(&mut self, at: u32, value: u8) {
        if let Some(slot) = self.bytes.get_mut(at as usize) {
            *slot = value;
        }
    }

    fn array<const N: usize>(&self, at: u32) -> [u8; N] {
        self.bytes.get(at as usize..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
    }

    fn set_array<const N: usize>(&mut self, at: u32, value: [u8; N]) {
        if let Some(slot) = self.bytes.get_mut(at as usize..).and_then(|rest| rest.first_chunk_mut()) {
            *slot = value;
        }
    }

    pub(super) fn short(&self, at: u32) -> u32 {
        u32::from(u16::from_le_bytes(self.array(at)))
    }

    pub(super) fn set_short(&mut self, at: u32, value: u32) {
        let [low, high, ..] = value.to_le_bytes();
        self.set_array(at, [low, high]);
    }

    pub(super) fn long(&self, at: u32) -> u32 {
        u32::from_le_bytes(self.array(at))
    }

    pub(super) fn set_long(&mut self, at: u32, value: u32) {
        self.set_array(at, value.to_le_bytes());
    }

    pub(super) fn state(&self, at: u32) -> [u8; 6] {
        self.array(at)
    }

    pub(super) fn set_state(&mut self, at: u32, state: [u8; 6]) {
        self.set_array(at, state);
    }

    pub(super) fn copy(&mut self, from: u32, to: u32, length: u32) {
        let (from, to, length) = (from as usize, to as usize, length as usize);
        if from.max(to) + length <= self.bytes.len() {
            self.bytes.copy_within(from..from + length, to);
        }
    }

    /// Adds a symbol to the text; false if there is no room.
    pub(super) fn push_text(&mut self, symbol: u8) -> bool {
        self.set_byte(self.text, symbol);
        self.text += 1;
        self.text < self.units_start
    }

    /// Whether this is the place of a context, and not one in the text.
    pub(super) fn is_context(&self, at: u32) -> bool {
        at >= self.units_start
    }

    /// The index of the size that holds so many units.
    pub(super) fn index(&self, units: u32) -> usize {
        self.index_of.get((units as usize).wrapping_sub(1)).map_or(SIZES - 1, |index| usize::from(*index))
    }

    fn units(&self, index: usize) -> u32 {
        self.units_of.get(index).map_or(128, |units| u32::from(*units))
    }

    pub(super) fn release(&mut self, at: u32, index: usize) {
        let Some(head) = self.free.get(index).copied() else { return };
        self.set_long(at, head);
        self.free[index] = at;
    }

    /// A released piece of this size; none if there is none.
    pub(super) fn reuse(&mut self, index: usize) -> Option<u32> {
        let at = self.free.get(index).copied().filter(|at| *at != 0)?;
        self.free[index] = self.long(at);
        Some(at)
    }

    /// Releases what a piece of one size has more than one of another.
    pub(super) fn shrink(&mut self, at: u32, index: usize, smaller: usize) {
        let kept = self.units(smaller);
        self.release_units(at + kept * UNIT, self.units(index) - kept);
    }

    /// Releases so many units, at most 128, as one piece or two.
    fn release_units(&mut self, at: u32, units: u32) {
        let mut index = self.index(units);
        if self.units(index) != units {
            index -= 1;
            let first = self.units(index);
            self.release(at + first * UNIT, self.index(units - first));
        }
        self.release(at, index);
    }

    /// One unit for a context, from the upper end.
    pub(super) fn context(&mut self) -> Option<u32> {
        if self.high != self.low {
            self.high -= UNIT;
            return Some(self.high);
        }
        self.reuse(0).or_else(|| self.search(0))
    }

    /// A piece for so many units.
    pub(super) fn take(&mut self, index: usize) -> Option<u32> {
        if let Some(at) = self.reuse(index) {
            return Some(at);
        }
        let size = self.units(index) * UNIT;
        if self.high - self.low >= size {
            self.low += size;
            return Some(self.low - size);
        }
        self.search(index)
    }

    /// A part of a larger piece, or some of the room of the text.
    fn search(&mut self, index: usize) -> Option<u32> {
        if self.glue_count == 0 {
            self.glue();
            if let Some(at) = self.reuse(index) {
                return Some(at);
            }
        }
        for larger in index + 1..SIZES {
            if let Some(at) = self.reuse(larger) {
                self.shrink(at, larger, index);
                return Some(at);
            }
        }
        let size = self.units(index) * UNIT;
        self.glue_count -= 1;
        if self.units_start - self.text <= size {
            return None;
        }
        self.units_start -= size;
        Some(self.units_start)
    }

    /// Joins released pieces that lie side by side. A released piece is told by a zero in its
    /// first two bytes, behind which stand its units; what is in use has none there.
    fn glue(&mut self) {
        self.glue_count = 255;
        if self.low != self.high {
            self.set_short(self.low, 1);
        }
        let mut pieces = Vec::new();
        for index in 0..SIZES {
            let units = self.units(index);
            let mut at = std::mem::take(&mut self.free[index]);
            while at != 0 {
                let next = self.long(at);
                self.set_short(at, 0);
                self.set_short(at + 2, units);
                pieces.push(at);
                at = next;
            }
        }
        // The last one released is joined first.
        pieces.reverse();
        let mut joined = Vec::new();
        for at in pieces {
            let mut units = self.short(at + 2);
            // It belongs to another one already.
            if units == 0 {
                continue;
            }
            loop {
                let next = at + units * UNIT;
                units += self.short(next + 2);
                if self.short(next) != 0 || units >= 0x1_0000 || next as usize >= self.bytes.len() {
                    break;
                }
                self.set_short(at + 2, units);
                self.set_short(next + 2, 0);
            }
            joined.push(at);
        }
        for mut at in joined {
            let mut units = self.short(at + 2);
            if units == 0 {
                continue;
            }
            while units > 128 {
                self.release(at, SIZES - 1);
                units -= 128;
                at += 128 * UNIT;
            }
            self.release_units(at, units);
        }
    }

    /// The room that a fresh model takes: one context, and the list of all symbols.
    pub(super) fn first(&mut self) -> (u32, u32) {
        self.high -= UNIT;
        let list = self.low;
        self.low += 256 / 2 * UNIT;
        (self.high, list)
    }
}
