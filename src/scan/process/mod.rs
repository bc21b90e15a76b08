//! Worker processes: what breaks a reader ends one of them and costs one file, not the scan.
//!
//! The program starts itself (`child`) and hands units over a pipe (`wire`); the worker
//! (`inside`) shuts itself in (`walls`) before it opens the first file, and shows in a
//! `register` what it has in hand. In the scan a `keeper` for each worker gives it
//! `task`s, watches it, and answers for it when it dies.
//!
//! A worker is given everything through its pipe, secrets first, and ends when that closes: no
//! worker outlives the scan. The first one ([`Spare`]) is started before the scan has its own
//! detectors, and loads them in the meantime: who scans one small file waits for both.

mod child;
mod inside;
mod keeper;
mod register;
mod task;
pub mod walls;
mod wire;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::judge::{Key, Options};
use crate::model::Isolation;
use crate::source::Rates;

use super::config::Config;
use super::crash;
use super::crew::Shared;
use super::supervise::Message;

pub use child::{SUBCOMMAND, Spare};
pub use inside::{WorkerError, run};
pub use wire::{PatternSource, Walls};

use keeper::{End, Keeper};
use wire::{Setup, WirePath};

/// What workers need that the threads of the scan do not.
pub struct Launch {
    pub key: Key,
    pub options: Options,
    /// The detectors of the user, in the order in which the catalogue took them.
    pub patterns: Vec<PatternSource>,
    /// Where the models of text recognition are, if pictures are read.
    pub models: Option<PathBuf>,
    /// Bytes of memory that one worker may have.
    pub memory: u64,
    /// The first worker.
    pub spare: Mutex<Option<Spare>>,
}

/// What the keepers of a scan share.
pub(super) struct Workers {
    setup: Setup,
    threads: usize,
    /// Before a worker begins a file.
    longest_wait: Duration,
    /// Keepers that have work.
    busy: AtomicUsize,
    /// The weakest of any worker.
    walls: Mutex<Option<Walls>>,
    spare: Mutex<Option<Spare>>,
}

impl Workers {
    pub(super) fn new(config: &Config, launch: &Launch) -> Self {
        // The hours are waited for where units are handed out.
        let rates = Rates { window: None, ..config.rates.part_of(config.threads) };
        let longest_wait = rates.longest_wait();
        let setup = Setup {
            key: *launch.key.as_bytes(),
            min_confidence: launch.options.min_confidence,
            reveal: launch.options.reveal,
            passwords: config.keyring.known().map(str::to_owned).collect(),
            patterns: launch.patterns.clone(),
            detectors_hash: config.catalogue.hash(),
            limits: config.limits.clone(),
            rates,
            models: launch.models.as_deref().map(WirePath::new),
            roots: config.roots.iter().map(|root| WirePath::new(root)).collect(),
            memory: launch.memory,
            threads: config.threads,
            read_copies: config.read_copies,
        };
        let spare = launch.spare.lock().unwrap_or_else(PoisonError::into_inner).take();
        Self {
            setup,
            threads: config.threads.max(1),
            longest_wait,
            busy: AtomicUsize::new(0),
            walls: Mutex::default(),
            spare: Mutex::new(spare),
        }
    }

    fn spare(&self) -> Option<Spare> {
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn idle(&self) -> usize {
        self.threads.saturating_sub(self.busy.load(Ordering::Relaxed))
    }

    /// Threads that may help in each worker: there are about as many in all as the scan may have.
    fn helpers(&self) -> usize {
        self.idle() / self.busy.load(Ordering::Relaxed).max(1)
    }

    fn note(&self, walls: Walls) {
        let mut weakest = self.walls.lock().unwrap_or_else(PoisonError::into_inner);
        *weakest = Some(match *weakest {
            Some(known) => {
                Walls { landlock: known.landlock.min(walls.landlock), seccomp: known.seccomp && walls.seccomp }
            }
            None => walls,
        });
    }

    /// For the summary; without workers nothing is said of their walls.
    pub(super) fn isolation(&self) -> Isolation {
        let walls = *self.walls.lock().unwrap_or_else(PoisonError::into_inner);
        let none = || Isolation::NONE.to_owned();
        Isolation {
            processes: true,
            filesystem: walls.map(|walls| match walls.landlock {
                0 => none(),
                version => format!("landlock-abi-{version}"),
            }),
            system_calls: walls.map(|walls| if walls.seccomp { "seccomp".to_owned() } else { none() }),
        }
    }
}

/// Without workers.
pub(super) fn no_isolation() -> Isolation {
    let none = || Some(Isolation::NONE.to_owned());
    Isolation { processes: false, filesystem: none(), system_calls: none() }
}

/// Starts the thread that keeps one worker; the worker is started when there is a unit for it.
pub(super) fn keep(shared: Arc<Shared>, workers: Arc<Workers>) -> io::Result<()> {
    thread::Builder::new().name("keeper".into()).spawn(move || {
        let message = match crash::catch(|| Keeper::new(&shared, &workers).run()) {
            Ok(Ok(())) => Message::Finished,
            Ok(Err(End::Over)) => return,
            Ok(Err(End::Failed(error))) => Message::Failed(error),
            // Its files would be waited for without end.
            Err(place) => Message::Failed(io::Error::other(format!("the keeper of a worker stopped at {place}"))),
        };
        // Fails only if the scan is over already.
        let _ = shared.messages.send(message);
    })?;
    Ok(())
}
