//! A decoded picture of any kind of pixels, and its way to one that can be read: smaller, in colour, upright.

use crate::open::recognition::Picture;

/// Bytes of a decoded picture: 50 million pixels in colour.
pub(in crate::extract) const MOST_BYTES: usize = 160 << 20;
/// The longest side that is kept: an A4 page at 220 dpi.
const LONGEST: usize = 2600;

/// What stands for one pixel, a byte each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::extract) enum Colour {
    Gray,
    GrayAlpha,
    Rgb,
    Rgba,
    /// As inks: 255 is all of it.
    Cmyk,
}

/// Rows from the top, without padding.
#[derive(Debug)]
pub(in crate::extract) struct Raster {
    pub(in crate::extract) width: usize,
    pub(in crate::extract) height: usize,
    pub(in crate::extract) colour: Colour,
    pub(in crate::extract) samples: Vec<u8>,
}

/// Whether so many pixels are decoded, with so many bytes each.
pub(in crate::extract) fn may_decode(width: usize, height: usize, bytes: usize) -> bool {
    width.checked_mul(height).and_then(|pixels| pixels.checked_mul(bytes)).is_some_and(|all| all <= MOST_BYTES)
}

impl Colour {
    pub(in crate::extract) fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::GrayAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }

    /// What is transparent is paper.
    fn rgb(self, pixel: &[u8]) -> [u8; 3] {
        let over = |part: u8, alpha: u8| {
            let (part, alpha) = (u16::from(part), u16::from(alpha));
            u8::try_from((part * alpha + 255 * (255 - alpha)) / 255).unwrap_or(255)
        };
        match (self, pixel) {
            (Self::Gray, [gray]) => [*gray; 3],
            (Self::GrayAlpha, [gray, alpha]) => [over(*gray, *alpha); 3],
            (Self::Rgb, [r, g, b]) => [*r, *g, *b],
            (Self::Rgba, [r, g, b, alpha]) => [over(*r, *alpha), over(*g, *alpha), over(*b, *alpha)],
            (Self::Cmyk, [c, m, y, k]) => [c, m, y].map(|ink| over(255 - ink, 255 - k).min(255 - k)),
            _ => [255; 3],
        }
    }
}

impl Raster {
    /// None if there are fewer samples than the sides say, or no pixel at all.
    pub(in crate::extract) fn into_picture(self) -> Option<Picture> {
        let Self { width, height, colour, samples } = self;
        let channels = colour.channels();
        if width == 0 || height == 0 || samples.len() < width.checked_mul(height)?.checked_mul(channels)? {
            return None;
        }
        let longest = width.max(height);
        if longest <= LONGEST {
            let pixels = samples.chunks_exact(channels).take(width * height).flat_map(|pixel| colour.rgb(pixel));
            return Picture::new(width, height, pixels.collect());
        }
        let side = |side: usize| (side * LONGEST / longest).max(1);
        let (columns, rows) = (side(width), side(height));
        let mut pixels = Vec::with_capacity(columns * rows * 3);
        let mut sums = vec![[0u32; 4]; columns];
        for row in 0..rows {
            sums.fill([0; 4]);
            for y in row * height / rows..((row + 1) * height / rows).max(row * height / rows + 1) {
                let line = samples.get(y * width * channels..(y + 1) * width * channels).unwrap_or_default();
                for (x, pixel) in line.chunks_exact(channels).enumerate() {
                    let Some([r, g, b, count]) = sums.get_mut(x * columns / width) else { continue };
                    let colour = colour.rgb(pixel);
                    for (sum, part) in [r, g, b].into_iter().zip(colour) {
                        *sum += u32::from(part);
                    }
                    *count += 1;
                }
            }
            for [r, g, b, count] in &sums {
                pixels.extend([r, g, b].map(|sum| u8::try_from(sum / (*count).max(1)).unwrap_or(255)));
            }
        }
        Picture::new(columns, rows, pixels)
    }
}

/// Samples of one, two or four bits, each row filled up to a byte, as a byte each: from 0 to 255,
/// or as they are when they are numbers of colours.
pub(in crate::extract) fn unpack(packed: &[u8], bits: usize, in_row: usize, rows: usize, are_colours: bool) -> Vec<u8> {
    if bits >= 8 {
        return packed.to_vec();
    }
    let most = (1u16 << bits) - 1;
    let stride = (in_row * bits).div_ceil(8).max(1);
    let mut samples = Vec::with_capacity(in_row * rows);
    for row in packed.chunks(stride).take(rows) {
        for column in 0..in_row {
            let byte = row.get(column * bits / 8).copied().unwrap_or(0);
            let value = u16::from(byte) >> (8 - bits - column * bits % 8) & most;
            let value = if are_colours { value } else { value * 255 / most };
            samples.push(u8::try_from(value).unwrap_or(255));
        }
    }
    samples
}

/// Numbers of colours as their colours: three bytes each in the palette.
pub(in crate::extract) fn coloured(numbers: &[u8], palette: &[u8]) -> Vec<u8> {
    let colour = |number: &u8| match palette.get(usize::from(*number) * 3..usize::from(*number) * 3 + 3) {
        Some([r, g, b]) => [*r, *g, *b],
        _ => [255; 3],
    };
    numbers.iter().flat_map(colour).collect()
}

/// The picture as it is meant to be seen (the eight orientations of Exif).
pub(super) fn oriented(picture: Picture, orientation: u8) -> Picture {
    let (width, height) = (picture.width(), picture.height());
    let (right, bottom) = (width - 1, height - 1);
    let from = |x: usize, y: usize| match orientation {
        2 => (right - x, y),
        3 => (right - x, bottom - y),
        4 => (x, bottom - y),
        5 => (y, x),
        6 => (y, bottom - x),
        7 => (right - y, bottom - x),
        _ => (right - y, x),
    };
    if !(2..=8).contains(&orientation) {
        return picture;
    }
    let (columns, rows) = if orientation < 5 { (width, height) } else { (height, width) };
    let pixels = (0..columns * rows).flat_map(|at| {
        let (x, y) = from(at % columns, at / columns);
        picture.at(x, y)
    });
    let turned = Picture::new(columns, rows, pixels.collect());
    turned.unwrap_or(picture)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: usize, height: usize, colour: Colour, samples: &[u8]) -> Option<Picture> {
        Raster { width, height, colour, samples: samples.to_vec() }.into_picture()
    }

    #[test]
    fn every_kind_of_pixel_becomes_a_colour() {
        assert_eq!(picture(2, 1, Colour::Gray, &[0, 200]).unwrap().pixels(), [0, 0, 0, 200, 200, 200]);
        assert_eq!(picture(2, 1, Colour::GrayAlpha, &[0, 255, 0, 0]).unwrap().pixels(), [0, 0, 0, 255, 255, 255]);
        assert_eq!(picture(1, 1, Colour::Rgba, &[9, 8, 7, 255]).unwrap().pixels(), [9, 8, 7]);
        assert_eq!(
            picture(2, 1, Colour::Cmyk, &[0, 0, 0, 255, 255, 0, 0, 0]).unwrap().pixels(),
            [0, 0, 0, 0, 255, 255]
        );
        assert!(picture(2, 2, Colour::Rgb, &[0; 11]).is_none());
        assert!(picture(0, 2, Colour::Rgb, &[]).is_none());
    }

    #[test]
    fn large_pictures_are_made_smaller() {
        let samples: Vec<u8> = (0..5200 * 4).map(|at| if at % 2 == 0 { 0 } else { 254 }).collect();
        let small = picture(5200, 4, Colour::Gray, &samples).unwrap();
        assert_eq!((small.width(), small.height(), small.at(7, 1)), (2600, 2, [127; 3]));
        assert!(!may_decode(usize::MAX, 2, 1) && !may_decode(10_000, 10_000, 3) && may_decode(5000, 7000, 3));
    }

    #[test]
    fn bits_and_palettes() {
        assert_eq!(unpack(&[0b1010_0000, 0b0100_0000], 1, 3, 2, false), [255, 0, 255, 0, 255, 0]);
        assert_eq!(unpack(&[0x1f], 4, 2, 1, true), [1, 15]);
        assert_eq!(coloured(&[1, 0, 9], &[1, 2, 3, 4, 5, 6]), [4, 5, 6, 1, 2, 3, 255, 255, 255]);
    }

    #[test]
    fn the_orientations_of_cameras() {
        // a b c
        // d e f
        let seen = |orientation: u8| {
            let samples: Vec<u8> = b"abcdef".to_vec();
            let turned = oriented(picture(3, 2, Colour::Gray, &samples).unwrap(), orientation);
            let text: String = turned.pixels().iter().step_by(3).map(|byte| char::from(*byte)).collect();
            (turned.width(), text)
        };
        for (orientation, width, text) in [
            (1, 3, "abcdef"),
            (2, 3, "cbafed"),
            (3, 3, "fedcba"),
            (4, 3, "defabc"),
            (5, 2, "adbecf"),
            (6, 2, "daebfc"),
            (7, 2, "fcebda"),
            (8, 2, "cfbead"),
        ] {
            assert_eq!(seen(orientation), (width, text.to_owned()), "{orientation}");
        }
    }
}
