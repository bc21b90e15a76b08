//! The lines of a text as they stream by, with their numbers; a line of any length in bounded pieces.

use std::collections::VecDeque;
use std::io::{self, Read};

use super::charset::TextStream;
use super::writer::cut_point;

/// Bytes of a line after which it is cut, at white space if there is some; no piece is twice as long.
pub const MAX_LINE: usize = 128 * 1024;

/// A line without its line break, or a piece of an overlong one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    /// From one.
    pub number: u64,
    /// A later piece of an overlong line.
    pub continues: bool,
}

pub struct Lines<R> {
    stream: TextStream<R>,
    chunk: String,
    position: usize,
    number: u64,
    continues: bool,
    ended: bool,
    /// Why the text ended.
    failed: Option<io::Error>,
    put_back: VecDeque<Line>,
}

impl<R: Read> Lines<R> {
    pub fn new(stream: TextStream<R>) -> Self {
        Self::starting_at(stream, 1)
    }

    /// The first line has this number.
    pub fn starting_at(stream: TextStream<R>, number: u64) -> Self {
        Self {
            stream,
            chunk: String::new(),
            position: 0,
            number,
            continues: false,
            ended: false,
            failed: None,
            put_back: VecDeque::new(),
        }
    }

    pub fn next_line(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.put_back.pop_front() {
            return Ok(Some(line));
        }
        let mut text = String::new();
        loop {
            let rest = self.chunk.get(self.position..).unwrap_or_default();
            if let Some(end) = memchr::memchr(b'\n', rest.as_bytes()) {
                text.push_str(rest.get(..end).unwrap_or_default());
                self.position += end + 1;
                return Ok(Some(self.take(text, true)));
            }
            text.push_str(rest);
            self.position = self.chunk.len();
            if text.len() > MAX_LINE {
                let tail = text.split_off(cut_point(&text, MAX_LINE));
                self.chunk = tail;
                self.position = 0;
                return Ok(Some(self.take(text, false)));
            }
            if !self.ended {
                self.chunk.clear();
                self.position = 0;
                match self.stream.next_chunk() {
                    Ok(Some(chunk)) => self.chunk.push_str(chunk),
                    Ok(None) => self.ended = true,
                    Err(error) => {
                        self.failed = Some(error);
                        self.ended = true;
                    }
                }
                continue;
            }
            if text.is_empty() {
                return self.failed.take().map_or(Ok(None), Err);
            }
            return Ok(Some(self.take(text, true)));
        }
    }

    /// These lines come again, before all others.
    pub fn put_back(&mut self, lines: impl DoubleEndedIterator<Item = Line>) {
        for line in lines.rev() {
            self.put_back.push_front(line);
        }
    }

    pub fn stream(&self) -> &TextStream<R> {
        &self.stream
    }

    fn take(&mut self, text: String, ends: bool) -> Line {
        let line = Line { text, number: self.number, continues: self.continues };
        self.continues = !ends;
        if ends {
            self.number += 1;
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Line> {
        let mut lines = Lines::new(TextStream::new(text.as_bytes()));
        std::iter::from_fn(|| lines.next_line().unwrap()).collect()
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
