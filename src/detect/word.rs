//! A phrase or context word, and where it stands: folded, with stems and punctuation.

use std::borrow::Cow;
use std::ops::Range;

use super::fold::{FoldedChars, fold};
use super::initials::{ANY, Two, latin_letter, two};

/// What a word is to a detector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    #[default]
    Phrase,
    Context,
    ContextAfter,
    Veto,
}

/// A word at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// Bytes of the text.
    pub(super) span: Range<usize>,
    pub(super) word: usize,
}

/// What a look at plain text says of a word.
enum Plainly {
    Until(usize),
    No,
    Unknown,
}

/// One way of writing something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Folded, without the star of a stem.
    pub(super) text: Cow<'static, str>,
    /// Bytes of `text` before its first letter or digit.
    pub(super) lead: usize,
    /// Ends of words within `text` at which a word may go on, its own end too.
    pub(super) stems: Vec<usize>,
    /// Letters and digits as they must be written.
    pub(super) exact: Option<Cow<'static, str>>,
}

impl Word {
    /// With `exact`, it must stand as it is written.
    pub(super) fn new(phrase: &str, exact: bool) -> Self {
        let (text, stems) = plain(phrase).unwrap_or_else(|| {
            // A star is no letter: folding keeps it.
            let mut text = fold(phrase);
            let mut stems = Vec::new();
            while let Some(star) = text.find('*') {
                text.remove(star);
                stems.push(star);
            }
            (text, stems)
        });
        let lead = text.find(char::is_alphanumeric).unwrap_or(text.len());
        Self { text: text.into(), lead, stems, exact: exact.then(|| letters(phrase).into()) }
    }

    /// The first run of letters and digits, and whether it may go on.
    pub(super) fn head(&self) -> (&str, bool) {
        let body = self.text.get(self.lead..).unwrap_or_default();
        let end = body.find(|c: char| !c.is_alphanumeric()).unwrap_or(body.len());
        (body.get(..end).unwrap_or_default(), self.stems.contains(&(self.lead + end)))
    }

    /// The two letters or digits with which the word after the head begins.
    pub(super) fn next_two(&self) -> Two {
        let (head, _) = self.head();
        let from = self.lead + head.len();
        let rest = self.text.get(from..).unwrap_or_default();
        let Some(at) = rest.find(char::is_alphanumeric) else { return ANY };
        let mut next = rest.get(at..).unwrap_or_default().chars();
        let mut letter = || next.next().filter(|c| c.is_alphanumeric()).map_or(Some(0), |c| u8::try_from(c).ok());
        // After one letter of a stem, or of initials, any may follow.
        let is_stem = self.stems.contains(&(from + at + 1));
        match (letter(), letter()) {
            (Some(first), Some(second)) if first.is_ascii() && second.is_ascii() && !is_stem => two(first, second),
            _ => ANY,
        }
    }

    /// Where the word is in `content`, if its first letter or digit is the one at `start`.
    pub(super) fn at(&self, content: &str, start: usize) -> Option<Range<usize>> {
        match self.plainly_at(content.as_bytes(), start) {
            Plainly::Until(end) => return Some(start..end),
            Plainly::No => return None,
            Plainly::Unknown => {}
        }
        let begin = self.lead_before(content, start)?;
        let mut chars = FoldedChars::new(content, start);
        let mut done = self.lead;
        let mut next = chars.next();
        for expected in self.text.get(self.lead..)?.chars() {
            if self.stems.contains(&done) {
                while next.is_some_and(|(_, c)| c.is_alphanumeric()) {
                    next = chars.next();
                }
            }
            if next.map(|(_, c)| c) != Some(expected) {
                return None;
            }
            next = chars.next();
            done += expected.len_utf8();
        }
        if self.stems.contains(&done) {
            while next.is_some_and(|(_, c)| c.is_alphanumeric()) {
                next = chars.next();
            }
        } else if next.is_some_and(|(_, c)| c.is_alphanumeric()) {
            return None;
        }
        let span = begin..next.map_or(content.len(), |(at, _)| at);
        self.is_as_written(content.get(span.clone())?).then_some(span)
    }

    /// Whether the word stands in plain ASCII text, which is most: a look at few bytes.
    fn plainly_at(&self, content: &[u8], start: usize) -> Plainly {
        let text = self.text.as_bytes().get(self.lead..).unwrap_or_default();
        // Up to the place where a word may go on.
        let plain = self.stems.first().map_or(text.len(), |stem| stem.saturating_sub(self.lead));
        let here = content.get(start..).unwrap_or_default();
        let expected = text.get(..plain).unwrap_or(text);
        // What is not even alike is no word more often than not.
        let alike = expected
            .iter()
            .zip(here)
            .take_while(|(expected, byte)| **byte >= b' ' && **expected == (**byte | 0x20))
            .count();
        if let (Some(expected), Some(byte)) = (expected.get(alike), here.get(alike))
            && expected.is_ascii_alphanumeric()
            && byte.is_ascii_alphanumeric()
        {
            return Plainly::No;
        }
        for (i, expected) in expected.iter().enumerate() {
            let byte = here.get(i).copied().unwrap_or(b'\n');
            match (expected.is_ascii_alphanumeric(), byte.is_ascii_alphanumeric()) {
                (true, true) if byte.to_ascii_lowercase() == *expected => {}
                (true, true) => return Plainly::No,
                (false, false) if *expected == b' ' && byte == b' ' => {}
                // Other ways to write what parts words, letters beyond ASCII.
                _ => return Plainly::Unknown,
            }
        }
        match here.get(plain) {
            _ if !self.stems.is_empty() || self.lead > 0 || self.exact.is_some() => Plainly::Unknown,
            Some(byte) if byte.is_ascii_alphanumeric() => Plainly::No,
            // Not what may join initials, or be no end at all.
            Some(byte) if byte.is_ascii() && *byte != b'.' => Plainly::Until(start + plain),
            _ => Plainly::Unknown,
        }
    }

    /// Where the punctuation before the first letter begins.
    pub(super) fn lead_before(&self, content: &str, start: usize) -> Option<usize> {
        let mut at = start;
        let mut chars = content.get(..start)?.chars().rev().peekable();
        for expected in self.text.get(..self.lead)?.chars().rev() {
            let c = chars.next()?;
            at -= c.len_utf8();
            if expected == ' ' {
                if c != ' ' {
                    return None;
                }
                while chars.next_if_eq(&' ').is_some() {
                    at -= 1;
                }
            } else if c != expected {
                return None;
            }
        }
        (self.lead == 0 || !chars.next().is_some_and(char::is_alphanumeric)).then_some(at)
    }

    pub(super) fn is_as_written(&self, original: &str) -> bool {
        match &self.exact {
            None => true,
            Some(exact) if self.stems.last() == Some(&self.text.len()) => letters(original).starts_with(&**exact),
            Some(exact) => letters(original) == *exact,
        }
    }
}

/// What folding leaves of most phrases, and where their stems end: ASCII with single spaces, which only
/// loses its case, and letters that only lose their diacritics. None of others.
fn plain(phrase: &str) -> Option<(String, Vec<usize>)> {
    // Nearly all are small letters and single spaces, and who scans one small file waits for all of them.
    let (body, stem) = phrase.strip_suffix('*').map_or((phrase, None), |body| (body, Some(body.len())));
    if is_plainest(body) {
        return Some((body.to_owned(), stem.into_iter().collect()));
    }
    let mut text = String::with_capacity(phrase.len());
    let mut stems = Vec::new();
    let mut before = b' ';
    let mut bytes = phrase.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'*' => stems.push(text.len()),
            b' ' if before == b' ' => return None,
            b'-' | b'.' | b'_' => return None,
            b' '..=b'~' => text.push(char::from(byte.to_ascii_lowercase())),
            _ => {
                let letters = latin_letter(byte, bytes.next()?)?;
                text.extend(letters.into_iter().filter(|letter| *letter != 0).map(char::from));
            }
        }
        before = byte;
    }
    (before != b' ').then_some((text, stems))
}

fn is_plainest(phrase: &str) -> bool {
    let mut before = b' ';
    for &byte in phrase.as_bytes() {
        if !(byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b' ' && before != b' ') {
            return false;
        }
        before = byte;
    }
    before != b' '
}

pub(super) fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_way_to_fold_is_the_long_one() {
        let stems_of = |phrase: &str| {
            let folded = fold(phrase);
            let (mut text, mut stems) = (String::new(), Vec::new());
            for c in folded.chars() {
                if c == '*' { stems.push(text.len()) } else { text.push(c) }
            }
            (text, stems)
        };
        let phrases = [
            "Codice fiscale",
            "malat*",
            "m 2 malat*",
            "malat* cronic*",
            "(tess.",
            "Università",
            "größ* Straße",
            "Œuvre Łódź",
            "ŉ ñ",
            "член",
            "c.f.",
            "N° 7",
            " a",
            "a  b",
            "a *",
            "*",
            "",
            "a ",
        ];
        for phrase in phrases {
            let word = Word::new(phrase, false);
            assert_eq!((word.text.into_owned(), word.stems), stems_of(phrase), "{phrase:?}");
        }
        assert!(plain("Codice fiscale").is_some() && plain("c.f.").is_none());
    }
}
