//! Office packages out of text: what is changed at random is a part, and not what it was packed to.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Between parts; `tests/fuzz/run` writes the same.
const BETWEEN: &[u8] = b"\xff\xfe\xfd";

/// A zip archive of parts, each its name, a line break and its content, between [`BETWEEN`].
pub fn pack(parts: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut rest = Some(parts);
    while let Some(from_here) = rest {
        let end = from_here.windows(BETWEEN.len()).position(|bytes| bytes == BETWEEN);
        let part = &from_here[..end.unwrap_or(from_here.len())];
        rest = end.map(|end| &from_here[end + BETWEEN.len()..]);
        let mut lines = part.splitn(2, |byte| *byte == b'\n');
        let name = String::from_utf8_lossy(lines.next().unwrap_or_default());
        // Of two with one name the first is taken.
        if archive.start_file(name, stored).is_ok() {
            let _ = archive.write_all(lines.next().unwrap_or_default());
        }
    }
    archive.finish().map(Cursor::into_inner).unwrap_or_default()
}
