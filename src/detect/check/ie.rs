//! Irish numbers: Personal Public Service number, VAT.

use super::Verdict;
use super::number::{digits, weighted};
use super::written::{after_country, certain, compact, digits_of};

/// The check letter by its rest; the letters count the same where they stand for a ninth digit.
const LETTERS: &str = "WABCDEFGHIJKLMNOPQRSTUV";

fn letter_value(letter: char) -> Option<u32> {
    LETTERS.find(letter).and_then(|at| u32::try_from(at).ok())
}

fn check_letter(body: &[u32], ninth: u32) -> Option<char> {
    let rest = (weighted(body, &[8, 7, 6, 5, 4, 3, 2]) + 9 * ninth) % 23;
    LETTERS.chars().nth(rest as usize)
}

/// PPS number: seven digits, a check letter mod 23; since 2013 a second letter A, B or H that counts,
/// before that W, T or X that does not (Social Welfare Consolidation Act 2005, Department of Social
/// Protection).
pub fn pps(value: &str) -> Verdict {
    let Some(body) = value.get(..7).and_then(digits) else { return Verdict::Refuted };
    let mut letters = value.chars().skip(7);
    let (check, second, more) = (letters.next(), letters.next(), letters.next());
    let ninth = match second {
        None | Some('W' | 'T' | 'X') => 0,
        Some(letter @ ('A' | 'B' | 'H')) => letter_value(letter).unwrap_or(0),
        Some(_) => return Verdict::Refuted,
    };
    certain(check.is_some() && check == check_letter(&body, ninth) && more.is_none())
}

/// VAT number: seven digits and one or two letters, or the form before 2013 with a letter or sign in
/// the second place (Revenue Commissioners). Reads the value as written: `+` and `*` are part of it.
pub fn vat(value: &str) -> Verdict {
    let value = compact(value, " -");
    let number = after_country(&value, &["IE"]);
    let holds = || {
        if !matches!(number.len(), 8 | 9) || !number.is_ascii() {
            return None;
        }
        let first = number.get(..1).and_then(|first| digits_of(first, 1))?;
        let middle = number.get(2..7).and_then(digits)?;
        let mut letters = number.get(7..)?.chars();
        let (check, second) = (letters.next()?, letters.next());
        letter_value(check)?;
        let ninth = second.map_or(Some(0), letter_value)?;
        let written = match number.chars().nth(1)? {
            digit if digit.is_ascii_digit() => check_letter(&number.get(..7).and_then(digits)?, ninth),
            'A'..='Z' | '+' | '*' => check_letter(&[vec![0], middle, first].concat(), 0),
            _ => None,
        };
        Some(written == Some(check))
    };
    certain(holds() == Some(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_check_the_digits() {
        for (value, verdict) in [
            ("1234567T", Verdict::Certain),
            ("1234567FA", Verdict::Certain),
            ("6433435F", Verdict::Certain),
            ("6433435FT", Verdict::Certain),
            ("6433435E", Verdict::Refuted),
            ("1234567A", Verdict::Refuted),
            ("1234567", Verdict::Refuted),
            ("1234567FAA", Verdict::Refuted),
        ] {
            assert_eq!(pps(value), verdict, "{value}");
        }
    }

    #[test]
    fn vat_numbers_old_and_new() {
        for (value, verdict) in [
            ("IE 6433435F", Verdict::Certain),
            ("IE6433435OA", Verdict::Certain),
            ("8D79739I", Verdict::Certain),
            ("8D79738J", Verdict::Refuted),
            ("8/79739I", Verdict::Refuted),
            ("IE6433435", Verdict::Refuted),
        ] {
            assert_eq!(vat(value), verdict, "{value}");
        }
    }
}
