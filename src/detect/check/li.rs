//! Liechtenstein's number of persons and firms.

use super::Verdict;

/// Personenidentifikationsnummer (PEID): up to twelve digits without a check digit.
pub fn peid(value: &str) -> Verdict {
    let number = value.trim_start_matches('0');
    Verdict::when((4..=12).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_to_twelve_digits() {
        for (value, verdict) in [
            ("1234567", Verdict::Certain),
            ("00001234567", Verdict::Certain),
            ("0000123", Verdict::Refuted),
            ("12345678901234", Verdict::Refuted),
            ("12A4567", Verdict::Refuted),
        ] {
            assert_eq!(peid(value), verdict, "{value}");
        }
    }
}
