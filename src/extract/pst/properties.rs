//! Reads the properties of a node of a mail store, and its tables of recipients.
//!
//! Specification: [MS-PST] 2.3.3 (property contexts) and 2.3.4 (table contexts).

use std::io::Read;

use crate::extract::compound::{u16_at, u32_at};
use crate::extract::outlook::{Properties, RawText};
use crate::extract::package::ends_the_file;
use crate::open::reader::ReadError;

use super::block::Data;
use super::file::{Node, Store};
use super::heap::Heap;

/// Columns of a table; the count is a byte.
const LONGEST_ROW: usize = 4096;

fn malformed(what: &str) -> ReadError {
    ReadError::malformed("mail store", what)
}

/// A property: its id, its type, and its value or where that is.
#[derive(Clone, Copy, Debug)]
struct Property {
    id: u16,
    kind: u16,
    value: u32,
    /// The upper half, where a table has it in place.
    high: Option<u32>,
}

/// A value as a stream, and its size if that is known.
type Value<'s> = (Box<dyn Read + 's>, Option<u64>);

/// Whether a value lies in the heap, rather than in a node inside.
fn is_in_heap(at: u32) -> bool {
    at.trailing_zeros() >= 5
}

/// What is known of one thing: a node, or a row of a table.
pub(super) struct Bag<'h, 's, 'p, 'i> {
    heap: Held<'h, 's, 'p, 'i>,
    inner: u64,
    properties: Vec<Property>,
}

enum Held<'h, 's, 'p, 'i> {
    Own(Heap<'s, 'p, 'i>),
    OfTable(&'h Heap<'s, 'p, 'i>),
}

impl<'s, 'p, 'i> Bag<'_, 's, 'p, 'i> {
    /// The property context of a node.
    pub(super) fn open(store: &'s Store<'p, 'i>, node: Node) -> Result<Self, ReadError> {
        let heap = Heap::open(store, node)?;
        if heap.kind != 0xBC {
            return Err(malformed("a node holds no properties"));
        }
        let records = heap.records(&heap.root()?, 2, 6)?;
        let property = |record: &Vec<u8>| {
            let (id, kind, value) = (u16_at(record, 0)?, u16_at(record, 2)?, u32_at(record, 4)?);
            Some(Property { id, kind, value, high: None })
        };
        let mut properties: Vec<Property> = records.iter().filter_map(property).collect();
        properties.sort_by_key(|property| property.id);
        Ok(Self { heap: Held::Own(heap), inner: node.inner, properties })
    }

    fn heap(&self) -> &Heap<'s, 'p, 'i> {
        match &self.heap {
            Held::Own(heap) => heap,
            Held::OfTable(heap) => heap,
        }
    }

    fn find(&self, id: u16) -> Option<Property> {
        self.properties.iter().find(|property| property.id == id).copied()
    }

    /// The id of the node inside that an object stands for.
    pub(super) fn object(&self, id: u16) -> Result<Option<u32>, ReadError> {
        let Some(property) = self.find(id).filter(|property| property.kind == 0x000D) else { return Ok(None) };
        Ok(self.heap().item(property.value)?.and_then(|object| u32_at(&object, 0)))
    }

    /// The value of a property of any length.
    pub(super) fn stream(&self, id: u16) -> Result<Option<Value<'s>>, ReadError> {
        match self.find(id) {
            Some(property) if property.kind != 0x000D => self.value(property.value),
            _ => Ok(None),
        }
    }

    /// A value in the heap, or in a node inside.
    fn value(&self, at: u32) -> Result<Option<Value<'s>>, ReadError> {
        if at == 0 {
            return Ok(Some((Box::new(std::io::empty()), Some(0))));
        }
        if is_in_heap(at) {
            let Some(item) = self.heap().item(at)? else { return Err(malformed("a value is missing")) };
            let length = item.len() as u64;
            return Ok(Some((Box::new(std::io::Cursor::new(item)), Some(length))));
        }
        let store = self.heap().store;
        let Some(node) = store.inner_node(self.inner, at)? else { return Err(malformed("a value is missing")) };
        let data = Data::new(store, node.data)?;
        let declared = data.declared();
        Ok(Some((Box::new(data), declared)))
    }

    /// A value whole, cut at `limit`; none if it is damaged.
    fn short(&self, id: u16, kinds: &[u16], limit: u64) -> Result<Option<(Vec<u8>, u16)>, ReadError> {
        let Some(property) = self.find(id).filter(|property| kinds.contains(&property.kind)) else { return Ok(None) };
        let value = match self.value(property.value) {
            Err(error) if ends_the_file(&error) => return Err(error),
            Err(_) | Ok(None) => return Ok(None),
            Ok(Some((value, _))) => value,
        };
        let mut bytes = Vec::new();
        if let Err(error) = value.take(limit).read_to_end(&mut bytes).map_err(ReadError::Io)
            && ends_the_file(&error)
        {
            return Err(error);
        }
        // What came before a damage counts.
        Ok(Some((bytes, property.kind)))
    }
}

impl Properties for Bag<'_, '_, '_, '_> {
    fn text_ids(&self) -> Vec<u16> {
        self.properties.iter().filter(|p| matches!(p.kind, 0x001E | 0x001F | 0x101E | 0x101F)).map(|p| p.id).collect()
    }

    fn text(&self, id: u16, limit: u64) -> Result<Option<RawText>, ReadError> {
        Ok(self.short(id, &[0x001E, 0x001F, 0x101E, 0x101F], limit)?.map(|(bytes, kind)| match kind {
            0x001F => RawText::Wide(bytes),
            0x101F => RawText::Wide(joined(&bytes, &[b',', 0, b' ', 0])),
            0x101E => RawText::Narrow(joined(&bytes, b", ")),
            _ => RawText::Narrow(bytes),
        }))
    }

    fn bytes(&self, id: u16, limit: u64) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.short(id, &[0x0102], limit)?.map(|(bytes, _)| bytes))
    }

    fn number(&self, id: u16) -> Option<u64> {
        let property = self.find(id)?;
        match property.kind {
            0x0002 => Some(u64::from(property.value & 0xFFFF)),
            0x000B => Some(u64::from(property.value & 0xFF)),
            0x0003 => Some(u64::from(property.value)),
            0x0014 | 0x0040 => {
                if let Some(high) = property.high {
                    return Some(u64::from(high) << 32 | u64::from(property.value));
                }
                let item = self.heap().item(property.value).ok()??;
                Some(u64::from(u32_at(&item, 4)?) << 32 | u64::from(u32_at(&item, 0)?))
            }
            _ => None,
        }
    }
}

/// Several texts as one: their count, where each begins, then the texts ([MS-PST] 2.3.3.4.2).
fn joined(bytes: &[u8], separator: &[u8]) -> Vec<u8> {
    let count = u32_at(bytes, 0).and_then(|count| usize::try_from(count).ok()).unwrap_or(0).min(bytes.len() / 4);
    let start = |index: usize| u32_at(bytes, 4 + 4 * index).and_then(|at| usize::try_from(at).ok());
    let mut out = Vec::new();
    for index in 0..count {
        let end = if index + 1 < count { start(index + 1) } else { None }.unwrap_or(bytes.len());
        if !out.is_empty() {
            out.extend_from_slice(separator);
        }
        out.extend_from_slice(start(index).and_then(|start| bytes.get(start..end)).unwrap_or_default());
        if out.len() > 2 * bytes.len() {
            break;
        }
    }
    out
}

struct Column {
    id: u16,
    kind: u16,
    offset: usize,
    size: usize,
    bit: usize,
}

/// Calls `each` for the rows of a table, as far as they go.
pub(super) fn each_row(
    store: &Store<'_, '_>,
    node: Node,
    each: &mut dyn FnMut(&Bag<'_, '_, '_, '_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let heap = Heap::open(store, node)?;
    let info = heap.root()?;
    let (Some([0x7C, count]), Some(rows)) = (info.get(..2), u32_at(&info, 14)) else {
        return Err(malformed("a table has no head"));
    };
    let end = |at: usize| u16_at(&info, at).map_or(0, usize::from);
    // Values of four and more bytes end here, those of two, those of one, and the bits of what is there.
    let (bits, width) = (end(6), end(8));
    if width <= bits || width > LONGEST_ROW {
        return Err(malformed("the rows of a table have no width"));
    }
    let columns = info.get(22..).unwrap_or_default().chunks_exact(8).take(usize::from(*count));
    let columns: Vec<Column> = columns
        .filter_map(|column| {
            let [size, bit] = column.get(6..8)? else { return None };
            let (kind, id, offset) = (u16_at(column, 0)?, u16_at(column, 2)?, u16_at(column, 4)?);
            Some(Column { id, kind, offset: offset.into(), size: (*size).into(), bit: (*bit).into() })
        })
        .collect();
    let mut write_rows = |block: &[u8]| -> Result<(), ReadError> {
        for row in block.chunks_exact(width) {
            store.budget().check()?;
            let is_there = |column: &&Column| {
                row.get(bits + column.bit / 8).is_some_and(|byte| byte & (0x80 >> (column.bit % 8)) != 0)
            };
            let property = |column: &Column| {
                let value = match column.size {
                    1 => u32::from(*row.get(column.offset)?),
                    2 => u32::from(u16_at(row, column.offset)?),
                    _ => u32_at(row, column.offset)?,
                };
                let high = if column.size >= 8 { Some(u32_at(row, column.offset + 4)?) } else { None };
                Some(Property { id: column.id, kind: column.kind, value, high })
            };
            let properties = columns.iter().filter(is_there).filter_map(property).collect();
            each(&Bag { heap: Held::OfTable(&heap), inner: node.inner, properties })?;
        }
        Ok(())
    };
    if rows == 0 {
        return Ok(());
    }
    if is_in_heap(rows) {
        return match heap.item(rows)? {
            Some(block) => write_rows(&block),
            None => Err(malformed("the rows of a table are missing")),
        };
    }
    let Some(matrix) = store.inner_node(node.inner, rows)? else {
        return Err(malformed("the rows of a table are missing"));
    };
    // No row lies in two blocks.
    let mut blocks = store.blocks(matrix.data)?;
    while let Some(block) = blocks.next(store)? {
        store.budget().spend_bytes(block.len() as u64)?;
        write_rows(&block)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn several_texts_are_one() {
        let bytes = [[2, 0, 0, 0, 12, 0, 0, 0, 16, 0, 0, 0].as_slice(), b"AnnaLuca"].concat();
        assert_eq!(joined(&bytes, b", "), b"Anna, Luca");
        assert_eq!(joined(&[255; 40], b", "), b"");
    }
}
