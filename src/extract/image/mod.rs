//! Reads pictures: what cameras, scanners and people wrote into them, and by text recognition what they show.
//!
//! JPEG, PNG, TIFF with all its pages, GIF, WebP and Windows bitmaps; of HEIF pictures (phones) what
//! is written into them.

mod bmp;
pub(in crate::extract) mod decode;
mod exif;
mod metadata;
pub(in crate::extract) mod raster;
mod tiff;

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;

use crate::extract::ocr::report::Report;
use crate::extract::writer::TextWriter;
use crate::identify::Format;
use crate::model::{Place, Reason};
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use decode::{Fault, Kind};

/// Bytes of a file that is not a TIFF.
const MOST_BYTES: u64 = 256 << 20;
/// Pages of one file.
const MOST_PAGES: u32 = 10_000;
/// The head of a HEIF file in which its Exif block is looked for.
const HEIF_HEAD: u64 = 8 << 20;
/// Pictures with fewer pixels, or a side below `LEAST_SIDE`, are icons and lines: they hold no text.
const LEAST_PIXELS: usize = 10_000;
const LEAST_SIDE: usize = 24;

/// Pictures of all kinds.
pub struct Image;

impl Reader for Image {
    fn name(&self) -> &'static str {
        "image"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Image]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut head = Vec::new();
        (&mut *input).take(16).read_to_end(&mut head)?;
        input.seek(SeekFrom::Start(0))?;
        match Kind::of(&head) {
            Some(kind) => {
                sink.refine(kind.media_type());
                let bytes = input.read_all(MOST_BYTES.min(budget.limits().member_bytes))?;
                one(kind, &bytes, budget, sink)
            }
            None if head.starts_with(b"II") || head.starts_with(b"MM") => {
                sink.refine("image/tiff");
                pages(input, budget, sink)
            }
            None => heif(input, budget, sink),
        }
    }
}

/// A picture that is one block of bytes.
fn one(kind: Kind, bytes: &[u8], budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let about = kind.about(bytes).map_err(|fault| error(kind.media_type(), fault))?;
    let mut writer = TextWriter::new(sink);
    let exif = about.exif.as_deref().and_then(|mut block| {
        // Some programs leave the marker in.
        block = block.strip_prefix(b"Exif\0\0").unwrap_or(block);
        exif::read(&mut block)
    });
    let mut fields = about.texts;
    if let Some(iptc) = &about.iptc {
        fields.extend(metadata::iptc(iptc));
    }
    if let Some(xmp) = &about.xmp {
        fields.extend(metadata::xmp(xmp, budget)?);
    }
    let orientation = exif.as_ref().map_or(1, |exif| exif.orientation);
    write_fields(exif, fields, budget, &mut writer)?;
    if kind == Kind::Jpeg && memchr::memmem::rfind(bytes, b"\xff\xd9").is_none() {
        writer.sink()?.gap(Reason::Truncated, "the end of the picture is missing");
    }
    if about.moves {
        writer.sink()?.gap(Reason::UnsupportedFeature, "of an animation the first picture is read");
    }
    let mut report = Report::default();
    if may_hold_text(about.width, about.height) {
        match budget.may_recognise() {
            Err((reason, detail)) => writer.sink()?.gap(reason, detail),
            Ok(_) => match kind.decode(bytes) {
                Ok(raster) => show(raster, orientation, None, budget, &mut report, &mut writer)?,
                Err(fault) => gap(fault, (about.width, about.height), "", writer.sink()?),
            },
        }
    }
    report.finish(writer.sink()?);
    writer.finish()
}

/// The pages of a TIFF file.
fn pages(input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let mut writer = TextWriter::new(sink);
    let exif = exif::read(&mut tiff::File(&mut *input));
    budget.check()?;
    let orientation = exif.as_ref().map_or(1, |exif| exif.orientation);
    write_fields(exif, Vec::new(), budget, &mut writer)?;
    input.seek(SeekFrom::Start(0))?;
    let mut pages =
        tiff::Pages::new(BufReader::with_capacity(64 * 1024, input)).map_err(|fault| error("TIFF", fault))?;
    let mut report = Report::default();
    let mut number = 0;
    while let Some(page) = pages.advance() {
        budget.check()?;
        number += 1;
        let place = format!("page {number}: ");
        if number > MOST_PAGES {
            writer.sink()?.gap(Reason::TooManyMembers, "more pages than are read");
            break;
        }
        if let Err(fault) = page {
            gap(fault, (0, 0), &place, writer.sink()?);
            break;
        }
        if pages.is_copy() {
            continue;
        }
        let sides = pages.dimensions().unwrap_or_default();
        if !may_hold_text(sides.0, sides.1) {
            continue;
        }
        if let Err((reason, _)) = budget.may_recognise() {
            report.unread(reason, number);
            continue;
        }
        match pages.decode() {
            Ok(raster) => show(raster, orientation, Some(number), budget, &mut report, &mut writer)?,
            Err(fault) => gap(fault, sides, &place, writer.sink()?),
        }
    }
    report.finish(writer.sink()?);
    writer.finish()
}

/// What is written into a HEIF picture; its pixels need a decoder of video.
fn heif(input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
    sink.refine("image/heic");
    let mut head = Vec::new();
    input.take(HEIF_HEAD).read_to_end(&mut head)?;
    let mut writer = TextWriter::new(sink);
    let starts = memchr::memmem::find_iter(&head, b"Exif\0\0").take(16);
    let exif = starts.filter_map(|at| head.get(at + 6..)).find_map(|mut block| exif::read(&mut block));
    write_fields(exif, Vec::new(), budget, &mut writer)?;
    writer.sink()?.gap(Reason::UnsupportedFormat, "the pixels of HEIF pictures are not decoded");
    writer.finish()
}

pub(in crate::extract) fn may_hold_text(width: usize, height: usize) -> bool {
    width.min(height) >= LEAST_SIDE && width.saturating_mul(height) >= LEAST_PIXELS
}

/// Decoded pixels on their way to text.
fn show(
    raster: raster::Raster,
    orientation: u8,
    page: Option<u32>,
    budget: &Budget,
    report: &mut Report,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    if let Some(picture) = raster.into_picture() {
        return report.read(&raster::oriented(picture, orientation), page, budget, writer);
    }
    writer.sink()?.gap(Reason::Malformed, "a picture with fewer pixels than it says");
    Ok(())
}

fn write_fields(
    exif: Option<exif::Exif>,
    fields: Vec<(String, String)>,
    budget: &Budget,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let mut all: Vec<(String, String)> = Vec::new();
    if let Some(exif) = exif {
        all.extend(exif.fields.into_iter().map(|(label, value)| (label.to_owned(), value)));
        if let Some(iptc) = exif.iptc {
            all.extend(metadata::iptc(&iptc));
        }
        if let Some(xmp) = exif.xmp {
            all.extend(metadata::xmp(&xmp, budget)?);
        }
    }
    all.extend(fields);
    let mut any = false;
    let mut last: Option<&(String, String)> = None;
    all.retain(|(_, value)| !value.trim().is_empty());
    for field in &all {
        // The same stands in several blocks.
        if last != Some(field) {
            writer.field(Place::field(&field.0), &Arc::from(field.0.as_str()), &field.1)?;
            any = true;
        }
        last = Some(field);
    }
    if any { writer.end_record() } else { Ok(()) }
}

fn error(format: &'static str, fault: Fault) -> ReadError {
    match fault {
        Fault::TooLarge => ReadError::Budget(Reason::MemberTooLarge),
        Fault::Damaged(what) => ReadError::malformed(format, what),
        Fault::Unsupported(what) => ReadError::Unsupported(what),
    }
}

fn gap(fault: Fault, (width, height): (usize, usize), place: &str, sink: &mut dyn Sink) {
    match fault {
        Fault::TooLarge => {
            let detail = format!("{place}a picture of {width} by {height} pixels is larger than what is decoded");
            sink.gap(Reason::MemberTooLarge, &detail);
        }
        Fault::Damaged(what) => sink.gap(Reason::Malformed, &format!("{place}the pixels do not decode: {what}")),
        Fault::Unsupported(what) => sink.gap(Reason::UnsupportedFeature, &format!("{place}{what} is not decoded")),
    }
}

#[cfg(test)]
mod tests;
