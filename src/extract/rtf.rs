//! Reads RTF: paragraphs and tables of any size, in the code pages that they name.
//!
//! Rich Text Format 1.9.1, <https://www.loc.gov/preservation/digital/formats/fdd/fdd000473.shtml>.

use std::io::Read;

use encoding_rs::WINDOWS_1252;

use crate::identify::Format;
use crate::model::{Cell, Place, Reason};
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use super::code_pages::CodePage;
use super::encoding::Charset;
use super::lines::Line;
use super::passages::Passages;
use super::rtf_bytes::Bytes;
use super::rtf_words::{Holds, code_page, destination, font_charset, is_beside};
use super::table::{Field, Table};
use super::writer::TextWriter;

/// Groups within groups that are told apart; deeper ones share the innermost state.
const MAX_DEPTH: usize = 512;
/// Bytes after which a paragraph is passed on.
const MAX_PARAGRAPH: usize = 64 * 1024;

pub struct Rtf;

impl Reader for Rtf {
    fn name(&self) -> &'static str {
        "rtf"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Rtf]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, _budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut writer = TextWriter::new(sink);
        let end = write(input, &mut writer);
        writer.finish()?;
        end
    }
}

/// Writes the text of a document, and tells the sink what of it was not read.
pub fn write(source: impl Read, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let mut document = Document::new(source);
    let end = document.run(writer).and(document.end(writer));
    let sink = writer.sink()?;
    if document.pictures > 0 {
        sink.gap(Reason::OcrUnavailable, &format!("{} pictures were not read", document.pictures));
    }
    if document.objects > 0 {
        sink.gap(Reason::UnsupportedFeature, &format!("{} embedded objects were not read", document.objects));
    }
    if !document.closed {
        sink.gap(Reason::Truncated, "the last group has no end");
    }
    end
}

#[derive(Clone, Copy, Debug)]
struct Group {
    holds: Holds,
    /// Characters that stand for one `\u` in old readers.
    fallback: usize,
    encoding: Charset,
    /// The paragraph belongs to a table.
    in_table: bool,
}

struct Document<R> {
    source: Bytes<R>,
    groups: Vec<Group>,
    beyond: u64,
    /// Encodings of the fonts, by number.
    fonts: Vec<(i32, Charset)>,
    font: i32,
    default: Charset,
    /// Bytes of the code page that wait for their second byte or their decoding.
    bytes: Vec<u8>,
    skip: usize,
    surrogate: Option<u32>,
    text: String,
    text_line: u64,
    row: Vec<Field>,
    rows: u32,
    table: Option<Table>,
    passages: Passages,
    /// The first control word of a group decides what it holds.
    group_starts: bool,
    optional: bool,
    pictures: u64,
    objects: u64,
    closed: bool,
}

impl<R: Read> Document<R> {
    fn new(source: R) -> Self {
        let default = Charset::Other(WINDOWS_1252);
        Self {
            source: Bytes::new(source),
            groups: vec![Group { holds: Holds::Text, fallback: 1, encoding: default, in_table: false }],
            beyond: 0,
            fonts: Vec::new(),
            font: -1,
            default,
            bytes: Vec::new(),
            skip: 0,
            surrogate: None,
            text: String::new(),
            text_line: 1,
            row: Vec::new(),
            rows: 0,
            table: None,
            passages: Passages::default(),
            group_starts: false,
            optional: false,
            pictures: 0,
            objects: 0,
            closed: false,
        }
    }

    fn group(&self) -> Group {
        self.groups.last().copied().unwrap_or(Group {
            holds: Holds::Text,
            fallback: 1,
            encoding: self.default,
            in_table: false,
        })
    }

    fn run(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        while let Some(byte) = self.source.next_byte()? {
            match byte {
                b'{' => {
                    self.settle();
                    let group = self.group();
                    if self.groups.len() < MAX_DEPTH {
                        self.groups.push(group);
                    } else {
                        self.beyond += 1;
                    }
                    self.skip = 0;
                    self.group_starts = true;
                    self.optional = false;
                }
                b'}' => self.close(writer)?,
                b'\\' => self.control(writer)?,
                b'\r' | b'\n' => {}
                byte => {
                    self.group_starts = false;
                    self.byte(byte, writer)?;
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.settle();
        self.skip = 0;
        if let Some(beyond) = self.beyond.checked_sub(1) {
            self.beyond = beyond;
            return Ok(());
        }
        let inner = self.group().holds;
        if self.groups.len() > 1 {
            self.groups.pop();
        }
        self.closed = self.groups.len() == 1;
        if inner == Holds::Aside && self.group().holds != Holds::Aside {
            self.paragraph(writer)?;
        }
        Ok(())
    }

    fn control(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let starts_group = std::mem::take(&mut self.group_starts);
        let Some(first) = self.source.next_byte()? else { return Ok(()) };
        if !first.is_ascii_alphabetic() {
            return self.symbol(first, starts_group, writer);
        }
        let mut word = vec![first];
        while let Some(byte) = self.source.peek()?.filter(u8::is_ascii_alphabetic) {
            self.source.next_byte()?;
            if word.len() < 32 {
                word.push(byte);
            }
        }
        let mut number = String::new();
        while let Some(byte) = self.source.peek()?.filter(|b| b.is_ascii_digit() || (*b == b'-' && number.is_empty())) {
            self.source.next_byte()?;
            if number.len() < 11 {
                number.push(char::from(byte));
            }
        }
        if self.source.peek()? == Some(b' ') {
            self.source.next_byte()?;
        }
        let word = String::from_utf8_lossy(&word).into_owned();
        self.word(&word, number.parse().ok(), starts_group, writer)
    }

    fn symbol(&mut self, symbol: u8, starts_group: bool, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        match symbol {
            b'\'' => {
                let high = self.source.hex_digit()?;
                let low = self.source.hex_digit()?;
                match high.zip(low).and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
                    Some(byte) => self.byte(byte, writer),
                    None => Ok(()),
                }
            }
            b'*' => {
                self.optional = starts_group;
                self.group_starts = starts_group;
                Ok(())
            }
            b'~' => self.char(' ', writer),
            b'_' => self.char('-', writer),
            // An optional hyphen is none: it must not split a word.
            b'\r' | b'\n' => self.paragraph(writer),
            b'\\' | b'{' | b'}' => self.byte(symbol, writer),
            _ => Ok(()),
        }
    }

    fn word(
        &mut self,
        word: &str,
        number: Option<i32>,
        starts_group: bool,
        writer: &mut TextWriter<'_>,
    ) -> Result<(), ReadError> {
        let optional = std::mem::take(&mut self.optional);
        if starts_group && let Some(holds) = destination(word, optional) {
            match word {
                "pict" => self.pictures += 1,
                "objdata" => self.objects += 1,
                _ => {}
            }
            let enters = self.group().holds == Holds::Text && holds == Holds::Aside;
            if enters && is_beside(word) {
                self.settle();
                self.paragraph(writer)?;
            }
            if let Some(group) = self.groups.last_mut()
                && group.holds != Holds::Nothing
            {
                group.holds = holds;
            }
            return Ok(());
        }
        match word {
            "par" | "sect" | "page" | "line" | "column" | "softline" => self.paragraph(writer),
            "cell" | "nestcell" => {
                self.cell();
                Ok(())
            }
            "row" | "nestrow" => self.end_row(writer),
            "tab" => self.char('\t', writer),
            "emdash" | "endash" => self.char('-', writer),
            "lquote" | "rquote" => self.char('’', writer),
            "ldblquote" | "rdblquote" => self.char('"', writer),
            "bullet" => self.char('•', writer),
            "emspace" | "enspace" | "qmspace" => self.char(' ', writer),
            "intbl" => {
                self.set(|group| group.in_table = true);
                Ok(())
            }
            "pard" => {
                self.set(|group| group.in_table = false);
                Ok(())
            }
            "u" => self.unicode(number.unwrap_or(0), writer),
            "uc" => {
                let fallback = usize::try_from(number.unwrap_or(1)).unwrap_or(1).min(16);
                self.set(|group| group.fallback = fallback);
                Ok(())
            }
            "bin" => self.source.skip(number.unwrap_or(0)),
            "ansicpg" => {
                if let Some(encoding) = number.and_then(code_page) {
                    self.default = encoding;
                    self.set(|group| group.encoding = encoding);
                }
                Ok(())
            }
            "mac" => {
                self.default = Charset::Other(encoding_rs::MACINTOSH);
                let encoding = self.default;
                self.set(|group| group.encoding = encoding);
                Ok(())
            }
            "pc" | "pca" => {
                self.default = Charset::Page(CodePage::Dos850);
                self.set(|group| group.encoding = Charset::Page(CodePage::Dos850));
                Ok(())
            }
            "f" => {
                self.settle();
                let font = number.unwrap_or(0);
                self.font = font;
                let known = self.fonts.iter().find(|(number, _)| *number == font);
                let encoding = known.map_or(self.default, |(_, encoding)| *encoding);
                self.set(|group| group.encoding = encoding);
                Ok(())
            }
            "plain" => {
                self.settle();
                let encoding = self.default;
                self.set(|group| group.encoding = encoding);
                Ok(())
            }
            "fcharset" => {
                if let Some(encoding) = number.and_then(font_charset)
                    && self.fonts.len() < 4096
                {
                    self.fonts.push((self.font, encoding));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn set(&mut self, change: impl FnOnce(&mut Group)) {
        self.settle();
        if let Some(group) = self.groups.last_mut() {
            change(group);
        }
    }

    fn byte(&mut self, byte: u8, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if let Some(left) = self.skip.checked_sub(1) {
            self.skip = left;
            return Ok(());
        }
        if self.group().holds == Holds::Nothing {
            return Ok(());
        }
        if byte.is_ascii() && self.bytes.is_empty() {
            return self.char(char::from(byte), writer);
        }
        self.bytes.push(byte);
        if self.bytes.len() >= 1024 {
            self.settle();
        }
        Ok(())
    }

    fn char(&mut self, c: char, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.settle();
        if self.group().holds == Holds::Nothing {
            return Ok(());
        }
        if self.text.is_empty() {
            self.text_line = self.source.line();
        }
        self.text.push(if c == '\0' { ' ' } else { c });
        if self.text.len() >= MAX_PARAGRAPH && !self.group().in_table {
            self.paragraph(writer)?;
        }
        Ok(())
    }

    /// Decodes the bytes of the code page that were collected.
    fn settle(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let bytes = std::mem::take(&mut self.bytes);
        if self.text.is_empty() {
            self.text_line = self.source.line();
        }
        match self.group().encoding {
            Charset::Other(encoding) | Charset::Utf8Or(encoding) => {
                self.text.push_str(&encoding.decode_without_bom_handling(&bytes).0);
            }
            Charset::Page(page) => page.decode(&bytes, &mut self.text),
            Charset::Utf8 | Charset::Utf32 { .. } => self.text.push_str(&String::from_utf8_lossy(&bytes)),
        }
    }

    fn unicode(&mut self, number: i32, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        // Sixteen bits, written with a sign.
        let unit = u32::from(u16::try_from(number.rem_euclid(0x1_0000)).unwrap_or(0));
        let c = match (self.surrogate.take(), unit) {
            (_, 0xd800..0xdc00) => {
                self.surrogate = Some(unit);
                None
            }
            (Some(high), 0xdc00..0xe000) => char::from_u32(0x1_0000 + ((high & 0x3ff) << 10) + (unit & 0x3ff)),
            // Symbol fonts write their bytes as private characters.
            (_, 0xf020..=0xf0ff) => char::from_u32(unit - 0xf000),
            (_, unit) => char::from_u32(unit),
        };
        if let Some(c) = c {
            self.char(c, writer)?;
        }
        self.skip = self.group().fallback;
        Ok(())
    }

    /// A paragraph ends; inside a table it is a line of its cell.
    fn paragraph(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.settle();
        self.skip = 0;
        if self.group().in_table && self.text.len() < MAX_PARAGRAPH {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            return Ok(());
        }
        self.end_table(writer)?;
        let text = std::mem::take(&mut self.text);
        self.passages.line(Line { text: &text, number: self.text_line, continues: false }, writer)
    }

    fn cell(&mut self) {
        self.settle();
        if self.group().holds == Holds::Nothing {
            return;
        }
        let column = u32::try_from(self.row.len()).unwrap_or(u32::MAX);
        let cell = Some(Cell { row: self.rows, column });
        let text = std::mem::take(&mut self.text);
        let place = Place { line: Some(self.text_line), cell, ..Place::default() };
        self.row.push(Field::new(place, text.trim()));
    }

    fn end_row(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if !self.text.trim().is_empty() {
            self.cell();
        }
        self.passages.end_block(writer)?;
        let row = std::mem::take(&mut self.row);
        self.rows = self.rows.saturating_add(1);
        self.table.get_or_insert_default().row(row, writer)
    }

    fn end_table(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if !self.row.is_empty() {
            let row = std::mem::take(&mut self.row);
            self.table.get_or_insert_default().row(row, writer)?;
        }
        self.rows = 0;
        match self.table.take() {
            Some(table) => table.finish(writer),
            None => Ok(()),
        }
    }

    fn end(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.settle();
        self.groups.truncate(1);
        self.set(|group| group.in_table = false);
        self.paragraph(writer)?;
        self.end_table(writer)?;
        self.passages.end_block(writer)
    }
}

#[cfg(test)]
#[path = "rtf_tests.rs"]
mod tests;
