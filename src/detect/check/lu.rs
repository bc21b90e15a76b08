//! Luxembourg's numbers: the matricule of persons, VAT.

use super::Verdict;
use super::date::Day;
use super::number::{digits, luhn, part};

/// Numéro de TVA, with `LU` if written: six digits and their rest by 89.
pub fn tva(value: &str) -> Verdict {
    let number = value.strip_prefix("LU").unwrap_or(value);
    match (part(number, 0, 6), part(number, 6, 8)) {
        (Some(body), Some(check)) => Verdict::when(number.len() == 8 && body % 89 == check),
        _ => Verdict::Refuted,
    }
}

/// Numéro d'identification national of a person (loi du 19 juin 2013): date of birth, serial, a
/// check digit by Luhn and one by Verhoeff, each over the first eleven digits.
pub fn matricule(value: &str) -> Verdict {
    let Some(all) = digits(value).filter(|all| all.len() == 13) else { return Verdict::Refuted };
    let (Some(year), Some(month), Some(day)) = (part(value, 0, 4), part(value, 4, 6), part(value, 6, 8)) else {
        return Verdict::Refuted;
    };
    let born = match (u16::try_from(year), u8::try_from(month), u8::try_from(day)) {
        (Ok(year @ 1850..=2099), Ok(month), Ok(day)) => Day::new(year, month, day).is_some(),
        _ => false,
    };
    let (Some(first), Some(body), Some(last)) = (all.get(..12), all.get(..11), all.last()) else {
        return Verdict::Refuted;
    };
    Verdict::when(born && luhn(first) && verhoeff(body.iter().chain([last])))
}

/// Products in the group of turns and flips of a pentagon.
const PRODUCTS: [[u8; 10]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];

/// The permutation that is applied once more at each place further left.
const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

/// Verhoeff's check over digits of which the last is the check digit.
fn verhoeff<'a>(digits: impl DoubleEndedIterator<Item = &'a u32>) -> bool {
    let permute = |digit: u8| PERMUTATION.get(usize::from(digit)).copied().unwrap_or_default();
    let product = digits.rev().enumerate().try_fold(0_u8, |product, (place, digit)| {
        let moved = (0..place % 8).fold(u8::try_from(*digit).ok()?, |digit, _| permute(digit));
        PRODUCTS.get(usize::from(product))?.get(usize::from(moved)).copied()
    });
    product == Some(0)
}

#[cfg(test)]
mod tests {
    use super::super::testing::changed;
    use super::*;

    #[test]
    fn vat_numbers() {
        assert_eq!(tva("LU15027442"), Verdict::Certain);
        assert_eq!(tva("15027442"), Verdict::Certain);
        assert_eq!(tva("15027443"), Verdict::Refuted);
        assert_eq!(tva("1502744"), Verdict::Refuted);
    }

    #[test]
    fn verhoeff_of_a_published_number() {
        assert!(verhoeff([2, 3, 6, 3].iter()));
        assert!(!verhoeff([2, 3, 6, 4].iter()));
    }

    #[test]
    fn a_changed_digit_of_a_matricule_fails() {
        let number = "1893120105732";
        assert_eq!(matricule(number), Verdict::Certain);
        for place in 0..13 {
            assert_eq!(matricule(&changed(number, place)), Verdict::Refuted, "{place}");
        }
    }
}
