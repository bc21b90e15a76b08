//! Maltese numbers: identity card, VAT.

use super::Verdict;
use super::number::{digits, weighted};
use super::written::{after_country, certain, digits_of, silent};

/// Identity card: up to seven digits and a letter that says where or in which century the person was
/// registered (Identity Card and other Identity Documents Act, cap. 258).
pub fn identity_card(value: &str) -> Verdict {
    let Some(at) = value.len().checked_sub(1) else { return Verdict::Refuted };
    let (body, letter) = (value.get(..at).and_then(digits), value.get(at..));
    let letter = matches!(letter, Some("M" | "G" | "A" | "P" | "L" | "H" | "B" | "Z"));
    silent(letter && body.is_some_and(|body| (3..=7).contains(&body.len()) && body.iter().any(|digit| *digit > 0)))
}

/// VAT number: eight digits, mod 37 (Value Added Tax Act, cap. 406).
pub fn vat(value: &str) -> Verdict {
    let Some(all) = digits_of(after_country(value, &["MT"]), 8) else { return Verdict::Refuted };
    certain(all.first() != Some(&0) && weighted(&all, &[3, 4, 6, 7, 8, 9, 10, 1]).is_multiple_of(37))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_and_vat() {
        for (value, verdict) in [
            ("0123481M", Verdict::Silent),
            ("481M", Verdict::Silent),
            ("0123481C", Verdict::Refuted),
            ("0000000M", Verdict::Refuted),
            ("", Verdict::Refuted),
        ] {
            assert_eq!(identity_card(value), verdict, "{value}");
        }
        assert_eq!(vat("MT11679112"), Verdict::Certain);
        assert_eq!(vat("11679113"), Verdict::Refuted);
    }
}
