//! Mends the letters and digits of codes that were read from a picture, where the check of the code then proves it.
//!
//! The Italian tax code (DM 23 December 1976 n. 13813): letters and digits stand in fixed places, and
//! the letters for digits of namesakes (`L` to `V`) leave out `O` and `I`. IBANs (ISO 13616-1):
//! after the country come two digits, and the account numbers of some countries are digits only.

use std::borrow::Cow;

/// The text with its codes mended. A code that was read well stays as it is, and so does one that
/// does not pass its check after mending.
pub(super) fn mended(text: &str) -> Cow<'_, str> {
    let mut changed: Option<String> = None;
    for (start, end) in runs(text) {
        let Some(run) = text.get(start..end) else { continue };
        if let Some(code) = tax_code(run).or_else(|| iban(run)) {
            let whole = changed.get_or_insert_with(|| text.to_owned());
            // All are ASCII, of one length: the places stay.
            whole.replace_range(start..end, &code);
        }
    }
    changed.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Runs of ASCII letters and digits, and those of several with single spaces between that are in capitals.
fn runs(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    let mut words = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes.iter().skip(at).take_while(|byte| is_part(byte)).count();
        if length > 0 {
            words.push((at, at + length));
        }
        at += length.max(1);
    }
    let mut runs = Vec::new();
    for (number, (start, end)) in words.iter().enumerate() {
        runs.push((*start, *end));
        let mut last = *end;
        for (next, until) in words.iter().skip(number + 1).take(10) {
            if next - last != 1 || bytes.get(last) != Some(&b' ') || until - start > 44 {
                break;
            }
            last = *until;
            runs.push((*start, last));
        }
    }
    runs
}

fn to_digit(byte: u8) -> u8 {
    match byte {
        b'O' | b'Q' | b'D' => b'0',
        b'I' => b'1',
        b'Z' => b'2',
        b'S' => b'5',
        b'G' => b'6',
        b'B' => b'8',
        other => other,
    }
}

fn to_letter(byte: u8) -> u8 {
    match byte {
        b'0' => b'O',
        b'1' => b'I',
        b'2' => b'Z',
        b'5' => b'S',
        b'6' => b'G',
        b'8' => b'B',
        other => other,
    }
}

/// The run as it was written, with its spaces, if changing its characters one by one gives a code that holds.
fn rewritten(run: &str, change: impl Fn(usize, u8) -> u8, holds: fn(&[u8]) -> bool) -> Option<String> {
    let read: Vec<u8> = run.bytes().filter(|byte| *byte != b' ').collect();
    let meant: Vec<u8> = read.iter().enumerate().map(|(at, byte)| change(at, *byte)).collect();
    if meant == read || holds(&read) || !holds(&meant) {
        return None;
    }
    let mut meant = meant.into_iter();
    Some(run.bytes().map(|byte| char::from(if byte == b' ' { b' ' } else { meant.next().unwrap_or(byte) })).collect())
}

fn tax_code(run: &str) -> Option<String> {
    if run.bytes().filter(|byte| *byte != b' ').count() != 16 {
        return None;
    }
    let change = |at: usize, byte: u8| match at {
        0..=5 | 8 | 11 | 15 => to_letter(byte),
        // Other letters stand for the digits of namesakes.
        _ => match byte {
            b'O' => b'0',
            b'I' => b'1',
            b'Z' => b'2',
            b'G' => b'6',
            b'B' => b'8',
            other => other,
        },
    };
    rewritten(run, change, tax_code_holds)
}

fn tax_code_holds(code: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let letters = code.iter().enumerate().all(|(at, byte)| match at {
        0..=5 | 8 | 11 | 15 => byte.is_ascii_uppercase(),
        _ => byte.is_ascii_digit() || (b'L'..=b'V').contains(byte) && *byte != b'O',
    });
    let sum: u32 = code
        .iter()
        .take(15)
        .enumerate()
        .map(|(at, byte)| {
            let value = if byte.is_ascii_digit() { byte - b'0' } else { byte.wrapping_sub(b'A') };
            if at % 2 == 0 { ODD.get(usize::from(value)).copied().unwrap_or(0) } else { u32::from(value) }
        })
        .sum();
    letters && code.len() == 16 && code.last().is_some_and(|last| u32::from(last.wrapping_sub(b'A')) == sum % 26)
}

/// Countries whose accounts are digits only, with the length of their IBANs.
const DIGITS_ONLY: &[(&[u8], usize)] = &[
    (b"AT", 20),
    (b"BE", 16),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DK", 18),
    (b"EE", 20),
    (b"ES", 24),
    (b"FI", 18),
    (b"HR", 21),
    (b"HU", 28),
    (b"LT", 20),
    (b"NO", 15),
    (b"PL", 28),
    (b"PT", 25),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
];

fn iban(run: &str) -> Option<String> {
    let length = run.bytes().filter(|byte| *byte != b' ').count();
    let country: Vec<u8> = run.bytes().filter(|byte| *byte != b' ').take(2).map(to_letter).collect();
    let only_digits = DIGITS_ONLY.iter().any(|(code, long)| *code == country.as_slice() && *long == length);
    let is_italian = (country.as_slice() == b"IT" || country.as_slice() == b"SM") && length == 27;
    let is_french = country.as_slice() == b"FR" && length == 27;
    if !only_digits && !is_italian && !is_french {
        return None;
    }
    let change = |at: usize, byte: u8| match at {
        0 | 1 => to_letter(byte),
        2 | 3 => to_digit(byte),
        4 if is_italian => to_letter(byte),
        5..=14 if is_italian => to_digit(byte),
        4..=13 | 25..=26 if is_french => to_digit(byte),
        _ if only_digits => to_digit(byte),
        // The number of an account may hold letters: as people are given them, it is digits.
        _ => byte,
    };
    rewritten(run, change, iban_holds)
}

fn iban_holds(code: &[u8]) -> bool {
    let Some((head, tail)) = code.split_at_checked(4) else { return false };
    let mut rest = 0u32;
    for byte in tail.iter().chain(head) {
        rest = match byte {
            b'0'..=b'9' => rest * 10 + u32::from(byte - b'0'),
            b'A'..=b'Z' => rest * 100 + u32::from(byte - b'A') + 10,
            _ => return false,
        } % 97;
    }
    rest == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(read: &str, expected: &str) {
        assert_eq!(mended(read), expected);
    }

    #[test]
    fn tax_codes_by_place_and_check_letter() {
        check("RSSMRA80A01H501U", "RSSMRA80A01H501U");
        check("C.F.: R5SMRA8OA0IH501U.", "C.F.: RSSMRA80A01H501U.");
        check("RSS MRA 8OA01 H501U", "RSS MRA 80A01 H501U");
        check("R5SMRA8OA0IH501X", "R5SMRA8OA0IH501X");
        check("DOCUMENTO IMPORTANTE OGGI", "DOCUMENTO IMPORTANTE OGGI");
    }

    #[test]
    fn accounts_by_place_and_check_digits() {
        check("IBAN IT60X0542811101000000123456", "IBAN IT60X0542811101000000123456");
        check("IT60 X054 28I1 1O10 0000 0123 456", "IT60 X054 2811 1010 0000 0123 456");
        check("DE89 37O4 0044 O532 0I30 00", "DE89 3704 0044 0532 0130 00");
        check("0E89 3704 0044 0532 0130 00", "0E89 3704 0044 0532 0130 00");
        check("DE89 37O4 0044 O532 0I30 01", "DE89 37O4 0044 O532 0I30 01");
    }
}
