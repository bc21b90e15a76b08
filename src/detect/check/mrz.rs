//! Machine-readable zones of passports, cards, visas and driving licences: every check digit, and the names.

use super::Verdict;

/// ICAO Doc 9303 parts 4 (TD3), 5 (TD1), 6 (TD2) and 7 (visas), and the French card of 1988 to 2021,
/// from the length without white space. A zone that was read badly (`O` for 0, `K` for `<`) counts
/// if all its check digits hold after what must be a digit was made one, and what must be a letter
/// one: nothing is tried out.
pub fn mrz(value: &str) -> Verdict {
    let zone: Vec<u8> = value.bytes().map(|byte| byte.to_ascii_uppercase()).collect();
    // The first five places are letters in every format.
    let head: Vec<u8> = zone.iter().take(5).map(|byte| letter(*byte)).collect();
    let format = match (zone.len(), head.as_slice()) {
        (88, [b'V', ..]) => &MRV_A,
        (88, _) => &TD3,
        (90, _) => &TD1,
        (72, b"IDFRA") => &FRENCH_CARD,
        (72, [b'V', ..]) => &MRV_B,
        (72, _) => &TD2,
        _ => return Verdict::Refuted,
    };
    if format.holds(&zone) || format.holds(&format.repaired(&zone)) { Verdict::Certain } else { Verdict::Refuted }
}

/// The one line of a driving licence after ISO/IEC 18013-1: `D1`, the country, 24 characters and a check
/// digit over all of them; in France also one over the number.
pub fn licence_line(value: &str) -> Verdict {
    let zone = value.as_bytes();
    let all = Field { parts: &[(0, 29)], check: 29, digits_only: false, may_be_empty: false };
    let number = Field { parts: &[(0, 14)], check: 14, digits_only: false, may_be_empty: false };
    let french = zone.get(2..5) == Some(b"FRA");
    let digits = zone.iter().filter(|byte| byte.is_ascii_digit()).count();
    let holds = zone.len() == 30 && digits >= 4 && all.holds(zone) && (!french || number.holds(zone));
    if holds { Verdict::Certain } else { Verdict::Refuted }
}

/// What may stand in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A letter or `<`.
    Letter,
    /// A digit, or `<` for one that is not known.
    Digit,
    Any,
}

struct Format {
    /// Runs of places, in order.
    places: &'static [(Place, usize)],
    fields: &'static [Field],
    names: &'static [(usize, usize)],
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

const fn optional(parts: &'static [(usize, usize)], check: usize) -> Field {
    Field { parts, check, digits_only: false, may_be_empty: true }
}

use Place::{Any, Digit, Letter};

const TD3: Format = Format {
    places: &[
        (Letter, 44),
        (Any, 9),
        (Digit, 1),
        (Letter, 3),
        (Digit, 7),
        (Letter, 1),
        (Digit, 7),
        (Any, 14),
        (Digit, 2),
    ],
    fields: &[
        field(&[(44, 53)], 53),
        date(&[(57, 63)], 63),
        date(&[(65, 71)], 71),
        optional(&[(72, 86)], 86),
        field(&[(44, 54), (57, 64), (65, 87)], 87),
    ],
    names: &[(5, 44)],
};

const TD2: Format = Format {
    places: &[
        (Letter, 36),
        (Any, 9),
        (Digit, 1),
        (Letter, 3),
        (Digit, 7),
        (Letter, 1),
        (Digit, 7),
        (Any, 7),
        (Digit, 1),
    ],
    fields: &[
        // A longer number goes on in the optional data, with `<` for its check digit here.
        optional(&[(36, 45)], 45),
        date(&[(49, 55)], 55),
        date(&[(57, 63)], 63),
        field(&[(36, 46), (49, 56), (57, 71)], 71),
    ],
    names: &[(5, 36)],
};

const TD1: Format = Format {
    places: &[
        (Letter, 5),
        (Any, 9),
        (Digit, 1),
        (Any, 15),
        (Digit, 7),
        (Letter, 1),
        (Digit, 7),
        (Letter, 3),
        (Any, 11),
        (Digit, 1),
        (Letter, 30),
    ],
    fields: &[
        optional(&[(5, 14)], 14),
        date(&[(30, 36)], 36),
        date(&[(38, 44)], 44),
        field(&[(5, 30), (30, 37), (38, 45), (48, 59)], 59),
    ],
    names: &[(60, 90)],
};

const MRV_A: Format = Format {
    places: &[(Letter, 44), (Any, 9), (Digit, 1), (Letter, 3), (Digit, 7), (Letter, 1), (Digit, 7), (Any, 16)],
    fields: &[field(&[(44, 53)], 53), date(&[(57, 63)], 63), date(&[(65, 71)], 71)],
    names: &[(5, 44)],
};

const MRV_B: Format = Format {
    places: &[(Letter, 36), (Any, 9), (Digit, 1), (Letter, 3), (Digit, 7), (Letter, 1), (Digit, 7), (Any, 8)],
    fields: &[field(&[(36, 45)], 45), date(&[(49, 55)], 55), date(&[(57, 63)], 63)],
    names: &[(5, 36)],
};

/// `IDFRA`, surname, department and office; number, first names, birth, sex.
const FRENCH_CARD: Format = Format {
    places: &[
        (Letter, 30),
        (Any, 6),
        (Digit, 4),
        (Any, 3),
        (Digit, 6),
        (Letter, 14),
        (Digit, 7),
        (Letter, 1),
        (Digit, 1),
    ],
    fields: &[field(&[(36, 48)], 48), date(&[(63, 69)], 69), field(&[(0, 71)], 71)],
    names: &[(5, 30), (49, 63)],
};

impl Format {
    fn holds(&self, zone: &[u8]) -> bool {
        self.names.iter().all(|(from, to)| zone.get(*from..*to).is_some_and(names_parse))
            && self.fields.iter().all(|field| field.holds(zone))
    }

    /// The zone with digits where there are digits and letters where there are letters.
    fn repaired(&self, zone: &[u8]) -> Vec<u8> {
        let places = self.places.iter().flat_map(|(place, count)| std::iter::repeat_n(*place, *count));
        let mut repaired: Vec<u8> = zone
            .iter()
            .zip(places.clone())
            .map(|(byte, place)| match place {
                Letter => letter(*byte),
                Digit => digit(*byte),
                Any => *byte,
            })
            .collect();
        let mut rest = repaired.as_mut_slice();
        for (_, count) in self.places {
            let (part, after) = rest.split_at_mut(rest.len().min(*count));
            fill(part);
            rest = after;
        }
        repaired
    }
}

/// Fillers are read as `K`: a run of both is fillers if it holds two of them, or three `K`. A single
/// `K` that touches a letter is that of a name.
fn fill(part: &mut [u8]) {
    let mut start = 0;
    while start < part.len() {
        let rest = part.get(start..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| matches!(byte, b'K' | b'<')).count();
        let run = rest.get(..length).unwrap_or_default();
        let fillers = run.windows(2).any(|pair| pair == b"<<") || run.len() >= 3;
        let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
        let before = start.checked_sub(1).and_then(|at| part.get(at));
        let from = usize::from(run.starts_with(b"K<") && is_letter(before));
        let to = length - usize::from(run.ends_with(b"<K") && is_letter(rest.get(length)));
        if let (true, Some(run)) = (fillers, part.get_mut(start + from..start + to)) {
            run.fill(b'<');
        }
        start += length.max(1);
    }
}

/// The letter for which a digit was read.
fn letter(byte: u8) -> u8 {
    match byte {
        b'0' => b'O',
        b'1' => b'I',
        b'2' => b'Z',
        b'5' => b'S',
        b'6' => b'G',
        b'8' => b'B',
        other => other,
    }
}

/// The digit for which a letter was read.
fn digit(byte: u8) -> u8 {
    match byte {
        b'O' | b'Q' | b'D' => b'0',
        b'I' | b'L' => b'1',
        b'Z' => b'2',
        b'S' => b'5',
        b'G' => b'6',
        b'B' => b'8',
        b'K' => b'<',
        other => other,
    }
}

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
    const MRV_A_SPECIMEN: &str = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\
                                  L8988901C4XXX4009078F96121096ZE184226B<<<<<<";
    const MRV_B_SPECIMEN: &str = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<L8988901C4XXX4009078F9612109<<<<<<<<";
    // The specimen of the French ministry of the interior.
    const FRENCH_SPECIMEN: &str = "IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<8806923102858CORINNE<<<<<<<6512068F6";

    const SPECIMENS: [&str; 6] =
        [TD3_SPECIMEN, TD2_SPECIMEN, TD1_SPECIMEN, MRV_A_SPECIMEN, MRV_B_SPECIMEN, FRENCH_SPECIMEN];

    #[test]
    fn the_specimens_pass_and_their_neighbours_do_not() {
        for specimen in SPECIMENS {
            assert_eq!(mrz(specimen), Verdict::Certain, "{specimen}");
            let from = ["D231458907", "L898902C3", "L8988901C", "880692310"].iter().find_map(|n| specimen.find(n));
            let from = from.unwrap();
            for place in from + 1..from + 7 {
                let wrong = super::super::testing::changed(specimen, place);
                assert_eq!(mrz(&wrong), Verdict::Refuted, "{wrong}");
            }
        }
        assert_eq!(mrz(TD3_SPECIMEN.get(..87).unwrap()), Verdict::Refuted);
        assert_eq!(mrz(&"<".repeat(88)), Verdict::Refuted);
    }

    #[test]
    fn what_was_read_badly_is_repaired_by_its_place_only() {
        for specimen in SPECIMENS {
            assert_eq!(mrz(&specimen.to_lowercase()), Verdict::Certain);
        }
        for (from, to, verdict) in [
            // A digit's place, a letter's place, fillers.
            ("7408122F", "74O8I22F", Verdict::Certain),
            ("UTOERIKSSON", "UT0ER1K55ON", Verdict::Certain),
            ("MARIA<<<<<<<", "MARIA<KK<<<K", Verdict::Certain),
            ("B<<<<<10", "B<KK<<1O", Verdict::Certain),
            ("ERIKSSON<<ANNA<MARIA", "ERIKSSON<<KARINK<IDA", Verdict::Certain),
            // The number may hold letters and digits: nothing is guessed there.
            ("L898902C3", "L8989O2C3", Verdict::Refuted),
            ("7408122F", "7408132F", Verdict::Refuted),
            ("7408122F", "74X8122F", Verdict::Refuted),
        ] {
            assert_eq!(mrz(&TD3_SPECIMEN.replace(from, to)), verdict, "{to}");
        }
    }

    #[test]
    fn every_place_of_a_format_is_described() {
        for (format, length) in [(&TD3, 88), (&TD2, 72), (&TD1, 90), (&MRV_A, 88), (&MRV_B, 72), (&FRENCH_CARD, 72)] {
            assert_eq!(format.places.iter().map(|(_, count)| count).sum::<usize>(), length);
        }
    }

    #[test]
    fn driving_licences() {
        let licence = "D1FRA13AA000026181231MARTIN<<9";
        assert_eq!(licence_line(licence), Verdict::Certain);
        for place in [5, 8, 14, 17, 22, 29] {
            assert_eq!(licence_line(&super::super::testing::changed(licence, place)), Verdict::Refuted, "{place}");
        }
        assert_eq!(licence_line("D1NLD"), Verdict::Refuted);
    }
}
