//! Walks the b-tree of a table from page to page, within bounds, and hands out its cells.

use crate::extract::rows::Faults;
use crate::open::Budget;
use crate::open::reader::ReadError;

use super::pages::{Pages, Payload};

/// Levels of a tree; the largest database that there can be has fewer than twenty.
const DEPTH: usize = 40;

/// Of the cells of a table; in a table without row numbers there is none.
pub(super) type RowId = Option<i64>;

type Each<'e> = dyn FnMut(RowId, &mut Payload<'_, '_, '_>) -> Result<(), ReadError> + 'e;

/// Calls `each` for every cell of the tree below this page. Damaged pages and cells are kept in
/// `faults`; the others are still read.
pub(super) fn walk(
    pages: &mut Pages<'_, '_>,
    root: u32,
    budget: &Budget,
    faults: &mut Faults,
    each: &mut Each<'_>,
) -> Result<(), ReadError> {
    let mut levels: Vec<Level> = Vec::new();
    let mut child = Some(root);
    loop {
        budget.check()?;
        if let Some(number) = child.take() {
            let family = levels.last().map(|level| level.kind.is_index());
            let opened = if levels.len() < DEPTH {
                Level::open(pages, number, family)
            } else {
                Err(ReadError::malformed("sqlite", "a tree that is too deep"))
            };
            faults.keep(opened.map(|level| levels.push(level)))?;
        }
        let Some(level) = levels.last_mut() else { return Ok(()) };
        match level.step() {
            None => {
                levels.pop();
            }
            Some(Ok(Step::Child(number))) => child = Some(number),
            Some(Ok(Step::Cell(at))) => {
                let result = cell(level, at, pages, each);
                faults.keep(result)?;
            }
            Some(Err(error)) => faults.keep(Err(error))?,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    InteriorIndex,
    InteriorTable,
    LeafIndex,
    LeafTable,
}

impl Kind {
    fn is_index(self) -> bool {
        matches!(self, Self::InteriorIndex | Self::LeafIndex)
    }

    fn is_leaf(self) -> bool {
        matches!(self, Self::LeafIndex | Self::LeafTable)
    }
}

/// One page on the way down.
struct Level {
    page: Vec<u8>,
    kind: Kind,
    /// Where the cells' addresses begin.
    pointers: usize,
    count: usize,
    next: usize,
    /// The child of the cell was handed out, the cell itself not yet.
    descended: bool,
    right: Option<u32>,
    /// Bytes that cells may still take: those of one page do not overlap.
    room: usize,
}

enum Step {
    Child(u32),
    /// At this place of the page.
    Cell(usize),
}

impl Level {
    fn open(pages: &mut Pages<'_, '_>, number: u32, family: Option<bool>) -> Result<Self, ReadError> {
        let page = pages.page(number)?;
        // The first page begins with the header of the file.
        let header = if number == 1 { 100 } else { 0 };
        let kind = match page.get(header) {
            Some(2) => Kind::InteriorIndex,
            Some(5) => Kind::InteriorTable,
            Some(10) => Kind::LeafIndex,
            Some(13) => Kind::LeafTable,
            _ => return Err(ReadError::malformed("sqlite", "a page of a table is damaged")),
        };
        if family.is_some_and(|family| family != kind.is_index()) {
            return Err(ReadError::malformed("sqlite", "a page of another kind stands in a table"));
        }
        let right = if kind.is_leaf() { None } else { Some(u32_at(&page, header + 8).unwrap_or(0)) };
        let pointers = header + if kind.is_leaf() { 8 } else { 12 };
        let declared = usize::from(u16_at(&page, header + 3).unwrap_or(0));
        let count = declared.min(page.len().saturating_sub(pointers) / 2);
        let room = page.len();
        Ok(Self { page, kind, pointers, count, next: 0, descended: false, right, room })
    }

    fn step(&mut self) -> Option<Result<Step, ReadError>> {
        if self.next >= self.count {
            return self.right.take().map(|child| Ok(Step::Child(child)));
        }
        let at = u16_at(&self.page, self.pointers + 2 * self.next).map_or(0, usize::from);
        if self.kind.is_leaf() || self.descended {
            self.descended = false;
            self.next += 1;
            let at = if self.kind.is_leaf() { at } else { at + 4 };
            return Some(Ok(Step::Cell(at)));
        }
        let child =
            u32_at(&self.page, at).ok_or_else(|| ReadError::malformed("sqlite", "a cell lies outside its page"));
        if self.kind == Kind::InteriorIndex {
            self.descended = true;
        } else {
            self.next += 1;
        }
        Some(child.map(Step::Child))
    }
}

fn cell(level: &mut Level, at: usize, pages: &mut Pages<'_, '_>, each: &mut Each<'_>) -> Result<(), ReadError> {
    let outside = || ReadError::malformed("sqlite", "a cell lies outside its page");
    let mut bytes = level.page.get(at..).ok_or_else(outside)?;
    let length = varint(&mut bytes).ok_or_else(outside)?;
    let row_id = match level.kind {
        Kind::LeafTable => Some(varint(&mut bytes).ok_or_else(outside)?.cast_signed()),
        _ => None,
    };
    // How much lies on the page itself: section 1.6 of the format.
    let usable = pages.usable();
    let most = if level.kind.is_index() { (usable - 12) * 64 / 255 - 23 } else { usable - 35 };
    let (local, next) = if length <= most as u64 {
        (bytes.get(..usize::try_from(length).map_err(|_| outside())?).ok_or_else(outside)?, 0)
    } else {
        let least = (usable - 12) * 32 / 255 - 23;
        let over = usize::try_from((length - least as u64) % (usable as u64 - 4)).unwrap_or(0);
        let local = if least + over <= most { least + over } else { least };
        (bytes.get(..local).ok_or_else(outside)?, u32_at(bytes, local).ok_or_else(outside)?)
    };
    level.room =
        level.room.checked_sub(local.len()).ok_or_else(|| ReadError::malformed("sqlite", "cells of a page overlap"))?;
    each(row_id, &mut Payload::new(pages, local, next, length))
}

/// Big-endian, seven bits a byte; the ninth byte has eight.
pub(super) fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for index in 0..9 {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        if index == 8 {
            return Some((value << 8) | u64::from(*first));
        }
        value = (value << 7) | u64::from(first & 0x7f);
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}
