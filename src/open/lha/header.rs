//! The header of one member of an LHA archive, of any of the four levels.

use std::ops::Range;

use crate::open::zip::bytes_at;
use crate::open::{Input, ReadError};

/// The longest header with its further headers.
const LONGEST: u64 = 64 << 10;

pub(super) struct Header {
    pub method: [u8; 5],
    pub name: Vec<u8>,
    pub size: u64,
    pub crc: u16,
    /// Seconds since 1970, where the archiver knew them.
    pub modified: Option<i64>,
    pub is_link: bool,
    pub data: Range<u64>,
}

pub(super) enum Parsed {
    Header(Header),
    End,
    Damaged,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at.checked_add(8)?)?.try_into().ok().map(u64::from_le_bytes)
}

pub(super) fn read(input: &mut Input<'_>, at: u64) -> Result<Parsed, ReadError> {
    let bytes = bytes_at(input, at, usize::try_from(LONGEST).unwrap_or(0))?;
    // Of level 2 the first byte may be zero, too; of an end, nothing follows but padding.
    if bytes.is_empty() && at > 0 || bytes.first() == Some(&0) && bytes.get(2) != Some(&b'-') {
        return Ok(Parsed::End);
    }
    Ok(parse(&bytes, at).map_or(Parsed::Damaged, Parsed::Header))
}

fn parse(bytes: &[u8], at: u64) -> Option<Header> {
    let method: [u8; 5] = bytes.get(2..7)?.try_into().ok()?;
    if method[0] != b'-' || method[4] != b'-' {
        return None;
    }
    let level = *bytes.get(20)?;
    let mut packed = u64::from(u32_at(bytes, 7)?);
    let mut header = Header {
        method,
        name: Vec::new(),
        size: u64::from(u32_at(bytes, 11)?),
        crc: 0,
        modified: (level >= 2).then(|| u32_at(bytes, 15).map(i64::from)).flatten(),
        is_link: false,
        data: 0..0,
    };
    let mut folder = Vec::new();
    let start = match level {
        0 | 1 => {
            let length = 2 + usize::from(*bytes.first()?);
            let own = bytes.get(..length)?;
            let sum = own.get(2..)?.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
            if own.get(1) != Some(&sum) {
                return None;
            }
            let name = usize::from(*own.get(21)?);
            header.name = own.get(22..22 + name)?.to_vec();
            header.crc = u16_at(own, 22 + name)?;
            if level == 0 {
                length
            } else {
                // The further headers count as packed data.
                let first = length - 2;
                let end = further(bytes, first, 2, &mut header, &mut folder, &mut packed)?;
                packed = packed.checked_sub((end - length) as u64)?;
                end
            }
        }
        2 => {
            header.crc = u16_at(bytes, 21)?;
            further(bytes, 24, 2, &mut header, &mut folder, &mut packed)?;
            usize::from(u16_at(bytes, 0)?)
        }
        3 => {
            header.crc = u16_at(bytes, 21)?;
            further(bytes, 28, 4, &mut header, &mut folder, &mut packed)?;
            usize::try_from(u32_at(bytes, 24)?).ok().filter(|length| *length <= bytes.len())?
        }
        _ => return None,
    };
    // What a packed header declares shorter than itself is no header.
    if start < 21 || bytes.len() < start {
        return None;
    }
    folder.extend(&header.name);
    header.name = folder.iter().map(|byte| if matches!(byte, 0xff | b'\\') { b'/' } else { *byte }).collect();
    // A link has its target behind its name.
    if &header.method == b"-lhd-" && header.is_link {
        header.method = *b"-lh0-";
    }
    let data_start = at.checked_add(start as u64)?;
    header.data = data_start..data_start.checked_add(packed)?;
    Some(header)
}

/// Reads the headers behind the header: each begins with the size of itself, which is that field,
/// a kind, and content. Where they end.
fn further(
    bytes: &[u8],
    mut at: usize,
    width: usize,
    header: &mut Header,
    folder: &mut Vec<u8>,
    packed: &mut u64,
) -> Option<usize> {
    loop {
        let size =
            if width == 2 { usize::from(u16_at(bytes, at)?) } else { usize::try_from(u32_at(bytes, at)?).ok()? };
        at += width;
        if size == 0 {
            return Some(at);
        }
        let field = bytes.get(at..at.checked_add(size.checked_sub(width)?)?)?;
        at += field.len();
        let (kind, content) = field.split_first()?;
        match kind {
            1 => header.name = content.to_vec(),
            2 => {
                *folder = content.to_vec();
                // Some archivers leave out the last separator.
                if !matches!(folder.last(), None | Some(0xff | b'/' | b'\\')) {
                    folder.push(b'/');
                }
            }
            0x42 => {
                *packed = u64_at(content, 0)?;
                header.size = u64_at(content, 8)?;
            }
            0x50 => header.is_link = u16_at(content, 0).is_some_and(|mode| mode & 0o170_000 == 0o120_000),
            0x54 => header.modified = u32_at(content, 0).map(i64::from),
            _ => {}
        }
    }
}
