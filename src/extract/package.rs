//! Opens the zip package of an office document and hands out its parts within the budget.

use std::collections::{HashMap, HashSet};
use std::io::{self, BufReader, Read};

use zip::ZipArchive;
use zip::read::{ZipFile, ZipReadOptions};
use zip::result::ZipError;

use crate::extract::writer::TextWriter;
use crate::model::{Protection, Reason};
use crate::open::budget::{Spent, reason_of};
use crate::open::reader::{Member, ReadError, Sink};
use crate::open::{Budget, Input};

type Archive<'p, 'i> = ZipArchive<BufReader<&'p mut Input<'i>>>;

/// A package and which of its parts were taken. Names compare without case, as the
/// Open Packaging Conventions say (ECMA-376 part 2, section 6.2.2.3).
pub(super) struct Package<'p, 'i> {
    archive: Archive<'p, 'i>,
    budget: &'p Budget,
    /// As written, but with `/` between the parts and none in front.
    names: Vec<String>,
    by_name: HashMap<String, usize>,
    taken: HashSet<usize>,
    format: &'static str,
}

impl<'p, 'i> Package<'p, 'i> {
    pub(super) fn open(input: &'p mut Input<'i>, budget: &'p Budget, format: &'static str) -> Result<Self, ReadError> {
        let archive = ZipArchive::new(BufReader::with_capacity(32 * 1024, input)).map_err(|e| fault(format, e))?;
        if archive.len() as u64 > budget.limits().members {
            return Err(ReadError::Budget(Reason::TooManyMembers));
        }
        let mut names = Vec::with_capacity(archive.len());
        let mut by_name = HashMap::with_capacity(archive.len());
        for (index, raw) in archive.file_names_raw().enumerate() {
            let name = String::from_utf8_lossy(raw).replace('\\', "/");
            let name = name.trim_start_matches('/').to_owned();
            by_name.entry(name.to_lowercase()).or_insert(index);
            names.push(name);
        }
        Ok(Self { archive, budget, names, by_name, taken: HashSet::new(), format })
    }

    pub(super) fn budget(&self) -> &'p Budget {
        self.budget
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(&name.trim_start_matches('/').to_lowercase()).copied()
    }

    /// Parts that nobody opened or dismissed yet, in the order of the package; no directories.
    pub(super) fn untaken(&self) -> Vec<usize> {
        let names = self.names.iter().enumerate();
        names.filter(|(i, name)| !self.taken.contains(i) && !name.ends_with('/')).map(|(i, _)| i).collect()
    }

    pub(super) fn is_taken(&self, index: usize) -> bool {
        self.taken.contains(&index)
    }

    /// This part holds nothing to read.
    pub(super) fn dismiss(&mut self, index: usize) {
        self.taken.insert(index);
    }

    /// Opens a part and counts it.
    pub(super) fn part(&mut self, index: usize) -> Result<Part<'_, 'p, 'i>, ReadError> {
        self.budget.spend_member()?;
        self.taken.insert(index);
        let format = self.format;
        // Checksums are wrong in documents that programs open all the same.
        let options = ZipReadOptions::new().ignore_crc32(true);
        let file = self.archive.by_index_with_options(index, options).map_err(|e| fault(format, e))?;
        Ok(Part { file, budget: self.budget, left: self.budget.limits().member_bytes })
    }

    /// The first bytes of a part, which stays to be read.
    pub(super) fn start_of(&mut self, index: usize, length: u64) -> Result<Vec<u8>, ReadError> {
        let taken = self.is_taken(index);
        let mut bytes = Vec::new();
        self.part(index)?.take(length).read_to_end(&mut bytes)?;
        if !taken {
            self.taken.remove(&index);
        }
        Ok(bytes)
    }

    /// A small part whole; none if it is missing, longer than `limit` or cannot be unpacked.
    pub(super) fn small(&mut self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(index) = self.find(name) else { return Ok(None) };
        let taken = self.is_taken(index);
        let mut bytes = Vec::new();
        let read = self.part(index).and_then(|part| Ok(part.take(limit + 1).read_to_end(&mut bytes)?));
        if !taken {
            self.taken.remove(&index);
        }
        match read {
            Err(error) if ends_the_file(&error) => Err(error),
            Err(_) => Ok(None),
            Ok(_) if bytes.len() as u64 > limit => Ok(None),
            Ok(_) => Ok(Some(bytes)),
        }
    }

    /// Pushes a part as an item of its own.
    pub(super) fn push_member(&mut self, index: usize, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut member = Member::new(self.name(index));
        match self.part(index) {
            Ok(mut part) => {
                member.size = Some(part.file.size());
                member.packed_size = Some(part.file.compressed_size());
                sink.member(member, &mut part)
            }
            Err(error) if ends_the_file(&error) => Err(error),
            Err(error) => {
                sink.member_unread(member, error.reason(), "cannot be unpacked");
                Ok(())
            }
        }
    }

    /// The verdict of the zip on its own members: documents are sealed otherwise, but nothing
    /// keeps one from zipping its parts with a password.
    pub(super) fn zip_protection(&mut self, index: usize) -> Option<Protection> {
        let entry = self.archive.by_index_raw(index).ok()?;
        if !entry.encrypted() {
            return None;
        }
        let aes = entry.extra_data().is_some_and(|extra| extra.get(..2) == Some(&[0x01, 0x99]));
        let protection = if aes {
            Protection::strong("zip-aes", "the main part of the package is encrypted by the zip (AES)")
        } else {
            Protection::weak("zip-zipcrypto", "the main part of the package is encrypted by the zip (ZipCrypto)")
        };
        Some(protection.with_names_exposed())
    }
}

/// The bytes of one part; charges the budget.
pub(super) struct Part<'a, 'p, 'i> {
    file: ZipFile<'a, BufReader<&'p mut Input<'i>>>,
    budget: &'p Budget,
    left: u64,
}

impl Read for Part<'_, '_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.budget.spend_bytes(n as u64).map_err(|reason| io::Error::from(Spent(reason)))?;
        match self.left.checked_sub(n as u64) {
            Some(left) => self.left = left,
            None => return Err(Spent(Reason::MemberTooLarge).into()),
        }
        Ok(n)
    }
}

fn fault(format: &'static str, error: ZipError) -> ReadError {
    match error {
        ZipError::Io(io) => ReadError::from_decoder(format, &io),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => ReadError::Encrypted,
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            ReadError::Unsupported("a compression method of the package")
        }
        _ => ReadError::malformed(format, "the zip package is damaged"),
    }
}

/// Whether an error ends the file on the share, not only the part it arose in.
pub(super) fn ends_the_file(error: &ReadError) -> bool {
    let reason = match error {
        ReadError::Budget(reason) => Some(*reason),
        ReadError::Io(io) => reason_of(io),
        _ => None,
    };
    reason.is_some_and(|reason| reason != Reason::MemberTooLarge)
}

/// Turns the fault of one part into a gap, so that the other parts are still read.
/// True if the part was read to its end.
pub(super) fn tolerate(
    result: Result<(), ReadError>,
    part: &str,
    writer: &mut TextWriter<'_>,
) -> Result<bool, ReadError> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if ends_the_file(&error) => Err(error),
        Err(error) => {
            let detail = match error.reason() {
                Reason::MemberTooLarge => "is too large",
                Reason::Encrypted => "is encrypted",
                Reason::UnsupportedFeature => "uses a feature that is not read",
                _ => "is damaged",
            };
            writer.sink()?.gap(error.reason(), &format!("the part {part} {detail}"));
            Ok(false)
        }
    }
}
