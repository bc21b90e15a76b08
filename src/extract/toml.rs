//! Reads TOML line by line: every value with its key, entries of arrays of tables as records.
//!
//! <https://toml.io/en/v1.0.0>. Text that breaks the grammar is delivered all the same, comments too.

use std::io::Read;

use crate::identify::Format;
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use super::bracketed::{self, Balance, Before, quoted};
use super::charset::TextStream;
use super::lines::{KeptLine, Line, Lines};
use super::nested::{Kind, Nested, Step};
use super::writer::TextWriter;

/// Lines and bytes of one value.
const VALUE_LINES: usize = 5000;
const VALUE_BYTES: usize = 256 * 1024;

pub struct Toml;

impl Reader for Toml {
    fn name(&self) -> &'static str {
        "toml"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Toml]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, _budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut lines = Lines::new(TextStream::new(input));
        let mut writer = TextWriter::new(sink);
        let mut nested = Nested::new("$");
        nested.open(Kind::Group, None, Step::Nothing, &mut writer)?;
        let end = read(&mut lines, &mut nested, &mut writer);
        nested.end(&mut writer)?;
        writer.finish()?;
        lines.stream().report(sink);
        end
    }
}

fn read<R: Read>(lines: &mut Lines<R>, nested: &mut Nested, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let mut tables = Tables::default();
    while let Some(line) = lines.next_line()?.map(Line::to_kept) {
        let text = line.text.trim();
        if text.is_empty() {
            continue;
        }
        if let Some(comment) = text.strip_prefix('#') {
            nested.value(Some(line.number), None, Step::Nothing, comment.trim(), writer)?;
            continue;
        }
        if let Some((name, is_entry, after)) = header(text) {
            tables.open(name, is_entry, line.number, nested, writer)?;
            if !after.is_empty() {
                nested.value(Some(line.number), None, Step::Nothing, after, writer)?;
            }
            continue;
        }
        let (key, value) = assignment(text).unwrap_or((String::new(), text));
        let key = Some(key.as_str()).filter(|key| !key.is_empty());
        write_value(key, value, &line, lines, nested, writer)?;
    }
    Ok(())
}

/// What the headers so far have opened.
#[derive(Default)]
struct Tables {
    /// The array whose entries come one after the other, and how many came.
    array: Option<(String, u64)>,
    /// Entry and tables that are open.
    open: u32,
}

impl Tables {
    fn open(
        &mut self,
        name: String,
        is_entry: bool,
        line: u64,
        nested: &mut Nested,
        writer: &mut TextWriter<'_>,
    ) -> Result<(), ReadError> {
        let rest = self.array.as_ref().and_then(|(array, _)| name.strip_prefix(array.as_str()));
        let (same, within) = (is_entry && rest == Some(""), rest.is_some_and(|rest| rest.starts_with('.')));
        // A table of the entry that is open.
        let keep = u32::from(within);
        while self.open > keep {
            nested.close(writer)?;
            self.open -= 1;
        }
        if !same && !within && self.array.take().is_some() {
            nested.close(writer)?;
        }
        self.open += 1;
        if within || !is_entry {
            nested.value(Some(line), Some(&name), Step::Key(&name), "", writer)?;
            return nested.open(Kind::Group, Some(&name), Step::Key(&name), writer);
        }
        if !same {
            nested.open(Kind::List, Some(&name), Step::Key(&name), writer)?;
            nested.heading(line, writer)?;
        }
        let count = self.array.take().map_or(0, |(_, count)| count);
        nested.open(Kind::Element, None, Step::Index(count), writer)?;
        self.array = Some((name, count + 1));
        Ok(())
    }
}

/// `[name]` or `[[name]]`, and the comment behind it.
fn header(text: &str) -> Option<(String, bool, &str)> {
    let (inner, is_entry, close) = match text.strip_prefix("[[") {
        Some(inner) => (inner, true, "]]"),
        None => (text.strip_prefix('[')?, false, "]"),
    };
    let (name, after) = inner.split_once(close)?;
    let after = after.trim();
    let fits = !name.trim().is_empty() && name.len() <= 512 && !name.contains(['[', '=', ',']);
    (fits && (after.is_empty() || after.starts_with('#')))
        .then(|| (name.trim().to_owned(), is_entry, after.trim_start_matches(['#', ' '])))
}

/// `key = value`; the key may be dotted, and its parts quoted.
fn assignment(text: &str) -> Option<(String, &str)> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '=') => {
                let key = text.get(..at)?.trim();
                let key = key.strip_prefix(['"', '\'']).and_then(|key| key.strip_suffix(['"', '\''])).unwrap_or(key);
                return Some((key.to_owned(), text.get(at + 1..)?.trim()));
            }
            (None, '#') => return None,
            _ => {}
        }
    }
    None
}

fn write_value<R: Read>(
    key: Option<&str>,
    value: &str,
    line: &KeptLine,
    lines: &mut Lines<R>,
    nested: &mut Nested,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let step = key.map_or(Step::Nothing, Step::Key);
    for quotes in ["\"\"\"", "'''"] {
        if let Some(first) = value.strip_prefix(quotes) {
            let (text, after) = match first.split_once(quotes) {
                Some((text, after)) => (text.to_owned(), after.to_owned()),
                None => until(quotes, first, lines)?,
            };
            nested.value(Some(line.number), key, step, text.trim(), writer)?;
            return note(&after, line.number, nested, writer);
        }
    }
    if value.starts_with(['[', '{']) {
        let mut text = value.to_owned();
        let mut balance = Balance::default();
        let mut closed = balance.line(value);
        let mut count = 1;
        while !closed && count < VALUE_LINES && text.len() < VALUE_BYTES {
            let Some(line) = lines.next_line()? else { break };
            count += 1;
            text.push('\n');
            text.push_str(line.text);
            closed = balance.line(line.text);
        }
        return bracketed::write(&text, Before { line: line.number, key, index: None }, '=', nested, writer);
    }
    if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let (text, end) = quoted(value, quote);
        nested.value(Some(line.number), key, step, &text, writer)?;
        return note(value.get(end..).unwrap_or_default(), line.number, nested, writer);
    }
    let (text, comment) = value.split_once('#').unwrap_or((value, ""));
    nested.value(Some(line.number), key, step, text.trim(), writer)?;
    note(comment, line.number, nested, writer)
}

/// What stands behind a value.
fn note(text: &str, line: u64, nested: &mut Nested, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let text = text.trim().trim_start_matches('#').trim();
    if text.is_empty() { Ok(()) } else { nested.value(Some(line), None, Step::Nothing, text, writer) }
}

/// The lines up to the closing quotes, and what follows them.
fn until<R: Read>(quotes: &str, first: &str, lines: &mut Lines<R>) -> Result<(String, String), ReadError> {
    let mut text = first.to_owned();
    let mut kept: Vec<KeptLine> = Vec::new();
    while kept.len() < VALUE_LINES && text.len() < VALUE_BYTES {
        let Some(line) = lines.next_line()?.map(Line::to_kept) else { return Ok((text, String::new())) };
        if let Some((before, after)) = line.text.split_once(quotes) {
            text.push('\n');
            text.push_str(before);
            return Ok((text, after.to_owned()));
        }
        text.push('\n');
        text.push_str(&line.text);
        kept.push(line);
    }
    // They never close: the other lines are read anew.
    lines.put_back(kept.into_iter());
    Ok((first.to_owned(), String::new()))
}

#[cfg(test)]
#[allow(clippy::format_push_string, reason = "test inputs are short")]
mod tests {
    use super::*;
    use crate::open::collect::collect;

    fn values(toml: &str) -> Vec<String> {
        let got = collect(&Toml, "a.toml", toml.as_bytes());
        assert!(got.error.is_none() && got.gaps.is_empty());
        let mut values = Vec::new();
        for text in &got.texts {
            for piece in text.pieces() {
                let content = text.piece_content(piece.start).trim_end_matches(['\t', '\n']);
                if !content.ends_with(": ") && !content.is_empty() {
                    values.push(format!("{} {}={content}", piece.record, piece.place.field.as_deref().unwrap()));
                }
            }
        }
        values
    }

    #[test]
    fn tables_and_entries() {
        assert_eq!(
            values(
                "title = \"x # y\" # why\n[owner]\nname = 'Laura'\nborn = 1985-03-12\n[[person]]\nname=\"A\"\n[[person]]\nname=\"B\"\n[other]\na.b = 1\n"
            ),
            [
                "0 $.person[0].name=A",
                "1 $.person[1].name=B",
                "2 $.title=x # y",
                "2 $=why",
                "2 $.owner.name=Laura",
                "2 $.owner.born=1985-03-12",
                "2 $.other[\"a.b\"]=1"
            ]
            .map(ToOwned::to_owned)
        );
    }

    #[test]
    fn values_over_lines() {
        assert_eq!(
            values("a = [\n 1, # one\n {x = \"y\"},\n]\nb = \"\"\"\nlong\ntext\"\"\"\nc = '''z'''\n").concat(),
            "0 $.a[0]=10 $.a[1]=one0 $.a[2].x=y0 $.b=long\ntext0 $.c=z"
        );
    }

    #[test]
    fn every_word_survives() {
        let mut seed = 11u64;
        for _ in 0..80 {
            let mut toml = String::new();
            for i in 0..200 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let all =
                    ["\"", "\n", " = ", "\n[", "]\n", "{", "]", ", ", " #", "\"\"\"", "'", "\n[[", "]]\n", " = [", "."];
                toml.push_str(&format!("w{i}{}", all[usize::try_from(seed >> 33).unwrap() % all.len()]));
            }
            let got = collect(&Toml, "a.toml", toml.as_bytes());
            let all = got.content();
            for i in 0..200 {
                assert!(all.contains(&format!("w{i}")), "w{i} in {toml}\n=====\n{all}");
            }
        }
    }
}
