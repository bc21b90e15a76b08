//! Reads the compact protocol of Thrift, in which the structures of a Parquet file are written.
//!
//! Specification: <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

/// Structures within structures.
const DEPTH: u32 = 32;

/// A place in the bytes of a structure.
pub(super) struct Thrift<'b> {
    bytes: &'b [u8],
    at: usize,
}

/// A value of a field; structures, lists and the like are then to be read or skipped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'b> {
    Bool(bool),
    Number(i64),
    Binary(&'b [u8]),
    Struct,
    /// How many there are, and of which kind.
    List(u32, u8),
    /// Skipped already.
    Other,
}

impl Value<'_> {
    pub(super) fn number(self) -> i64 {
        if let Self::Number(number) = self { number } else { 0 }
    }

    pub(super) fn text(self) -> String {
        if let Self::Binary(bytes) = self { String::from_utf8_lossy(bytes).into_owned() } else { String::new() }
    }
}

impl<'b> Thrift<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bytes read so far.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let value = self.unsigned()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// Reads the fields of a structure; `each` gets the number of each and its value, and reads
    /// structures and lists itself, or they are skipped.
    pub(super) fn fields(&mut self, each: &mut dyn FnMut(&mut Self, i16, Value<'b>) -> Option<bool>) -> Option<()> {
        let mut field = 0i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            let delta = i16::from(head >> 4);
            field = if delta == 0 { i16::try_from(self.signed()?).ok()? } else { field.checked_add(delta)? };
            let value = self.value(head & 15)?;
            let taken = each(self, field, value)?;
            if !taken {
                self.skip_content(value, DEPTH)?;
            }
        }
    }

    /// Reads the values of a list.
    pub(super) fn items(
        &mut self,
        list: Value<'b>,
        each: &mut dyn FnMut(&mut Self, Value<'b>) -> Option<()>,
    ) -> Option<bool> {
        let Value::List(count, kind) = list else { return Some(false) };
        for _ in 0..count {
            let value = match kind {
                1 | 2 => Value::Bool(self.byte()? == 1),
                kind => self.value(kind)?,
            };
            each(self, value)?;
        }
        Some(true)
    }

    fn value(&mut self, kind: u8) -> Option<Value<'b>> {
        Some(match kind {
            1 => Value::Bool(true),
            2 => Value::Bool(false),
            3 => Value::Number(i64::from(self.byte()?.cast_signed())),
            4..=6 => Value::Number(self.signed()?),
            7 => {
                self.at = self.at.checked_add(8)?;
                Value::Other
            }
            8 => {
                let length = usize::try_from(self.unsigned()?).ok()?;
                let bytes = self.bytes.get(self.at..self.at.checked_add(length)?)?;
                self.at += length;
                Value::Binary(bytes)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { u32::try_from(self.unsigned()?).ok()? } else { u32::from(head >> 4) };
                Value::List(count, head & 15)
            }
            12 => Value::Struct,
            // Maps and whatever else no structure of Parquet has.
            _ => return None,
        })
    }

    /// Passes over what a value holds.
    pub(super) fn skip_content(&mut self, value: Value<'b>, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match value {
            Value::Struct => loop {
                let head = self.byte()?;
                if head == 0 {
                    return Some(());
                }
                if head >> 4 == 0 {
                    self.signed()?;
                }
                let value = self.value(head & 15)?;
                self.skip_content(value, depth)?;
            },
            Value::List(count, kind) => {
                for _ in 0..count {
                    if matches!(kind, 1 | 2) {
                        self.byte()?;
                    } else {
                        let value = self.value(kind)?;
                        self.skip_content(value, depth)?;
                    }
                }
                Some(())
            }
            _ => Some(()),
        }
    }
}
