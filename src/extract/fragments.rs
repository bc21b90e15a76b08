//! Searches data of no known format for runs of characters, as `strings` does: ASCII, Latin-1, UTF-16.

use std::io::Read;

use crate::model::Place;
use crate::open::Budget;
use crate::open::reader::ReadError;

use super::writer::TextWriter;

/// Characters of a run at least.
const SHORTEST: usize = 6;
/// Characters after which a run is passed on.
const LONGEST: usize = 4096;
const CHUNK: usize = 64 * 1024;

/// A run that is going on.
#[derive(Default)]
struct Run {
    start: u64,
    text: String,
    /// Letters, digits and what stands between them in words, numbers and addresses.
    wordy: usize,
    beyond_ascii: usize,
}

impl Run {
    /// Takes a byte in at this place of the file, or ends.
    fn take(&mut self, byte: u8, at: u64, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let is_text = matches!(byte, b'\t' | 0x20..=0x7e | 0xc0..=0xff);
        // Not inside of a word or number, if it can be helped.
        let is_long = self.text.len() >= LONGEST && !byte.is_ascii_alphanumeric() || self.text.len() >= 2 * LONGEST;
        if !is_text || is_long {
            self.end(writer)?;
        }
        if !is_text {
            return Ok(());
        }
        if self.text.is_empty() {
            self.start = at;
        }
        self.wordy += usize::from(byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'@' | b'.' | b'-' | b'/'));
        self.beyond_ascii += usize::from(byte >= 0x80);
        self.text.push(char::from(byte));
        Ok(())
    }

    fn end(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let length = self.text.chars().count();
        // Machine code makes runs, too: of signs rather than of words.
        let is_words = self.wordy * 10 >= length * 8 && self.beyond_ascii * 4 <= length;
        if length >= SHORTEST && is_words && self.text.chars().any(char::is_alphanumeric) {
            writer.fragment(Place::field(&format!("byte {}", self.start)), self.text.trim())?;
        }
        self.text.clear();
        (self.wordy, self.beyond_ascii) = (0, 0);
        Ok(())
    }
}

/// Writes every run of the data as a record of its own.
pub fn write(mut source: impl Read, budget: &Budget, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let mut narrow = Run::default();
    // Wide characters begin at even or at odd places.
    let mut wide = [Run::default(), Run::default()];
    let mut chunk = vec![0; CHUNK];
    let (mut at, mut before) = (0_u64, 0_u8);
    loop {
        budget.check()?;
        let n = match source.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        for byte in chunk.get(..n).unwrap_or_default() {
            narrow.take(*byte, at, writer)?;
            // The character of two bytes that ends here: a letter and a zero, or none.
            let unit = if *byte == 0 { before } else { 0 };
            if let (Some(run), Some(start)) = (wide.get_mut(usize::from(at % 2 == 0)), at.checked_sub(1)) {
                run.take(unit, start, writer)?;
            }
            before = *byte;
            at += 1;
        }
    }
    narrow.end(writer)?;
    wide.iter_mut().try_for_each(|run| run.end(writer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::Limits;
    use crate::open::collect::Collected;

    fn check(bytes: &[u8], expected: &str) {
        let budget = Budget::new(Limits::default(), bytes.len() as u64, std::sync::Arc::default());
        let mut sink = Collected::default();
        let mut writer = TextWriter::new(&mut sink);
        write(bytes, &budget, &mut writer).unwrap();
        writer.finish().unwrap();
        assert_eq!(sink.content(), expected);
        assert!(sink.texts.iter().all(crate::model::Text::is_fragments));
    }

    #[test]
    fn runs_of_every_kind() {
        check(b"\x01\x02Mario Rossi\0\x03abc\0", "Mario Rossi\n");
        check(b"\0Nicol\xf2 Dell'Acqua\0", "Nicolò Dell'Acqua\n");
        let wide: Vec<u8> = "Mario Rossi".encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&[&[1, 0xff], wide.as_slice(), &[0, 0]].concat(), "Mario Rossi\n");
        check(&[&[1, 2, 0xff], wide.as_slice(), &[0, 0]].concat(), "Mario Rossi\n");
        check(b"\x01H\x89\xe5$D$(%&!#\"$;<>", "");
        check(b"", "");
    }

    #[test]
    fn an_endless_run_comes_in_pieces() {
        let long = "word ".repeat(10_000);
        let budget = Budget::new(Limits::default(), 50_000, std::sync::Arc::default());
        let mut sink = Collected::default();
        let mut writer = TextWriter::new(&mut sink);
        write(long.as_bytes(), &budget, &mut writer).unwrap();
        writer.finish().unwrap();
        assert_eq!(sink.content().matches("word").count(), 10_000);
    }
}
