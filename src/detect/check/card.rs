//! Payment cards: the number ranges of the brands, their lengths, and the check digit.

use super::Verdict;
use super::number::{digits, luhn};

/// First number, last number (of so many first digits), and the lengths that the brand gives.
const BRANDS: &[(u32, u32, usize, &[usize])] = &[
    (4, 4, 1, &[13, 16, 19]),                           // Visa
    (51, 55, 2, &[16]),                                 // Mastercard
    (2221, 2720, 4, &[16]),                             // Mastercard
    (34, 34, 2, &[15]),                                 // American Express
    (37, 37, 2, &[15]),                                 // American Express
    (300, 305, 3, &[14, 16, 19]),                       // Diners Club
    (3095, 3095, 4, &[14, 16, 19]),                     // Diners Club
    (36, 36, 2, &[14, 16, 19]),                         // Diners Club
    (38, 39, 2, &[14, 16, 19]),                         // Diners Club
    (6011, 6011, 4, &[16, 19]),                         // Discover
    (644, 659, 3, &[16, 19]),                           // Discover
    (3528, 3589, 4, &[16, 19]),                         // JCB
    (5018, 5018, 4, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
    (5020, 5020, 4, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
    (5038, 5038, 4, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
    (5893, 5893, 4, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
    (6304, 6304, 4, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
    (6759, 6763, 4, &[12, 13, 14, 15, 16, 17, 18, 19]), // Maestro
    (62, 62, 2, &[16, 17, 18, 19]),                     // UnionPay
];

/// ISO/IEC 7812-1: issuer range, length of the brand, Luhn.
pub fn payment_card(value: &str) -> Verdict {
    let Some(digits) = digits(value) else { return Verdict::Refuted };
    let of_brand = BRANDS.iter().any(|(from, to, places, lengths)| {
        let prefix = digits.iter().take(*places).fold(0, |n, d| n * 10 + d);
        (*from..=*to).contains(&prefix) && lengths.contains(&digits.len())
    });
    if of_brand && luhn(&digits) { Verdict::Certain } else { Verdict::Refuted }
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
            ("0000000000000000", Verdict::Refuted),
            ("4242 4242", Verdict::Refuted),
        ] {
            assert_eq!(payment_card(value), verdict, "{value}");
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
