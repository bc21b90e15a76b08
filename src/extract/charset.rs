//! Turns the bytes of a text into characters as they stream by, whatever encoding they are in.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, WINDOWS_1252};

use super::code_pages::CodePage;
use super::encoding::{self, Charset};
use crate::model::Reason;
use crate::open::reader::Sink;

/// Bytes over which the encoding is guessed.
const HEAD: usize = 64 * 1024;
/// Bytes that are decoded at a time.
const CHUNK: usize = 64 * 1024;
/// Bytes that the first read asks for: most files are small.
const FIRST_READ: usize = 8 * 1024;

/// A stream of UTF-8. Line ends are `\n`, and runs of NUL bytes are one space.
/// Its memory does not depend on the length of the text.
pub struct TextStream<R> {
    source: R,
    declared: Option<String>,
    named: Option<Charset>,
    started: bool,
    ended: bool,
    /// Why the source ended; told when all that came before it was.
    failed: Option<io::Error>,
    /// Read but not decoded.
    raw: Vec<u8>,
    state: State,
    out: String,
    /// A buffer to normalise into.
    spare: String,
    /// How far `out` was handed out by [`Read`].
    handed: usize,
    line_ends: LineEnds,
    undecoded: u64,
}

enum State {
    Utf8 {
        /// Whether a character beyond ASCII was seen.
        certain: bool,
        otherwise: Option<&'static Encoding>,
        /// What the bytes from 0x80 on are in that encoding, if not in UTF-8.
        upper: Option<Box<[char; 128]>>,
    },
    Utf32 {
        big_endian: bool,
    },
    Other(Box<Decoder>),
    Page(CodePage),
}

/// Carries over what the end of a chunk leaves open.
#[derive(Default)]
struct LineEnds {
    lone_cr_ends_line: bool,
    cr_pending: bool,
    after_nul: bool,
}

impl<R: Read> TextStream<R> {
    pub fn new(source: R) -> Self {
        Self::declared(source, None)
    }

    /// `charset` is what a mail header or the like says; it is believed unless the bytes refute it.
    pub fn declared(source: R, charset: Option<String>) -> Self {
        Self {
            source,
            declared: charset,
            named: None,
            started: false,
            ended: false,
            failed: None,
            raw: Vec::new(),
            state: State::Utf8 { certain: false, otherwise: None, upper: None },
            out: String::new(),
            spare: String::new(),
            handed: 0,
            line_ends: LineEnds::default(),
            undecoded: 0,
        }
    }

    /// The next run of text, 64 KiB or less of it in bytes; none at the end.
    pub fn next_chunk(&mut self) -> io::Result<Option<&str>> {
        if !self.started {
            self.start();
        }
        self.out.clear();
        self.handed = 0;
        while self.out.is_empty() {
            if self.ended && self.raw.is_empty() {
                if !std::mem::take(&mut self.line_ends.cr_pending) {
                    return self.failed.take().map_or(Ok(None), Err);
                }
                self.out.push('\n');
                break;
            }
            if !self.ended && self.raw.len() < CHUNK {
                self.fill(CHUNK);
            }
            self.decode();
        }
        Ok(Some(&self.out))
    }

    /// The run of text that [`TextStream::next_chunk`] gave last.
    pub fn chunk(&self) -> &str {
        &self.out
    }

    /// Tells the sink of characters that could not be decoded. Call it at the end.
    pub fn report(&self, sink: &mut dyn Sink) {
        if self.undecoded > 0 {
            sink.gap(Reason::UndecodedText, &format!("{} characters could not be decoded", self.undecoded));
        }
    }

    pub fn undecoded(&self) -> u64 {
        self.undecoded
    }

    fn start(&mut self) {
        self.started = true;
        self.fill(HEAD);
        self.named = encoding::named(&self.raw, self.declared.as_deref());
        let (charset, mark) = encoding::guess(&self.raw, self.declared.as_deref());
        self.raw.drain(..mark.min(self.raw.len()));
        self.line_ends.lone_cr_ends_line =
            memchr::memchr(b'\r', &self.raw).is_some() && memchr::memchr(b'\n', &self.raw).is_none();
        self.enter(charset);
    }

    fn enter(&mut self, charset: Charset) {
        self.state = match charset {
            Charset::Utf8 => State::Utf8 { certain: false, otherwise: None, upper: None },
            Charset::Utf8Or(encoding) => State::Utf8 { certain: true, otherwise: Some(encoding), upper: None },
            Charset::Utf32 { big_endian } => State::Utf32 { big_endian },
            Charset::Other(encoding) => State::Other(Box::new(encoding.new_decoder_without_bom_handling())),
            Charset::Page(page) => State::Page(page),
        };
    }

    /// Reads until `raw` holds `wanted` bytes or the source ends.
    fn fill(&mut self, wanted: usize) {
        let mut have = self.raw.len();
        while have < wanted && !self.ended {
            let room = wanted.min(self.raw.capacity().max(FIRST_READ)).max((2 * have).min(wanted));
            self.raw.resize(room, 0);
            match self.source.read(self.raw.get_mut(have..).unwrap_or_default()) {
                Ok(0) => self.ended = true,
                Ok(n) => have += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = Some(error);
                    self.ended = true;
                }
            }
        }
        self.raw.truncate(have);
    }

    fn decode(&mut self) {
        if !self.take_utf8() {
            let mut raw = std::mem::take(&mut self.raw);
            let mut decoded = std::mem::take(&mut self.out);
            let n = raw.len().min(CHUNK);
            let last = self.ended && n == raw.len();
            let used = self.decode_some(raw.get(..n).unwrap_or_default(), last, &mut decoded);
            raw.drain(..used.min(raw.len()));
            self.raw = raw;
            self.out = decoded;
        }
        let is_plain = memchr::memchr2(0, b'\r', self.out.as_bytes()).is_none();
        if !is_plain || self.line_ends.cr_pending || self.line_ends.after_nul {
            self.line_ends.normalise(&self.out, &mut self.spare);
            std::mem::swap(&mut self.out, &mut self.spare);
        }
    }

    /// Makes all that was read the next run of text without copying it, if it is UTF-8.
    fn take_utf8(&mut self) -> bool {
        if !matches!(self.state, State::Utf8 { .. }) || self.raw.len() > CHUNK || !self.out.is_empty() {
            return false;
        }
        let mut next = std::mem::take(&mut self.out).into_bytes();
        let whole = if self.ended { self.raw.len() } else { whole_characters(&self.raw) };
        next.extend_from_slice(self.raw.get(whole..).unwrap_or_default());
        let mut raw = std::mem::replace(&mut self.raw, next);
        raw.truncate(whole);
        match String::from_utf8(raw) {
            Ok(text) => {
                self.see(&text);
                self.out = text;
                true
            }
            Err(error) => {
                let mut raw = error.into_bytes();
                raw.append(&mut self.raw);
                self.out = String::from_utf8(std::mem::replace(&mut self.raw, raw)).unwrap_or_default();
                false
            }
        }
    }

    /// How many bytes were decoded; with `last`, all of them.
    fn decode_some(&mut self, bytes: &[u8], last: bool, out: &mut String) -> usize {
        match &mut self.state {
            State::Utf8 { .. } => self.decode_utf8(bytes, last, out),
            State::Utf32 { big_endian } => {
                let big = *big_endian;
                let (units, rest) = bytes.as_chunks::<4>();
                for unit in units {
                    let code = if big { u32::from_be_bytes(*unit) } else { u32::from_le_bytes(*unit) };
                    let c = char::from_u32(code);
                    self.undecoded += u64::from(c.is_none());
                    out.push(c.unwrap_or('\u{fffd}'));
                }
                if last && !rest.is_empty() {
                    self.undecoded += 1;
                }
                if last { bytes.len() } else { bytes.len() - rest.len() }
            }
            State::Page(page) => {
                page.decode(bytes, out);
                bytes.len()
            }
            State::Other(decoder) => {
                let mut used = 0;
                loop {
                    let rest = bytes.get(used..).unwrap_or_default();
                    out.reserve(decoder.max_utf8_buffer_length(rest.len()).unwrap_or(rest.len() * 3 + 16));
                    let before = out.len();
                    let (result, read, faulty) = decoder.decode_to_string(rest, out, last);
                    if faulty {
                        let new = out.get(before..).unwrap_or_default();
                        self.undecoded += new.matches('\u{fffd}').count() as u64;
                    }
                    used += read;
                    if result == CoderResult::InputEmpty || (read == 0 && out.len() == before) {
                        return bytes.len();
                    }
                }
            }
        }
    }

    fn decode_utf8(&mut self, bytes: &[u8], last: bool, out: &mut String) -> usize {
        let mut used = 0;
        loop {
            let rest = bytes.get(used..).unwrap_or_default();
            let error = match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.see(text);
                    out.push_str(text);
                    return bytes.len();
                }
                Err(error) => error,
            };
            let (valid, invalid) = rest.split_at(error.valid_up_to());
            if let Ok(text) = std::str::from_utf8(valid) {
                self.see(text);
                out.push_str(text);
            }
            used += valid.len();
            if error.error_len().is_none() && !last {
                return used;
            }
            if let State::Utf8 { certain: false, otherwise: None, .. } = self.state {
                // All ASCII so far: only now the encoding shows. Some text before it helps to guess.
                let context = bytes.get(used.saturating_sub(1024)..).unwrap_or_default();
                self.enter(encoding::legacy(context, self.named));
                if !matches!(self.state, State::Utf8 { .. }) {
                    return used + self.decode_some(invalid, last, out);
                }
            }
            let faulty = error.error_len().unwrap_or(invalid.len());
            for byte in invalid.get(..faulty).unwrap_or_default() {
                let c = self.upper(*byte);
                self.undecoded += u64::from(matches!(c, '\u{80}'..='\u{9f}' | '\u{fffd}'));
                out.push(c);
            }
            used += faulty.max(1);
        }
    }

    /// A byte that is not UTF-8, in the single-byte encoding that stands in for it.
    fn upper(&mut self, byte: u8) -> char {
        let State::Utf8 { otherwise, upper, .. } = &mut self.state else { return '\u{fffd}' };
        let upper = upper.get_or_insert_with(|| {
            let mut all = Box::new(['\u{fffd}'; 128]);
            for (byte, c) in (0x80..=0xff).zip(all.iter_mut()) {
                let (text, _) =
                    otherwise.unwrap_or(WINDOWS_1252).decode_without_bom_handling(std::slice::from_ref(&byte));
                *c = text.chars().next().unwrap_or('\u{fffd}');
            }
            all
        });
        upper.get(usize::from(byte) & 0x7f).copied().unwrap_or('\u{fffd}')
    }

    fn see(&mut self, text: &str) {
        if let State::Utf8 { certain, .. } = &mut self.state
            && !*certain
        {
            *certain = !text.is_ascii();
        }
    }
}

impl LineEnds {
    /// Writes the text to `out` with `\n` for every line end and a space for every run of NULs.
    fn normalise(&mut self, text: &str, out: &mut String) {
        out.clear();
        out.reserve(text.len() + 1);
        let mut rest = text;
        while let Some(first) = rest.bytes().next() {
            if self.cr_pending {
                if first == b'\r' {
                    if self.lone_cr_ends_line {
                        out.push('\n');
                    }
                    rest = rest.get(1..).unwrap_or_default();
                    continue;
                }
                self.cr_pending = false;
                if first != b'\n' {
                    out.push(if self.lone_cr_ends_line { '\n' } else { '\r' });
                }
            }
            let at = memchr::memchr2(0, b'\r', rest.as_bytes());
            let (plain, after) = rest.split_at(at.unwrap_or(rest.len()));
            out.push_str(plain);
            self.after_nul &= plain.is_empty();
            match after.bytes().next() {
                Some(b'\r') => {
                    self.cr_pending = true;
                    self.after_nul = false;
                }
                Some(_) => {
                    if !self.after_nul {
                        out.push(' ');
                    }
                    self.after_nul = true;
                }
                None => {}
            }
            rest = after.get(1..).unwrap_or_default();
        }
    }
}

/// The length of the bytes without a character that is cut off at their end.
fn whole_characters(bytes: &[u8]) -> usize {
    let back = bytes.iter().rev().take(3).position(|byte| byte & 0xc0 == 0xc0);
    let Some((whole, tail)) = back.and_then(|back| bytes.split_at_checked(bytes.len() - back - 1)) else {
        return bytes.len();
    };
    match std::str::from_utf8(tail) {
        Err(error) if error.error_len().is_none() && error.valid_up_to() == 0 => whole.len(),
        _ => bytes.len(),
    }
}

/// The text as bytes, for parsers that read.
impl<R: Read> Read for TextStream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.handed >= self.out.len() && self.next_chunk()?.is_none() {
            return Ok(0);
        }
        let mut rest = self.out.as_bytes().get(self.handed..).unwrap_or_default();
        let n = rest.read(buffer)?;
        self.handed += n;
        Ok(n)
    }
}

/// Decodes a short text at once: a name, a header, a comment.
pub fn decode(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut stream = TextStream::new(bytes);
    while let Ok(Some(chunk)) = stream.next_chunk() {
        out.push_str(chunk);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> (String, u64) {
        let mut stream = TextStream::new(bytes);
        let mut out = String::new();
        stream.read_to_string(&mut out).unwrap();
        (out, stream.undecoded())
    }

    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(all(bytes), (expected.to_owned(), 0));
    }

    #[test]
    fn byte_order_marks() {
        check(b"\xef\xbb\xbfcitt\xc3\xa0", "città");
        check(b"\xff\xfec\0i\0\xe0\0", "cià");
        check(b"\xfe\xff\0c\0i\0\xe0", "cià");
        check(b"\xff\xfe\0\0c\0\0\0\xe0\0\0\0", "cà");
        check(b"", "");
        check(b"\xef\xbb\xbf", "");
    }

    #[test]
    fn line_ends_and_holes() {
        check(b"a\r\nb\r\r\nc\n", "a\nb\nc\n");
        check(b"a\rb\r\rc\r", "a\nb\n\nc\n");
        check(b"10%\r20%\r\nend", "10%\r20%\nend");
        check(b"a log\0\0\0\0b", "a log b");
    }

    #[test]
    fn latin_bytes_after_a_long_ascii_start() {
        for ascii in [HEAD - 1, HEAD, HEAD + CHUNK - 1, HEAD + 3] {
            let mut bytes = vec![b'a'; ascii];
            bytes.extend(b" citt\xe0 perch\xe9");
            let (text, undecoded) = all(&bytes);
            assert!(text.ends_with("a città perché"), "{ascii}");
            assert_eq!(undecoded, 0);
        }
    }

    #[test]
    fn a_character_cut_by_a_chunk_is_whole() {
        for pad in 0..4 {
            let mut text = "a".repeat(pad);
            text.push_str(&"è€😀".repeat(40_000));
            check(text.as_bytes(), &text);
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            check(&[b"\xff\xfe", &wide[..]].concat(), &text);
        }
    }

    #[test]
    fn a_file_that_two_programs_wrote() {
        check(b"citt\xc3\xa0 e perch\xc3\xa9\ncitt\xe0 perch\xe9\n", "città e perché\ncittà perché\n");
    }

    #[test]
    fn what_came_before_a_failure_is_read() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::UnexpectedEof.into())
            }
        }
        let mut stream = TextStream::new((&b"Mario"[..]).chain(Broken));
        assert_eq!(stream.next_chunk().unwrap(), Some("Mario"));
        assert_eq!(stream.next_chunk().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn what_cannot_be_decoded_is_counted() {
        let (text, undecoded) = all(b"\xff\xfea\0b\0\x00\xd8c\0\x01");
        assert!(text.starts_with("ab") && undecoded >= 1, "{text:?} {undecoded}");
        let (_, undecoded) = all(b"perch\xc3\xa9 cos\xc3\xac \x81\x90");
        assert!(undecoded >= 1);
    }
}
