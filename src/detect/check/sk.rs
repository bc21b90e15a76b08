//! Slovak numbers: VAT.

use super::Verdict;
use super::cz::rodne_cislo;
use super::written::{after_country, certain, digits_of};

/// IČ DPH: ten digits, a multiple of eleven; a birth number passes too (zákon č. 222/2004 Z. z.).
pub fn ic_dph(value: &str) -> Verdict {
    let number = after_country(value, &["SK"]);
    let Some(all) = digits_of(number, 10) else { return Verdict::Refuted };
    let multiple = number.parse::<u64>().is_ok_and(|number| number.is_multiple_of(11));
    let firm = all.first() != Some(&0) && matches!(all.get(2), Some(2 | 3 | 4 | 7 | 8 | 9)) && multiple;
    certain(firm || rodne_cislo(number) == Verdict::Certain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vat_numbers() {
        for (value, verdict) in [
            ("SK2022749619", Verdict::Certain),
            ("2022749619", Verdict::Certain),
            ("2022749618", Verdict::Refuted),
            ("SK7103192745", Verdict::Certain),
            ("202274961", Verdict::Refuted),
        ] {
            assert_eq!(ic_dph(value), verdict, "{value}");
        }
    }
}
