//! Machine-readable zones of passports, identity cards and visas: every check digit, and the names.

use super::Verdict;

/// ICAO Doc 9303, parts 4 (TD3), 5 (TD1) and 6 (TD2), from the length: 88, 90 or 72 characters
/// without white space.
pub fn mrz(value: &str) -> Verdict {
    let zone: Vec<u8> = value.bytes().collect();
    let (fields, names): (&[Field], _) = match zone.len() {
        88 => (TD3, 5..44),
        90 => (TD1, 60..90),
        72 => (TD2, 5..36),
        _ => return Verdict::Refuted,
    };
    let well_formed = zone.get(names).is_some_and(names_parse) && fields.iter().all(|field| field.holds(&zone));
    if well_formed { Verdict::Certain } else { Verdict::Refuted }
}

/// The parts whose characters are weighed, and the place of the check digit.
struct Field {
    parts: &'static [(usize, usize)],
    check: usize,
    digits_only: bool,
    /// `<` may stand for the check digit of an empty field.
    may_be_empty: bool,
}

const fn field(parts: &'static [(usize, usize)], check: usize) -> Field {
    Field { parts, check, digits_only: false, may_be_empty: false }
}

const fn date(parts: &'static [(usize, usize)], check: usize) -> Field {
    Field { parts, check, digits_only: true, may_be_empty: false }
}

const TD3: &[Field] = &[
    field(&[(44, 53)], 53),
    date(&[(57, 63)], 63),
    date(&[(65, 71)], 71),
    Field { parts: &[(72, 86)], check: 86, digits_only: false, may_be_empty: true },
    field(&[(44, 54), (57, 64), (65, 87)], 87),
];

const TD2: &[Field] = &[
    // A longer number goes on in the optional data, with `<` for its check digit here.
    Field { parts: &[(36, 45)], check: 45, digits_only: false, may_be_empty: true },
    date(&[(49, 55)], 55),
    date(&[(57, 63)], 63),
    field(&[(36, 46), (49, 56), (57, 71)], 71),
];

const TD1: &[Field] = &[
    Field { parts: &[(5, 14)], check: 14, digits_only: false, may_be_empty: true },
    date(&[(30, 36)], 36),
    date(&[(38, 44)], 44),
    field(&[(5, 30), (30, 37), (38, 45), (48, 59)], 59),
];

impl Field {
    fn holds(&self, zone: &[u8]) -> bool {
        let weighed = self.parts.iter().flat_map(|(from, to)| zone.get(*from..*to).unwrap_or_default());
        let mut sum = 0;
        for (byte, weight) in weighed.zip([7, 3, 1].iter().cycle()) {
            let value = match byte {
                b'0'..=b'9' => u32::from(byte - b'0'),
                b'A'..=b'Z' if !self.digits_only => u32::from(byte - b'A') + 10,
                b'<' => 0,
                _ => return false,
            };
            sum += value * weight;
        }
        match zone.get(self.check) {
            Some(b'<') => self.may_be_empty,
            Some(check @ b'0'..=b'9') => sum % 10 == u32::from(check - b'0'),
            _ => false,
        }
    }
}

/// Letters and fillers; the surname first, and no letter after the fillers at the end.
fn names_parse(names: &[u8]) -> bool {
    let text: String = names.iter().map(|byte| char::from(*byte)).collect();
    let filled = text.trim_end_matches('<');
    !filled.is_empty()
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'<')
        && filled.split("<<").count() <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    // The specimens of Doc 9303.
    const TD3_SPECIMEN: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\
                                L898902C36UTO7408122F1204159ZE184226B<<<<<10";
    const TD2_SPECIMEN: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<D231458907UTO7408122F1204159<<<<<<<6";
    const TD1_SPECIMEN: &str = "I<UTOD231458907<<<<<<<<<<<<<<<\
                                7408122F1204159UTO<<<<<<<<<<<6\
                                ERIKSSON<<ANNA<MARIA<<<<<<<<<<";

    #[test]
    fn the_specimens_pass_and_their_neighbours_do_not() {
        for specimen in [TD3_SPECIMEN, TD2_SPECIMEN, TD1_SPECIMEN] {
            assert_eq!(mrz(specimen), Verdict::Certain, "{specimen}");
            let from = specimen.find("D231458907").or_else(|| specimen.find("L898902C3")).unwrap();
            for place in from + 1..from + 7 {
                let wrong = super::super::testing::changed(specimen, place);
                assert_eq!(mrz(&wrong), Verdict::Refuted, "{wrong}");
            }
        }
        assert_eq!(mrz(TD3_SPECIMEN.get(..87).unwrap()), Verdict::Refuted);
        assert_eq!(mrz(&"<".repeat(88)), Verdict::Refuted);
    }
}
