//! Cuts text into runs of letters and digits, sixty-four bytes at a time.

/// A run of ASCII letters, ASCII digits and bytes beyond ASCII, as long as it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) end: usize,
    /// How many of its bytes are ASCII digits.
    pub(super) digits: usize,
    /// Whether it holds a byte beyond ASCII: a letter, or a sign that only a look at it tells.
    pub(super) high: bool,
}

const BLOCK: usize = 64;

/// Which bytes of a block are of a kind, one bit each, the first byte lowest.
#[derive(Clone, Copy)]
struct Masks {
    run: u64,
    digit: u64,
    high: u64,
}

/// Calls `each` with every run of `bytes`, in order.
pub(super) fn runs(bytes: &[u8], mut each: impl FnMut(Run)) {
    let mut open: Option<Run> = None;
    let mut blocks = bytes.chunks_exact(BLOCK);
    let mut base = 0;
    for block in &mut blocks {
        if let Ok(block) = <&[u8; BLOCK]>::try_from(block) {
            take_block(masks(block), base, &mut open, &mut each);
        }
        base += BLOCK;
    }
    let mut last = [0; BLOCK];
    for (to, from) in last.iter_mut().zip(blocks.remainder()) {
        *to = *from;
    }
    take_block(masks(&last), base, &mut open, &mut each);
    // The last block was filled up with zeros unless the text ends with a whole one.
    if let Some(run) = open {
        each(Run { end: bytes.len(), ..run });
    }
}

fn take_block(masks: Masks, base: usize, open: &mut Option<Run>, each: &mut impl FnMut(Run)) {
    let mut from = 0_u32;
    loop {
        let mut run = if let Some(run) = open.take() {
            run
        } else {
            let ahead = masks.run & u64::MAX.checked_shl(from).unwrap_or(0);
            if ahead == 0 {
                return;
            }
            from = ahead.trailing_zeros();
            Run { start: base + from as usize, end: 0, digits: 0, high: false }
        };
        let ahead = u64::MAX.checked_shl(from).unwrap_or(0);
        let stop = !masks.run & ahead;
        let end = stop.trailing_zeros();
        let inside = ahead & !u64::MAX.checked_shl(end).unwrap_or(0);
        let digits = masks.digit & inside;
        if digits != 0 {
            run.digits += digits.count_ones() as usize;
        }
        run.high |= masks.high & inside != 0;
        if stop == 0 {
            *open = Some(run);
            return;
        }
        run.end = base + end as usize;
        each(run);
        from = end;
    }
}

/// Plain loops over arrays: the compiler turns them into vector instructions of any machine.
fn masks(block: &[u8; BLOCK]) -> Masks {
    let mut run = [0_u8; BLOCK];
    let mut digit = [0_u8; BLOCK];
    let mut high = [0_u8; BLOCK];
    for i in 0..BLOCK {
        let byte = block[i];
        let is_digit = u8::from(byte.wrapping_sub(b'0') < 10);
        let is_letter = u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
        let is_high = byte >> 7;
        digit[i] = is_digit;
        high[i] = is_high;
        run[i] = is_digit | is_letter | is_high;
    }
    Masks { run: pack(&run), digit: pack(&digit), high: pack(&high) }
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
            let digits = run[..length].iter().filter(|b| b.is_ascii_digit()).count();
            found.push(Run { start, end: start + length, digits, high: run[..length].iter().any(|b| *b >= 0x80) });
            at = start + length;
        }
        found
    }

    #[test]
    fn runs_are_those_of_a_slow_search_wherever_the_blocks_end() {
        let text = "Rossi, nato il 07/12/1991 a Forlì; IT60X0542811101000000123456-".repeat(7) + &"a1".repeat(90);
        for from in 0..text.len() {
            if !text.is_char_boundary(from) {
                continue;
            }
            for to in [from, from + 1, from + 63, from + 64, from + 65, from + 128, from + 200, text.len()] {
                let Some(part) = text.as_bytes().get(from..to) else { continue };
                let mut found = Vec::new();
                runs(part, |run| found.push(run));
                assert_eq!(found, slow(part), "{from}..{to}");
            }
        }
    }
}
