//! Telephone numbers: the international form by country, and which of them are mobile phones.

use super::Verdict;

/// A numbering plan in the little that tells a number from other digits.
struct Plan {
    /// ITU-T E.164 country code.
    code: &'static str,
    /// Digits of the national number, without the country code and the trunk prefix.
    digits: std::ops::RangeInclusive<usize>,
    /// With what the national numbers of mobile phones begin.
    mobile: &'static [&'static str],
    /// A zero before the national number is part of it (Italy), not a trunk prefix.
    keeps_zero: bool,
}

const fn plan(code: &'static str, from: usize, to: usize, mobile: &'static [&'static str]) -> Plan {
    Plan { code, digits: from..=to, mobile, keeps_zero: false }
}

const PLANS: &[Plan] = &[
    Plan { code: "39", digits: 6..=11, mobile: &["3"], keeps_zero: true },
    Plan { code: "378", digits: 6..=10, mobile: &["3", "6"], keeps_zero: true },
    plan("49", 7, 11, &["15", "16", "17"]),
    plan("33", 9, 9, &["6", "7"]),
    plan("44", 9, 10, &["7"]),
    plan("34", 9, 9, &["6", "7"]),
    plan("41", 9, 9, &["7"]),
    plan("43", 7, 13, &["65", "66", "67", "68", "69"]),
    plan("31", 9, 9, &["6"]),
    plan("32", 8, 9, &["4"]),
    plan("351", 9, 9, &["9"]),
    plan("352", 6, 9, &["6"]),
    plan("353", 7, 9, &["8"]),
    plan("354", 7, 9, &["6", "7", "8"]),
    plan("355", 8, 9, &["6"]),
    plan("356", 8, 8, &["7", "9"]),
    plan("357", 8, 8, &["9"]),
    plan("358", 6, 11, &["4", "50"]),
    plan("359", 8, 9, &["87", "88", "89", "98", "99"]),
    plan("370", 8, 8, &["6"]),
    plan("371", 8, 8, &["2"]),
    plan("372", 7, 8, &["5", "8"]),
    plan("373", 8, 8, &["6", "7"]),
    plan("376", 6, 9, &["3", "6"]),
    plan("377", 8, 9, &["4", "6"]),
    plan("380", 9, 9, &["39", "50", "6", "7", "9"]),
    plan("381", 8, 9, &["6"]),
    plan("382", 8, 8, &["6"]),
    plan("385", 8, 9, &["9"]),
    plan("386", 8, 8, &["3", "4", "5", "6", "7"]),
    plan("387", 8, 8, &["6"]),
    plan("389", 8, 8, &["7"]),
    plan("420", 9, 9, &["6", "7"]),
    plan("421", 9, 9, &["9"]),
    plan("423", 7, 9, &["7"]),
    plan("30", 10, 10, &["69"]),
    plan("36", 8, 9, &["20", "30", "31", "50", "70"]),
    plan("40", 9, 9, &["7"]),
    plan("45", 8, 8, &[]),
    plan("46", 7, 10, &["7"]),
    plan("47", 8, 8, &["4", "9"]),
    plan("48", 9, 9, &["45", "5", "6", "7", "88"]),
    plan("7", 10, 10, &["9"]),
    plan("90", 10, 10, &["5"]),
    plan("1", 10, 10, &[]),
    plan("20", 8, 10, &["1"]),
    plan("212", 9, 9, &["6", "7"]),
    plan("213", 8, 9, &["5", "6", "7"]),
    plan("216", 8, 8, &["2", "5", "9"]),
    plan("218", 8, 9, &["9"]),
    plan("221", 9, 9, &["7"]),
    plan("234", 8, 10, &["7", "8", "9"]),
    plan("27", 9, 9, &["6", "7", "8"]),
    plan("52", 10, 10, &[]),
    plan("54", 10, 11, &["9"]),
    plan("55", 10, 11, &[]),
    plan("56", 9, 9, &["9"]),
    plan("57", 8, 10, &["3"]),
    plan("51", 8, 9, &["9"]),
    plan("60", 8, 10, &["1"]),
    plan("61", 9, 9, &["4"]),
    plan("62", 8, 12, &["8"]),
    plan("63", 8, 10, &["9"]),
    plan("64", 8, 10, &["2"]),
    plan("65", 8, 8, &["8", "9"]),
    plan("66", 8, 9, &["6", "8", "9"]),
    plan("81", 9, 10, &["70", "80", "90"]),
    plan("82", 8, 10, &["1"]),
    plan("84", 9, 10, &["3", "5", "7", "8", "9"]),
    plan("86", 10, 11, &["1"]),
    plan("91", 10, 10, &["6", "7", "8", "9"]),
    plan("92", 9, 10, &["3"]),
    plan("94", 9, 9, &["7"]),
    plan("880", 8, 10, &["1"]),
    plan("852", 8, 8, &["5", "6", "9"]),
    plan("886", 8, 9, &["9"]),
    plan("961", 7, 8, &["3", "7", "8"]),
    plan("962", 8, 9, &["7"]),
    plan("965", 7, 8, &["5", "6", "9"]),
    plan("966", 8, 9, &["5"]),
    plan("971", 8, 9, &["5"]),
    plan("972", 8, 9, &["5"]),
    plan("974", 7, 8, &["3", "5", "6", "7"]),
];

/// Some number in international form with a length that its country uses.
pub fn international(value: &str) -> Verdict {
    match national_part(value) {
        Some((plan, national)) if plan.digits.contains(&national.len()) => Verdict::Certain,
        _ => Verdict::Refuted,
    }
}

/// A mobile phone: somebody's own. Certain in international form; a national number only has
/// to look like one of Italy, Germany, France, Spain, the United Kingdom, Austria or Switzerland.
pub fn mobile(value: &str) -> Verdict {
    if value.starts_with('+') {
        return match national_part(value) {
            Some((plan, national))
                if plan.digits.contains(&national.len())
                    && plan.mobile.iter().any(|prefix| national.starts_with(prefix)) =>
            {
                Verdict::Certain
            }
            _ => Verdict::Refuted,
        };
    }
    let holds = match value.len() {
        9 => value.starts_with(['3', '6', '7']),
        10 => value.starts_with('3') || ["06", "07"].iter().any(|prefix| value.starts_with(prefix)),
        11..=13 => ["015", "016", "017", "07", "065", "066", "067", "068", "069"]
            .iter()
            .any(|prefix| value.starts_with(prefix)),
        _ => false,
    };
    if holds { Verdict::Silent } else { Verdict::Refuted }
}

/// A number without country code: 6 to 12 digits, not one over and over.
pub fn national(value: &str) -> Verdict {
    let first = value.chars().next();
    let varied = value.chars().any(|c| Some(c) != first);
    if (6..=12).contains(&value.len()) && varied && !value.starts_with('+') {
        Verdict::Silent
    } else {
        Verdict::Refuted
    }
}

/// The plan and the national number of `+39…`.
fn national_part(value: &str) -> Option<(&'static Plan, &str)> {
    let number = value.strip_prefix('+')?;
    // No country code begins with another one: the first match is the only one.
    let plan = PLANS.iter().find(|plan| number.starts_with(plan.code))?;
    let national = number.get(plan.code.len()..)?;
    // `+44 (0)20 …`
    Some((plan, if plan.keeps_zero { national } else { national.strip_prefix('0').unwrap_or(national) }))
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
            ("+3314234567", Verdict::Refuted),
            ("+999123456789", Verdict::Refuted),
            ("3331234567", Verdict::Refuted),
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
            ("+390612345678", Verdict::Refuted),
            ("3331234567", Verdict::Silent),
            ("015112345678", Verdict::Silent),
            ("0612345678", Verdict::Silent),
            ("0212345678", Verdict::Refuted),
        ] {
            assert_eq!(mobile(value), verdict, "{value}");
        }
    }

    #[test]
    fn no_country_code_begins_with_another() {
        for plan in PLANS {
            assert!(PLANS.iter().all(|other| other.code == plan.code || !other.code.starts_with(plan.code)));
        }
    }
}
