//! The workers: each reads one unit of files after the other, helps with large ones, and is replaced when it does not come back.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded, never, select};

use crate::detect::engine::Engine;
use crate::model::{ItemRecord, Outcome, Reason};
use crate::open::Limits;
use crate::source::{Entry, Pace, Rates, Shares};

use super::classify::Classify;
use super::config::Config;
use super::copies::Copies;
use super::helpers::Helpers;
use super::process::{self, Workers};
use super::progress::Progress;
use super::supervise::Message;
use super::worker;

/// Parsers recurse; the system's default would overflow before their own limits do.
pub(super) const WORKER_STACK: usize = 64 << 20;
/// How long past its deadline a file may keep a worker that does not look at its budget.
pub(super) const GRACE: Duration = Duration::from_secs(5);
/// Records that a worker keeps before it hands them over.
const RECORDS: usize = 64;
/// Files from this size on are shown by the progress bar.
pub(super) const SHOWN: u64 = 1 << 20;

/// What all threads of a scan share.
pub(super) struct Shared {
    pub(super) config: Arc<Config>,
    /// Made when a thread needs it: worker processes have their own.
    engine: OnceLock<Engine>,
    pub(super) workers: Option<Arc<Workers>>,
    pub(super) helpers: Helpers,
    pub(super) units: Units,
    pub(super) pace: Arc<Pace>,
    pub(super) shares: Arc<Shares>,
    pub(super) queue: Receiver<Vec<Entry>>,
    pub(super) messages: Sender<Message>,
    pub(super) progress: Arc<Progress>,
    pub(super) interrupted: Arc<AtomicBool>,
}

impl Shared {
    pub(super) fn new(
        config: Arc<Config>,
        shares: Arc<Shares>,
        queue: Receiver<Vec<Entry>>,
        messages: Sender<Message>,
        progress: &Arc<Progress>,
        interrupted: &Arc<AtomicBool>,
    ) -> Self {
        Self {
            engine: OnceLock::new(),
            workers: config.isolation.as_ref().map(|launch| Arc::new(Workers::new(&config, launch))),
            helpers: Helpers::new(config.threads),
            units: Units::new(),
            pace: Arc::new(Pace::new(Rates::clone(&config.rates))),
            shares,
            config,
            queue,
            messages,
            progress: Arc::clone(progress),
            interrupted: Arc::clone(interrupted),
        }
    }

    fn engine(&self) -> &Engine {
        self.engine.get_or_init(|| Engine::new(&self.config.catalogue))
    }
}

/// Counts the units that are found and not yet read: workers stay to help until the last one is.
pub(super) struct Units {
    /// The walk counts as one.
    open: AtomicUsize,
    /// Dropped when nothing is open.
    end: Mutex<Option<Sender<()>>>,
    ended: Receiver<()>,
}

impl Units {
    pub(super) fn new() -> Self {
        let (end, ended) = bounded(0);
        Self { open: AtomicUsize::new(1), end: Mutex::new(Some(end)), ended }
    }

    pub(super) fn found(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn walked(&self) {
        self.done();
    }

    pub(super) fn done(&self) {
        if self.open.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.end.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }
}

impl Shared {
    /// The next unit; none when all that was found is read, though a listing that hangs may still hold the queue open.
    pub(super) fn next_unit(&self) -> Option<Vec<Entry>> {
        select! {
            recv(self.queue) -> unit => unit.ok(),
            recv(self.units.ended) -> _ => None,
        }
    }
}

/// What one worker has in hand; the watch looks at it and can take it away.
#[derive(Default)]
struct Slot(Mutex<InHand>);

#[derive(Default)]
struct InHand {
    unit: VecDeque<Entry>,
    current: Option<(Arc<Entry>, Instant)>,
    /// Until when it may look at a text of another worker's file.
    helping: Option<Instant>,
    /// Not yet handed over.
    records: Vec<ItemRecord>,
    /// The worker was given up; what it still says is not heard.
    relieved: bool,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, InHand> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Crew {
    shared: Arc<Shared>,
    slots: Vec<Arc<Slot>>,
    pub(super) working: usize,
}

impl Crew {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, slots: Vec::new(), working: 0 }
    }

    /// A thread that reads, or one that keeps a process which does. `unit` is the rest of one
    /// that another thread began.
    pub(super) fn hire(&mut self, unit: Option<VecDeque<Entry>>) -> io::Result<()> {
        if let Some(workers) = &self.shared.workers {
            self.working += 1;
            return process::keep(Arc::clone(&self.shared), Arc::clone(workers));
        }
        let slot = Arc::new(Slot::default());
        let begun = unit.is_some();
        slot.lock().unit = unit.unwrap_or_default();
        let shared = Arc::clone(&self.shared);
        let own = Arc::clone(&slot);
        thread::Builder::new()
            .name("worker".into())
            .stack_size(WORKER_STACK)
            .spawn(move || work(&shared, &own, begun))?;
        self.slots.push(slot);
        self.working += 1;
        Ok(())
    }

    /// Gives up workers that are stuck in a file past its deadline, puts others in their
    /// place, and returns the records of those files. A thread cannot be ended; it is left
    /// behind. (A worker process can, and its keeper sees to that.)
    pub(super) fn relieve(&mut self) -> io::Result<Vec<ItemRecord>> {
        let mut records = Vec::new();
        let mut left = Vec::new();
        self.slots.retain(|slot| {
            let mut hand = slot.lock();
            let now = Instant::now();
            if hand.helping.is_some_and(|deadline| now > deadline + GRACE) {
                // The file it helped with has a deadline of its own.
                hand.relieved = true;
                left.push(None);
                return false;
            }
            let Some((entry, _)) = hand.current.take_if(|(_, deadline)| now > *deadline + GRACE) else {
                return true;
            };
            hand.relieved = true;
            left.push(Some(std::mem::take(&mut hand.unit)));
            records.append(&mut hand.records);
            let message = "the reader did not come back from this file".to_owned();
            records.push(worker::unread(&entry, Outcome::Unreadable, Reason::Timeout, message));
            // Perhaps it is the share that did not come back.
            self.shared.shares.health.suspect(&entry.path);
            false
        });
        for unit in left {
            self.working -= 1;
            self.hire(unit)?;
        }
        Ok(records)
    }
}

/// `begun`: the slot holds a unit.
fn work(shared: &Shared, slot: &Slot, begun: bool) {
    let mut begun = begun;
    let mut copies = Copies::of_scan(shared.config.read_copies);
    loop {
        loop {
            if slot.lock().unit.is_empty() {
                break;
            }
            // Before the time of the file begins.
            shared.pace.before_file(&shared.interrupted);
            let Some(entry) = next(shared, slot) else { break };
            if !read(shared, slot, &mut copies, &entry) {
                return;
            }
        }
        let rest = std::mem::take(&mut slot.lock().records);
        if !rest.is_empty() && shared.messages.send(Message::Records(rest)).is_err() {
            return;
        }
        if begun {
            shared.units.done();
        }
        shared.helpers.arrive();
        let waited = wait(shared, slot);
        shared.helpers.leave();
        match waited {
            Waited::Unit(unit) => {
                if let Some(first) = unit.first() {
                    shared.progress.set_current(&first.item);
                }
                slot.lock().unit = unit.into();
                begun = true;
            }
            Waited::Ended => break,
            Waited::Relieved => return,
        }
    }
    let _ = shared.messages.send(Message::Finished);
}

enum Waited {
    Unit(Vec<Entry>),
    /// There is nothing more to read.
    Ended,
    Relieved,
}

/// Waits for a unit, and meanwhile helps with the files of others.
fn wait(shared: &Shared, slot: &Slot) -> Waited {
    let nothing = never();
    let mut queue = &shared.queue;
    loop {
        match queue.try_recv() {
            Ok(unit) => return Waited::Unit(unit),
            Err(TryRecvError::Disconnected) => queue = &nothing,
            Err(TryRecvError::Empty) => {}
        }
        select! {
            recv(queue) -> unit => match unit {
                Ok(unit) => return Waited::Unit(unit),
                Err(_) => queue = &nothing,
            },
            recv(shared.helpers.inbox()) -> job => {
                let Ok(job) = job else { return Waited::Ended };
                slot.lock().helping = Some(Instant::now() + shared.config.limits.time);
                job.run(shared.engine());
                let mut hand = slot.lock();
                hand.helping = None;
                if hand.relieved {
                    return Waited::Relieved;
                }
            },
            recv(shared.units.ended) -> _ => return Waited::Ended,
        }
    }
}

fn next(shared: &Shared, slot: &Slot) -> Option<Arc<Entry>> {
    let mut hand = slot.lock();
    let entry = Arc::new(hand.unit.pop_front()?);
    hand.current = Some((Arc::clone(&entry), Instant::now() + allowed(&entry, &shared.config.limits)));
    Some(entry)
}

/// What a file may take: as its [`crate::open::Budget`] has it.
pub(super) fn allowed(entry: &Entry, limits: &Limits) -> Duration {
    // Text recognition has a time of its own, and is not to be seen from here.
    let recognition = if limits.recognition.is_on() { limits.recognition.time } else { Duration::ZERO };
    limits.time + recognition + Duration::from_secs(entry.stored / limits.bytes_per_second.max(1))
}

/// Whether the worker goes on.
fn read(shared: &Shared, slot: &Slot, copies: &mut Copies, entry: &Entry) -> bool {
    let config = &shared.config;
    let record = if shared.interrupted.load(Ordering::Relaxed) {
        worker::unread(entry, Outcome::Skipped, Reason::Interrupted, String::new())
    } else if shared.shares.health.is_down(&entry.path) {
        worker::unanswered(entry)
    } else {
        if entry.size >= SHOWN {
            shared.progress.set_current(&entry.item);
        }
        let classify = Classify { engine: shared.engine(), judge: &config.judge, helpers: &shared.helpers };
        let mut emit = |record: ItemRecord| {
            tell(shared, slot, record, false);
        };
        let tools = worker::Tools {
            limits: &config.limits,
            keyring: &config.keyring,
            interrupted: &shared.interrupted,
            pace: &shared.pace,
            inspect: &classify,
        };
        let (record, fault) = worker::read_gently(entry, &tools, copies, &mut emit);
        shared.shares.health.heard(&entry.path, fault);
        record
    };
    tell(shared, slot, record, true)
}

/// Keeps the record, or hands over those that are kept; false if nobody hears them any more.
fn tell(shared: &Shared, slot: &Slot, record: ItemRecord, ends_file: bool) -> bool {
    let mut hand = slot.lock();
    if hand.relieved {
        return false;
    }
    if ends_file {
        hand.current = None;
    }
    hand.records.push(record);
    if hand.records.len() < RECORDS {
        return true;
    }
    let records = std::mem::take(&mut hand.records);
    drop(hand);
    shared.messages.send(Message::Records(records)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::super::supervise::tests::config;
    use super::*;
    use crate::model::{ItemPath, Name};

    fn entry(path: &std::path::Path) -> Entry {
        let name = Name::from_path(std::path::Path::new(path.file_name().unwrap()));
        Entry::new(ItemPath::new(0, name), path.to_path_buf(), &path.metadata().unwrap())
    }

    #[test]
    fn a_worker_that_is_stuck_costs_its_file_only() {
        let dir = tempfile::tempdir().unwrap();
        let [before, stuck, next] = ["before.txt", "stuck.txt", "next.txt"].map(|name| dir.path().join(name));
        for path in [&before, &stuck, &next] {
            std::fs::write(path, "x").unwrap();
        }
        let config = config(vec![dir.path().to_path_buf()]);
        let (units, queue) = bounded(1);
        drop(units);
        let (messages, inbox) = bounded(16);
        let shared = Arc::new(Shared::new(config, Arc::default(), queue, messages, &Arc::default(), &Arc::default()));
        let long_ago = Instant::now().checked_sub(GRACE * 2).unwrap();
        let hand = InHand {
            unit: [entry(&next)].into(),
            current: Some((Arc::new(entry(&stuck)), long_ago)),
            records: vec![worker::unread(&entry(&before), Outcome::Skipped, Reason::Excluded, String::new())],
            ..InHand::default()
        };
        let slot = Arc::new(Slot(Mutex::new(hand)));
        let mut crew = Crew { shared, slots: vec![Arc::clone(&slot)], working: 1 };

        let records = crew.relieve().unwrap();
        let items: Vec<String> = records.iter().map(|record| record.item.to_string()).collect();
        assert_eq!(items, ["before.txt", "stuck.txt"], "what it had read is told");
        assert_eq!((records[1].outcome(), &records[1].reasons[..]), (Outcome::Unreadable, &[Reason::Timeout][..]));
        assert!(slot.lock().relieved, "what the stuck worker still says is not heard");
        assert_eq!(crew.working, 1, "another worker took its place");
        let patience = Duration::from_mins(1);
        match inbox.recv_timeout(patience).unwrap() {
            Message::Records(records) => assert_eq!(records[0].item.to_string(), "next.txt"),
            _ => panic!("the rest of the unit was not read"),
        }
        assert!(matches!(inbox.recv_timeout(patience).unwrap(), Message::Finished));
    }
}
