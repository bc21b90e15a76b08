//! Reads Outlook messages and contacts (msg): head, body, recipients, attachments, messages inside.
//!
//! Specification: [MS-OXMSG], [MS-OXPROPS]; [MS-OXRTFCP] for compressed bodies.

use std::sync::Arc;

use crate::extract::writer::TextWriter;
use crate::model::{Place, Reason};
use crate::open::Member;
use crate::open::reader::ReadError;

use super::storage::{Storage, narrow, u16_at, u32_at, wide};
use super::{DEEPEST, read_object};

const LONGEST_TEXT: u64 = 64 << 20;
const LONGEST_FIELD: u64 = 1 << 20;

pub(super) fn read(storage: &mut Storage<'_>, writer: &mut TextWriter<'_>, depth: usize) -> Result<(), ReadError> {
    let message = Message::new(storage, depth);
    message.read(writer)?;
    Ok(())
}

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

struct Message<'m, 'i> {
    storage: &'m Storage<'i>,
    code_page: u16,
    internet_code_page: u16,
    depth: usize,
}

impl<'m, 'i> Message<'m, 'i> {
    fn new(storage: &'m Storage<'i>, depth: usize) -> Self {
        let fixed = storage.bytes("__properties_version1.0", LONGEST_FIELD).ok().flatten().unwrap_or_default();
        // 32 bytes of head in a message, 24 in one inside; entries of 16 align with neither.
        let number = |tag: u32| {
            [32, 24].iter().find_map(|&start| {
                let entries = fixed.get(start..)?.chunks_exact(16);
                entries.into_iter().find(|entry| u32_at(entry, 0) == Some(tag)).and_then(|entry| u16_at(entry, 8))
            })
        };
        Self {
            storage,
            // By what the message says, then its body, then its language.
            code_page: number(0x3FFD_0003)
                .or(number(0x3FDE_0003))
                .or(number(0x3FF1_0003).map(super::word::code_page_of))
                .unwrap_or(1252),
            internet_code_page: number(0x3FDE_0003).unwrap_or(1252),
            depth,
        }
    }

    fn read(&self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        for (id, label) in HEAD {
            if let Some(value) = self.text(self.storage, id, LONGEST_FIELD)? {
                self.field(writer, "head", label, &value)?;
            }
        }
        writer.end_record()?;
        self.write_other_properties(writer)?;
        self.write_body(writer)?;
        for folder in self.storage.folders() {
            self.storage.budget().spend_member()?;
            if folder.starts_with("__recip") {
                self.write_recipient(&folder, writer)?;
            } else if folder.starts_with("__attach") {
                self.read_attachment(&folder, writer)?;
            }
        }
        Ok(())
    }

    fn field(&self, writer: &mut TextWriter<'_>, place: &str, label: &str, value: &str) -> Result<(), ReadError> {
        let value = value.trim_matches(['\0', ' ', '\r', '\n']);
        if value.is_empty() {
            return Ok(());
        }
        writer.field(self.place(place), &Arc::from(label), value)
    }

    fn place(&self, field: &str) -> Place {
        if self.depth == 0 { Place::field(field) } else { Place::field(&format!("message inside, {field}")) }
    }

    /// Contacts keep phones and addresses in properties of their own, forms in named ones.
    fn write_other_properties(&self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let ids: Vec<u16> = self.storage.names().filter_map(property_id).collect();
        for id in ids {
            let label = match id {
                0x3A06 => "given name",
                0x3A11 => "surname",
                0x3001 => "display name",
                0x3003 => "email",
                0x3A08 | 0x3A1A..=0x3A1E => "phone",
                0x3A09 => "home phone",
                0x3A15 | 0x3A26..=0x3A2A => "address",
                0x3A16 => "company",
                0x3A17 => "title",
                0x3A00..=0x3AFF | 0x8000..=0xFFFE => "property",
                _ => continue,
            };
            if let Some(value) = self.text(self.storage, id, LONGEST_FIELD)? {
                self.field(writer, "properties", label, &value)?;
            }
        }
        writer.end_record()
    }

    fn write_body(&self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if let Some(body) = self.text(self.storage, 0x1000, LONGEST_TEXT)? {
            let place = self.place("body");
            for (line, text) in (1_u64..).zip(body.lines()) {
                writer.paragraph(Place { line: Some(line), ..place.clone() }, text.trim_matches('\0'))?;
            }
            return Ok(());
        }
        let html = self.storage.bytes("__substg1.0_10130102", LONGEST_TEXT)?;
        let html = match html {
            Some(html) => Some(narrow(&html, self.internet_code_page)),
            None => self.text(self.storage, 0x1013, LONGEST_TEXT)?,
        };
        if let Some(html) = html {
            return self.push(writer, "body.html", html.as_bytes());
        }
        if let Some(packed) = self.storage.bytes("__substg1.0_10090102", LONGEST_TEXT)? {
            if let Some(rtf) = unpack_rtf(&packed) {
                return self.push(writer, "body.rtf", &rtf);
            }
            writer.sink()?.gap(Reason::Malformed, "the body of the message is damaged");
        }
        Ok(())
    }

    fn push(&self, writer: &mut TextWriter<'_>, name: &str, mut bytes: &[u8]) -> Result<(), ReadError> {
        self.storage.budget().spend_member()?;
        self.storage.budget().spend_bytes(bytes.len() as u64)?;
        let mut member = Member::new(self.storage.path_of(name));
        member.size = Some(bytes.len() as u64);
        writer.sink()?.member(member, &mut bytes)
    }

    fn write_recipient(&self, folder: &str, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let recipient = self.storage.enter(folder);
        for (id, label) in [(0x3001, "recipient"), (0x3003, "recipient"), (0x39FE, "recipient")] {
            if let Some(value) = self.text(&recipient, id, LONGEST_FIELD)? {
                self.field(writer, "recipients", label, &value)?;
            }
        }
        writer.end_record()
    }

    fn read_attachment(&self, folder: &str, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let mut attachment = self.storage.enter(folder);
        let mut name = None;
        for id in [0x3707, 0x3704, 0x3001] {
            name = name.or(self.text(&attachment, id, LONGEST_FIELD)?);
        }
        let name = name.unwrap_or_default();
        let name = name.trim_matches(['\0', ' ']).to_owned();
        let name = if name.is_empty() { folder.to_owned() } else { name };
        let mut member = Member::new(name);
        member.media_type = self.text(&attachment, 0x370E, 1024)?.map(|text| text.trim_matches('\0').to_owned());
        if let Some(mut stream) = attachment.stream("__substg1.0_37010102")? {
            member.size = Some(stream.len());
            return writer.sink()?.member(member, &mut stream);
        }
        if attachment.has("__substg1.0_3701000D") {
            let inside = "__substg1.0_3701000D";
            if !attachment.enter(inside).has("__properties_version1.0") {
                return read_object(&mut attachment, inside, writer, self.depth);
            }
            if self.depth >= DEEPEST {
                writer.sink()?.gap(Reason::TooDeep, "a message inside is nested too deeply");
                return Ok(());
            }
            return read(&mut attachment.enter(inside), writer, self.depth + 1);
        }
        // By reference only: what it refers to is not in the file.
        writer.sink()?.member_unread(member, Reason::NotFound, "the attachment is a reference to a file elsewhere");
        Ok(())
    }

    fn text(&self, storage: &Storage<'_>, id: u16, limit: u64) -> Result<Option<String>, ReadError> {
        if let Some(bytes) = storage.bytes(&format!("__substg1.0_{id:04X}001F"), limit)? {
            return Ok(Some(wide(&bytes)));
        }
        let bytes = storage.bytes(&format!("__substg1.0_{id:04X}001E"), limit)?;
        Ok(bytes.map(|bytes| narrow(&bytes, self.code_page)))
    }
}

/// The property of a stream that holds text.
fn property_id(name: &str) -> Option<u16> {
    let tag = name.strip_prefix("__substg1.0_")?;
    let (id, kind) = tag.split_at_checked(4)?;
    matches!(kind.to_ascii_uppercase().as_str(), "001F" | "001E").then(|| u16::from_str_radix(id, 16).ok())?
}

/// [MS-OXRTFCP] 2.1 and 2.2.
fn unpack_rtf(packed: &[u8]) -> Option<Vec<u8>> {
    const START: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \
        \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
        \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
    const WINDOW: usize = 4096;
    let raw = packed.get(16..)?;
    let size = usize::try_from(u32_at(packed, 4)?).ok()?.min(256 << 20);
    match u32_at(packed, 8)? {
        0x414C_454D => return Some(raw.get(..size.min(raw.len()))?.to_vec()),
        0x7546_5A4C => {}
        _ => return None,
    }
    let mut window = [0_u8; WINDOW];
    window.iter_mut().zip(START).for_each(|(to, from)| *to = *from);
    let mut write = START.len();
    let mut out = Vec::new();
    let mut bytes = raw.iter().copied();
    'all: while let Some(control) = bytes.next() {
        for bit in 0..8 {
            if control & (1 << bit) == 0 {
                let Some(byte) = bytes.next() else { break 'all };
                out.push(byte);
                *window.get_mut(write)? = byte;
                write = (write + 1) % WINDOW;
            } else {
                let (Some(high), Some(low)) = (bytes.next(), bytes.next()) else { break 'all };
                let reference = usize::from(u16::from_be_bytes([high, low]));
                let (offset, length) = (reference >> 4, (reference & 0xF) + 2);
                if offset == write {
                    break 'all;
                }
                for step in 0..length {
                    let byte = *window.get((offset + step) % WINDOW)?;
                    out.push(byte);
                    *window.get_mut(write)? = byte;
                    write = (write + 1) % WINDOW;
                }
            }
            if out.len() > size {
                break 'all;
            }
        }
    }
    out.truncate(size);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_bodies_are_unpacked() {
        // The first example of [MS-OXRTFCP] 3.1.
        let packed = [
            0x2d, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x00, 0x00, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00,
            0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09,
            0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
        ];
        let rtf = unpack_rtf(&packed).unwrap();
        assert_eq!(String::from_utf8_lossy(&rtf), "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        assert_eq!(unpack_rtf(&[0; 20]), None);
    }
}
