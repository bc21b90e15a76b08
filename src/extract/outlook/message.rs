//! Writes an Outlook message, contact or appointment: head, properties, body, recipients; attachments become items.

use std::sync::Arc;

use crate::extract::charset::TextStream;
use crate::extract::compound::code_page_of;
use crate::extract::package::ends_the_file;
use crate::extract::writer::TextWriter;
use crate::extract::{html, rtf as rich_text};
use crate::model::{Place, Reason};
use crate::open::reader::ReadError;
use crate::open::{Budget, Member};

use super::{Attachment, Content, Message, Properties, RawText, rtf};

/// Of a message without bytes of its own.
pub(in crate::extract) const MEDIA_TYPE: &str = "application/vnd.ms-outlook";

const LONGEST_TEXT: u64 = 64 << 20;
const LONGEST_FIELD: u64 = 1 << 20;
/// Messages within messages.
const DEEPEST: usize = 32;
/// Attachments of one message that are told apart.
const MOST_ATTACHMENTS: u32 = 100_000;

/// Fields of the head, in the order a reader expects them.
const HEAD: [(u16, &str); 9] = [
    (0x0042, "from"),
    (0x0C1A, "from"),
    (0x0C1F, "from"),
    (0x5D01, "from"),
    (0x0E04, "to"),
    (0x0E03, "cc"),
    (0x0E02, "bcc"),
    (0x0037, "subject"),
    (0x007D, "headers"),
];

/// Moments that say something about a person.
const TIMES: [(u16, &str); 3] = [(0x0039, "date"), (0x3A42, "date of birth"), (0x3A41, "wedding anniversary")];

/// How the texts of a message are encoded where they are not in UTF-16.
#[derive(Clone, Copy)]
struct CodePages {
    own: u16,
    internet: Option<u16>,
}

impl CodePages {
    fn of(message: &dyn Message) -> Self {
        let number = |id: u16| message.number(id).and_then(|n| u16::try_from(n).ok()).filter(|n| *n != 0);
        let internet = number(0x3FDE);
        // By what the message says, then its body, then its language.
        let own = number(0x3FFD).or(internet).or(number(0x3FF1).map(code_page_of)).unwrap_or(1252);
        Self { own, internet }
    }
}

/// What a message is called and when it was sent, as an item of its own.
pub(in crate::extract) fn announce(message: &dyn Message) -> Result<Member, ReadError> {
    let pages = CodePages::of(message);
    let mut name = String::new();
    // Subject, name of a contact, kind of thing.
    for id in [0x0037, 0x3001, 0x001A] {
        if name.is_empty() {
            let own = text(message, id, 4096, pages)?.unwrap_or_default();
            name = clean_subject(&own).replace(['\r', '\n', '\t'], " ");
        }
    }
    let sent = [0x0039, 0x0E06, 0x3008].into_iter().find_map(|id| moment_of(message.number(id)?));
    Ok(Member {
        size: message.number(0x0E08),
        modified: sent.map(|moment| moment.to_string()),
        ..Member::new(if name.is_empty() { "message".to_owned() } else { name })
    })
}

/// Writes all of a message. `depth` counts the messages around it.
pub(in crate::extract) fn write(
    message: &dyn Message,
    budget: &Budget,
    writer: &mut TextWriter<'_>,
    depth: usize,
) -> Result<(), ReadError> {
    let pages = CodePages::of(message);
    for (id, label) in HEAD {
        if let Some(value) = text(message, id, LONGEST_FIELD, pages)? {
            field(writer, "head", label, if id == 0x0037 { clean_subject(&value) } else { &value })?;
        }
    }
    for (id, label) in TIMES {
        if let Some(date) = message.number(id).and_then(date_of) {
            field(writer, "head", label, &date)?;
        }
    }
    writer.end_record()?;
    write_other_properties(message, pages, writer)?;
    write_body(message, pages, writer)?;
    message.recipients(&mut |recipient| {
        budget.check()?;
        write_recipient(recipient, pages, writer)
    })?;
    let mut count = 0;
    message.attachments(&mut |attachment| {
        budget.spend_member()?;
        count += 1;
        if count > MOST_ATTACHMENTS {
            return Err(ReadError::malformed("message", "it has too many attachments"));
        }
        read_attachment(attachment, pages, budget, writer, depth)
    })
}

/// Contacts keep phones and addresses in properties of their own, forms in named ones.
fn write_other_properties(
    message: &dyn Message,
    pages: CodePages,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    for id in message.text_ids() {
        let label = match id {
            0x3A06 => "given name",
            0x3A11 => "surname",
            0x3001 => "display name",
            0x3003 | 0x39FE => "email",
            0x3A08 | 0x3A1A..=0x3A1E => "phone",
            0x3A09 => "home phone",
            0x3A15 | 0x3A26..=0x3A2A => "address",
            0x3A16 => "company",
            0x3A17 => "title",
            0x3A00..=0x3AFF | 0x8000..=0xFFFE => "property",
            _ => continue,
        };
        if let Some(value) = text(message, id, LONGEST_FIELD, pages)? {
            field(writer, "properties", label, &value)?;
        }
    }
    writer.end_record()
}

/// The plain body, else the page, else the formatted text: they say the same.
fn write_body(message: &dyn Message, pages: CodePages, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    if let Some(body) = text(message, 0x1000, LONGEST_TEXT, pages)?.filter(|body| !is_void(body)) {
        for (line, text) in (1_u64..).zip(body.lines()) {
            writer.paragraph(Place { line: Some(line), ..Place::field("body") }, text.trim_matches('\0'))?;
        }
        return Ok(());
    }
    let page = match message.bytes(0x1013, LONGEST_TEXT)? {
        Some(bytes) => Some(bytes),
        None => text(message, 0x1013, LONGEST_TEXT, pages)?.map(String::into_bytes),
    };
    if let Some(page) = page.filter(|page| !page.trim_ascii().is_empty()) {
        let charset = pages.internet.filter(|_| std::str::from_utf8(&page).is_err()).map(charset_of);
        let (end, markup) = html::write(TextStream::declared(page.as_slice(), charset), 1, writer);
        markup.report(writer.sink()?);
        return end;
    }
    let Some(packed) = message.bytes(0x1009, LONGEST_TEXT)? else { return Ok(()) };
    match rtf::unpack(&packed) {
        Some(text) => rich_text::write(text.as_slice(), writer),
        None if packed.len() < 16 => Ok(()),
        None => {
            writer.sink()?.gap(Reason::Malformed, "the body of the message is damaged");
            Ok(())
        }
    }
}

fn write_recipient(recipient: &dyn Properties, pages: CodePages, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    for id in [0x3001, 0x3003, 0x39FE] {
        if let Some(value) = text(recipient, id, LONGEST_FIELD, pages)? {
            field(writer, "recipients", "recipient", &value)?;
        }
    }
    writer.end_record()
}

fn read_attachment(
    attachment: &dyn Attachment,
    pages: CodePages,
    budget: &Budget,
    writer: &mut TextWriter<'_>,
    depth: usize,
) -> Result<(), ReadError> {
    let mut name = None;
    for id in [0x3707, 0x3704, 0x3001] {
        let own = text(attachment, id, LONGEST_FIELD, pages)?.map(|name| name.trim_matches(['\0', ' ']).to_owned());
        name = name.or(own.filter(|name| !name.is_empty()));
    }
    let mut member = Member::new(name.unwrap_or_else(|| attachment.fallback_name()));
    let media_type = text(attachment, 0x370E, 1024, pages)?;
    member.media_type = media_type.map(|kind| kind.trim_matches('\0').to_owned()).filter(|kind| !kind.is_empty());
    let content = match attachment.content() {
        Ok(content) => content,
        Err(error) if ends_the_file(&error) => return Err(error),
        Err(_) => Content::Damaged,
    };
    match content {
        Content::File(mut content, size) => {
            member.size = size;
            writer.sink()?.member(member, &mut content)
        }
        Content::Message(_) if depth >= DEEPEST => {
            writer.sink()?.member_unread(member, Reason::TooDeep, "messages within messages");
            Ok(())
        }
        Content::Message(inner) => {
            let member = announce(&*inner)?;
            writer.sink()?.item(member, MEDIA_TYPE, &mut |sink| {
                let mut writer = TextWriter::new(sink);
                let end = write(&*inner, budget, &mut writer, depth + 1);
                writer.finish()?;
                end
            })
        }
        Content::Object(object) => object(writer),
        Content::Elsewhere => {
            let detail = "the attachment is a reference to a file elsewhere";
            writer.sink()?.member_unread(member, Reason::NotFound, detail);
            Ok(())
        }
        Content::Damaged => {
            writer.sink()?.member_unread(member, Reason::Malformed, "the attachment is damaged");
            Ok(())
        }
    }
}

fn text(
    properties: &(impl Properties + ?Sized),
    id: u16,
    limit: u64,
    pages: CodePages,
) -> Result<Option<String>, ReadError> {
    Ok(properties.text(id, limit)?.as_ref().map(|text: &RawText| text.decode(pages.own)))
}

fn field(writer: &mut TextWriter<'_>, place: &str, label: &str, value: &str) -> Result<(), ReadError> {
    if is_void(value) {
        return Ok(());
    }
    let value = value.trim_matches(['\0', ' ', '\r', '\n']).replace("\r\n", "\n");
    writer.field(Place::field(place), &Arc::from(label), &value)
}

/// The name of a code page as the web knows it.
fn charset_of(code_page: u16) -> String {
    match code_page {
        65001 => "utf-8".to_owned(),
        28591..=28605 => format!("iso-8859-{}", code_page - 28590),
        20866 => "koi8-r".to_owned(),
        21866 => "koi8-u".to_owned(),
        _ => format!("cp{code_page}"),
    }
}

fn is_void(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c == '\0')
}

/// A subject may begin with a mark and the length of its `Re:` ([MS-PST] 2.5.3.1.1.1).
pub(in crate::extract) fn clean_subject(subject: &str) -> &str {
    let mut rest = subject.chars();
    let subject = match rest.next() {
        Some('\u{1}') => {
            rest.next();
            rest.as_str()
        }
        _ => subject,
    };
    subject.trim_matches(|c: char| c == '\0' || c.is_whitespace())
}

/// A moment in units of 100 ns since 1601. The end of all times stands for none.
fn moment_of(moment: u64) -> Option<jiff::Timestamp> {
    let seconds = i64::try_from(moment / 10_000_000).ok().filter(|seconds| *seconds > 0)?;
    let moment = jiff::Timestamp::from_second(seconds.checked_sub(11_644_473_600)?).ok()?;
    (moment.as_second() < 64_000_000_000).then_some(moment)
}

/// The day of a moment, as `2026-01-31`.
fn date_of(moment: u64) -> Option<String> {
    Some(moment_of(moment)?.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_lose_their_mark() {
        assert_eq!(clean_subject("\u{1}\u{5}Re: Ferie\0"), "Re: Ferie");
        assert_eq!(clean_subject("Ferie "), "Ferie");
        assert_eq!(clean_subject("\u{1}"), "");
    }

    #[test]
    fn moments_are_days() {
        assert_eq!(date_of(131_277_888_000_000_000).as_deref(), Some("2017-01-02"));
        assert_eq!((date_of(0), date_of(u64::MAX), date_of(0x0CB3_4557_A3DD_4000)), (None, None, None));
    }
}
