//! Cypriot numbers: tax identification code.

use super::Verdict;
use super::number::digits;
use super::written::{after_country, certain};

/// Tax identification code and VAT number: eight digits and a letter mod 26 (Cyprus Tax Department).
pub fn tic(value: &str) -> Verdict {
    let number = after_country(value, &["CY"]);
    let (Some(body), Some(letter)) = (number.get(..8).and_then(digits), number.get(8..)) else {
        return Verdict::Refuted;
    };
    // Digits in odd places count by this table, those in even places as they are.
    let odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let sum: u32 = body
        .iter()
        .enumerate()
        .map(|(place, digit)| if place % 2 == 0 { odd.get(*digit as usize).copied().unwrap_or(0) } else { *digit })
        .sum();
    let check = char::from_digit(sum % 26 + 10, 36).map(|letter| letter.to_ascii_uppercase());
    let mut letters = letter.chars();
    certain(letters.next() == check && letters.next().is_none() && !number.starts_with("12"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::check::testing::changed;

    #[test]
    fn the_letter_checks_the_digits() {
        assert_eq!(tic("CY10259033P"), Verdict::Certain);
        assert_eq!(tic("CY10259033Z"), Verdict::Refuted);
        assert_eq!(tic("102590330"), Verdict::Refuted);
        for place in 0..9 {
            assert_eq!(tic(&changed("10259033P", place)), Verdict::Refuted, "at {place}");
        }
    }
}
