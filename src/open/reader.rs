//! The seam of a format: what a reader is given, and where it pushes what it finds.

use std::io::{self, Read};

use crate::identify::Format;
use crate::model::{Name, Protection, Reason, Text};

use super::budget::Budget;
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

/// Where readers push.
pub trait Sink {
    /// A bounded run of text. Text pieces should be flushed at about [`TEXT_CHUNK`] bytes.
    fn text(&mut self, text: Text) -> Result<(), ReadError>;

    /// Something inside this item that is an item of its own. Its faults are its own
    /// and do not come back; only what ends the whole file does.
    fn member(&mut self, member: Member, content: &mut dyn Read) -> Result<(), ReadError>;

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

/// Why a reader stopped before the end.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The content is sealed; the verdict is in the sink.
    #[error("encrypted")]
    Encrypted,
    #[error("not a valid {format}: {what}")]
    Malformed { format: &'static str, what: String },
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// A budget is spent; the whole file ends here.
    #[error("budget spent: {}", .0.key())]
    Budget(Reason),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl ReadError {
    pub fn malformed(format: &'static str, what: impl ToString) -> Self {
        Self::Malformed { format, what: what.to_string() }
    }

    /// The reason code. An I/O error that carries a spent budget gives that budget's reason:
    /// decoders pass the error of our input through as their own.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Encrypted => Reason::Encrypted,
            Self::Malformed { .. } => Reason::Malformed,
            Self::Unsupported(_) => Reason::UnsupportedFeature,
            Self::Budget(reason) => *reason,
            Self::Io(error) => match super::budget::reason_of(error) {
                Some(reason) => reason,
                None => match error.kind() {
                    io::ErrorKind::PermissionDenied => Reason::PermissionDenied,
                    io::ErrorKind::NotFound => Reason::NotFound,
                    io::ErrorKind::UnexpectedEof => Reason::Truncated,
                    io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Reason::Malformed,
                    _ => Reason::IoError,
                },
            },
        }
    }

    /// Turns a decoder's I/O error into ours: a spent budget ends the file, all else is
    /// the fault of the bytes.
    pub fn from_decoder(format: &'static str, error: &io::Error) -> Self {
        match super::budget::reason_of(error) {
            Some(reason) => Self::Budget(reason),
            None if error.kind() == io::ErrorKind::UnexpectedEof => Self::Io(error.kind().into()),
            None => Self::malformed(format, error),
        }
    }
}
