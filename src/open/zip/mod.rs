//! Zip archives: members, and whether they are encrypted.
//!
//! Specification: APPNOTE.TXT 6.3.10 (PKWARE) and the AES encryption of WinZip (AE-1, AE-2).

mod around;
mod content;
mod directory;
mod unlock;
mod verdict;

use std::io::{Read, Seek, SeekFrom};

use crate::identify::{Format, kind_of_members};
use crate::model::{Name, Reason};

use super::budget::Budget;
use super::input::{Access, Input};
use super::reader::{Member, ReadError, Reader, Sink};
pub use around::{Around, around, ends_in_archive};
pub use directory::bytes_at;
use directory::{Directory, Entry};
use unlock::Unlock;
use verdict::Tally;

pub struct Zip;

impl Reader for Zip {
    fn name(&self) -> &'static str {
        "zip"
    }

    fn version(&self) -> u32 {
        2
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Zip]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        match Directory::find(input)? {
            Some(directory) => read_directory(directory, input, budget, sink),
            None => read_local_headers(input, budget, sink),
        }
    }
}

/// What the archive is by its members: a zip, or an office document. Reads the directory,
/// and the `mimetype` member where there is one.
pub fn kind(input: &mut Input<'_>, budget: &Budget) -> Result<Format, ReadError> {
    let Some(directory) = Directory::find(input)? else { return Ok(Format::Zip) };
    let mut walk = directory.walk();
    let mut names: Vec<Name> = Vec::new();
    let mut mimetype = None;
    // Office writers put what tells them apart among their first members.
    while let Some(entry) = walk.next(input)? {
        budget.check()?;
        if entry.name.as_bytes() == b"mimetype" && entry.method == 0 && entry.packed_size < 256 {
            let start = directory::data_start(input, &entry)?;
            mimetype = Some(directory::bytes_at(input, start, usize::try_from(entry.packed_size).unwrap_or(0))?);
        }
        names.push(entry.name);
        if names.len() >= 4096 {
            break;
        }
    }
    Ok(kind_of_members(names.iter().map(Name::as_bytes), mimetype.as_deref()))
}

fn read_directory(
    directory: Directory,
    input: &mut Input<'_>,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let tally = survey(directory, input, budget, sink)?;
    if let Some(protection) = tally.verdict() {
        sink.protection(protection);
    }
    let mut unlock = Unlock::default();
    let mut walk = directory.walk();
    loop {
        match walk.next(input) {
            Ok(Some(entry)) => read_member(&entry, &mut unlock, input, budget, sink)?,
            // The survey told of a directory that breaks off.
            Ok(None) | Err(ReadError::Malformed { .. }) => break,
            Err(error) => return Err(error),
        }
    }
    tally.end(&unlock, sink)
}

/// Reads the directory once before any member: for the verdict on the whole, and for entries
/// that share their data, which only a bomb or a forgery needs.
fn survey(
    directory: Directory,
    input: &mut Input<'_>,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Result<Tally, ReadError> {
    let mut tally = Tally::default();
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    let mut walk = directory.walk();
    let mut seen = 0u64;
    loop {
        budget.check()?;
        match walk.next(input) {
            Ok(Some(entry)) => {
                seen += 1;
                tally.count(&entry);
                // The local header has at least the 30 bytes and the name.
                let length = entry.packed_size.saturating_add(30 + entry.name.as_bytes().len() as u64);
                if !entry.is_elsewhere && (ranges.len() as u64) < budget.limits().members {
                    ranges.push((entry.header_start, entry.header_start.saturating_add(length)));
                }
            }
            Ok(None) => break,
            Err(ReadError::Malformed { what, .. }) => {
                sink.gap(Reason::Malformed, &what);
                break;
            }
            Err(error) => return Err(error),
        }
    }
    // The 32-bit record counts modulo 65536.
    if seen % 65_536 < directory.entries % 65_536 && seen < directory.entries {
        sink.gap(Reason::Malformed, "the directory holds fewer members than it counts");
    }
    ranges.sort_unstable();
    if !directory.is_split && ranges.windows(2).any(|pair| matches!(pair, [a, b] if a.1 > b.0)) {
        sink.gap(Reason::Malformed, "members overlap: the same bytes belong to more than one");
    }
    Ok(tally)
}

/// The directory is lost (a download that broke off, the first part of a split archive):
/// reads what local headers announce.
fn read_local_headers(input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
    sink.gap(Reason::Truncated, "the central directory is missing; members are read by their local headers");
    let mut tally = Tally::default();
    let mut unlock = Unlock::default();
    let mut at = 0;
    while let Some((entry, next)) = directory::next_local(input, budget, at)? {
        tally.count(&entry);
        read_member(&entry, &mut unlock, input, budget, sink)?;
        at = next;
    }
    if let Some(protection) = tally.verdict() {
        sink.protection(protection);
    }
    tally.end(&unlock, sink)
}

fn read_member(
    entry: &Entry,
    unlock: &mut Unlock,
    input: &mut Input<'_>,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    if entry.is_directory {
        return Ok(budget.check()?);
    }
    budget.spend_member()?;
    let member = Member {
        name: entry.name.clone(),
        size: entry.size,
        packed_size: Some(entry.packed_size),
        modified: entry.modified.and_then(|s| jiff::Timestamp::from_second(s).ok()).map(|time| time.to_string()),
        media_type: None,
        protection: verdict::of_member(entry),
    };
    if entry.is_symlink() {
        sink.member_unread(member, Reason::Symlink, "a symbolic link in a zip archive");
        return Ok(());
    }
    if entry.is_elsewhere {
        if entry.is_encrypted() {
            sink.member_unread(member, Reason::Encrypted, "encrypted in a zip archive");
        } else {
            sink.member_unread(member, Reason::Truncated, "its data lies in another part of the split archive");
        }
        return Ok(());
    }
    let start = match directory::data_start(input, entry) {
        Ok(start) => start,
        Err(ReadError::Malformed { what, .. }) => {
            sink.member_unread(member, Reason::Malformed, &what);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    if entry.is_encrypted() {
        if let Some(member) = unlock.read(entry, member, start, input, budget, sink)? {
            sink.member_unread(member, Reason::Encrypted, "encrypted in a zip archive");
        }
        return Ok(());
    }
    input.seek(SeekFrom::Start(start))?;
    content::push(entry, member, &mut input.take(entry.packed_size), budget, sink)
}

#[cfg(test)]
mod tests;
