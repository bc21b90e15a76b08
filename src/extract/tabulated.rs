//! Finds the table in a block of lines: what parts its columns, and the line that names them.
//!
//! Markdown and what databases print on a terminal, lines parted by tabs or semicolons, and columns
//! that are aligned with blanks, the last only below a line that names people.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::model::Place;
use crate::open::reader::ReadError;

use super::kinds::{LineOf, trim};
use super::people_heads::names_people;
use super::table::{Field, header_row, is_form};
use super::writer::TextWriter;

/// Rows from which cells are told apart though nothing names their columns.
const ROWS_WITHOUT_HEADER: usize = 5;
/// Rows by which the line that names the columns is told.
const SAMPLE_ROWS: usize = 12;
/// Lines that may stand above a table of aligned columns in one block.
const LINES_ABOVE: usize = 6;

/// How the cells of a line are told apart.
#[derive(Clone, Debug)]
enum Between {
    Sign(char),
    /// Two blanks or more; the places of the columns, in characters.
    Blanks(Vec<Range<usize>>),
    /// A line of dashes below the header says where columns are.
    Fixed(Vec<Range<usize>>),
}

/// How the rows of a table are read.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    between: Between,
    labels: Vec<Option<Arc<str>>>,
}

/// A table among the lines of a block.
pub(super) struct Found {
    pub(super) layout: Layout,
    /// Its lines, the header included.
    pub(super) lines: Range<usize>,
    header: Option<usize>,
    /// Two columns, of which the first names what the second holds.
    form: bool,
}

/// The table of a block, if there is one. Most blocks end at the first look at two of their lines.
pub(super) fn find(text: &str, lines: &[LineOf]) -> Option<Found> {
    if lines.len() < 2 {
        return None;
    }
    let line = |at: usize| lines.get(at).map_or("", |line| line.of(text));
    // Other lines may follow a table.
    let middle = (lines.len() >= 4).then_some(lines.len() / 2);
    let mut last = None;
    [lines.len() - 1].into_iter().chain(middle).find_map(|probe| {
        let probe = (0..=probe).rev().find(|at| !is_ruled(line(*at)))?;
        let sign = sign_of(line(probe)).filter(|sign| last != Some(*sign))?;
        last = Some(sign);
        if sign == ' ' { aligned(text, lines) } else { parted(text, lines, sign) }
    })
}

/// What may part the columns of a line; a blank stands for several of them.
fn sign_of(line: &str) -> Option<char> {
    let bytes = line.as_bytes();
    if bytes.first() >= Some(&0x80)
        && let Some(sign) = line.chars().next().filter(|c| matches!(c, '│' | '┃' | '║'))
    {
        return Some(sign);
    }
    if let Some(at) = memchr::memchr3(b'|', b'\t', b';', bytes) {
        let sign = bytes.get(at).copied().unwrap_or_default();
        let rest = bytes.get(at + 1..).unwrap_or_default();
        if sign != b';' || memchr::memchr(b';', rest).is_some() {
            return Some(char::from(sign));
        }
    }
    has_two_blanks(trim(line)).then_some(' ')
}

/// Near the start, where columns begin.
fn has_two_blanks(line: &str) -> bool {
    const FIRST: usize = 120;
    line.as_bytes().get(..FIRST).unwrap_or(line.as_bytes()).windows(2).any(|pair| pair == b"  ")
}

/// A line of nothing but dashes and what joins them: `|---|---|`, `+----+`, `-----  ---`.
pub(super) fn is_ruled(line: &str) -> bool {
    let line = trim(line);
    let Some(first) = line.bytes().next() else { return false };
    (first >= 0x80 || b"|-=+:".contains(&first))
        && line.chars().all(|c| "|-=+: \t─━═│┃║┌┬┐├┼┤└┴┘╞╪╡╔╦╗╠╬╣╚╩╝╭╮╰╯".contains(c))
        && line.chars().filter(|c| "-=─━═".contains(*c)).count() >= 3
}

/// Whether a line can be the one that names the columns, or a row of them, above such a line.
pub(super) fn may_have_columns(line: &str) -> bool {
    sign_of(line).is_some()
}

/// What `psql` and `mysql` write above a record whose fields stand below each other.
pub(super) fn is_record_head(line: &str) -> bool {
    line.starts_with("-[ RECORD ") || line.starts_with("****") && line.ends_with("****") && line.contains(". row *")
}

/// Such a record: names, then `|` or a colon, then values.
pub(super) fn record(text: &str, lines: &[LineOf]) -> Option<Found> {
    let sign = if lines.first()?.of(text).contains(" | ") { '|' } else { ':' };
    let end = lines.iter().position(|line| split(line.of(text), sign).nth(1).is_none()).unwrap_or(lines.len());
    let layout = Layout { between: Between::Sign(sign), labels: Vec::new() };
    (end > 0).then_some(Found { layout, lines: 0..end, header: None, form: true })
}

fn parted(text: &str, lines: &[LineOf], sign: char) -> Option<Found> {
    let line = |at: usize| lines.get(at).map_or("", |line| line.of(text));
    // Zero for a line that only separates.
    let widths: Vec<usize> =
        (0..lines.len()).map(|at| if is_ruled(line(at)) { 0 } else { split(line(at), sign).count() }).collect();
    let width = most_common(widths.iter().copied().filter(|width| *width >= 2))?;
    let first = widths.iter().position(|w| *w == width)?;
    let rest = widths.get(first..)?;
    let end = first + rest.iter().position(|width| *width == 1).unwrap_or(rest.len());
    let data: Vec<usize> = (first..end).filter(|at| widths.get(*at).is_some_and(|width| *width > 0)).collect();
    let fitting = data.iter().filter(|at| widths.get(**at) == Some(&width)).count();
    if data.len() < 2 || fitting * 10 < data.len() * 7 {
        return None;
    }
    let rows: Vec<Vec<Field>> = data
        .iter()
        .take(SAMPLE_ROWS)
        .map(|at| split(line(*at), sign).map(|cell| Field::new(Place::default(), cell)).collect())
        .collect();
    let blank = rows.iter().filter(|row| row.first().is_some_and(|field| field.text.trim().is_empty())).count();
    if sign == '\t' && blank * 2 > rows.len() {
        // Indented text.
        return None;
    }
    let code = rows.iter().flatten().filter(|field| is_code(field)).count();
    if code * 3 > rows.iter().map(Vec::len).sum::<usize>() {
        return None;
    }
    let ruled = data.get(1).is_some_and(|second| (first + 1..*second).any(|at| is_ruled(line(at))));
    let body = rows.get(usize::from(ruled)..).unwrap_or_default();
    let form = width == 2 && (is_form(body) || !ruled && is_form(&rows));
    let header = if ruled {
        Some(0)
    } else {
        header_row(&rows).filter(|at| *at <= 2 && rows.get(*at).is_some_and(|row| !row.iter().any(is_code)))
    };
    let cells_alone = sign != ';' && data.len() >= ROWS_WITHOUT_HEADER && fitting * 10 >= data.len() * 9;
    if header.is_none() && !form && !cells_alone {
        return None;
    }
    let labels = header.and_then(|at| rows.get(at)).filter(|_| !form).map_or_else(Vec::new, |row| labels(row));
    let header = header.and_then(|at| data.get(at)).copied();
    let start = header.filter(|_| !form).unwrap_or(first);
    Some(Found { layout: Layout { between: Between::Sign(sign), labels }, lines: start..end, header, form })
}

fn aligned(text: &str, lines: &[LineOf]) -> Option<Found> {
    let line = |at: usize| lines.get(at).map_or("", |line| line.of(text));
    (0..lines.len().min(LINES_ABOVE)).find_map(|at| {
        let head = uncommented(line(at));
        let heads: Vec<(Range<usize>, &str)> = columns(&head).collect();
        let named = heads.len() >= 2
            && heads.iter().all(|(_, head)| is_head(head))
            && heads.iter().any(|(_, head)| names_people(head));
        if !named {
            return None;
        }
        let ruled = is_ruled(line(at + 1)) && at + 1 < lines.len();
        let groups: Vec<Range<usize>> = if ruled { groups(line(at + 1)) } else { Vec::new() };
        let between = if groups.len() >= 2 {
            Between::Fixed(groups)
        } else {
            Between::Blanks(heads.iter().map(|(place, _)| place.clone()).collect())
        };
        let layout = Layout { between, labels: Vec::new() };
        let start = at + 1 + usize::from(ruled);
        let end = (start..lines.len()).find(|at| !layout.holds(line(*at))).unwrap_or(lines.len());
        let rows = (start..end).filter(|at| !is_ruled(line(*at)));
        let (fitting, all) =
            rows.fold((0, 0), |(fitting, all), at| (fitting + usize::from(layout.fits(line(at))), all + 1));
        if all < 2 || fitting * 10 < all * 8 {
            return None;
        }
        let head: Vec<Field> = match &layout.between {
            Between::Fixed(_) => {
                layout.cells(line(at)).into_iter().map(|(_, cell)| Field::new(Place::default(), cell)).collect()
            }
            _ => heads.iter().map(|(_, head)| Field::new(Place::default(), *head)).collect(),
        };
        let layout = Layout { labels: labels(&head), ..layout };
        Some(Found { layout, lines: at..end, header: Some(at), form: false })
    })
}

impl Layout {
    /// Whether a line after the block goes on with the table.
    pub(super) fn holds(&self, line: &str) -> bool {
        is_ruled(line)
            || match &self.between {
                Between::Sign(sign) => split(line, *sign).nth(1).is_some(),
                Between::Blanks(_) => columns(line).nth(1).is_some(),
                Between::Fixed(places) => places.get(1).is_some_and(|second| line.chars().count() > second.start),
            }
    }

    /// Whether the cells of a line stand where the heads of the columns do.
    fn fits(&self, line: &str) -> bool {
        match &self.between {
            Between::Sign(_) => true,
            Between::Blanks(places) => {
                let mut free = places.as_slice();
                cells_below(line, places).all(|(cell, _)| {
                    let Some(at) = free.iter().position(|place| stands_below(&cell, place)) else { return false };
                    free = free.get(at + 1..).unwrap_or_default();
                    true
                })
            }
            // A blank before each column.
            Between::Fixed(places) => {
                let mut chars = line.chars();
                let mut at = 0;
                places.iter().skip(1).all(|place| {
                    let skip = place.start.saturating_sub(at + 1);
                    at = place.start;
                    chars.nth(skip).is_none_or(char::is_whitespace)
                })
            }
        }
    }

    /// The cells of a line, each with the number of its column if that is known.
    fn cells<'t>(&self, line: &'t str) -> Vec<(Option<usize>, &'t str)> {
        match &self.between {
            Between::Sign(sign) => {
                let cells: Vec<&str> = split(line, *sign).collect();
                let known = cells.len() <= self.labels.len();
                cells.into_iter().enumerate().map(|(at, cell)| (known.then_some(at), cell)).collect()
            }
            Between::Blanks(places) => cells_below(line, places)
                .map(|(cell, text)| {
                    let starts_in = places.iter().filter(|place| place.start > cell.start && place.start < cell.end);
                    let column = places.iter().position(|place| is_flush(&cell, place));
                    let over = places.iter().position(|place| place.start < cell.end && cell.start < place.end);
                    (column.or(over).filter(|_| starts_in.count() == 0), text)
                })
                .collect(),
            Between::Fixed(places) => {
                let mut offsets = line.char_indices().map(|(at, _)| at).enumerate().peekable();
                let mut starts: Vec<usize> = Vec::new();
                for place in places {
                    while offsets.next_if(|(count, _)| *count < place.start).is_some() {}
                    starts.push(offsets.peek().map_or(line.len(), |(_, at)| *at));
                }
                let ends = starts.iter().copied().skip(1).chain([line.len()]);
                // What stands before the first column belongs to it.
                let from = [0].into_iter().chain(starts.iter().copied().skip(1));
                let cells = from.zip(ends).map(|(start, end)| line.get(start..end).unwrap_or_default().trim());
                cells.enumerate().map(|(at, cell)| (Some(at), cell)).collect()
            }
        }
    }

    /// Writes a line as a row.
    pub(super) fn write(&self, line: &str, number: u64, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if is_ruled(line) {
            return Ok(());
        }
        let label = |at: Option<usize>| at.and_then(|at| self.labels.get(at)).cloned().flatten();
        writer.row(self.cells(line).into_iter().map(|(at, cell)| (Place::line(number), label(at), cell)))
    }
}

impl Found {
    pub(super) fn write(&self, text: &str, lines: &[LineOf], writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        for (at, line) in lines.iter().enumerate().take(self.lines.end).skip(self.lines.start) {
            let content = line.of(text);
            if self.header == Some(at) {
                let heads = Layout { between: self.layout.between.clone(), labels: Vec::new() };
                heads.write(content, line.number, writer)?;
                if self.form {
                    writer.end_record()?;
                }
            } else if !self.form {
                self.layout.write(content, line.number, writer)?;
            } else if !is_ruled(content) {
                let mut cells = self.layout.cells(content).into_iter().map(|(_, cell)| cell);
                let name: Arc<str> = plain(cells.next().unwrap_or_default()).into();
                let value: Vec<&str> = cells.collect();
                let between = if matches!(self.layout.between, Between::Sign(':')) { ":" } else { "\t" };
                writer.field(Place::line(line.number), &name, &value.join(between))?;
            }
        }
        if self.form { writer.end_record() } else { Ok(()) }
    }

    pub(super) fn goes_on(self, lines: usize) -> Option<Layout> {
        (!self.form && self.lines.end == lines).then_some(self.layout)
    }
}

/// The cells of a line without the signs at its ends.
fn split(line: &str, sign: char) -> impl Iterator<Item = &str> {
    let mut rest = if sign == '\t' { line } else { trim(line) };
    if !matches!(sign, '\t' | ';') {
        rest = rest.strip_prefix(sign).unwrap_or(rest);
        rest = rest.strip_suffix(sign).filter(|rest| !rest.ends_with('\\')).unwrap_or(rest);
    }
    let mut rest = Some(rest);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut from = 0;
        loop {
            let Some(at) = text.get(from..)?.find(sign).map(|at| from + at) else {
                return rest.take().map(str::trim);
            };
            from = at + sign.len_utf8();
            // `\|` is a letter of the cell.
            if sign != '|' || !text.get(..at)?.ends_with('\\') {
                rest = text.get(from..);
                return Some(text.get(..at)?.trim());
            }
        }
    })
}

/// The parts of a line between two blanks or more, with their places in characters.
fn columns(line: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut rest = line.trim_end();
    let mut at = 0;
    std::iter::from_fn(move || {
        let text = rest.trim_start_matches(' ');
        if text.is_empty() {
            return None;
        }
        at += rest.len() - text.len();
        let end = memchr::memmem::find(text.as_bytes(), b"  ").unwrap_or(text.len());
        let (cell, after) = text.split_at_checked(end)?;
        let start = at;
        at += cell.chars().count();
        rest = after;
        Some((start..at, cell))
    })
}

/// The same, and what one blank parts where the head of a column begins: a number that is as wide as its column
/// and the name after it.
fn cells_below<'t>(line: &'t str, heads: &[Range<usize>]) -> impl Iterator<Item = (Range<usize>, &'t str)> {
    columns(line).flat_map(|(place, text)| {
        let mut parts = Vec::new();
        let (mut from, mut rest) = (place.start, text);
        for head in heads.iter().filter(|head| head.start > place.start && head.start < place.end) {
            let Some((at, _)) = rest.char_indices().nth(head.start - from) else { continue };
            let Some((cell, after)) = rest.split_at_checked(at) else { continue };
            if let Some(cell) = cell.strip_suffix(' ')
                && !cell.is_empty()
            {
                parts.push((from..head.start - 1, cell));
                (from, rest) = (head.start, after);
            }
        }
        parts.push((from..place.end, rest));
        parts
    })
}

/// Whether a cell begins or ends where the head of a column does.
fn is_flush(cell: &Range<usize>, head: &Range<usize>) -> bool {
    head.start.abs_diff(cell.start) <= 1 || head.end.abs_diff(cell.end) <= 1
}

/// Whether a cell is flush with a head or under it: numbers are set in the middle, too.
fn stands_below(cell: &Range<usize>, head: &Range<usize>) -> bool {
    is_flush(cell, head) || head.start < cell.end && cell.start < head.end
}

/// A line without the sign that makes it a comment: exports write the names of columns so.
fn uncommented(line: &str) -> Cow<'_, str> {
    match line.strip_prefix([';', '#', '*', '\'']) {
        Some(rest) => Cow::Owned(format!(" {rest}")),
        None => Cow::Borrowed(line),
    }
}

/// The runs of dashes in a line, in characters.
fn groups(line: &str) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (at, _) in line.chars().enumerate().filter(|(_, c)| "-=─━═".contains(*c)) {
        match groups.last_mut() {
            Some(last) if last.end == at => last.end = at + 1,
            _ => groups.push(at..at + 1),
        }
    }
    groups
}

fn most_common(widths: impl Iterator<Item = usize> + Clone) -> Option<usize> {
    let count = |width: usize| widths.clone().filter(|other| *other == width).count();
    widths.clone().max_by_key(|width| (count(*width), *width))
}

/// Without the marks of Markdown.
fn plain(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`' | ':'))
}

fn labels(row: &[Field]) -> Vec<Option<Arc<str>>> {
    row.iter().map(|field| Some(plain(&field.text)).filter(|text| !text.is_empty()).map(Arc::from)).collect()
}

/// Signs of code, which name no column.
fn is_code(field: &Field) -> bool {
    field.text.contains(['{', '}', ';', '=', '<', '>', '"', '\\', '$']) || field.text.ends_with([',', '('])
}

/// What may name a column among aligned ones.
fn is_head(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.chars().count() <= 40
        && text.chars().any(char::is_alphabetic)
        && digits <= 2
        && !text.contains(['{', '}', ';', '=', '<', '>', '"', '\\', '$', '@', ':'])
        && text.split(',').all(|part| part.len() == text.len() || is_word(part))
}

/// One part of `Name, Vorname`.
fn is_word(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.chars().all(char::is_alphabetic)
}
