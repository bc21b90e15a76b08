//! Austrian numbers: social insurance, tax account, VAT.

use super::Verdict;
use super::number::{exactly, part, weighted};

/// Versicherungsnummer (ASVG sec. 30c): serial, check digit, six digits that tell the date of birth.
pub fn svnr(value: &str) -> Verdict {
    let Some(all) = exactly(value, 10) else { return Verdict::Refuted };
    let rest = weighted(&all, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
    Verdict::when(all.first() != Some(&0) && all.get(3) == Some(&rest))
}

/// Whether a Versicherungsnummer ends in a date. A month above 12 is given where the serials of
/// a day are used up.
pub fn likely_svnr(value: &str) -> Verdict {
    match (part(value, 4, 6), part(value, 6, 8)) {
        (Some(1..=31), Some(1..=15)) => Verdict::Silent,
        _ => Verdict::Refuted,
    }
}

/// Numbers of the Finanzämter before 2020, which the tax numbers keep.
const OFFICES: [u64; 40] = [
    3, 4, 6, 7, 8, 9, 10, 12, 15, 16, 18, 22, 23, 29, 33, 38, 41, 46, 51, 52, 53, 54, 57, 59, 61, 65, 67, 68, 69, 71,
    72, 81, 82, 83, 84, 90, 91, 93, 97, 98,
];

/// Abgabenkontonummer or Steuernummer: Finanzamt, six digits, check digit.
pub fn tax_account(value: &str) -> Verdict {
    let Some(all) = exactly(value, 9) else { return Verdict::Refuted };
    let sum: u32 = all
        .iter()
        .take(8)
        .enumerate()
        .map(|(i, digit)| if i % 2 == 0 { *digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    let office = part(value, 0, 2).is_some_and(|office| OFFICES.contains(&office));
    Verdict::when(office && all.last() == Some(&((10 - sum % 10) % 10)))
}

/// Umsatzsteuer-Identifikationsnummer (UStG Art. 28): `AT` if written, U, seven digits, check digit.
pub fn uid(value: &str) -> Verdict {
    let Some(number) = value.strip_prefix("AT").unwrap_or(value).strip_prefix('U') else { return Verdict::Refuted };
    let Some(all) = exactly(number, 8) else { return Verdict::Refuted };
    let sum: u32 = all
        .iter()
        .take(7)
        .enumerate()
        .map(|(i, digit)| if i % 2 == 0 { *digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    Verdict::when(all.last() == Some(&((16 - sum % 10) % 10)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::changed;
    use super::*;

    #[test]
    fn valid_numbers_pass_and_a_changed_digit_does_not() {
        type Check = fn(&str) -> Verdict;
        let checks: [(Check, &str, std::ops::Range<usize>); 3] =
            [(svnr, "1237010180", 0..10), (tax_account, "591199013", 2..9), (uid, "ATU13585627", 3..11)];
        for (check, value, places) in checks {
            assert_eq!(check(value), Verdict::Certain, "{value}");
            for place in places {
                assert_eq!(check(&changed(value, place)), Verdict::Refuted, "{value} at {place}");
            }
            assert_eq!(check(""), Verdict::Refuted);
        }
        assert_eq!(uid("U13585627"), Verdict::Certain);
        assert_eq!(uid("13585627"), Verdict::Refuted);
        assert_eq!(tax_account("011199013"), Verdict::Refuted, "no such office");
    }

    #[test]
    fn a_number_without_a_date_is_unlikely() {
        assert_eq!(likely_svnr("1237010180"), Verdict::Silent);
        assert_eq!(likely_svnr("1237011480"), Verdict::Silent);
        assert_eq!(likely_svnr("1237320180"), Verdict::Refuted);
        assert_eq!(likely_svnr("1237011680"), Verdict::Refuted);
    }
}
