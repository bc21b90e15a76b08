//! Tells an office document from any other zip by the names of its members.

use super::format::Format;

/// The office format of a zip package, or none if it is a plain zip.
///
/// `mimetype` is the content of the member of that name (OpenDocument), `content_types` that of
/// `[Content_Types].xml` (Office Open XML); both may be cut at any length. Templates and
/// macro-enabled variants count as the document they make.
///
/// Specifications: OpenDocument 1.3 part 2, section 3.3; ECMA-376 part 2.
pub fn package_format(
    names: &mut dyn Iterator<Item = &str>,
    mimetype: Option<&[u8]>,
    content_types: Option<&[u8]>,
) -> Option<Format> {
    if let Some(format) = mimetype.and_then(by_mimetype) {
        return Some(format);
    }
    if let Some(format) = content_types.and_then(by_content_types) {
        return Some(format);
    }
    by_names(names)
}

/// The format that an OpenDocument `mimetype` member names.
pub(super) fn by_mimetype(mimetype: &[u8]) -> Option<Format> {
    let mimetype = mimetype.trim_ascii();
    if mimetype == b"application/epub+zip" {
        return Some(Format::Epub);
    }
    let kind = mimetype
        .strip_prefix(b"application/vnd.oasis.opendocument.")
        .or_else(|| mimetype.strip_prefix(b"application/vnd.sun.xml."))?;
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| kind.starts_with(prefix.as_bytes()));
    if starts(&["text", "writer"]) {
        Some(Format::Odt)
    } else if starts(&["spreadsheet", "calc"]) {
        Some(Format::Ods)
    } else if starts(&["presentation", "graphics", "impress", "draw"]) {
        Some(Format::Odp)
    } else {
        None
    }
}

/// By the content type of the main part, which only one part of a package has.
fn by_content_types(xml: &[u8]) -> Option<Format> {
    const MAIN: [(&[u8], Format); 9] = [
        (b"wordprocessingml.document.main+xml", Format::Docx),
        (b"wordprocessingml.template.main+xml", Format::Docx),
        (b"ms-word.document.macroEnabled.main+xml", Format::Docx),
        (b"ms-word.template.macroEnabledTemplate.main+xml", Format::Docx),
        (b"spreadsheetml.sheet.main+xml", Format::Xlsx),
        (b"spreadsheetml.template.main+xml", Format::Xlsx),
        (b"ms-excel.sheet.binary.macroEnabled.main", Format::Xlsb),
        (b"presentationml.presentation.main+xml", Format::Pptx),
        (b"presentationml.slideshow.main+xml", Format::Pptx),
    ];
    // Macro-enabled workbooks, add-ins and shows: `ms-excel.sheet.macroEnabled.main+xml` ...
    const FAMILY: [(&[u8], Format); 5] = [
        (b"ms-excel.", Format::Xlsx),
        (b"ms-powerpoint.", Format::Pptx),
        (b"presentationml.template.main+xml", Format::Pptx),
        (b"ms-word.", Format::Docx),
        // Drawings, stencils and templates.
        (b"ms-visio.", Format::Vsdx),
    ];
    let has = |needle: &[u8]| memchr::memmem::find(xml, needle).is_some();
    let main = MAIN.iter().find(|(needle, _)| has(needle)).map(|(_, format)| *format);
    main.or_else(|| {
        FAMILY
            .iter()
            .find(|(needle, _)| {
                memchr::memmem::find_iter(xml, needle).any(|at| {
                    let rest = xml.get(at..xml.len().min(at + 100)).unwrap_or_default();
                    let value = rest.split(|b| matches!(b, b'"' | b'\'')).next().unwrap_or_default();
                    value.ends_with(b".main+xml")
                })
            })
            .map(|(_, format)| *format)
    })
}

fn by_names(names: &mut dyn Iterator<Item = &str>) -> Option<Format> {
    let mut open_document = (false, false);
    for name in names {
        let name = name.trim_start_matches('/').replace('\\', "/").to_ascii_lowercase();
        match name.as_str() {
            "word/document.xml" => return Some(Format::Docx),
            "xl/workbook.xml" => return Some(Format::Xlsx),
            "xl/workbook.bin" => return Some(Format::Xlsb),
            "ppt/presentation.xml" => return Some(Format::Pptx),
            "visio/document.xml" => return Some(Format::Vsdx),
            "content.xml" => open_document.0 = true,
            "meta-inf/manifest.xml" => open_document.1 = true,
            _ => {}
        }
    }
    // OpenDocument without its mimetype: the reader goes by the elements, so any of the three does.
    (open_document == (true, true)).then_some(Format::Odt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Option<Format> {
        package_format(&mut names.iter().copied(), None, None)
    }

    fn typed(content_types: &str) -> Option<Format> {
        package_format(&mut std::iter::empty(), None, Some(content_types.as_bytes()))
    }

    #[test]
    fn main_parts_tell_the_format() {
        assert_eq!(named(&["[Content_Types].xml", "Word/Document.xml"]), Some(Format::Docx));
        assert_eq!(named(&["xl\\workbook.xml"]), Some(Format::Xlsx));
        assert_eq!(named(&["/xl/workbook.bin"]), Some(Format::Xlsb));
        assert_eq!(named(&["ppt/presentation.xml"]), Some(Format::Pptx));
        assert_eq!(named(&["content.xml", "META-INF/manifest.xml"]), Some(Format::Odt));
        assert_eq!(named(&["content.xml", "readme.txt"]), None);
    }

    #[test]
    fn content_types_tell_variants() {
        let part = |kind: &str| format!(r#"<Override PartName="/x" ContentType="application/vnd.{kind}"/>"#);
        assert_eq!(
            typed(&part("openxmlformats-officedocument.wordprocessingml.template.main+xml")),
            Some(Format::Docx)
        );
        assert_eq!(typed(&part("ms-excel.sheet.macroEnabled.main+xml")), Some(Format::Xlsx));
        assert_eq!(typed(&part("ms-powerpoint.slideshow.macroEnabled.main+xml")), Some(Format::Pptx));
        assert_eq!(typed(&part("ms-excel.sheet.binary.macroEnabled.main")), Some(Format::Xlsb));
        assert_eq!(typed(&part("ms-excel.threadedcomments+xml")), None);
        assert_eq!(typed(&part("ms-visio.template.macroEnabled.main+xml")), Some(Format::Vsdx));
        assert_eq!(typed(&part("ms-visio.drawing")), None);
    }

    #[test]
    fn mimetypes_tell_open_document() {
        let of = |mimetype: &str| package_format(&mut std::iter::empty(), Some(mimetype.as_bytes()), None);
        assert_eq!(of("application/vnd.oasis.opendocument.text\n"), Some(Format::Odt));
        assert_eq!(of("application/vnd.oasis.opendocument.spreadsheet-template"), Some(Format::Ods));
        assert_eq!(of("application/vnd.oasis.opendocument.graphics"), Some(Format::Odp));
        assert_eq!(of("application/epub+zip"), Some(Format::Epub));
        assert_eq!(of("application/zip"), None);
    }
}
