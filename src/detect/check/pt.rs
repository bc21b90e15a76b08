//! Portuguese numbers: tax (NIF), citizen card, social security (NISS).

use super::Verdict;
use super::number::{exactly, weighted};

fn without_prefix(value: &str) -> &str {
    value.strip_prefix("PT").unwrap_or(value)
}

/// NIF or NIPC (DL 14/2013), with `PT` if written: nine digits, mod 11.
pub fn nif(value: &str) -> Verdict {
    let Some(all) = exactly(without_prefix(value), 9) else { return Verdict::Refuted };
    let rest = weighted(&all, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { 0 } else { 11 - rest };
    Verdict::when(all.first() != Some(&0) && all.last() == Some(&check))
}

/// Whether a NIF is one of a person: it begins with 1, 2, 3 or 45.
pub fn person_nif(value: &str) -> Verdict {
    let number = without_prefix(value);
    if number.starts_with(['1', '2', '3']) || number.starts_with("45") { Verdict::Silent } else { Verdict::Refuted }
}

/// Whether a NIF is one of a firm, a body, an estate or a business without a legal person.
pub fn firm_nif(value: &str) -> Verdict {
    let number = without_prefix(value);
    if number.starts_with(['5', '6', '7', '8', '9']) { Verdict::Silent } else { Verdict::Refuted }
}

/// Cartão de cidadão (Lei 7/2007; Portaria 203/2007): number, its check digit, version, check
/// digit of all, by Luhn over digits and letters.
pub fn citizen_card(value: &str) -> Verdict {
    let (Some(body), Some(version)) =
        (value.get(..value.len().saturating_sub(3)), value.get(value.len().saturating_sub(3)..))
    else {
        return Verdict::Refuted;
    };
    let form = value.len() >= 3
        && body.bytes().all(|b| b.is_ascii_digit())
        && version.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && version.ends_with(|c: char| c.is_ascii_digit());
    let sum: Option<u32> = value
        .chars()
        .rev()
        .enumerate()
        .map(|(i, c)| {
            let digit = c.to_digit(36)?;
            Some(match digit * 2 {
                _ if i % 2 == 0 => digit,
                double @ 10.. => double - 9,
                double => double,
            })
        })
        .sum();
    Verdict::when(form && sum.is_some_and(|sum| sum.is_multiple_of(10)))
}

/// Número de identificação de segurança social: eleven digits of which the first is 1 or 2, a
/// check digit by prime weights.
pub fn niss(value: &str) -> Verdict {
    let Some(all) = exactly(value, 11) else { return Verdict::Refuted };
    let check = 9 - weighted(&all, &[29, 23, 19, 17, 13, 11, 7, 5, 3, 2]) % 10;
    Verdict::when(matches!(all.first(), Some(1 | 2)) && all.last() == Some(&check))
}

#[cfg(test)]
mod tests {
    use super::super::testing::changed;
    use super::*;

    #[test]
    fn tax_numbers_of_persons_and_firms() {
        for (value, of_person) in [("123456789", true), ("PT284910376", true), ("PT501964843", false)] {
            assert_eq!(nif(value), Verdict::Certain, "{value}");
            assert_eq!(person_nif(value) == Verdict::Silent, of_person, "{value}");
            assert_eq!(firm_nif(value) == Verdict::Silent, !of_person, "{value}");
        }
        assert_eq!(nif("501964842"), Verdict::Refuted);
        assert_eq!(nif("012345678"), Verdict::Refuted);
        assert_eq!(nif("PTPT501964843"), Verdict::Refuted);
    }

    #[test]
    fn citizen_cards() {
        assert_eq!(citizen_card("000000000ZZ4"), Verdict::Certain);
        assert_eq!(citizen_card("000000000ZZ3"), Verdict::Refuted);
        assert_eq!(citizen_card("00000000AZZ4"), Verdict::Refuted);
        assert_eq!(citizen_card("4"), Verdict::Refuted);
    }

    #[test]
    fn social_security_numbers() {
        let number = (0..10).map(|d| format!("1204938175{d}")).find(|n| niss(n) == Verdict::Certain).unwrap();
        for place in 0..11 {
            assert_eq!(niss(&changed(&number, place)), Verdict::Refuted, "{number} at {place}");
        }
        assert_eq!(niss("32049381750"), Verdict::Refuted);
    }
}
