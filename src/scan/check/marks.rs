//! Marks in a text that accept the finding beside them: `plainsight:allow DETECTOR reason`.

use super::lines::Lines;

const MARK: &str = "plainsight:allow";
/// Marks of one file that are read.
const MOST: usize = 10_000;
/// What closes the comment that a mark stands in.
const CLOSERS: &[&str] = &["-->", "*/", "#}", "%>", "--%>", "*)", "-}", "\"", "'"];

/// One mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) line: u64,
    /// The mark stands alone on its line, and speaks of the next one.
    is_above: bool,
    /// A detector, `credential.*`, or `*`.
    detector: String,
    /// Without one the mark accepts nothing.
    pub(super) reason: String,
}

impl Mark {
    pub(super) fn accepts(&self, line: u64, detector: &str) -> bool {
        let is_here = self.line == line || self.is_above && self.line + 1 == line;
        is_here && !self.reason.is_empty() && fits(&self.detector, detector)
    }
}

/// Whether a pattern is the id, or its beginning with a star behind it.
pub(super) fn fits(pattern: &str, id: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => id.starts_with(beginning),
        None => pattern == id,
    }
}

pub(super) fn read(lines: &Lines<'_>) -> Vec<Mark> {
    let mut marks = Vec::new();
    let text = lines.whole();
    for at in memchr::memmem::find_iter(text.as_bytes(), MARK).take(MOST) {
        let (line, start) = lines.locate(at);
        let Some(whole) = lines.line(line) else { continue };
        let (before, mark) = whole.split_at_checked(start).unwrap_or_default();
        let mut said = mark.get(MARK.len()..).unwrap_or_default().trim();
        while let Some(closer) = CLOSERS.iter().find(|closer| said.ends_with(**closer)) {
            said = said.get(..said.len() - closer.len()).unwrap_or_default().trim_end();
        }
        let (detector, reason) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
        marks.push(Mark {
            line,
            is_above: !before.chars().any(char::is_alphanumeric),
            detector: detector.to_owned(),
            reason: reason.trim().chars().take(200).collect(),
        });
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(text: &str) -> Vec<Mark> {
        read(&Lines::new(text.as_bytes()).unwrap())
    }

    #[test]
    fn a_mark_speaks_of_its_line_or_of_the_next() {
        let beside = &marks("a\nx = 'v' # plainsight:allow credential.password used by the tests only")[0];
        assert!(beside.accepts(2, "credential.password"));
        assert!(!beside.accepts(3, "credential.password"));
        assert!(!beside.accepts(2, "credential.private_key"));
        assert_eq!(beside.reason, "used by the tests only");
        let above = &marks("<!-- plainsight:allow it.* an invented person -->\nRSSMRA80A01H501U")[0];
        assert!(above.accepts(2, "it.codice_fiscale") && above.accepts(1, "it.codice_fiscale"));
        assert_eq!(above.reason, "an invented person");
    }

    #[test]
    fn a_mark_without_a_reason_accepts_nothing() {
        for text in ["# plainsight:allow", "# plainsight:allow *", "/* plainsight:allow * */"] {
            let mark = &marks(text)[0];
            assert!(!mark.accepts(1, "it.codice_fiscale"), "{text}");
        }
    }
}
