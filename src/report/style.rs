//! Colours and widths of what is printed on a terminal.

use super::layout::wrap;
use crate::model::Severity;

/// A line of text longer than this is hard to read, however wide the terminal.
const TEXT_WIDTH: usize = 100;
/// The width of a column of figures, so that all tables line up.
pub(super) const FIGURE: usize = 9;

#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) colour: bool,
    /// In characters.
    pub(super) width: usize,
}

impl Style {
    /// Below a reason, as wide as text may be.
    pub(super) fn indented(self, text: &str) -> String {
        let indent = FIGURE + 4;
        format!("{:indent$}{}\n", "", wrap(text, self.text_width(), indent))
    }

    pub(super) fn paragraph(self, text: &str) -> String {
        format!("{}\n", wrap(text, self.text_width(), 0))
    }

    pub(super) fn text_width(self) -> usize {
        self.width.min(TEXT_WIDTH)
    }

    pub(super) fn heading(self, text: &str) -> String {
        self.emphasise(&format!("{text}\n"))
    }

    pub(super) fn severity(self, severity: Severity, width: usize) -> String {
        let word = format!("{:width$}", severity.key());
        match severity {
            Severity::Critical => self.paint(&word, "1;31"),
            Severity::High => self.paint(&word, "31"),
            Severity::Medium => self.paint(&word, "33"),
            Severity::Low => self.paint(&word, "36"),
            Severity::None => word,
        }
    }

    pub(super) fn emphasise(self, lines: &str) -> String {
        // Line by line: a pager ends a colour with the line.
        lines.lines().flat_map(|line| [self.paint(line, "1"), "\n".to_owned()]).collect()
    }

    pub(super) fn faint(self, line: &str) -> String {
        format!("{}\n", self.paint(line, "2"))
    }

    fn paint(self, text: &str, code: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub(super) fn columns(self, last: &str) -> String {
        self.faint(&format!("{:>FIGURE$}{:>FIGURE$}  {:8}  {last}", "files", "people", "worst"))
    }
}
