//! Reads the properties that a winmail.dat carries, in its own way of writing them down.
//!
//! Specification: [MS-OXTNEF] 2.1.3.4 (message properties), 2.1.3.5 (recipients).

use crate::extract::compound::{u16_at, u32_at, wide};
use crate::extract::outlook::{Properties, RawText};
use crate::open::Budget;
use crate::open::reader::ReadError;

/// Properties of one thing; a message has some hundred.
const MOST_PROPERTIES: u32 = 1 << 16;
/// Values of one property that are kept.
const MOST_VALUES: u32 = 1 << 12;

/// A value: the first one of several, or several texts as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Property {
    id: u16,
    kind: u16,
    value: Vec<u8>,
}

/// What is known of a message, a recipient or an attachment.
#[derive(Clone, Debug, Default)]
pub(super) struct List {
    properties: Vec<Property>,
}

impl List {
    pub(super) fn add(&mut self, id: u16, kind: u16, value: Vec<u8>) {
        self.properties.push(Property { id, kind, value });
    }

    pub(super) fn has(&self, id: u16) -> bool {
        self.properties.iter().any(|property| property.id == id)
    }

    pub(super) fn append(&mut self, other: Self) {
        self.properties.extend(other.properties);
    }

    /// An object without the id of its interface.
    pub(super) fn object(&self, id: u16) -> Option<&[u8]> {
        self.properties.iter().find(|property| property.id == id && property.kind == 0x0D)?.value.get(16..)
    }

    fn find(&self, id: u16, kinds: &[u16]) -> Option<&Property> {
        self.properties.iter().find(|property| property.id == id && kinds.contains(&property.kind))
    }
}

impl Properties for List {
    fn text_ids(&self) -> Vec<u16> {
        self.properties.iter().filter(|p| matches!(p.kind, 0x1E | 0x1F)).map(|p| p.id).collect()
    }

    fn text(&self, id: u16, limit: u64) -> Result<Option<RawText>, ReadError> {
        let Some(property) = self.find(id, &[0x1E, 0x1F]) else { return Ok(None) };
        let end = property.value.len().min(usize::try_from(limit).unwrap_or(usize::MAX));
        let bytes = property.value.get(..end).unwrap_or_default().to_vec();
        Ok(Some(if property.kind == 0x1F { RawText::Wide(bytes) } else { RawText::Narrow(bytes) }))
    }

    fn bytes(&self, id: u16, limit: u64) -> Result<Option<Vec<u8>>, ReadError> {
        let value = self.find(id, &[0x102]).map(|property| property.value.as_slice());
        Ok(value.map(|value| value.iter().copied().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()))
    }

    fn number(&self, id: u16) -> Option<u64> {
        let value = &self.find(id, &[0x02, 0x03, 0x0B, 0x14, 0x40])?.value;
        let low = u64::from(u32_at(value, 0)?);
        Some(u32_at(value, 4).map_or(low, |high| u64::from(high) << 32 | low))
    }
}

/// Walks over bytes that belong to one attribute.
pub(super) struct Bytes<'b> {
    rest: &'b [u8],
}

impl<'b> Bytes<'b> {
    pub(super) fn new(rest: &'b [u8]) -> Self {
        Self { rest }
    }

    fn take(&mut self, n: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        u32_at(self.take(4)?, 0)
    }

    fn u16(&mut self) -> Option<u16> {
        u16_at(self.take(2)?, 0)
    }

    /// Of a length that stands before it, filled up to four bytes.
    fn sized(&mut self) -> Option<&'b [u8]> {
        let length = usize::try_from(self.u32()?).ok()?;
        let value = self.take(length)?;
        self.take((4 - length % 4) % 4);
        Some(value)
    }

    /// A list of properties as far as it goes, and whether that is to its end.
    pub(super) fn list(&mut self, budget: &Budget) -> Result<(List, bool), ReadError> {
        let mut list = List::default();
        let count = self.u32().unwrap_or(0).min(MOST_PROPERTIES);
        for _ in 0..count {
            budget.check()?;
            match self.property() {
                Some(property) => list.properties.push(property),
                None => return Ok((list, false)),
            }
        }
        Ok((list, true))
    }

    fn property(&mut self) -> Option<Property> {
        let (kind, mut id) = (self.u16()?, self.u16()?);
        if id >= 0x8000 {
            self.take(16)?;
            let is_number = self.u32()? == 0;
            if is_number {
                self.u32()?;
            } else {
                // What a form calls it is of no use here.
                wide(self.sized()?);
            }
            id = 0x8000;
        }
        let (is_many, single) = (kind & 0x1000 != 0, kind & 0x0FFF);
        let is_sized = matches!(single, 0x0D | 0x1E | 0x1F | 0x102);
        let count = if is_many || is_sized { self.u32()? } else { 1 };
        if count > MOST_VALUES {
            return None;
        }
        let mut value = Vec::new();
        for index in 0..count {
            let one = match single {
                0x02 | 0x03 | 0x04 | 0x0A | 0x0B => self.take(4)?,
                0x05 | 0x06 | 0x07 | 0x14 | 0x40 => self.take(8)?,
                0x48 => self.take(16)?,
                _ if is_sized => self.sized()?,
                0x00 | 0x01 => &[],
                _ => return None,
            };
            if index > 0 && matches!(single, 0x1E | 0x1F) {
                value.extend_from_slice(if single == 0x1E { b", " } else { b",\0 \0" });
            } else if index > 0 {
                continue;
            }
            // Texts end with a zero, which is none of the words when several are one.
            let end = if index + 1 < count && single == 0x1E { one.strip_suffix(&[0]) } else { None };
            value.extend_from_slice(end.unwrap_or(one));
        }
        Some(Property { id, kind: single, value })
    }
}
