//! Romanian numbers: CNP, fiscal code.

use super::Verdict;
use super::date::Day;
use super::number::{digits, weighted};
use super::written::{after_country, certain, day, digits_of, lived, part};

/// The day of birth in a CNP, of a resident foreigner as in the 20th century.
pub(super) fn born(all: &[u32]) -> Option<Day> {
    let century = match all.first() {
        Some(3 | 4) => 1800,
        Some(5 | 6) => 2000,
        Some(0) | None => return None,
        _ => 1900,
    };
    day(century + part(all, 1, 3), part(all, 3, 5), part(all, 5, 7))
}

/// CNP: sex and century, date, county, serial, mod 11 (OUG 97/2005).
pub fn cnp(value: &str) -> Verdict {
    let Some(all) = digits_of(value, 13) else { return Verdict::Refuted };
    let rest = weighted(&all, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    let check = if rest == 10 { 1 } else { rest };
    let place = matches!(part(&all, 7, 9), 1..=48 | 51 | 52 | 70 | 80..=83);
    certain(all.last() == Some(&check) && place && born(&all).is_some())
}

/// A CNP of somebody who may live.
pub fn cnp_birth(value: &str) -> Verdict {
    lived(digits_of(value, 13).and_then(|all| born(&all)))
}

/// CUI or CIF of a firm: two to ten digits, mod 11 (Codul fiscal, Legea 227/2015).
pub fn cui(value: &str) -> Verdict {
    let number = after_country(value, &["RO"]);
    let Some(all) = digits(number).filter(|all| (2..=10).contains(&all.len())) else { return Verdict::Refuted };
    let Some((check, body)) = all.split_last() else { return Verdict::Refuted };
    let weights = [7, 5, 3, 2, 1, 7, 5, 3, 2];
    let weights = weights.get(weights.len() - body.len()..).unwrap_or_default();
    certain(all.first() != Some(&0) && weighted(body, weights) * 10 % 11 % 10 == *check)
}

/// Fiscal code for VAT: of a firm, or the CNP of a person.
pub fn fiscal_code(value: &str) -> Verdict {
    let number = after_country(value, &["RO"]);
    if number.len() == 13 { cnp(number) } else { cui(value) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::check::testing::changed;

    #[test]
    fn valid_numbers_pass_and_a_changed_digit_does_not() {
        type Check = fn(&str) -> Verdict;
        let cases: [(Check, &str); 2] = [(cnp, "1630615123457"), (cui, "18547290")];
        for (check, value) in cases {
            assert_eq!(check(value), Verdict::Certain, "{value}");
            for place in 0..value.len() {
                assert_eq!(check(&changed(value, place)), Verdict::Refuted, "{value} at {place}");
            }
        }
        assert_eq!(fiscal_code("RO18547290"), Verdict::Certain);
        assert_eq!(fiscal_code("1630615123457"), Verdict::Certain);
        assert_eq!(cui("1630615123457"), Verdict::Refuted);
        assert_eq!(cnp_birth("1630615123457"), Verdict::Silent);
        assert_eq!(cnp_birth("3630615123457"), Verdict::Refuted);
    }
}
