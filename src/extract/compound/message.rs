//! Finds what an Outlook message in a compound file (msg) says: its properties, recipients and attachments.
//!
//! Specification: [MS-OXMSG].

use crate::extract::outlook::{self, Attachment, Content, EachAttachment, EachRecipient, Message, Properties, RawText};
use crate::extract::writer::TextWriter;
use crate::open::reader::ReadError;

use super::storage::{Storage, u16_at, u32_at};
use super::{DEEPEST, read_object};

const LONGEST_FIELD: u64 = 1 << 20;
/// The message or object inside an attachment.
const INSIDE: &str = "__substg1.0_3701000D";

pub(super) fn read(storage: &mut Storage<'_>, writer: &mut TextWriter<'_>, depth: usize) -> Result<(), ReadError> {
    let budget = storage.budget();
    outlook::write(&Part::new(storage.enter(""), depth), budget, writer, depth)
}

/// A folder that holds properties: a message, a recipient, an attachment.
struct Part<'i> {
    storage: Storage<'i>,
    /// The properties of fixed length.
    fixed: Vec<u8>,
    depth: usize,
}

impl<'i> Part<'i> {
    fn new(storage: Storage<'i>, depth: usize) -> Self {
        let fixed = storage.bytes("__properties_version1.0", LONGEST_FIELD).ok().flatten().unwrap_or_default();
        Self { storage, fixed, depth }
    }

    fn parts(&self, prefix: &str) -> impl Iterator<Item = (String, Self)> {
        let folders = self.storage.folders().into_iter().filter(move |folder| folder.starts_with(prefix));
        folders.map(|folder| {
            let part = Self::new(self.storage.enter(&folder), self.depth);
            (folder, part)
        })
    }
}

impl Properties for Part<'_> {
    fn text_ids(&self) -> Vec<u16> {
        self.storage.names().filter_map(property_id).collect()
    }

    fn text(&self, id: u16, limit: u64) -> Result<Option<RawText>, ReadError> {
        if let Some(bytes) = self.storage.bytes(&format!("__substg1.0_{id:04X}001F"), limit)? {
            return Ok(Some(RawText::Wide(bytes)));
        }
        Ok(self.storage.bytes(&format!("__substg1.0_{id:04X}001E"), limit)?.map(RawText::Narrow))
    }

    fn bytes(&self, id: u16, limit: u64) -> Result<Option<Vec<u8>>, ReadError> {
        self.storage.bytes(&format!("__substg1.0_{id:04X}0102"), limit)
    }

    fn number(&self, id: u16) -> Option<u64> {
        // 32 bytes of head in a message, 24 in one inside, 8 in other folders; entries of 16
        // align with the first or with the others.
        [32, 24, 8].iter().find_map(|&start| {
            let mut entries = self.fixed.get(start..)?.chunks_exact(16);
            entries.find_map(|entry| {
                let (kind, own) = (u16_at(entry, 0)?, u16_at(entry, 2)?);
                match kind {
                    _ if own != id => None,
                    0x0002 | 0x000B => u16_at(entry, 8).map(u64::from),
                    0x0003 => u32_at(entry, 8).map(u64::from),
                    0x0014 | 0x0040 => Some(u64::from(u32_at(entry, 12)?) << 32 | u64::from(u32_at(entry, 8)?)),
                    _ => None,
                }
            })
        })
    }
}

impl Message for Part<'_> {
    fn recipients(&self, each: &mut EachRecipient<'_>) -> Result<(), ReadError> {
        self.parts("__recip").try_for_each(|(_, recipient)| each(&recipient))
    }

    fn attachments(&self, each: &mut EachAttachment<'_>) -> Result<(), ReadError> {
        self.parts("__attach").try_for_each(|(folder, part)| each(&Attached { folder, part }))
    }
}

struct Attached<'i> {
    folder: String,
    part: Part<'i>,
}

impl Properties for Attached<'_> {
    fn text_ids(&self) -> Vec<u16> {
        self.part.text_ids()
    }

    fn text(&self, id: u16, limit: u64) -> Result<Option<RawText>, ReadError> {
        self.part.text(id, limit)
    }

    fn bytes(&self, id: u16, limit: u64) -> Result<Option<Vec<u8>>, ReadError> {
        self.part.bytes(id, limit)
    }

    fn number(&self, id: u16) -> Option<u64> {
        self.part.number(id)
    }
}

impl Attachment for Attached<'_> {
    fn content(&self) -> Result<Content<'_>, ReadError> {
        let (storage, depth) = (&self.part.storage, self.part.depth);
        if let Some(stream) = storage.stream("__substg1.0_37010102")? {
            let size = stream.len();
            return Ok(Content::File(Box::new(stream), Some(size)));
        }
        if !storage.has(INSIDE) {
            return Ok(Content::Elsewhere);
        }
        let inside = storage.enter(INSIDE);
        if inside.has("__properties_version1.0") {
            return Ok(Content::Message(Box::new(Part::new(inside, depth + 1))));
        }
        Ok(Content::Object(Box::new(move |writer| {
            // Objects are read within this item, so that their depth is that of all messages around.
            read_object(&mut storage.enter(""), INSIDE, writer, depth.min(DEEPEST))
        })))
    }

    fn fallback_name(&self) -> String {
        self.folder.clone()
    }
}

/// The property of a stream that holds text.
fn property_id(name: &str) -> Option<u16> {
    let tag = name.strip_prefix("__substg1.0_")?;
    let (id, kind) = tag.split_at_checked(4)?;
    matches!(kind.to_ascii_uppercase().as_str(), "001F" | "001E").then(|| u16::from_str_radix(id, 16).ok())?
}
