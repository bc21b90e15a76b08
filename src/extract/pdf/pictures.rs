//! Decodes the pictures that a PDF page shows, within bounds that are held against their headers first.
//!
//! ISO 32000-2, 8.9 (images) and 7.4 (filters).

use hayro_syntax::Filter;
use hayro_syntax::object::stream::{ImageColorSpace, ImageDecodeParams};
use hayro_syntax::object::{Array, Dict, Object, Stream};
use hayro_syntax::page::Resources;

use crate::extract::image::decode::Fault;
use crate::extract::image::raster::{Colour, MOST_BYTES, Raster, coloured, may_decode, unpack};

use super::jbig2;
use super::stream;

/// How the samples of a picture are meant.
enum Space {
    Gray,
    /// Of a spot colour: more is darker.
    Ink,
    Rgb,
    Cmyk,
    /// Three bytes a colour.
    Palette(Vec<u8>),
}

impl Space {
    fn channels(&self) -> usize {
        match self {
            Self::Gray | Self::Ink | Self::Palette(_) => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }
}

/// The pixels of a picture.
pub(super) fn decode<'a>(picture: &Stream<'a>, resources: Option<&Resources<'a>>) -> Result<Raster, Fault> {
    let dict = picture.dict();
    let side = |long: &str, short: &str| {
        let side = dict.get::<u32>(long).or_else(|| dict.get::<u32>(short));
        side.ok_or_else(|| Fault::Damaged("a picture without a size".to_owned()))
    };
    let (width, height) = (side("Width", "W")?, side("Height", "H")?);
    let (columns, rows) = (width as usize, height as usize);
    let is_mask = dict.get::<bool>("ImageMask").or_else(|| dict.get::<bool>("IM")).unwrap_or(false);
    let bits = if is_mask { 1 } else { dict.get::<u8>("BitsPerComponent").or_else(|| dict.get("BPC")).unwrap_or(8) };
    let space = if is_mask { Space::Gray } else { space(dict, resources, 0).unwrap_or(Space::Gray) };
    if !may_decode(columns, rows, space.channels().max(1)) {
        return Err(Fault::TooLarge);
    }
    let is_indexed = matches!(space, Space::Palette(_));
    let parameters =
        ImageDecodeParams { is_indexed, bpc: Some(bits), num_components: None, target_dimension: None, width, height };
    let filters = picture.filters();
    let last = filters.last().copied();
    let inverted = is_inverted(dict);
    if !matches!(last, Some(Filter::DctDecode | Filter::JpxDecode | Filter::Jbig2Decode | Filter::CcittFaxDecode)) {
        let data = stream::decode(picture, MOST_BYTES).map_err(|fault| match fault {
            stream::Fault::TooLarge => Fault::TooLarge,
            stream::Fault::Undecodable => Fault::Damaged("its data".to_owned()),
        })?;
        return assemble(&data, usize::from(bits), columns, rows, space, inverted);
    }
    is_bounded(picture, &filters, columns, rows)?;
    let decoded = picture.decoded_image(&parameters).map_err(|_| Fault::Damaged("its data".to_owned()))?;
    let Some(about) = decoded.image_data else { return Err(Fault::Damaged("no picture".to_owned())) };
    let space = match (about.color_space, space) {
        (_, palette @ Space::Palette(_)) => palette,
        (Some(ImageColorSpace::Gray), Space::Ink) => Space::Ink,
        (Some(ImageColorSpace::Rgb), _) => Space::Rgb,
        (Some(ImageColorSpace::Cmyk), _) => Space::Cmyk,
        (Some(ImageColorSpace::Gray) | None, _) => Space::Gray,
        (Some(ImageColorSpace::Unknown(_)), _) => return Err(Fault::Unsupported("a picture in unknown colours")),
    };
    let bits = usize::from(about.bits_per_component);
    assemble(&decoded.data, bits, about.width as usize, about.height as usize, space, inverted)
}

/// Whether a decoder that knows no limits may be given the data.
fn is_bounded(picture: &Stream<'_>, filters: &[Filter], columns: usize, rows: usize) -> Result<(), Fault> {
    let raw = picture.raw_data();
    let data = match filters {
        [_] => raw,
        [Filter::FlateDecode, _] => stream::inflate(&raw, 64 << 20).map_err(|_| Fault::TooLarge)?,
        [Filter::AsciiHexDecode | Filter::Ascii85Decode, Filter::DctDecode] => return Ok(()),
        _ => return Err(Fault::Unsupported("a picture packed several times")),
    };
    let fits = match filters.last() {
        // Their decoders go by the sides that the document gives, and those are held against the limit.
        Some(Filter::DctDecode) => true,
        Some(Filter::CcittFaxDecode) => {
            let parameters = parameters(picture.dict());
            let width = parameters.and_then(|parameters| parameters.get::<usize>("Columns")).unwrap_or(1728);
            rows > 0 && may_decode(width.max(columns), rows, 1)
        }
        Some(Filter::Jbig2Decode) => {
            let globals = parameters(picture.dict())
                .and_then(|parameters| parameters.get::<Stream<'_>>("JBIG2Globals"))
                .and_then(|globals| stream::decode(&globals, 16 << 20).ok());
            jbig2::is_bounded(&data) && globals.is_none_or(|globals| jbig2::is_bounded(&globals))
        }
        Some(Filter::JpxDecode) => jpeg2000_size(&data).is_some_and(|(width, height, parts)| {
            // It works in numbers of four bytes, more than once.
            parts <= 5 && may_decode(width, height, parts * 6)
        }),
        _ => false,
    };
    if fits { Ok(()) } else { Err(Fault::TooLarge) }
}

fn parameters<'a>(dict: &Dict<'a>) -> Option<Dict<'a>> {
    let keys = ["DecodeParms", "DP"];
    keys.iter().find_map(|key| dict.get::<Dict<'a>>(key)).or_else(|| {
        let all = keys.iter().find_map(|key| dict.get::<Array<'a>>(key))?;
        all.iter::<Object<'a>>().last()?.into_dict()
    })
}

/// Sides and components by the marker of the size (ISO/IEC 15444-1, A.5.1).
fn jpeg2000_size(data: &[u8]) -> Option<(usize, usize, usize)> {
    let at = memchr::memmem::find(data.get(..data.len().min(64 * 1024))?, b"\xff\x4f\xff\x51")?;
    let four = |from: usize| {
        let bytes = data.get(at + from..at + from + 4)?;
        usize::try_from(u32::from_be_bytes(bytes.try_into().ok()?)).ok()
    };
    let parts = data.get(at + 40..at + 42).and_then(|bytes| bytes.try_into().ok()).map(u16::from_be_bytes)?;
    Some((four(8)?, four(12)?, usize::from(parts)))
}

/// Samples of any depth and meaning as a picture.
fn assemble(
    data: &[u8],
    bits: usize,
    columns: usize,
    rows: usize,
    space: Space,
    inverted: bool,
) -> Result<Raster, Fault> {
    let in_row = columns * space.channels();
    let mut samples = match bits {
        1 | 2 | 4 | 8 => unpack(data, bits, in_row, rows, matches!(space, Space::Palette(_))),
        16 => data.chunks_exact(2).map(|pair| pair.first().copied().unwrap_or(0)).collect(),
        _ => return Err(Fault::Unsupported("a picture of an unusual depth")),
    };
    // The last rows of a damaged picture are missing: paper.
    samples.resize(in_row * rows, if matches!(space, Space::Cmyk | Space::Ink) { 0 } else { 255 });
    if inverted != matches!(space, Space::Ink) && !matches!(space, Space::Palette(_)) {
        for sample in &mut samples {
            *sample = !*sample;
        }
    }
    let (colour, samples) = match space {
        Space::Gray | Space::Ink => (Colour::Gray, samples),
        Space::Rgb => (Colour::Rgb, samples),
        Space::Cmyk => (Colour::Cmyk, samples),
        Space::Palette(palette) => (Colour::Rgb, coloured(&samples, &palette)),
    };
    Ok(Raster { width: columns, height: rows, colour, samples })
}

/// Whether the range of the first component runs downwards.
fn is_inverted(dict: &Dict<'_>) -> bool {
    let range = dict.get::<Array<'_>>("Decode").or_else(|| dict.get::<Array<'_>>("D"));
    range.is_some_and(|range| {
        let mut ends = range.iter::<f64>();
        matches!((ends.next(), ends.next()), (Some(from), Some(to)) if from > to)
    })
}

fn space<'a>(dict: &Dict<'a>, resources: Option<&Resources<'a>>, depth: u32) -> Option<Space> {
    let object = dict.get::<Object<'a>>("ColorSpace").or_else(|| dict.get::<Object<'a>>("CS"))?;
    meant(object, resources, depth)
}

fn meant<'a>(object: Object<'a>, resources: Option<&Resources<'a>>, depth: u32) -> Option<Space> {
    const MOST_DEPTH: u32 = 4;
    if depth > MOST_DEPTH {
        return None;
    }
    match object {
        Object::Name(name) => match name.as_ref() {
            b"DeviceGray" | b"G" | b"CalGray" => Some(Space::Gray),
            b"DeviceRGB" | b"RGB" | b"CalRGB" => Some(Space::Rgb),
            b"DeviceCMYK" | b"CMYK" => Some(Space::Cmyk),
            named => meant(resources?.color_spaces.get::<Object<'a>>(named)?, resources, depth + 1),
        },
        Object::Array(parts) => {
            let mut parts = parts.iter::<Object<'a>>();
            let Some(Object::Name(family)) = parts.next() else { return None };
            match family.as_ref() {
                b"ICCBased" => {
                    let Some(Object::Stream(profile)) = parts.next() else { return None };
                    match profile.dict().get::<u32>("N")? {
                        1 => Some(Space::Gray),
                        4 => Some(Space::Cmyk),
                        _ => Some(Space::Rgb),
                    }
                }
                b"Indexed" | b"I" => {
                    let base = meant(parts.next()?, resources, depth + 1)?;
                    let table = match parts.nth(1)? {
                        Object::String(table) => table.as_bytes().to_vec(),
                        Object::Stream(table) => stream::decode(&table, 64 * 1024).ok()?.into_owned(),
                        _ => return None,
                    };
                    Some(Space::Palette(palette(&base, &table)))
                }
                b"Separation" => Some(Space::Ink),
                b"CalRGB" | b"Lab" | b"DeviceRGB" => Some(Space::Rgb),
                b"DeviceCMYK" => Some(Space::Cmyk),
                _ => Some(Space::Gray),
            }
        }
        _ => None,
    }
}

fn palette(base: &Space, table: &[u8]) -> Vec<u8> {
    let colours = table.chunks_exact(base.channels());
    match base {
        Space::Rgb => table.to_vec(),
        Space::Cmyk => colours.flat_map(cmyk).collect(),
        Space::Ink => table.iter().flat_map(|ink| [255 - ink; 3]).collect(),
        _ => table.iter().flat_map(|gray| [*gray; 3]).collect(),
    }
}

fn cmyk(inks: &[u8]) -> [u8; 3] {
    let [c, m, y, k] = [0, 1, 2, 3].map(|at| 255 - u16::from(inks.get(at).copied().unwrap_or(0)));
    [c, m, y].map(|part| u8::try_from(part * k / 255).unwrap_or(255))
}
