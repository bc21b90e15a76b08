//! Why a reader stopped before the end.

use std::io;

use crate::model::Reason;

use super::budget::reason_of;

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
            Self::Io(error) => match reason_of(error) {
                Some(reason) => reason,
                None => match error.kind() {
                    io::ErrorKind::PermissionDenied => Reason::PermissionDenied,
                    io::ErrorKind::NotFound => Reason::NotFound,
                    io::ErrorKind::UnexpectedEof => Reason::Truncated,
                    // Of the system, or a decoder that was to take more than it may.
                    io::ErrorKind::OutOfMemory => Reason::OutOfMemory,
                    io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Reason::Malformed,
                    _ => Reason::IoError,
                },
            },
        }
    }

    /// Turns a decoder's I/O error into ours: a spent budget ends the file, all else is
    /// the fault of the bytes.
    pub fn from_decoder(format: &'static str, error: &io::Error) -> Self {
        match reason_of(error) {
            Some(reason) => Self::Budget(reason),
            None if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::OutOfMemory) => {
                Self::Io(error.kind().into())
            }
            None => Self::malformed(format, error),
        }
    }
}

impl From<Reason> for ReadError {
    fn from(reason: Reason) -> Self {
        Self::Budget(reason)
    }
}
