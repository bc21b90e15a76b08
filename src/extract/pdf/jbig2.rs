//! Holds the sizes that a JBIG2 stream declares against a limit before it is decoded.
//!
//! ITU-T T.88, 7.2 (segment headers) and 7.4 (the data of segments).

use crate::extract::image::raster::may_decode;

/// Segments of one stream.
const SEGMENTS: usize = 100_000;
/// Symbols or patterns of one dictionary.
const SYMBOLS: u32 = 200_000;

/// Whether every page, region and dictionary is of a size that may be decoded.
pub(super) fn is_bounded(data: &[u8]) -> bool {
    let mut rest = data;
    for _ in 0..SEGMENTS {
        if rest.len() < 11 {
            return true;
        }
        let Some((kind, length, content)) = segment(rest) else { return false };
        if !fits(kind, content) {
            return false;
        }
        match length.and_then(|length| content.get(length..)) {
            Some(next) => rest = next,
            // The last one goes on to the end.
            None => return true,
        }
    }
    false
}

/// The kind of a segment, the length of its content as far as it says, and what follows its header.
fn segment(data: &[u8]) -> Option<(u8, Option<usize>, &[u8])> {
    let number = four(data, 0)?;
    let flags = *data.get(4)?;
    let short = *data.get(5)? >> 5;
    let (count, mut at) = if short == 7 {
        let count = usize::try_from(four(data, 5)? & 0x1fff_ffff).ok()?;
        (count, 9 + (count + 8) / 8)
    } else {
        (usize::from(short), 6)
    };
    let width = match number {
        0..=256 => 1,
        257..=65536 => 2,
        _ => 4,
    };
    at = at.checked_add(count.checked_mul(width)?)?;
    at += if flags & 0x40 == 0 { 1 } else { 4 };
    let length = four(data, at)?;
    let length = if length == u32::MAX { None } else { usize::try_from(length).ok() };
    Some((flags & 0x3f, length, data.get(at + 4..)?))
}

fn fits(kind: u8, content: &[u8]) -> bool {
    let size = |at: usize| four(content, at).and_then(|size| usize::try_from(size).ok());
    match kind {
        // A symbol dictionary: the last two numbers of its header, after flags and templates.
        0 => {
            let Some(flags) = content.get(..2).map(|flags| u16::from_be_bytes([flags[0], flags[1]])) else {
                return true;
            };
            let is_huffman = flags & 1 != 0;
            let template = match (is_huffman, flags >> 10 & 3) {
                (true, _) => 0,
                (false, 0) => 8,
                _ => 2,
            };
            let refinement = if flags & 2 != 0 && flags & 0x1000 == 0 { 4 } else { 0 };
            let at = 2 + template + refinement;
            [at, at + 4].iter().all(|at| four(content, *at).is_none_or(|count| count <= SYMBOLS))
        }
        // Regions.
        4 | 6 | 7 | 20 | 22 | 23 | 36 | 38 | 39 | 40 | 42 | 43 => match (size(0), size(4)) {
            (Some(width), Some(height)) => may_decode(width, height, 2),
            _ => true,
        },
        // A pattern dictionary: patterns side by side.
        16 => {
            let side = |at: usize| content.get(at).map_or(0, |side| usize::from(*side));
            let patterns = four(content, 3).map_or(0, |last| last.saturating_add(1));
            patterns <= SYMBOLS && may_decode(side(1) * patterns as usize, side(2), 2)
        }
        // A page, whose height may be unknown.
        48 => match (size(0), size(4)) {
            (Some(width), Some(height)) if height != u32::MAX as usize => may_decode(width, height, 2),
            (Some(width), _) => width < 1 << 16,
            _ => true,
        },
        _ => true,
    }
}

fn four(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(data.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: u32, height: u32) -> Vec<u8> {
        let mut segment = b"\0\0\0\0\x30\0\x01\0\0\0\x13".to_vec();
        segment.extend(width.to_be_bytes());
        segment.extend(height.to_be_bytes());
        segment.extend([0; 11]);
        segment
    }

    #[test]
    fn sizes_are_held_against_the_limit() {
        assert!(is_bounded(&page(2480, 3508)));
        assert!(is_bounded(&page(2480, u32::MAX)), "in stripes");
        assert!(!is_bounded(&page(u32::MAX, 3508)));
        assert!(!is_bounded(&page(100_000, 100_000)));
        let region = |width: u32| {
            let mut all = page(2480, 3508);
            all.extend(b"\0\0\0\x01\x26\0\x01\0\0\0\x08");
            all.extend(width.to_be_bytes());
            all.extend(3508u32.to_be_bytes());
            all
        };
        assert!(is_bounded(&region(2480)) && !is_bounded(&region(1 << 30)));
        let mut symbols = b"\0\0\0\0\x00\0\x01\0\0\0\x12\0\x01".to_vec();
        symbols.extend(u32::MAX.to_be_bytes());
        symbols.extend([0; 12]);
        assert!(!is_bounded(&symbols));
        let whole = region(2480);
        for length in 0..whole.len() {
            is_bounded(&whole[..length]);
        }
    }
}
