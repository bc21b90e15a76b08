//! What Rock Ridge adds to the entries of a disc: long names, links, and folders that were moved.

use std::collections::VecDeque;

use crate::model::{Name, Reason};
use crate::open::zip::bytes_at;
use crate::open::{Input, ReadError};

use super::directory::{Entry, Extent};

/// Places at which the fields of one entry go on.
const CONTINUATIONS: usize = 16;
const NAME: usize = 1024;

/// The bytes to skip in front of the fields, if the first record of the root announces fields.
pub(super) fn skip_of(first: &[u8]) -> Option<usize> {
    // The name of the root is one byte long.
    match first.get(34..41)? {
        [b'S', b'P', 7, _, 0xbe, 0xef, skip] => Some(usize::from(*skip)),
        _ => None,
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

/// Takes over what the fields behind a record say.
pub(super) fn refine(entry: &mut Entry, fields: &[u8], block: u64, input: &mut Input<'_>) -> Result<(), ReadError> {
    let mut name: Option<Vec<u8>> = None;
    let mut areas = VecDeque::from([fields.to_vec()]);
    let mut continuations = 0;
    while let Some(area) = areas.pop_front() {
        let mut rest = &area[..];
        while let [a, b, length, _, ..] = *rest {
            let Some((field, next)) = rest.split_at_checked(usize::from(length)).filter(|_| length >= 4) else { break };
            rest = next;
            let content = field.get(4..).unwrap_or_default();
            match &[a, b] {
                b"NM" => {
                    // Flags: 2 and 4 are the folder itself and the one above.
                    if let Some((_, part)) = content.split_first().filter(|(flags, _)| **flags & 6 == 0) {
                        let name = name.get_or_insert_default();
                        if name.len() + part.len() <= NAME {
                            name.extend(part);
                        }
                    }
                }
                b"CE" => {
                    let number = |at| u32_at(content, at).map(u64::from);
                    if let (Some(at), Some(offset), Some(length)) = (number(0), number(8), number(16))
                        && continuations < CONTINUATIONS
                    {
                        continuations += 1;
                        let length = usize::try_from(length.min(4096)).unwrap_or(0);
                        areas.push_back(bytes_at(input, at.saturating_mul(block).saturating_add(offset), length)?);
                    }
                }
                b"SL" => entry.obstacle = Some((Reason::Symlink, "a symbolic link on a disc")),
                b"CL" => {
                    // A folder that lies elsewhere because it was too deep here.
                    if let Some(start) = u32_at(content, 0).map(u64::from) {
                        let first = bytes_at(input, start.saturating_mul(block), 34)?;
                        let size = u32_at(&first, 10).map_or(0, u64::from);
                        entry.extents = vec![Extent { start, size }];
                        entry.is_directory = true;
                    }
                }
                b"PX" if entry.obstacle.is_none() => {
                    entry.obstacle = match u32_at(content, 0).unwrap_or(0) & 0o170_000 {
                        0o020_000 | 0o060_000 => Some((Reason::Device, "a device on a disc")),
                        0o010_000 => Some((Reason::Fifo, "a pipe on a disc")),
                        0o140_000 => Some((Reason::Socket, "a socket on a disc")),
                        _ => None,
                    }
                }
                b"ZF" => entry.obstacle = Some((Reason::UnsupportedFeature, "packed by zisofs")),
                b"SF" => entry.obstacle = Some((Reason::UnsupportedFeature, "a sparse file on a disc")),
                b"ST" => break,
                _ => {}
            }
        }
    }
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        entry.name = Name::from_bytes(name);
    }
    Ok(())
}
