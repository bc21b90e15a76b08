//! Numbers at random and numbers with one wrong character, for the tests of the checks.

/// A generator of numbers below its argument; the same for the same seed.
pub(super) fn random(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 16).unwrap() % below
    }
}

/// The value with the letter or digit at `place` replaced by the next one.
pub(super) fn changed(value: &str, place: usize) -> String {
    value
        .chars()
        .enumerate()
        .map(|(i, c)| match c {
            c if i != place => c,
            '9' => '0',
            'Z' => 'A',
            c => char::from(u8::try_from(c).unwrap() + 1),
        })
        .collect()
}
