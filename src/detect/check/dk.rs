//! Danish numbers: CPR, CVR.

use super::Verdict;
use super::date::{Day, today};
use super::number::weighted;
use super::written::{after_country, certain, day, digits_of, part};

/// The day of birth in a CPR number: the seventh digit says the century.
fn born(all: &[u32]) -> Option<Day> {
    let year = part(all, 4, 6);
    let century = match part(all, 6, 7) {
        5..=8 if year >= 58 => 1800,
        0..=3 => 1900,
        4 | 9 if year >= 37 => 1900,
        _ => 2000,
    };
    day(century + year, part(all, 2, 4), part(all, 0, 2))
}

/// CPR number: date, serial; mod 11 holds no longer for all since 2007 (CPR-loven).
pub fn cpr(value: &str) -> Verdict {
    certain(digits_of(value, 10).and_then(|all| born(&all)).is_some_and(|born| born <= today()))
}

/// CVR number of a firm: eight digits, mod 11 (CVR-loven).
pub fn cvr(value: &str) -> Verdict {
    let Some(all) = digits_of(after_country(value, &["DK"]), 8) else { return Verdict::Refuted };
    certain(all.first() != Some(&0) && weighted(&all, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::check::testing::changed;

    #[test]
    fn people() {
        for (value, verdict) in [
            ("2110625629", Verdict::Certain),
            ("0707614285", Verdict::Certain),
            ("3110625629", Verdict::Certain),
            ("3111625629", Verdict::Refuted),
            ("2110405629", Verdict::Refuted),
            ("211062562", Verdict::Refuted),
        ] {
            assert_eq!(cpr(value), verdict, "{value}");
        }
    }

    #[test]
    fn firms() {
        assert_eq!(cvr("DK13585628"), Verdict::Certain);
        for place in 0..8 {
            assert_eq!(cvr(&changed("13585628", place)), Verdict::Refuted, "at {place}");
        }
    }
}
