//! Reads PowerPoint presentations of versions 97 to 2003 (ppt): text by slide, notes, comments, embedded objects.
//!
//! Specification: [MS-PPT] 2.1.2 (persist directory), 2.3 to 2.9 (records).

use std::collections::HashMap;
use std::io::{BufReader, Read, Seek, SeekFrom};

use crate::extract::writer::TextWriter;
use crate::model::{Place, Protection, Reason};
use crate::open::budget::Unpacked;
use crate::open::reader::{Member, ReadError, Sink};

use super::pronounce;
use super::seal;
use super::storage::{Storage, read_at, u16_at, u32_at, wide};

const DOCUMENT: u16 = 0x03E8;
const SLIDE: u16 = 0x03EE;
const NOTES: u16 = 0x03F0;
const SLIDE_PERSIST: u16 = 0x03F3;
const MASTER: u16 = 0x03F8;
const TEXT_WIDE: u16 = 0x0FA0;
const TEXT_NARROW: u16 = 0x0FA8;
const STRING: u16 = 0x0FBA;
const LINK: u16 = 0x0FD7;
const HEADERS: u16 = 0x0FD9;
const SLIDE_LIST: u16 = 0x0FF0;
const USER_EDIT: u16 = 0x0FF5;
const OBJECT: u16 = 0x1011;
/// An atom by its mark, but records stand in it.
const TAG_DATA: u16 = 0x138B;
const PERSIST_DIRECTORY: u16 = 0x1772;
const COMMENT: u16 = 0x2EE0;
const CRYPT_SESSION: u16 = 0x2F14;

const SEALED_TOKEN: u32 = 0xF3D1_C4DF;
const LONGEST_TEXT: u32 = 16 << 20;
const DEEPEST: usize = 64;
/// Saves of which the file keeps the traces.
const MOST_EDITS: usize = 1000;
const MOST_OBJECTS: usize = 1 << 20;

pub(super) fn read(storage: &mut Storage<'_>, writer: &mut TextWriter<'_>, depth: usize) -> Result<(), ReadError> {
    let Some(stream) = storage.stream("PowerPoint Document")? else {
        return Err(ReadError::malformed("ppt", "its stream is damaged"));
    };
    let mut stream = BufReader::with_capacity(16 * 1024, stream);
    // PowerPoint 95 writes other records under the same name.
    if read_at(&mut stream, 0, 4)? == [3, 0, 0, 0] {
        return Err(ReadError::Unsupported("a PowerPoint 95 presentation"));
    }
    let user = storage.bytes("Current User", 64)?.unwrap_or_default();
    let edits = Edits::read(&mut stream, u32_at(&user, 16).unwrap_or(0))?;
    if u32_at(&user, 12) == Some(SEALED_TOKEN) || edits.crypt_session.is_some() {
        pronounce(verdict(storage, &mut stream, &edits)?, writer, depth)?;
        return Err(ReadError::Encrypted);
    }
    let pages = pages(storage, &mut stream, &edits)?;
    read_records(storage, &mut stream, &edits, &pages, writer)
}

fn verdict(storage: &Storage<'_>, stream: &mut (impl Read + Seek), edits: &Edits) -> Result<Protection, ReadError> {
    let at = edits.crypt_session.and_then(|id| edits.offsets.iter().find(|(_, own)| **own == id)).map(|(at, _)| *at);
    if let Some(at) = at {
        let record = read_at(stream, u64::from(at), 1024)?;
        if u16_at(&record, 2) == Some(CRYPT_SESSION) {
            let header = record.get(8..).unwrap_or_default();
            return Ok(seal::rc4(header, "CryptSession10", storage.name(), storage.budget())?.0);
        }
    }
    Ok(Protection::weak("office-rc4", "Current User: the token of an encrypted presentation"))
}

/// What the chain of saves says, the last one first.
#[derive(Default)]
struct Edits {
    /// Number of an object by its offset.
    offsets: HashMap<u32, u32>,
    crypt_session: Option<u32>,
}

impl Edits {
    fn read(stream: &mut (impl Read + Seek), last: u32) -> Result<Self, ReadError> {
        let mut edits = Self::default();
        let mut known = std::collections::HashSet::new();
        let mut at = last;
        for _ in 0..MOST_EDITS {
            let edit = read_at(stream, u64::from(at), 8 + 32)?;
            if u16_at(&edit, 2) != Some(USER_EDIT) {
                break;
            }
            if u32_at(&edit, 4).is_some_and(|length| length >= 32) && edits.crypt_session.is_none() {
                edits.crypt_session = u32_at(&edit, 36);
            }
            if let Some(directory) = u32_at(&edit, 20) {
                edits.read_directory(stream, directory, &mut known)?;
            }
            let before = u32_at(&edit, 16).unwrap_or(0);
            // Every save stands behind the one before it.
            if before == 0 || before >= at {
                break;
            }
            at = before;
        }
        Ok(edits)
    }

    /// Where the next object stands: between objects there may be remains that are no records.
    fn next_object(&self, at: u64) -> Option<u64> {
        self.offsets.keys().map(|offset| u64::from(*offset)).filter(|offset| *offset > at).min()
    }

    fn read_directory(
        &mut self,
        stream: &mut (impl Read + Seek),
        at: u32,
        known: &mut std::collections::HashSet<u32>,
    ) -> Result<(), ReadError> {
        let head = read_at(stream, u64::from(at), 8)?;
        if u16_at(&head, 2) != Some(PERSIST_DIRECTORY) {
            return Ok(());
        }
        let length = u32_at(&head, 4).unwrap_or(0).min(LONGEST_TEXT);
        let data = read_at(stream, u64::from(at) + 8, usize::try_from(length).unwrap_or(0))?;
        let mut numbers = data.chunks_exact(4).filter_map(|four| u32_at(four, 0));
        while let Some(run) = numbers.next() {
            let (first, count) = (run & 0x000F_FFFF, run >> 20);
            for (id, offset) in (first..first.saturating_add(count)).zip(numbers.by_ref()) {
                if known.len() < MOST_OBJECTS && known.insert(id) {
                    self.offsets.insert(offset, id);
                }
            }
        }
        Ok(())
    }
}

struct Head {
    instance: u16,
    kind: u16,
    is_container: bool,
    start: u64,
    end: u64,
    length: u32,
}

impl Head {
    /// No record of PowerPoint has this number, or the stream ends within it.
    fn is_none_such(&self, length: u64) -> bool {
        self.kind == 0 || self.end > length
    }
}

fn next_head(stream: &mut impl Read, at: u64) -> Result<Option<Head>, ReadError> {
    let mut bytes = Vec::with_capacity(8);
    stream.take(8).read_to_end(&mut bytes)?;
    let (Some(version), Some(kind), Some(length)) = (u16_at(&bytes, 0), u16_at(&bytes, 2), u32_at(&bytes, 4)) else {
        return Ok(None);
    };
    let is_container = version & 0xF == 0xF || kind == TAG_DATA;
    let end = at + 8 + u64::from(length);
    Ok(Some(Head { instance: version >> 4, kind, is_container, start: at, end, length }))
}

/// Slide by the offset of its container. The last list of slides counts.
fn pages(
    storage: &Storage<'_>,
    stream: &mut (impl Read + Seek),
    edits: &Edits,
) -> Result<HashMap<u64, u32>, ReadError> {
    let mut order: Vec<u32> = Vec::new();
    let mut list_end = 0;
    let mut at = 0;
    let length = stream.seek(SeekFrom::End(0))?;
    stream.rewind()?;
    while let Some(head) = next_head(stream, at)? {
        storage.budget().check()?;
        if head.is_none_such(length)
            && at >= list_end
            && let Some(next) = edits.next_object(at)
        {
            at = next;
            stream.seek(SeekFrom::Start(at))?;
            continue;
        }
        if head.kind == SLIDE_LIST && head.instance == 0 {
            order.clear();
            list_end = head.end;
        }
        if head.kind == SLIDE_PERSIST && at < list_end {
            let data = read_at(stream, at + 8, 4)?;
            order.extend(u32_at(&data, 0));
        }
        let inside = matches!(head.kind, DOCUMENT | SLIDE_LIST) && head.is_container;
        at = if inside { at + 8 } else { head.end };
        stream.seek(SeekFrom::Start(at))?;
    }
    let page_of: HashMap<u32, u32> = order.into_iter().zip(1..).collect();
    let pages = edits.offsets.iter().filter_map(|(at, id)| Some((u64::from(*at), *page_of.get(id)?)));
    Ok(pages.collect())
}

fn read_records<R: Read + Seek>(
    storage: &Storage<'_>,
    stream: &mut BufReader<R>,
    edits: &Edits,
    pages: &HashMap<u64, u32>,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    // Containers around the record, with their ends.
    let mut around: Vec<(u16, u64)> = Vec::new();
    let mut page = None;
    let mut listed = 0_u32;
    let mut at = 0;
    stream.rewind()?;
    let length = stream.seek(SeekFrom::End(0))?;
    stream.rewind()?;
    while let Some(head) = next_head(stream, at)? {
        storage.budget().check()?;
        while around.last().is_some_and(|(_, end)| *end <= at) {
            around.pop();
        }
        if around.is_empty() {
            page = None;
            if head.is_none_such(length)
                && let Some(next) = edits.next_object(at)
            {
                at = next;
                stream.seek(SeekFrom::Start(at))?;
                continue;
            }
        }
        let parent = around.last().map(|(kind, _)| *kind);
        // A record that runs over the end of its container is damaged; the next container is not.
        let limit = around.last().map_or(u64::MAX, |(_, end)| *end);
        let end = head.end.min(limit);
        if head.is_container {
            match head.kind {
                SLIDE => page = pages.get(&head.start).copied(),
                SLIDE_LIST => listed = 0,
                _ => {}
            }
            if around.len() < DEEPEST {
                // The lists of masters and of notes are told from that of slides by their number.
                let kind = if head.kind == SLIDE_LIST && head.instance != 0 { MASTER } else { head.kind };
                around.push((kind, end));
                at += 8;
                continue;
            }
            writer.sink()?.gap(Reason::TooDeep, "records are nested too deeply");
        }
        let title = || {
            around.iter().rev().find_map(|(kind, _)| match *kind {
                NOTES => Some("notes"),
                MASTER => Some("master"),
                COMMENT => Some("comment"),
                HEADERS => Some("header or footer"),
                LINK => Some("link"),
                _ => None,
            })
        };
        match head.kind {
            SLIDE_PERSIST if parent == Some(SLIDE_LIST) => {
                listed += 1;
                page = Some(listed);
            }
            TEXT_WIDE | TEXT_NARROW | STRING => {
                let wanted = head.kind != STRING || matches!(parent, Some(COMMENT | HEADERS | LINK));
                if wanted && head.length <= LONGEST_TEXT && head.end <= limit {
                    let mut bytes = Vec::new();
                    Read::by_ref(stream).take(u64::from(head.length)).read_to_end(&mut bytes)?;
                    let text = if head.kind == TEXT_NARROW {
                        bytes.iter().map(|&b| char::from(b)).collect()
                    } else {
                        wide(&bytes)
                    };
                    let place = Place { page, field: title().map(Into::into), ..Place::default() };
                    for line in text.split(['\r', '\u{B}']) {
                        writer.paragraph(place.clone(), line.trim_matches('\0'))?;
                    }
                } else if wanted {
                    writer.sink()?.gap(Reason::MemberTooLarge, "a text is longer than allowed, or than its container");
                }
            }
            OBJECT => push_object(storage, stream, &head, writer.sink()?)?,
            _ => {}
        }
        at = end;
        if at > length {
            return Err(ReadError::malformed("ppt", "a record is cut off"));
        }
        stream.seek(SeekFrom::Start(at))?;
    }
    Ok(())
}

/// An embedded object is a compound file, mostly compressed.
fn push_object<R: Read>(
    storage: &Storage<'_>,
    stream: &mut BufReader<R>,
    head: &Head,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    storage.budget().spend_member()?;
    let mut data = Read::by_ref(stream).take(u64::from(head.length));
    let mut member = Member::new(format!("object{}.bin", head.start));
    member.packed_size = Some(u64::from(head.length));
    if head.instance != 1 {
        return sink.member(member, &mut data);
    }
    let mut size = [0; 4];
    data.read_exact(&mut size)?;
    member.size = Some(u64::from(u32::from_le_bytes(size)));
    let mut unpacked =
        Unclosed { left: u64::from(u32::from_le_bytes(size)), inner: flate2::read::ZlibDecoder::new(data) };
    sink.member(member, &mut Unpacked::new(storage.budget(), &mut unpacked))
}

/// Some programs leave the end off the compressed data: what matters is that all bytes came.
struct Unclosed<R> {
    left: u64,
    inner: R,
}

impl<R: Read> Read for Unclosed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.inner.read(buffer) {
            Err(_) if self.left == 0 => Ok(0),
            Ok(n) => {
                self.left = self.left.saturating_sub(n as u64);
                Ok(n)
            }
            error => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn record(version: u16, kind: u16, data: &[u8]) -> Vec<u8> {
        let mut bytes = version.to_le_bytes().to_vec();
        bytes.extend(kind.to_le_bytes());
        bytes.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn newer_saves_win_over_older_ones() {
        let mut stream = vec![0; 8];
        let directory =
            |offset: u32| record(0, PERSIST_DIRECTORY, &[1_u32 | 1 << 20, offset].map(u32::to_le_bytes).concat());
        let edit = |before: u32, directory: u32| {
            record(0, USER_EDIT, &[0, 0, before, directory, 0, 0, 0].map(u32::to_le_bytes).concat())
        };
        stream.extend(directory(100));
        let old = u32::try_from(stream.len()).unwrap();
        stream.extend(edit(0, 8));
        let newer_directory = u32::try_from(stream.len()).unwrap();
        stream.extend(directory(200));
        let new = u32::try_from(stream.len()).unwrap();
        stream.extend(edit(old, newer_directory));
        let edits = Edits::read(&mut Cursor::new(stream), new).unwrap();
        assert_eq!(edits.offsets, HashMap::from([(200, 1)]));
        assert_eq!(edits.crypt_session, None);
    }
}
