//! Small sets of detectors as bits.

/// How many members a set can have.
pub(super) const MOST: usize = 512;

/// A set of numbers below [`MOST`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits([u64; MOST / 64]);

impl Bits {
    pub(super) fn insert(&mut self, member: usize) {
        if let Some(word) = self.0.get_mut(member / 64) {
            *word |= 1 << (member % 64);
        }
    }

    /// Made of parts of 64 members.
    #[inline]
    pub(super) fn of(part: impl Fn(usize) -> u64) -> Self {
        Self(std::array::from_fn(part))
    }

    /// How many parts of 64 members it has.
    pub(super) const PARTS: usize = MOST / 64;

    /// A part of it, one bit for each member.
    #[inline]
    pub(super) fn part(&self, part: usize) -> u64 {
        self.0.get(part).copied().unwrap_or(0)
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().fold(0, |all, part| all | part) == 0
    }

    /// The members that a part has of these bits.
    #[inline]
    pub(super) fn each(part: usize, mut bits: u64, mut each: impl FnMut(usize)) {
        while bits != 0 {
            each(part * 64 + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (to, from) in self.0.iter_mut().zip(&other.0) {
            *to |= from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_out_as_they_went_in() {
        let mut bits = Bits::default();
        for member in [0, 63, 64, 300, MOST - 1, MOST] {
            bits.insert(member);
        }
        let mut members = Vec::new();
        for part in 0..Bits::PARTS {
            Bits::each(part, bits.part(part), |member| members.push(member));
        }
        assert_eq!(members, [0, 63, 64, 300, MOST - 1]);
    }
}
