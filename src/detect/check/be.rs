//! Belgian numbers: national register and BIS, identity card, VAT, accounts.

use super::Verdict;
use super::number::{clean, exactly, mod_97, part};

/// What the number of a person says of the month of birth; none if its check digits do not hold.
/// 97 less the rest by 97, of the number as it is or with a 2 in front for those born from 2000.
fn month(value: &str) -> Option<u64> {
    let _ = exactly(value, 11).filter(|all| all.iter().any(|digit| *digit > 0))?;
    let (year, body, check) = (part(value, 0, 2)?, part(value, 0, 9)?, part(value, 9, 11)?);
    let this_year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year();
    let holds = |body: u64| 97 - body % 97 == check;
    let born_since_2000 = i64::try_from(year + 2000).is_ok_and(|year| year <= i64::from(this_year));
    let month = part(value, 2, 4).filter(|month| month % 20 <= 12)?;
    (holds(body) || (born_since_2000 && holds(2_000_000_000 + body))).then_some(month)
}

/// Rijksregisternummer (Wet 8.8.1983, KB 3.4.1984): date of birth, serial, check digits. Parts of the
/// date that are not known are zero.
pub fn national_number(value: &str) -> Verdict {
    Verdict::when(month(value).is_some_and(|month| month <= 12))
}

/// BIS number of somebody who is in no register: 20 more in the month, or 40 where the sex is known.
pub fn bis(value: &str) -> Verdict {
    Verdict::when(month(value).is_some_and(|month| (20..=32).contains(&month) || (40..=52).contains(&month)))
}

/// INSZ, NISS: a national or a BIS number.
pub fn insz(value: &str) -> Verdict {
    if national_number(value) == Verdict::Certain { Verdict::Certain } else { bis(value) }
}

/// Whether the day in a number of a person is one or is not known.
pub fn likely_insz(value: &str) -> Verdict {
    let varied = value.bytes().any(|digit| Some(&digit) != value.as_bytes().first());
    if varied && part(value, 4, 6).is_some_and(|day| day <= 31) { Verdict::Silent } else { Verdict::Refuted }
}

/// Number of an identity card: ten digits and their rest by 97, or 97 where there is none.
pub fn identity_card(value: &str) -> Verdict {
    match (part(value, 0, 10), part(value, 10, 12)) {
        (Some(body), Some(check)) => {
            Verdict::when(value.len() == 12 && (1..=97).contains(&check) && body % 97 == check % 97)
        }
        _ => Verdict::Refuted,
    }
}

/// Enterprise number, which is the VAT number (Btw-wetboek art. 50), with `BE` if written: ten digits
/// that begin with 0, which may be missing or stand in brackets, or 1; 97 less the rest by 97. It is
/// read as written.
pub fn vat(written: &str) -> Verdict {
    let cleaned = clean(written, " -./");
    let number = cleaned.strip_prefix("BE").unwrap_or(&cleaned);
    let number = number.strip_prefix("(0)").map_or_else(|| number.to_owned(), |rest| format!("0{rest}"));
    let number = if number.chars().count() == 9 { format!("0{number}") } else { number };
    match (part(&number, 0, 8), part(&number, 8, 10)) {
        (Some(body), Some(check)) => {
            let first = number.starts_with(['0', '1']);
            Verdict::when(number.len() == 10 && first && body + check > 0 && (body + check).is_multiple_of(97))
        }
        _ => Verdict::Refuted,
    }
}

/// Codes of the banks, from and to: list of the National Bank of Belgium of January 2026.
const BANKS: [(u64, u64); 77] = [
    (0, 111),
    (113, 116),
    (119, 127),
    (129, 134),
    (137, 137),
    (140, 150),
    (171, 171),
    (175, 176),
    (185, 185),
    (189, 214),
    (220, 499),
    (501, 501),
    (504, 504),
    (507, 510),
    (512, 515),
    (521, 525),
    (538, 538),
    (541, 541),
    (546, 546),
    (548, 560),
    (562, 579),
    (581, 581),
    (583, 583),
    (585, 588),
    (590, 601),
    (603, 605),
    (607, 607),
    (610, 613),
    (624, 625),
    (630, 631),
    (634, 636),
    (638, 638),
    (640, 640),
    (642, 654),
    (657, 658),
    (663, 664),
    (666, 680),
    (682, 689),
    (693, 696),
    (699, 709),
    (719, 719),
    (722, 722),
    (725, 765),
    (772, 806),
    (817, 817),
    (823, 826),
    (828, 828),
    (830, 840),
    (845, 845),
    (850, 853),
    (859, 860),
    (862, 863),
    (865, 866),
    (868, 868),
    (871, 871),
    (873, 873),
    (876, 881),
    (883, 884),
    (887, 888),
    (890, 899),
    (903, 908),
    (910, 911),
    (913, 917),
    (920, 920),
    (922, 924),
    (926, 926),
    (929, 931),
    (934, 934),
    (936, 936),
    (939, 943),
    (945, 945),
    (948, 961),
    (963, 964),
    (967, 969),
    (971, 971),
    (973, 984),
    (989, 999),
];

/// Belgian IBAN: ISO 13616, the check digits of the account in it, and a bank that exists.
pub fn iban(value: &str) -> Verdict {
    let account = value.strip_prefix("BE").and_then(|rest| rest.get(2..)).unwrap_or_default();
    let holds = mod_97(value.chars().skip(4).chain(value.chars().take(4))) == Some(1);
    if holds && is_bank(account) { identity_card(account) } else { Verdict::Refuted }
}

/// Whether the account is with a bank that there is: by its first three digits.
pub(super) fn is_bank(account: &str) -> bool {
    part(account, 0, 3).is_some_and(|code| BANKS.iter().any(|(from, to)| (*from..=*to).contains(&code)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::changed;
    use super::*;

    #[test]
    fn valid_numbers_pass_and_a_changed_digit_does_not() {
        type Check = fn(&str) -> Verdict;
        let checks: [(Check, &str); 6] = [
            (national_number, "85073003328"),
            (bis, "98472899765"),
            (insz, "98472899765"),
            (identity_card, "591191706458"),
            (vat, "BE0428759497"),
            (iban, "BE71096123456769"),
        ];
        for (check, value) in checks {
            assert_eq!(check(value), Verdict::Certain, "{value}");
            for place in (0..value.len()).filter(|at| value.as_bytes()[*at].is_ascii_digit()) {
                assert_eq!(check(&changed(value, place)), Verdict::Refuted, "{value} at {place}");
            }
            assert_eq!(check(""), Verdict::Refuted);
        }
    }

    #[test]
    fn persons_in_a_register_and_not() {
        assert_eq!(national_number("17073003384"), Verdict::Certain, "born in 2017");
        assert_eq!(national_number("00012556777"), Verdict::Certain, "born in 2000");
        assert_eq!(national_number("98472899765"), Verdict::Refuted);
        assert_eq!(bis("85073003328"), Verdict::Refuted);
        assert_eq!(insz("85073003328"), Verdict::Certain);
        assert_eq!(likely_insz("85073003328"), Verdict::Silent);
        assert_eq!(likely_insz("85073203328"), Verdict::Refuted);
    }

    #[test]
    fn ways_to_write_an_enterprise_number() {
        for written in ["BE 0428.759.497", "428759497", "be (0)428.759.497", "0428 759 497"] {
            assert_eq!(vat(written), Verdict::Certain, "{written}");
        }
        for written in ["BE(0428759497", "BE2428759497", "BE0000000000", "BE04287594970"] {
            assert_eq!(vat(written), Verdict::Refuted, "{written}");
        }
    }

    #[test]
    fn an_account_of_no_bank_is_none() {
        let written = |body: &str| {
            let account = format!("{body}{:02}", body.parse::<u64>().unwrap() % 97);
            format!("BE{:02}{account}", 98 - mod_97(format!("{account}BE00").chars()).unwrap())
        };
        assert_eq!(iban(&written("0961234567")), Verdict::Certain);
        assert_eq!(iban(&written("1121234567")), Verdict::Refuted);
    }
}
