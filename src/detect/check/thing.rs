//! Numbers of things that are taken for numbers of people: devices, chip cards, goods, books, clock times.

use super::Verdict;
use super::number::{digits, luhn, weighted};

/// Refutes what is the number of a thing by its own rules, and says nothing of anything else. For
/// detectors of plain digits, as `plausible`.
pub fn no_thing(value: &str) -> Verdict {
    let thing = [imei, iccid, isbn, epoch].iter().any(|is| is(value) == Verdict::Certain);
    if thing { Verdict::Refuted } else { Verdict::Silent }
}

/// 3GPP TS 23.003: fifteen digits, the last by Luhn, and a reporting body that allots such numbers
/// (those of 10, 30 and 33 left out: French insurance numbers and payment cards begin so).
pub fn imei(value: &str) -> Verdict {
    let body =
        ["01", "35", "44", "45", "49", "52", "53", "86", "91", "98", "99"].iter().any(|body| value.starts_with(body));
    certain(value.len() == 15 && body && digits(value).is_some_and(|digits| luhn(&digits)))
}

/// ITU-T E.118: 89 for telecommunications, 19 or 20 digits, the last by Luhn.
pub fn iccid(value: &str) -> Verdict {
    let length = matches!(value.len(), 19 | 20);
    certain(length && value.starts_with("89") && digits(value).is_some_and(|digits| luhn(&digits)))
}

/// GS1 General Specifications: 8, 12, 13 or 14 digits, the last by weights of 3 and 1.
pub fn gtin(value: &str) -> Verdict {
    let holds = digits(value).is_some_and(|digits| {
        let weighed = digits.iter().rev().zip([1, 3].iter().cycle()).map(|(digit, weight)| digit * weight);
        weighed.sum::<u32>().is_multiple_of(10) && digits.iter().any(|digit| *digit > 0)
    });
    certain(matches!(value.len(), 8 | 12..=14) && holds)
}

/// ISO 2108: a GTIN of the book land 978 or 979, or ten characters by mod 11 that end in X.
pub fn isbn(value: &str) -> Verdict {
    let new = (value.starts_with("978") || value.starts_with("979")) && value.len() == 13;
    if new {
        return gtin(value);
    }
    // Without the X, one number of ten digits in eleven would be an ISBN.
    let old = value.strip_suffix(['X', 'x']).and_then(digits);
    certain(
        old.is_some_and(|old| {
            old.len() == 9 && (weighted(&old, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) + 10).is_multiple_of(11)
        }),
    )
}

/// POSIX seconds or milliseconds of the years 2005 to 2030.
pub fn epoch(value: &str) -> Verdict {
    let first = value.get(..10).and_then(|seconds| seconds.parse::<u64>().ok());
    let plain = value.bytes().all(|byte| byte.is_ascii_digit());
    certain(
        plain && matches!(value.len(), 10 | 13) && first.is_some_and(|s| (1_104_537_600..1_900_000_000).contains(&s)),
    )
}

fn certain(holds: bool) -> Verdict {
    if holds { Verdict::Certain } else { Verdict::Refuted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_of_things() {
        // The usual examples; the chip card's is computed.
        assert_eq!(imei("490154203237518"), Verdict::Certain);
        assert_eq!(imei("352099001761481"), Verdict::Certain);
        assert_eq!(imei("352099001761482"), Verdict::Refuted);
        assert_eq!(iccid("8991101200003204514"), Verdict::Certain);
        assert_eq!(gtin("4006381333931"), Verdict::Certain);
        assert_eq!(gtin("4006381333932"), Verdict::Refuted);
        assert_eq!(isbn("9783161484100"), Verdict::Certain);
        assert_eq!(isbn("080442957X"), Verdict::Certain);
        assert_eq!(isbn("080442958X"), Verdict::Refuted);
        assert_eq!(epoch("1710153200"), Verdict::Certain);
        assert_eq!(epoch("1710153200123"), Verdict::Certain);
        assert_eq!(epoch("0371432198"), Verdict::Refuted);
    }

    #[test]
    fn what_is_no_thing_is_left_alone() {
        for value in ["3331234567", "0371432198", "+393331234567", "", "12", "1983051112345"] {
            assert_eq!(no_thing(value), Verdict::Silent, "{value}");
        }
        for value in ["352099001761481", "8991101200003204514", "1710153200", "9783161484100"] {
            assert_eq!(no_thing(value), Verdict::Refuted, "{value}");
        }
    }
}
