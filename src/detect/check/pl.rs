//! Polish numbers: PESEL, NIP, REGON, identity card, passport.

use super::Verdict;
use super::date::Day;
use super::number::{digits, mod_97, weighted};
use super::written::{after_country, certain, day, digits_of, lived, part};

/// The day of birth in a PESEL: the month carries the century.
pub(super) fn pesel_day(all: &[u32]) -> Option<Day> {
    let month = part(all, 2, 4);
    let century = match month / 20 {
        0 => 1900,
        1 => 2000,
        2 => 2100,
        3 => 2200,
        _ => 1800,
    };
    day(century + part(all, 0, 2), month % 20, part(all, 4, 6))
}

/// PESEL: date with the century in the month, serial, mod 10 (Ustawa z 24.9.2010 o ewidencji ludności, art. 15).
pub fn pesel(value: &str) -> Verdict {
    let Some(all) = digits_of(value, 11) else { return Verdict::Refuted };
    let sum = weighted(&all, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
    certain(sum.is_multiple_of(10) && pesel_day(&all).is_some())
}

/// A PESEL of somebody who may live.
pub fn pesel_birth(value: &str) -> Verdict {
    lived(digits_of(value, 11).and_then(|all| pesel_day(&all)))
}

/// NIP: ten digits, mod 11 (Ustawa z 13.10.1995 o zasadach ewidencji i identyfikacji podatników).
pub fn nip(value: &str) -> Verdict {
    let Some(all) = digits_of(after_country(value, &["PL"]), 10) else { return Verdict::Refuted };
    let rest = weighted(&all, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11;
    certain(all.last() == Some(&rest))
}

/// REGON: nine digits, or fourteen for a local unit, mod 11 (Rozporządzenie RM z 30.11.2015 w sprawie REGON).
pub fn regon(value: &str) -> Verdict {
    let short = |all: &[u32]| weighted(all, &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10;
    let long = |all: &[u32]| weighted(all, &[2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]) % 11 % 10;
    let holds = digits(value).is_some_and(|all| match all.len() {
        9 => all.last() == Some(&short(&all)),
        14 => all.get(8) == Some(&short(&all)) && all.last() == Some(&long(&all)),
        _ => false,
    });
    certain(holds)
}

/// Sum over letters (A = 10) and digits times weights.
fn weighted_letters(value: &str, weights: &[u32]) -> u32 {
    value.chars().zip(weights).map(|(c, weight)| c.to_digit(36).unwrap_or(0) * weight).sum()
}

fn letters_then_digits(value: &str, letters: usize) -> bool {
    value.len() == 9
        && value.get(..letters).is_some_and(|part| part.bytes().all(|b| b.is_ascii_uppercase()))
        && value.get(letters..).and_then(digits).is_some()
}

/// Identity card: three letters, a check digit with weights 7-3-1, five digits
/// (Ustawa z 6.8.2010 o dowodach osobistych).
pub fn identity_card(value: &str) -> Verdict {
    // `seria ABC nr 123456`
    let value = &value.replacen("NUMER", "", 1).replacen("NR", "", usize::from(value.len() == 11));
    let sum = weighted_letters(value, &[7, 3, 1, 9, 7, 3, 1, 7, 3]);
    certain(letters_then_digits(value, 3) && sum.is_multiple_of(10))
}

/// Passport: two letters, seven digits, the first of which checks the others in most series
/// (Ustawa z 27.1.2022 o dokumentach paszportowych).
pub fn passport(value: &str) -> Verdict {
    if !letters_then_digits(value, 2) {
        return Verdict::Refuted;
    }
    let sum = weighted_letters(value, &[7, 3, 9, 1, 7, 3, 1, 7, 3]);
    if sum.is_multiple_of(10) { Verdict::Certain } else { Verdict::Silent }
}

/// NRB, the account number without its country: 26 digits, mod 97 as in the IBAN (Zarządzenie Prezesa
/// NBP w sprawie numeracji banków).
pub fn nrb(value: &str) -> Verdict {
    let number = after_country(value, &["PL"]);
    let (Some(check), Some(account)) = (number.get(..2), number.get(2..)) else { return Verdict::Refuted };
    let rest = mod_97(account.chars().chain("2521".chars()).chain(check.chars()));
    certain(digits_of(number, 26).is_some() && rest == Some(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::check::testing::changed;

    #[test]
    fn valid_numbers_pass_and_a_changed_digit_does_not() {
        type Check = fn(&str) -> Verdict;
        let cases: [(Check, &str); 5] = [
            (pesel, "44051401359"),
            (nip, "8567346215"),
            (regon, "192598184"),
            (regon, "12345678512347"),
            (identity_card, "ABA300000"),
        ];
        for (check, value) in cases {
            assert_eq!(check(value), Verdict::Certain, "{value}");
            for place in 0..value.len() {
                assert_eq!(check(&changed(value, place)), Verdict::Refuted, "{value} at {place}");
            }
        }
        assert_eq!(nip("PL8567346215"), Verdict::Certain);
        assert_eq!(identity_card("ABANR300000"), Verdict::Certain);
        assert_eq!(nrb("61109010140000071219812874"), Verdict::Certain);
        assert_eq!(nrb("61109010140000071219812875"), Verdict::Refuted);
        assert_eq!(passport("AA0000000"), Verdict::Certain);
        assert_eq!(passport("AA1000000"), Verdict::Silent);
        assert_eq!(passport("A10000000"), Verdict::Refuted);
    }

    #[test]
    fn the_month_carries_the_century() {
        assert_eq!(pesel_day(&digits_of("02271409862", 11).unwrap()), Day::new(2002, 7, 14));
        assert_eq!(pesel_birth("44051401359"), Verdict::Silent);
        assert_eq!(pesel_birth("44451401359"), Verdict::Refuted);
    }
}
