//! Reads the rows of database dumps: `INSERT` statements and `COPY` blocks, each value with the name of its column.
//!
//! Names come from the statement or, where it has none, from the `CREATE TABLE` above it. Values may be
//! quoted as MySQL, PostgreSQL, SQLite, Oracle and SQL Server do. What is not understood is given
//! back and read as any other text.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::Place;
use crate::open::reader::ReadError;

use super::lines::{KeptLine, Line, is_blank};
use super::sql_names::{Create, Head, copy_head, head};
use super::writer::TextWriter;

/// What may stand between `INSERT` and the first value.
const HEAD_LINES: usize = 64;
const HEAD_BYTES: usize = 16 * 1024;
/// What one tuple may hold.
const TUPLE_LINES: usize = 200;
const TUPLE_BYTES: usize = 256 * 1024;
/// Tables whose columns are remembered, and bytes of their names.
const MOST_TABLES: usize = 1000;
const MOST_BYTES: usize = 1024 * 1024;
/// Lines of a `COPY` block that are no rows, after which it has ended.
const MOST_STRAYS: u32 = 3;

/// The names of the columns of a table.
pub(super) type Names = Arc<[Arc<str>]>;

/// What became of a line.
pub(super) enum Step<'t> {
    Taken,
    /// The statement has ended; this came after it.
    Rest(&'t str),
    /// These lines, the last one included, are text after all.
    Back(Vec<KeptLine>),
}

/// The statements of one text; takes its lines one after the other.
#[derive(Default)]
pub(super) struct Dump {
    tables: HashMap<String, Names>,
    bytes: usize,
    /// A `CREATE TABLE` that goes on.
    create: Option<Create>,
    state: State,
    /// The last head that was written: most statements repeat it.
    written: String,
}

#[derive(Default)]
enum State {
    #[default]
    Outside,
    /// Before the first value.
    Head(Vec<KeptLine>),
    Values(Box<Values>),
    Copy {
        names: Option<Names>,
        strays: u32,
    },
}

/// Whether a statement that is of interest may begin here.
pub(super) fn may_begin(text: &str) -> bool {
    let Some(first) = text.bytes().find(|byte| !matches!(byte, b' ' | b'\t')) else { return false };
    if !matches!(first | 0x20, b'i' | b'r' | b'c') {
        return false;
    }
    let start = text.trim_start().as_bytes();
    [&b"insert "[..], b"replace ", b"create ", b"copy "].iter().any(|word| {
        start.len() > word.len() && start.iter().zip(*word).all(|(byte, letter)| byte.to_ascii_lowercase() == *letter)
    })
}

impl Dump {
    /// Whether lines belong to a statement, whatever they look like.
    pub(super) fn is_open(&self) -> bool {
        !matches!(self.state, State::Outside)
    }

    /// Whether lines are looked at.
    pub(super) fn is_watching(&self) -> bool {
        self.is_open() || self.create.is_some()
    }

    /// Whether a statement with rows begins here; its line comes to [`Dump::take`].
    pub(super) fn opens(&mut self, text: &str) -> bool {
        if let Some(create) = &mut self.create {
            if create.line(text) {
                self.remember();
            }
            return false;
        }
        if let Some(create) = Create::begin(text) {
            self.create = Some(create);
            return self.opens(text);
        }
        if let Some((table, names)) = copy_head(text) {
            let names = names.or_else(|| self.tables.get(&table).cloned());
            self.state = State::Copy { names, strays: 0 };
            return true;
        }
        match head(text) {
            Head::No => false,
            Head::More | Head::Values { .. } => {
                self.state = State::Head(Vec::new());
                true
            }
        }
    }

    fn remember(&mut self) {
        let Some((table, names)) = self.create.take().map(Create::finish) else { return };
        self.bytes += table.len() + names.iter().map(|name| name.len()).sum::<usize>();
        if !names.is_empty() && self.tables.len() < MOST_TABLES && self.bytes < MOST_BYTES {
            self.tables.insert(table, names);
        }
    }

    pub(super) fn take<'t>(&mut self, line: Line<'t>, writer: &mut TextWriter<'_>) -> Result<Step<'t>, ReadError> {
        match std::mem::take(&mut self.state) {
            State::Outside => Ok(Step::Back(vec![line.to_kept()])),
            State::Head(kept) => self.head(kept, line, writer),
            State::Values(values) => self.values(values, line, writer),
            State::Copy { names, strays } => self.copy(names, strays, line, writer),
        }
    }

    /// The text has ended, or what comes is no part of it: the lines of an unfinished statement.
    pub(super) fn end(&mut self) -> Vec<KeptLine> {
        self.create = None;
        match std::mem::take(&mut self.state) {
            State::Outside | State::Copy { .. } => Vec::new(),
            State::Head(kept) => kept,
            State::Values(values) => values.open,
        }
    }

    fn head<'t>(
        &mut self,
        mut kept: Vec<KeptLine>,
        line: Line<'t>,
        writer: &mut TextWriter<'_>,
    ) -> Result<Step<'t>, ReadError> {
        let mut all = String::new();
        for line in &kept {
            all.push_str(&line.text);
            all.push('\n');
        }
        let before = all.len();
        all.push_str(line.text);
        let parsed = if is_blank(line.text) || line.continues { Head::No } else { head(&all) };
        match parsed {
            Head::Values { table, names, rest } if rest >= before => {
                let names: Option<Names> = names.map(|names| names.into_iter().map(Arc::from).collect());
                let names = names.or_else(|| self.tables.get(&table).cloned());
                let written = all.get(..rest).unwrap_or_default();
                if self.written != written {
                    let place = Place::line(kept.first().map_or(line.number, |first| first.number));
                    writer.row([(place, None, written)])?;
                    written.clone_into(&mut self.written);
                }
                let after = line.text.get(rest - before..).unwrap_or_default();
                self.values(Box::new(Values { names, ..Values::default() }), Line { text: after, ..line }, writer)
            }
            Head::More if kept.len() < HEAD_LINES && all.len() < HEAD_BYTES => {
                kept.push(line.to_kept());
                self.state = State::Head(kept);
                Ok(Step::Taken)
            }
            _ => {
                kept.push(line.to_kept());
                Ok(Step::Back(kept))
            }
        }
    }

    fn values<'t>(
        &mut self,
        mut values: Box<Values>,
        line: Line<'t>,
        writer: &mut TextWriter<'_>,
    ) -> Result<Step<'t>, ReadError> {
        let text = line.text;
        if let Some(tuple) = &mut values.tuple {
            tuple.goes_on(line);
        }
        let mut at = 0;
        loop {
            let rest = text.get(at..).unwrap_or_default();
            if let Some(tuple) = &mut values.tuple {
                match tuple.feed(rest) {
                    Some(used) => {
                        tuple.write(values.names.as_deref(), writer)?;
                        values.end_tuple();
                        at += used;
                    }
                    None => break,
                }
                continue;
            }
            let rest = rest.trim_start_matches([' ', '\t', ',', '\r']);
            at = text.len() - rest.len();
            match rest.as_bytes() {
                [] => {
                    self.state = State::Values(values);
                    return Ok(Step::Taken);
                }
                [b'(', ..] => {
                    at += 1;
                    values.start = at - 1;
                    let spare = std::mem::take(&mut values.spare);
                    values.tuple = Some(spare.begin(line.number));
                }
                [b'-', b'-', ..] | [b'/', b'*', ..] => {
                    writer.row([(Place::line(line.number), None, rest)])?;
                    self.state = State::Values(values);
                    return Ok(Step::Taken);
                }
                [b';', ..] => return Ok(Step::Rest(rest.get(1..).unwrap_or_default())),
                _ => return Ok(Step::Rest(rest)),
            }
        }
        // The tuple goes on in the next line.
        let part = text.get(values.start.min(text.len())..).unwrap_or_default();
        let continues = line.continues && values.start == 0;
        values.start = 0;
        values.bytes += part.len();
        values.open.push(KeptLine { text: part.to_owned(), number: line.number, continues });
        if values.open.len() > TUPLE_LINES || values.bytes > TUPLE_BYTES {
            return Ok(Step::Back(values.open));
        }
        self.state = State::Values(values);
        Ok(Step::Taken)
    }

    fn copy<'t>(
        &mut self,
        names: Option<Names>,
        strays: u32,
        line: Line<'t>,
        writer: &mut TextWriter<'_>,
    ) -> Result<Step<'t>, ReadError> {
        let place = Place::line(line.number);
        if strays == 0 && may_begin(line.text) && copy_head(line.text).is_some() {
            writer.row([(place, None, line.text)])?;
            self.state = State::Copy { names, strays };
            return Ok(Step::Taken);
        }
        if line.text.trim_end() == "\\." {
            return Ok(Step::Taken);
        }
        let width = memchr::memchr_iter(b'\t', line.text.as_bytes()).count() + 1;
        let fits = !line.continues && names.as_ref().is_none_or(|names| names.len() == width);
        if !fits && (strays >= MOST_STRAYS || is_blank(line.text)) {
            return Ok(Step::Back(vec![line.to_kept()]));
        }
        let plain = line.text.split('\t').map(|cell| if cell == "\\N" { "" } else { cell });
        let label = |at: usize| names.as_ref().filter(|_| fits).and_then(|names| names.get(at)).cloned();
        if memchr::memchr(b'\\', line.text.as_bytes()).is_none() {
            writer.row(plain.enumerate().map(|(at, cell)| (place.clone(), label(at), cell)))?;
        } else {
            let cells: Vec<String> = plain.map(unescaped).collect();
            let cells = cells.iter().enumerate();
            writer.row(cells.map(|(at, cell)| (Place::line(line.number), label(at), cell.as_str())))?;
        }
        self.state = State::Copy { names, strays: if fits { 0 } else { strays + 1 } };
        Ok(Step::Taken)
    }
}

/// A cell of a `COPY` block; its line breaks and tabs become blanks, so that places stay true.
fn unescaped(cell: &str) -> String {
    cell.replace("\\n", " ").replace("\\t", " ").replace("\\r", "").replace("\\\\", "\\")
}

/// The values of one `INSERT`.
#[derive(Default)]
struct Values {
    names: Option<Names>,
    tuple: Option<Tuple>,
    /// Where in its line the open tuple starts.
    start: usize,
    /// The lines of the open tuple that have ended.
    open: Vec<KeptLine>,
    bytes: usize,
    /// The memory of the last tuple.
    spare: Tuple,
}

impl Values {
    fn end_tuple(&mut self) {
        self.open.clear();
        self.bytes = 0;
        self.start = 0;
        self.spare = self.tuple.take().unwrap_or_default();
    }
}

/// The values between two brackets, as far as they were read.
#[derive(Default)]
struct Tuple {
    text: String,
    /// The line and the end in `text` of each value.
    ends: Vec<(u64, usize)>,
    /// Where the value at hand starts, and its line.
    start: usize,
    first_line: u64,
    /// The line at hand.
    line: u64,
    /// Brackets within the value.
    depth: usize,
    quote: Option<u8>,
    /// The value held a quoted text, which has ended.
    quoted: bool,
    /// What the database shall make of the value: `::date`.
    cast: bool,
}

impl Tuple {
    fn begin(mut self, line: u64) -> Self {
        self.text.clear();
        self.ends.clear();
        let (text, ends) = (self.text, self.ends);
        Self { text, ends, line, first_line: line, ..Self::default() }
    }

    /// The next line begins.
    fn goes_on(&mut self, line: Line<'_>) {
        self.line = line.number;
        if !line.continues {
            // Places count the line breaks within a value.
            self.text.push('\n');
        }
    }

    /// Reads on; the bytes used if the tuple ends.
    fn feed(&mut self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if let Some(quote) = self.quote {
                at = self.quoted(text, at, quote);
                continue;
            }
            match byte {
                b'\'' | b'"' => {
                    self.open_quote(byte);
                    at += 1;
                }
                b'(' => {
                    self.depth += 1;
                    self.push("(");
                    at += 1;
                }
                b')' if self.depth == 0 => {
                    self.end_value();
                    return Some(at + 1);
                }
                b')' => {
                    self.depth -= 1;
                    self.push(")");
                    at += 1;
                }
                b',' if self.depth == 0 => {
                    self.end_value();
                    at += 1;
                }
                b':' if self.quoted && bytes.get(at + 1) == Some(&b':') => {
                    self.cast = true;
                    at += 2;
                }
                _ => {
                    let rest = bytes.get(at + 1..).unwrap_or_default();
                    let more = rest.iter().position(|b| matches!(b, b'\'' | b'"' | b'(' | b')' | b',' | b':'));
                    let end = at + 1 + more.unwrap_or(rest.len());
                    self.push(text.get(at..end).unwrap_or_default());
                    at = end;
                }
            }
        }
        None
    }

    fn push(&mut self, text: &str) {
        if !self.cast {
            self.starts();
            self.text.push_str(text);
        }
    }

    /// A value lies where its first letter stands.
    fn starts(&mut self) {
        if !self.quoted && self.text.get(self.start..).is_some_and(is_blank) {
            self.text.truncate(self.start);
            self.first_line = self.line;
        }
    }

    fn open_quote(&mut self, quote: u8) {
        self.quote = Some(quote);
        if self.depth > 0 {
            self.text.push(char::from(quote));
            return;
        }
        self.starts();
        // `N'…'`, `E'…'`, `_utf8 '…'`
        let before = self.text.get(self.start..).unwrap_or_default().trim();
        if !self.quoted && (before.len() == 1 || before.starts_with('_') && before.len() <= 10) {
            self.text.truncate(self.start);
        }
        self.quoted = true;
        self.cast = false;
    }

    /// Reads on within a quoted text; where it goes on.
    fn quoted(&mut self, text: &str, at: usize, quote: u8) -> usize {
        let rest = text.get(at..).unwrap_or_default();
        let bytes = rest.as_bytes();
        let run = memchr::memchr2(quote, b'\\', bytes).unwrap_or(bytes.len());
        self.text.push_str(rest.get(..run).unwrap_or_default());
        let (sign, next, after) = (bytes.get(run).copied(), bytes.get(run + 1).copied(), bytes.get(run + 2).copied());
        let ends = |after: Option<u8>| matches!(after, None | Some(b',' | b')'));
        let (taken, letter) = match (sign, next) {
            (None, _) => return at + run,
            (Some(b'\\'), Some(b'n' | b't' | b'r')) => (2, Some(' ')),
            // Where a backslash is a letter like any other: `'C:\'`.
            (Some(b'\\'), Some(next)) if next == quote && ends(after) => (1, Some('\\')),
            (Some(b'\\'), Some(next)) if next == quote || next == b'\\' => (2, Some(char::from(next))),
            (Some(b'\\'), _) => (1, Some('\\')),
            (Some(_), Some(next)) if next == quote => (2, Some(char::from(quote))),
            (Some(_), _) => {
                self.quote = None;
                (1, (self.depth > 0).then_some(char::from(quote)))
            }
        };
        self.text.extend(letter);
        at + run + taken
    }

    fn end_value(&mut self) {
        let value = self.text.get(self.start..).unwrap_or_default();
        if !self.quoted && value.trim().eq_ignore_ascii_case("null") {
            self.text.truncate(self.start);
        }
        self.ends.push((self.first_line, self.text.len()));
        self.start = self.text.len();
        self.first_line = self.line;
        self.quoted = false;
        self.cast = false;
    }

    fn write(&self, names: Option<&[Arc<str>]>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let names = names.filter(|names| names.len() == self.ends.len());
        let mut start = 0;
        writer.row(self.ends.iter().enumerate().map(|(at, (line, end))| {
            let value = self.text.get(start..*end).unwrap_or_default();
            start = *end;
            (Place::line(*line), names.and_then(|names| names.get(at)).cloned(), value.trim_matches([' ', '\t']))
        }))
    }
}
