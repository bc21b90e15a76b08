//! Reads the footer of a Parquet file: the columns, and where their chunks lie.

use std::sync::Arc;

use crate::extract::blocks::Codec;

use super::thrift::{Thrift, Value};

/// Elements of a schema.
const MOST_ELEMENTS: usize = 20_000;
/// Groups within groups.
const DEPTH: usize = 64;

/// What the format puts between a list and its values is no name.
const BETWEEN: &[&str] = &["list", "element", "array", "bag", "item", "array_element", "key_value", "map"];

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    AsIs,
    Text,
    Unsigned,
    /// Days since 1970.
    Date,
    /// Parts of a second since 1970, or since midnight.
    Moment(u64),
    Time(u64),
    Decimal(u32),
    Uuid,
}

/// A column of values.
#[derive(Clone, Debug)]
pub(super) struct Leaf {
    pub(super) name: Arc<str>,
    /// 0 truth, 1 and 2 numbers of 32 and 64 bits, 3 a time of 96, 4 and 5 with a point, 6 bytes, 7 bytes of a length.
    pub(super) kind: u8,
    pub(super) length: usize,
    pub(super) shows: Shows,
    /// Levels of a value that is there, and of lists around it.
    pub(super) most_defined: u32,
    pub(super) most_repeated: u32,
}

#[derive(Default)]
struct Element {
    name: String,
    kind: Option<u8>,
    length: usize,
    repetition: i64,
    children: usize,
    converted: Option<i64>,
    scale: u32,
    logical: Option<Shows>,
}

/// Where the values of one column in one group of rows lie.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunk {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) values: u64,
    pub(super) codec: Option<Codec>,
    pub(super) is_encrypted: bool,
    pub(super) is_elsewhere: bool,
}

/// The columns, and the bytes at which the groups of rows are described.
pub(super) fn leaves(footer: &[u8]) -> Option<Vec<Leaf>> {
    let mut elements = Vec::new();
    Thrift::new(footer).fields(&mut |thrift, field, value| match field {
        2 => thrift.items(value, &mut |thrift, _| {
            let element = element(thrift)?;
            (elements.len() < MOST_ELEMENTS).then(|| elements.push(element))
        }),
        _ => Some(false),
    })?;
    let mut leaves = Vec::new();
    // Children that are to come, and the names and levels around them.
    let mut open: Vec<(usize, String, u32, u32)> = Vec::new();
    for (index, element) in elements.into_iter().enumerate() {
        while open.last().is_some_and(|(left, ..)| *left == 0) {
            open.pop();
        }
        let (mut name, mut defined, mut repeated) = (String::new(), 0, 0);
        if let Some((left, around, d, r)) = open.last_mut() {
            *left -= 1;
            (name, defined, repeated) = (around.clone(), *d, *r);
        } else if index > 0 {
            return None;
        }
        if index > 0 {
            defined += u32::from(element.repetition > 0);
            repeated += u32::from(element.repetition == 2);
            if name.is_empty() || !BETWEEN.contains(&element.name.as_str()) {
                name = if name.is_empty() { element.name.clone() } else { format!("{name}.{}", element.name) };
            }
        }
        match element.kind {
            Some(kind) if element.children == 0 => leaves.push(Leaf {
                name: name.as_str().into(),
                kind,
                length: element.length,
                shows: shows(&element),
                most_defined: defined,
                most_repeated: repeated,
            }),
            _ if open.len() < DEPTH => open.push((element.children, name, defined, repeated)),
            _ => return None,
        }
    }
    Some(leaves)
}

fn element(thrift: &mut Thrift<'_>) -> Option<Element> {
    let mut element = Element::default();
    thrift.fields(&mut |thrift, field, value| {
        match field {
            1 => element.kind = u8::try_from(value.number()).ok(),
            2 => element.length = usize::try_from(value.number()).unwrap_or(0),
            3 => element.repetition = value.number(),
            4 => element.name = value.text(),
            5 => element.children = usize::try_from(value.number()).unwrap_or(0),
            6 => element.converted = Some(value.number()),
            7 => element.scale = u32::try_from(value.number()).unwrap_or(0),
            10 if value == Value::Struct => {
                logical(thrift, &mut element.logical)?;
                return Some(true);
            }
            _ => return Some(false),
        }
        Some(true)
    })?;
    Some(element)
}

/// The kind of a value beyond its bytes; a union with one field.
fn logical(thrift: &mut Thrift<'_>, found: &mut Option<Shows>) -> Option<()> {
    thrift.fields(&mut |thrift, field, value| {
        if value != Value::Struct {
            return Some(false);
        }
        let (mut scale, mut unit, mut signed) = (0, 1_000, true);
        thrift.fields(&mut |thrift, inner, value| match (inner, value) {
            (1, Value::Number(number)) => {
                scale = u32::try_from(number).unwrap_or(0);
                Some(true)
            }
            (2, Value::Bool(is)) => {
                signed = is;
                Some(true)
            }
            (2, Value::Struct) if matches!(field, 7 | 8) => {
                thrift.fields(&mut |_, which, _| {
                    unit = [1_000, 1_000_000, 1_000_000_000][usize::try_from(which - 1).unwrap_or(0).min(2)];
                    Some(false)
                })?;
                Some(true)
            }
            _ => Some(false),
        })?;
        *found = match field {
            1 | 4 | 12 => Some(Shows::Text),
            5 => Some(Shows::Decimal(scale)),
            6 => Some(Shows::Date),
            7 => Some(Shows::Time(unit)),
            8 => Some(Shows::Moment(unit)),
            10 if !signed => Some(Shows::Unsigned),
            14 => Some(Shows::Uuid),
            _ => None,
        };
        Some(true)
    })
}

fn shows(element: &Element) -> Shows {
    element.logical.unwrap_or(match element.converted {
        Some(0 | 4 | 19) => Shows::Text,
        Some(5) => Shows::Decimal(element.scale),
        Some(6) => Shows::Date,
        Some(7) => Shows::Time(1_000),
        Some(8) => Shows::Time(1_000_000),
        Some(9) => Shows::Moment(1_000),
        Some(10) => Shows::Moment(1_000_000),
        Some(11..=14) => Shows::Unsigned,
        _ => Shows::AsIs,
    })
}

/// Takes how many rows a group has, and its chunks.
pub(super) type Group<'g, E> = dyn FnMut(u64, &[Chunk]) -> Result<(), E> + 'g;

/// Calls `each` with every group of rows; none if the footer is damaged.
pub(super) fn groups<E>(footer: &[u8], columns: usize, each: &mut Group<'_, E>) -> Option<Result<(), E>> {
    let mut result = Ok(());
    Thrift::new(footer)
        .fields(&mut |thrift, field, value| match field {
            4 => thrift.items(value, &mut |thrift, _| {
                let mut chunks = Vec::new();
                let mut rows = 0;
                thrift.fields(&mut |thrift, field, value| match field {
                    1 => thrift.items(value, &mut |thrift, _| {
                        let chunk = chunk(thrift)?;
                        (chunks.len() < columns).then(|| chunks.push(chunk))
                    }),
                    3 => {
                        rows = u64::try_from(value.number()).unwrap_or(0);
                        Some(true)
                    }
                    _ => Some(false),
                })?;
                if result.is_ok() {
                    result = each(rows, &chunks);
                }
                result.is_ok().then_some(())
            }),
            _ => Some(false),
        })
        .map_or_else(|| if result.is_err() { Some(()) } else { None }, Some)?;
    Some(result)
}

fn chunk(thrift: &mut Thrift<'_>) -> Option<Chunk> {
    let mut chunk = Chunk::default();
    thrift.fields(&mut |thrift, field, value| match (field, value) {
        (1, Value::Binary(_)) => {
            chunk.is_elsewhere = true;
            Some(true)
        }
        (3, Value::Struct) => {
            let (mut codec, mut length, mut data, mut dictionary) = (0, 0, 0, 0);
            thrift.fields(&mut |_, field, value| {
                let number = value.number();
                match field {
                    4 => codec = number,
                    5 => chunk.values = u64::try_from(number).unwrap_or(0),
                    7 => length = u64::try_from(number).unwrap_or(0),
                    9 => data = u64::try_from(number).unwrap_or(0),
                    11 => dictionary = u64::try_from(number).unwrap_or(0),
                    _ => return Some(false),
                }
                Some(true)
            })?;
            chunk.start = if dictionary > 0 { dictionary.min(data) } else { data };
            chunk.end = chunk.start.saturating_add(length);
            chunk.codec = match codec {
                0 => Some(Codec::Stored),
                1 => Some(Codec::Snappy),
                2 => Some(Codec::Gzip),
                5 => Some(Codec::HadoopLz4),
                6 => Some(Codec::Zstd),
                7 => Some(Codec::Lz4),
                _ => None,
            };
            Some(true)
        }
        (8, Value::Struct) => {
            chunk.is_encrypted = true;
            Some(false)
        }
        _ => Some(false),
    })?;
    Some(chunk)
}
