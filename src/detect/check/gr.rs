//! Greek numbers: AMKA, AFM.

use super::Verdict;
use super::number::{luhn, weighted};
use super::written::{after_country, certain, day, digits_of, lived, part};

/// ΑΜΚΑ: day of birth, serial, Luhn (ν. 3655/2008).
pub fn amka(value: &str) -> Verdict {
    let Some(all) = digits_of(value, 11) else { return Verdict::Refuted };
    let (first, month, year) = (part(&all, 0, 2), part(&all, 2, 4), part(&all, 4, 6));
    let born = day(1900 + year, month, first).or_else(|| day(2000 + year, month, first));
    certain(luhn(&all) && born.is_some())
}

/// An AMKA with a serial, of somebody who may live.
pub fn amka_birth(value: &str) -> Verdict {
    let Some(all) = digits_of(value, 11) else { return Verdict::Refuted };
    let (first, month, year) = (part(&all, 0, 2), part(&all, 2, 4), part(&all, 4, 6));
    match lived(day(1900 + year, month, first)) {
        Verdict::Refuted => lived(day(2000 + year, month, first)),
        verdict => verdict,
    }
}

/// ΑΦΜ: nine digits, or eight before 1995, mod 11 (ν. 4174/2013).
pub fn afm(value: &str) -> Verdict {
    let number = after_country(value, &["EL", "GR"]);
    let padded = if number.len() == 8 { format!("0{number}") } else { number.to_owned() };
    let Some(all) = digits_of(&padded, 9) else { return Verdict::Refuted };
    let check = weighted(&all, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10;
    certain(all.last() == Some(&check))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::check::testing::changed;

    #[test]
    fn valid_numbers_pass_and_a_changed_digit_does_not() {
        type Check = fn(&str) -> Verdict;
        let cases: [(Check, &str); 3] = [(amka, "01013099997"), (afm, "094259216"), (afm, "83045210")];
        for (check, value) in cases {
            assert_eq!(check(value), Verdict::Certain, "{value}");
            for place in 0..value.len() {
                assert_eq!(check(&changed(value, place)), Verdict::Refuted, "{value} at {place}");
            }
        }
        assert_eq!(afm("EL094259216"), Verdict::Certain);
        assert_eq!(amka_birth("01013099997"), Verdict::Silent);
    }
}
