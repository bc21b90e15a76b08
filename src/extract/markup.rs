//! Cuts XML and HTML into tags and text as they stream by; nothing is refused and no entity is expanded
//! but characters.
//!
//! <https://www.w3.org/TR/xml/>, <https://html.spec.whatwg.org/multipage/parsing.html#tokenization>.
//! Document type declarations are text, never instructions.

use std::io::Read;

use crate::model::Reason;
use crate::open::reader::{ReadError, Sink};

use super::bytes::{Bytes, whole_characters};
use super::charset::TextStream;
use super::entities::decode_entities;

/// Bytes after which text comes in pieces.
const MAX_PIECE: usize = 32 * 1024;
/// Bytes of all attributes of one tag.
const MAX_TAG: usize = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Xml,
    Html,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Token {
    /// Characters, entities decoded. A long run comes in pieces.
    Text(String),
    /// The inside of a script.
    Script(String),
    /// A comment, an instruction or a declaration.
    Aside(String),
    /// Names are lower-case in HTML and without prefix in XML.
    Start {
        name: String,
        attributes: Vec<(String, String)>,
        closed: bool,
    },
    End(String),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Content,
    /// Text up to this end, in pieces: comments, CDATA sections, declarations.
    Until {
        end: &'static [u8],
        as_text: bool,
    },
    Script,
    Style,
}

pub struct Markup<R> {
    bytes: Bytes<R>,
    dialect: Dialect,
    state: State,
    /// Line on which the last token starts.
    line: u64,
    /// Bytes of attributes that were not kept.
    dropped: u64,
    embedded: u64,
}

impl<R: Read> Markup<R> {
    pub fn new(stream: TextStream<R>, dialect: Dialect) -> Self {
        Self::starting_at(stream, 1, dialect)
    }

    /// The first line has this number.
    pub fn starting_at(stream: TextStream<R>, line: u64, dialect: Dialect) -> Self {
        let bytes = Bytes::starting_at(stream, line);
        Self { bytes, dialect, state: State::Content, line, dropped: 0, embedded: 0 }
    }

    /// Line on which the last token starts.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Tells the sink what was not read. Call it at the end.
    pub fn report(&self, sink: &mut dyn Sink) {
        self.bytes.stream().report(sink);
        if self.embedded > 0 {
            let detail = format!("{} files embedded in addresses (data:) were not read", self.embedded);
            sink.gap(Reason::UnsupportedFeature, &detail);
        }
        if self.dropped > 0 {
            sink.gap(Reason::Malformed, &format!("{} bytes of overlong tags were not read", self.dropped));
        }
    }

    pub fn next_token(&mut self) -> Result<Option<Token>, ReadError> {
        loop {
            self.line = self.bytes.line();
            let Some(byte) = self.bytes.peek() else {
                self.bytes.failure()?;
                return Ok(None);
            };
            match self.state {
                State::Until { end, as_text } => {
                    let text = self.until(end);
                    if !text.is_empty() {
                        return Ok(Some(if as_text { Token::Text(text) } else { Token::Aside(text) }));
                    }
                    continue;
                }
                State::Script => {
                    let text = self.until(b"</script");
                    if !text.is_empty() {
                        return Ok(Some(Token::Script(text)));
                    }
                    continue;
                }
                State::Style => {
                    self.until(b"</style");
                    continue;
                }
                State::Content => {}
            }
            if byte != b'<' {
                return Ok(Some(self.text()));
            }
            if self.bytes.starts_with(b"<!--") {
                self.enter(4, b"-->", false);
            } else if self.bytes.starts_with(b"<![CDATA[") {
                self.enter(9, b"]]>", true);
            } else if self.bytes.starts_with(b"<!") {
                if let Some(text) = self.declaration() {
                    return Ok(Some(Token::Aside(text)));
                }
            } else if self.bytes.starts_with(b"<?xml ") {
                self.bytes.skip(6);
                self.until(b"?>");
            } else if self.bytes.starts_with(b"<?") {
                self.enter(2, if self.dialect == Dialect::Xml { b"?>" } else { b">" }, false);
            } else {
                let next = self.bytes.rest(3).get(1..3).unwrap_or_default();
                let is_name =
                    |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphabetic() || *b >= 0x80 || *b == b'_');
                if next.first() == Some(&b'/') && (is_name(next.get(1)) || next.get(1) == Some(&b'>')) {
                    return Ok(Some(self.end_tag()));
                }
                if is_name(next.first()) {
                    return Ok(Some(self.start_tag()));
                }
                return Ok(Some(self.text()));
            }
        }
    }

    fn enter(&mut self, skip: usize, end: &'static [u8], as_text: bool) {
        self.bytes.skip(skip);
        self.state = State::Until { end, as_text };
    }

    /// The text up to this end, or a piece of it. At the end the state returns to content.
    fn until(&mut self, end: &[u8]) -> String {
        let mut text = Vec::new();
        loop {
            let rest = self.bytes.rest(end.len());
            if rest.len() < end.len() {
                let n = rest.len();
                self.bytes.take(n, &mut text);
                self.state = State::Content;
                break;
            }
            let found = end.first().and_then(|first| {
                memchr::memchr_iter(*first, rest)
                    .find(|at| rest.get(*at..at + end.len()).is_some_and(|part| part.eq_ignore_ascii_case(end)))
            });
            if let Some(at) = found {
                self.bytes.take(at, &mut text);
                // The end of a script is a tag of its own.
                if end.starts_with(b"</") {
                    self.end_tag();
                } else {
                    self.bytes.skip(end.len());
                }
                self.state = State::Content;
                break;
            }
            let n = rest.len() + 1 - end.len();
            self.bytes.take(n, &mut text);
            if text.len() >= MAX_PIECE {
                break;
            }
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    /// `<!DOCTYPE …>`: what it declares inside, if anything.
    fn declaration(&mut self) -> Option<String> {
        self.bytes.skip(2);
        let mut text = Vec::new();
        let mut brackets = 0u32;
        while let Some(byte) = self.bytes.peek() {
            if text.len() >= MAX_PIECE {
                break;
            }
            match byte {
                b'[' => brackets += 1,
                b']' => brackets = brackets.saturating_sub(1),
                b'>' if brackets == 0 => {
                    self.bytes.skip(1);
                    break;
                }
                _ => {}
            }
            self.bytes.take(1, &mut text);
        }
        let text = whole_characters(&mut text);
        let standard = text.len() < 300 && !text.contains('[');
        (!standard).then_some(text)
    }

    fn text(&mut self) -> Token {
        let mut text = Vec::new();
        self.bytes.take(1, &mut text);
        loop {
            let rest = self.bytes.rest(1);
            if rest.is_empty() {
                break;
            }
            let (n, ended) = match memchr::memchr(b'<', rest) {
                Some(n) => (n, true),
                None => (rest.len(), false),
            };
            // A long run ends at white space, so that neither word nor entity is cut.
            let room = MAX_PIECE.saturating_sub(text.len());
            if n > room {
                let space = rest.iter().skip(room).take(n - room).position(u8::is_ascii_whitespace);
                let cut = space.map_or(n, |i| room + i);
                self.bytes.take(cut, &mut text);
                if space.is_some() || text.len() > 4 * MAX_PIECE || ended {
                    break;
                }
                continue;
            }
            self.bytes.take(n, &mut text);
            if ended {
                break;
            }
        }
        Token::Text(decode_entities(&String::from_utf8_lossy(&text)).into_owned())
    }

    fn end_tag(&mut self) -> Token {
        self.bytes.skip(2);
        let name = self.name();
        self.skip_tag();
        Token::End(name)
    }

    fn start_tag(&mut self) -> Token {
        self.bytes.skip(1);
        let name = self.name();
        let mut attributes: Vec<(String, String)> = Vec::new();
        let mut closed = false;
        let mut size = 0;
        loop {
            match self.bytes.peek() {
                Some(b'>') => {
                    self.bytes.skip(1);
                    break;
                }
                // A tag that is never closed ends where the next one starts.
                None | Some(b'<') => break,
                Some(b'/') => {
                    self.bytes.skip(1);
                    closed = self.bytes.peek() == Some(b'>');
                }
                Some(b) if b.is_ascii_whitespace() || b == b'=' => self.bytes.skip(1),
                Some(b'"' | b'\'') => {
                    let value = self.attribute_value();
                    attributes.push((String::new(), value));
                }
                Some(_) => {
                    let key = self.name();
                    if key.is_empty() {
                        self.bytes.skip(1);
                        continue;
                    }
                    while self.bytes.peek().is_some_and(|b| b.is_ascii_whitespace()) {
                        self.bytes.skip(1);
                    }
                    let value = if self.bytes.peek() == Some(b'=') {
                        self.bytes.skip(1);
                        while self.bytes.peek().is_some_and(|b| b.is_ascii_whitespace()) {
                            self.bytes.skip(1);
                        }
                        self.attribute_value()
                    } else {
                        String::new()
                    };
                    size += key.len() + value.len() + 48;
                    if size > MAX_TAG {
                        self.dropped += value.len() as u64;
                    } else {
                        attributes.push((key, value));
                    }
                }
            }
        }
        if self.dialect == Dialect::Html && !closed {
            self.state = match name.as_str() {
                "script" => State::Script,
                "style" => State::Style,
                _ => State::Content,
            };
        }
        Token::Start { name, attributes, closed }
    }

    fn attribute_value(&mut self) -> String {
        let quote = self.bytes.peek().filter(|byte| matches!(byte, b'"' | b'\''));
        if quote.is_some() {
            self.bytes.skip(1);
        }
        let mut value = Vec::new();
        loop {
            let rest = self.bytes.rest(1);
            let end = match quote {
                Some(quote) => memchr::memchr(quote, rest),
                None => rest.iter().position(|b| b.is_ascii_whitespace() || *b == b'>'),
            };
            let n = end.unwrap_or(rest.len());
            let ended = end.is_some() || rest.is_empty();
            if value.len() + n <= MAX_TAG {
                self.bytes.take(n, &mut value);
            } else {
                self.bytes.skip(n);
                if !value.starts_with(b"data:") {
                    self.dropped += n as u64;
                }
            }
            if ended {
                break;
            }
        }
        if quote.is_some() {
            self.bytes.skip(1);
        }
        if value.starts_with(b"data:") && value.len() > 256 {
            self.embedded += 1;
            value.truncate(64);
        }
        decode_entities(&whole_characters(&mut value)).into_owned()
    }

    fn name(&mut self) -> String {
        let mut name = Vec::new();
        while let Some(byte) = self.bytes.peek() {
            if byte.is_ascii_whitespace() || b"=/><\"'".contains(&byte) {
                break;
            }
            if name.len() < 1024 {
                self.bytes.take(1, &mut name);
            } else {
                self.dropped += 1;
                self.bytes.skip(1);
            }
        }
        let name = String::from_utf8_lossy(&name).into_owned();
        match self.dialect {
            Dialect::Html => name.to_ascii_lowercase(),
            Dialect::Xml if name.starts_with("xmlns") => name,
            Dialect::Xml => name.rsplit(':').next().unwrap_or_default().to_owned(),
        }
    }

    fn skip_tag(&mut self) {
        while let Some(byte) = self.bytes.peek() {
            if byte == b'<' {
                return;
            }
            self.bytes.skip(1);
            if byte == b'>' {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str, dialect: Dialect) -> Vec<Token> {
        let mut markup = Markup::new(TextStream::new(text.as_bytes()), dialect);
        std::iter::from_fn(|| markup.next_token().unwrap()).collect()
    }

    fn start(name: &str, attributes: &[(&str, &str)], closed: bool) -> Token {
        let attributes = attributes.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        Token::Start { name: name.into(), attributes, closed }
    }

    #[test]
    fn tags_attributes_and_text() {
        assert_eq!(
            tokens("<?xml version='1.0'?><p:a x=\"1 &lt; 2\" y='z'>t &amp; u<![CDATA[<v>]]></p:a><b/>", Dialect::Xml),
            [
                start("a", &[("x", "1 < 2"), ("y", "z")], false),
                Token::Text("t & u".into()),
                Token::Text("<v>".into()),
                Token::End("a".into()),
                start("b", &[], true),
            ]
        );
        assert_eq!(
            tokens("<P CLASS=x checked>a<script>if (a<b) \"</p>\"</SCRIPT >b<!-- c --><style>x</style>", Dialect::Html),
            [
                start("p", &[("class", "x"), ("checked", "")], false),
                Token::Text("a".into()),
                start("script", &[], false),
                Token::Script("if (a<b) \"</p>\"".into()),
                Token::Text("b".into()),
                Token::Aside(" c ".into()),
                start("style", &[], false),
            ]
        );
    }

    #[test]
    fn broken_markup_is_text() {
        assert_eq!(
            tokens("1 < 2 <", Dialect::Html),
            [Token::Text("1 ".into()), Token::Text("< 2 ".into()), Token::Text("<".into())]
        );
        assert_eq!(
            tokens("<a <b>x", Dialect::Html),
            [start("a", &[], false), start("b", &[], false), Token::Text("x".into())]
        );
        assert_eq!(tokens("<!-- open", Dialect::Html), [Token::Aside(" open".into())]);
        assert!(
            matches!(tokens("<!DOCTYPE a [<!ENTITY x \"Mario\">]><a>&x;</a>", Dialect::Xml).first(), Some(Token::Aside(text)) if text.contains("Mario"))
        );
    }

    #[test]
    fn long_runs_come_in_pieces() {
        for text in ["word ".repeat(100_000), "x".repeat(500_000)] {
            let got: String = tokens(&format!("<a>{text}</a>"), Dialect::Xml)
                .into_iter()
                .filter_map(|token| match token {
                    Token::Text(piece) => {
                        assert!(piece.len() < 8 * MAX_PIECE);
                        Some(piece)
                    }
                    _ => None,
                })
                .collect();
            assert_eq!(got, text);
        }
    }
}
