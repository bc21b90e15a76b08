//! Every format that is read, one line each.

use crate::extract::{csv::Csv, json::Json, ooxml::Ooxml, pdf::Pdf, plain::Plain};
use crate::identify::Format;
use crate::open::{Reader, compressed::Compressed, zip::Zip};

/// All readers. A format belongs to one of them at most.
pub static READERS: &[&dyn Reader] = &[
    &Plain,
    &Csv,
    &Json,
    &Ooxml,
    &Pdf,
    &Zip,
    &Compressed::Gzip,
    &Compressed::Bzip2,
    &Compressed::Xz,
    &Compressed::Lzma,
    &Compressed::Lzip,
    &Compressed::Zstd,
];

/// The reader of a format; none if it is not read.
pub fn reader(format: Format) -> Option<&'static dyn Reader> {
    READERS.iter().copied().find(|reader| reader.formats().contains(&format))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_format_has_two_readers_and_no_two_readers_one_name() {
        let mut formats: Vec<_> = READERS.iter().flat_map(|reader| reader.formats()).collect();
        let mut names: Vec<_> = READERS.iter().map(|reader| reader.name()).collect();
        let counts = (formats.len(), names.len());
        formats.sort();
        formats.dedup();
        names.sort_unstable();
        names.dedup();
        assert_eq!((formats.len(), names.len()), counts);
    }
}
