//! 7z archives: members, and whether their content or their list is encrypted.
//!
//! Specification: 7zFormat.txt of the LZMA SDK. AES is coder 06 F1 07 01: AES-256 in CBC mode,
//! the key from 2^n rounds of SHA-256.

mod header;
mod unlock;

use std::io::{Read, Seek, SeekFrom};

use sevenz_rust2::{Archive, ArchiveEntry, Block, BlockDecoder, Error, Password};

use crate::identify::Format;
use crate::model::{KeyFound, Name, Protection, Reason, State};

use super::budget::{Budget, Unpacked};
use super::input::{Access, Input};
use super::reader::{Member, ReadError, Reader, Sink};

pub struct SevenZip;

const AES: &[u8] = &[0x06, 0xf1, 0x07, 0x01];

/// Bytes a decoder's dictionary may take.
const DICTIONARY: u64 = 512 << 20;

impl Reader for SevenZip {
    fn name(&self) -> &'static str {
        "7z"
    }

    fn version(&self) -> u32 {
        2
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::SevenZip]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        header::check_size(input)?;
        input.seek(SeekFrom::Start(0))?;
        let mut key = None;
        let mut password = Password::empty();
        let mut sealed = None;
        let archive = match Archive::read(input, &password) {
            Ok(archive) => {
                sealed = push_verdict(&archive, sink);
                archive
            }
            Err(Error::PasswordRequired | Error::MaybeBadPassword(_)) => {
                let evidence = "the list of members is encrypted (7zAES coder 06F10701 in the header)";
                let tried = unlock::list(input, budget)?;
                sink.protection(tried.verdict(Protection::strong("7z-aes256", evidence)));
                let Some((opened, _, found)) = tried.opened else { return Err(ReadError::Encrypted) };
                let archive;
                (archive, password) = opened;
                key = Some(found);
                archive
            }
            Err(error) => return Err(read_error(error)),
        };
        if key.is_none()
            && let Some(tried) = unlock::content(&archive, input, budget)?
        {
            if let Some(protection) = sealed.take_if(|protection| protection.state != State::Plain) {
                sink.protection(tried.verdict(protection.clone()));
                sealed = Some(protection);
            }
            if let Some((opened, _, found)) = tried.opened {
                password = opened;
                key = Some(found);
            }
        }
        let all_sealed = sealed.is_some_and(|protection| protection.state != State::Plain);
        // The members of a block stand one after the other.
        let mut firsts = vec![usize::MAX; archive.blocks.len()];
        for (index, block) in archive.stream_map.file_block_index.iter().enumerate() {
            if let Some(first) = block.and_then(|block| firsts.get_mut(block)) {
                *first = index.min(*first);
            }
        }
        for (index, (block, first)) in archive.blocks.iter().zip(firsts).enumerate() {
            budget.check()?;
            let decoder = BlockDecoder::new(1, index, &archive, &password, input);
            let end = first.saturating_add(decoder.entry_count());
            let entries = archive.files.get(first..end).unwrap_or_default();
            read_block(block, entries, decoder, key.as_ref(), budget, sink)?;
        }
        // Members without content belong to no block.
        for (index, entry) in archive.files.iter().enumerate() {
            if archive.stream_map.file_block_index.get(index).is_none_or(Option::is_none) && !entry.is_directory() {
                budget.spend_member()?;
                if !entry.is_anti_item() {
                    sink.member(member(entry, None), &mut std::io::empty())?;
                }
            }
        }
        if all_sealed && key.is_none() { Err(ReadError::Encrypted) } else { Ok(()) }
    }
}

fn coders(block: &Block) -> Vec<&[u8]> {
    block.coders.iter().map(sevenz_rust2::Coder::encoder_method_id).collect()
}

fn is_encrypted(block: &Block) -> bool {
    coders(block).contains(&AES)
}

/// The verdict on the archive; plain if not every member that holds something is sealed.
fn push_verdict(archive: &Archive, sink: &mut dyn Sink) -> Option<Protection> {
    let (mut holding, mut encrypted) = (0u64, 0u64);
    let owners = archive.files.iter().zip(&archive.stream_map.file_block_index);
    for (entry, block) in owners {
        if entry.has_stream() && entry.size() > 0 {
            holding += 1;
            let block = block.and_then(|block| archive.blocks.get(block));
            encrypted += u64::from(block.is_some_and(is_encrypted));
        }
    }
    if encrypted == 0 {
        return None;
    }
    let protection = if encrypted == holding {
        member_protection(format!("{encrypted} of {holding} members encrypted, AES-256 (7zAES coder 06F10701)"))
    } else {
        let evidence = format!("{encrypted} of {holding} members are encrypted (AES-256)");
        Protection { state: State::Plain, evidence, ..Protection::default() }
    };
    sink.protection(protection.clone());
    Some(protection)
}

fn member_protection(evidence: impl Into<String>) -> Protection {
    Protection::strong("7z-aes256", evidence).with_names_exposed()
}

fn member(entry: &ArchiveEntry, protection: Option<Protection>) -> Member {
    let modified = entry.has_last_modified_date.then(|| std::time::SystemTime::from(entry.last_modified_date()));
    Member {
        name: Name::from(entry.name()),
        size: Some(entry.size()),
        modified: modified.and_then(|time| jiff::Timestamp::try_from(time).ok()).map(|time| time.to_string()),
        protection,
        ..Member::default()
    }
}

/// Why a block is not decoded at all.
fn obstacle(block: &Block, has_key: bool) -> Option<(Reason, String)> {
    if is_encrypted(block) && !has_key {
        return Some((Reason::Encrypted, "encrypted in a 7z archive".into()));
    }
    obstacle_of_coders(block)
}

/// Decoders that need too much memory.
fn obstacle_of_coders(block: &Block) -> Option<(Reason, String)> {
    for coder in &block.coders {
        let properties = coder.properties();
        let size = block.get_unpack_size();
        let dictionary = match coder.encoder_method_id() {
            [3, 1, 1] => properties.get(1..5).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes).map(u64::from),
            [0x21] => {
                properties.first().map(|bits| (2 | (u64::from(*bits) & 1)) << (u64::from(*bits).min(40) / 2 + 11))
            }
            // PPMd allocates all of its memory before it reads.
            [3, 4, 1] => properties
                .get(1..5)
                .and_then(|b| b.try_into().ok())
                .map(u32::from_le_bytes)
                .map(|memory| if u64::from(memory) > DICTIONARY { u64::MAX } else { 0 }),
            _ => None,
        };
        if dictionary.is_some_and(|dictionary| dictionary == u64::MAX || dictionary.min(size) > DICTIONARY) {
            return Some((Reason::MemberTooLarge, "its decoder needs more than 512 MiB of memory".into()));
        }
    }
    None
}

/// Decodes one block, which may hold many members, front to back. What cannot be decoded
/// is named member by member.
fn read_block<R: Read + Seek>(
    block: &Block,
    entries: &[ArchiveEntry],
    decoder: BlockDecoder<'_, R>,
    key: Option<&KeyFound>,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let protection = key
        .filter(|_| is_encrypted(block))
        .map(|key| key.clone().weaken(member_protection("AES-256 (7zAES coder 06F10701)")));
    if let Some((reason, detail)) = obstacle(block, key.is_some()) {
        return name_unread(entries, reason, &detail, budget, sink);
    }
    let mut done = 0;
    let mut failure = None;
    let result = decoder.for_each_entries(&mut |entry, content| {
        done += 1;
        let mut step = || {
            budget.check()?;
            if entry.is_directory() {
                return Ok(());
            }
            budget.spend_member()?;
            if is_symlink(entry) {
                sink.member_unread(member(entry, None), Reason::Symlink, "a symbolic link in a 7z archive");
                return Ok(());
            }
            sink.member(
                member(entry, protection.clone()),
                &mut Unpacked::new(budget, &mut Whole { left: entry.size(), inner: content }),
            )?;
            // What the sink left unread stands in front of the next member. A fault in it shows there.
            let mut rest = Unpacked::new(budget, content);
            match std::io::copy(&mut rest, &mut std::io::sink()) {
                Err(error) if super::budget::reason_of(&error).is_some() => Err(ReadError::from(error)),
                _ => Ok(()),
            }
        };
        match step() {
            Ok(()) => Ok(true),
            Err(error) => {
                failure = Some(error);
                Ok(false)
            }
        }
    });
    if let Some(error) = failure {
        return Err(error);
    }
    let error = match result {
        Ok(_) => return Ok(()),
        Err(error) => read_error(error),
    };
    if let ReadError::Budget(reason) = error {
        return Err(reason.into());
    }
    name_unread(entries.get(done..).unwrap_or_default(), error.reason(), &error.to_string(), budget, sink)
}

fn name_unread(
    entries: &[ArchiveEntry],
    reason: Reason,
    detail: &str,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    for entry in entries.iter().filter(|entry| !entry.is_directory()) {
        budget.spend_member()?;
        let protection = (reason == Reason::Encrypted && entry.size() > 0)
            .then(|| member_protection("AES-256 (7zAES coder 06F10701)"));
        sink.member_unread(member(entry, protection), reason, detail);
    }
    Ok(())
}

/// 7-Zip on Unix keeps the mode in the upper half of the attributes.
fn is_symlink(entry: &ArchiveEntry) -> bool {
    let attributes = entry.windows_attributes();
    attributes & 0x8000 != 0 && (attributes >> 16) & 0o170_000 == 0o120_000
}

/// Content that ends before its declared size is cut off, not short.
struct Whole<'a> {
    left: u64,
    inner: &'a mut dyn Read,
}

impl Read for Whole<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.left = self.left.saturating_sub(n as u64);
        if n == 0 && !buffer.is_empty() && self.left > 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(n)
    }
}

fn read_error(error: Error) -> ReadError {
    match error {
        Error::Io(error, _) | Error::MaybeBadPassword(error) => ReadError::from_decoder("7z", &error),
        Error::UnsupportedCompressionMethod(_) => ReadError::Unsupported("a compression method of this 7z archive"),
        Error::Unsupported(_) | Error::ExternalUnsupported | Error::UnsupportedVersion { .. } => {
            ReadError::Unsupported("a feature of this 7z archive")
        }
        Error::MaxMemLimited { .. } => ReadError::Budget(Reason::MemberTooLarge),
        Error::NextHeaderCrcMismatch | Error::ChecksumVerificationFailed => {
            ReadError::malformed("7z", "the checksum does not match")
        }
        _ => ReadError::malformed("7z", "the header is damaged"),
    }
}

#[cfg(test)]
mod tests;
