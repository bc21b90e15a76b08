//! Reads binary Excel workbooks (xlsb) record by record.
//!
//! Specification: [MS-XLSB], sections 2.1.4 (records) and 2.4 (their content).

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use crate::extract::package::{Package, tolerate};
use crate::extract::sheet::{NumberFormat, SheetRows};
use crate::extract::writer::TextWriter;
use crate::model::{Place, Reason};
use crate::open::reader::ReadError;

use super::parts::{ContentTypes, Kind, relationships};
use super::sheets::{Workbook, read_around, sheets_in_order};

/// One record is held in memory; the longest valid text has 32 767 letters.
const LONGEST_RECORD: u64 = 4 << 20;
const MOST_FORMATS: usize = 1 << 17;

const ROW_HEADER: u32 = 0;
const CELL_RK: u32 = 2;
const CELL_BOOL: u32 = 4;
const CELL_REAL: u32 = 5;
const CELL_TEXT: u32 = 6;
const CELL_SHARED: u32 = 7;
const FORMULA_TEXT: u32 = 8;
const FORMULA_NUMBER: u32 = 9;
const FORMULA_BOOL: u32 = 10;
const SHARED_ITEM: u32 = 19;
const FORMAT: u32 = 44;
const CELL_FORMAT: u32 = 47;
const CELL_RICH_TEXT: u32 = 62;
const WORKBOOK_PROPERTIES: u32 = 153;
const SHEET: u32 = 156;
const BEGIN_CELL_FORMATS: u32 = 617;
const END_CELL_FORMATS: u32 = 618;
const COMMENT_AUTHOR: u32 = 632;
const BEGIN_COMMENT: u32 = 635;
const COMMENT_TEXT: u32 = 637;

pub(super) fn read(
    package: &mut Package<'_, '_>,
    types: &ContentTypes,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let main = package.untaken().into_iter().find(|&index| types.kind(package.name(index)) == Kind::Main);
    let Some(main) = main else {
        return Err(ReadError::malformed("office document", "its main part is missing"));
    };
    let name = package.name(main).to_owned();
    let links = relationships(package, &name)?;
    let mut workbook = Workbook::default();
    let mut listed = Vec::new();
    let result = records(package, main, &mut |kind, data| {
        match kind {
            WORKBOOK_PROPERTIES => workbook.since_1904 = u32_at(data, 0).is_some_and(|flags| flags & 1 == 1),
            SHEET => {
                let id = wide_text(data, 8);
                let title = id.as_ref().and_then(|(_, end)| wide_text(data, *end));
                if let (Some((id, _)), Some((title, _))) = (id, title) {
                    listed.push((title, id));
                }
            }
            _ => {}
        }
        Ok(())
    });
    tolerate(result, &name, writer)?;
    if let Some(index) = package.find("xl/styles.bin") {
        let result = read_styles(package, index, &mut workbook);
        tolerate(result, "xl/styles.bin", writer)?;
    }
    if let Some(index) = package.find("xl/sharedStrings.bin") {
        let strings = &mut workbook.strings;
        let result = records(package, index, &mut |kind, data| {
            if kind == SHARED_ITEM {
                let text = wide_text(data, 1).map(|(text, _)| text).unwrap_or_default();
                if !strings.push(&text) {
                    writer.paragraph(Place::field("cells"), &text)?;
                }
            }
            Ok(())
        });
        tolerate(result, "xl/sharedStrings.bin", writer)?;
    }
    for (index, sheet) in sheets_in_order(package, types, &links, listed) {
        let name = package.name(index).to_owned();
        let mut rows = SheetRows::new(writer, Arc::clone(&sheet));
        let mut row = 0;
        let result =
            records(package, index, &mut |kind, data| read_cell(kind, data, &mut row, &mut rows, &mut workbook));
        rows.finish()?;
        tolerate(result, &name, writer)?;
        read_comments(package, types, &name, &sheet, writer)?;
        read_around(package, types, index, &sheet, writer)?;
    }
    workbook.strings.write_unused(writer)?;
    Ok(())
}

fn read_cell(
    kind: u32,
    data: &[u8],
    row: &mut u32,
    rows: &mut SheetRows<'_, '_>,
    workbook: &mut Workbook,
) -> Result<(), ReadError> {
    if kind == ROW_HEADER {
        *row = u32_at(data, 0).unwrap_or(*row);
        return Ok(());
    }
    if !matches!(kind, CELL_RK..=FORMULA_BOOL | CELL_RICH_TEXT) {
        return Ok(());
    }
    let (Some(column), Some(style)) = (u32_at(data, 0), u32_at(data, 4)) else { return Ok(()) };
    let style = usize::try_from(style & 0x00FF_FFFF).unwrap_or(usize::MAX);
    let format = workbook.formats.get(style).unwrap_or(&NumberFormat::General);
    let text = match kind {
        CELL_RK => u32_at(data, 8).map(|rk| format.show(rk_number(rk), None, workbook.since_1904)),
        CELL_REAL | FORMULA_NUMBER => f64_at(data, 8).map(|number| format.show(number, None, workbook.since_1904)),
        CELL_BOOL | FORMULA_BOOL => data.get(8).map(|b| if *b == 0 { "FALSE" } else { "TRUE" }.to_owned()),
        CELL_TEXT | FORMULA_TEXT => wide_text(data, 8).map(|(text, _)| text),
        CELL_RICH_TEXT => wide_text(data, 9).map(|(text, _)| text),
        CELL_SHARED => {
            let index = u32_at(data, 8).and_then(|index| usize::try_from(index).ok());
            index.and_then(|index| workbook.strings.take(index)).map(str::to_owned)
        }
        _ => None,
    };
    rows.cell(*row, column, text.unwrap_or_default())
}

fn read_styles(package: &mut Package<'_, '_>, index: usize, workbook: &mut Workbook) -> Result<(), ReadError> {
    let mut codes = std::collections::HashMap::new();
    let mut in_cell_formats = false;
    records(package, index, &mut |kind, data| {
        match kind {
            FORMAT if codes.len() < MOST_FORMATS => {
                if let (Some(id), Some((code, _))) = (u16_at(data, 0), wide_text(data, 2)) {
                    codes.insert(u32::from(id), NumberFormat::parse(&code));
                }
            }
            BEGIN_CELL_FORMATS => in_cell_formats = true,
            END_CELL_FORMATS => in_cell_formats = false,
            CELL_FORMAT if in_cell_formats && workbook.formats.len() < MOST_FORMATS => {
                let id = u32::from(u16_at(data, 2).unwrap_or(0));
                let format = codes.get(&id).cloned().unwrap_or_else(|| NumberFormat::builtin(id));
                workbook.formats.push(format);
            }
            _ => {}
        }
        Ok(())
    })
}

fn read_comments(
    package: &mut Package<'_, '_>,
    types: &ContentTypes,
    sheet_part: &str,
    sheet: &Arc<str>,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    for link in relationships(package, sheet_part)? {
        let Some(index) = package.find(&link.target).filter(|&index| !package.is_taken(index)) else { continue };
        if link.external || !is_binary(&link.target) || types.kind(&link.target) != Kind::Comments {
            continue;
        }
        let mut rows = SheetRows::new(writer, Arc::clone(sheet));
        let mut at = None;
        let result = records(package, index, &mut |kind, data| match kind {
            BEGIN_COMMENT => {
                let (row, column) = (u32_at(data, 4), u32_at(data, 12));
                at = row.zip(column).map(|(row, column)| crate::model::Cell { row, column });
                Ok(())
            }
            COMMENT_TEXT => match wide_text(data, 1) {
                Some((text, _)) => rows.note(at, "comment", &text),
                None => Ok(()),
            },
            COMMENT_AUTHOR => match wide_text(data, 0) {
                Some((text, _)) => rows.note(None, "author of comments", &text),
                None => Ok(()),
            },
            _ => Ok(()),
        });
        rows.finish()?;
        tolerate(result, &link.target, writer)?;
    }
    Ok(())
}

type Visit<'v> = dyn FnMut(u32, &[u8]) -> Result<(), ReadError> + 'v;

/// A part in records, not in XML.
pub(super) fn is_binary(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("bin"))
}

/// Goes through the records of a part.
fn records(package: &mut Package<'_, '_>, index: usize, visit: &mut Visit<'_>) -> Result<(), ReadError> {
    let mut part = BufReader::with_capacity(16 * 1024, package.part(index)?);
    let mut data = Vec::new();
    while !part.fill_buf()?.is_empty() {
        let kind = variable(&mut part, 2)?;
        let length = u64::from(variable(&mut part, 4)?);
        if length > LONGEST_RECORD {
            return Err(ReadError::Budget(Reason::MemberTooLarge));
        }
        data.clear();
        (&mut part).take(length).read_to_end(&mut data)?;
        if (data.len() as u64) < length {
            return Err(ReadError::malformed("binary workbook", "a record is cut off"));
        }
        visit(kind, &data)?;
    }
    Ok(())
}

/// Seven bits a byte, lowest first, as long as the eighth is set ([MS-XLSB] 2.1.4).
fn variable(part: &mut impl Read, most: u32) -> Result<u32, ReadError> {
    let mut value = 0;
    for position in 0..most {
        let mut byte = [0];
        part.read_exact(&mut byte)?;
        let [byte] = byte;
        value |= u32::from(byte & 0x7F) << (7 * position);
        if byte & 0x80 == 0 {
            break;
        }
    }
    Ok(value)
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(data.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn f64_at(data: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(data.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// Thirty bits of a number and two that say how to widen it ([MS-XLSB] 2.5.122, [MS-XLS] 2.5.217).
pub(in crate::extract) fn rk_number(rk: u32) -> f64 {
    let number = if rk & 2 != 0 {
        f64::from(i32::from_le_bytes(rk.to_le_bytes()) >> 2)
    } else {
        f64::from_bits(u64::from(rk & !3) << 32)
    };
    if rk & 1 != 0 { number / 100.0 } else { number }
}

/// A length in letters and as many UTF-16 units; gives the offset behind it too.
fn wide_text(data: &[u8], at: usize) -> Option<(String, usize)> {
    let letters = usize::try_from(u32_at(data, at)?).ok()?;
    let start = at.checked_add(4)?;
    let end = start.checked_add(letters.checked_mul(2)?)?;
    let units = data.get(start..end)?.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair));
    Some((char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(), end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_numbers_are_widened() {
        let shown = |rk: u32| rk_number(rk).to_string();
        assert_eq!(shown((123 << 2) | 2), "123");
        assert_eq!(shown((12_345 << 2) | 3), "123.45");
        assert_eq!(shown(0x3FF0_0000), "1");
    }

    #[test]
    fn texts_end_where_the_record_ends() {
        let mut data = vec![2, 0, 0, 0];
        data.extend([b'a', 0, b'b', 0]);
        assert_eq!(wide_text(&data, 0), Some(("ab".into(), 8)));
        assert_eq!(wide_text(&[255, 255, 255, 255, 0], 0), None);
    }
}
