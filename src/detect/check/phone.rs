//! Telephone numbers: the numbering plan of each country, and which numbers are mobile phones.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use super::{Verdict, date};

/// What a beginning of national numbers is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Mobile,
    Fixed,
    /// Fixed or mobile: the plan does not tell (Denmark, North America).
    Either,
    /// Freephone, premium rate, directory: never one person's.
    Service,
}

/// The numbering plan of a country.
struct Plan {
    /// Digits of a national number.
    digits: RangeInclusive<usize>,
    /// By beginning of one to three digits, sorted; none for one that is not in use within one that is.
    ranges: Vec<(&'static str, Option<Range>)>,
}

/// Digits of the numbers that begin so, and their use.
type Range = (RangeInclusive<usize>, Kind);

/// By country code (ITU-T E.164); no code begins with another.
static PLANS: LazyLock<HashMap<&str, Plan>> = LazyLock::new(|| {
    include_str!("phone_plans.txt").lines().filter(|line| !line.starts_with('#')).filter_map(plan).collect()
});

/// `45 DK 8-8 2:8E 200:- …`
fn plan(line: &'static str) -> Option<(&'static str, Plan)> {
    let mut words = line.split(' ');
    let (code, _country, length) = (words.next()?, words.next()?, words.next()?);
    let ranges = words.filter_map(|word| {
        let (start, rest) = word.split_once(':')?;
        let kind = match rest.bytes().last()? {
            b'M' => Kind::Mobile,
            b'F' => Kind::Fixed,
            b'E' => Kind::Either,
            b'S' => Kind::Service,
            _ => return Some((start, None)),
        };
        Some((start, Some((digits(rest.get(..rest.len() - 1)?)?, kind))))
    });
    Some((code, Plan { digits: digits(length)?, ranges: ranges.collect() }))
}

/// `6-11` or `9`.
fn digits(text: &str) -> Option<RangeInclusive<usize>> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    Some(from.parse().ok()?..=to.parse().ok()?)
}

/// How a number stands in its country's plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Its beginning and length are in use.
    InUse(Kind),
    /// Its length exists in the country; its beginning, as far as it is known, is of this kind.
    Possible(Option<Kind>),
    Impossible,
}

impl Plan {
    fn standing(&self, national: &str) -> Standing {
        let at = |length: usize| {
            let start = national.get(..length)?;
            let at = self.ranges.binary_search_by_key(&start, |(start, _)| start).ok()?;
            self.ranges.get(at).map(|(_, range)| range)
        };
        let mut known = None;
        for (i, range) in [3, 2, 1].into_iter().filter_map(at).enumerate() {
            let Some((digits, kind)) = range else { continue };
            if i == 0 && digits.contains(&national.len()) {
                return Standing::InUse(*kind);
            }
            known = known.or(Some(*kind));
        }
        if self.digits.contains(&national.len()) { Standing::Possible(known) } else { Standing::Impossible }
    }

    fn keeps_zero(&self) -> bool {
        self.ranges.first().is_some_and(|(start, _)| start.starts_with('0'))
    }
}

/// The digits of a number as it is written, with `+` for `00` before a country code.
fn plain(written: &str) -> String {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let plus = written.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '+').starts_with('+');
    match digits.strip_prefix("00") {
        Some(rest) if !plus && rest.len() > 8 => format!("+{rest}"),
        _ if plus => format!("+{digits}"),
        _ => digits,
    }
}

/// The standing of `+39…`.
fn standing(number: &str) -> Standing {
    let Some(number) = number.strip_prefix('+') else { return Standing::Impossible };
    let found = (1..=3).find_map(|length| {
        let (code, national) = number.split_at_checked(length)?;
        Some((PLANS.get(code)?, national))
    });
    let Some((plan, national)) = found else { return Standing::Impossible };
    // `+44 (0)20 …`
    plan.standing(if plan.keeps_zero() { national } else { national.strip_prefix('0').unwrap_or(national) })
}

/// Some number in international form: certain if the plan of its country uses it, silent if only
/// its length is one of the country's. Freephone and premium numbers are nobody's.
pub fn international(written: &str) -> Verdict {
    let number = plain(written);
    // `0069 0307 0300`: groups of four are codes and card numbers more often than calls abroad.
    let codes = !written.contains('+') && written.split_whitespace().all(|group| group.len() == 4);
    match standing(&number) {
        Standing::InUse(Kind::Service) | Standing::Possible(Some(Kind::Service)) | Standing::Impossible => {
            Verdict::Refuted
        }
        Standing::InUse(_) if !codes => Verdict::Certain,
        _ if varied(&number) => Verdict::Silent,
        _ => Verdict::Refuted,
    }
}

/// A mobile phone: somebody's own. Certain in international form; a national number has to be
/// one of a European country.
pub fn mobile(written: &str) -> Verdict {
    let value = plain(written);
    if value.starts_with('+') {
        return match standing(&value) {
            Standing::InUse(Kind::Mobile) => Verdict::Certain,
            Standing::InUse(Kind::Either) | Standing::Possible(Some(Kind::Mobile)) => Verdict::Silent,
            _ => Verdict::Refuted,
        };
    }
    let is_mobile = |(code, trunk): &(&str, &str)| {
        let national = value.strip_prefix(trunk).filter(|national| !national.starts_with('0'));
        national.zip(PLANS.get(code)).is_some_and(|(national, plan)| {
            matches!(plan.standing(national), Standing::InUse(Kind::Mobile | Kind::Either))
        })
    };
    // Groups of zeros are dumps of bytes.
    let number = value.len() >= 8
        && varied(&value)
        && !is_counted(&value)
        && !is_compact_day(&value)
        && !written.contains("00 00")
        && !is_other_number(written);
    if number && EUROPE.iter().any(is_mobile) { Verdict::Silent } else { Verdict::Refuted }
}

/// Country codes of the EU, the EEA, the United Kingdom and Switzerland, with what is dialled before a
/// national number within the country (ITU-T: dialling procedures).
const EUROPE: &[(&str, &str)] = &[
    ("39", ""),
    ("49", "0"),
    ("33", "0"),
    ("34", ""),
    ("44", "0"),
    ("48", ""),
    ("31", "0"),
    ("351", ""),
    ("40", "0"),
    ("43", "0"),
    ("41", "0"),
    ("32", "0"),
    ("30", ""),
    ("353", "0"),
    ("352", ""),
    ("354", ""),
    ("356", ""),
    ("357", ""),
    ("358", "0"),
    ("359", "0"),
    ("36", "06"),
    ("370", "0"),
    ("370", "8"),
    ("371", ""),
    ("372", ""),
    ("385", "0"),
    ("386", "0"),
    ("420", ""),
    ("421", "0"),
    ("423", ""),
    ("45", ""),
    ("46", "0"),
    ("47", ""),
];

/// A number without country code, as it is written: 6 to 12 digits that are no date, network
/// address, amount or time.
pub fn national(written: &str) -> Verdict {
    let digits = written.bytes().filter(u8::is_ascii_digit).count();
    let number =
        !written.trim_start().starts_with('+') && (6..=12).contains(&digits) && varied(written) && !is_counted(written);
    if number && !is_other_number(written) { Verdict::Silent } else { Verdict::Refuted }
}

fn varied(value: &str) -> bool {
    let mut digits = value.bytes().filter(u8::is_ascii_digit);
    let first = digits.next();
    digits.any(|digit| Some(digit) != first)
}

/// `123456789`, `07 06 05 04 03`: digits that only count up or down.
fn is_counted(value: &str) -> bool {
    let digits: Vec<u8> = value.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    let steps = |digits: &[u8], step: u8| digits.windows(2).all(|pair| matches!(pair, [a, b] if (a + step) % 10 == *b));
    let pairs: Vec<u8> = digits.chunks(2).map(|pair| pair.iter().fold(0, |n, digit| n * 10 + digit)).collect();
    let counted = |step: fn(u8, u8) -> bool| pairs.windows(2).all(|pair| matches!(pair, [a, b] if step(*a, *b)));
    steps(&digits, 1)
        || steps(&digits, 9)
        || pairs.len() > 3 && (counted(|a, b| a + 1 == b) || counted(|a, b| b + 1 == a))
}

/// `20040508`: a day, where the numbers of a country have eight digits.
fn is_compact_day(value: &str) -> bool {
    value.len() == 8 && (value.starts_with("19") || value.starts_with("20")) && date::parse(value).is_some()
}

/// `11.05.2023`, `192.168.1.40`, `1.234.567`, `8.30-17.00`, `2017-2020`.
fn is_other_number(written: &str) -> bool {
    let written = written.trim_matches(|c: char| !c.is_ascii_digit());
    let parts: Vec<&str> = written.split(['.', '/', '-']).collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let plain = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let small = |part: &&str, most: u16| part.parse::<u16>().is_ok_and(|n| n <= most);
    plain
        && match lengths.as_slice() {
            [1 | 2, 1 | 2, 2 | 4] | [4, 2, 2] => date::parse(written).is_some(),
            [4, 4] => parts.iter().all(|part| part.starts_with("19") || part.starts_with("20")),
            // An American postcode.
            [5, 4] => !written.starts_with('0'),
            [1 | 2, 3, 3] | [1 | 2, 3, 3, 3] => true,
            [1 | 2, 2, 1 | 2, 2] if written.contains('-') => {
                parts.iter().step_by(2).all(|p| small(p, 24)) && parts.iter().all(|p| small(p, 59))
            }
            [1..=3, 1..=3, 1..=3, 1..=3] => written.matches('.').count() == 3 && parts.iter().all(|p| small(p, 255)),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn international_numbers() {
        for (value, verdict) in [
            ("+390612345678", Verdict::Certain),
            ("+393331234567", Verdict::Certain),
            ("+493012345678", Verdict::Certain),
            ("+33142345678", Verdict::Certain),
            ("+4402079460000", Verdict::Certain),
            ("+48512345678", Verdict::Certain),
            ("+4521234567", Verdict::Certain),
            ("+40721234567", Verdict::Certain),
            ("+14155550123", Verdict::Certain),
            ("+3314234567", Verdict::Refuted),
            ("+999123456789", Verdict::Refuted),
            ("3331234567", Verdict::Refuted),
            ("+39800123456", Verdict::Refuted),
            // No beginning of French numbers; the length is right.
            ("+33012345678", Verdict::Refuted),
            ("+35312345", Verdict::Refuted),
            ("0039 02 1234567", Verdict::Certain),
            ("0069 0307 0300", Verdict::Silent),
        ] {
            assert_eq!(international(value), verdict, "{value}");
        }
    }

    #[test]
    fn mobile_numbers() {
        for (value, verdict) in [
            ("+393331234567", Verdict::Certain),
            ("+4915112345678", Verdict::Certain),
            ("+33612345678", Verdict::Certain),
            ("+4521234567", Verdict::Silent),
            ("+390612345678", Verdict::Refuted),
            ("3331234567", Verdict::Silent),
            ("015112345678", Verdict::Silent),
            ("0612345678", Verdict::Silent),
            ("912345678", Verdict::Silent),
            ("512345678", Verdict::Silent),
            ("0721234567", Verdict::Silent),
            ("06301234567", Verdict::Silent),
            ("0212345678", Verdict::Refuted),
            ("0101010101", Verdict::Refuted),
            ("06 05 00 00 31", Verdict::Refuted),
            ("78701-3281", Verdict::Refuted),
        ] {
            assert_eq!(mobile(value), verdict, "{value}");
        }
    }

    #[test]
    fn numbers_without_country_and_other_numbers() {
        for (written, verdict) in [
            ("0371-432198", Verdict::Silent),
            ("01.42.68.53.00", Verdict::Silent),
            ("912.345.678", Verdict::Silent),
            ("(030) 1234567", Verdict::Silent),
            ("11.05.2023", Verdict::Refuted),
            ("2023-05-11", Verdict::Refuted),
            ("192.168.1.40", Verdict::Refuted),
            ("1.234.567", Verdict::Refuted),
            ("08.30-17.00", Verdict::Refuted),
            ("2017-2020", Verdict::Refuted),
            ("000000000", Verdict::Refuted),
            ("12345", Verdict::Refuted),
        ] {
            assert_eq!(national(written), verdict, "{written}");
        }
    }

    #[test]
    fn every_line_of_the_plans_is_read() {
        let lines: Vec<&str> = include_str!("phone_plans.txt").lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(PLANS.len(), lines.len());
        for (line, code) in lines.iter().filter_map(|line| Some((line, line.split(' ').next()?))) {
            let ranges = &PLANS[code].ranges;
            assert_eq!(ranges.len(), line.split(' ').skip(3).count(), "{line}");
            assert!(ranges.is_sorted_by_key(|(start, _)| *start), "{line}");
            assert!(PLANS.keys().all(|other| *other == code || !other.starts_with(code)), "{code}");
        }
        assert!(EUROPE.iter().all(|(code, _)| PLANS.contains_key(code)));
    }
}
