//! Account numbers: the IBAN of every country in the registry.

use super::Verdict;
use super::account;
use super::number::mod_97;

/// What follows country and check digits: so many digits (n), letters (a) or either (c), as the
/// SWIFT IBAN Registry (release 101) gives it. In alphabetical order.
const REGISTRY: &[(&str, &str)] = &[
    ("AD", "8n12c"),
    ("AE", "19n"),
    ("AL", "8n16c"),
    ("AT", "16n"),
    ("AZ", "4a20c"),
    ("BA", "16n"),
    ("BE", "12n"),
    ("BG", "4a6n8c"),
    ("BH", "4a14c"),
    ("BI", "23n"),
    ("BR", "23n1a1c"),
    ("BY", "4c4n16c"),
    ("CH", "5n12c"),
    ("CR", "18n"),
    ("CY", "8n16c"),
    ("CZ", "20n"),
    ("DE", "18n"),
    ("DJ", "23n"),
    ("DK", "14n"),
    ("DO", "4c20n"),
    ("EE", "16n"),
    ("EG", "25n"),
    ("ES", "20n"),
    ("FI", "14n"),
    ("FK", "2a12n"),
    ("FO", "14n"),
    ("FR", "10n11c2n"),
    ("GB", "4a14n"),
    ("GE", "2a16n"),
    ("GI", "4a15c"),
    ("GL", "14n"),
    ("GR", "7n16c"),
    ("GT", "24c"),
    ("HN", "4a20n"),
    ("HR", "17n"),
    ("HU", "24n"),
    ("IE", "4a14n"),
    ("IL", "19n"),
    ("IQ", "4a15n"),
    ("IS", "22n"),
    ("IT", "1a10n12c"),
    ("JO", "4a4n18c"),
    ("KW", "4a22c"),
    ("KZ", "3n13c"),
    ("LB", "4n20c"),
    ("LC", "4a24c"),
    ("LI", "5n12c"),
    ("LT", "16n"),
    ("LU", "3n13c"),
    ("LV", "4a13c"),
    ("LY", "21n"),
    ("MC", "10n11c2n"),
    ("MD", "20c"),
    ("ME", "18n"),
    ("MK", "3n10c2n"),
    ("MN", "16n"),
    ("MR", "23n"),
    ("MT", "4a5n18c"),
    ("MU", "4a19n3a"),
    ("NI", "4a20n"),
    ("NL", "4a10n"),
    ("NO", "11n"),
    ("OM", "3n16c"),
    ("PK", "4a16c"),
    ("PL", "24n"),
    ("PS", "4a21c"),
    ("PT", "21n"),
    ("QA", "4a21c"),
    ("RO", "4a16c"),
    ("RS", "18n"),
    ("RU", "14n15c"),
    ("SA", "2n18c"),
    ("SC", "4a20n3a"),
    ("SD", "14n"),
    ("SE", "20n"),
    ("SI", "15n"),
    ("SK", "20n"),
    ("SM", "1a10n12c"),
    ("SO", "19n"),
    ("ST", "21n"),
    ("SV", "4a20n"),
    ("TL", "19n"),
    ("TN", "20n"),
    ("TR", "6n16c"),
    ("UA", "6n19c"),
    ("VA", "18n"),
    ("VG", "4a16n"),
    ("XK", "16n"),
    ("YE", "4a4n18c"),
];

/// ISO 13616-1: country and structure, mod 97-10. Silent where the national check digits of
/// Belgium, Montenegro, Norway or Spain do not hold, or no Belgian bank has the code. That the
/// check digits are digits is a matter of the pattern.
pub fn iban(value: &str) -> Verdict {
    let (Some(country), Some(bban)) = (value.get(..2), value.get(4..)) else { return Verdict::Refuted };
    let Ok(row) = REGISTRY.binary_search_by_key(&country, |(country, _)| country) else { return Verdict::Refuted };
    let structure = REGISTRY.get(row).map_or("", |(_, structure)| structure);
    if !has_structure(bban, structure) || mod_97(value.chars().skip(4).chain(value.chars().take(4))) != Some(1) {
        return Verdict::Refuted;
    }
    let doubtful = match country {
        "BE" => !super::be::is_bank(bban) || account::national(value) == Verdict::Refuted,
        "ES" | "ME" | "NO" => account::national(value) == Verdict::Refuted,
        _ => false,
    };
    if doubtful { Verdict::Silent } else { Verdict::Certain }
}

/// Whether the text is what `5n11c2n` says.
fn has_structure(text: &str, structure: &str) -> bool {
    let mut rest = text.bytes();
    let mut length = 0_usize;
    for sign in structure.bytes() {
        let of_kind = |byte: &u8| match sign {
            b'n' => byte.is_ascii_digit(),
            b'a' => byte.is_ascii_uppercase(),
            _ => byte.is_ascii_digit() || byte.is_ascii_uppercase(),
        };
        if sign.is_ascii_digit() {
            length = length * 10 + usize::from(sign - b'0');
        } else {
            if rest.by_ref().take(length).filter(of_kind).count() != length {
                return false;
            }
            length = 0;
        }
    }
    rest.next().is_none()
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
    fn national_check_digits_are_no_part_of_the_standard() {
        for (country, bban, verdict) in [
            ("IT", "X0542811101000000123456", Verdict::Certain),
            ("IT", "Y0542811101000000123456", Verdict::Certain),
            ("ES", "21000418450200051332", Verdict::Certain),
            ("ES", "21000418460200051332", Verdict::Silent),
            ("NO", "86011117947", Verdict::Certain),
            ("NO", "86011117948", Verdict::Silent),
            ("NO", "00004090403", Verdict::Certain),
            ("ME", "505000012345678951", Verdict::Certain),
            ("ME", "505000012345678952", Verdict::Silent),
            ("BE", "310126985517", Verdict::Certain),
            ("BE", "310126985518", Verdict::Silent),
            // No bank has 539, though the registry's own example does.
            ("BE", "539007547034", Verdict::Silent),
        ] {
            assert_eq!(iban(&with_check_digits(country, bban)), verdict, "{country} {bban}");
        }
    }

    #[test]
    fn the_structure_of_the_country_holds() {
        for (country, bban) in [
            ("DE", "37040044053201300A"),
            ("GB", "1WST12345698765432"),
            ("GB", "WEST1234569876543"),
            ("FR", "20041A100505A0013M02606"),
        ] {
            assert_eq!(iban(&with_check_digits(country, bban)), Verdict::Refuted, "{country} {bban}");
        }
        assert!(REGISTRY.is_sorted(), "the table is searched by halves");
        assert!(has_structure("AB12", "2a2c") && !has_structure("AB12", "2a1n") && !has_structure("A", "2a"));
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
