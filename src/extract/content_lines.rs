//! Cuts vCards and calendars into their properties: folded lines, parameters, quoted-printable values.
//!
//! <https://www.rfc-editor.org/rfc/rfc6350> section 3, <https://www.rfc-editor.org/rfc/rfc5545> section 3.1,
//! and vCard 2.1 (IMC, 1996), which nothing else describes and telephones still write.

use std::io::{self, Read};

use super::charset::TextStream;
use super::lines::Lines;
use super::mime::{Decoded, Encoding};

/// Bytes of a value; what is longer is cut, and said to be.
const LONGEST: usize = 48 << 20;

/// One property as it is written, with its lines put together.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Property {
    /// In upper case and without a group.
    pub(super) name: String,
    /// Names in upper case; those without a name are `TYPE`s of vCard 2.1.
    parameters: Vec<(String, String)>,
    pub(super) value: String,
    pub(super) line: u64,
    pub(super) is_cut: bool,
}

impl Property {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    fn has(&self, value: &str) -> bool {
        self.parameters.iter().any(|(_, own)| own.eq_ignore_ascii_case(value))
    }

    /// The value is a file in base64, in place or in a `data:` URL.
    pub(super) fn is_file(&self) -> bool {
        let is_data = self.value.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"));
        is_data || self.has("BASE64") || self.parameter("ENCODING").is_some_and(|e| e.eq_ignore_ascii_case("B"))
    }

    /// The file that the value is.
    pub(super) fn file(&self) -> impl Read + '_ {
        let is_data = self.value.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"));
        let encoded = if is_data { self.value.split_once(',').map_or("", |(_, rest)| rest) } else { &self.value };
        Decoded::new(encoded.as_bytes(), Encoding::Base64)
    }

    /// The value in words, its parts (of a name, an address) one by one.
    pub(super) fn parts(&self) -> Vec<String> {
        let value = if self.has("QUOTED-PRINTABLE") { self.unquoted() } else { self.value.clone() };
        let mut parts = vec![String::new()];
        let mut characters = value.chars().peekable();
        while let Some(c) = characters.next() {
            let next = match (c, characters.peek()) {
                (';', _) => {
                    parts.push(String::new());
                    continue;
                }
                ('\\', Some('n' | 'N')) => {
                    characters.next();
                    '\n'
                }
                ('\\', Some(_)) => characters.next().unwrap_or('\\'),
                _ => c,
            };
            if let Some(part) = parts.last_mut() {
                part.push(next);
            }
        }
        parts
    }

    fn unquoted(&self) -> String {
        let mut bytes = Vec::new();
        let mut decoded = Decoded::new(self.value.as_bytes(), Encoding::QuotedPrintable);
        // Reading from memory does not fail.
        let _ = decoded.read_to_end(&mut bytes);
        let mut text = String::new();
        let mut stream = TextStream::declared(bytes.as_slice(), self.parameter("CHARSET").map(str::to_owned));
        while let Ok(Some(chunk)) = stream.next_chunk() {
            text.push_str(chunk);
        }
        text
    }

    /// `name;parameter=value:value`; none if there is no colon, or no name before it.
    fn parse(text: &str, line: u64) -> Option<Self> {
        let mut in_quotes = false;
        let mut cuts = Vec::new();
        let mut colon = None;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                b'"' => in_quotes = !in_quotes,
                b';' if !in_quotes => cuts.push(at),
                b':' if !in_quotes => {
                    colon = Some(at);
                    break;
                }
                _ => {}
            }
        }
        let colon = colon?;
        let mut start = 0;
        let mut pieces = Vec::new();
        for end in cuts.into_iter().chain([colon]) {
            pieces.push(text.get(start..end)?);
            start = end + 1;
        }
        let (name, parameters) = pieces.split_first()?;
        let name = name.rsplit('.').next().unwrap_or(name).trim();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(is_name) {
            return None;
        }
        let parameters = parameters.iter().map(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or(("TYPE", parameter));
            (name.trim().to_ascii_uppercase(), value.trim().trim_matches('"').to_owned())
        });
        Some(Self {
            name: name.to_ascii_uppercase(),
            parameters: parameters.collect(),
            value: text.get(colon + 1..)?.to_owned(),
            line,
            is_cut: false,
        })
    }
}

/// What one or more lines hold.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Property(Property),
    /// A line that is no property, with its number.
    Other(String, u64),
}

/// The properties of a text as it streams by.
pub(super) struct ContentLines<R> {
    lines: Lines<R>,
}

impl<R: Read> ContentLines<R> {
    pub(super) fn new(lines: Lines<R>) -> Self {
        Self { lines }
    }

    pub(super) fn lines(&self) -> &Lines<R> {
        &self.lines
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Content>> {
        let (mut text, number) = loop {
            match self.lines.next_line()? {
                None => return Ok(None),
                Some(line) if line.text.trim().is_empty() => {}
                Some(line) => break (line.text.to_owned(), line.number),
            }
        };
        let mut is_cut = false;
        // A quoted-printable value goes on after a line that ends with `=`, all values after a
        // line break with a blank, and a line that was cut for its length right away.
        let is_quoted =
            text.split(':').next().is_some_and(|head| head.to_ascii_uppercase().contains("QUOTED-PRINTABLE"));
        while let Some(line) = self.lines.next_line()? {
            let soft = is_quoted && text.ends_with('=');
            let folded = line.text.strip_prefix([' ', '\t']);
            let more = match folded {
                _ if line.continues => line.text,
                _ if soft => line.text,
                Some(rest) if !line.text.trim().is_empty() => rest,
                _ => {
                    let line = line.to_kept();
                    self.lines.put_back([line].into_iter());
                    break;
                }
            };
            if soft {
                text.pop();
            }
            if text.len() + more.len() <= LONGEST {
                text.push_str(more);
            } else {
                is_cut = true;
            }
        }
        Ok(Some(match Property::parse(&text, number) {
            Some(property) => Content::Property(Property { is_cut, ..property }),
            None => Content::Other(text, number),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<(String, Vec<String>)> {
        let mut lines = ContentLines::new(Lines::new(TextStream::new(text.as_bytes())));
        std::iter::from_fn(|| lines.next().unwrap())
            .map(|content| match content {
                Content::Property(property) => (property.name.clone(), property.parts()),
                Content::Other(text, _) => (String::new(), vec![text]),
            })
            .collect()
    }

    fn check(text: &str, name: &str, expected: &[&str]) {
        assert_eq!(parts(text), [(name.to_owned(), expected.iter().map(ToString::to_string).collect::<Vec<_>>())]);
    }

    #[test]
    fn folded_quoted_and_escaped_values() {
        check("NOTE:nata il 12/\r\n 03/1985", "NOTE", &["nata il 12/03/1985"]);
        check("item1.ADR;TYPE=home:;;Via Roma\\, 1;Torino\n", "ADR", &["", "", "Via Roma, 1", "Torino"]);
        check("N;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Citt=C3=\n=A0;Mar=\nio", "N", &["Città", "Mario"]);
        check("FN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:Jos=E9", "FN", &["José"]);
        check("ATTENDEE;CN=\"Rossi; Mario: capo\":mailto:m@example.org", "ATTENDEE", &["mailto:m@example.org"]);
        check("no property", "", &["no property"]);
    }

    #[test]
    fn files_in_base64() {
        let property = Property::parse("ATTACH;ENCODING=BASE64;VALUE=BINARY:TWFyaW8=", 1).unwrap();
        let mut bytes = Vec::new();
        property.file().read_to_end(&mut bytes).unwrap();
        assert!(property.is_file());
        assert_eq!(bytes, b"Mario");
        assert!(Property::parse("PHOTO:data:image/png;base64,TWFyaW8=", 1).unwrap().is_file());
        assert!(!Property::parse("PHOTO:https://example.org/a.png", 1).unwrap().is_file());
    }
}
