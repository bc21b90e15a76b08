//! Reads Excel workbooks cell by cell, as a stream: hidden sheets, comments, text boxes and cached values included.

use std::collections::HashMap;
use std::sync::Arc;

use crate::extract::office_xml::{Markup, Token};
use crate::extract::package::{Package, tolerate};
use crate::extract::sheet::{NumberFormat, SharedStrings, SheetRows, parse_reference};
use crate::extract::writer::TextWriter;
use crate::model::{Cell, Place};
use crate::open::reader::ReadError;

use super::binary_sheets::is_binary;
use super::parts::{ContentTypes, Kind, Relationship, relationships};
use super::read_story;
use super::sheet_rules::{self, said_by};
use super::story::Shapes;

const LONGEST_WORKBOOK: u64 = 64 << 20;
/// As many formats as any workbook may have, and a hostile one no more.
const MOST_FORMATS: usize = 1 << 17;

/// What the sheets of a workbook share.
#[derive(Default)]
pub(super) struct Workbook {
    pub(super) strings: SharedStrings,
    /// By the style index of a cell.
    pub(super) formats: Vec<NumberFormat>,
    pub(super) since_1904: bool,
}

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
    let xml = package.small(&name, LONGEST_WORKBOOK)?;
    match &xml {
        Some(xml) => {
            listed = read_workbook(xml, &mut workbook);
            sheet_rules::write_names(xml, writer)?;
        }
        None => writer.sink()?.gap(crate::model::Reason::Malformed, "the list of sheets is damaged"),
    }
    package.dismiss(main);
    read_styles(package, &links, &mut workbook, writer)?;
    read_strings(package, &links, &mut workbook.strings, writer)?;
    for (index, sheet) in sheets_in_order(package, types, &links, listed) {
        read_sheet(package, index, &sheet, &mut workbook, writer)?;
        read_around(package, types, index, &sheet, writer)?;
    }
    workbook.strings.write_unused(writer)?;
    Ok(())
}

/// Sheets as the workbook lists them, then those that it does not list.
pub(super) fn sheets_in_order(
    package: &Package<'_, '_>,
    types: &ContentTypes,
    links: &[Relationship],
    listed: Vec<(String, String)>,
) -> Vec<(usize, Arc<str>)> {
    let mut sheets: Vec<(usize, Arc<str>)> = Vec::new();
    for (title, id) in listed {
        let target = links.iter().find(|link| link.id == id).and_then(|link| package.find(&link.target));
        if let Some(index) = target
            && sheets.iter().all(|(other, _)| *other != index)
        {
            sheets.push((index, title.into()));
        }
    }
    for index in package.untaken() {
        let name = package.name(index);
        if types.kind(name) == Kind::Sheet && sheets.iter().all(|(other, _)| *other != index) {
            let file = name.rsplit('/').next().unwrap_or(name);
            sheets.push((index, file.split('.').next().unwrap_or(file).into()));
        }
    }
    sheets
}

/// Title and relationship of every sheet, hidden ones too.
fn read_workbook(xml: &[u8], workbook: &mut Workbook) -> Vec<(String, String)> {
    let mut part = xml;
    let mut markup = Markup::new(&mut part);
    let mut sheets = Vec::new();
    while let Ok(Some(token)) = markup.next() {
        let Token::Open(tag) = token else { continue };
        match tag.name() {
            "workbookPr" => {
                workbook.since_1904 = matches!(tag.attribute("date1904").as_deref(), Some("1" | "true" | "on"));
            }
            "sheet" => {
                if let (Some(name), Some(id)) = (tag.attribute("name"), tag.prefixed_attribute("id")) {
                    sheets.push((name, id));
                }
            }
            _ => {}
        }
    }
    sheets
}

fn linked(package: &Package<'_, '_>, links: &[Relationship], kind: &str, usual: &str) -> Option<usize> {
    let link = links.iter().find(|link| link.kind == kind && !link.external);
    link.and_then(|link| package.find(&link.target)).or_else(|| package.find(usual))
}

fn read_styles(
    package: &mut Package<'_, '_>,
    links: &[Relationship],
    workbook: &mut Workbook,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let Some(index) = linked(package, links, "styles", "xl/styles.xml") else { return Ok(()) };
    let name = package.name(index).to_owned();
    let result = package.part(index).and_then(|mut part| {
        let mut markup = Markup::new(&mut part);
        let mut codes: HashMap<u32, NumberFormat> = HashMap::new();
        let mut in_cell_formats = false;
        while let Some(token) = markup.next()? {
            match token {
                Token::Open(tag) => match tag.name() {
                    "numFmt" if codes.len() < MOST_FORMATS => {
                        let id = tag.attribute("numFmtId").and_then(|id| id.parse().ok());
                        if let (Some(id), Some(code)) = (id, tag.attribute("formatCode")) {
                            codes.insert(id, NumberFormat::parse(&code));
                        }
                    }
                    "cellXfs" => in_cell_formats = true,
                    "xf" if in_cell_formats && workbook.formats.len() < MOST_FORMATS => {
                        let id = tag.attribute("numFmtId").and_then(|id| id.parse().ok()).unwrap_or(0);
                        let format = codes.get(&id).cloned().unwrap_or_else(|| NumberFormat::builtin(id));
                        workbook.formats.push(format);
                    }
                    _ => {}
                },
                Token::Close(end) if end.name() == "cellXfs" => in_cell_formats = false,
                _ => {}
            }
        }
        Ok(())
    });
    tolerate(result, &name, writer).map(drop)
}

fn read_strings(
    package: &mut Package<'_, '_>,
    links: &[Relationship],
    strings: &mut SharedStrings,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let Some(index) = linked(package, links, "sharedStrings", "xl/sharedStrings.xml") else { return Ok(()) };
    let name = package.name(index).to_owned();
    let result = package.part(index).and_then(|mut part| {
        let mut markup = Markup::new(&mut part);
        let mut text = String::new();
        let mut collecting = false;
        loop {
            let skip = match markup.next()? {
                None => return Ok(()),
                Some(Token::Open(tag)) => {
                    match tag.name() {
                        "si" => text.clear(),
                        "t" => collecting = true,
                        _ => {}
                    }
                    // How a Japanese text is pronounced.
                    tag.name() == "rPh"
                }
                Some(Token::Text(more)) => {
                    if collecting {
                        text.push_str(&more);
                    }
                    false
                }
                Some(Token::Close(end)) => {
                    match end.name() {
                        "t" => collecting = false,
                        "si" if !strings.push(&text) => {
                            writer.paragraph(Place::field("cells"), &text)?;
                        }
                        _ => {}
                    }
                    false
                }
                Some(Token::Other) => false,
            };
            if skip {
                markup.skip()?;
            }
        }
    });
    tolerate(result, &name, writer).map(drop)
}

fn read_sheet(
    package: &mut Package<'_, '_>,
    index: usize,
    sheet: &Arc<str>,
    workbook: &mut Workbook,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let name = package.name(index).to_owned();
    let result = package.part(index).and_then(|mut part| {
        let mut rows = SheetRows::new(writer, Arc::clone(sheet));
        let result = read_cells(&mut Markup::new(&mut part), &mut rows, workbook);
        rows.finish().and(result)
    });
    writer.flush()?;
    tolerate(result, &name, writer).map(drop)
}

/// What the value of a cell is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Type {
    #[default]
    Number,
    Shared,
    /// Inline, of a formula, or a date in ISO 8601.
    Text,
    Boolean,
}

fn read_cells(markup: &mut Markup<'_>, rows: &mut SheetRows<'_, '_>, workbook: &mut Workbook) -> Result<(), ReadError> {
    let mut at = Cell { row: 0, column: 0 };
    let mut next_row = 0;
    let (mut kind, mut style) = (Type::Number, None);
    let mut value = String::new();
    let mut collecting = false;
    let mut page_text = false;
    // A list of the values that a cell may have.
    let mut in_list = false;
    loop {
        let skip = match markup.next()? {
            None => return Ok(()),
            Some(Token::Open(tag)) => {
                match tag.name() {
                    "row" => {
                        let row = tag.attribute("r").and_then(|r| r.parse::<u32>().ok());
                        at = Cell { row: row.and_then(|r| r.checked_sub(1)).unwrap_or(next_row), column: 0 };
                        next_row = at.row.saturating_add(1);
                    }
                    "c" => {
                        if let Some(cell) = tag.attribute("r").as_deref().and_then(parse_reference) {
                            at = cell;
                        }
                        kind = match tag.attribute("t").as_deref() {
                            Some("s") => Type::Shared,
                            Some("b") => Type::Boolean,
                            Some("n") | None => Type::Number,
                            Some(_) => Type::Text,
                        };
                        style = tag.attribute("s").and_then(|s| s.parse::<usize>().ok());
                        value.clear();
                    }
                    "v" | "t" => collecting = true,
                    "oddHeader" | "oddFooter" | "evenHeader" | "evenFooter" | "firstHeader" | "firstFooter" => {
                        value.clear();
                        page_text = true;
                    }
                    "formula1" => {
                        value.clear();
                        in_list = true;
                    }
                    _ => {
                        for (title, text) in said_by(&tag) {
                            rows.note(None, title, &text)?;
                        }
                    }
                }
                matches!(tag.name(), "f" | "rPh") && !in_list
            }
            Some(Token::Text(text)) => {
                if collecting || page_text || in_list {
                    value.push_str(&text);
                }
                false
            }
            Some(Token::Close(end)) => {
                match end.name() {
                    "v" | "t" => collecting = false,
                    "c" => {
                        write_cell(rows, workbook, at, kind, style, &value)?;
                        at.column = at.column.saturating_add(1);
                    }
                    "oddHeader" | "oddFooter" | "evenHeader" | "evenFooter" | "firstHeader" | "firstFooter" => {
                        page_text = false;
                        rows.note(None, "page header or footer", &value)?;
                    }
                    "formula1" => {
                        in_list = false;
                        // Others refer to cells.
                        if value.trim_start().starts_with('"') {
                            rows.note(None, "values to choose from", value.trim().trim_matches('"'))?;
                        }
                    }
                    _ => {}
                }
                false
            }
            Some(Token::Other) => false,
        };
        if skip {
            markup.skip()?;
        }
    }
}

fn write_cell(
    rows: &mut SheetRows<'_, '_>,
    workbook: &mut Workbook,
    at: Cell,
    kind: Type,
    style: Option<usize>,
    value: &str,
) -> Result<(), ReadError> {
    if value.is_empty() {
        return Ok(());
    }
    match kind {
        Type::Shared => {
            let shared = value.trim().parse().ok().and_then(|index| workbook.strings.take(index));
            rows.cell(at.row, at.column, shared.unwrap_or_default())
        }
        Type::Text => rows.cell(at.row, at.column, value),
        Type::Boolean => rows.cell(at.row, at.column, if value.trim() == "0" { "FALSE" } else { "TRUE" }),
        Type::Number => match value.trim().parse::<f64>() {
            Ok(number) => {
                let format = style.and_then(|style| workbook.formats.get(style)).unwrap_or(&NumberFormat::General);
                rows.cell(at.row, at.column, format.show(number, Some(value), workbook.since_1904))
            }
            Err(_) => rows.cell(at.row, at.column, value),
        },
    }
}

/// Comments, text boxes and charts of one sheet.
pub(super) fn read_around(
    package: &mut Package<'_, '_>,
    types: &ContentTypes,
    index: usize,
    sheet: &Arc<str>,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let name = package.name(index).to_owned();
    let mut queue = relationships(package, &name)?;
    let mut unused = std::collections::BTreeSet::new();
    let mut next = 0;
    while let Some(link) = queue.get(next).cloned() {
        next += 1;
        if link.external {
            continue;
        }
        let Some(part) = package.find(&link.target).filter(|&part| !package.is_taken(part)) else { continue };
        let kind = types.kind(package.name(part));
        match kind {
            Kind::Comments | Kind::ThreadedComments if !is_binary(&link.target) => {
                read_comments(package, part, sheet, writer)?;
            }
            Kind::Drawing | Kind::Chart | Kind::Diagram => {
                let title = if kind == Kind::Chart { "chart" } else { "drawing" };
                let place = Place { sheet: Some(Arc::clone(sheet)), ..Place::field(title) };
                read_story(package, part, writer, Shapes::All, &mut unused, &|_| place.clone())?;
                queue.extend(relationships(package, &link.target)?);
            }
            _ => {}
        }
    }
    Ok(())
}

fn read_comments(
    package: &mut Package<'_, '_>,
    index: usize,
    sheet: &Arc<str>,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let name = package.name(index).to_owned();
    let result = package.part(index).and_then(|mut part| {
        let mut rows = SheetRows::new(writer, Arc::clone(sheet));
        let mut markup = Markup::new(&mut part);
        let mut at = None;
        let mut text = String::new();
        while let Some(token) = markup.next()? {
            match token {
                Token::Open(tag) => match tag.name() {
                    "comment" | "threadedComment" => {
                        at = tag.attribute("ref").as_deref().and_then(parse_reference);
                        text.clear();
                    }
                    "author" => text.clear(),
                    _ => {}
                },
                Token::Text(more) => text.push_str(&more),
                Token::Close(end) => match end.name() {
                    "comment" | "threadedComment" => rows.note(at, "comment", text.trim())?,
                    "author" => rows.note(None, "author of comments", text.trim())?,
                    _ => {}
                },
                Token::Other => {}
            }
        }
        Ok(())
    });
    tolerate(result, &name, writer).map(drop)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{package, read_bytes};

    const WORKBOOK: &str =
        "<workbook><sheets><sheet name='Paghe' sheetId='1' state='hidden' r:id='r1'/></sheets></workbook>";
    const LINKS: &str =
        "<Relationships><Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/></Relationships>";
    const STYLES: &str = "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='dd/mm/yyyy'/></numFmts>\
        <cellXfs><xf numFmtId='0'/><xf numFmtId='164'/></cellXfs></styleSheet>";
    const STRINGS: &str = "<sst><si><t>Nome</t></si><si><t>Nato</t></si><si><r><t>An</t></r><r><t>na</t></r></si><si><t>orphan</t></si></sst>";

    fn workbook(sheet: &str, more: &[(&str, &str)]) -> Vec<u8> {
        let mut parts = vec![
            ("xl/workbook.xml", WORKBOOK),
            ("xl/_rels/workbook.xml.rels", LINKS),
            ("xl/styles.xml", STYLES),
            ("xl/sharedStrings.xml", STRINGS),
            ("xl/worksheets/sheet1.xml", sheet),
        ];
        parts.extend(more);
        package(&parts)
    }

    #[test]
    fn cells_have_their_text_place_and_column() {
        let collected = read_bytes(&workbook(
            "<worksheet><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c></row>\
             <row r='2'><c r='A2' t='s'><v>2</v></c><c r='B2' s='1'><f>X</f><v>29260</v></c><c t='inlineStr'><is><t>in</t></is></c></row>\
             </sheetData></worksheet>",
            &[],
        ));
        assert_eq!(collected.content(), "Nome\tNato\nAnna\t1980-02-09\tin\norphan\n");
        let text = collected.texts.first().unwrap();
        let date = text.content().find("1980").unwrap();
        assert_eq!(text.place(date).to_string(), "sheet Paghe, cell B2");
        assert_eq!(text.label(date), Some("Nato"));
        assert_eq!(text.place(text.content().find("in\n").unwrap()).to_string(), "sheet Paghe, cell C2");
    }

    #[test]
    fn a_sheet_that_claims_a_billion_cells_costs_what_it_holds() {
        let collected = read_bytes(&workbook(
            "<worksheet><dimension ref='A1:XFD1048576'/><sheetData><row r='4294967295'><c r='XFD4294967295'><v>7</v></c></row></sheetData></worksheet>",
            &[],
        ));
        assert!(collected.content().starts_with("7\n"));
    }

    #[test]
    fn comments_stand_at_their_cell() {
        let collected = read_bytes(&workbook(
            "<worksheet/>",
            &[
                (
                    "xl/worksheets/_rels/sheet1.xml.rels",
                    "<Relationships><Relationship Id='r1' Type='x/comments' Target='../comments1.xml'/></Relationships>",
                ),
                (
                    "xl/comments1.xml",
                    "<comments><comment ref='C3'><text><r><t>mala</t></r><r><t>ta</t></r></text></comment></comments>",
                ),
            ],
        ));
        let text = collected.texts.first().unwrap();
        assert!(text.content().starts_with("malata\n"));
        assert_eq!(text.place(0).to_string(), "sheet Paghe, cell C3, comment");
    }
}
