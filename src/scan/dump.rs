//! Printing as the inspection of items: the extracted text with its places, as the scanner saw it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Write;

use crate::judge::Judgement;
use crate::model::{Exposure, ItemPath, Name, Protection, Text};

use super::item::{Inspect, Inspection};

/// Writes the text of every item to `out`; with `places`, each piece on a line of its own
/// behind the place and the label it has.
pub struct Dump<W> {
    pub out: RefCell<W>,
    pub places: bool,
    /// The first error of `out`.
    pub failed: RefCell<Option<std::io::Error>>,
}

impl<W: Write> Inspect for Dump<W> {
    fn begin(&self, item: &ItemPath) -> Box<dyn Inspection + '_> {
        Box::new(Printing { dump: self, item: item.clone(), headed: false })
    }
}

struct Printing<'a, W> {
    dump: &'a Dump<W>,
    item: ItemPath,
    headed: bool,
}

impl<W: Write> Printing<'_, W> {
    fn print(&mut self, text: &Text) -> std::io::Result<()> {
        let mut out = self.dump.out.borrow_mut();
        if !self.dump.places {
            return out.write_all(text.content().as_bytes());
        }
        if !self.headed {
            self.headed = true;
            writeln!(out, "== {}", self.item)?;
        }
        for piece in text.pieces() {
            let content = text.piece_content(piece.start).trim_end();
            if content.is_empty() {
                continue;
            }
            write!(out, "[{}", piece.place)?;
            if let Some(label) = &piece.label {
                write!(out, " | {}", Name::from(&**label))?;
            }
            writeln!(out, "] {}", printable(content))?;
        }
        Ok(())
    }
}

/// Content with its control characters escaped: a document must not drive the terminal.
fn printable(content: &str) -> Cow<'_, str> {
    let drives = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if !content.contains(drives) {
        return content.into();
    }
    content.chars().map(|c| if drives(c) { c.escape_default().to_string() } else { c.to_string() }).collect()
}

impl<W: Write> Inspection for Printing<'_, W> {
    fn text(&mut self, text: Text) {
        if let Err(error) = self.print(&text) {
            self.dump.failed.borrow_mut().get_or_insert(error);
        }
    }

    fn name(&mut self, _item: &ItemPath) {}

    fn finish(self: Box<Self>, _protection: &Protection, _exposure: &Exposure) -> Judgement {
        Judgement::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_escapes_in_a_document_are_shown_not_obeyed() {
        assert_eq!(printable("a\u{1b}[2J\tb\nc"), "a\\u{1b}[2J\tb\nc");
        assert!(matches!(printable("plain"), Cow::Borrowed("plain")));
    }
}
