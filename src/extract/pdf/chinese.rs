//! Chinese text in fonts that pass for Western ones: one producer writes the two bytes of each character as two codes.

use hayro_syntax::object::{Dict, Name};

use super::fallback::{PROGRAMS, has_program};

/// The fonts of Windows, by what their names are in Chinese: Song, Hei, Kai, Fangsong and Li.
const FONTS: [&[u8]; 5] =
    [b"\xcb\xce\xcc\xe5", b"\xba\xda\xcc\xe5", b"\xbf\xac\xcc\xe5", b"\xb7\xc2\xcb\xce", b"\xc1\xa5\xca\xe9"];
/// A font of signs, whose codes are its own.
const SYMBOLIC: i64 = 4;

/// Whether the codes of a simple font are those of the Chinese national standard.
pub(super) fn is_chinese(font: &Dict<'_>) -> bool {
    let name = font.get::<Name<'_>>("BaseFont");
    if !name.is_some_and(|name| FONTS.iter().any(|start| name.as_ref().starts_with(start))) {
        return false;
    }
    let Some(descriptor) = font.get::<Dict<'_>>("FontDescriptor") else { return false };
    let is_embedded = has_program(font, &PROGRAMS);
    let is_symbolic = descriptor.get::<i64>("Flags").is_some_and(|flags| flags & SYMBOLIC != 0);
    is_symbolic && !is_embedded && !font.contains_key("ToUnicode") && !font.contains_key("DescendantFonts")
}

/// The next code, of one byte or two.
pub(super) fn next_code(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let first = *bytes.get(at)?;
    Some(match bytes.get(at + 1) {
        Some(second @ 0xa1..=0xfe) if first >= 0xa1 => (u32::from(first) << 8 | u32::from(*second), 2),
        _ => (u32::from(first), 1),
    })
}

/// The character of a code.
pub(super) fn character(code: u32) -> Option<char> {
    let [.., high, low] = code.to_be_bytes();
    let bytes = if high == 0 { &[low][..] } else { &[high, low][..] };
    let (text, failed) = encoding_rs::GBK.decode_without_bom_handling(bytes);
    if failed { None } else { text.chars().next() }
}

#[cfg(test)]
mod tests {
    use crate::extract::pdf::Pdf;
    use crate::extract::pdf::sample::Sample;
    use crate::open::collect::collect;

    #[track_caller]
    fn check(entries: &str, flags: u32, expected: &str) {
        let mut sample = Sample::new();
        let descriptor = format!("<</Type/FontDescriptor/Flags {flags}>>");
        let font = sample.add(&format!(
            "<</Type/Font/Subtype/TrueType{entries}/Encoding/WinAnsiEncoding/FontDescriptor{descriptor}>>"
        ));
        let resources = format!("/Resources<</Font<</F {font} 0 R>>>>");
        let content = "BT /F 10 Tf 9 9 Td (A\\324\\302\\243\\261) Tj 22 0 Td <caae> Tj ET";
        let collected = collect(&Pdf, "a.pdf", &sample.page(content, &resources).bytes());
        assert_eq!(collected.content(), expected);
    }

    #[test]
    fn two_codes_are_one_character() {
        check("/BaseFont/#CB#CE#CC#E5", 4, "A月１十\n");
        check("/BaseFont/#B7#C2#CB#CE_GB2312", 4, "A月１十\n");
    }

    #[test]
    fn codes_of_no_character_are_a_gap() {
        let mut sample = Sample::new();
        let font = sample.add(
            "<</Type/Font/Subtype/TrueType/BaseFont/#CB#CE#CC#E5/Encoding/WinAnsiEncoding\
             /FontDescriptor<</Type/FontDescriptor/Flags 4>>>>",
        );
        let resources = format!("/Resources<</Font<</F {font} 0 R>>>>");
        let page = sample.page("BT /F 10 Tf 9 9 Td <ffffffffffff> Tj ET", &resources);
        assert_eq!(collect(&Pdf, "a.pdf", &page.bytes()).gaps.len(), 1);
    }

    #[test]
    fn other_fonts_are_western() {
        check("/BaseFont/Arial", 4, "AÔÂ£± Ê®\n");
        check("/BaseFont/#CB#CE#CC#E5", 32, "AÔÂ£± Ê®\n");
    }
}
