//! How an item ended, why, and what went wrong on the way: the words of the coverage ledger.

use serde::{Deserialize, Serialize};

use super::location::ItemPath;

/// Every item ends in exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Read,
    ReadInPart,
    Skipped,
    Unreadable,
}

impl Outcome {
    pub const ALL: [Self; 4] = [Self::Read, Self::ReadInPart, Self::Skipped, Self::Unreadable];

    pub fn key(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadInPart => "read_in_part",
            Self::Skipped => "skipped",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Why an item was not read, or not whole. Codes are stable; additions only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    // Not a file that holds content of its own.
    Symlink,
    Fifo,
    Socket,
    Device,
    // Left out on request.
    Excluded,
    OtherFileSystem,
    // The content is sealed.
    Encrypted,
    // No reader for it here.
    UnsupportedFormat,
    UnsupportedFeature,
    OcrUnavailable,
    DiskImage,
    // The bytes are not what they say.
    Malformed,
    Truncated,
    UndecodedText,
    // A budget ended it.
    TooDeep,
    TooManyMembers,
    TooManyBytes,
    RatioTooHigh,
    MemberTooLarge,
    Timeout,
    // The share did not give it.
    PermissionDenied,
    NotFound,
    PathTooLong,
    Loop,
    IoError,
    Changed,
    ShareUnavailable,
    Offline,
    // The scan itself.
    Crashed,
    OutOfMemory,
    Interrupted,
}

impl Reason {
    pub const ALL: [Self; 31] = [
        Self::Symlink,
        Self::Fifo,
        Self::Socket,
        Self::Device,
        Self::Excluded,
        Self::OtherFileSystem,
        Self::Encrypted,
        Self::UnsupportedFormat,
        Self::UnsupportedFeature,
        Self::OcrUnavailable,
        Self::DiskImage,
        Self::Malformed,
        Self::Truncated,
        Self::UndecodedText,
        Self::TooDeep,
        Self::TooManyMembers,
        Self::TooManyBytes,
        Self::RatioTooHigh,
        Self::MemberTooLarge,
        Self::Timeout,
        Self::PermissionDenied,
        Self::NotFound,
        Self::PathTooLong,
        Self::Loop,
        Self::IoError,
        Self::Changed,
        Self::ShareUnavailable,
        Self::Offline,
        Self::Crashed,
        Self::OutOfMemory,
        Self::Interrupted,
    ];

    pub fn key(self) -> &'static str {
        match self {
            Self::Symlink => "symlink",
            Self::Fifo => "fifo",
            Self::Socket => "socket",
            Self::Device => "device",
            Self::Excluded => "excluded",
            Self::OtherFileSystem => "other_file_system",
            Self::Encrypted => "encrypted",
            Self::UnsupportedFormat => "unsupported_format",
            Self::UnsupportedFeature => "unsupported_feature",
            Self::OcrUnavailable => "ocr_unavailable",
            Self::DiskImage => "disk_image",
            Self::Malformed => "malformed",
            Self::Truncated => "truncated",
            Self::UndecodedText => "undecoded_text",
            Self::TooDeep => "too_deep",
            Self::TooManyMembers => "too_many_members",
            Self::TooManyBytes => "too_many_bytes",
            Self::RatioTooHigh => "ratio_too_high",
            Self::MemberTooLarge => "member_too_large",
            Self::Timeout => "timeout",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::PathTooLong => "path_too_long",
            Self::Loop => "loop",
            Self::IoError => "io_error",
            Self::Changed => "changed",
            Self::ShareUnavailable => "share_unavailable",
            Self::Offline => "offline",
            Self::Crashed => "crashed",
            Self::OutOfMemory => "out_of_memory",
            Self::Interrupted => "interrupted",
        }
    }

    /// The reason in words for a reader who is no engineer.
    pub fn title(self) -> &'static str {
        match self {
            Self::Symlink => "a link; what it points to is not followed",
            Self::Fifo => "a pipe, not a file",
            Self::Socket => "a socket, not a file",
            Self::Device => "a device, not a file",
            Self::Excluded => "left out by --exclude",
            Self::OtherFileSystem => "on another file system",
            Self::Encrypted => "sealed with a password or key",
            Self::UnsupportedFormat => "a format that is not read yet",
            Self::UnsupportedFeature => "a feature of the format that is not read yet",
            Self::OcrUnavailable => "a picture or scan, and no text recognition is installed",
            Self::DiskImage => "the image of a disk, or a backup; the files on it are not read",
            Self::Malformed => "damaged, or not what it says it is",
            Self::Truncated => "cut off before its end",
            Self::UndecodedText => "text in an unknown encoding",
            Self::TooDeep => "nested deeper than allowed",
            Self::TooManyMembers => "more members than allowed",
            Self::TooManyBytes => "unpacks to more than allowed",
            Self::RatioTooHigh => "unpacks suspiciously far (a decompression bomb?)",
            Self::MemberTooLarge => "a member larger than allowed",
            Self::Timeout => "took longer than allowed",
            Self::PermissionDenied => "permission denied",
            Self::NotFound => "gone before it could be read",
            Self::PathTooLong => "its path is too long for the system",
            Self::Loop => "a loop of directories",
            Self::IoError => "the share failed to deliver it",
            Self::Changed => "changed while it was read",
            Self::ShareUnavailable => "the share did not answer any more",
            Self::Offline => "a placeholder; the content was moved to other storage",
            Self::Crashed => "its content broke the reader",
            Self::OutOfMemory => "needs more memory than allowed",
            Self::Interrupted => "the scan was interrupted",
        }
    }

    /// Whether content that may hold personal data stayed unknown. What is no file, or
    /// was left out on request, is not a gap; `Encrypted` depends on the protection and
    /// is decided by [`super::ItemRecord::is_gap`].
    pub fn is_gap(self) -> bool {
        !matches!(
            self,
            Self::Symlink
                | Self::Fifo
                | Self::Socket
                | Self::Device
                | Self::Excluded
                | Self::OtherFileSystem
                | Self::Encrypted
        )
    }
}

/// The stage of the scan in which a problem arose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Walk,
    Open,
    Extract,
    Detect,
    Judge,
}

impl Stage {
    pub const ALL: [Self; 5] = [Self::Walk, Self::Open, Self::Extract, Self::Detect, Self::Judge];

    pub fn key(self) -> &'static str {
        match self {
            Self::Walk => "walk",
            Self::Open => "open",
            Self::Extract => "extract",
            Self::Detect => "detect",
            Self::Judge => "judge",
        }
    }
}

/// Something that went wrong with one item; it never ends the scan. The message
/// describes the fault and holds nothing of the item's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub item: ItemPath,
    pub stage: Stage,
    pub code: Reason,
    pub message: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The variants of an enum; does not compile while one is missing.
    macro_rules! every {
        ($kind:ident: $($variant:ident)*) => {{
            fn _complete(value: $kind) {
                match value { $($kind::$variant => (),)* }
            }
            [$($kind::$variant),*]
        }};
    }

    #[test]
    fn all_holds_every_variant_under_its_json_name() {
        let reasons = every![Reason:
            Symlink Fifo Socket Device Excluded OtherFileSystem
            Encrypted UnsupportedFormat UnsupportedFeature OcrUnavailable DiskImage Malformed Truncated
            UndecodedText TooDeep TooManyMembers TooManyBytes RatioTooHigh MemberTooLarge
            Timeout PermissionDenied NotFound PathTooLong Loop IoError
            Changed ShareUnavailable Offline Crashed OutOfMemory Interrupted
        ];
        assert_eq!(reasons, Reason::ALL);
        for reason in reasons {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.key());
        }
        let outcomes = every![Outcome: Read ReadInPart Skipped Unreadable];
        assert_eq!(outcomes, Outcome::ALL);
        for outcome in outcomes {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.key());
        }
        let stages = every![Stage: Walk Open Extract Detect Judge];
        assert_eq!(stages, Stage::ALL);
        for stage in stages {
            assert_eq!(serde_json::to_value(stage).unwrap(), stage.key());
        }
    }
}
