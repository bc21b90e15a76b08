//! Guards the list of a 7z archive: a packed list that unpacks to gigabytes is a bomb.

use crate::model::Reason;
use crate::open::{Input, ReadError};
use std::io::{Read, Seek, SeekFrom};

/// Bytes that the list of members may take; a million members with long names need less.
const MOST: u64 = 256 << 20;

/// Fails if the list of the archive, packed or not, is larger than any honest one, or
/// if it lies beyond the end of the file.
pub(super) fn check_size(input: &mut Input<'_>) -> Result<(), ReadError> {
    let file_size = input.seek(SeekFrom::End(0))?;
    input.seek(SeekFrom::Start(0))?;
    let mut start = Vec::with_capacity(32);
    (&mut *input).take(32).read_to_end(&mut start)?;
    let u64_at = |at: usize| start.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
    let (offset, size) = (u64_at(12), u64_at(20));
    let position = offset.checked_add(32).ok_or_else(|| ReadError::malformed("7z", "the list lies nowhere"))?;
    if size > MOST {
        return Err(ReadError::Budget(Reason::MemberTooLarge));
    }
    if position.saturating_add(size) > file_size {
        return Err(ReadError::Io(std::io::ErrorKind::UnexpectedEof.into()));
    }
    input.seek(SeekFrom::Start(position))?;
    let mut header = Vec::new();
    input.take(size.min(64 << 10)).read_to_end(&mut header)?;
    match header.split_first() {
        Some((0x17, rest)) if unpacked_size(rest).is_some_and(|size| size > MOST) => {
            Err(ReadError::Budget(Reason::MemberTooLarge))
        }
        _ => Ok(()),
    }
}

/// The list as it is stored, as far as 64 KiB.
pub(super) fn bytes(input: &mut Input<'_>) -> Result<Vec<u8>, ReadError> {
    input.seek(SeekFrom::Start(12))?;
    let mut offset = [0; 8];
    input.read_exact(&mut offset)?;
    input.seek(SeekFrom::Start(u64::from_le_bytes(offset).saturating_add(32)))?;
    let mut header = Vec::new();
    input.take(64 << 10).read_to_end(&mut header)?;
    Ok(header)
}

/// The largest unpacked size that the streams info of a packed list declares; none if it
/// is not built as 7-Zip builds it, which the library then judges.
fn unpacked_size(mut bytes: &[u8]) -> Option<u64> {
    const MOST_STREAMS: u64 = 64;
    let rest = &mut bytes;
    expect(rest, 0x06)?;
    take_number(rest)?;
    let packed_streams = take_number(rest).filter(|n| *n <= MOST_STREAMS)?;
    loop {
        match take_byte(rest)? {
            0x09 => (0..packed_streams).try_for_each(|_| take_number(rest).map(drop))?,
            0x0a if take_byte(rest)? != 0 => skip(rest, packed_streams.checked_mul(4)?)?,
            0 => break,
            _ => return None,
        }
    }
    expect(rest, 0x07)?;
    expect(rest, 0x0b)?;
    expect(rest, 1)?;
    expect(rest, 0)?;
    let coders = take_number(rest).filter(|n| *n <= MOST_STREAMS)?;
    let (mut inputs, mut outputs) = (0u64, 0u64);
    for _ in 0..coders {
        let flags = take_byte(rest)?;
        skip(rest, u64::from(flags & 0x0f))?;
        let streams = if flags & 0x10 != 0 { (take_number(rest)?, take_number(rest)?) } else { (1, 1) };
        inputs = inputs.checked_add(streams.0).filter(|n| *n <= MOST_STREAMS)?;
        outputs = outputs.checked_add(streams.1).filter(|n| *n <= MOST_STREAMS)?;
        if flags & 0x20 != 0 {
            let properties = take_number(rest)?;
            skip(rest, properties)?;
        }
    }
    let pairs = outputs.checked_sub(1)?;
    (0..pairs.checked_mul(2)?).try_for_each(|_| take_number(rest).map(drop))?;
    let packed = inputs.checked_sub(pairs)?;
    if packed > 1 {
        (0..packed).try_for_each(|_| take_number(rest).map(drop))?;
    }
    expect(rest, 0x0c)?;
    let mut largest = 0;
    for _ in 0..outputs {
        largest = take_number(rest)?.max(largest);
    }
    Some(largest)
}

fn take_byte(rest: &mut &[u8]) -> Option<u8> {
    let (first, tail) = rest.split_first()?;
    *rest = tail;
    Some(*first)
}

fn expect(rest: &mut &[u8], byte: u8) -> Option<()> {
    (take_byte(rest)? == byte).then_some(())
}

fn skip(rest: &mut &[u8], count: u64) -> Option<()> {
    *rest = rest.get(usize::try_from(count).ok()?..)?;
    Some(())
}

fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let (value, length) = number(rest)?;
    *rest = rest.get(length..)?;
    Some(value)
}

/// A 7z number: the ones that lead the first byte count the bytes that follow.
fn number(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let extra = first.leading_ones() as usize;
    let mut value = 0u64;
    for (index, byte) in bytes.get(1..=extra)?.iter().enumerate() {
        value |= u64::from(*byte) << (8 * index);
    }
    if extra < 7 {
        let high = u64::from(first & (0x7f >> extra));
        value |= high << (8 * extra);
    }
    Some((value, extra + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_list_that_unpacks_to_gigabytes() {
        // One LZMA coder, five bytes of properties, then the size.
        let list = |size: &[u8]| {
            let mut bytes =
                b"\x06\x10\x01\x09\x40\x00\x07\x0b\x01\x00\x01\x23\x03\x01\x01\x05\x5d\0\0\x10\0\x0c".to_vec();
            bytes.extend(size);
            bytes.extend(b"\x0a\x01\x0c\xf1\xff\xff\0\0");
            bytes
        };
        assert_eq!(unpacked_size(&list(&[0x80, 0x90])), Some(0x90));
        assert_eq!(unpacked_size(&list(&[0xf0, 0, 0, 0, 0x80])), Some(0x8000_0000));
    }

    #[test]
    fn numbers() {
        assert_eq!(number(&[0x7f]), Some((127, 1)));
        assert_eq!(number(&[0x81, 0x02]), Some((0x102, 2)));
        assert_eq!(number(&[0xc0, 0x34, 0x12]), Some((0x1234, 3)));
        assert_eq!(number(&[0xff, 1, 0, 0, 0, 0, 0, 0, 0]), Some((1, 9)));
        assert_eq!(number(&[0xc0, 1]), None);
    }
}
