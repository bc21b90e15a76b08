//! Hands out the pages of a database, each once, and what cells keep on overflow pages.

use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom};

use crate::open::Input;
use crate::open::reader::ReadError;

/// Bytes that are read at once where pages follow each other.
const AHEAD: usize = 128 * 1024;

pub(super) struct Pages<'p, 'i> {
    input: &'p mut Input<'i>,
    size: usize,
    /// Bytes of a page that the format uses.
    usable: usize,
    file_size: u64,
    /// Sixty-four pages a word.
    seen: HashMap<u32, u64>,
    ahead: Vec<u8>,
    ahead_from: u64,
    last: u64,
}

impl<'p, 'i> Pages<'p, 'i> {
    pub(super) fn new(input: &'p mut Input<'i>, size: usize, reserved: usize) -> Self {
        let file_size = input.size().unwrap_or(0);
        let usable = size.saturating_sub(reserved);
        Self { input, size, usable, file_size, seen: HashMap::new(), ahead: Vec::new(), ahead_from: 0, last: 0 }
    }

    pub(super) fn usable(&self) -> usize {
        self.usable
    }

    /// The used part of a page, from one. No page belongs to two trees or twice to one.
    pub(super) fn page(&mut self, number: u32) -> Result<Vec<u8>, ReadError> {
        if number == 0 {
            return Err(ReadError::malformed("sqlite", "a page that does not exist is named"));
        }
        let word = self.seen.entry(number / 64).or_default();
        if *word & (1 << (number % 64)) != 0 {
            return Err(ReadError::malformed("sqlite", "a page is used twice"));
        }
        *word |= 1 << (number % 64);
        let mut page = self.bytes(number)?;
        page.truncate(self.usable);
        Ok(page)
    }

    fn bytes(&mut self, number: u32) -> Result<Vec<u8>, ReadError> {
        let start = u64::from(number - 1) * self.size as u64;
        if let Some(at) = start.checked_sub(self.ahead_from).and_then(|at| usize::try_from(at).ok())
            && let Some(page) = self.ahead.get(at..at.saturating_add(self.size))
        {
            self.last = start;
            return Ok(page.to_vec());
        }
        if start >= self.file_size {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        let in_sequence = start == self.last + self.size as u64;
        self.last = start;
        let wanted = if in_sequence { AHEAD.max(self.size) } else { self.size };
        self.input.seek(SeekFrom::Start(start))?;
        self.ahead.clear();
        self.ahead_from = start;
        (&mut *self.input).take(wanted as u64).read_to_end(&mut self.ahead)?;
        match self.ahead.get(..self.size) {
            Some(page) => Ok(page.to_vec()),
            None => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        }
    }
}

/// The bytes of one cell: those on its page, then those on the overflow pages.
pub(super) struct Payload<'a, 'p, 'i> {
    pages: &'a mut Pages<'p, 'i>,
    chunk: Vec<u8>,
    at: usize,
    /// The next overflow page; zero if there is none.
    next: u32,
    left: u64,
}

impl<'a, 'p, 'i> Payload<'a, 'p, 'i> {
    pub(super) fn new(pages: &'a mut Pages<'p, 'i>, local: &[u8], next: u32, length: u64) -> Self {
        Self { pages, chunk: local.to_vec(), at: 0, next, left: length }
    }

    /// Bytes that are still to come.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    fn turn(&mut self) -> Result<(), ReadError> {
        let mut page = self.pages.page(self.next)?;
        let Some((next, _)) = page.split_first_chunk::<4>() else {
            return Err(ReadError::malformed("sqlite", "an overflow page is too short"));
        };
        self.next = u32::from_be_bytes(*next);
        page.drain(..4);
        self.chunk = page;
        self.at = 0;
        Ok(())
    }
}

impl Read for Payload<'_, '_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || buffer.is_empty() {
            return Ok(0);
        }
        if self.at >= self.chunk.len() {
            if self.next == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.turn().map_err(|error| match error {
                ReadError::Io(error) => error,
                error => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
            })?;
        }
        let rest = self.chunk.get(self.at..).unwrap_or_default();
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(rest.len());
        let n = rest.get(..most).unwrap_or_default().read(buffer)?;
        self.at += n;
        self.left -= n as u64;
        Ok(n)
    }
}
