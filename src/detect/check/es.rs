//! Spanish numbers of people: DNI, NIE and the number of the Seguridad Social.

use super::Verdict;
use super::number::digits;

/// The letters of RD 1553/2005 in the order of the rest of a division by 23.
const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// DNI (eight digits, letter), NIE (X, Y or Z, seven digits, letter) or NIF of K, L, M (Orden EHA/451/2008).
pub fn dni(value: &str) -> Verdict {
    let Some((body, letter)) = value.len().checked_sub(1).and_then(|at| value.split_at_checked(at)) else {
        return Verdict::Refuted;
    };
    let number = match body.chars().next() {
        Some('X' | 'K' | 'L' | 'M') => body.get(1..).map(str::to_owned),
        Some('Y') => body.get(1..).map(|rest| format!("1{rest}")),
        Some('Z') => body.get(1..).map(|rest| format!("2{rest}")),
        _ => Some(body.to_owned()),
    };
    let number = number.filter(|_| matches!(body.len(), 7 | 8)).and_then(|number| number.parse::<usize>().ok());
    let expected = number.and_then(|number| LETTERS.get(number % 23)).map(|letter| char::from(*letter));
    let repeated = body.bytes().all(|b| body.as_bytes().first() == Some(&b));
    match expected {
        Some(expected) if letter.starts_with(expected) && !repeated => Verdict::Certain,
        _ => Verdict::Refuted,
    }
}

/// Número de la Seguridad Social: province, eight digits (seven in the oldest), mod 97.
pub fn nuss(value: &str) -> Verdict {
    let Some(all) = digits(value).filter(|all| all.len() == 12) else { return Verdict::Refuted };
    let number = |from: usize, to: usize| value.get(from..to).and_then(|part| part.parse::<u64>().ok());
    let (Some(province), Some(serial), Some(check)) = (number(0, 2), number(2, 10), number(10, 12)) else {
        return Verdict::Refuted;
    };
    // Below ten million the serial counts without its leading zero.
    let body = if serial < 10_000_000 { serial + province * 10_000_000 } else { serial + province * 100_000_000 };
    let varied = all.iter().any(|digit| Some(digit) != all.first());
    if varied && (1..=66).contains(&province) && body % 97 == check { Verdict::Certain } else { Verdict::Refuted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dni_and_nie() {
        for (value, verdict) in [
            ("12345678Z", Verdict::Certain),
            ("00000001R", Verdict::Certain),
            ("X1234567L", Verdict::Certain),
            ("Y1234567X", Verdict::Certain),
            ("Z1234567R", Verdict::Certain),
            ("12345678A", Verdict::Refuted),
            ("X1234567A", Verdict::Refuted),
            ("1234Z", Verdict::Refuted),
        ] {
            assert_eq!(dni(value), verdict, "{value}");
        }
        let passing = (b'A'..=b'Z').filter(|l| dni(&format!("40291837{}", char::from(*l))) == Verdict::Certain).count();
        assert_eq!(passing, 1);
    }

    #[test]
    fn numbers_of_the_seguridad_social() {
        assert_eq!(nuss("281234567840"), Verdict::Certain);
        assert_eq!(nuss("281234567841"), Verdict::Refuted);
        assert_eq!(nuss("771234567840"), Verdict::Refuted);
        assert_eq!(nuss("28123456784"), Verdict::Refuted);
    }
}
