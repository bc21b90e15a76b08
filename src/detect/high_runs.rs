//! Words with letters beyond ASCII.

use super::fold::{FoldedChars, fold};
use super::letters::{TwoBytes, is_removed};
use super::tokens::Run;
use super::words::{Found, Number, Words};

/// Longer runs are not looked at in the fast ways.
const LONGEST: usize = 64;

/// What stands next in a run, as far as it is told without much ado.
enum Next {
    /// A letter, folded: up to four bytes of UTF-8, filled up with zeros.
    Letters([u8; 4]),
    /// What parts words.
    Sign,
}

/// Letters of ASCII, what stands from U+0080 to U+07FF, and typographic quotes, dashes and currencies,
/// with how many bytes it takes. None for digits, for what vanishes in folding, and for all else.
#[inline]
fn next_of(run: &[u8], at: usize) -> Option<(Next, usize)> {
    let byte = |i: usize| run.get(at + i).copied().unwrap_or(0);
    match byte(0) {
        b'0'..=b'9' => None,
        letter @ 0..=0x7f => Some((Next::Letters([letter | 0x20, 0, 0, 0]), 1)),
        // U+2010 to U+203F; those before are signs that words go on over. U+20A0 to U+20BF.
        0xe2 => match (byte(1), byte(2)) {
            (0x80, 0x90..=0xbf) | (0x82, 0xa0..=0xbf) => Some((Next::Sign, 3)),
            _ => None,
        },
        first => {
            let known = TwoBytes::get(first, byte(1))?;
            match known.letters {
                Some(letters) => Some((Next::Letters(letters), 2)),
                None => known.is_sign.then_some((Next::Sign, 2)),
            }
        }
    }
}

/// Letters one after the other.
struct Letters {
    bytes: [u8; 2 * LONGEST + 4],
    length: usize,
}

impl Letters {
    fn new() -> Self {
        Self { bytes: [0; 2 * LONGEST + 4], length: 0 }
    }

    #[inline]
    fn push(&mut self, letters: [u8; 4]) {
        if let Some(slot) = self.bytes.get_mut(self.length..self.length + 4) {
            slot.copy_from_slice(&letters);
            self.length += letters.iter().filter(|byte| **byte != 0).count();
        }
    }
}

impl Words {
    /// A run with bytes beyond ASCII: words, and signs between them.
    pub(super) fn high_run(&self, content: &str, run: Run, found: &mut Found) {
        if !self.plain_run(content, run, found) {
            self.other_run(content, run, found);
        }
    }

    /// A run of which all is known without much ado. Says whether this one is.
    fn plain_run(&self, content: &str, run: Run, found: &mut Found) -> bool {
        let bytes = content.as_bytes().get(run.start..run.end).unwrap_or_default();
        if bytes.len() > LONGEST {
            return false;
        }
        // First whether all of it is: afterwards nothing may be undone. Most are one word.
        let mut word = Letters::new();
        let (mut signs, mut at) = (0, 0);
        while at < bytes.len() {
            let Some((next, length)) = next_of(bytes, at) else { return false };
            match next {
                Next::Letters(letters) => word.push(letters),
                Next::Sign => signs += 1,
            }
            at += length;
        }
        if signs == 0 {
            self.look_up(content, &word.bytes, word.length, run.start..run.end, found);
            return true;
        }
        word.length = 0;
        let (mut start, mut at) = (0, 0);
        while let Some((next, length)) = (at < bytes.len()).then(|| next_of(bytes, at)).flatten() {
            match next {
                Next::Letters(letters) => {
                    if word.length == 0 {
                        start = at;
                    }
                    word.push(letters);
                }
                Next::Sign => {
                    if word.length > 0 {
                        self.look_up(content, &word.bytes, word.length, run.start + start..run.start + at, found);
                    }
                    word.length = 0;
                }
            }
            at += length;
        }
        if word.length > 0 {
            self.look_up(content, &word.bytes, word.length, run.start + start..run.end, found);
        }
        true
    }

    fn other_run(&self, content: &str, run: Run, found: &mut Found) {
        let bytes = content.as_bytes();
        if bytes.get(run.start..run.end).unwrap_or_default().iter().any(u8::is_ascii_digit) {
            let mut at = run.start;
            while at < run.end {
                let rest = bytes.get(at..run.end).unwrap_or_default();
                let length = rest.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len());
                let digits = rest.iter().take(length).filter(|b| b.is_ascii_digit()).count();
                if digits > 0 {
                    found.numbers.push(Number { start: at, length, digits });
                }
                at += length.max(1);
            }
        }
        let mut word = String::new();
        let mut start = run.start;
        for (at, c) in FoldedChars::new(content, run.start) {
            let inside = at < run.end && c.is_alphanumeric();
            if inside {
                if word.is_empty() {
                    start = at;
                }
                word.push(c);
            } else if !word.is_empty() {
                self.look_up(content, word.as_bytes(), word.len(), start..at.min(run.end), found);
                word.clear();
            }
            if at >= run.end {
                break;
            }
        }
        if !word.is_empty() {
            self.look_up(content, word.as_bytes(), word.len(), start..run.end, found);
        }
        let written = content.get(run.start..run.end).unwrap_or_default();
        if written.contains(is_removed) {
            self.starts_between_signs(written, run.start, found);
        }
    }

    /// A pattern, unlike a word, takes a soft hyphen for the end of what stands before it.
    fn starts_between_signs(&self, written: &str, offset: usize, found: &mut Found) {
        let mut others = Found::default();
        for word in written.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            let start = word.as_ptr() as usize - written.as_ptr() as usize;
            let folded = fold(word);
            self.look_up(word, folded.as_bytes(), folded.len(), 0..word.len(), &mut others);
            let starts = others.starts.drain(..);
            found.starts.extend(starts.map(|(name, at)| (name, offset + start + at)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Catalogue;

    #[test]
    fn the_short_way_finds_what_the_long_one_finds() {
        let words = Words::from(Catalogue::built_in().unwrap().lexicon().unwrap());
        // Phrases and names of several scripts, broken and joined by what stands between words.
        let parts = [
            "Größe",
            "maladie",
            "été",
            "болен",
            "профсъюз",
            "ΑΜΚΑ",
            "συνδικάτο",
            "związek",
            "członek",
            "șomer",
            "Łukasz",
            "José",
            "ÅSA",
            "sykmelding",
            "İ",
            "ß",
            "«",
            "»",
            "“",
            "”",
            "–",
            "…",
            "€",
            "\u{a0}",
            "\u{ad}",
            "°",
            "ª",
            "²",
            "ŉ",
            "中",
            "7",
            "a\u{301}",
            "ǆ",
            "ﬁ",
            "·",
            "’",
        ];
        let mut state = 7_u64;
        let mut roll = |n: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % n
        };
        let (mut plain, mut found) = (0, 0);
        for _ in 0..20_000 {
            let text: String = (0..=roll(4)).map(|_| parts[roll(parts.len())]).collect();
            let run = Run { start: 0, end: text.len() };
            let (mut short, mut long) = (Found::default(), Found::default());
            if words.plain_run(&text, run, &mut short) {
                words.other_run(&text, run, &mut long);
                assert_eq!((&short.hits, &short.first_names), (&long.hits, &long.first_names), "{text:?}");
                assert!(long.numbers.is_empty(), "{text:?}");
                plain += 1;
                found += short.hits.len() + short.first_names.len();
            }
        }
        assert!(plain > 5_000 && found > 1_000, "{plain} runs, {found} words");
    }
}
