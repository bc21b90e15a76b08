//! Finnish numbers: personal identity code, business identity code, tax number.

use super::Verdict;
use super::date::Day;
use super::number::{digits, weighted};
use super::written::{after_country, certain, compact, day, digits_of, lived, part};

/// The check characters by their rest.
const CHECK: &str = "0123456789ABCDEFHJKLMNPRSTUVWXY";

/// The century that a sign stands for.
fn century(sign: char) -> Option<u32> {
    match sign {
        '+' => Some(1800),
        '-' | 'U'..='Y' => Some(1900),
        'A'..='F' => Some(2000),
        _ => None,
    }
}

/// Henkilötunnus: date, sign of the century, serial 002 to 899, check character mod 31
/// (Laki väestötietojärjestelmästä 661/2009, asetus 128/2010). Reads the value as written.
pub fn hetu(value: &str) -> Verdict {
    let value = compact(value, "");
    let holds = || {
        let date = value.get(..6).and_then(digits)?;
        let century = century(value.get(6..7)?.chars().next()?)?;
        let serial = value.get(7..10).and_then(digits)?;
        let check = CHECK.find(value.get(10..).filter(|check| check.len() == 1)?)?;
        day(century + part(&date, 4, 6), part(&date, 2, 4), part(&date, 0, 2))?;
        let serial = part(&serial, 0, 3);
        let rest = (part(&date, 0, 6) * 1000 + serial) % 31;
        Some((2..900).contains(&serial) && check == rest as usize)
    };
    certain(holds() == Some(true))
}

/// The day of birth in a henkilötunnus with its sign.
pub(super) fn born(value: &str) -> Option<Day> {
    let value = compact(value, "");
    let date = value.get(..6).and_then(digits)?;
    let century = century(value.get(6..7)?.chars().next()?)?;
    day(century + part(&date, 4, 6), part(&date, 2, 4), part(&date, 0, 2))
}

/// A henkilötunnus (without a dash or plus) of somebody who may live.
pub fn hetu_birth(value: &str) -> Verdict {
    let Some(date) = value.get(..6).and_then(digits) else { return Verdict::Refuted };
    let sign = if value.len() > 10 { value.chars().nth(6) } else { Some('-') };
    let born = sign
        .and_then(century)
        .and_then(|century| day(century + part(&date, 4, 6), part(&date, 2, 4), part(&date, 0, 2)));
    lived(born)
}

/// Y-tunnus and VAT number of a firm: eight digits, mod 11 (Yritys- ja yhteisötietolaki 244/2001).
pub fn y_tunnus(value: &str) -> Verdict {
    let Some(all) = digits_of(after_country(value, &["FI"]), 8) else { return Verdict::Refuted };
    certain(weighted(&all, &[7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11))
}

/// Veronumero of a worker: twelve digits (Laki veronumerosta ja rakennusalan veronumerorekisteristä 1231/2011).
pub fn veronumero(value: &str) -> Verdict {
    certain(digits_of(value, 12).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_identity_codes() {
        for (value, verdict) in [
            ("131052-308T", Verdict::Certain),
            ("131052–308t ", Verdict::Certain),
            ("131052W308T", Verdict::Certain),
            ("131052-308U", Verdict::Refuted),
            ("131052308T", Verdict::Refuted),
            ("310252-308Y", Verdict::Refuted),
            ("131052B308T", Verdict::Certain),
        ] {
            assert_eq!(hetu(value), verdict, "{value}");
        }
        assert_eq!(hetu_birth("131052308T"), Verdict::Silent);
        assert_eq!(hetu_birth("131052B308T"), Verdict::Refuted, "born in 2052");
    }

    #[test]
    fn firms_and_workers() {
        assert_eq!(y_tunnus("FI20774740"), Verdict::Certain);
        assert_eq!(y_tunnus("20774741"), Verdict::Refuted);
        assert_eq!(veronumero("123456789123"), Verdict::Certain);
        assert_eq!(veronumero("12345678912"), Verdict::Refuted);
    }
}
