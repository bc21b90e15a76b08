//! Czech numbers, and those of Slovakia that go back to the same state: birth number, tax number.

use super::Verdict;
use super::date::Day;
use super::number::{digits, weighted};
use super::written::{after_country, certain, day, lived, part, without};

/// The day of birth in a birth number: women have 50 added to the month; 20 more where the serials
/// of a day were used up.
fn born(all: &[u32]) -> Option<Day> {
    let (year, month, first) = (1900 + part(all, 0, 2), part(all, 2, 4) % 50 % 20, part(all, 4, 6));
    let year = match (all.len(), year) {
        (9, 1980..) => year - 100,
        (9, 1954..) => return None,
        (10, ..1954) => year + 100,
        _ => year,
    };
    day(year, month, first)
}

/// Rodné číslo: date, serial of three digits until 1953, then four that make the whole a multiple of
/// eleven (zákon č. 133/2000 Sb.; Slovakia: zákon č. 301/1995 Z. z.).
pub fn rodne_cislo(value: &str) -> Verdict {
    let Some(all) = digits(value).filter(|all| matches!(all.len(), 9 | 10)) else { return Verdict::Refuted };
    let check = value.get(..9).and_then(|body| body.parse::<u32>().ok()).map(|body| body % 11 % 10);
    certain(born(&all).is_some() && (all.len() == 9 || all.last() == check.as_ref()))
}

/// A birth number of somebody who may live, in a month that is given.
pub fn rodne_cislo_birth(value: &str) -> Verdict {
    let Some(all) = digits(value) else { return Verdict::Refuted };
    let month = part(&all, 2, 4);
    if !matches!(month, 1..=12 | 21..=32 | 51..=62 | 71..=82) {
        return Verdict::Refuted;
    }
    lived(born(&all))
}

/// DIČ: eight digits of a firm mod 11, nine of a special case, or a birth number (zákon č. 280/2009 Sb.).
pub fn dic(value: &str) -> Verdict {
    let number = after_country(value, &["CZ"]);
    let Some(all) = digits(number) else { return Verdict::Refuted };
    match all.len() {
        8 => {
            let check = match (11 - weighted(&all, &[8, 7, 6, 5, 4, 3, 2]) % 11) % 11 {
                0 => 1,
                check => check % 10,
            };
            certain(all.first() != Some(&9) && all.last() == Some(&check))
        }
        9 if all.first() == Some(&6) => {
            let rest = weighted(all.get(1..).unwrap_or_default(), &[8, 7, 6, 5, 4, 3, 2]) % 11;
            certain(all.last() == Some(&((18 - (10 - rest) % 11) % 10)))
        }
        _ => rodne_cislo(number),
    }
}

/// Account number: perhaps a prefix of up to six digits and a dash, up to ten digits, both mod 11, a
/// slash, the bank (vyhláška ČNB č. 169/2011 Sb.). Reads the value as written.
pub fn account(value: &str) -> Verdict {
    let value = without(value, " ");
    let holds = || {
        let (number, bank) = value.split_once('/')?;
        let (prefix, base) = number.split_once('-').unwrap_or(("", number));
        let (prefix, base, bank) = (digits(prefix)?, digits(base)?, digits(bank)?);
        let multiple = |all: &[u32]| {
            let weights = [6, 3, 7, 9, 10, 5, 8, 4, 2, 1];
            weighted(all, weights.get(weights.len() - all.len()..).unwrap_or_default()).is_multiple_of(11)
        };
        let lengths = prefix.len() <= 6 && (2..=10).contains(&base.len()) && bank.len() == 4;
        Some(lengths && part(&base, 0, base.len()) > 0 && multiple(&prefix) && multiple(&base))
    };
    certain(holds() == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn birth_numbers() {
        for (value, verdict) in [
            ("7103192745", Verdict::Certain),
            ("7103192744", Verdict::Refuted),
            ("991231123", Verdict::Certain),
            ("710319274", Verdict::Refuted),
            ("1103492745", Verdict::Refuted),
            ("590312123", Verdict::Refuted),
        ] {
            assert_eq!(rodne_cislo(value), verdict, "{value}");
        }
        assert_eq!(rodne_cislo_birth("7103192745"), Verdict::Silent);
        assert_eq!(rodne_cislo_birth("5203192745"), Verdict::Refuted, "born in 2052");
    }

    #[test]
    fn accounts() {
        for (value, verdict) in [
            ("19-2000145399/0800", Verdict::Certain),
            ("000019-2000145399/0800", Verdict::Certain),
            ("178124-4159/0710", Verdict::Certain),
            ("34278-0727558021/0100", Verdict::Certain),
            ("4278-727558021/0100", Verdict::Refuted),
            ("2000145399", Verdict::Refuted),
            ("1-1-1/0800", Verdict::Refuted),
            ("12345678901234567/0800", Verdict::Refuted),
        ] {
            assert_eq!(account(value), verdict, "{value}");
        }
    }

    #[test]
    fn tax_numbers_of_firms_and_people() {
        for (value, verdict) in [
            ("CZ25123891", Verdict::Certain),
            ("25123890", Verdict::Refuted),
            ("7103192745", Verdict::Certain),
            ("640903926", Verdict::Certain),
            ("640903927", Verdict::Refuted),
        ] {
            assert_eq!(dic(value), verdict, "{value}");
        }
    }
}
