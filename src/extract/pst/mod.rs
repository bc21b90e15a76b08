//! Reads mail stores of Outlook (pst, ost): every message, contact and appointment becomes an item of its own.
//!
//! Specification: [MS-PST]. The store is walked node by node rather than folder by folder, so that messages
//! that no folder shows any more are read, too, and memory does not grow with the store.

mod block;
mod decode;
mod file;
mod heap;
mod message;
mod properties;

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::identify::Format;
use crate::model::{Place, Protection, Reason};
use crate::open::reader::{ReadError, Reader, Sink};
use crate::open::{Access, Budget, Input, Member};

use super::outlook::{self, Properties, RawText};
use super::package::ends_the_file;
use super::writer::TextWriter;
use file::{Node, Store};
use message::Thing;
use properties::Bag;

const MESSAGE_STORE: u32 = 0x21;
const ROOT_FOLDER: u32 = 0x122;
const PASSWORD: u16 = 0x67FF;
/// Folders within folders.
const DEEPEST: usize = 64;
/// Names of folders and of messages that are kept.
const NAMES_KEPT: usize = 1 << 16;
const DISTINCT_NAMES: usize = 1 << 19;

pub struct MailStore;

impl Reader for MailStore {
    fn name(&self) -> &'static str {
        "mail_store"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::MailStore]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let store = match Store::open(input, budget) {
            Ok(store) => store,
            Err(ReadError::Encrypted) => {
                let evidence = "the header says that blocks are encrypted by Windows Information Protection";
                sink.protection(Protection::new(crate::model::State::Unknown, "pst-wip", evidence));
                return Err(ReadError::Encrypted);
            }
            Err(error) => return Err(error),
        };
        pronounce(&store, sink)?;
        let mut writer = TextWriter::new(sink);
        let mut walk = Walk { store: &store, folders: HashMap::new(), names: HashMap::new() };
        let end = store.each_node(&mut |node| match node.id & 0x1F {
            0x02 => walk.write_folder(node, &mut writer),
            0x04 => walk.read_message(node, "", &mut writer),
            // Rules, views and settings of a folder.
            0x08 => walk.read_message(node, "(associated) ", &mut writer),
            _ => Ok(()),
        });
        if store.damaged() > 0 {
            writer.sink()?.gap(Reason::Malformed, &format!("{} parts of the list of messages", store.damaged()));
        }
        writer.finish()?;
        end
    }
}

/// The password of a store is asked for by Outlook alone: only its checksum is kept, and nothing is
/// encrypted with it.
fn pronounce(store: &Store<'_, '_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    let checksum = match store.node(MESSAGE_STORE).and_then(|node| node.map(|node| Bag::open(store, node)).transpose())
    {
        Err(error) if ends_the_file(&error) => return Err(error),
        Ok(Some(bag)) => bag.number(PASSWORD),
        _ => None,
    };
    if checksum.is_some_and(|checksum| checksum != 0) {
        let evidence = "only the checksum of a password is in it; the content is not encrypted with it";
        sink.protection(Protection::opens_without_password("pst-password", evidence));
    }
    Ok(())
}

struct Walk<'s, 'p, 'i> {
    store: &'s Store<'p, 'i>,
    /// Paths of folders by their ids.
    folders: HashMap<u32, Arc<str>>,
    /// How often a name occurred, by its hash.
    names: HashMap<u64, u32>,
}

impl Walk<'_, '_, '_> {
    /// What a folder is called and says of itself.
    fn write_folder(&mut self, node: Node, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let bag = match Bag::open(self.store, node) {
            Ok(bag) => bag,
            Err(error) if ends_the_file(&error) => return Err(error),
            Err(_) => {
                writer.sink()?.gap(Reason::Malformed, "the name of a folder");
                return Ok(());
            }
        };
        for (id, label) in [(0x3001, "folder"), (0x3004, "comment")] {
            let value = text_of(&bag, id)?;
            if !value.is_empty() {
                writer.field(Place::field("folders"), &Arc::from(label), &value)?;
            }
        }
        writer.end_record()
    }

    fn read_message(&mut self, node: Node, kind: &str, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let store = self.store;
        store.budget().spend_member()?;
        let folder = self.folder(node.parent)?;
        let opened = Thing::open(store, node).and_then(|message| Ok((outlook::announce(&message)?, message)));
        let (mut member, mut message) = match opened {
            Ok((member, message)) => (member, Some(message)),
            Err(error) if ends_the_file(&error) => return Err(error),
            Err(_) => (Member::new(format!("message {}", node.id >> 5)), None),
        };
        let name = member.name.to_str().unwrap_or_default();
        member.name = self.distinct(format!("{folder}{kind}{name}")).into();
        writer.sink()?.item(member, outlook::MEDIA_TYPE, &mut |sink| {
            let Some(message) = message.take() else {
                return Err(ReadError::malformed("mail store", "the message is damaged"));
            };
            let mut writer = TextWriter::new(sink);
            let end = outlook::write(&message, store.budget(), &mut writer, 0);
            writer.finish()?;
            end
        })
    }

    /// The path of a folder, with a slash at its end.
    fn folder(&mut self, id: u32) -> Result<Arc<str>, ReadError> {
        if let Some(path) = self.folders.get(&id) {
            return Ok(Arc::clone(path));
        }
        let mut names = Vec::new();
        let mut next = id;
        while next != ROOT_FOLDER && next != 0 && names.len() < DEEPEST {
            let node = match self.store.node(next) {
                Ok(Some(node)) => node,
                Err(error) if ends_the_file(&error) => return Err(error),
                _ => break,
            };
            let name = match Bag::open(self.store, node).and_then(|bag| text_of(&bag, 0x3001)) {
                Ok(name) => name,
                Err(error) if ends_the_file(&error) => return Err(error),
                Err(_) => String::new(),
            };
            names.push(if name.is_empty() { format!("folder {}", next >> 5) } else { name });
            if node.parent == next {
                break;
            }
            next = node.parent;
        }
        let path: Arc<str> = names.iter().rev().flat_map(|name| [name.as_str(), "/"]).collect::<String>().into();
        if self.folders.len() >= NAMES_KEPT {
            self.folders.clear();
        }
        self.folders.insert(id, Arc::clone(&path));
        Ok(path)
    }

    /// A second message of the same subject gets a number.
    fn distinct(&mut self, name: String) -> String {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        if self.names.len() >= DISTINCT_NAMES {
            self.names.clear();
        }
        let count = self.names.entry(hasher.finish()).or_insert(0);
        *count += 1;
        if *count == 1 { name } else { format!("{name} ({count})") }
    }
}

/// A short text of a folder.
fn text_of(bag: &Bag<'_, '_, '_, '_>, id: u16) -> Result<String, ReadError> {
    let text = bag.text(id, 4096)?.as_ref().map(|text: &RawText| text.decode(1252)).unwrap_or_default();
    Ok(text.trim_matches(|c: char| c == '\0' || c.is_whitespace()).replace(['\r', '\n', '\t'], " "))
}

#[cfg(test)]
mod tests;
