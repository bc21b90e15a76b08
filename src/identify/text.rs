//! Whether bytes are text, in whatever encoding, and which kind of text.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use crate::model::Name;

use super::format::Format;

/// The kind of text; none if the bytes are not text.
pub(super) fn sniff(head: &[u8], name: &Name) -> Option<Format> {
    let text = decode(head)?;
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let extension = name.extension();
    Some(
        by_content(text, &extension)
            .or_else(|| by_name(&extension))
            .or_else(|| by_delimiters(text))
            .unwrap_or(Format::Text),
    )
}

fn by_content(text: &str, extension: &str) -> Option<Format> {
    if text.starts_with(['{', '[']) {
        return json(text);
    }
    if text.starts_with('<') {
        return markup(text, extension);
    }
    if is_ldif(text) {
        return Some(Format::Ldif);
    }
    let begins = |with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    if begins("BEGIN:VCARD") {
        return Some(Format::VCard);
    }
    if begins("BEGIN:VCALENDAR") || begins("BEGIN:VEVENT") {
        return Some(Format::Calendar);
    }
    mail(text, extension)
}

/// `version: 1` and then `dn:`, or `dn:` with attributes below it (RFC 2849); comments may come first.
fn is_ldif(text: &str) -> bool {
    let mut lines = text.lines().take(200).filter(|line| !line.starts_with(['#', ' ']) && !line.trim().is_empty());
    let Some(first) = lines.next() else { return false };
    let is = |line: &str, name: &str| {
        line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            && line.get(name.len()..).is_some_and(|rest| rest.starts_with(':'))
    };
    let next = lines.next();
    if is(first, "version") {
        return next.is_some_and(|line| is(line, "dn"));
    }
    is(first, "dn")
        && first.contains('=') | first.starts_with("dn::")
        && next.is_some_and(|line| field_name(line).is_some())
}

/// What the extension says of a text whose content leaves a choice.
fn by_name(extension: &str) -> Option<Format> {
    Some(match extension {
        "csv" => Format::Csv,
        "tsv" | "tab" => Format::Tsv,
        "json" | "geojson" | "jsonc" => Format::Json,
        "jsonl" | "ndjson" => Format::JsonLines,
        "md" | "markdown" | "mdown" => Format::Markdown,
        "sql" => Format::Sql,
        "yaml" | "yml" => Format::Yaml,
        "toml" => Format::Toml,
        "ldif" => Format::Ldif,
        "htm" | "html" | "xhtml" => Format::Html,
        "txt" | "log" | "text" | "ini" | "conf" | "cfg" | "properties" => Format::Text,
        _ => return None,
    })
}

/// The text of the head, decoded well enough to sniff; none if it is not text.
fn decode(head: &[u8]) -> Option<Cow<'_, str>> {
    if let Some(rest) = head.strip_prefix(b"\xef\xbb\xbf") {
        return utf8(rest);
    }
    if head.starts_with(b"\xff\xfe\0\0") || head.starts_with(b"\0\0\xfe\xff") {
        return utf32(head);
    }
    if head.starts_with(b"\xff\xfe") {
        return utf16(head, u16::from_le_bytes);
    }
    if head.starts_with(b"\xfe\xff") {
        return utf16(head, u16::from_be_bytes);
    }
    if let Some(text) = utf16_without_mark(head) {
        return Some(text);
    }
    utf8(head).or_else(|| single_byte(head))
}

/// UTF-8 whose last character the head may cut, with few control characters. A run of
/// NULs at the end (a log that was cut by a crash) does not make it binary.
fn utf8(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let end = bytes.iter().rposition(|b| *b != 0).map_or(0, |i| i + 1);
    let bytes = bytes.get(..end)?;
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?,
        Err(_) => return None,
    };
    (!text.is_empty() && few_controls(bytes, 50)).then_some(Cow::Borrowed(text))
}

/// Whether at most one byte in `share` is a control character that texts do not hold.
fn few_controls(bytes: &[u8], share: usize) -> bool {
    let controls = count(bytes, is_control);
    controls == 0 || controls <= bytes.len() / share
}

/// Not tab, line feed, form feed, carriage return, end of file of DOS and escape. Without
/// branches: the compiler looks at many bytes at once.
#[expect(clippy::needless_bitwise_bool, reason = "no branches")]
fn is_control(byte: u8) -> bool {
    (byte < 0x09) | (byte == 0x0b) | ((byte > 0x0d) & (byte < 0x1a)) | ((byte > 0x1b) & (byte < 0x20)) | (byte == 0x7f)
}

/// How many bytes are so.
fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    bytes.chunks(128).map(|some| usize::from(some.iter().map(|byte| u8::from(is(*byte))).sum::<u8>())).sum()
}

/// Windows-1252 and its relatives: no NUL, hardly a control character, and where there
/// are many bytes from 0x80 to 0x9f (which random bytes have) no control character at all.
fn single_byte(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let controls = count(bytes, is_control);
    let upper = bytes.iter().filter(|b| (0x80..0xa0).contains(*b)).count();
    let spaces = bytes.iter().filter(|b| b.is_ascii_whitespace()).count();
    // DOS and the Macintosh have letters there, too. Of random bytes one in ten is a control
    // character: 64 of them without one are no chance.
    let old = controls == 0 && bytes.len() >= 64;
    let letters = bytes.iter().filter(|b| b.is_ascii_alphanumeric() || **b >= if old { 0x80 } else { 0xa0 }).count();
    let few = controls == 0 || (controls <= bytes.len() / 200 && upper <= bytes.len() / 10);
    let known = upper <= bytes.len() / 10 || old;
    // Words need letters; 64 bytes of words need a space or a line break.
    let wordy = letters * 3 >= bytes.len() && (bytes.len() < 64 || spaces > 0);
    (!bytes.contains(&0) && few && known && wordy).then(|| Cow::Owned(bytes.iter().map(|b| char::from(*b)).collect()))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Cow<'_, str>> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let text: String = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    let odd =
        text.chars().filter(|c| (c.is_control() && !c.is_whitespace()) || *c == char::REPLACEMENT_CHARACTER).count();
    let all = text.chars().count();
    (all > 0 && odd <= all / 50 + usize::from(all > 8)).then_some(Cow::Owned(text))
}

/// In UTF-16 of Latin text every other byte is NUL.
fn utf16_without_mark(head: &[u8]) -> Option<Cow<'_, str>> {
    let sample = head.get(..4096).unwrap_or(head);
    let (pairs, _) = sample.as_chunks::<2>();
    if pairs.len() < 3 {
        return None;
    }
    if memchr::memchr(0, sample).is_none() {
        return one_script(pairs);
    }
    let nuls = |i: usize| pairs.iter().filter(|pair| pair.get(i) == Some(&0)).count();
    let (first, second) = (nuls(0), nuls(1));
    let most = |n: usize| n * 10 >= pairs.len() * 6;
    let few = |n: usize| n * 50 <= pairs.len();
    if most(second) && few(first) {
        utf16(head, u16::from_le_bytes)
    } else if most(first) && few(second) {
        utf16(head, u16::from_be_bytes)
    } else {
        one_script(pairs)
    }
}

/// Greek or Cyrillic in UTF-16: every other byte names the script, or is NUL before a space or digit.
fn one_script(pairs: &[[u8; 2]]) -> Option<Cow<'static, str>> {
    // Half of the bytes on one side must name the script.
    let naming = count(pairs.as_flattened(), |byte| matches!(byte, 0x03 | 0x04 | 0x05 | 0x1f));
    if pairs.len() < 16 || naming * 2 < pairs.len() {
        return None;
    }
    let share = |at: usize, of: [u8; 2]| {
        let (mut script, mut plain) = (0, 0);
        for pair in pairs {
            let (high, low) = (pair[at], pair[1 - at]);
            script += usize::from(of.contains(&high));
            plain += usize::from(high == 0 && (0x20..0x7f).contains(&low) || matches!(low, b'\r' | b'\n' | b'\t'));
        }
        script * 2 >= pairs.len() && (script + plain) * 20 >= pairs.len() * 19 && plain > 0
    };
    let is = |at: usize| share(at, [0x04, 0x05]) || share(at, [0x03, 0x1f]);
    let unit = if is(1) {
        u16::from_le_bytes
    } else if is(0) {
        u16::from_be_bytes
    } else {
        return None;
    };
    let text: String = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    Some(Cow::Owned(text))
}

fn utf32(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let little = bytes.starts_with(b"\xff\xfe\0\0");
    let (units, _) = bytes.as_chunks::<4>();
    let text: Option<String> = units
        .iter()
        .map(|unit| char::from_u32(if little { u32::from_le_bytes(*unit) } else { u32::from_be_bytes(*unit) }))
        .collect();
    text.map(Cow::Owned)
}

/// One JSON value as far as the head goes, or one on each line.
fn json(text: &str) -> Option<Format> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let mut count = 0;
    loop {
        match values.next() {
            Some(Ok(_)) => count += 1,
            None => break,
            Some(Err(error)) if error.is_eof() => {
                count += 1;
                break;
            }
            // A bad line among good ones does not make a log of JSON lines prose.
            Some(Err(_)) => return is_json_lines(text).then_some(Format::JsonLines),
        }
    }
    match count {
        0 => None,
        1 => Some(Format::Json),
        _ => Some(if is_json_lines(text) { Format::JsonLines } else { Format::Json }),
    }
}

/// Of the first complete lines nine in ten are an object or array.
fn is_json_lines(text: &str) -> bool {
    let complete = text.rfind('\n').and_then(|end| text.get(..end)).unwrap_or(text);
    let (mut good, mut all) = (0, 0);
    for line in complete.lines().map(str::trim).filter(|line| !line.is_empty()).take(50) {
        all += 1;
        good += usize::from(line.starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(line).is_ok());
    }
    good >= 2 && good * 10 >= all * 9
}

const HTML_TAGS: &[&str] = &[
    "html", "head", "body", "title", "meta", "link", "script", "style", "div", "p", "table", "h1", "h2", "h3", "span",
    "br", "ul", "ol", "font", "center", "a", "b", "i", "form", "img",
];

fn markup(text: &str, extension: &str) -> Option<Format> {
    let start: String = text.chars().take(2048).collect::<String>().to_ascii_lowercase();
    let root = first_tag(&start);
    let is_html = start.contains("<!doctype html") || start.contains("<html");
    if start.starts_with("<?xml") || start.starts_with("<!doctype") {
        return Some(if is_html { Format::Html } else { Format::Xml });
    }
    let root = root?;
    let closes = text.contains("</") || text.contains("/>");
    if is_html || (HTML_TAGS.contains(&root) && (closes || extension.starts_with("htm"))) {
        return Some(Format::Html);
    }
    if matches!(extension, "htm" | "html") {
        return Some(Format::Html);
    }
    (closes || matches!(extension, "xml" | "svg")).then_some(Format::Xml)
}

/// The name of the first element; none if what follows `<` is no element.
fn first_tag(text: &str) -> Option<&str> {
    let mut rest = text;
    // Comments may come first.
    while let Some(after) = rest.strip_prefix("<!--") {
        rest = after.split_once("-->")?.1.trim_start();
    }
    let rest = rest.strip_prefix('<')?;
    let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, ':' | '_' | '-' | '.')))?;
    let name = rest.get(..end)?;
    let follows = rest.get(end..)?.chars().next()?;
    (name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && (follows.is_whitespace() || matches!(follows, '>' | '/')))
    .then_some(name)
}

/// Fields that hardly stand outside of mail (RFC 5322), and those that do.
const MAIL_SURE: &[&str] = &[
    "received",
    "message-id",
    "mime-version",
    "return-path",
    "delivered-to",
    "x-mailer",
    "in-reply-to",
    "references",
    "dkim-signature",
    "x-originating-ip",
    "envelope-to",
    "authentication-results",
];
const MAIL_LIKELY: &[&str] = &["from", "to", "cc", "subject", "date", "reply-to", "sender", "content-type", "bcc"];

fn mail(text: &str, extension: &str) -> Option<Format> {
    let first = text.lines().next()?;
    if first.starts_with("From ") && is_mbox_line(first) {
        let next = text.lines().nth(1).unwrap_or_default();
        if field_name(next.trim_start_matches('>')).is_some() || extension == "mbox" {
            return Some(Format::Mbox);
        }
    }
    let (mut sure, mut likely) = (0, 0);
    for (index, line) in text.lines().take(100).enumerate() {
        if line.trim().is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) && index > 0 {
            continue;
        }
        let Some(field) = field_name(line) else {
            // Only the head's last line may be cut.
            if line.len() < 998 && text.len() > 60_000 {
                continue;
            }
            return None;
        };
        let field = field.to_ascii_lowercase();
        sure += usize::from(MAIL_SURE.contains(&field.as_str()));
        likely += usize::from(MAIL_LIKELY.contains(&field.as_str()));
    }
    let named = matches!(extension, "eml" | "mht" | "mhtml" | "emlx");
    let is_mail = (sure >= 1 && likely >= 1) || likely >= 3 || sure >= 2 || (named && sure + likely >= 1);
    is_mail.then_some(Format::Mail)
}

/// `From address date`: the separator ends with a time and a year (RFC 4155).
fn is_mbox_line(line: &str) -> bool {
    let time = line.split_ascii_whitespace().any(|word| {
        let bytes = word.as_bytes();
        bytes.len() >= 5 && bytes.get(2) == Some(&b':') && bytes.iter().all(|b| b.is_ascii_digit() || *b == b':')
    });
    let year = line.split_ascii_whitespace().any(|word| word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit()));
    time && year
}

fn field_name(line: &str) -> Option<&str> {
    let (name, _) = line.split_once(':')?;
    let fits = !name.is_empty() && name.len() <= 76 && name.bytes().all(|b| b.is_ascii_graphic());
    fits.then_some(name)
}

/// A table without a telling name: the first lines hold the same number of one
/// delimiter, at least two columns, and at least five lines agree (three with three columns).
fn by_delimiters(text: &str) -> Option<Format> {
    let complete = text.rfind('\n').and_then(|end| text.get(..end))?;
    let lines: Vec<&str> = complete.lines().take(20).collect();
    if lines.iter().any(|line| line.trim().is_empty()) {
        return None;
    }
    for (delimiter, format) in [('\t', Format::Tsv), (';', Format::Csv), (',', Format::Csv), ('|', Format::Csv)] {
        let mut counts = lines.iter().map(|line| outside_quotes(line, delimiter));
        let first = counts.next()?;
        let needed = if first >= 2 { 3 } else { 5 };
        if first > 0 && lines.len() >= needed && counts.all(|count| count == first) {
            return Some(format);
        }
    }
    None
}

fn outside_quotes(line: &str, delimiter: char) -> usize {
    let mut quoted = false;
    line.chars()
        .filter(|c| {
            quoted ^= *c == '"';
            *c == delimiter && !quoted
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: impl AsRef<[u8]>, name: &str, expected: Option<Format>) {
        let text = text.as_ref();
        assert_eq!(sniff(text, &Name::from(name)), expected, "{name}: {}", String::from_utf8_lossy(text));
    }

    #[test]
    fn encodings() {
        let text = "Perché no? Sì, città e università.\n";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16_be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let latin1: Vec<u8> = text.chars().map(|c| c as u8).collect();
        let utf32: Vec<u8> = "\u{feff}abc".chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
        check(text, "a.jpg", Some(Format::Text));
        check([b"\xef\xbb\xbf", text.as_bytes()].concat(), "a", Some(Format::Text));
        check([&b"\xff\xfe"[..], &utf16].concat(), "a", Some(Format::Text));
        check([&b"\xfe\xff"[..], &utf16_be].concat(), "a", Some(Format::Text));
        check(&utf16, "a", Some(Format::Text));
        check(&utf16_be, "a", Some(Format::Text));
        check(&latin1, "a", Some(Format::Text));
        check(&utf32, "a", Some(Format::Text));
        check(b"caff\xe9", "a", Some(Format::Text));
        check(b"cut in a char\xc3", "a", Some(Format::Text));
        check(b"a log\n\0\0\0\0\0\0\0\0", "a.log", Some(Format::Text));
    }

    #[test]
    fn not_text() {
        check([0; 64], "a.txt", None);
        check(b"\x01\x02\x03\x04\x05\x06\x07\x08", "a.txt", None);
        check(b"abc\0def\x01\x02\x03", "a.txt", None);
        check(b"\x9c\x83\x02\xff\x10\x81\x07\xee\xd3\x11", "a.csv", None);
    }

    #[test]
    fn directories_and_settings() {
        check("version: 1\n\ndn: cn=A,dc=b\ncn: A\n", "a.txt", Some(Format::Ldif));
        check("# all\ndn:: Y249QQ==\ncn: A\n", "a", Some(Format::Ldif));
        check("dn: not one\n", "a", Some(Format::Text));
        check("version: 1\nname: x\n", "a", Some(Format::Text));
        check("version: 1\nname: x\n", "a.yml", Some(Format::Yaml));
        check("[a]\nb = 1\n", "a.toml", Some(Format::Toml));
        check("{\"a\": 1}", "a.yaml", Some(Format::Json));
    }

    #[test]
    fn json_is_parsed_not_guessed() {
        check(r#"{"a": [1, 2]}"#, "a.txt", Some(Format::Json));
        check(r#"{"a": "cut off he"#, "a", Some(Format::Json));
        check("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n", "a.log", Some(Format::JsonLines));
        check("[section]\nkey=value\n", "a.ini", Some(Format::Text));
        check("[1] see the reference\n", "a", Some(Format::Text));
        check("[2024-01-01 10:00] started\n", "a", Some(Format::Text));
        check("{ not json }", "a.json", Some(Format::Json));
    }

    #[test]
    fn markup_kinds() {
        check("<?xml version=\"1.0\"?><r/>", "a.dat", Some(Format::Xml));
        check("<svg xmlns=\"x\"><text>hi</text></svg>", "a", Some(Format::Xml));
        check("<!DOCTYPE html><p>x", "a.txt", Some(Format::Html));
        check("<!-- x --><HTML><body></body></HTML>", "a", Some(Format::Html));
        check("<div>x</div>", "a", Some(Format::Html));
        check("<?xml version=\"1.0\"?>\n<html xmlns=\"x\"></html>", "a", Some(Format::Html));
        check("<Mario Rossi> wrote", "a", Some(Format::Text));
        check("<- see above", "a", Some(Format::Text));
    }

    #[test]
    fn mail_kinds() {
        check("From: a@example.org\nTo: b@example.org\nSubject: x\n\nhi", "a", Some(Format::Mail));
        check("Received: from x\n by y\nMessage-ID: <1@x>\n\nhi", "a.txt", Some(Format::Mail));
        check("MIME-Version: 1.0\nContent-Type: text/plain\n\nhi", "a", Some(Format::Mail));
        check("Subject: x\n\nhi", "a.eml", Some(Format::Mail));
        check("From a@example.org Fri Mar  1 10:00:00 2024\nFrom: a@example.org\n\nx", "a", Some(Format::Mbox));
        check("From here to there it is far\n", "a", Some(Format::Text));
        check("Nota: importante\nData: oggi\n", "a", Some(Format::Text));
        check("To: be\nor not: to be\nthat is the question", "a", Some(Format::Text));
    }

    #[test]
    fn tables() {
        check("a,b\n", "a.csv", Some(Format::Csv));
        check("nome;cognome;data\nx;y;1\nz;\"a;b\";2\n", "export", Some(Format::Csv));
        check("nome\tcognome\tdata\nx\ty\t1\nz\ta\t2\n", "export", Some(Format::Tsv));
        check("Dear Anna, hello.\nThis, too.\nAnd, so, on.\n", "a", Some(Format::Text));
        check("a,b,c\n1,2,3\n1,2,3\n", "a.txt", Some(Format::Text));
    }

    #[test]
    fn names_decide_where_content_does_not() {
        check("# Title\n", "a.md", Some(Format::Markdown));
        check("INSERT INTO t VALUES (1);\n", "a.sql", Some(Format::Sql));
    }
}
