//! Numbers of people in Poland and Romania.

use super::Verdict;
use super::date::Day;
use super::number::{digits, weighted};

fn all(value: &str, length: usize) -> Option<Vec<u32>> {
    let all = digits(value).filter(|all| all.len() == length)?;
    // The same digit over and over is nobody's number.
    all.iter().any(|digit| Some(digit) != all.first()).then_some(all)
}

fn certain(holds: bool) -> Verdict {
    if holds { Verdict::Certain } else { Verdict::Refuted }
}

fn part(value: &str, from: usize, to: usize) -> Option<u16> {
    value.get(from..to)?.parse().ok()
}

fn is_day(year: u16, month: u16, day: u16) -> bool {
    match (u8::try_from(month), u8::try_from(day)) {
        (Ok(month), Ok(day)) => Day::new(year, month, day).is_some(),
        _ => false,
    }
}

/// PESEL: date with the century in the month, serial, mod 10 (Ustawa z 24.9.2010 o ewidencji ludności, art. 15).
pub fn pesel(value: &str) -> Verdict {
    let (Some(all), Some(year), Some(month), Some(day)) =
        (all(value, 11), part(value, 0, 2), part(value, 2, 4), part(value, 4, 6))
    else {
        return Verdict::Refuted;
    };
    let century = match month / 20 {
        0 => 1900,
        1 => 2000,
        2 => 2100,
        3 => 2200,
        _ => 1800,
    };
    let sum = weighted(&all, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
    certain(sum.is_multiple_of(10) && is_day(century + year, month % 20, day))
}

/// Romanian CNP: sex and century, date, county, serial, mod 11 (OUG 97/2005).
pub fn cnp(value: &str) -> Verdict {
    let (Some(all), Some(year), Some(month), Some(day), Some(county)) =
        (all(value, 13), part(value, 1, 3), part(value, 3, 5), part(value, 5, 7), part(value, 7, 9))
    else {
        return Verdict::Refuted;
    };
    let century = match value.chars().next() {
        Some('1' | '2' | '7' | '8') => 1900,
        Some('3' | '4') => 1800,
        Some('5' | '6') => 2000,
        _ => return Verdict::Refuted,
    };
    let rest = weighted(&all, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    let check = if rest == 10 { 1 } else { rest };
    let place = (1..=52).contains(&county) || county == 70;
    certain(all.last() == Some(&check) && place && is_day(century + year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::check::testing::changed;

    #[test]
    fn valid_numbers_pass_and_a_changed_digit_does_not() {
        type Check = fn(&str) -> Verdict;
        let checks: [(Check, &str); 2] = [(pesel, "44051401359"), (cnp, "1800101221144")];
        for (check, value) in checks {
            assert_eq!(check(value), Verdict::Certain, "{value}");
            for place in 0..value.len() {
                assert_eq!(check(&changed(value, place)), Verdict::Refuted, "{value} at {place}");
            }
            assert_eq!(check(""), Verdict::Refuted);
        }
    }
}
