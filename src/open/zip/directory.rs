//! The list of what a zip archive holds: its central directory, and without one the headers in front of each member.
//!
//! Specification: APPNOTE.TXT 6.3.10 (PKWARE). The list is read by our own code and not by a
//! library because it must not lose anything: entries of the same name are all kept, and names
//! keep their bytes.

use std::io::{Read, Seek, SeekFrom};

use crate::model::Name;
use crate::open::budget::Budget;
use crate::open::{Input, ReadError};

pub(super) const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// Bits of the general purpose flags.
const ENCRYPTED: u16 = 1;
const SIZES_FOLLOW: u16 = 1 << 3;
const STRONG: u16 = 1 << 6;
const MASKED: u16 = 1 << 13;

/// One member as its header announces it.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub name: Name,
    pub flags: u16,
    pub method: u16,
    /// Not known where only a local header announced the member and its sizes follow it.
    pub crc: Option<u32>,
    /// Of its last change, as DOS writes it.
    pub dos_time: u16,
    pub packed_size: u64,
    pub size: Option<u64>,
    pub header_start: u64,
    /// Unix mode, where a Unix wrote it.
    pub mode: u32,
    /// Seconds since 1970.
    pub modified: Option<i64>,
    pub aes: Option<Aes>,
    pub is_directory: bool,
    /// Its data lies in another part of the archive.
    pub is_elsewhere: bool,
    pub comment: Vec<u8>,
}

/// The WinZip AES field (0x9901).
#[derive(Clone, Copy, Debug)]
pub(super) struct Aes {
    pub bits: u16,
    pub version: u16,
}

impl Entry {
    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & ENCRYPTED != 0
    }

    /// PKWARE's own encryption.
    pub(super) fn is_strong(&self) -> bool {
        self.flags & (STRONG | MASKED) != 0
    }

    pub(super) fn is_symlink(&self) -> bool {
        self.mode & 0o170_000 == 0o120_000
    }
}

/// Where the central directory lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Directory {
    position: u64,
    end: u64,
    /// Bytes in front of the archive, which its offsets do not count.
    shift: u64,
    /// Bytes of the archive that lie in the parts before this one, which was cut off from them.
    missing: u64,
    /// The number of this part of an archive that was written in parts.
    disk: u32,
    /// This is one part of a split archive.
    pub is_split: bool,
    pub entries: u64,
    /// Where the end record starts.
    pub end_record: u64,
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// Reads up to `length` bytes at `at`; fewer at the end of the file.
pub fn bytes_at(input: &mut Input<'_>, at: u64, length: usize) -> Result<Vec<u8>, ReadError> {
    input.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::with_capacity(length.min(1 << 20));
    input.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Directory {
    /// The last end record whose directory is one; none if the archive has lost it.
    pub(super) fn find(input: &mut Input<'_>) -> Result<Option<Self>, ReadError> {
        let file_size = input.seek(SeekFrom::End(0))?;
        let tail_start = file_size.saturating_sub(22 + 65_535 + 20);
        let tail = bytes_at(input, tail_start, 22 + 65_535 + 20)?;
        for at in memchr::memmem::rfind_iter(&tail, END).take(64) {
            let Some(record) = tail.get(at..at + 22) else { continue };
            let record_start = tail_start + at as u64;
            let mut size = u64::from(u32_at(record, 12));
            let mut offset = u64::from(u32_at(record, 16));
            let mut entries = u64::from(u16_at(record, 10));
            let mut this_disk = u32::from(u16_at(record, 4));
            let mut directory_end = record_start;
            let needs_64 = size == 0xffff_ffff || offset == 0xffff_ffff || entries == 0xffff;
            if let Some(locator) = at.checked_sub(20).and_then(|start| tail.get(start..at))
                && locator.starts_with(b"PK\x06\x07")
                && (needs_64 || u32_at(locator, 16) > 1)
            {
                let declared = u64_at(locator, 8);
                // With bytes in front of the archive the record stands later than declared.
                for place in [declared, record_start.saturating_sub(20 + 56)] {
                    let end = bytes_at(input, place, 56)?;
                    if end.starts_with(END_64) && end.len() == 56 {
                        (entries, size, offset) = (u64_at(&end, 32), u64_at(&end, 40), u64_at(&end, 48));
                        this_disk = u32_at(&end, 16);
                        directory_end = place;
                        break;
                    }
                }
            }
            if entries == 0 && size == 0 {
                return Ok(Some(Self {
                    position: directory_end,
                    end: directory_end,
                    shift: 0,
                    missing: 0,
                    disk: 0,
                    is_split: false,
                    entries,
                    end_record: record_start,
                }));
            }
            let Some(position) = directory_end.checked_sub(size) else { continue };
            for position in [position, offset] {
                if bytes_at(input, position, 4)?.starts_with(CENTRAL) {
                    let is_split = this_disk > 0 && this_disk != 0xffff;
                    // In parts, offsets count from the start of the part that they are of.
                    let (shift, missing) = if is_split {
                        (0, 0)
                    } else {
                        (position.saturating_sub(offset), offset.saturating_sub(position))
                    };
                    let (end, disk, end_record) = (directory_end, this_disk, record_start);
                    return Ok(Some(Self { position, end, shift, missing, disk, is_split, entries, end_record }));
                }
            }
        }
        Ok(None)
    }

    /// Walks the entries from the start; call as often as needed.
    pub(super) fn walk(&self) -> Walk {
        Walk { directory: *self, position: self.position, chunk: Vec::new(), chunk_start: 0 }
    }
}

/// A walk over the central directory in bounded memory.
pub(super) struct Walk {
    directory: Directory,
    position: u64,
    chunk: Vec<u8>,
    chunk_start: u64,
}

const CHUNK: usize = 256 << 10;

impl Walk {
    /// The next entry; an error if the directory breaks off.
    pub(super) fn next(&mut self, input: &mut Input<'_>) -> Result<Option<Entry>, ReadError> {
        if self.position >= self.directory.end {
            return Ok(None);
        }
        let fixed = self.peek(input, 46)?;
        if !fixed.starts_with(CENTRAL) || fixed.len() < 46 {
            // A digital signature or archive record may stand behind the last entry.
            return if fixed.starts_with(b"PK\x05\x05") || fixed.starts_with(END_64) || fixed.starts_with(END) {
                Ok(None)
            } else {
                Err(ReadError::malformed("zip", "the central directory breaks off"))
            };
        }
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(&fixed, at)));
        let length = 46 + name + extra + comment;
        let record = self.peek(input, length)?;
        self.position = self.position.saturating_add(length as u64);
        let extra_length = extra;
        let (Some(raw_name), Some(extra)) = (record.get(46..46 + name), record.get(46 + name..46 + name + extra))
        else {
            return Err(ReadError::malformed("zip", "the central directory breaks off"));
        };
        let mut entry = Entry {
            flags: u16_at(&record, 8),
            method: u16_at(&record, 10),
            crc: Some(u32_at(&record, 16)),
            dos_time: u16_at(&record, 12),
            packed_size: u64::from(u32_at(&record, 20)),
            size: Some(u64::from(u32_at(&record, 24))),
            header_start: u64::from(u32_at(&record, 42)),
            ..Entry::default()
        };
        let made_by_unix = matches!(record.get(5), Some(3 | 19));
        let attributes = u32_at(&record, 38);
        entry.mode = if made_by_unix { attributes >> 16 } else { 0 };
        read_extra(&mut entry, raw_name, extra);
        entry.is_directory = is_directory(raw_name, entry.size) || (attributes & 0x10 != 0 && entry.size == Some(0));
        let disk = u32::from(u16_at(&record, 34));
        entry.is_elsewhere = entry.header_start < self.directory.missing
            || self.directory.is_split && disk != 0xffff && disk != self.directory.disk;
        entry.header_start =
            entry.header_start.saturating_add(self.directory.shift).saturating_sub(self.directory.missing);
        entry.comment = record.get(46 + name + extra_length..).unwrap_or_default().to_vec();
        Ok(Some(entry))
    }

    fn peek(&mut self, input: &mut Input<'_>, length: usize) -> Result<Vec<u8>, ReadError> {
        let held = |walk: &Self| {
            let from = usize::try_from(walk.position.checked_sub(walk.chunk_start)?).ok()?;
            walk.chunk.get(from..from.checked_add(length)?).map(<[u8]>::to_vec)
        };
        if let Some(bytes) = held(self) {
            return Ok(bytes);
        }
        self.chunk = bytes_at(input, self.position, CHUNK)?;
        self.chunk_start = self.position;
        Ok(held(self).unwrap_or_else(|| self.chunk.clone()))
    }
}

/// A trailing slash says directory, unless there is content.
fn is_directory(name: &[u8], size: Option<u64>) -> bool {
    matches!(name.last(), Some(b'/' | b'\\')) && size.unwrap_or(0) == 0
}

/// Takes over what the extra fields say: 64-bit sizes, Unicode name, AES, times.
fn read_extra(entry: &mut Entry, raw_name: &[u8], mut extra: &[u8]) {
    let mut name = raw_name;
    while let (Some(header), Some(rest)) = (extra.get(..4), extra.get(4..)) {
        let length = usize::from(u16_at(header, 2));
        let field = rest.get(..length).unwrap_or(rest);
        extra = rest.get(length..).unwrap_or_default();
        match u16_at(header, 0) {
            0x0001 => {
                let mut values = field.as_chunks::<8>().0.iter().map(|b| u64::from_le_bytes(*b));
                if entry.size == Some(0xffff_ffff) {
                    entry.size = values.next().or(entry.size);
                }
                if entry.packed_size == 0xffff_ffff {
                    entry.packed_size = values.next().unwrap_or(entry.packed_size);
                }
                if entry.header_start == 0xffff_ffff {
                    entry.header_start = values.next().unwrap_or(entry.header_start);
                }
            }
            // The Unicode name counts if it was made for the name that stands there.
            0x7075 => {
                let mut crc = flate2::Crc::new();
                crc.update(raw_name);
                if let (Some(1), Some(text)) = (field.first(), field.get(5..))
                    && u32_at(field, 1) == crc.sum()
                    && std::str::from_utf8(text).is_ok()
                {
                    name = text;
                }
            }
            0x9901 => {
                let bits = match field.get(4) {
                    Some(1) => 128,
                    Some(2) => 192,
                    Some(3) => 256,
                    _ => 0,
                };
                entry.aes = Some(Aes { bits, version: u16_at(field, 0) });
                if entry.method == 99 {
                    entry.method = u16_at(field, 5);
                }
            }
            0x5455 if field.first().is_some_and(|flags| flags & 1 != 0) && field.len() >= 5 => {
                entry.modified = Some(i64::from(u32_at(field, 1).cast_signed()));
            }
            _ => {}
        }
    }
    entry.name = Name::from_bytes(name);
}

/// Where a member's data starts: its local header has a name and extra field of its own lengths.
pub(super) fn data_start(input: &mut Input<'_>, entry: &Entry) -> Result<u64, ReadError> {
    let header = bytes_at(input, entry.header_start, 30)?;
    if header.len() < 30 || !header.starts_with(LOCAL) {
        return Err(ReadError::malformed("zip", "no local header where the directory says"));
    }
    let lengths = u64::from(u16_at(&header, 26)) + u64::from(u16_at(&header, 28));
    Ok(entry.header_start.saturating_add(30 + lengths))
}

/// The next member by its local header at or after `from`, for archives without a directory;
/// with it, where to look for the one after. Sizes that follow the data are searched.
pub(super) fn next_local(input: &mut Input<'_>, budget: &Budget, from: u64) -> Result<Option<(Entry, u64)>, ReadError> {
    let mut at = from;
    loop {
        budget.check()?;
        let Some(start) = find(input, budget, at, &[LOCAL])? else { return Ok(None) };
        let header = bytes_at(input, start, 30)?;
        let (name_length, extra_length) = (usize::from(u16_at(&header, 26)), usize::from(u16_at(&header, 28)));
        let names = bytes_at(input, start + 30, name_length + extra_length)?;
        let (Some(raw_name), Some(extra)) = (names.get(..name_length), names.get(name_length..)) else {
            return Ok(None);
        };
        // Data may hold the signature by chance.
        if u16_at(&header, 4) & 0xff > 100 || name_length == 0 || raw_name.contains(&0) {
            at = start + 4;
            continue;
        }
        let mut entry = Entry {
            flags: u16_at(&header, 6),
            method: u16_at(&header, 8),
            crc: Some(u32_at(&header, 14)),
            dos_time: u16_at(&header, 10),
            packed_size: u64::from(u32_at(&header, 18)),
            size: Some(u64::from(u32_at(&header, 22))),
            header_start: start,
            ..Entry::default()
        };
        read_extra(&mut entry, raw_name, extra);
        entry.is_directory = is_directory(raw_name, entry.size);
        let data = start + 30 + (name_length + extra_length) as u64;
        if entry.flags & SIZES_FOLLOW != 0 && entry.packed_size == 0 {
            let end = match find(input, budget, data, &[DESCRIPTOR, LOCAL, CENTRAL])? {
                Some(end) => end,
                None => input.seek(SeekFrom::End(0))?,
            };
            (entry.crc, entry.size, entry.packed_size) = (None, None, end.saturating_sub(data));
        }
        let next = data.saturating_add(entry.packed_size).max(start + 4);
        return Ok(Some((entry, next)));
    }
}

/// The first place at or after `from` where one of the signatures stands.
fn find(input: &mut Input<'_>, budget: &Budget, from: u64, signatures: &[&[u8]]) -> Result<Option<u64>, ReadError> {
    let mut at = from;
    loop {
        budget.check()?;
        let chunk = bytes_at(input, at, CHUNK)?;
        let found = signatures.iter().filter_map(|s| memchr::memmem::find(&chunk, s)).min();
        if let Some(found) = found {
            return Ok(Some(at + found as u64));
        }
        if chunk.len() < CHUNK {
            return Ok(None);
        }
        at += (chunk.len() - 3) as u64;
    }
}
