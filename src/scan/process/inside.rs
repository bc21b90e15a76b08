//! The inside of a worker process: set up, shut in, then one unit after the other.
//!
//! One thread takes requests, so that an interrupt is heard and the end of the scan ends the
//! worker whatever it is doing. Another reads files. Others help it with large ones when the
//! scan says that there are processors free.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, unbounded};

use crate::detect::{Catalogue, CatalogueError, Engine};
use crate::judge::{Judge, Key, Options};
use crate::model::{ItemRecord, Outcome, Reason};
use crate::open::Limits;
use crate::scan::classify::Classify;
use crate::scan::copies::Copies;
use crate::scan::crew::WORKER_STACK;
use crate::scan::helpers::Helpers;
use crate::scan::keyring::Keyring;
use crate::scan::{crash, recognition, worker};
use crate::source::{Entry, Pace};

use super::register::{Mark, Register};
use super::walls;
use super::wire::{self, Reply, Request, Setup, Told, WireEntry, WirePath};

/// Records go out when they are so many bytes together, or have waited so long.
const CHUNK: usize = 256 << 10;
const LATEST: Duration = Duration::from_millis(200);
/// Nested scratch of the largest members that are read.
const SCRATCH_MEMBERS: u64 = 4;
const PAGE: u64 = 4096;

/// Why a worker cannot begin, or ends.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    #[error("this command is how the program starts its own workers")]
    NoSetup(#[source] io::Error),
    #[error("the detectors could not be loaded")]
    Catalogue(#[from] CatalogueError),
    #[error("the detectors are not those of the scan")]
    OtherDetectors,
    #[error("the pipes of the worker failed")]
    Pipe(#[from] io::Error),
}

/// Reads what comes through stdin, answers through stdout, and never returns while the scan goes on.
pub fn run() -> Result<(), WorkerError> {
    // Before it is told anything: the scan is not ready itself, and most have no other detectors.
    let mut catalogue = Catalogue::built_in_to_run()?;
    let mut engine = Engine::new(&catalogue);
    let mut input = io::stdin().lock();
    let mut buffer = Vec::new();
    let setup = wire::read::<Setup>(&mut input, &mut buffer)
        .and_then(|setup| setup.ok_or_else(|| io::ErrorKind::UnexpectedEof.into()))
        .map_err(WorkerError::NoSetup)?;
    let Setup {
        key,
        min_confidence,
        reveal,
        passwords,
        patterns,
        detectors_hash,
        mut limits,
        rates,
        models,
        roots,
        memory,
        threads,
        read_copies,
    } = setup;
    // It held the secrets.
    buffer.fill(0);

    let register = Register::own()?;
    // Its models lie outside the walls: they are opened now, and read when the first picture comes.
    limits.recognition.engine = models.and_then(|dir| recognition::engine(&dir.path()));
    let quota = limits.member_bytes.saturating_mul(SCRATCH_MEMBERS);
    #[cfg(unix)]
    crate::scan::scratch::prepare(quota);
    // A stack is reserved at once, and counts.
    let stacks = WORKER_STACK as u64 + (threads as u64).saturating_mul(HELPER_STACK as u64);
    walls::limit(memory.saturating_add(stacks), quota.saturating_add(PAGE));
    let walls = walls::close(&roots.iter().map(WirePath::path).collect::<Vec<_>>());

    if !patterns.is_empty() {
        for pattern in &patterns {
            catalogue.add(&pattern.file, &pattern.content, pattern.folder.as_deref())?;
        }
        engine = Engine::new(&catalogue);
    }
    if catalogue.hash() != detectors_hash {
        return Err(WorkerError::OtherDetectors);
    }
    let judge = Judge::new(&catalogue, Key::from_bytes(key), Options { min_confidence, reveal });
    let desk = Arc::new(Desk {
        engine,
        judge,
        helpers: Helpers::new(threads),
        keyring: Arc::new(Keyring::of(&passwords)),
        limits,
        pace: Pace::new(rates),
        interrupted: Arc::default(),
    });
    let mut out = Out { pipe: own_stdout()?, frames: Vec::new(), first: Instant::now(), sent: 0 };
    wire::append(&Reply::Ready(walls), &mut out.frames)?;

    let (units, waiting) = unbounded();
    let reader = Arc::clone(&desk);
    thread::Builder::new().name("read".into()).stack_size(WORKER_STACK).spawn(move || {
        let ended = crash::catch(|| {
            out.send()?;
            read_units(&reader, Copies::of_scan(read_copies), &register, &waiting, &mut out)
        });
        // Nobody listens any more, or the fault is in no file: there is nothing left to do.
        std::process::exit(i32::from(!matches!(ended, Ok(Ok(())))));
    })?;

    let mut hired = 0;
    while let Some(request) = wire::read(&mut input, &mut buffer)? {
        match request {
            Request::Unit { number, entries, helpers } => {
                desk.hire(helpers.min(threads), &mut hired)?;
                if units.send((number, entries)).is_err() {
                    break;
                }
            }
            Request::Helpers(helpers) => desk.hire(helpers.min(threads), &mut hired)?,
            Request::Stop => desk.interrupted.store(true, Ordering::Relaxed),
        }
    }
    // The scan is over, or gone.
    std::process::exit(0)
}

/// Of a thread that detects: the system's default elsewhere.
const HELPER_STACK: usize = 2 << 20;

/// What all threads of a worker share.
struct Desk {
    engine: Engine,
    judge: Judge,
    helpers: Helpers,
    keyring: Arc<Keyring>,
    limits: Limits,
    pace: Pace,
    interrupted: Arc<AtomicBool>,
}

impl Desk {
    /// Lets so many threads help from now on; `hired` are there already.
    fn hire(self: &Arc<Self>, helpers: usize, hired: &mut usize) -> io::Result<()> {
        while *hired < helpers {
            let desk = Arc::clone(self);
            thread::Builder::new().name("help".into()).stack_size(HELPER_STACK).spawn(move || {
                for job in desk.helpers.inbox() {
                    job.run(&desk.engine);
                }
            })?;
            *hired += 1;
        }
        self.helpers.set_waiting(helpers);
        Ok(())
    }
}

/// The way of records to the scan.
struct Out {
    pipe: File,
    /// Not yet sent.
    frames: Vec<u8>,
    /// When the first of them was put there.
    first: Instant,
    /// Times something was sent.
    sent: u64,
}

impl Out {
    fn tell(&mut self, told: Told) -> io::Result<()> {
        if self.frames.is_empty() {
            self.first = Instant::now();
        }
        wire::append_told(told, &mut self.frames)?;
        if self.frames.len() >= CHUNK || self.first.elapsed() >= LATEST { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> io::Result<()> {
        if self.frames.is_empty() {
            return Ok(());
        }
        self.pipe.write_all(&self.frames)?;
        self.frames.clear();
        self.sent += 1;
        Ok(())
    }
}

type Units = Receiver<(u64, Vec<WireEntry>)>;

fn read_units(desk: &Desk, mut copies: Copies, register: &Register, units: &Units, out: &mut Out) -> io::Result<()> {
    for (unit, entries) in units {
        for (at, entry) in entries.into_iter().enumerate() {
            // Before the time of the file begins.
            desk.pace.before_file(&desk.interrupted);
            register.write(Mark { unit, at: at as u64 })?;
            let begun = out.sent;
            let mut failed = Ok(());
            let mut emit = |record| {
                if failed.is_ok() {
                    failed = out.tell(Told { unit, at, is_file: false, record, bytes: 0 });
                }
            };
            let record = read(desk, &mut copies, &entry.entry(), &mut emit);
            failed?;
            out.tell(Told { unit, at, is_file: true, record, bytes: 0 })?;
            if out.sent > begun {
                // Members may be out there: the file must not be read again when the next one ends this worker.
                out.send()?;
            }
        }
        out.send()?;
    }
    Ok(())
}

fn read(desk: &Desk, copies: &mut Copies, entry: &Entry, emit: &mut dyn FnMut(ItemRecord)) -> ItemRecord {
    if desk.interrupted.load(Ordering::Relaxed) {
        return worker::unread(entry, Outcome::Skipped, Reason::Interrupted, String::new());
    }
    let classify = Classify { engine: &desk.engine, judge: &desk.judge, helpers: &desk.helpers };
    let tools = worker::Tools {
        limits: &desk.limits,
        keyring: &desk.keyring,
        interrupted: &desk.interrupted,
        pace: &desk.pace,
        inspect: &classify,
    };
    worker::read_gently(entry, &tools, copies, emit).0
}

#[cfg(unix)]
fn own_stdout() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
fn own_stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(io::stdout().as_handle().try_clone_to_owned()?.into())
}
