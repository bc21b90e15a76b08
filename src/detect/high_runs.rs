//! Words with letters beyond ASCII.

use super::fold::{FoldedChars, fold, is_removed};
use super::initials::{is_latin, latin_letter};
use super::tokens::Run;
use super::words::{Found, Number, Words};

/// Longer runs are not looked at in the fast ways.
const LONGEST: usize = 40;

/// The letters of a run that is one word of ASCII and of the letters U+00C0 to U+017F, folded, and how many there are.
fn latin_word(run: &[u8]) -> Option<([u8; 2 * LONGEST], usize)> {
    let mut word = [0; 2 * LONGEST];
    let (mut length, mut at) = (0, 0);
    if run.len() > LONGEST {
        return None;
    }
    while let Some(&byte) = run.get(at) {
        let [one, two] = match byte {
            b'0'..=b'9' => return None,
            0..=0x7f => [byte | 0x20, 0],
            _ => latin_letter(byte, run.get(at + 1).copied().unwrap_or(0))?,
        };
        at += if byte < 0x80 { 1 } else { 2 };
        *word.get_mut(length)? = one;
        *word.get_mut(length + 1)? = two;
        length += if two == 0 { 1 } else { 2 };
    }
    Some((word, length))
}

impl Words {
    /// A run with bytes beyond ASCII: words, and signs between them.
    pub(super) fn high_run(&self, content: &str, run: Run, found: &mut Found) {
        let bytes = content.as_bytes().get(run.start..run.end).unwrap_or_default();
        if let Some((word, length)) = latin_word(bytes) {
            self.look_up(content, &word, length, run.start..run.end, found);
        } else if !self.latin_run(content, run, found) {
            self.other_run(content, run, found);
        }
    }

    /// A run of ASCII and of the letters U+00C0 to U+017F, with typographic quotes and dashes
    /// between words. Says whether this one is.
    fn latin_run(&self, content: &str, run: Run, found: &mut Found) -> bool {
        let Some(bytes) = content.as_bytes().get(run.start..run.end) else { return false };
        // First whether all of it is: afterwards nothing may be undone.
        if bytes.len() > LONGEST || bytes.iter().any(u8::is_ascii_digit) || !is_latin(bytes) {
            return false;
        }
        let mut word = [0_u8; 2 * LONGEST];
        let (mut length, mut start, mut at) = (0, 0, 0);
        while let Some(&byte) = bytes.get(at) {
            let [one, two] = if byte < 0x80 {
                [byte.to_ascii_lowercase(), 0]
            } else {
                let second = bytes.get(at + 1).copied().unwrap_or(0);
                latin_letter(byte, second).unwrap_or([0, 0])
            };
            if one == 0 {
                if length > 0 {
                    let span = run.start + start..run.start + at;
                    self.look_up(content, &word, length, span, found);
                }
                length = 0;
            } else {
                if length == 0 {
                    start = at;
                }
                for letter in [one, two] {
                    if let (true, Some(to)) = (letter != 0, word.get_mut(length)) {
                        *to = letter;
                        length += 1;
                    }
                }
            }
            at += match byte {
                0..=0x7f => 1,
                0xe2 => 3,
                _ => 2,
            };
        }
        if length > 0 {
            let span = run.start + start..run.end;
            self.look_up(content, &word, length, span, found);
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
