//! Cuts a message into its parts as it streams by, and undoes their transfer encodings.
//!
//! <https://www.rfc-editor.org/rfc/rfc2045>, <https://www.rfc-editor.org/rfc/rfc2046>.

use std::io::{self, BufRead, BufReader, Read};

/// Bytes after which a line comes in pieces.
const MAX_LINE: u64 = 64 * 1024;
/// Bytes of one header block.
const MAX_HEADERS: usize = 512 * 1024;
/// Multiparts within multiparts that are told apart.
pub const MAX_MULTIPARTS: usize = 64;

/// A boundary that ended a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Index of its multipart, from the outermost.
    pub level: usize,
    /// The multipart ends here.
    pub closes: bool,
}

/// The lines of a message, and the boundaries that end its parts.
pub struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    /// The line at hand was pushed back.
    again: bool,
    at_start: bool,
    number: u64,
    boundaries: Vec<Vec<u8>>,
    hit: Option<Hit>,
}

impl<R: Read> Lines<R> {
    pub fn new(reader: R) -> Self {
        Self {
            reader: BufReader::with_capacity(64 * 1024, reader),
            line: Vec::new(),
            again: false,
            at_start: true,
            number: 0,
            boundaries: Vec::new(),
            hit: None,
        }
    }

    /// Number of the last line, from one.
    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn depth(&self) -> usize {
        self.boundaries.len()
    }

    pub fn enter(&mut self, boundary: &[u8]) {
        self.boundaries.push(boundary.to_vec());
    }

    /// Leaves all multiparts but this many.
    pub fn leave(&mut self, depth: usize) {
        self.boundaries.truncate(depth);
    }

    /// The boundary that ended the last body; none at the end of the message.
    pub fn take_hit(&mut self) -> Option<Hit> {
        self.hit.take()
    }

    /// Reads a line or a piece of one; false at a boundary and at the end.
    fn advance(&mut self) -> io::Result<bool> {
        if self.hit.is_some() {
            return Ok(false);
        }
        if std::mem::take(&mut self.again) {
            return Ok(!self.line.is_empty());
        }
        self.line.clear();
        let starts = self.at_start;
        if (&mut self.reader).take(MAX_LINE).read_until(b'\n', &mut self.line)? == 0 {
            return Ok(false);
        }
        self.at_start = self.line.ends_with(b"\n");
        self.number += u64::from(starts);
        if starts && self.line.starts_with(b"--") {
            self.hit = self.boundary_of();
        }
        Ok(self.hit.is_none())
    }

    fn boundary_of(&self) -> Option<Hit> {
        let line = self.line.get(2..)?.trim_ascii_end();
        self.boundaries.iter().enumerate().rev().find_map(|(level, boundary)| {
            let rest = line.strip_prefix(boundary.as_slice())?;
            match rest {
                b"" => Some(Hit { level, closes: false }),
                b"--" => Some(Hit { level, closes: true }),
                _ => None,
            }
        })
    }

    /// The header block up to its blank line, and the number of its first line.
    pub fn headers(&mut self) -> io::Result<(Vec<u8>, u64)> {
        let mut block = Vec::new();
        let mut first = self.number + 1;
        while self.advance()? {
            let is_blank = self.line.trim_ascii().is_empty();
            if block.is_empty() {
                // What mail programs and exports put before the first header.
                let line = self.line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.line);
                if self.boundaries.is_empty() && (is_blank || line.starts_with(b"From ") || line.starts_with(b">From "))
                {
                    first = self.number + 1;
                    continue;
                }
                if !is_blank && !is_header(line) {
                    self.again = true;
                    break;
                }
            }
            if is_blank {
                break;
            }
            if block.len() + self.line.len() > MAX_HEADERS {
                self.again = true;
                break;
            }
            block.extend_from_slice(&self.line);
        }
        Ok((block, first))
    }

    /// The body up to the next boundary.
    pub fn body(&mut self) -> Body<'_, R> {
        Body { lines: self, ready: Vec::new(), handed: 0, held: Vec::new(), ended: false }
    }
}

/// `Name:`, of printable characters.
fn is_header(line: &[u8]) -> bool {
    let name = line.iter().position(|byte| *byte == b':').and_then(|end| line.get(..end)).unwrap_or_default();
    !name.is_empty() && name.len() < 100 && name.trim_ascii_end().iter().all(u8::is_ascii_graphic)
}

/// The bytes of one body as they stand in the message.
pub struct Body<'a, R> {
    lines: &'a mut Lines<R>,
    ready: Vec<u8>,
    handed: usize,
    /// A line break, which belongs to the boundary if one follows.
    held: Vec<u8>,
    ended: bool,
}

impl<R: Read> Read for Body<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.handed >= self.ready.len() {
            if self.ended {
                return Ok(0);
            }
            self.ready.clear();
            self.handed = 0;
            if !self.lines.advance()? {
                self.ended = true;
                if self.lines.hit.is_none() {
                    self.ready.append(&mut self.held);
                }
                continue;
            }
            self.ready.append(&mut self.held);
            let line = &self.lines.line;
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            let text = text.strip_suffix(b"\r").filter(|_| text.len() < line.len()).unwrap_or(text);
            self.ready.extend_from_slice(text);
            self.held.extend_from_slice(line.get(text.len()..).unwrap_or_default());
        }
        let n = self.ready.get(self.handed..).unwrap_or_default().read(buffer)?;
        self.handed += n;
        Ok(n)
    }
}

/// How a body was made fit for mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    #[default]
    None,
    Base64,
    QuotedPrintable,
}

impl Encoding {
    pub fn of(header: &str) -> Self {
        let header = header.trim();
        if header.eq_ignore_ascii_case("base64") {
            Self::Base64
        } else if header.eq_ignore_ascii_case("quoted-printable") {
            Self::QuotedPrintable
        } else {
            Self::None
        }
    }
}

/// Undoes a transfer encoding. Bytes that do not belong to it are passed over (base64) or kept as they are.
pub struct Decoded<R> {
    source: R,
    encoding: Encoding,
    input: Vec<u8>,
    output: Vec<u8>,
    handed: usize,
    /// Bits of base64 that make no byte yet.
    bits: u32,
    count: u8,
    ended: bool,
    /// Why the source ended; told when all that came before it was.
    failed: Option<io::Error>,
}

impl<R: Read> Decoded<R> {
    pub fn new(source: R, encoding: Encoding) -> Self {
        Self {
            source,
            encoding,
            input: Vec::new(),
            output: Vec::new(),
            handed: 0,
            bits: 0,
            count: 0,
            ended: false,
            failed: None,
        }
    }

    fn base64(&mut self) {
        for byte in self.input.drain(..) {
            let value = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                b'=' => {
                    (self.bits, self.count) = (0, 0);
                    continue;
                }
                _ => continue,
            };
            self.bits = (self.bits << 6) | u32::from(value);
            self.count += 1;
            match self.count {
                2 => self.output.push(u8::try_from((self.bits >> 4) & 0xff).unwrap_or(0)),
                3 => self.output.push(u8::try_from((self.bits >> 2) & 0xff).unwrap_or(0)),
                4 => {
                    self.output.push(u8::try_from(self.bits & 0xff).unwrap_or(0));
                    (self.bits, self.count) = (0, 0);
                }
                _ => {}
            }
        }
    }

    fn quoted_printable(&mut self) {
        let input = std::mem::take(&mut self.input);
        let mut rest = input.as_slice();
        while let Some(at) = memchr::memchr(b'=', rest) {
            let (before, from) = rest.split_at(at);
            self.output.extend_from_slice(before);
            // A line end may follow the white space that a gateway added.
            let end = from.iter().skip(1).position(|b| !matches!(b, b' ' | b'\t')).map(|n| n + 1);
            let after = match (end, from.get(1), from.get(2)) {
                (None, _, _) if !self.ended && from.len() < 256 => {
                    self.input = from.to_vec();
                    return;
                }
                (None, _, _) => from.len(),
                (Some(end), _, _) if from.get(end) == Some(&b'\n') => end + 1,
                (Some(end), _, _) if from.get(end) == Some(&b'\r') => match from.get(end + 1) {
                    Some(b'\n') => end + 2,
                    Some(_) => end + 1,
                    None if self.ended => from.len(),
                    None => {
                        self.input = from.to_vec();
                        return;
                    }
                },
                (_, Some(high), Some(low)) => {
                    let digit = |byte: &u8| char::from(*byte).to_digit(16);
                    let byte = digit(high).zip(digit(low)).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                    self.output.push(byte.unwrap_or(b'='));
                    if byte.is_some() { 3 } else { 1 }
                }
                _ if self.ended => {
                    self.output.push(b'=');
                    1
                }
                _ => {
                    self.input = from.to_vec();
                    return;
                }
            };
            rest = from.get(after..).unwrap_or_default();
        }
        self.output.extend_from_slice(rest);
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.encoding == Encoding::None {
            return self.source.read(buffer);
        }
        while self.handed >= self.output.len() {
            if self.ended {
                return self.failed.take().map_or(Ok(0), Err);
            }
            self.output.clear();
            self.handed = 0;
            match (&mut self.source).take(16 * 1024).read_to_end(&mut self.input) {
                Ok(n) => self.ended = n < 16 * 1024,
                Err(error) => {
                    self.failed = Some(error);
                    self.ended = true;
                }
            }
            match self.encoding {
                Encoding::Base64 => self.base64(),
                _ => self.quoted_printable(),
            }
        }
        let n = self.output.get(self.handed..).unwrap_or_default().read(buffer)?;
        self.handed += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(encoded: &[u8], encoding: Encoding, expected: &[u8]) {
        let mut out = Vec::new();
        Decoded::new(encoded, encoding).read_to_end(&mut out).unwrap();
        assert_eq!(out, expected, "{}", String::from_utf8_lossy(encoded));
    }

    #[test]
    fn base64() {
        check(b"TWFyaW8g\r\nUm9zc2k=", Encoding::Base64, b"Mario Rossi");
        check(b"TQ==\nTWE=", Encoding::Base64, b"MMa");
        check(b"TWFy!aW8", Encoding::Base64, b"Mario");
        check(b"", Encoding::Base64, b"");
    }

    #[test]
    fn quoted_printable() {
        check(b"citt=C3=A0 =\r\nx=3D1 =ZZ =  \ny=", Encoding::QuotedPrintable, "città x=1 =ZZ y".as_bytes());
        let long = b"a=\r\n".repeat(20_000);
        check(&long, Encoding::QuotedPrintable, &b"a".repeat(20_000));
        let long = b"=C3=A0".repeat(20_000);
        check(&long, Encoding::QuotedPrintable, &"à".repeat(20_000).into_bytes());
    }

    #[test]
    fn bodies_end_at_boundaries() {
        let mut lines = Lines::new(&b"A: b\r\n c\r\n\r\npre\r\n--x\r\n\r\none\r\n\r\n--x--\r\nafter\n"[..]);
        assert_eq!(lines.headers().unwrap(), (b"A: b\r\n c\r\n".to_vec(), 1));
        lines.enter(b"x");
        let body = |lines: &mut Lines<&[u8]>| {
            let mut text = String::new();
            lines.body().read_to_string(&mut text).unwrap();
            (text, lines.take_hit())
        };
        assert_eq!(body(&mut lines), ("pre".into(), Some(Hit { level: 0, closes: false })));
        assert_eq!(lines.headers().unwrap().0, b"");
        assert_eq!(body(&mut lines), ("one\r\n".into(), Some(Hit { level: 0, closes: true })));
        assert_eq!(body(&mut lines), ("after\n".into(), None));
    }
}
