//! German numbers: tax, VAT, pension and health insurance, doctors, identity card.

use super::Verdict;
use super::date::days_in;
use super::number::{digits, exactly, mod_11_10, weighted};

/// Steuerliche Identifikationsnummer (sec. 139b AO): of the first ten digits one stands two or
/// three times and the others once at most; ISO 7064 mod 11,10.
pub fn steuer_id(value: &str) -> Verdict {
    let Some(digits) = exactly(value, 11).filter(|digits| digits.first() != Some(&0)) else { return Verdict::Refuted };
    let count = |digit: u32| digits.iter().take(10).filter(|other| **other == digit).count();
    let repeated: Vec<usize> = (0..10).map(count).filter(|count| *count > 1).collect();
    Verdict::when(matches!(repeated.as_slice(), [2 | 3]) && mod_11_10(&digits))
}

/// Whether no digit of a Steuer-ID stands three times in a row.
pub fn likely_steuer_id(value: &str) -> Verdict {
    let in_a_row = value.as_bytes().windows(3).take(8).any(|three| three.iter().all(|d| Some(d) == three.first()));
    if in_a_row { Verdict::Refuted } else { Verdict::Silent }
}

/// Umsatzsteuer-Identifikationsnummer (sec. 27a UStG), with `DE` if written: nine digits, ISO 7064 mod 11,10.
pub fn ust_id(value: &str) -> Verdict {
    let digits = exactly(value.strip_prefix("DE").unwrap_or(value), 9);
    Verdict::when(digits.is_some_and(|digits| digits.first() != Some(&0) && mod_11_10(&digits)))
}

/// Steuernummer: ten or eleven digits as the Land writes it, or thirteen with the number of the
/// Land in front and a zero in fifth place. Its check digit is computed otherwise in each Land and
/// is not looked at.
pub fn steuernummer(value: &str) -> Verdict {
    let land = ["10", "11", "21", "22", "23", "24", "26", "27", "28", "30", "31", "32", "40", "41", "5", "9"];
    let form = match value.len() {
        10 | 11 => true,
        13 => value.get(4..5) == Some("0") && land.iter().any(|land| value.starts_with(land)),
        _ => false,
    };
    Verdict::when(form && value.bytes().all(|b| b.is_ascii_digit()))
}

/// Lebenslange Arztnummer (sec. 293 SGB V): six digits, a check digit by weights 4 and 9, two for
/// the field of medicine.
pub fn lanr(value: &str) -> Verdict {
    let Some(digits) = exactly(value, 9) else { return Verdict::Refuted };
    let check = (10 - weighted(&digits, &[4, 9, 4, 9, 4, 9]) % 10) % 10;
    let empty = digits.iter().take(6).all(|digit| *digit == 0);
    Verdict::when(!empty && digits.get(6) == Some(&check))
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
    Verdict::when(date && digits.last() == Some(&(sum % 10)))
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
    Verdict::when(digits.last() == Some(&(sum % 10)))
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
        assert_eq!(likely_steuer_id("47036892816"), Verdict::Silent);
        assert_eq!(likely_steuer_id("47770368926"), Verdict::Refuted);
        assert_eq!(ust_id("DE136695976"), Verdict::Certain);
        assert_eq!(ust_id("136695976"), Verdict::Certain);
        assert_eq!(ust_id("136695978"), Verdict::Refuted);
        assert_eq!(lanr("123456601"), Verdict::Certain);
        assert_eq!(lanr("123456701"), Verdict::Refuted);
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
    fn tax_numbers_have_the_form_of_a_land() {
        for (value, verdict) in [
            ("18181508155", Verdict::Certain),
            ("4151081508156", Verdict::Certain),
            ("5133081508159", Verdict::Certain),
            ("4151181508156", Verdict::Refuted),
            ("1251081508156", Verdict::Refuted),
            ("136695978", Verdict::Refuted),
        ] {
            assert_eq!(steuernummer(value), verdict, "{value}");
        }
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
