//! The scan and its state: which files need not be read again, and what of the others is kept.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::judge::KEYED_HASH;
use crate::model::{ItemRecord, MountRecord, Name, ScanRecord, Summary, Trust, hex};
use crate::source::Entry;
use crate::store::begin::Plan;
use crate::store::writer::Lookup;
use crate::store::{Known, Mounts, Store, StoreError, Terms, Ticket, Version, Writer};

use super::config::Config;
use super::readers::READERS;

/// Records out of the state that a thread of the walk keeps before it hands them over.
const TOLD: usize = 128;

/// Which form of samples a record holds; 2 shows nothing of what Articles 9 and 10 protect.
const SAMPLES: u32 = 2;

/// A state for a scan, open and locked.
pub struct State {
    store: Mutex<Option<Store>>,
    /// Reads every file again.
    full: bool,
    /// What the command line knows of the settings, and the scan does not.
    settings: String,
    configuration: Vec<Name>,
    mounts: Vec<MountRecord>,
}

impl State {
    pub fn new(store: Store, full: bool, settings: String) -> Self {
        let (configuration, mounts) = (Vec::new(), Vec::new());
        Self { store: Mutex::new(Some(store)), full, settings, configuration, mounts }
    }

    /// The arguments of the scan, and the file systems that it reads: for the manifest of a later report.
    pub fn of_scan(self, configuration: Vec<Name>, mounts: Vec<MountRecord>) -> Self {
        Self { configuration, mounts, ..self }
    }
}

/// Stands for all that decides what is said of a file, whether pictures are read among it: with another
/// one, files are read again.
fn policy(config: &Config, settings: &str) -> String {
    let mut all =
        format!("{} {SAMPLES} {} {:?} {settings}", env!("CARGO_PKG_VERSION"), config.catalogue.hash(), config.limits);
    let _ = write!(all, " {KEYED_HASH}");
    for reader in READERS {
        let _ = write!(all, " {}={}", reader.name(), reader.version());
    }
    hex(&Sha256::digest(all))
}

/// The state during a scan, in the hand of the one thread that writes; does nothing without one.
pub(super) struct Memory {
    writer: Option<Writer>,
    tickets: Tickets,
    recall: Option<Arc<Basis>>,
}

/// What the walk knew of the files that are being read, of each root.
type Tickets = Arc<Mutex<Vec<HashMap<Name, Ticket>>>>;

impl Memory {
    pub(super) fn begin(config: &Config, header: &ScanRecord) -> Result<Self, StoreError> {
        let tickets = Tickets::default();
        let Some(state) = &config.state else { return Ok(Self { writer: None, tickets, recall: None }) };
        let Some(store) = state.store.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return Err(StoreError::Refused("a state serves one scan".into()));
        };
        let roots: Vec<PathBuf> =
            config.roots.iter().map(|root| root.canonicalize().unwrap_or_else(|_| root.clone())).collect();
        let policy = policy(config, &state.settings);
        let (configuration, mounts) = (state.configuration.as_slice(), state.mounts.as_slice());
        let plan = Plan { header, roots: &roots, policy: &policy, full: state.full, configuration, mounts };
        let writer = store.begin(&plan)?;
        let shared = Basis {
            lookup: writer.lookup(),
            terms: writer.terms(),
            mounts: Mounts::read(),
            roots,
            tickets: Arc::clone(&tickets),
        };
        Ok(Self { writer: Some(writer), tickets, recall: Some(Arc::new(shared)) })
    }

    /// For the walk.
    pub(super) fn recall(&self) -> Option<Arc<Basis>> {
        self.recall.clone()
    }

    /// A record that was made now.
    pub(super) fn put(&mut self, record: &ItemRecord) -> Result<(), StoreError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let ticket = if record.item.members.is_empty() {
            let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
            tickets.get_mut(record.item.root).and_then(|tickets| tickets.remove(&record.item.path))
        } else {
            None
        };
        writer.put(record, ticket)
    }

    pub(super) fn unchanged(&mut self, told: &Told) -> Result<(), StoreError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        told.ends.iter().try_for_each(|&(root, id)| writer.unchanged(root, id))
    }

    pub(super) fn tick(&mut self) -> Result<(), StoreError> {
        self.writer.as_mut().map_or(Ok(()), Writer::tick)
    }

    /// Says in the summary how the scan stands beside the others.
    pub(super) fn finish(self, summary: &mut Summary) -> Result<(), StoreError> {
        self.writer.map_or(Ok(()), |writer| writer.finish(summary))
    }
}

/// Records of files out of the state, one file after the other.
#[derive(Default)]
pub(super) struct Told {
    pub(super) records: Vec<ItemRecord>,
    /// Root and number of each file of which the last one is here.
    ends: Vec<(usize, i64)>,
}

/// What becomes of a file that the walk met.
pub(super) enum Answer {
    /// It is new, or changed, or must be read for another reason.
    Read(Entry),
    /// It is known, and will be told with others.
    Kept,
    Told(Told),
    Failed(StoreError),
}

/// What all threads of the walk ask with.
pub(super) struct Basis {
    lookup: Lookup,
    terms: Terms,
    mounts: Mounts,
    roots: Vec<PathBuf>,
    tickets: Tickets,
}

/// Asks the state, in one thread of the walk.
pub(super) struct Recall {
    shared: Arc<Basis>,
    known: Option<Known>,
    /// The time, which is asked for now and then: nanoseconds since 1970.
    now: (Instant, i64),
    kept: Told,
    /// Root and device of the last file, and what stamps are worth there.
    place: Option<(usize, Option<u64>)>,
    trust: Trust,
}

impl Recall {
    pub(super) fn new(shared: &Arc<Basis>) -> Self {
        let shared = Arc::clone(shared);
        Self {
            shared,
            known: None,
            now: (Instant::now(), nanoseconds()),
            kept: Told::default(),
            place: None,
            trust: Trust::default(),
        }
    }

    /// Whether the file must be read; if so, what is known of it waits for its record.
    pub(super) fn ask(&mut self, entry: Entry) -> Answer {
        match self.try_ask(entry) {
            Ok(answer) => answer,
            Err(error) => Answer::Failed(error),
        }
    }

    fn try_ask(&mut self, entry: Entry) -> Result<Answer, StoreError> {
        let root = entry.item.root;
        let place = (root, entry.stamp.device);
        if self.place != Some(place) {
            let path = self.shared.roots.get(root);
            self.trust = path.map(|path| self.shared.mounts.trust(entry.stamp.device, path)).unwrap_or_default();
            self.place = Some(place);
        }
        let trust = self.trust;
        let shared = Arc::clone(&self.shared);
        let earlier = self.earlier(root, &entry.item.path)?;
        let accepted = |version: &&Version| {
            shared.terms.accept(version)
                && entry.stamp.is_same(version.stamp(), trust)
                && version.exposure() == entry.exposure
                && !(trust.is_weak() && shared.terms.is_sampled(version))
        };
        let Some(version) = earlier.as_ref().filter(accepted) else {
            if self.now.0.elapsed() > Duration::from_millis(100) {
                self.now = (Instant::now(), nanoseconds());
            }
            let is_racy = entry.stamp.is_racy(self.now.1, trust);
            self.wait(entry.item.root, &entry.item.path, Ticket { stamp: entry.stamp, is_racy, earlier });
            return Ok(Answer::Read(entry));
        };
        let known = known(&mut self.known, &shared.lookup)?;
        known.records(version, entry.item, entry.exposure, &mut |record| self.kept.records.push(record))?;
        self.kept.ends.push((root, version.id()));
        Ok(if self.kept.records.len() >= TOLD { Answer::Told(self.rest()) } else { Answer::Kept })
    }

    /// What is told of an entry that is not read: its record is compared with that of earlier.
    pub(super) fn note(&mut self, record: &ItemRecord) -> Result<(), StoreError> {
        let earlier = self.earlier(record.item.root, &record.item.path)?;
        self.wait(record.item.root, &record.item.path, Ticket { earlier, ..Ticket::default() });
        Ok(())
    }

    fn earlier(&mut self, root: usize, path: &Name) -> Result<Option<Version>, StoreError> {
        if self.shared.lookup.is_empty() {
            return Ok(None);
        }
        known(&mut self.known, &self.shared.lookup)?.find(root, path)
    }

    fn wait(&self, root: usize, path: &Name, ticket: Ticket) {
        let mut tickets = self.shared.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        if tickets.len() <= root {
            tickets.resize_with(root + 1, HashMap::new);
        }
        if let Some(tickets) = tickets.get_mut(root) {
            tickets.insert(path.clone(), ticket);
        }
    }

    /// What is kept and not yet handed over.
    pub(super) fn rest(&mut self) -> Told {
        std::mem::take(&mut self.kept)
    }
}

/// The connection of this thread, opened when it is first needed.
fn known<'a>(known: &'a mut Option<Known>, lookup: &Lookup) -> Result<&'a mut Known, StoreError> {
    if known.is_none() {
        *known = Some(lookup.open()?);
    }
    known.as_mut().ok_or_else(|| StoreError::Refused("the state is closed".into()))
}

fn nanoseconds() -> i64 {
    i64::try_from(Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX)
}
