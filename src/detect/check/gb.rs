//! British numbers: National Insurance, NHS and CHI, tax reference, pupil, driving licence, VAT.

use super::Verdict;
use super::date::days_in;
use super::number::{digits, weighted};
use super::written::{after_country, certain, day, digits_of, lived, part};

/// National Insurance number: two letters, six digits, A to D; some prefixes are never given
/// (HMRC manual NIM39110).
pub fn nino(value: &str) -> Verdict {
    let (Some(prefix), Some(number)) = (value.get(..2), value.get(2..8)) else { return Verdict::Refuted };
    let mut letters = prefix.chars();
    let (first, second) = (letters.next().unwrap_or('D'), letters.next().unwrap_or('D'));
    let given = first.is_ascii_uppercase()
        && second.is_ascii_uppercase()
        && !"DFIQUV".contains(first)
        && !"DFIOQUV".contains(second)
        && !["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"].contains(&prefix);
    let ends = matches!(value.get(8..), Some("" | "A" | "B" | "C" | "D"));
    if given && ends && digits(number).is_some() { Verdict::Silent } else { Verdict::Refuted }
}

/// NHS number, and the Health and Care number of Northern Ireland: ten digits, mod 11
/// (NHS Data Dictionary).
pub fn nhs(value: &str) -> Verdict {
    let all = digits_of(value, 10);
    certain(all.is_some_and(|all| weighted(&all, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)))
}

/// Scottish Community Health Index number: an NHS number that begins with the day of birth
/// (Public Health Scotland, CHI).
pub fn chi(value: &str) -> Verdict {
    let born = |all: Vec<u32>| {
        let (first, month, year) = (part(&all, 0, 2), part(&all, 2, 4), part(&all, 4, 6));
        day(1900 + year, month, first).or_else(|| day(2000 + year, month, first))
    };
    if digits_of(value, 10).and_then(born).is_some() { nhs(value) } else { Verdict::Refuted }
}

/// Unique Taxpayer Reference: a check digit mod 11 and nine digits; a K may stand before or after it
/// (HMRC).
pub fn utr(value: &str) -> Verdict {
    let Some(all) = digits_of(value.trim_start_matches('K'), 10) else { return Verdict::Refuted };
    let rest = weighted(all.get(1..).unwrap_or_default(), &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
    let check = [2, 1, 9, 8, 7, 6, 5, 4, 3, 2, 1].get(rest as usize);
    certain(all.first() == check)
}

/// The letters of a Unique Pupil Number by their value; the digits follow.
const PUPIL: &str = "ABCDEFGHJKLMNPQRTUVWXYZ0123456789";

/// Local authorities that give Unique Pupil Numbers (Department for Education, codes of local
/// authorities before and after 2009), as ranges.
const AUTHORITIES: &[(u32, u32)] = &[
    (201, 213),
    (301, 320),
    (330, 336),
    (340, 344),
    (350, 359),
    (370, 373),
    (380, 384),
    (390, 394),
    (420, 420),
    (800, 803),
    (805, 808),
    (810, 813),
    (815, 816),
    (821, 823),
    (825, 826),
    (830, 831),
    (835, 837),
    (840, 841),
    (845, 846),
    (850, 852),
    (855, 857),
    (860, 861),
    (865, 874),
    (876, 896),
    (908, 909),
    (916, 916),
    (919, 919),
    (921, 921),
    (925, 926),
    (928, 929),
    (931, 931),
    (933, 933),
    (935, 938),
];

/// Unique Pupil Number: check letter mod 23, local authority, eight digits, of which the last is a
/// letter where the number is temporary (Department for Education, UPN guide).
pub fn upn(value: &str) -> Verdict {
    let index = |c: char| PUPIL.find(c).and_then(|at| u32::try_from(at).ok());
    let holds = || {
        let body = value.get(1..12).and_then(digits)?;
        let last = value.chars().nth(12).and_then(index)?;
        let authority = part(&body, 0, 3);
        AUTHORITIES.iter().find(|(from, to)| (*from..=*to).contains(&authority))?;
        let sum: u32 = body.iter().zip(2..).map(|(digit, weight)| weight * (digit + 23)).sum();
        let check = (sum + 13 * last) % 23;
        Some(value.chars().next().and_then(index)? == check && value.len() == 13)
    };
    certain(holds() == Some(true))
}

/// Driving licence of Great Britain: surname, decade, month (+ 50 for women), day, year, initials.
pub fn licence(value: &str) -> Verdict {
    let number = |from: usize, to: usize| value.get(from..to).and_then(|part| part.parse::<u8>().ok());
    let surname = value.get(..5).is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.trim_end_matches('9').chars().all(|c| c.is_ascii_uppercase())
    });
    let (Some(month), Some(day)) = (number(6, 8), number(8, 10)) else { return Verdict::Refuted };
    let month = if month > 50 { month - 50 } else { month };
    let born = (1..=12).contains(&month) && (1..=days_in(2000, month)).contains(&day);
    if surname && born && matches!(value.len(), 16 | 18) { Verdict::Certain } else { Verdict::Refuted }
}

/// VAT registration number: nine digits mod 97 or 97 with 55 added, three more for a branch, and the
/// numbers of departments and health authorities (HMRC, VAT Notice 700).
pub fn vat(value: &str) -> Verdict {
    let number = after_country(value, &["GB", "XI"]);
    let holds = match number.len() {
        5 => number.get(2..).is_some_and(|rest| is_of_state(number, rest)),
        11 => {
            let parts = (number.get(..6), number.get(6..9), number.get(9..));
            let (Some("GD8888" | "HA8888"), Some(body), Some(check)) = parts else { return Verdict::Refuted };
            is_of_state(number, body)
                && digits(check)
                    .is_some_and(|check| digits(body).is_some_and(|body| part(&body, 0, 3) % 97 == part(&check, 0, 2)))
        }
        9 | 12 => digits(number).is_some_and(|all| {
            let sum = weighted(&all, &[8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97;
            sum == 0 || (part(&all, 0, 3) >= 100 && (sum == 42 || sum == 55))
        }),
        _ => false,
    };
    certain(holds)
}

/// Departments have numbers below 500, health authorities the others.
fn is_of_state(number: &str, body: &str) -> bool {
    let Some(body) = digits_of(body, 3) else { return false };
    let low = part(&body, 0, 3) < 500;
    (number.starts_with("GD") && low) || (number.starts_with("HA") && !low)
}

/// A CHI number of somebody who may live.
pub fn chi_birth(value: &str) -> Verdict {
    let Some(all) = digits_of(value, 10) else { return Verdict::Refuted };
    let (first, month, year) = (part(&all, 0, 2), part(&all, 2, 4), part(&all, 4, 6));
    match lived(day(1900 + year, month, first)) {
        Verdict::Refuted => lived(day(2000 + year, month, first)),
        verdict => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn national_insurance() {
        for (value, verdict) in [
            ("AB123456C", Verdict::Silent),
            ("AB123456", Verdict::Silent),
            ("DA123456C", Verdict::Refuted),
            ("GB123456C", Verdict::Refuted),
            ("AB123456E", Verdict::Refuted),
            ("AO123456A", Verdict::Refuted),
        ] {
            assert_eq!(nino(value), verdict, "{value}");
        }
    }

    #[test]
    fn numbers_with_a_check() {
        type Check = fn(&str) -> Verdict;
        let cases: [(Check, &[&str], &[&str]); 6] = [
            (nhs, &["9434765870", "4010232137"], &["9434765871", "943476587"]),
            (chi, &["0101807597"], &["9434765870", "0101807598"]),
            (utr, &["1955839661", "K1955839661"], &["2955839661", "195583966"]),
            (upn, &["B801200005001", "M801200005000"], &["C801200005001", "A100200005000"]),
            (vat, &["GB980780684", "980780684", "GD001", "HA599"], &["802311781", "GD501", "HA001", "98078068"]),
            (licence, &["MORGA753116SM9IJ"], &["MORGA793116SM9IJ"]),
        ];
        for (check, good, bad) in cases {
            for value in good {
                assert_eq!(check(value), Verdict::Certain, "{value}");
            }
            for value in bad {
                assert_eq!(check(value), Verdict::Refuted, "{value}");
            }
        }
        assert_eq!(chi_birth("0101807597"), Verdict::Silent);
    }
}
