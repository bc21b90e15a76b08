//! The letters with which the next word begins, letters beyond ASCII, and runs of initials.

use std::sync::LazyLock;

use super::fold::fold;

/// The first two letters of a word.
pub(super) type Two = u16;

/// Stands for any letters, and for some beyond ASCII.
pub(super) const ANY: Two = 0;

pub(super) fn two(first: u8, second: u8) -> Two {
    u16::from_le_bytes([first, second])
}

/// The folded letters of a character U+00C0 to U+017F, by its two bytes.
pub(super) fn latin_letter(first: u8, second: u8) -> Option<[u8; 2]> {
    static LETTERS: LazyLock<[[u8; 2]; 192]> = LazyLock::new(|| {
        let mut letters = [[0; 2]; 192];
        for (letters, c) in letters.iter_mut().zip('\u{c0}'..='\u{17f}') {
            let folded = fold(&c.to_string());
            if folded.is_ascii() && folded.len() <= 2 && c.is_alphanumeric() {
                for (to, from) in letters.iter_mut().zip(folded.bytes()) {
                    *to = from;
                }
            }
        }
        letters
    });
    let place = usize::from(first.checked_sub(0xc3)?) * 64 + usize::from(second.checked_sub(0x80)?);
    LETTERS.get(place).copied().filter(|letters| letters[0] != 0)
}

/// The two letters or digits, folded, with which the next word from `at` on begins; any, if that is not plain.
pub(super) fn next_two(bytes: &[u8], at: usize) -> Two {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.iter().position(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80) {
        Some(first) => two_at(bytes, at + first),
        None => ANY,
    }
}

/// The same from the first eight folded bytes of a word, if the first two are plain.
#[inline]
pub(super) fn first_two(low: u64) -> Two {
    let [first, second, ..] = low.to_le_bytes();
    two(first, second)
}

/// Whether one of the first two bytes of a word is not plain.
#[inline]
pub(super) fn is_beyond_ascii(low: u64) -> bool {
    low & 0x8080 != 0
}

/// The same for the word that begins at `at`.
#[inline]
pub(super) fn two_at(bytes: &[u8], at: usize) -> Two {
    let byte = |i: usize| bytes.get(at + i).copied().unwrap_or(0);
    let (first, second) = (byte(0), byte(1));
    if first < 0x80 && second < 0x80 {
        return match second {
            // One of several initials, perhaps.
            b'.' => ANY,
            _ => two(first | 0x20, if second.is_ascii_alphanumeric() { second | 0x20 } else { 0 }),
        };
    }
    let mut letters = [0; 2];
    let (mut known, mut i) = (0, 0);
    while known < 2 {
        let here = byte(i);
        let both = if here < 0x80 {
            i += 1;
            [if here.is_ascii_alphanumeric() { here | 0x20 } else { 0 }, 0]
        } else {
            i += 2;
            let Some(both) = latin_letter(here, byte(i - 1)) else { return ANY };
            both
        };
        if both[0] == 0 {
            return if known == 0 || here == b'.' { ANY } else { two(letters[0], 0) };
        }
        for letter in both.into_iter().filter(|letter| *letter != 0) {
            if let Some(to) = letters.get_mut(known) {
                *to = letter;
            }
            known += 1;
        }
    }
    two(letters[0], letters[1])
}

/// Where a run of initials ends that begins at `start`: after the L of `C.G.I.L.`; after the first
/// letter if no other follows it.
pub(super) fn end_of_initials(bytes: &[u8], start: usize) -> usize {
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let word = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80);
    let mut end = start + 1;
    if !letter(start) {
        return end;
    }
    while bytes.get(end) == Some(&b'.') && letter(end + 1) && !word(end + 2) {
        end += 2;
    }
    end
}
