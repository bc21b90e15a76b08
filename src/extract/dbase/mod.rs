//! Reads the tables of dBase, FoxPro and Clipper, and the long texts that they keep in memo files.
//!
//! Specification: the file structures of dBase III and IV in "dBase File Format (DBF)", Library of
//! Congress fdd000325, and of Visual FoxPro in "Table File Structure". Rows that are only marked as
//! deleted are read: they are in the file for everybody to see.

mod fields;
mod memo;

use std::io::{BufRead, Read};

use crate::identify::Format;
use crate::model::Reason;
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use super::rows::Rows;
use super::writer::TextWriter;
use fields::{Field, Letters};

/// Bytes of rows by which an encoding is found that the header does not name.
const SAMPLE: usize = 256 * 1024;

pub struct Dbase;

impl Reader for Dbase {
    fn name(&self) -> &'static str {
        "dbase"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Dbase, Format::DbaseMemo]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, _budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let extension = input.name().extension();
        let mut input = input.buffered();
        let mut writer = TextWriter::new(sink);
        let end = match extension.as_str() {
            "fpt" | "dbt" => memo::read(&mut input, &extension, &mut writer),
            _ => read(&mut input, &mut writer),
        };
        writer.finish()?;
        end
    }
}

fn read(input: &mut impl BufRead, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let mut header = [0; 32];
    input.read_exact(&mut header)?;
    let declared = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
    let header_length = u64::from(u16::from_le_bytes([header[8], header[9]]));
    let row_length = usize::from(u16::from_le_bytes([header[10], header[11]]));
    let mut descriptors = Vec::new();
    input.take(header_length.saturating_sub(32)).read_to_end(&mut descriptors)?;
    let fields = fields::fields(&descriptors, header[0]);
    if fields.is_empty() || row_length < 2 {
        return Err(ReadError::malformed("dbf", "its columns are damaged"));
    }
    // Rows by which the encoding is found are kept and written first.
    let mut sample = Vec::new();
    input.take(SAMPLE as u64 / row_length as u64 * row_length as u64).read_to_end(&mut sample)?;
    let letters = Letters::of(header[29], &fields, &sample, row_length);
    let names = fields.iter().map(|field| letters.decode(&field.name).as_str().into()).collect();
    let mut rows = Rows::new(writer, "", names)?;
    let mut input = sample.as_slice().chain(input);
    let mut row = Vec::new();
    let (mut count, mut strays) = (0u32, 0u32);
    loop {
        row.clear();
        (&mut input).take(row_length as u64).read_to_end(&mut row)?;
        let whole = row.len() == row_length;
        match row.first() {
            // More rows than declared are rows that were added by a program that crashed.
            Some(b' ' | b'*') if whole || count < declared => write_row(&row, &fields, &letters, &mut rows)?,
            Some(_) if whole && count < declared => {
                strays += 1;
                write_row(&row, &fields, &letters, &mut rows)?;
            }
            _ => break,
        }
        if !whole {
            break;
        }
        count = count.saturating_add(1);
    }
    if count < declared {
        writer.sink()?.gap(Reason::Truncated, &format!("{count} of {declared} rows are there"));
    } else if strays > 0 {
        writer.sink()?.gap(Reason::Malformed, &format!("{strays} rows are damaged"));
    }
    Ok(())
}

fn write_row(row: &[u8], fields: &[Field], letters: &Letters, rows: &mut Rows<'_, '_>) -> Result<(), ReadError> {
    for (column, field) in fields.iter().enumerate() {
        let end = row.len().min(field.start + field.length);
        if let Some(text) = row.get(field.start..end).and_then(|bytes| field.show(bytes, letters)) {
            rows.cell(column, text)?;
        }
    }
    rows.end_row()
}

#[cfg(test)]
mod tests;
