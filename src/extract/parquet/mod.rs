//! Reads Parquet files row by row, with the names of their columns.
//!
//! Specification: <https://parquet.apache.org/docs/file-format/>. A reader of our own: the crate of
//! Apache allocates what a page declares. Read are plain values and dictionaries, pages of both
//! versions, and the codecs snappy, gzip, zstd and lz4; a column of anything else is a gap.

mod column;
mod footer;
mod levels;
mod thrift;
mod value;

use std::io::{Read, Seek, SeekFrom};

use crate::identify::Format;
use crate::model::{Protection, Reason};
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use super::package::ends_the_file;
use super::rows::{Faults, Rows};
use super::writer::TextWriter;
use column::{Column, Held};
use footer::{Chunk, Leaf};

/// Bytes of the footer.
const LONGEST_FOOTER: u64 = 64 << 20;

pub struct Parquet;

impl Reader for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Parquet]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let size = input.size().unwrap_or(0);
        let mut end = [0; 8];
        let truncated = || ReadError::Io(std::io::ErrorKind::UnexpectedEof.into());
        input.seek(SeekFrom::Start(size.checked_sub(8).ok_or_else(truncated)?))?;
        input.read_exact(&mut end)?;
        let [a, b, c, d, magic @ ..] = end;
        if &magic == b"PARE" {
            let evidence = "the footer is encrypted (AES-GCM, magic PARE)";
            sink.protection(Protection::strong("parquet-aes", evidence));
            return Err(ReadError::Encrypted);
        }
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        if &magic != b"PAR1" {
            return Err(truncated());
        }
        if length > LONGEST_FOOTER {
            return Err(ReadError::Budget(Reason::MemberTooLarge));
        }
        let damaged = || ReadError::malformed("parquet", "the footer is damaged");
        input.seek(SeekFrom::Start((size - 8).checked_sub(length).ok_or_else(damaged)?))?;
        let mut footer = Vec::new();
        (&mut *input).take(length).read_to_end(&mut footer)?;
        let leaves = footer::leaves(&footer).ok_or_else(damaged)?;
        let mut writer = TextWriter::new(sink);
        let mut faults = Faults::default();
        let result = read(&footer, &leaves, input, budget, &mut faults, &mut writer);
        faults.report("columns", &mut writer)?;
        writer.finish()?;
        result.unwrap_or_else(|| Err(damaged()))
    }
}

/// None if the footer is damaged.
fn read(
    footer: &[u8],
    leaves: &[Leaf],
    input: &mut Input<'_>,
    budget: &Budget,
    faults: &mut Faults,
    writer: &mut TextWriter<'_>,
) -> Option<Result<(), ReadError>> {
    let names = leaves.iter().map(|leaf| leaf.name.clone()).collect();
    let mut rows = match Rows::new(writer, "", names) {
        Ok(rows) => rows,
        Err(error) => return Some(Err(error)),
    };
    footer::groups(footer, leaves.len(), &mut |count, chunks| {
        read_group(count, chunks, leaves, input, budget, faults, &mut rows)
    })
}

fn read_group(
    count: u64,
    chunks: &[Chunk],
    leaves: &[Leaf],
    input: &mut Input<'_>,
    budget: &Budget,
    faults: &mut Faults,
    rows: &mut Rows<'_, '_>,
) -> Result<(), ReadError> {
    let mut held = Held::default();
    let mut columns: Vec<Option<Column<'_>>> = Vec::new();
    for (leaf, chunk) in leaves.iter().zip(chunks) {
        let column = Column::new(leaf, chunk);
        match column {
            Ok(column) => columns.push(Some(column)),
            Err(error) => {
                faults.keep(Err(error))?;
                columns.push(None);
            }
        }
    }
    for _ in 0..count {
        budget.check()?;
        let mut any = false;
        for (index, slot) in columns.iter_mut().enumerate() {
            let Some(column) = slot else { continue };
            let leaf = column.leaf;
            let result = column.row(input, budget, &mut held, &mut |bytes| {
                // A dictionary gives the same text to many rows.
                budget.spend_bytes(bytes.len() as u64)?;
                match value::show(leaf, bytes) {
                    Some(text) => rows.cell(index, text),
                    None => rows.binary(index, bytes.len() as u64, &mut &*bytes, false, budget),
                }
            });
            match result {
                Ok(got) => any |= got,
                Err(error) if ends_the_file(&error) => return Err(error),
                Err(error) => {
                    faults.keep(Err(error))?;
                    *slot = None;
                }
            }
        }
        rows.end_row()?;
        if !any {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
