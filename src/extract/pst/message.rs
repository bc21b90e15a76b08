//! Finds what a message in a mail store says: its properties, recipients and attachments.
//!
//! Specification: [MS-PST] 2.4.5 and 2.4.6.

use crate::extract::outlook::{Attachment, Content, EachAttachment, EachRecipient, Message, Properties, RawText};
use crate::extract::package::ends_the_file;
use crate::open::reader::ReadError;

use super::block::Data;
use super::file::{Node, Store};
use super::properties::{Bag, each_row};

/// The table of recipients inside a message.
const RECIPIENTS: u32 = 0x692;
const ATTACHMENT: u32 = 0x05;
const CONTENT: u16 = 0x3701;
const METHOD: u16 = 0x3705;

/// A message or an attachment: a node and its properties.
pub(super) struct Thing<'s, 'p, 'i> {
    store: &'s Store<'p, 'i>,
    node: Node,
    bag: Bag<'s, 's, 'p, 'i>,
}

impl<'s, 'p, 'i> Thing<'s, 'p, 'i> {
    pub(super) fn open(store: &'s Store<'p, 'i>, node: Node) -> Result<Self, ReadError> {
        Ok(Self { store, node, bag: Bag::open(store, node)? })
    }
}

impl Properties for Thing<'_, '_, '_> {
    fn text_ids(&self) -> Vec<u16> {
        self.bag.text_ids()
    }

    fn text(&self, id: u16, limit: u64) -> Result<Option<RawText>, ReadError> {
        self.bag.text(id, limit)
    }

    fn bytes(&self, id: u16, limit: u64) -> Result<Option<Vec<u8>>, ReadError> {
        self.bag.bytes(id, limit)
    }

    fn number(&self, id: u16) -> Option<u64> {
        self.bag.number(id)
    }
}

impl Message for Thing<'_, '_, '_> {
    fn recipients(&self, each: &mut EachRecipient<'_>) -> Result<(), ReadError> {
        let Some(table) = self.store.inner_node(self.node.inner, RECIPIENTS)? else { return Ok(()) };
        each_row(self.store, table, &mut |row| each(row))
    }

    fn attachments(&self, each: &mut EachAttachment<'_>) -> Result<(), ReadError> {
        let mut damaged = false;
        self.store.each_inner_node(self.node.inner, None, &mut |node| {
            if node.id & 0x1F != ATTACHMENT {
                return Ok(());
            }
            match Self::open(self.store, node) {
                Ok(attachment) => each(&attachment),
                Err(error) if ends_the_file(&error) => Err(error),
                Err(_) => {
                    damaged = true;
                    Ok(())
                }
            }
        })?;
        if damaged { Err(ReadError::malformed("mail store", "an attachment is damaged")) } else { Ok(()) }
    }
}

impl Attachment for Thing<'_, '_, '_> {
    fn content(&self) -> Result<Content<'_>, ReadError> {
        let method = self.number(METHOD).unwrap_or(1);
        if let Some(inside) = self.bag.object(CONTENT)? {
            let Some(node) = self.store.inner_node(self.node.inner, inside)? else { return Ok(Content::Damaged) };
            if method == 5 {
                return Ok(Content::Message(Box::new(Self::open(self.store, node)?)));
            }
            let data = Data::new(self.store, node.data)?;
            let declared = data.declared();
            return Ok(Content::File(Box::new(data), declared));
        }
        Ok(match self.bag.stream(CONTENT)? {
            Some((stream, size)) => Content::File(stream, size),
            None if matches!(method, 1 | 5 | 6) => Content::Damaged,
            None => Content::Elsewhere,
        })
    }

    fn fallback_name(&self) -> String {
        format!("attachment {}", self.node.id >> 5)
    }
}
