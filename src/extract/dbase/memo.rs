//! Reads memo files, where dBase (dbt) and FoxPro (fpt) keep texts that are too long for a row.

use std::io::{self, BufRead, Read};

use crate::extract::charset::decode;
use crate::extract::writer::TextWriter;
use crate::model::{Place, Reason};
use crate::open::reader::ReadError;

const HEADER: usize = 512;
/// Bytes of one text; longer ones are cut in two.
const LONGEST: usize = 1 << 20;

pub(super) fn read(input: &mut impl BufRead, extension: &str, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let mut header = [0; HEADER];
    input.read_exact(&mut header)?;
    if extension == "fpt" {
        let size = usize::from(u16::from_be_bytes([header[6], header[7]]));
        // No size means blocks of one byte.
        return foxpro(input, size.max(1), writer);
    }
    let size = usize::from(u16::from_le_bytes([header[20], header[21]]));
    // dBase III says nothing of its blocks, or that it is version 3.
    if header[16] == 3 || size < 64 { dbase3(input, writer) } else { dbase4(input, size, writer) }
}

/// Texts up to the end mark 1A, one after the other.
fn dbase3(input: &mut impl BufRead, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let mut text = Vec::new();
    loop {
        let n = (&mut *input).take(LONGEST as u64).read_until(0x1a, &mut text)?;
        write(&text, writer)?;
        text.clear();
        if n == 0 {
            return Ok(());
        }
    }
}

/// Blocks that begin with FF FF 08 00 and the length of what is in them.
fn dbase4(input: &mut impl BufRead, size: usize, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    // The header takes a block, too.
    skip(input, size.saturating_sub(HEADER) as u64)?;
    blocks(input, size, writer, |head| match head {
        [0xff, 0xff, 8, 0, length @ ..] => Some(u32::from_le_bytes(*length).checked_sub(8)?),
        _ => None,
    })
}

/// Blocks that begin with their kind, 1 for text, and the length of what is in them.
fn foxpro(input: &mut impl BufRead, size: usize, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    blocks(input, size, writer, |head| match head {
        [0, 0, 0, 0..=2, length @ ..] => Some(u32::from_be_bytes(*length)),
        _ => None,
    })
}

fn blocks(
    input: &mut impl BufRead,
    size: usize,
    writer: &mut TextWriter<'_>,
    length: impl Fn(&[u8; 8]) -> Option<u32>,
) -> Result<(), ReadError> {
    let mut cut = false;
    loop {
        let mut head = Vec::new();
        (&mut *input).take(8).read_to_end(&mut head)?;
        let Some(head) = head.first_chunk::<8>() else { break };
        let Some(length) = length(head).filter(|length| *length > 0) else {
            // A free block holds the number of the next one, and perhaps a text that was deleted.
            let mut rest = Vec::new();
            (&mut *input).take((size as u64).saturating_sub(8)).read_to_end(&mut rest)?;
            write(&rest, writer)?;
            continue;
        };
        let mut left = u64::from(length);
        let mut text = Vec::new();
        while left > 0 {
            text.clear();
            let n = (&mut *input).take(left.min(LONGEST as u64)).read_to_end(&mut text)?;
            cut |= n == 0;
            write(&text, writer)?;
            left = if n == 0 { 0 } else { left - n as u64 };
        }
        let used = (u64::from(length) + 8) % size as u64;
        skip(input, if used == 0 { 0 } else { size as u64 - used })?;
    }
    if cut {
        writer.sink()?.gap(Reason::Truncated, "a text is cut off");
    }
    Ok(())
}

fn skip(input: &mut impl BufRead, bytes: u64) -> Result<(), ReadError> {
    io::copy(&mut input.take(bytes), &mut io::sink())?;
    Ok(())
}

/// One text, unless it is none: pictures and objects are kept here, too.
fn write(bytes: &[u8], writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    // Blocks are filled up with zeros, and end marks are no part of a text.
    let is_text = |byte: &u8| !matches!(byte, 0 | 0x1a | b' ' | b'\r' | b'\n');
    let start = bytes.iter().position(is_text).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(is_text).map_or(start, |last| last + 1);
    let text = bytes.get(start..end).unwrap_or_default();
    let odd = text.iter().filter(|byte| **byte < 0x09).count();
    if text.len() < 3 || odd * 20 > text.len() {
        return Ok(());
    }
    writer.paragraph(Place::field("memo"), &decode(text))
}
