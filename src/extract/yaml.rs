//! Reads YAML line by line: every value with its key, items of lists as records.
//!
//! <https://yaml.org/spec/1.2.2/>. Aliases stay names: what an anchor holds is never put in again.
//! Text that breaks the grammar is delivered all the same, comments too.

use std::io::Read;

use crate::identify::Format;
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use super::bracketed::{self, Balance, Before, quoted, step};
use super::charset::TextStream;
use super::lines::{KeptLine, Lines};
use super::nested::{Kind, Nested, Step};
use super::writer::TextWriter;

/// Levels that are told apart; deeper ones are read flat.
const DEPTH: usize = 200;
/// Lines and bytes of one value in quotes or brackets.
const VALUE_LINES: usize = 2000;
const VALUE_BYTES: usize = 256 * 1024;
/// Bytes after which a block of text is cut.
const BLOCK: usize = 64 * 1024;

pub struct Yaml;

impl Reader for Yaml {
    fn name(&self) -> &'static str {
        "yaml"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Yaml]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, _budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut lines = Lines::new(TextStream::new(input));
        let mut writer = TextWriter::new(sink);
        let mut document = Document { nested: Nested::new("$"), levels: Vec::new(), flow: None };
        let end = document.read(&mut lines, &mut writer);
        document.flush(0, &mut writer)?;
        document.nested.end(&mut writer)?;
        writer.finish()?;
        lines.stream().report(sink);
        end
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Map,
    List,
}

struct Level {
    shape: Shape,
    /// Column of its keys or dashes.
    indent: usize,
    count: u64,
    /// Key, and its line, whose value comes on the next lines.
    pending: Option<(String, u64)>,
    /// Key of the last value, for lines that go on with it.
    last: Option<String>,
}

struct Document {
    nested: Nested,
    levels: Vec<Level>,
    /// Brackets or quotes that are open.
    flow: Option<Flow>,
}

/// A value that goes on over lines.
struct Flow {
    key: Option<String>,
    index: Option<u64>,
    text: String,
    lines: Vec<KeptLine>,
    balance: Balance,
}

impl Document {
    fn read<R: Read>(&mut self, lines: &mut Lines<R>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let mut block: Option<Block> = None;
        while let Some(line) = lines.next_line()? {
            if let Some(open) = &mut block {
                if open.takes(line.text) {
                    open.push(line.text, line.number);
                    if open.text.len() > BLOCK {
                        open.write(&mut self.nested, writer)?;
                    }
                    continue;
                }
                open.write(&mut self.nested, writer)?;
                block = None;
            }
            if let Some(flow) = &mut self.flow {
                let line = line.to_kept();
                flow.text.push('\n');
                flow.text.push_str(&line.text);
                let closed = flow.balance.line(&line.text);
                flow.lines.push(line);
                if closed {
                    self.end_flow(writer)?;
                } else if flow.lines.len() > VALUE_LINES || flow.text.len() > VALUE_BYTES {
                    // It never closes: the first line is text, and the others are read anew.
                    let Some(flow) = self.flow.take() else { continue };
                    let mut kept = flow.lines.into_iter();
                    if let Some(first) = kept.next() {
                        self.scalar(first.number, flow.key.as_deref(), flow.index, &first.text, writer)?;
                    }
                    lines.put_back(kept);
                }
                continue;
            }
            let line = line.to_kept();
            block = self.line(&line, writer)?;
        }
        if let Some(mut open) = block {
            open.write(&mut self.nested, writer)?;
        }
        if self.flow.is_some() { self.end_flow(writer) } else { Ok(()) }
    }

    fn line(&mut self, line: &KeptLine, writer: &mut TextWriter<'_>) -> Result<Option<Block>, ReadError> {
        let mut text = line.text.as_str();
        if text.starts_with("---") || text.trim_end() == "..." {
            self.flush(0, writer)?;
            self.levels.clear();
            self.nested.end(writer)?;
            text = text.get(3..).unwrap_or_default();
        }
        let mut rest = text.trim_start();
        let mut indent = text.len() - rest.len();
        if rest.is_empty() {
            return Ok(None);
        }
        if let Some(comment) = rest.strip_prefix('#') {
            self.nested.value(Some(line.number), None, Step::Nothing, comment.trim(), writer)?;
            return Ok(None);
        }
        // A line that goes on with the value above.
        let is_item = |rest: &str| rest == "-" || rest.starts_with("- ") || rest.starts_with("-\t");
        if let Some(top) = self.levels.last()
            && indent > top.indent
            && top.pending.is_none()
            && let Some(last) = &top.last
            && (top.shape == Shape::Map || key(rest).is_none())
        {
            let key = Some(last.clone()).filter(|key| !key.is_empty());
            self.nested.value(Some(line.number), key.as_deref(), Step::Nothing, rest.trim_end(), writer)?;
            return Ok(None);
        }
        while is_item(rest) && self.levels.len() < DEPTH {
            self.settle(indent, Shape::List, line.number, writer)?;
            if let Some(top) = self.levels.last_mut() {
                top.count += 1;
                top.last = None;
            }
            let after = rest.get(1..).unwrap_or_default();
            rest = after.trim_start();
            indent += 1 + after.len() - rest.len();
        }
        if rest.is_empty() {
            return Ok(None);
        }
        let found = if rest.starts_with(['{', '[']) { None } else { key(rest) };
        let Some((key, after)) = found else {
            let shape = self.levels.last().map(|level| level.shape);
            let index =
                self.levels.last().filter(|level| level.shape == Shape::List).map(|l| l.count.saturating_sub(1));
            let mut pending = None;
            if shape == Some(Shape::Map) {
                pending = self.levels.last_mut().and_then(|level| level.pending.take()).map(|(key, _)| key);
            }
            let mut base = indent;
            if let Some(top) = self.levels.last_mut() {
                base = top.indent;
                top.last = Some(pending.clone().unwrap_or_default());
            }
            return self.value(line.number, base, pending, index, rest, writer);
        };
        if self.levels.len() < DEPTH {
            self.settle(indent, Shape::Map, line.number, writer)?;
        }
        self.value(line.number, indent, Some(key), None, after.trim_start(), writer)
    }

    /// A value behind its key or dash; a block of text that begins here comes back.
    fn value(
        &mut self,
        line: u64,
        indent: usize,
        key: Option<String>,
        index: Option<u64>,
        text: &str,
        writer: &mut TextWriter<'_>,
    ) -> Result<Option<Block>, ReadError> {
        let mut rest = text;
        // Tags and anchors say nothing of the content.
        while rest.starts_with(['!', '&']) {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            rest = rest.get(end..).unwrap_or_default().trim_start();
        }
        if rest.is_empty() || rest.starts_with('#') {
            if !rest.is_empty() {
                self.nested.value(Some(line), None, Step::Nothing, rest.trim_start_matches('#').trim(), writer)?;
            }
            match (key, self.levels.last_mut()) {
                (Some(key), Some(top)) if top.shape == Shape::Map => {
                    top.pending = Some((key, line));
                    top.last = None;
                }
                (key, _) => self.scalar(line, key.as_deref(), index, text, writer)?,
            }
            return Ok(None);
        }
        if let Some(top) = self.levels.last_mut() {
            top.last = Some(key.clone().unwrap_or_default());
        }
        let header = rest.split_whitespace().next().unwrap_or_default();
        if let Some(style) = header.strip_prefix(['|', '>'])
            && style.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-'))
        {
            let outer = if self.levels.is_empty() { None } else { Some(indent) };
            return Ok(Some(Block { key, index, outer, text: String::new(), line }));
        }
        if rest.starts_with(['{', '[', '"', '\'']) {
            let mut balance = Balance::default();
            let closed = balance.line(rest);
            let first = KeptLine { text: rest.to_owned(), number: line, continues: false };
            self.flow = Some(Flow { key, index, text: rest.to_owned(), lines: vec![first], balance });
            if closed {
                self.end_flow(writer)?;
            }
            return Ok(None);
        }
        let comment = rest.find(" #").or_else(|| rest.find("\t#"));
        let (value, comment) = rest.split_at_checked(comment.unwrap_or(rest.len())).unwrap_or((rest, ""));
        self.scalar(line, key.as_deref(), index, value.trim_end(), writer)?;
        if !comment.is_empty() {
            let comment = comment.trim_start_matches([' ', '\t', '#']);
            self.nested.value(Some(line), None, Step::Nothing, comment, writer)?;
        }
        Ok(None)
    }

    fn scalar(
        &mut self,
        line: u64,
        key: Option<&str>,
        index: Option<u64>,
        text: &str,
        writer: &mut TextWriter<'_>,
    ) -> Result<(), ReadError> {
        self.nested.value(Some(line), key, step(index, key), text, writer)
    }

    fn end_flow(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let Some(Flow { key, index, text, lines, .. }) = self.flow.take() else { return Ok(()) };
        let line = lines.first().map_or(0, |line| line.number);
        if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let (value, end) = quoted(&text, quote);
            self.scalar(line, key.as_deref(), index, &value, writer)?;
            let after = text.get(end..).unwrap_or_default().trim().trim_start_matches('#').trim();
            return if after.is_empty() {
                Ok(())
            } else {
                self.nested.value(Some(line), None, Step::Nothing, after, writer)
            };
        }
        bracketed::write(&text, Before { line, key: key.as_deref(), index }, ':', &mut self.nested, writer)
    }

    /// Closes what a line at this column ends, and opens the map or list that it is in.
    fn settle(&mut self, indent: usize, shape: Shape, line: u64, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let ends = |level: &Level| {
            level.indent > indent || (level.indent == indent && level.shape == Shape::List && shape == Shape::Map)
        };
        while self.levels.last().is_some_and(ends) {
            self.close(writer)?;
        }
        let mut kind = if shape == Shape::List { Kind::List } else { Kind::Group };
        let mut key = None;
        let mut index = None;
        if let Some(top) = self.levels.last_mut() {
            if top.indent == indent && top.shape == shape {
                return self.flush_pending(writer);
            }
            match top.shape {
                Shape::Map => key = top.pending.take(),
                Shape::List => {
                    kind = Kind::Element;
                    index = Some(top.count.saturating_sub(1));
                }
            }
            top.last = None;
        }
        let at = key.as_ref().map_or(line, |(_, line)| *line);
        let key = key.map(|(key, _)| key);
        let step = step(index, key.as_deref());
        if let Some(key) = &key {
            self.nested.value(Some(at), Some(key), step, "", writer)?;
        }
        self.nested.open(kind, key.as_deref(), step, writer)?;
        self.levels.push(Level { shape, indent, count: 0, pending: None, last: None });
        Ok(())
    }

    fn close(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.flush_pending(writer)?;
        self.levels.pop();
        self.nested.close(writer)
    }

    /// A key without value.
    fn flush_pending(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let pending = self.levels.last_mut().and_then(|level| level.pending.take());
        let Some((key, line)) = pending else { return Ok(()) };
        self.nested.value(Some(line), Some(&key), Step::Key(&key), "", writer)
    }

    /// Closes all levels but the first ones.
    fn flush(&mut self, keep: usize, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        while self.levels.len() > keep {
            self.close(writer)?;
        }
        Ok(())
    }
}

/// A block of text below `|` or `>`.
struct Block {
    key: Option<String>,
    index: Option<u64>,
    /// The column of what it belongs to; lines of it are indented further.
    outer: Option<usize>,
    text: String,
    line: u64,
}

impl Block {
    fn takes(&self, line: &str) -> bool {
        let indent = line.len() - line.trim_start().len();
        line.trim().is_empty() || self.outer.is_none_or(|outer| indent > outer) && !line.starts_with("---")
    }

    fn push(&mut self, line: &str, number: u64) {
        if self.text.is_empty() {
            self.line = number;
        } else {
            self.text.push('\n');
        }
        self.text.push_str(line.trim());
    }

    fn write(&mut self, nested: &mut Nested, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let key = self.key.as_deref();
        nested.value(Some(self.line), key, step(self.index, key), self.text.trim_end(), writer)?;
        self.text.clear();
        Ok(())
    }
}

/// The key at the start of a line, and what follows its colon.
fn key(text: &str) -> Option<(String, &str)> {
    let text = text.strip_prefix("? ").unwrap_or(text);
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let (key, end) = quoted(text, quote);
        let after = text.get(end..)?.trim_start().strip_prefix(':')?;
        return (after.is_empty() || after.starts_with([' ', '\t'])).then_some((key, after));
    }
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find(':').map(|at| from + at) {
        let after = text.get(at + 1..)?;
        if after.is_empty() || after.starts_with([' ', '\t']) {
            let key = text.get(..at)?.trim_end();
            // A comment that holds a colon is no key.
            return (!key.contains(" #") && key.len() <= 1024).then(|| (key.to_owned(), after));
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests;
