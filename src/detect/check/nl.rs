//! Dutch numbers: citizen service number, education number, VAT, passport and identity card.

use super::Verdict;
use super::number::{clean, digits, mod_97, weighted};

/// A number of up to nine digits as nine, and the rest of its elfproef (weights 9 to 2 and -1, mod 11).
fn eleven_test(value: &str) -> Option<(Vec<u32>, u32)> {
    let all = digits(&format!("{value:0>9}")).filter(|all| all.len() == 9 && all.iter().any(|digit| *digit > 0))?;
    // Less one is the same as ten more.
    let rest = weighted(&all, &[9, 8, 7, 6, 5, 4, 3, 2, 10]) % 11;
    Some((all, rest))
}

/// Burgerservicenummer (Wet algemene bepalingen burgerservicenummer): nine digits, elfproef.
/// Leading zeros may be missing.
pub fn bsn(value: &str) -> Verdict {
    Verdict::when(eleven_test(value).is_some_and(|(_, rest)| rest == 0))
}

/// Whether a BSN is written with eight or nine digits and not one over and over.
pub fn likely_bsn(value: &str) -> Verdict {
    let varied = value.bytes().any(|digit| Some(&digit) != value.as_bytes().first());
    if varied && matches!(value.len(), 8 | 9) { Verdict::Silent } else { Verdict::Refuted }
}

/// Onderwijsnummer of a pupil without a BSN: nine digits that begin with 10, rest 5 by the elfproef.
pub fn education_number(value: &str) -> Verdict {
    Verdict::when(eleven_test(value).is_some_and(|(all, rest)| all.starts_with(&[1, 0]) && rest == 5))
}

/// Btw-identificatienummer, with `NL` if written: nine digits, B, two digits. Either the nine pass
/// the elfproef (until 2019 they were the owner's BSN), or all with `NL` is mod 97-10. It is read as
/// written: white space of any kind may stand before and after the nine.
pub fn btw(written: &str) -> Verdict {
    let cleaned = clean(written, " -.");
    let number = cleaned.strip_prefix("NL").unwrap_or(&cleaned);
    let Some((body, suffix)) = number.len().checked_sub(3).and_then(|at| number.split_at_checked(at)) else {
        return Verdict::Refuted;
    };
    let body = format!("{:0>9}", body.trim());
    let branch = suffix.strip_prefix('B').and_then(digits).is_some_and(|all| all.iter().any(|digit| *digit > 0));
    let Some((_, rest)) = eleven_test(&body).filter(|_| branch) else { return Verdict::Refuted };
    Verdict::when(rest == 0 || mod_97(format!("NL{body}{suffix}").chars()) == Some(1))
}

/// Whether a btw number is one that sole traders have had since 2020: its digits are not their BSN, nor a
/// RSIN, so they fail the elfproef.
pub fn sole_trader_btw(value: &str) -> Verdict {
    if is_rsin(value) { Verdict::Refuted } else { Verdict::Silent }
}

/// Whether a btw number is one of a firm, or of a sole trader until 2019.
pub fn firm_btw(value: &str) -> Verdict {
    if is_rsin(value) { Verdict::Silent } else { Verdict::Refuted }
}

fn is_rsin(btw: &str) -> bool {
    let body = btw.strip_prefix("NL").unwrap_or(btw).split('B').next().unwrap_or_default();
    bsn(body) == Verdict::Certain
}

/// Number of a passport or identity card: two letters, six letters or digits, a digit, and never O.
pub fn document(value: &str) -> Verdict {
    let form = value.bytes().enumerate().all(|(i, b)| match i {
        0 | 1 => b.is_ascii_uppercase(),
        8 => b.is_ascii_digit(),
        _ => b.is_ascii_uppercase() || b.is_ascii_digit(),
    });
    Verdict::when(value.len() == 9 && form && !value.contains('O'))
}

#[cfg(test)]
mod tests {
    use super::super::testing::changed;
    use super::*;

    #[test]
    fn citizen_and_education_numbers() {
        for (check, value) in [(bsn as fn(&str) -> Verdict, "111222333"), (education_number, "101222331")] {
            assert_eq!(check(value), Verdict::Certain, "{value}");
            for place in 0..9 {
                assert_eq!(check(&changed(value, place)), Verdict::Refuted, "{value} at {place}");
            }
        }
        assert_eq!(bsn("012345672"), bsn("12345672"));
        assert_eq!(bsn("000000000"), Verdict::Refuted);
        assert_eq!(likely_bsn("111222333"), Verdict::Silent);
        assert_eq!(likely_bsn("19"), Verdict::Refuted);
        assert_eq!(likely_bsn("999999999"), Verdict::Refuted);
    }

    #[test]
    fn vat_numbers_by_either_rule() {
        for (value, verdict) in [
            ("NL4495445B01", Verdict::Certain),
            ("004495445B01", Verdict::Certain),
            ("NL002455799B11", Verdict::Certain),
            ("nl 0024.55.799\tB.11", Verdict::Certain),
            ("NL002455799B12", Verdict::Refuted),
            ("123456789B90", Verdict::Refuted),
            ("NL004495445B00", Verdict::Refuted),
            ("NL004495445A01", Verdict::Refuted),
            ("B01", Verdict::Refuted),
            ("", Verdict::Refuted),
        ] {
            assert_eq!(btw(value), verdict, "{value}");
        }
    }

    #[test]
    fn who_has_the_vat_number() {
        assert_eq!(firm_btw("NL004495445B01"), Verdict::Silent);
        assert_eq!(sole_trader_btw("NL004495445B01"), Verdict::Refuted);
        assert_eq!(sole_trader_btw("NL002455799B11"), Verdict::Silent);
        assert_eq!(firm_btw("NL002455799B11"), Verdict::Refuted);
    }

    #[test]
    fn documents() {
        for (value, verdict) in [
            ("EM0000000", Verdict::Certain),
            ("SPECI2014", Verdict::Certain),
            ("EM000000O", Verdict::Refuted),
            ("EMO000000", Verdict::Refuted),
            ("E10000000", Verdict::Refuted),
        ] {
            assert_eq!(document(value), verdict, "{value}");
        }
    }
}
