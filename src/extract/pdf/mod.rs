//! Reads PDF documents: the text of every page, form values, notes, metadata and attached files.
//!
//! Format: ISO 32000-2:2020. hayro reads the objects and the fonts; the characters are
//! placed and joined to words here. Nothing is painted; the pictures of pages without text go to
//! text recognition, if there is one.

mod accents;
mod appearance;
mod chinese;
pub(in crate::extract) mod content;
mod document;
mod fallback;
mod font;
mod glyph_order;
mod guard;
mod jbig2;
pub(in crate::extract) mod layout;
mod operators;
mod pictures;
mod protection;
mod resources;
mod reverse;
#[cfg(test)]
mod sample;
mod stream;
mod string;
mod words;
mod xml;

use std::collections::HashSet;
use std::sync::Arc;

use hayro_syntax::{DecryptionError, LoadPdfError, Pdf as Document};

use crate::extract::image::decode::Fault;
use crate::extract::image::raster::Raster;
use crate::extract::ocr::report::Report;
use crate::extract::writer::TextWriter;
use crate::identify::Format;
use crate::model::{Place, Protection, Reason};
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};
use crate::open::recognition::When;

use content::{PageText, Shown};
use font::Fonts;
use protection::{Encryption, Opened};

const MAX_PAGES: usize = 100_000;
/// A page whose largest picture covers this share and that shows fewer characters than
/// `SCAN_CHARACTERS` is a scan with a stamp or a page number.
const SCAN_SHARE: f64 = 0.5;
const SCAN_CHARACTERS: usize = 20;
/// On a page with text, a picture that covers less is an illustration or a logo.
const LARGE_SHARE: f64 = 0.1;
/// Pictures of one page that are read.
const MAX_PICTURES: usize = 64;

/// Rounds of hashing that a try of a password costs: revision 6 has 64 and more, of 64 blocks each.
const PASSWORD_ROUNDS: u64 = 10_000;

/// Portable Document Format.
pub struct Pdf;

impl Reader for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn version(&self) -> u32 {
        6
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
        if encryption.is_some() {
            // What cannot be decrypted cannot be repaired: its offsets must count from the header.
            let start = memchr::memmem::find(bytes.get(..1024).unwrap_or(&bytes), b"%PDF-").unwrap_or(0);
            bytes.drain(..start);
        }
        let sealed_files = encryption.as_ref().and_then(Encryption::of_files_only);
        if sealed_files.is_some() {
            protection::disregard(&mut bytes);
        }
        if !guard::has_end(&bytes) {
            sink.gap(Reason::Truncated, "the end of the file is missing");
        }
        if guard::disarm(&mut bytes) > 0 {
            sink.gap(Reason::TooManyBytes, "streams that unpack to more than allowed");
        }
        let bytes = Arc::new(bytes);
        let mut opened = Document::new(Arc::clone(&bytes));
        if let Some(encryption) = &encryption {
            let answer = match &opened {
                Ok(_) => Opened::Yes,
                Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => Opened::NeedsPassword,
                Err(LoadPdfError::Decryption(DecryptionError::UnsupportedAlgorithm)) => Opened::UnknownHandler,
                Err(_) => Opened::Damaged,
            };
            let mut protection = encryption.verdict(answer);
            if answer == Opened::NeedsPassword {
                // Opening reads the cross-references each time.
                let rounds = PASSWORD_ROUNDS + bytes.len() as u64 / 64;
                let tried = budget.passwords().try_each(input.name(), rounds, budget, |password| {
                    Document::new_with_password(Arc::clone(&bytes), password).ok()
                })?;
                protection = tried.verdict(protection);
                opened = tried.into_key().map_or(opened, Ok);
            }
            sink.protection(protection);
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
    recognised: Report,
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
    if pages.is_empty() {
        return Err(ReadError::malformed("PDF", "no pages were found in it"));
    }
    for (index, page) in pages.iter().enumerate().take(MAX_PAGES) {
        budget.check()?;
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let (text, pictures) = content::read_page(page, &mut fonts, budget)?;
        for paragraph in layout::paragraphs(&text) {
            writer.paragraph(Place::page(number), &paragraph)?;
        }
        if let Some((reason, detail)) = text.gap {
            writer.sink()?.gap(reason, &format!("page {number}: {detail}"));
        }
        missing.count(&text);
        missing.recognise(&text, pictures, number, budget, &mut writer)?;
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

/// Letters and digits that the page says itself.
fn characters(page: &PageText) -> usize {
    page.text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// Whether the page shows a picture and says next to nothing.
fn is_scan(page: &PageText) -> bool {
    let characters = characters(page);
    page.picture.is_some_and(|share| {
        characters == 0 && page.unknown == 0 || share >= SCAN_SHARE && characters < SCAN_CHARACTERS
    })
}

impl Missing {
    fn count(&mut self, page: &PageText) {
        let characters = characters(page);
        // Spaces and signs without a character are common, pages of unknown letters are not.
        let is_much = page.unknown > 50 || page.lost > 4;
        self.undecoded += u64::from(is_much && page.unknown > characters);
    }

    /// Reads the pictures of a page that has no text of its own; of others only when asked to.
    fn recognise(
        &mut self,
        page: &PageText,
        mut pictures: Vec<Shown<'_>>,
        number: u32,
        budget: &Budget,
        writer: &mut TextWriter<'_>,
    ) -> Result<(), ReadError> {
        let is_scan = is_scan(page);
        if budget.may_recognise().is_err() {
            self.pictures += u64::from(is_scan);
            return Ok(());
        }
        if !is_scan {
            let always = budget.limits().recognition.when == When::Always;
            pictures.retain(|picture| always && picture.share >= LARGE_SHARE);
        }
        pictures.sort_by(|a, b| b.top.total_cmp(&a.top));
        // Drawn again: a shadow, or a mask.
        let mut seen = HashSet::new();
        pictures.retain(|picture| seen.insert(picture.stream.obj_id()));
        let left_out = pictures.len().saturating_sub(MAX_PICTURES);
        let mut fault = None;
        let mut read = 0;
        for picture in pictures.iter().take(MAX_PICTURES) {
            budget.check()?;
            match pictures::decode(&picture.stream, Some(&picture.resources)).map(Raster::into_picture) {
                Ok(Some(decoded)) => {
                    self.recognised.read(&decoded, Some(number), budget, writer)?;
                    read += 1;
                }
                Ok(None) => {}
                Err(found) => fault = Some(found),
            }
        }
        let place = format!("page {number}: ");
        if left_out > 0 {
            writer.sink()?.gap(Reason::TooManyMembers, &format!("{place}{left_out} pictures more than are read"));
        }
        match fault {
            Some(Fault::TooLarge) => {
                writer.sink()?.gap(Reason::MemberTooLarge, &format!("{place}a picture is larger than what is decoded"));
            }
            Some(Fault::Damaged(_)) => {
                writer.sink()?.gap(Reason::Malformed, &format!("{place}a picture does not decode"));
            }
            Some(Fault::Unsupported(what)) => {
                writer.sink()?.gap(Reason::UnsupportedFeature, &format!("{place}{what} is not decoded"));
            }
            // Pictures within the content are not taken out of it.
            None => self.pictures += u64::from(is_scan && read == 0),
        }
        Ok(())
    }

    fn report(self, sink: &mut dyn Sink) {
        let pages = |count: u64| if count == 1 { "1 page".to_owned() } else { format!("{count} pages") };
        match self.pictures {
            0 => {}
            1 => sink.gap(Reason::OcrUnavailable, "1 page holds pictures and no text"),
            count => sink.gap(Reason::OcrUnavailable, &format!("{} hold pictures and no text", pages(count))),
        }
        self.recognised.finish(sink);
        if self.undecoded > 0 {
            let detail = format!("{} in fonts that do not say which characters they show", pages(self.undecoded));
            sink.gap(Reason::UndecodedText, &detail);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sample::Sample;
    use super::*;
    use crate::model::State;
    use crate::open::collect::{Collected, collect};

    fn read(sample: Sample) -> Collected {
        let collected = collect(&Pdf, "a.pdf", &sample.bytes());
        assert!(collected.error.is_none(), "{:?}", collected.error);
        collected
    }

    /// The text of a page with this content.
    #[track_caller]
    fn check(content: &str, expected: &str) {
        let content = format!("BT /F 10 Tf {content} ET");
        assert_eq!(read(Sample::pages(&[&content])).content(), expected);
    }

    #[test]
    fn gaps_make_words() {
        check("(Codice) Tj 40 0 Td (fiscale) Tj", "Codice fiscale\n");
        check("[(Co) 20 (di) -20 (ce) -300 (fiscale)] TJ", "Codice fiscale\n");
        check("(RSSMRA80) Tj 48 0 Td (A01H501U) Tj", "RSSMRA80A01H501U\n");
        check("3 Tc (IBAN) Tj", "I B A N\n");
        check("0 Tc (IBAN:) Tj 60 0 Td (IT60 X054 2811) Tj", "IBAN:\tIT60 X054 2811\n");
    }

    #[test]
    fn characters_in_boxes_are_one_word() {
        check("12 Tc (RSSMRA80A01H501U) Tj", "RSSMRA80A01H501U\n");
        check("(CF) Tj 30 0 Td 9 Tc (RSSMRA80) Tj", "CF\tRSSMRA80\n");
    }

    #[test]
    fn cells_of_a_row_stay_together_and_apart() {
        let table = "1 0 0 1 50 700 Tm (Nome) Tj 1 0 0 1 200 700 Tm (Nato) Tj 1 0 0 1 400 700 Tm (CF) Tj \
             1 0 0 1 50 680 Tm (Rossi) Tj 1 0 0 1 200 680 Tm (1980) Tj 1 0 0 1 400 680 Tm (X1) Tj";
        check(table, "Nome\tNato\tCF\nRossi\t1980\tX1\n");
        // The same, column by column.
        let table = "1 0 0 1 50 700 Tm (Nome) Tj 1 0 0 1 50 680 Tm (Rossi) Tj 1 0 0 1 200 700 Tm (Nato) Tj \
             1 0 0 1 200 680 Tm (1980) Tj";
        check(table, "Nome\tNato\nRossi\t1980\n");
    }

    #[test]
    fn columns_of_prose_are_read_one_by_one() {
        let column = |x: u32, word: &str| {
            let line = format!("{word} ").repeat(6);
            format!("1 0 0 1 {x} 700 Tm ({line}) Tj 0 -12 Td ({line}) Tj 0 -12 Td ({line}) Tj ")
        };
        let expected = format!("{}\n{}\n", vec!["sinistra"; 18].join(" "), vec!["destra"; 18].join(" "));
        let mut content = column(20, "sinistra");
        content.push_str(&column(360, "destra"));
        check(&content.replace("/F 10", "/F 8"), &expected);
    }

    #[test]
    fn a_word_cut_at_the_end_of_a_line_is_joined() {
        let lines = "1 0 0 1 50 700 Tm (Il lavoratore sottoscritto dichia-) Tj 0 -12 Td (ra di essere iscritto al sindacato) Tj";
        check(lines, "Il lavoratore sottoscritto dichiara di essere iscritto al sindacato\n");
    }

    #[test]
    fn text_may_be_turned_hidden_and_scaled() {
        check("0 1 -1 0 100 100 Tm (verticale) Tj", "verticale\n");
        check("0.7 0.7 -0.7 0.7 100 100 Tm (in) Tj (clinato) Tj", "inclinato\n");
        check("3 Tr (nascosto) Tj", "nascosto\n");
        check("100 Tz 1 0 0 1 9 9 Tm 50 Tz (stret) Tj (to) Tj", "stretto\n");
    }

    #[test]
    fn accents_and_bold_by_printing_twice() {
        check("(Nicol) Tj 30 0 Td (o) Tj (`) Tj -6 0 Td", "Nicolo`\n");
        check("1 0 0 1 50 50 Tm (Nicol) Tj 1 0 0 1 80 50 Tm (\\264) Tj 1 0 0 1 80 50 Tm (o) Tj", "Nicoló\n");
        check("1 0 0 1 50 50 Tm (Rossi) Tj 1 0 0 1 50.3 50 Tm (Rossi) Tj", "Rossi\n");
    }

    #[test]
    fn pages_are_places_and_never_run_together() {
        let page = |text: &str| format!("BT /F 10 Tf 9 9 Td ({text}) Tj ET");
        let collected = read(Sample::pages(&[&page("uno"), "", &page("tre")]));
        let text = &collected.texts[0];
        assert_eq!(text.content(), "uno\ntre\n");
        assert_eq!((text.place(0).page, text.place(4).page), (Some(1), Some(3)));
        assert_ne!(text.record(0), text.record(4));
        assert!(collected.gaps.is_empty());
    }

    #[test]
    fn forms_within_forms_are_read_and_end() {
        let mut sample = Sample::new();
        let first = sample.next_number();
        let draw = |number: usize| format!("/Resources<</XObject<</X {number} 0 R>>/Font<</F 3 0 R>>>>");
        let form = |number| format!("/Type/XObject/Subtype/Form{}", draw(number));
        for level in 1..20 {
            sample
                .stream(&form(first + level), &format!("BT /F 10 Tf 9 {} Td (n{level}) Tj ET /X Do", 800 - 40 * level));
        }
        let collected = read(sample.page("/X Do", &draw(first)));
        assert!(collected.content().starts_with("n1\nn2\n"));
        assert_eq!(collected.gaps, [(Reason::TooDeep, "page 1: forms within forms".to_owned())]);
    }

    #[test]
    fn form_values_notes_bookmarks_and_metadata() {
        let mut sample = Sample::new().trailer("/Info<</Title(Cedolino)/Author(\\376\\377\\000M)>>");
        let field = sample.add("<</FT/Tx/T(cf)/TU(Codice fiscale)/V(RSSMRA80A01H501U)>>");
        let bare = sample.add("<</FT/Tx/T(nome)/V(Mario)>>");
        let group = sample.add(&format!("<</T(persona)/Kids[{bare} 0 R]>>"));
        let title = sample.add("<</Title(Allegato Rossi)>>");
        let sample = sample
            .catalog(&format!("/AcroForm<</Fields[{field} 0 R {group} 0 R]>>/Outlines<</First {title} 0 R>>"))
            .page("", "/Annots[<</Subtype/Text/Rect[0 0 9 9]/T(Bianchi)/Contents(da verificare)>>]");
        let collected = read(sample);
        assert_eq!(
            collected.content(),
            "Title: Cedolino\nAuthor: M\nBianchi\nda verificare\nAllegato Rossi\n\
             Codice fiscale: RSSMRA80A01H501U\npersona.nome: Mario\n"
        );
        let last = collected.texts.last().unwrap();
        assert_eq!(last.label(16), Some("Codice fiscale"));
        assert_eq!(last.place(16).field.as_deref(), Some("cf"));
    }

    #[test]
    fn the_data_of_xml_forms() {
        let mut sample = Sample::new();
        let data = sample
            .stream("", "<xfa:datasets><xfa:data><f><Cognome>Rossi &amp; C</Cognome></f></xfa:data></xfa:datasets>");
        let sample = sample.catalog(&format!("/AcroForm<</XFA[(datasets){data} 0 R]>>")).page("", "");
        assert_eq!(read(sample).content(), "Cognome: Rossi & C\n");
    }

    #[test]
    fn attached_files_are_members() {
        let mut sample = Sample::new();
        let data = sample.stream("/Type/EmbeddedFile/Subtype/text#2Fplain", "Mario Rossi");
        let file = sample.add(&format!("<</Type/Filespec/F(cv.txt)/EF<</F {data} 0 R>>>>"));
        let note = format!("/Annots[<</Subtype/FileAttachment/Rect[0 0 9 9]/FS {file} 0 R>>]");
        let sample = sample.catalog(&format!("/Names<</EmbeddedFiles<</Names[(cv){file} 0 R]>>>>")).page("", &note);
        let collected = read(sample);
        assert_eq!(collected.member_names(), ["cv.txt"]);
        let (member, bytes) = &collected.members[0];
        assert_eq!((member.media_type.as_deref(), &bytes[..]), (Some("text/plain"), &b"Mario Rossi"[..]));
    }

    #[test]
    fn pictures_without_text_are_a_gap() {
        let mut sample = Sample::new();
        let picture = sample.stream("/Subtype/Image/Width 1000/Height 1400/Filter/DCTDecode", "jpeg");
        let resources = format!("/Resources<</XObject<</I {picture} 0 R>>/Font<</F 3 0 R>>>>");
        let layer = "q 595 0 0 842 0 0 cm /I Do Q BT 3 Tr /F 10 Tf 9 9 Td (testo riconosciuto dalla scansione) Tj ET";
        let sample = sample
            .page("q 595 0 0 842 0 0 cm /I Do Q", &resources)
            .page("q 90 0 0 90 0 0 cm /I Do Q", &resources)
            .page(layer, &resources);
        let collected = read(sample);
        assert_eq!(collected.content(), "testo riconosciuto dalla scansione\n");
        assert_eq!(collected.gaps, [(Reason::OcrUnavailable, "2 pages hold pictures and no text".to_owned())]);
    }

    #[test]
    fn encryption_is_an_answer() {
        let check = |file: &[u8], state: State, scheme: &str| {
            let collected = collect(&Pdf, "a.pdf", file);
            let protection = collected.protection.clone().unwrap();
            assert_eq!((protection.state, protection.scheme.as_deref()), (state, Some(scheme)));
            match state {
                State::OpensWithoutPassword => assert!(collected.content().contains("Vattelapesca")),
                _ => assert!(matches!(collected.error, Some(ReadError::Encrypted))),
            }
        };
        check(include_bytes!("../../../fixtures/pdf/rc4-40.pdf"), State::Weak, "pdf-rc4-40");
        check(include_bytes!("../../../fixtures/pdf/rc4-128.pdf"), State::Weak, "pdf-rc4-128");
        check(include_bytes!("../../../fixtures/pdf/aes-128.pdf"), State::Strong, "pdf-aes128");
        check(include_bytes!("../../../fixtures/pdf/aes-256.pdf"), State::Strong, "pdf-aes256");
        check(include_bytes!("../../../fixtures/pdf/aes-256-r5.pdf"), State::Weak, "pdf-aes256");
        check(include_bytes!("../../../fixtures/pdf/owner-aes-256.pdf"), State::OpensWithoutPassword, "pdf-aes256");
        check(include_bytes!("../../../fixtures/pdf/owner-rc4-128.pdf"), State::OpensWithoutPassword, "pdf-rc4-128");
    }

    #[test]
    fn handlers_without_passwords() {
        let verdict = |encrypt: &str| {
            let sample = Sample::pages(&[""]).trailer(&format!("/Encrypt<<{encrypt}>>"));
            let collected = collect(&Pdf, "a.pdf", &sample.bytes());
            assert!(matches!(collected.error, Some(ReadError::Encrypted)));
            collected.protection.unwrap()
        };
        let public_key = verdict("/Filter/Adobe.PubSec/SubFilter/adbe.pkcs7.s5/V 4");
        assert_eq!((public_key.state, public_key.scheme.as_deref()), (State::Strong, Some("pdf-public-key")));
        let rights = verdict("/Filter/MicrosoftIRMServices/V 1");
        assert_eq!((rights.state, rights.scheme.as_deref()), (State::Unknown, Some("ms-irm")));
        assert!(rights.evidence.contains("MicrosoftIRMServices"));
    }

    #[test]
    fn a_document_that_encrypts_its_files_only_is_read() {
        let mut sample = Sample::new();
        let data = sample.stream("/Type/EmbeddedFile", "cipher");
        let file = sample.add(&format!("<</F(cv.txt)/EF<</F {data} 0 R>>>>"));
        let sample = sample
            .trailer(
                "/Encrypt<</Filter/Standard/V 5/R 6/CF<</StdCF<</CFM/AESV3>>>>/StmF/Identity/StrF/Identity/EFF/StdCF>>",
            )
            .catalog(&format!("/AF[{file} 0 R]"))
            .page("BT /F 10 Tf (chiaro) Tj ET", "");
        let collected = read(sample);
        assert_eq!(collected.content(), "chiaro\n");
        assert_eq!(collected.protection.unwrap().state, State::OpensWithoutPassword);
        assert_eq!(collected.unread[0].1, Reason::Encrypted);
        assert_eq!(collected.unread[0].0.protection.as_ref().unwrap().state, State::Strong);
    }

    #[test]
    fn nothing_and_half_of_it_end_in_an_answer() {
        assert!(collect(&Pdf, "a.pdf", b"").error.is_some());
        let whole = Sample::pages(&["BT /F 10 Tf (abc) Tj ET", "BT /F 10 Tf (def) Tj ET"]).bytes();
        for length in 0..whole.len() {
            let collected = collect(&Pdf, "a.pdf", &whole[..length]);
            assert!(collected.error.is_some() || !collected.gaps.is_empty() || collected.content() == "abc\ndef\n");
        }
    }
}
