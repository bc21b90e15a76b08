//! Decodes the character references of XML and HTML: `&agrave;`, `&#232;`, `&#xE8;`.
//!
//! <https://html.spec.whatwg.org/multipage/named-characters.html>

use std::borrow::Cow;

use html5ever::data::NAMED_ENTITIES;

/// Decodes character references and the named entities of HTML.
pub fn decode_entities(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        rest = after;
        if let Some((chars, used)) = entity(after) {
            out.extend(chars.into_iter().flatten());
            rest = after.get(used..).unwrap_or_default();
        } else {
            out.push('&');
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The characters of the entity at the start, and its length without the ampersand.
fn entity(text: &str) -> Option<([Option<char>; 2], usize)> {
    if let Some(number) = text.strip_prefix('#') {
        let (digits, radix, skip) = match number.strip_prefix(['x', 'X']) {
            Some(hex) => (hex, 16, 2),
            None => (number, 10, 1),
        };
        let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let code = u32::from_str_radix(digits.get(..end)?, radix).ok()?;
        let semicolon = usize::from(digits.get(end..)?.starts_with(';'));
        // Numbers of Windows-1252 are written where C1 controls would stand.
        let c = match u8::try_from(code) {
            Ok(byte @ 0x80..=0x9f) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next(),
            _ => char::from_u32(code).filter(|c| *c != '\0'),
        };
        return Some(([Some(c.unwrap_or('\u{fffd}')), None], skip + end + semicolon));
    }
    let length = text.bytes().take(40).take_while(u8::is_ascii_alphanumeric).count();
    let with_semicolon = text.get(..length + 1).filter(|name| name.ends_with(';'));
    let found = |name: &str| NAMED_ENTITIES.get(name).copied().filter(|(first, _)| *first != 0);
    let (name, (first, second)) = match with_semicolon.and_then(|name| Some((name, found(name)?))) {
        Some(found) => found,
        // Old entities need no semicolon.
        None => (2..=length.min(6)).rev().find_map(|n| {
            let name = text.get(..n)?;
            Some((name, found(name)?))
        })?,
    };
    Some(([char::from_u32(first), char::from_u32(second).filter(|c| *c != '\0')], name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities() {
        let check = |text: &str, expected: &str| assert_eq!(decode_entities(text), expected);
        check("citt&agrave; &egrave &#232;&#xE8; &#146; &nbsp;&euro;", "città è èè ’ \u{a0}€");
        check("AT&T &unknown; &; & &#; &#xffffffffff;", "AT&T &unknown; &; & &#; &#xffffffffff;");
        check("&lt;b&gt; &notin;", "<b> ∉");
    }
}
