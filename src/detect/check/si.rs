//! Slovenian numbers, and the citizen number that all of Yugoslavia had: EMŠO or JMBG, tax number.

use super::Verdict;
use super::date::Day;
use super::number::{digits, weighted};
use super::written::{after_country, certain, day, digits_of, lived, part};

/// The day of birth in a citizen number: the year has three digits.
fn born(all: &[u32]) -> Option<Day> {
    let year = part(all, 4, 7);
    day(if year < 800 { 2000 + year } else { 1000 + year }, part(all, 2, 4), part(all, 0, 2))
}

/// EMŠO, JMBG: date, region, serial, mod 11 (Zakon o centralnem registru prebivalstva).
pub fn emso(value: &str) -> Verdict {
    let Some(all) = digits_of(value, 13) else { return Verdict::Refuted };
    let check = (11 - weighted(&all, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10;
    certain(born(&all).is_some() && all.last() == Some(&check))
}

/// A citizen number of somebody who may live.
pub fn emso_birth(value: &str) -> Verdict {
    lived(digits_of(value, 13).and_then(|all| born(&all)))
}

/// Davčna številka of a person or firm: eight digits, mod 11 (Zakon o finančni upravi).
pub fn davcna(value: &str) -> Verdict {
    let Some(all) = digits_of(after_country(value, &["SI"]), 8) else { return Verdict::Refuted };
    let check = match weighted(&all, &[8, 7, 6, 5, 4, 3, 2]) % 11 {
        0 => return Verdict::Refuted,
        1 => 0,
        rest => 11 - rest,
    };
    certain(all.first() != Some(&0) && all.last() == Some(&check))
}

/// Matična številka of a firm: seven digits mod 11, three more for a part of it (Zakon o Poslovnem
/// registru Slovenije).
pub fn maticna(value: &str) -> Verdict {
    let number = if value.len() == 10 { value.strip_suffix("000").unwrap_or(value) } else { value };
    let (Some(body), Some(check)) = (number.get(..6).and_then(digits), number.get(6..7)) else {
        return Verdict::Refuted;
    };
    let unit = match number.len() {
        7 => true,
        10 => {
            number.get(7..8).is_some_and(|c| c.bytes().all(|b| b.is_ascii_alphanumeric()))
                && number.get(8..).and_then(digits).is_some()
        }
        _ => false,
    };
    let rest = weighted(&body, &[7, 6, 5, 4, 3, 2]) % 11;
    certain(unit && rest > 0 && digits(check) == Some(vec![(11 - rest) % 10]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::check::testing::changed;

    #[test]
    fn valid_numbers_pass_and_a_changed_digit_does_not() {
        type Check = fn(&str) -> Verdict;
        let cases: [(Check, &str); 2] = [(emso, "0101006500006"), (davcna, "50223054")];
        for (check, value) in cases {
            assert_eq!(check(value), Verdict::Certain, "{value}");
            for place in 0..value.len() {
                assert_eq!(check(&changed(value, place)), Verdict::Refuted, "{value} at {place}");
            }
        }
        for (value, verdict) in [
            ("9331310000", Verdict::Certain),
            ("9331310", Verdict::Certain),
            ("9331310A12", Verdict::Certain),
            ("9331320000", Verdict::Refuted),
            ("93313100", Verdict::Refuted),
        ] {
            assert_eq!(maticna(value), verdict, "{value}");
        }
        assert_eq!(davcna("SI50223054"), Verdict::Certain);
        assert_eq!(emso_birth("0101006500006"), Verdict::Silent);
        assert_eq!(emso_birth("0101850500006"), Verdict::Refuted);
    }
}
