//! LHA archives (`.lzh`, `.lha`): members packed by the methods in use since 1991.
//!
//! Specification: the header notes of LHa for UNIX (header.doc.md), levels 0 to 3. Members packed
//! by older or private methods (lh1 to lh3, lzs, lz5, pm) are named and not read.

mod header;
mod lz;

use std::io::{Read, Seek, SeekFrom};

use crate::identify::Format;
use crate::model::{Name, Reason};

use super::budget::{Budget, Unpacked};
use super::decode::Promised;
use super::input::{Access, Input};
use super::reader::{Member, ReadError, Reader, Sink};
use header::Parsed;

pub struct Lha;

impl Reader for Lha {
    fn name(&self) -> &'static str {
        "lha"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Lha]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let end = input.seek(SeekFrom::End(0))?;
        let mut at = 0;
        loop {
            budget.check()?;
            let header = match header::read(input, at)? {
                Parsed::Header(header) => header,
                Parsed::End => return Ok(()),
                Parsed::Damaged if at == 0 => return Err(ReadError::malformed("lha", "its first header is damaged")),
                Parsed::Damaged => {
                    // Some archivers write no end.
                    if at < end {
                        sink.gap(Reason::Malformed, "a header of the archive is damaged; what follows is not read");
                    }
                    return Ok(());
                }
            };
            at = header.data.end;
            if &header.method == b"-lhd-" {
                continue;
            }
            budget.spend_member()?;
            let packed_size = header.data.end - header.data.start;
            let member = Member {
                size: Some(header.size),
                packed_size: Some(packed_size),
                modified: header
                    .modified
                    .and_then(|s| jiff::Timestamp::from_second(s).ok())
                    .map(|time| time.to_string()),
                ..Member::new(Name::from_bytes(header.name))
            };
            if header.is_link {
                sink.member_unread(member, Reason::Symlink, "a symbolic link in an LHA archive");
                continue;
            }
            input.seek(SeekFrom::Start(header.data.start))?;
            let mut packed = input.take(packed_size);
            let window = match &header.method {
                b"-lh0-" | b"-lz4-" => None,
                b"-lh4-" => Some(12),
                b"-lh5-" => Some(13),
                b"-lh6-" => Some(15),
                b"-lh7-" => Some(16),
                _ => {
                    sink.member_unread(member, Reason::UnsupportedFeature, "packed by a method that is not read");
                    continue;
                }
            };
            let mut unpacked: Box<dyn Read + '_> = match window {
                None => Box::new(packed),
                Some(bits) => Box::new(lz::Unpacker::new(&mut packed, bits, header.size)),
            };
            let mut content = Promised::new(&mut *unpacked, Some(header.size), None).with_crc16(header.crc);
            sink.member(member, &mut Unpacked::new(budget, &mut content))?;
        }
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "test code")]
mod tests {
    use super::*;
    use crate::open::Limits;
    use crate::open::collect::{collect, collect_with};
    use crate::open::decode::promised::crc16;

    const TEXT: &[u8] = b"Dipendente: Laura Bianchi\n";

    /// A header of level 2 with its name (and a folder) in further headers.
    fn member(method: &str, name: &str, size: usize, crc: u16, packed: &[u8]) -> Vec<u8> {
        let (folder, name) = name.rsplit_once('/').unwrap_or(("", name));
        let mut out = vec![0, 0];
        out.extend(method.as_bytes());
        out.extend((packed.len() as u32).to_le_bytes());
        out.extend((size as u32).to_le_bytes());
        out.extend(1_700_000_000u32.to_le_bytes());
        out.extend([0x20, 2]);
        out.extend(crc.to_le_bytes());
        out.push(b'U');
        for (kind, content) in [(2u8, folder.replace('/', "\u{1}")), (1, name.to_owned())] {
            if !content.is_empty() {
                out.extend((content.len() as u16 + 3).to_le_bytes());
                out.push(kind);
                out.extend(content.bytes().map(|byte| if byte == 1 { 0xff } else { byte }));
            }
        }
        out.extend([0, 0]);
        let length = (out.len() as u16).to_le_bytes();
        out.splice(0..2, length);
        out.extend(packed);
        out
    }

    fn stored(name: &str) -> Vec<u8> {
        member("-lh0-", name, TEXT.len(), crc16(0, TEXT), TEXT)
    }

    #[test]
    fn stored_members_and_their_folders() {
        let archive = [member("-lhd-", "docs/", 0, 0, b""), stored("docs/sub/a.txt"), stored("../b"), vec![0]].concat();
        let collected = collect(&Lha, "a", &archive);
        assert!(collected.error.is_none() && collected.gaps.is_empty(), "{collected:?}");
        assert_eq!(collected.member_names(), ["docs/sub/a.txt", "../b"]);
        assert!(collected.members.iter().all(|(_, content)| content == TEXT));
        assert_eq!(collected.members[0].0.modified.as_deref(), Some("2023-11-14T22:13:20Z"));
    }

    #[test]
    fn packed_members() {
        for name in ["lh5.lzh", "lh6.lzh", "lh7.lzh"] {
            let path = format!("{}/fixtures/containers/{name}", env!("CARGO_MANIFEST_DIR"));
            let whole = std::fs::read(path).unwrap();
            let collected = collect(&Lha, name, &whole);
            assert!(collected.error.is_none(), "{name}: {:?}", collected.error);
            assert!(collected.members.iter().any(|(_, content)| content.starts_with(b"Nome;Cognome")), "{name}");
            for at in 0..whole.len() {
                let mut flipped = whole.clone();
                flipped[at] ^= 0xff;
                let _ = collect(&Lha, name, &flipped);
            }
        }
    }

    #[test]
    fn what_is_not_read_is_told() {
        let reasons = |archive: &[u8]| {
            let collected = collect(&Lha, "a", archive);
            let unread: Vec<Reason> = collected.unread.iter().map(|(_, reason)| *reason).collect();
            let gaps = collected.gaps.iter().map(|(reason, _)| *reason);
            let error = collected.error.map(|error| error.reason());
            unread.into_iter().chain(gaps).chain(error).collect::<Vec<_>>()
        };
        assert_eq!(reasons(&member("-lh1-", "a", 5, 0, b"x")), [Reason::UnsupportedFeature]);
        assert_eq!(reasons(&[stored("a"), b"garbage that is no header".to_vec()].concat()), [Reason::Malformed]);
        assert_eq!(reasons(&member("-lh0-", "a", TEXT.len(), 1, TEXT)), [Reason::Malformed]);
        assert_eq!(reasons(&stored("a")[..40]), [Reason::Truncated]);
        let limits = Limits { members: 1, ..Limits::default() };
        let spent = collect_with(&Lha, "a", &[stored("a"), stored("b")].concat(), limits);
        assert_eq!(spent.error.map(|error| error.reason()), Some(Reason::TooManyMembers));
    }
}
