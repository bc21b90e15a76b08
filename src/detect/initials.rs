//! The letters with which the next word begins, letters beyond ASCII, and runs of initials.

use super::letters::TwoBytes;

/// The first two letters of a word.
pub(super) type Two = u16;

/// Stands for any letters, and for some beyond ASCII.
pub(super) const ANY: Two = 0;

pub(super) fn two(first: u8, second: u8) -> Two {
    u16::from_le_bytes([first, second])
}

/// The folded letters of a character U+00C0 to U+017F, by its two bytes, if they are ASCII.
pub(super) fn latin_letter(first: u8, second: u8) -> Option<[u8; 2]> {
    if !(0xc3..=0xc5).contains(&first) {
        return None;
    }
    match TwoBytes::get(first, second)?.letters? {
        [one, two, 0, 0] if one < 0x80 && two < 0x80 => Some([one, two]),
        _ => None,
    }
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
