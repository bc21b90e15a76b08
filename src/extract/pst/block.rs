//! Reads the data of a node of a mail store, block by block, and finds the nodes inside it.
//!
//! Specification: [MS-PST] 2.2.2.8 (blocks). Blocks of stores with large pages are compressed (RFC 1950).

use std::io::{self, Read};

use crate::extract::compound::{u16_at, u32_at};
use crate::open::budget::Spent;
use crate::open::reader::ReadError;

use super::decode;
use super::file::{Encoding, Layout, Node, Store};

/// Blocks of one heap or list that are looked at: more than any program writes.
const MOST_BLOCKS: usize = 1 << 16;
const LONGEST_BLOCK: u64 = 64 << 10;

fn malformed(what: &str) -> ReadError {
    ReadError::malformed("mail store", what)
}

/// Lists of blocks, and nodes inside of nodes, are not encoded.
fn is_internal(id: u64) -> bool {
    id & 2 != 0
}

impl Store<'_, '_> {
    /// The content of a block.
    pub(super) fn block(&self, id: u64) -> Result<Vec<u8>, ReadError> {
        let Some(extent) = self.extent(id)? else { return Err(malformed("a block is missing")) };
        let mut bytes = if self.layout == Layout::Large {
            self.large_block(extent.offset, u64::from(extent.size))?
        } else {
            self.bytes_at(extent.offset, u64::from(extent.size))?
        };
        if !is_internal(id) {
            match self.encoding {
                Encoding::None => {}
                Encoding::Permute => decode::permute(&mut bytes),
                Encoding::Cyclic => decode::cyclic(&mut bytes, u32::try_from(id & 0xFFFF_FFFF).unwrap_or(0)),
            }
        }
        Ok(bytes)
    }

    /// The trailer, at the end of the last 512 bytes, says how long the block is unpacked.
    fn large_block(&self, offset: u64, size: u64) -> Result<Vec<u8>, ReadError> {
        let whole = (size + 24).next_multiple_of(512);
        let mut bytes = self.bytes_at(offset, whole)?;
        let unpacked = bytes.len().checked_sub(4 + 2).and_then(|at| u16_at(&bytes, at)).map_or(0, u64::from);
        bytes.truncate(usize::try_from(size).unwrap_or(0));
        if unpacked == 0 || unpacked == size {
            return Ok(bytes);
        }
        let mut out = Vec::new();
        let inflated = flate2::read::ZlibDecoder::new(bytes.as_slice()).take(LONGEST_BLOCK).read_to_end(&mut out);
        inflated.map_err(|_| malformed("a compressed block is damaged"))?;
        self.budget().spend_bytes(out.len() as u64)?;
        Ok(out)
    }

    /// The data of a node as blocks, in their order.
    pub(super) fn blocks(&self, data: u64) -> Result<Blocks, ReadError> {
        let mut blocks = Blocks { outer: Vec::new(), inner: Vec::new(), size: None };
        if data == 0 {
            return Ok(blocks);
        }
        if !is_internal(data) {
            blocks.inner.push(data);
            return Ok(blocks);
        }
        let list = self.block(data)?;
        blocks.size = u32_at(&list, 4).map(u64::from);
        match list.get(..2) {
            Some([1, 1]) => blocks.inner = self.listed(&list),
            Some([1, 2]) => blocks.outer = self.listed(&list),
            _ => return Err(malformed("a list of blocks is damaged")),
        }
        Ok(blocks)
    }

    /// The ids in a list of blocks, the last one first.
    fn listed(&self, list: &[u8]) -> Vec<u64> {
        let count = usize::from(u16_at(list, 2).unwrap_or(0));
        let ids = list.get(8..).unwrap_or_default().chunks_exact(self.layout.word()).take(count);
        let mut ids: Vec<u64> = ids.filter_map(|id| self.layout.number(id, 0)).collect();
        ids.reverse();
        ids
    }

    /// Ids of the blocks of a node, for those that are looked up in any order.
    pub(super) fn block_ids(&self, data: u64) -> Result<Vec<u64>, ReadError> {
        let mut blocks = self.blocks(data)?;
        let mut ids = Vec::new();
        while let Some(id) = blocks.next_id(self)? {
            if ids.len() >= MOST_BLOCKS {
                return Err(malformed("a node has too many blocks"));
            }
            ids.push(id);
        }
        Ok(ids)
    }

    /// The node with this id among those inside a node.
    pub(super) fn inner_node(&self, inner: u64, id: u32) -> Result<Option<Node>, ReadError> {
        let mut found = None;
        self.each_inner_node(inner, Some(id), &mut |node| {
            if node.id == id {
                found = found.or(Some(node));
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Calls `each` for the nodes inside a node. With a `wanted` one, lists that cannot hold it are left out.
    pub(super) fn each_inner_node(
        &self,
        inner: u64,
        wanted: Option<u32>,
        each: &mut dyn FnMut(Node) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        if inner == 0 {
            return Ok(());
        }
        let word = self.layout.word();
        let start = if self.layout == Layout::Ansi { 4 } else { 8 };
        let list = self.block(inner)?;
        let entries = |list: &[u8], size: usize| -> Vec<Vec<u8>> {
            let count = usize::from(u16_at(list, 2).unwrap_or(0));
            list.get(start..).unwrap_or_default().chunks_exact(size).take(count).map(<[u8]>::to_vec).collect()
        };
        let mut leaf = |list: &[u8]| -> Result<(), ReadError> {
            for entry in entries(list, 3 * word) {
                let number = |at: usize| self.layout.number(&entry, at * word).unwrap_or(0);
                let id = u32_at(&entry, 0).unwrap_or(0);
                each(Node { id, data: number(1), inner: number(2), parent: 0 })?;
            }
            Ok(())
        };
        match list.get(..2) {
            Some([2, 0]) => leaf(&list),
            Some([2, 1]) => {
                let lists: Vec<(u32, u64)> = entries(&list, 2 * word)
                    .iter()
                    .map(|entry| (u32_at(entry, 0).unwrap_or(0), self.layout.number(entry, word).unwrap_or(0)))
                    .collect();
                for (index, (first, block)) in lists.iter().enumerate() {
                    let is_after = wanted.is_some_and(|wanted| wanted < *first);
                    let next = lists.get(index + 1).map(|(next, _)| *next);
                    let is_before = wanted.zip(next).is_some_and(|(wanted, next)| wanted >= next);
                    if is_after || is_before {
                        continue;
                    }
                    let list = self.block(*block)?;
                    if list.get(..2) != Some(&[2, 0]) {
                        return Err(malformed("a list of nodes is damaged"));
                    }
                    leaf(&list)?;
                }
                Ok(())
            }
            _ => Err(malformed("a list of nodes is damaged")),
        }
    }
}

/// What is left to read of the data of a node: at most one list of lists and one of blocks.
pub(super) struct Blocks {
    outer: Vec<u64>,
    inner: Vec<u64>,
    /// As declared, for data of several blocks.
    pub(super) size: Option<u64>,
}

impl Blocks {
    pub(super) fn next_id(&mut self, store: &Store<'_, '_>) -> Result<Option<u64>, ReadError> {
        loop {
            if let Some(id) = self.inner.pop() {
                return Ok(Some(id));
            }
            let Some(list) = self.outer.pop() else { return Ok(None) };
            let list = store.block(list)?;
            if list.get(..2) != Some(&[1, 1]) {
                return Err(malformed("a list of blocks is damaged"));
            }
            self.inner = store.listed(&list);
        }
    }

    pub(super) fn next(&mut self, store: &Store<'_, '_>) -> Result<Option<Vec<u8>>, ReadError> {
        self.next_id(store)?.map(|id| store.block(id)).transpose()
    }
}

/// The data of a node as a stream; charges the budget, since blocks may be listed many times.
pub(super) struct Data<'s, 'p, 'i> {
    store: &'s Store<'p, 'i>,
    blocks: Blocks,
    block: io::Cursor<Vec<u8>>,
}

impl<'s, 'p, 'i> Data<'s, 'p, 'i> {
    pub(super) fn new(store: &'s Store<'p, 'i>, data: u64) -> Result<Self, ReadError> {
        Ok(Self { store, blocks: store.blocks(data)?, block: io::Cursor::default() })
    }

    pub(super) fn declared(&self) -> Option<u64> {
        self.blocks.size
    }
}

impl Read for Data<'_, '_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = self.block.read(buffer)?;
            if n > 0 || buffer.is_empty() {
                self.store.budget().spend_bytes(n as u64).map_err(|reason| io::Error::from(Spent(reason)))?;
                return Ok(n);
            }
            match self.blocks.next(self.store) {
                Ok(Some(block)) => self.block = io::Cursor::new(block),
                Ok(None) => return Ok(0),
                Err(ReadError::Io(error)) => return Err(error),
                Err(ReadError::Budget(reason)) => return Err(Spent(reason).into()),
                Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
            }
        }
    }
}
