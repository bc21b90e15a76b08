//! The form of a value in which every way of writing it is the same.

use super::check::date;
use super::fold::fold;
use super::spec::Normal;

/// Normalises `raw`.
pub fn normalise(normal: Normal, raw: &str) -> String {
    match normal {
        Normal::Code => {
            let mut code = String::with_capacity(raw.len());
            // Bytes beyond ASCII are none of these.
            let kept = raw.bytes().filter(u8::is_ascii_alphanumeric);
            code.extend(kept.map(|byte| char::from(byte.to_ascii_uppercase())));
            code
        }
        Normal::Name => {
            let folded = fold(raw);
            let mut words: Vec<&str> =
                folded.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect();
            words.sort_unstable();
            words.join(" ")
        }
        Normal::Date => date::parse(raw).map_or_else(|| fold(raw), |date| date.to_string()),
        Normal::Email => raw.to_lowercase(),
        Normal::Phone => {
            let digits = raw.chars().filter(char::is_ascii_digit);
            let plus = raw.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '+').starts_with('+');
            let number: String = plus.then_some('+').into_iter().chain(digits).collect();
            // 0039… is +39…; +39 (0)… is left to the plan of the country.
            match number.strip_prefix("00") {
                Some(rest) if rest.len() > 8 => format!("+{rest}"),
                _ => number,
            }
        }
        Normal::Compact => raw.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect(),
        Normal::Exact => raw.to_owned(),
        Normal::Phrase => fold(raw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_of_writing_are_one_value() {
        for (normal, one, other) in [
            (Normal::Code, "IT60 X054 2811", "it60x0542811"),
            (Normal::Name, "ROSSI Mario", "Mario  Rossi"),
            (Normal::Name, "Müller, Jörg", "Jorg MULLER"),
            (Normal::Date, "1 gennaio 1980", "01/01/1980"),
            (Normal::Email, "M.Rossi@Rossi.it", "m.rossi@rossi.it"),
            (Normal::Phone, "+39 333 1234567", "0039 333-123 45 67"),
            (Normal::Compact, "A<<\r\nB<< ", "A<<\nB<<"),
            (Normal::Phrase, "C.G.I.L.", "cgil"),
        ] {
            assert_eq!(normalise(normal, one), normalise(normal, other));
        }
        assert_ne!(normalise(Normal::Exact, "Secret"), normalise(Normal::Exact, "secret"));
    }
}
