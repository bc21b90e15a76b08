//! Small sets of detectors as bits.

/// How many members a set can have.
pub(super) const MOST: usize = 512;

/// A set of numbers below [`MOST`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Bits {
    members: [u64; Bits::PARTS],
    /// Which of these have any, one bit each.
    parts: u8,
}

impl Bits {
    pub(super) const ALL: Self = Self { members: [u64::MAX; Bits::PARTS], parts: u8::MAX };

    pub(super) fn insert(&mut self, member: usize) {
        if let Some(word) = self.members.get_mut(member / 64) {
            *word |= 1 << (member % 64);
            self.parts |= 1 << (member / 64);
        }
    }

    /// Made of parts of 64 members.
    #[inline]
    pub(super) fn of(part: impl Fn(usize) -> u64) -> Self {
        let members = std::array::from_fn(part);
        let parts = members.iter().zip(0..).fold(0, |parts, (part, i)| parts | u8::from(*part != 0) << i);
        Self { members, parts }
    }

    /// How many parts of 64 members it has.
    pub(super) const PARTS: usize = MOST / 64;

    /// A part of it, one bit for each member.
    #[inline]
    pub(super) fn part(&self, part: usize) -> u64 {
        self.members.get(part).copied().unwrap_or(0)
    }

    /// Which parts have members, one bit each.
    #[inline]
    pub(super) fn parts(&self) -> u8 {
        self.parts
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
        for (to, from) in self.members.iter_mut().zip(other.members) {
            *to |= from;
        }
        self.parts |= other.parts;
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
        assert_eq!((bits.parts(), Bits::of(|part| bits.part(part))), (0b1001_0011, bits));
        let mut other = Bits::default();
        other.insert(130);
        other.add(&bits);
        assert_eq!(other.parts(), 0b1001_0111);
    }
}
