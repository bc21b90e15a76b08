//! Reads HTML as a person sees it, and what a person does not see: tables with their headers, form
//! values, alternative texts, comments, scripts.
//!
//! <https://html.spec.whatwg.org/>. No tree is built: tags stream by, and broken pages read as well as good ones.

use std::io::Read;

use crate::identify::Format;
use crate::model::{Cell, Place};
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use super::charset::TextStream;
use super::flow::Flow;
use super::lines::Line;
use super::markup::{Dialect, Markup, Token};
use super::passages::Passages;
use super::table::{Field, Table};
use super::writer::TextWriter;

/// Tables within tables; deeper ones are read as text.
const MAX_TABLES: usize = 32;
/// A cell with more lines or bytes than this holds a page's layout, not a value.
const CELL_LINES: usize = 8;
const CELL_BYTES: usize = 2000;
/// Bytes of a line after which it is passed on.
const MAX_LINE: usize = 64 * 1024;

pub struct Html;

impl Reader for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Html]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, _budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut writer = TextWriter::new(sink);
        let (end, markup) = write(TextStream::new(input), 1, &mut writer);
        writer.finish()?;
        markup.report(sink);
        end
    }
}

/// Writes the text of a page whose first line has this number; the markup knows what was not read.
pub fn write<R: Read>(
    stream: TextStream<R>,
    first: u64,
    writer: &mut TextWriter<'_>,
) -> (Result<(), ReadError>, Markup<R>) {
    let mut markup = Markup::starting_at(stream, first, Dialect::Html);
    let mut page = Page::default();
    let end = page.run(&mut markup, writer).and(page.end(writer));
    (end, markup)
}

#[derive(Default)]
struct Page {
    flow: Flow,
    tables: Vec<OpenTable>,
    /// Open `pre` and `textarea` elements.
    preformatted: u32,
    /// Comments met inside a line.
    asides: Vec<(u64, String)>,
    passages: Passages,
}

#[derive(Default)]
struct OpenTable {
    table: Table,
    row: Vec<Field>,
    rows: u32,
    /// All cells of the row so far are headers.
    header: bool,
    /// A cell is open: running text is its content.
    in_cell: bool,
    /// The text around the table, which goes on after it.
    outer: Flow,
}

impl Page {
    fn run<R: Read>(&mut self, markup: &mut Markup<R>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        while let Some(token) = markup.next_token()? {
            let line = markup.line();
            match token {
                Token::Text(text) => {
                    self.flow.push(&text, line, self.preformatted > 0);
                    if self.flow.line.len() > MAX_LINE || self.flow.bytes > 4 * MAX_LINE {
                        self.flow.end_line();
                        self.flush(writer)?;
                    }
                }
                Token::Script(text) => {
                    self.block(writer)?;
                    lines_of(&text, line, writer)?;
                }
                Token::Aside(text) => {
                    if self.asides.len() < 64 && text.len() < 4096 {
                        self.asides.push((line, text));
                    } else {
                        lines_of(&text, line, writer)?;
                    }
                }
                Token::Start { name, attributes, .. } => {
                    self.start(&name, line, writer)?;
                    self.attributes(&name, &attributes, line);
                }
                Token::End(name) => self.end_element(&name, writer)?,
            }
        }
        Ok(())
    }

    fn start(&mut self, name: &str, line: u64, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        match name {
            "br" => self.flow.end_line(),
            "table" if self.tables.len() < MAX_TABLES => {
                // What stands around an inner table is layout.
                self.flush(writer)?;
                if let Some(outer) = self.tables.last_mut() {
                    outer.end_row(writer)?;
                }
                let outer = std::mem::take(&mut self.flow);
                self.tables.push(OpenTable { outer, header: true, ..OpenTable::default() });
            }
            "tr" => self.end_row(writer)?,
            "td" | "th" if !self.tables.is_empty() => {
                self.end_cell(writer)?;
                self.block(writer)?;
                self.flow.number = line;
                if let Some(table) = self.tables.last_mut() {
                    table.in_cell = true;
                    table.header &= name == "th";
                }
            }
            "pre" | "textarea" => {
                self.block(writer)?;
                self.preformatted += 1;
            }
            name if is_block(name) => self.block(writer)?,
            _ => {}
        }
        Ok(())
    }

    fn end_element(&mut self, name: &str, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        match name {
            "td" | "th" => self.end_cell(writer),
            "tr" | "thead" | "tbody" | "tfoot" => self.end_row(writer),
            "table" => self.end_table(writer),
            "pre" | "textarea" => {
                self.preformatted = self.preformatted.saturating_sub(1);
                self.block(writer)
            }
            name if is_block(name) => self.block(writer),
            _ => Ok(()),
        }
    }

    /// Texts that a page shows, or keeps, outside its running text.
    fn attributes(&mut self, element: &str, attributes: &[(String, String)], line: u64) {
        let get = |key: &str| attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value.trim());
        for (name, value) in attributes {
            let value = value.trim();
            let address = || value.contains('@') || value.contains("%40") || value.starts_with("tel:");
            let shown = match name.as_str() {
                "alt" | "title" | "placeholder" | "aria-label" | "label" | "summary" | "srcdoc" => true,
                "value" => !matches!(get("type"), Some("submit" | "button" | "reset" | "checkbox" | "radio")),
                "content" => element == "meta" && get("charset").is_none() && get("http-equiv").is_none(),
                "href" | "src" | "action" => address(),
                name => name.starts_with("data-") && (address() || value.len() > 8),
            };
            if !shown || value.is_empty() {
                continue;
            }
            let label = match name.as_str() {
                "value" | "content" => get("name").or(get("property")).or(get("id")),
                _ => None,
            };
            let text = match label {
                Some(label) => format!(" {label}: {value} "),
                None => format!(" {value} "),
            };
            self.flow.push(&text, line, false);
        }
    }

    /// A block ends: its lines are a passage, or a line of the open cell.
    fn block(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.flow.end_line();
        if self.tables.last().is_some_and(|table| table.in_cell) {
            return Ok(());
        }
        self.flush(writer)
    }

    fn flush(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.flow.end_line();
        for line in self.flow.take() {
            self.passages.line(line.as_line(), writer)?;
        }
        self.passages.end_block(writer)?;
        for (line, text) in std::mem::take(&mut self.asides) {
            lines_of(&text, line, writer)?;
        }
        Ok(())
    }

    fn end_cell(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if !self.tables.last().is_some_and(|table| table.in_cell) {
            return Ok(());
        }
        self.flow.end_line();
        let is_layout = self.flow.lines.len() > CELL_LINES || self.flow.bytes > CELL_BYTES;
        if is_layout {
            if let Some(table) = self.tables.last_mut() {
                table.end_row(writer)?;
            }
            self.flush(writer)?;
        }
        let number = self.flow.lines.first().map_or(self.flow.number, |line| line.number);
        let text: Vec<String> = self.flow.take().into_iter().map(|line| line.text).collect();
        if let Some(table) = self.tables.last_mut() {
            table.in_cell = false;
            if !is_layout {
                let column = u32::try_from(table.row.len()).unwrap_or(u32::MAX);
                let cell = Some(Cell { row: table.rows, column });
                let place = Place { line: Some(number), cell, ..Place::default() };
                // Line breaks of the page are none of the file's.
                table.row.push(Field::new(place, text.join(" ").trim()));
            }
        }
        Ok(())
    }

    fn end_row(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.end_cell(writer)?;
        self.block(writer)?;
        match self.tables.last_mut() {
            Some(table) => table.end_row(writer),
            None => Ok(()),
        }
    }

    fn end_table(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.end_row(writer)?;
        if let Some(open) = self.tables.pop() {
            self.flow = open.outer;
            open.table.finish(writer)?;
        }
        Ok(())
    }

    fn end(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        while !self.tables.is_empty() {
            self.end_table(writer)?;
        }
        self.flush(writer)
    }
}

fn lines_of(text: &str, line: u64, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let mut passages = Passages::default();
    for (text, number) in text.split('\n').zip(line..) {
        passages.line(Line { text, number, continues: false }, writer)?;
    }
    passages.end_block(writer)
}

impl OpenTable {
    fn end_row(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let row = std::mem::take(&mut self.row);
        let header = std::mem::replace(&mut self.header, true);
        if row.is_empty() {
            return Ok(());
        }
        self.rows = self.rows.saturating_add(1);
        if header && row.len() > 1 { self.table.header(row, writer) } else { self.table.row(row, writer) }
    }
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "head"
            | "header"
            | "hr"
            | "html"
            | "iframe"
            | "legend"
            | "li"
            | "link"
            | "main"
            | "menu"
            | "meta"
            | "nav"
            | "object"
            | "ol"
            | "optgroup"
            | "option"
            | "p"
            | "section"
            | "select"
            | "summary"
            | "tbody"
            | "template"
            | "tfoot"
            | "thead"
            | "title"
            | "ul"
    )
}

#[cfg(test)]
#[allow(clippy::format_collect, clippy::format_push_string, reason = "test inputs are short")]
mod tests {
    use super::*;
    use crate::open::collect::collect;

    /// Every record as `line:label=text|…`.
    fn records(html: &str) -> Vec<String> {
        let got = collect(&Html, "a.html", html.as_bytes());
        assert!(got.error.is_none() && got.gaps.is_empty(), "{:?}", got.gaps);
        let mut records: Vec<(u64, String)> = Vec::new();
        for text in &got.texts {
            for piece in text.pieces() {
                let content = text.piece_content(piece.start).trim_end_matches(['\t', '\n']);
                let label = piece.label.as_deref().map_or(String::new(), |label| format!("{label}="));
                let shown = format!("{}:{label}{content}", piece.place.line.unwrap_or(0));
                match records.last_mut() {
                    Some((record, all)) if *record == piece.record => *all = format!("{all}|{shown}"),
                    _ => records.push((piece.record, shown)),
                }
            }
        }
        records.into_iter().map(|(_, shown)| shown).collect()
    }

    fn check(html: &str, expected: &[&str]) {
        assert_eq!(records(html), expected);
    }

    #[test]
    fn blocks_end_passages_and_inline_elements_do_not_split_words() {
        check(
            "<html><head><title>CV</title></head>\n<body><p>CF: RSS<b>MRA</b>80A01\n  H501U <div>citt&agrave;</div>x<br>y",
            &["1:CV", "2:CF: RSSMRA80A01 H501U", "3:città", "3:x|3:y"],
        );
    }

    #[test]
    fn tables_keep_their_headers() {
        check(
            "<table><tr><th>Nome<th>CF</tr>\n<tr><td>Mario<td>X1</tr>\n<tr><td>Anna</td><td>X2</td></tr></table>after",
            &["1:Nome|1:CF", "2:Nome=Mario|2:CF=X1", "3:Nome=Anna|3:CF=X2", "3:after"],
        );
        check(
            "<table><tr><td>Cognome</td><td>CF</td></tr><tr><td>Rossi</td><td>X1</td></tr></table>",
            &["1:Cognome|1:CF", "1:Cognome=Rossi|1:CF=X1"],
        );
    }

    #[test]
    fn a_table_of_labels_is_a_form() {
        check(
            "<table><tr><td>Nome:</td><td>Mario</td></tr><tr><td>Diagnosi:</td><td>asma</td></tr></table>",
            &["1:Nome: |1:Nome=Mario|1:Diagnosi: |1:Diagnosi=asma"],
        );
    }

    #[test]
    fn layout_tables_are_running_text() {
        check(
            "<table><tr><td>a<table><tr><td>b</td><td>c</td></tr></table>d</td></tr></table>",
            &["1:a", "1:b|1:c", "1:d"],
        );
        let letter = format!("<table><tr><td>{}</td></tr></table>", "<p>Un paragrafo della lettera.</p>".repeat(20));
        assert_eq!(records(&letter).len(), 20);
    }

    #[test]
    fn what_a_page_does_not_show() {
        let got = records(
            "<!-- Anna --><input name=cf value=X1><img alt='Mario'><a href='mailto:m@example.org'>write</a>\
             <script>var user = \"Eva\";</script><style>p{}</style>",
        );
        for word in ["Anna", "cf: X1", "Mario", "m@example.org", "Eva"] {
            assert!(got.iter().any(|record| record.contains(word)), "{word}: {got:?}");
        }
        assert!(!got.iter().any(|record| record.contains("p{}")));
    }

    #[test]
    fn broken_deep_and_empty() {
        for html in ["", "<", "</td></tr></table>Mario", "<table><td>Mario", "<p Mario", "<pre>Mario", "<td>Mario"] {
            let got = collect(&Html, "a.html", html.as_bytes());
            assert!(got.error.is_none());
            if html.contains(">Mario") {
                assert!(got.content().contains("Mario"), "{html}");
            }
        }
        for deep in ["<table><tr><td>", "<div>", "<b>"] {
            let html = format!("{}Mario", deep.repeat(100_000));
            assert!(collect(&Html, "a.html", html.as_bytes()).content().contains("Mario"));
        }
    }

    #[test]
    fn every_word_survives() {
        let mut seed = 5u64;
        for _ in 0..200 {
            let mut html = String::new();
            for i in 0..80 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let between = [
                    "<table>", "<tr>", "<td>", "</td>", "</tr>", "</table>", "<p>", "<br>", " ", "<th>", "<pre>", "\n",
                ];
                let n = usize::try_from(seed >> 33).unwrap() % between.len();
                html.push_str(&format!("w{i} {}", between[n]));
            }
            let got = collect(&Html, "a.html", html.as_bytes()).content();
            for i in 0..80 {
                assert!(got.contains(&format!("w{i}")), "w{i} of {html}: {got}");
            }
        }
    }
}
