//! Which versions a scan has met: one bit each, so that millions fit in a few megabytes.

#[derive(Debug, Default)]
pub(super) struct Seen {
    bits: Vec<u64>,
    count: u64,
}

impl Seen {
    pub(super) fn mark(&mut self, id: i64) {
        let Ok(id) = usize::try_from(id) else { return };
        if self.bits.len() <= id / 64 {
            self.bits.resize(id / 64 + 1, 0);
        }
        if let Some(word) = self.bits.get_mut(id / 64) {
            self.count += u64::from(*word & (1 << (id % 64)) == 0);
            *word |= 1 << (id % 64);
        }
    }

    pub(super) fn clear(&mut self, id: i64) {
        if self.has(id)
            && let Some(word) = usize::try_from(id).ok().and_then(|id| self.bits.get_mut(id / 64))
        {
            *word &= !(1 << (id % 64));
            self.count -= 1;
        }
    }

    pub(super) fn has(&self, id: i64) -> bool {
        let word = usize::try_from(id).ok().and_then(|id| self.bits.get(id / 64).map(|word| word >> (id % 64)));
        word.is_some_and(|word| word & 1 == 1)
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counts_once() {
        let mut seen = Seen::default();
        for id in [0, 63, 64, 1000, 64] {
            seen.mark(id);
        }
        assert_eq!(seen.count(), 4);
        seen.clear(63);
        seen.clear(65);
        assert_eq!(seen.count(), 3);
        assert!(!seen.has(63) && seen.has(1000) && !seen.has(65) && !seen.has(1 << 40) && !seen.has(-1));
    }
}
