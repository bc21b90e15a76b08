//! Norwegian numbers: birth number, organisation number, VAT, bank account.

use super::Verdict;
use super::date::{Day, today};
use super::number::{digits, luhn, weighted};
use super::written::{after_country, certain, compact, day, digits_of, part, without};

/// The day of birth in a birth number: D-numbers have 40 added to the day, H-numbers to the month;
/// the serial says the century.
fn born(all: &[u32]) -> Option<Day> {
    let (first, month, year, serial) = (part(all, 0, 2), part(all, 2, 4), part(all, 4, 6), part(all, 6, 9));
    if first >= 80 {
        return None;
    }
    let first = if first > 40 { first - 40 } else { first };
    let month = if month > 40 { month - 40 } else { month };
    let century = match serial {
        500..750 if year >= 54 => 1800,
        500..1000 if year < 40 => 2000,
        0..500 | 900..1000 => 1900,
        _ => return None,
    };
    day(century + year, month, first)
}

/// Fødselsnummer or D-number: date, serial, two check digits mod 11 (Folkeregisterloven). Reads the
/// value as written.
pub fn fodselsnummer(value: &str) -> Verdict {
    let Some(all) = digits_of(&without(value, " -:"), 11) else { return Verdict::Refuted };
    let check = |weights: &[u32]| (11 - weighted(&all, weights) % 11) % 11;
    let first = check(&[3, 7, 6, 1, 8, 9, 4, 5, 2]);
    let second = check(&[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    let holds = all.get(9) == Some(&first) && all.get(10) == Some(&second);
    certain(holds && born(&all).is_some_and(|born| born <= today()))
}

/// Organisasjonsnummer: nine digits, mod 11 (Enhetsregisterloven).
pub fn orgnr(value: &str) -> Verdict {
    let Some(all) = digits_of(value, 9) else { return Verdict::Refuted };
    certain(weighted(&all, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11))
}

/// VAT number: the organisation number and MVA (Merverdiavgiftsloven). Reads the value as written:
/// any white space may stand between its parts.
pub fn mva(value: &str) -> Verdict {
    let value = compact(value, " ");
    let number = after_country(&value, &["NO"]).strip_suffix("MVA");
    number.map_or(Verdict::Refuted, |number| orgnr(&compact(number, " ")))
}

/// Account number: eleven digits mod 11, or seven of the old postal giro by Luhn (Bits AS).
pub fn konto(value: &str) -> Verdict {
    let number = value.strip_prefix("0000").unwrap_or(value);
    let Some(all) = digits(number) else { return Verdict::Refuted };
    certain(match all.len() {
        7 => luhn(&all),
        11 => all.last() == Some(&(weighted(&all, &[6, 7, 8, 9, 4, 5, 6, 7, 8, 9]) % 11)),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people() {
        for (value, verdict) in [
            ("15108695088", Verdict::Certain),
            ("151086 95088", Verdict::Certain),
            ("15108695077", Verdict::Refuted),
            ("684131", Verdict::Refuted),
            ("42048574003", Verdict::Certain),
            ("82089608785", Verdict::Refuted),
        ] {
            assert_eq!(fodselsnummer(value), verdict, "{value}");
        }
    }

    #[test]
    fn firms_and_accounts() {
        assert_eq!(orgnr("988077917"), Verdict::Certain);
        assert_eq!(orgnr("988077918"), Verdict::Refuted);
        assert_eq!(mva("NO995525828MVA"), Verdict::Certain);
        assert_eq!(mva("NO995525828"), Verdict::Refuted);
        assert_eq!(konto("86011117947"), Verdict::Certain);
        assert_eq!(konto("86011117949"), Verdict::Refuted);
    }
}
