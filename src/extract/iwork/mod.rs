//! Reads the parts of Pages, Numbers and Keynote documents since 2013: their texts, comments and cells of text.
//!
//! The format is not published. What is known: blocks of Snappy without a checksum, in them messages in the way of
//! <https://protobuf.dev/programming-guides/encoding/>, each with a number that says what it is.

mod snappy;

use std::io::Read;

use crate::identify::Format;
use crate::model::{Place, Reason};
use crate::open::reader::{ReadError, Reader, Sink};
use crate::open::{Access, Budget, Input};

use super::writer::TextWriter;
use snappy::{unpack, varint};

/// Unpacked bytes of one part.
const LONGEST: usize = 128 << 20;
const LONGEST_BLOCK: usize = 1 << 20;
/// Messages within messages.
const DEEPEST: usize = 24;

pub struct IWork;

impl Reader for IWork {
    fn name(&self) -> &'static str {
        "iwork"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::IWork]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let (content, whole) = unpacked(input, budget)?;
        let mut writer = TextWriter::new(sink);
        let mut part = Part { writer: &mut writer, budget, cells: false };
        let end = part.read(&content);
        let cells = part.cells;
        writer.finish()?;
        if !whole {
            sink.gap(Reason::Malformed, "the end of the part");
        }
        if cells {
            sink.gap(Reason::UnsupportedFeature, "numbers and dates in the cells of a table");
        }
        end
    }
}

/// The blocks of a part, as far as they go.
fn unpacked(input: &mut Input<'_>, budget: &Budget) -> Result<(Vec<u8>, bool), ReadError> {
    let mut content = Vec::new();
    loop {
        let mut head = Vec::new();
        Read::by_ref(input).take(4).read_to_end(&mut head)?;
        let [kind, low, middle, high] = head.as_slice() else { return Ok((content, head.is_empty())) };
        if *kind != 0 {
            return Ok((content, false));
        }
        let length = u32::from_le_bytes([*low, *middle, *high, 0]);
        let mut packed = Vec::new();
        Read::by_ref(input).take(u64::from(length)).read_to_end(&mut packed)?;
        let Some((mut block, whole)) = unpack(&packed, LONGEST_BLOCK) else { return Ok((content, false)) };
        budget.spend_bytes(block.len() as u64)?;
        content.append(&mut block);
        if !whole || content.len() > LONGEST {
            return Ok((content, false));
        }
    }
}

/// A field of a message: its number and its bytes, for those that have a length.
struct Field<'m> {
    number: u64,
    bytes: Option<&'m [u8]>,
    /// The value of a field of a number.
    value: u64,
}

/// The next field, and what follows it.
fn field(message: &[u8]) -> Option<(Field<'_>, &[u8])> {
    let (key, rest) = varint(message)?;
    let number = key >> 3;
    let skip = |n: usize| Some((Field { number, bytes: None, value: 0 }, rest.get(n..)?));
    match key & 7 {
        0 => {
            let (value, rest) = varint(rest)?;
            Some((Field { number, bytes: None, value }, rest))
        }
        1 => skip(8),
        2 => {
            let (length, rest) = varint(rest)?;
            let (bytes, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            Some((Field { number, bytes: Some(bytes), value: 0 }, rest))
        }
        5 => skip(4),
        _ => None,
    }
}

/// All fields of a message, as far as they make sense.
fn fields(mut message: &[u8]) -> impl Iterator<Item = Field<'_>> {
    std::iter::from_fn(move || {
        let (field, rest) = field(message).filter(|(field, _)| field.number > 0)?;
        message = rest;
        Some(field)
    })
}

struct Part<'p, 's> {
    writer: &'p mut TextWriter<'s>,
    budget: &'p Budget,
    /// It holds cells whose numbers are not read.
    cells: bool,
}

impl Part<'_, '_> {
    /// Each piece has a head that lists its messages with their kinds and lengths; they follow it.
    fn read(&mut self, content: &[u8]) -> Result<(), ReadError> {
        let malformed = || ReadError::malformed("iWork document", "its messages do not fit");
        let mut rest = content;
        while !rest.is_empty() {
            self.budget.check()?;
            let (length, after) = varint(rest).ok_or_else(malformed)?;
            let split = usize::try_from(length).ok().and_then(|length| after.split_at_checked(length));
            let (head, after) = split.ok_or_else(malformed)?;
            rest = after;
            for info in fields(head).filter(|field| field.number == 2).filter_map(|field| field.bytes) {
                let number = |wanted: u64| fields(info).find(|field| field.number == wanted).map_or(0, |f| f.value);
                let (kind, length) = (number(1), number(3));
                let split = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length));
                let (message, after) = split.ok_or_else(malformed)?;
                rest = after;
                self.message(kind, message)?;
            }
        }
        Ok(())
    }

    fn message(&mut self, kind: u64, message: &[u8]) -> Result<(), ReadError> {
        match kind {
            // Running text: paragraphs in one string.
            2001..=2005 | 2022 => self.texts(message, Some(3), "text", 0),
            // Strings and formatted texts of the cells of a table.
            6005 | 6201 => self.texts(message, None, "cells", 0),
            6002 => {
                self.cells |= fields(message).any(|field| field.bytes.is_some());
                Ok(())
            }
            // Comments and who wrote them.
            3056 => self.texts(message, None, "comment", 0),
            212 => self.texts(message, Some(1), "author", 0),
            // Names of sheets and tables.
            2 | 6000 | 6001 => self.texts(message, None, "name", DEEPEST - 2),
            // Links.
            2032 => self.texts(message, None, "link", 0),
            _ => Ok(()),
        }
    }

    /// Writes what is text in a message: of one field, or of all and of the messages inside.
    fn texts(&mut self, message: &[u8], only: Option<u64>, place: &str, depth: usize) -> Result<(), ReadError> {
        for field in fields(message).filter(|field| only.is_none_or(|only| field.number == only)) {
            let Some(bytes) = field.bytes.filter(|bytes| !bytes.is_empty()) else { continue };
            match std::str::from_utf8(bytes).ok().filter(|text| is_text(text)) {
                Some(text) => {
                    for (line, text) in (1_u64..).zip(text.split(['\n', '\u{2028}', '\u{2029}'])) {
                        let text = text.trim_matches(|c: char| c == '\u{fffc}' || c.is_control());
                        self.writer.paragraph(Place { line: Some(line), ..Place::field(place) }, text)?;
                    }
                }
                None if only.is_none() && depth < DEEPEST => self.texts(bytes, None, place, depth + 1)?,
                None => {}
            }
        }
        Ok(())
    }
}

/// A message looks like text by chance only when it is short, and then has signs that texts do not.
fn is_text(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
        && text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{4}' | '\u{5}' | '\u{e}'))
        && !is_identifier(text)
}

/// Identifiers of objects (UUIDs) and of the fonts and styles are nobody's words.
fn is_identifier(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::collect::{Collected, collect};

    fn bytes(number: u8, content: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, u8::try_from(content.len()).unwrap()], content].concat()
    }

    /// One message of a kind, in a block of its own.
    fn part(kind: u16, message: &[u8]) -> Vec<u8> {
        let [low, high] = [u8::try_from(kind & 0x7F).unwrap() | 0x80, u8::try_from(kind >> 7).unwrap()];
        let info = [&[0x08, low, high, 0x18], [u8::try_from(message.len()).unwrap()].as_slice()].concat();
        let head = [vec![0x08, 1], bytes(2, &info)].concat();
        let content = [&[u8::try_from(head.len()).unwrap()], head.as_slice(), message].concat();
        let length = u8::try_from(content.len()).unwrap();
        let packed = [&[length, 60 << 2, length - 1], content.as_slice()].concat();
        [&[0, u8::try_from(packed.len()).unwrap(), 0, 0], packed.as_slice()].concat()
    }

    fn read(content: &[u8]) -> Collected {
        collect(&IWork, "Document.iwa", content)
    }

    #[test]
    fn texts_cells_and_comments() {
        let story = part(2001, &bytes(3, "Cognome: Rossi\nCittà: Forlì".as_bytes()));
        let cells = part(6005, &bytes(3, &[&[0x08, 1], bytes(3, b"Laura Bianchi").as_slice()].concat()));
        let got = read(&[story, cells, part(400, &bytes(1, b"Helvetica"))].concat());
        assert!(got.error.is_none() && got.gaps.is_empty(), "{:?} {:?}", got.error, got.gaps);
        assert_eq!(got.content(), "Cognome: Rossi\nCittà: Forlì\nLaura Bianchi\n");
    }

    #[test]
    fn what_is_not_read_is_told() {
        let reason = |got: Collected| got.gaps.first().map(|gap| gap.0).or(got.error.map(|error| error.reason()));
        assert_eq!(reason(read(&part(6002, &bytes(5, b"\x01\x02")))), Some(Reason::UnsupportedFeature));
        let story = part(2001, &bytes(3, b"Mario Rossi"));
        assert_eq!(reason(read(&story[..story.len() - 3])), Some(Reason::Malformed));
        assert_eq!(reason(read(&[&story[..], &[9, 9, 9, 9]].concat())), Some(Reason::Malformed));
        assert_eq!(reason(read(b"")), None);
    }
}
