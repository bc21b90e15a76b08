//! Runs a scan: the walk, the workers, the watch over them, and the one thread that writes.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use jiff::Timestamp;

use crate::model::{ItemRecord, Name, Outcome, ScanRecord, Summary};
use crate::report::{Reporter, Tally};
use crate::source::walk::Visitor;
use crate::source::{Entry, Event, Flow, Shares, Walk};
use crate::store::StoreError;

use super::config::Config;
use super::crew::{Crew, Shared};
use super::process;
use super::progress::Progress;
use super::state::{Answer, Basis, Memory, Recall, Told};
use super::worker;

/// What ends a scan before its end.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    #[error("a report could not be written")]
    Report(#[source] io::Error),
    #[error("a thread could not be started")]
    Thread(#[source] io::Error),
    #[error("no worker process could be started; --isolation off reads without")]
    Worker(#[source] io::Error),
    #[error("the state of the scan")]
    State(#[from] StoreError),
}

/// A unit of work: small files together up to these bounds, or one larger file.
const UNIT_FILES: usize = 64;
pub(super) const UNIT_BYTES: u64 = 4 << 20;
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
    let shares = Arc::new(Shares::of_system());
    let header = ScanRecord {
        tool: "plainsight",
        version: env!("CARGO_PKG_VERSION"),
        detectors_hash: config.catalogue.hash(),
        started: Timestamp::now().to_string(),
        roots: config.roots.iter().map(|root| Name::from_path(root)).collect(),
        shares: shares.names(&config.roots, &config.share_names),
    };
    let mut memory = Memory::begin(&config, &header)?;
    for reporter in &mut *reporters {
        reporter.scan(&header).map_err(ScanError::Report)?;
    }

    let (units, queue) = bounded::<Vec<Entry>>(config.threads * 2);
    let (messages, inbox) = bounded::<Message>(1024);
    let shared = Arc::new(Shared::new(config, shares, queue, messages, progress, interrupted));
    start_walk(Arc::clone(&shared), units, memory.recall()).map_err(ScanError::Thread)?;
    let mut crew = Crew::new(Arc::clone(&shared));
    for _ in 0..shared.config.threads.max(1) {
        crew.hire(None).map_err(ScanError::Thread)?;
    }

    let mut tally = Tally::new();
    let mut directories = None;
    let mut watched = Instant::now();
    let result = loop {
        if directories.is_some() && crew.working == 0 {
            break Ok(());
        }
        match inbox.recv_timeout(WATCH) {
            Ok(Message::Records(records)) => {
                let written = records.iter().try_for_each(|record| {
                    memory.put(record)?;
                    write(record, false, &mut tally, reporters, progress)
                });
                if let Err(error) = written {
                    break Err(error);
                }
            }
            Ok(Message::Told(files)) => {
                let written = memory.unchanged(&files).map_err(ScanError::from).and_then(|()| {
                    files.records.iter().try_for_each(|record| write(record, true, &mut tally, reporters, progress))
                });
                if let Err(error) = written {
                    break Err(error);
                }
            }
            Ok(Message::State(error)) => break Err(error.into()),
            Ok(Message::Walked(count)) => {
                directories = Some(count);
                progress.walked.store(true, Ordering::Relaxed);
            }
            Ok(Message::Finished) => crew.working -= 1,
            Ok(Message::Failed(error)) => break Err(ScanError::Worker(error)),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        if watched.elapsed() >= WATCH {
            watched = Instant::now();
            memory.tick()?;
            for record in crew.relieve().map_err(ScanError::Thread)? {
                memory.put(&record)?;
                if let Err(error) = write(&record, false, &mut tally, reporters, progress) {
                    interrupted.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
    };
    if let Err(error) = result {
        // Nobody reads the inbox any more; the threads end with the process.
        interrupted.store(true, Ordering::Relaxed);
        return Err(error);
    }
    let mut summary =
        tally.summary(started.elapsed(), interrupted.load(Ordering::Relaxed), directories.unwrap_or_default());
    summary.isolation = Some(shared.workers.as_ref().map_or_else(process::no_isolation, |workers| workers.isolation()));
    memory.finish(&mut summary)?;
    before_finish();
    for reporter in reporters {
        reporter.finish(&summary).map_err(ScanError::Report)?;
    }
    Ok(summary)
}

fn write(
    record: &ItemRecord,
    unchanged: bool,
    tally: &mut Tally,
    reporters: &mut [Box<dyn Reporter + '_>],
    progress: &Progress,
) -> Result<(), ScanError> {
    tally.add(record);
    if record.item.members.is_empty() {
        progress.add_done(record.size);
    }
    let told = reporters
        .iter_mut()
        .try_for_each(|reporter| if unchanged { reporter.unchanged(record) } else { reporter.record(record) });
    told.map_err(ScanError::Report)
}

pub(super) enum Message {
    Records(Vec<ItemRecord>),
    /// Files that have not changed, out of the state.
    Told(Told),
    /// The state cannot be read.
    State(StoreError),
    /// The walk is over; the number of directories.
    Walked(u64),
    /// A worker found no more work.
    Finished,
    /// No worker process can be started.
    Failed(io::Error),
}

fn start_walk(shared: Arc<Shared>, units: Sender<Vec<Entry>>, recall: Option<Arc<Basis>>) -> io::Result<()> {
    thread::Builder::new().name("walk".into()).spawn(move || {
        let walk = Walk {
            roots: shared.config.roots.clone(),
            excludes: shared.config.excludes.clone(),
            same_file_system: shared.config.same_file_system,
            threads: shared.config.threads,
            shares: Arc::clone(&shared.shares),
        };
        let planning = Arc::clone(&shared);
        let directories = walk.run_watched(&shared.interrupted, move || Planner {
            shared: Arc::clone(&planning),
            units: units.clone(),
            unit: Vec::new(),
            bytes: 0,
            recall: recall.as_ref().map(Recall::new),
        });
        shared.units.walked();
        // Fails only if the scan is over already.
        let _ = shared.messages.send(Message::Walked(directories));
    })?;
    Ok(())
}

/// Puts the files that one thread of the walk meets into units.
struct Planner {
    shared: Arc<Shared>,
    units: Sender<Vec<Entry>>,
    unit: Vec<Entry>,
    bytes: u64,
    recall: Option<Recall>,
}

impl Planner {
    fn hand_over(&mut self) -> Flow {
        self.bytes = 0;
        let unit = std::mem::take(&mut self.unit);
        if unit.is_empty() {
            return Flow::Continue;
        }
        self.shared.units.found();
        if self.units.send(unit).is_ok() { Flow::Continue } else { Flow::Stop }
    }

    fn tell(&mut self, record: ItemRecord) -> Flow {
        if let Some(Err(error)) = self.recall.as_mut().map(|recall| recall.note(&record)) {
            return self.send(Message::State(error));
        }
        self.send(Message::Records(vec![record]))
    }

    fn send(&self, message: Message) -> Flow {
        match self.shared.messages.send(message) {
            Ok(()) => Flow::Continue,
            Err(_) => Flow::Stop,
        }
    }
}

impl Visitor for Planner {
    fn visit(&mut self, event: Event) -> Flow {
        match event {
            Event::File(entry) => {
                self.shared.progress.add_found(entry.size);
                let answer = match &mut self.recall {
                    Some(recall) => recall.ask(entry),
                    None => Answer::Read(entry),
                };
                let entry = match answer {
                    Answer::Read(entry) => entry,
                    Answer::Kept => return Flow::Continue,
                    Answer::Told(files) => return self.send(Message::Told(files)),
                    Answer::Failed(error) => return self.send(Message::State(error)),
                };
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

impl Drop for Planner {
    fn drop(&mut self) {
        self.hand_over();
        let kept = self.recall.as_mut().map(Recall::rest).unwrap_or_default();
        if !kept.records.is_empty() {
            self.send(Message::Told(kept));
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::detect::catalogue::Catalogue;
    use crate::judge::{Judge, Key, Options};
    use crate::open::Limits;
    use crate::source::Excludes;

    pub(in crate::scan) fn config(roots: Vec<std::path::PathBuf>) -> Arc<Config> {
        let catalogue = Catalogue::built_in().unwrap();
        Arc::new(Config {
            roots,
            excludes: Excludes::default(),
            same_file_system: false,
            threads: 2,
            limits: Limits::default(),
            rates: crate::source::Rates::default(),
            share_names: Vec::new(),
            keyring: Arc::default(),
            read_copies: false,
            isolation: None,
            judge: Arc::new(Judge::new(&catalogue, Key::from_bytes([7; 32]), Options::default())),
            catalogue: Arc::new(catalogue),
            state: None,
        })
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
