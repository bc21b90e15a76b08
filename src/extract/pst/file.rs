//! Finds nodes and blocks in a mail store by its two trees, page by page, with a bounded memory of pages.
//!
//! Specification: [MS-PST] 2.2, the layer of the node database. Stores with pages of 4 KiB (ost since Outlook
//! 2013) are not in it; their layout is customary.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};
use std::rc::Rc;

use crate::extract::compound::{u16_at, u32_at};
use crate::open::reader::ReadError;
use crate::open::{Budget, Input};

/// Levels of a tree. Eight of the smallest pages hold more entries than a file can.
const MOST_LEVELS: usize = 10;
/// Bytes of pages that are kept.
const PAGES_KEPT: usize = 4 << 20;
/// Bytes of a page or block at most.
const LONGEST: u64 = 66 << 10;

/// What the versions of the format differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Up to Outlook 2002: numbers of four bytes.
    Ansi,
    Unicode,
    /// Unicode with pages of 4 KiB and compressed blocks.
    Large,
}

impl Layout {
    /// Bytes of an id or an offset.
    pub(super) fn word(self) -> usize {
        if self == Self::Ansi { 4 } else { 8 }
    }

    pub(super) fn number(self, bytes: &[u8], at: usize) -> Option<u64> {
        let low = u64::from(u32_at(bytes, at)?);
        if self == Self::Ansi { Some(low) } else { Some(u64::from(u32_at(bytes, at.checked_add(4)?)?) << 32 | low) }
    }

    fn page(self) -> usize {
        if self == Self::Large { 4096 } else { 512 }
    }

    /// Number, size and level of the entries of a page, and where its kind stands.
    fn describe(self, page: &[u8]) -> Option<(usize, usize, u8, u8)> {
        let byte = |at: usize| page.get(at).copied();
        let (count, size, level, kind) = match self {
            Self::Ansi => (usize::from(byte(496)?), byte(498)?, byte(499)?, 500),
            Self::Unicode => (usize::from(byte(488)?), byte(490)?, byte(491)?, 496),
            Self::Large => (usize::from(u16_at(page, 4056)?), byte(4060)?, byte(4061)?, 4072),
        };
        let entries = self.page()
            - if self == Self::Unicode {
                24
            } else if self == Self::Ansi {
                16
            } else {
                40
            };
        let least = if level > 0 { 3 * self.word() } else { 0 };
        let size = usize::from(size);
        let fits = size >= least.max(12) && count.checked_mul(size)? <= entries;
        (fits && byte(kind)? == byte(kind + 1)?).then_some((count, size, level, byte(kind)?))
    }
}

/// How the bytes of blocks are turned about. Anybody can undo it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    None,
    Permute,
    Cyclic,
}

/// The two trees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    Nodes,
    Blocks,
}

/// A thing in the store, or inside another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) id: u32,
    /// The block of its data; none if zero.
    pub(super) data: u64,
    /// The block of the nodes inside it; none if zero.
    pub(super) inner: u64,
    pub(super) parent: u32,
}

/// Where a block lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) offset: u64,
    pub(super) size: u16,
}

struct Page {
    bytes: Vec<u8>,
    count: usize,
    size: usize,
    level: u8,
}

impl Page {
    fn entry(&self, index: usize) -> Option<&[u8]> {
        if index >= self.count {
            return None;
        }
        let at = index.checked_mul(self.size)?;
        self.bytes.get(at..at.checked_add(self.size)?)
    }
}

pub(super) struct Store<'p, 'i> {
    input: RefCell<&'p mut Input<'i>>,
    budget: &'p Budget,
    pub(super) layout: Layout,
    pub(super) encoding: Encoding,
    size: u64,
    nodes: u64,
    blocks: u64,
    pages: RefCell<HashMap<u64, Rc<Page>>>,
    /// Pages and nodes of the walk that were damaged.
    damaged: Cell<u64>,
}

fn malformed(what: &str) -> ReadError {
    ReadError::malformed("mail store", what)
}

impl<'p, 'i> Store<'p, 'i> {
    pub(super) fn open(input: &'p mut Input<'i>, budget: &'p Budget) -> Result<Self, ReadError> {
        let mut header = Vec::new();
        input.seek(SeekFrom::Start(0))?;
        Read::by_ref(input).take(564).read_to_end(&mut header)?;
        if header.get(..4) != Some(b"!BDN") {
            return Err(malformed("it has no header"));
        }
        let layout = match u16_at(&header, 10) {
            Some(14 | 15) => Layout::Ansi,
            Some(20..=35) => Layout::Unicode,
            Some(36..=40) => Layout::Large,
            Some(_) => return Err(ReadError::Unsupported("this version of mail stores")),
            None => return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
        };
        let (nodes, blocks, encoding) = if layout == Layout::Ansi { (188, 196, 461) } else { (224, 240, 513) };
        let encoding = match header.get(encoding) {
            Some(0) => Encoding::None,
            Some(1) => Encoding::Permute,
            Some(2) => Encoding::Cyclic,
            Some(0x10) => return Err(ReadError::Encrypted),
            Some(_) => return Err(malformed("its encoding is unknown")),
            None => return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
        };
        let root = |at: usize| layout.number(&header, at).ok_or_else(|| malformed("it has no trees"));
        let (nodes, blocks) = (root(nodes)?, root(blocks)?);
        let size = input.size().map_or_else(|| input.seek(SeekFrom::End(0)), Ok)?;
        Ok(Self {
            input: RefCell::new(input),
            budget,
            layout,
            encoding,
            size,
            nodes,
            blocks,
            pages: RefCell::default(),
            damaged: Cell::new(0),
        })
    }

    pub(super) fn budget(&self) -> &'p Budget {
        self.budget
    }

    /// What the walk over the nodes could not read so far.
    pub(super) fn damaged(&self) -> u64 {
        self.damaged.get()
    }

    /// Bytes at a place in the file; an error if it ends before them.
    pub(super) fn bytes_at(&self, offset: u64, length: u64) -> Result<Vec<u8>, ReadError> {
        self.budget.check()?;
        let length = length.min(LONGEST);
        let mut input = self.input.borrow_mut();
        input.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        Read::by_ref(&mut **input).take(length).read_to_end(&mut bytes)?;
        if (bytes.len() as u64) < length {
            return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
        }
        Ok(bytes)
    }

    fn page(&self, offset: u64, tree: Tree) -> Result<Rc<Page>, ReadError> {
        if let Some(page) = self.pages.borrow().get(&offset) {
            self.budget.check()?;
            return Ok(Rc::clone(page));
        }
        let bytes = self.bytes_at(offset, self.layout.page() as u64)?;
        let expected = if tree == Tree::Nodes { 0x81 } else { 0x80 };
        let Some((count, size, level, kind)) = self.layout.describe(&bytes) else {
            return Err(malformed("a page of its trees is damaged"));
        };
        let least = match (level, tree) {
            (0, Tree::Nodes) => 4 * self.layout.word(),
            (0, Tree::Blocks) => 2 * self.layout.word() + 4,
            _ => 3 * self.layout.word(),
        };
        if kind != expected || size < least {
            return Err(malformed("a page of its trees is damaged"));
        }
        let page = Rc::new(Page { bytes, count, size, level });
        let mut pages = self.pages.borrow_mut();
        if pages.len() >= PAGES_KEPT / self.layout.page() {
            pages.clear();
        }
        pages.insert(offset, Rc::clone(&page));
        Ok(page)
    }

    fn key(&self, entry: &[u8], tree: Tree) -> u64 {
        let key = self.layout.number(entry, 0).unwrap_or(0);
        // The upper half of the id of a node means nothing.
        if tree == Tree::Nodes { key & 0xFFFF_FFFF } else { key & !1 }
    }

    /// Where the page below an entry of an inner page lies.
    fn below(&self, entry: &[u8]) -> u64 {
        self.layout.number(entry, 2 * self.layout.word()).unwrap_or(u64::MAX)
    }

    fn find(&self, tree: Tree, key: u64) -> Result<Option<Vec<u8>>, ReadError> {
        let mut offset = if tree == Tree::Nodes { self.nodes } else { self.blocks };
        let mut level = u8::MAX;
        for _ in 0..MOST_LEVELS {
            let page = self.page(offset, tree)?;
            if page.level >= level {
                return Err(malformed("a tree of pages goes in rings"));
            }
            level = page.level;
            let (mut low, mut high) = (0, page.count);
            while low < high {
                let middle = usize::midpoint(low, high);
                let is_after = page.entry(middle).is_none_or(|entry| self.key(entry, tree) > key);
                if is_after { high = middle } else { low = middle + 1 }
            }
            let Some(entry) = low.checked_sub(1).and_then(|index| page.entry(index)) else { return Ok(None) };
            if level == 0 {
                return Ok((self.key(entry, tree) == key).then(|| entry.to_vec()));
            }
            offset = self.below(entry);
        }
        Err(malformed("a tree of pages is too deep"))
    }

    pub(super) fn node(&self, id: u32) -> Result<Option<Node>, ReadError> {
        Ok(self.find(Tree::Nodes, u64::from(id))?.and_then(|entry| self.read_node(&entry)))
    }

    fn read_node(&self, entry: &[u8]) -> Option<Node> {
        let word = self.layout.word();
        Some(Node {
            id: u32_at(entry, 0)?,
            data: self.layout.number(entry, word)?,
            inner: self.layout.number(entry, 2 * word)?,
            parent: u32_at(entry, 3 * word)?,
        })
    }

    /// Where the block with this id lies; none if there is no such block.
    pub(super) fn extent(&self, id: u64) -> Result<Option<Extent>, ReadError> {
        let Some(entry) = self.find(Tree::Blocks, id & !1)? else { return Ok(None) };
        let word = self.layout.word();
        let extent = self.layout.number(&entry, word).zip(u16_at(&entry, 2 * word));
        Ok(extent.map(|(offset, size)| Extent { offset, size }))
    }

    /// Calls `each` for all nodes in the order of their ids. A page that is damaged costs what is below it.
    pub(super) fn each_node(&self, each: &mut dyn FnMut(Node) -> Result<(), ReadError>) -> Result<(), ReadError> {
        // Ids ascend, so that no page is of use twice; pages without any are bounded by the file.
        let mut pages_left = self.size / self.layout.page() as u64 + 1;
        let mut last = None;
        let mut open = vec![(self.page(self.nodes, Tree::Nodes)?, 0)];
        while let Some((page, next)) = open.last_mut() {
            self.budget.check()?;
            let Some(entry) = page.entry(*next) else {
                open.pop();
                continue;
            };
            *next += 1;
            let key = self.key(entry, Tree::Nodes);
            if page.level == 0 {
                let node = self.read_node(entry).filter(|_| last.is_none_or(|last| key > last));
                let Some(node) = node else {
                    self.damaged.set(self.damaged.get() + 1);
                    continue;
                };
                last = Some(key);
                each(node)?;
                continue;
            }
            let (offset, level) = (self.below(entry), page.level);
            if pages_left == 0 || open.len() >= MOST_LEVELS {
                return Err(malformed("the tree of its nodes goes in rings"));
            }
            pages_left -= 1;
            match self.page(offset, Tree::Nodes) {
                Ok(page) if page.level < level => open.push((page, 0)),
                Err(error) if crate::extract::package::ends_the_file(&error) => return Err(error),
                _ => self.damaged.set(self.damaged.get() + 1),
            }
        }
        Ok(())
    }
}
