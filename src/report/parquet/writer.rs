//! Collects rows into the columns of a group and writes group after group with the `parquet` crate.

use std::io::{self, Write};
use std::sync::Arc;

use ::parquet::basic::{Compression, GzipLevel, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, FloatType, Int64Type};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::Type;

use crate::report::rows::{Cell, Kind};

/// Bytes of a group of rows before they are encoded: about what is held in memory.
const GROUP_BYTES: usize = 16 << 20;

/// Values of a column in the group of rows that is being collected.
enum Values {
    Truth(Vec<bool>),
    Integer(Vec<i64>),
    Real(Vec<f32>),
    /// One after the other, and where each ends.
    Text(Vec<u8>, Vec<usize>),
}

struct Column {
    /// Definition levels: 1 where there is a value, 0 for null.
    levels: Vec<i16>,
    values: Values,
}

/// Writes row after row to `out`, which need not be able to seek.
pub(super) struct Writer<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Column>,
    bytes: usize,
    group_bytes: usize,
}

impl<W: Write + Send> Writer<W> {
    /// The columns by name and kind; each may be null.
    ///
    /// # Errors
    /// `out` cannot be written to.
    pub(super) fn new(out: W, columns: &[(&str, Kind)], created_by: &str) -> io::Result<Self> {
        let fields = columns.iter().map(|&(name, kind)| Ok(Arc::new(field(name, kind)?))).collect::<Result<_>>();
        let schema = fields.and_then(|fields| Type::group_type_builder("plainsight").with_fields(fields).build());
        let properties = WriterProperties::builder()
            // What every reader knows.
            .set_compression(Compression::GZIP(GzipLevel::try_new(1).map_err(failed)?))
            .set_created_by(created_by.to_owned())
            // What is said of every page would be held until the end.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .build();
        let file = SerializedFileWriter::new(out, Arc::new(schema.map_err(failed)?), Arc::new(properties));
        let columns = columns.iter().map(|&(_, kind)| Column::new(kind)).collect();
        Ok(Self { file: file.map_err(failed)?, columns, bytes: 0, group_bytes: GROUP_BYTES })
    }

    /// Adds a row; cells that are not given, or not of the kind of their column, are null.
    pub(super) fn row(&mut self, cells: &[Cell]) -> io::Result<()> {
        for (index, column) in self.columns.iter_mut().enumerate() {
            self.bytes += column.push(cells.get(index).unwrap_or(&Cell::Missing));
        }
        if self.bytes >= self.group_bytes { self.end_group().map_err(failed) } else { Ok(()) }
    }

    /// Writes what is collected, and the footer with these facts; gives back where it was written to.
    pub(super) fn finish(mut self, facts: Vec<(&str, String)>) -> io::Result<W> {
        if self.bytes > 0 {
            self.end_group().map_err(failed)?;
        }
        for (key, value) in facts {
            self.file.append_key_value_metadata(KeyValue::new(key.to_owned(), value));
        }
        self.file.into_inner().map_err(failed)
    }

    fn end_group(&mut self) -> Result<()> {
        let mut group = self.file.next_row_group()?;
        for column in &mut self.columns {
            if let Some(writer) = group.next_column()? {
                column.write(writer)?;
            }
        }
        group.close()?;
        self.bytes = 0;
        Ok(())
    }
}

fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

fn field(name: &str, kind: Kind) -> Result<Type> {
    let (physical, logical) = match kind {
        Kind::Truth => (Physical::BOOLEAN, None),
        Kind::Integer => (Physical::INT64, None),
        Kind::Moment => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
        Kind::Real => (Physical::FLOAT, None),
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    let field = Type::primitive_type_builder(name, physical).with_logical_type(logical);
    field.with_repetition(Repetition::OPTIONAL).build()
}

impl Column {
    fn new(kind: Kind) -> Self {
        let values = match kind {
            Kind::Truth => Values::Truth(Vec::new()),
            Kind::Integer | Kind::Moment => Values::Integer(Vec::new()),
            Kind::Real => Values::Real(Vec::new()),
            Kind::Text => Values::Text(Vec::new(), Vec::new()),
        };
        Self { levels: Vec::new(), values }
    }

    /// Takes the next value; says how many bytes it takes up.
    fn push(&mut self, cell: &Cell) -> usize {
        let bytes = match (&mut self.values, cell) {
            (Values::Truth(values), Cell::Truth(is)) => {
                values.push(*is);
                1
            }
            (Values::Integer(values), Cell::Integer(number)) => {
                values.push(*number);
                8
            }
            (Values::Real(values), Cell::Real(number)) => {
                values.push(*number);
                4
            }
            (Values::Text(bytes, ends), Cell::Text(text)) => {
                bytes.extend_from_slice(text.as_bytes());
                ends.push(bytes.len());
                text.len() + size_of::<usize>()
            }
            _ => 0,
        };
        self.levels.push(i16::from(bytes > 0));
        bytes + size_of::<i16>()
    }

    /// Empties the column into the file.
    fn write(&mut self, mut writer: SerializedColumnWriter<'_>) -> Result<()> {
        let levels = Some(self.levels.as_slice());
        match &mut self.values {
            Values::Truth(values) => {
                writer.typed::<BoolType>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Integer(values) => {
                writer.typed::<Int64Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Real(values) => {
                writer.typed::<FloatType>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Text(bytes, ends) => {
                let all = ByteArray::from(std::mem::take(bytes));
                let starts = std::iter::once(0).chain(ends.iter().copied());
                let texts: Vec<ByteArray> =
                    starts.zip(ends.iter()).map(|(start, end)| all.slice(start, end - start)).collect();
                writer.typed::<ByteArrayType>().write_batch(&texts, levels, None)?;
                ends.clear();
            }
        }
        self.levels.clear();
        writer.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [(&str, Kind); 2] = [("text", Kind::Text), ("is", Kind::Truth)];

    #[test]
    fn rows_are_not_held_beyond_a_group() {
        let mut writer = Writer::new(io::sink(), &COLUMNS, "test").unwrap();
        writer.group_bytes = 10_000;
        let text = "x".repeat(100);
        for _ in 0..1_000 {
            writer.row(&[Cell::text(&text), Cell::Truth(true)]).unwrap();
            assert!(writer.bytes < 10_000 && writer.columns[0].levels.len() < 100);
        }
        assert!(writer.file.flushed_row_groups().len() > 10);
        writer.finish(Vec::new()).unwrap();
    }

    #[test]
    fn a_cell_of_another_kind_is_null() {
        let mut writer = Writer::new(io::sink(), &COLUMNS, "test").unwrap();
        writer.row(&[Cell::Integer(1)]).unwrap();
        assert_eq!((&writer.columns[0].levels[..], &writer.columns[1].levels[..]), (&[0][..], &[0][..]));
        assert_eq!(Cell::number(Some(u64::MAX)), Cell::Missing);
        writer.finish(vec![("key", "value".to_owned())]).unwrap();
    }

    #[test]
    fn no_rows_are_a_file() {
        let bytes = Writer::new(Vec::new(), &COLUMNS, "test").unwrap().finish(Vec::new()).unwrap();
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    }
}
