//! Running text of a page as a browser would flow it: white space collapses, words stay whole.

use super::lines::KeptLine;

/// Running text: lines of a block or of a cell.
#[derive(Default)]
pub struct Flow {
    pub lines: Vec<KeptLine>,
    pub line: String,
    pub number: u64,
    pub bytes: usize,
    /// White space stands between what was and what comes.
    space: bool,
}

impl Flow {
    pub fn push(&mut self, text: &str, line: u64, preformatted: bool) {
        let mut number = line;
        for c in text.chars() {
            let white = c.is_whitespace() && c != '\u{a0}';
            if preformatted && c == '\n' {
                self.end_line();
            } else if preformatted && white {
                self.line.push(c);
            } else if white {
                self.space = true;
            } else {
                if self.line.is_empty() {
                    self.number = number;
                } else if self.space {
                    self.line.push(' ');
                }
                self.space = false;
                // A soft hyphen or a zero-width space must not split a word.
                if !matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}') {
                    self.line.push(if c == '\u{a0}' { ' ' } else { c });
                }
            }
            number += u64::from(c == '\n');
        }
    }

    pub fn end_line(&mut self) {
        self.space = false;
        let text = std::mem::take(&mut self.line);
        let was_blank = self.lines.last().is_none_or(|line| line.text.is_empty());
        // One blank line separates; more say nothing.
        if text.trim().is_empty() && was_blank {
            return;
        }
        self.bytes += text.len();
        self.lines.push(KeptLine { text, number: self.number, continues: false });
    }

    pub fn take(&mut self) -> Vec<KeptLine> {
        self.bytes = 0;
        std::mem::take(&mut self.lines)
    }
}
