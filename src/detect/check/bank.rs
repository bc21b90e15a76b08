//! Account numbers: the IBAN of every country in the registry, with the Italian check letter.

use super::Verdict;
use super::it;
use super::number::mod_97;

/// Length of an IBAN by country: SWIFT IBAN Registry.
const LENGTHS: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
    ("YE", 30),
];

/// ISO 13616-1: length by country, mod 97-10; for Italy and San Marino also the CIN.
pub fn iban(value: &str) -> Verdict {
    let Some(country) = value.get(..2) else { return Verdict::Refuted };
    if !LENGTHS.contains(&(country, value.len())) {
        return Verdict::Refuted;
    }
    let check_digits = value.get(2..4).is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    if !check_digits || mod_97(value.chars().skip(4).chain(value.chars().take(4))) != Some(1) {
        return Verdict::Refuted;
    }
    match country {
        "IT" | "SM" => it::cin(value),
        _ => Verdict::Certain,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{changed, random};
    use super::*;

    #[test]
    fn published_ibans() {
        for (value, verdict) in [
            ("IT60X0542811101000000123456", Verdict::Certain),
            ("DE89370400440532013000", Verdict::Certain),
            ("GB82WEST12345698765432", Verdict::Certain),
            ("FR1420041010050500013M02606", Verdict::Certain),
            ("DE89370400440532013001", Verdict::Refuted),
            ("DE8937040044053201300", Verdict::Refuted),
            ("XX89370400440532013000", Verdict::Refuted),
            ("", Verdict::Refuted),
        ] {
            assert_eq!(iban(value), verdict, "{value}");
        }
    }

    fn with_check_digits(country: &str, bban: &str) -> String {
        let rest = mod_97(format!("{bban}{country}00").chars()).unwrap();
        format!("{country}{:02}{bban}", 98 - rest)
    }

    #[test]
    fn an_italian_iban_with_a_wrong_cin_is_not_certain() {
        assert_eq!(iban(&with_check_digits("IT", "Y0542811101000000123456")), Verdict::Silent);
        assert_eq!(iban(&with_check_digits("IT", "X0542811101000000123456")), Verdict::Certain);
    }

    #[test]
    fn one_changed_digit_fails() {
        let mut next = random(3);
        for _ in 0..1000 {
            let value = with_check_digits("DE", &format!("{:09}{:09}", next(1_000_000_000), next(1_000_000_000)));
            assert_eq!(iban(&value), Verdict::Certain, "{value}");
            for place in 2..22 {
                assert_eq!(iban(&changed(&value, place)), Verdict::Refuted, "{value} at {place}");
            }
        }
    }
}
