//! Lists of words, and patterns, that tell how a text speaks.

use aho_corasick::AhoCorasick;
use regex::Regex;

use crate::detect::expression;
use crate::detect::fold::fold;

/// A pattern in the language of the detectors: letters are those of Europe. With those of all scripts it would take
/// ten times as long to compile, and who scans one small file waits for it.
pub(super) fn pattern(source: &str) -> Option<Regex> {
    Regex::new(&expression(source)).ok()
}

/// Words to look for in a text; the case of ASCII letters does not matter.
pub(super) struct WordList {
    automaton: AhoCorasick,
    /// Of each word, whether it must begin where no letter stands before it.
    begins: Vec<bool>,
}

impl WordList {
    /// One word or phrase a line, a `#` before what is none. `·` before a word says that it begins there, and not
    /// within another word; behind it, it is a space.
    pub(super) fn new(list: &str) -> Option<Self> {
        Self::of(list, |word| word.replace('·', " "))
    }

    /// The same, to look in [`heading`]s: names of files are written without accents as often as with them.
    pub(super) fn of_headings(list: &str) -> Option<Self> {
        Self::of(list, |word| {
            let end = if word.ends_with('·') { " " } else { "" };
            fold(&word.replace('·', " ")) + end
        })
    }

    fn of(list: &str, written: impl Fn(&str) -> String) -> Option<Self> {
        let lines = || list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let begins = lines().map(|line| line.starts_with('·')).collect();
        let words = lines().map(|line| written(line.trim_start_matches('·')));
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()?;
        Some(Self { automaton, begins })
    }

    /// Whether the text holds one of the words.
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.automaton.find_overlapping_iter(text).any(|found| {
            let begins = self.begins.get(found.pattern().as_usize()) == Some(&true);
            !begins
                || !text.get(..found.start()).unwrap_or_default().chars().next_back().is_some_and(char::is_alphabetic)
        })
    }
}

/// A heading or the name of a file as words of headings are looked for in it: folded, with a space behind it.
pub(super) fn heading(text: &str) -> String {
    fold(text) + " "
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_may_have_to_begin() {
        let list = WordList::new("# nothing\n·league\nstudie\n·minister·\n").unwrap();
        for text in ["the league", "League", "(league)", "Fallstudie", "Minister says"] {
            assert!(list.is_match(text), "{text}");
        }
        for text in ["a colleague", "to administer drugs", "ministers", "# nothing"] {
            assert!(!list.is_match(text), "{text}");
        }
    }
}
