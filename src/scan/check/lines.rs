//! The lines of a text: where a value stands in them, which of them are new, and what is allowed beside them.

use std::borrow::Cow;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

/// Bytes beyond which a file is no text that people edit: it is judged, but has no lines here.
pub(super) const LARGEST_TEXT: usize = 32 << 20;
/// How far a file is looked into for what no text holds.
const SNIFFED: usize = 64 << 10;
/// Lines of a file beyond which all count as new when it changed.
const MOST_LINES: usize = 2_000_000;

/// A file as lines of text.
pub(super) struct Lines<'a> {
    text: Cow<'a, str>,
    /// Where each line begins.
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// None if the bytes are no text.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        if bytes.len() > LARGEST_TEXT {
            return None;
        }
        let text = match encoding_rs::Encoding::for_bom(bytes) {
            Some((encoding, _)) => encoding.decode(bytes).0,
            None if memchr::memchr(0, bytes.get(..bytes.len().min(SNIFFED)).unwrap_or_default()).is_some() => {
                return None;
            }
            None => match std::str::from_utf8(bytes) {
                Ok(text) => Cow::Borrowed(text),
                Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0,
            },
        };
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
        Some(Self { text, starts })
    }

    pub(super) fn whole(&self) -> &str {
        &self.text
    }

    /// The line of this number, from one, without its end.
    pub(super) fn line(&self, number: u64) -> Option<&str> {
        let at = usize::try_from(number.checked_sub(1)?).ok()?;
        let start = *self.starts.get(at)?;
        let end = self.starts.get(at + 1).copied().unwrap_or(self.text.len());
        Some(self.text.get(start..end)?.trim_end_matches(['\n', '\r']))
    }

    /// The number of the line that holds the byte, and the byte's place in it.
    pub(super) fn locate(&self, at: usize) -> (u64, usize) {
        let line = self.starts.partition_point(|start| *start <= at);
        let start = line.checked_sub(1).and_then(|line| self.starts.get(line)).copied().unwrap_or(0);
        (line as u64, at - start)
    }
}

/// Characters from one, as editors count them: where a range of bytes begins, and the first behind it.
pub(super) fn columns(line: &str, range: &Range<usize>) -> (u64, u64) {
    let before = |end: usize| line.get(..end).map_or(0, |text| text.chars().count()) as u64 + 1;
    (before(range.start), before(range.end))
}

/// Which lines of a file are new.
pub(super) enum Added {
    /// The file is new, or no text.
    All,
    /// By number, from zero.
    Some(Vec<bool>),
}

impl Added {
    pub(super) fn between(old: &[u8], new: &[u8]) -> Self {
        let is_text = |bytes: &[u8]| Lines::new(bytes).is_some();
        let lines = memchr::memchr_iter(b'\n', new).count() + 1;
        if !is_text(old) || !is_text(new) || lines > MOST_LINES {
            return Self::All;
        }
        let input = InternedInput::new(old, new);
        let diff = Diff::compute(Algorithm::Histogram, &input);
        let added = (0..u32::try_from(input.after.len()).unwrap_or(u32::MAX)).map(|line| diff.is_added(line));
        Self::Some(added.collect())
    }

    /// What has no line is as new as its file.
    pub(super) fn holds(&self, line: Option<u64>) -> bool {
        match (self, line) {
            (Self::All, _) | (_, None) => true,
            (Self::Some(lines), Some(line)) => {
                usize::try_from(line).ok().and_then(|line| lines.get(line.checked_sub(1)?)).copied().unwrap_or(true)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_numbers_and_columns_count_characters() {
        let lines = Lines::new("eins\r\nzwéi drei\nvier".as_bytes()).unwrap();
        assert_eq!(
            [lines.line(1), lines.line(2), lines.line(3), lines.line(4)],
            [Some("eins"), Some("zwéi drei"), Some("vier"), None]
        );
        let at = lines.whole().find("drei").unwrap();
        let (line, start) = lines.locate(at);
        assert_eq!(line, 2);
        assert_eq!(columns(lines.line(2).unwrap(), &(start..start + 4)), (6, 10));
        assert!(Lines::new(b"PK\x03\x04\0\0").is_none());
        assert_eq!(Lines::new(b"\xff\xfea\0b\0").unwrap().line(1), Some("ab"));
        assert_eq!(Lines::new(b"caf\xe9").unwrap().line(1), Some("café"));
    }

    #[test]
    fn only_what_was_added_is_new() {
        let added = Added::between(b"a\nb\nc\n", b"a\nx\nb\nc\ny\n");
        let new: Vec<bool> = (1..=5).map(|line| added.holds(Some(line))).collect();
        assert_eq!(new, [false, true, false, false, true]);
        assert!(added.holds(None), "what has no line is as new as its file");
        assert!(Added::between(b"a\0", b"b").holds(Some(1)));
        // A line that moved is one that went away and one that came.
        assert!(Added::between(b"", b"a\n").holds(Some(1)));
    }
}
