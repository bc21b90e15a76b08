//! The entries of a folder of a disc.

use crate::model::{Name, Reason};
use crate::open::zip::bytes_at;
use crate::open::{Input, ReadError};

use super::{SECTOR, Tree, rock_ridge};

/// Extents of one file; each has up to four gigabytes.
const EXTENTS: usize = 256;

/// The names of a tree, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Names {
    /// Behind so many bytes of another system.
    RockRidge {
        skip: usize,
    },
    Joliet,
    Plain,
}

/// Blocks that hold a file or a folder, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub start: u64,
    pub size: u64,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub name: Name,
    pub extents: Vec<Extent>,
    pub modified: Option<String>,
    pub is_directory: bool,
    pub obstacle: Option<(Reason, &'static str)>,
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

/// Where the record of a folder or file points; attributes stand in front of the content.
pub(super) fn extent_of(record: &[u8]) -> Option<Extent> {
    let start = u64::from(u32_at(record, 2)?) + u64::from(*record.get(1)?);
    Some(Extent { start, size: u64::from(u32_at(record, 10)?) })
}

/// A walk over the records of one folder. A record never goes across the end of a sector.
pub(super) struct Walk<'t> {
    tree: &'t Tree,
    at: u64,
    end: u64,
    sector: Vec<u8>,
    sector_start: u64,
}

impl<'t> Walk<'t> {
    pub(super) fn new(tree: &'t Tree, extent: Extent) -> Self {
        let start = extent.start.saturating_mul(tree.block);
        Self { tree, at: start, end: start.saturating_add(extent.size), sector: Vec::new(), sector_start: u64::MAX }
    }

    /// The next record with its bytes; none at the end.
    fn record(&mut self, input: &mut Input<'_>) -> Result<Result<Option<Vec<u8>>, Reason>, ReadError> {
        while self.at < self.end {
            let start = self.at / SECTOR * SECTOR;
            if start != self.sector_start {
                self.sector = bytes_at(input, start, usize::try_from(SECTOR).unwrap_or(0))?;
                self.sector_start = start;
            }
            let from = usize::try_from(self.at - start).unwrap_or(usize::MAX);
            let Some(length) = self.sector.get(from).map(|length| usize::from(*length)) else {
                return Ok(Err(Reason::Truncated));
            };
            if length == 0 {
                self.at = start + SECTOR;
                continue;
            }
            let Some(record) = self.sector.get(from..from + length).filter(|_| length >= 34) else {
                return Ok(Err(Reason::Malformed));
            };
            self.at += length as u64;
            return Ok(Ok(Some(record.to_vec())));
        }
        Ok(Ok(None))
    }

    /// The next file or folder, its extents together; itself and the folder above left out.
    pub(super) fn next(&mut self, input: &mut Input<'_>) -> Result<Result<Option<Entry>, Reason>, ReadError> {
        let mut extents = Vec::new();
        loop {
            let record = match self.record(input)? {
                Ok(Some(record)) => record,
                Ok(None) => return Ok(if extents.is_empty() { Ok(None) } else { Err(Reason::Malformed) }),
                Err(reason) => return Ok(Err(reason)),
            };
            let flags = record.get(25).copied().unwrap_or(0);
            let name_length = usize::from(record.get(32).copied().unwrap_or(0));
            let (Some(raw), Some(extent)) = (record.get(33..33 + name_length), extent_of(&record)) else {
                return Ok(Err(Reason::Malformed));
            };
            if matches!(raw, [0 | 1]) {
                continue;
            }
            if extents.len() >= EXTENTS {
                return Ok(Err(Reason::Malformed));
            }
            extents.push(extent);
            // Another record of the same file follows.
            if flags & 0x80 != 0 {
                continue;
            }
            let mut entry = Entry {
                name: plain_name(raw),
                extents,
                modified: modified(record.get(18..25).unwrap_or_default()),
                is_directory: flags & 2 != 0,
                obstacle: None,
            };
            if record.get(26).is_some_and(|unit| *unit > 0) {
                entry.obstacle = Some((Reason::UnsupportedFeature, "its blocks lie between those of another file"));
            }
            match self.tree.names {
                Names::Plain => {}
                Names::Joliet => entry.name = joliet_name(raw),
                Names::RockRidge { skip } => {
                    // The name is padded to an even place.
                    let start = 33 + name_length + usize::from(name_length % 2 == 0) + skip;
                    let fields = record.get(start..).unwrap_or_default();
                    rock_ridge::refine(&mut entry, fields, self.tree.block, input)?;
                }
            }
            return Ok(Ok(Some(entry)));
        }
    }
}

/// Without the version, and without the dot of a name that has no extension.
fn plain_name(raw: &[u8]) -> Name {
    let name = raw.split(|byte| *byte == b';').next().unwrap_or(raw);
    Name::from_bytes(name.strip_suffix(b".").unwrap_or(name))
}

fn joliet_name(raw: &[u8]) -> Name {
    let units: Vec<u16> = raw.as_chunks::<2>().0.iter().map(|unit| u16::from_be_bytes(*unit)).collect();
    let name = String::from_utf16_lossy(&units);
    let name = name
        .rsplit_once(';')
        .filter(|(_, version)| version.bytes().all(|b| b.is_ascii_digit()))
        .map_or(&*name, |(name, _)| name);
    Name::from(name)
}

/// Year since 1900, month, day, hour, minute, second, and the zone in quarters of an hour.
fn modified(field: &[u8]) -> Option<String> {
    let [year, month, day, hour, minute, second, zone] = *field.first_chunk::<7>()?;
    let date = jiff::civil::DateTime::new(
        1900 + i16::from(year),
        month.cast_signed(),
        day.cast_signed(),
        hour.cast_signed(),
        minute.cast_signed(),
        second.cast_signed(),
        0,
    )
    .ok()?;
    let zone = jiff::tz::Offset::from_seconds(i32::from(zone.cast_signed()) * 900).ok()?;
    Some(zone.to_timestamp(date).ok()?.to_string())
}
