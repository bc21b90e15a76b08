//! The headers of rar archives of both generations, as one list of members.

use std::ops::Range;

use crate::model::Name;
use crate::open::zip::bytes_at;
use crate::open::{Input, ReadError};

use super::{header4, header5};

/// Bytes of a header that are read at first; most are much shorter.
const FIRST: usize = 1 << 10;
/// The longest header of RAR 5 (technote: a limit of 2 MiB); names are the longest part.
const LONGEST: usize = 2 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Generation {
    /// 1.5 to 4.
    Four,
    Five,
}

impl Generation {
    pub(super) fn scheme(self) -> &'static str {
        match self {
            Self::Four => "rar4-aes128",
            Self::Five => "rar5-aes256",
        }
    }

    pub(super) fn signature(self) -> &'static [u8] {
        match self {
            Self::Four => b"Rar!\x1a\x07\x00",
            Self::Five => b"Rar!\x1a\x07\x01\x00",
        }
    }
}

pub(super) enum Kind {
    Main {
        is_solid: bool,
        /// With a comment as RAR 2 wrote it.
        has_comment: bool,
    },
    File(File),
    /// What the archive keeps beside files: comments, streams of NTFS, recovery records.
    Service(File),
    /// From here on headers are encrypted.
    Sealed,
    End,
    /// A comment as RAR 2 wrote it.
    OldComment,
    Other,
}

pub(super) struct Header {
    pub kind: Kind,
    pub data: Range<u64>,
}

/// How content is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    /// 2.9 to 4.
    Third,
    Fifth {
        dictionary: u64,
        /// Distances beyond 4 GB (RAR 7).
        far: bool,
    },
    /// Of the nineties, or to come.
    Unknown(&'static str),
}

#[derive(Clone, Debug)]
pub(super) struct File {
    pub name: Name,
    pub size: Option<u64>,
    /// Of the content; none where it is not kept, or sealed with the content.
    pub crc: Option<u32>,
    /// Seconds since 1970.
    pub modified: Option<i64>,
    pub method: Method,
    pub is_directory: bool,
    pub is_encrypted: bool,
    pub is_link: bool,
    /// Refers back to the members before it.
    pub is_solid: bool,
    /// Begins in the volume before, or goes on in the next one.
    pub is_continued: bool,
    pub goes_on: bool,
    /// The name of a stream, for the service that keeps them.
    pub stream: Option<Name>,
}

/// The header at this place; none if no whole header stands there.
pub(super) fn at(input: &mut Input<'_>, generation: Generation, place: u64) -> Result<Option<Header>, ReadError> {
    let mut length = FIRST;
    loop {
        let head = bytes_at(input, place, length)?;
        let parsed = match generation {
            Generation::Four => header4::parse(&head, place),
            Generation::Five => header5::parse(&head, place),
        };
        match parsed {
            Parsed::Header(header) => return Ok(Some(header)),
            Parsed::TooShort(needed) if needed > head.len() && head.len() == length && needed <= LONGEST => {
                length = needed;
            }
            Parsed::TooShort(_) | Parsed::Damaged => return Ok(None),
        }
    }
}

pub(super) enum Parsed {
    Header(Header),
    /// So many bytes are needed.
    TooShort(usize),
    Damaged,
}

pub(super) fn crc_of(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at.checked_add(8)?)?.try_into().ok().map(u64::from_le_bytes)
}
