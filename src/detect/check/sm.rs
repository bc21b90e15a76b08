//! Sammarinese numbers: the code of an economic operator.

use super::Verdict;

/// The numbers of one or two digits that were ever given.
const LOW: [u8; 65] = [
    2, 4, 6, 7, 8, 9, 10, 11, 13, 16, 18, 19, 20, 21, 25, 26, 30, 32, 33, 35, 36, 37, 38, 39, 40, 42, 45, 47, 49, 51,
    52, 55, 56, 57, 58, 59, 61, 62, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 79, 80, 81, 84, 85, 87, 88, 91,
    92, 94, 95, 96, 97, 99,
];

/// Codice operatore economico: up to five digits. It has no check digit.
pub fn operator(value: &str) -> Verdict {
    let code = value.trim_start_matches('0');
    let known = match code.parse::<u32>() {
        Ok(number @ ..100) => u8::try_from(number).is_ok_and(|number| LOW.contains(&number)),
        Ok(_) => code.len() <= 5,
        Err(_) => false,
    };
    Verdict::when(known && code.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_up_to_five_digits_and_few_have_two() {
        for (code, verdict) in [
            ("51", Verdict::Certain),
            ("00099", Verdict::Certain),
            ("24165", Verdict::Certain),
            ("50", Verdict::Refuted),
            ("0", Verdict::Refuted),
            ("", Verdict::Refuted),
            ("2416A", Verdict::Refuted),
            ("241650", Verdict::Refuted),
        ] {
            assert_eq!(operator(code), verdict, "{code}");
        }
    }
}
