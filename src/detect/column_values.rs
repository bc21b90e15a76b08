//! What the values of a column look like: codes, numbers that count up, numbers of things.

use super::check::{Verdict, thing};

/// Digits, mostly, as identifiers have them.
pub(super) fn is_code(value: &str) -> bool {
    const LENGTHS: std::ops::RangeInclusive<usize> = 7..=24;
    let bytes = value.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    LENGTHS.contains(&bytes.len())
        && digits >= 7
        && digits * 2 >= bytes.len()
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b" -./".contains(byte))
}

/// Digits and length of the first run of letters and digits that holds a digit.
pub(super) fn first_shape(value: &str) -> (usize, usize) {
    let runs = value.as_bytes().split(|byte| !byte.is_ascii_alphanumeric());
    let digits = |run: &[u8]| run.iter().filter(|byte| byte.is_ascii_digit()).count();
    runs.map(|run| (digits(run), run.len())).find(|(digits, _)| *digits > 0).unwrap_or_default()
}

/// Whether most values follow each other at the same distance.
pub(super) fn counts_up(values: &[&str]) -> bool {
    let number =
        |value: &&str| value.bytes().filter(u8::is_ascii_digit).map(char::from).collect::<String>().parse().ok();
    let mut numbers: Vec<u128> = values.iter().filter_map(number).collect();
    numbers.sort_unstable();
    let mut steps: Vec<u128> =
        numbers.iter().zip(numbers.iter().skip(1)).map(|(one, next)| next.saturating_sub(*one)).collect();
    steps.sort_unstable();
    steps.chunk_by(|one, other| one == other).any(|same| same.len() * 2 > steps.len())
}

/// Whether they pass the checks of goods, books, devices and chip cards.
pub(super) fn are_things(values: &[&str]) -> bool {
    let plain: Vec<String> = values
        .iter()
        .map(|value| value.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase())
        .collect();
    [thing::gtin, thing::imei, thing::iccid, book].into_iter().any(|is| {
        let of_things = plain.iter().filter(|value| is(value) == Verdict::Certain).count();
        of_things * 10 >= plain.len() * 8
    })
}

/// ISO 2108, ten characters, of which the last may be a digit: no NHS number, which has the same
/// check, begins so.
pub(super) fn book(value: &str) -> Verdict {
    let group = value.starts_with(['0', '1', '2', '3', '5', '8', '9']);
    let ends = value.len() == 10 && value.bytes().rev().skip(1).all(|byte| byte.is_ascii_digit());
    let sum: u32 = (1..=10)
        .rev()
        .zip(value.chars())
        .map(|(weight, c)| weight * if c == 'X' { 10 } else { c.to_digit(10).unwrap_or(0) })
        .sum();
    if group && ends && sum.is_multiple_of(11) { Verdict::Certain } else { Verdict::Refuted }
}
