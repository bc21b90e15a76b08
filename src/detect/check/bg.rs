//! Bulgarian numbers: EGN, number of a foreigner, tax number.

use super::Verdict;
use super::date::Day;
use super::number::{digits, weighted};
use super::written::{after_country, certain, day, digits_of, lived, part};

/// The day of birth in an EGN: 20 or 40 on the month say the century.
pub(super) fn born(all: &[u32]) -> Option<Day> {
    let (year, month, first) = (part(all, 0, 2), part(all, 2, 4), part(all, 4, 6));
    match month {
        41.. => day(2000 + year, month - 40, first),
        21.. => day(1800 + year, month - 20, first),
        _ => day(1900 + year, month, first),
    }
}

/// ЕГН: date with the century in the month, serial, mod 11 (Закон за гражданската регистрация).
pub fn egn(value: &str) -> Verdict {
    let Some(all) = digits_of(value, 10) else { return Verdict::Refuted };
    let check = weighted(&all, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10;
    certain(born(&all).is_some() && all.last() == Some(&check))
}

/// An EGN of somebody who may live.
pub fn egn_birth(value: &str) -> Verdict {
    lived(digits_of(value, 10).and_then(|all| born(&all)))
}

/// ЛНЧ, the number of a foreigner: ten digits, mod 10 (Закон за чужденците в Република България).
pub fn lnch(value: &str) -> Verdict {
    let Some(all) = digits_of(value, 10) else { return Verdict::Refuted };
    certain(all.last() == Some(&(weighted(&all, &[21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10)))
}

/// VAT number: nine digits of a firm, or ten of a person or foreigner (ЗДДС; Закон за регистър БУЛСТАТ).
pub fn vat(value: &str) -> Verdict {
    let number = after_country(value, &["BG"]);
    let Some(all) = digits(number) else { return Verdict::Refuted };
    let check = match all.len() {
        9 => match weighted(&all, &[1, 2, 3, 4, 5, 6, 7, 8]) % 11 {
            10 => weighted(&all, &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10,
            rest => rest,
        },
        10 if egn(number) == Verdict::Certain || lnch(number) == Verdict::Certain => return Verdict::Certain,
        10 => (11 - weighted(&all, &[4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11,
        _ => return Verdict::Refuted,
    };
    certain(all.last() == Some(&check))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_foreigners() {
        for (value, verdict) in [
            ("7523169263", Verdict::Certain),
            ("8032056031", Verdict::Certain),
            ("7552010005", Verdict::Certain),
            ("8019010008", Verdict::Refuted),
            ("7523169262", Verdict::Refuted),
        ] {
            assert_eq!(egn(value), verdict, "{value}");
        }
        assert_eq!(egn_birth("7523169263"), Verdict::Refuted, "born in 1875");
        assert_eq!(egn_birth("8001010008"), Verdict::Silent);
        assert_eq!(lnch("7111042925"), Verdict::Certain);
        assert_eq!(lnch("7111042922"), Verdict::Refuted);
    }

    #[test]
    fn vat_numbers() {
        assert_eq!(vat("BG175074752"), Verdict::Certain);
        assert_eq!(vat("175074751"), Verdict::Refuted);
        assert_eq!(vat("7523169263"), Verdict::Certain);
    }
}
