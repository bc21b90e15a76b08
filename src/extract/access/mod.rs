//! Reads the tables of Access databases (mdb, accdb) row by row, with the names of their columns.
//!
//! Microsoft does not publish the format of Jet 3, Jet 4 and ACE; this follows what mdbtools writes of it
//! (<https://github.com/mdbtools/mdbtools/blob/dev/HACKING.md>). A password that only programs ask for
//! protects nothing: the pages are in clear, or scrambled with a key that stands in the header. The
//! encryption of Access 2007 and later is the one of Office documents, and seals the file.

mod pages;
mod table;
mod value;

use std::collections::HashSet;

use crate::identify::Format;
use crate::model::{Protection, Reason};
use crate::open::budget::Budget;
use crate::open::input::{Access as Needs, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use super::rows::{Faults, Rows};
use super::writer::TextWriter;
use pages::{Header, Pages, Sealed};
use table::Table;

/// Where the table of all tables is defined.
const CATALOG: u32 = 2;
const MOST_TABLES: usize = 100_000;
/// Tables of which each fault is told by itself.
const MOST_FAULTS: u32 = 50;

pub struct Access;

impl Reader for Access {
    fn name(&self) -> &'static str {
        "access"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Access]
    }

    fn access(&self) -> Needs {
        Needs::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let header = match Header::read(input)? {
            Ok(header) => header,
            Err(Sealed(protection)) => {
                sink.protection(protection);
                return Err(ReadError::Encrypted);
            }
        };
        if header.key.is_some() {
            let evidence = "the pages are scrambled with a key that stands in the header of the database";
            sink.protection(Protection::opens_without_password("access-jet-rc4", evidence));
        }
        let mut pages = Pages::new(input, header);
        let mut writer = TextWriter::new(sink);
        let end = read(&mut pages, budget, &mut writer);
        writer.finish()?;
        end
    }
}

fn read(pages: &mut Pages<'_, '_>, budget: &Budget, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let catalog = Table::read(pages, CATALOG, budget)?;
    let mut tables: Vec<(String, u32)> = Vec::new();
    let mut faults = Faults::default();
    let column = |name: &str| catalog.columns.iter().position(|column| &*column.name == name);
    let (Some(id), Some(name), Some(kind)) = (column("Id"), column("Name"), column("Type")) else {
        return Err(ReadError::malformed("access", "the table of all tables is damaged"));
    };
    catalog.rows(pages, budget, &mut faults, &mut |row, _| {
        let number = |column| row.number(&catalog, column);
        // A table of this database: no query, no link to another one.
        if number(kind) == Some(1)
            && tables.len() < MOST_TABLES
            && let Some(id) = number(id)
        {
            let name = row.text(&catalog, name).unwrap_or_default();
            tables.push((name, u32::try_from(id & 0x00ff_ffff).unwrap_or(0)));
        }
        Ok(())
    })?;
    faults.report("the table of all tables", writer)?;
    if tables.len() >= MOST_TABLES {
        writer.sink()?.gap(Reason::TooManyMembers, "more tables than are read");
    }
    let mut told = 0;
    let mut seen = HashSet::new();
    for (name, page) in &tables {
        if !seen.insert(*page) {
            writer.sink()?.gap(Reason::Malformed, "two tables have one definition");
            break;
        }
        // What Access keeps for itself: forms, rights, relations. Queries and links may name people.
        if name.starts_with("MSys") && !matches!(name.as_str(), "MSysObjects" | "MSysQueries") {
            continue;
        }
        let mut faults = Faults::default();
        let done = read_table(pages, name, *page, budget, &mut faults, writer);
        faults.keep(done)?;
        if told < MOST_FAULTS {
            told += u32::from(faults.any());
            let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
            faults.report(&format!("table {name}"), writer)?;
        }
    }
    Ok(())
}

fn read_table(
    pages: &mut Pages<'_, '_>,
    name: &str,
    page: u32,
    budget: &Budget,
    faults: &mut Faults,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let table = Table::read(pages, page, budget)?;
    let names = table.columns.iter().map(|column| column.name.clone()).collect();
    // Its own lists are read for what a user put there.
    let derived = name.starts_with("MSys");
    let mut rows = Rows::new(writer, name, names)?;
    pages.forget();
    table.rows(pages, budget, faults, &mut |row, pages| {
        let written = value::write(row, &table, pages, derived, budget, &mut rows);
        rows.end_row()?;
        written
    })
}

#[cfg(test)]
mod tests;
