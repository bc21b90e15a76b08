//! The year of birth that a number of a person or a date says.

use super::date::{self, Day};
use super::written::digits_of;
use super::{Check, bg, ee, fi, fr, it, pl, ro};
use crate::model::finding::Born;

/// Of a normalised value by the check of its detector; none where the value says no year.
pub fn born(check: Check, value: &str) -> Option<Born> {
    let certain = |day: Day| Born { year: day.year, is_certain: true };
    let digits = |length| digits_of(value, length);
    match check {
        Check::Birth => {
            // Of two digits the century is taken for granted.
            let is_whole = value.split(|c: char| !c.is_ascii_digit()).any(|run| matches!(run.len(), 4 | 8));
            Some(Born { is_certain: is_whole, ..certain(date::parse(value)?) })
        }
        Check::CodiceFiscale => in_either_century(it::year_of_birth(value)?),
        Check::Nir => in_either_century(fr::year_of_birth(value)?),
        Check::Pesel => pl::pesel_day(&digits(11)?).map(certain),
        Check::Cnp => ro::born(&digits(13)?).map(certain),
        Check::Egn => bg::born(&digits(10)?).map(certain),
        Check::Isikukood | Check::AsmensKodas => ee::born(&digits(11)?).map(certain),
        Check::Hetu => fi::born(value).map(certain),
        _ => None,
    }
}

/// Two digits: the later of the years that they can stand for, up to this one.
fn in_either_century(year: u16) -> Option<Born> {
    (year < 100).then(|| Born { year: date::century(year), is_certain: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(check: Check, value: &str, expected: Option<(u16, bool)>) {
        assert_eq!(born(check, value).map(|born| (born.year, born.is_certain)), expected, "{value}");
    }

    #[test]
    fn years() {
        check(Check::CodiceFiscale, "BNCLCU75D52F205M", Some((1975, false)));
        check(Check::CodiceFiscale, "FRRGLI12T47D612H", Some((2012, false)));
        // Omocodia: letters for digits.
        check(Check::CodiceFiscale, "FRRGLIMNT47D612H", Some((2012, false)));
        check(Check::CodiceFiscale, "12345678903", None);
        check(Check::Pesel, "14260512346", Some((2014, true)));
        check(Check::Isikukood, "51107121760", Some((2011, true)));
        check(Check::Hetu, "131052-308T", Some((1952, true)));
        check(Check::Hetu, "131012A308T", Some((2012, true)));
        check(Check::Birth, "03/05/2012", Some((2012, true)));
        check(Check::Birth, "03/05/12", Some((2012, false)));
        check(Check::Birth, "20120503", Some((2012, true)));
        check(Check::Luhn, "20120503", None);
    }
}
