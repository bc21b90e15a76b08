//! Latvian numbers: personal code, VAT.

use super::Verdict;
use super::date::Day;
use super::number::weighted;
use super::written::{after_country, certain, day, digits_of, lived, part};

/// The day of birth in a personal code; the seventh digit says the century.
fn born(all: &[u32]) -> Option<Day> {
    day(1800 + 100 * part(all, 6, 7) + part(all, 4, 6), part(all, 2, 4), part(all, 0, 2))
}

/// Personas kods, and the VAT number, which for a person is the same: eleven digits with a day of
/// birth or, since 2017, with 32 at the start, mod 11; firms begin with 4 or more
/// (Fizisko personu reģistra likums, Pievienotās vērtības nodokļa likums).
pub fn pvn(value: &str) -> Verdict {
    let number = after_country(value, &["LV"]);
    let Some(all) = digits_of(number, 11) else { return Verdict::Refuted };
    let firm = all.first() > Some(&3);
    if firm {
        return certain(weighted(&all, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3);
    }
    let check = (1 + weighted(&all, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11 % 10;
    certain((number.starts_with("32") || born(&all).is_some()) && all.last() == Some(&check))
}

/// A personal code of a person who may live.
pub fn personal_code(value: &str) -> Verdict {
    match digits_of(after_country(value, &["LV"]), 11) {
        Some(all) if part(&all, 0, 2) == 32 => Verdict::Silent,
        Some(all) => lived(born(&all)),
        None => Verdict::Refuted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::check::testing::changed;

    #[test]
    fn firms_and_people() {
        for value in ["LV40003521600", "16117519997", "32802821748"] {
            assert_eq!(pvn(value), Verdict::Certain, "{value}");
        }
        for place in 0..11 {
            assert_eq!(pvn(&changed("40003521600", place)), Verdict::Refuted, "at {place}");
        }
        assert_eq!(pvn("16137519997"), Verdict::Refuted);
        assert_eq!(personal_code("16117534249"), Verdict::Refuted, "born in 2175");
        assert_eq!(personal_code("16117519997"), Verdict::Silent);
        assert_eq!(personal_code("32802821748"), Verdict::Silent);
        assert_eq!(personal_code("40003521600"), Verdict::Refuted);
    }
}
