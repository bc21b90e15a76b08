//! What the labels of one text say: each is read once, however many cells stand under it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::model::Text;

use super::context::Label;

/// The labels of a text, by text and by piece.
#[derive(Debug, Default)]
pub(super) struct TextLabels<'t> {
    all: Vec<Arc<Label>>,
    by_text: HashMap<&'t str, usize>,
    /// By piece of the text; nothing where there are no labels at all.
    of_piece: Vec<Option<usize>>,
}

/// A label as it was met last: the cells of a column share one in memory, and rows have the same order.
struct Lately<'t> {
    written: &'t Arc<str>,
    /// The label that came after it.
    next: usize,
}

impl<'t> TextLabels<'t> {
    pub(super) fn new(text: &'t Text, mut read: impl FnMut(&str) -> Arc<Label>) -> Self {
        let pieces = text.pieces();
        let mut labels = Self::default();
        if pieces.iter().all(|piece| piece.label.is_none()) {
            return labels;
        }
        let mut lately: Vec<Lately<'t>> = Vec::new();
        let mut last = 0;
        labels.of_piece.reserve(pieces.len());
        for piece in pieces {
            let Some(label) = &piece.label else {
                labels.of_piece.push(None);
                continue;
            };
            let is_it = |index: usize| lately.get(index).is_some_and(|known| Arc::ptr_eq(known.written, label));
            let expected = lately.get(last).map(|last| last.next).filter(|next| is_it(*next));
            let index = expected.unwrap_or_else(|| {
                *labels.by_text.entry(label).or_insert_with(|| {
                    labels.all.push(read(label));
                    labels.all.len() - 1
                })
            });
            if expected.is_none() {
                if let Some(last) = lately.get_mut(last) {
                    last.next = index;
                }
                match lately.get_mut(index) {
                    Some(known) => known.written = label,
                    None => lately.push(Lately { written: label, next: 0 }),
                }
            }
            last = index;
            labels.of_piece.push(Some(index));
        }
        labels
    }

    pub(super) fn of_piece(&self, piece: usize) -> Option<&Label> {
        self.all.get((*self.of_piece.get(piece)?)?).map(|label| &**label)
    }

    /// The label under which a byte of the text stands.
    pub(super) fn at(&self, text: &Text, offset: usize) -> Option<&Label> {
        if self.all.is_empty() {
            return None;
        }
        self.of_piece(text.pieces_until(offset).checked_sub(1)?)
    }

    /// The parts of the text whose labels say something, in order.
    pub(super) fn telling(&self, text: &Text) -> Vec<(Range<usize>, &Label)> {
        if self.all.iter().all(|label| label.supported().next().is_none()) {
            return Vec::new();
        }
        let pieces = text.pieces();
        let part = |i: usize| {
            let label = self.of_piece(i).filter(|label| label.supported().next().is_some())?;
            let end = pieces.get(i + 1).map_or(text.len(), |next| next.start);
            Some((pieces.get(i)?.start..end, label))
        };
        (0..pieces.len()).filter_map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Place, Shape};

    #[test]
    fn labels_are_read_once_and_told_apart_by_what_they_say() {
        let columns: Vec<Arc<str>> = (0..200).map(|i| Arc::from(format!("column {}", i % 150))).collect();
        let mut text = Text::new(Shape::Rows);
        for row in 0..3 {
            for column in &columns {
                text.push("x", Place::default(), row, Some(Arc::clone(column)));
            }
            text.push("none", Place::default(), row, None);
        }
        let mut read = Vec::new();
        let labels = TextLabels::new(&text, |label| {
            read.push(label.to_owned());
            Arc::default()
        });
        assert_eq!(read.len(), 150);
        for (i, piece) in text.pieces().iter().enumerate() {
            let expected = piece.label.as_deref().and_then(|label| read.iter().position(|known| known == label));
            assert_eq!(labels.of_piece.get(i).copied().flatten(), expected);
        }
        assert!(labels.at(&text, 0).is_some() && labels.at(&text, 200).is_none());
        assert!(labels.telling(&text).is_empty());
    }
}
