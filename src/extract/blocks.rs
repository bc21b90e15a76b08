//! Unpacks the compressed blocks of data files, within a limit that the caller sets.
//!
//! Snappy: <https://github.com/google/snappy/blob/main/format_description.txt>. LZ4:
//! <https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md>.

use std::io::{self, Read};

use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use crate::open::reader::ReadError;

/// Memory that a decoder may take for its window.
const WINDOW: u64 = 64 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    Stored,
    Snappy,
    Gzip,
    Deflate,
    Zstd,
    Lz4,
    /// LZ4 blocks behind their lengths, as Hadoop writes them.
    HadoopLz4,
    Bzip2,
    Xz,
}

/// The content of a block; an error if it is damaged or longer than `limit`.
pub(super) fn unpack(codec: Codec, block: &[u8], limit: usize) -> Result<Vec<u8>, ReadError> {
    let read = |content: &mut dyn Read| -> Result<Vec<u8>, ReadError> {
        let mut out = Vec::new();
        content.take(limit as u64 + 1).read_to_end(&mut out).map_err(|e| ReadError::from_decoder("block", &e))?;
        Ok(out)
    };
    let out = match codec {
        Codec::Stored => block.to_vec(),
        Codec::Snappy => snappy(block, limit).ok_or_else(damaged)?,
        Codec::Lz4 => lz4(block, limit).ok_or_else(damaged)?,
        Codec::HadoopLz4 => hadoop_lz4(block, limit).or_else(|| lz4(block, limit)).ok_or_else(damaged)?,
        Codec::Gzip => read(&mut flate2::read::MultiGzDecoder::new(block))?,
        Codec::Deflate => read(&mut flate2::read::DeflateDecoder::new(block))?,
        Codec::Bzip2 => read(&mut bzip2::read::MultiBzDecoder::new(block))?,
        Codec::Xz => {
            let window = u32::try_from(WINDOW >> 10).unwrap_or(u32::MAX);
            read(&mut lzma_rust2::XzReader::new_mem_limit(block, true, window))?
        }
        Codec::Zstd => {
            let mut decoder = FrameDecoder::new();
            decoder.set_max_window_size(WINDOW);
            let stream = StreamingDecoder::new_with_decoder(block, decoder);
            read(&mut stream.map_err(|error| ReadError::from_decoder("block", &io::Error::other(error.to_string())))?)?
        }
    };
    if out.len() > limit {
        return Err(ReadError::malformed("block", "it is longer than it says"));
    }
    Ok(out)
}

fn damaged() -> ReadError {
    ReadError::malformed("block", "its compressed bytes are damaged")
}

fn snappy(block: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut rest = block;
    let mut length = 0u64;
    for shift in (0..35).step_by(7) {
        let (first, after) = rest.split_first()?;
        rest = after;
        length |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            break;
        }
    }
    let length = usize::try_from(length).ok().filter(|length| *length <= limit)?;
    let mut out = Vec::new();
    while let Some((tag, after)) = rest.split_first() {
        let number = |width: usize| {
            let bytes = after.get(..width)?;
            Some(bytes.iter().rev().fold(0usize, |number, byte| (number << 8) | usize::from(*byte)))
        };
        let high = usize::from(tag >> 2);
        let (distance, count, width) = match tag & 3 {
            0 => {
                let width = high.saturating_sub(59);
                let count = if width == 0 { high } else { number(width)? } + 1;
                out.extend_from_slice(after.get(width..width.checked_add(count)?)?);
                rest = after.get(width + count..)?;
                if out.len() > length {
                    return None;
                }
                continue;
            }
            1 => (((high & 0x38) << 5) | number(1)?, (high & 7) + 4, 1),
            2 => (number(2)?, high + 1, 2),
            _ => (number(4)?, high + 1, 4),
        };
        rest = after.get(width..)?;
        repeat(&mut out, distance, count, length)?;
    }
    (out.len() == length).then_some(out)
}

/// Appends what stands that far back, which may overlap with what is appended.
fn repeat(out: &mut Vec<u8>, distance: usize, count: usize, limit: usize) -> Option<()> {
    let start = out.len().checked_sub(distance).filter(|_| distance > 0)?;
    if count > limit.checked_sub(out.len())? {
        return None;
    }
    for at in start..start + count {
        out.push(*out.get(at)?);
    }
    Some(())
}

fn lz4(block: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = block;
    while let Some((token, after)) = rest.split_first() {
        rest = after;
        let literals = lz4_length(usize::from(token >> 4), &mut rest)?;
        out.extend_from_slice(rest.get(..literals)?);
        rest = rest.get(literals..)?;
        if out.len() > limit {
            return None;
        }
        // The last sequence ends after its literals.
        let Some((distance, after)) = rest.split_first_chunk::<2>() else { break };
        rest = after;
        let count = lz4_length(usize::from(token & 15), &mut rest)? + 4;
        repeat(&mut out, usize::from(u16::from_le_bytes(*distance)), count, limit)?;
    }
    Some(out)
}

fn lz4_length(start: usize, rest: &mut &[u8]) -> Option<usize> {
    let mut length = start;
    if start == 15 {
        loop {
            let (byte, after) = rest.split_first()?;
            *rest = after;
            length += usize::from(*byte);
            if *byte != 255 {
                break;
            }
        }
    }
    Some(length)
}

fn hadoop_lz4(block: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = block;
    while let Some((lengths, after)) = rest.split_first_chunk::<8>() {
        let lengths = u64::from_be_bytes(*lengths);
        let (whole, packed) = (lengths >> 32, usize::try_from(lengths & 0xffff_ffff).ok()?);
        let part = lz4(after.get(..packed)?, limit.checked_sub(out.len())?)?;
        if part.len() != usize::try_from(whole).ok()? {
            return None;
        }
        out.extend(part);
        rest = after.get(packed..)?;
    }
    rest.is_empty().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snappy_and_lz4() {
        // A literal, then a copy that overlaps itself.
        assert_eq!(snappy(b"\x0a\x04ab\x1e\x02\x00", 100).as_deref(), Some(&b"ababababab"[..]));
        assert_eq!(snappy(b"\x0a\x04ab\x1e\x02\x00", 9), None);
        assert_eq!(snappy(b"\x0a\x04ab\x1e\x03\x00", 100), None);
        assert_eq!(lz4(b"\x24ab\x02\x00\x10c", 100).as_deref(), Some(&b"abababababc"[..]));
        assert_eq!(lz4(b"\x24ab\x02\x00\x10c", 5), None);
        assert_eq!(lz4(b"\x24ab\x03\x00", 100), None);
    }
}
