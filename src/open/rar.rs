//! Rar archives: whether they are encrypted. Their members are not read yet.
//!
//! Specifications: RAR 5.0 archive format (rarlab.com/technote.htm); for RAR 4 the flags of its
//! block headers (bit 7 of the archive header, bit 2 of a file header).

use std::io::{Seek, SeekFrom};

use crate::identify::Format;
use crate::model::{Name, Protection, Reason, State};

use super::budget::Budget;
use super::input::{Access, Input};
use super::reader::{Member, ReadError, Reader, Sink};
use super::zip::bytes_at;

pub struct Rar;

const RAR_4: &[u8] = b"Rar!\x1a\x07\x00";
const RAR_5: &[u8] = b"Rar!\x1a\x07\x01\x00";

impl Reader for Rar {
    fn name(&self) -> &'static str {
        "rar"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Rar]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let start = bytes_at(input, 0, 8)?;
        let (scheme, sealed, list_sealed) = if start.starts_with(RAR_5) {
            let (sealed, list) = rar_5(input, budget, sink)?;
            ("rar5-aes256", sealed, list)
        } else if start.starts_with(RAR_4) {
            let (sealed, list) = rar_4(input, budget, sink)?;
            ("rar4-aes128", sealed, list)
        } else {
            return Err(ReadError::malformed("rar", "no signature"));
        };
        if list_sealed {
            sink.protection(Protection::strong(scheme, "the list of members is encrypted (archive header)"));
            return Err(ReadError::Encrypted);
        }
        let (encrypted, all) = sealed;
        if encrypted > 0 && encrypted == all {
            let evidence = format!("{encrypted} of {all} members encrypted (file headers)");
            sink.protection(Protection::strong(scheme, evidence).with_names_exposed());
            return Err(ReadError::Encrypted);
        }
        if encrypted > 0 {
            let evidence = format!("{encrypted} of {all} members are encrypted (file headers)");
            sink.protection(Protection { state: State::Plain, evidence, ..Protection::default() });
        }
        Err(ReadError::Unsupported("rar"))
    }
}

/// Encrypted members of all that hold something, and whether the list itself is encrypted.
type Seen = ((u64, u64), bool);

fn push(
    name: &[u8],
    size: u64,
    encrypted: bool,
    scheme: &str,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    budget.spend_member()?;
    let mut member = Member { size: Some(size), ..Member::new(Name::from_bytes(name)) };
    if encrypted {
        member.protection = Some(Protection::strong(scheme, "encryption of the file header").with_names_exposed());
        sink.member_unread(member, Reason::Encrypted, "encrypted in a rar archive");
    } else {
        sink.member_unread(member, Reason::UnsupportedFormat, "rar archives are not unpacked yet");
    }
    Ok(())
}

fn rar_5(input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<Seen, ReadError> {
    let file_size = input.seek(SeekFrom::End(0))?;
    let (mut encrypted, mut all) = (0, 0);
    let mut at = 8;
    while at < file_size {
        budget.check()?;
        let head = bytes_at(input, at, 64 << 10)?;
        let Some(block) = Block::parse(&head) else { break };
        match block.kind {
            4 => return Ok(((0, 0), true)),
            5 => break,
            2 => {
                if let Some(file) = block.file() {
                    if !file.is_directory {
                        all += u64::from(file.size > 0);
                        encrypted += u64::from(file.is_encrypted && file.size > 0);
                        push(file.name, file.size, file.is_encrypted, "rar5-aes256", budget, sink)?;
                    }
                } else {
                    sink.gap(Reason::Malformed, "a file header of the rar archive is damaged");
                }
            }
            _ => {}
        }
        at = at.saturating_add(block.length).saturating_add(block.data_size);
    }
    Ok(((encrypted, all), false))
}

/// One block of RAR 5.
struct Block<'a> {
    kind: u64,
    /// Of the header, from its checksum on.
    length: u64,
    data_size: u64,
    fields: &'a [u8],
    extra: &'a [u8],
}

struct File<'a> {
    name: &'a [u8],
    size: u64,
    is_encrypted: bool,
    is_directory: bool,
}

/// A number of RAR 5: seven bits a byte, the lowest first.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..63).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

impl<'a> Block<'a> {
    fn parse(head: &'a [u8]) -> Option<Self> {
        let mut rest = head.get(4..)?;
        let size = number(&mut rest)?;
        let prefix = head.len() - rest.len();
        let mut fields = rest.get(..usize::try_from(size).ok()?)?;
        let kind = number(&mut fields)?;
        let flags = number(&mut fields)?;
        let extra_size = if flags & 1 != 0 { usize::try_from(number(&mut fields)?).ok()? } else { 0 };
        let data_size = if flags & 2 != 0 { number(&mut fields)? } else { 0 };
        let (fields, extra) = fields.split_at_checked(fields.len().checked_sub(extra_size)?)?;
        Some(Self { kind, length: size.checked_add(prefix as u64)?, data_size, fields, extra })
    }

    fn file(&self) -> Option<File<'a>> {
        let mut rest = self.fields;
        let flags = number(&mut rest)?;
        let size = number(&mut rest)?;
        let _attributes = number(&mut rest)?;
        let skip = if flags & 2 != 0 { 4 } else { 0 } + if flags & 4 != 0 { 4 } else { 0 };
        rest = rest.get(skip..)?;
        let _compression = number(&mut rest)?;
        let _host = number(&mut rest)?;
        let length = usize::try_from(number(&mut rest)?).ok()?;
        let name = rest.get(..length)?;
        let mut extra = self.extra;
        let mut is_encrypted = false;
        while let Some(size) = number(&mut extra).and_then(|size| usize::try_from(size).ok()) {
            let Some((mut record, next)) = extra.split_at_checked(size) else { break };
            is_encrypted |= number(&mut record) == Some(1);
            extra = next;
        }
        Some(File { name, size, is_encrypted, is_directory: flags & 1 != 0 })
    }
}

fn rar_4(input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<Seen, ReadError> {
    let file_size = input.seek(SeekFrom::End(0))?;
    let (mut encrypted, mut all) = (0, 0);
    let mut at = 7;
    while at < file_size {
        budget.check()?;
        let head = bytes_at(input, at, 64 << 10)?;
        let u16_at = |i: usize| head.get(i..i + 2).and_then(|b| b.try_into().ok()).map(u16::from_le_bytes);
        let u32_at = |i: usize| head.get(i..i + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
        let (Some(kind), Some(flags), Some(length)) = (head.get(2), u16_at(3), u16_at(5)) else { break };
        if length < 7 {
            break;
        }
        let mut data_size = 0;
        match kind {
            0x73 if flags & 0x80 != 0 => return Ok(((0, 0), true)),
            0x7b => break,
            0x74 => {
                let size = u64::from(u32_at(11).unwrap_or(0));
                data_size = u64::from(u32_at(7).unwrap_or(0));
                let high = if flags & 0x100 != 0 { 8 } else { 0 };
                if high > 0 {
                    data_size |= u64::from(u32_at(32).unwrap_or(0)) << 32;
                }
                let name_start = 32 + high;
                let name_length = usize::from(u16_at(26).unwrap_or(0));
                let raw = head.get(name_start..name_start + name_length).unwrap_or_default();
                // Behind a NUL stands a packed Unicode form of the same name.
                let name = raw.split(|b| *b == 0).next().unwrap_or_default();
                let is_directory = flags & 0xe0 == 0xe0;
                if !is_directory {
                    all += u64::from(size > 0);
                    encrypted += u64::from(flags & 4 != 0 && size > 0);
                    push(name, size, flags & 4 != 0, "rar4-aes128", budget, sink)?;
                }
            }
            _ if flags & 0x8000 != 0 => data_size = u64::from(u32_at(7).unwrap_or(0)),
            _ => {}
        }
        at = at.saturating_add(u64::from(length)).saturating_add(data_size);
    }
    Ok(((encrypted, all), false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::collect::collect;

    /// A block of RAR 5: checksum (not looked at), size, kind, flags, fields, extra.
    fn block(kind: u8, fields: &[u8], extra: &[u8], data: &[u8]) -> Vec<u8> {
        let flags = u8::from(!extra.is_empty()) | if data.is_empty() { 0 } else { 2 };
        let mut body = vec![kind, flags];
        body.extend((!extra.is_empty()).then_some(u8::try_from(extra.len()).unwrap()));
        body.extend((!data.is_empty()).then_some(u8::try_from(data.len()).unwrap()));
        body.extend(fields);
        body.extend(extra);
        [&[0; 4][..], &[u8::try_from(body.len()).unwrap()], &body, data].concat()
    }

    fn file(name: &str, encrypted: bool) -> Vec<u8> {
        let fields = [&[0, 9, 0, 0, 0, u8::try_from(name.len()).unwrap()][..], name.as_bytes()].concat();
        block(2, &fields, if encrypted { &[3, 1, 0, 0] } else { &[] }, b"packed")
    }

    fn check(blocks: &[Vec<u8>], state: Option<State>, names_exposed: bool, error: Reason, unread: &[Reason]) {
        let bytes = [RAR_5.to_vec(), block(1, &[0], &[], &[]), blocks.concat(), block(5, &[0], &[], &[])].concat();
        let collected = collect(&Rar, "a.rar", &bytes);
        assert_eq!(
            collected.protection.as_ref().map(|p| (p.state, p.names_exposed)),
            state.map(|s| (s, names_exposed))
        );
        assert_eq!(collected.error.map(|error| error.reason()), Some(error));
        let reasons: Vec<Reason> = collected.unread.iter().map(|(_, reason)| *reason).collect();
        assert_eq!(reasons, unread);
    }

    #[test]
    fn rar_5_archives() {
        use Reason::{Encrypted, UnsupportedFeature, UnsupportedFormat};
        check(&[file("a", false)], None, false, UnsupportedFeature, &[UnsupportedFormat]);
        check(&[file("a", true)], Some(State::Strong), true, Encrypted, &[Encrypted]);
        let mixed = [file("a", true), file("b", false)];
        check(&mixed, Some(State::Plain), false, UnsupportedFeature, &[Encrypted, UnsupportedFormat]);
        check(&[block(4, &[0, 0, 15], &[], &[])], Some(State::Strong), false, Encrypted, &[]);
    }
}
