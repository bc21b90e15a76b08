//! Guesses the character encoding of a text from its first bytes and from what the document says of itself.
//!
//! Labels and decoders follow the WHATWG Encoding Standard, <https://encoding.spec.whatwg.org/>.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    Encoding, ISO_8859_15, MACINTOSH, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252, WINDOWS_1254,
    WINDOWS_1257, X_MAC_CYRILLIC,
};

use super::code_pages::CodePage;
use super::plausible::score;

/// Bytes by which the encoding of a text is judged, and as many of them as are looked at in every encoding.
const SAMPLE: usize = 64 << 10;
const TELLING: usize = 16 << 10;

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
    /// Of DOS and the Macintosh, outside of the Encoding Standard.
    Page(CodePage),
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
        Some(Charset::Page(page)) => return Charset::Page(page),
        _ => {}
    }
    let bytes = bytes.get(..SAMPLE).unwrap_or(bytes);
    // Latin letters with a few accents: with so little to go by, the most common encoding by far.
    let accents = bytes.iter().filter(|b| **b >= 0x80).count();
    let telling = telling(bytes);
    let usual = if accents < 4 && bytes.len() / (accents + 1) > 8 {
        Charset::Utf8Or(WINDOWS_1252)
    } else {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(&telling, true);
        settled(detector.guess(None, Utf8Detection::Deny))
    };
    better(&telling, usual).unwrap_or(usual)
}

/// The first lines that hold more than ASCII: those without say the same in every encoding that is asked for here, and each
/// byte is looked at many times.
fn telling(bytes: &[u8]) -> Vec<u8> {
    let mut telling = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.is_ascii()) {
        telling.extend_from_slice(line.get(..TELLING - telling.len()).unwrap_or(line));
        if telling.len() == TELLING {
            break;
        }
    }
    telling
}

/// Of the encodings that a document names, that in which its bytes make the best words; the first of those alike.
pub fn likeliest(bytes: &[u8], named: &[&'static Encoding]) -> &'static Encoding {
    let bytes = bytes.get(..SAMPLE).unwrap_or(bytes);
    let bytes = &*telling(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    if detector.feed(bytes, true) {
        let guess = detector.guess(None, Utf8Detection::Deny);
        // The detector knows letters of several bytes, which are not scored.
        if !guess.is_single_byte() && named.contains(&guess) {
            return guess;
        }
    }
    let scored = named.iter().filter(|encoding| encoding.is_single_byte());
    let mut best: Option<(i64, &'static Encoding)> = None;
    for encoding in scored {
        let (sum, _) = score(bytes, &upper_of(encoding));
        if best.is_none_or(|(most, _)| sum > most) {
            best = Some((sum, encoding));
        }
    }
    best.map_or(WINDOWS_1252, |(_, encoding)| encoding)
}

/// An encoding that the usual ones do not cover, if it makes clearly better words of the bytes.
fn better(bytes: &[u8], usual: Charset) -> Option<Charset> {
    let (Charset::Utf8Or(encoding) | Charset::Other(encoding)) = usual else { return None };
    if !encoding.is_single_byte() {
        return None;
    }
    let (sum, count) = score(bytes, &upper_of(encoding));
    // The more common ones come first: later ones must be better.
    let all = [
        Charset::Page(CodePage::Dos850),
        Charset::Other(MACINTOSH),
        Charset::Page(CodePage::Dos852),
        Charset::Page(CodePage::Dos857),
        Charset::Page(CodePage::Dos737),
        Charset::Page(CodePage::Dos775),
        Charset::Page(CodePage::MacCentral),
        Charset::Other(X_MAC_CYRILLIC),
        Charset::Other(WINDOWS_1250),
        Charset::Other(WINDOWS_1257),
    ];
    // The better the longer, but a few letters in a hundred are enough of a difference.
    let mut best = (sum + 2 + (count / 2).min(20), None);
    for charset in all {
        let upper = match charset {
            Charset::Page(page) => {
                let mut upper = ['\u{fffd}'; 128];
                upper.iter_mut().zip(page.upper().chars()).for_each(|(to, from)| *to = from);
                upper
            }
            Charset::Other(other) if other != encoding => upper_of(other),
            _ => continue,
        };
        let (sum, _) = score(bytes, &upper);
        if sum > best.0 {
            best = (sum, Some(charset));
        }
    }
    // Bytes that make no words in any encoding are no text.
    best.1.filter(|_| best.0 > 0).map(|charset| match charset {
        Charset::Other(encoding) => settled(encoding),
        charset => charset,
    })
}

/// What the bytes from 0x80 on are in an encoding of single bytes.
fn upper_of(encoding: &'static Encoding) -> [char; 128] {
    let mut upper = ['\u{fffd}'; 128];
    for (byte, c) in (0x80..=0xff_u8).zip(upper.iter_mut()) {
        let (text, _) = encoding.decode_without_bom_handling(std::slice::from_ref(&byte));
        *c = text.chars().next().unwrap_or('\u{fffd}');
    }
    upper
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
    if let Some(page) = CodePage::by_label(label) {
        return Some(Charset::Page(page));
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

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{ISO_8859_2, KOI8_U, SHIFT_JIS, WINDOWS_1251};

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
            assert_eq!(guess(bytes, None).0, Charset::Page(CodePage::Dos850));
            let mut out = String::new();
            CodePage::Dos850.decode(bytes, &mut out);
            assert_eq!(out, text);
        }
    }

    #[test]
    fn old_code_pages_of_all_of_europe() {
        let pages = |text: &str, page: CodePage| {
            let upper: Vec<char> = page.upper().chars().collect();
            let byte = |c: char| match upper.iter().position(|own| *own == c) {
                Some(at) => u8::try_from(at + 0x80).unwrap(),
                None => u8::try_from(c).unwrap(),
            };
            let bytes: Vec<u8> = text.chars().map(byte).collect();
            assert_eq!(guess(&bytes, None).0, Charset::Page(page), "{text}");
        };
        pages("Zażółć gęślą jaźń, proszę przesłać świadectwo pracy", CodePage::Dos852);
        pages("Alulírott Kovács László, született Győrben, kijelentem", CodePage::Dos852);
        pages("Gülşah Yıldırım, İstanbul doğumlu, maaşını almadığını", CodePage::Dos857);
        pages("Ο Γιώργος Παπαδόπουλος, γεννημένος στη Θεσσαλονίκη", CodePage::Dos737);
        pages("João da Conceição não recebeu a remuneração de março", CodePage::Dos850);
        pages("Søren Østergård, født i København på Ærø, bekræfter", CodePage::Dos850);
        pages("Příliš žluťoučký kůň úpěl ďábelské ódy, Jiří Dvořák", CodePage::MacCentral);
        let other = |text: &str, encoding: &'static Encoding| {
            // The encoder knows these by their tables only.
            let upper: Vec<char> = upper_of(encoding).to_vec();
            let byte = |c: char| {
                upper
                    .iter()
                    .position(|own| *own == c)
                    .map_or_else(|| u8::try_from(c).unwrap(), |at| u8::try_from(at + 0x80).unwrap())
            };
            let bytes: Vec<u8> = text.chars().map(byte).collect();
            let expected = settled(encoding);
            assert_eq!(guess(&bytes, None).0, expected, "{text}");
        };
        other("Niccolò Cantù, perché è così più comodo", MACINTOSH);
        other("Jürgen Müller, Straße der Jugend, Österreich", MACINTOSH);
        other("José Muñoz Ibáñez, calle Álvarez número 3", MACINTOSH);
        other("Иванов Пётр Сергеевич родился в Москве", X_MAC_CYRILLIC);
    }

    #[test]
    fn lines_of_ascii_change_nothing() {
        let plain = "A line without an accent; another one.\r\n".repeat(40);
        for (text, encoding) in [
            ("Zażółć gęślą jaźń, proszę przesłać świadectwo pracy", WINDOWS_1250),
            ("Пациент: Иванов Иван Иванович, диагноз установлен", WINDOWS_1251),
            ("Señor José Muñoz, dirección: C/ Álvarez 3", WINDOWS_1252),
        ] {
            let around = format!("{plain}{text}\r\n{plain}");
            assert_eq!(telling(&encoding.encode(&around).0), encoding.encode(&format!("{text}\r\n")).0.into_owned());
            check(&around, encoding);
        }
        assert!(telling(plain.as_bytes()).is_empty());
    }

    #[test]
    fn windows_punctuation_is_not_taken_for_dos_letters() {
        assert_ne!(guess(b"l\x92azienda \x93ABC\x94 \x96 citt\xe0\x85", None).0, Charset::Page(CodePage::Dos850));
        assert_ne!(guess(b"well\x85 and so\x85", None).0, Charset::Page(CodePage::Dos850));
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
