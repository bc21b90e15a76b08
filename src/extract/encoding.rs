//! Guesses the character encoding of a text from its first bytes and from what the document says of itself.
//!
//! Labels and decoders follow the WHATWG Encoding Standard, <https://encoding.spec.whatwg.org/>.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_8859_15, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, WINDOWS_1254};

/// How the bytes of a text become characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, as long as it holds.
    Utf8,
    /// UTF-8, and what is not UTF-8 in this Western encoding: files that were appended to by
    /// different programs.
    Utf8Or(&'static Encoding),
    Utf32 {
        big_endian: bool,
    },
    /// Any other encoding of the Encoding Standard.
    Other(&'static Encoding),
    /// Code page 850, of DOS and of Windows consoles in Western Europe.
    Dos,
}

/// The charset and the number of bytes of its byte order mark.
pub fn guess(head: &[u8], declared: Option<&str>) -> (Charset, usize) {
    if head.starts_with(b"\xef\xbb\xbf") {
        return (Charset::Utf8, 3);
    }
    if head.starts_with(b"\xff\xfe\0\0") {
        return (Charset::Utf32 { big_endian: false }, 4);
    }
    if head.starts_with(b"\0\0\xfe\xff") {
        return (Charset::Utf32 { big_endian: true }, 4);
    }
    if head.starts_with(b"\xff\xfe") {
        return (Charset::Other(UTF_16LE), 2);
    }
    if head.starts_with(b"\xfe\xff") {
        return (Charset::Other(UTF_16BE), 2);
    }
    (by_zeros(head).unwrap_or_else(|| by_bytes(head, declared)), 0)
}

/// UTF-32 and UTF-16 without a byte order mark, by where the zero bytes stand.
fn by_zeros(head: &[u8]) -> Option<Charset> {
    let head = head.get(..head.len().min(8192) & !3).filter(|h| !h.is_empty()).unwrap_or(head);
    let zeros = memchr::memchr_iter(0, head).count();
    if zeros == 0 || head.len() < 4 {
        return None;
    }
    let column = |n: usize, of: usize| head.iter().skip(n).step_by(of);
    let zero_share = |n: usize, of: usize| {
        let all = column(n, of).count().max(1);
        column(n, of).filter(|b| **b == 0).count() * 100 / all
    };
    if zero_share(3, 4) == 100 && zero_share(2, 4) >= 95 && zero_share(0, 4) < 5 {
        return Some(Charset::Utf32 { big_endian: false });
    }
    if zero_share(0, 4) == 100 && zero_share(1, 4) >= 95 && zero_share(3, 4) < 5 {
        return Some(Charset::Utf32 { big_endian: true });
    }
    let (even, odd) = (zero_share(0, 2), zero_share(1, 2));
    // The high bytes of a text in one or two scripts take few values.
    let few_values = |n: usize| {
        let mut seen = [0usize; 256];
        for byte in column(n, 2) {
            if let Some(count) = seen.get_mut(usize::from(*byte)) {
                *count += 1;
            }
        }
        seen.sort_unstable();
        seen.iter().rev().take(3).sum::<usize>() * 100 >= (head.len() / 2) * 95
    };
    if odd >= 3 && even * 8 <= odd && few_values(1) {
        return Some(Charset::Other(UTF_16LE));
    }
    if even >= 3 && odd * 8 <= even && few_values(0) {
        return Some(Charset::Other(UTF_16BE));
    }
    None
}

/// The charset that a mail header or the document itself names, if we know it.
pub fn named(head: &[u8], declared: Option<&str>) -> Option<Charset> {
    declared.and_then(by_label).or_else(|| by_label(&declared_inside(head)?))
}

fn by_bytes(head: &[u8], declared: Option<&str>) -> Charset {
    let named = named(head, declared);
    if let Some(Charset::Other(encoding)) = named
        && !encoding.is_ascii_compatible()
        && memchr::memchr(0x1b, head).is_some()
        && encoding != UTF_16BE
        && encoding != UTF_16LE
    {
        return Charset::Other(encoding);
    }
    match std::str::from_utf8(head) {
        Ok(_) => late(named),
        // Cut inside a character at the end of the head.
        Err(error) if error.error_len().is_none() && head.len() >= 4096 => late(named),
        Err(_) => legacy(head, named),
    }
}

/// For a text that is UTF-8 so far: what to do with bytes that are not.
fn late(named: Option<Charset>) -> Charset {
    match named {
        Some(Charset::Other(encoding)) if is_western(encoding) => Charset::Utf8Or(encoding),
        _ => Charset::Utf8,
    }
}

/// The charset of bytes that are not UTF-8.
pub fn legacy(bytes: &[u8], named: Option<Charset>) -> Charset {
    if is_mostly_utf8(bytes) {
        return Charset::Utf8Or(WINDOWS_1252);
    }
    match named {
        Some(Charset::Other(encoding)) if encoding.is_ascii_compatible() => return settled(encoding),
        Some(Charset::Dos) => return Charset::Dos,
        _ => {}
    }
    if is_dos(bytes) {
        return Charset::Dos;
    }
    // Latin letters with a few accents: with so little to go by, the most common encoding by far.
    let accents = bytes.iter().filter(|b| **b >= 0x80).count();
    if accents < 4 && bytes.len() / (accents + 1) > 8 {
        return Charset::Utf8Or(WINDOWS_1252);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    settled(detector.guess(None, Utf8Detection::Deny))
}

fn settled(encoding: &'static Encoding) -> Charset {
    if encoding == UTF_8 {
        Charset::Utf8Or(WINDOWS_1252)
    } else if is_western(encoding) {
        Charset::Utf8Or(encoding)
    } else {
        Charset::Other(encoding)
    }
}

/// In these a sequence that is valid UTF-8 is never a word.
fn is_western(encoding: &'static Encoding) -> bool {
    encoding == WINDOWS_1252 || encoding == ISO_8859_15 || encoding == WINDOWS_1254
}

/// A charset by its name in a mail header, an XML declaration or a `meta` element.
pub fn by_label(label: &str) -> Option<Charset> {
    let label = label.trim().trim_matches(['"', '\'']);
    let is = |names: &[&str]| names.iter().any(|name| label.eq_ignore_ascii_case(name));
    if is(&["cp850", "ibm850", "850", "cp437", "ibm437", "437", "cp858", "ibm00858"]) {
        return Some(Charset::Dos);
    }
    let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
    Some(if encoding == UTF_8 { Charset::Utf8 } else { Charset::Other(encoding) })
}

/// The encoding that an XML declaration or an HTML `meta` element in the head names.
fn declared_inside(head: &[u8]) -> Option<String> {
    let start = head.get(..head.len().min(2048))?;
    // Only markup says it. White space beyond ASCII may come first.
    let first = start.iter().find(|byte| !byte.is_ascii_whitespace() && **byte != 0x0b)?;
    if *first != b'<' && *first < 0x80 {
        return None;
    }
    let lower = String::from_utf8_lossy(start).to_ascii_lowercase();
    let lower = lower.trim_start();
    if !lower.starts_with('<') {
        return None;
    }
    let after = |key: &str| {
        let rest = lower.split_once(key)?.1.trim_start().strip_prefix('=')?.trim_start();
        let rest = rest.trim_start_matches(['"', '\'']);
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c)))?;
        rest.get(..end).map(str::to_owned).filter(|name| !name.is_empty())
    };
    if lower.starts_with("<?xml") { after("encoding").or_else(|| after("charset")) } else { after("charset") }
}

/// No fewer valid sequences of UTF-8 than invalid ones.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut invalid) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        invalid += usize::from(!chunk.invalid().is_empty());
    }
    valid >= 2 && valid >= invalid
}

/// Code page 850 has its letters where Windows-1252 has punctuation, and the other way round.
fn is_dos(bytes: &[u8]) -> bool {
    let (mut inside, mut at_end, mut windows) = (0usize, 0usize, 0usize);
    let mut before = b' ';
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        let next = rest.peek().copied().unwrap_or(b' ');
        if byte >= 0x80 && before.is_ascii_alphabetic() {
            let letter_follows = next.is_ascii_alphabetic();
            match byte {
                0x81..=0x84 | 0x87..=0x8e | 0x93..=0x95 | 0x99 | 0x9a | 0xa0..=0xa4 if letter_follows => inside += 1,
                0x82 | 0x8a | 0x8d | 0x95 => at_end += 1,
                // In CP 850 this is the sharp s, in Windows-1252 an accented a.
                0xe1 => {}
                0xc0..=0xff => windows += 1,
                _ => {}
            }
        } else if byte >= 0xc0 && next.is_ascii_alphabetic() {
            windows += 1;
        }
        before = byte;
    }
    let letters = bytes.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let beyond = bytes.iter().filter(|b| !b.is_ascii()).count();
    beyond * 3 <= letters && windows * 8 <= inside + at_end && (inside >= 1 || at_end >= 2)
}

/// The upper half of code page 850, <https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/PC/CP850.TXT>.
const DOS_UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

/// Decodes code page 850 into `out`.
pub fn decode_dos(bytes: &[u8], out: &mut String) {
    let upper: Vec<char> = DOS_UPPER.chars().collect();
    out.extend(bytes.iter().map(|byte| match byte.checked_sub(0x80) {
        None => char::from(*byte),
        Some(index) => upper.get(usize::from(index)).copied().unwrap_or('\u{fffd}'),
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{ISO_8859_2, KOI8_U, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251};

    #[test]
    fn the_code_page_is_whole() {
        assert_eq!(DOS_UPPER.chars().count(), 128);
    }

    fn check(text: &str, encoding: &'static Encoding) {
        let (bytes, _, lossy) = encoding.encode(text);
        assert!(!lossy, "{text}");
        let (charset, _) = guess(&bytes, None);
        let decoded = match charset {
            Charset::Other(e) | Charset::Utf8Or(e) => e.decode_without_bom_handling(&bytes).0,
            _ => "".into(),
        };
        assert_eq!(decoded, text, "{charset:?}");
    }

    #[test]
    fn western_texts_however_short() {
        for text in [
            "città",
            "Nicolò Dellapè abita a Forlì, perché così è più comodo.",
            "Cognome;Nome;Città\nDAmbrosio;Niccolò;Cantù\n",
            "Jürgen Müller, Straße der Jugend 5, Österreich",
            "Señor José Muñoz, dirección: C/ Álvarez 3",
            "Hélène François, née à Besançon",
            "Retribuzione 1.500 €",
        ] {
            check(text, WINDOWS_1252);
        }
    }

    #[test]
    fn other_scripts() {
        check("Пациент: Иванов Иван Иванович, диагноз установлен", WINDOWS_1251);
        check("Zażółć gęślą jaźń, proszę przesłać świadectwo pracy", WINDOWS_1250);
        check("Zażółć gęślą jaźń, proszę przesłać świadectwo pracy", ISO_8859_2);
        check("氏名：山田太郎 生年月日：昭和五十年", SHIFT_JIS);
        check("Паспорт громадянина України виданий", KOI8_U);
    }

    #[test]
    fn dos_texts_of_old_payroll_programs() {
        for (bytes, text) in [
            (&b"Localit\x85: Cant\x97  perch\x82 \x8a cos\x8d"[..], "Località: Cantù  perché è così"),
            (b"J\x81rgen M\x81ller Stra\xe1e", "Jürgen Müller Straße"),
        ] {
            assert_eq!(guess(bytes, None).0, Charset::Dos);
            let mut out = String::new();
            decode_dos(bytes, &mut out);
            assert_eq!(out, text);
        }
    }

    #[test]
    fn windows_punctuation_is_not_taken_for_dos_letters() {
        assert_ne!(guess(b"l\x92azienda \x93ABC\x94 \x96 citt\xe0\x85", None).0, Charset::Dos);
        assert_ne!(guess(b"well\x85 and so\x85", None).0, Charset::Dos);
    }

    #[test]
    fn wide_characters_without_a_mark() {
        let wide = |s: &str, big: bool| -> Vec<u8> {
            s.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
        };
        assert_eq!(guess(&wide("Mario Rossi, città", false), None).0, Charset::Other(UTF_16LE));
        assert_eq!(guess(&wide("Mario Rossi, città", true), None).0, Charset::Other(UTF_16BE));
        assert_eq!(guess(&wide("Иванов Иван\r\n", false), None).0, Charset::Other(UTF_16LE));
        let four: Vec<u8> = "Mario".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
        assert_eq!(guess(&four, None).0, Charset::Utf32 { big_endian: true });
        assert_eq!(guess(b"a log\0\0\0\0with a hole", None).0, Charset::Utf8);
    }

    #[test]
    fn what_a_document_says_of_itself() {
        let xml = b"<?xml version='1.0' encoding='ISO-8859-2'?><a>\xb1</a>";
        assert_eq!(guess(xml, None).0, Charset::Other(ISO_8859_2));
        let html = b"<html><head><meta http-equiv=Content-Type content=\"text/html; charset=koi8-u\">\xf0";
        assert_eq!(guess(html, None).0, Charset::Other(KOI8_U));
        // It is believed against all but valid UTF-8.
        let wrong = "<?xml version='1.0' encoding='ISO-8859-2'?><a>ąć</a>";
        assert_eq!(guess(wrong.as_bytes(), None).0, Charset::Utf8);
        assert_eq!(guess(b"\xb1\xe6", Some("iso-8859-2")).0, Charset::Other(ISO_8859_2));
    }
}
