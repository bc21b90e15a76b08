//! Hungarian numbers: TAJ, tax number of a person, personal number, tax number of a firm.

use super::Verdict;
use super::date::Day;
use super::number::{digits, weighted};
use super::written::{after_country, certain, day, digits_of, lived, part};

/// TAJ: nine digits, weights 3 and 7 in turn, mod 10 (1996. évi XX. törvény).
pub fn taj(value: &str) -> Verdict {
    let Some(all) = digits_of(value, 9) else { return Verdict::Refuted };
    certain(all.last() == Some(&(weighted(&all, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10)))
}

/// Adóazonosító jel: 8, days from 1.1.1867 to the birth, serial, mod 11 (1996. évi XX. törvény).
pub fn ado(value: &str) -> Verdict {
    let Some(all) = digits_of(value, 10) else { return Verdict::Refuted };
    let rest = weighted(&all, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11;
    certain(all.first() == Some(&8) && all.last() == Some(&rest))
}

/// An adóazonosító jel of somebody who may live: 30,000 days are 1949, 60,000 are 2031.
pub fn ado_birth(value: &str) -> Verdict {
    let Some(all) = digits_of(value, 10) else { return Verdict::Refuted };
    // To the year is near enough.
    lived(day(1867 + part(&all, 1, 6) * 100 / 36_525, 1, 1))
}

/// The day of birth in a personal number: the first digit says sex and century.
fn born(all: &[u32]) -> Option<Day> {
    let century = match all.first() {
        Some(1 | 2) => 1900,
        Some(3 | 4) if part(all, 1, 3) < 50 => 2000,
        Some(3 | 4) => 1800,
        _ => return None,
    };
    day(century + part(all, 1, 3), part(all, 3, 5), part(all, 5, 7))
}

/// Személyi azonosító: sex and century, date, serial, mod 11 with weights that run the other way for
/// those born after 1996 (1996. évi XX. törvény).
pub fn personal_number(value: &str) -> Verdict {
    let Some(all) = digits_of(value, 11) else { return Verdict::Refuted };
    let Some(born) = born(&all) else { return Verdict::Refuted };
    let upwards = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    let downwards = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
    let weights = if born.year > 1996 { &downwards } else { &upwards };
    certain(all.last() == Some(&(weighted(&all, weights) % 11)))
}

/// Tax number of a firm or trader: eight digits, mod 10; the code of the tax and of the county may
/// follow in writing (2017. évi CL. törvény).
pub fn adoszam(value: &str) -> Verdict {
    let Some(all) = digits_of(after_country(value, &["HU"]), 8) else { return Verdict::Refuted };
    certain(weighted(&all, &[9, 7, 3, 1, 9, 7, 3, 1]).is_multiple_of(10))
}

/// Giro account number: bank and branch, account, in groups of eight digits, each part mod 10
/// (Magyar Nemzeti Bank, 35/2017. (XII. 14.) MNB rendelet).
pub fn account(value: &str) -> Verdict {
    let Some(all) = digits(value).filter(|all| matches!(all.len(), 16 | 24)) else { return Verdict::Refuted };
    let (bank, account) = all.split_at(8);
    let multiple = |part: &[u32]| {
        let weights = [9, 7, 3, 1, 9, 7, 3, 1, 9, 7, 3, 1, 9, 7, 3, 1];
        weighted(part, &weights).is_multiple_of(10)
    };
    certain(part(bank, 0, 8) > 0 && multiple(bank) && multiple(account))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::check::testing::changed;

    #[test]
    fn valid_numbers_pass_and_a_changed_digit_does_not() {
        type Check = fn(&str) -> Verdict;
        let cases: [(Check, &str); 5] = [
            (taj, "037687210"),
            (ado, "8071592153"),
            (adoszam, "12892312"),
            (personal_number, "18002140140"),
            (personal_number, "30105171898"),
        ];
        for (check, value) in cases {
            assert_eq!(check(value), Verdict::Certain, "{value}");
            for place in 0..value.len() {
                assert_eq!(check(&changed(value, place)), Verdict::Refuted, "{value} at {place}");
            }
        }
        assert_eq!(account("117730161111101800000000"), Verdict::Certain);
        assert_eq!(account("117730161111101900000000"), Verdict::Refuted);
        assert_eq!(account("11773016"), Verdict::Refuted);
        assert_eq!(adoszam("HU12892312"), Verdict::Certain);
        assert_eq!(ado_birth("8071592153"), Verdict::Refuted, "born in 1886");
        assert_eq!(ado_birth("8387654321"), Verdict::Silent);
    }
}
