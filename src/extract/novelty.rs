//! Lets the second of two alternative texts through only where it says something that the first did not.

use std::cell::RefCell;
use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use crate::model::{Protection, Reason, Text};
use crate::open::reader::{Member, ReadError, ReadItem, Sink};

/// Words that are remembered; a longer text counts as different.
const MAX_WORDS: usize = 200_000;

/// What happens to the texts that pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Pass,
    /// Remember the words.
    Remember,
    /// Drop records all of whose words are known.
    Compare,
}

/// Shared between a sink and who switches it.
#[derive(Debug, Default)]
pub struct Seen {
    mode: Mode,
    words: HashSet<u64>,
}

impl Seen {
    /// Text written so far must have been flushed.
    pub fn enter(&mut self, mode: Mode) {
        if mode == Mode::Remember && self.mode != Mode::Remember {
            self.words.clear();
        }
        self.mode = mode;
    }
}

/// A sink before another one.
pub struct Novelty<'a> {
    pub sink: &'a mut dyn Sink,
    pub seen: &'a RefCell<Seen>,
}

fn words(text: &str) -> impl Iterator<Item = u64> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(|word| {
        let mut hasher = DefaultHasher::new();
        word.hash(&mut hasher);
        hasher.finish()
    })
}

impl Sink for Novelty<'_> {
    fn text(&mut self, text: Text) -> Result<(), ReadError> {
        let mut seen = self.seen.borrow_mut();
        match seen.mode {
            Mode::Pass => {}
            Mode::Remember => {
                if seen.words.len() < MAX_WORDS {
                    seen.words.extend(words(text.content()));
                }
            }
            Mode::Compare => {
                let mut new = Text::new(text.shape());
                for record in text.pieces().chunk_by(|a, b| a.record == b.record) {
                    let contents = || record.iter().map(|piece| text.piece_content(piece.start));
                    if contents().flat_map(words).all(|word| seen.words.contains(&word)) {
                        continue;
                    }
                    for (piece, content) in record.iter().zip(contents()) {
                        new.push(content, piece.place.clone(), piece.record, piece.label.clone());
                    }
                }
                drop(seen);
                return if new.is_empty() { Ok(()) } else { self.sink.text(new) };
            }
        }
        drop(seen);
        self.sink.text(text)
    }

    fn member(&mut self, member: Member, content: &mut dyn std::io::Read) -> Result<(), ReadError> {
        self.sink.member(member, content)
    }

    fn item(&mut self, member: Member, media_type: &'static str, read: &mut ReadItem<'_>) -> Result<(), ReadError> {
        self.sink.item(member, media_type, read)
    }

    fn member_unread(&mut self, member: Member, reason: Reason, detail: &str) {
        self.sink.member_unread(member, reason, detail);
    }

    fn protection(&mut self, protection: Protection) {
        self.sink.protection(protection);
    }

    fn refine(&mut self, media_type: &'static str) {
        self.sink.refine(media_type);
    }

    fn gap(&mut self, reason: Reason, detail: &str) {
        self.sink.gap(reason, detail);
    }
}
