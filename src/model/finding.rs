//! A finding that leaves the program: masked, located, with the reasons for its confidence.

use serde::{Deserialize, Serialize};

use super::category::Category;
use super::location::Place;

/// One piece of personal data at one place of an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub place: Place,
    /// Detector id, as `it.codice_fiscale`.
    pub detector: String,
    pub category: Category,
    /// 0.0 to 1.0.
    pub confidence: f32,
    /// What raised or lowered the confidence: `checksum`, `context:codice fiscale`, `label:CF` ...
    pub why: Vec<String>,
    pub sample: Sample,
    /// Keyed hash of detector and normalised value.
    pub fingerprint: String,
    /// Keyed hash of the person it is about, if one is known.
    pub subject: Option<String>,
    /// When the person it is about was born, if it says so. Not in the reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<Born>,
    /// The clear value: set only when the user asked with `--reveal`.
    pub value: Option<String>,
}

/// A year of birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Born {
    pub year: u16,
    /// Otherwise a hundred years earlier is possible: the value says two digits.
    pub is_certain: bool,
}

/// How old somebody is whose data was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    Minor,
    /// Turns eighteen this year, or was born in that year of this century or the last.
    PerhapsMinor,
    Adult,
}

impl Born {
    /// In a year; none for who is not born yet.
    pub fn age(self, year: u16) -> Option<Age> {
        Some(match (year.checked_sub(self.year)?, self.is_certain) {
            (..18, true) => Age::Minor,
            (..=18, _) => Age::PerhapsMinor,
            _ => Age::Adult,
        })
    }
}

/// How a value of this kind is masked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// First and last characters: `RSSM…01Z`.
    #[default]
    Code,
    /// Initials: `M. R.`.
    Name,
    /// The year only.
    Date,
    /// First character and top-level domain: `m…@….it`.
    Email,
    /// The last four digits, as PCI DSS allows.
    Card,
    /// Nothing but the length class.
    Secret,
    /// A word of a lexicon, no value of a person: shown whole, but for numbers of four and more digits; and not at all
    /// if its category is one of Articles 9 and 10 ([`Sample::of`]).
    Term,
}

/// A masked value: the only form in which a value is shown without `--reveal`.
///
/// Of what Articles 9 and 10 GDPR protect nothing is shown, not even a first letter: the lexicons are public, beside a
/// diagnosis stands its person, and reports are printed and sent on. Whoever has to act needs the kind of datum, which
/// category and detector say (`special.health_disability`), and its place; whoever has to check a word has the file,
/// or asks `explain --reveal`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sample(String);

impl Sample {
    /// The sample of a finding of this category.
    pub fn of(category: Category, mask: Mask, value: &str) -> Self {
        if category.is_sensitive() { Self("…".into()) } else { Self::new(mask, value) }
    }

    pub fn new(mask: Mask, value: &str) -> Self {
        let chars: Vec<char> = value.chars().filter(|c| !c.is_control()).collect();
        Self(match mask {
            Mask::Code => match chars.len() {
                15.. => ends(&chars, 4, 3),
                8..15 => ends(&chars, 2, 2),
                5..8 => ends(&chars, 1, 1),
                _ => "…".into(),
            },
            Mask::Name => value
                .split_whitespace()
                .filter_map(|part| part.chars().next())
                .map(|initial| format!("{initial}."))
                .collect::<Vec<_>>()
                .join(" "),
            Mask::Date => {
                let runs: Vec<&str> = value.split(|c: char| !c.is_ascii_digit()).collect();
                match runs.iter().find(|run| run.len() == 4) {
                    Some(year) => format!("…{year}"),
                    None => "…".into(),
                }
            }
            Mask::Email => {
                let first = chars.first().copied().unwrap_or('…');
                let tld = value.rsplit('.').next().unwrap_or_default();
                format!("{first}…@….{tld}")
            }
            Mask::Card => {
                let digits: Vec<char> = chars.iter().copied().filter(char::is_ascii_digit).collect();
                ends(&digits, 0, 4)
            }
            Mask::Secret => if chars.len() >= 20 { "… (20 or more characters)" } else { "…" }.into(),
            // What a column's label says is such a term may be a number or a date of a person.
            Mask::Term if chars.iter().filter(|c| c.is_numeric()).count() >= 4 => {
                let mut masked = String::new();
                for &c in &chars {
                    match c {
                        c if !c.is_numeric() => masked.push(c),
                        _ if masked.ends_with('…') => {}
                        _ => masked.push('…'),
                    }
                }
                masked
            }
            Mask::Term => chars.iter().collect(),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn ends(chars: &[char], first: usize, last: usize) -> String {
    let mut masked: String = chars.iter().take(first).collect();
    masked.push('…');
    masked.extend(chars.iter().skip(chars.len().saturating_sub(last).max(first)));
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages() {
        let age = |year, is_certain| Born { year, is_certain }.age(2026);
        assert_eq!(age(2012, true), Some(Age::Minor));
        assert_eq!((age(2012, false), age(2008, true)), (Some(Age::PerhapsMinor), Some(Age::PerhapsMinor)));
        assert_eq!((age(2007, true), age(2027, true)), (Some(Age::Adult), None));
    }

    #[test]
    fn masks() {
        let masked = |mask, value| Sample::new(mask, value).0;
        assert_eq!(masked(Mask::Code, "RSSMRA80A01H501U"), "RSSM…01U");
        assert_eq!(masked(Mask::Code, "YA1234567"), "YA…67");
        assert_eq!(masked(Mask::Code, "1234"), "…");
        assert_eq!(masked(Mask::Name, "Mario De Rossi"), "M. D. R.");
        assert_eq!(masked(Mask::Date, "01/02/1980"), "…1980");
        assert_eq!(masked(Mask::Date, "01/02/80"), "…");
        assert_eq!(masked(Mask::Email, "mario.rossi@rossi.it"), "m…@….it");
        assert_eq!(masked(Mask::Card, "4111 1111 1111 1111"), "…1111");
        assert_eq!(masked(Mask::Secret, "hunter2"), "…");
        assert_eq!(masked(Mask::Term, "legge 104"), "legge 104");
        assert_eq!(masked(Mask::Term, "c.5266dupC"), "c.…dupC");
        assert_eq!(masked(Mask::Term, "52.957,34"), "….…,…");
        let of = |category, value| Sample::of(category, Mask::Term, value).0;
        assert_eq!(of(Category::Payroll, "cedolino"), "cedolino");
        for category in [Category::Health, Category::TradeUnion, Category::Criminal] {
            assert_eq!(of(category, "asma"), "…");
        }
    }
}
