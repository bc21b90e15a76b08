//! Shorter ways to read a value that ran into the words after it.

use std::ops::Range;

use super::pattern::{Candidate, Pattern};

/// The same shape up to the last space in it.
pub(super) fn cut(pattern: &Pattern, content: &str, whole: &Range<usize>) -> Option<Candidate> {
    let inside = content.get(whole.clone())?;
    let end = whole.start + inside.trim_end().rfind(char::is_whitespace)?;
    pattern.at(content.get(..end)?, whole.start)
}
