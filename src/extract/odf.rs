//! Reads OpenDocument texts, spreadsheets, presentations and drawings.
//!
//! Specification: OpenDocument 1.3 (OASIS; ISO/IEC 26300) part 3, and part 2 for the package.

use std::sync::Arc;

use crate::extract::columns::Columns;
use crate::extract::markup::{Markup, Tag, Token};
use crate::extract::office_encryption::{self, SealedPackage};
use crate::extract::package::{Package, tolerate};
use crate::extract::writer::TextWriter;
use crate::identify::{Format, package_format};
use crate::model::{Cell, Place, Reason};
use crate::open::reader::{Member, ReadError, Reader, Sink};
use crate::open::{Access, Budget, Input};

/// Columns over which one cell or row is repeated at most; the format repeats empty ones to the edge.
const MOST_REPEATED: u32 = 1000;
const MOST_COLUMNS: u32 = 16_384;
const LONGEST_MANIFEST: u64 = 32 << 20;
const LONGEST_ROW: usize = 1 << 20;

/// LibreOffice, OpenOffice and what else writes OpenDocument.
pub struct Odf;

impl Reader for Odf {
    fn name(&self) -> &'static str {
        "odf"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Odt, Format::Ods, Format::Odp]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut package = Package::open(input, budget, "OpenDocument")?;
        let mimetype = package.small("mimetype", 256)?;
        let mut names = package.names().iter().map(String::as_str);
        let format = package_format(&mut names, mimetype.as_deref(), None);
        drop(names);
        sink.refine(media_type(format, mimetype.as_deref()));
        let manifest = package.small("META-INF/manifest.xml", LONGEST_MANIFEST)?.unwrap_or_default();
        let sealed = office_encryption::open_document(&manifest);
        let content_sealed = sealed.as_ref().is_some_and(|sealed| sealed.covers("content.xml"));
        if let Some(sealed) = &sealed {
            sink.protection(sealed.protection.clone());
        }
        let mut writer = TextWriter::new(sink);
        let result = read_parts(&mut package, sealed.as_ref(), format, &mut writer);
        // What was read before the end of a budget counts.
        writer.finish()?;
        let found = result?;
        if content_sealed {
            return Err(ReadError::Encrypted);
        }
        if found { Ok(()) } else { Err(ReadError::malformed("OpenDocument", "it has no content.xml")) }
    }
}

/// True if there is a main part that is not sealed.
fn read_parts(
    package: &mut Package<'_, '_>,
    sealed: Option<&SealedPackage>,
    format: Option<Format>,
    writer: &mut TextWriter<'_>,
) -> Result<bool, ReadError> {
    let mut found = false;
    for index in package.untaken() {
        let name = package.name(index).to_owned();
        let file = name.rsplit('/').next().unwrap_or_default();
        if let Some(sealed) = sealed.filter(|sealed| sealed.covers(&name)) {
            package.dismiss(index);
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

/// One part on its way to the writer.
struct Document<'t, 's> {
    writer: &'t mut TextWriter<'s>,
    is_sheets: bool,
    object: String,
    /// Open paragraphs: notes, comments and text boxes stand inside of others.
    paragraphs: Vec<String>,
    /// Set while a note or comment is open: `comment`, `note`, `header` ...
    regions: Vec<&'static str>,
    tables: Vec<Table>,
    tables_seen: u64,
    paragraph: u64,
    page: u32,
    /// A property of meta.xml.
    label: Option<Arc<str>>,
}

#[derive(Default)]
struct Table {
    name: Arc<str>,
    number: u64,
    columns: Columns,
    cells: Vec<(u32, String)>,
    bytes: usize,
    row: u32,
    row_repeat: u32,
    column: u32,
    column_repeat: u32,
    gap: bool,
    /// Value attribute of the cell, if it has no text of its own.
    value: Option<String>,
    in_cell: bool,
    /// Paragraphs that were open around the table.
    paragraphs: usize,
}

impl<'t, 's> Document<'t, 's> {
    fn new(writer: &'t mut TextWriter<'s>, format: Option<Format>, object: &str) -> Self {
        Self {
            writer,
            is_sheets: format == Some(Format::Ods) && object.is_empty(),
            object: object.to_owned(),
            paragraphs: Vec::new(),
            regions: Vec::new(),
            tables: Vec::new(),
            tables_seen: 0,
            paragraph: 0,
            page: 0,
            label: None,
        }
    }

    fn read(&mut self, markup: &mut Markup<'_>) -> Result<(), ReadError> {
        loop {
            let skip = match markup.next()? {
                None => return Ok(()),
                Some(Token::Other) => false,
                Some(Token::Text(text)) => {
                    if let Some(paragraph) = self.paragraphs.last_mut() {
                        push_collapsed(paragraph, &text);
                    }
                    false
                }
                Some(Token::Open(tag)) => self.open(&tag)?,
                Some(Token::Close(end)) => {
                    self.close(end.name())?;
                    false
                }
            };
            if skip {
                markup.skip()?;
            }
        }
    }

    /// True if the element has nothing to read.
    fn open(&mut self, tag: &Tag<'_>) -> Result<bool, ReadError> {
        match tag.name() {
            "p" | "h" => self.begin_paragraph()?,
            // Metadata: `dc:creator`, `meta:keyword`, `meta:user-defined` ...
            "creator" | "date" if self.regions.last() == Some(&"comment") => self.begin_paragraph()?,
            name @ ("title" | "description" | "subject" | "creator" | "initial-creator" | "keyword" | "printed-by"
            | "user-defined" | "language" | "generator" | "desc") => {
                let inside_text = !self.paragraphs.is_empty();
                let own = match name {
                    "user-defined" => tag.attribute("name").unwrap_or_else(|| name.to_owned()),
                    name => name.to_owned(),
                };
                // Fields of the same names stand inside of paragraphs and belong to their text.
                if name == "generator" || name == "language" {
                    return Ok(true);
                }
                if name == "desc" && inside_text {
                    self.begin_paragraph()?;
                } else if !inside_text {
                    self.label = Some(own.into());
                    self.paragraphs.push(String::new());
                }
            }
            "s" => {
                let spaces = tag.attribute("c").and_then(|c| c.parse::<usize>().ok()).unwrap_or(1).min(1000);
                self.append(&" ".repeat(spaces));
            }
            "tab" => self.append("\t"),
            "line-break" => self.append("\n"),
            "annotation" => self.regions.push("comment"),
            "note" => self.regions.push("note"),
            "header" | "header-left" | "header-first" => self.regions.push("header"),
            "footer" | "footer-left" | "footer-first" => self.regions.push("footer"),
            "tracked-changes" => self.regions.push("deleted text"),
            "notes" => self.regions.push("notes"),
            "master-page" => self.regions.push("master"),
            "page" => self.page = self.page.saturating_add(1),
            "table" => self.begin_table(tag),
            "table-row" => self.begin_row(tag),
            "table-cell" | "covered-table-cell" => self.begin_cell(tag),
            // Text of a form's controls stands in attributes.
            "text" | "textarea" | "formatted-text" | "option" | "combobox" | "fixed-text" => {
                for key in ["label", "value", "current-value"] {
                    if let Some(value) = tag.attribute(key).filter(|value| !value.trim().is_empty()) {
                        let place = self.place(Some("form"));
                        self.writer.paragraph(place, &value)?;
                    }
                }
            }
            "a" => {
                let target = tag.attribute("href").filter(|href| href.starts_with("mailto:"));
                if let Some(target) = target {
                    self.append(" ");
                    self.append(&target);
                    self.append(" ");
                }
            }
            // The values of a field as the user set them.
            "variable-decl" | "user-field-decl" => {
                if let (Some(name), Some(value)) = (tag.attribute("name"), tag.attribute("string-value")) {
                    let place = self.place(Some("fields"));
                    self.writer.field(place, &name.into(), &value)?;
                    self.writer.end_record()?;
                }
            }
            // How characters are pronounced; data in base64 that stands beside its part.
            "ruby-text" | "binary-data" | "note-citation" | "automatic-styles" | "font-face-decls" | "scripts" => {
                return Ok(true);
            }
            _ => {}
        }
        Ok(false)
    }

    fn close(&mut self, name: &str) -> Result<(), ReadError> {
        match name {
            "p" | "h" => self.end_paragraph()?,
            "creator" | "date" if self.regions.last() == Some(&"comment") => self.end_paragraph()?,
            "title" | "description" | "subject" | "creator" | "initial-creator" | "keyword" | "printed-by"
            | "user-defined" | "desc" => {
                if let Some(label) = self.label.take() {
                    let value = self.paragraphs.pop().unwrap_or_default();
                    if !value.trim().is_empty() {
                        let place = self.place(Some("properties"));
                        self.writer.field(place, &label, value.trim())?;
                        self.writer.end_record()?;
                    }
                } else if name == "desc" {
                    self.end_paragraph()?;
                }
            }
            "annotation" | "note" | "header" | "header-left" | "header-first" | "footer" | "footer-left"
            | "footer-first" | "tracked-changes" | "notes" | "master-page" => {
                self.regions.pop();
            }
            "table-cell" | "covered-table-cell" => self.end_cell(),
            "table-row" => self.end_row()?,
            "table" => {
                self.end_row()?;
                self.tables.pop();
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), ReadError> {
        while !self.paragraphs.is_empty() {
            self.end_paragraph()?;
        }
        while !self.tables.is_empty() {
            self.end_row()?;
            self.tables.pop();
        }
        Ok(())
    }

    fn append(&mut self, text: &str) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.push_str(text);
        }
    }

    fn begin_paragraph(&mut self) -> Result<(), ReadError> {
        if self.paragraphs.len() >= 64 {
            self.end_paragraph()?;
        }
        self.paragraphs.push(String::new());
        Ok(())
    }

    fn end_paragraph(&mut self) -> Result<(), ReadError> {
        let Some(text) = self.paragraphs.pop() else { return Ok(()) };
        self.label = None;
        self.paragraph += 1;
        let in_region = matches!(self.regions.last(), Some(&("comment" | "note")));
        if let Some(table) = self.tables.last_mut()
            && table.in_cell
            && !in_region
            && table.paragraphs == self.paragraphs.len()
            && let Some((_, cell)) = table.cells.last_mut()
        {
            if !cell.is_empty() && !text.is_empty() {
                cell.push('\n');
            }
            cell.push_str(&text);
            table.bytes += text.len();
            return Ok(());
        }
        let text = text.trim_end();
        if text.is_empty() {
            return Ok(());
        }
        let place = self.place(None);
        self.writer.paragraph(place, text)
    }

    fn begin_table(&mut self, tag: &Tag<'_>) {
        // Tables within tables of text; a sheet has none.
        if self.tables.len() >= 16 {
            return;
        }
        self.tables_seen += 1;
        self.tables.push(Table {
            name: tag.attribute("name").unwrap_or_default().into(),
            number: self.tables_seen,
            paragraphs: self.paragraphs.len(),
            ..Table::default()
        });
    }

    fn begin_row(&mut self, tag: &Tag<'_>) {
        let Some(table) = self.tables.last_mut() else { return };
        table.row_repeat = repeated(tag, "number-rows-repeated");
        table.column = 0;
    }

    fn begin_cell(&mut self, tag: &Tag<'_>) {
        let Some(table) = self.tables.last_mut() else { return };
        table.column_repeat = repeated(tag, "number-columns-repeated");
        table.value = ["date-value", "string-value", "value", "time-value"].iter().find_map(|key| tag.attribute(key));
        table.in_cell = true;
        table.cells.push((table.column, String::new()));
    }

    fn end_cell(&mut self) {
        let Some(table) = self.tables.last_mut() else { return };
        table.in_cell = false;
        let value = table.value.take();
        let (column, repeat) = (table.column, table.column_repeat.max(1));
        table.column = table.column.saturating_add(repeat);
        let Some((_, text)) = table.cells.last_mut() else { return };
        if let Some(value) = value {
            replace_by_value(text, &value);
        }
        if text.trim().is_empty() {
            table.cells.pop();
            return;
        }
        let text = text.clone();
        for offset in 1..repeat.min(MOST_REPEATED) {
            let column = column.saturating_add(offset);
            if column >= MOST_COLUMNS || table.bytes > LONGEST_ROW {
                break;
            }
            table.bytes += text.len();
            table.cells.push((column, text.clone()));
        }
    }

    fn end_row(&mut self) -> Result<(), ReadError> {
        let (is_sheets, page) = (self.is_sheets, self.page);
        let object = self.object.clone();
        let Some(table) = self.tables.last_mut() else { return Ok(()) };
        let repeat = std::mem::take(&mut table.row_repeat).max(1);
        let row = table.row;
        table.row = table.row.saturating_add(repeat);
        table.bytes = 0;
        let cells = std::mem::take(&mut table.cells);
        if cells.is_empty() {
            table.gap = true;
            return Ok(());
        }
        let gap = std::mem::take(&mut table.gap);
        let header = table.columns.row(gap, cells.iter().map(|(column, text)| (*column, text.as_str())));
        let table = &*table;
        // A row that repeats says the same thing again; one is enough.
        self.writer.row(cells.iter().map(|(column, text)| {
            let place = if is_sheets {
                let cell = Some(Cell { row, column: *column });
                Place { sheet: Some(Arc::clone(&table.name)), cell, ..Place::default() }
            } else {
                let field = format!("table {}, row {}", table.number, row.saturating_add(1));
                let field = if object.is_empty() { field } else { format!("{object}, {field}") };
                Place { page: (page > 0).then_some(page), ..Place::field(&field) }
            };
            (place, if header { None } else { table.columns.label(*column) }, text.as_str())
        }))
    }

    fn place(&self, field: Option<&'static str>) -> Place {
        let region = field.or(self.regions.last().copied());
        let mut place = Place::default();
        if self.is_sheets {
            if let Some(table) = self.tables.last() {
                place.sheet = Some(Arc::clone(&table.name));
                place.cell = table.in_cell.then_some(Cell { row: table.row, column: table.column });
            }
        } else if self.page > 0 {
            place.page = Some(self.page);
        }
        let field = match region {
            Some(region) if self.object.is_empty() => region.to_owned(),
            Some(region) => format!("{}, {region}", self.object),
            None if !self.object.is_empty() => self.object.clone(),
            None if place.is_empty() => format!("paragraph {}", self.paragraph),
            None => return place,
        };
        place.field = Some(field.into());
        place
    }
}

fn repeated(tag: &Tag<'_>, key: &str) -> u32 {
    tag.attribute(key).and_then(|n| n.parse().ok()).unwrap_or(1)
}

/// White space is one space in OpenDocument; more of it is written as elements.
fn push_collapsed(paragraph: &mut String, text: &str) {
    for c in text.chars() {
        if matches!(c, ' ' | '\n' | '\t' | '\r') {
            if !paragraph.is_empty() && !paragraph.ends_with(' ') {
                paragraph.push(' ');
            }
        } else {
            paragraph.push(c);
        }
    }
}

/// A cell shows a number or date as its format has it (`12 gen 80`, `1,23E+10`); its value says it whole.
fn replace_by_value(text: &mut String, value: &str) {
    let shown: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = value.bytes().all(|b| b.is_ascii_digit() || b == b'-' || b == b'.');
    let is_date = value.len() >= 10 && value.get(4..5) == Some("-") && value.get(7..8) == Some("-");
    if text.trim().is_empty() {
        value.clone_into(text);
    } else if is_date {
        *text = value.trim_end_matches("T00:00:00").replace('T', " ");
    } else if is_number && !value.contains('.') {
        let digits = value.trim_start_matches('-');
        let only_grouped = shown == digits && !text.chars().any(char::is_alphabetic);
        if only_grouped || !shown.ends_with(digits) {
            value.clone_into(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

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
