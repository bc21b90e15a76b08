//! Zip archives and the office formats that are zip archives inside.

use super::format::Format;
use super::package::by_mimetype;

/// Whether the bytes are a zip archive: its members may tell more than its head did.
pub fn is_zip_family(format: Format) -> bool {
    matches!(
        format,
        Format::Zip
            | Format::Docx
            | Format::Xlsx
            | Format::Xlsb
            | Format::Pptx
            | Format::Vsdx
            | Format::Epub
            | Format::Odt
            | Format::Ods
            | Format::Odp
    )
}

/// The format of a zip by the names of its members and the content of its `mimetype`
/// member: ECMA-376 part 2 (packages have a content-types part) and ODF 1.3 part 2, 3.3.
pub fn kind_of_members<'n>(names: impl IntoIterator<Item = &'n [u8]>, mimetype: Option<&[u8]>) -> Format {
    if let Some(format) = mimetype.and_then(by_mimetype) {
        return format;
    }
    let (mut package, mut part, mut binary_workbook) = (false, None, false);
    // An e-book whose mimetype is compressed.
    let (mut container, mut book) = (false, false);
    for name in names {
        // Some writers put a slash in front or use backslashes.
        let name = name.strip_prefix(b"/").unwrap_or(name);
        let is_below = |folder: &[u8]| {
            name.get(..folder.len()).is_some_and(|start| start.eq_ignore_ascii_case(folder))
                && matches!(name.get(folder.len()), Some(b'/' | b'\\'))
        };
        package |= name.eq_ignore_ascii_case(b"[Content_Types].xml") || is_below(b"_rels");
        container |= name == b"META-INF/container.xml";
        book |= name.ends_with(b".opf");
        if is_below(b"word") {
            part = part.or(Some(Format::Docx));
        } else if is_below(b"xl") {
            part = part.or(Some(Format::Xlsx));
            binary_workbook |= name.ends_with(b"workbook.bin");
        } else if is_below(b"ppt") {
            part = part.or(Some(Format::Pptx));
        } else if is_below(b"visio") {
            part = part.or(Some(Format::Vsdx));
        }
    }
    match part {
        Some(Format::Xlsx) if package && binary_workbook => Format::Xlsb,
        Some(part) if package => part,
        None if container && book => Format::Epub,
        _ => Format::Zip,
    }
}

/// The format of a zip by as many local headers as the head holds; none if it is no zip.
pub(super) fn sniff(head: &[u8]) -> Option<Format> {
    match head.get(..4)? {
        b"PK\x03\x04" => {}
        b"PK\x05\x06" if head.len() >= 22 => return Some(Format::Zip),
        // The first part of a split or once split archive.
        b"PK\x07\x08" | b"PK00" if head.get(4..8) == Some(b"PK\x03\x04") => return Some(Format::Zip),
        _ => return None,
    }
    let mut names = Vec::new();
    let mut mimetype = None;
    let mut at = 0;
    while let Some(header) = Local::parse(head, at) {
        if header.name == b"mimetype" && header.method == 0 && mimetype.is_none() {
            mimetype =
                header.data_start.checked_add(header.packed_size).and_then(|end| head.get(header.data_start..end));
        }
        names.push(header.name);
        let next = header.data_start.checked_add(header.packed_size)?;
        // With the sizes behind the data, the next header has to be searched.
        at = if header.sizes_follow {
            match head.get(next..).and_then(|rest| memchr::memmem::find(rest, b"PK\x03\x04")) {
                Some(found) => next + found,
                None => break,
            }
        } else {
            next
        };
    }
    Some(kind_of_members(names, mimetype))
}

struct Local<'h> {
    name: &'h [u8],
    method: u16,
    packed_size: usize,
    sizes_follow: bool,
    data_start: usize,
}

impl<'h> Local<'h> {
    /// A local file header (APPNOTE 4.3.7) at this offset of the head.
    fn parse(head: &'h [u8], at: usize) -> Option<Self> {
        let fixed = head.get(at..at.checked_add(30)?)?;
        if !fixed.starts_with(b"PK\x03\x04") {
            return None;
        }
        let u16_at = |i: usize| fixed.get(i..i + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes);
        let packed_size = fixed.get(18..22).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
        let name_start = at + 30;
        let name_end = name_start + usize::from(u16_at(26));
        Some(Self {
            name: head.get(name_start..name_end)?,
            method: u16_at(8),
            packed_size: usize::try_from(packed_size).ok()?,
            sizes_follow: u16_at(6) & 8 != 0 && packed_size == 0,
            data_start: name_end + usize::from(u16_at(28)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(name: &str, content: &[u8], flags: u16) -> Vec<u8> {
        let size = if flags & 8 == 0 { u32::try_from(content.len()).unwrap() } else { 0 };
        let mut out = b"PK\x03\x04\x14\0".to_vec();
        out.extend(flags.to_le_bytes());
        out.extend([0; 10]);
        out.extend(size.to_le_bytes());
        out.extend(size.to_le_bytes());
        out.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        out.extend([0; 2]);
        out.extend(name.as_bytes());
        out.extend(content);
        out
    }

    fn check(members: &[(&str, &[u8])], expected: Format) {
        for flags in [0, 8] {
            let head: Vec<u8> = members.iter().flat_map(|(name, content)| local(name, content, flags)).collect();
            let expected = if flags == 8 && members.iter().any(|m| m.0 == "mimetype") { Format::Zip } else { expected };
            assert_eq!(sniff(&head), Some(expected), "{members:?} {flags}");
        }
    }

    #[test]
    fn office_formats_by_their_members() {
        check(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")], Format::Docx);
        check(&[("_rels/.rels", b"<x/>"), ("xl/workbook.xml", b"<x/>")], Format::Xlsx);
        check(&[("[Content_Types].xml", b""), ("xl/workbook.bin", b"x")], Format::Xlsb);
        check(&[("[Content_Types].xml", b""), ("ppt/presentation.xml", b"x")], Format::Pptx);
        check(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"x")], Format::Ods);
        check(&[("META-INF/container.xml", b"x"), ("OPS/book.opf", b"x")], Format::Epub);
        check(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"x")], Format::Odt);
    }

    #[test]
    fn a_zip_with_a_folder_named_word_is_a_zip() {
        check(&[("word/letter.txt", b"hello")], Format::Zip);
        check(&[("a.txt", b"[Content_Types].xml")], Format::Zip);
    }
}
