//! The versions of one file in a history: each is read as far as what changed can bring something.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::detect::Engine;
use crate::identify::{self, Format};
use crate::model::{Finding, ItemPath, ItemRecord, Name, Outcome, Place, Severity, Shape, Text};
use crate::open::passwords::Passwords;
use crate::scan::crash;
use crate::scan::head::HEAD;
use crate::source::git::history::Versions;
use crate::source::git::{ObjectId, Objects};

use super::lines::Lines;
use super::read::{Item, Tools, content, crashed};
use super::weigh;

/// Lines around a change that are looked at with it.
const LINES_AROUND: usize = 6;
/// Bytes around a change that are looked at with it, at most.
const BYTES_AROUND: usize = 1 << 10;
/// A change beyond this is no small one.
const MOST_CHANGED: usize = 16 << 10;
/// Texts up to this are read whole: a sentence more or less can make them another kind of text.
const SHORT_TEXT: usize = 8 << 10;
/// Texts beyond this are judged by the part around a change, with their beginning, where columns have their names.
const LONG_TEXT: usize = 48 << 10;
const PART_AROUND: usize = 8 << 10;
const BEGINNING: usize = 2 << 10;
/// What a part shows from this on is looked for in the whole text.
const CONFIRMED: Severity = Severity::Medium;
/// Digits from which on a number may be somebody's, whatever stands near by.
const DIGITS: usize = 6;

/// The version that was read last.
struct Last {
    bytes: Vec<u8>,
    /// Its record, if it is text that was read to its end.
    text: Option<ItemRecord>,
    /// What is far from a change may count for it.
    is_delicate: bool,
}

/// Reads the versions in their order and tells each as an item, whose findings are old if a version before had
/// them; `tell` says whether to go on.
pub(super) fn read(
    file: Versions,
    tools: &Tools,
    objects: &Objects,
    interrupted: &Arc<AtomicBool>,
    tell: &mut dyn FnMut(Vec<Item>) -> bool,
) -> bool {
    let item = ItemPath::new(0, file.path);
    let mut known = Known { before: file.before, findings: HashSet::new() };
    let mut last: Option<Last> = None;
    for version in file.contents {
        if interrupted.load(Ordering::Relaxed) {
            return false;
        }
        let commit = Some(version.commit.to_string());
        let read = crash::catch(|| {
            let bytes = content(&item, version.id, objects)?;
            let like = last.as_ref().and_then(|last| Some((last, last.text.as_ref()?)));
            let brought = like.map_or(Brought::Whole, |(last, _)| brought(&tools.engine, last, &bytes, item.name()));
            let judge = |bytes: &[u8]| tools.judge(item.clone(), bytes, None, Passwords::default(), interrupted);
            let mut items = match (brought, like) {
                (Brought::Nothing, Some((_, record))) => {
                    let record = ItemRecord { size: bytes.len() as u64, ..record.clone() };
                    return Ok::<_, Box<Item>>((bytes, vec![Item::plain(record, None)]));
                }
                (Brought::Part(part), Some(_)) => match part.judge(&bytes, judge) {
                    items if known.weight_of_new(&items) >= CONFIRMED => judge(&bytes),
                    items => items,
                },
                _ => judge(&bytes),
            };
            known.mark(&mut items, |before| {
                let before = content(&item, before, objects).unwrap_or_default();
                judge(&before)
            });
            Ok((bytes, items))
        });
        let items = match read {
            Ok(Ok((bytes, items))) => {
                let text = items.last().and_then(|item| plain_text(&item.record));
                let is_delicate =
                    [last.as_ref().map(|last| last.is_delicate), items.last().map(|item| item.is_delicate)];
                last = Some(Last { bytes, text, is_delicate: is_delicate.into_iter().flatten().any(|it| it) });
                items
            }
            Ok(Err(item)) => vec![*item],
            Err(place) => vec![crashed(item.clone(), place)],
        };
        if !tell(items.into_iter().map(|item| Item { commit: commit.clone(), ..item }).collect()) {
            return false;
        }
    }
    true
}

/// What a version like this one is told as; none if it is no text, or was not read to its end.
fn plain_text(record: &ItemRecord) -> Option<ItemRecord> {
    let is_read = record.outcome == Some(Outcome::Read) && record.reasons.is_empty() && record.problems.is_empty();
    (is_read && record.media_type == Format::Text.media_type()).then(|| ItemRecord {
        item: record.item.clone(),
        media_type: record.media_type.clone(),
        outcome: record.outcome,
        protection: record.protection.clone(),
        ..ItemRecord::default()
    })
}

/// What was found in the versions so far.
struct Known {
    /// A version that was told elsewhere; looked at when something is found.
    before: Option<ObjectId>,
    findings: HashSet<(ItemPath, String)>,
}

impl Known {
    /// The severity of what no version before had.
    fn weight_of_new(&self, items: &[Item]) -> Severity {
        let weight = |item: &Item| {
            let record = &item.record;
            let is_new =
                |finding: &&Finding| !self.findings.contains(&(record.item.clone(), finding.fingerprint.clone()));
            weigh::together(&record.findings.iter().filter(is_new).collect::<Vec<_>>(), record.protection.state)
        };
        items.iter().map(weight).max().unwrap_or(Severity::None)
    }

    fn mark(&mut self, items: &mut [Item], read: impl FnOnce(ObjectId) -> Vec<Item>) {
        if items.iter().all(|item| item.record.findings.is_empty()) {
            return;
        }
        if let Some(before) = self.before.take() {
            self.findings.extend(read(before).iter().flat_map(findings));
        }
        for item in &mut *items {
            for (finding, detail) in item.record.findings.iter().zip(&mut item.details) {
                detail.is_old = self.findings.contains(&(item.record.item.clone(), finding.fingerprint.clone()));
            }
        }
        self.findings.extend(items.iter().flat_map(findings));
    }
}

fn findings(item: &Item) -> impl Iterator<Item = (ItemPath, String)> {
    item.record.findings.iter().map(|finding| (item.record.item.clone(), finding.fingerprint.clone()))
}

/// Where a new version of a text may hold something that the old one did not.
#[derive(Debug, PartialEq, Eq)]
enum Brought {
    Nothing,
    Part(Part),
    Whole,
}

/// A match in or near what changed, or a long number, which a label far away may explain, may be new.
fn brought(engine: &Engine, last: &Last, new: &[u8], name: &Name) -> Brought {
    let old = &*last.bytes;
    let (old_change, new_change) = change(old, new);
    if new.len().min(old.len()) <= SHORT_TEXT || new_change.len().max(old_change.len()) > MOST_CHANGED {
        return Brought::Whole;
    }
    // What decides the format stands at the beginning.
    let head = usize::try_from(HEAD).unwrap_or(usize::MAX);
    let is_text = || identify::identify(new.get(..head).unwrap_or(new), name) == Format::Text;
    if new_change.start < head && !is_text() {
        return Brought::Whole;
    }
    let text = |bytes: &[u8], range: &Range<usize>| {
        String::from_utf8_lossy(bytes.get(range.clone()).unwrap_or_default()).into_owned()
    };
    let (before, after) = (text(old, &old_change), text(new, &new_change));
    if Lines::new(after.as_bytes()).is_none() {
        return Brought::Whole;
    }
    let known: HashSet<&str> = long_numbers(&before).collect();
    let has_number = long_numbers(&after).any(|number| !known.contains(number));
    let found = |bytes: &[u8], change: &Range<usize>| {
        let mut near = Text::new(Shape::Prose);
        near.push(&text(bytes, &around(bytes, change, LINES_AROUND, BYTES_AROUND)), Place::default(), 0, None);
        engine.find(&near).into_iter().map(|found| (found.detector, found.value)).collect::<HashSet<_>>()
    };
    let has_match = || {
        let matches = found(new, &new_change);
        !matches.is_empty() && !matches.is_subset(&found(old, &old_change))
    };
    match last.is_delicate || has_number || has_match() {
        false => Brought::Nothing,
        true if new.len() > LONG_TEXT => Brought::Part(Part::around(new, &new_change)),
        true => Brought::Whole,
    }
}

/// The beginning of a text and the lines around a change in it.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    beginning: usize,
    range: Range<usize>,
}

impl Part {
    fn around(text: &[u8], change: &Range<usize>) -> Self {
        let head = text.get(..BEGINNING.min(text.len())).unwrap_or_default();
        let beginning = memchr::memrchr(b'\n', head).map_or(0, |at| at + 1);
        let range = around(text, change, usize::MAX, PART_AROUND);
        Self { beginning, range: range.start.max(beginning)..range.end.max(beginning) }
    }

    /// What is said of the part, with the lines of the whole and its size.
    fn judge(&self, text: &[u8], judge: impl FnOnce(&[u8]) -> Vec<Item>) -> Vec<Item> {
        let part = |range: Range<usize>| text.get(range).unwrap_or_default();
        let lines = |range: Range<usize>| memchr::memchr_iter(b'\n', part(range)).count() as u64;
        let (shown, left_out) = (lines(0..self.beginning), lines(self.beginning..self.range.start));
        let mut items = judge(&[part(0..self.beginning), part(self.range.clone())].concat());
        let shift = |line: &mut Option<u64>| *line = line.map(|line| if line > shown { line + left_out } else { line });
        for item in &mut items {
            item.record.findings.iter_mut().for_each(|finding| shift(&mut finding.place.line));
            item.details.iter_mut().for_each(|detail| shift(&mut detail.line));
            item.record.size = text.len() as u64;
        }
        items
    }
}

/// The lines that are not the same at the beginning and at the end of both.
fn change(old: &[u8], new: &[u8]) -> (Range<usize>, Range<usize>) {
    let same = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let is_line = |bytes: &[u8], at: usize| at == 0 || bytes.get(at - 1) == Some(&b'\n');
    let start = new.get(..same).and_then(|head| memchr::memrchr(b'\n', head)).map_or(0, |at| at + 1);
    let tail = |bytes: &[u8]| bytes.len() - start;
    let room = tail(old).min(tail(new));
    let mut end = old.iter().rev().zip(new.iter().rev()).take(room).take_while(|(a, b)| a == b).count();
    // Both must begin a line there.
    while end > 0 && !(is_line(old, old.len() - end) && is_line(new, new.len() - end)) {
        end = new.get(new.len() - end..).and_then(|rest| memchr::memchr(b'\n', rest)).map_or(0, |at| end - at - 1);
    }
    (start..old.len() - end, start..new.len() - end)
}

/// The range with whole lines around it, as many and as long as allowed.
fn around(bytes: &[u8], range: &Range<usize>, lines: usize, most: usize) -> Range<usize> {
    let head = bytes.get(range.start.saturating_sub(most)..range.start).unwrap_or_default();
    let is_all = head.len() == range.start;
    let first = |at: usize| at + 1;
    let start = memchr::memrchr_iter(b'\n', head).nth(lines).map(first);
    // A line of which only the end is in reach is left out.
    let whole = || if is_all { 0 } else { memchr::memchr(b'\n', head).map_or(head.len(), first) };
    let start = range.start - head.len() + start.unwrap_or_else(whole);
    let tail = bytes.get(range.end..range.end.saturating_add(most).min(bytes.len())).unwrap_or_default();
    let end = memchr::memchr_iter(b'\n', tail).nth(lines).map_or(tail.len(), first);
    start..range.end + end
}

/// Runs of digits with what people put between them.
fn long_numbers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_numeric() || matches!(c, ' ' | '.' | '-' | '/' | '\'' | '\u{a0}')))
        .filter(|run| run.chars().filter(|c| c.is_numeric()).nth(DIGITS - 1).is_some())
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_whole_lines() {
        let check = |old: &str, new: &str, expected: (&str, &str)| {
            let (a, b) = change(old.as_bytes(), new.as_bytes());
            assert_eq!((&old[a], &new[b]), expected, "{old:?} {new:?}");
        };
        check("a\nb\nc\n", "a\nB\nc\n", ("b\n", "B\n"));
        check("a\nb\nc\n", "a\nc\n", ("b\n", ""));
        check("a\nc\n", "a\nb\nc\n", ("", "b\n"));
        check("one x\n", "one y x\n", ("one x\n", "one y x\n"));
        check("a\na\n", "a\na\na\n", ("", "a\n"));
        check("", "a", ("", "a"));
        check("a", "ba", ("a", "ba"));
        check("x\nsame", "y\nsame", ("x\n", "y\n"));
        check("same", "same", ("", ""));
    }

    #[test]
    fn lines_around_a_change_are_whole_and_few() {
        let text: String = (0..40).map(|number| ["line ", &number.to_string(), "\n"].concat()).collect();
        let at = text.find("line 20").unwrap();
        let got = &text[around(text.as_bytes(), &(at..at + 8), LINES_AROUND, BYTES_AROUND)];
        assert_eq!((got.lines().next(), got.lines().last()), (Some("line 14"), Some("line 27")));
        assert_eq!(around(b"a\nb", &(0..2), 6, 99), 0..3);
        assert_eq!(around(b"abc\nd\ne", &(6..7), usize::MAX, 4), 4..7);
    }

    #[test]
    fn long_numbers_are_told_from_years() {
        let numbers: Vec<&str> = long_numbers("in 1998 or 12-34-56, AB123456 (0x10)").collect();
        assert_eq!(numbers, ["12-34-56", "123456"]);
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
    fn a_part_has_the_lines_of_the_whole() {
        let text = "name\n".repeat(20_000);
        let at = 50_000;
        let part = Part::around(text.as_bytes(), &(at..at + 5));
        assert!(part.beginning > BEGINNING - 10 && part.range.len() > 2 * PART_AROUND - 10);
        let items = part.judge(text.as_bytes(), |shown| {
            assert_eq!(shown.len(), part.beginning + part.range.len());
            let mut item = Item::plain(ItemRecord::default(), None);
            let line = |line| super::super::read::Detail { line: Some(line), ..Default::default() };
            item.details = vec![line(3), line(part.beginning as u64 / 5 + 1)];
            vec![item]
        });
        let lines: Vec<Option<u64>> = items[0].details.iter().map(|detail| detail.line).collect();
        assert_eq!(lines, [Some(3), Some(part.range.start as u64 / 5 + 1)]);
        assert_eq!(items[0].record.size, 100_000);
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
            (items.iter().flat_map(findings).collect::<HashSet<_>>(), items.iter().any(|item| item.is_delicate))
        };
        let (mut skipped, mut told) = (0, 0);
        for _ in 0..16 {
            let mut lines = programs[below(programs.len())].clone();
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
                let is_skipped = brought(&tools.engine, &last, next.as_bytes(), item.name()) == Brought::Nothing;
                let (found, is_delicate) = read(&next);
                skipped += usize::from(is_skipped);
                told += usize::from(!found.is_subset(&known));
                assert!(!is_skipped || found.is_subset(&known), "{:?}\n{next}", found.difference(&known));
                known.extend(found);
                last = Last { bytes: next.into_bytes(), text: None, is_delicate: last.is_delicate | is_delicate };
            }
        }
        assert!(skipped > 60 && told > 10, "{skipped} skipped, {told} with something new");
    }
}
