//! Reads Excel workbooks of versions 5 to 2003 (xls) record by record.
//!
//! Specification: [MS-XLS] 2.3 (records) and 2.4 (their content).

use std::collections::HashMap;
use std::sync::Arc;

use crate::extract::ooxml::rk_number;
use crate::extract::sheet::{NumberFormat, SharedStrings, SheetRows};
use crate::extract::writer::TextWriter;
use crate::model::{Cell, Place, Protection};
use crate::open::reader::ReadError;

use super::file::Stream;
use super::pronounce;
use super::records::{BEGIN, CONTINUE, FILE_PASS, Records, SHEET, Segments, narrow_unicode};
use super::seal;
use super::storage::{Storage, narrow, u16_at, u32_at, wide};

const FORMULA: u16 = 0x0006;
const END: u16 = 0x000A;
const HEADER: u16 = 0x0014;
const FOOTER: u16 = 0x0015;
const NOTE: u16 = 0x001C;
const SINCE_1904: u16 = 0x0022;
const CODE_PAGE: u16 = 0x0042;
const OUTSIDE_CELLS: u16 = 0x005A;
const OBJECT: u16 = 0x005D;
const RK_ROW: u16 = 0x00BD;
const CACHED_TEXT: u16 = 0x00CD;
const RICH_TEXT: u16 = 0x00D6;
const CELL_FORMAT: u16 = 0x00E0;
const STRINGS: u16 = 0x00FC;
const SHARED_TEXT: u16 = 0x00FD;
const TEXT_OBJECT: u16 = 0x01B6;
const LINK: u16 = 0x01B8;
const NUMBER: u16 = 0x0203;
const TEXT: u16 = 0x0204;
const BOOLEAN: u16 = 0x0205;
const FORMULA_TEXT: u16 = 0x0207;
const RK: u16 = 0x027E;
const FORMAT: u16 = 0x041E;
const CHART_TEXT: u16 = 0x100D;

const MOST_FORMATS: usize = 1 << 16;
/// Texts of comments wait for the record that says where they stand.
const MOST_WAITING: usize = 16 << 20;

pub(super) fn read(storage: &mut Storage<'_>, writer: &mut TextWriter<'_>, depth: usize) -> Result<(), ReadError> {
    let stream = match storage.stream("Workbook")? {
        Some(stream) => Some(stream),
        None => storage.stream("Book")?,
    };
    let Some(stream) = stream else { return Err(ReadError::malformed("xls", "its stream is damaged")) };
    let mut workbook = Workbook::new(stream);
    let result = workbook.read(storage, writer);
    workbook.strings.write_unused(writer)?;
    if let Some(protection) = workbook.protection.take() {
        pronounce(protection, writer, depth)?;
    }
    result?;
    read_caches(storage, writer)?;
    Ok(())
}

struct Workbook<'i> {
    records: Records<'i>,
    unicode: bool,
    code_page: u16,
    since_1904: bool,
    strings: SharedStrings,
    codes: HashMap<u16, NumberFormat>,
    formats: Vec<NumberFormat>,
    /// Start and title.
    sheets: Vec<(u32, Arc<str>)>,
    protection: Option<Protection>,
}

impl<'i> Workbook<'i> {
    fn new(stream: Stream<'i>) -> Self {
        Self {
            records: Records::new(stream),
            unicode: true,
            code_page: 1252,
            since_1904: false,
            strings: SharedStrings::default(),
            codes: HashMap::new(),
            formats: Vec::new(),
            sheets: Vec::new(),
            protection: None,
        }
    }

    /// Substreams one after the other: the workbook's own first, then one for each sheet.
    fn read(&mut self, storage: &Storage<'_>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let mut count = 0_u32;
        while let Some(record) = self.records.next()? {
            if record.kind != BEGIN {
                continue;
            }
            match (u16_at(&record.data, 0), u16_at(&record.data, 2)) {
                (version, Some(0x0005)) => {
                    self.unicode = version.is_none_or(|version| version >= 0x0600);
                    self.read_globals(storage, writer)?;
                }
                (_, kind) => {
                    count += 1;
                    let listed = self.sheets.iter().find(|(start, _)| u64::from(*start) == record.start);
                    let title = listed.map(|(_, title)| Arc::clone(title));
                    let title = title.unwrap_or_else(|| format!("{count}").into());
                    if kind == Some(0x0010) || kind == Some(0x0040) || kind == Some(0x0020) {
                        self.read_sheet(&title, writer)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn read_globals(&mut self, storage: &Storage<'_>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        while let Some(record) = self.records.next()? {
            let data = record.data.as_slice();
            match record.kind {
                END => break,
                FILE_PASS => self.unseal(storage, data)?,
                CODE_PAGE => self.code_page = u16_at(data, 0).unwrap_or(1252),
                SINCE_1904 => self.since_1904 = u16_at(data, 0) == Some(1),
                SHEET => {
                    let title = self.short_text(data.get(6..).unwrap_or_default());
                    if let Some(start) = u32_at(data, 0)
                        && self.sheets.len() < 100_000
                    {
                        self.sheets.push((start, title.into()));
                    }
                }
                FORMAT if self.codes.len() < MOST_FORMATS => {
                    let rest = data.get(2..).unwrap_or_default();
                    let code = if self.unicode { self.long_text(rest) } else { self.short_text(rest) };
                    if let Some(id) = u16_at(data, 0) {
                        self.codes.insert(id, NumberFormat::parse(&code));
                    }
                }
                CELL_FORMAT if self.formats.len() < MOST_FORMATS => {
                    let id = u16_at(data, 2).unwrap_or(0);
                    let format = self.codes.get(&id).cloned();
                    self.formats.push(format.unwrap_or_else(|| NumberFormat::builtin(u32::from(id))));
                }
                STRINGS => {
                    let segments = self.records.continued(record)?;
                    self.read_strings(&segments, writer)?;
                }
                OUTSIDE_CELLS => {
                    let segments = self.records.continued(record)?;
                    self.read_outside_cells(&segments, writer)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A workbook that a password opens is read on; any other ends here.
    fn unseal(&mut self, storage: &Storage<'_>, data: &[u8]) -> Result<(), ReadError> {
        let (protection, key) = match u16_at(data, 0) {
            Some(1) if self.unicode => {
                let header = data.get(2..).unwrap_or_default();
                seal::rc4(header, "record FilePass", storage.name(), storage.budget())?
            }
            Some(0) | None => (Protection::weak("office-xor", "record FilePass: XOR obfuscation"), None),
            Some(_) if !self.unicode => (Protection::weak("office-xor", "record FilePass: XOR obfuscation"), None),
            Some(_) => (Protection::unknown("record FilePass: an unknown encryption"), None),
        };
        self.protection = Some(protection);
        match key {
            Some(key) => {
                self.records.key = Some(key);
                Ok(())
            }
            None => Err(ReadError::Encrypted),
        }
    }

    fn read_strings(&mut self, segments: &[Vec<u8>], writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let mut cursor = Segments::new(segments, 8);
        while let Some(text) = cursor.rich_text() {
            if !self.strings.push(&text) {
                writer.paragraph(Place::field("cells"), &text)?;
            }
        }
        Ok(())
    }

    /// Cells of a row in another workbook, as they were when it was last looked at ([MS-XLS] 2.4.65).
    fn read_outside_cells(&self, segments: &[Vec<u8>], writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let mut cursor = Segments::new(segments, 0);
        let (last, first) = (cursor.byte().unwrap_or(0), cursor.byte().unwrap_or(0));
        cursor.skip(2);
        let mut cells = Vec::new();
        for _ in first..=last {
            let Some(kind) = cursor.byte() else { break };
            match kind {
                2 if self.unicode => cells.extend(cursor.plain_text()),
                2 => {
                    let length = usize::from(cursor.byte().unwrap_or(0));
                    cells.push(narrow(&cursor.bytes(length), self.code_page));
                }
                1 => cells
                    .extend(f64_at(&cursor.bytes(8), 0).map(|number| NumberFormat::General.show(number, None, false))),
                _ => cursor.skip(8),
            }
        }
        writer.row(cells.iter().map(|cell| (Place::field("cells of another workbook"), None, cell.as_str())))
    }

    fn read_sheet(&mut self, title: &Arc<str>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let mut rows = SheetRows::new(writer, Arc::clone(title));
        let result = self.read_records(&mut rows);
        rows.finish()?;
        result
    }

    fn read_records(&mut self, rows: &mut SheetRows<'_, '_>) -> Result<(), ReadError> {
        let mut charts = 0_u32;
        // A text formula has its text in the record after it.
        let mut formula = None;
        let mut object = None;
        let mut waiting: HashMap<u16, String> = HashMap::new();
        let mut waiting_bytes = 0;
        while let Some(record) = self.records.next()? {
            let data = record.data.as_slice();
            let at = u16_at(data, 0).zip(u16_at(data, 2));
            let at = at.map(|(row, column)| Cell { row: u32::from(row), column: u32::from(column) });
            match record.kind {
                BEGIN => charts += 1,
                END if charts > 0 => charts -= 1,
                END => break,
                NUMBER => self.number(rows, at, f64_at(data, 6), u16_at(data, 4))?,
                RK => self.number(rows, at, u32_at(data, 6).map(rk_number), u16_at(data, 4))?,
                RK_ROW => {
                    let cells = data.get(4..data.len().saturating_sub(2)).unwrap_or_default();
                    for (offset, cell) in (0_u32..).zip(cells.chunks_exact(6)) {
                        let at = at.map(|at| Cell { column: at.column.saturating_add(offset), ..at });
                        self.number(rows, at, u32_at(cell, 2).map(rk_number), u16_at(cell, 0))?;
                    }
                }
                SHARED_TEXT => {
                    let index = u32_at(data, 6).and_then(|index| usize::try_from(index).ok());
                    if let (Some(at), Some(text)) = (at, index.and_then(|index| self.strings.take(index))) {
                        rows.cell(at.row, at.column, text)?;
                    }
                }
                TEXT | RICH_TEXT => {
                    if let Some(at) = at {
                        rows.cell(at.row, at.column, self.long_text(data.get(6..).unwrap_or_default()))?;
                    }
                }
                BOOLEAN => {
                    if let (Some(at), Some([value, 0])) = (at, data.get(6..8)) {
                        rows.cell(at.row, at.column, if *value == 0 { "FALSE" } else { "TRUE" })?;
                    }
                }
                FORMULA | 0x0206 | 0x0406 => {
                    formula = at;
                    match data.get(6..14) {
                        Some([1, _, value, .., 0xFF, 0xFF]) => {
                            if let Some(at) = at {
                                rows.cell(at.row, at.column, if *value == 0 { "FALSE" } else { "TRUE" })?;
                            }
                        }
                        // A text, which comes in the next record, or an error.
                        Some([.., 0xFF, 0xFF]) | None => {}
                        Some(_) => self.number(rows, at, f64_at(data, 6), u16_at(data, 4))?,
                    }
                }
                FORMULA_TEXT => {
                    let segments = self.records.continued(record)?;
                    let text = if self.unicode {
                        Segments::new(&segments, 0).plain_text()
                    } else {
                        segments.first().map(|data| self.long_text(data))
                    };
                    if let (Some(at), Some(text)) = (formula.take(), text) {
                        rows.cell(at.row, at.column, text)?;
                    }
                }
                HEADER | FOOTER if !data.is_empty() => {
                    let text = if self.unicode { self.long_text(data) } else { self.short_text(data) };
                    rows.note(None, "page header or footer", &text)?;
                }
                OBJECT => {
                    let is_common = u16_at(data, 0) == Some(0x15);
                    object = is_common.then(|| (u16_at(data, 4), u16_at(data, 6).unwrap_or(0)));
                }
                TEXT_OBJECT => {
                    let length = u16_at(data, 10).unwrap_or(0);
                    let Some(text) = self.object_text(length)? else { continue };
                    match object.take() {
                        // A comment: its cell is named by a later record.
                        Some((Some(0x19), id)) if waiting_bytes < MOST_WAITING => {
                            waiting_bytes += text.len();
                            waiting.insert(id, text);
                        }
                        _ => rows.note(None, "text box", &text)?,
                    }
                }
                NOTE if self.unicode => {
                    let id = u16_at(data, 6).unwrap_or(0);
                    let author = self.long_text(data.get(8..).unwrap_or_default());
                    let text = waiting.remove(&id).unwrap_or_default();
                    rows.note(at, "comment", &text)?;
                    rows.note(at, "author of a comment", &author)?;
                }
                NOTE => rows.note(at, "comment", &narrow(data.get(6..).unwrap_or_default(), self.code_page))?,
                LINK => {
                    if let Some(target) = link_target(data) {
                        rows.note(at, "link", &target)?;
                    }
                }
                CHART_TEXT => rows.note(None, "chart", &self.short_text(data.get(2..).unwrap_or_default()))?,
                STRINGS => {
                    let segments = self.records.continued(record)?;
                    let mut cursor = Segments::new(&segments, 8);
                    while let Some(text) = cursor.rich_text() {
                        self.strings.push(&text);
                    }
                }
                _ => {}
            }
        }
        for text in waiting.into_values() {
            rows.note(None, "comment", &text)?;
        }
        Ok(())
    }

    fn number(
        &self,
        rows: &mut SheetRows<'_, '_>,
        at: Option<Cell>,
        number: Option<f64>,
        format: Option<u16>,
    ) -> Result<(), ReadError> {
        let (Some(at), Some(number)) = (at, number) else { return Ok(()) };
        let format = format.and_then(|format| self.formats.get(usize::from(format))).unwrap_or(&NumberFormat::General);
        rows.cell(at.row, at.column, format.show(number, None, self.since_1904))
    }

    /// The text of a text box stands in the record after it.
    fn object_text(&mut self, length: u16) -> Result<Option<String>, ReadError> {
        if length == 0 || self.records.peek()? != Some(CONTINUE) {
            return Ok(None);
        }
        let Some(first) = self.records.next()? else { return Ok(None) };
        let segments = self.records.continued(first)?;
        let mut cursor = Segments::new(&segments, 0);
        let Some(flags) = cursor.byte() else { return Ok(None) };
        Ok(Some(cursor.letters(usize::from(length), flags & 1 == 1)))
    }

    /// One byte of length.
    fn short_text(&self, data: &[u8]) -> String {
        let length = usize::from(data.first().copied().unwrap_or(0));
        self.text_of(data.get(1..).unwrap_or_default(), length)
    }

    /// Two bytes of length.
    fn long_text(&self, data: &[u8]) -> String {
        let length = usize::from(u16_at(data, 0).unwrap_or(0));
        self.text_of(data.get(2..).unwrap_or_default(), length)
    }

    fn text_of(&self, data: &[u8], length: usize) -> String {
        if !self.unicode {
            return narrow(data.get(..length.min(data.len())).unwrap_or_default(), self.code_page);
        }
        let Some((flags, mut letters)) = data.split_first() else { return String::new() };
        if flags & 8 != 0 {
            letters = letters.get(2..).unwrap_or_default();
        }
        if flags & 4 != 0 {
            letters = letters.get(4..).unwrap_or_default();
        }
        let bytes = if flags & 1 == 1 { length * 2 } else { length };
        let letters = letters.get(..bytes.min(letters.len())).unwrap_or_default();
        if flags & 1 == 1 { wide(letters) } else { narrow_unicode(letters) }
    }
}

fn f64_at(data: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(data.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// The address in a hyperlink ([MS-OSHARED] 2.3.7.1), found by the class of its moniker.
fn link_target(data: &[u8]) -> Option<String> {
    const URL: [u8; 16] =
        [0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11, 0x8C, 0x82, 0x00, 0xAA, 0x00, 0x4B, 0xA9, 0x0B];
    let at = memchr::memmem::find(data, &URL)? + URL.len();
    let length = usize::try_from(u32_at(data, at)?).ok()?;
    let text = data.get(at + 4..)?;
    let text = wide(text.get(..length.min(text.len()))?);
    text.split('\0').next().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Texts of pivot tables, which may be of a source that is not in the file.
fn read_caches(storage: &Storage<'_>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    for folder in storage.folders().into_iter().filter(|name| name.eq_ignore_ascii_case("_SX_DB_CUR")) {
        let caches = storage.enter(&folder);
        let names: Vec<String> = caches.names().map(str::to_owned).collect();
        for name in names {
            let Some(stream) = caches.stream(&name)? else { continue };
            let mut workbook = Workbook::new(stream);
            while let Some(record) = workbook.records.next()? {
                if record.kind == CACHED_TEXT {
                    let text = workbook.long_text(&record.data);
                    writer.row([(Place::field("cached data"), None, text.as_str())])?;
                }
            }
        }
    }
    Ok(())
}
