//! Check digits over plain digits: Luhn, ISO 7064, weighted sums.

/// The digits of a string that holds nothing else.
pub fn digits(value: &str) -> Option<Vec<u32>> {
    value.chars().map(|c| c.to_digit(10)).collect()
}

/// The digits of a string of exactly that many and nothing else.
pub fn exactly(value: &str, length: usize) -> Option<Vec<u32>> {
    digits(value).filter(|digits| digits.len() == length)
}

/// The number that a part of a string spells, if it is all digits.
pub fn part(value: &str, from: usize, to: usize) -> Option<u64> {
    let part = value.get(from..to)?;
    part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten()
}

/// A value as it is written, without white space around it and without `separators`, upper-case.
pub fn clean(written: &str, separators: &str) -> String {
    let kept = written.chars().filter(|c| !separators.contains(*c));
    kept.flat_map(char::to_uppercase).collect::<String>().trim().to_owned()
}

/// ISO/IEC 7812-1 Annex B.
pub fn luhn(digits: &[u32]) -> bool {
    let sum: u32 =
        digits.iter().rev().enumerate().map(|(i, d)| if i % 2 == 0 { *d } else { d * 2 / 10 + d * 2 % 10 }).sum();
    sum.is_multiple_of(10)
}

/// ISO 7064 mod 11,10.
pub fn mod_11_10(digits: &[u32]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, d| {
        let sum = (product + d) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == *check
}

/// ISO 7064 mod 97-10 over letters (A = 10) and digits; none for other characters.
pub fn mod_97(value: impl Iterator<Item = char>) -> Option<u32> {
    value.map(|c| c.to_digit(36)).try_fold(0, |rest, digit| {
        let digit = digit?;
        Some(if digit < 10 { (rest * 10 + digit) % 97 } else { (rest * 100 + digit) % 97 })
    })
}

/// Sum of digit times weight.
pub fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_numbers_pass() {
        assert!(luhn(&digits("4111111111111111").unwrap()));
        assert!(!luhn(&digits("4111111111111112").unwrap()));
        // ISO 7064: 0794 is the example of mod 11,10 and mod 97-10 takes the check digits 44.
        assert!(mod_11_10(&digits("07945").unwrap()));
        assert_eq!(mod_97("79444".chars()), Some(1));
        assert_eq!(mod_97("7-9".chars()), None);
    }

    #[test]
    fn parts_and_cleaned_values() {
        assert_eq!(exactly("123", 3), Some(vec![1, 2, 3]));
        assert_eq!(exactly("12a", 3), None);
        assert_eq!(part("AB0123", 2, 6), Some(123));
        assert_eq!(part("AB+123", 2, 6), None);
        assert_eq!(part("AB", 0, 3), None);
        assert_eq!(clean(" be 0.1-2\t", " .-"), "BE012");
    }
}
