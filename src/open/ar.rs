//! Ar archives, and the Debian packages that are ar archives inside.
//!
//! Specifications: ar(5) of System V and of 4.4BSD; deb(5). Libraries of object code have the
//! same form and are told apart when they are identified.

use std::io::Read;

use crate::identify::Format;
use crate::model::{Name, Reason};

use super::budget::{Budget, Unpacked};
use super::decode::Promised;
use super::input::{Access, Input};
use super::reader::{Member, ReadError, Reader, Sink};

pub struct Ar;

const HEADER: usize = 60;
/// Bytes of the table of long names, and of one name.
const NAMES: u64 = 4 << 20;
const NAME: u64 = 4096;

impl Reader for Ar {
    fn name(&self) -> &'static str {
        "ar"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Ar]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut input = input.buffered();
        let mut names = Vec::new();
        let signature = take(&mut input, 8)?;
        if signature != b"!<arch>\n" {
            return Err(ReadError::malformed("ar", "no signature"));
        }
        loop {
            budget.check()?;
            let header = take(&mut input, HEADER as u64)?;
            if header.is_empty() || header.iter().all(|byte| *byte == b'\n') {
                return Ok(());
            }
            if header.len() < HEADER {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
            let size = decimal(header.get(48..58).unwrap_or_default());
            let (Some(mut size), Some(b"`\n")) = (size, header.get(58..60)) else {
                return Err(ReadError::malformed("ar", "a header of a member is damaged"));
            };
            let is_odd = size % 2 == 1;
            let raw = header.get(..16).unwrap_or_default().trim_ascii_end();
            let mut name = raw.strip_suffix(b"/").unwrap_or(raw).to_vec();
            if raw == b"//" {
                names = take(&mut input, size.min(NAMES))?;
                size = size.saturating_sub(NAMES);
            } else if let Some(length) = raw.strip_prefix(b"#1/").and_then(decimal) {
                // The name stands in front of the content.
                name = take(&mut input, length.min(size).min(NAME))?;
                size -= name.len() as u64;
                name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
            } else if let Some(at) = raw.strip_prefix(b"/").and_then(decimal) {
                let from = usize::try_from(at).ok().and_then(|at| names.get(at..)).unwrap_or_default();
                let name_ = from.split(|byte| *byte == b'\n').next().unwrap_or_default();
                name = name_.strip_suffix(b"/").unwrap_or(name_).to_vec();
            }
            let mut content = (&mut input).take(size);
            // Tables of symbols and of names are no members.
            if !matches!(raw, b"//" | b"/" | b"/SYM64/") && !name.starts_with(b"__.SYMDEF") {
                budget.spend_member()?;
                let modified = decimal(header.get(16..28).unwrap_or_default()).filter(|seconds| *seconds > 0);
                let member = Member {
                    size: Some(size),
                    packed_size: Some(size),
                    modified: modified
                        .and_then(|seconds| i64::try_from(seconds).ok())
                        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
                        .map(|time| time.to_string()),
                    ..Member::new(Name::from_bytes(name))
                };
                let mut promised = Promised::new(&mut content, Some(size), None);
                sink.member(member, &mut Unpacked::new(budget, &mut promised))?;
            }
            let left = content.limit();
            let skipped = std::io::copy(&mut content, &mut std::io::sink())?;
            if skipped < left {
                sink.gap(Reason::Truncated, "the archive ends in the middle of a member");
                return Ok(());
            }
            if is_odd {
                take(&mut input, 1)?;
            }
        }
    }
}

/// So many bytes, or fewer at the end.
fn take(input: &mut impl Read, count: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    input.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn decimal(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits.trim_ascii()).ok()?.parse().ok()
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "test code")]
mod tests {
    use super::*;
    use crate::open::collect::collect;

    fn member(name: &str, content: &[u8]) -> Vec<u8> {
        let header = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 1_700_000_000, 0, 0, 100_644, content.len());
        let padding: &[u8] = if content.len() % 2 == 1 { b"\n" } else { b"" };
        [header.as_bytes(), content, padding].concat()
    }

    #[test]
    fn names_of_every_dialect() {
        let long = "a rather long name of a text.txt";
        let archive = [
            b"!<arch>\n".to_vec(),
            member("/", b"symbols"),
            member("//", format!("{long}/\n").as_bytes()),
            member("short.txt/", b"one"),
            member("/0", b"two!"),
            member("#1/12", b"../b.txt\0\0\0\0three"),
            member("plain", b""),
        ]
        .concat();
        let collected = collect(&Ar, "a", &archive);
        assert!(collected.error.is_none() && collected.gaps.is_empty(), "{collected:?}");
        assert_eq!(collected.member_names(), ["short.txt", long, "../b.txt", "plain"]);
        let contents: Vec<&[u8]> = collected.members.iter().map(|(_, content)| &content[..]).collect();
        assert_eq!(contents, [&b"one"[..], b"two!", b"three", b""]);
        assert_eq!(collected.members[0].0.modified.as_deref(), Some("2023-11-14T22:13:20Z"));
        for cut in 0..archive.len() {
            let _ = collect(&Ar, "a", &archive[..cut]);
        }
    }

    #[test]
    fn damage_is_told() {
        let whole = [b"!<arch>\n".to_vec(), member("a", b"12345678")].concat();
        let reason = |bytes: &[u8]| collect(&Ar, "a", bytes).error.map(|error| error.reason());
        assert_eq!(reason(&whole), None);
        assert_eq!(reason(&whole[..whole.len() - 1]), Some(Reason::Truncated));
        assert_eq!(reason(&whole[..40]), Some(Reason::Truncated));
        assert_eq!(reason(&[&whole[..66], b"??"].concat()), Some(Reason::Malformed));
    }
}
