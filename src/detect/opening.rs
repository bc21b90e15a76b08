//! What stands behind the first word of a match: most words with which a match could begin end otherwise.
//!
//! As with all that is said of the start of a pattern: what is said to be impossible is impossible.

use regex_syntax::hir::{Hir, HirKind};
use serde::{Deserialize, Serialize};

use super::byte_set::ByteSet;
use super::start::{first_byte, for_each_range};

/// The bytes that can stand in a match directly behind its first word, and behind those. The word is the longest
/// run of [`is_word`] at the start of the match; it may be empty.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct Opening {
    behind: ByteSet,
    behind_that: ByteSet,
}

/// Letters, digits, what joins them in names, and all beyond ASCII.
#[inline]
fn is_word(byte: u8) -> bool {
    const WORD: [bool; 256] = {
        let mut word = [false; 256];
        let mut byte = 0_u8;
        loop {
            word[byte as usize] = byte >= 0x80 || byte.is_ascii_alphanumeric() || matches!(byte, b'\'' | b'-');
            if byte == u8::MAX {
                break;
            }
            byte += 1;
        }
        word
    };
    WORD[usize::from(byte)]
}

/// The two bytes behind the word that begins at `at`; 0 beyond the end of the text.
#[inline]
pub(super) fn behind_word(bytes: &[u8], at: usize) -> [u8; 2] {
    let mut rest = bytes.get(at..).unwrap_or_default().iter().copied().skip_while(|byte| is_word(*byte));
    [rest.next().unwrap_or(0), rest.next().unwrap_or(0)]
}

impl Opening {
    /// None if it tells nothing: a match may be no more than a word.
    pub(super) fn of(pattern: &Hir) -> Option<Self> {
        let walk = Walk::start().walk(pattern);
        let Opening { behind, mut behind_that } = walk.found;
        if walk.within {
            return None;
        }
        if walk.behind {
            behind_that = ByteSet::ALL;
        }
        Some(Self { behind, behind_that })
    }

    /// The bytes that can stand directly behind the word, and behind those.
    pub(super) fn bytes(&self) -> [ByteSet; 2] {
        [self.behind, self.behind_that]
    }

    /// Whether a match may begin with a word that has these bytes behind it.
    #[inline]
    pub(super) fn fits(&self, [behind, behind_that]: [u8; 2]) -> bool {
        self.behind.contains(behind) && self.behind_that.contains(behind_that)
    }
}

/// Where the matches of a part of a pattern can stand with regard to the first word.
#[derive(Clone, PartialEq, Eq)]
struct Walk {
    /// In it, or before all.
    within: bool,
    /// One byte behind it.
    behind: bool,
    found: Opening,
}

impl Walk {
    fn start() -> Self {
        Self { within: true, ..Self::nothing() }
    }

    fn nothing() -> Self {
        let found = Opening { behind: ByteSet::default(), behind_that: ByteSet::default() };
        Self { within: false, behind: false, found }
    }

    /// One more character of these ranges.
    fn step(&self, ranges: &[(u32, u32)]) -> Self {
        let mut next = Self { found: self.found, ..Self::nothing() };
        for &(from, to) in ranges {
            let first = first_byte(from)..=first_byte(to);
            if self.behind {
                first.clone().for_each(|byte| next.found.behind_that.insert(byte));
            }
            if self.within {
                for byte in first {
                    if is_word(byte) {
                        next.within = true;
                    } else {
                        next.found.behind.insert(byte);
                        next.behind = true;
                    }
                }
            }
        }
        next
    }

    fn join(&mut self, other: &Self) {
        self.within |= other.within;
        self.behind |= other.behind;
        self.found.behind.add(&other.found.behind);
        self.found.behind_that.add(&other.found.behind_that);
    }

    fn walk(&self, hir: &Hir) -> Self {
        if !self.within && !self.behind {
            return self.clone();
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => self.clone(),
            HirKind::Literal(literal) => {
                let text = String::from_utf8_lossy(&literal.0);
                text.chars().fold(self.clone(), |walk, c| walk.step(&[(u32::from(c), u32::from(c))]))
            }
            HirKind::Class(class) => {
                let mut ranges = Vec::new();
                for_each_range(class, |from, to| ranges.push((from, to)));
                self.step(&ranges)
            }
            HirKind::Repetition(repetition) => {
                let mut walk = self.clone();
                for _ in 0..repetition.min {
                    let next = walk.walk(&repetition.sub);
                    if next == walk {
                        break;
                    }
                    walk = next;
                }
                let more = repetition.max.map_or(u32::MAX, |max| max.saturating_sub(repetition.min));
                for _ in 0..more {
                    let mut next = walk.walk(&repetition.sub);
                    next.join(&walk);
                    if next == walk {
                        break;
                    }
                    walk = next;
                }
                walk
            }
            HirKind::Capture(capture) => self.walk(&capture.sub),
            HirKind::Concat(parts) => parts.iter().fold(self.clone(), |walk, part| walk.walk(part)),
            HirKind::Alternation(parts) => {
                let mut all = Self { found: self.found, ..Self::nothing() };
                for part in parts {
                    all.join(&self.walk(part));
                }
                all
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(pattern: &str) -> Option<(String, String)> {
        let Opening { behind, behind_that } = Opening::of(&regex_syntax::parse(pattern).unwrap())?;
        let text = |set: ByteSet| String::from_utf8(set.iter().collect()).unwrap_or("beyond ASCII".into());
        Some((text(behind), text(behind_that)))
    }

    #[test]
    fn what_stands_behind_the_first_word() {
        let expect = |pattern: &str, behind: &str, behind_that: &str| {
            assert_eq!(opening(pattern), Some((behind.to_owned(), behind_that.to_owned())), "{pattern}");
        };
        expect("[A-Z][a-z]+,? [AB]", " ,", " AB");
        expect("(?:[A-Z][a-z]+ ?|x)\\* ?[0-9]", " *", " *0123456789");
        expect(
            "(?i)via (?:[a-z]{1,3} ){0,2}7",
            " ",
            &("7".to_owned() + &('A'..='Z').chain('a'..='z').collect::<String>()),
        );
        expect("[(]x", "(", "x");
        expect("a:", ":", "beyond ASCII");
        assert_eq!(opening("[a-z]+(?: [0-9])?"), None);
        assert_eq!(opening("[0-9]{3}é?"), None);
    }

    #[test]
    fn the_word_in_a_text() {
        assert_eq!(behind_word("Jean-Noël, x".as_bytes(), 0), *b", ");
        assert_eq!(behind_word(b"(x", 0), *b"(x");
        assert_eq!(behind_word(b"x", 0), [0, 0]);
    }
}
