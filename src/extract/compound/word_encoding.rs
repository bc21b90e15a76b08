//! Finds the character encoding of Word documents before 97: they name it by their fonts, and use what fits their text.
//!
//! Specification: "Microsoft Word 6.0/7.0 Binary File Format" (1995): FIB, FFN. Character sets of fonts: [MS-WMF] 2.1.1.5.

use std::io::{Read, Seek};

use encoding_rs::{Encoding, MACINTOSH, WINDOWS_1252};

use crate::extract::encoding::{Charset, likeliest};
use crate::extract::rtf_words::font_charset;
use crate::open::reader::ReadError;

use super::storage::{encoding_of, read_at, u16_at, u32_at};
use super::word::code_page_of;

/// The character set of Macintosh programs, in the FIB.
const MACINTOSH_SET: u16 = 256;
const LONGEST_FONTS: usize = 64 << 10;
/// Bytes of text by which encodings are compared.
const SAMPLE: usize = 64 << 10;

/// The encoding of the text that begins at `text`, by the head of the document, its language and its fonts.
pub(super) fn find(
    fib: &[u8],
    stream: &mut (impl Read + Seek),
    text: u64,
    length: u64,
) -> Result<&'static Encoding, ReadError> {
    if u16_at(fib, 0x14) == Some(MACINTOSH_SET) {
        return Ok(MACINTOSH);
    }
    let language = encoding_of(code_page_of(u16_at(fib, 6).unwrap_or(0)));
    let (start, size) = (u32_at(fib, 0xD0).unwrap_or(0), u32_at(fib, 0xD4).unwrap_or(0));
    let size = usize::try_from(size).unwrap_or(usize::MAX).min(LONGEST_FONTS);
    let fonts = of_fonts(&read_at(stream, u64::from(start), size)?);
    if fonts.iter().all(|encoding| *encoding == language) {
        return Ok(language);
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX).min(SAMPLE);
    let sample = read_at(stream, text, length)?;
    let mut named = vec![language];
    named.extend(fonts);
    named.push(WINDOWS_1252);
    Ok(likeliest(&sample, &named))
}

/// The encodings of a font table: each font has its length, flags, weight and character set before its name.
fn of_fonts(table: &[u8]) -> Vec<&'static Encoding> {
    let mut found: Vec<&'static Encoding> = Vec::new();
    let mut rest = table.get(2..).unwrap_or_default();
    while let [length, font @ ..] = rest {
        let length = usize::from(*length);
        if let Some(set) = font.get(3)
            && let Some(Charset::Other(encoding)) = font_charset(i32::from(*set))
            && !found.contains(&encoding)
        {
            found.push(encoding);
        }
        rest = font.get(length.max(1)..).unwrap_or_default();
    }
    found
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use encoding_rs::{WINDOWS_1250, WINDOWS_1251};

    use super::*;

    fn font(set: u8, name: &[u8]) -> Vec<u8> {
        let body = [&[0, 0x90, 1, set, 0], name, &[0]].concat();
        [&[u8::try_from(body.len()).unwrap()], body.as_slice()].concat()
    }

    /// A head with fonts of these sets, then a text.
    #[track_caller]
    fn check(set: u16, fonts: &[u8], text: &[u8], expected: &'static Encoding) {
        let mut file = vec![0; 0x300];
        let table: Vec<u8> = fonts.iter().flat_map(|set| font(*set, b"Times New Roman")).collect();
        file[6..8].copy_from_slice(&0x0409_u16.to_le_bytes());
        file[0x14..0x16].copy_from_slice(&set.to_le_bytes());
        let start = u32::try_from(file.len() + text.len()).unwrap();
        file[0xD0..0xD4].copy_from_slice(&start.to_le_bytes());
        file[0xD4..0xD8].copy_from_slice(&u32::try_from(table.len() + 2).unwrap().to_le_bytes());
        let fib = file.clone();
        file.extend(text);
        file.extend([0, 0]);
        file.extend(table);
        let found = find(&fib, &mut Cursor::new(file), 0x300, text.len() as u64).unwrap();
        assert_eq!(found, expected);
    }

    #[test]
    fn fonts_say_which_encodings_there_are_and_the_text_which_it_is() {
        check(0, &[0, 204], b"\xc0\xed\xed\xe0 \xcf\xe5\xf2\xf0\xee\xe2\xe0, \xea\xe0\xe4\xf0\xfb", WINDOWS_1251);
        check(0, &[0, 238], b"Pracownik: Micha\xb3 \xa3ukaszewicz, zam. \xa3\xf3d\x9f", WINDOWS_1250);
        check(0, &[0, 204, 238], b"Se\xf1or Nu\xf1ez, Espa\xf1a", WINDOWS_1252);
        check(0, &[0, 2], b"\xc0\xed\xed\xe0", WINDOWS_1252);
        check(0, &[204], b"plain", WINDOWS_1252);
    }

    #[test]
    fn documents_of_the_macintosh_say_so() {
        check(256, &[77], b"soci\x8et\x8e", MACINTOSH);
    }

    #[test]
    fn damaged_font_tables_end() {
        assert!(of_fonts(&[]).is_empty());
        assert!(of_fonts(&[0; 700]).len() <= 1);
        assert!(of_fonts(&[0, 0, 255, 1]).is_empty());
    }
}
