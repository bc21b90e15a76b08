//! Cpio archives of every form: new ASCII with and without checksums, old ASCII, old binary.
//!
//! Specifications: cpio(5); POSIX.1-1997, pax (old ASCII); the initramfs buffer format of Linux.

use std::io::{BufRead, Read};

use crate::identify::Format;
use crate::model::{Name, Reason};

use super::budget::{Budget, Unpacked};
use super::decode::Promised;
use super::input::{Access, Input};
use super::reader::{Member, ReadError, Reader, Sink};

pub struct Cpio;

/// The longest name.
const NAME: u64 = 4096;
const END: &[u8] = b"TRAILER!!!";

impl Reader for Cpio {
    fn name(&self) -> &'static str {
        "cpio"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Cpio]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut input = input.buffered();
        let mut ended = false;
        loop {
            budget.check()?;
            if ended && !skip_zeros(&mut input, budget)? {
                return Ok(());
            }
            let start = take(&mut input, 6)?;
            let Some(form) = Form::of(&start) else {
                if ended {
                    // The archive of an early user space may have another one behind it, packed.
                    budget.spend_member()?;
                    let mut rest = start.chain(&mut input);
                    return sink.member(Member::new("bytes after"), &mut Unpacked::new(budget, &mut rest));
                }
                return Err(if start.len() < 6 {
                    cut_off()
                } else {
                    ReadError::malformed("cpio", "a header is damaged")
                });
            };
            let Some(entry) = form.entry(&start, &mut input)? else {
                return Err(ReadError::malformed("cpio", "a header is damaged"));
            };
            ended = entry.name.as_bytes() == END;
            let mut content = (&mut input).take(entry.size);
            if !ended {
                push(&entry, &mut content, budget, sink)?;
            }
            let left = content.limit();
            if std::io::copy(&mut content, &mut std::io::sink())? < left {
                return Err(cut_off());
            }
            take(&mut input, form.padding(entry.size))?;
        }
    }
}

fn push(entry: &Entry, content: &mut dyn Read, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
    const DIRECTORY: u64 = 0o040_000;
    let kind = entry.mode & 0o170_000;
    if kind == DIRECTORY {
        return Ok(());
    }
    budget.spend_member()?;
    let member = Member {
        size: Some(entry.size),
        packed_size: Some(entry.size),
        modified: i64::try_from(entry.modified)
            .ok()
            .filter(|seconds| *seconds > 0)
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
            .map(|time| time.to_string()),
        ..Member::new(entry.name.clone())
    };
    let (reason, detail) = match kind {
        0o120_000 => (Reason::Symlink, "a symbolic link in a cpio archive"),
        0o020_000 | 0o060_000 => (Reason::Device, "a device in a cpio archive"),
        0o010_000 => (Reason::Fifo, "a pipe in a cpio archive"),
        0o140_000 => (Reason::Socket, "a socket in a cpio archive"),
        _ => {
            let mut promised = Promised::new(content, Some(entry.size), None);
            return sink.member(member, &mut Unpacked::new(budget, &mut promised));
        }
    };
    sink.member_unread(member, reason, detail);
    Ok(())
}

struct Entry {
    name: Name,
    mode: u64,
    modified: u64,
    size: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    New,
    Old,
    Binary { swapped: bool },
}

impl Form {
    fn of(start: &[u8]) -> Option<Self> {
        match start.get(..6)? {
            b"070701" | b"070702" => Some(Self::New),
            b"070707" => Some(Self::Old),
            [0xc7, 0x71, ..] => Some(Self::Binary { swapped: false }),
            [0x71, 0xc7, ..] => Some(Self::Binary { swapped: true }),
            _ => None,
        }
    }

    /// Bytes that fill up what is so long.
    fn padding(self, length: u64) -> u64 {
        match self {
            Self::New => length.wrapping_neg() % 4,
            Self::Old => 0,
            Self::Binary { .. } => length % 2,
        }
    }

    /// The entry whose first six bytes were read; none if its numbers are no numbers.
    fn entry(self, start: &[u8], input: &mut impl Read) -> Result<Option<Entry>, ReadError> {
        let length = match self {
            Self::New => 110,
            Self::Old => 76,
            Self::Binary { .. } => 26,
        };
        let header = [start, &take(input, length - 6)?].concat();
        if (header.len() as u64) < length {
            return Err(cut_off());
        }
        let number = |from: usize, length: usize, radix: u32| {
            let digits = header.get(from..from + length)?;
            u64::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok()
        };
        let short = |from: usize| {
            let bytes = header.get(from..from + 2)?.try_into().ok()?;
            Some(u64::from(if self == (Self::Binary { swapped: true }) {
                u16::from_be_bytes(bytes)
            } else {
                u16::from_le_bytes(bytes)
            }))
        };
        // The upper half comes first, whatever the order of bytes.
        let long = |from: usize| Some(short(from)? << 16 | short(from + 2)?);
        let numbers = match self {
            Self::New => (number(14, 8, 16), number(46, 8, 16), number(54, 8, 16), number(94, 8, 16)),
            Self::Old => (number(18, 6, 8), number(48, 11, 8), number(65, 11, 8), number(59, 6, 8)),
            Self::Binary { .. } => (short(6), long(16), long(22), short(20)),
        };
        let (Some(mode), Some(modified), Some(size), Some(name_length)) = numbers else { return Ok(None) };
        if name_length == 0 || name_length > NAME {
            return Ok(None);
        }
        let mut name = take(input, name_length)?;
        let padding =
            if self == Self::New { (length + name_length).wrapping_neg() % 4 } else { self.padding(name_length) };
        take(input, padding)?;
        name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
        let name = Name::from_bytes(name.strip_prefix(b"./").unwrap_or(&name));
        Ok(Some(Entry { name, mode, modified, size }))
    }
}

fn cut_off() -> ReadError {
    std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()
}

fn take(input: &mut impl Read, count: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    input.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// False if nothing but zeros follows.
fn skip_zeros(input: &mut impl BufRead, budget: &Budget) -> Result<bool, ReadError> {
    loop {
        budget.check()?;
        let buffer = input.fill_buf()?;
        if buffer.is_empty() {
            return Ok(false);
        }
        let zeros = buffer.iter().take_while(|byte| **byte == 0).count();
        let all = zeros == buffer.len();
        input.consume(zeros);
        if !all {
            return Ok(true);
        }
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "test code")]
mod tests {
    use super::*;
    use crate::open::Limits;
    use crate::open::collect::{collect, collect_with};

    const TEXT: &[u8] = b"Dipendente: Laura Bianchi\n";

    fn new(name: &str, mode: u32, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let size = name.len() + 1;
        let head = format!("070701{0:08x}{mode:08x}{0:08x}{0:08x}{1:08x}{2:08x}{length:08x}", 0, 1, 5);
        let rest = format!("{0:08x}{0:08x}{0:08x}{0:08x}{size:08x}{0:08x}", 0);
        let mut out = [head, rest].concat().into_bytes();
        out.extend(name.as_bytes());
        out.push(0);
        out.resize(out.len().next_multiple_of(4), 0);
        out.extend(content);
        out.resize(out.len().next_multiple_of(4), 0);
        out
    }

    fn old(name: &str, content: &[u8]) -> Vec<u8> {
        let head = format!(
            "070707{:06o}{:06o}{:06o}{:06o}{:06o}{:06o}{:06o}{:011o}{:06o}{:011o}{name}\0",
            0,
            0,
            0o100_644,
            0,
            0,
            1,
            0,
            5,
            name.len() + 1,
            content.len()
        );
        [head.as_bytes(), content].concat()
    }

    fn binary(name: &str, content: &[u8], swapped: bool) -> Vec<u8> {
        let length = content.len() as u16;
        let numbers = [0o070_707, 0, 0, 0o100_644, 0, 0, 1, 0, 0, 5, name.len() as u16 + 1, 0, length];
        let order = if swapped { u16::to_be_bytes } else { u16::to_le_bytes };
        let mut out: Vec<u8> = numbers.into_iter().flat_map(order).collect();
        out.extend(name.as_bytes());
        out.push(0);
        out.resize(out.len().next_multiple_of(2), 0);
        out.extend(content);
        out.resize(out.len().next_multiple_of(2), 0);
        out
    }

    fn check(archive: &[u8], names: &[&str]) {
        let collected = collect(&Cpio, "a", archive);
        assert!(collected.error.is_none(), "{collected:?}");
        assert_eq!(collected.member_names(), names);
        assert!(collected.members.iter().all(|(_, content)| content == TEXT));
    }

    #[test]
    fn every_form() {
        let names = ["docs/a.txt", "../b"];
        let padding = [0; 512];
        let both = |f: &dyn Fn(&str, &[u8]) -> Vec<u8>| {
            [f("./docs/a.txt", TEXT), f("../b", TEXT), f("TRAILER!!!", b""), padding.to_vec()].concat()
        };
        check(&both(&|name, content| new(name, 0o100_644, content)), &names);
        check(&both(&old), &names);
        check(&both(&|name, content| binary(name, content, false)), &names);
        check(&both(&|name, content| binary(name, content, true)), &names);
    }

    #[test]
    fn what_is_no_file_and_what_follows_the_end() {
        let end = new("TRAILER!!!", 0, b"");
        let archive = [
            new("d", 0o040_755, b""),
            new("l", 0o120_777, b"target"),
            end,
            new("a", 0o100_644, TEXT),
            new("TRAILER!!!", 0, b""),
            TEXT.to_vec(),
        ]
        .concat();
        let collected = collect(&Cpio, "a", &archive);
        assert_eq!(collected.unread.iter().map(|(_, reason)| *reason).collect::<Vec<_>>(), [Reason::Symlink]);
        assert_eq!(collected.member_names(), ["a", "bytes after"]);
        assert!(collected.members.iter().all(|(_, content)| content == TEXT));
    }

    #[test]
    fn damage_and_budgets_end_it() {
        let whole = [new("a", 0o100_644, TEXT), new("TRAILER!!!", 0, b"")].concat();
        let reason = |bytes: &[u8]| collect(&Cpio, "a", bytes).error.map(|error| error.reason());
        assert_eq!(reason(&whole), None);
        assert_eq!(reason(&whole[..120]), Some(Reason::Truncated));
        assert_eq!(reason(&whole[..150]), Some(Reason::Truncated));
        assert_eq!(reason(&[&whole[..50], b"x", &whole[51..]].concat()), Some(Reason::Malformed));
        let limits = Limits { members: 0, ..Limits::default() };
        let spent = collect_with(&Cpio, "a", &whole, limits).error.map(|error| error.reason());
        assert_eq!(spent, Some(Reason::TooManyMembers));
    }
}
