//! Reads the heap of small values that a node of a mail store holds, and the sorted lists in it.
//!
//! Specification: [MS-PST] 2.3.1 (heap-on-node) and 2.3.2 (BTree-on-heap).

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use crate::extract::compound::{u16_at, u32_at};
use crate::open::reader::ReadError;

use super::file::{Layout, Node, Store};

/// Blocks of a heap that are kept.
const BLOCKS_KEPT: usize = 32;
const MOST_LEVELS: u8 = 8;
/// Records of a list: properties have ids of two bytes.
const MOST_RECORDS: usize = 1 << 16;

fn malformed(what: &str) -> ReadError {
    ReadError::malformed("mail store", what)
}

pub(super) struct Heap<'s, 'p, 'i> {
    pub(super) store: &'s Store<'p, 'i>,
    blocks: Vec<u64>,
    kept: RefCell<HashMap<usize, Rc<Vec<u8>>>>,
    /// What the heap is for.
    pub(super) kind: u8,
    root: u32,
}

impl<'s, 'p, 'i> Heap<'s, 'p, 'i> {
    pub(super) fn open(store: &'s Store<'p, 'i>, node: Node) -> Result<Self, ReadError> {
        let blocks = store.block_ids(node.data)?;
        let mut heap = Self { store, blocks, kept: RefCell::default(), kind: 0, root: 0 };
        let first = heap.block(0)?;
        let (Some([0xEC, kind]), Some(root)) = (first.get(2..4), u32_at(&first, 4)) else {
            return Err(malformed("a heap has no header"));
        };
        (heap.kind, heap.root) = (*kind, root);
        Ok(heap)
    }

    /// The value that everything else in the heap hangs on.
    pub(super) fn root(&self) -> Result<Vec<u8>, ReadError> {
        self.item(self.root)?.ok_or_else(|| malformed("a heap has no root"))
    }

    fn block(&self, index: usize) -> Result<Rc<Vec<u8>>, ReadError> {
        if let Some(block) = self.kept.borrow().get(&index) {
            return Ok(Rc::clone(block));
        }
        let Some(id) = self.blocks.get(index) else { return Err(malformed("a block of a heap is missing")) };
        let block = Rc::new(self.store.block(*id)?);
        let mut kept = self.kept.borrow_mut();
        if kept.len() >= BLOCKS_KEPT {
            kept.clear();
        }
        kept.insert(index, Rc::clone(&block));
        Ok(block)
    }

    /// A value by its place in the heap; none if it is nowhere.
    pub(super) fn item(&self, id: u32) -> Result<Option<Vec<u8>>, ReadError> {
        let (block, index) = match self.store.layout {
            Layout::Large => (id >> 19, id >> 5 & 0x3FFF),
            _ => (id >> 16, id >> 5 & 0x7FF),
        };
        if id & 0x1F != 0 || index == 0 {
            return Ok(None);
        }
        let (Ok(block), Ok(index)) = (usize::try_from(block), usize::try_from(index)) else { return Ok(None) };
        let block = self.block(block)?;
        let item = || {
            let map = usize::from(u16_at(&block, 0)?);
            if index > usize::from(u16_at(&block, map)?) {
                return None;
            }
            // Count, count of free ones, then the starts; the next start is the end.
            let at = map.checked_add(2 + 2 * index)?;
            let (start, end) = (u16_at(&block, at)?, u16_at(&block, at + 2)?);
            Some(block.get(usize::from(start)..usize::from(end))?.to_vec())
        };
        Ok(item())
    }

    /// The records of a sorted list: key and value, of the lengths that it declares.
    pub(super) fn records(&self, header: &[u8], key: u8, value: u8) -> Result<Vec<Vec<u8>>, ReadError> {
        let (Some([0xB5, own_key, own_value, levels]), Some(root)) = (header.get(..4), u32_at(header, 4)) else {
            return Err(malformed("a list in a heap has no header"));
        };
        if (*own_key, *own_value) != (key, value) || *levels > MOST_LEVELS {
            return Err(malformed("a list in a heap is of another kind"));
        }
        let mut records = Vec::new();
        let mut seen = 0;
        let mut open = vec![(root, *levels)];
        while let Some((id, level)) = open.pop() {
            self.store.budget().check()?;
            let Some(page) = self.item(id)? else { continue };
            let length = usize::from(key) + if level > 0 { 4 } else { usize::from(value) };
            seen += 1;
            for record in page.chunks_exact(length) {
                if records.len() + open.len() >= MOST_RECORDS || seen > MOST_RECORDS {
                    return Err(malformed("a list in a heap is too long"));
                }
                match u32_at(record, usize::from(key)) {
                    Some(below) if level > 0 => open.push((below, level - 1)),
                    _ => records.push(record.to_vec()),
                }
            }
        }
        Ok(records)
    }
}
