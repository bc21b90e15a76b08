//! Reads values in brackets, as YAML and TOML write them on one or more lines.

use crate::open::reader::ReadError;

use super::nested::{Kind, Nested, Step};
use super::writer::TextWriter;

/// Brackets within brackets that are told apart.
const DEPTH: usize = 200;

/// Finds out where brackets close, line by line.
#[derive(Default)]
pub(super) struct Balance {
    depth: u32,
    quote: Option<char>,
}

impl Balance {
    /// True when all that was open is closed. Quotes begin where a value does: `it's` has none.
    pub(super) fn line(&mut self, text: &str) -> bool {
        let mut fresh = true;
        let mut characters = text.chars().peekable();
        while let Some(c) = characters.next() {
            match self.quote {
                Some('"') if c == '\\' => {
                    characters.next();
                }
                Some(quote) => self.quote = self.quote.filter(|_| c != quote),
                None => match c {
                    '"' | '\'' if fresh => self.quote = Some(c),
                    '{' | '[' => self.depth += 1,
                    '}' | ']' => self.depth = self.depth.saturating_sub(1),
                    '#' if fresh => break,
                    _ => {}
                },
            }
            fresh = c.is_whitespace() || matches!(c, '{' | '[' | ',' | ':' | '=');
        }
        self.depth == 0 && self.quote.is_none()
    }
}

/// What stands before a value in brackets.
#[derive(Clone, Copy)]
pub(super) struct Before<'k> {
    pub(super) line: u64,
    pub(super) key: Option<&'k str>,
    pub(super) index: Option<u64>,
}

struct Container {
    is_list: bool,
    count: u64,
    key: Option<String>,
}

/// Writes what the text holds, as far as it is bracketed well or not. `assign` parts keys from values.
pub(super) fn write(
    text: &str,
    before: Before<'_>,
    assign: char,
    nested: &mut Nested,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let mut values = Values { stack: Vec::new(), before, line: before.line, nested, beyond: 0 };
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let mut length = first.len_utf8();
        match first {
            '\n' => values.line += 1,
            c if c.is_whitespace() => {}
            '{' | '[' => values.open(first == '[', writer)?,
            '}' | ']' => values.close(writer)?,
            ',' => values.flush_key(writer)?,
            '#' => {
                length = rest.find('\n').unwrap_or(rest.len());
                values.value(rest.get(1..length).unwrap_or_default().trim(), writer)?;
            }
            '"' | '\'' => {
                let (value, end) = quoted(rest, first);
                length = end;
                let after = rest.get(end..).unwrap_or_default().trim_start();
                values.key_or_value(&value, after.starts_with([assign, ':']), writer)?;
                values.line += rest.get(..end).unwrap_or_default().matches('\n').count() as u64;
            }
            c if c == assign || c == ':' => {}
            _ => {
                let (value, end) = plain(rest, assign);
                length = end.max(length);
                let after = rest.get(length..).unwrap_or_default().trim_start_matches([' ', '\t']);
                values.key_or_value(value, after.starts_with([assign, ':']), writer)?;
            }
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    values.flush_key(writer)?;
    while !values.stack.is_empty() {
        values.close(writer)?;
    }
    Ok(())
}

/// A value without quotes, and where it ends.
fn plain(text: &str, assign: char) -> (&str, usize) {
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        let after = text.get(at + c.len_utf8()..).unwrap_or_default();
        let ends_key = after.is_empty() || after.starts_with([' ', '\t', '\n', '"', '\'', '{', '[', ',', '}']);
        let comment = c == '#' && text.get(..at).is_some_and(|before| before.ends_with([' ', '\t']));
        if matches!(c, ',' | '{' | '}' | '[' | ']' | '\n') || (c == assign && (c != ':' || ends_key)) || comment {
            end = at;
            break;
        }
    }
    (text.get(..end).unwrap_or_default().trim_end(), end)
}

/// The text in quotes at the start, and where they end. What never closes is all text.
pub(super) fn quoted(text: &str, quote: char) -> (String, usize) {
    let mut out = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' if quote == '"' => out.extend(escape(&mut characters)),
            c if c == quote => {
                // YAML doubles a single quote.
                if quote == '\'' && characters.next_if(|(_, next)| *next == '\'').is_some() {
                    out.push(c);
                } else {
                    return (out, at + c.len_utf8());
                }
            }
            c => out.push(c),
        }
    }
    (out, text.len())
}

fn escape(characters: &mut std::iter::Peekable<impl Iterator<Item = (usize, char)>>) -> Option<char> {
    let (_, c) = characters.next()?;
    let digits = match c {
        'n' => return Some('\n'),
        't' => return Some('\t'),
        'r' | 'b' | 'f' | 'e' | '0' => return Some(' '),
        '_' => return Some('\u{a0}'),
        // A line that goes on.
        '\n' => return None,
        'x' => 2,
        'u' => 4,
        'U' => 8,
        c => return Some(c),
    };
    let mut code = 0u32;
    for _ in 0..digits {
        let Some((_, digit)) = characters.next_if(|(_, c)| c.is_ascii_hexdigit()) else { break };
        code = (code << 4) | digit.to_digit(16).unwrap_or(0);
    }
    Some(char::from_u32(code).filter(|c| *c != '\0').unwrap_or('\u{fffd}'))
}

struct Values<'n, 'k> {
    stack: Vec<Container>,
    before: Before<'k>,
    line: u64,
    nested: &'n mut Nested,
    beyond: u64,
}

impl Values<'_, '_> {
    /// Key and index of what comes now.
    fn next(&mut self) -> (Option<String>, Option<u64>) {
        let Some(top) = self.stack.last_mut() else {
            return (self.before.key.map(str::to_owned), self.before.index);
        };
        let index = top.is_list.then_some(top.count);
        top.count += 1;
        (top.key.take(), index)
    }

    fn open(&mut self, is_list: bool, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if self.stack.len() >= DEPTH {
            self.beyond += 1;
            return Ok(());
        }
        // The key is text, too: a heading above its values.
        if self.stack.last().is_some_and(|top| top.is_list && top.count == 0) {
            self.nested.heading(self.line, writer)?;
        }
        let (key, index) = self.next();
        let step = step(index, key.as_deref());
        if !is_list && let Some(key) = &key {
            self.nested.value(Some(self.line), Some(key), step, "", writer)?;
        }
        let kind = match (index, is_list) {
            (Some(_), _) => Kind::Element,
            (None, true) => Kind::List,
            (None, false) => Kind::Group,
        };
        self.nested.open(kind, key.as_deref(), step, writer)?;
        self.stack.push(Container { is_list, count: 0, key: None });
        Ok(())
    }

    fn close(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.flush_key(writer)?;
        if let Some(beyond) = self.beyond.checked_sub(1) {
            self.beyond = beyond;
            return Ok(());
        }
        let Some(closed) = self.stack.pop() else { return Ok(()) };
        // An empty list would otherwise hide its key.
        if closed.is_list && closed.count == 0 {
            self.nested.heading(self.line, writer)?;
        }
        self.nested.close(writer)
    }

    fn key_or_value(&mut self, text: &str, is_key: bool, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        match self.stack.last_mut() {
            Some(top) if is_key && top.key.is_none() && self.beyond == 0 => {
                top.key = Some(text.to_owned());
                Ok(())
            }
            _ => self.value(text, writer),
        }
    }

    fn value(&mut self, text: &str, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if self.stack.last().is_some_and(|top| top.is_list && top.count == 0 && top.key.is_some()) {
            self.nested.heading(self.line, writer)?;
        }
        let (key, index) = self.next();
        self.nested.value(Some(self.line), key.as_deref(), step(index, key.as_deref()), text, writer)
    }

    /// A key without value.
    fn flush_key(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if self.stack.last().is_some_and(|top| top.key.is_some()) { self.value("", writer) } else { Ok(()) }
    }
}

pub(super) fn step(index: Option<u64>, key: Option<&str>) -> Step<'_> {
    index.map(Step::Index).or(key.map(Step::Key)).unwrap_or(Step::Nothing)
}
