//! Paragraphs and tables of WordprocessingML and DrawingML: bodies, headers, notes, comments, slides, shapes.

use std::collections::BTreeSet;

use crate::extract::columns::{Columns, is_form};
use crate::extract::office_xml::{Markup, Token};
use crate::extract::writer::TextWriter;
use crate::model::Place;
use crate::open::reader::ReadError;

use super::element::{Element, Opened};

/// Tables within tables of which each keeps its rows; deeper ones end in the cell around them.
const DEEPEST_TABLE: usize = 16;
/// Paragraphs within paragraphs (text boxes).
const DEEPEST_PARAGRAPH: usize = 64;
/// Bytes of a row after which its cells become paragraphs: a page laid out as a table.
const LONGEST_ROW: usize = 256 * 1024;
/// Rows of a two-column table by which forms are told from lists.
const FORM_ROWS: usize = 100;
const MOST_AUTHORS: usize = 1000;
/// Fields whose code holds words: entries of an index, quotations, questions, sources elsewhere.
const WRITTEN_FIELDS: [&str; 13] = [
    "XE",
    "TC",
    "TA",
    "QUOTE",
    "SET",
    "ASK",
    "FILLIN",
    "COMMENTS",
    "INCLUDETEXT",
    "LINK",
    "DDE",
    "DDEAUTO",
    "DATABASE",
];

/// Where in a story something stands; all count from one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spot {
    pub(super) paragraph: u64,
    /// Table and row in it; zero outside of tables.
    pub(super) table: u64,
    pub(super) row: u64,
    /// Footnote, endnote or comment; zero outside of them.
    pub(super) note: u64,
}

/// Which text counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shapes {
    All,
    /// Masters and layouts: their placeholders hold instructions to the author.
    WithoutPlaceholders,
}

/// Reads one part; [`Story::read`] is the entry.
pub(super) struct Story<'m, 'r, 't, 's> {
    markup: &'m mut Markup<'r>,
    writer: &'t mut TextWriter<'s>,
    place: &'t dyn Fn(Spot) -> Place,
    shapes: Shapes,
    spot: Spot,
    paragraphs: Vec<Paragraph>,
    tables: Vec<Table>,
    tables_seen: u64,
    /// What text is at the moment.
    collecting: Collecting,
    /// Characters taken in so far, to see whether a drawing had any text.
    taken: u64,
    alternatives: Vec<u64>,
    placeholder: bool,
    instruction: String,
    cached: Option<Vec<String>>,
    authors: BTreeSet<String>,
}

#[derive(Default)]
struct Paragraph {
    text: String,
    /// Tables that were open when the paragraph began: a cell's own paragraphs go into it.
    tables: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Collecting {
    Nothing,
    Run,
    Instruction,
    Cached,
}

#[derive(Default)]
struct Table {
    number: u64,
    row: u64,
    /// Column and text of the cells of the row.
    cells: Vec<(u32, String)>,
    column: u32,
    span: u32,
    bytes: usize,
    columns: Columns,
    /// Rows held back while the table may be a form.
    held: Option<Vec<(u64, String, String)>>,
    form: bool,
}

impl<'m, 'r, 't, 's> Story<'m, 'r, 't, 's> {
    /// Reads the part to its end. Gives the authors of changes and comments.
    pub(super) fn read(
        markup: &'m mut Markup<'r>,
        writer: &'t mut TextWriter<'s>,
        shapes: Shapes,
        place: &'t dyn Fn(Spot) -> Place,
    ) -> Result<BTreeSet<String>, ReadError> {
        let mut story = Self {
            markup,
            writer,
            place,
            shapes,
            spot: Spot::default(),
            paragraphs: Vec::new(),
            tables: Vec::new(),
            tables_seen: 0,
            collecting: Collecting::Nothing,
            taken: 0,
            alternatives: Vec::new(),
            placeholder: false,
            instruction: String::new(),
            cached: None,
            authors: BTreeSet::new(),
        };
        let result = story.run();
        // What a damaged part held before its fault counts.
        while let Some(paragraph) = story.paragraphs.pop() {
            story.end_paragraph(paragraph)?;
        }
        while !story.tables.is_empty() {
            story.end_row()?;
            story.end_table()?;
        }
        result.map(|()| story.authors)
    }

    fn run(&mut self) -> Result<(), ReadError> {
        loop {
            // Tags borrow the reader; what they ask for is done after they are gone.
            let todo = match self.markup.next()? {
                None => return Ok(()),
                Some(Token::Other) => continue,
                Some(Token::Text(text)) => {
                    match self.collecting {
                        Collecting::Nothing => {}
                        Collecting::Run => {
                            self.taken += text.len() as u64;
                            match self.paragraphs.last_mut() {
                                Some(paragraph) => paragraph.text.push_str(&text),
                                // Text outside of any paragraph is not meant to be there.
                                None => self
                                    .paragraphs
                                    .push(Paragraph { text: text.into_owned(), tables: self.tables.len() }),
                            }
                        }
                        Collecting::Instruction => self.instruction.push_str(&text),
                        Collecting::Cached => {
                            if let Some(value) = self.cached.as_mut().and_then(|values| values.last_mut()) {
                                value.push_str(&text);
                            }
                        }
                    }
                    continue;
                }
                Some(Token::Open(tag)) => Todo::Open(Opened::from(&tag)),
                Some(Token::Close(end)) => Todo::Close(Element::from(end.name())),
            };
            match todo {
                Todo::Open(opened) => self.open(opened)?,
                Todo::Close(element) => self.close(element)?,
            }
        }
    }

    fn open(&mut self, opened: Opened) -> Result<(), ReadError> {
        if let Some(author) = opened.author.filter(|author| !author.is_empty())
            && self.authors.len() < MOST_AUTHORS
        {
            self.authors.insert(author);
        }
        match opened.element {
            Element::Paragraph => {
                if self.paragraphs.len() >= DEEPEST_PARAGRAPH
                    && let Some(paragraph) = self.paragraphs.pop()
                {
                    self.end_paragraph(paragraph)?;
                }
                self.paragraphs.push(Paragraph { text: String::new(), tables: self.tables.len() });
            }
            Element::Text => {
                let wanted = self.shapes == Shapes::All || !self.placeholder;
                self.collecting = if wanted { Collecting::Run } else { Collecting::Nothing };
            }
            Element::Instruction => self.collecting = Collecting::Instruction,
            Element::Tab => self.append("\t"),
            Element::Break => self.append("\n"),
            Element::Hyphen => self.append("-"),
            Element::Properties => self.properties()?,
            Element::Table => {
                if self.tables.len() < DEEPEST_TABLE {
                    self.tables_seen += 1;
                    self.tables.push(Table { number: self.tables_seen, ..Table::default() });
                }
            }
            Element::Row => {
                if let Some(table) = self.tables.last_mut() {
                    table.row += 1;
                    table.column = 0;
                }
            }
            Element::Cell => {
                if let Some(table) = self.tables.last_mut() {
                    table.span = opened.span.max(1);
                    table.cells.push((table.column, String::new()));
                }
            }
            Element::Note => self.spot.note += 1,
            Element::Alternative => self.alternatives.push(self.taken),
            Element::Fallback => {
                if self.alternatives.last().is_some_and(|&before| self.taken > before) {
                    self.markup.skip()?;
                }
            }
            Element::Shape => self.placeholder = false,
            Element::Placeholder => self.placeholder = opened.placeholder,
            Element::Cache => self.cached = Some(Vec::new()),
            Element::Value => {
                if let Some(values) = self.cached.as_mut() {
                    values.push(String::new());
                    self.collecting = Collecting::Cached;
                }
            }
            Element::Description => {
                if let Some(text) = opened.description.filter(|text| !text.trim().is_empty()) {
                    self.taken += 1;
                    self.write_paragraph(&text)?;
                }
            }
            Element::Ignored => self.markup.skip()?,
            Element::Other => {}
        }
        Ok(())
    }

    fn close(&mut self, element: Element) -> Result<(), ReadError> {
        match element {
            Element::Text | Element::Value => self.collecting = Collecting::Nothing,
            Element::Instruction => {
                self.collecting = Collecting::Nothing;
                if self.instruction.len() > 4096 {
                    self.instruction.clear();
                }
            }
            Element::Paragraph => {
                if let Some(paragraph) = self.paragraphs.pop() {
                    self.end_paragraph(paragraph)?;
                }
                self.end_instruction()?;
            }
            Element::Cell => {
                if let Some(table) = self.tables.last_mut() {
                    table.column = table.column.saturating_add(table.span.max(1));
                }
            }
            Element::Row => self.end_row()?,
            Element::Table => self.end_table()?,
            Element::Alternative => {
                self.alternatives.pop();
            }
            Element::Cache => {
                if let Some(values) = self.cached.take() {
                    let place = (self.place)(self.spot);
                    self.writer.row(values.iter().map(|value| (place.clone(), None, value.as_str())))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn append(&mut self, text: &str) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            paragraph.text.push_str(text);
        }
    }

    /// Passes over formatting: tab stops are no tabs. The width of a cell stands in it.
    fn properties(&mut self) -> Result<(), ReadError> {
        let outer = self.markup.depth().saturating_sub(1);
        let mut texts = Vec::new();
        while self.markup.depth() > outer {
            match self.markup.next()? {
                None => break,
                Some(Token::Open(tag)) => match tag.name() {
                    "gridSpan" => {
                        let span = tag.attribute("val").and_then(|span| span.parse().ok()).unwrap_or(1);
                        if let Some(table) = self.tables.last_mut() {
                            table.span = u32::clamp(span, 1, 1000);
                        }
                    }
                    "tblCaption" | "tblDescription" => {
                        if let Some(text) = tag.attribute("val").filter(|text| !text.trim().is_empty()) {
                            texts.push(text);
                        }
                    }
                    "ins" | "del" | "rPrChange" | "pPrChange" => {
                        if let Some(author) = tag.attribute("author").filter(|author| !author.is_empty())
                            && self.authors.len() < MOST_AUTHORS
                        {
                            self.authors.insert(author);
                        }
                    }
                    _ => {}
                },
                Some(_) => {}
            }
        }
        texts.iter().try_for_each(|text| self.write_paragraph(text))
    }

    fn end_paragraph(&mut self, paragraph: Paragraph) -> Result<(), ReadError> {
        if paragraph.tables == self.tables.len()
            && let Some(table) = self.tables.last_mut()
            && let Some((_, cell)) = table.cells.last_mut()
        {
            if !cell.is_empty() && !paragraph.text.is_empty() {
                cell.push('\n');
            }
            cell.push_str(&paragraph.text);
            table.bytes += paragraph.text.len();
            if table.bytes > LONGEST_ROW {
                let texts: Vec<String> = table.cells.iter_mut().map(|(_, text)| std::mem::take(text)).collect();
                table.bytes = 0;
                for text in texts {
                    self.write_paragraph(&text)?;
                }
            }
            return Ok(());
        }
        self.write_paragraph(&paragraph.text)
    }

    fn write_paragraph(&mut self, text: &str) -> Result<(), ReadError> {
        self.spot.paragraph += 1;
        if text.trim().is_empty() {
            return Ok(());
        }
        self.writer.paragraph((self.place)(self.spot), text)
    }

    /// Field codes are formatting, but for the address that a link goes to and what somebody wrote into them.
    fn end_instruction(&mut self) -> Result<(), ReadError> {
        if self.instruction.is_empty() {
            return Ok(());
        }
        let instruction = std::mem::take(&mut self.instruction);
        let kind = instruction.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        let is_written = WRITTEN_FIELDS.contains(&kind.as_str()) || instruction.contains("HYPERLINK");
        if is_written { self.write_paragraph(instruction.trim()) } else { Ok(()) }
    }

    fn end_row(&mut self) -> Result<(), ReadError> {
        let Some(table) = self.tables.last_mut() else { return Ok(()) };
        table.bytes = 0;
        let cells = std::mem::take(&mut table.cells);
        if cells.iter().all(|(_, text)| text.trim().is_empty()) {
            return Ok(());
        }
        if let [(_, only)] = cells.as_slice() {
            // A frame or a heading across the table.
            let only = only.clone();
            return self.write_paragraph(&only);
        }
        if let [(_, left), (_, right)] = cells.as_slice() {
            let (left, right) = (left.clone(), right.clone());
            if table.form {
                let row = table.row;
                return self.write_form_row(row, &left, &right);
            }
            if table.columns.label(0).is_none() && table.columns.label(1).is_none() {
                let row = table.row;
                let held = table.held.get_or_insert_default();
                held.push((row, left, right));
                return if held.len() >= FORM_ROWS { self.release_held() } else { Ok(()) };
            }
        }
        self.release_held()?;
        self.write_row(None, &cells)
    }

    /// Decides on the rows held back: a form, or a list with a header.
    fn release_held(&mut self) -> Result<(), ReadError> {
        let Some(table) = self.tables.last_mut() else { return Ok(()) };
        let Some(held) = table.held.take() else { return Ok(()) };
        let pairs: Vec<(String, String)> = held.iter().map(|(_, l, r)| (l.clone(), r.clone())).collect();
        table.form = is_form(&pairs);
        let form = table.form;
        for (row, left, right) in held {
            if form {
                self.write_form_row(row, &left, &right)?;
            } else {
                self.write_row(Some(row), &[(0, left), (1, right)])?;
            }
        }
        Ok(())
    }

    fn write_form_row(&mut self, row: u64, left: &str, right: &str) -> Result<(), ReadError> {
        let place = self.table_place(Some(row));
        let label = left.trim().trim_end_matches(':').trim_end();
        let label = crate::extract::columns::is_label(label).then(|| label.into());
        self.writer.row([(place.clone(), None, left), (place, label, right)])
    }

    fn write_row(&mut self, row: Option<u64>, cells: &[(u32, String)]) -> Result<(), ReadError> {
        let place = self.table_place(row);
        let Some(table) = self.tables.last_mut() else { return Ok(()) };
        let header = table.columns.row(false, cells.iter().map(|(column, text)| (*column, text.as_str())));
        let columns = &table.columns;
        self.writer.row(cells.iter().map(|(column, text)| {
            let label = if header { None } else { columns.label(*column) };
            (place.clone(), label, text.as_str())
        }))
    }

    fn table_place(&self, row: Option<u64>) -> Place {
        let (table, current) = self.tables.last().map_or((0, 0), |table| (table.number, table.row));
        (self.place)(Spot { table, row: row.unwrap_or(current), ..self.spot })
    }

    fn end_table(&mut self) -> Result<(), ReadError> {
        self.release_held()?;
        self.tables.pop();
        Ok(())
    }
}

enum Todo {
    Open(Opened),
    Close(Element),
}
