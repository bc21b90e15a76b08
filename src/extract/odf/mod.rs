//! Reads OpenDocument texts, spreadsheets, presentations and drawings.
//!
//! Specification: OpenDocument 1.3 (OASIS; ISO/IEC 26300) part 3, and part 2 for the package.

mod document;
mod lock;

use std::io::{Cursor, Read};

use crate::extract::office_encryption::{self, SealedPackage};
use crate::extract::office_xml::Markup;
use crate::extract::package::{Package, tolerate};
use crate::extract::writer::TextWriter;
use crate::identify::{Format, package_format};
use crate::model::{Name, Protection, Reason};
use crate::open::budget::Unpacked;
use crate::open::passwords::{Secret, Tried};
use crate::open::reader::{Member, ReadError, Reader, Sink};
use crate::open::{Access, Budget, Input};

use document::Document;
pub(super) use lock::PartLock;

const LONGEST_MANIFEST: u64 = 32 << 20;
/// Bytes of a sealed part on which passwords are tried.
const LONGEST_START: u64 = 4096;

/// LibreOffice, OpenOffice and what else writes OpenDocument.
pub struct Odf;

impl Reader for Odf {
    fn name(&self) -> &'static str {
        "odf"
    }

    fn version(&self) -> u32 {
        2
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Odt, Format::Ods, Format::Odp]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let input_name = input.name().clone();
        let mut package = Package::open(input, budget, "OpenDocument")?;
        let mimetype = package.small("mimetype", 256)?;
        let mut names = package.names().iter().map(String::as_str);
        let format = package_format(&mut names, mimetype.as_deref(), None);
        drop(names);
        sink.refine(media_type(format, mimetype.as_deref()));
        let manifest = package.small("META-INF/manifest.xml", LONGEST_MANIFEST)?.unwrap_or_default();
        let sealed = office_encryption::open_document(&manifest);
        let content_sealed = sealed.as_ref().is_some_and(|sealed| sealed.covers("content.xml"));
        let mut sealed = sealed;
        let mut password = None;
        if let Some(sealed) = &mut sealed {
            if let Some(tried) = try_passwords(&mut package, sealed, &input_name, budget)? {
                sealed.protection = tried.verdict(sealed.protection.clone());
                password = tried.opened.map(|((), password, _)| password);
            }
            sink.protection(sealed.protection.clone());
        }
        let mut writer = TextWriter::new(sink);
        let result = read_parts(&mut package, sealed.as_ref(), password.as_ref(), format, &mut writer);
        // What was read before the end of a budget counts.
        writer.finish()?;
        let found = result?;
        if content_sealed && password.is_none() {
            return Err(ReadError::Encrypted);
        }
        if found { Ok(()) } else { Err(ReadError::malformed("OpenDocument", "it has no content.xml")) }
    }
}

/// Tries the passwords on the content; none if its encryption is not opened here.
fn try_passwords(
    package: &mut Package<'_, '_>,
    sealed: &SealedPackage,
    name: &Name,
    budget: &Budget,
) -> Result<Option<Tried<()>>, ReadError> {
    let Some(lock) = sealed.lock("content.xml").filter(|lock| lock.is_known()) else { return Ok(None) };
    let Some(index) = package.find("content.xml") else { return Ok(None) };
    let start = package.start_of(index, LONGEST_START)?;
    Ok(Some(
        budget
            .passwords()
            .try_each(name, lock.rounds(), budget, |password| lock.is_opened_by(&start, password).then_some(()))?,
    ))
}

/// A sealed part, decrypted and unpacked.
fn open_part(
    package: &mut Package<'_, '_>,
    index: usize,
    lock: &PartLock,
    password: &Secret,
) -> Result<impl Read + use<>, ReadError> {
    let mut bytes = Vec::new();
    package.part(index)?.read_to_end(&mut bytes)?;
    let packed = lock.decrypt(&bytes, password.reveal()).unwrap_or_default();
    Ok(flate2::read::DeflateDecoder::new(Cursor::new(packed)))
}

/// True if there is a main part that is not sealed, or was opened.
fn read_parts(
    package: &mut Package<'_, '_>,
    sealed: Option<&SealedPackage>,
    password: Option<&Secret>,
    format: Option<Format>,
    writer: &mut TextWriter<'_>,
) -> Result<bool, ReadError> {
    let mut found = false;
    for index in package.untaken() {
        let name = package.name(index).to_owned();
        let file = name.rsplit('/').next().unwrap_or_default();
        if let Some(sealed) = sealed.filter(|sealed| sealed.covers(&name)) {
            package.dismiss(index);
            let lock = sealed.lock(&name).filter(|lock| lock.is_known());
            if let (Some(lock), Some(password)) = (lock, password) {
                found |= name == "content.xml";
                let object = name.rsplit_once('/').map_or("", |(folder, _)| folder);
                read_opened(package, index, lock, password, &sealed.protection, format, object, writer)?;
                continue;
            }
            if !matches!(file, "content.xml" | "styles.xml" | "meta.xml" | "settings.xml")
                && file != "encrypted-package"
            {
                let mut member = Member::new(name.as_str());
                member.protection = Some(sealed.protection.clone());
                writer.sink()?.member_unread(member, Reason::Encrypted, "sealed with the document");
            }
            continue;
        }
        let object = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        match file {
            "mimetype" | "manifest.xml" | "manifest.rdf" | "settings.xml" | "layout-cache" => package.dismiss(index),
            "content.xml" | "styles.xml" | "meta.xml" => {
                found |= name == "content.xml";
                read_part(package, index, object, format, writer)?;
            }
            _ if name.starts_with("Configurations2/") => package.dismiss(index),
            // Formulas are MathML; forms, macros and signatures are XML of their own.
            _ => package.push_member(index, writer.sink()?)?,
        }
    }
    Ok(found)
}

/// As an open part: text is read, the rest are members.
#[expect(clippy::too_many_arguments, reason = "all that is known of the part")]
fn read_opened(
    package: &mut Package<'_, '_>,
    index: usize,
    lock: &PartLock,
    password: &Secret,
    protection: &Protection,
    format: Option<Format>,
    object: &str,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let name = package.name(index).to_owned();
    let file = name.rsplit('/').next().unwrap_or_default();
    if matches!(file, "manifest.rdf" | "settings.xml" | "layout-cache") || name.starts_with("Configurations2/") {
        return Ok(());
    }
    let budget = package.budget();
    let mut opened = open_part(package, index, lock, password)?;
    let mut part = Unpacked::new(budget, &mut opened);
    if !matches!(file, "content.xml" | "styles.xml" | "meta.xml") {
        let member = Member { protection: Some(protection.clone()), ..Member::new(name.as_str()) };
        return writer.sink()?.member(member, &mut part);
    }
    let mut document = Document::new(writer, format, object);
    let result = document.read(&mut Markup::new(&mut part));
    let result = document.end().and(result);
    tolerate(result, &name, writer).map(drop)
}

fn media_type(format: Option<Format>, mimetype: Option<&[u8]>) -> &'static str {
    const VARIANTS: [&str; 6] = [
        "application/vnd.oasis.opendocument.graphics",
        "application/vnd.oasis.opendocument.graphics-template",
        "application/vnd.oasis.opendocument.text-template",
        "application/vnd.oasis.opendocument.text-master",
        "application/vnd.oasis.opendocument.spreadsheet-template",
        "application/vnd.oasis.opendocument.presentation-template",
    ];
    let written = mimetype.unwrap_or_default().trim_ascii();
    let variant = VARIANTS.iter().find(|variant| variant.as_bytes() == written);
    variant.copied().unwrap_or_else(|| format.unwrap_or(Format::Odt).media_type())
}

fn read_part(
    package: &mut Package<'_, '_>,
    index: usize,
    object: &str,
    format: Option<Format>,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let name = package.name(index).to_owned();
    let result = package.part(index).and_then(|mut part| {
        let mut document = Document::new(writer, format, object);
        let result = document.read(&mut Markup::new(&mut part));
        // What a damaged part held before its fault counts.
        document.end().and(result)
    });
    tolerate(result, &name, writer).map(drop)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;
    use crate::model::State;
    use crate::open::collect::{Collected, collect};

    fn read(kind: &str, parts: &[(&str, &str)]) -> Collected {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mimetype = format!("application/vnd.oasis.opendocument.{kind}");
        for (name, content) in [("mimetype", mimetype.as_str())].iter().chain(parts) {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        collect(&Odf, "x", &zip.finish().unwrap().into_inner())
    }

    fn check(kind: &str, content: &str, expected: &str) {
        let collected =
            read(kind, &[("content.xml", &format!("<office:document-content>{content}</office:document-content>"))]);
        assert_eq!(collected.error.map(|e| e.to_string()), None);
        assert_eq!(collected.texts.iter().map(crate::model::Text::content).collect::<String>(), expected);
    }

    #[test]
    fn spans_join_and_spaces_are_counted() {
        check(
            "text",
            "<text:p>RSS<text:span>MRA</text:span>80<text:s text:c='2'/>x<text:tab/>y\n   z</text:p>",
            "RSSMRA80  x\ty z\n",
        );
    }

    #[test]
    fn comments_stand_for_themselves() {
        check(
            "text",
            "<text:p>before<office:annotation><dc:creator>Ada</dc:creator><text:p>nota</text:p></office:annotation> after</text:p>",
            "Ada\nnota\nbefore after\n",
        );
    }

    #[test]
    fn sheets_have_cells_and_columns() {
        let cell = |text: &str| format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
        let content = format!(
            "<table:table table:name='Paghe'><table:table-row>{}<table:table-cell table:number-columns-repeated='2'/>{}</table:table-row>\
             <table:table-row>{}<table:covered-table-cell/><table:table-cell/>\
             <table:table-cell office:date-value='1980-02-09'><text:p>9 feb 80</text:p></table:table-cell></table:table-row>\
             <table:table-row table:number-rows-repeated='1048574'><table:table-cell table:number-columns-repeated='16384'/></table:table-row></table:table>",
            cell("Nome"),
            cell("Nato il"),
            cell("Anna")
        );
        let collected = read("spreadsheet", &[("content.xml", &format!("<d>{content}</d>"))]);
        assert_eq!(collected.content(), "Nome\tNato il\nAnna\t1980-02-09\n");
        let text = collected.texts.first().unwrap();
        let date = text.content().find("1980").unwrap();
        assert_eq!(
            (text.place(date).to_string().as_str(), text.label(date)),
            ("sheet Paghe, cell D2", Some("Nato il"))
        );
    }

    #[test]
    fn metadata_and_pictures_are_kept() {
        let collected = read(
            "text",
            &[
                ("content.xml", "<d><text:p>x</text:p></d>"),
                (
                    "meta.xml",
                    "<m><dc:creator>Eva Prova</dc:creator><meta:user-defined meta:name='Reparto'>HR</meta:user-defined></m>",
                ),
                ("Pictures/a.png", "png"),
            ],
        );
        assert_eq!(collected.content(), "x\ncreator: Eva Prova\nReparto: HR\n");
        assert_eq!(collected.member_names(), ["Pictures/a.png"]);
    }

    #[test]
    fn a_sealed_document_says_how() {
        let manifest = "<manifest:manifest><manifest:file-entry manifest:full-path='content.xml'><manifest:encryption-data>\
            <manifest:algorithm manifest:algorithm-name='http://www.w3.org/2001/04/xmlenc#aes256-cbc'/>\
            <manifest:key-derivation manifest:key-derivation-name='PBKDF2' manifest:iteration-count='100000'/>\
            </manifest:encryption-data></manifest:file-entry></manifest:manifest>";
        let collected = read("text", &[("META-INF/manifest.xml", manifest), ("content.xml", "\u{1}\u{2}")]);
        let protection = collected.protection.unwrap();
        assert_eq!((protection.state, protection.scheme.as_deref()), (State::Strong, Some("odf-aes256")));
        assert!(protection.names_exposed);
        assert!(matches!(collected.error, Some(ReadError::Encrypted)));
    }
}
