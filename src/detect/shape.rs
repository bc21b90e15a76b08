//! Where the shape of a detector stands: candidates, shorter ones, and the passages to look in.

use std::ops::Range;

use regex::Regex;

use super::catalogue::Detector;

/// Sorts windows, joins those that overlap and moves their ends to the ends of words.
pub(super) fn merge(ranges: &mut Vec<Range<usize>>, content: &str) {
    ranges.sort_unstable_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges.drain(..) {
        let start = (0..=range.start.min(content.len())).rev().find(|at| content.is_char_boundary(*at)).unwrap_or(0);
        let mut end = range.end.min(content.len());
        while end < content.len()
            && (!content.is_char_boundary(end) || content.as_bytes().get(end).is_some_and(|b| !b.is_ascii_whitespace()))
            && end < range.end.saturating_add(256)
        {
            end += 1;
        }
        while !content.is_char_boundary(end) {
            end += 1;
        }
        match merged.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => merged.push(start..end),
        }
    }
    *ranges = merged;
}

/// Whether no match of the pattern can hold a line break, as far as its text tells.
pub(super) fn stays_in_line(detector: &Detector) -> bool {
    detector.spec.pattern.as_deref().is_some_and(|pattern| {
        !["\\s", "\\n", "\\r", "\\S", "\\W", "\\D", "[^", "(?s", "\\P", "\\x", "\\u", "[[:", "\n"]
            .iter()
            .any(|part| pattern.contains(part))
    })
}

/// A place where the shape of a detector stands.
pub(super) struct Candidate {
    pub(super) whole: Range<usize>,
    /// The group `value`, or all of it.
    pub(super) value: Range<usize>,
}

pub(super) fn candidate(regex: &Regex, haystack: &str, at: usize, whole: Range<usize>) -> Candidate {
    let value = (regex.captures_len() > 1)
        .then(|| regex.captures_at(haystack, at)?.name("value").map(|value| value.range()))
        .flatten()
        .unwrap_or_else(|| whole.clone());
    Candidate { whole, value }
}

/// The same shape up to the last space in it.
pub(super) fn cut(regex: &Regex, content: &str, whole: &Range<usize>) -> Option<Candidate> {
    let inside = content.get(whole.clone())?;
    let end = whole.start + inside.trim_end().rfind(char::is_whitespace)?;
    let haystack = content.get(..end)?;
    let found = regex.find_at(haystack, whole.start).filter(|found| found.start() == whole.start)?;
    Some(candidate(regex, haystack, whole.start, found.range()))
}

/// Where to look on after a candidate that was none: the real one may begin within it.
pub(super) fn next_token(content: &str, span: &Range<usize>) -> usize {
    let inside = content.get(span.clone()).unwrap_or_default();
    let mut chars = inside.char_indices().skip_while(|(at, c)| *at == 0 || c.is_alphanumeric());
    chars.next().map_or(span.end, |(at, c)| span.start + at + c.len_utf8()).min(span.end)
}
