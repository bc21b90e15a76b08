//! A set of bytes: what a pattern can begin with, or what can touch a number.

use serde::{Deserialize, Serialize};

/// Which of the 256 bytes belong to it, one bit each.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct ByteSet([u64; 4]);

impl ByteSet {
    pub(super) const ALL: Self = Self([u64::MAX; 4]);

    pub(super) fn of(bytes: impl IntoIterator<Item = u8>) -> Self {
        let mut set = Self::default();
        bytes.into_iter().for_each(|byte| set.insert(byte));
        set
    }

    pub(super) fn insert(&mut self, byte: u8) {
        self.0[usize::from(byte / 64)] |= 1 << (byte % 64);
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (to, from) in self.0.iter_mut().zip(&other.0) {
            *to |= from;
        }
    }

    pub(super) fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte / 64)] >> (byte % 64) & 1 == 1
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    /// The bytes, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u8> + '_ {
        [0, 64, 128, 192].into_iter().zip(self.0).flat_map(|(base, mut bits)| {
            std::iter::from_fn(move || {
                let next = u8::try_from(bits.trailing_zeros()).ok().filter(|next| *next < 64)?;
                bits &= bits - 1;
                Some(base + next)
            })
        })
    }
}
