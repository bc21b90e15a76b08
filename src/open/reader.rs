//! The seam of a format: what a reader is given, and where it pushes what it finds.

use std::io::Read;

use crate::identify::Format;
use crate::model::{Name, Protection, Reason, Text};

use super::budget::Budget;
pub use super::error::ReadError;
use super::input::{Access, Input};

/// One format, container or document alike.
pub trait Reader: Send + Sync {
    /// As in `7z`, `ooxml`; the key of this reader in the documentation and the state.
    fn name(&self) -> &'static str;

    /// Counts up when what it extracts changes: unchanged files are then read again.
    fn version(&self) -> u32;

    fn formats(&self) -> &'static [Format];

    fn access(&self) -> Access;

    /// Reads the whole input into the sink. An error says that the rest could not be
    /// read; what was pushed before it counts.
    ///
    /// Invariant: every loop over untrusted input either reads through `input` (which
    /// spends bytes and time) or calls [`Budget::check`].
    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError>;
}

/// Pushes what an item without bytes of its own holds.
pub type ReadItem<'r> = dyn FnMut(&mut dyn Sink) -> Result<(), ReadError> + 'r;

/// Where readers push.
pub trait Sink {
    /// A bounded run of text. Text pieces should be flushed at about [`TEXT_CHUNK`] bytes.
    fn text(&mut self, text: Text) -> Result<(), ReadError>;

    /// Something inside this item that is an item of its own. Its faults are its own
    /// and do not come back; only what ends the whole file does.
    fn member(&mut self, member: Member, content: &mut dyn Read) -> Result<(), ReadError>;

    /// Something inside this item that has no bytes of its own but is an item like a member:
    /// a message of a mail store. `read` pushes what it holds, and is called once at most.
    fn item(&mut self, member: Member, _media_type: &'static str, _read: &mut ReadItem<'_>) -> Result<(), ReadError> {
        self.member_unread(member, Reason::UnsupportedFeature, "items without bytes are not read here");
        Ok(())
    }

    /// A member that is known by name only: sealed, skipped or not to be unpacked.
    fn member_unread(&mut self, member: Member, reason: Reason, detail: &str);

    /// The verdict on this item; without one it is plain. The last one pushed counts.
    fn protection(&mut self, protection: Protection);

    /// What this item is, when the reader knows better than its first bytes did.
    fn refine(&mut self, media_type: &'static str);

    /// Part of this item was not read. The detail describes the fault and holds no content.
    fn gap(&mut self, reason: Reason, detail: &str);
}

/// Bytes of text after which a reader ends one [`Text`] at the next end of a record.
pub const TEXT_CHUNK: usize = 256 * 1024;

/// A member as its container announces it.
#[derive(Clone, Debug, Default)]
pub struct Member {
    pub name: Name,
    /// Unpacked size as declared; hostile until read.
    pub size: Option<u64>,
    /// Stored size, to judge the ratio.
    pub packed_size: Option<u64>,
    /// RFC 3339, as far as the container says.
    pub modified: Option<String>,
    /// The media type that the container declares (mail parts); a hint like a name.
    pub media_type: Option<String>,
    /// Protection of this member, when it is not plain.
    pub protection: Option<Protection>,
}

impl Member {
    pub fn new(name: impl Into<Name>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}
