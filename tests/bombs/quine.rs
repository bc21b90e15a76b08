//! A zip archive that holds itself: a program of copy instructions that prints its own text.
//!
//! Deflate's stored blocks print what follows them, its matches repeat what was printed. The
//! order of the instructions is the classic one for such files; each takes five bytes. The
//! checksum stands in the file that it is taken of, four times: as CRC-32 is linear over the
//! bits, the one that fits solves 32 equations.

use std::ops::Range;

const NAME: &[u8] = b"archive-that-holds-itself-and-so-on.zip";

pub(super) fn quine_zip() -> Vec<u8> {
    // A time for which the equations have a solution: about every third one.
    (1..200).find_map(|time| fixed_point(&|crc| build(crc, time))).unwrap()
}

/// The file whose CRC-32 is the one that it claims.
fn fixed_point(file: &dyn Fn(u32) -> Vec<u8>) -> Option<Vec<u8>> {
    let sum = |claim: u32| {
        let mut crc = flate2::Crc::new();
        crc.update(&file(claim));
        crc.sum()
    };
    let base = sum(0);
    // Row by row: which bits of the claim flip this bit of (sum xor claim), and what it must be.
    let columns: Vec<u32> = (0..32).map(|bit| sum(1 << bit) ^ base ^ (1 << bit)).collect();
    let mut rows: Vec<u64> = (0..32)
        .map(|bit| {
            let row =
                (0..32).filter(|column| columns[*column] >> bit & 1 == 1).fold(0, |row, column| row | 1 << column);
            row | u64::from(base >> bit & 1) << 32
        })
        .collect();
    for column in 0..32 {
        let pivot = (column..32).find(|row| rows[*row] >> column & 1 == 1)?;
        rows.swap(column, pivot);
        for row in 0..32 {
            if row != column && rows[row] >> column & 1 == 1 {
                rows[row] ^= rows[column];
            }
        }
    }
    let claim = (0..32).filter(|row| rows[*row] >> 32 & 1 == 1).fold(0, |claim, row| claim | 1 << row);
    assert_eq!(sum(claim), claim);
    Some(file(claim))
}

fn build(crc: u32, time: u16) -> Vec<u8> {
    // The sizes are known once the file is laid out with any.
    let draft = lay_out(crc, time, 0, 0);
    lay_out(crc, time, u32::try_from(draft.1.len()).unwrap(), u32::try_from(draft.0.len()).unwrap()).0
}

/// The file, and the range of its packed bytes.
fn lay_out(crc: u32, time: u16, packed: u32, size: u32) -> (Vec<u8>, Range<usize>) {
    let name = u16::try_from(NAME.len()).unwrap().to_le_bytes();
    let common = [
        &[20, 0, 0, 0, 8, 0][..],
        &time.to_le_bytes(),
        &[0x21, 0],
        &crc.to_le_bytes(),
        &packed.to_le_bytes(),
        &size.to_le_bytes(),
        &name,
        &[0, 0],
    ]
    .concat();
    let head = [b"PK\x03\x04", common.as_slice(), NAME].concat();
    let entry = [b"PK\x01\x02\x14\0", common.as_slice(), &[0; 14], NAME].concat();
    let whole = head.len() + 5;
    let (repeat_head, four, end) = (repeat_long(whole, false), repeat_20(), entry.len() + 22 + 4);
    let last = repeat_long(end, true);

    let [none, one, quad] = [0, 5, 20].map(print);
    let print_head = print(whole);
    let mut file = head.clone();
    let start = file.len();
    let mut put = |parts: &[&[u8]]| file.extend(parts.concat());
    put(&[&print_head, &head, &print_head, &repeat_head]);
    put(&[&one, &repeat_head, &one, &one, &quad, &repeat_head, &one, &one, &quad, &four]);
    put(&[&quad, &four, &quad, &four, &quad, &four, &quad, &four, &none, &none, &print(end), &four]);
    put(&[&none, &none, &print(end)]);
    let directory_at = u32::try_from(file.len() + end + 4).unwrap().to_le_bytes();
    let directory_size = u32::try_from(entry.len()).unwrap().to_le_bytes();
    let tail = [&last, &entry[..], b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &directory_size, &directory_at, &[0, 0]].concat();
    assert_eq!(tail.len(), end);
    file.extend(&tail);
    let stop = file.len() + 4;
    file.extend(&tail);
    (file, start..stop)
}

/// A stored block: prints the next `length` bytes.
fn print(length: usize) -> Vec<u8> {
    let length = u16::try_from(length).unwrap();
    [&[0][..], &length.to_le_bytes(), &(!length).to_le_bytes()].concat()
}

/// Repeats the last 20 bytes, in five bytes: two matches of 10 (RFC 1951, 3.2.5 and 3.2.6).
fn repeat_20() -> Vec<u8> {
    let mut bits = Bits::default();
    bits.number(0b010, 3);
    for _ in 0..2 {
        bits.code(264 - 256, 7);
        bits.code(8, 5);
        bits.number(20 - 17, 3);
    }
    bits.code(0, 7);
    bits.bytes(5)
}

/// Repeats the last `length` bytes: 74 of them, of which the last is 0xff, in five bytes; or
/// 111 in four, as the end of the stream.
fn repeat_long(length: usize, is_last: bool) -> Vec<u8> {
    let mut bits = Bits::default();
    let number = |value: usize| u32::try_from(value).unwrap();
    if is_last {
        assert!((99..=114).contains(&length));
        bits.number(0b011, 3);
        bits.code(279 - 256, 7);
        bits.number(number(length - 99), 4);
        bits.code(13, 5);
        bits.number(number(length - 97), 5);
    } else {
        assert!((68..=83).contains(&length));
        bits.number(0b010, 3);
        bits.code(277 - 256, 7);
        bits.number(number(length - 1 - 67), 4);
        bits.code(12, 5);
        bits.number(number(length - 65), 5);
        bits.code(0x1ff, 9);
    }
    bits.code(0, 7);
    bits.bytes(if is_last { 4 } else { 5 })
}

#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    /// From the least significant bit.
    fn number(&mut self, value: u32, bits: u32) {
        self.0.extend((0..bits).map(|bit| value >> bit & 1 == 1));
    }

    /// A code of Huffman: from the most significant bit.
    fn code(&mut self, value: u32, bits: u32) {
        self.0.extend((0..bits).rev().map(|bit| value >> bit & 1 == 1));
    }

    fn bytes(&self, expected: usize) -> Vec<u8> {
        let bytes: Vec<u8> = self
            .0
            .chunks(8)
            .map(|bits| (0..).zip(bits).fold(0, |byte, (at, bit)| byte | u8::from(*bit) << at))
            .collect();
        assert_eq!(bytes.len(), expected);
        bytes
    }
}
