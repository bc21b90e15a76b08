//! A lexicon as bytes: numbers in little-endian order, lists behind their lengths. build.rs writes, the program reads.

use std::borrow::Cow;

use super::heads::{Grouped, Index};
use super::keys::{Entry, EntryTable, Filter};
use super::lexicon::Lexicon;
use super::word::{Role, Word};

/// What can be written as bytes and read again.
pub(super) trait Flat: Sized {
    fn write(&self, to: &mut Vec<u8>);

    /// None if the bytes are not what [`Flat::write`] writes.
    fn read(from: &mut &'static [u8]) -> Option<Self>;
}

fn take(from: &mut &'static [u8], count: usize) -> Option<&'static [u8]> {
    let (taken, rest) = from.split_at_checked(count)?;
    *from = rest;
    Some(taken)
}

impl Flat for u8 {
    fn write(&self, to: &mut Vec<u8>) {
        to.push(*self);
    }

    #[inline]
    fn read(from: &mut &'static [u8]) -> Option<Self> {
        let (first, rest) = from.split_first()?;
        *from = rest;
        Some(*first)
    }
}

impl Flat for bool {
    fn write(&self, to: &mut Vec<u8>) {
        to.push(u8::from(*self));
    }

    #[inline]
    fn read(from: &mut &'static [u8]) -> Option<Self> {
        u8::read(from).map(|byte| byte != 0)
    }
}

macro_rules! numbers {
    ($($kind:ty)*) => { $(
        impl Flat for $kind {
            fn write(&self, to: &mut Vec<u8>) {
                to.extend(self.to_le_bytes());
            }

            #[inline]
            fn read(from: &mut &'static [u8]) -> Option<Self> {
                Some(Self::from_le_bytes(take(from, size_of::<Self>())?.try_into().ok()?))
            }
        }
    )* };
}

numbers! { u16 u32 u64 }

/// Four bytes: nothing here has more parts.
impl Flat for usize {
    fn write(&self, to: &mut Vec<u8>) {
        u32::try_from(*self).unwrap_or(u32::MAX).write(to);
    }

    #[inline]
    fn read(from: &mut &'static [u8]) -> Option<Self> {
        u32::read(from)?.try_into().ok()
    }
}

impl<A: Flat, B: Flat> Flat for (A, B) {
    fn write(&self, to: &mut Vec<u8>) {
        self.0.write(to);
        self.1.write(to);
    }

    #[inline]
    fn read(from: &mut &'static [u8]) -> Option<Self> {
        Some((A::read(from)?, B::read(from)?))
    }
}

impl<T: Flat> Flat for Option<T> {
    fn write(&self, to: &mut Vec<u8>) {
        self.is_some().write(to);
        if let Some(some) = self {
            some.write(to);
        }
    }

    fn read(from: &mut &'static [u8]) -> Option<Self> {
        Some(if bool::read(from)? { Some(T::read(from)?) } else { None })
    }
}

impl<T: Flat> Flat for Vec<T> {
    fn write(&self, to: &mut Vec<u8>) {
        self.len().write(to);
        for one in self {
            one.write(to);
        }
    }

    fn read(from: &mut &'static [u8]) -> Option<Self> {
        let length = usize::read(from)?;
        let mut all = Self::with_capacity(length.min(from.len()));
        for _ in 0..length {
            all.push(T::read(from)?);
        }
        Some(all)
    }
}

impl<T: Flat + Clone> Flat for Box<[T]> {
    fn write(&self, to: &mut Vec<u8>) {
        self.to_vec().write(to);
    }

    fn read(from: &mut &'static [u8]) -> Option<Self> {
        Vec::read(from).map(Vec::into_boxed_slice)
    }
}

impl Flat for Cow<'static, str> {
    fn write(&self, to: &mut Vec<u8>) {
        self.len().write(to);
        to.extend(self.as_bytes());
    }

    fn read(from: &mut &'static [u8]) -> Option<Self> {
        let length = usize::read(from)?;
        std::str::from_utf8(take(from, length)?).ok().map(Cow::Borrowed)
    }
}

impl Flat for Role {
    fn write(&self, to: &mut Vec<u8>) {
        to.push(*self as u8);
    }

    fn read(from: &mut &'static [u8]) -> Option<Self> {
        let byte = u8::read(from)?;
        [Self::Phrase, Self::Context, Self::ContextAfter, Self::Veto].into_iter().find(|role| *role as u8 == byte)
    }
}

/// A type that is no more than its fields, in this order.
macro_rules! fields {
    ($($kind:ty { $($field:ident),* $(,)? })*) => { $(
        impl Flat for $kind {
            fn write(&self, to: &mut Vec<u8>) {
                $(self.$field.write(to);)*
            }

            fn read(from: &mut &'static [u8]) -> Option<Self> {
                Some(Self { $($field: Flat::read(from)?),* })
            }
        }
    )* };
}

fields! {
    Word { text, lead, stems, exact }
    Index { any, sure, pairs, stem_lengths, whole, stems, stem_lists, longest, alone, longer, starts, first_names }
    Lexicon { all, uses, index }
    Entry { bits }
    EntryTable { slots }
}

impl<const BITS: u32> Flat for Filter<BITS> {
    fn write(&self, to: &mut Vec<u8>) {
        self.words.write(to);
    }

    fn read(from: &mut &'static [u8]) -> Option<Self> {
        Some(Self { words: Flat::read(from)? })
    }
}

impl<T: Flat> Flat for Grouped<T> {
    fn write(&self, to: &mut Vec<u8>) {
        self.all.write(to);
        self.ends.write(to);
    }

    fn read(from: &mut &'static [u8]) -> Option<Self> {
        Some(Self { all: Flat::read(from)?, ends: Flat::read(from)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let lists: Vec<(usize, Option<Vec<u16>>)> = vec![(0, None), (70_000, Some(vec![1, 65_535])), (3, Some(vec![]))];
        let mut bytes = Vec::new();
        lists.write(&mut bytes);
        let bytes: &'static [u8] = bytes.leak();
        let mut rest = bytes;
        assert_eq!(Flat::read(&mut rest), Some(lists));
        assert!(rest.is_empty());
        for length in 0..bytes.len() {
            let mut cut = bytes.get(..length).unwrap();
            assert_eq!(Vec::<(usize, Option<Vec<u16>>)>::read(&mut cut), None, "{length} bytes");
        }
    }
}
