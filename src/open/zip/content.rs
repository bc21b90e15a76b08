//! Unpacks one member of a zip archive as a stream, whatever its method.

use std::cell::Cell;
use std::io::{self, Chain, Cursor, Read};

use zip::read::{ZipReadOptions, read_zipfile_from_stream_with_options};

use crate::model::Reason;
use crate::open::budget::{Budget, Unpacked};
use crate::open::compressed::ZstdFrames;
use crate::open::{Member, ReadError, Sink};

use super::directory::Entry;

/// Memory that a decoder may take for its dictionary.
const DICTIONARY_KIB: u32 = 512 << 10;

/// Pushes the member with these packed data, which end where the member does.
pub(super) fn push(
    entry: &Entry,
    member: Member,
    packed: &mut dyn Read,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let mut start = Vec::new();
    if entry.method == 14 {
        (&mut *packed).take(9).read_to_end(&mut start)?;
        if lzma_dictionary(&start) > u64::from(DICTIONARY_KIB) << 10 {
            sink.member_unread(member, Reason::MemberTooLarge, "its decoder needs more than 512 MiB of memory");
            return Ok(());
        }
    }
    let mut packed = Cursor::new(start).chain(packed);
    match entry.method {
        93 | 20 => {
            let mut content = Checked::new(ZstdFrames::new(&mut packed), entry);
            sink.member(member, &mut Unpacked::new(budget, &mut content))
        }
        95 => {
            let xz = lzma_rust2::XzReader::new_mem_limit(&mut packed, true, DICTIONARY_KIB);
            let mut content = Checked::new(xz, entry);
            sink.member(member, &mut Unpacked::new(budget, &mut content))
        }
        0 | 8 | 9 | 12 | 14 | 98 => push_by_library(entry, member, &mut packed, budget, sink),
        method => {
            let detail = format!("zip compression method {method} is not supported");
            sink.member_unread(member, Reason::UnsupportedFeature, &detail);
            Ok(())
        }
    }
}

/// The dictionary that LZMA data declares: version, size of the properties, one byte, dictionary.
fn lzma_dictionary(header: &[u8]) -> u64 {
    header.get(5..9).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes).into()
}

/// The library decodes a member behind a local header. It gets one that we write, so that
/// only the directory counts, as for every other program that opens the archive.
fn push_by_library(
    entry: &Entry,
    member: Member,
    packed: &mut dyn Read,
    budget: &Budget,
    sink: &mut dyn Sink,
) -> Result<(), ReadError> {
    let closed = Cell::new(false);
    let packed = Gate { inner: packed, closed: &closed };
    let mut stream: Chain<_, _> = Cursor::new(local_header(entry)).chain(packed);
    let mut options = ZipReadOptions::new().override_compressed_size(entry.packed_size);
    if let Some(size) = entry.size {
        options = options.override_uncompressed_size(size);
    }
    options = match entry.crc {
        Some(crc) => options.override_crc(crc),
        None => options.ignore_crc32(true),
    };
    let opened = read_zipfile_from_stream_with_options(&mut stream, options);
    match opened {
        Ok(Some(mut content)) => {
            let result = sink.member(member, &mut Unpacked::new(budget, &mut content));
            // The library reads a member to its end when it lets go of it.
            closed.set(true);
            result
        }
        Ok(None) => Ok(()),
        Err(zip::result::ZipError::Io(error)) => match ReadError::from_decoder("zip", &error) {
            ReadError::Budget(reason) => Err(reason.into()),
            fault => {
                sink.member_unread(member, fault.reason(), "the packed data cannot be read");
                Ok(())
            }
        },
        Err(_) => {
            sink.member_unread(member, Reason::Malformed, "the packed data has no valid header");
            Ok(())
        }
    }
}

/// A local header without a name: method, flags that decoders need, and the sizes elsewhere.
fn local_header(entry: &Entry) -> Vec<u8> {
    // Bits 1 and 2 are parameters of the method (an end mark in LZMA data).
    let sizes_unknown = if entry.size.is_none() { 1 << 3 } else { 0 };
    let flags = (entry.flags & 0b110) | sizes_unknown;
    let mut header = b"PK\x03\x04\x14\0".to_vec();
    header.extend(flags.to_le_bytes());
    header.extend(entry.method.to_le_bytes());
    header.extend([0, 0, 0x21, 0]);
    header.extend(entry.crc.unwrap_or(0).to_le_bytes());
    let small = |size: u64| u32::try_from(size).unwrap_or(u32::MAX - 1).to_le_bytes();
    header.extend(small(entry.packed_size));
    header.extend(small(entry.size.unwrap_or(0)));
    header.extend([0; 4]);
    header
}

/// Ends the stream at once when it is closed.
struct Gate<'a> {
    inner: &'a mut dyn Read,
    closed: &'a Cell<bool>,
}

impl Read for Gate<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.closed.get() { Ok(0) } else { self.inner.read(buffer) }
    }
}

/// Compares what was unpacked with the checksum and the size that the directory declares.
struct Checked<R> {
    inner: R,
    crc: flate2::Crc,
    read: u64,
    expected: Option<(u32, u64)>,
}

impl<R: Read> Checked<R> {
    fn new(inner: R, entry: &Entry) -> Self {
        Self { inner, crc: flate2::Crc::new(), read: 0, expected: entry.crc.zip(entry.size) }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.crc.update(buffer.get(..n).unwrap_or_default());
        self.read += n as u64;
        match self.expected {
            Some((crc, size)) if n == 0 && !buffer.is_empty() && (crc, size) != (self.crc.sum(), self.read) => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "the checksum does not match"))
            }
            _ => Ok(n),
        }
    }
}
