//! The language of patterns: regular expressions in which letters are those of Europe.

use std::borrow::Cow;

use regex_syntax::hir::Hir;

/// Classes of letters, and what they stand for in a pattern: the letters of the Latin, Greek and
/// Cyrillic scripts (Unicode blocks up to U+052F, and U+1E00 to U+1FFF). Those of all scripts would take a hundred
/// times as many states.
const LETTERS: [(&str, &str); 3] = [
    (r"\p{L}", r"[\p{L}&&[\x00-\u{24F}\u{370}-\u{52F}\u{1E00}-\u{1FFF}]]"),
    (r"\p{Lu}", r"[\p{Lu}&&[\x00-\u{24F}\u{370}-\u{52F}\u{1E00}-\u{1FFF}]]"),
    (r"\p{Ll}", r"[\p{Ll}&&[\x00-\u{24F}\u{370}-\u{52F}\u{1E00}-\u{1FFF}]]"),
];

/// The regular expression that a pattern stands for.
pub(crate) fn expression(pattern: &str) -> Cow<'_, str> {
    let mut expression = Cow::Borrowed(pattern);
    for (class, letters) in LETTERS {
        if expression.contains(class) {
            // What replaces it holds the class itself, so one pass over each.
            expression = Cow::Owned(expression.replace(class, letters));
        }
    }
    expression
}

/// A pattern read.
pub(crate) fn parse(pattern: &str) -> Result<Hir, String> {
    regex_syntax::parse(&expression(pattern)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use regex_automata::meta::Regex;

    use super::*;

    #[test]
    fn letters_are_those_of_europe() {
        let is_letters =
            |text: &str| Regex::new(&format!("^(?:{})$", expression(r"\p{Lu}[\p{L}'-]+"))).unwrap().is_match(text);
        for name in ["Żółć", "D'Angelo", "Škoda-Šik", "Αθήνα", "България", "Çelik", "Ђорђе", "Őze"]
        {
            assert!(is_letters(name), "{name}");
        }
        for other in ["אבג", "日本", "anna", "A1", "Ա"] {
            assert!(!is_letters(other), "{other}");
        }
    }

    #[test]
    fn what_names_no_letters_stays_as_it_is() {
        assert!(matches!(expression(r"(?-u:\b)[0-9]{3}"), Cow::Borrowed(_)));
    }
}
