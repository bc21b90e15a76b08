//! The lines of a text as they stream by, with their numbers; a line of any length in bounded pieces.

use std::collections::VecDeque;
use std::io::{self, Read};

use super::charset::TextStream;
use super::writer::cut_point;

/// Bytes of a line after which it is cut, at white space if there is some; no piece is twice as long.
pub const MAX_LINE: usize = 128 * 1024;

/// A line without its line break, or a piece of an overlong one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line<'t> {
    pub text: &'t str,
    /// From one.
    pub number: u64,
    /// A later piece of an overlong line.
    pub continues: bool,
}

impl Line<'_> {
    /// To be kept while the text goes on.
    pub fn to_kept(self) -> KeptLine {
        KeptLine { text: self.text.to_owned(), number: self.number, continues: self.continues }
    }
}

/// A [`Line`] with its own text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptLine {
    pub text: String,
    pub number: u64,
    pub continues: bool,
}

impl KeptLine {
    pub fn as_line(&self) -> Line<'_> {
        Line { text: &self.text, number: self.number, continues: self.continues }
    }
}

/// Whether there is nothing but white space.
pub(super) fn is_blank(text: &str) -> bool {
    match text.bytes().find(|byte| !matches!(byte, b'\t'..=b'\r' | b' ')) {
        None => true,
        Some(byte) => byte >= 0x80 && text.trim().is_empty(),
    }
}

pub struct Lines<R> {
    stream: TextStream<R>,
    /// How far the chunk of the stream was read.
    position: usize,
    /// The start of a line that goes on in the next chunk.
    started: String,
    /// The last line, if it lies in several chunks or was put back.
    last: KeptLine,
    number: u64,
    continues: bool,
    ended: bool,
    /// Why the text ended.
    failed: Option<io::Error>,
    put_back: VecDeque<KeptLine>,
}

/// Where the line at hand lies.
enum Lies {
    /// From here to there in the chunk of the stream.
    InChunk(usize, usize),
    Apart,
}

impl<R: Read> Lines<R> {
    pub fn new(stream: TextStream<R>) -> Self {
        Self::starting_at(stream, 1)
    }

    /// The first line has this number.
    pub fn starting_at(stream: TextStream<R>, number: u64) -> Self {
        Self {
            stream,
            position: 0,
            started: String::new(),
            last: KeptLine::default(),
            number,
            continues: false,
            ended: false,
            failed: None,
            put_back: VecDeque::new(),
        }
    }

    pub fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        if let Some(line) = self.put_back.pop_front() {
            self.last = line;
            return Ok(Some(self.last.as_line()));
        }
        let mut ends = true;
        let lies = loop {
            let rest = self.stream.chunk().as_bytes().get(self.position..).unwrap_or_default();
            if let Some(length) = memchr::memchr(b'\n', rest) {
                let (start, end) = (self.position, self.position + length);
                self.position = end + 1;
                if self.started.is_empty() {
                    break Lies::InChunk(start, end);
                }
                self.started.push_str(self.stream.chunk().get(start..end).unwrap_or_default());
                break Lies::Apart;
            }
            self.started.push_str(self.stream.chunk().get(self.position..).unwrap_or_default());
            self.position = self.stream.chunk().len();
            if self.started.len() > MAX_LINE {
                ends = false;
                break Lies::Apart;
            }
            if !self.ended {
                self.position = 0;
                match self.stream.next_chunk() {
                    Ok(Some(_)) => {}
                    Ok(None) => self.ended = true,
                    Err(error) => {
                        self.failed = Some(error);
                        self.ended = true;
                    }
                }
                continue;
            }
            if self.started.is_empty() {
                return self.failed.take().map_or(Ok(None), Err);
            }
            break Lies::Apart;
        };
        let (number, continues) = (self.number, self.continues);
        self.number += u64::from(ends);
        self.continues = !ends;
        Ok(Some(match lies {
            Lies::InChunk(start, end) => {
                Line { text: self.stream.chunk().get(start..end).unwrap_or_default(), number, continues }
            }
            Lies::Apart => {
                let rest =
                    if ends { String::new() } else { self.started.split_off(cut_point(&self.started, MAX_LINE)) };
                std::mem::swap(&mut self.last.text, &mut self.started);
                self.started.clear();
                self.started.push_str(&rest);
                Line { text: &self.last.text, number, continues }
            }
        }))
    }

    /// These lines come again, before all others.
    pub fn put_back(&mut self, lines: impl DoubleEndedIterator<Item = KeptLine>) {
        for line in lines.rev() {
            self.put_back.push_front(line);
        }
    }

    pub fn stream(&self) -> &TextStream<R> {
        &self.stream
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<KeptLine> {
        let mut lines = Lines::new(TextStream::new(text.as_bytes()));
        std::iter::from_fn(|| lines.next_line().unwrap().map(Line::to_kept)).collect()
    }

    #[test]
    fn numbers_and_the_last_line_without_an_end() {
        let got: Vec<_> = lines("a\n\nb\r\nc").into_iter().map(|l| (l.text, l.number)).collect();
        assert_eq!(got, [("a".into(), 1), (String::new(), 2), ("b".into(), 3), ("c".into(), 4)]);
    }

    #[test]
    fn an_endless_line_comes_in_pieces_and_loses_nothing() {
        let text = format!("{}\nnext", "mario rossi ".repeat(100_000));
        let got = lines(&text);
        assert!(got.iter().all(|line| line.text.len() <= 2 * MAX_LINE));
        let (next, long) = got.split_last().unwrap();
        assert_eq!((next.text.as_str(), next.number, next.continues), ("next", 2, false));
        assert!(long.iter().all(|line| line.number == 1));
        assert_eq!(long.iter().map(|line| line.text.as_str()).collect::<String>(), "mario rossi ".repeat(100_000));
    }
}
