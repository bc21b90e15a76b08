//! Numbers as people write them: the signs between their characters, the letters of the country before them.

use super::Verdict;
use super::date::{Day, today};
use super::number::digits;

/// The value without `separators` and the white space around it, in upper case. The dashes, spaces
/// and wide digits of Unicode count as those of ASCII.
pub(super) fn compact(value: &str, separators: &str) -> String {
    let upper: String = without(value, separators).chars().flat_map(char::to_uppercase).collect();
    upper.trim_matches(is_blank).to_owned()
}

/// The value without `separators`; white space around it stays.
pub(super) fn without(value: &str, separators: &str) -> String {
    value.chars().map(plain).filter(|c| !separators.contains(*c)).collect()
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// The character of ASCII as which a sign of Unicode is read.
fn plain(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}' => '-',
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        '\u{ff0e}' | '\u{2022}' | '\u{b7}' => '.',
        '\u{ff0f}' | '\u{2044}' | '\u{2215}' => '/',
        '\u{ff10}'..='\u{ff19}' => u32::from(c).checked_sub(0xff10).and_then(|n| char::from_digit(n, 10)).unwrap_or(c),
        c => c,
    }
}

/// What follows the letters of the country, if they are there.
pub(super) fn after_country<'v>(value: &'v str, countries: &[&str]) -> &'v str {
    countries.iter().find_map(|country| value.strip_prefix(country)).unwrap_or(value)
}

/// The digits of a value of exactly `length` digits.
pub(super) fn digits_of(value: &str, length: usize) -> Option<Vec<u32>> {
    if value.len() == length { digits(value) } else { None }
}

/// The number that the digits from `from` up to `to` make.
pub(super) fn part(digits: &[u32], from: usize, to: usize) -> u32 {
    digits.get(from..to).unwrap_or_default().iter().fold(0, |number, digit| number * 10 + digit)
}

/// A day that exists.
pub(super) fn day(year: u32, month: u32, day: u32) -> Option<Day> {
    Day::new(u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
}

pub(super) fn certain(holds: bool) -> Verdict {
    if holds { Verdict::Certain } else { Verdict::Refuted }
}

pub(super) fn silent(holds: bool) -> Verdict {
    if holds { Verdict::Silent } else { Verdict::Refuted }
}

/// Refutes a day of birth to come, and one of somebody who would be older than anybody.
pub(super) fn lived(born: Option<Day>) -> Verdict {
    let today = today();
    silent(born.is_some_and(|born| born <= today && born.year + OLDEST >= today.year))
}

/// Years that nobody has lived.
const OLDEST: u16 = 125;

/// Refutes the same character over and over, which is nobody's number.
pub fn varied(value: &str) -> Verdict {
    let mut digits = value.chars().filter(char::is_ascii_digit);
    let first = digits.next();
    silent(digits.any(|digit| Some(digit) != first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_country_are_taken_off() {
        assert_eq!(compact(" pl 526–104-08\u{a0}28 ", " -"), "PL5261040828");
        assert_eq!(compact("１２", ""), "12");
        assert_eq!(compact("1.2", " -"), "1.2");
        assert_eq!(after_country("PL526", &["PL"]), "526");
        assert_eq!(after_country("526", &["PL"]), "526");
    }

    #[test]
    fn digits_and_days() {
        assert_eq!(digits_of("12", 2), Some(vec![1, 2]));
        assert_eq!(digits_of("1A", 2), None);
        assert_eq!(part(&[1, 9, 8, 0], 1, 4), 980);
        assert_eq!(day(1981, 2, 29), None);
        assert_eq!(lived(day(1981, 2, 28)), Verdict::Silent);
        assert_eq!(lived(day(1881, 2, 28)), Verdict::Refuted);
        assert_eq!(lived(day(2981, 2, 28)), Verdict::Refuted);
        assert_eq!(varied("0000000000"), Verdict::Refuted);
        assert_eq!(varied("0000000001"), Verdict::Silent);
    }
}
