//! Rar archives of RAR 1.5 to 7: members, and whether their content or their list is encrypted.
//!
//! Specifications: RAR 5.0 archive format (rarlab.com/technote.htm), and technote.txt of RAR 3
//! for the headers of RAR 4. How the data is packed stands in no specification; the decoders are
//! our own, held against archives of the real program in `tests/containers.rs`. Packed data of
//! RAR before 2.9 is named and not read.

mod filters;
mod header;
mod header4;
mod header5;
mod lz3;
mod lz5;
mod output;
mod ppm;
mod programs;

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use crate::identify::Format;
use crate::model::{Name, Protection, Reason, State};

use super::budget::{Budget, Unpacked, reason_of};
use super::decode::{Promised, damaged};
use super::input::{Access, Input};
use super::reader::{Member, ReadError, Reader, Sink};
use super::zip::bytes_at;
use header::{File, Generation, Kind, Method};
use lz3::Lz3;
use lz5::Lz5;

pub struct Rar;

/// Bytes that the window of a decoder may take.
const DICTIONARY: u64 = 512 << 20;

const OLD_COMMENT: &str = "a comment as RAR 2 wrote it is not read";

impl Reader for Rar {
    fn name(&self) -> &'static str {
        "rar"
    }

    fn version(&self) -> u32 {
        2
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Rar]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let start = bytes_at(input, 0, 8)?;
        let both = [Generation::Five, Generation::Four];
        let Some(generation) = both.into_iter().find(|generation| start.starts_with(generation.signature())) else {
            return Err(ReadError::malformed("rar", "no signature"));
        };
        let all_sealed = push_verdict(generation, input, budget, sink)?;
        Archive { generation, is_solid: false, unpacker: Unpacker::None, last: Name::default() }
            .read(input, budget, sink)?;
        if all_sealed { Err(ReadError::Encrypted) } else { Ok(()) }
    }
}

/// Walks the headers before any member is read, for the verdict on the whole; whether every
/// member that holds something is sealed.
fn push_verdict(
    generation: Generation,
    input: &mut Input<'_>,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Result<bool, ReadError> {
    let (mut encrypted, mut holding) = (0u64, 0u64);
    let mut place = generation.signature().len() as u64;
    // Where the list breaks off is told when members are read.
    while let Some(header) = header::at(input, generation, place)? {
        budget.check()?;
        place = header.data.end;
        match header.kind {
            Kind::Sealed => {
                let evidence = "the list of members is encrypted (archive header)";
                sink.protection(Protection::strong(generation.scheme(), evidence));
                return Err(ReadError::Encrypted);
            }
            Kind::End => break,
            Kind::File(file) if !file.is_directory && !file.is_link && file.size != Some(0) => {
                holding += 1;
                encrypted += u64::from(file.is_encrypted);
            }
            _ => {}
        }
    }
    let all = encrypted == holding;
    if encrypted > 0 {
        sink.protection(if all {
            let evidence = format!("{encrypted} of {holding} members encrypted (file headers)");
            Protection::strong(generation.scheme(), evidence).with_names_exposed()
        } else {
            let evidence = format!("{encrypted} of {holding} members are encrypted (file headers)");
            Protection { state: State::Plain, evidence, ..Protection::default() }
        });
    }
    Ok(encrypted > 0 && all)
}

/// What the members so far have left behind for those that refer back to them.
enum Unpacker {
    None,
    Third(Box<Lz3>),
    Fifth(Box<Lz5>),
    /// A member of a solid run could not be unpacked; why those that follow cannot.
    Lost(Reason),
}

struct Archive {
    generation: Generation,
    is_solid: bool,
    unpacker: Unpacker,
    /// The file that the next stream belongs to.
    last: Name,
}

impl Archive {
    fn read(&mut self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let end = input.seek(SeekFrom::End(0))?;
        let mut place = self.generation.signature().len() as u64;
        loop {
            budget.check()?;
            let Some(header) = header::at(input, self.generation, place)? else {
                if place >= end {
                    // Older programs write no end.
                    if place > end || self.generation == Generation::Five {
                        sink.gap(Reason::Truncated, "the rar archive ends before its list of members does");
                    }
                } else {
                    sink.gap(Reason::Malformed, "a header of the rar archive is damaged; what follows is not read");
                }
                return Ok(());
            };
            place = header.data.end;
            match header.kind {
                Kind::Main { is_solid, has_comment } => {
                    self.is_solid = is_solid;
                    if has_comment {
                        sink.gap(Reason::UnsupportedFeature, OLD_COMMENT);
                    }
                }
                Kind::OldComment => sink.gap(Reason::UnsupportedFeature, OLD_COMMENT),
                Kind::File(file) => {
                    self.last = file.name.clone();
                    self.push(&file, header.data, input, budget, sink)?;
                }
                Kind::Service(file) => self.push_service(file, header.data, input, budget, sink)?,
                // The verdict has told it.
                Kind::Sealed => return Err(ReadError::Encrypted),
                Kind::End => return Ok(()),
                Kind::Other => {}
            }
        }
    }

    /// Comments, and streams of NTFS, are content; recovery records and indexes are not.
    fn push_service(
        &mut self,
        file: File,
        data: Range<u64>,
        input: &mut Input<'_>,
        budget: &Budget,
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        let name = match file.name.as_bytes() {
            b"CMT" => Name::from("comment"),
            b"STM" => {
                let stream = file.stream.clone().unwrap_or_else(|| Name::from(":stream"));
                Name::from_bytes([self.last.as_bytes(), stream.as_bytes()].concat())
            }
            _ => return Ok(()),
        };
        // They are packed each for itself.
        let mut own =
            Archive { generation: self.generation, is_solid: false, unpacker: Unpacker::None, last: Name::default() };
        own.push(&File { name, is_solid: false, is_directory: false, ..file }, data, input, budget, sink)
    }

    fn push(
        &mut self,
        file: &File,
        data: Range<u64>,
        input: &mut Input<'_>,
        budget: &Budget,
        sink: &mut dyn Sink,
    ) -> Result<(), ReadError> {
        if file.is_directory {
            return Ok(());
        }
        budget.spend_member()?;
        let packed_size = data.end - data.start;
        let mut member = Member {
            size: file.size,
            packed_size: Some(packed_size),
            modified: file.modified.and_then(|s| jiff::Timestamp::from_second(s).ok()).map(|time| time.to_string()),
            ..Member::new(file.name.clone())
        };
        if file.is_encrypted {
            let evidence = "encryption of the file header";
            member.protection = Some(Protection::strong(self.generation.scheme(), evidence).with_names_exposed());
        }
        if let Some((reason, detail)) = self.obstacle(file) {
            let is_lost = matches!(self.unpacker, Unpacker::Lost(_));
            if !is_lost && !file.is_link && file.size != Some(0) && (self.is_solid || file.is_solid) {
                // That one is sealed does not seal those behind it.
                self.unpacker =
                    Unpacker::Lost(if reason == Reason::Encrypted { Reason::UnsupportedFeature } else { reason });
            }
            sink.member_unread(member, reason, detail);
            return Ok(());
        }
        self.prepare(file);
        input.seek(SeekFrom::Start(data.start))?;
        let mut packed = input.take(packed_size);
        let mut unpacked: Box<dyn Read + '_> = match (&mut self.unpacker, file.method) {
            (Unpacker::Third(lz), Method::Third) => Box::new(lz.member(&mut packed)),
            (Unpacker::Fifth(lz), Method::Fifth { far, .. }) => Box::new(lz.member(&mut packed, far)),
            _ => Box::new(packed),
        };
        let mut content = Promised::new(&mut *unpacked, file.size, file.crc);
        let mut content = Unpacked::new(budget, &mut content);
        sink.member(member, &mut content)?;
        if self.is_solid && file.method != Method::Stored {
            // What the sink left unread stands in front of the next member, and so does the mark
            // behind the last byte. A fault shows there.
            let drained = std::io::copy(&mut content, &mut std::io::sink())
                .and_then(|_| if file.method == Method::Third { unpacked.read(&mut [0]) } else { Ok(0) })
                .and_then(|more| if more == 0 { Ok(()) } else { Err(damaged("more than was promised")) });
            drop(unpacked);
            if let Err(error) = drained {
                match reason_of(&error) {
                    None => self.unpacker = Unpacker::Lost(Reason::Malformed),
                    Some(reason @ Reason::UnsupportedFeature) => self.unpacker = Unpacker::Lost(reason),
                    Some(_) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    /// Why a member is not unpacked at all.
    fn obstacle(&self, file: &File) -> Option<(Reason, &'static str)> {
        if file.is_encrypted {
            return Some((Reason::Encrypted, "encrypted in a rar archive"));
        }
        if file.is_link {
            return Some((Reason::Symlink, "a link in a rar archive"));
        }
        if file.is_continued {
            return Some((Reason::Truncated, "the rest of a member that begins in the volume before this one"));
        }
        match file.method {
            Method::Unknown(what) => return Some((Reason::UnsupportedFeature, what)),
            Method::Fifth { dictionary, .. } if dictionary.min(file.size.unwrap_or(u64::MAX)) > DICTIONARY => {
                return Some((Reason::MemberTooLarge, "its decoder needs more than 512 MiB of memory"));
            }
            Method::Stored => return None,
            _ => {}
        }
        match (&self.unpacker, file.is_solid) {
            (Unpacker::None, true) => Some((Reason::Truncated, "refers back to a volume before this one")),
            (Unpacker::Lost(reason), true) => Some((*reason, "refers back to a member that could not be unpacked")),
            _ => None,
        }
    }

    /// Makes an unpacker, unless the member goes on with the one that is there.
    fn prepare(&mut self, file: &File) {
        match (&mut self.unpacker, file.method) {
            (_, Method::Stored | Method::Unknown(_)) => {}
            (Unpacker::Third(_), Method::Third) if file.is_solid => {}
            (Unpacker::Fifth(lz), Method::Fifth { dictionary, .. }) if file.is_solid => lz.widen(window(dictionary)),
            (_, Method::Third) => self.unpacker = Unpacker::Third(Box::new(Lz3::new())),
            (_, Method::Fifth { dictionary, .. }) => {
                self.unpacker = Unpacker::Fifth(Box::new(Lz5::new(window(dictionary))));
            }
        }
    }
}

/// A window grows with what is unpacked; this bounds it.
fn window(dictionary: u64) -> usize {
    usize::try_from(dictionary.min(DICTIONARY)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
