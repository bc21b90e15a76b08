//! Reads winmail.dat: what Outlook puts around a message and its attachments on the way to other programs.
//!
//! Specification: [MS-OXTNEF]. <https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxtnef>

mod properties;

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom};

use crate::identify::Format;
use crate::model::Reason;
use crate::open::reader::{ReadError, Reader, Sink};
use crate::open::{Access, Budget, Input};

use super::compound::{u16_at, u32_at};
use super::outlook::{self, Attachment, Content, EachAttachment, EachRecipient, Message, Properties, RawText};
use super::writer::TextWriter;
use properties::{Bytes, List};

/// Bytes of one attribute other than the content of an attachment.
const LONGEST: u64 = 64 << 20;
const MOST_ATTRIBUTES: u32 = 1 << 16;
const MOST_RECIPIENTS: u32 = 1 << 16;
const TEXT: u16 = 0x1E;

// Attributes by the lower half of their ids ([MS-OXTNEF] 2.1.3.2).
const FROM: u16 = 0x8000;
const SUBJECT: u16 = 0x8004;
const CLASS: u16 = 0x8008;
const BODY: u16 = 0x800C;
const ATTACHMENT_DATA: u16 = 0x800F;
const ATTACHMENT_TITLE: u16 = 0x8010;
const NEW_ATTACHMENT: u16 = 0x9002;
const MESSAGE: u16 = 0x9003;
const RECIPIENTS: u16 = 0x9004;
const ATTACHMENT: u16 = 0x9005;
const CODE_PAGE: u16 = 0x9007;

pub struct Tnef;

impl Reader for Tnef {
    fn name(&self) -> &'static str {
        "tnef"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Tnef]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut found = Found::default();
        let end = found.read(input, budget);
        if let Some(error) = end.as_ref().err()
            && super::package::ends_the_file(error)
        {
            return end;
        }
        if found.damaged {
            sink.gap(Reason::Malformed, "some properties of the message");
        }
        let source = RefCell::new(input);
        let mut writer = TextWriter::new(sink);
        let message = Wrapped { found: &found, source: &source };
        let written = outlook::write(&message, budget, &mut writer, 0);
        writer.finish()?;
        written.and(end)
    }
}

/// What an attachment is.
#[derive(Debug, Default)]
struct Attached {
    properties: List,
    /// Where its content lies.
    data: Option<(u64, u64)>,
}

/// The attributes of the message.
#[derive(Debug, Default)]
struct Found {
    properties: List,
    recipients: Vec<List>,
    attachments: Vec<Attached>,
    damaged: bool,
}

impl Found {
    /// Level, id and length stand before the data, a sum of its bytes behind it.
    fn read(&mut self, input: &mut Input<'_>, budget: &Budget) -> Result<(), ReadError> {
        let mut signature = [0; 6];
        input.read_exact(&mut signature)?;
        if signature.get(..4) != Some(&[0x78, 0x9F, 0x3E, 0x22]) {
            return Err(ReadError::malformed("winmail.dat", "it has no signature"));
        }
        let mut at = 6_u64;
        for _ in 0..MOST_ATTRIBUTES {
            input.seek(SeekFrom::Start(at))?;
            let mut head = Vec::new();
            Read::by_ref(input).take(9).read_to_end(&mut head)?;
            let (Some(id), Some(length)) = (u16_at(&head, 1), u32_at(&head, 5)) else {
                // Padding may follow the last attribute.
                return if head.iter().all(|byte| *byte == 0) { Ok(()) } else { Err(end_of_file()) };
            };
            if !matches!(head.first(), Some(1 | 2)) {
                return if head.iter().all(|byte| *byte == 0) {
                    Ok(())
                } else {
                    Err(ReadError::malformed("winmail.dat", "an attribute has no level"))
                };
            }
            let length = u64::from(length);
            let start = at + 9;
            if id == ATTACHMENT_DATA {
                self.attachment().data = Some((start, length));
                if input.size().is_some_and(|size| size < start + length) {
                    return Err(end_of_file());
                }
            } else if length <= LONGEST {
                let mut data = Vec::new();
                Read::by_ref(input).take(length).read_to_end(&mut data)?;
                let is_cut = (data.len() as u64) < length;
                self.attribute(id, &data, budget)?;
                if is_cut {
                    return Err(end_of_file());
                }
            } else {
                self.damaged = true;
            }
            at = start + length + 2;
        }
        Err(ReadError::malformed("winmail.dat", "it has too many attributes"))
    }

    fn attachment(&mut self) -> &mut Attached {
        if self.attachments.is_empty() {
            self.attachments.push(Attached::default());
        }
        let last = self.attachments.len() - 1;
        &mut self.attachments[last]
    }

    fn attribute(&mut self, id: u16, data: &[u8], budget: &Budget) -> Result<(), ReadError> {
        let mut text = |id: u16| {
            if !self.properties.has(id) && !data.is_empty() {
                self.properties.add(id, TEXT, data.to_vec());
            }
        };
        match id {
            SUBJECT => text(0x0037),
            BODY => text(0x1000),
            CLASS => text(0x001A),
            FROM => {
                // A head of four numbers, then the name and the address with lengths in the head.
                let lengths = u16_at(data, 4).zip(u16_at(data, 6));
                if let Some((name, address)) = lengths {
                    let (name, address) = (usize::from(name), usize::from(address));
                    let part = |from: usize, length: usize| data.get(from..from.saturating_add(length));
                    for (id, part) in [(0x0042, part(8, name)), (0x0C1F, part(8 + name, address))] {
                        if let Some(part) = part.filter(|part| !part.is_empty() && !self.properties.has(id)) {
                            self.properties.add(id, TEXT, part.to_vec());
                        }
                    }
                }
            }
            CODE_PAGE if !self.properties.has(0x3FFD) => {
                self.properties.add(0x3FFD, 0x03, data.iter().copied().take(4).collect());
            }
            MESSAGE => {
                let (mut list, whole) = Bytes::new(data).list(budget)?;
                self.damaged |= !whole;
                // They say more than what stands for old programs.
                list.append(std::mem::take(&mut self.properties));
                self.properties = list;
            }
            RECIPIENTS => {
                let mut bytes = Bytes::new(data);
                for _ in 0..bytes.u32().unwrap_or(0).min(MOST_RECIPIENTS) {
                    let (list, whole) = bytes.list(budget)?;
                    self.recipients.push(list);
                    self.damaged |= !whole;
                    if !whole {
                        break;
                    }
                }
            }
            NEW_ATTACHMENT => {
                budget.spend_member()?;
                self.attachments.push(Attached::default());
            }
            ATTACHMENT_TITLE => self.attachment().properties.add(0x3704, TEXT, data.to_vec()),
            ATTACHMENT => {
                let (list, whole) = Bytes::new(data).list(budget)?;
                self.damaged |= !whole;
                self.attachment().properties.append(list);
            }
            _ => {}
        }
        Ok(())
    }
}

fn end_of_file() -> ReadError {
    io::Error::from(io::ErrorKind::UnexpectedEof).into()
}

/// The message with the file it lies in.
struct Wrapped<'w, 'p, 'i> {
    found: &'w Found,
    source: &'w RefCell<&'p mut Input<'i>>,
}

impl Properties for Wrapped<'_, '_, '_> {
    fn text_ids(&self) -> Vec<u16> {
        self.found.properties.text_ids()
    }

    fn text(&self, id: u16, limit: u64) -> Result<Option<RawText>, ReadError> {
        self.found.properties.text(id, limit)
    }

    fn bytes(&self, id: u16, limit: u64) -> Result<Option<Vec<u8>>, ReadError> {
        self.found.properties.bytes(id, limit)
    }

    fn number(&self, id: u16) -> Option<u64> {
        self.found.properties.number(id)
    }
}

impl Message for Wrapped<'_, '_, '_> {
    fn recipients(&self, each: &mut EachRecipient<'_>) -> Result<(), ReadError> {
        self.found.recipients.iter().try_for_each(|recipient| each(recipient))
    }

    fn attachments(&self, each: &mut EachAttachment<'_>) -> Result<(), ReadError> {
        let attachments = self.found.attachments.iter();
        attachments
            .enumerate()
            .try_for_each(|(number, attached)| each(&WrappedFile { attached, source: self.source, number: number + 1 }))
    }
}

struct WrappedFile<'w, 'p, 'i> {
    attached: &'w Attached,
    source: &'w RefCell<&'p mut Input<'i>>,
    number: usize,
}

impl Properties for WrappedFile<'_, '_, '_> {
    fn text_ids(&self) -> Vec<u16> {
        self.attached.properties.text_ids()
    }

    fn text(&self, id: u16, limit: u64) -> Result<Option<RawText>, ReadError> {
        self.attached.properties.text(id, limit)
    }

    fn bytes(&self, id: u16, limit: u64) -> Result<Option<Vec<u8>>, ReadError> {
        self.attached.properties.bytes(id, limit)
    }

    fn number(&self, id: u16) -> Option<u64> {
        self.attached.properties.number(id)
    }
}

impl Attachment for WrappedFile<'_, '_, '_> {
    fn content(&self) -> Result<Content<'_>, ReadError> {
        // A message inside, or an object of another program: a file of its own either way.
        if let Some(object) = self.attached.properties.object(0x3701) {
            return Ok(Content::File(Box::new(object), Some(object.len() as u64)));
        }
        if let Some((start, length)) = self.attached.data {
            let content = Slice { source: self.source, at: start, end: start + length };
            return Ok(Content::File(Box::new(content), Some(length)));
        }
        if let Some(bytes) = self.attached.properties.bytes(0x3701, LONGEST)? {
            let length = bytes.len() as u64;
            return Ok(Content::File(Box::new(io::Cursor::new(bytes)), Some(length)));
        }
        let method = self.number(0x3705).unwrap_or(0);
        Ok(if matches!(method, 1 | 5 | 6) { Content::Damaged } else { Content::Elsewhere })
    }

    fn fallback_name(&self) -> String {
        format!("attachment {}", self.number)
    }
}

/// Part of the file.
struct Slice<'w, 'p, 'i> {
    source: &'w RefCell<&'p mut Input<'i>>,
    at: u64,
    end: u64,
}

impl Read for Slice<'_, '_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut source = self.source.borrow_mut();
        source.seek(SeekFrom::Start(self.at))?;
        let n = Read::by_ref(&mut **source).take(self.end.saturating_sub(self.at)).read(buffer)?;
        self.at += n as u64;
        Ok(n)
    }
}

#[cfg(test)]
mod tests;
