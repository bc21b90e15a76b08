//! One file on the share through all stages, within its budget.

use std::io::{Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::judge::ContentHasher;
use crate::model::{ItemRecord, Outcome, Problem, Protection, Reason, Severity, Stage};
use crate::open::{Budget, Limits};
use crate::source::entry::Kind;
use crate::source::{Entry, Fault, OpenFile, Pace, fault};

use super::item::{Content, Facts, Inspect, Reading};
use super::keyring::Keyring;

/// Members of a file that are kept back while it may have to be read again.
const HELD: usize = 64;
/// A file on which nobody worked for so long is not expected to change.
const YOUNG: Duration = Duration::from_mins(10);

/// Reads the file once; records of its members go to `emit` as they are done, its own is returned.
pub fn read_entry(
    entry: &Entry,
    limits: &Limits,
    keyring: &Arc<Keyring>,
    interrupted: &Arc<AtomicBool>,
    inspect: &dyn Inspect,
    emit: &mut dyn FnMut(ItemRecord),
) -> ItemRecord {
    read_once(entry, limits, keyring, interrupted, &Pace::default(), inspect, emit).settled()
}

/// The same in a pace that is allowed, and with the fault of the share, if there was one.
/// Records of members may come late.
///
/// A file that changed while it was read is read once more, unless members of it were told
/// already or its time is over.
pub fn read_gently(
    entry: &Entry,
    limits: &Limits,
    keyring: &Arc<Keyring>,
    interrupted: &Arc<AtomicBool>,
    pace: &Pace,
    inspect: &dyn Inspect,
    emit: &mut dyn FnMut(ItemRecord),
) -> (ItemRecord, Option<Reason>) {
    let started = Instant::now();
    let most_held = if entry.is_younger(YOUNG) { HELD } else { 0 };
    let mut held = Vec::new();
    let mut is_told = false;
    let mut hold = |record: ItemRecord| {
        if !is_told && held.len() < most_held {
            held.push(record);
            return;
        }
        is_told = true;
        held.drain(..).for_each(&mut *emit);
        emit(record);
    };
    let first = read_once(entry, limits, keyring, interrupted, pace, inspect, &mut hold);
    let time = limits.time.saturating_sub(started.elapsed());
    if first.is_changed
        && !is_told
        && time > limits.time / 2
        && !interrupted.load(Ordering::Relaxed)
        && let Ok(now) = entry.again()
        && now.kind == Kind::File
    {
        let limits = Limits { time, ..limits.clone() };
        let second = read_once(&now, &limits, keyring, interrupted, pace, inspect, emit);
        return (second.settled(), second.fault);
    }
    held.into_iter().for_each(emit);
    (first.settled(), first.fault)
}

/// What one reading of a file came to.
struct Once {
    record: ItemRecord,
    is_changed: bool,
    fault: Option<Reason>,
}

impl Once {
    /// The record with what the share did to it.
    fn settled(&self) -> ItemRecord {
        let mut record = self.record.clone();
        let changed = self.is_changed.then_some(Reason::Changed);
        for reason in self.fault.into_iter().chain(changed) {
            if !record.reasons.contains(&reason) {
                record.reasons.push(reason);
            }
            if record.outcome() == Outcome::Read {
                record.outcome = Some(Outcome::ReadInPart);
            }
        }
        record.reasons.sort_unstable();
        record
    }
}

fn read_once(
    entry: &Entry,
    limits: &Limits,
    keyring: &Arc<Keyring>,
    interrupted: &Arc<AtomicBool>,
    pace: &Pace,
    inspect: &dyn Inspect,
    emit: &mut dyn FnMut(ItemRecord),
) -> Once {
    let mut file = match OpenFile::open(entry, pace, interrupted) {
        Ok(file) => file,
        Err(error) => {
            let (message, reason) = (error.kind().to_string(), fault::reason(&error));
            let record = unread(entry, Outcome::Unreadable, reason, message);
            return Once { record, is_changed: false, fault: Some(reason) };
        }
    };
    let budget =
        Budget::new(limits.clone(), entry.stored, Arc::clone(interrupted)).with_passwords(keyring.passwords(entry));
    let mut shows = false;
    let mut heed = |record: ItemRecord| {
        shows |= record.severity > Severity::None;
        emit(record);
    };
    let mut reading = Reading { inspect, budget: &budget, emit: &mut heed };
    let facts = Facts {
        item: entry.item.clone(),
        size: entry.size,
        modified: entry.modified(),
        exposure: entry.exposure.clone(),
        protection: None,
        declared: None,
        depth: 0,
    };
    let (mut record, _) = reading.read(facts, Content::Seekable(&mut file, entry.size));
    let fault = file.fault();
    if fault.is_none() && (shows || record.severity > Severity::None) {
        // These bytes were read a moment ago: they come from the memory of the system, unless there are very many.
        record.content = inspect.content_hasher().and_then(|hasher| content(&mut file, hasher, &budget));
    }
    Once { record, is_changed: !file.is_unchanged(), fault }
}

/// The hash of all bytes; none if they cannot be read once more, or not in the time of the file.
fn content(file: &mut OpenFile<'_>, mut hasher: ContentHasher, budget: &Budget) -> Option<String> {
    file.rewind().ok()?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        budget.check().ok()?;
        match file.read(&mut buffer).ok()? {
            0 => return Some(hasher.finish()),
            length => hasher.update(buffer.get(..length)?),
        }
    }
}

/// What the share did to a file, as its record tells.
pub(super) fn share_fault(record: &ItemRecord) -> Option<Reason> {
    let told = |reason: &&Reason| {
        matches!(reason, Reason::ShareUnavailable | Reason::IoError | Reason::PermissionDenied | Reason::NotFound)
    };
    record.reasons.iter().find(told).copied()
}

/// The record of an entry on a share that is down.
pub(super) fn unanswered(entry: &Entry) -> ItemRecord {
    unread(entry, Outcome::Unreadable, Reason::ShareUnavailable, "the share does not answer".to_owned())
}

/// The record of an entry that is not read.
pub fn unread(entry: &Entry, outcome: Outcome, reason: Reason, message: String) -> ItemRecord {
    let problems = match outcome {
        Outcome::Unreadable => {
            vec![Problem { item: entry.item.clone(), stage: Stage::Open, code: reason, message }]
        }
        _ => Vec::new(),
    };
    ItemRecord {
        item: entry.item.clone(),
        size: entry.size,
        modified: entry.modified(),
        media_type: "application/octet-stream".into(),
        outcome: Some(outcome),
        reasons: vec![reason],
        protection: if outcome == Outcome::Unreadable || reason.is_gap() {
            Protection::unknown("the content was not read")
        } else {
            Protection::default()
        },
        exposure: entry.exposure.clone(),
        problems,
        ..ItemRecord::default()
    }
}

/// The record of what the walk could not examine or list.
pub fn faulty(fault: Fault) -> ItemRecord {
    let Fault { item, reason, message } = fault;
    ItemRecord {
        media_type: "application/octet-stream".into(),
        outcome: Some(Outcome::Unreadable),
        reasons: vec![reason],
        protection: Protection::unknown("the content was not read"),
        problems: vec![Problem { item: item.clone(), stage: Stage::Walk, code: reason, message }],
        item,
        ..ItemRecord::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Judgement;
    use crate::model::{Exposure, ItemPath, Name, Text};
    use crate::scan::item::Inspection;
    use std::cell::RefCell;
    use std::path::Path;

    /// Writes to the file while its text is looked at, that many times.
    struct Writer<'a> {
        path: &'a Path,
        times: RefCell<usize>,
        texts: RefCell<Vec<String>>,
    }

    impl Inspect for Writer<'_> {
        fn begin(&self, _item: &ItemPath) -> Box<dyn Inspection + '_> {
            Box::new(Look(self))
        }
    }

    struct Look<'a>(&'a Writer<'a>);

    impl Inspection for Look<'_> {
        fn text(&mut self, text: Text) {
            self.0.texts.borrow_mut().push(text.content().to_owned());
            let mut times = self.0.times.borrow_mut();
            if *times > 0 {
                *times -= 1;
                // Of another length each time: clocks of file systems are coarse.
                std::fs::write(self.0.path, format!("changed {times} times more{}", "!".repeat(*times))).unwrap();
            }
        }

        fn name(&mut self, _item: &ItemPath) {}

        fn finish(self: Box<Self>, _protection: &Protection, _exposure: &Exposure) -> Judgement {
            Judgement::default()
        }
    }

    fn read_while_written(times: usize) -> (ItemRecord, Vec<String>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.txt");
        std::fs::write(&path, "first").unwrap();
        let entry = Entry::new(ItemPath::new(0, Name::from("a.txt")), path.clone(), &path.metadata().unwrap());
        let writer = Writer { path: &path, times: RefCell::new(times), texts: RefCell::default() };
        let (limits, pace) = (Limits::default(), Pace::default());
        let mut emit = |_| panic!("no members");
        let (record, _) = read_gently(&entry, &limits, &Arc::default(), &Arc::default(), &pace, &writer, &mut emit);
        (record, writer.texts.into_inner())
    }

    #[test]
    fn a_file_that_changes_is_read_once_more() {
        let (record, texts) = read_while_written(1);
        assert_eq!((record.outcome(), record.size), (Outcome::Read, 20));
        assert_eq!(texts, ["first\n", "changed 0 times more\n"]);
        let (record, texts) = read_while_written(5);
        assert_eq!((record.outcome(), &record.reasons[..]), (Outcome::ReadInPart, &[Reason::Changed][..]));
        assert_eq!(texts.len(), 2);
        assert_eq!(read_while_written(0).0.outcome(), Outcome::Read);
    }
}
