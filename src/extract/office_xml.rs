//! Streams the XML of an office document: opening tags, text and closing tags, bounded and forgiving.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, Encoding, UTF_8};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesEnd, BytesRef, BytesStart, Event};
use quick_xml::reader::Reader as XmlReader;

use crate::model::Reason;
use crate::open::budget::Spent;
use crate::open::reader::ReadError;

/// One tag or one run of text may be this long; both are held in memory.
const LONGEST_EVENT: u64 = 32 << 20;
/// Elements within elements.
const DEEPEST: usize = 4096;

pub(super) enum Token<'b> {
    /// An empty element comes as an opening and a closing tag.
    Open(Tag<'b>),
    Text(Cow<'b, str>),
    Close(End<'b>),
    /// A comment, a declaration, a processing instruction.
    Other,
}

pub(super) struct Tag<'b>(BytesStart<'b>);
pub(super) struct End<'b>(BytesEnd<'b>);

impl Tag<'_> {
    /// Without its prefix: the vocabularies of office documents are told apart by part.
    pub(super) fn name(&self) -> &str {
        local(self.0.name().0)
    }

    /// By its local name, with any prefix or none; none first.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        self.by_key(|key| key == name).or_else(|| self.by_key(|key| local(key) == name))
    }

    /// Only with a prefix, as `r:id` beside `id`.
    pub(super) fn prefixed_attribute(&self, name: &str) -> Option<String> {
        self.by_key(|key| key != name && local(key) == name)
    }

    fn by_key(&self, is: impl Fn(&str) -> bool) -> Option<String> {
        let mut attributes = self.0.attributes();
        let attribute = attributes.with_checks(false).flatten().find(|attribute| is(attribute.key.0))?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        Some(value.unwrap_or_else(|_| attribute.value.clone()).into_owned())
    }
}

impl End<'_> {
    pub(super) fn name(&self) -> &str {
        local(self.0.name().0)
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

pub(super) struct Markup<'r> {
    reader: XmlReader<Decoded<'r>>,
    buffer: Vec<u8>,
    depth: usize,
}

impl<'r> Markup<'r> {
    pub(super) fn new(part: &'r mut dyn Read) -> Self {
        let mut reader = XmlReader::from_reader(Decoded::new(part));
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Self { reader, buffer: Vec::new(), depth: 0 }
    }

    /// The next token, or none at the end of the part. A part that ends within an element is damaged.
    pub(super) fn next(&mut self) -> Result<Option<Token<'_>>, ReadError> {
        self.buffer.clear();
        self.reader.get_mut().event = 0;
        Ok(Some(match self.reader.read_event_into(&mut self.buffer).map_err(fault)? {
            Event::Start(tag) | Event::Empty(tag) => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(ReadError::malformed("xml", "elements are nested too deeply"));
                }
                Token::Open(Tag(tag))
            }
            Event::End(end) => {
                self.depth = self.depth.saturating_sub(1);
                Token::Close(End(end))
            }
            Event::Text(text) => Token::Text(match text.into_inner() {
                Cow::Borrowed(text) if !text.contains('\r') => Cow::Borrowed(text),
                text => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
            }),
            Event::CData(text) => Token::Text(text.into_inner()),
            Event::GeneralRef(reference) => Token::Text(resolve(&reference)),
            Event::Eof if self.depth > 0 => return Err(ReadError::malformed("xml", "elements are not closed")),
            Event::Eof => return Ok(None),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => Token::Other,
        }))
    }

    /// Elements that are open around the last token, an opening tag's own included.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// After an opening tag: passes over its content and its closing tag.
    pub(super) fn skip(&mut self) -> Result<(), ReadError> {
        let outer = self.depth.saturating_sub(1);
        while self.depth > outer {
            if self.next()?.is_none() {
                break;
            }
        }
        Ok(())
    }
}

/// What a reference stands for. Entities that a document type declares are not expanded
/// (office documents have none, and expanding them is a known way to explode).
fn resolve(reference: &BytesRef<'_>) -> Cow<'static, str> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Cow::Owned(character.to_string());
    }
    match quick_xml::escape::resolve_predefined_entity(reference) {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(format!("&{};", &**reference)),
    }
}

fn fault(error: quick_xml::Error) -> ReadError {
    match error {
        quick_xml::Error::Io(io) => match crate::open::budget::reason_of(&io) {
            Some(reason) => ReadError::Budget(reason),
            None => ReadError::from_decoder("xml", &io::Error::from(io.kind())),
        },
        _ => ReadError::malformed("xml", "not well-formed"),
    }
}

/// Any encoding in, UTF-8 out; what cannot be decoded becomes U+FFFD.
struct Decoded<'r> {
    part: &'r mut dyn Read,
    decoder: Option<Decoder>,
    raw: Box<[u8]>,
    raw_end: usize,
    text: Box<[u8]>,
    text_start: usize,
    text_end: usize,
    ended: bool,
    /// Bytes since the last event.
    event: u64,
}

const BUFFER: usize = 16 * 1024;

impl<'r> Decoded<'r> {
    fn new(part: &'r mut dyn Read) -> Self {
        Self {
            part,
            decoder: None,
            raw: vec![0; BUFFER].into(),
            raw_end: 0,
            text: vec![0; BUFFER * 3 + 16].into(),
            text_start: 0,
            text_end: 0,
            ended: false,
            event: 0,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        while self.text_start == self.text_end && !self.ended {
            self.raw_end = 0;
            // The declaration must be in the first buffer; inflating may give less at once.
            while self.raw_end < 512 {
                let n = self.part.read(self.raw.get_mut(self.raw_end..).unwrap_or_default())?;
                if n == 0 {
                    break;
                }
                self.raw_end += n;
            }
            let raw = self.raw.get(..self.raw_end).unwrap_or_default();
            let last = raw.is_empty();
            let decoder = self.decoder.get_or_insert_with(|| encoding_of(raw).new_decoder());
            let (_, _, written, _) = decoder.decode_to_utf8(raw, &mut self.text, last);
            self.text_start = 0;
            self.text_end = written;
            self.ended = last;
        }
        Ok(())
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let n = available.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(available) {
            *to = *from;
        }
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Decoded<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.event > LONGEST_EVENT {
            return Err(Spent(Reason::MemberTooLarge).into());
        }
        self.refill()?;
        Ok(self.text.get(self.text_start..self.text_end).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.text_start = (self.text_start + amount).min(self.text_end);
        self.event += amount as u64;
    }
}

/// By byte-order mark (which the decoder heeds), else by zero bytes, else by the declaration.
fn encoding_of(head: &[u8]) -> &'static Encoding {
    match head {
        [b'<', 0, ..] => return encoding_rs::UTF_16LE,
        [0, b'<', ..] => return encoding_rs::UTF_16BE,
        _ => {}
    }
    let declared = head.get(..head.len().min(200)).unwrap_or_default();
    let declared = match memchr::memmem::find(declared, b"?>") {
        Some(end) => String::from_utf8_lossy(declared.get(..end).unwrap_or_default()).into_owned(),
        None => return UTF_8,
    };
    let Some((_, label)) = declared.split_once("encoding=") else { return UTF_8 };
    let label = label.split(['"', '\'']).nth(1).unwrap_or_default();
    // A declaration that could be read is no UTF-16, whatever it says.
    Encoding::for_label(label.as_bytes()).map_or(UTF_8, Encoding::output_encoding)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn flat(xml: &[u8]) -> String {
        let mut bytes = xml;
        let mut markup = Markup::new(&mut bytes);
        let mut out = String::new();
        loop {
            match markup.next() {
                Ok(Some(Token::Open(tag))) => write!(out, "<{}>", tag.name()).unwrap(),
                Ok(Some(Token::Close(end))) => write!(out, "</{}>", end.name()).unwrap(),
                Ok(Some(Token::Text(text))) => out.push_str(&text),
                Ok(Some(Token::Other)) => {}
                Ok(None) => return out,
                Err(error) => return format!("{out}!{}", error.reason().key()),
            }
        }
    }

    #[test]
    fn references_and_prefixes_are_resolved() {
        assert_eq!(flat(b"<w:p>a &amp; b&#233;<w:tab/><![CDATA[<c>]]></w:p>"), "<p>a & b\u{e9}<tab></tab><c></p>");
    }

    #[test]
    fn declared_encodings_are_decoded() {
        assert_eq!(flat(b"<?xml version=\"1.0\" encoding=\"windows-1252\"?><a>caf\xe9</a>"), "<a>caf\u{e9}</a>");
        let utf16: Vec<u8> = "<?xml version=\"1.0\"?><a>\u{e8}</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(flat(&utf16), "<a>\u{e8}</a>");
    }

    #[test]
    fn hostile_nesting_and_endless_tags_end() {
        let deep = "<a>".repeat(DEEPEST + 1);
        assert!(flat(deep.as_bytes()).ends_with("!malformed"));
        let mut endless = io::Read::chain(&b"<a b='"[..], io::repeat(b'x').take(LONGEST_EVENT * 2));
        let mut markup = Markup::new(&mut endless);
        assert_eq!(markup.next().err().map(|e| e.reason()), Some(Reason::MemberTooLarge));
    }
}
