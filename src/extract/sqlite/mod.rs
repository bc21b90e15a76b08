//! Reads the tables of SQLite databases row by row, with the names of their columns.
//!
//! Specification: <https://www.sqlite.org/fileformat2.html>. The library that everybody uses is
//! written in C: here it would read hostile bytes with all the rights of the process, and hold what
//! a file declares. This reader is safe Rust, looks at each page once, and goes on behind damage.
//!
//! Not seen: changes that still wait in a `-wal` or `-journal` file beside the database (a file of
//! its own on the share), and what deleted rows left behind on free pages.

mod pages;
mod record;
mod schema;
mod tree;

use std::collections::HashSet;
use std::io::Read;

use crate::identify::Format;
use crate::model::Place;
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use super::rows::{Faults, Rows, real};
use super::writer::TextWriter;
use pages::{Pages, Payload};
use record::{Encoding, Field, Record};
use schema::Columns;

/// Tables of one database, and bytes of one of the statements that made them.
const MOST_TABLES: usize = 100_000;
const LONGEST_STATEMENT: u64 = 1 << 20;
/// Tables of which each fault is told by itself.
const MOST_FAULTS: u32 = 50;

pub struct Sqlite;

impl Reader for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Sqlite]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut header = [0; 100];
        input.read_exact(&mut header)?;
        let header = Header::parse(&header)?;
        let mut pages = Pages::new(input, header.page_size, header.reserved);
        let mut writer = TextWriter::new(sink);
        let end = read(&mut pages, header.encoding, budget, &mut writer);
        writer.finish()?;
        end
    }
}

struct Header {
    page_size: usize,
    reserved: usize,
    encoding: Encoding,
}

impl Header {
    fn parse(bytes: &[u8; 100]) -> Result<Self, ReadError> {
        let page_size = match u16::from_be_bytes([bytes[16], bytes[17]]) {
            1 => 65_536,
            size => usize::from(size),
        };
        let reserved = usize::from(bytes[20]);
        if !page_size.is_power_of_two() || page_size < 512 || page_size - reserved < 480 {
            return Err(ReadError::malformed("sqlite", "the size of its pages"));
        }
        if bytes[19] > 2 {
            return Err(ReadError::Unsupported("this version of the SQLite format"));
        }
        let encoding = match bytes[59] {
            2 => Encoding::Utf16Le,
            3 => Encoding::Utf16Be,
            _ => Encoding::Utf8,
        };
        Ok(Self { page_size, reserved, encoding })
    }
}

/// A table as the schema names it.
struct Table {
    name: String,
    root: u32,
    sql: String,
}

fn read(
    pages: &mut Pages<'_, '_>,
    encoding: Encoding,
    budget: &Budget,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let mut tables: Vec<Table> = Vec::new();
    let mut virtual_tables: HashSet<String> = HashSet::new();
    let mut faults = Faults::default();
    tree::walk(pages, 1, budget, &mut faults, &mut |_, payload| {
        let entry = SchemaEntry::read(payload, encoding)?;
        if entry.kind == "table" && entry.root == 0 {
            virtual_tables.insert(entry.name);
        } else if entry.kind == "table" {
            if tables.len() >= MOST_TABLES {
                return Err(ReadError::malformed("sqlite", "more tables than are read"));
            }
            tables.push(Table { name: entry.name, root: entry.root, sql: entry.sql });
        } else if entry.kind != "index" {
            // A view or a trigger: what it does is written out, with whatever values are in it.
            writer.paragraph(Place::field("schema"), &entry.sql)?;
        }
        Ok(())
    })?;
    faults.report("the schema", writer)?;
    let mut told = 0;
    for table in &tables {
        let columns = schema::columns(&table.sql);
        let derived = is_derived(&table.name, &virtual_tables);
        let mut faults = Faults::default();
        let mut rows = Rows::new(writer, &table.name, columns.names.clone())?;
        tree::walk(pages, table.root, budget, &mut faults, &mut |row_id, payload| {
            let written = write_row(row_id, payload, encoding, &columns, derived, budget, &mut rows);
            rows.end_row()?;
            written
        })?;
        if told < MOST_FAULTS {
            told += u32::from(faults.any());
            faults.report(&format!("table {}", told_name(&table.name)), writer)?;
        }
    }
    Ok(())
}

/// The name of a table in a message: no control characters, not endless.
fn told_name(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

/// An entry of the table of all tables.
struct SchemaEntry {
    kind: String,
    name: String,
    root: u32,
    sql: String,
}

impl SchemaEntry {
    fn read(payload: &mut Payload<'_, '_, '_>, encoding: Encoding) -> Result<Self, ReadError> {
        let mut record = Record::open(payload, encoding)?;
        let mut texts = [const { String::new() }; 5];
        let mut root = 0;
        for text in &mut texts {
            match record.next()? {
                Some(Field::Text(length)) if length <= LONGEST_STATEMENT => record.text(length, &mut |piece| {
                    text.push_str(&piece);
                    Ok(())
                })?,
                Some(Field::Text(_) | Field::Bytes(_)) => {
                    return Err(ReadError::malformed("sqlite", "an entry of the schema is too long"));
                }
                Some(Field::Integer(page)) => root = u32::try_from(page).unwrap_or(0),
                _ => {}
            }
        }
        let [kind, name, _, _, sql] = texts;
        Ok(Self { kind, name, root, sql })
    }
}

/// Whether a table belongs to an index for full-text or spatial search: numbers and bytes that were
/// made from what stands in other tables.
fn is_derived(name: &str, virtual_tables: &HashSet<String>) -> bool {
    const PARTS: &[&str] =
        &["data", "idx", "docsize", "config", "segments", "segdir", "stat", "node", "parent", "rowid"];
    let Some((of, part)) = name.rsplit_once('_') else { return false };
    PARTS.contains(&part) && virtual_tables.contains(of)
}

fn write_row(
    row_id: tree::RowId,
    payload: &mut Payload<'_, '_, '_>,
    encoding: Encoding,
    columns: &Columns,
    derived: bool,
    budget: &Budget,
    rows: &mut Rows<'_, '_>,
) -> Result<(), ReadError> {
    let mut record = Record::open(payload, encoding)?;
    let mut index = 0;
    while let Some(field) = record.next()? {
        // A value beyond the columns has no name.
        let column = columns.stored.get(index).copied().unwrap_or(index);
        index += 1;
        match field {
            Field::Null => {
                if columns.row_id == Some(column)
                    && let Some(row_id) = row_id
                {
                    rows.cell(column, row_id.to_string())?;
                }
            }
            Field::Integer(number) => rows.cell(column, number.to_string())?,
            Field::Real(number) => rows.cell(column, real(number))?,
            Field::Text(length) => record.text(length, &mut |piece| rows.cell(column, piece))?,
            Field::Bytes(length) => {
                let after = record.payload.left().saturating_sub(length);
                let mut content = (&mut *record.payload).take(length);
                rows.binary(column, length, &mut content, derived, budget)?;
                // What the sink did not want stands before the next value.
                let rest = record.payload.left().saturating_sub(after);
                std::io::copy(&mut (&mut *record.payload).take(rest), &mut std::io::sink())?;
            }
        }
    }
    for column in columns.stored.iter().skip(index) {
        if let Some(Some(value)) = columns.defaults.get(*column) {
            rows.cell(*column, value.as_str())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
