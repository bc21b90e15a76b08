//! German numbers: tax identification number, pension and health insurance, identity card.

use super::Verdict;
use super::date::days_in;
use super::number::{digits, mod_11_10, weighted};

/// Steuerliche Identifikationsnummer (sec. 139b AO): of the first ten digits one stands two or
/// three times and the others once at most, and not three in a row; ISO 7064 mod 11,10.
pub fn steuer_id(value: &str) -> Verdict {
    let Some(digits) = digits(value).filter(|d| d.len() == 11 && d.first() != Some(&0)) else {
        return Verdict::Refuted;
    };
    let mut counts = [0_usize; 10];
    for digit in digits.iter().take(10) {
        if let Some(count) = usize::try_from(*digit).ok().and_then(|digit| counts.get_mut(digit)) {
            *count += 1;
        }
    }
    let repeated = counts.iter().filter(|count| **count > 1).count();
    let most = counts.iter().max().copied().unwrap_or(0);
    let in_a_row = digits.windows(3).take(8).any(|three| three.iter().all(|d| Some(d) == three.first()));
    if repeated == 1 && most <= 3 && !in_a_row && mod_11_10(&digits) { Verdict::Certain } else { Verdict::Refuted }
}

/// Versicherungsnummer of the pension insurance (sec. 147 SGB VI, VKVV sec. 2 to 4): area, date of
/// birth, letter, serial, check digit.
pub fn rvnr(value: &str) -> Verdict {
    let Some(letter) = value.chars().nth(8).filter(char::is_ascii_uppercase) else { return Verdict::Refuted };
    let ordinal = u32::from(letter) - u32::from('A') + 1;
    let expanded = value.replace(letter, &format!("{ordinal:02}"));
    let Some(digits) = digits(&expanded).filter(|digits| digits.len() == 13) else { return Verdict::Refuted };
    let number = |range: std::ops::Range<usize>| value.get(range).and_then(|n| n.parse::<u8>().ok());
    // Where two people would have one number, 32 is added to the day as often as needed.
    let date = matches!((number(2..4), number(4..6)), (Some(day), Some(month))
        if day % 32 <= days_in(2000, month) && days_in(2000, month) > 0 && day > 0);
    let sum: u32 = digits
        .iter()
        .zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])
        .map(|(digit, weight)| digit * weight / 10 + digit * weight % 10)
        .sum();
    if date && digits.last() == Some(&(sum % 10)) { Verdict::Certain } else { Verdict::Refuted }
}

/// Krankenversichertennummer, the part that stays for life (sec. 290 SGB V): a letter, eight
/// digits, a check digit over the letter as two digits.
pub fn kvnr(value: &str) -> Verdict {
    let Some(letter) = value.chars().next().filter(char::is_ascii_uppercase) else { return Verdict::Refuted };
    let ordinal = u32::from(letter) - u32::from('A') + 1;
    let number = format!("{ordinal:02}{}", value.get(1..).unwrap_or_default());
    let Some(digits) = digits(&number).filter(|digits| digits.len() == 11) else { return Verdict::Refuted };
    let sum: u32 = digits
        .iter()
        .take(10)
        .enumerate()
        .map(|(i, digit)| if i % 2 == 0 { *digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum();
    if digits.last() == Some(&(sum % 10)) { Verdict::Certain } else { Verdict::Refuted }
}

/// Serial number of identity card and passport, with its check digit as tenth place
/// (weights 7-3-1 as in ICAO Doc 9303). Nine places have no check and are silent.
pub fn document(value: &str) -> Verdict {
    const LETTERS: &str = "CFGHJKLMNPRTVWXYZ0123456789";
    if !value.chars().take(9).all(|c| LETTERS.contains(c)) || !value.contains(|c: char| c.is_ascii_digit()) {
        return Verdict::Refuted;
    }
    let values: Option<Vec<u32>> = value.chars().map(|c| c.to_digit(36)).collect();
    match (values, value.len()) {
        (Some(_), 9) => Verdict::Silent,
        (Some(values), 10) if Some(&(weighted(&values, &[7, 3, 1, 7, 3, 1, 7, 3, 1]) % 10)) == values.last() => {
            Verdict::Certain
        }
        _ => Verdict::Refuted,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{changed, random};
    use super::*;

    #[test]
    fn published_numbers() {
        // The examples of the Bundeszentralamt fuer Steuern, of the VKVV and of the specimen card.
        assert_eq!(steuer_id("86095742719"), Verdict::Certain);
        assert_eq!(steuer_id("47036892816"), Verdict::Certain);
        assert_eq!(steuer_id("86095742718"), Verdict::Refuted);
        assert_eq!(steuer_id("11111111111"), Verdict::Refuted);
        assert_eq!(rvnr("15070649C103"), Verdict::Certain);
        assert_eq!(rvnr("15070649C104"), Verdict::Refuted);
        assert_eq!(rvnr("15071349C103"), Verdict::Refuted);
        assert_eq!(kvnr("A123456780"), Verdict::Certain);
        assert_eq!(kvnr("A123456781"), Verdict::Refuted);
        assert_eq!(document("T220001293"), Verdict::Certain);
        assert_eq!(document("T220001294"), Verdict::Refuted);
        assert_eq!(document("T22000129"), Verdict::Silent);
        assert_eq!(document("ABEIOU123"), Verdict::Refuted);
    }

    #[test]
    fn one_changed_digit_of_an_insurance_number_fails() {
        let mut next = random(5);
        for _ in 0..500 {
            let body = format!("Q{:08}", next(100_000_000));
            let number = (0..10).map(|d| format!("{body}{d}")).find(|n| kvnr(n) == Verdict::Certain).unwrap();
            for place in 1..10 {
                assert_eq!(kvnr(&changed(&number, place)), Verdict::Refuted, "{number} at {place}");
            }
        }
    }
}
