//! Reads PDF documents: the text of every page, form values, notes, metadata and attached files.
//!
//! Format: ISO 32000-2:2020. hayro reads the objects and the fonts; the characters are
//! placed and joined to words here. Nothing is painted and no picture is decoded.

mod accents;
mod content;
mod document;
mod fallback;
mod font;
mod layout;
mod protection;
mod reverse;
mod stream;
mod string;
mod words;
mod xml;

use hayro_syntax::{DecryptionError, LoadPdfError, Pdf as Document};

use crate::extract::writer::TextWriter;
use crate::identify::Format;
use crate::model::{Place, Protection, Reason};
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use content::PageText;
use font::Fonts;
use protection::{Encryption, Opened};

const MAX_PAGES: usize = 100_000;
/// A page whose largest picture covers this share and that shows fewer characters than
/// `SCAN_CHARACTERS` is a scan with a stamp or a page number.
const SCAN_SHARE: f64 = 0.5;
const SCAN_CHARACTERS: usize = 20;

/// Portable Document Format.
pub struct Pdf;

impl Reader for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Pdf]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut bytes = input.read_all(budget.limits().member_bytes)?;
        let encryption = Encryption::find(&bytes);
        let sealed_files = encryption.as_ref().and_then(Encryption::of_files_only);
        if sealed_files.is_some() {
            protection::disregard(&mut bytes);
        }
        let opened = Document::new(bytes);
        if let Some(encryption) = &encryption {
            sink.protection(encryption.verdict(match &opened {
                Ok(_) => Opened::Yes,
                Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => Opened::NeedsPassword,
                Err(LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm)) => Opened::UnknownHandler,
                Err(_) => Opened::Damaged,
            }));
        }
        match opened {
            Ok(document) => read_document(&document, sealed_files, budget, sink),
            Err(LoadPdfError::Invalid) if encryption.is_none() => {
                Err(ReadError::malformed("PDF", "no pages were found in it"))
            }
            Err(_) => Err(ReadError::Encrypted),
        }
    }
}

/// What the pages lacked, for the gaps at the end.
#[derive(Default)]
struct Missing {
    pictures: u64,
    undecoded: u64,
}

fn read_document(
    document: &Document,
    sealed_files: Option<Protection>,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let mut writer = TextWriter::new(sink);
    document::metadata(document, &mut writer)?;
    let mut fonts = Fonts::new();
    let mut files = Vec::new();
    let mut missing = Missing::default();
    let pages = document.pages();
    for (index, page) in pages.iter().enumerate().take(MAX_PAGES) {
        budget.check()?;
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let text = content::read_page(page, &mut fonts, budget)?;
        for paragraph in layout::paragraphs(&text) {
            writer.paragraph(Place::page(number), &paragraph)?;
        }
        if let Some((reason, detail)) = text.gap {
            writer.sink()?.gap(reason, &format!("page {number}: {detail}"));
        }
        missing.count(&text);
        document::notes(page.raw(), number, budget, &mut files, &mut writer)?;
    }
    if pages.len() > MAX_PAGES {
        writer.sink()?.gap(Reason::TooManyMembers, "more pages than are read");
    }
    if let Some(catalog) = document::catalog(document) {
        document::bookmarks(&catalog, budget, &mut writer)?;
        document::form(document, &catalog, budget, &mut writer)?;
        document::attachments(&catalog, document, files, sealed_files, budget, &mut writer)?;
    }
    missing.report(writer.sink()?);
    writer.finish()
}

impl Missing {
    fn count(&mut self, page: &PageText) {
        let characters = page.text.chars().filter(|c| c.is_alphanumeric()).count();
        let is_picture = page.picture.is_some_and(|share| {
            characters == 0 && page.unknown == 0 || share >= SCAN_SHARE && characters < SCAN_CHARACTERS
        });
        self.pictures += u64::from(is_picture);
        // Spaces without a character are common, pages of unknown letters are not.
        self.undecoded += u64::from(page.unknown > 50 && page.unknown > characters);
    }

    fn report(&self, sink: &mut dyn Sink) {
        let pages = |count: u64| if count == 1 { "1 page".to_owned() } else { format!("{count} pages") };
        match self.pictures {
            0 => {}
            1 => sink.gap(Reason::OcrUnavailable, "1 page holds pictures and no text"),
            count => sink.gap(Reason::OcrUnavailable, &format!("{} hold pictures and no text", pages(count))),
        }
        if self.undecoded > 0 {
            let detail = format!("{} in fonts that do not say which characters they show", pages(self.undecoded));
            sink.gap(Reason::UndecodedText, &detail);
        }
    }
}
