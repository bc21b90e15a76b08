//! Decoded text as bytes to parse: a look ahead, and the number of the line.

use std::io::{self, Read};

use crate::open::reader::ReadError;

use super::charset::TextStream;

/// Bytes of UTF-8.
pub struct Bytes<R> {
    stream: TextStream<R>,
    chunk: Vec<u8>,
    position: usize,
    line: u64,
    ended: bool,
    /// Why the text ended.
    failed: Option<io::Error>,
}

impl<R: Read> Bytes<R> {
    pub fn new(stream: TextStream<R>) -> Self {
        Self::starting_at(stream, 1)
    }

    /// The first line has this number.
    pub fn starting_at(stream: TextStream<R>, line: u64) -> Self {
        Self { stream, chunk: Vec::new(), position: 0, line, ended: false, failed: None }
    }

    pub fn stream(&self) -> &TextStream<R> {
        &self.stream
    }

    /// Of the next byte, from one.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// What is at hand: at least `wanted` bytes, or all that are left; empty at the end.
    pub fn rest(&mut self, wanted: usize) -> &[u8] {
        while !self.ended && self.chunk.len() - self.position < wanted.max(1) {
            self.chunk.drain(..self.position);
            self.position = 0;
            match self.stream.next_chunk() {
                Ok(Some(chunk)) => self.chunk.extend_from_slice(chunk.as_bytes()),
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.failed = Some(error);
                    self.ended = true;
                }
            }
        }
        self.chunk.get(self.position..).unwrap_or_default()
    }

    pub fn peek(&mut self) -> Option<u8> {
        self.rest(1).first().copied()
    }

    pub fn starts_with(&mut self, prefix: &[u8]) -> bool {
        self.rest(prefix.len()).get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    }

    /// Ask at the end: the source may have failed before its own end.
    pub fn failure(&mut self) -> Result<(), ReadError> {
        self.failed.take().map_or(Ok(()), |error| Err(error.into()))
    }

    pub fn skip(&mut self, n: usize) {
        if n == 1 {
            if let Some(byte) = self.chunk.get(self.position) {
                self.line += u64::from(*byte == b'\n');
                self.position += 1;
            }
            return;
        }
        let end = self.position.saturating_add(n).min(self.chunk.len());
        let skipped = self.chunk.get(self.position..end).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', skipped).count() as u64;
        self.position = end;
    }

    /// Moves `n` bytes to `out`.
    pub fn take(&mut self, n: usize, out: &mut Vec<u8>) {
        let end = self.position.saturating_add(n).min(self.chunk.len());
        out.extend_from_slice(self.chunk.get(self.position..end).unwrap_or_default());
        self.skip(n);
    }
}

/// Takes all whole characters out of bytes that may end inside one.
pub fn whole_characters(bytes: &mut Vec<u8>) -> String {
    let valid = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => bytes.len(),
    };
    let rest = bytes.split_off(valid);
    let text = String::from_utf8_lossy(bytes).into_owned();
    *bytes = rest;
    text
}
