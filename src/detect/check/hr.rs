//! Croatian numbers: OIB.

use super::Verdict;
use super::number::mod_11_10;
use super::written::{after_country, certain, digits_of};

/// OIB of a person or firm: eleven digits, ISO 7064 mod 11,10 (Zakon o osobnom identifikacijskom broju).
pub fn oib(value: &str) -> Verdict {
    certain(digits_of(after_country(value, &["HR"]), 11).is_some_and(|all| mod_11_10(&all)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::check::testing::changed;

    #[test]
    fn valid_numbers_pass_and_a_changed_digit_does_not() {
        assert_eq!(oib("HR33392005961"), Verdict::Certain);
        for place in 0..11 {
            assert_eq!(oib(&changed("33392005961", place)), Verdict::Refuted, "at {place}");
        }
    }
}
