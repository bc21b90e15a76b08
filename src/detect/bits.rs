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

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (to, from) in self.0.iter_mut().zip(&other.0) {
            *to |= from;
        }
    }

    pub(super) fn and(mut self, other: &Self) -> Self {
        for (to, from) in self.0.iter_mut().zip(&other.0) {
            *to &= from;
        }
        self
    }

    pub(super) fn iter(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(word, mut bits)| {
            std::iter::from_fn(move || {
                (bits != 0).then(|| {
                    let bit = bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    word * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_out_as_they_went_in() {
        let mut bits = Bits::default();
        assert!(bits.is_empty());
        for member in [0, 63, 64, 300, MOST - 1, MOST] {
            bits.insert(member);
        }
        assert_eq!(bits.iter().collect::<Vec<_>>(), [0, 63, 64, 300, MOST - 1]);
        assert_eq!(bits.iter().count(), 5);
    }
}
