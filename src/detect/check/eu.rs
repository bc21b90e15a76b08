//! Numbers of people in the Netherlands, Portugal, Austria, Belgium and Switzerland.

use super::Verdict;
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

/// Burgerservicenummer: eight or nine digits, elfproef (Besluit bsn; weights 9 to 2 and −1).
pub fn bsn(value: &str) -> Verdict {
    let padded = if value.len() == 8 { format!("0{value}") } else { value.to_owned() };
    let Some(all) = all(&padded, 9) else { return Verdict::Refuted };
    let sum = weighted(&all, &[9, 8, 7, 6, 5, 4, 3, 2]);
    certain(all.last().is_some_and(|last| sum >= *last && (sum - last).is_multiple_of(11)))
}

/// Portuguese NIF of a person: begins with 1, 2, 3 or 45, mod 11 (DL 14/2013).
pub fn nif(value: &str) -> Verdict {
    let Some(all) = all(value, 9) else { return Verdict::Refuted };
    let rest = weighted(&all, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { 0 } else { 11 - rest };
    let person = value.starts_with(['1', '2', '3']) || value.starts_with("45");
    certain(person && all.last() == Some(&check))
}

/// Austrian Versicherungsnummer: serial, check digit, date of birth (ASVG sec. 30c).
pub fn svnr(value: &str) -> Verdict {
    let (Some(all), Some(day), Some(month)) = (all(value, 10), part(value, 4, 6), part(value, 6, 8)) else {
        return Verdict::Refuted;
    };
    let rest = weighted(&all, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11;
    // A month above 12 is given where the serials of a day are used up.
    let born = (1..=31).contains(&day) && (1..=15).contains(&month);
    certain(born && !value.starts_with('0') && all.get(3) == Some(&rest))
}

/// Belgian Rijksregisternummer or BIS number: date, serial, 97 less the rest (KB 3.4.1984).
pub fn rijksregister(value: &str) -> Verdict {
    let number = |from: usize, to: usize| value.get(from..to).and_then(|part| part.parse::<u64>().ok());
    let (Some(_), Some(body), Some(check), Some(month), Some(day)) =
        (all(value, 11), number(0, 9), number(9, 11), part(value, 2, 4), part(value, 4, 6))
    else {
        return Verdict::Refuted;
    };
    let holds = 97 - body % 97 == check || 97 - (2_000_000_000 + body) % 97 == check;
    // BIS numbers add 20 or 40 to the month; unknown parts of the date are zero.
    certain(holds && month % 20 <= 12 && month < 60 && day <= 31)
}

/// Swiss AHV number: 756, nine digits, check digit as in an EAN-13 (AHVV art. 133).
pub fn ahv(value: &str) -> Verdict {
    let Some(all) = all(value, 13) else { return Verdict::Refuted };
    let sum = weighted(&all, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]);
    certain(value.starts_with("756") && sum.is_multiple_of(10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::check::testing::changed;

    #[test]
    fn valid_numbers_pass_and_a_changed_digit_does_not() {
        type Check = fn(&str) -> Verdict;
        let checks: [(Check, &str); 5] = [
            (bsn, "111222333"),
            (nif, "123456789"),
            (svnr, "1237010180"),
            (rijksregister, "85073003328"),
            (ahv, "7569217076985"),
        ];
        for (check, value) in checks {
            assert_eq!(check(value), Verdict::Certain, "{value}");
            for place in 0..value.len() {
                assert_eq!(check(&changed(value, place)), Verdict::Refuted, "{value} at {place}");
            }
            assert_eq!(check(""), Verdict::Refuted);
        }
        assert_eq!(rijksregister("00012556777"), Verdict::Certain, "born in 2000");
    }
}
