//! The versions of one file in a history: each is read whole, unless what changed can bring nothing.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::detect::Engine;
use crate::identify::{self, Format};
use crate::model::{ItemPath, ItemRecord, Name, Outcome, Place, Shape, Text};
use crate::open::passwords::Passwords;
use crate::scan::crash;
use crate::scan::head::HEAD;
use crate::source::git::history::Versions;
use crate::source::git::{ObjectId, Objects};

use super::lines::Lines;
use super::read::{Item, Tools, content, crashed};

/// Lines around a change that are looked at with it.
const LINES_AROUND: usize = 6;
/// Bytes around a change that are looked at with it, at most.
const BYTES_AROUND: usize = 1 << 10;
/// A change beyond this is no small one.
const MOST_CHANGED: usize = 16 << 10;
/// Digits from which on a number may be somebody's, whatever stands near by.
const DIGITS: usize = 6;

/// The version that was read last.
struct Last {
    bytes: Vec<u8>,
    /// Its record, if it is text that was read to its end.
    text: Option<ItemRecord>,
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
            let like = last.as_ref().and_then(|last| {
                let record = last.text.as_ref()?;
                (!brings(&tools.engine, &last.bytes, &bytes, item.name())).then(|| record.clone())
            });
            if let Some(record) = like {
                let record = ItemRecord { size: bytes.len() as u64, ..record };
                return Ok::<_, Box<Item>>((bytes, vec![Item::plain(record, None)]));
            }
            let mut items = tools.judge(item.clone(), &bytes, None, Passwords::default(), interrupted);
            known.mark(&mut items, |before| {
                let before = content(&item, before, objects).unwrap_or_default();
                tools.judge(item.clone(), &before, None, Passwords::default(), interrupted)
            });
            Ok((bytes, items))
        });
        let items = match read {
            Ok(Ok((bytes, items))) => {
                let text = items.last().and_then(|item| plain_text(&item.record));
                last = Some(Last { bytes, text });
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

/// Whether the new version of a text may hold something that the old one did not: a match in or near what changed,
/// or a long number, which a label far away may explain.
fn brings(engine: &Engine, old: &[u8], new: &[u8], name: &Name) -> bool {
    let (old_change, new_change) = change(old, new);
    if new_change.len().max(old_change.len()) > MOST_CHANGED {
        return true;
    }
    // What decides the format stands at the beginning.
    let head = usize::try_from(HEAD).unwrap_or(usize::MAX);
    let is_text = || identify::identify(new.get(..head).unwrap_or(new), name) == Format::Text;
    if new_change.start < head && !is_text() {
        return true;
    }
    let part = |bytes: &[u8], range: &Range<usize>| {
        String::from_utf8_lossy(bytes.get(range.clone()).unwrap_or_default()).into_owned()
    };
    let (before, after) = (part(old, &old_change), part(new, &new_change));
    let known: HashSet<&str> = long_numbers(&before).collect();
    if long_numbers(&after).any(|number| !known.contains(number)) || Lines::new(after.as_bytes()).is_none() {
        return true;
    }
    let found = |bytes: &[u8], change: Range<usize>| {
        let mut text = Text::new(Shape::Prose);
        text.push(&part(bytes, &around(bytes, change)), Place::default(), 0, None);
        engine.find(&text).into_iter().map(|found| (found.detector, found.value)).collect::<HashSet<_>>()
    };
    let matches = found(new, new_change);
    !matches.is_empty() && !matches.is_subset(&found(old, old_change))
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

/// The range with whole lines around it.
fn around(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let head = bytes.get(range.start.saturating_sub(BYTES_AROUND)..range.start).unwrap_or_default();
    let start = memchr::memrchr_iter(b'\n', head).nth(LINES_AROUND).map_or(0, |at| at + 1);
    let tail = bytes.get(range.end..(range.end + BYTES_AROUND).min(bytes.len())).unwrap_or_default();
    let end = memchr::memchr_iter(b'\n', tail).nth(LINES_AROUND).map_or(tail.len(), |at| at + 1);
    range.start - (head.len() - start)..range.end + end
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
        let text: String = (0..40).map(|number| format!("line {number}\n")).collect();
        let at = text.find("line 20").unwrap();
        let got = &text[around(text.as_bytes(), at..at + 8)];
        assert_eq!((got.lines().next(), got.lines().last()), (Some("line 14"), Some("line 27")));
        assert_eq!(around(b"a\nb", 0..2), 0..3);
    }

    #[test]
    fn long_numbers_are_told_from_years() {
        let numbers: Vec<&str> = long_numbers("in 1998 or 12-34-56, AB123456 (0x10)").collect();
        assert_eq!(numbers, ["12-34-56", "123456"]);
    }
}
