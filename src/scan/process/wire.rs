//! What goes through the pipes between the scan and its workers: frames of JSON, each behind its length.
//!
//! A frame is four bytes (its length, little-endian) and as many bytes of JSON. Neither side
//! takes more than [`MOST`] bytes for a frame, nor memory for bytes that have not come.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::model::{Exposure, ItemPath, ItemRecord, Outcome, Reason, Stamp};
use crate::open::Limits;
use crate::source::entry::Kind;
use crate::source::{Entry, Rates};

/// Bytes of a frame.
const MOST: usize = 16 << 20;
/// Problems that are told of an item which has too much to tell.
const FEW: usize = 100;

/// What a worker is told first; it holds secrets, and goes through the pipe alone.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Setup {
    pub(super) key: [u8; 32],
    pub(super) min_confidence: f32,
    pub(super) reveal: bool,
    pub(super) passwords: Vec<String>,
    pub(super) patterns: Vec<PatternSource>,
    /// Of the catalogue that comes out.
    pub(super) detectors_hash: String,
    pub(super) limits: Limits,
    /// The part of this worker.
    pub(super) rates: Rates,
    /// Where the models of text recognition are, if pictures are read.
    pub(super) models: Option<WirePath>,
    pub(super) roots: Vec<WirePath>,
    /// Bytes.
    pub(super) memory: u64,
    /// Threads that may help with one file.
    pub(super) threads: usize,
    pub(super) read_copies: bool,
}

/// One file of detectors of the user, as [`crate::detect::Catalogue::add`] takes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PatternSource {
    pub file: String,
    pub folder: Option<String>,
    pub content: String,
}

/// From the scan to a worker.
#[derive(Serialize, Deserialize)]
pub(super) enum Request {
    /// `helpers`: threads that may help with its large files.
    Unit {
        number: u64,
        entries: Vec<WireEntry>,
        helpers: usize,
    },
    Helpers(usize),
    /// What is not read yet is not to be read.
    Stop,
}

/// From a worker to the scan.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    /// It is set up and shut in.
    Ready(Walls),
    Told(Box<Told>),
}

/// One record; `is_file` if it is that of the file itself, which comes last.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) unit: u64,
    /// Index in the unit.
    pub(super) at: usize,
    pub(super) is_file: bool,
    pub(super) record: ItemRecord,
    /// Of the frame it came in.
    #[serde(skip)]
    pub(super) bytes: usize,
}

/// What a worker could shut itself in with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walls {
    /// Version of Landlock; 0 without it.
    pub landlock: u32,
    pub seccomp: bool,
}

/// Appends one frame; what is too large leaves the buffer as it was.
pub(super) fn append(frame: &impl Serialize, buffer: &mut Vec<u8>) -> io::Result<()> {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; 4]);
    let written = serde_json::to_writer(&mut *buffer, frame);
    let length = buffer.len() - start - 4;
    let header = u32::try_from(length).ok().filter(|_| length <= MOST);
    match (written, header, buffer.get_mut(start..start + 4)) {
        (Ok(()), Some(length), Some(place)) => {
            place.copy_from_slice(&length.to_le_bytes());
            Ok(())
        }
        (written, ..) => {
            buffer.truncate(start);
            written?;
            Err(io::Error::new(io::ErrorKind::InvalidData, "a frame is too large"))
        }
    }
}

/// The next frame; none at the end of the stream. `buffer` is overwritten.
pub(super) fn read<T: DeserializeOwned>(input: &mut impl Read, buffer: &mut Vec<u8>) -> io::Result<Option<T>> {
    let mut header = [0; 4];
    match input.read(&mut header)? {
        0 => return Ok(None),
        have => input.read_exact(header.get_mut(have..).unwrap_or_default())?,
    }
    let length = u64::from(u32::from_le_bytes(header));
    if length > MOST as u64 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame is too large"));
    }
    buffer.clear();
    if input.take(length).read_to_end(buffer)? as u64 != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(serde_json::from_slice(buffer)?))
}

/// Appends the record; one too large for a frame says so instead of what it found.
pub(super) fn append_told(mut told: Told, buffer: &mut Vec<u8>) -> io::Result<()> {
    let Err(error) = append(&TellRef(&told), buffer) else { return Ok(()) };
    if error.kind() != io::ErrorKind::InvalidData {
        return Err(error);
    }
    let record = &mut told.record;
    record.reasons.push(Reason::TooManyBytes);
    if record.outcome() == Outcome::Read {
        record.outcome = Some(Outcome::ReadInPart);
    }
    record.problems.truncate(FEW);
    record.findings_beyond += record.findings.len() as u64;
    record.findings.clear();
    record.subjects_beyond += record.subjects.len() as u64;
    record.subjects.clear();
    if append(&TellRef(&told), buffer).is_ok() {
        return Ok(());
    }
    // Paths of members can be as long as their container likes.
    told.record.problems.clear();
    append(&TellRef(&told), buffer)
}

/// [`Reply::Told`] without owning it.
struct TellRef<'a>(&'a Told);

impl Serialize for TellRef<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_variant("Reply", 1, "Told", self.0)
    }
}

/// A path as the system has it, which need not be UTF-8.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WirePath(#[cfg(unix)] crate::model::Name, #[cfg(not(unix))] Vec<u16>);

impl WirePath {
    #[cfg(unix)]
    pub(super) fn new(path: &Path) -> Self {
        Self(crate::model::Name::from_path(path))
    }

    #[cfg(unix)]
    pub(super) fn path(&self) -> PathBuf {
        use std::os::unix::ffi::OsStrExt;
        std::ffi::OsStr::from_bytes(self.0.as_bytes()).into()
    }

    #[cfg(windows)]
    pub(super) fn new(path: &Path) -> Self {
        use std::os::windows::ffi::OsStrExt;
        Self(path.as_os_str().encode_wide().collect())
    }

    #[cfg(windows)]
    pub(super) fn path(&self) -> PathBuf {
        use std::os::windows::ffi::OsStringExt;
        std::ffi::OsString::from_wide(&self.0).into()
    }
}

/// An [`Entry`] that is a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WireEntry {
    item: ItemPath,
    path: WirePath,
    size: u64,
    stored: u64,
    modified_at: Option<WireTime>,
    exposure: Exposure,
    stamp: Stamp,
}

/// Distance to 1970; `true` if before it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct WireTime(bool, Duration);

impl WireTime {
    fn new(time: SystemTime) -> Self {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Self(false, after),
            Err(before) => Self(true, before.duration()),
        }
    }

    fn time(self) -> Option<SystemTime> {
        let Self(is_before, distance) = self;
        if is_before {
            SystemTime::UNIX_EPOCH.checked_sub(distance)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(distance)
        }
    }
}

impl WireEntry {
    pub(super) fn new(entry: &Entry) -> Self {
        // Every field by name: a new one does not compile until it travels.
        let Entry { item, path, kind: _, size, stored, modified_at, exposure, stamp } = entry;
        Self {
            item: item.clone(),
            path: WirePath::new(path),
            size: *size,
            stored: *stored,
            modified_at: modified_at.map(WireTime::new),
            exposure: exposure.clone(),
            stamp: *stamp,
        }
    }

    pub(super) fn entry(self) -> Entry {
        let Self { item, path, size, stored, modified_at, exposure, stamp } = self;
        Entry {
            item,
            path: path.path(),
            kind: Kind::File,
            size,
            stored,
            modified_at: modified_at.and_then(WireTime::time),
            exposure,
            stamp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Finding, Name, Problem, Stage};

    fn round<T: Serialize + DeserializeOwned>(frame: &T) -> T {
        let (mut pipe, mut buffer) = (Vec::new(), Vec::new());
        append(frame, &mut pipe).unwrap();
        let mut input = pipe.as_slice();
        let read = read(&mut input, &mut buffer).unwrap().unwrap();
        assert!(super::read::<T>(&mut input, &mut buffer).unwrap().is_none(), "the end is no error");
        read
    }

    #[test]
    fn an_entry_comes_through_as_it_is() {
        let entry = Entry {
            item: ItemPath::new(1, Name::from_bytes(&b"caf\xe9/a b.txt"[..])),
            path: std::path::PathBuf::from("/srv/x"),
            kind: Kind::File,
            size: 7,
            stored: 4096,
            modified_at: SystemTime::UNIX_EPOCH.checked_sub(Duration::new(14_182_940, 5)),
            exposure: Exposure { owner: Some(1000), ..Exposure::default() },
            stamp: Stamp { size: 7, changed: Some(-5), ..Stamp::default() },
        };
        let back = round(&WireEntry::new(&entry)).entry();
        assert_eq!(format!("{back:?}"), format!("{entry:?}"));
    }

    #[test]
    #[cfg(unix)]
    fn a_path_need_not_be_utf8() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"/srv/caf\xe9"));
        assert_eq!(round(&WirePath::new(path)).path(), path);
    }

    #[test]
    fn what_is_too_long_or_cut_or_no_json_is_refused() {
        let mut buffer = Vec::new();
        let mut check = |bytes: &[u8]| read::<Request>(&mut &*bytes, &mut buffer).map(|_| ()).unwrap_err().kind();
        assert_eq!(check(&u32::MAX.to_le_bytes()), io::ErrorKind::InvalidData);
        assert_eq!(check(&[1, 0]), io::ErrorKind::UnexpectedEof);
        assert_eq!(check(&[9, 0, 0, 0, b'"']), io::ErrorKind::UnexpectedEof);
        assert_eq!(check(&[2, 0, 0, 0, b'{', b'}']), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_record_with_too_much_to_tell_says_that() {
        let problem = Problem {
            item: ItemPath::default(),
            stage: Stage::Extract,
            code: Reason::Malformed,
            message: "x".repeat(20_000),
        };
        let record = ItemRecord {
            outcome: Some(Outcome::Read),
            problems: vec![problem; 1000],
            subjects: vec![1, 2],
            findings: Vec::<Finding>::new(),
            ..ItemRecord::default()
        };
        let mut buffer = Vec::new();
        append_told(Told { unit: 1, at: 0, is_file: true, record, bytes: 0 }, &mut buffer).unwrap();
        let Some(Reply::Told(told)) = read(&mut buffer.as_slice(), &mut Vec::new()).unwrap() else { panic!() };
        assert_eq!(
            (told.record.outcome(), told.record.reasons.clone()),
            (Outcome::ReadInPart, vec![Reason::TooManyBytes])
        );
        assert_eq!((told.record.subject_count(), told.record.problems.len()), (2, FEW));
    }
}
