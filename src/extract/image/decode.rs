//! Decodes JPEG, PNG, GIF and WebP pictures, and takes out what they say of themselves.
//!
//! ITU-T T.81, <https://www.w3.org/TR/png-3/>, <https://www.w3.org/Graphics/GIF/spec-gif89a.txt>, RFC 9649.
//! The sizes in the header are held against a limit before anything is decoded.

use std::io::Cursor;
use std::num::NonZeroU64;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::bmp;
use super::raster::{Colour, MOST_BYTES, Raster, may_decode};

/// A kind of picture that is one block of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Jpeg,
    Png,
    Gif,
    WebP,
    Bmp,
}

/// What a picture says before its pixels.
#[derive(Debug, Default)]
pub(super) struct About {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Blocks of Exif, XMP and IPTC.
    pub(super) exif: Option<Vec<u8>>,
    pub(super) xmp: Option<Vec<u8>>,
    pub(super) iptc: Option<Vec<u8>>,
    /// Label and value.
    pub(super) texts: Vec<(String, String)>,
    /// There are further pictures in it: an animation.
    pub(super) moves: bool,
}

/// Why there is no picture.
#[derive(Debug)]
pub(in crate::extract) enum Fault {
    /// More bytes than are decoded.
    TooLarge,
    Damaged(String),
    Unsupported(&'static str),
}

fn damaged(error: impl std::fmt::Debug) -> Fault {
    Fault::Damaged(format!("{error:?}"))
}

impl Kind {
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', ..] => Some(Self::Png),
            [b'G', b'I', b'F', b'8', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', ..] if head.get(8..12) == Some(b"WEBP") => Some(Self::WebP),
            [b'B', b'M', ..] => Some(Self::Bmp),
            _ => None,
        }
    }

    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Bmp => "image/bmp",
        }
    }

    pub(super) fn about(self, bytes: &[u8]) -> Result<About, Fault> {
        match self {
            Self::Jpeg => {
                let decoder = jpeg_headers(bytes)?;
                let (width, height) = decoder.dimensions().unwrap_or_default();
                let block = |block: Option<&Vec<u8>>| block.cloned();
                Ok(About {
                    width,
                    height,
                    exif: block(decoder.exif()),
                    xmp: block(decoder.xmp()),
                    iptc: block(decoder.iptc()),
                    ..About::default()
                })
            }
            Self::Png => {
                let reader = png_headers(bytes)?;
                let info = reader.info();
                let (width, height) = (info.width as usize, info.height as usize);
                let plain =
                    info.uncompressed_latin1_text.iter().map(|chunk| (chunk.keyword.clone(), chunk.text.clone()));
                let packed = info
                    .compressed_latin1_text
                    .iter()
                    .filter_map(|chunk| Some((chunk.keyword.clone(), chunk.get_text().ok()?)));
                let utf8 =
                    info.utf8_text.iter().filter_map(|chunk| Some((chunk.keyword.clone(), chunk.get_text().ok()?)));
                let (packets, texts) = plain
                    .chain(packed)
                    .chain(utf8)
                    .partition::<Vec<_>, _>(|(keyword, _)| keyword == "XML:com.adobe.xmp");
                Ok(About {
                    width,
                    height,
                    exif: info.exif_metadata.as_ref().map(|block| block.to_vec()),
                    xmp: packets.into_iter().next().map(|(_, packet)| packet.into_bytes()),
                    texts,
                    moves: info.animation_control.is_some_and(|control| control.num_frames > 1),
                    ..About::default()
                })
            }
            Self::Gif => {
                let mut decoder = gif_decoder(bytes, true)?;
                let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
                let mut frames = 0;
                while frames < 2 && matches!(decoder.next_frame_info(), Ok(Some(_))) {
                    frames += 1;
                }
                let xmp = decoder.xmp_metadata().map(<[u8]>::to_vec);
                Ok(About { width, height, xmp, moves: frames > 1, ..About::default() })
            }
            Self::WebP => {
                let mut decoder = webp_decoder(bytes)?;
                let (width, height) = decoder.dimensions();
                Ok(About {
                    width: width as usize,
                    height: height as usize,
                    exif: decoder.exif_metadata().ok().flatten(),
                    xmp: decoder.xmp_metadata().ok().flatten(),
                    moves: decoder.is_animated(),
                    ..About::default()
                })
            }
            Self::Bmp => {
                let header = bmp::Header::read(bytes)?;
                Ok(About { width: header.width, height: header.height, ..About::default() })
            }
        }
    }

    /// The picture; of several the first.
    pub(super) fn decode(self, bytes: &[u8]) -> Result<Raster, Fault> {
        match self {
            Self::Jpeg => jpeg(bytes),
            Self::Png => png(bytes),
            Self::Gif => gif(bytes),
            Self::WebP => webp(bytes),
            Self::Bmp => bmp::decode(bytes),
        }
    }
}

fn jpeg_headers(bytes: &[u8]) -> Result<JpegDecoder<ZCursor<&[u8]>>, Fault> {
    const SCANS: usize = 100;
    let side = usize::from(u16::MAX);
    let options = DecoderOptions::default().set_max_width(side).set_max_height(side).jpeg_set_max_scans(SCANS);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(damaged)?;
    Ok(decoder)
}

fn jpeg(bytes: &[u8]) -> Result<Raster, Fault> {
    let mut decoder = jpeg_headers(bytes)?;
    let (width, height) = decoder.dimensions().ok_or_else(|| damaged("no frame"))?;
    let is_gray = decoder.info().is_some_and(|info| info.components == 1);
    let (space, colour) = if is_gray { (ColorSpace::Luma, Colour::Gray) } else { (ColorSpace::RGB, Colour::Rgb) };
    if !may_decode(width, height, colour.channels()) {
        return Err(Fault::TooLarge);
    }
    let options = decoder.options().jpeg_set_out_colorspace(space);
    decoder.set_options(options);
    let samples = decoder.decode().map_err(damaged)?;
    Ok(Raster { width, height, colour, samples })
}

fn png_headers(bytes: &[u8]) -> Result<png::Reader<Cursor<&[u8]>>, Fault> {
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: MOST_BYTES });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    decoder.set_ignore_iccp_chunk(true);
    decoder.read_info().map_err(damaged)
}

fn png(bytes: &[u8]) -> Result<Raster, Fault> {
    let mut reader = png_headers(bytes)?;
    let colour = match reader.output_color_type().0 {
        png::ColorType::Grayscale => Colour::Gray,
        png::ColorType::GrayscaleAlpha => Colour::GrayAlpha,
        png::ColorType::Rgb => Colour::Rgb,
        png::ColorType::Rgba => Colour::Rgba,
        png::ColorType::Indexed => return Err(Fault::Unsupported("a PNG whose palette is missing")),
    };
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    if !may_decode(width, height, colour.channels()) {
        return Err(Fault::TooLarge);
    }
    let mut samples = vec![0; reader.output_buffer_size().ok_or(Fault::TooLarge)?];
    let frame = reader.next_frame(&mut samples).map_err(damaged)?;
    samples.truncate(frame.buffer_size());
    Ok(Raster { width: frame.width as usize, height: frame.height as usize, colour, samples })
}

fn gif_decoder(bytes: &[u8], skips: bool) -> Result<gif::Decoder<Cursor<&[u8]>>, Fault> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    options.skip_frame_decoding(skips);
    if let Some(limit) = NonZeroU64::new(MOST_BYTES as u64) {
        options.set_memory_limit(gif::MemoryLimit::Bytes(limit));
    }
    options.read_info(Cursor::new(bytes)).map_err(damaged)
}

fn gif(bytes: &[u8]) -> Result<Raster, Fault> {
    let mut decoder = gif_decoder(bytes, false)?;
    let frame = decoder.read_next_frame().map_err(damaged)?.ok_or_else(|| damaged("no picture"))?;
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    Ok(Raster { width, height, colour: Colour::Rgba, samples: frame.buffer.to_vec() })
}

fn webp_decoder(bytes: &[u8]) -> Result<image_webp::WebPDecoder<Cursor<&[u8]>>, Fault> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
    decoder.set_memory_limit(MOST_BYTES);
    Ok(decoder)
}

fn webp(bytes: &[u8]) -> Result<Raster, Fault> {
    let mut decoder = webp_decoder(bytes)?;
    let (width, height) = decoder.dimensions();
    let (width, height) = (width as usize, height as usize);
    let colour = if decoder.has_alpha() { Colour::Rgba } else { Colour::Rgb };
    if !may_decode(width, height, colour.channels()) {
        return Err(Fault::TooLarge);
    }
    let mut samples = vec![0; decoder.output_buffer_size().ok_or(Fault::TooLarge)?];
    decoder.read_image(&mut samples).map_err(damaged)?;
    Ok(Raster { width, height, colour, samples })
}
