//! What a file holds beside the members of its zip archive: comments, and bytes before and after it.

use std::io::{Seek, SeekFrom};
use std::ops::Range;

use crate::open::budget::Budget;
use crate::open::{Input, ReadError};

use super::directory::{Directory, bytes_at, u16_at};

/// Bytes of comments that are kept.
const MAX_COMMENTS: usize = 16 << 20;
/// Bytes at the end of a file among which the end record of an archive is expected, when the
/// file looks like something else.
const TAIL: u64 = 4096;

/// What members do not show.
#[derive(Debug, Default)]
pub struct Around {
    /// Of the archive and of its members.
    pub comments: Vec<Vec<u8>>,
    pub before: Range<u64>,
    pub after: Range<u64>,
}

/// None if the archive has no directory.
pub fn around(input: &mut Input<'_>, budget: &Budget) -> Result<Option<Around>, ReadError> {
    let size = input.seek(SeekFrom::End(0))?;
    let Some(directory) = Directory::find(input)? else { return Ok(None) };
    let record = bytes_at(input, directory.end_record, 22)?;
    let comment = bytes_at(input, directory.end_record.saturating_add(22), usize::from(u16_at(&record, 20)))?;
    let end = directory.end_record.saturating_add(22 + comment.len() as u64);
    let mut comments = vec![comment];
    let mut kept = 0;
    let mut start = directory.end_record;
    let mut walk = directory.walk();
    // Where the directory breaks off is told when members are read.
    while let Ok(Some(entry)) = walk.next(input) {
        budget.check()?;
        start = start.min(entry.header_start);
        kept += entry.comment.len();
        if kept <= MAX_COMMENTS && !entry.comment.is_empty() {
            comments.push(entry.comment);
        }
    }
    comments.retain(|comment| !comment.trim_ascii().is_empty());
    Ok(Some(Around { comments, before: 0..start, after: end..size.max(end) }))
}

/// Whether an archive ends the file, whatever it begins with: programs that unpack
/// themselves, and pictures with something behind them.
pub fn ends_in_archive(input: &mut Input<'_>) -> Result<bool, ReadError> {
    let size = input.seek(SeekFrom::End(0))?;
    let tail = bytes_at(input, size.saturating_sub(TAIL), usize::try_from(TAIL).unwrap_or(0))?;
    if memchr::memmem::find(&tail, b"PK\x05\x06").is_none() {
        return Ok(false);
    }
    Ok(Directory::find(input)?.is_some_and(|directory| directory.entries > 0))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::Name;
    use crate::open::Limits;

    fn plain() -> Vec<u8> {
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/zip/plain.zip")).unwrap()
    }

    fn check(bytes: &[u8], before: u64, after: u64, comments: &[&str]) {
        let budget = Budget::new(Limits::default(), bytes.len() as u64, Arc::default());
        let mut input = Input::bytes(bytes, &budget, Name::from("a.zip"));
        let found = around(&mut input, &budget).unwrap().unwrap();
        assert_eq!((found.before.end, found.after.end - found.after.start), (before, after));
        assert_eq!(found.comments, comments.iter().map(|c| c.as_bytes().to_vec()).collect::<Vec<_>>());
        assert!(ends_in_archive(&mut Input::bytes(bytes, &budget, Name::from("a.jpg"))).unwrap());
    }

    #[test]
    fn comments_and_bytes_around() {
        let plain = plain();
        check(&plain, 0, 0, &[]);
        check(&[b"stub".as_slice(), &plain].concat(), 4, 0, &[]);
        check(&[&plain, b"tail!".as_slice()].concat(), 0, 5, &[]);
        let mut commented = plain.clone();
        let length = commented.len();
        commented[length - 2] = 5;
        commented.extend(b"Mario");
        check(&commented, 0, 0, &["Mario"]);
        commented.extend(b"\0\0");
        check(&commented, 0, 2, &["Mario"]);
    }

    #[test]
    fn a_file_without_an_archive() {
        let budget = Budget::new(Limits::default(), 1, Arc::default());
        let none = |bytes: &[u8]| {
            around(&mut Input::bytes(bytes, &budget, Name::from("a")), &budget).unwrap().is_none()
                && !ends_in_archive(&mut Input::bytes(bytes, &budget, Name::from("a"))).unwrap()
        };
        assert!(none(b"") && none(b"PK\x05\x06") && none(b"no archive in it"));
    }
}
