//! Runs a scan: the walk, the workers, the watch over them, and the one thread that writes.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use jiff::Timestamp;

use crate::detect::engine::Engine;
use crate::model::{ItemRecord, Name, Outcome, Reason, ScanRecord, Summary};
use crate::report::{Reporter, Tally};
use crate::source::walk::Visitor;
use crate::source::{Entry, Event, Flow, Walk};

use super::classify::Classify;
use super::config::Config;
use super::progress::Progress;
use super::worker;

/// What ends a scan before its end.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    #[error("a report could not be written")]
    Report(#[source] io::Error),
    #[error("a thread could not be started")]
    Thread(#[source] io::Error),
}

/// A unit of work: small files together up to these bounds, or one larger file.
const UNIT_FILES: usize = 64;
const UNIT_BYTES: u64 = 4 << 20;
/// Parsers recurse; the system's default would overflow before their own limits do.
const WORKER_STACK: usize = 64 << 20;
/// How long past its deadline a file may keep a worker that does not look at its budget.
const GRACE: Duration = Duration::from_secs(5);
const WATCH: Duration = Duration::from_millis(250);

/// Scans the roots of the configuration and tells the reporters. Returns when every entry of
/// the walk has its outcome. `interrupted` ends it early and cleanly: what was not read is
/// said to be so. `before_finish` is called when all is read, before the reporters finish:
/// the progress bar makes room for the summary.
pub fn scan(
    config: Arc<Config>,
    reporters: &mut [Box<dyn Reporter + '_>],
    progress: &Arc<Progress>,
    interrupted: &Arc<AtomicBool>,
    before_finish: impl FnOnce(),
) -> Result<Summary, ScanError> {
    let started = Instant::now();
    let header = ScanRecord {
        tool: "plainsight",
        version: env!("CARGO_PKG_VERSION"),
        detectors_hash: config.catalogue.hash(),
        started: Timestamp::now().to_string(),
        roots: config.roots.iter().map(|root| Name::from_path(root)).collect(),
    };
    for reporter in &mut *reporters {
        reporter.scan(&header).map_err(ScanError::Report)?;
    }

    let (units, queue) = bounded::<Vec<Entry>>(config.threads * 2);
    let (messages, inbox) = bounded::<Message>(1024);
    let shared = Arc::new(Shared {
        engine: Engine::new(&config.catalogue),
        config,
        queue,
        messages,
        progress: Arc::clone(progress),
        interrupted: Arc::clone(interrupted),
    });
    start_walk(Arc::clone(&shared), units).map_err(ScanError::Thread)?;
    let mut crew = Crew { shared: Arc::clone(&shared), slots: Vec::new(), working: 0 };
    for _ in 0..shared.config.threads.max(1) {
        crew.hire(VecDeque::new()).map_err(ScanError::Thread)?;
    }

    let mut tally = Tally::new();
    let mut directories = None;
    let mut watched = Instant::now();
    let result = loop {
        if directories.is_some() && crew.working == 0 {
            break Ok(());
        }
        match inbox.recv_timeout(WATCH) {
            Ok(Message::Record(record)) => {
                if let Err(error) = write(&record, &mut tally, reporters, progress) {
                    break Err(ScanError::Report(error));
                }
            }
            Ok(Message::Walked(count)) => {
                directories = Some(count);
                progress.walked.store(true, Ordering::Relaxed);
            }
            Ok(Message::Finished) => crew.working -= 1,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        if watched.elapsed() >= WATCH {
            watched = Instant::now();
            for record in crew.relieve().map_err(ScanError::Thread)? {
                if let Err(error) = write(&record, &mut tally, reporters, progress) {
                    interrupted.store(true, Ordering::Relaxed);
                    return Err(ScanError::Report(error));
                }
            }
        }
    };
    if let Err(error) = result {
        // Nobody reads the inbox any more; the threads end with the process.
        interrupted.store(true, Ordering::Relaxed);
        return Err(error);
    }
    let summary =
        tally.summary(started.elapsed(), interrupted.load(Ordering::Relaxed), directories.unwrap_or_default());
    before_finish();
    for reporter in reporters {
        reporter.finish(&summary).map_err(ScanError::Report)?;
    }
    Ok(summary)
}

fn write(
    record: &ItemRecord,
    tally: &mut Tally,
    reporters: &mut [Box<dyn Reporter + '_>],
    progress: &Progress,
) -> io::Result<()> {
    tally.add(record);
    if record.item.members.is_empty() {
        progress.add_done(record.size);
    }
    reporters.iter_mut().try_for_each(|reporter| reporter.record(record))
}

struct Shared {
    config: Arc<Config>,
    engine: Engine,
    queue: Receiver<Vec<Entry>>,
    messages: Sender<Message>,
    progress: Arc<Progress>,
    interrupted: Arc<AtomicBool>,
}

enum Message {
    Record(Box<ItemRecord>),
    /// The walk is over; the number of directories.
    Walked(u64),
    /// A worker found no more work.
    Finished,
}

fn start_walk(shared: Arc<Shared>, units: Sender<Vec<Entry>>) -> io::Result<()> {
    thread::Builder::new().name("walk".into()).spawn(move || {
        let walk = Walk {
            roots: shared.config.roots.clone(),
            excludes: shared.config.excludes.clone(),
            same_file_system: shared.config.same_file_system,
            threads: shared.config.threads,
        };
        let directories = walk.run(&shared.interrupted, || Planner {
            shared: &shared,
            units: units.clone(),
            unit: Vec::new(),
            bytes: 0,
        });
        drop(units);
        // Fails only if the scan is over already.
        let _ = shared.messages.send(Message::Walked(directories));
    })?;
    Ok(())
}

/// Puts the files that one thread of the walk meets into units.
struct Planner<'a> {
    shared: &'a Shared,
    units: Sender<Vec<Entry>>,
    unit: Vec<Entry>,
    bytes: u64,
}

impl Planner<'_> {
    fn hand_over(&mut self) -> Flow {
        self.bytes = 0;
        let unit = std::mem::take(&mut self.unit);
        if unit.is_empty() || self.units.send(unit).is_ok() { Flow::Continue } else { Flow::Stop }
    }

    fn tell(&self, record: ItemRecord) -> Flow {
        match self.shared.messages.send(Message::Record(Box::new(record))) {
            Ok(()) => Flow::Continue,
            Err(_) => Flow::Stop,
        }
    }
}

impl Visitor for Planner<'_> {
    fn visit(&mut self, event: Event) -> Flow {
        match event {
            Event::File(entry) => {
                self.shared.progress.add_found(entry.size);
                self.bytes = self.bytes.saturating_add(entry.size);
                self.unit.push(entry);
                if self.unit.len() >= UNIT_FILES || self.bytes >= UNIT_BYTES {
                    return self.hand_over();
                }
                Flow::Continue
            }
            Event::Skipped(entry, reason) => {
                self.shared.progress.add_found(entry.size);
                self.tell(worker::unread(&entry, Outcome::Skipped, reason, String::new()))
            }
            Event::Unreadable(fault) => {
                self.shared.progress.add_found(0);
                self.tell(worker::faulty(fault))
            }
        }
    }
}

impl Drop for Planner<'_> {
    fn drop(&mut self) {
        self.hand_over();
    }
}

/// What one worker has in hand; the watch looks at it and can take it away.
#[derive(Default)]
struct Slot(Mutex<InHand>);

#[derive(Default)]
struct InHand {
    unit: VecDeque<Entry>,
    current: Option<(Entry, Instant)>,
    /// The worker was given up; what it still says is not heard.
    relieved: bool,
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, InHand> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Crew {
    shared: Arc<Shared>,
    slots: Vec<Arc<Slot>>,
    working: usize,
}

impl Crew {
    fn hire(&mut self, unit: VecDeque<Entry>) -> io::Result<()> {
        let slot = Arc::new(Slot::default());
        slot.lock().unit = unit;
        let shared = Arc::clone(&self.shared);
        let own = Arc::clone(&slot);
        thread::Builder::new().name("worker".into()).stack_size(WORKER_STACK).spawn(move || work(&shared, &own))?;
        self.slots.push(slot);
        self.working += 1;
        Ok(())
    }

    /// Gives up workers that are stuck in a file past its deadline, puts others in their
    /// place, and returns the records of those files. A thread cannot be ended; it is left
    /// behind. (A worker process can: that seam is `worker::read_entry`.)
    fn relieve(&mut self) -> io::Result<Vec<ItemRecord>> {
        let mut records = Vec::new();
        let mut left = Vec::new();
        self.slots.retain(|slot| {
            let mut hand = slot.lock();
            let now = Instant::now();
            let Some((entry, _)) = hand.current.take_if(|(_, deadline)| now > *deadline + GRACE) else {
                return true;
            };
            hand.relieved = true;
            left.push(std::mem::take(&mut hand.unit));
            let message = "the reader did not come back from this file".to_owned();
            records.push(worker::unread(&entry, Outcome::Unreadable, Reason::Timeout, message));
            false
        });
        for unit in left {
            self.working -= 1;
            self.hire(unit)?;
        }
        Ok(records)
    }
}

fn work(shared: &Shared, slot: &Slot) {
    loop {
        while let Some(entry) = next(shared, slot) {
            if !read(shared, slot, &entry) {
                return;
            }
        }
        match shared.queue.recv() {
            Ok(unit) => slot.lock().unit = unit.into(),
            Err(_) => break,
        }
    }
    let _ = shared.messages.send(Message::Finished);
}

fn next(shared: &Shared, slot: &Slot) -> Option<Entry> {
    let mut hand = slot.lock();
    let entry = hand.unit.pop_front()?;
    let limits = &shared.config.limits;
    let allowed = limits.time + Duration::from_secs(entry.stored / limits.bytes_per_second.max(1));
    hand.current = Some((entry.clone(), Instant::now() + allowed));
    Some(entry)
}

/// Whether the worker goes on.
fn read(shared: &Shared, slot: &Slot, entry: &Entry) -> bool {
    let config = &shared.config;
    let record = if shared.interrupted.load(Ordering::Relaxed) {
        worker::unread(entry, Outcome::Skipped, Reason::Interrupted, String::new())
    } else {
        shared.progress.set_current(&entry.item);
        let classify = Classify { engine: &shared.engine, judge: &config.judge };
        let mut emit = |record: ItemRecord| {
            if !slot.lock().relieved {
                let _ = shared.messages.send(Message::Record(Box::new(record)));
            }
        };
        worker::read_entry(entry, &config.limits, &shared.interrupted, &classify, &mut emit)
    };
    {
        let mut hand = slot.lock();
        if hand.relieved {
            return false;
        }
        hand.current = None;
    }
    shared.messages.send(Message::Record(Box::new(record))).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::catalogue::Catalogue;
    use crate::judge::{Judge, Key, Options};
    use crate::model::ItemPath;
    use crate::open::Limits;
    use crate::source::Excludes;

    fn config(roots: Vec<std::path::PathBuf>) -> Arc<Config> {
        let catalogue = Catalogue::built_in().unwrap();
        Arc::new(Config {
            roots,
            excludes: Excludes::default(),
            same_file_system: false,
            threads: 2,
            limits: Limits::default(),
            judge: Arc::new(Judge::new(&catalogue, Key::from_bytes([7; 32]), Options::default())),
            catalogue: Arc::new(catalogue),
        })
    }

    fn entry(path: &std::path::Path) -> Entry {
        let name = Name::from_path(std::path::Path::new(path.file_name().unwrap()));
        Entry::new(ItemPath::new(0, name), path.to_path_buf(), &path.metadata().unwrap())
    }

    #[test]
    fn a_worker_that_is_stuck_costs_its_file_only() {
        let dir = tempfile::tempdir().unwrap();
        let (stuck, next) = (dir.path().join("stuck.txt"), dir.path().join("next.txt"));
        std::fs::write(&stuck, "x").unwrap();
        std::fs::write(&next, "y").unwrap();
        let config = config(vec![dir.path().to_path_buf()]);
        let (units, queue) = bounded(1);
        drop(units);
        let (messages, inbox) = bounded(16);
        let shared = Arc::new(Shared {
            engine: Engine::new(&config.catalogue),
            config,
            queue,
            messages,
            progress: Arc::default(),
            interrupted: Arc::default(),
        });
        let long_ago = Instant::now().checked_sub(GRACE * 2).unwrap();
        let hand = InHand { unit: [entry(&next)].into(), current: Some((entry(&stuck), long_ago)), relieved: false };
        let slot = Arc::new(Slot(Mutex::new(hand)));
        let mut crew = Crew { shared, slots: vec![Arc::clone(&slot)], working: 1 };

        let records = crew.relieve().unwrap();
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].item.to_string(), "stuck.txt");
        assert_eq!((records[0].outcome(), &records[0].reasons[..]), (Outcome::Unreadable, &[Reason::Timeout][..]));
        assert!(slot.lock().relieved, "what the stuck worker still says is not heard");
        assert_eq!(crew.working, 1, "another worker took its place");
        let patience = Duration::from_mins(1);
        match inbox.recv_timeout(patience).unwrap() {
            Message::Record(record) => assert_eq!(record.item.to_string(), "next.txt"),
            _ => panic!("the rest of the unit was not read"),
        }
        assert!(matches!(inbox.recv_timeout(patience).unwrap(), Message::Finished));
    }

    #[test]
    fn an_interrupted_scan_accounts_for_what_it_met() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("a.txt"), "a").unwrap();
        let interrupted = Arc::new(AtomicBool::new(true));
        let summary =
            scan(config(vec![dir.path().to_path_buf()]), &mut [], &Arc::default(), &interrupted, || ()).unwrap();
        assert!(summary.interrupted && !summary.complete);
        assert_eq!(summary.outcomes.values().sum::<u64>(), summary.files);
    }
}
