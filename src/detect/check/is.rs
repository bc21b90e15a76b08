//! Icelandic numbers: kennitala, VAT.

use super::Verdict;
use super::date::Day;
use super::number::weighted;
use super::written::{after_country, certain, day, digits_of, lived, part, silent};

/// The day of birth, or for firms of founding (with 40 added to the day): the last digit says the century.
fn born(all: &[u32]) -> Option<Day> {
    let century = match all.last() {
        Some(9) => 1900,
        Some(0) => 2000,
        _ => return None,
    };
    let first = part(all, 0, 2);
    let first = match first {
        40..80 => first - 40,
        80.. => return None,
        _ => first,
    };
    day(century + part(all, 4, 6), part(all, 2, 4), first)
}

/// Kennitala of a person or firm: date, serial, mod 11, century (Lög um skráningu einstaklinga 140/2019).
pub fn kennitala(value: &str) -> Verdict {
    let Some(all) = digits_of(value, 10) else { return Verdict::Refuted };
    certain(born(&all).is_some() && weighted(&all, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11))
}

/// A kennitala of a person who may live.
pub fn kennitala_of_person(value: &str) -> Verdict {
    match digits_of(value, 10) {
        Some(all) if part(&all, 0, 2) < 40 => lived(born(&all)),
        _ => Verdict::Refuted,
    }
}

/// A kennitala of a firm or body.
pub fn kennitala_of_firm(value: &str) -> Verdict {
    silent(digits_of(value, 10).is_some_and(|all| part(&all, 0, 2) > 40))
}

/// VSK number: five or six digits (Lög um virðisaukaskatt 50/1988).
pub fn vsk(value: &str) -> Verdict {
    let number = after_country(value, &["IS"]);
    certain(matches!(number.len(), 5 | 6) && digits_of(number, number.len()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_firms() {
        for (value, verdict) in [
            ("4504013150", Verdict::Certain),
            ("1201743399", Verdict::Certain),
            ("5301750730", Verdict::Certain),
            ("3202743399", Verdict::Refuted),
            ("4504013151", Verdict::Refuted),
            ("1201743391", Verdict::Refuted),
        ] {
            assert_eq!(kennitala(value), verdict, "{value}");
        }
        assert_eq!(kennitala_of_person("1201743399"), Verdict::Silent);
        assert_eq!(kennitala_of_person("4504013150"), Verdict::Refuted);
        assert_eq!(kennitala_of_firm("4504013150"), Verdict::Silent);
        assert_eq!(vsk("IS00621"), Verdict::Certain);
        assert_eq!(vsk("IS0062199"), Verdict::Refuted);
    }
}
