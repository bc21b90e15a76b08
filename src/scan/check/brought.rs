//! Where a new version of a text may hold something that the one before did not.

use std::collections::HashSet;
use std::ops::Range;

use crate::detect::Engine;
use crate::identify::{self, Format};
use crate::model::{ItemRecord, Name, Outcome, Place, Shape, Text};
use crate::scan::head::HEAD;

use super::lines::Lines;
use super::parts::{Part, around, changes, part};

/// Lines around a change that are looked at with it.
const LINES_AROUND: usize = 6;
/// Bytes around a change that are looked at with it, at most.
const BYTES_AROUND: usize = 1 << 10;
/// Changes beyond this together are no small ones.
const MOST_CHANGED: usize = 64 << 10;
/// Texts up to this are read whole: a sentence more or less can make them another kind of text.
const SHORT_TEXT: usize = 2 << 10;
/// Texts beyond this are judged by the part around a change, with their beginning, where columns have their names.
const LONG_TEXT: usize = 48 << 10;
/// Digits from which on a number may be somebody's, whatever stands near by.
const DIGITS: usize = 6;

/// The version that was read last.
pub(super) struct Last {
    pub(super) bytes: Vec<u8>,
    /// Its record, if it is text that was read to its end.
    pub(super) text: Option<ItemRecord>,
    /// What is far from a change may count for it.
    pub(super) is_delicate: bool,
}

/// Formats of which a line says the same wherever it stands.
const LINE_BY_LINE: [Format; 2] = [Format::Text, Format::Markdown];

/// What a version like this one is told as; none if it is no text, or was not read to its end.
pub(super) fn text_of(record: &ItemRecord) -> Option<ItemRecord> {
    let is_read = record.outcome == Some(Outcome::Read) && record.reasons.is_empty() && record.problems.is_empty();
    let is_text = LINE_BY_LINE.iter().any(|format| record.media_type == format.media_type());
    (is_read && is_text).then(|| ItemRecord {
        item: record.item.clone(),
        media_type: record.media_type.clone(),
        outcome: record.outcome,
        protection: record.protection.clone(),
        ..ItemRecord::default()
    })
}

/// Where a new version of a text may hold something that the old one did not.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Brought {
    Nothing,
    Part(Part),
    Whole,
}

/// A match in or near what changed, or a long number, which a label far away may explain, may be new.
pub(super) fn brought(engine: &Engine, last: &Last, media_type: &str, new: &[u8], name: &Name) -> Brought {
    let old = &*last.bytes;
    if new.len().min(old.len()) <= SHORT_TEXT {
        return Brought::Whole;
    }
    let changes = changes(old, new);
    let (before, after) = (|| changes.iter().map(|change| &change.old), || changes.iter().map(|change| &change.new));
    let size = |bytes: &[u8], ranges: &[Range<usize>]| -> bool {
        let changed: usize = ranges.iter().map(ExactSizeIterator::len).sum();
        changed > MOST_CHANGED || changed > bytes.len() / 2
    };
    let near_old = around(old, before(), LINES_AROUND, BYTES_AROUND);
    let near_new = around(new, after(), LINES_AROUND, BYTES_AROUND);
    if size(old, &near_old) || size(new, &near_new) {
        return Brought::Whole;
    }
    // What decides the format stands at the beginning.
    let head = usize::try_from(HEAD).unwrap_or(usize::MAX);
    let is_the_same = || identify::identify(new.get(..head).unwrap_or(new), name).media_type() == media_type;
    if changes.first().is_some_and(|change| change.new.start < head) && !is_the_same() {
        return Brought::Whole;
    }
    // A row of a table is named by its head, which may be far.
    let has_row = || after().any(|range| memchr::memchr(b'|', part(new, range)).is_some());
    if media_type == Format::Markdown.media_type() && has_row() {
        return Brought::Whole;
    }
    if !after().all(|range| Lines::new(part(new, range)).is_some()) {
        return Brought::Whole;
    }
    let text = |bytes: &[u8], range: &Range<usize>| String::from_utf8_lossy(part(bytes, range)).into_owned();
    let before: Vec<String> = before().map(|range| text(old, range)).collect();
    let known: HashSet<&str> = before.iter().flat_map(|text| long_numbers(text)).collect();
    let has_number = || after().any(|range| long_numbers(&text(new, range)).any(|number| !known.contains(number)));
    let found = |bytes: &[u8], near: &[Range<usize>]| {
        let matches = near.iter().flat_map(|range| {
            let mut near = Text::new(Shape::Prose);
            near.push(&text(bytes, range), Place::default(), 0, None);
            engine.find(&near)
        });
        matches.map(|found| (found.detector, found.value)).collect::<HashSet<_>>()
    };
    let has_match = || {
        let matches = found(new, &near_new);
        !matches.is_empty() && !matches.is_subset(&found(old, &near_old))
    };
    if !last.is_delicate && !has_number() && !has_match() {
        return Brought::Nothing;
    }
    let around = Part::around(new, after());
    if new.len() > LONG_TEXT && around.len() < new.len() / 2 { Brought::Part(around) } else { Brought::Whole }
}

/// Runs of digits with what people put between them, but for the years of a copyright.
fn long_numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_numeric() || matches!(c, ' ' | '.' | '-' | '/' | '\'' | '\u{a0}')))
        .filter(|run| run.chars().filter(|c| c.is_numeric()).nth(DIGITS - 1).is_some())
        .map(str::trim)
        .filter(|run| !is_from_year_to_year(run))
}

/// `1998 - 2020`, `2001-2007`.
fn is_from_year_to_year(run: &str) -> bool {
    let is_year = |text: &str| text.len() == 4 && text.parse().is_ok_and(|year| (1900..2100).contains(&year));
    run.split_once('-').is_some_and(|(from, to)| is_year(from.trim_end()) && is_year(to.trim_start()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use super::super::read::{Item, Tools};
    use super::*;
    use crate::model::ItemPath;
    use crate::open::passwords::Passwords;

    #[test]
    fn long_numbers_are_told_from_years() {
        let text = "1998 - 2020, in 1998 or 12-34-56, AB123456 (0x10), 2001-2007; 1998 - 2020 7, 1998-3020";
        let numbers: Vec<&str> = long_numbers(text).collect();
        assert_eq!(numbers, ["12-34-56", "123456", "1998 - 2020 7", "1998-3020"]);
    }

    fn found(item: &Item) -> impl Iterator<Item = String> {
        item.record.findings.iter().map(|finding| finding.fingerprint.clone())
    }

    /// The texts below a folder of this repository, cut into lines.
    fn texts(folder: &str, extension: &str) -> Vec<Vec<String>> {
        let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                match path.is_dir() {
                    true => folders.push(path),
                    false if path.extension().is_some_and(|it| it == extension) => files.push(path),
                    false => {}
                }
            }
        }
        files.sort();
        let lines = |path| std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect();
        files.into_iter().map(lines).collect()
    }

    #[test]
    fn a_row_of_a_table_is_read_with_its_head() {
        let catalogue = crate::detect::Catalogue::built_in().unwrap();
        let engine = Engine::new(&catalogue);
        let old = "a line of text\n".repeat(2000);
        let last = Last { bytes: old.clone().into_bytes(), text: None, is_delicate: false };
        let check = |line: &str, expected| {
            let new = [&old[..15_000], line, &old[15_000..]].concat();
            let name = Name::from("notes.md");
            assert_eq!(brought(&engine, &last, "text/markdown", new.as_bytes(), &name), expected, "{line}");
        };
        check("| blue | rk |\n", Brought::Whole);
        check("blue rk\n", Brought::Nothing);
    }

    #[test]
    fn a_version_that_is_not_read_whole_holds_nothing_new() {
        let catalogue = crate::detect::Catalogue::built_in().unwrap();
        let key = crate::judge::Key::from_bytes([7; 32]);
        let options = crate::judge::Options { min_confidence: 0.5, reveal: false };
        let tools = Tools {
            engine: Engine::new(&catalogue),
            judge: Arc::new(crate::judge::Judge::new(&catalogue, key, options)),
            limits: crate::open::Limits::default(),
            keyring: Arc::default(),
        };
        let item = ItemPath::new(0, Name::from("notes"));
        let interrupted = Arc::new(AtomicBool::new(false));
        let size = |lines: &Vec<String>| lines.iter().map(|line| line.len() + 1).sum::<usize>();
        let (people, mut programs) = (texts("fixtures/labelled", "txt"), texts("src/open", "rs"));
        programs.retain(|lines| (SHORT_TEXT + 1_000..LONG_TEXT).contains(&size(lines)));
        assert!(people.len() > 100 && programs.len() > 10);
        let mut state = 11_u64;
        let mut below = |limit: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % limit
        };
        let read = |text: &str| {
            let items = tools.judge(item.clone(), text.as_bytes(), None, Passwords::default(), &interrupted);
            (items.iter().flat_map(found).collect::<HashSet<_>>(), items.iter().any(|item| item.is_delicate))
        };
        let (mut skipped, mut told) = (0, 0);
        for _ in 0..60 {
            let mut lines = programs[below(programs.len())].clone();
            // Words that are said of somebody, and nobody of whom they are said: a person may come far from them.
            for _ in 0..below(8) {
                let other = &people[below(people.len())];
                lines.insert(below(lines.len()), other[below(other.len())].clone());
            }
            let bytes = lines.join("\n").into_bytes();
            let (mut known, is_delicate) = read(&lines.join("\n"));
            let mut last = Last { bytes, text: None, is_delicate };
            for _ in 0..12 {
                let from = if below(4) == 0 { &people } else { &programs };
                let other = &from[below(from.len())];
                for _ in 0..=below(3) {
                    let (at, line) = (below(lines.len()), other[below(other.len())].clone());
                    match below(3) {
                        0 => lines.insert(at, line),
                        1 => lines[at] = line,
                        _ => drop(lines.remove(at)),
                    }
                }
                let next = lines.join("\n");
                let is_skipped =
                    brought(&tools.engine, &last, "text/plain", next.as_bytes(), item.name()) == Brought::Nothing;
                let (found, is_delicate) = read(&next);
                skipped += usize::from(is_skipped);
                told += usize::from(!found.is_subset(&known));
                assert!(!is_skipped || found.is_subset(&known), "{:?}\n{next}", found.difference(&known));
                known.extend(found);
                last = Last { bytes: next.into_bytes(), text: None, is_delicate: last.is_delicate | is_delicate };
            }
        }
        assert!(skipped > 60 && told > 30, "{skipped} skipped, {told} with something new");
    }
}
