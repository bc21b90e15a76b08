//! What messages, contacts and appointments of Outlook say, wherever they are kept: in a msg, a mail store or a winmail.dat.
//!
//! Specifications: [MS-OXPROPS] for the properties, [MS-OXCMSG] for messages, [MS-OXRTFCP] for compressed bodies.

mod message;
mod rtf;

use std::io::Read;

use crate::open::reader::ReadError;

use super::compound::{narrow, wide};
use super::writer::TextWriter;

pub(super) use message::{MEDIA_TYPE, announce, write};

/// A text as it is kept.
pub(super) enum RawText {
    /// UTF-16, little end first.
    Wide(Vec<u8>),
    /// In a code page that the message names.
    Narrow(Vec<u8>),
}

impl RawText {
    pub(super) fn decode(&self, code_page: u16) -> String {
        match self {
            Self::Wide(bytes) => wide(bytes),
            Self::Narrow(bytes) => narrow(bytes, code_page),
        }
    }
}

/// The properties of a message, a recipient or an attachment, by their ids.
pub(super) trait Properties {
    /// Of the properties that hold text.
    fn text_ids(&self) -> Vec<u16>;

    /// Cut at `limit` bytes; none if there is no such property, or it is damaged.
    fn text(&self, id: u16, limit: u64) -> Result<Option<RawText>, ReadError>;

    fn bytes(&self, id: u16, limit: u64) -> Result<Option<Vec<u8>>, ReadError>;

    /// A whole number, a truth value, or a time in units of 100 ns since 1601.
    fn number(&self, id: u16) -> Option<u64>;
}

pub(super) type EachRecipient<'e> = dyn FnMut(&dyn Properties) -> Result<(), ReadError> + 'e;
pub(super) type EachAttachment<'e> = dyn FnMut(&dyn Attachment) -> Result<(), ReadError> + 'e;

pub(super) trait Message: Properties {
    fn recipients(&self, each: &mut EachRecipient<'_>) -> Result<(), ReadError>;

    fn attachments(&self, each: &mut EachAttachment<'_>) -> Result<(), ReadError>;
}

pub(super) trait Attachment: Properties {
    fn content(&self) -> Result<Content<'_>, ReadError>;

    /// For an attachment that has no name.
    fn fallback_name(&self) -> String;
}

/// Writes an object of another program.
pub(super) type WriteObject<'a> = dyn FnOnce(&mut TextWriter<'_>) -> Result<(), ReadError> + 'a;

pub(super) enum Content<'a> {
    /// A file, and its size if that is known.
    File(Box<dyn Read + 'a>, Option<u64>),
    /// A message inside the message.
    Message(Box<dyn Message + 'a>),
    /// Something of another program, which writes itself.
    Object(Box<WriteObject<'a>>),
    /// It lies in another place, and only a reference to it here.
    Elsewhere,
    /// It should be here and is not.
    Damaged,
}
