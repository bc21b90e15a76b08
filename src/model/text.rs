//! Extracted text: its content, and for every offset the place, the record and the label it belongs to.

use std::sync::Arc;

use super::location::Place;

/// How the records of a text relate to each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// Paragraphs: a record's neighbours are its context.
    #[default]
    Prose,
    /// Table rows or objects of a list: every record stands for itself.
    Rows,
}

/// A piece of the content, up to the start of the next one.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Byte offset into the content.
    pub start: usize,
    pub place: Place,
    /// Row, object or paragraph; counts up within the item, over all its texts.
    pub record: u64,
    /// Column header, JSON key, XML element or form label of this piece.
    pub label: Option<Arc<str>>,
}

/// A bounded run of text from one item. Readers push as many as the item needs,
/// each ending at the end of a record.
#[derive(Clone, Debug, Default)]
pub struct Text {
    content: String,
    pieces: Vec<Piece>,
    /// Where each piece starts: close together, for they are searched for every match.
    starts: Vec<usize>,
    shape: Shape,
    /// Runs of characters out of data of an unknown format.
    fragments: bool,
}

impl Text {
    pub fn new(shape: Shape) -> Self {
        Self { shape, ..Self::default() }
    }

    /// An empty text of this shape with room for as much as another one holds.
    #[must_use]
    pub fn with_room_of(shape: Shape, other: &Self) -> Self {
        Self {
            content: String::with_capacity(other.content.len()),
            pieces: Vec::with_capacity(other.pieces.len()),
            starts: Vec::with_capacity(other.starts.len()),
            ..Self::new(shape)
        }
    }

    pub fn content(&self) -> &str {
        &self.content
    }

    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// What stands side by side need not belong together, nor be text at all.
    pub fn mark_fragments(&mut self) {
        self.fragments = true;
    }

    pub fn is_fragments(&self) -> bool {
        self.fragments
    }

    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    pub fn is_empty(&self) -> bool {
        self.content.is_empty()
    }

    pub fn len(&self) -> usize {
        self.content.len()
    }

    /// Appends a piece. Separators (a line break, a tab between cells) are the
    /// caller's, so that offsets and what a reader sees agree.
    pub fn push(&mut self, text: &str, place: Place, record: u64, label: Option<Arc<str>>) {
        self.starts.push(self.content.len());
        self.pieces.push(Piece { start: self.content.len(), place, record, label });
        self.content.push_str(text);
    }

    /// Appends to the piece last pushed.
    pub fn push_more(&mut self, text: &str) {
        self.content.push_str(text);
    }

    /// How many pieces start at `offset` or before: the number of the one after that which holds it.
    pub fn pieces_until(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The piece that holds the byte at `offset`; none in an empty text.
    pub fn piece_at(&self, offset: usize) -> Option<&Piece> {
        self.pieces.get(self.pieces_until(offset).checked_sub(1)?)
    }

    /// The content of the piece that holds `offset`, with its own start.
    pub fn piece_content(&self, offset: usize) -> &str {
        let after = self.pieces_until(offset);
        let start = after.checked_sub(1).and_then(|i| self.starts.get(i)).copied().unwrap_or(0);
        let end = self.starts.get(after).copied().unwrap_or(self.content.len());
        self.content.get(start..end).unwrap_or_default()
    }

    /// The place of a byte: that of its piece, moved on by the line breaks in between
    /// when the piece counts lines.
    pub fn place(&self, offset: usize) -> Place {
        let Some(piece) = self.piece_at(offset) else { return Place::default() };
        let mut place = piece.place.clone();
        if let Some(line) = place.line.as_mut() {
            let before = self.content.as_bytes().get(piece.start..offset).unwrap_or_default();
            *line += memchr::memchr_iter(b'\n', before).count() as u64;
        }
        place
    }

    pub fn record(&self, offset: usize) -> u64 {
        self.piece_at(offset).map_or(0, |piece| piece.record)
    }

    pub fn label(&self, offset: usize) -> Option<&str> {
        self.piece_at(offset)?.label.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_the_lines_of_its_piece() {
        let mut text = Text::new(Shape::Prose);
        text.push("one\ntwo\n", Place::line(1), 0, None);
        text.push("three\n", Place::line(3), 1, None);
        assert_eq!(text.place(0).line, Some(1));
        assert_eq!(text.place(5).line, Some(2));
        assert_eq!(text.place(8).line, Some(3));
        assert_eq!(text.record(8), 1);
        assert_eq!(text.piece_content(9), "three\n");
    }
}
