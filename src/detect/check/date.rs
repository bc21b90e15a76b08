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

/// Beginnings of the names of months in the 24 languages of the EU, folded; the longest that fits counts
/// (`marras` is November in Finnish, `mar` March in most). The Croatian `listopad`, October, is
/// read as the Polish and Czech November.
const MONTHS: [&[&str]; 12] = [
    &["gen", "jan", "ene", "ian", "jaan", "sty", "led", "tammi", "sau", "ean", "sij", "ян", "ιαν", "γεν"],
    &["feb", "fev", "fabh", "feabh", "fra", "veeb", "lut", "uno", "helmi", "vas", "velj", "фев", "φεβ", "φλε"],
    &["mar", "maer", "mrt", "maa", "bre", "kov", "ozu", "мар", "μαρ"],
    &["apr", "avr", "abr", "kwi", "dub", "huhti", "bal", "aib", "tra", "апр", "απρ"],
    &["mag", "mai", "may", "mei", "maj", "mej", "kve", "touko", "geg", "beal", "svi", "май", "маи", "μαι"],
    &[
        "giu", "jun", "juin", "juun", "iun", "cze", "cerv", "kesa", "bir", "meith", "lipn", "lipan", "gun", "юни",
        "ιουν",
    ],
    &[
        "lug", "jul", "juil", "juul", "iul", "lip", "cervc", "cervenc", "cervenec", "heina", "lie", "iuil", "srpnj",
        "srpan", "lul", "юли", "ιουλ",
    ],
    &["ago", "aug", "aou", "avg", "sie", "srp", "elo", "rugp", "lun", "kol", "aww", "авг", "αυγ"],
    &["set", "sep", "szep", "wrz", "zar", "syys", "rugs", "mean", "ruj", "сеп", "σεπ"],
    &["ott", "okt", "oct", "out", "paz", "rij", "loka", "spa", "deir", "ott", "окт", "οκτ"],
    &["nov", "noi", "lis", "marras", "lap", "samh", "stu", "ное", "νοε"],
    &["dic", "dez", "dec", "det", "gru", "pro", "joulu", "noll", "дек", "δεκ"],
];

fn month_by_name(word: &str) -> Option<u8> {
    let fits = |names: &&[&str]| names.iter().filter(|name| word.starts_with(**name)).map(|name| name.len()).max();
    let (at, _) = MONTHS
        .iter()
        .enumerate()
        .filter_map(|(at, names)| Some((at, fits(names)?)))
        .max_by_key(|(_, length)| *length)?;
    u8::try_from(at + 1).ok()
}

/// Words that stand between the parts of a date, folded: `3 de mayo de 1980`, `1983 m. gegužės 11 d.`
const BETWEEN: &[&str] =
    &["de", "di", "del", "do", "of", "ta", "den", "am", "m", "d", "gada", "r", "г", "god", "h", "day"];

/// Reads a date: day, month, year (also American when only that is possible), or year first.
/// Two-digit years are taken as birth years: those up to this year's lie in this century.
pub fn parse(text: &str) -> Option<Day> {
    let folded = fold(text);
    // `1980-01-31T00:00:00`: the day is what counts.
    let day = folded.split_once('t').map_or(folded.as_str(), |(day, time)| {
        let clock = day.len() >= 8 && time.starts_with(|c: char| c.is_ascii_digit()) && time.contains(':');
        if clock { day } else { folded.as_str() }
    });
    let parts: Vec<&str> =
        day.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty() && !BETWEEN.contains(part)).collect();
    let &[first, second, third] = parts.as_slice() else { return compact(&parts) };
    let number = |part: &str| part.trim_end_matches(char::is_alphabetic).parse::<u16>().ok();
    let small = |part: &str| number(part).and_then(|n| u8::try_from(n).ok());
    let year = |part: &str| match (part.len(), number(part)?) {
        (4, year) => Some(year),
        (2, year) => Some(century(year)),
        _ => None,
    };
    let is_word = |part: &str| part.starts_with(char::is_alphabetic);
    if first.len() == 4 && first.bytes().all(|b| b.is_ascii_digit()) {
        return match (is_word(second), is_word(third)) {
            (true, _) => Day::new(number(first)?, month_by_name(second)?, small(third)?),
            (_, true) => Day::new(number(first)?, month_by_name(third)?, small(second)?),
            _ => Day::new(number(first)?, small(second)?, small(third)?),
        };
    }
    if is_word(first) {
        return Day::new(year(third)?, month_by_name(first)?, small(second)?);
    }
    if is_word(second) {
        return Day::new(year(third)?, month_by_name(second)?, small(first)?);
    }
    let (day, month, year) = (small(first)?, small(second)?, year(third)?);
    // Nobody writes the month before the day with points: `1.17.14` is a version.
    let points = text.matches('.').count() > 1;
    Day::new(year, month, day).or_else(|| if points { None } else { Day::new(year, day, month) })
}

/// The full year of a birth year with two digits.
pub(super) fn century(year: u16) -> u16 {
    let this = today().year;
    let full = this - this % 100 + year;
    if full > this { full - 100 } else { full }
}

/// `19800131`, `31011980` or `31JAN1980`.
fn compact(parts: &[&str]) -> Option<Day> {
    let &[digits] = parts else { return None };
    // `31JAN1980`
    if let Some(from) = digits.find(char::is_alphabetic) {
        let name: &str = digits.get(from..)?;
        let to = from + name.find(|c: char| !c.is_alphabetic())?;
        let year: u16 = digits.get(to..)?.parse().ok()?;
        let year = if digits.len() - to == 2 { century(year) } else { year };
        return Day::new(year, month_by_name(digits.get(from..to)?)?, digits.get(..from)?.parse().ok()?);
    }
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
            ("1980-01-31T00:00:00Z", Some("1980-01-31")),
            ("11-MAY-1983", Some("1983-05-11")),
            ("11MAY83", Some("1983-05-11")),
            ("11 mag 83", Some("1983-05-11")),
            ("1983. május 11.", Some("1983-05-11")),
            ("1983 m. gegužės 11 d.", Some("1983-05-11")),
            ("1983. gada 11. maijā", Some("1983-05-11")),
            ("11 ta' Mejju 1983", Some("1983-05-11")),
            ("11 Bealtaine 1983", Some("1983-05-11")),
            ("11 maja 1983 r.", Some("1983-05-11")),
            ("11 май 1983 г.", Some("1983-05-11")),
            ("11 Μαΐου 1983", Some("1983-05-11")),
            ("11. marraskuuta 1983", Some("1983-11-11")),
            ("11 czerwca 1983", Some("1983-06-11")),
            ("11. července 1983", Some("1983-07-11")),
            ("11. lipnja 1983", Some("1983-06-11")),
            ("11 lipca 1983", Some("1983-07-11")),
            ("11. srpnja 1983", Some("1983-07-11")),
            ("11. srpna 1983", Some("1983-08-11")),
            ("11 rugsėjo 1983", Some("1983-09-11")),
            ("11 Frar 1983", Some("1983-02-11")),
            ("11 foo 1983", None),
        ] {
            assert_eq!(parse(text).map(|day| day.to_string()).as_deref(), day, "{text}");
        }
    }

    #[test]
    fn months_are_written_folded() {
        for name in MONTHS.iter().flat_map(|names| names.iter()) {
            assert_eq!(fold(name), **name);
        }
    }

    #[test]
    fn nobody_was_born_in_1850_or_will_be_tomorrow() {
        assert_eq!(birth("1980-01-31"), Verdict::Certain);
        assert_eq!(birth("1850-01-31"), Verdict::Refuted);
        assert_eq!(birth("2999-01-31"), Verdict::Refuted);
    }
}
