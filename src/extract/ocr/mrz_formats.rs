//! The formats of machine-readable zones: what may stand in each place, and which check digits prove it.
//!
//! ICAO Doc 9303 part 3, section 4.9, parts 4 (TD3), 5 (TD1), 6 (TD2) and 7 (visas).

/// What may stand in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A letter or `<`.
    Letter,
    /// A digit, or `<` for one that is not known.
    Digit,
    Any,
    /// Any but the letters that the Federal Republic of Germany leaves out: vowels, and those that look like digits.
    German,
    /// Any but `O`.
    NotO,
}

use Kind::{Any, Digit, German, Letter, NotO};

/// The parts whose characters are weighed, the place of the check digit, and whether `<` may stand for it.
type Check = (&'static [(usize, usize)], usize, bool);

pub(super) struct Format {
    pub(super) lines: usize,
    pub(super) length: usize,
    /// What the first line begins with.
    pub(super) heads: &'static [&'static [u8]],
    /// Runs of places, in order, over all lines.
    pub(super) places: &'static [(Kind, usize)],
    checks: &'static [Check],
    /// The line of the names.
    names: usize,
    /// The places of the codes of states.
    pub(super) states: &'static [usize],
    /// The places of the number of the document and of its check digit.
    pub(super) number: Option<(usize, usize)>,
}

/// Those with more check digits first.
pub(super) const FORMATS: &[Format] = &[
    // TD1
    Format {
        lines: 3,
        length: 30,
        heads: &[b"A", b"C", b"I", b"P"],
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
        checks: &[
            (&[(5, 14)], 14, true),
            (&[(30, 36)], 36, false),
            (&[(38, 44)], 44, false),
            (&[(5, 30), (30, 37), (38, 45), (48, 59)], 59, false),
        ],
        names: 2,
        states: &[2, 45],
        number: Some((5, 14)),
    },
    // TD3
    Format {
        lines: 2,
        length: 44,
        heads: &[b"P"],
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
        checks: &[
            (&[(44, 53)], 53, false),
            (&[(57, 63)], 63, false),
            (&[(65, 71)], 71, false),
            (&[(72, 86)], 86, true),
            (&[(44, 54), (57, 64), (65, 87)], 87, false),
        ],
        names: 0,
        states: &[2, 54],
        number: Some((44, 53)),
    },
    // French identity cards of 1988 to 2021
    Format {
        lines: 2,
        length: 36,
        heads: &[b"IDFRA"],
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
        checks: &[(&[(36, 48)], 48, false), (&[(63, 69)], 69, false), (&[(0, 71)], 71, false)],
        // The department follows the surname: fillers are lost before it.
        names: 9,
        states: &[],
        number: None,
    },
    // TD2
    Format {
        lines: 2,
        length: 36,
        heads: &[b"A", b"C", b"I", b"P"],
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
        checks: &[
            (&[(36, 45)], 45, true),
            (&[(49, 55)], 55, false),
            (&[(57, 63)], 63, false),
            (&[(36, 46), (49, 56), (57, 71)], 71, false),
        ],
        names: 0,
        states: &[2, 46],
        number: Some((36, 45)),
    },
    // Visas, MRV-A
    Format {
        lines: 2,
        length: 44,
        heads: &[b"V"],
        places: &[(Letter, 44), (Any, 9), (Digit, 1), (Letter, 3), (Digit, 7), (Letter, 1), (Digit, 7), (Any, 16)],
        checks: &[(&[(44, 53)], 53, false), (&[(57, 63)], 63, false), (&[(65, 71)], 71, false)],
        names: 0,
        states: &[2, 54],
        number: None,
    },
    // Visas, MRV-B
    Format {
        lines: 2,
        length: 36,
        heads: &[b"V"],
        places: &[(Letter, 36), (Any, 9), (Digit, 1), (Letter, 3), (Digit, 7), (Letter, 1), (Digit, 7), (Any, 8)],
        checks: &[(&[(36, 45)], 45, false), (&[(49, 55)], 55, false), (&[(57, 63)], 63, false)],
        names: 0,
        states: &[2, 46],
        number: None,
    },
];

/// How the issuing state writes the nine places of its numbers, where that leaves no choice
/// between a digit and a letter that look alike.
pub(super) fn numbers_of(document: Option<u8>, state: Option<&[u8]>) -> Option<[Kind; 9]> {
    let (l, d) = (Letter, Digit);
    match (state?, document? == b'P') {
        (b"ITA", true) => Some([l, l, d, d, d, d, d, d, d]),
        (b"ITA", false) => Some([l, l, d, d, d, d, d, l, l]),
        (b"FRA", true) => Some([d, d, l, l, d, d, d, d, d]),
        (b"ESP", _) => Some([l, l, l, d, d, d, d, d, d]),
        (b"D<<", _) => Some([German; 9]),
        (b"NLD", _) => Some([l, l, NotO, NotO, NotO, NotO, NotO, NotO, d]),
        _ => None,
    }
}

impl Kind {
    /// What was meant where this was read.
    pub(super) fn mend(self, byte: u8) -> u8 {
        match (self, byte) {
            (Letter, b'0') => b'O',
            (Letter, b'1') => b'I',
            (Letter, b'2') => b'Z',
            (Letter, b'5') => b'S',
            (Letter, b'6') => b'G',
            (Letter, b'8') => b'B',
            (Digit | German, b'O' | b'Q' | b'D') | (NotO, b'O') => b'0',
            (Digit, b'I' | b'L') | (German, b'I') => b'1',
            (Digit, b'Z') => b'2',
            (Digit | German, b'S') => b'5',
            (Digit, b'G') => b'6',
            (Digit | German, b'B') => b'8',
            _ => byte,
        }
    }
}

impl Format {
    pub(super) fn is_names(&self, line: usize) -> bool {
        line == self.names
    }

    /// Whether all check digits are right.
    pub(super) fn holds(&self, zone: &[u8]) -> bool {
        self.checks.iter().all(|(parts, check, may_be_empty)| {
            let weighed: Vec<u8> =
                parts.iter().flat_map(|(from, to)| zone.get(*from..*to).unwrap_or_default()).copied().collect();
            match zone.get(*check) {
                Some(b'<') => *may_be_empty && weighed.iter().all(|byte| *byte == b'<'),
                written => check_digit(&weighed) == written.copied(),
            }
        })
    }
}

/// The check digit of a field: weights 7, 3, 1; `A` is ten, `<` nothing.
pub(super) fn check_digit(field: &[u8]) -> Option<u8> {
    let mut sum = 0;
    for (byte, weight) in field.iter().zip([7, 3, 1].iter().cycle()) {
        let value = match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            b'A'..=b'Z' => u32::from(byte - b'A') + 10,
            b'<' => 0,
            _ => return None,
        };
        sum += value * weight;
    }
    u8::try_from(sum % 10).ok().map(|digit| b'0' + digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_format_is_described() {
        for format in FORMATS {
            let places: usize = format.places.iter().map(|(_, count)| count).sum();
            assert_eq!(places, format.lines * format.length);
        }
    }

    #[test]
    fn letters_and_digits_are_taken_for_each_other_one_way_only() {
        let mended = |kind: Kind, text: &str| -> String { text.bytes().map(|b| char::from(kind.mend(b))).collect() };
        assert_eq!(mended(Letter, "0123456789<AO"), "OIZ34SG7B9<AO");
        assert_eq!(mended(Digit, "OQDILZSGB<7X"), "000112568<7X");
        assert_eq!(mended(Any, "O0I1S5"), "O0I1S5");
        assert_eq!(mended(German, "OISBGZL0"), "0158GZL0");
        assert_eq!(mended(NotO, "OIS0"), "0IS0");
    }

    #[test]
    fn check_digits_of_the_specification() {
        // The examples of Doc 9303 part 3.
        assert_eq!(check_digit(b"520727"), Some(b'3'));
        assert_eq!(check_digit(b"AB2134<<<"), Some(b'5'));
        assert_eq!(check_digit(b"a"), None);
    }
}
