//! Reads the small numbers of a page: levels and places in the dictionary, as runs and packed bits.
//!
//! Specification: <https://parquet.apache.org/docs/file-format/data-pages/encodings/>, RLE / bit-packing hybrid.

pub(super) struct Hybrid {
    bytes: Vec<u8>,
    /// Of the next run.
    at: usize,
    width: u32,
    /// Repetitions that are left.
    repeat: u64,
    value: u32,
    /// Packed values that are left, and the bit at which the next one begins.
    packed: u64,
    bit: usize,
}

impl Hybrid {
    pub(super) fn new(bytes: &[u8], width: u32) -> Self {
        Self { bytes: bytes.to_vec(), at: 0, width: width.min(32), repeat: 0, value: 0, packed: 0, bit: 0 }
    }

    pub(super) fn next(&mut self) -> Option<u32> {
        loop {
            if self.repeat > 0 {
                self.repeat -= 1;
                return Some(self.value);
            }
            if self.packed > 0 {
                self.packed -= 1;
                return self.bits();
            }
            let mut header = 0u64;
            for shift in (0..35).step_by(7) {
                let byte = *self.bytes.get(self.at)?;
                self.at += 1;
                header |= u64::from(byte & 0x7f) << shift;
                if byte & 0x80 == 0 {
                    break;
                }
            }
            if header & 1 == 1 {
                self.packed = (header >> 1) * 8;
                self.bit = self.at.checked_mul(8)?;
                let bytes = usize::try_from((header >> 1) * u64::from(self.width)).ok()?;
                self.at = self.at.checked_add(bytes)?;
            } else {
                self.repeat = header >> 1;
                self.value = 0;
                for index in 0..self.width.div_ceil(8) {
                    self.value |= u32::from(*self.bytes.get(self.at)?) << (8 * index);
                    self.at += 1;
                }
            }
        }
    }

    fn bits(&mut self) -> Option<u32> {
        let mut value = 0u64;
        let first = self.bit / 8;
        let shift = self.bit % 8;
        let end = self.bit + usize::try_from(self.width).ok()?;
        for (index, at) in (first..end.div_ceil(8)).enumerate() {
            value |= u64::from(*self.bytes.get(at)?) << (8 * index);
        }
        self.bit = end;
        let value = (value >> shift) & ((1u64 << self.width) - 1);
        u32::try_from(value).ok()
    }
}

/// Bits that hold numbers up to this one.
pub(super) fn width(most: u32) -> u32 {
    32 - most.leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_packed_bits() {
        // The example of the specification: 0 to 7 in three bits; then five times 4.
        let mut numbers = Hybrid::new(&[3, 0b1000_1000, 0b1100_0110, 0b1111_1010, 10, 4], 3);
        let all: Vec<u32> = std::iter::from_fn(|| numbers.next()).collect();
        assert_eq!(all, [0, 1, 2, 3, 4, 5, 6, 7, 4, 4, 4, 4, 4]);
        assert_eq!(Hybrid::new(&[], 3).next(), None);
        assert_eq!(Hybrid::new(&[3, 1], 8).next(), Some(1));
        assert_eq!([width(0), width(1), width(2), width(7), width(8)], [0, 1, 2, 3, 4]);
    }
}
