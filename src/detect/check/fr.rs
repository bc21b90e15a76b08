//! French numbers: the social security number (NIR) and the tax number (SPI).

use super::Verdict;

/// Numéro de sécurité sociale (décret 82-103): sex, year, month, département, commune, order, and
/// 97 minus the rest of the division by 97. Corsica's 2A and 2B count as 19 and 18.
pub fn nir(value: &str) -> Verdict {
    let (Some(body), Some(key)) = (value.get(..13), value.get(13..15).and_then(|key| key.parse::<u64>().ok())) else {
        return Verdict::Refuted;
    };
    let plain = match body.get(5..7) {
        Some("2A") => body.replacen("2A", "19", 1),
        Some("2B") => body.replacen("2B", "18", 1),
        _ => body.to_owned(),
    };
    let Some(number) = plain.parse::<u64>().ok().filter(|_| value.len() == 15) else { return Verdict::Refuted };
    let sex = matches!(value.as_bytes().first(), Some(b'1'..=b'4' | b'7' | b'8'));
    // Months above 12 are for people whose month of birth is not known.
    let month = matches!(value.get(3..5).and_then(|m| m.parse::<u8>().ok()), Some(1..=12 | 20 | 30..=42 | 50..=99));
    if sex && month && number > 0 && key == 97 - number % 97 { Verdict::Certain } else { Verdict::Refuted }
}

/// Numéro fiscal de référence: thirteen digits, the last three the first ten modulo 511.
pub fn spi(value: &str) -> Verdict {
    let (Some(body), Some(key)) = (value.get(..10), value.get(10..13)) else { return Verdict::Refuted };
    let first = matches!(value.as_bytes().first(), Some(b'0'..=b'3'));
    let holds = match (body.parse::<u64>(), key.parse::<u64>()) {
        (Ok(body), Ok(key)) => body % 511 == key,
        _ => false,
    };
    if value.len() == 13 && first && holds { Verdict::Certain } else { Verdict::Refuted }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{changed, random};
    use super::*;

    #[test]
    fn numbers_with_their_key_pass() {
        assert_eq!(nir("295109912611193"), Verdict::Certain);
        assert_eq!(nir("253072B07300470"), Verdict::Certain);
        assert_eq!(nir("295109912611194"), Verdict::Refuted);
        assert_eq!(nir("595109912611193"), Verdict::Refuted);
        assert_eq!(spi("3023217600053"), Verdict::Certain);
        assert_eq!(spi("3023217600054"), Verdict::Refuted);
    }

    #[test]
    fn one_changed_digit_fails() {
        let mut next = random(6);
        for _ in 0..500 {
            let body = format!("1{:02}{:02}{:08}", next(100), 1 + next(12), next(100_000_000));
            let number = format!("{body}{:02}", 97 - body.parse::<u64>().unwrap() % 97);
            assert_eq!(nir(&number), Verdict::Certain, "{number}");
            for place in 0..15 {
                assert_eq!(nir(&changed(&number, place)), Verdict::Refuted, "{number} at {place}");
            }
        }
    }
}
