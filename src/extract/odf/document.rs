//! Paragraphs, tables, notes and properties of one part of an OpenDocument package.

use std::sync::Arc;

use crate::extract::columns::Columns;
use crate::extract::office_xml::{Markup, Tag, Token};
use crate::extract::writer::TextWriter;
use crate::identify::Format;
use crate::model::{Cell, Place};
use crate::open::reader::ReadError;

/// Columns over which one cell or row is repeated at most; the format repeats empty ones to the edge.
const MOST_REPEATED: u32 = 1000;
const MOST_COLUMNS: u32 = 16_384;
const LONGEST_ROW: usize = 1 << 20;

/// One part on its way to the writer.
pub(super) struct Document<'t, 's> {
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
    pub(super) fn new(writer: &'t mut TextWriter<'s>, format: Option<Format>, object: &str) -> Self {
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

    pub(super) fn read(&mut self, markup: &mut Markup<'_>) -> Result<(), ReadError> {
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

    pub(super) fn end(&mut self) -> Result<(), ReadError> {
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
