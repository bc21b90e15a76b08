//! Cuts text into runs of letters and digits, sixty-four bytes at a time.

/// A run of ASCII letters, ASCII digits and bytes beyond ASCII, as long as it can be: byte offsets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) end: usize,
}

const BLOCK: usize = 64;
/// Bytes whose runs are given at once: few enough that they stay in the fastest memory.
const TILE: usize = 64 * BLOCK;
/// Every second byte begins a run at most, and one may have begun before.
pub(super) const MOST_RUNS: usize = TILE / 2 + 1;

/// The runs of a text, tile by tile.
pub(super) struct Tiles<'a> {
    rest: &'a [u8],
    /// The offset of `rest`.
    base: usize,
    done: bool,
}

/// The runs that end in one tile, in order.
#[derive(Debug)]
pub(super) struct Tile {
    starts: Box<[usize]>,
    ends: Box<[usize]>,
    begun: usize,
    ended: usize,
    /// Of each block, where a word may begin: a bit a byte.
    beginnings: Vec<u64>,
    /// Whether the last byte so far was a letter or a digit of ASCII.
    in_word: bool,
}

impl Default for Tile {
    fn default() -> Self {
        Self {
            starts: vec![0; MOST_RUNS + 1].into(),
            ends: vec![0; MOST_RUNS + 1].into(),
            begun: 0,
            ended: 0,
            beginnings: Vec::with_capacity(TILE / BLOCK + 1),
            in_word: false,
        }
    }
}

impl Tile {
    pub(super) fn runs(&self) -> impl Iterator<Item = Run> + Clone {
        let pairs = self.starts.iter().zip(&*self.ends);
        pairs.take(self.ended).map(|(&start, &end)| Run { start, end })
    }

    /// The `i`th run.
    pub(super) fn run(&self, i: u32) -> Option<Run> {
        let i = i as usize;
        Some(Run { start: *self.starts.get(i)?, end: *self.ends.get(i)? })
    }

    fn clear(&mut self) {
        (self.begun, self.ended) = (0, 0);
        self.beginnings.clear();
    }

    /// Where words may begin in each 64 bytes of the tile, a bit a byte: with a run, and wherever letters of ASCII
    /// and bytes beyond it touch.
    pub(super) fn beginnings(&self) -> &[u64] {
        &self.beginnings
    }

    /// Forgets the runs that have ended.
    fn keep_open(&mut self) {
        let open = self.starts.get(self.ended).copied().filter(|_| self.begun > self.ended);
        self.clear();
        if let (Some(open), Some(first)) = (open, self.starts.first_mut()) {
            *first = open;
            self.begun = 1;
        }
    }

    fn take_block(&mut self, block: &[u8; BLOCK], base: usize) {
        let run = mask(block);
        let beginnings = if block.is_ascii() { run & !(run << 1 | u64::from(self.in_word)) } else { run };
        self.beginnings.push(beginnings);
        self.in_word = block.last().is_some_and(u8::is_ascii_alphanumeric);
        let before = run << 1 | u64::from(self.begun > self.ended);
        push_bits(run & !before, base, &mut self.starts, &mut self.begun);
        push_bits(!run & before, base, &mut self.ends, &mut self.ended);
    }
}

fn push_bits(mut bits: u64, base: usize, to: &mut [usize], length: &mut usize) {
    while bits != 0 {
        if let Some(slot) = to.get_mut(*length) {
            *slot = base + bits.trailing_zeros() as usize;
            *length += 1;
        }
        bits &= bits - 1;
    }
}

impl<'a> Tiles<'a> {
    /// Begins a text; `tile` takes its runs.
    pub(super) fn new(bytes: &'a [u8], tile: &mut Tile) -> Self {
        tile.clear();
        tile.in_word = false;
        Self { rest: bytes, base: 0, done: false }
    }

    /// The next runs; false if there are no more.
    pub(super) fn next(&mut self, tile: &mut Tile) -> bool {
        if self.done {
            return false;
        }
        tile.keep_open();
        let (here, rest) = self.rest.split_at(TILE.min(self.rest.len()));
        let mut blocks = here.chunks_exact(BLOCK);
        let mut base = self.base;
        for block in &mut blocks {
            if let Ok(block) = <&[u8; BLOCK]>::try_from(block) {
                tile.take_block(block, base);
            }
            base += BLOCK;
        }
        self.base += here.len();
        self.rest = rest;
        if rest.is_empty() {
            // Filled up with zeros, of which the first ends the last run.
            let mut last = [0; BLOCK];
            for (to, from) in last.iter_mut().zip(blocks.remainder()) {
                *to = *from;
            }
            tile.take_block(&last, base);
            self.done = true;
        }
        true
    }
}

/// Which bytes belong to a run, one bit each, the first byte lowest.
///
/// Plain loops over arrays: the compiler turns them into vector instructions of any machine.
fn mask(block: &[u8; BLOCK]) -> u64 {
    let mut run = [0_u8; BLOCK];
    for (run, byte) in run.iter_mut().zip(block) {
        let is_digit = u8::from(byte.wrapping_sub(b'0') < 10);
        let is_letter = u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
        *run = is_digit | is_letter | byte >> 7;
    }
    pack(&run)
}

/// Sixty-four bytes of 0 and 1 as bits.
fn pack(flags: &[u8; BLOCK]) -> u64 {
    // The product moves the lowest bit of byte i to bit 56 + i, and nothing else there.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut bits = 0;
    for (i, eight) in flags.chunks_exact(8).enumerate() {
        let eight = u64::from_le_bytes(eight.try_into().unwrap_or_default());
        bits |= (eight.wrapping_mul(GATHER) >> 56) << (8 * i);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(bytes: &[u8]) -> Vec<Run> {
        let is = |b: &u8| b.is_ascii_alphanumeric() || *b >= 0x80;
        let mut found = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let Some(skip) = rest.iter().position(is) else { break };
            let run = &rest[skip..];
            let length = run.iter().position(|b| !is(b)).unwrap_or(run.len());
            let start = at + skip;
            found.push(Run { start, end: start + length });
            at = start + length;
        }
        found
    }

    fn fast(bytes: &[u8], tile: &mut Tile) -> Vec<Run> {
        let mut tiles = Tiles::new(bytes, tile);
        let mut found = Vec::new();
        while tiles.next(tile) {
            found.extend(tile.runs());
        }
        found
    }

    #[test]
    fn runs_are_those_of_a_slow_search_wherever_the_blocks_end() {
        let text = "Rossi, nato il 07/12/1991 a Forlì; IT60X0542811101000000123456-".repeat(7) + &"a1".repeat(90);
        let mut tile = Tile::default();
        for from in 0..text.len() {
            for to in [from, from + 1, from + 63, from + 64, from + 65, from + 128, from + 200, text.len()] {
                let Some(part) = text.as_bytes().get(from..to) else { continue };
                assert_eq!(fast(part, &mut tile), slow(part), "{from}..{to}");
            }
        }
    }

    #[test]
    fn runs_go_on_over_tiles() {
        let mut tile = Tile::default();
        for length in [TILE - 1, TILE, TILE + 1, 3 * TILE, 3 * TILE + 70] {
            for text in ["a".repeat(length), "a ".repeat(length / 2), format!(" {} b", "a".repeat(length))] {
                assert_eq!(fast(text.as_bytes(), &mut tile), slow(text.as_bytes()), "{length}");
            }
        }
    }
}
