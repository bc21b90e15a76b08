//! Reads the source of macros, which hold passwords, addresses and names like any program.
//!
//! Specification: [MS-OVBA] 2.4.1 (compression).

use crate::extract::writer::TextWriter;
use crate::model::{Place, Reason};
use crate::open::reader::ReadError;

use super::storage::{Storage, narrow};

const LONGEST_MODULE: u64 = 16 << 20;
const CHUNK: usize = 4096;

/// Every module of a project; `storage` is the folder that holds the folder `VBA`.
pub(super) fn read(storage: &Storage<'_>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let modules = storage.enter("VBA");
    let names: Vec<String> = modules.names().map(str::to_owned).collect();
    for name in names {
        storage.budget().check()?;
        // Caches of compiled code; `dir` and `_VBA_PROJECT` describe the project.
        if name.starts_with("__SRP_") || name.eq_ignore_ascii_case("dir") || name.eq_ignore_ascii_case("_VBA_PROJECT") {
            continue;
        }
        let Some(module) = modules.bytes(&name, LONGEST_MODULE)? else { continue };
        let Some(source) = source(&module) else {
            writer.sink()?.gap(Reason::Malformed, "the source of a macro is missing or damaged");
            continue;
        };
        storage.budget().spend_bytes(source.len() as u64)?;
        let source = narrow(&source, 1252);
        for (line, text) in (1_u64..).zip(source.lines()) {
            // Written by the program into every module.
            if !text.starts_with("Attribute VB_") {
                writer.paragraph(Place { line: Some(line), ..Place::field(&format!("macro {name}")) }, text)?;
            }
        }
    }
    Ok(())
}

/// The compressed source stands behind compiled code of unknown length. It begins with `Attribute`,
/// of which the first eight letters cannot be compressed; the offset that the stream `dir` gives is
/// not needed.
fn source(module: &[u8]) -> Option<Vec<u8>> {
    let at = memchr::memmem::find(module, b"\0Attribut")?;
    let container = module.get(at.checked_sub(3)?..)?;
    (container.first() == Some(&1)).then(|| decompress(container.get(1..).unwrap_or_default()))
}

/// Chunks of at most 4096 bytes of text, each with a header of two bytes.
fn decompress(mut rest: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let [low, high, ..] = rest {
        let header = u16::from_le_bytes([*low, *high]);
        let size = usize::from(header & 0x0FFF) + 3;
        if header & 0x7000 != 0x3000 {
            break;
        }
        let chunk = rest.get(2..size.min(rest.len())).unwrap_or_default();
        if header & 0x8000 == 0 {
            out.extend_from_slice(chunk.get(..CHUNK.min(chunk.len())).unwrap_or_default());
        } else {
            decompress_chunk(chunk, &mut out);
        }
        rest = rest.get(size..).unwrap_or_default();
    }
    out
}

fn decompress_chunk(chunk: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    let mut bytes = chunk.iter().copied();
    while let Some(flags) = bytes.next() {
        for bit in 0..8 {
            if flags & (1 << bit) == 0 {
                let Some(byte) = bytes.next() else { return };
                out.push(byte);
                continue;
            }
            let (Some(low), Some(high)) = (bytes.next(), bytes.next()) else { return };
            let token = u16::from_le_bytes([low, high]);
            // The further into the chunk, the more bits of the token are distance.
            let done = out.len() - start;
            let distance_bits = (usize::BITS - done.saturating_sub(1).leading_zeros()).clamp(4, 12);
            let length = usize::from(token & (0xFFFF >> distance_bits)) + 3;
            let distance = usize::from(token >> (16 - distance_bits)) + 1;
            let Some(mut from) = out.len().checked_sub(distance).filter(|from| *from >= start) else { return };
            for _ in 0..length {
                if out.len() - start >= CHUNK {
                    return;
                }
                let Some(byte) = out.get(from).copied() else { return };
                out.push(byte);
                from += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_is_decompressed() {
        // [MS-OVBA] 3.2.2.
        let packed = [
            0x01, 0x2F, 0xB0, 0x00, 0x23, 0x61, 0x61, 0x61, 0x62, 0x63, 0x64, 0x65, 0x82, 0x66, 0x00, 0x70, 0x61, 0x67,
            0x68, 0x69, 0x6A, 0x01, 0x38, 0x08, 0x61, 0x6B, 0x6C, 0x00, 0x30, 0x6D, 0x6E, 0x6F, 0x70, 0x06, 0x71, 0x02,
            0x70, 0x04, 0x10, 0x72, 0x73, 0x74, 0x75, 0x76, 0x10, 0x77, 0x78, 0x79, 0x7A, 0x00, 0x3C,
        ];
        let text = decompress(packed.get(1..).unwrap());
        assert_eq!(String::from_utf8_lossy(&text), "#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa");
        assert_eq!(source(&[1, 2, 3]), None);
    }
}
