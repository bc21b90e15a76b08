//! Puts the words of a PDF page in lines and paragraphs: columns of prose stay apart, the cells of a row stay together.

use super::content::PageText;
use super::words::{self, Word, is_right_to_left};

/// Words of one line, in shares of the font height: further apart is another column or cell.
const CELL_GAP: f64 = 1.1;
/// The same for words that do not follow each other in the content.
const LATE_GAP: f64 = 0.7;
/// The mark of a footnote: so far from the baseline and from the word before it, in shares of that one's size.
const MARK_SHIFT: f64 = 0.5;
const MARK_GAP: f64 = 0.25;
const MARK_LENGTH: usize = 6;
/// Below this gap two words are written without a space.
const NO_GAP: f64 = 0.12;
/// A small word this much above the baseline, in shares of the size of the one before it, is one of its own.
const RAISED: f64 = 0.2;
/// Rows of one paragraph: baseline to baseline, in shares of the font height.
const LEADING: f64 = 1.75;
/// The same for prose, which may be set with double spacing.
const PROSE_LEADING: f64 = 2.3;
/// Lines of at least this width, in shares of the font height, make prose.
const PROSE_WIDTH: f64 = 13.0;
/// A first line is set in by less than this share of the font height.
const INDENT: f64 = 3.0;
/// Rows of at least this many cells are a record of their own.
const TABLE_CELLS: usize = 3;

/// What a marked hyphen at the end of a line stands for: nothing, if the word is put together again.
const SOFT_HYPHEN: char = '\u{ad}';

/// Words on one baseline without a wide gap.
struct Segment {
    words: Vec<Word>,
    left: f64,
    right: f64,
    base: f64,
    size: f64,
    order: usize,
}

/// A paragraph and its rank in the order of the content.
struct Unit {
    order: usize,
    text: String,
}

/// The text of a page, one string a paragraph, in the order of reading.
pub(in crate::extract) fn paragraphs(page: &PageText) -> Vec<String> {
    let mut paragraphs = Vec::new();
    for direction in words::words(page) {
        let mut units = Vec::new();
        let segments = segments(direction.words);
        let (prose, rest) = split_prose(segments);
        for block in prose {
            let order = block.iter().map(|line| line.order).min().unwrap_or(0);
            units.extend(prose_texts(&block).into_iter().map(|text| Unit { order, text }));
        }
        rows(rest, &mut units);
        units.sort_by_key(|unit| unit.order);
        let texts = units
            .into_iter()
            .map(|unit| if unit.text.contains(SOFT_HYPHEN) { unit.text.replace(SOFT_HYPHEN, "") } else { unit.text });
        paragraphs.extend(texts.filter(|text| !text.trim().is_empty()));
    }
    paragraphs
}

impl Segment {
    fn new(word: Word) -> Self {
        let Word { left, right, base, size, order, .. } = word;
        Self { words: vec![word], left, right, base, size, order }
    }

    fn push(&mut self, word: Word) {
        self.left = self.left.min(word.left);
        self.right = self.right.max(word.right);
        if word.size > self.size {
            (self.size, self.base) = (word.size, word.base);
        }
        self.order = self.order.min(word.order);
        self.words.push(word);
    }

    fn is_level_with(&self, base: f64, size: f64) -> bool {
        (self.base - base).abs() <= 0.5 * self.size.min(size).max(0.5 * self.size.max(size))
    }

    /// Whether the word is short, and set small and high (or low) at the end of this: the mark of a footnote.
    fn is_marked_with(&self, word: &Word) -> bool {
        word.size < 0.85 * self.size
            && word.text.chars().count() <= MARK_LENGTH
            && (self.base - word.base).abs() <= MARK_SHIFT * self.size
            && (word.left - self.right).abs() <= MARK_GAP * self.size
    }

    fn is_beside(&self, left: f64, right: f64, gap: f64) -> bool {
        left <= self.right + gap && right >= self.left - gap
    }

    fn width(&self) -> f64 {
        self.right - self.left
    }
}

/// Joins words to segments: first as the content gives them, then what other layers add.
fn segments(words: Vec<Word>) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for word in words {
        match segments.last_mut() {
            Some(last)
                if last.is_level_with(word.base, word.size)
                    && last.is_beside(word.left, word.right, CELL_GAP * last.size.max(word.size))
                    || last.is_marked_with(&word) =>
            {
                last.push(word);
            }
            _ => segments.push(Segment::new(word)),
        }
    }
    // Top to bottom, and on one level from the left: neighbours may belong together.
    segments.sort_by(|a, b| b.base.total_cmp(&a.base).then(a.left.total_cmp(&b.left)));
    let mut merged: Vec<Segment> = Vec::new();
    for segment in segments {
        let host = merged.iter_mut().rev().take(32).find(|host| {
            host.is_level_with(segment.base, segment.size)
                && host.is_beside(segment.left, segment.right, LATE_GAP * host.size.min(segment.size))
        });
        match host {
            Some(host) => segment.words.into_iter().for_each(|word| host.push(word)),
            None => merged.push(segment),
        }
    }
    merged.sort_by_key(|segment| segment.order);
    merged
}

/// Blocks of lines that follow each other in the content and on paper, wide enough to be
/// prose; and all other segments.
fn split_prose(segments: Vec<Segment>) -> (Vec<Vec<Segment>>, Vec<Segment>) {
    let (mut prose, mut rest) = (Vec::new(), Vec::new());
    let mut block: Vec<Segment> = Vec::new();
    let mut close = |block: &mut Vec<Segment>, rest: &mut Vec<Segment>| {
        let wide = block.iter().filter(|line| line.width() >= PROSE_WIDTH * line.size).count();
        if block.len() >= 2 && wide * 2 >= block.len() {
            prose.push(std::mem::take(block));
        } else {
            rest.append(block);
        }
    };
    for segment in segments {
        let above = match block.as_slice() {
            [.., first, second] => Some(first.base - second.base),
            _ => None,
        };
        let down = block.last().and_then(|last| below(last, &segment));
        match (down, above) {
            // Closer than the lines above: the last of them belongs to this one.
            (Some(down), Some(above)) if down < 0.75 * above => {
                let last = block.pop();
                close(&mut block, &mut rest);
                block.extend(last);
            }
            (Some(down), Some(above)) if down <= 1.25 * above => {}
            (Some(_), None) => {}
            _ => close(&mut block, &mut rest),
        }
        block.push(segment);
    }
    close(&mut block, &mut rest);
    (prose, rest)
}

/// How far a segment stands below another, if they can be lines of one paragraph.
fn below(last: &Segment, next: &Segment) -> Option<f64> {
    let down = last.base - next.base;
    let size = last.size.max(next.size);
    let overlap = last.right.min(next.right) - last.left.max(next.left);
    let follows = down > 0.3 * size
        && down <= PROSE_LEADING * size
        && last.size.min(next.size) > 0.75 * size
        && (overlap >= 0.5 * last.width().min(next.width()) || (last.left - next.left).abs() <= INDENT * size);
    follows.then_some(down)
}

/// The lines of a block as running text. A line that ends although the next word had room
/// was ended on purpose: after several lines that is the end of a paragraph.
fn prose_texts(block: &[Segment]) -> Vec<String> {
    let right = block.iter().map(|line| line.right).fold(f64::NEG_INFINITY, f64::max);
    let mut texts = Vec::new();
    let mut text = String::new();
    let mut lines = 0;
    let mut above: Option<&Segment> = None;
    for line in block {
        let first = line.words.iter().min_by(|a, b| a.left.total_cmp(&b.left));
        let needed = first.map_or(0.0, |word| word.right - word.left + 0.4 * word.size);
        let on_purpose = above.is_some_and(|above| above.right + needed < right);
        if on_purpose && lines >= 2 {
            texts.push(std::mem::take(&mut text));
            lines = 0;
        }
        append_line(&mut text, &line_text(&line.words), if on_purpose { '\n' } else { ' ' });
        lines += 1;
        above = Some(line);
    }
    texts.push(text);
    texts
}

fn append_line(text: &mut String, line: &str, separator: char) {
    if text.ends_with(SOFT_HYPHEN) {
        text.pop();
        text.push_str(line);
        return;
    }
    let mut last = text.chars().rev();
    let hyphen = last.next() == Some('-');
    match last.next() {
        // A word cut at the end of a line, or a code.
        Some(before) if hyphen && before.is_lowercase() && line.starts_with(char::is_lowercase) => {
            text.pop();
        }
        Some(before) if hyphen && before.is_alphanumeric() && line.starts_with(char::is_alphanumeric) => {}
        _ if text.is_empty() => {}
        _ => text.push(separator),
    }
    text.push_str(line);
}

/// Segments on one level as rows with a tab between cells; near rows as one paragraph.
fn rows(mut segments: Vec<Segment>, units: &mut Vec<Unit>) {
    segments.sort_by(|a, b| b.base.total_cmp(&a.base));
    let mut rows: Vec<Vec<Segment>> = Vec::new();
    for segment in segments {
        match rows.last_mut() {
            Some(row) if row.first().is_some_and(|first| first.is_level_with(segment.base, segment.size)) => {
                row.push(segment);
            }
            _ => rows.push(vec![segment]),
        }
    }
    let mut above: Option<(f64, f64, bool)> = None;
    for mut row in rows {
        let (base, size) =
            row.iter().fold(
                (0.0, 0.0),
                |(base, size), cell| {
                    if cell.size > size { (cell.base, cell.size) } else { (base, size) }
                },
            );
        let order = row.iter().map(|cell| cell.order).min().unwrap_or(0);
        let is_table = row.len() >= TABLE_CELLS;
        let text = row_text(&mut row);
        let near = above.is_some_and(|(above, above_size, was_table): (f64, f64, bool)| {
            !is_table && !was_table && above - base <= LEADING * f64::max(size, above_size)
        });
        match units.last_mut() {
            Some(unit) if near => {
                append_line(&mut unit.text, &text, '\n');
                unit.order = unit.order.min(order);
            }
            _ => units.push(Unit { order, text }),
        }
        above = Some((base, size, is_table));
    }
}

fn row_text(row: &mut [Segment]) -> String {
    row.sort_by(|a, b| a.left.total_cmp(&b.left));
    if is_mostly_right_to_left(row.iter().flat_map(|cell| &cell.words)) {
        row.reverse();
    }
    let mut text = String::new();
    for cell in row.iter() {
        if !text.is_empty() {
            text.push('\t');
        }
        text.push_str(&line_text(&cell.words));
    }
    text
}

/// The words of one line in the order of reading.
fn line_text(words: &[Word]) -> String {
    let mut words: Vec<&Word> = words.iter().collect();
    words.sort_by(|a, b| a.left.total_cmp(&b.left));
    // Printed twice: bold, or a shadow.
    words.dedup_by(|b, a| {
        a.text == b.text && (a.left - b.left).abs() < 0.3 * a.size && (a.base - b.base).abs() < 0.3 * a.size
    });
    let right_to_left = is_mostly_right_to_left(words.iter().copied());
    if right_to_left {
        words.reverse();
        let mut start = 0;
        while start < words.len() {
            let rest = words.get(start..).unwrap_or_default();
            let run = rest.iter().take_while(|word| !word.right_to_left).count();
            if let Some(run) = words.get_mut(start..start + run) {
                run.reverse();
            }
            start += run.max(1);
        }
    }
    let mut text = String::new();
    let mut last: Option<&Word> = None;
    for word in words {
        if let Some(last) = last {
            let gap = if last.left <= word.left { word.left - last.right } else { last.left - word.right };
            let size = last.size.min(word.size);
            // The mark of a footnote, or a power: it is not part of the name or number before it.
            let is_raised = word.size < 0.85 * last.size && word.base - last.base > RAISED * last.size;
            let touches = gap <= NO_GAP * size && gap >= -0.5 * size && !is_raised;
            let spaced = word.after_space || last.after_space && last.order > word.order;
            if !touches || spaced {
                text.push(' ');
            }
        }
        text.push_str(&word.text);
        last = Some(word);
    }
    text
}

fn is_mostly_right_to_left<'w>(words: impl Iterator<Item = &'w Word>) -> bool {
    let (mut left, mut right) = (0, 0);
    for word in words {
        if word.right_to_left {
            left += word.text.chars().filter(|c| is_right_to_left(c.encode_utf8(&mut [0; 4]))).count();
        } else {
            right += word.text.chars().filter(|c| c.is_alphabetic()).count();
        }
    }
    left > right
}
