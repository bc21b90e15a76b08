//! Estonian numbers, and the personal code that Lithuania has too: isikukood, VAT, register code.

use super::Verdict;
use super::date::Day;
use super::number::weighted;
use super::written::{after_country, certain, day, digits_of, lived, part};

/// The day of birth in a personal code: the first digit says sex and century.
pub(super) fn born(all: &[u32]) -> Option<Day> {
    let century = match all.first() {
        Some(1 | 2) => 1800,
        Some(3 | 4) => 1900,
        Some(5 | 6) => 2000,
        Some(7 | 8) => 2100,
        _ => return None,
    };
    day(century + part(all, 1, 3), part(all, 3, 5), part(all, 5, 7))
}

/// Whether the last digit checks the others: mod 11, with other weights where the rest is ten.
pub(super) fn checked(all: &[u32]) -> bool {
    let Some((check, body)) = all.split_last() else { return false };
    let rest = match weighted(body, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2]) % 11 {
        10 => weighted(body, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4]) % 11 % 10,
        rest => rest,
    };
    rest == *check
}

/// Isikukood: sex and century, date, serial, mod 11 in two passes (EVS 585:2007, Rahvastikuregistri seadus).
pub fn isikukood(value: &str) -> Verdict {
    certain(digits_of(value, 11).is_some_and(|all| born(&all).is_some() && checked(&all)))
}

/// A personal code of somebody who may live.
pub fn isikukood_birth(value: &str) -> Verdict {
    lived(digits_of(value, 11).and_then(|all| born(&all)))
}

/// KMKR, VAT number: nine digits, weights 3-7-1, mod 10 (Käibemaksuseadus).
pub fn kmkr(value: &str) -> Verdict {
    let Some(all) = digits_of(after_country(value, &["EE"]), 9) else { return Verdict::Refuted };
    certain(weighted(&all, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10))
}

/// Registrikood of a firm: eight digits that begin with 1, 7, 8 or 9 (Äriregistri seadus).
pub fn registrikood(value: &str) -> Verdict {
    let holds = |all: Vec<u32>| matches!(all.first(), Some(1 | 7 | 8 | 9)) && checked(&all);
    certain(digits_of(value, 8).is_some_and(holds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::check::testing::changed;

    #[test]
    fn valid_numbers_pass_and_a_changed_digit_does_not() {
        type Check = fn(&str) -> Verdict;
        let cases: [(Check, &str); 3] = [(isikukood, "36805280109"), (kmkr, "100931558"), (registrikood, "12345678")];
        for (check, value) in cases {
            assert_eq!(check(value), Verdict::Certain, "{value}");
            for place in 0..value.len() {
                assert_eq!(check(&changed(value, place)), Verdict::Refuted, "{value} at {place}");
            }
        }
        assert_eq!(kmkr("EE100931558"), Verdict::Certain);
        assert_eq!(isikukood_birth("36805280109"), Verdict::Silent);
        assert_eq!(isikukood_birth("16805280109"), Verdict::Refuted);
    }
}
