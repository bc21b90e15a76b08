//! One file or content through the stages, and for each of its findings the line, the column and whether it is new.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::detect::Engine;
use crate::judge::{Judge, Spot};
use crate::model::{
    Category, Exposure, Finding, ItemPath, ItemRecord, Name, Outcome, Problem, Protection, Reason, Stage,
};
use crate::open::passwords::Passwords;
use crate::open::{Budget, Limits};
use crate::scan::item::{Content, Facts, Reading};
use crate::scan::keyring::Keyring;
use crate::scan::{crash, worker};
use crate::source::git::history::Versions;
use crate::source::git::{GitError, ObjectId, Objects};
use crate::source::{Entry, fault};

use super::inspect::Inspecting;
use super::lines::{Added, Lines, columns};
use super::look_alike::Example;
use super::marks::{self, Mark};
use super::versions;

/// Files of the working tree up to this are read whole; larger ones as a scan reads them, without lines.
const WHOLE: u64 = 64 << 20;
/// Contents out of a repository, which come whole.
const LARGEST: u64 = 512 << 20;

/// What all workers share.
pub struct Tools {
    pub engine: Engine,
    pub judge: Arc<Judge>,
    pub limits: Limits,
    pub keyring: Arc<Keyring>,
}

/// Something to be read.
pub(super) enum Job {
    File(Entry),
    Content {
        path: Name,
        id: ObjectId,
        /// What stood there before: only what is new counts.
        old: Option<ObjectId>,
    },
    /// Of the history.
    Versions(Versions),
    /// What is told as it is.
    Told(ItemRecord),
}

/// One item, read.
pub(super) struct Item {
    pub(super) record: ItemRecord,
    /// One for each finding of the record.
    pub(super) details: Vec<Detail>,
    /// In a check of the history.
    pub(super) commit: Option<String>,
    /// It has words that count only beside a person, whether they do or not.
    pub(super) is_delicate: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Detail {
    pub(super) line: Option<u64>,
    pub(super) columns: Option<(u64, u64)>,
    /// On a line that was there before, and found there before.
    pub(super) is_old: bool,
    /// A pipeline or a template puts something else in its place.
    pub(super) is_filled_in: bool,
    /// Signs of an example: what they say depends on the file.
    pub(super) example: Example,
    /// The reason of the mark beside it.
    pub(super) mark: Option<String>,
}

/// Reads what the job names and tells its items, the members of a file before it; `tell` says whether to go on.
pub(super) fn read(
    job: Job,
    tools: &Tools,
    objects: Option<&Objects>,
    interrupted: &Arc<AtomicBool>,
    tell: &mut dyn FnMut(Vec<Item>) -> bool,
) -> bool {
    match job {
        Job::Told(record) => tell(vec![Item::plain(record, None)]),
        Job::File(entry) => {
            let told = entry.clone();
            let items = crash::catch(|| read_file(&entry, tools, interrupted));
            tell(items.unwrap_or_else(|place| vec![crashed(told.item, place)]))
        }
        Job::Content { path, id, old } => {
            let item = ItemPath::new(0, path);
            let told = item.clone();
            let content = |objects| read_content(item, id, old, tools, objects, interrupted);
            let items = crash::catch(|| objects.map(content).unwrap_or_default());
            tell(items.unwrap_or_else(|place| vec![crashed(told, place)]))
        }
        Job::Versions(file) => objects.is_none_or(|objects| versions::read(file, tools, objects, interrupted, tell)),
    }
}

impl Item {
    pub(super) fn plain(record: ItemRecord, commit: Option<String>) -> Self {
        let details = record.findings.iter().map(|finding| Detail { line: finding.place.line, ..Detail::default() });
        Self { details: details.collect(), record, commit, is_delicate: false }
    }
}

pub(super) fn crashed(item: ItemPath, place: String) -> Item {
    Item::plain(unreadable(item, Reason::Crashed, format!("stopped at {place}")), None)
}

pub(super) fn unreadable(item: ItemPath, reason: Reason, message: String) -> ItemRecord {
    ItemRecord {
        media_type: "application/octet-stream".into(),
        outcome: Some(Outcome::Unreadable),
        reasons: vec![reason],
        protection: Protection::unknown("the content was not read"),
        problems: vec![Problem { item: item.clone(), stage: Stage::Open, code: reason, message }],
        item,
        ..ItemRecord::default()
    }
}

fn read_file(entry: &Entry, tools: &Tools, interrupted: &Arc<AtomicBool>) -> Vec<Item> {
    if entry.size > WHOLE {
        let inspect = tools.inspecting();
        let mut items = Vec::new();
        let mut emit = |record| items.push(Item::plain(record, None));
        let record = worker::read_entry(entry, &tools.limits, &tools.keyring, interrupted, &inspect, &mut emit);
        items.push(Item::plain(record, None));
        return items;
    }
    let bytes = entry.open().and_then(|file| {
        let mut bytes = Vec::new();
        file.take(WHOLE + 1).read_to_end(&mut bytes).map(|_| bytes)
    });
    match bytes {
        Ok(bytes) if bytes.len() as u64 > WHOLE => {
            vec![Item::plain(unreadable(entry.item.clone(), Reason::Changed, "it grew".into()), None)]
        }
        Ok(bytes) => tools.judge(entry.item.clone(), &bytes, None, tools.keyring.passwords(entry), interrupted),
        Err(error) => {
            let reason = fault::reason(&error);
            vec![Item::plain(unreadable(entry.item.clone(), reason, error.kind().to_string()), None)]
        }
    }
}

fn read_content(
    item: ItemPath,
    id: ObjectId,
    old: Option<ObjectId>,
    tools: &Tools,
    objects: &Objects,
    interrupted: &Arc<AtomicBool>,
) -> Vec<Item> {
    let bytes = match content(&item, id, objects) {
        Ok(bytes) => bytes,
        Err(item) => return vec![*item],
    };
    // Without what was there before, all of it counts as new.
    let old = old.and_then(|old| objects.blob(old, LARGEST).ok());
    tools.judge(item, &bytes, old.as_deref(), Passwords::default(), interrupted)
}

/// A content out of a repository, or what is told without it.
pub(super) fn content(item: &ItemPath, id: ObjectId, objects: &Objects) -> Result<Vec<u8>, Box<Item>> {
    objects.blob(id, LARGEST).map_err(|error| {
        let reason = match error {
            GitError::Missing(..) => Reason::NotFound,
            GitError::TooLarge(_) => Reason::MemberTooLarge,
            _ => Reason::IoError,
        };
        Box::new(Item::plain(unreadable(item.clone(), reason, error.to_string()), None))
    })
}

impl Tools {
    fn inspecting(&self) -> Inspecting<'_> {
        Inspecting { engine: &self.engine, judge: &self.judge, last: RefCell::default() }
    }

    pub(super) fn judge(
        &self,
        item: ItemPath,
        bytes: &[u8],
        old: Option<&[u8]>,
        passwords: Passwords,
        interrupted: &Arc<AtomicBool>,
    ) -> Vec<Item> {
        let (record, spots, mut items) = self.examine(item.clone(), bytes, passwords, interrupted);
        let lines = Lines::new(bytes);
        let marks = lines.as_ref().map(marks::read).unwrap_or_default();
        let mut used = vec![false; spots.len()];
        let mut details: Vec<Detail> = record
            .findings
            .iter()
            .map(|finding| {
                let mut detail = Detail { line: finding.place.line, ..Detail::default() };
                if let Some(lines) = &lines {
                    self.locate(finding, lines, &spots, &mut used, &mut detail);
                }
                detail.mark = detail.line.and_then(|line| reason_beside(&marks, line, finding));
                detail
            })
            .collect();
        if let Some(old) = old {
            let added = Added::between(old, bytes);
            for detail in &mut details {
                detail.is_old = !added.holds(detail.line);
            }
            if details.iter().any(|detail| detail.is_old) {
                // What stands on an old line is new if something new makes it a finding.
                let (before, ..) = self.examine(item, old, Passwords::default(), interrupted);
                let known: HashSet<&str> = before.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
                for (detail, finding) in details.iter_mut().zip(&record.findings) {
                    detail.is_old &= known.contains(finding.fingerprint.as_str());
                }
            }
        }
        let is_delicate = spots.iter().any(|spot| spot.is_delicate(&self.judge));
        items.push(Item { record, details, commit: None, is_delicate });
        items
    }

    /// The record of the content, its matches, and the records of its members.
    fn examine(
        &self,
        item: ItemPath,
        bytes: &[u8],
        passwords: Passwords,
        interrupted: &Arc<AtomicBool>,
    ) -> (ItemRecord, Vec<Spot>, Vec<Item>) {
        let size = bytes.len() as u64;
        let budget = Budget::new(self.limits.clone(), size, Arc::clone(interrupted)).with_passwords(passwords);
        let inspect = self.inspecting();
        let mut members = Vec::new();
        let mut emit = |record| members.push(Item::plain(record, None));
        let mut reading = Reading { inspect: &inspect, budget: &budget, emit: &mut emit };
        let facts = Facts {
            item,
            size,
            modified: None,
            exposure: Exposure::default(),
            protection: None,
            declared: None,
            depth: 0,
        };
        let (record, _) = reading.read(facts, Content::Seekable(&mut Cursor::new(bytes), size));
        (record, inspect.last.take(), members)
    }

    /// The line of the finding as the file has it, and its columns.
    fn locate(&self, finding: &Finding, lines: &Lines<'_>, spots: &[Spot], used: &mut [bool], detail: &mut Detail) {
        // The same value may stand twice at one place.
        let is_free = |at: usize| used.get(at) == Some(&false);
        let at = spots.iter().enumerate().find(|(at, spot)| is_free(*at) && spot.is_of(finding, &self.judge));
        let Some((at, _)) = at else { return };
        let nth = spots.iter().take(at).filter(|spot| spot.is_of(finding, &self.judge)).count();
        if let Some(used) = used.get_mut(at) {
            *used = true;
        }
        let Some(spot) = spots.get(at) else { return };
        let is_secret = finding.category == Category::Credential;
        if let Some(line) = finding.place.line {
            let Some(text) = lines.line(line) else { return };
            let mut from = 0;
            let mut found = None;
            for _ in 0..=nth {
                let Some(range) = text.get(from..).and_then(|rest| spot.find_in(rest)) else { break };
                found = Some(from + range.start..from + range.end);
                from += range.end;
            }
            detail.is_filled_in = found.as_ref().is_some_and(|range| is_filled_in(text, range.start));
            if let Some(range) = found.as_ref().filter(|_| is_secret) {
                detail.example = Example::of(lines, line, range);
            }
            detail.columns = found.map(|range| columns(text, &range));
        } else if let Some(range) = spot.find_in(lines.whole()) {
            let (line, start) = lines.locate(range.start);
            detail.line = Some(line);
            let text = lines.line(line).unwrap_or_default();
            detail.is_filled_in = is_filled_in(text, start);
            let range = start..start + range.len();
            if is_secret {
                detail.example = Example::of(lines, line, &range);
            }
            detail.columns = Some(columns(text, &range));
        }
    }
}

/// Whether what stands there is the name of a value: `${{ secrets.TOKEN }}`, `{{ password }}`, `$(KEY)`.
fn is_filled_in(line: &str, start: usize) -> bool {
    const OPENERS: &[&str] = &["${", "{{", "$(", "<%", "%("];
    let Some((before, from)) = line.split_at_checked(start) else { return false };
    let from = from.trim_start_matches(['\'', '"', ' ']);
    // Within an expression of a workflow; in program text two braces may hold anything.
    let is_within = before.rsplit_once("${{").is_some_and(|(_, inside)| !inside.contains("}}"));
    is_within || OPENERS.iter().any(|opener| from.starts_with(opener))
}

fn reason_beside(marks: &[Mark], line: u64, finding: &Finding) -> Option<String> {
    marks.iter().find(|mark| mark.accepts(line, &finding.detector)).map(|mark| mark.reason.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_values_are_told_from_values() {
        let check = |line: &str, value: &str, expected| {
            assert_eq!(is_filled_in(line, line.find(value).unwrap()), expected, "{line}");
        };
        check("password: ${{ secrets.TOKEN }}", "secrets", true);
        check("password: '${{ secrets.TOKEN }}'", "'$", true);
        check("a: ${{ x }} password: Hunter2!", "Hunter2", false);
        check("style={{ password: \"Hunter2!\" }}", "Hunter2", false);
        check("password=$(KEY)", "$(", true);
        check("password=Hunter2!", "Hunter2", false);
    }
}
