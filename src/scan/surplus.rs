//! Finds what a file holds beside what its format shows: comments of an archive, and bytes before and after the document.

use std::io::{Seek, SeekFrom};
use std::ops::Range;

use crate::extract::charset;
use crate::identify::{self, Format};
use crate::model::{Place, Shape, Text};
use crate::open::{Budget, Input, ReadError, zip};

use super::readers;

/// Fewer bytes that are not blank are an accident of some transfer.
const FEWEST: usize = 8;
const CHUNK: u64 = 64 * 1024;

/// What there is beside the content.
#[derive(Default)]
pub struct Surplus {
    pub comments: Text,
    /// To be read as members of these names.
    pub bytes: Vec<(&'static str, Range<u64>)>,
    /// A zip archive stands behind something that is none: a program that unpacks itself, a
    /// picture with more than it shows.
    pub is_archive: bool,
}

/// Whether a file of this format can hold more than it shows.
pub fn may_be(format: Format) -> bool {
    format == Format::Pdf || identify::is_zip_family(format) || ends_unseen(format)
}

/// Whether nothing else looks at the end of such a file.
fn ends_unseen(format: Format) -> bool {
    format == Format::Image || readers::reader(format).is_none()
}

/// Looks at both ends of the file; leaves the input anywhere.
pub fn find(format: Format, head: &[u8], input: &mut Input<'_>, budget: &Budget) -> Result<Surplus, ReadError> {
    let mut surplus = Surplus { comments: Text::new(Shape::Prose), ..Surplus::default() };
    let mut ends = Vec::new();
    if format == Format::Pdf {
        let start = memchr::memmem::find(head, b"%PDF-").unwrap_or(0);
        ends.push(("bytes before", 0..start as u64));
        ends.push(("bytes after", after_last(b"%%EOF", input, budget)?));
    } else {
        if format == Format::Executable
            && let Some(start) = packed_behind(input)?
        {
            let size = input.seek(SeekFrom::End(0))?;
            surplus.bytes.push(("packed archive", start..size));
            return Ok(surplus);
        }
        let is_zip = identify::is_zip_family(format);
        surplus.is_archive = !is_zip && ends_unseen(format) && zip::ends_in_archive(input)?;
        if !is_zip && !surplus.is_archive {
            return Ok(surplus);
        }
        let Some(around) = zip::around(input, budget)? else { return Ok(surplus) };
        for (record, comment) in around.comments.iter().enumerate() {
            surplus.comments.push(&charset::decode(comment), Place::field("comment"), record as u64, None);
            surplus.comments.push_more("\n");
        }
        // What is known to be a picture or a program is told as such.
        if is_zip || format == Format::Binary {
            ends.push(("bytes before", around.before));
        }
        ends.push(("bytes after", around.after));
    }
    for (name, range) in ends {
        if let Some(range) = written(range, input)? {
            surplus.bytes.push((name, range));
        }
    }
    Ok(surplus)
}

/// Bytes of a program that unpacks itself among which its archive begins.
const STUB: u64 = 1 << 20;

/// Where the 7z or rar archive of a program begins that unpacks itself. Programs that read
/// such archives hold the signature too: what follows it must fit.
fn packed_behind(input: &mut Input<'_>) -> Result<Option<u64>, ReadError> {
    let stub = zip::bytes_at(input, 0, usize::try_from(STUB).unwrap_or(0))?;
    let is_7z = |at: usize| {
        let Some(header) = stub.get(at..at + 32) else { return false };
        let mut crc = flate2::Crc::new();
        crc.update(header.get(12..).unwrap_or_default());
        header.get(8..12) == Some(crc.sum().to_le_bytes().as_slice())
    };
    let is_rar = |at: usize| match stub.get(at + 6) {
        // The archive header, or that of its encryption.
        Some(0) => stub.get(at + 9) == Some(&0x73),
        Some(1) => stub.get(at + 8..at + 14).is_some_and(|block| {
            let size = block.get(4).copied().unwrap_or_default();
            (3..128).contains(&size) && matches!(block.get(5), Some(1 | 4))
        }),
        _ => false,
    };
    let sevens = memchr::memmem::find_iter(&stub, b"7z\xbc\xaf\x27\x1c").filter(|at| is_7z(*at));
    let rars = memchr::memmem::find_iter(&stub, b"Rar!\x1a\x07").filter(|at| is_rar(*at));
    Ok(sevens.chain(rars).filter(|at| *at > 0).min().map(|at| at as u64))
}

/// What follows the last place where the mark stands; nothing if it stands nowhere.
fn after_last(mark: &[u8], input: &mut Input<'_>, budget: &Budget) -> Result<Range<u64>, ReadError> {
    let size = input.seek(SeekFrom::End(0))?;
    let mut end = size;
    // Most documents end at their mark: look at little first.
    let mut length = 1024;
    while end > 0 {
        budget.check()?;
        let start = end.saturating_sub(length);
        // The mark may lie across two chunks.
        let overlap = mark.len() as u64 - 1;
        let chunk = zip::bytes_at(input, start, usize::try_from(end - start + overlap).unwrap_or(0))?;
        if let Some(at) = memchr::memmem::rfind(&chunk, mark) {
            return Ok((start + (at + mark.len()) as u64).min(size)..size);
        }
        end = start;
        length = CHUNK;
    }
    Ok(size..size)
}

/// The range without the blanks at its start; none if there is nothing but padding.
fn written(range: Range<u64>, input: &mut Input<'_>) -> Result<Option<Range<u64>>, ReadError> {
    let length = range.end.saturating_sub(range.start);
    if length < FEWEST as u64 {
        return Ok(None);
    }
    let start = zip::bytes_at(input, range.start, usize::try_from(length.min(CHUNK)).unwrap_or(0))?;
    let is_blank = |byte: &u8| *byte == 0 || byte.is_ascii_whitespace();
    let blanks = start.iter().take_while(|byte| is_blank(byte)).count() as u64;
    let holds_something = length > CHUNK || start.iter().filter(|byte| !is_blank(byte)).count() >= FEWEST;
    Ok(holds_something.then_some(range.start + blanks..range.end))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::Name;
    use crate::open::Limits;

    fn check(format: Format, bytes: &[u8], expected: &[(&str, Range<u64>)]) {
        let budget = Budget::new(Limits::default(), bytes.len() as u64, Arc::default());
        let mut input = Input::bytes(bytes, &budget, Name::from("a"));
        let head = bytes.get(..1024).unwrap_or(bytes);
        assert_eq!(find(format, head, &mut input, &budget).unwrap().bytes, expected);
    }

    #[test]
    fn bytes_before_and_after_a_pdf() {
        check(Format::Pdf, b"%PDF-1.7 ... %%EOF\r\n", &[]);
        check(Format::Pdf, b"%PDF-1.7 ... %%EOF\nMario Rossi", &[("bytes after", 19..30)]);
        check(Format::Pdf, b"Mario Rossi\n%PDF-1.7 ... %%EOF", &[("bytes before", 0..12)]);
        check(Format::Pdf, b"%PDF-1.7 cut before its end", &[]);
        let long = [b"%PDF-1.7 %%EOF".as_slice(), &vec![b'x'; 200_000]].concat();
        check(Format::Pdf, &long, &[("bytes after", 14..200_014)]);
        let padded = [b"%PDF-1.7 %%EOF".as_slice(), &vec![0; 20_000]].concat();
        check(Format::Pdf, &padded, &[]);
    }

    #[test]
    fn programs_that_unpack_themselves() {
        let archive = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/sevenz/plain.7z")).unwrap();
        let program = [b"MZ... 7z\xbc\xaf\x27\x1c is what it looks for ...".as_slice(), &archive].concat();
        let start = (program.len() - archive.len()) as u64;
        check(Format::Executable, &program, &[("packed archive", start..program.len() as u64)]);
        check(Format::Executable, b"MZ... 7z\xbc\xaf\x27\x1c and Rar!\x1a\x07\x00 are what it looks for", &[]);
    }

    #[test]
    fn other_formats_have_no_ends() {
        check(Format::Text, b"Mario Rossi %%EOF Mario Rossi", &[]);
        check(Format::Zip, b"no archive", &[]);
        let zip = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/zip/plain.zip")).unwrap();
        check(Format::Binary, &[b"Mario Rossi\n".as_slice(), &zip].concat(), &[("bytes before", 0..12)]);
        check(Format::Image, &[b"Mario Rossi\n".as_slice(), &zip].concat(), &[]);
        check(
            Format::Image,
            &[b"JPEG".as_slice(), &zip, b"\nMario Rossi"].concat(),
            &[("bytes after", 5 + zip.len() as u64..16 + zip.len() as u64)],
        );
    }
}
