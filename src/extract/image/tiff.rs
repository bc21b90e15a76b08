//! Decodes the pages of a TIFF file one by one: scans and faxes hold many.
//!
//! TIFF 6.0 with the compressions that scanners write: none, PackBits, LZW, deflate, JPEG, fax (T.4, T.6).

use std::io::{Read, Seek, SeekFrom};

use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

use super::decode::Fault;
use super::exif::Bytes;
use super::raster::{Colour, MOST_BYTES, Raster, coloured, may_decode, unpack};

/// The pages of a file.
pub(super) struct Pages<R: Read + Seek> {
    decoder: Decoder<R>,
    is_first: bool,
}

/// Reads what is said about the first page.
pub(super) struct File<'i, R>(pub(super) &'i mut R);

impl<R: Read + Seek> Bytes for File<'_, R> {
    fn at(&mut self, offset: u64, length: usize) -> Option<Vec<u8>> {
        self.0.seek(SeekFrom::Start(offset)).ok()?;
        let mut bytes = Vec::new();
        self.0.take(length as u64).read_to_end(&mut bytes).ok()?;
        (!bytes.is_empty()).then_some(bytes)
    }
}

fn fault(error: tiff::TiffError) -> Fault {
    match error {
        tiff::TiffError::LimitsExceeded => Fault::TooLarge,
        tiff::TiffError::UnsupportedError(_) => Fault::Unsupported("a kind of TIFF"),
        error => Fault::Damaged(error.to_string()),
    }
}

impl<R: Read + Seek> Pages<R> {
    pub(super) fn new(input: R) -> Result<Self, Fault> {
        let mut limits = Limits::default();
        limits.decoding_buffer_size = MOST_BYTES;
        limits.intermediate_buffer_size = MOST_BYTES;
        let decoder = Decoder::new(input).map_err(fault)?.with_limits(limits);
        Ok(Self { decoder, is_first: true })
    }

    /// Goes to the next page. A directory that is damaged ends the file.
    pub(super) fn advance(&mut self) -> Option<Result<(), Fault>> {
        if std::mem::take(&mut self.is_first) {
            return Some(Ok(()));
        }
        self.decoder.more_images().then(|| self.decoder.next_image().map_err(fault))
    }

    /// A smaller copy of another page, or its mask.
    pub(super) fn is_copy(&mut self) -> bool {
        let kind = self.decoder.find_tag_unsigned::<u32>(Tag::NewSubfileType).ok().flatten();
        kind.is_some_and(|kind| kind & 0b101 != 0)
    }

    pub(super) fn dimensions(&mut self) -> Result<(usize, usize), Fault> {
        let (width, height) = self.decoder.dimensions().map_err(fault)?;
        Ok((width as usize, height as usize))
    }

    pub(super) fn decode(&mut self) -> Result<Raster, Fault> {
        let (width, height) = self.dimensions()?;
        let kind = self.decoder.colortype().map_err(fault)?;
        let channels = usize::from(kind.num_samples());
        let bits = usize::from(kind.bit_depth());
        if !may_decode(width, height, channels * bits.div_ceil(8)) {
            return Err(Fault::TooLarge);
        }
        let layout = self.decoder.image_buffer_layout().map_err(fault)?;
        if layout.planes > 1 {
            return Err(Fault::Unsupported("a TIFF with its colours apart"));
        }
        let are_colours = matches!(kind, ColorType::Palette(_));
        let samples = match self.decoder.read_image().map_err(fault)? {
            DecodingResult::U8(packed) => unpack(&packed, bits, width * channels, height, are_colours),
            DecodingResult::U16(wide) => wide.into_iter().map(upper).collect(),
            _ => return Err(Fault::Unsupported("a TIFF with numbers for colours")),
        };
        let (colour, samples) = match kind {
            ColorType::Gray(_) => (Colour::Gray, samples),
            ColorType::GrayA(_) => (Colour::GrayAlpha, samples),
            ColorType::RGB(_) => (Colour::Rgb, samples),
            ColorType::RGBA(_) => (Colour::Rgba, samples),
            ColorType::CMYK(_) => (Colour::Cmyk, samples),
            ColorType::YCbCr(_) => (Colour::Rgb, samples.chunks_exact(3).flat_map(from_luminance).collect()),
            ColorType::Palette(_) => (Colour::Rgb, coloured(&samples, &self.palette()?)),
            _ => return Err(Fault::Unsupported("a TIFF with unusual colours")),
        };
        Ok(Raster { width, height, colour, samples })
    }

    /// All reds, all greens, all blues of 16 bits, as triples of bytes.
    fn palette(&mut self) -> Result<Vec<u8>, Fault> {
        let map = self.decoder.get_tag_u16_vec(Tag::ColorMap).map_err(fault)?;
        let count = map.len() / 3;
        let part = |at: usize| map.get(at).map_or(255, |value| upper(*value));
        Ok((0..count).flat_map(|at| [part(at), part(count + at), part(2 * count + at)]).collect())
    }
}

fn upper(value: u16) -> u8 {
    value.to_be_bytes()[0]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "such casts end at the bounds")]
fn byte(part: f32) -> u8 {
    part as u8
}

/// ITU-R BT.601, full range.
fn from_luminance(pixel: &[u8]) -> [u8; 3] {
    let [y, cb, cr] = [0, 1, 2].map(|at| pixel.get(at).map_or(0.0, |part| f32::from(*part)));
    let (cb, cr) = (cb - 128.0, cr - 128.0);
    [y + 1.402 * cr, y - 0.344 * cb - 0.714 * cr, y + 1.772 * cb].map(byte)
}
