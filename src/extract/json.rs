//! Reads JSON, JSON Lines and what is nearly JSON, of any size and depth, value by value with its path.
//!
//! <https://www.rfc-editor.org/rfc/rfc8259>. Text that breaks the grammar is delivered all the same:
//! comments, single quotes, missing brackets and bare words become values.

use std::io::Read;

use crate::identify::Format;
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use super::bytes::{Bytes, whole_characters};
use super::charset::TextStream;
use super::nested::{Kind, Nested, Step};
use super::writer::TextWriter;

/// Bytes after which a value is cut: embedded files are longer than anything we look for.
const MAX_TOKEN: usize = 64 * 1024;

pub struct Json;

impl Reader for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Json, Format::JsonLines]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, _budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut writer = TextWriter::new(sink);
        let mut parser = Parser::new(TextStream::new(input));
        let end = parser.run(&mut writer);
        parser.nested.end(&mut writer)?;
        writer.finish()?;
        parser.source.stream().report(sink);
        end
    }
}

/// Of a value that is longer than is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    More,
    Last,
}

struct Container {
    is_array: bool,
    has_key: bool,
    /// Values so far.
    count: u64,
    /// Of the next value.
    key: Option<String>,
}

struct Parser<R> {
    source: Bytes<R>,
    nested: Nested,
    /// Parallel to the containers that `nested` tells apart; deeper ones are only counted.
    stack: Vec<Container>,
    beyond: u64,
    /// The first document ended on its own line and another followed on the next.
    is_lines: Option<bool>,
    first_line: u64,
    /// The bytes of the value at hand.
    bytes: Vec<u8>,
    /// Of a key that is no longer needed.
    spare: String,
}

/// Deeper containers are read without path.
const MAX_DEPTH: usize = 500;

impl<R: Read> Parser<R> {
    fn new(stream: TextStream<R>) -> Self {
        Self {
            source: Bytes::new(stream),
            nested: Nested::new("$"),
            stack: Vec::new(),
            beyond: 0,
            is_lines: None,
            first_line: 0,
            bytes: Vec::new(),
            spare: String::new(),
        }
    }

    fn run(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        while let Some(byte) = self.source.peek() {
            match byte {
                b'\n' => {
                    self.source.skip(1);
                    // In JSON Lines a line that was left open must not swallow the next ones.
                    if self.is_lines == Some(true) && !self.stack.is_empty() {
                        self.stack.clear();
                        self.beyond = 0;
                        self.nested.end(writer)?;
                    }
                }
                b' ' | b'\t' | b'\r' | b':' => {
                    let blanks = self.source.rest(1).iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b':'));
                    let n = blanks.count();
                    self.source.skip(n);
                }
                b',' => {
                    self.source.skip(1);
                    self.flush_key(writer)?;
                }
                b'{' | b'[' => {
                    self.source.skip(1);
                    self.open(byte == b'[', writer)?;
                }
                b'}' | b']' => {
                    self.source.skip(1);
                    self.close(writer)?;
                }
                b'"' | b'\'' => {
                    self.source.skip(1);
                    let line = self.source.line();
                    self.string(byte, line, writer)?;
                }
                _ => {
                    let line = self.source.line();
                    self.bare(line, writer)?;
                }
            }
        }
        self.flush_key(writer)?;
        self.source.failure()
    }

    fn open(&mut self, is_array: bool, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if self.stack.is_empty() {
            match (self.first_line, self.is_lines) {
                (0, _) => self.first_line = self.source.line(),
                (_, None) => self.is_lines = Some(false),
                _ => {}
            }
        }
        if self.stack.len() >= MAX_DEPTH {
            self.flush_key(writer)?;
            self.beyond += 1;
            return Ok(());
        }
        // The key is text, too: a heading above its values, an address that keys its data.
        if self.stack.last().is_some_and(|top| top.is_array && top.has_key && top.count == 0) {
            self.nested.heading(self.source.line(), writer)?;
        }
        let mut kind = if is_array { Kind::List } else { Kind::Group };
        let mut key = None;
        let mut index = None;
        if let Some(parent) = self.stack.last_mut() {
            if parent.is_array {
                kind = Kind::Element;
                index = Some(parent.count);
            } else {
                key = parent.key.take();
            }
            parent.count += 1;
        }
        let step = step(index, key.as_deref());
        if let Some(key) = &key
            && !is_array
        {
            self.nested.value(Some(self.source.line()), Some(key), step, "", writer)?;
        }
        self.nested.open(kind, key.as_deref(), step, writer)?;
        self.stack.push(Container { is_array, has_key: key.is_some(), count: 0, key: None });
        Ok(())
    }

    fn close(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.flush_key(writer)?;
        if let Some(beyond) = self.beyond.checked_sub(1) {
            self.beyond = beyond;
            return Ok(());
        }
        if let Some(closed) = self.stack.pop() {
            // An empty array would otherwise hide its key.
            if closed.is_array && closed.count == 0 && !self.stack.is_empty() {
                self.nested.heading(self.source.line(), writer)?;
            }
            self.nested.close(writer)?;
        }
        if self.stack.is_empty() && self.is_lines.is_none() {
            self.is_lines = Some(self.first_line == self.source.line());
        }
        Ok(())
    }

    /// A string after its opening quote.
    fn string(&mut self, quote: u8, line: u64, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let mut text = std::mem::take(&mut self.bytes);
        text.clear();
        loop {
            let rest = self.source.rest(1);
            if rest.is_empty() {
                break;
            }
            let n = memchr::memchr3(quote, b'\\', b'\n', rest).unwrap_or(rest.len());
            text.extend_from_slice(rest.get(..n).unwrap_or_default());
            let stop = rest.get(n).copied();
            self.source.skip(n);
            match stop {
                Some(b'\\') => {
                    self.source.skip(1);
                    self.escape(&mut text);
                }
                // A string that is not closed ends with its line.
                Some(b'\n') => break,
                Some(_) => {
                    self.source.skip(1);
                    break;
                }
                None => {}
            }
            if text.len() > MAX_TOKEN {
                let text = whole_characters(&mut text);
                self.value(line, &text, Part::More, writer)?;
            }
        }
        let end = self.end_string(&String::from_utf8_lossy(&text), line, writer);
        self.bytes = text;
        end
    }

    /// A string is complete: it is a key if a colon follows.
    fn end_string(&mut self, text: &str, line: u64, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if self.stack.last().is_some_and(|top| !top.is_array && top.key.is_none()) && self.beyond == 0 {
            while matches!(self.source.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                self.source.skip(1);
            }
            if self.source.peek() == Some(b':') {
                self.key(text);
                return Ok(());
            }
        }
        self.value(line, text, Part::Last, writer)
    }

    fn key(&mut self, text: &str) {
        self.source.skip(1);
        if let Some(top) = self.stack.last_mut() {
            let mut key = std::mem::take(&mut self.spare);
            key.clear();
            key.push_str(text);
            top.key = Some(key);
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) {
        let Some(byte) = self.source.peek() else { return };
        self.source.skip(1);
        let c = match byte {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' | b'f' => ' ',
            b'u' => self.unicode_escape(),
            byte => {
                text.push(byte);
                return;
            }
        };
        text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    fn unicode_escape(&mut self) -> char {
        let high = self.hex4();
        if !(0xd800..0xdc00).contains(&high) {
            return char::from_u32(high).filter(|c| *c != '\0').unwrap_or(' ');
        }
        if self.source.peek() != Some(b'\\') {
            return '\u{fffd}';
        }
        self.source.skip(1);
        if self.source.peek() != Some(b'u') {
            return '\u{fffd}';
        }
        self.source.skip(1);
        let low = self.hex4();
        let code = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
        char::from_u32(code).unwrap_or('\u{fffd}')
    }

    fn hex4(&mut self) -> u32 {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = self.source.peek().and_then(|byte| char::from(byte).to_digit(16)) else { break };
            self.source.skip(1);
            code = code * 16 + digit;
        }
        code
    }

    /// Numbers, words, and anything that is not JSON.
    fn bare(&mut self, line: u64, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let mut text = std::mem::take(&mut self.bytes);
        text.clear();
        loop {
            let rest = self.source.rest(1);
            let n = rest.iter().position(|b| b",:{}[]\"\n".contains(b)).unwrap_or(rest.len());
            text.extend_from_slice(rest.get(..n).unwrap_or_default());
            let ended = n < rest.len() || rest.is_empty();
            self.source.skip(n);
            if ended {
                break;
            }
            if text.len() > MAX_TOKEN {
                let text = whole_characters(&mut text);
                self.value(line, &text, Part::More, writer)?;
            }
        }
        let end = self.end_bare(String::from_utf8_lossy(&text).trim(), line, writer);
        self.bytes = text;
        end
    }

    fn end_bare(&mut self, text: &str, line: u64, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let expects_key = self.stack.last().is_some_and(|top| !top.is_array && top.key.is_none()) && self.beyond == 0;
        if expects_key && self.source.peek() == Some(b':') {
            self.key(text);
            return Ok(());
        }
        self.value(line, text, Part::Last, writer)
    }

    fn value(&mut self, line: u64, text: &str, part: Part, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let mut label = None;
        let mut index = None;
        if let Some(top) = self.stack.last_mut() {
            if top.is_array {
                index = Some(top.count);
            } else {
                label = top.key.take();
            }
            top.count += 1;
        }
        // A line break inside a value is none of the file's.
        let line = memchr::memchr(b'\n', text.as_bytes()).is_none().then_some(line);
        self.nested.value(line, label.as_deref(), step(index, label.as_deref()), text, writer)?;
        match self.stack.last_mut() {
            Some(top) if part == Part::More => top.key = label,
            _ => self.spare = label.unwrap_or_default(),
        }
        Ok(())
    }

    /// A key without value.
    fn flush_key(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if self.stack.last().is_some_and(|top| top.key.is_some()) {
            self.value(self.source.line(), "", Part::Last, writer)?;
        }
        Ok(())
    }
}

fn step(index: Option<u64>, key: Option<&str>) -> Step<'_> {
    index.map(Step::Index).or(key.map(Step::Key)).unwrap_or(Step::Nothing)
}

#[cfg(test)]
#[allow(clippy::format_collect, clippy::format_push_string, reason = "test inputs are short")]
mod tests {
    use super::*;
    use crate::open::collect::collect;

    /// Every record as `path label=text|…`.
    fn records(json: &str) -> Vec<String> {
        let got = collect(&Json, "a.json", json.as_bytes());
        assert!(got.error.is_none() && got.gaps.is_empty());
        let mut records: Vec<(u64, String)> = Vec::new();
        for text in &got.texts {
            for piece in text.pieces() {
                let content = text.piece_content(piece.start).trim_end_matches(['\t', '\n']);
                if content.ends_with(": ") {
                    continue;
                }
                let field = piece.place.field.as_deref().unwrap();
                let label = piece.label.as_deref().unwrap_or("-");
                let shown = format!("{field} {label}={content}");
                match records.last_mut() {
                    Some((record, all)) if *record == piece.record => *all = format!("{all}|{shown}"),
                    _ => records.push((piece.record, shown)),
                }
            }
        }
        records.into_iter().map(|(_, shown)| shown).collect()
    }

    #[test]
    fn elements_of_a_list_are_records() {
        assert_eq!(
            records(r#"[{"name":"Mario","tags":["a","b"]},{"name":"Anna","born":{"year":1980}}]"#),
            [
                "$[0].name name=Mario|$[0].tags[0] tags=a|$[0].tags[1] tags=b",
                "$[1].name name=Anna|$[1].born born=|$[1].born.year year=1980",
            ]
        );
    }

    #[test]
    fn people_in_a_list_are_records_and_diagnoses_are_not() {
        assert_eq!(
            records(r#"{"firm":"X","staff":[{"nome":"Mario"},{"nome":"Anna"}],"n":2}"#),
            ["$.staff[0].nome nome=Mario", "$.staff[1].nome nome=Anna", "$.firm firm=X|$.staff staff=|$.n n=2"]
        );
        assert_eq!(
            records(r#"{"paziente":"Mario Rossi","diagnosi":[{"code":"C50"},{"code":"F32"}]}"#),
            [
                "$.paziente paziente=Mario Rossi|$.diagnosi diagnosi=|$.diagnosi[0].code code=C50|$.diagnosi[1].code code=F32"
            ]
        );
    }

    #[test]
    fn lines_are_records_and_a_broken_line_costs_itself() {
        assert_eq!(
            records("{\"a\":1}\n{\"a\":2,\"b\":{\"c\":3\n{\"a\":4}\n"),
            ["$.a a=1", "$.a a=2|$.b b=|$.b.c c=3", "$.a a=4"]
        );
    }

    #[test]
    fn numbers_words_and_escapes_as_they_read() {
        assert_eq!(
            records(r#"{"n":1.50e3,"t":true,"z":null,"s":"a\u00e8\ud83d\ude00\n\"b\" \/"}"#),
            ["$.n n=1.50e3|$.t t=true|$.z z=null|$.s s=aè😀\n\"b\" /"]
        );
        assert_eq!(records(r#"["a@example.org", 7]"#), ["$[0] -=a@example.org", "$[1] -=7"]);
        assert_eq!(
            records(r#"[["Mario","RSSMRA80A01H501U"],[]]"#).first().unwrap(),
            "$[0][0] -=Mario|$[0][1] -=RSSMRA80A01H501U"
        );
    }

    #[test]
    fn what_is_not_json_is_read_all_the_same() {
        for (text, words) in [
            ("{name: 'Mario', // comment\n}", vec!["name", "Mario", "comment"]),
            ("{\"a\":\"cut", vec!["a", "cut"]),
            ("hello world", vec!["hello world"]),
            ("{\"a\":[}]]}\"b\"", vec!["a", "b"]),
            ("{\"only key\"", vec!["only key"]),
            ("{\"key\":}", vec!["key"]),
            ("{\"k\":{}, \"l\":[]}", vec!["k", "l"]),
        ] {
            let got = collect(&Json, "a.json", text.as_bytes()).content();
            assert!(words.iter().all(|word| got.contains(word)), "{text}: {got}");
        }
        assert!(collect(&Json, "a.json", b"").content().is_empty());
    }

    #[test]
    fn depth_and_width_are_bounded() {
        let deep = "[{\"a\":".repeat(300_000) + "\"Mario\"";
        assert!(collect(&Json, "a.json", deep.as_bytes()).content().contains("Mario"));
        let many = format!(
            "{{\"items\":[{}]}}",
            (0..5000).map(|i| format!("{{\"v\":{i},\"w\":1}}")).collect::<Vec<_>>().join(",")
        );
        let got = records(&many);
        assert!(got.len() > 4900, "{}", got.len());
        let long = format!("{{\"file\":\"{}\"}}", "QUJD ".repeat(200_000));
        let got = collect(&Json, "a.json", long.as_bytes());
        assert!(got.texts.iter().all(|text| text.len() < 1 << 20));
    }

    #[test]
    fn every_word_survives() {
        let mut seed = 3u64;
        for _ in 0..200 {
            let mut json = String::new();
            for i in 0..60 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let between = ["\"", "{", "}", "[", "]", ",", ":", "\n", "\":\"", "\",\"", " ", "\\\""];
                let n = usize::try_from(seed >> 33).unwrap() % between.len();
                json.push_str(&format!("w{i}{}", between[n]));
            }
            let got = collect(&Json, "a.json", json.as_bytes()).content();
            for i in 0..60 {
                assert!(got.contains(&format!("w{i}")), "w{i} of {json}: {got}");
            }
        }
    }
}
