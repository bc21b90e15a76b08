//! Spanish numbers: DNI, NIE and NIF of people, NIF of firms, social security, accounts.

use super::Verdict;
use super::number::{exactly, luhn, mod_97, part};

/// The letters of RD 1553/2005 in the order of the rest of a division by 23.
const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// Whether `letter` is that of the number.
fn has_letter(number: Option<u64>, letter: Option<&str>) -> bool {
    let expected = number.and_then(|n| LETTERS.get(usize::try_from(n % 23).ok()?)).map(|byte| char::from(*byte));
    expected.is_some() && letter.map(str::chars).and_then(|mut letter| letter.next()) == expected
}

/// DNI: eight digits and a letter (RD 1553/2005 art. 11).
pub fn dni(value: &str) -> Verdict {
    Verdict::when(value.len() == 9 && has_letter(part(value, 0, 8), value.get(8..)))
}

/// NIE of a foreigner: X, Y or Z, which count 0, 1 and 2, seven digits and a letter (RD 557/2011 art. 206).
pub fn nie(value: &str) -> Verdict {
    let first = match value.chars().next() {
        Some('X') => 0,
        Some('Y') => 10_000_000,
        Some('Z') => 20_000_000,
        _ => return Verdict::Refuted,
    };
    let number = part(value, 1, 8).map(|rest| first + rest);
    Verdict::when(value.len() == 9 && has_letter(number, value.get(8..)))
}

/// NIF of a firm, body or community (Orden EHA/451/2008): a letter for its kind, seven digits and
/// a check digit, or the letter that stands for it.
pub fn cif(value: &str) -> Verdict {
    let (Some(body), Some(check)) = (value.get(1..8), value.chars().nth(8)) else { return Verdict::Refuted };
    let kind = value.starts_with(|c: char| "ABCDEFGHJNPQRSUVW".contains(c));
    let fits = |digit: u32| exactly(&format!("{body}{digit}"), 8).is_some_and(|digits| luhn(&digits));
    let Some(digit) = (0..10).find(|digit| fits(*digit)) else { return Verdict::Refuted };
    let letter = usize::try_from(digit).ok().and_then(|at| "JABCDEFGHI".chars().nth(at));
    let holds = check.to_digit(10) == Some(digit) || Some(check) == letter;
    Verdict::when(value.len() == 9 && kind && holds)
}

/// NIF of anybody, with `ES` if written: DNI, NIE, that of a firm, or K, L, M and seven digits of
/// people who have neither DNI nor NIE.
pub fn nif(value: &str) -> Verdict {
    let number = value.strip_prefix("ES").unwrap_or(value);
    match number.chars().next() {
        Some('K' | 'L' | 'M') => Verdict::when(number.len() == 9 && has_letter(part(number, 1, 8), number.get(8..))),
        Some('X' | 'Y' | 'Z') => nie(number),
        Some('0'..='9') => dni(number),
        _ => cif(number),
    }
}

/// Número de la Seguridad Social (RD 84/1996): province, eight digits (seven in the oldest), mod 97.
pub fn nuss(value: &str) -> Verdict {
    let (Some(province), Some(serial), Some(check)) = (part(value, 0, 2), part(value, 2, 10), part(value, 10, 12))
    else {
        return Verdict::Refuted;
    };
    // Below ten million the serial counts without its leading zero.
    let body = if serial < 10_000_000 { serial + province * 10_000_000 } else { serial + province * 100_000_000 };
    let varied = value.bytes().any(|digit| Some(&digit) != value.as_bytes().first());
    Verdict::when(value.len() == 12 && varied && (1..=66).contains(&province) && body % 97 == check)
}

/// Código cuenta cliente: bank, office, a check digit for both, one for the account, the account.
pub fn ccc(value: &str) -> Verdict {
    let Some(digits) = exactly(value, 20) else { return Verdict::Refuted };
    let check = |digits: &[u32]| {
        // Powers of two, from the left; those of bank and office begin with the third.
        let skipped = 10_usize.saturating_sub(digits.len());
        let weights = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
        let sum: u32 = digits.iter().zip(weights.iter().skip(skipped)).map(|(digit, weight)| digit * weight).sum();
        if sum % 11 < 2 { sum % 11 } else { 11 - sum % 11 }
    };
    let holds = |at: usize, part: std::ops::Range<usize>| digits.get(part).map(check) == digits.get(at).copied();
    Verdict::when(holds(8, 0..8) && holds(9, 10..20))
}

/// Spanish IBAN: ISO 13616 and the check digits of the account in it.
pub fn iban(value: &str) -> Verdict {
    let account = value.strip_prefix("ES").and_then(|rest| rest.get(2..));
    let holds = mod_97(value.chars().skip(4).chain(value.chars().take(4))) == Some(1);
    if holds { account.map_or(Verdict::Refuted, ccc) } else { Verdict::Refuted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_and_computed_numbers() {
        type Check = fn(&str) -> Verdict;
        let checks: [(Check, &str, bool); 26] = [
            (dni, "12345678Z", true),
            (dni, "00000001R", true),
            (dni, "12345678A", false),
            (dni, "1234Z", false),
            (dni, "X1234567L", false),
            (nie, "X1234567L", true),
            (nie, "Y1234567X", true),
            (nie, "Z1234567R", true),
            (nie, "X1234567A", false),
            (nie, "", false),
            (cif, "B64717838", true),
            (cif, "J99216582", true),
            (cif, "J9921658B", true),
            (cif, "B64717839", false),
            (cif, "M1234567L", false),
            (nif, "ESB64717838", true),
            (nif, "54362315K", true),
            (nif, "X5253868R", true),
            (nif, "M1234567L", true),
            (nif, "M1234567A", false),
            (nuss, "281234567840", true),
            (nuss, "281234567841", false),
            (ccc, "12341234161234567890", true),
            (ccc, "12341234001234567890", false),
            (iban, "ES7712341234161234567890", true),
            (iban, "ES1512341234171234567890", false),
        ];
        for (check, value, passes) in checks {
            assert_eq!(check(value) == Verdict::Certain, passes, "{value}");
        }
        assert_eq!(nuss("771234567840"), Verdict::Refuted);
        let passing = (b'A'..=b'Z').filter(|l| dni(&format!("40291837{}", char::from(*l))) == Verdict::Certain).count();
        assert_eq!(passing, 1);
    }
}
