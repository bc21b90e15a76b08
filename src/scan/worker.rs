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

use super::copies::{Copies, Said};
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
    let tools = Tools { limits, keyring, interrupted, pace: &Pace::default(), inspect };
    read_once(entry, &tools, Duration::MAX, emit).settled()
}

/// What files are read with.
#[derive(Clone, Copy)]
pub struct Tools<'a> {
    pub limits: &'a Limits,
    pub keyring: &'a Arc<Keyring>,
    pub interrupted: &'a Arc<AtomicBool>,
    pub pace: &'a Pace,
    pub inspect: &'a dyn Inspect,
}

/// The same in a pace that is allowed, and with the fault of the share, if there was one.
/// Records of members may come late.
///
/// A file that changed while it was read is read once more, unless members of it were told
/// already or its time is over. A copy of one of `copies` is not taken apart.
pub fn read_gently(
    entry: &Entry,
    tools: &Tools<'_>,
    copies: &mut Copies,
    emit: &mut dyn FnMut(ItemRecord),
) -> (ItemRecord, Option<Reason>) {
    let began = Instant::now();
    if copies.may_have(entry)
        && let Some(hash) = hash(entry, tools)
        && let Some((members, own)) = copies.told(entry, &hash)
    {
        members.into_iter().for_each(emit);
        return (own, None);
    }
    // What the hash took is taken off the time of the file.
    let limits = Limits { time: tools.limits.time.saturating_sub(began.elapsed()), ..tools.limits.clone() };
    let tools = &Tools { limits: &limits, ..*tools };
    let (least, started) = (copies.least(entry), Instant::now());
    let mut said = Said::new();
    let mut hear = |record: ItemRecord| {
        said.add(&record);
        emit(record);
    };
    let once = read_again(entry, tools, least, &mut hear);
    if let (Some(hash), false, None) = (&once.hash, once.is_changed, once.fault)
        && started.elapsed() >= least
    {
        copies.keep(entry, hash.clone(), said, &once.record);
    }
    (once.settled(), once.fault)
}

/// Twice if it changes.
fn read_again(entry: &Entry, tools: &Tools<'_>, worth: Duration, emit: &mut dyn FnMut(ItemRecord)) -> Once {
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
    let first = read_once(entry, tools, worth, &mut hold);
    let time = tools.limits.time.saturating_sub(started.elapsed());
    if first.is_changed
        && !is_told
        && time > tools.limits.time / 2
        && !tools.interrupted.load(Ordering::Relaxed)
        && let Ok(now) = entry.again()
        && now.kind == Kind::File
    {
        let limits = Limits { time, ..tools.limits.clone() };
        // What is said now is not said of the entry: nobody is to look for copies of it.
        return Once { hash: None, ..read_once(&now, &Tools { limits: &limits, ..*tools }, Duration::MAX, emit) };
    }
    held.into_iter().for_each(emit);
    first
}

/// What one reading of a file came to.
struct Once {
    record: ItemRecord,
    /// Of its bytes, if it was made.
    hash: Option<String>,
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

/// Hashes also what shows nothing if it took as long as `worth`.
fn read_once(entry: &Entry, tools: &Tools<'_>, worth: Duration, emit: &mut dyn FnMut(ItemRecord)) -> Once {
    let Tools { limits, keyring, interrupted, pace, inspect } = *tools;
    let started = Instant::now();
    let mut file = match OpenFile::open(entry, pace, interrupted) {
        Ok(file) => file,
        Err(error) => {
            let (message, reason) = (error.kind().to_string(), fault::reason(&error));
            let record = unread(entry, Outcome::Unreadable, reason, message);
            return Once { record, hash: None, is_changed: false, fault: Some(reason) };
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
    let mut fault = file.fault();
    shows |= record.severity > Severity::None;
    let mut hash = None;
    if fault.is_none() && (shows || started.elapsed() >= worth) {
        // These bytes were read a moment ago: they come from the memory of the system, unless there are very many.
        hash = inspect.content_hasher().and_then(|hasher| content(&mut file, hasher, &budget));
    }
    if shows {
        record.content.clone_from(&hash);
    }
    // A share that does not answer does not say either that the file changed; it may fall silent only now.
    let is_changed = file.fault() != Some(Reason::ShareUnavailable) && file.has_changed();
    if file.fault() == Some(Reason::ShareUnavailable) {
        fault = file.fault();
    }
    Once { record, hash, is_changed, fault }
}

/// Of the bytes of a file that was not read yet; none if anything is in the way, for the reading to say what.
fn hash(entry: &Entry, tools: &Tools<'_>) -> Option<String> {
    let mut file = OpenFile::open(entry, tools.pace, tools.interrupted).ok()?;
    let budget = Budget::new(tools.limits.clone(), entry.stored, Arc::clone(tools.interrupted));
    let hash = content(&mut file, tools.inspect.content_hasher()?, &budget);
    hash.filter(|_| file.fault().is_none() && !file.has_changed())
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
        let mut emit = |_| panic!("no members");
        let tools = Tools {
            limits: &Limits::default(),
            keyring: &Arc::default(),
            interrupted: &Arc::default(),
            pace: &Pace::default(),
            inspect: &writer,
        };
        let (record, _) = read_gently(&entry, &tools, &mut Copies::none(), &mut emit);
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
