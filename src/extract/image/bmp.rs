//! Decodes Windows bitmaps: 1, 4, 8, 16, 24 and 32 bits a pixel, not compressed.
//!
//! <https://learn.microsoft.com/windows/win32/gdi/bitmap-storage>

use super::decode::Fault;
use super::raster::{Colour, Raster, coloured, may_decode, unpack};

/// The two headers of a file.
#[derive(Debug, PartialEq)]
pub(super) struct Header {
    pub(super) width: usize,
    pub(super) height: usize,
    is_upside_down: bool,
    bits: usize,
    compression: u32,
    pixels: usize,
    /// Where the palette starts, and the bytes of one of its colours.
    palette: (usize, usize),
}

impl Header {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        Self::parse(bytes).ok_or_else(|| Fault::Damaged("a bitmap with an impossible header".to_owned()))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let four = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        let two = |at: usize| Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
        let size = four(14)?;
        let pixels = usize::try_from(four(10)?).ok()?;
        let (width, height, bits, compression) = if size == 12 {
            (i64::from(two(18)?), i64::from(two(20)?), two(24)?, 0)
        } else {
            (i64::from(four(18)?.cast_signed()), i64::from(four(22)?.cast_signed()), two(28)?, four(30)?)
        };
        let header = Self {
            width: usize::try_from(width).ok()?,
            height: usize::try_from(height.abs()).ok()?,
            is_upside_down: height > 0,
            bits: usize::from(bits),
            compression,
            pixels,
            palette: (14 + usize::try_from(size).ok()?, if size == 12 { 3 } else { 4 }),
        };
        (header.width > 0 && header.height > 0).then_some(header)
    }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Raster, Fault> {
    let header = Header::read(bytes)?;
    let Header { width, height, bits, .. } = header;
    // 3: masks that say where the colours are; taken for the usual ones.
    if !matches!(header.compression, 0 | 3) || !matches!(bits, 1 | 4 | 8 | 16 | 24 | 32) {
        return Err(Fault::Unsupported("a compressed bitmap"));
    }
    if !may_decode(width, height, 4) {
        return Err(Fault::TooLarge);
    }
    let stride = (width * bits).div_ceil(32) * 4;
    let data = bytes.get(header.pixels..).unwrap_or_default();
    if data.len() < stride * height {
        return Err(Fault::Damaged("a bitmap that ends before its last row".to_owned()));
    }
    let palette = palette(bytes, &header);
    let mut samples = Vec::with_capacity(width * height * 3);
    for row in 0..height {
        let row = if header.is_upside_down { height - 1 - row } else { row };
        let row = data.get(row * stride..(row + 1) * stride).unwrap_or_default();
        match bits {
            1 | 4 | 8 => samples.extend(coloured(&unpack(row, bits, width, 1, true), &palette).iter().take(width * 3)),
            16 => samples.extend(row.chunks_exact(2).take(width).flat_map(|pixel| {
                let value = u16::from_le_bytes([pixel[0], pixel[1]]);
                let part = |shift: u16| u8::try_from((value >> shift & 31) * 255 / 31).unwrap_or(255);
                [part(10), part(5), part(0)]
            })),
            _ => {
                let pixels = row.chunks_exact(bits / 8).take(width);
                samples.extend(pixels.flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]));
            }
        }
    }
    Ok(Raster { width, height, colour: Colour::Rgb, samples })
}

fn palette(bytes: &[u8], header: &Header) -> Vec<u8> {
    let (start, width) = header.palette;
    let end = header.pixels.min(start + 256 * width);
    let colours = bytes.get(start..end).unwrap_or_default().chunks_exact(width);
    colours.flat_map(|colour| [colour[2], colour[1], colour[0]]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of this many bits a pixel, two by two.
    fn file(bits: u16, height: i32, palette: &[u8], rows: &[u8]) -> Vec<u8> {
        let mut file = b"BM\0\0\0\0\0\0\0\0".to_vec();
        file.extend(u32::try_from(54 + palette.len()).unwrap().to_le_bytes());
        file.extend(40u32.to_le_bytes());
        file.extend(2i32.to_le_bytes());
        file.extend(height.to_le_bytes());
        file.extend([1, 0]);
        file.extend(bits.to_le_bytes());
        file.extend([0; 24]);
        file.extend(palette);
        file.extend(rows);
        file
    }

    #[test]
    fn rows_run_upwards_or_downwards() {
        let rows = [1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0];
        let up = decode(&file(24, 2, &[], &rows)).unwrap();
        assert_eq!(up.samples, [9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4]);
        let down = decode(&file(24, -2, &[], &rows)).unwrap();
        assert_eq!(down.samples, [3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10]);
    }

    #[test]
    fn palettes_and_few_bits() {
        let palette = [0, 0, 0, 0, 255, 255, 255, 0];
        let two = decode(&file(1, -2, &palette, &[0b1000_0000, 0, 0, 0, 0b0100_0000, 0, 0, 0])).unwrap();
        assert_eq!(two.samples, [255, 255, 255, 0, 0, 0, 0, 0, 0, 255, 255, 255]);
        let five = decode(&file(16, -2, &[], &[0x00, 0x7c, 0xe0, 0x03, 0x1f, 0x00, 0xff, 0x7f])).unwrap();
        assert_eq!(five.samples, [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
    }

    #[test]
    fn what_is_cut_or_impossible_is_refused() {
        let whole = file(24, 2, &[], &[0; 16]);
        for length in 0..whole.len() {
            assert!(decode(&whole[..length]).is_err());
        }
        assert!(decode(&file(24, i32::MIN, &[], &[0; 16])).is_err());
        assert!(matches!(decode(&file(24, 100_000_000, &[], &[0; 16])), Err(Fault::TooLarge)));
    }
}
