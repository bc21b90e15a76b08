//! The bytes of an RTF file one by one, with the number of the line.

use std::io::{self, Read};

use crate::open::reader::ReadError;

const CHUNK: u64 = 64 * 1024;

pub struct Bytes<R> {
    source: R,
    chunk: Vec<u8>,
    position: usize,
    ended: bool,
    /// Why the source ended.
    failed: Option<io::Error>,
    line: u64,
}

impl<R: Read> Bytes<R> {
    pub fn new(source: R) -> Self {
        Self { source, chunk: Vec::new(), position: 0, ended: false, failed: None, line: 1 }
    }

    pub fn line(&self) -> u64 {
        self.line
    }

    pub fn next_byte(&mut self) -> Result<Option<u8>, ReadError> {
        let byte = self.peek()?;
        if byte.is_some() {
            self.position += 1;
            self.line += u64::from(byte == Some(b'\n'));
        }
        Ok(byte)
    }

    pub fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        if self.position >= self.chunk.len() && !self.ended {
            self.chunk.clear();
            self.position = 0;
            match (&mut self.source).take(CHUNK).read_to_end(&mut self.chunk) {
                Ok(n) => self.ended = n == 0,
                Err(error) => {
                    self.failed = Some(error);
                    self.ended = true;
                }
            }
        }
        match self.chunk.get(self.position) {
            Some(byte) => Ok(Some(*byte)),
            None => self.failed.take().map_or(Ok(None), |error| Err(error.into())),
        }
    }

    pub fn hex_digit(&mut self) -> Result<Option<u32>, ReadError> {
        let digit = self.peek()?.and_then(|byte| char::from(byte).to_digit(16));
        if digit.is_some() {
            self.next_byte()?;
        }
        Ok(digit)
    }

    pub fn skip(&mut self, length: i32) -> Result<(), ReadError> {
        for _ in 0..length.max(0) {
            if self.next_byte()?.is_none() {
                break;
            }
        }
        Ok(())
    }
}
