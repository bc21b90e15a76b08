//! Reads mail messages: headers as labelled values, bodies as text, attachments and forwarded messages as members.
//!
//! <https://www.rfc-editor.org/rfc/rfc5322>, <https://www.rfc-editor.org/rfc/rfc2045> to 2049. The parts stream by,
//! so that a message of any size and depth costs little memory. Sealed bodies (S/MIME, PGP/MIME) leave the
//! headers readable, and the verdict says so.

use std::cell::RefCell;
use std::io::{self, Read};
use std::sync::Arc;

use mail_parser::{ContentType, HeaderValue, MessageParser, MimeHeaders};

use crate::identify::Format;
use crate::model::{Place, Protection, Reason};
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{Member, ReadError, Reader, Sink};

use super::charset::{self, TextStream};
use super::cms;
use super::html;
use super::lines::Lines as TextLines;
use super::mime::{Decoded, Encoding, Lines, MAX_MULTIPARTS};
use super::novelty::{Mode, Novelty, Seen};
use super::passages;
use super::writer::TextWriter;

/// Bytes of a signature that are looked through.
const MAX_SIGNATURE: u64 = 256 * 1024;
/// Bytes of a part that are looked at to tell whether it is sealed.
const HEAD: u64 = 64 * 1024;

pub struct Mail;

impl Reader for Mail {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Mail]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let seen = RefCell::new(Seen::default());
        let mut sink = Novelty { sink, seen: &seen };
        let mut writer = TextWriter::new(&mut sink);
        let mut message = Message {
            lines: Lines::new(input),
            budget,
            multiparts: Vec::new(),
            seen: &seen,
            members: 0,
            sealed: None,
            delivered: false,
        };
        let end = message.read(&mut writer);
        let sealed = message.sealed.take().filter(|_| !message.delivered);
        writer.finish()?;
        end?;
        match sealed {
            Some(protection) => {
                sink.protection(protection);
                Err(ReadError::Encrypted)
            }
            None => Ok(()),
        }
    }
}

/// An open multipart.
struct Multipart {
    alternative: bool,
    /// `multipart/encrypted`.
    sealed: bool,
    digest: bool,
    /// A text that alternatives are compared with was read.
    has_text: bool,
}

struct Message<'a, R> {
    lines: Lines<R>,
    budget: &'a Budget,
    multiparts: Vec<Multipart>,
    seen: &'a RefCell<Seen>,
    /// Members without a name so far.
    members: u32,
    /// A part was sealed.
    sealed: Option<Protection>,
    /// Some body was readable.
    delivered: bool,
}

/// What the headers of a part say of its body.
#[derive(Default)]
struct Part {
    kind: String,
    subtype: String,
    charset: Option<String>,
    boundary: Option<String>,
    name: Option<String>,
    attachment: bool,
    encoding: Encoding,
}

impl Part {
    fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind == kind && self.subtype == subtype
    }
}

impl<R: Read> Message<'_, R> {
    fn read(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let (block, first) = self.lines.headers()?;
        let part = headers(&block, first, HeaderUse::Message, writer)?;
        self.part(part, writer)?;
        while let Some(hit) = self.lines.take_hit() {
            self.budget.spend_member()?;
            if hit.closes {
                self.lines.leave(hit.level);
                self.multiparts.truncate(hit.level);
                // What follows the end of a multipart: mailing lists and scanners write there.
                self.text(None, writer)?;
                continue;
            }
            self.lines.leave(hit.level + 1);
            self.multiparts.truncate(hit.level + 1);
            let (block, first) = self.lines.headers()?;
            let mut part = headers(&block, first, HeaderUse::Part, writer)?;
            if part.kind.is_empty() && self.multiparts.last().is_some_and(|multipart| multipart.digest) {
                (part.kind, part.subtype) = ("message".into(), "rfc822".into());
            }
            self.part(part, writer)?;
        }
        if self.lines.depth() > 0 {
            writer.sink()?.gap(Reason::Truncated, "the last part of the message has no end");
        }
        Ok(())
    }

    /// Reads the body of a part, up to the boundary that ends it.
    fn part(&mut self, part: Part, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if part.kind == "multipart"
            && let Some(boundary) = part.boundary.as_deref().filter(|boundary| !boundary.is_empty())
        {
            if self.lines.depth() >= MAX_MULTIPARTS {
                writer.sink()?.gap(Reason::TooDeep, "parts within parts; the innermost were read as plain text");
                return self.text(None, writer);
            }
            self.lines.enter(boundary.as_bytes());
            self.multiparts.push(Multipart {
                alternative: part.subtype == "alternative",
                sealed: part.subtype == "encrypted",
                digest: part.subtype == "digest",
                has_text: false,
            });
            // What comes before the first part is for programs that know no parts.
            return self.text(None, writer);
        }
        if self.multiparts.iter().any(|multipart| multipart.sealed) {
            return self.maybe_sealed(&part, writer);
        }
        match (part.kind.as_str(), part.subtype.as_str()) {
            ("application", "pkcs7-mime" | "x-pkcs7-mime") => self.cms(&part, writer),
            ("application", "pkcs7-signature" | "x-pkcs7-signature") => self.signature(&part, writer),
            ("message", "rfc822" | "global") => self.member(&part, "message.eml", writer),
            ("text" | "", _) if !part.attachment => self.text(Some(&part), writer),
            ("message", "delivery-status" | "disposition-notification" | "feedback-report") | ("multipart", _)
                if !part.attachment =>
            {
                self.text(Some(&part), writer)
            }
            _ => self.member(&part, "attachment", writer),
        }
    }

    fn text(&mut self, part: Option<&Part>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let is_html = part.is_some_and(|part| part.is("text", "html"));
        let is_alternative = part.is_some() && self.multiparts.iter().any(|multipart| multipart.alternative);
        let has_text = self.multiparts.iter().any(|multipart| multipart.alternative && multipart.has_text);
        writer.flush()?;
        self.seen.borrow_mut().enter(match (is_alternative, has_text) {
            (false, _) => Mode::Pass,
            (true, false) => Mode::Remember,
            (true, true) => Mode::Compare,
        });
        let line = self.lines.number();
        let encoding = part.map_or(Encoding::None, |part| part.encoding);
        let declared = part.and_then(|part| part.charset.clone());
        let body = Decoded::new(self.lines.body(), encoding);
        let mut counted = Counted { source: body, bytes: 0 };
        let stream = TextStream::declared(&mut counted, declared);
        // Base64 has lines of its own: they count from one.
        let first = if encoding == Encoding::Base64 { 1 } else { line + 1 };
        let end = if is_html {
            let (end, markup) = html::write(stream, first, writer);
            end.and_then(|()| {
                markup.report(writer.sink()?);
                Ok(())
            })
        } else {
            let mut lines = TextLines::starting_at(stream, first);
            passages::write(&mut lines, writer).and_then(|()| {
                lines.stream().report(writer.sink()?);
                Ok(())
            })
        };
        let bytes = counted.bytes;
        writer.flush()?;
        self.seen.borrow_mut().enter(Mode::Pass);
        end?;
        if part.is_some() && bytes > 0 {
            self.delivered = true;
            if is_alternative && let Some(multipart) = self.multiparts.iter_mut().rfind(|m| m.alternative) {
                multipart.has_text = true;
            }
        }
        Ok(())
    }

    fn member(&mut self, part: &Part, fallback: &str, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let member = self.announce(part, fallback);
        let mut body = Decoded::new(self.lines.body(), part.encoding);
        writer.sink()?.member(member, &mut body)?;
        // What the sink left unread must not be taken for the next part.
        io::copy(&mut body, &mut io::sink())?;
        self.delivered = true;
        Ok(())
    }

    fn announce(&mut self, part: &Part, fallback: &str) -> Member {
        let name = part.name.clone().unwrap_or_else(|| {
            self.members += 1;
            match fallback.rsplit_once('.') {
                Some((stem, extension)) => format!("{stem} {}.{extension}", self.members),
                None => format!("{fallback} {}", self.members),
            }
        });
        let media_type = (!part.kind.is_empty()).then(|| format!("{}/{}", part.kind, part.subtype));
        Member { media_type, ..Member::new(name) }
    }

    /// A part of `multipart/encrypted`.
    fn maybe_sealed(&mut self, part: &Part, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if part.is("application", "pgp-encrypted") {
            io::copy(&mut self.lines.body(), &mut io::sink())?;
            return Ok(());
        }
        let mut body = Decoded::new(self.lines.body(), part.encoding);
        let mut head = Vec::new();
        (&mut body).take(HEAD).read_to_end(&mut head)?;
        // The armour, or the tag of a session key packet (RFC 9580, sections 4.2 and 5.1).
        let armour = memchr::memmem::find(&head, b"-----BEGIN PGP MESSAGE-----").is_some();
        let packet = matches!(head.first(), Some(0x84 | 0x85 | 0x86 | 0x8c | 0x8d | 0xc1 | 0xc3));
        if !armour && !packet {
            let mut whole = io::Cursor::new(head).chain(body);
            let member = Member::new(part.name.clone().unwrap_or_else(|| "part".into()));
            writer.sink()?.member(member, &mut whole)?;
            io::copy(&mut whole, &mut io::sink())?;
            self.delivered = true;
            return Ok(());
        }
        io::copy(&mut body, &mut io::sink())?;
        let evidence = "multipart/encrypted with an OpenPGP message; headers (addresses, subject) are not sealed";
        self.seal(part, Protection::strong("openpgp-mime", evidence), writer)
    }

    fn cms(&mut self, part: &Part, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let limit = self.budget.limits().member_bytes;
        let member = self.announce(part, "smime.p7m");
        let mut body = Decoded::new(self.lines.body(), part.encoding);
        let mut der = Vec::new();
        (&mut body).take(HEAD).read_to_end(&mut der)?;
        match cms::kind(&der) {
            cms::Kind::Enveloped => {
                io::copy(&mut body, &mut io::sink())?;
                self.seal(part, cms::protection(&der), writer)
            }
            cms::Kind::Signed => {
                (&mut body).take(limit).read_to_end(&mut der)?;
                if io::copy(&mut body, &mut io::sink())? > 0 {
                    writer.sink()?.gap(Reason::MemberTooLarge, "a signed message");
                }
                let Some(content) = cms::signed_content(&der) else {
                    writer.sink()?.gap(Reason::UnsupportedFeature, "a signed message whose content was not found");
                    return Ok(());
                };
                writer.sink()?.member(Member::new("signed message.eml"), &mut content.as_slice())?;
                self.delivered = true;
                Ok(())
            }
            cms::Kind::Compressed | cms::Kind::Unknown => {
                let mut whole = io::Cursor::new(der).chain(body);
                writer.sink()?.member(member, &mut whole)?;
                io::copy(&mut whole, &mut io::sink())?;
                self.delivered = true;
                Ok(())
            }
        }
    }

    /// A sealed part: the verdict on the message if it is all there is, on a member otherwise.
    fn seal(&mut self, part: &Part, protection: Protection, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let protection = protection.with_names_exposed();
        // Only what belongs to the sealed multipart can follow it without being a part of its own.
        let is_whole = self.multiparts.iter().all(|multipart| multipart.sealed);
        if is_whole && self.sealed.is_none() {
            self.sealed = Some(protection);
            return Ok(());
        }
        let member = Member { protection: Some(protection), ..self.announce(part, "sealed") };
        writer.sink()?.member_unread(member, Reason::Encrypted, "a sealed part of a message");
        self.delivered = true;
        Ok(())
    }

    /// The certificates of a signature name people: their printable strings are text.
    fn signature(&mut self, part: &Part, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let mut body = Decoded::new(self.lines.body(), part.encoding);
        let mut der = Vec::new();
        (&mut body).take(MAX_SIGNATURE).read_to_end(&mut der)?;
        io::copy(&mut body, &mut io::sink())?;
        let label: Arc<str> = "signature".into();
        let mut any = false;
        for run in der.split(|byte| !(byte.is_ascii_graphic() || *byte == b' ' || *byte >= 0xc3)) {
            let text = String::from_utf8_lossy(run);
            if run.len() >= 5 && text.chars().filter(|c| c.is_alphabetic()).count() * 2 >= run.len() {
                writer.field(Place::field("signature"), &label, &text)?;
                any = true;
            }
        }
        if any { writer.end_record() } else { Ok(()) }
    }
}

/// Counts what is read.
struct Counted<R> {
    source: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read(buffer)?;
        self.bytes += n as u64;
        Ok(n)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum HeaderUse {
    Message,
    Part,
}

/// Headers that hold nothing but signatures over the message.
const SEALS: &[&str] = &["dkim-signature", "arc-seal", "arc-message-signature", "x-google-dkim-signature"];

/// Writes the headers as one record, and tells what they say of the body.
fn headers(block: &[u8], first: u64, of: HeaderUse, writer: &mut TextWriter<'_>) -> Result<Part, ReadError> {
    let mut part = Part::default();
    if block.is_empty() {
        return Ok(part);
    }
    let mut text = charset::decode(block);
    text.push_str("\n\n");
    let parser = MessageParser::new().with_mime_headers().default_header_text();
    let Some(parsed) = parser.parse_headers(&text) else {
        // No header in it: nothing may vanish.
        writer.paragraph(Place::line(first), &text)?;
        return Ok(part);
    };
    let mut any = false;
    for header in parsed.parts.first().map(|part| part.headers.as_slice()).unwrap_or_default() {
        let name = header.name();
        let before = text.get(..usize::try_from(header.offset_field).unwrap_or(0)).unwrap_or_default();
        let line = first + memchr::memchr_iter(b'\n', before.as_bytes()).count() as u64;
        let is_mime = name.len() > 8 && name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("content-"));
        let value = match &header.value {
            HeaderValue::Text(text) => text.to_string(),
            HeaderValue::TextList(list) => list.join(" "),
            HeaderValue::ContentType(value) => {
                let attributes = value.attributes().unwrap_or_default();
                let named = attributes.iter().filter(|attribute| attribute.name.contains("name"));
                named.map(|attribute| attribute.value.to_string()).collect::<Vec<_>>().join(" ")
            }
            _ => continue,
        };
        let is_dull = is_mime
            && !matches!(header.value, HeaderValue::ContentType(_))
            && !name.eq_ignore_ascii_case("content-description");
        let skip = is_dull || value.trim().is_empty() || SEALS.iter().any(|seal| name.eq_ignore_ascii_case(seal));
        if skip || (of == HeaderUse::Part && !is_mime) {
            continue;
        }
        let label: Arc<str> = name.into();
        let place = Place { line: Some(line), field: Some(Arc::clone(&label)), ..Place::default() };
        writer.field(place, &label, value.trim())?;
        any = true;
    }
    if any {
        writer.end_record()?;
    }
    if let Some(kind) = parsed.content_type() {
        part.kind = kind.ctype().to_ascii_lowercase();
        part.subtype = kind.subtype().unwrap_or_default().to_ascii_lowercase();
        part.charset = kind.attribute("charset").map(str::to_owned);
        part.boundary = kind.attribute("boundary").map(str::to_owned);
    }
    part.attachment = parsed.content_disposition().is_some_and(ContentType::is_attachment);
    part.name = parsed.attachment_name().map(str::to_owned).filter(|name| !name.trim().is_empty());
    // A text with a file name is a file, unless it says that it is to be read in place.
    let inline = parsed.content_disposition().is_some_and(ContentType::is_inline);
    part.attachment |= part.name.is_some() && !inline;
    part.encoding = parsed.content_transfer_encoding().map_or(Encoding::None, Encoding::of);
    Ok(part)
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
