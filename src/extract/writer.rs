//! Assembles the text of one item in bounded runs and pushes them: paragraphs, table rows, labelled fields.

use std::sync::Arc;

use crate::model::{Place, Shape, Text};
use crate::open::reader::{ReadError, Sink, TEXT_CHUNK};

use super::lines::is_blank;

/// One per item: it counts the records of the item. Call [`TextWriter::finish`] at the end;
/// what is not flushed is lost.
pub struct TextWriter<'a> {
    sink: &'a mut dyn Sink,
    text: Text,
    record: u64,
}

impl<'a> TextWriter<'a> {
    pub fn new(sink: &'a mut dyn Sink) -> Self {
        Self { sink, text: Text::default(), record: 0 }
    }

    /// One record of prose: a paragraph, or what stands for one.
    pub fn paragraph(&mut self, place: Place, text: &str) -> Result<(), ReadError> {
        if is_blank(text) {
            return Ok(());
        }
        self.shape(Shape::Prose)?;
        self.push_bounded(text, place, None)?;
        self.text.push_more("\n");
        self.end_record()
    }

    /// One record of prose whose lines stand in places of their own.
    pub fn passage<'c>(&mut self, lines: impl IntoIterator<Item = (Place, &'c str)>) -> Result<(), ReadError> {
        self.shape(Shape::Prose)?;
        for (place, line) in lines {
            self.push_bounded(line, place, None)?;
            self.text.push_more("\n");
        }
        self.end_record()
    }

    /// One table row: cells with their places and column headers, separated by tabs.
    pub fn row<'c>(
        &mut self,
        cells: impl IntoIterator<Item = (Place, Option<Arc<str>>, &'c str)>,
    ) -> Result<(), ReadError> {
        self.shape(Shape::Rows)?;
        let mut empty = true;
        for (place, header, text) in cells {
            if !empty {
                self.text.push_more("\t");
            }
            empty = false;
            self.push_bounded(text, place, header)?;
        }
        if empty {
            return Ok(());
        }
        self.text.push_more("\n");
        self.end_record()
    }

    /// A run of characters out of data of an unknown format: a record that belongs to no other.
    pub fn fragment(&mut self, place: Place, text: &str) -> Result<(), ReadError> {
        self.shape(Shape::Rows)?;
        self.text.mark_fragments();
        self.push_bounded(text, place, None)?;
        self.text.push_more("\n");
        self.end_record()
    }

    /// A labelled value of the current record, as `label: value`. End the record
    /// (a JSON object, an XML element, a form) with [`TextWriter::end_record`].
    pub fn field(&mut self, place: Place, label: &Arc<str>, value: &str) -> Result<(), ReadError> {
        self.shape(Shape::Rows)?;
        self.text.push(label, place.clone(), self.record, None);
        self.text.push_more(": ");
        self.push_bounded(value, place, Some(Arc::clone(label)))?;
        self.text.push_more("\n");
        Ok(())
    }

    pub fn end_record(&mut self) -> Result<(), ReadError> {
        self.record += 1;
        if self.text.len() >= TEXT_CHUNK { self.flush() } else { Ok(()) }
    }

    pub fn flush(&mut self) -> Result<(), ReadError> {
        if self.text.is_empty() {
            return Ok(());
        }
        // What comes next is like what came before.
        let next = Text::with_room_of(self.text.shape(), &self.text);
        self.sink.text(std::mem::replace(&mut self.text, next))
    }

    pub fn finish(self) -> Result<(), ReadError> {
        if self.text.is_empty() { Ok(()) } else { self.sink.text(self.text) }
    }

    /// The sink, for members, gaps and protection; text so far is pushed first.
    pub fn sink(&mut self) -> Result<&mut dyn Sink, ReadError> {
        self.flush()?;
        Ok(self.sink)
    }

    fn shape(&mut self, shape: Shape) -> Result<(), ReadError> {
        if self.text.shape() != shape {
            self.flush()?;
            self.text = Text::new(shape);
        }
        Ok(())
    }

    /// Pushes one piece; a record longer than a chunk is cut at white space, so that a
    /// two-gigabyte line needs no two gigabytes.
    fn push_bounded(&mut self, text: &str, mut place: Place, label: Option<Arc<str>>) -> Result<(), ReadError> {
        let mut rest = text;
        while rest.len() > 2 * TEXT_CHUNK {
            let cut = cut_point(rest, TEXT_CHUNK);
            let (head, tail) = rest.split_at(cut);
            self.text.push(head, place.clone(), self.record, label.clone());
            self.flush()?;
            if let Some(line) = place.line.as_mut() {
                *line += memchr::memchr_iter(b'\n', head.as_bytes()).count() as u64;
            }
            rest = tail;
        }
        self.text.push(rest, place, self.record, label);
        Ok(())
    }
}

/// A char boundary at or after `from` that follows a line break, else white space, else anything.
pub fn cut_point(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let window = bytes.get(from..(from + 4096).min(bytes.len())).unwrap_or_default();
    let after = |is: fn(&u8) -> bool| window.iter().position(is).map(|i| from + i + 1);
    let mut cut = after(|b| *b == b'\n').or_else(|| after(u8::is_ascii_whitespace)).unwrap_or(from);
    while cut < text.len() && !text.is_char_boundary(cut) {
        cut += 1;
    }
    cut
}
