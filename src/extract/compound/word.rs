//! Reads Word documents of versions 2 to 2003 (doc) by their piece table.
//!
//! Specification: [MS-DOC] 2.5 (FIB), 2.9.38 (Clx), 2.4.1 (text).

use std::io::{Read, Seek, SeekFrom};

use encoding_rs::{Encoding, WINDOWS_1252};

use crate::extract::columns::Columns;
use crate::extract::writer::TextWriter;
use crate::model::{Place, Protection};
use crate::open::reader::ReadError;

use super::pronounce;
use super::seal;
use super::storage::{Storage, read_at, u16_at, u32_at, wide};
use super::word_encoding;

const LONGEST_TABLE: usize = 32 << 20;
/// Bytes of a piece that are read at once.
const CHUNK: u64 = 64 * 1024;
/// Text of a cell after which it is no cell any more.
const LONGEST_CELL: usize = 64 * 1024;
const MOST_CELLS: usize = 256;

pub(super) fn read(storage: &mut Storage<'_>, writer: &mut TextWriter<'_>, depth: usize) -> Result<(), ReadError> {
    let Some(mut stream) = storage.stream("WordDocument")? else {
        return Err(ReadError::malformed("doc", "its stream is damaged"));
    };
    let fib = read_at(&mut stream, 0, 2048)?;
    let version = u16_at(&fib, 2).unwrap_or(0);
    let flags = u16_at(&fib, 10).unwrap_or(0);
    let is_modern = version >= 0x00C1;
    let table_name = if flags & 0x0200 != 0 { "1Table" } else { "0Table" };
    if flags & 0x0100 != 0 {
        pronounce(verdict(storage, table_name, flags, is_modern)?, writer, depth)?;
        return Err(ReadError::Encrypted);
    }
    let (start, end) = (u32_at(&fib, 0x18).unwrap_or(0), u32_at(&fib, 0x1C).unwrap_or(0));
    // Versions of Word 95 for East Asia write all letters in two bytes; text in one byte has no zeros.
    let is_wide = !is_modern && flags & 0x1000 != 0 && read_at(&mut stream, u64::from(start), 512)?.contains(&0);
    let pieces = if is_modern {
        let (offset, length) = (u32_at(&fib, 0x1A2).unwrap_or(0), u32_at(&fib, 0x1A6).unwrap_or(0));
        let other = if table_name == "1Table" { "0Table" } else { "1Table" };
        let table = match storage.stream(table_name)? {
            Some(table) => Some(table),
            None => storage.stream(other)?,
        };
        let mut clx = Vec::new();
        if let Some(mut table) = table {
            let length = usize::try_from(length).unwrap_or(usize::MAX).min(LONGEST_TABLE);
            clx = read_at(&mut table, u64::from(offset), length)?;
        }
        pieces(&clx, Letters::Both)
    } else {
        let length = usize::try_from(u32_at(&fib, 0x164).unwrap_or(0)).unwrap_or(usize::MAX).min(LONGEST_TABLE);
        let clx = if flags & 4 != 0 && version >= 0x65 {
            read_at(&mut stream, u64::from(u32_at(&fib, 0x160).unwrap_or(0)), length)?
        } else {
            Vec::new()
        };
        pieces(&clx, if is_wide { Letters::Wide } else { Letters::Narrow })
    };
    let pieces = if pieces.is_empty() {
        // Without a piece table the text stands in one run.
        let letters = u64::from(end.saturating_sub(start)) / if is_wide { 2 } else { 1 };
        vec![Piece { letters, offset: u64::from(start), wide: is_wide }]
    } else {
        pieces
    };
    let counts_at = if is_modern { 0x4C } else { 0x34 };
    let stories = Stories::new(|index| u32_at(&fib, counts_at + index * 4).map_or(0, u64::from));
    let encoding = if is_modern {
        WINDOWS_1252
    } else {
        word_encoding::find(&fib, &mut stream, u64::from(start), u64::from(end.saturating_sub(start)))?
    };
    let mut text = Text::new(writer, stories);
    let mut result = Ok(());
    for piece in pieces {
        result = read_piece(&mut stream, piece, encoding, storage, &mut text);
        if result.is_err() {
            break;
        }
    }
    text.end()?;
    result
}

fn verdict(storage: &Storage<'_>, table: &str, flags: u16, is_modern: bool) -> Result<Protection, ReadError> {
    if flags & 0x8000 != 0 || !is_modern {
        return Ok(Protection::weak("office-xor", "FIB: fEncrypted with XOR obfuscation"));
    }
    let header = storage.bytes(table, 1024)?.unwrap_or_default();
    let (protection, _) = seal::rc4(&header, "FIB: fEncrypted", storage.name(), storage.budget())?;
    Ok(protection)
}

#[derive(Clone, Copy)]
struct Piece {
    letters: u64,
    offset: u64,
    wide: bool,
}

/// How many bytes the letters of a document have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    Narrow,
    Wide,
    /// Each piece says how many: since Word 97.
    Both,
}

/// The pieces of a Clx, in the order of the text.
fn pieces(clx: &[u8], width: Letters) -> Vec<Piece> {
    let mut rest = clx;
    // Formatting that pieces share stands before the table.
    while let [1, low, high, ..] = rest {
        let length = usize::from(u16::from_le_bytes([*low, *high]));
        rest = rest.get(3 + length..).unwrap_or_default();
    }
    if rest.first() != Some(&2) {
        return Vec::new();
    }
    let length = u32_at(rest, 1).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let table = rest.get(5..).unwrap_or_default();
    let table = table.get(..length.min(table.len())).unwrap_or_default();
    let count = table.len().saturating_sub(4) / 12;
    let mut pieces = Vec::with_capacity(count);
    for i in 0..count {
        let (Some(start), Some(end)) = (u32_at(table, i * 4), u32_at(table, i * 4 + 4)) else { break };
        let Some(place) = u32_at(table, (count + 1) * 4 + i * 8 + 2) else { break };
        let Some(letters) = end.checked_sub(start) else { break };
        let offset = place & 0x3FFF_FFFF;
        let (offset, wide) = match width {
            Letters::Both if place & 0x4000_0000 != 0 => (offset / 2, false),
            Letters::Narrow => (offset, false),
            Letters::Wide | Letters::Both => (offset, true),
        };
        pieces.push(Piece { letters: u64::from(letters), offset: u64::from(offset), wide });
    }
    pieces
}

fn read_piece(
    stream: &mut (impl Read + Seek),
    piece: Piece,
    encoding: &'static Encoding,
    storage: &Storage<'_>,
    text: &mut Text<'_, '_>,
) -> Result<(), ReadError> {
    let width = if piece.wide { 2 } else { 1 };
    let end = stream.seek(SeekFrom::End(0))?;
    let mut offset = piece.offset;
    let mut left = piece.letters.saturating_mul(width);
    if offset > end {
        return Err(ReadError::malformed("doc", "a piece of text is missing"));
    }
    stream.seek(SeekFrom::Start(offset))?;
    while left > 0 && offset < end {
        storage.budget().check()?;
        let mut bytes = Vec::new();
        Read::by_ref(stream).take(left.min(CHUNK)).read_to_end(&mut bytes)?;
        if bytes.is_empty() {
            break;
        }
        offset += bytes.len() as u64;
        left = left.saturating_sub(bytes.len() as u64);
        // Stories are counted in UTF-16 units, which a chunk may part.
        let letters = if piece.wide { wide(&bytes).into() } else { encoding.decode_without_bom_handling(&bytes).0 };
        for c in letters.chars() {
            text.take(c)?;
        }
    }
    Ok(())
}

/// The parts of the text, one after the other: body, footnotes, headers ...
struct Stories {
    ends: [u64; 8],
    current: usize,
    position: u64,
}

impl Stories {
    const TITLES: [&'static str; 8] =
        ["", "footnote", "header or footer", "macro", "comment", "endnote", "text box", "text box of a header"];

    fn new(count: impl Fn(usize) -> u64) -> Self {
        let mut ends = [0; 8];
        let mut end = 0_u64;
        for (index, slot) in ends.iter_mut().enumerate() {
            end = end.saturating_add(count(index));
            *slot = end;
        }
        Self { ends, current: 0, position: 0 }
    }

    fn title(&self) -> &'static str {
        Self::TITLES.get(self.current).copied().unwrap_or_default()
    }

    /// True if a new story begins with the letter at the position.
    fn advance(&mut self, units: u64) -> bool {
        let before = self.current;
        // What stands behind the last story belongs to it.
        while self.current + 1 < self.ends.len() && self.ends.get(self.current).is_some_and(|end| self.position >= *end)
        {
            self.current += 1;
        }
        if self.ends.last().is_some_and(|end| self.position >= *end) {
            self.current = before;
        }
        self.position += units;
        self.current != before
    }
}

/// Letters on their way to paragraphs and rows ([MS-DOC] 2.4.1: special characters).
struct Text<'t, 's> {
    writer: &'t mut TextWriter<'s>,
    stories: Stories,
    paragraph: u64,
    current: String,
    /// Field codes, open ones from outer to inner; true while the instruction goes on.
    fields: Vec<bool>,
    instruction: String,
    cells: Vec<String>,
    columns: Columns,
    /// Cells of a row of the current table, once known.
    width: Option<usize>,
    table: u64,
    row: u64,
    previous: char,
}

impl<'t, 's> Text<'t, 's> {
    fn new(writer: &'t mut TextWriter<'s>, stories: Stories) -> Self {
        Self {
            writer,
            stories,
            paragraph: 0,
            current: String::new(),
            fields: Vec::new(),
            instruction: String::new(),
            cells: Vec::new(),
            columns: Columns::default(),
            width: None,
            table: 0,
            row: 0,
            previous: '\r',
        }
    }

    fn take(&mut self, c: char) -> Result<(), ReadError> {
        let next_story = self.stories.advance(c.len_utf16() as u64);
        if next_story {
            self.end_table()?;
            self.end_paragraph()?;
            self.fields.clear();
        }
        match c {
            '\u{13}' => {
                if self.fields.len() < 64 {
                    self.fields.push(true);
                }
            }
            '\u{14}' => {
                if let Some(instruction) = self.fields.last_mut() {
                    *instruction = false;
                }
                self.end_instruction()?;
            }
            '\u{15}' => {
                self.fields.pop();
                self.end_instruction()?;
            }
            '\u{7}' => self.end_cell()?,
            '\r' | '\u{C}' | '\u{E}' => {
                // A field never runs over so much text; a damaged one must not hide it.
                if self.instruction.len() > 4096 {
                    self.fields.clear();
                    self.current.push_str(&std::mem::take(&mut self.instruction));
                }
                self.end_line()?;
            }
            _ if self.fields.contains(&true) => self.instruction.push(c),
            '\u{B}' => self.current.push('\n'),
            '\u{1E}' => self.current.push('-'),
            '\t' => self.current.push('\t'),
            // Pictures, notes' marks, optional hyphens and other anchors.
            '\0'..='\u{1F}' => {}
            c => self.current.push(c),
        }
        if self.instruction.len() > LONGEST_CELL {
            self.fields.clear();
            self.current.push_str(&std::mem::take(&mut self.instruction));
        }
        if self.current.len() > 4 * LONGEST_CELL {
            self.end_table()?;
            self.end_paragraph()?;
        }
        self.previous = c;
        Ok(())
    }

    /// Field codes are formatting, but for the address that a link goes to.
    fn end_instruction(&mut self) -> Result<(), ReadError> {
        let instruction = std::mem::take(&mut self.instruction);
        if instruction.contains("HYPERLINK") && instruction.contains(['@', ':']) {
            self.writer.paragraph(self.place("link"), instruction.trim())?;
        }
        // A button shows what stands behind the name of its macro or mark.
        let mut parts = instruction.trim_start().splitn(3, char::is_whitespace);
        if matches!(parts.next(), Some("MACROBUTTON" | "GOTOBUTTON")) {
            self.current.extend(parts.nth(1));
        }
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), ReadError> {
        if self.cells.iter().all(String::is_empty) || self.current.len() > LONGEST_CELL {
            // Not within a row: what looked like an empty cell was the end of one.
            self.end_table()?;
            self.end_paragraph()
        } else {
            // The next paragraph of a cell, unless the row ended just before.
            if self.previous != '\u{7}' {
                self.current.push('\n');
            }
            Ok(())
        }
    }

    fn end_paragraph(&mut self) -> Result<(), ReadError> {
        self.paragraph += 1;
        let text = std::mem::take(&mut self.current);
        self.writer.paragraph(self.place(""), &text)
    }

    /// The mark of a cell also ends a row, behind the last cell: a row has as many cells as the
    /// first one, and the first one ends at the first mark that follows another.
    fn end_cell(&mut self) -> Result<(), ReadError> {
        let follows = self.previous == '\u{7}' && self.current.is_empty();
        let is_full = self.width.is_some_and(|width| self.cells.len() >= width);
        if follows && (is_full || (self.width.is_none() && !self.cells.is_empty())) {
            self.width = Some(self.cells.len());
            return self.end_row();
        }
        if is_full || self.cells.len() >= MOST_CELLS {
            // Another table, or one whose rows differ.
            self.end_row()?;
            self.width = None;
        }
        self.cells.push(std::mem::take(&mut self.current).trim_end_matches('\n').to_owned());
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), ReadError> {
        let cells = std::mem::take(&mut self.cells);
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if self.row == 0 {
            self.table += 1;
        }
        self.row += 1;
        let numbered = || (0_u32..).zip(cells.iter().map(String::as_str));
        let header = self.columns.row(false, numbered().collect::<Vec<_>>());
        let place = self.place(&format!("table {}, row {}", self.table, self.row));
        let columns = &self.columns;
        self.writer.row(
            numbered().map(|(column, text)| (place.clone(), if header { None } else { columns.label(column) }, text)),
        )
    }

    fn end_table(&mut self) -> Result<(), ReadError> {
        self.end_row()?;
        self.columns = Columns::default();
        self.width = None;
        self.row = 0;
        Ok(())
    }

    fn end(mut self) -> Result<(), ReadError> {
        self.current.push_str(&std::mem::take(&mut self.instruction));
        self.end_table()?;
        self.end_paragraph()
    }

    fn place(&self, within: &str) -> Place {
        let title = self.stories.title();
        Place::field(&match (title, within) {
            ("", "") => format!("paragraph {}", self.paragraph),
            ("", within) => within.to_owned(),
            (title, "") => title.to_owned(),
            (title, within) => format!("{title}, {within}"),
        })
    }
}

/// Word 6 and 95 write in the code page of the language ([MS-LCID]).
pub(in crate::extract) fn code_page_of(language: u16) -> u16 {
    match language & 0x03FF {
        0x05 | 0x0E | 0x15 | 0x18 | 0x1A | 0x1B | 0x1C | 0x24 => 1250,
        0x02 | 0x19 | 0x22 | 0x23 => 1251,
        0x08 => 1253,
        0x1F => 1254,
        0x0D => 1255,
        0x01 => 1256,
        0x25..=0x27 => 1257,
        0x11 => 932,
        0x04 => 936,
        0x12 => 949,
        _ => 1252,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::collect::Collected;

    fn check(text: &str, expected: &str) -> Collected {
        let mut sink = Collected::default();
        let mut writer = TextWriter::new(&mut sink);
        let length = text.encode_utf16().count() as u64;
        let mut state = Text::new(&mut writer, Stories::new(|index| if index == 0 { length } else { 0 }));
        text.chars().for_each(|c| state.take(c).unwrap());
        state.end().unwrap();
        writer.finish().unwrap();
        assert_eq!(sink.content(), expected);
        sink
    }

    #[test]
    fn field_codes_are_hidden_and_results_shown() {
        check("a\u{13} PAGE \u{14}7\u{15}b\r", "a7b\n");
        check("\u{13} MACROBUTTON NoMacro [Nome e cognome]\u{15}\r", "[Nome e cognome]\n");
        check("\u{13} HYPERLINK \"mailto:a@b.example\" \u{14}Ada\u{15}\r", "HYPERLINK \"mailto:a@b.example\"\nAda\n");
    }

    #[test]
    fn cells_make_rows_with_headers() {
        let sink = check("Nome\u{7}CF\u{7}\u{7}Anna\u{7}X1234\u{7}\u{7}dopo\r", "Nome\tCF\nAnna\tX1234\ndopo\n");
        let rows = sink.texts.first().unwrap();
        assert_eq!(rows.label(rows.content().find("X1234").unwrap()), Some("CF"));
    }

    #[test]
    fn an_empty_cell_keeps_its_column() {
        check("A\u{7}B\u{7}C\u{7}\u{7}x\u{7}\u{7}z\u{7}\u{7}dopo\r", "A\tB\tC\nx\t\tz\ndopo\n");
    }

    #[test]
    fn piece_tables_are_bounded() {
        assert!(pieces(&[2, 255, 255, 255, 255], Letters::Both).is_empty());
        assert!(pieces(&[1, 255, 255], Letters::Both).is_empty());
        let mut clx = vec![2, 16, 0, 0, 0];
        clx.extend(0_u32.to_le_bytes());
        clx.extend(5_u32.to_le_bytes());
        clx.extend([0, 0]);
        clx.extend((0x4000_0000_u32 | 2048).to_le_bytes());
        clx.extend([0, 0]);
        let piece = pieces(&clx, Letters::Both).first().copied().unwrap();
        assert_eq!((piece.letters, piece.offset, piece.wide), (5, 1024, false));
        let piece = pieces(&clx, Letters::Wide).first().copied().unwrap();
        assert_eq!((piece.letters, piece.offset, piece.wide), (5, 2048, true));
    }
}
