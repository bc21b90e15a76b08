//! Dates as people write them: calendar days, and days on which a living person may be born.

use std::fmt;

use super::Verdict;
use crate::detect::fold::fold;

/// A day of the Gregorian calendar. Displays as `1980-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Day {
    /// A day that exists.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        (day >= 1 && day <= days_in(year, month)).then_some(Self { year, month, day })
    }
}

/// Days of the month; 0 if there is no such month.
pub fn days_in(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

/// Beginnings of the names of months, folded, in Italian, German, French, Spanish, English,
/// Portuguese and Dutch.
const MONTHS: [&[&str]; 12] = [
    &["gen", "jan", "ene"],
    &["feb", "fev", "feb"],
    &["mar", "marz", "maer", "mrt", "maa"],
    &["apr", "avr", "abr"],
    &["mag", "mai", "may", "mei"],
    &["giu", "jun", "juin"],
    &["lug", "jul", "juil"],
    &["ago", "aug", "aou"],
    &["set", "sep"],
    &["ott", "okt", "oct", "out"],
    &["nov"],
    &["dic", "dez", "dec"],
];

fn month_by_name(word: &str) -> Option<u8> {
    // `juin` and `juil` differ only in their fourth letter; `mar` is March, `mag` and `mai` May.
    let at = MONTHS.iter().position(|names| names.iter().any(|name| word.starts_with(name)))?;
    u8::try_from(at + 1).ok()
}

/// Reads a date: day, month, year (also American when only that is possible), or year first.
/// Two-digit years are taken as birth years: 00 to 25 lie in this century.
pub fn parse(text: &str) -> Option<Day> {
    let folded = fold(text);
    let parts: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty() && !matches!(*part, "de" | "di" | "del" | "of"))
        .collect();
    let &[first, second, third] = parts.as_slice() else { return compact(&parts) };
    let number = |part: &str| part.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse::<u16>().ok();
    let small = |part: &str| number(part).and_then(|n| u8::try_from(n).ok());
    let year = |part: &str| match (part.len(), number(part)?) {
        (4, year) => Some(year),
        (2, year) if year <= 25 => Some(2000 + year),
        (2, year) => Some(1900 + year),
        _ => None,
    };
    if first.len() == 4 && first.bytes().all(|b| b.is_ascii_digit()) {
        return Day::new(number(first)?, small(second)?, small(third)?);
    }
    if first.starts_with(|c: char| c.is_alphabetic()) {
        return Day::new(year(third)?, month_by_name(first)?, small(second)?);
    }
    if second.starts_with(|c: char| c.is_alphabetic()) {
        return Day::new(year(third)?, month_by_name(second)?, small(first)?);
    }
    let (day, month, year) = (small(first)?, small(second)?, year(third)?);
    Day::new(year, month, day).or_else(|| Day::new(year, day, month))
}

/// `19800131` or `31011980`.
fn compact(parts: &[&str]) -> Option<Day> {
    let &[digits] = parts else { return None };
    if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let field = |from: usize, to: usize| digits.get(from..to)?.parse::<u16>().ok();
    let small = |from, to| field(from, to).and_then(|n| u8::try_from(n).ok());
    Day::new(field(0, 4)?, small(4, 6)?, small(6, 8)?)
        .filter(|day| (1900..2100).contains(&day.year))
        .or_else(|| Day::new(field(4, 8)?, small(2, 4)?, small(0, 2)?).filter(|day| (1900..2100).contains(&day.year)))
}

/// Today, in UTC.
pub fn today() -> Day {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    Day {
        year: u16::try_from(today.year()).unwrap_or(u16::MAX),
        month: u8::try_from(today.month()).unwrap_or(12),
        day: u8::try_from(today.day()).unwrap_or(31),
    }
}

/// A day on which somebody alive, or lately alive, was born: 1900 until today.
pub fn birth(value: &str) -> Verdict {
    match parse(value) {
        Some(day) if day.year >= 1900 && day <= today() => Verdict::Certain,
        _ => Verdict::Refuted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_people_write_them() {
        for (text, day) in [
            ("31/01/1980", Some("1980-01-31")),
            ("31.1.80", Some("1980-01-31")),
            ("1-2-05", Some("2005-02-01")),
            ("1980-01-31", Some("1980-01-31")),
            ("31 gennaio 1980", Some("1980-01-31")),
            ("1° marzo 1980", Some("1980-03-01")),
            ("3. März 1980", Some("1980-03-03")),
            ("1er août 1975", Some("1975-08-01")),
            ("7 juillet 1975", Some("1975-07-07")),
            ("7 juin 1975", Some("1975-06-07")),
            ("March 3rd, 1980", Some("1980-03-03")),
            ("3 de mayo de 1980", Some("1980-05-03")),
            ("12/31/1980", Some("1980-12-31")),
            ("19800131", Some("1980-01-31")),
            ("31011980", Some("1980-01-31")),
            ("30/02/1980", None),
            ("29/02/1981", None),
            ("29/02/1980", Some("1980-02-29")),
            ("32/13/1980", None),
            ("12 settembre", None),
        ] {
            assert_eq!(parse(text).map(|day| day.to_string()).as_deref(), day, "{text}");
        }
    }

    #[test]
    fn nobody_was_born_in_1850_or_will_be_tomorrow() {
        assert_eq!(birth("1980-01-31"), Verdict::Certain);
        assert_eq!(birth("1850-01-31"), Verdict::Refuted);
        assert_eq!(birth("2999-01-31"), Verdict::Refuted);
    }
}
