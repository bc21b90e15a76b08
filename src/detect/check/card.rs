//! Payment cards: the number ranges of the brands, their lengths, and the check digit.

use super::Verdict;
use super::number::{digits, luhn, weighted};

/// First number, last number (of so many first digits), and the lengths that the brand gives.
const BRANDS: &[(u32, u32, usize, &[usize])] = &[
    (4, 4, 1, &[13, 16, 19]),               // Visa
    (51, 55, 2, &[16]),                     // Mastercard
    (2221, 2720, 4, &[16]),                 // Mastercard
    (34, 34, 2, &[15]),                     // American Express
    (37, 37, 2, &[15]),                     // American Express
    (300, 305, 3, &[14, 16, 17, 18, 19]),   // Diners Club
    (3095, 3095, 4, &[14, 16, 17, 18, 19]), // Diners Club
    (36, 36, 2, &[14, 15, 16, 17, 18, 19]), // Diners Club
    (38, 39, 2, &[14, 16, 17, 18, 19]),     // Diners Club
    (6011, 6011, 4, &[16, 17, 18, 19]),     // Discover
    (644, 659, 3, &[16, 17, 18, 19]),       // Discover
    (3528, 3589, 4, &[16, 17, 18, 19]),     // JCB
    (62, 62, 2, &[16, 17, 18, 19]),         // UnionPay
    (2200, 2204, 4, &[16, 17, 18, 19]),     // Mir
    (5019, 5019, 4, &[16]),                 // Dankort
    (5018, 5018, 4, MAESTRO),
    (5020, 5020, 4, MAESTRO),
    (5038, 5038, 4, MAESTRO),
    (5893, 5893, 4, MAESTRO),
    (6304, 6304, 4, MAESTRO),
    (6703, 6703, 4, MAESTRO), // Bancontact
    (6759, 6763, 4, MAESTRO),
    (6771, 6771, 4, MAESTRO),
];

/// What may besides be a debit card of the Maestro scheme: few of these numbers are given out.
const OPEN: &[(u32, u32, usize, &[usize])] = &[(50, 50, 2, MAESTRO), (56, 69, 2, MAESTRO)];

const MAESTRO: &[usize] = &[12, 13, 14, 15, 16, 17, 18, 19];

fn is_in(ranges: &[(u32, u32, usize, &[usize])], all: &[u32]) -> bool {
    ranges.iter().any(|(from, to, places, lengths)| {
        let prefix = all.iter().take(*places).fold(0, |n, digit| n * 10 + digit);
        (*from..=*to).contains(&prefix) && lengths.contains(&all.len())
    })
}

/// ISO/IEC 7812-1: issuer range, length of the brand, Luhn.
pub fn payment_card(value: &str) -> Verdict {
    let Some(all) = digits(value) else { return Verdict::Refuted };
    let of_brand = is_in(BRANDS, &all) || is_in(OPEN, &all);
    if of_brand && luhn(&all) { Verdict::Certain } else { Verdict::Refuted }
}

/// Whether a number that may be a card is more likely one: refuted in the ranges where few are
/// given out, and where it may as well be the number of an article (GTIN, with its own check digit).
pub fn card_brand(value: &str) -> Verdict {
    let Some(all) = digits(value) else { return Verdict::Refuted };
    if is_in(BRANDS, &all) && !is_article(&all) { Verdict::Silent } else { Verdict::Refuted }
}

/// GS1: EAN-13, UPC-A and GTIN-14.
fn is_article(all: &[u32]) -> bool {
    let from_right: Vec<u32> = all.iter().rev().copied().collect();
    let weights = [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3];
    (12..=14).contains(&all.len()) && weighted(&from_right, &weights).is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{changed, random};
    use super::*;

    #[test]
    fn published_numbers() {
        for (value, verdict) in [
            ("4242424242424242", Verdict::Certain),
            ("5555555555554444", Verdict::Certain),
            ("378282246310005", Verdict::Certain),
            ("6011111111111117", Verdict::Certain),
            ("2223003122003222", Verdict::Certain),
            ("4242424242424241", Verdict::Refuted),
            // IMEI and ICCID pass Luhn, but no brand numbers so.
            ("490154203237518", Verdict::Refuted),
            ("8939104160000392272", Verdict::Refuted),
            ("35693803564380", Verdict::Refuted),
            ("1700000000008", Verdict::Refuted),
            ("0000000000000000", Verdict::Refuted),
            ("6703444444444449", Verdict::Certain),
            ("5019717010103742", Verdict::Certain),
            ("4222222222222", Verdict::Certain),
            ("36227206271667", Verdict::Certain),
            ("６703444444444449", Verdict::Refuted),
            ("4242 4242", Verdict::Refuted),
        ] {
            assert_eq!(payment_card(value), verdict, "{value}");
        }
    }

    #[test]
    fn what_is_less_likely_a_card() {
        for (value, verdict) in [
            ("4242424242424242", Verdict::Silent),
            ("378282246310005", Verdict::Silent),
            // An open range, and a German article number that begins as a Visa card does.
            ("5610591081018250", Verdict::Refuted),
            ("4006381333931", Verdict::Refuted),
        ] {
            assert_eq!(card_brand(value), verdict, "{value}");
        }
        assert_eq!(payment_card("5610591081018250"), Verdict::Certain);
    }

    #[test]
    fn every_brand_has_its_lengths() {
        let passing = |prefix: &str| -> Vec<usize> {
            let completed = |length: usize| {
                let body = format!("{prefix:0<width$}", width = length - 1);
                (0..10).any(|check| payment_card(&format!("{body}{check}")) == Verdict::Certain)
            };
            (12..=20).filter(|length| completed(*length)).collect()
        };
        let maestro: Vec<usize> = (12..=19).collect();
        for (prefix, lengths) in [
            ("4", vec![13, 16, 19]),
            ("51", vec![16]),
            ("2221", vec![16]),
            ("2720", vec![16]),
            ("34", vec![15]),
            ("3528", vec![16, 17, 18, 19]),
            ("50", maestro.clone()),
            ("69", maestro.clone()),
            ("2220", vec![]),
            ("2721", vec![]),
            ("3527", vec![]),
            ("306", vec![]),
            ("1", vec![]),
            ("8", vec![]),
            ("9", vec![]),
        ] {
            assert_eq!(passing(prefix), lengths, "{prefix}");
        }
    }

    #[test]
    fn one_changed_digit_fails() {
        let mut next = random(4);
        for _ in 0..1000 {
            let body = format!("4{:07}{:07}", next(10_000_000), next(10_000_000));
            let number = (0..10).map(|d| format!("{body}{d}")).find(|n| luhn(&digits(n).unwrap())).unwrap();
            assert_eq!(payment_card(&number), Verdict::Certain, "{number}");
            for place in 0..16 {
                assert_eq!(payment_card(&changed(&number, place)), Verdict::Refuted, "{number} at {place}");
            }
        }
    }
}
