//! A list of people under a heading: what the heading says is said of each of them, and what a line says, of whom it names.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use crate::detect::{Match, opens_line};
use crate::model::{Category, Shape, Text};

use super::link::STRONG_TERM;
use super::passage::window;
use super::record::{Hit, Record};
use super::register::Register;
use super::words::{WordList, heading};

/// Words of lists of members, of dues, of who comes and who was baptised.
static ROLL: LazyLock<Option<WordList>> = LazyLock::new(|| WordList::of_headings(include_str!("roll.txt")));

/// Words of lists that are made to be known: of candidates, of clergy, of speakers.
static KNOWN: LazyLock<Option<WordList>> = LazyLock::new(|| WordList::of_headings(include_str!("known_lists.txt")));

/// Bytes from the start of a text in which its heading stands, and how many lines that is.
const HEADING: usize = 400;
const LINES: usize = 4;
/// Lines that a list has at least.
const FEWEST: usize = 3;

/// Whether a match stands in a heading that speaks of a list of those who belong: the name of the file, a title.
pub(super) fn is_heading(text: &Text, found: &Match, category: Category) -> bool {
    if !matches!(category, Category::TradeUnion | Category::PoliticalOpinion | Category::Religion) {
        return false;
    }
    let content = text.content();
    let named = found.place.field.as_deref() == Some("file name");
    let start = found.span.start;
    let head = window(content, 0, start);
    let titled = start <= HEADING && head.lines().count() <= LINES && text.label(start).is_none();
    if !named && !titled {
        return false;
    }
    // The words of a title may stand in the line before it.
    let heading = heading(window(content, 0, line_end(content, &found.span)));
    let is = |list: &Option<WordList>| list.as_ref().is_some_and(|words| words.is_match(&heading));
    is(&ROLL) && !is(&KNOWN)
}

fn line_end(content: &str, span: &Range<usize>) -> usize {
    content.get(span.end..).and_then(|rest| rest.find('\n')).map_or(content.len(), |at| span.end + at)
}

/// Whether a name opens its line, or names the person of its row.
pub(super) fn opens(text: &Text, span: &Range<usize>, labelled: bool) -> bool {
    match text.shape() {
        Shape::Prose => opens_line(text.content(), span.start),
        Shape::Rows => labelled || opens_line(text.content(), span.start),
    }
}

/// The lines of a list of people, each with where it begins: none for fewer than three.
pub(super) fn lines<'r>(records: impl Iterator<Item = &'r Record>) -> BTreeSet<u64> {
    let names = records.flat_map(|record| &record.hits).filter(|hit| {
        hit.opens && hit.category == Category::Name && !hit.correspondent && hit.found.confidence >= STRONG_TERM
    });
    let lines: BTreeSet<u64> = names.filter_map(|hit| hit.found.place.line).collect();
    if lines.len() < FEWEST { BTreeSet::new() } else { lines }
}

/// Whether lines that name people can say of whom the word is: it heads their list, or is clear enough to stand in one.
pub(super) fn may_belong(hit: &Hit) -> bool {
    let is_said = hit.heads || is_clear(hit) && hit.found.place.line.is_some();
    is_said && !hit.statement.public && !matches!(hit.register, Register::Law | Register::Code)
}

/// Of illness and crime, doctors and lawyers are named too.
fn is_clear(hit: &Hit) -> bool {
    hit.found.confidence >= STRONG_TERM && !matches!(hit.category, Category::Health | Category::Criminal)
}

/// Why a word that may belong to `lines` is about somebody: it heads a list of people, or stands in a line of one.
pub(super) fn reason(hit: &Hit, lines: &BTreeSet<u64>) -> Option<&'static str> {
    let first = lines.first()?;
    let line = hit.found.place.line;
    if hit.heads && line.is_none_or(|line| line < *first) {
        return Some("subject:names in a list under this heading");
    }
    (is_clear(hit) && line.is_some_and(|line| lines.contains(&line)))
        .then_some("subject:the name at the head of the line")
}
