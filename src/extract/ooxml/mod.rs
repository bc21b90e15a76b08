//! Reads Office Open XML: Word, PowerPoint, Excel and Visio documents, their templates and macro-enabled variants.
//!
//! Specification: ECMA-376 (ISO/IEC 29500) parts 1 and 2; [MS-XLSB] for binary workbooks.

mod binary_sheets;
mod data;
mod drawings;
mod element;
mod parts;
mod sheet_rules;
mod sheets;
mod slides;
mod story;
mod word;

use std::collections::BTreeSet;

use crate::extract::office_xml::Markup;
use crate::extract::package::{Package, tolerate};
use crate::extract::writer::TextWriter;
use crate::identify::{Format, package_format};
use crate::model::Place;
use crate::open::reader::{ReadError, Reader, Sink};
use crate::open::{Access, Budget, Input};

pub(super) use binary_sheets::rk_number;
use parts::{ContentTypes, Kind};
use story::{Shapes, Spot, Story};

/// Word, PowerPoint and Excel since 2007.
pub struct Ooxml;

impl Reader for Ooxml {
    fn name(&self) -> &'static str {
        "ooxml"
    }

    fn version(&self) -> u32 {
        2
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Docx, Format::Pptx, Format::Xlsx, Format::Xlsb, Format::Vsdx]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut package = Package::open(input, budget, "office document")?;
        let (types, directory) = ContentTypes::read(&mut package)?;
        let mut names = package.names().iter().map(String::as_str);
        let Some(format) = package_format(&mut names, None, Some(&directory)) else {
            return Err(ReadError::malformed("office document", "it has no main part"));
        };
        drop(names);
        sink.refine(media_type(format, types.main()));
        if let Some(protection) = sealed_main_part(&mut package, &types) {
            sink.protection(protection);
            return Err(ReadError::Encrypted);
        }
        let mut writer = TextWriter::new(sink);
        let result = read_parts(&mut package, &types, format, &mut writer);
        // What was read before the end of a budget counts.
        writer.finish()?;
        result
    }
}

fn read_parts(
    package: &mut Package<'_, '_>,
    types: &ContentTypes,
    format: Format,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    match format {
        Format::Pptx => slides::read(package, types, writer)?,
        Format::Xlsx => sheets::read(package, types, writer)?,
        Format::Vsdx => drawings::read(package, writer)?,
        Format::Xlsb => binary_sheets::read(package, types, writer)?,
        _ => word::read(package, types, writer)?,
    }
    data::read_rest(package, types, writer)
}

fn sealed_main_part(package: &mut Package<'_, '_>, types: &ContentTypes) -> Option<crate::model::Protection> {
    let main = package.untaken().into_iter().find(|&index| types.kind(package.name(index)) == Kind::Main)?;
    package.zip_protection(main)
}

/// The variant, as far as the main part's content type tells it.
fn media_type(format: Format, main: Option<&str>) -> &'static str {
    let main = main.unwrap_or_default();
    let macros = main.contains("macroEnabled");
    let template = main.contains("template") || main.contains("Template");
    match format {
        Format::Docx if macros && template => "application/vnd.ms-word.template.macroEnabled.12",
        Format::Docx if macros => "application/vnd.ms-word.document.macroEnabled.12",
        Format::Docx if template => "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
        Format::Xlsx if main.contains("addin") => "application/vnd.ms-excel.addin.macroEnabled.12",
        Format::Xlsx if macros && template => "application/vnd.ms-excel.template.macroEnabled.12",
        Format::Xlsx if macros => "application/vnd.ms-excel.sheet.macroEnabled.12",
        Format::Xlsx if template => "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
        Format::Pptx if macros && template => "application/vnd.ms-powerpoint.template.macroEnabled.12",
        Format::Pptx if macros && main.contains("slideshow") => {
            "application/vnd.ms-powerpoint.slideshow.macroEnabled.12"
        }
        Format::Pptx if macros => "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
        Format::Pptx if template => "application/vnd.openxmlformats-officedocument.presentationml.template",
        Format::Pptx if main.contains("slideshow") => {
            "application/vnd.openxmlformats-officedocument.presentationml.slideshow"
        }
        format => format.media_type(),
    }
}

/// Reads one part as paragraphs and tables. True if it was read to its end.
fn read_story(
    package: &mut Package<'_, '_>,
    index: usize,
    writer: &mut TextWriter<'_>,
    shapes: Shapes,
    authors: &mut BTreeSet<String>,
    place: &dyn Fn(Spot) -> Place,
) -> Result<bool, ReadError> {
    let name = package.name(index).to_owned();
    let result = package.part(index).and_then(|mut part| {
        let mut markup = Markup::new(&mut part);
        authors.append(&mut Story::read(&mut markup, writer, shapes, place)?);
        Ok(())
    });
    tolerate(result, &name, writer)
}

/// Names the people who wrote comments and changes.
fn write_authors(authors: BTreeSet<String>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let label = "author".into();
    for author in authors {
        writer.field(Place::field("comments and changes"), &label, &author)?;
        writer.end_record()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;
    use crate::open::collect::{Collected, collect};

    pub(super) fn package(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    pub(super) fn docx(body: &str, parts: &[(&str, &str)]) -> Vec<u8> {
        let document = format!("<w:document><w:body>{body}</w:body></w:document>");
        let mut all = vec![("word/document.xml", document.as_str())];
        all.extend(parts);
        package(&all)
    }

    pub(super) fn read_bytes(bytes: &[u8]) -> Collected {
        collect(&Ooxml, "x", bytes)
    }

    #[test]
    fn the_variant_is_named() {
        let types = r#"<Types><Override PartName="/word/document.xml"
            ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>"#;
        let collected = read_bytes(&docx("<w:p/>", &[("[Content_Types].xml", types)]));
        assert_eq!(collected.media_type, Some("application/vnd.ms-word.document.macroEnabled.12"));
    }

    #[test]
    fn a_truncated_package_is_malformed() {
        let bytes = docx("<w:p/>", &[]);
        let collected = read_bytes(bytes.get(..bytes.len() / 2).unwrap());
        assert_eq!(collected.error.map(|e| e.reason()), Some(crate::model::Reason::Malformed));
        assert!(read_bytes(b"").error.is_some());
    }
}
