//! What patterns can begin with, in the form in which the program brings it with it.

use serde::{Deserialize, Serialize};

use super::start::{Shapes, Start};
use super::start_words::StartWord;

/// A [`Start`] in few numbers.
#[derive(Deserialize, Serialize)]
pub(super) struct PreparedStart {
    first: [u64; 4],
    digit: Option<(SomeShapes, usize)>,
    after_run: [u64; 4],
    last_run: SomeShapes,
    longest: Option<usize>,
    /// Bytes before it, the word, whether it may go on.
    words: Option<Vec<(usize, String, bool)>>,
}

/// Counts of digits that are possible at all, with their lengths.
type SomeShapes = Vec<(usize, u64)>;

impl From<&Start> for PreparedStart {
    fn from(start: &Start) -> Self {
        let word = |word: &StartWord| (word.lead, word.text.clone(), word.stem);
        Self {
            first: packed(&start.first),
            digit: start.digit.as_ref().map(|(shapes, lead)| (some_shapes(shapes), *lead)),
            after_run: packed(&start.after_run),
            last_run: some_shapes(&start.last_run),
            longest: start.longest,
            words: start.words.as_ref().map(|words| words.iter().map(word).collect()),
        }
    }
}

impl From<PreparedStart> for Start {
    fn from(prepared: PreparedStart) -> Self {
        let word = |(lead, text, stem)| StartWord { lead, text, stem };
        Self {
            first: unpacked(prepared.first),
            digit: prepared.digit.map(|(shapes, lead)| (all_shapes(&shapes), lead)),
            after_run: unpacked(prepared.after_run),
            last_run: all_shapes(&prepared.last_run),
            longest: prepared.longest,
            words: prepared.words.map(|words| words.into_iter().map(word).collect()),
        }
    }
}

fn packed(bytes: &[bool; 256]) -> [u64; 4] {
    let mut packed = [0; 4];
    for (bits, part) in packed.iter_mut().zip(bytes.chunks(64)) {
        *bits = part.iter().rev().fold(0, |bits, bit| bits << 1 | u64::from(*bit));
    }
    packed
}

fn unpacked(packed: [u64; 4]) -> [bool; 256] {
    let mut bytes = [false; 256];
    for (part, bits) in bytes.chunks_mut(64).zip(packed) {
        for (i, bit) in part.iter_mut().enumerate() {
            *bit = bits >> i & 1 == 1;
        }
    }
    bytes
}

fn some_shapes(shapes: &Shapes) -> SomeShapes {
    shapes.iter().copied().enumerate().filter(|(_, lengths)| *lengths != 0).collect()
}

fn all_shapes(some: &[(usize, u64)]) -> Shapes {
    let mut shapes = Shapes::default();
    for (digits, lengths) in some {
        if let Some(to) = shapes.get_mut(*digits) {
            *to = *lengths;
        }
    }
    shapes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prepared_start_is_the_start() {
        for pattern in [r"\+?[0-9]{2,30}[ -]?[0-9]{2}", "(?i)pass(?:word|wd) ?:", "[é-ö]+", "[A-Z0-9]*[0-9]"] {
            let start = Start::of(&regex_syntax::parse(pattern).unwrap(), false);
            let json = serde_json::to_string(&PreparedStart::from(&start)).unwrap();
            let read: Start = serde_json::from_str::<PreparedStart>(&json).unwrap().into();
            assert_eq!(format!("{read:?}"), format!("{start:?}"));
        }
    }
}
