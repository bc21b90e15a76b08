//! French and Monegasque numbers: social security (NIR), tax (SPI), firms and their VAT.

use super::Verdict;
use super::number::{digits, exactly, luhn, part};

/// Numéro de sécurité sociale (décret 82-103): sex, year, month, département, commune, order, and
/// 97 minus the rest of the division by 97. Corsica's 2A and 2B count as 19 and 18.
pub fn nir(value: &str) -> Verdict {
    let plain = match value.get(5..7) {
        Some("2A") => value.replacen("2A", "19", 1),
        Some("2B") => value.replacen("2B", "18", 1),
        _ => value.to_owned(),
    };
    match (part(&plain, 0, 13), part(&plain, 13, 15)) {
        (Some(body), Some(key)) => Verdict::when(plain.len() == 15 && key == 97 - body % 97),
        _ => Verdict::Refuted,
    }
}

/// Whether a NIR says a sex, a month and an order in the register.
pub fn likely_nir(value: &str) -> Verdict {
    let sex = matches!(value.as_bytes().first(), Some(b'1'..=b'4' | b'7' | b'8'));
    // Months above 12 are for people whose month of birth is not known.
    let month = matches!(part(value, 3, 5), Some(1..=12 | 20 | 30..=42 | 50..=99));
    let order = part(value, 10, 13).is_some_and(|order| order > 0);
    if sex && month && order { Verdict::Silent } else { Verdict::Refuted }
}

/// The last two digits of the year of birth.
pub(super) fn year_of_birth(value: &str) -> Option<u16> {
    part(value, 1, 3).and_then(|year| u16::try_from(year).ok())
}

/// Numéro fiscal de référence (SPI): thirteen digits, the last three the first ten modulo 511.
pub fn spi(value: &str) -> Verdict {
    let first = matches!(value.as_bytes().first(), Some(b'0'..=b'3'));
    match (part(value, 0, 10), part(value, 10, 13)) {
        (Some(body), Some(key)) => Verdict::when(value.len() == 13 && first && body % 511 == key),
        _ => Verdict::Refuted,
    }
}

/// Numéro SIREN of a firm (Code de commerce R. 123-221): nine digits, Luhn.
pub fn siren(value: &str) -> Verdict {
    Verdict::when(exactly(value, 9).is_some_and(|digits| luhn(&digits)))
}

/// Numéro SIRET of an establishment: SIREN and five digits, Luhn. Those of La Poste but for its
/// seat have digits whose sum is a multiple of five.
pub fn siret(value: &str) -> Verdict {
    let Some(digits) = exactly(value, 14) else { return Verdict::Refuted };
    let post_office = value.starts_with("356000000") && value != "35600000000048";
    let holds = if post_office { digits.iter().sum::<u32>().is_multiple_of(5) } else { luhn(&digits) };
    Verdict::when(holds && siren(value.get(..9).unwrap_or_default()) == Verdict::Certain)
}

/// Letters and digits that a VAT key is made of: neither I nor O.
const KEY: &str = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Numéro de TVA intracommunautaire (Code général des impôts art. 286 ter): `FR` if written, a
/// key of two, and the SIREN. Those of Monaco have 000 in front of six digits instead.
pub fn tva(value: &str) -> Verdict {
    let number = value.strip_prefix("FR").unwrap_or(value);
    let (Some(key), Some(firm)) = (number.get(..2), number.get(2..)) else { return Verdict::Refuted };
    let Some(siren_number) = part(firm, 0, 9).filter(|_| firm.len() == 9) else { return Verdict::Refuted };
    if !firm.starts_with("000") && siren(firm) != Verdict::Certain {
        return Verdict::Refuted;
    }
    if let Some(key) = part(key, 0, 2) {
        return Verdict::when(key == (siren_number * 100 + 12) % 97);
    }
    let mut places = key.chars().map(|c| KEY.find(c).and_then(|at| u64::try_from(at).ok()));
    let (Some(Some(first)), Some(Some(second))) = (places.next(), places.next()) else { return Verdict::Refuted };
    // A key of a digit and a letter counts from 0A, one that begins with a letter from A0.
    let key = if first < 10 { (first * 24 + second).checked_sub(10) } else { (first * 34 + second).checked_sub(100) };
    Verdict::when(key.is_some_and(|key| (siren_number + 1 + key / 11) % 11 == key % 11))
}

/// The VAT number of a firm in Monaco.
pub fn monaco_tva(value: &str) -> Verdict {
    let number = value.strip_prefix("FR").unwrap_or(value);
    if number.get(2..5) == Some("000") { tva(number) } else { Verdict::Refuted }
}

/// Numéro RPPS of somebody in a health profession: eleven digits, Luhn.
pub fn rpps(value: &str) -> Verdict {
    let holds = digits(value).is_some_and(|digits| digits.len() == 11 && luhn(&digits));
    Verdict::when(holds && value.starts_with('1'))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{changed, random};
    use super::*;

    #[test]
    fn numbers_with_their_key_pass() {
        type Check = fn(&str) -> Verdict;
        let checks: [(Check, &str, bool); 19] = [
            (nir, "295109912611193", true),
            (nir, "253072B07300470", true),
            (nir, "295109912611194", false),
            (nir, "2951099126111930", false),
            (spi, "3023217600053", true),
            (spi, "3023217600054", false),
            (siren, "732829320", true),
            (siren, "732829321", false),
            (siret, "73282932000074", true),
            (siret, "73282932000075", false),
            (siret, "35600000049837", true),
            (tva, "FR40303265045", true),
            (tva, "23334175221", true),
            (tva, "K7399859412", true),
            (tva, "4Z123456782", true),
            (tva, "FR41303265045", false),
            (monaco_tva, "FR53000004605", true),
            (monaco_tva, "FR40303265045", false),
            (rpps, "10003456781", false),
        ];
        for (check, value, passes) in checks {
            assert_eq!(check(value) == Verdict::Certain, passes, "{value}");
        }
    }

    #[test]
    fn a_number_without_sex_or_month_is_unlikely() {
        assert_eq!(likely_nir("295109912611193"), Verdict::Silent);
        assert_eq!(likely_nir("253072B07300470"), Verdict::Silent);
        assert_eq!(likely_nir("595109912611193"), Verdict::Refuted);
        assert_eq!(likely_nir("295159912611193"), Verdict::Refuted);
        assert_eq!(likely_nir("295109912600093"), Verdict::Refuted);
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
