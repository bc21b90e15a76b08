//! Text strings of a PDF outside its pages: titles, form values, notes.

use encoding_rs::{UTF_16BE, UTF_16LE};

/// A text string as ISO 32000-2, 7.9.2.2 writes it: UTF-16 or UTF-8 by its first bytes, else PDFDocEncoding.
pub(super) fn decode(bytes: &[u8]) -> String {
    let text = match bytes {
        [0xfe, 0xff, rest @ ..] => without_language(&UTF_16BE.decode_without_bom_handling(rest).0),
        [0xff, 0xfe, rest @ ..] => without_language(&UTF_16LE.decode_without_bom_handling(rest).0),
        [0xef, 0xbb, 0xbf, rest @ ..] => without_language(&String::from_utf8_lossy(rest)),
        _ => bytes.iter().filter_map(|byte| character(*byte)).collect(),
    };
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
}

/// Leaves out language codes, which stand between two escape characters.
fn without_language(text: &str) -> String {
    text.split('\u{1b}').step_by(2).collect()
}

/// Annex D.2 of ISO 32000-2.
fn character(byte: u8) -> Option<char> {
    const FROM_24: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
    const FROM_128: [char; 33] = [
        '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ', 'ﬂ', 'Ł',
        'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{fffd}', '€',
    ];
    match byte {
        24..=31 => FROM_24.get(usize::from(byte) - 24).copied(),
        128..=160 => FROM_128.get(usize::from(byte) - 128).copied().filter(|c| *c != '\u{fffd}'),
        9 | 10 | 13 | 32.. => Some(char::from(byte)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        let check = |bytes: &[u8], expected: &str| assert_eq!(decode(bytes), expected);
        check(b"Nicol\xf2 \xa0 10", "Nicolò € 10");
        check(b"\xfe\xff\0R\0o\x01\x61", "Roš");
        check(b"\xff\xfeR\0o\0", "Ro");
        check(b"\xef\xbb\xbfNicol\xc3\xb2", "Nicolò");
        check(b"\xfe\xff\0\x1b\0i\0t\0\x1b\0C\0F", "CF");
        check(b"a\r\nb\rc\x7f\0", "a\nb\nc\u{7f}");
    }
}
