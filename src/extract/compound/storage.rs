//! The streams and folders of a compound file, seen from one of its folders.

use std::io::{BufReader, Cursor, Read, Seek};
use std::rc::Rc;

use crate::model::Name;
use crate::open::budget::reason_of;
use crate::open::reader::ReadError;
use crate::open::{Budget, Input};

use super::file::{Bytes, Stream, Tables};

/// Files up to this size are read into memory: sectors are small and scattered.
const IN_MEMORY: u64 = 32 << 20;

pub(super) struct Storage<'i> {
    tables: Rc<Tables<'i>>,
    budget: &'i Budget,
    name: Rc<Name>,
    /// With a slash at its end; empty for the root.
    path: String,
    entries: Vec<(String, bool, usize)>,
}

impl<'i> Storage<'i> {
    pub(super) fn open<'b: 'i>(input: &'i mut Input<'b>, budget: &'i Budget) -> Result<Self, ReadError> {
        let name = Rc::new(input.name().clone());
        let bytes: Bytes<'i> = match input.size() {
            Some(size) if size > IN_MEMORY => Box::new(BufReader::with_capacity(4096, input)),
            _ => Box::new(Cursor::new(input.read_all(IN_MEMORY)?)),
        };
        let tables = Rc::new(Tables::read(bytes, budget)?);
        let entries = tables.children(0);
        Ok(Self { tables, budget, name, path: String::new(), entries })
    }

    pub(super) fn budget(&self) -> &'i Budget {
        self.budget
    }

    /// Of the whole file.
    pub(super) fn name(&self) -> &Name {
        &self.name
    }

    /// The same file, seen from a folder in this one; empty if there is none, the same for no path.
    pub(super) fn enter(&self, path: &str) -> Self {
        let mut entries = self.entries.clone();
        if path.is_empty() {
            let (name, path) = (Rc::clone(&self.name), self.path.clone());
            return Self { tables: Rc::clone(&self.tables), budget: self.budget, name, path, entries };
        }
        for part in path.split('/') {
            let inner = entries.iter().find(|(name, is_stream, _)| !is_stream && name == part);
            entries = inner.map(|(_, _, index)| self.tables.children(*index)).unwrap_or_default();
        }
        let path = format!("{}{path}/", self.path);
        Self { tables: Rc::clone(&self.tables), budget: self.budget, name: Rc::clone(&self.name), path, entries }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn find(&self, name: &str) -> Option<&(String, bool, usize)> {
        let lower = name.to_lowercase();
        self.entries.iter().find(|(own, _, _)| own.to_lowercase() == lower)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(name, _, _)| name.as_str())
    }

    pub(super) fn folders(&self) -> Vec<String> {
        self.entries.iter().filter(|(_, is_stream, _)| !is_stream).map(|(name, _, _)| name.clone()).collect()
    }

    /// Folders of a folder, with its name in front.
    pub(super) fn folders_in(&self, name: &str) -> Vec<String> {
        self.enter(name).folders().into_iter().map(|inner| format!("{name}/{inner}")).collect()
    }

    pub(super) fn path_of(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }

    /// None if there is no such stream.
    pub(super) fn stream(&self, name: &str) -> Result<Option<Stream<'i>>, ReadError> {
        self.budget.check()?;
        let found = self.find(name).filter(|(_, is_stream, _)| *is_stream);
        Ok(found.and_then(|(_, _, index)| self.tables.stream(*index)))
    }

    /// A stream whole, cut at `limit` bytes; none if there is no such stream or it is damaged.
    pub(super) fn bytes(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(stream) = self.stream(name)? else { return Ok(None) };
        let mut bytes = Vec::new();
        match stream.take(limit).read_to_end(&mut bytes) {
            Ok(_) => Ok(Some(bytes)),
            Err(error) if reason_of(&error).is_some() => Err(ReadError::Io(error)),
            Err(_) => Ok((!bytes.is_empty()).then_some(bytes)),
        }
    }
}

/// Reads `length` bytes at `offset`, or as many as there are; none behind the end.
pub(super) fn read_at(stream: &mut (impl Read + Seek), offset: u64, length: usize) -> Result<Vec<u8>, ReadError> {
    if stream.seek(std::io::SeekFrom::End(0))? < offset {
        return Ok(Vec::new());
    }
    stream.seek(std::io::SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    stream.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Name and start of the file that an `Ole10Native` stream wraps.
pub(super) fn native_package(head: &[u8]) -> Option<(String, u64)> {
    let text_end = |from: usize| head.get(from..)?.iter().position(|&b| b == 0).map(|n| from + n);
    // Size of all, two bytes of flags, then three texts with flags between them.
    let label_end = text_end(6)?;
    let label = encoding_rs::WINDOWS_1252.decode_without_bom_handling(head.get(6..label_end)?).0.into_owned();
    let path_end = text_end(label_end + 1)?;
    let copy_length = usize::try_from(u32_at(head, path_end + 5)?).ok()?;
    let size_at = path_end.checked_add(9)?.checked_add(copy_length)?;
    u32_at(head, size_at)?;
    let is_text = label.chars().all(|c| !c.is_control()) && !label.is_empty();
    is_text.then_some((label, size_at as u64 + 4))
}

pub(in crate::extract) fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(data.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

pub(in crate::extract) fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// UTF-16, little end first, as these formats have it; an odd byte at the end is dropped.
pub(in crate::extract) fn wide(bytes: &[u8]) -> String {
    encoding_rs::UTF_16LE.decode_without_bom_handling(bytes.get(..bytes.len() & !1).unwrap_or_default()).0.into_owned()
}

/// Text in a Windows code page.
pub(in crate::extract) fn narrow(bytes: &[u8], code_page: u16) -> String {
    if code_page == 1200 {
        return wide(bytes);
    }
    encoding_of(code_page).decode_without_bom_handling(bytes).0.into_owned()
}

/// The encoding of a Windows code page; the Western one of those that are not known.
pub(super) fn encoding_of(code_page: u16) -> &'static encoding_rs::Encoding {
    let label = match code_page {
        65001 => "utf-8",
        932 => "shift_jis",
        936 => "gbk",
        949 => "euc-kr",
        950 => "big5",
        // Macintosh Roman, and the Excel name of it.
        10000 | 32768 => "macintosh",
        866 => "ibm866",
        874 => "windows-874",
        1250 => "windows-1250",
        1251 => "windows-1251",
        1253 => "windows-1253",
        1254 => "windows-1254",
        1255 => "windows-1255",
        1256 => "windows-1256",
        1257 => "windows-1257",
        1258 => "windows-1258",
        _ => "windows-1252",
    };
    encoding_rs::Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::WINDOWS_1252)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_file_has_its_name() {
        let mut head = vec![0, 0, 0, 0, 2, 0];
        head.extend(b"cv.pdf\0C:\\cv.pdf\0");
        head.extend([0, 0, 3, 0]);
        head.extend(4_u32.to_le_bytes());
        head.extend(b"tmp\0");
        head.extend(9_u32.to_le_bytes());
        let start = head.len() as u64;
        head.extend(b"%PDF");
        assert_eq!(native_package(&head), Some(("cv.pdf".into(), start)));
        assert_eq!(native_package(&[0; 5]), None);
    }
}
