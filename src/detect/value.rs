//! One value by itself, as somebody types it or a list holds it: whether a detector takes it.

use regex::{Regex, RegexBuilder};

use super::catalogue::Detector;
use super::check::Verdict;
use super::fold::fold;
use super::normal::normalise;
use super::spec::Normal;

/// A detector ready for values that stand alone, without a text around them.
pub struct ValueCheck<'d> {
    detector: &'d Detector,
    /// The pattern over the whole of a value; none for phrases, and where the value is only a part of the pattern.
    shape: Option<Regex>,
}

impl<'d> ValueCheck<'d> {
    /// Fails only where the pattern does not compile, which the catalogue has ruled out.
    pub fn new(detector: &'d Detector) -> Result<Self, regex::Error> {
        let pattern = detector
            .spec
            .pattern
            .as_deref()
            .filter(|pattern| !pattern.contains("(?P<value>") && !pattern.contains("(?<value>"));
        let shape = pattern.map(|pattern| RegexBuilder::new(&format!(r"\A(?:{pattern})\z")).build()).transpose()?;
        Ok(Self { detector, shape })
    }

    /// What the check says of the value. The signs that the detector names as separators are
    /// taken out; any other sign makes a code none. Without a check the shape alone is asked,
    /// and proves nothing.
    pub fn verdict(&self, written: &str) -> Verdict {
        let whole: String = written.chars().map(ascii_form).collect();
        let plain = whole.trim_matches(is_blank);
        let spec = &self.detector.spec;
        let Some(check) = spec.check else {
            return if self.has_shape(plain) { Verdict::Silent } else { Verdict::Refuted };
        };
        if self.detector.normal != Normal::Code {
            if self.shape.as_ref().is_some_and(|shape| !shape.is_match(plain)) {
                return Verdict::Refuted;
            }
            return check.run(&if check.reads_written() {
                plain.to_owned()
            } else {
                normalise(self.detector.normal, plain)
            });
        }
        if check.reads_written() {
            return check.run(&whole);
        }
        let around = if check.keeps_blanks() { &whole } else { plain };
        let code: String = around.chars().filter(|c| !spec.separators.contains(*c)).collect();
        let code = if check.keeps_blanks() { &code } else { code.trim_matches(is_blank) }.to_uppercase();
        if code.bytes().all(|byte| byte.is_ascii_alphanumeric()) { check.run(&code) } else { Verdict::Refuted }
    }

    fn has_shape(&self, value: &str) -> bool {
        let spec = &self.detector.spec;
        match (&self.shape, &self.detector.pattern) {
            (Some(shape), _) => shape.is_match(value),
            // The value is a part of the pattern: the rest is missing here.
            (None, Some(pattern)) => pattern.at(value, 0).is_some_and(|found| found.value == (0..value.len())),
            (None, None) if spec.exact_case => spec.phrases.iter().any(|phrase| phrase == value),
            (None, None) => {
                let value = fold(value);
                spec.phrases.iter().any(|phrase| is_phrase(&fold(phrase), &value))
            }
        }
    }
}

/// Whether the words are those of the phrase, of which some may be stems: `neoplas*`.
fn is_phrase(phrase: &str, value: &str) -> bool {
    let (mut words, mut stems) = (value.split(' '), phrase.split(' '));
    loop {
        match (words.next(), stems.next()) {
            (None, None) => return !value.is_empty(),
            (Some(word), Some(stem)) => {
                let fits = stem.strip_suffix('*').map_or(word == stem, |stem| word.starts_with(stem));
                if !fits {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// The ASCII character of which this one is only another typographic form: full-width and
/// mathematical digits, the spaces, hyphens and points of Unicode. Digits of other scripts and
/// letters that only look alike stay what they are.
fn ascii_form(c: char) -> char {
    let digit = |zero: char| char::from_digit((u32::from(c) - u32::from(zero)) % 10, 10).unwrap_or(c);
    match c {
        '\u{ff10}'..='\u{ff19}' => digit('\u{ff10}'),
        '\u{1d7ce}'..='\u{1d7ff}' => digit('\u{1d7ce}'),
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        '\u{58a}'
        | '\u{5be}'
        | '\u{2d7}'
        | '\u{2010}'..='\u{2015}'
        | '\u{2043}'
        | '\u{207b}'
        | '\u{208b}'
        | '\u{2212}'
        | '\u{fe63}'
        | '\u{ff0d}' => '-',
        '\u{b7}' | '\u{2022}' | '\u{2024}' | '\u{2027}' | '\u{22c5}' | '\u{3002}' | '\u{fe52}' | '\u{ff0e}' => '.',
        '\u{2044}' | '\u{2215}' | '\u{ff0f}' => '/',
        '\u{fe55}' | '\u{ff1a}' => ':',
        '\u{60c}' | '\u{3001}' | '\u{fe50}' | '\u{ff0c}' => ',',
        '\u{b4}' | '\u{2bc}' | '\u{2018}' | '\u{2019}' => '\'',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Catalogue;

    #[track_caller]
    fn check(keys: &str, verdicts: &[(&str, Verdict)]) {
        let mut catalogue = Catalogue::default();
        let detector = format!(
            "[[detector]]\nid = \"a.b\"\ntitle = \"t\"\ncategory = \"phone\"\n{keys}\nconfidence = {{ bare = 1.0 }}\n\
             references = [\"r\"]\nexamples = [\"e\"]\ncounterexamples = [\"c\"]\n"
        );
        catalogue.add("a/b.toml", &detector, None).unwrap();
        let check = ValueCheck::new(catalogue.get("a.b").unwrap()).unwrap();
        for (value, verdict) in verdicts {
            assert_eq!(check.verdict(value), *verdict, "{value:?} with {keys}");
        }
    }

    use Verdict::{Certain, Refuted, Silent};

    #[test]
    fn only_the_separators_are_taken_out() {
        let keys = "pattern = '[0-9]+'\ncheck = \"payment_card\"\nseparators = \" -\"";
        check(
            keys,
            &[
                ("4242424242424242", Certain),
                ("4242-4242 4242-4242", Certain),
                ("\t4242424242424242\r", Certain),
                ("4242\u{a0}4242\u{2011}42424242", Certain),
                ("４２４２424242424242", Certain),
                ("4242.4242.4242.4242", Refuted),
                ("424242424242424٢", Refuted),
                ("424242424242424２2", Refuted),
                ("42424242424242é42", Refuted),
                ("4242424242424241", Refuted),
                ("", Refuted),
            ],
        );
        check("pattern = '[0-9]+'\ncheck = \"luhn\"\nseparators = \"\"", &[("4242 4242 4242 4242", Refuted)]);
    }

    #[test]
    fn letters_that_look_alike_are_no_letters() {
        let keys = "pattern = '[0-9]+'\ncheck = \"iban\"";
        check(
            keys,
            &[
                ("de89370400440532013000", Certain),
                ("DЕ89370400440532013000", Refuted),
                ("ＤＥ89370400440532013000", Refuted),
            ],
        );
    }

    #[test]
    fn without_a_check_the_shape_proves_nothing() {
        check(
            "pattern = '[A-Z]{2} ?[0-9]{3}|[A-Z]{2}'",
            &[("AB 123", Silent), ("AB", Silent), ("AB 1234", Refuted), ("xAB 123", Refuted)],
        );
        check(
            "phrases = [\"neoplas*\", \"cod* rosso\"]",
            &[("Neoplasia", Silent), ("codice ROSSO", Silent), ("rosso", Refuted), ("", Refuted)],
        );
        check("phrases = [\"CGIL\"]\nexact_case = true", &[("CGIL", Silent), ("cgil", Refuted)]);
        check("pattern = 'badge (?<value>[0-9]{3})'", &[("123", Refuted)]);
    }

    #[test]
    fn what_is_no_code_keeps_its_signs() {
        let keys = "pattern = '[a-z.]+@[a-z]+\\.[a-z]{2,3}'\ncheck = \"email\"\nmask = \"email\"";
        check(keys, &[("anna.bruni@rossi.it", Certain), ("anna.bruni@@rossi.it", Refuted), ("anna bruni", Refuted)]);
    }
}
