//! Italian numbers: the tax code of persons, the VAT number, the letter inside an IBAN, the health card.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::Verdict;
use super::date::days_in;
use super::number::{exactly, luhn, part};

/// Letters of the months in a tax code.
const MONTHS: &str = "ABCDEHLMPRST";

/// Letters that stand for the digits 0 to 9 when two people would have one code.
const OMOCODIA: &str = "LMNPQRSTUV";

/// Places of the digits in a tax code.
const DIGIT_PLACES: [usize; 7] = [6, 7, 9, 10, 12, 13, 14];

/// Values of A to Z (and of 0 to 9 as A to J) at odd places.
const ODD: [u32; 26] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/// Codes of municipalities and countries, with those that are no more: people born there live.
static BELFIORE: LazyLock<HashSet<(char, u16)>> = LazyLock::new(|| {
    let mut codes = HashSet::new();
    for line in include_str!("belfiore.txt").lines().filter(|line| !line.starts_with('#')) {
        let Some(letter) = line.chars().next() else { continue };
        for range in line.split(' ').skip(1) {
            let (from, to) = range.split_once('-').unwrap_or((range, range));
            if let (Ok(from), Ok(to)) = (from.parse::<u16>(), to.parse()) {
                codes.extend((from..=to).map(|number| (letter, number)));
            }
        }
    }
    codes
});

/// Codice fiscale (DM 23.12.1976 n. 13813): of a person, date of birth and check letter; of a
/// body and as provisional code of a person, eleven digits as a partita IVA.
pub fn codice_fiscale(value: &str) -> Verdict {
    match value.len() {
        11 => partita_iva(value),
        16 => Verdict::when(has_date(value) && check_letter(value) == value.chars().last()),
        _ => Verdict::Refuted,
    }
}

/// Whether a code says a day. The century is not in it: 29 February needs one leap year of two.
fn has_date(code: &str) -> bool {
    let Some(plain) = plain(code) else { return false };
    let month = plain.get(8..9).and_then(|letter| MONTHS.find(letter)).and_then(|at| u8::try_from(at + 1).ok());
    match (part(&plain, 6, 8).and_then(|year| u16::try_from(year).ok()), month, part(&plain, 9, 11)) {
        // Women add 40.
        (Some(year), Some(month), Some(day)) => (1..=u64::from(days_in(2000 + year, month))).contains(&(day % 40)),
        _ => false,
    }
}

/// Whether the code of a person says a day that is written so and a place that exists or existed.
/// New municipalities take the next numbers of the letter M.
pub fn likely_codice_fiscale(value: &str) -> Verdict {
    if value.len() != 16 {
        return Verdict::Silent;
    }
    let Some(code) = plain(value) else { return Verdict::Refuted };
    let (Some(day), Some(place)) = (part(&code, 9, 11), part(&code, 12, 15).and_then(|n| u16::try_from(n).ok())) else {
        return Verdict::Refuted;
    };
    let letter = code.chars().nth(11).unwrap_or_default();
    let exists = BELFIORE.contains(&(letter, place)) || (letter == 'M' && (1..=599).contains(&place));
    if matches!(day, 1..=31 | 41..=71) && exists { Verdict::Silent } else { Verdict::Refuted }
}

/// The last two digits of the year of birth in the code of a person.
pub(super) fn year_of_birth(value: &str) -> Option<u16> {
    part(&plain(value)?, 6, 8).and_then(|year| u16::try_from(year).ok())
}

/// The code with digits where omocodia put letters.
fn plain(value: &str) -> Option<String> {
    if value.len() != 16 {
        return None;
    }
    value
        .chars()
        .enumerate()
        .map(|(i, c)| {
            if !DIGIT_PLACES.contains(&i) {
                return c.is_ascii_uppercase().then_some(c);
            }
            if c.is_ascii_digit() {
                return Some(c);
            }
            OMOCODIA.find(c).and_then(|at| char::from_digit(u32::try_from(at).ok()?, 10))
        })
        .collect()
}

fn check_letter(value: &str) -> Option<char> {
    let sum: Option<u32> = value.chars().take(15).enumerate().map(|(i, c)| odd_or_even(c, i % 2 == 0)).sum();
    char::from_u32(u32::from(b'A') + sum? % 26)
}

fn odd_or_even(c: char, odd: bool) -> Option<u32> {
    let index = if c.is_ascii_digit() { c.to_digit(10)? } else { c.to_digit(36)?.checked_sub(10)? };
    if odd { ODD.get(usize::try_from(index).ok()?).copied() } else { Some(index) }
}

/// Partita IVA, and the provisional tax code of the same form: Luhn, and the number of the office
/// that gave it, 001 to 100, 120, 121, 888 or 999 (DPR 633/1972 art. 35).
pub fn partita_iva(value: &str) -> Verdict {
    let value = value.strip_prefix("IT").unwrap_or(value);
    let Some(digits) = exactly(value, 11) else { return Verdict::Refuted };
    let office = digits.iter().skip(7).take(3).fold(0, |n, d| n * 10 + d);
    let office_exists = matches!(office, 1..=100 | 120 | 121 | 888 | 999);
    let empty = digits.iter().take(7).all(|d| *d == 0);
    Verdict::when(luhn(&digits) && office_exists && !empty)
}

/// CIN of an Italian or San Marino IBAN: the odd table of the tax code at odd places of ABI, CAB
/// and account. A wrong one is silent, not a refutation: some issuers that are no banks do
/// without.
pub fn cin(iban: &str) -> Verdict {
    let (Some(cin), Some(rest)) = (iban.chars().nth(4), iban.get(5..)) else { return Verdict::Silent };
    let sum: Option<u32> = rest.chars().enumerate().map(|(i, c)| odd_or_even(c, i % 2 == 0)).sum();
    let computed = sum.and_then(|sum| char::from_u32(u32::from(b'A') + sum % 26));
    if computed == Some(cin) { Verdict::Certain } else { Verdict::Silent }
}

/// Number on the back of the tessera sanitaria and of every European health insurance card:
/// 20 digits, `80` and the country's ISO 3166-1 number (Decision S2 of the Administrative Commission).
pub fn health_card(value: &str) -> Verdict {
    const COUNTRIES: [&str; 32] = [
        "040", "056", "100", "191", "196", "203", "208", "233", "246", "250", "276", "300", "348", "352", "372", "380",
        "428", "438", "440", "442", "470", "528", "578", "616", "620", "642", "703", "705", "724", "752", "756", "826",
    ];
    let known = value.get(2..5).is_some_and(|country| COUNTRIES.contains(&country));
    Verdict::when(value.len() == 20 && value.starts_with("80") && known)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{changed, random};
    use super::*;

    #[test]
    fn published_codes() {
        for (code, verdict) in [
            ("RSSMRA80A01H501U", Verdict::Certain),
            ("RSSMRA85T10A562S", Verdict::Certain),
            ("RSSMRA80A01H501V", Verdict::Refuted),
            ("RSSMRA80A32H501X", Verdict::Refuted),
            ("RSSMRA80A01H50", Verdict::Refuted),
        ] {
            assert_eq!(codice_fiscale(code), verdict, "{code}");
        }
    }

    fn with_check_letter(body: &str) -> String {
        format!("{body}{}", check_letter(body).unwrap())
    }

    #[test]
    fn omocodia_day_of_women_and_unknown_places() {
        assert_eq!(codice_fiscale(&with_check_letter("RSSMRA80A01H5LM")), Verdict::Certain);
        assert_eq!(codice_fiscale(&with_check_letter("RSSMRAULALMH5LM")), Verdict::Certain);
        assert_eq!(codice_fiscale(&with_check_letter("RSSMRA80A41H501")), Verdict::Certain);
        assert_eq!(codice_fiscale(&with_check_letter("RSSMRA80B69H501")), Verdict::Certain);
        assert_eq!(codice_fiscale(&with_check_letter("RSSMRA81B69H501")), Verdict::Refuted);
        assert_eq!(codice_fiscale(&with_check_letter("RSSMRA80A01Z112")), Verdict::Certain);
        let unknown = with_check_letter("RSSMRA80A01Z999");
        assert_eq!((codice_fiscale(&unknown), likely_codice_fiscale(&unknown)), (Verdict::Certain, Verdict::Refuted));
        // The rule takes the rest of the day by 40, but nobody writes 81 for 1.
        let odd = with_check_letter("RSSMRA80A81H501");
        assert_eq!((codice_fiscale(&odd), likely_codice_fiscale(&odd)), (Verdict::Certain, Verdict::Refuted));
        let new = with_check_letter("RSSMRA24A01M450");
        assert_eq!((codice_fiscale(&new), likely_codice_fiscale(&new)), (Verdict::Certain, Verdict::Silent));
        // The code of a body.
        assert_eq!(codice_fiscale("00743110157"), Verdict::Certain);
        assert_eq!(codice_fiscale("IT00743110157"), Verdict::Refuted);
    }

    #[test]
    fn a_wrong_letter_or_digit_fails() {
        // Two odd values are equal nowhere, so a change at one place always shows.
        let mut next = random(1);
        for _ in 0..2000 {
            let letters: String = (0..6).map(|_| char::from(b'A' + u8::try_from(next(26)).unwrap())).collect();
            let month = char::from(*MONTHS.as_bytes().get(next(12)).unwrap());
            let code =
                with_check_letter(&format!("{letters}{:02}{month}{:02}H501", next(100), 1 + next(28) + 40 * next(2)));
            assert_eq!(codice_fiscale(&code), Verdict::Certain, "{code}");
            for place in 0..6 {
                assert_eq!(codice_fiscale(&changed(&code, place)), Verdict::Refuted, "{code} at {place}");
            }
        }
    }

    #[test]
    fn vat_numbers() {
        assert_eq!(partita_iva("00743110157"), Verdict::Certain);
        assert_eq!(partita_iva("IT00743110157"), Verdict::Certain);
        assert_eq!(partita_iva("00743110158"), Verdict::Refuted);
        assert_eq!(partita_iva("00000000000"), Verdict::Refuted);
        let mut next = random(2);
        for _ in 0..2000 {
            let body = format!("{:07}{:03}", 1 + next(9_999_998), 1 + next(100));
            let number = (0..10).map(|d| format!("{body}{d}")).find(|n| luhn(&exactly(n, 11).unwrap())).unwrap();
            assert_eq!(partita_iva(&number), Verdict::Certain, "{number}");
            for place in 0..11 {
                assert_eq!(partita_iva(&changed(&number, place)), Verdict::Refuted, "{number} at {place}");
            }
        }
    }

    #[test]
    fn health_cards() {
        assert_eq!(health_card("80380001200123456789"), Verdict::Certain);
        assert_eq!(health_card("80999001200123456789"), Verdict::Refuted);
        assert_eq!(health_card("8038000120012345678"), Verdict::Refuted);
    }

    #[test]
    fn the_table_of_places_holds_what_it_should() {
        assert_eq!(BELFIORE.len(), 10_086);
        for code in [('H', 501), ('F', 205), ('Z', 112), ('Z', 404)] {
            assert!(BELFIORE.contains(&code), "{code:?}");
        }
    }
}
