//! Swedish numbers: personal and coordination number, organisation number, VAT.

use super::Verdict;
use super::date::{Day, today};
use super::number::{digits, luhn};
use super::written::{after_country, certain, day, digits_of, lived, part, silent, without};

/// Digits before the sign, the sign, four digits.
fn parts(value: &str) -> Option<(Vec<u32>, char, Vec<u32>)> {
    let number = without(value, " :");
    let mut written: Vec<char> = number.chars().collect();
    let sign = |written: &[char]| written.len().checked_sub(5).and_then(|at| written.get(at).copied());
    let is_sign = |c: &char| matches!(c, '-' | '+');
    if matches!(written.len(), 10 | 12) && !sign(&written).as_ref().is_some_and(is_sign) {
        written.insert(written.len() - 4, '-');
    }
    let sign = sign(&written).filter(is_sign)?;
    let (date, rest) = written.split_at(written.len() - 5);
    let date: String = date.iter().filter(|c| !is_sign(c)).collect();
    let serial: String = rest.iter().skip(1).collect();
    Some((digits(&date).filter(|date| matches!(date.len(), 6 | 8))?, sign, digits(&serial)?))
}

/// The day of birth: with two digits of the year, the last hundred years, or with a plus the
/// hundred before them. `later` is taken off the day.
fn born(date: &[u32], sign: char, later: u32) -> Option<Day> {
    let (year, rest) = if date.len() == 8 {
        (part(date, 0, 4), date.get(4..)?)
    } else {
        let today = u32::from(today().year);
        let (century, short) = (today / 100, part(date, 0, 2));
        let century = century - u32::from(short > today % 100) - u32::from(sign == '+');
        (century * 100 + short, date.get(2..)?)
    };
    // There is no year 0.
    day(year, part(rest, 0, 2), part(rest, 2, 4).checked_sub(later)?).filter(|day| day.year > 0)
}

fn checked(value: &str, later: u32) -> Option<Day> {
    let (date, sign, serial) = parts(value)?;
    let ten = [date.get(date.len() - 6..)?, &serial].concat();
    born(&date, sign, later).filter(|_| luhn(&ten))
}

/// Personnummer: date, `-` or, from the hundredth year on, `+`, serial, Luhn (Folkbokföringslag
/// 1991:481, Skatteverket). Reads the value as written.
pub fn personnummer(value: &str) -> Verdict {
    certain(checked(value, 0).is_some())
}

/// Samordningsnummer: a personnummer with 60 added to the day (Lag 2022:1697 om samordningsnummer).
/// Reads the value as written.
pub fn samordningsnummer(value: &str) -> Verdict {
    certain(checked(value, 60).is_some())
}

/// A personal or coordination number of somebody who may live.
pub fn personnummer_birth(value: &str) -> Verdict {
    let Some((date, sign, _)) = parts(value) else { return Verdict::Refuted };
    match lived(born(&date, sign, 0)) {
        Verdict::Refuted => lived(born(&date, sign, 60)),
        verdict => verdict,
    }
}

/// Organisationsnummer: ten digits, Luhn (Lag 1974:174). A sole trader's is the personal number.
pub fn orgnr(value: &str) -> Verdict {
    certain(digits_of(value, 10).is_some_and(|all| luhn(&all)))
}

/// An organisation number of a firm, which is no person's: the third digit is at least 2.
pub fn orgnr_of_firm(value: &str) -> Verdict {
    let number = after_country(value, &["SE"]).get(..10).and_then(digits);
    silent(number.is_some_and(|all| part(&all, 2, 3) >= 2 && part(&all, 0, 1) > 0))
}

/// VAT number: the organisation number and 01 (Mervärdesskattelag 2023:200).
pub fn vat(value: &str) -> Verdict {
    let number = after_country(value, &["SE"]);
    number.strip_suffix("01").map_or(Verdict::Refuted, orgnr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_numbers() {
        for (value, verdict) in [
            ("880320-0016", Verdict::Certain),
            ("8803200016", Verdict::Certain),
            ("198803200016", Verdict::Certain),
            ("19880320-0016", Verdict::Certain),
            ("880320+0016", Verdict::Certain),
            ("880320-0018", Verdict::Refuted),
            ("881320-0016", Verdict::Refuted),
            ("880320/0016", Verdict::Refuted),
            ("880320-016", Verdict::Refuted),
        ] {
            assert_eq!(personnummer(value), verdict, "{value}");
        }
        assert_eq!(samordningsnummer("701063-2391"), Verdict::Certain);
        assert_eq!(samordningsnummer("880320-0016"), Verdict::Refuted);
        assert_eq!(personnummer_birth("880320-0016"), Verdict::Silent);
        assert_eq!(personnummer_birth("17880320-0016"), Verdict::Refuted);
    }

    #[test]
    fn firms() {
        assert_eq!(orgnr("1234567897"), Verdict::Certain);
        assert_eq!(orgnr("1234567891"), Verdict::Refuted);
        assert_eq!(orgnr_of_firm("5560360793"), Verdict::Silent);
        assert_eq!(orgnr_of_firm("8803200016"), Verdict::Refuted, "a person");
        assert_eq!(vat("SE123456789701"), Verdict::Certain);
        assert_eq!(vat("123456789101"), Verdict::Refuted);
    }
}
