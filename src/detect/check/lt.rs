//! Lithuanian numbers: personal code, VAT.

use super::Verdict;
use super::ee::{born, checked, isikukood_birth};
use super::number::{digits, weighted};
use super::written::{after_country, certain, digits_of};

/// Asmens kodas: sex and century, date, serial, mod 11 in two passes; the few that begin with 9 bear
/// no date (Gyventojų registro įstatymas).
pub fn asmens_kodas(value: &str) -> Verdict {
    let holds = |all: Vec<u32>| (all.first() == Some(&9) || born(&all).is_some()) && checked(&all);
    certain(digits_of(value, 11).is_some_and(holds))
}

/// A personal code of somebody who may live.
pub fn asmens_kodas_birth(value: &str) -> Verdict {
    if value.starts_with('9') { Verdict::Silent } else { isikukood_birth(value) }
}

/// PVM mokėtojo kodas: nine digits of a firm, twelve of a person; the last but one is 1
/// (Pridėtinės vertės mokesčio įstatymas).
pub fn pvm(value: &str) -> Verdict {
    let Some(all) = digits(after_country(value, &["LT"])) else { return Verdict::Refuted };
    let Some((check, body)) = all.split_last().filter(|_| matches!(all.len(), 9 | 12)) else {
        return Verdict::Refuted;
    };
    let rest = match weighted(body, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2]) % 11 {
        10 => weighted(body, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4]) % 11 % 10,
        rest => rest,
    };
    certain(body.last() == Some(&1) && rest == *check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for (value, verdict) in [
            ("38703181745", Verdict::Certain),
            ("38703181746", Verdict::Refuted),
            ("78703181745", Verdict::Refuted),
            ("38703421745", Verdict::Refuted),
        ] {
            assert_eq!(asmens_kodas(value), verdict, "{value}");
        }
        for (value, verdict) in [
            ("119511515", Verdict::Certain),
            ("LT100001919017", Verdict::Certain),
            ("100004801610", Verdict::Certain),
            ("100001919018", Verdict::Refuted),
            ("11951151", Verdict::Refuted),
        ] {
            assert_eq!(pvm(value), verdict, "{value}");
        }
        assert_eq!(asmens_kodas_birth("38703181745"), Verdict::Silent);
    }
}
