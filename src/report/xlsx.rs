//! A workbook for spreadsheet programs: sheets of text and numbers, and nothing that a program would run.

use std::fmt::Write as _;
use std::io::{self, Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::html::escape;

/// What a cell may hold, and how many rows a sheet may have, by the programs' limits.
const CELL: usize = 32_000;
const ROWS: usize = 1_048_000;

/// One sheet: its first row heads it, stays in sight, and can be filtered by.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    pub name: String,
    /// With the width of each column in characters.
    pub columns: Vec<(String, u32)>,
    pub rows: Vec<Vec<Cell>>,
}

/// Text is written as text: nothing in it can become a formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    Number(u64),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// As it stands in a row of CSV.
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(n) => n.to_string(),
        }
    }
}

/// Office Open XML (ECMA-376) in its plainest form: inline strings, one style for heads.
pub fn workbook(sheets: &[Sheet]) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str, content: &str| -> io::Result<()> {
        zip.start_file(name, SimpleFileOptions::default().large_file(content.len() > u32::MAX as usize))
            .map_err(io::Error::other)?;
        zip.write_all(br#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#)?;
        zip.write_all(content.as_bytes())
    };
    let numbered = |text: fn(usize) -> String| (1..=sheets.len()).map(text).collect::<String>();
    let types = numbered(|i| {
        format!(
            r#"<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#
        )
    });
    part(
        "[Content_Types].xml",
        &format!(
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>{types}</Types>"#
        ),
    )?;
    part(
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    )?;
    let mut list = String::new();
    for (i, sheet) in (1..).zip(sheets) {
        let name = escape(&sheet_name(&sheet.name));
        let _ = write!(list, r#"<sheet name="{name}" sheetId="{i}" r:id="rId{i}"/>"#);
    }
    part(
        "xl/workbook.xml",
        &format!(
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{list}</sheets></workbook>"#
        ),
    )?;
    let relations = numbered(|i| {
        format!(
            r#"<Relationship Id="rId{i}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{i}.xml"/>"#
        )
    });
    part(
        "xl/_rels/workbook.xml.rels",
        &format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}<Relationship Id="rId{}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#,
            sheets.len() + 1
        ),
    )?;
    part(
        "xl/styles.xml",
        r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font><sz val="10"/><name val="Calibri"/></font><font><b/><sz val="10"/><name val="Calibri"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFE6EEF5"/></patternFill></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf fontId="0" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf><xf fontId="1" fillId="2" applyFont="1" applyFill="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf><xf numFmtId="3" fontId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"/></xf></cellXfs></styleSheet>"#,
    )?;
    for (i, sheet) in (1..).zip(sheets) {
        part(&format!("xl/worksheets/sheet{i}.xml"), &worksheet(sheet))?;
    }
    Ok(zip.finish().map_err(io::Error::other)?.into_inner())
}

fn worksheet(sheet: &Sheet) -> String {
    let mut xml = String::from(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>"#,
    );
    for (i, (_, width)) in (1..).zip(&sheet.columns) {
        let _ = write!(xml, r#"<col min="{i}" max="{i}" width="{width}" customWidth="1"/>"#);
    }
    xml.push_str("</cols><sheetData>");
    let head: Vec<Cell> = sheet.columns.iter().map(|(name, _)| Cell::text(name)).collect();
    push_row(&mut xml, &head, 1, 1);
    for (at, row) in (2..).zip(sheet.rows.iter().take(ROWS)) {
        push_row(&mut xml, row, at, 0);
    }
    let last = crate::model::Cell {
        row: u32::try_from(sheet.rows.len().min(ROWS)).unwrap_or(u32::MAX),
        column: u32::try_from(sheet.columns.len().saturating_sub(1)).unwrap_or(0),
    };
    let _ = write!(xml, r#"</sheetData><autoFilter ref="A1:{last}"/></worksheet>"#);
    xml
}

fn push_row(xml: &mut String, cells: &[Cell], at: u32, style: u8) {
    let _ = write!(xml, r#"<row r="{at}">"#);
    for (column, cell) in (0..).zip(cells) {
        let place = crate::model::Cell { row: at - 1, column };
        let _ = match cell {
            Cell::Number(n) => write!(xml, r#"<c r="{place}" s="2"><v>{n}</v></c>"#),
            Cell::Text(text) if text.is_empty() => Ok(()),
            Cell::Text(text) => write!(
                xml,
                r#"<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>"#,
                escape(&allowed(text))
            ),
        };
    }
    xml.push_str("</row>");
}

/// Without what XML 1.0 does not allow, and no longer than a cell may be. `_x0041_` would be
/// read as an escape: its underline is escaped itself.
fn allowed(text: &str) -> String {
    let is_allowed = |c: &char| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let text: String = text.chars().filter(is_allowed).take(CELL).collect();
    text.replace("_x", "_x005F_x")
}

/// At most 31 letters, and none of those that a reference needs.
fn sheet_name(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'')).take(31).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_workbook_has_its_parts_and_text_stays_text() {
        let rows = vec![vec![Cell::text("=1+1 <b> \u{1}&_x0041_"), Cell::Number(7)]];
        let sheet = Sheet { name: "A/B".into(), columns: vec![("File".into(), 40), ("n".into(), 8)], rows };
        let bytes = workbook(&[sheet.clone(), sheet]).unwrap();
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut text = |name: &str| {
            let mut text = String::new();
            zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        let sheet = text("xl/worksheets/sheet2.xml");
        assert!(sheet.contains("=1+1 &lt;b&gt; &amp;_x005F_x0041_</t>"), "{sheet}");
        assert!(sheet.contains(r#"<c r="B2" s="2"><v>7</v></c>"#) && !sheet.contains("<f>"), "{sheet}");
        assert!(text("xl/workbook.xml").contains(r#"<sheet name="AB" sheetId="1" r:id="rId1"/>"#));
    }
}
