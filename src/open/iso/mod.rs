//! ISO 9660 images of discs: files of the volume, by the names of Rock Ridge or Joliet where it has them.
//!
//! Specifications: ECMA-119 (ISO 9660), Joliet (escape sequences of UCS-2 in a supplementary
//! volume descriptor), IEEE P1282 (Rock Ridge) on IEEE P1281 (SUSP). UDF (ECMA-167), alone or
//! beside, is named and not read.

mod directory;
mod rock_ridge;

use std::collections::{HashSet, VecDeque};
use std::io::{self, Read, Seek, SeekFrom};

use crate::identify::Format;
use crate::model::{Name, Reason};

use super::budget::{Budget, Unpacked};
use super::decode::Promised;
use super::input::{Access, Input};
use super::reader::{Member, ReadError, Reader, Sink};
use super::zip::bytes_at;
use directory::{Entry, Extent, Names, Walk};

pub struct Iso;

const SECTOR: u64 = 2048;
/// Volume descriptors that are looked at.
const DESCRIPTORS: u64 = 64;
/// The longest path; a chain of folders that is longer was made to be.
const PATH: usize = 4096;

impl Reader for Iso {
    fn name(&self) -> &'static str {
        "iso"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Iso]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let volumes = Volumes::find(input, budget)?;
        if volumes.trees.is_empty() {
            return Err(if volumes.has_udf {
                ReadError::Unsupported("a disc with the UDF file system only")
            } else {
                ReadError::malformed("iso", "no volume descriptor")
            });
        }
        if volumes.has_udf {
            sink.gap(Reason::UnsupportedFeature, "the UDF file system beside this one is not read");
        }
        // Trees mostly name the same files: what one with better names holds is not read again.
        let mut known = HashSet::new();
        for tree in &volumes.trees {
            let own = read_tree(tree, &known, input, budget, sink)?;
            known.extend(own);
        }
        Ok(())
    }
}

/// The tree of folders of one volume descriptor.
#[derive(Clone, Copy, Debug)]
struct Tree {
    root: Extent,
    block: u64,
    names: Names,
}

#[derive(Default)]
struct Volumes {
    /// The one with the best names first.
    trees: Vec<Tree>,
    has_udf: bool,
}

impl Volumes {
    fn find(input: &mut Input<'_>, budget: &Budget) -> Result<Self, ReadError> {
        let mut found = Self::default();
        let mut ended = false;
        for number in 16..16 + DESCRIPTORS {
            budget.check()?;
            let sector = bytes_at(input, number * SECTOR, usize::try_from(SECTOR).unwrap_or(0))?;
            match (sector.get(1..6), sector.first()) {
                (Some(b"CD001"), Some(255)) => ended = true,
                (Some(b"CD001"), Some(kind @ (1 | 2))) if !ended => found.add(*kind, &sector, input)?,
                (Some(b"NSR02" | b"NSR03"), _) => found.has_udf = true,
                (Some(b"CD001" | b"BEA01" | b"TEA01" | b"BOOT2" | b"CDW02"), _) => {}
                _ => break,
            }
        }
        found.trees.sort_by_key(|tree| tree.names);
        Ok(found)
    }

    fn add(&mut self, kind: u8, sector: &[u8], input: &mut Input<'_>) -> Result<(), ReadError> {
        let block = match sector.get(128..130) {
            Some([0, 4]) => 1024,
            Some([0, 2]) => 512,
            _ => SECTOR,
        };
        let Some(root) = sector.get(156..190).and_then(directory::extent_of) else { return Ok(()) };
        let is_joliet = matches!(sector.get(88..91), Some([b'%', b'/', b'@' | b'C' | b'E']));
        let names = if kind == 2 && is_joliet {
            Names::Joliet
        } else {
            // The first entry of the root says whether more than the specification stands in entries.
            let first = bytes_at(input, root.start.saturating_mul(block), 256)?;
            rock_ridge::skip_of(&first).map_or(Names::Plain, |skip| Names::RockRidge { skip })
        };
        self.trees.push(Tree { root, block, names });
        Ok(())
    }
}

/// A folder that is still to be walked.
struct Folder {
    path: Vec<u8>,
    extent: Extent,
}

/// Reads what the other trees do not hold; the places of what it did read, with their sizes.
fn read_tree(
    tree: &Tree,
    known: &HashSet<(u64, u64)>,
    input: &mut Input<'_>,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Result<HashSet<(u64, u64)>, ReadError> {
    let mut own = HashSet::new();
    // Folders that lie in one of themselves are walked once, too.
    let mut walked = HashSet::new();
    let mut folders = VecDeque::from([Folder { path: Vec::new(), extent: tree.root }]);
    while let Some(folder) = folders.pop_front() {
        if !walked.insert(folder.extent.start) {
            continue;
        }
        if walked.len() as u64 > budget.limits().members {
            return Err(Reason::TooManyMembers.into());
        }
        let mut walk = Walk::new(tree, folder.extent);
        loop {
            budget.check()?;
            let entry = match walk.next(input)? {
                Ok(Some(entry)) => entry,
                Ok(None) => break,
                Err(reason) => {
                    sink.gap(reason, "a folder of the disc is damaged");
                    break;
                }
            };
            let path = [&folder.path[..], entry.name.as_bytes()].concat();
            if path.len() > PATH {
                sink.gap(Reason::TooDeep, "folders of the disc are nested too deeply");
                continue;
            }
            if entry.is_directory {
                if let Some(extent) = entry.extents.first() {
                    folders.push_back(Folder { path: [&path[..], b"/"].concat(), extent: *extent });
                }
                continue;
            }
            let size = entry.extents.iter().map(|extent| extent.size).sum();
            let place = (entry.extents.first().map_or(0, |extent| extent.start.saturating_mul(tree.block)), size);
            // An empty file has no place; the tree with the best names has them all.
            if known.contains(&place) || (size == 0 && !known.is_empty()) {
                continue;
            }
            own.insert(place);
            push(tree, entry, path, size, input, budget, sink)?;
        }
    }
    Ok(own)
}

fn push(
    tree: &Tree,
    entry: Entry,
    path: Vec<u8>,
    size: u64,
    input: &mut Input<'_>,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    budget.spend_member()?;
    let member = Member {
        size: Some(size),
        packed_size: Some(size),
        modified: entry.modified,
        ..Member::new(Name::from_bytes(path))
    };
    if let Some((reason, detail)) = entry.obstacle {
        sink.member_unread(member, reason, detail);
        return Ok(());
    }
    let mut content = Content { input, block: tree.block, extents: entry.extents.into(), left: 0 };
    let mut content = Promised::new(&mut content, Some(size), None);
    sink.member(member, &mut Unpacked::new(budget, &mut content))
}

/// The bytes of a file, extent by extent.
struct Content<'a, 'i> {
    input: &'a mut Input<'i>,
    block: u64,
    extents: VecDeque<Extent>,
    left: u64,
}

impl Read for Content<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left == 0 {
            let Some(extent) = self.extents.pop_front() else { return Ok(0) };
            self.input.seek(SeekFrom::Start(extent.start.saturating_mul(self.block)))?;
            self.left = extent.size;
        }
        let n = (&mut *self.input).take(self.left).read(buffer)?;
        if n == 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= n as u64;
        Ok(n)
    }
}

#[cfg(test)]
mod tests;
