//! British and Irish numbers of people: National Insurance, NHS, driving licence, PPS.

use super::Verdict;
use super::date::days_in;
use super::number::{digits, weighted};

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

/// NHS number: ten digits, mod 11 (NHS Data Dictionary).
pub fn nhs(value: &str) -> Verdict {
    let Some(all) = digits(value).filter(|all| all.len() == 10) else { return Verdict::Refuted };
    let sum = weighted(&all, &[10, 9, 8, 7, 6, 5, 4, 3, 2]);
    let check = (11 - sum % 11) % 11;
    let varied = all.iter().any(|digit| Some(digit) != all.first());
    if varied && check < 10 && all.last() == Some(&check) { Verdict::Certain } else { Verdict::Refuted }
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

/// Irish PPS number: seven digits, a check letter mod 23, perhaps a second letter (SI 2012/…, DSP).
pub fn pps(value: &str) -> Verdict {
    let (Some(body), Some(letters)) = (value.get(..7).and_then(digits), value.get(7..9).or_else(|| value.get(7..8)))
    else {
        return Verdict::Refuted;
    };
    let mut letters = letters.chars();
    let (check, second) = (letters.next(), letters.next());
    let ninth = match second {
        None | Some('W' | 'T' | 'X') => 0,
        Some(letter @ 'A'..='I') => u32::from(letter) - u32::from('A') + 1,
        Some(_) => return Verdict::Refuted,
    };
    let rest = (weighted(&body, &[8, 7, 6, 5, 4, 3, 2]) + 9 * ninth) % 23;
    let expected = if rest == 0 { Some('W') } else { char::from_u32(u32::from('A') + rest - 1) };
    if check == expected && value.len() <= 9 { Verdict::Certain } else { Verdict::Refuted }
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
        assert_eq!(nhs("9434765919"), Verdict::Certain);
        assert_eq!(nhs("9434765918"), Verdict::Refuted);
        assert_eq!(pps("1234567T"), Verdict::Certain);
        assert_eq!(pps("1234567FA"), Verdict::Certain);
        assert_eq!(pps("1234567A"), Verdict::Refuted);
        assert_eq!(licence("MORGA753116SM9IJ"), Verdict::Certain);
        assert_eq!(licence("MORGA793116SM9IJ"), Verdict::Refuted);
    }
}
