//! Windows cabinets: members packed one behind the other in folders, by MSZIP or LZX.
//!
//! Specifications: [MS-CAB], [MS-MCI] (MSZIP) and [MS-PATCH] (LZX). Quantum has no specification
//! and is named only.

use std::collections::VecDeque;
use std::io::{self, Read, Seek, SeekFrom};

use flate2::{Decompress, FlushDecompress, Status};
use lzxd::{Lzxd, WindowSize};

use crate::identify::Format;
use crate::model::{Name, Reason};

use super::budget::{Budget, Unpacked, reason_of};
use super::decode::{Promised, damaged};
use super::input::{Access, Input};
use super::reader::{Member, ReadError, Reader, Sink};
use super::zip::bytes_at;

pub struct Cab;

/// Unpacked bytes of one block, and of the window of MSZIP.
const BLOCK: usize = 32 << 10;
/// The longest name with its end.
const NAME: usize = 256 + 1;

impl Reader for Cab {
    fn name(&self) -> &'static str {
        "cab"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Cab]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let head = bytes_at(input, 0, 36)?;
        if head.starts_with(b"ISc(") {
            return Err(ReadError::Unsupported("a cabinet of InstallShield"));
        }
        let Some(cabinet) = Cabinet::read(&head, input)? else {
            return Err(ReadError::malformed("cab", "its header is cut off"));
        };
        let size = input.seek(SeekFrom::End(0))?;
        if size < cabinet.size {
            sink.gap(Reason::Truncated, "the cabinet is shorter than it says");
        }
        let mut files = cabinet.files(input, budget, sink)?;
        // A folder is unpacked once, from front to back.
        files.sort_by_key(|file| (file.folder, file.start));
        let mut files = files.into_iter().peekable();
        while let Some(folder) = files.peek().map(|file| file.folder) {
            let mut members = VecDeque::new();
            while let Some(file) = files.next_if(|file| file.folder == folder) {
                members.push_back(file);
            }
            cabinet.read_folder(folder, members, input, budget, sink)?;
        }
        Ok(())
    }
}

struct Cabinet {
    size: u64,
    files_at: u64,
    folders: u16,
    file_count: u16,
    /// Bytes that whoever made the cabinet keeps in each folder and block.
    folder_reserve: usize,
    block_reserve: usize,
    folders_at: u64,
    /// The first folder goes on with one of the cabinet before.
    has_previous: bool,
}

struct File {
    name: Name,
    size: u64,
    /// Where it starts in its folder.
    start: u64,
    folder: u16,
    /// Begins in the cabinet before.
    is_continued: bool,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes)
}

impl Cabinet {
    fn read(head: &[u8], input: &mut Input<'_>) -> Result<Option<Self>, ReadError> {
        if head.len() < 36 || !head.starts_with(b"MSCF") {
            return Ok(None);
        }
        let flags = u16_at(head, 30);
        let mut at = 36;
        let (mut folder_reserve, mut block_reserve) = (0, 0);
        if flags & 4 != 0 {
            let sizes = bytes_at(input, at, 4)?;
            at += 4 + u64::from(u16_at(&sizes, 0));
            folder_reserve = usize::from(sizes.get(2).copied().unwrap_or(0));
            block_reserve = usize::from(sizes.get(3).copied().unwrap_or(0));
        }
        // Names of the cabinets before and after, and of their disks.
        for _ in 0..2 * ((flags & 1) + ((flags >> 1) & 1)) {
            let name = bytes_at(input, at, NAME)?;
            let Some(end) = name.iter().position(|b| *b == 0) else { return Ok(None) };
            at += end as u64 + 1;
        }
        Ok(Some(Self {
            size: u64::from(u32_at(head, 8)),
            files_at: u64::from(u32_at(head, 16)),
            folders: u16_at(head, 26),
            file_count: u16_at(head, 28),
            folder_reserve,
            block_reserve,
            folders_at: at,
            has_previous: flags & 1 != 0,
        }))
    }

    fn files(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<Vec<File>, ReadError> {
        let mut files = Vec::new();
        let mut at = self.files_at;
        for _ in 0..self.file_count {
            budget.check()?;
            let record = bytes_at(input, at, 16 + NAME)?;
            let name = record.get(16..).unwrap_or_default();
            let Some(end) = name.iter().position(|b| *b == 0) else {
                sink.gap(Reason::Malformed, "the list of members breaks off");
                break;
            };
            at += 16 + end as u64 + 1;
            let folder = u16_at(&record, 8);
            files.push(File {
                name: Name::from_bytes(slashes(name.get(..end).unwrap_or_default())),
                size: u64::from(u32_at(&record, 0)),
                start: u64::from(u32_at(&record, 4)),
                // Three numbers say that it goes on in the cabinet before, after, or both.
                folder: match folder {
                    0xfffd | 0xffff => 0,
                    0xfffe => self.folders.saturating_sub(1),
                    folder => folder,
                },
                is_continued: matches!(folder, 0xfffd | 0xffff),
            });
        }
        Ok(files)
    }

    /// Pushes the members of one folder, which lie in it one behind the other.
    fn read_folder(
        &self,
        folder: u16,
        mut files: VecDeque<File>,
        input: &mut Input<'_>,
        budget: &Budget,
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        let record = bytes_at(input, self.folders_at + u64::from(folder) * (8 + self.folder_reserve as u64), 8)?;
        let from_before = self.has_previous && files.iter().any(|file| file.is_continued);
        let opened = match Method::of(u16_at(&record, 6)) {
            _ if folder >= self.folders || record.len() < 8 => Err((Reason::Malformed, "its folder is not there")),
            _ if from_before => Err((Reason::Truncated, "its folder begins in the cabinet before this one")),
            Ok(method) => Ok(method),
            Err(what) => Err((Reason::UnsupportedFeature, what)),
        };
        let method = match opened {
            Ok(method) => method,
            Err((reason, detail)) => return name_unread(files, reason, detail, budget, sink),
        };
        let mut blocks = Blocks {
            at: u64::from(u32_at(&record, 0)),
            left: u16_at(&record, 4),
            reserve: self.block_reserve,
            input,
            method,
            block: Vec::new(),
            taken: 0,
        };
        let mut position = 0;
        while let Some(file) = files.front() {
            if file.start < position {
                let file = files.pop_front().into_iter().collect();
                name_unread(file, Reason::Malformed, "its bytes belong to another member, too", budget, sink)?;
                continue;
            }
            // What the sink left unread stands in front of the next member.
            let between = file.start - position;
            let mut gap = (&mut blocks).take(between);
            match io::copy(&mut Unpacked::new(budget, &mut gap), &mut io::sink()) {
                Ok(n) if n == between => {}
                Ok(_) => return name_unread(files, Reason::Truncated, "its folder ends before it", budget, sink),
                Err(error) if reason_of(&error).is_some() => return Err(error.into()),
                Err(_) => return name_unread(files, Reason::Malformed, "its folder is damaged", budget, sink),
            }
            position = file.start;
            let Some(file) = files.pop_front() else { break };
            budget.spend_member()?;
            let mut counted = Counted { inner: &mut blocks, count: 0 };
            let mut content = Promised::new(&mut counted, Some(file.size), None);
            let member = Member { size: Some(file.size), ..Member::new(file.name) };
            sink.member(member, &mut Unpacked::new(budget, &mut content))?;
            position += counted.count;
        }
        Ok(())
    }
}

fn slashes(name: &[u8]) -> Vec<u8> {
    name.iter().map(|b| if *b == b'\\' { b'/' } else { *b }).collect()
}

fn name_unread(
    files: VecDeque<File>,
    reason: Reason,
    detail: &str,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    for file in files {
        budget.spend_member()?;
        sink.member_unread(Member { size: Some(file.size), ..Member::new(file.name) }, reason, detail);
    }
    Ok(())
}

struct Counted<'a> {
    inner: &'a mut dyn Read,
    count: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.count += n as u64;
        Ok(n)
    }
}

enum Method {
    Stored,
    /// With the window.
    MsZip(Box<Decompress>, Vec<u8>),
    Lzx(Box<Lzxd>),
}

impl Method {
    fn of(kind: u16) -> Result<Self, &'static str> {
        match kind & 15 {
            0 => Ok(Self::Stored),
            1 => Ok(Self::MsZip(Box::new(Decompress::new(false)), Vec::new())),
            2 => Err("packed by Quantum"),
            3 => {
                let window = match kind >> 8 & 31 {
                    15 => WindowSize::KB32,
                    16 => WindowSize::KB64,
                    17 => WindowSize::KB128,
                    18 => WindowSize::KB256,
                    19 => WindowSize::KB512,
                    20 => WindowSize::MB1,
                    21 => WindowSize::MB2,
                    _ => return Err("packed by LZX with a window that no cabinet has"),
                };
                Ok(Self::Lzx(Box::new(Lzxd::new(window))))
            }
            _ => Err("packed in an unknown way"),
        }
    }

    fn unpack(&mut self, packed: &[u8], size: usize) -> io::Result<Vec<u8>> {
        match self {
            Self::Stored => Ok(packed.to_vec()),
            Self::MsZip(inflate, window) => {
                let deflated = packed.strip_prefix(b"CK").ok_or_else(|| damaged("a block without its mark"))?;
                inflate.reset(false);
                if !window.is_empty() && inflate.set_dictionary(window).is_err() {
                    return Err(damaged("a block cannot go on with the one before"));
                }
                let mut unpacked = Vec::with_capacity(BLOCK);
                let status = inflate.decompress_vec(deflated, &mut unpacked, FlushDecompress::Finish);
                if !matches!(status, Ok(Status::StreamEnd)) {
                    return Err(damaged("a block that is no deflated data"));
                }
                window.extend_from_slice(&unpacked);
                let surplus = window.len().saturating_sub(BLOCK);
                window.drain(..surplus);
                Ok(unpacked)
            }
            Self::Lzx(lzx) => lzx
                .decompress_next(packed, size)
                .map(<[u8]>::to_vec)
                .map_err(|_| damaged("a block that is no LZX data")),
        }
    }
}

/// The unpacked bytes of a folder, block by block.
struct Blocks<'a, 'i> {
    input: &'a mut Input<'i>,
    at: u64,
    left: u16,
    reserve: usize,
    method: Method,
    block: Vec<u8>,
    taken: usize,
}

impl Blocks<'_, '_> {
    /// False behind the last block.
    fn next(&mut self) -> io::Result<bool> {
        if self.left == 0 {
            return Ok(false);
        }
        let wrap = |error: ReadError| match error {
            ReadError::Io(error) => error,
            error => io::Error::other(error),
        };
        let head = bytes_at(self.input, self.at, 8 + self.reserve).map_err(wrap)?;
        let (checksum, packed_size) = (u32_at(&head, 0), usize::from(u16_at(&head, 4)));
        let size = usize::from(u16_at(&head, 6));
        let packed = bytes_at(self.input, self.at + head.len() as u64, packed_size).map_err(wrap)?;
        if head.len() < 8 + self.reserve || packed.len() < packed_size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if checksum != 0 && checksum != sum(head.get(4..).unwrap_or_default(), sum(&packed, 0)) {
            return Err(damaged("the checksum of a block does not match"));
        }
        // The last block goes on in the cabinet after this one.
        if size == 0 {
            self.left = 0;
            return Ok(false);
        }
        if size > BLOCK {
            return Err(damaged("a block that is too long"));
        }
        self.block = self.method.unpack(&packed, size)?;
        if self.block.len() != size {
            return Err(damaged("a block that is not as long as it says"));
        }
        self.taken = 0;
        self.left -= 1;
        self.at += (head.len() + packed_size) as u64;
        Ok(true)
    }
}

impl Read for Blocks<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken >= self.block.len() {
            if buffer.is_empty() || !self.next()? {
                return Ok(0);
            }
        }
        let n = self.block.get(self.taken..).unwrap_or_default().read(buffer)?;
        self.taken += n;
        Ok(n)
    }
}

/// The checksum of [MS-CAB] 3.1: words of four bytes, the rest of up to three the other way round.
fn sum(bytes: &[u8], seed: u32) -> u32 {
    let (words, rest) = bytes.as_chunks::<4>();
    let sum = words.iter().fold(seed, |sum, word| sum ^ u32::from_le_bytes(*word));
    sum ^ rest.iter().fold(0, |last, byte| last << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests;
