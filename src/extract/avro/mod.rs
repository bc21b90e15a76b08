//! Reads Avro object container files record by record, with the names of their fields.
//!
//! Specification: <https://avro.apache.org/docs/1.12.0/specification/#object-container-files>. Blocks in
//! all codecs of the specification are unpacked within a limit; a damaged block is a gap.

mod schema;

use std::io::{BufRead, Read};

use crate::identify::Format;
use crate::model::Reason;
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use super::blocks::{Codec, unpack};
use super::package::ends_the_file;
use super::rows::{Faults, Rows, decimal, moment, real};
use super::writer::TextWriter;
use schema::{Kind, Schema, Shows};

/// Bytes of the schema, and of one block as stored and unpacked.
const LONGEST_SCHEMA: u64 = 16 << 20;
const LONGEST_BLOCK: u64 = 128 << 20;
/// Values within values.
const DEPTH: u32 = 64;
/// Values of one record; records of records without bytes have no end.
const MOST_VALUES: u64 = 20_000_000;

pub struct Avro;

impl Reader for Avro {
    fn name(&self) -> &'static str {
        "avro"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Avro]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut input = input.buffered();
        let mut magic = [0; 4];
        input.read_exact(&mut magic)?;
        let (json, codec) = header(&mut input)?;
        let mut marker = [0; 16];
        input.read_exact(&mut marker)?;
        let (schema, root) = Schema::parse(&json).ok_or_else(|| damaged("its schema"))?;
        let codec = match codec.as_slice() {
            b"" | b"null" => Codec::Stored,
            b"deflate" => Codec::Deflate,
            b"snappy" => Codec::Snappy,
            b"zstandard" => Codec::Zstd,
            b"bzip2" => Codec::Bzip2,
            b"xz" => Codec::Xz,
            _ => return Err(ReadError::Unsupported("the codec of this Avro file")),
        };
        let mut writer = TextWriter::new(sink);
        let mut faults = Faults::default();
        let mut rows = Rows::new(&mut writer, "", schema.columns.clone())?;
        let end = blocks(&mut input, codec, marker, (&schema, root), budget, &mut faults, &mut rows);
        faults.report("blocks", &mut writer)?;
        writer.finish()?;
        end
    }
}

fn damaged(what: &str) -> ReadError {
    ReadError::malformed("avro", format!("{what} is damaged"))
}

/// The schema and the name of the codec, from a map of names and bytes.
fn header(input: &mut impl BufRead) -> Result<(Vec<u8>, Vec<u8>), ReadError> {
    let (mut schema, mut codec) = (Vec::new(), Vec::new());
    let mut total = 0;
    loop {
        let mut count = stream_number(input)?;
        if count == 0 {
            return Ok((schema, codec));
        }
        if count < 0 {
            count = count.checked_neg().ok_or_else(|| damaged("the header"))?;
            stream_number(input)?;
        }
        for _ in 0..count {
            let mut part = || {
                let length = u64::try_from(stream_number(input)?).map_err(|_| damaged("the header"))?;
                total += length + 1;
                if total > LONGEST_SCHEMA {
                    return Err(ReadError::Budget(Reason::MemberTooLarge));
                }
                let mut bytes = Vec::new();
                (&mut *input).take(length).read_to_end(&mut bytes)?;
                Ok(bytes)
            };
            let (name, value) = (part()?, part()?);
            match name.as_slice() {
                b"avro.schema" => schema = value,
                b"avro.codec" => codec = value,
                _ => {}
            }
        }
    }
}

fn stream_number(input: &mut impl BufRead) -> Result<i64, ReadError> {
    let mut value = 0u64;
    for shift in (0..70).step_by(7) {
        let mut byte = [0];
        input.read_exact(&mut byte)?;
        value |= u64::from(byte[0] & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
}

fn blocks(
    input: &mut impl BufRead,
    codec: Codec,
    marker: [u8; 16],
    schema: (&Schema, usize),
    budget: &Budget,
    faults: &mut Faults,
    rows: &mut Rows<'_, '_>,
) -> Result<(), ReadError> {
    while !input.fill_buf()?.is_empty() {
        budget.check()?;
        let count = stream_number(input)?;
        let length = u64::try_from(stream_number(input)?).map_err(|_| damaged("a block"))?;
        if length > LONGEST_BLOCK {
            return Err(ReadError::malformed("avro", "a block is too long"));
        }
        let mut block = Vec::new();
        (&mut *input).take(length).read_to_end(&mut block)?;
        let cut = (block.len() as u64) < length;
        if codec == Codec::Snappy {
            // A checksum stands behind it.
            block.truncate(block.len().saturating_sub(4));
        }
        let result = unpack(codec, &block, usize::try_from(LONGEST_BLOCK).unwrap_or(usize::MAX)).and_then(|bytes| {
            budget.spend_bytes(bytes.len() as u64)?;
            read_block(count, &bytes, schema, budget, rows)
        });
        faults.keep(result)?;
        let mut end = [0; 16];
        if cut {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
        input.read_exact(&mut end)?;
        if end != marker {
            return Err(damaged("the mark behind a block"));
        }
    }
    Ok(())
}

fn read_block(
    count: i64,
    bytes: &[u8],
    (schema, root): (&Schema, usize),
    budget: &Budget,
    rows: &mut Rows<'_, '_>,
) -> Result<(), ReadError> {
    let mut values = Values { bytes, schema, path: String::new(), budget, rows, count: 0 };
    for _ in 0..count {
        budget.check()?;
        if values.bytes.is_empty() {
            return Err(damaged("a block"));
        }
        values.count = 0;
        let result = values.value(root, DEPTH);
        values.rows.end_row()?;
        match result {
            Ok(Some(())) => {}
            Ok(None) => return Err(damaged("a record")),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The values of one block.
struct Values<'v, 't, 's> {
    bytes: &'v [u8],
    schema: &'v Schema,
    path: String,
    budget: &'v Budget,
    rows: &'v mut Rows<'t, 's>,
    /// Of the record so far.
    count: u64,
}

impl<'v> Values<'v, '_, '_> {
    fn number(&mut self) -> Option<i64> {
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let (first, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            value |= u64::from(first & 0x7f).checked_shl(shift).unwrap_or(0);
            if first & 0x80 == 0 {
                return Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed());
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'v [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }

    fn sized(&mut self) -> Option<&'v [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    fn cell(&mut self, text: impl Into<String>) -> Result<Option<()>, ReadError> {
        let column = self.schema.column(&self.path);
        self.rows.cell(column, text).map(Some)
    }

    /// Reads a value of this type; none if the bytes do not fit it.
    fn value(&mut self, at: usize, depth: u32) -> Result<Option<()>, ReadError> {
        let schema = self.schema;
        self.count += 1;
        if self.count > MOST_VALUES {
            return Ok(None);
        }
        if self.count.is_multiple_of(1024) {
            self.budget.check()?;
        }
        let (Some((kind, shows)), Some(depth)) = (schema.kind(at), depth.checked_sub(1)) else { return Ok(None) };
        macro_rules! or_damaged {
            ($value:expr) => {
                match $value {
                    Some(value) => value,
                    None => return Ok(None),
                }
            };
        }
        match kind {
            Kind::Null => Ok(Some(())),
            Kind::Boolean => {
                let byte = or_damaged!(self.take(1));
                self.cell(if byte == [0] { "false" } else { "true" })
            }
            Kind::Int | Kind::Long => {
                let number = or_damaged!(self.number());
                let shown = match shows {
                    Shows::Date => number.checked_mul(86_400).and_then(|seconds| moment(seconds, 1)),
                    Shows::Moment(unit) => moment(number, *unit),
                    _ => None,
                };
                self.cell(shown.unwrap_or_else(|| number.to_string()))
            }
            Kind::Float => {
                let bytes = or_damaged!(self.take(4).and_then(|bytes| bytes.first_chunk()));
                self.cell(f32::from_le_bytes(*bytes).to_string())
            }
            Kind::Double => {
                let bytes = or_damaged!(self.take(8).and_then(|bytes| bytes.first_chunk()));
                self.cell(real(f64::from_le_bytes(*bytes)))
            }
            Kind::Text => {
                let bytes = or_damaged!(self.sized());
                self.cell(String::from_utf8_lossy(bytes))
            }
            Kind::Bytes | Kind::Fixed(_) => {
                let bytes = or_damaged!(if let Kind::Fixed(size) = kind { self.take(*size) } else { self.sized() });
                if let Shows::Decimal(scale) = shows
                    && bytes.len() <= 16
                {
                    let start = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1i128 } else { 0 };
                    let number = bytes.iter().fold(start, |number, byte| (number << 8) | i128::from(*byte));
                    return self.cell(decimal(number, *scale));
                }
                let column = schema.column(&self.path);
                self.rows.binary(column, bytes.len() as u64, &mut &*bytes, false, self.budget).map(Some)
            }
            Kind::Enum(symbols) => {
                let index = or_damaged!(self.number().and_then(|index| usize::try_from(index).ok()));
                let symbol = or_damaged!(symbols.get(index));
                self.cell(symbol.as_str())
            }
            Kind::Union(branches) => {
                let index = or_damaged!(self.number().and_then(|index| usize::try_from(index).ok()));
                let branch = or_damaged!(branches.get(index));
                self.value(*branch, depth)
            }
            Kind::Record(fields) => {
                let length = self.path.len();
                for (name, field) in fields {
                    if length > 0 {
                        self.path.push('.');
                    }
                    self.path.push_str(name);
                    let result = self.value(*field, depth);
                    self.path.truncate(length);
                    or_damaged!(result?);
                }
                Ok(Some(()))
            }
            Kind::Array(inner) => self.items(*inner, false, depth),
            Kind::Map(inner) => self.items(*inner, true, depth),
        }
    }

    /// The blocks of an array or map; keys of a map are text, too.
    fn items(&mut self, inner: usize, is_map: bool, depth: u32) -> Result<Option<()>, ReadError> {
        loop {
            let Some(mut count) = self.number() else { return Ok(None) };
            if count == 0 {
                return Ok(Some(()));
            }
            if count < 0 {
                count = count.saturating_neg();
                if self.number().is_none() {
                    return Ok(None);
                }
            }
            for _ in 0..count {
                self.budget.check()?;
                let before = self.bytes.len();
                if is_map {
                    let Some(key) = self.sized() else { return Ok(None) };
                    self.cell(String::from_utf8_lossy(key))?;
                }
                match self.value(inner, depth) {
                    Err(error) if ends_the_file(&error) => return Err(error),
                    Ok(Some(())) => {}
                    other => return other,
                }
                // Values without bytes: no need to count all of them.
                if self.bytes.len() == before {
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::collect::collect;

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/fixtures/avro/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn records_in_every_codec() {
        let expected = "name\tborn\tpay\tat\tkind\ttags\tmore\thome.street\thome.zip\tdoc\n\
            Laura Bianchi\t1985-03-12\t31250.50\t2024-02-29 13:14:15\tA\ta\tb\tk\tv\tVia Roma 3\t50100\n\
            Zoë Ångström\t-7.25\tB\tForlì\n";
        for name in ["null", "deflate", "snappy", "zstandard", "bzip2", "xz"] {
            let got = collect(&Avro, name, &fixture(&format!("{name}.avro")));
            assert!(got.error.is_none() && got.gaps.is_empty(), "{name}: {:?} {:?}", got.error, got.gaps);
            assert_eq!(got.content(), expected, "{name}");
            assert_eq!(got.member_names(), ["2/doc"], "{name}");
            let labels: Vec<_> =
                got.texts.iter().flat_map(crate::model::Text::pieces).filter_map(|p| p.label.as_deref()).collect();
            assert_eq!(labels[..4], ["name", "born", "pay", "at"]);
        }
    }

    #[test]
    fn a_type_that_names_itself_is_read_and_bounded() {
        let got = collect(&Avro, "a", &fixture("tree.avro"));
        assert!(got.error.is_none() && got.gaps.is_empty(), "{:?} {:?}", got.error, got.gaps);
        assert!(got.content().contains("depth 9"));
        let got = collect(&Avro, "a", &fixture("deep.avro"));
        assert_eq!(got.gaps.first().map(|gap| gap.0), Some(Reason::Malformed));
    }

    #[test]
    fn what_is_cut_off_is_told() {
        let whole = fixture("null.avro");
        for end in [0, 3, 20, whole.len() / 2, whole.len() - 1] {
            let got = collect(&Avro, "a", &whole[..end]);
            assert!(got.error.is_some(), "{end}");
        }
    }
}
