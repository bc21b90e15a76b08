//! Swiss numbers: AHV of people, before and since 2008, UID and VAT of firms.

use super::Verdict;
use super::number::{clean, digits, exactly, weighted};

/// AHV number (AHVV art. 133): 756, nine digits, check digit as in an EAN. It is read as written,
/// and as the check of an EAN leaves hyphens out, a shorter one with hyphens may be one too.
pub fn ahv(written: &str) -> Verdict {
    let written = clean(written, " .");
    if written.chars().count() != 13 || !written.starts_with("756") {
        return Verdict::Refuted;
    }
    let Some(all) = digits(&clean(&written, "-")).filter(|all| matches!(all.len(), 8 | 12 | 13)) else {
        return Verdict::Refuted;
    };
    let sum: u32 = all.iter().rev().enumerate().map(|(i, digit)| if i % 2 == 0 { *digit } else { digit * 3 }).sum();
    Verdict::when(sum.is_multiple_of(10))
}

/// AHV number until 2008: eleven digits that tell name, birth and sex, the last by weights mod 11.
pub fn old_ahv(value: &str) -> Verdict {
    let Some(all) = exactly(value, 11) else { return Verdict::Refuted };
    let check = (11 - weighted(&all, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    // The fourth and fifth digits are the year, the sixth the sex and quarter, the next two the day in it.
    let quarter = all.get(5).is_some_and(|digit| (1..=8).contains(digit));
    Verdict::when(quarter && all.last() == Some(&check))
}

/// Unternehmens-Identifikationsnummer (UIDG): `CHE` if written, eight digits, check digit mod 11.
pub fn uid(value: &str) -> Verdict {
    let Some(all) = exactly(value.strip_prefix("CHE").unwrap_or(value), 9) else { return Verdict::Refuted };
    let check = (11 - weighted(&all, &[5, 4, 3, 2, 7, 6, 5, 4]) % 11) % 11;
    Verdict::when(all.last() == Some(&check))
}

/// VAT number (MWSTG art. 66): the UID with `CHE`, and MWST, TVA, IVA or TPV.
pub fn vat(value: &str) -> Verdict {
    match value.split_at_checked(12) {
        Some((number, "MWST" | "TVA" | "IVA" | "TPV")) if number.starts_with("CHE") => uid(number),
        _ => Verdict::Refuted,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::changed;
    use super::*;

    #[test]
    fn valid_numbers_pass_and_a_changed_digit_does_not() {
        type Check = fn(&str) -> Verdict;
        let checks: [(Check, &str, std::ops::Range<usize>); 4] = [
            (ahv, "756.9217.0769.85", 0..16),
            (old_ahv, "12345678113", 0..5),
            (uid, "CHE100155212", 3..12),
            (vat, "CHE107787577IVA", 3..12),
        ];
        for (check, value, places) in checks {
            assert_eq!(check(value), Verdict::Certain, "{value}");
            for place in places.filter(|at| value.as_bytes()[*at].is_ascii_digit()) {
                assert_eq!(check(&changed(value, place)), Verdict::Refuted, "{value} at {place}");
            }
            assert_eq!(check(""), Verdict::Refuted);
        }
        assert_eq!(uid("100155212"), Verdict::Certain);
        for value in ["107787577IVA", "CHE107787577", "CHE107787577VAT"] {
            assert_eq!(vat(value), Verdict::Refuted, "{value}");
        }
        assert_eq!(ahv("756-9217-0769-85"), Verdict::Refuted);
    }
}
