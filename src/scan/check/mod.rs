//! A check of a repository: what is staged, what a branch brings, the working tree, or all of its history.

pub mod baseline;
mod brought;
mod inspect;
mod lines;
mod look_alike;
mod marks;
mod parts;
mod policy;
pub mod read;
pub mod settings;
mod versions;
mod weigh;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use crossbeam_channel::{Sender, bounded};
use jiff::Timestamp;

use crate::model::{ItemPath, Name, Outcome, Reason, ScanRecord};
use crate::report::Reporter;
use crate::report::check::{CheckReport, Gap};
use crate::source::git::changes::{self, Change};
use crate::source::git::{GitError, Objects, Repository, history, revision, staged, worktree};
use crate::source::{Event, Flow};

pub use policy::Policy;
pub use read::Tools;

use super::worker;
use read::{Item, Job};

/// As the workers of a scan have it: parsers of documents go deep.
const STACK: usize = 64 << 20;

/// What is to be checked.
pub enum Subject {
    /// Files on disk below `start`, named from `root`; both canonical.
    Tree {
        root: PathBuf,
        start: PathBuf,
        tracked: Vec<Vec<u8>>,
    },
    /// What changed.
    Changes(Vec<Change>),
    History,
}

#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error(transparent)]
    Git(#[from] GitError),
    #[error("a report could not be written")]
    Report(#[source] io::Error),
    #[error("a thread could not be started")]
    Thread(#[source] io::Error),
}

/// What is staged for the next commit, below `start`.
pub fn staged(repository: &Repository, index: Option<&Path>, below: &Name) -> Result<Subject, CheckError> {
    let objects = repository.objects();
    let changes = staged::staged(repository, &objects, &repository.index_file(index))?;
    Ok(Subject::Changes(restrict(changes, below)))
}

/// What the range of revisions brings, below `start`. `BASE...HEAD` counts from where the two parted.
pub fn range(repository: &Repository, range: &str, below: &Name) -> Result<Subject, CheckError> {
    let objects = repository.objects();
    let (base, head) = revision::range(repository, &objects, range)?;
    let (old, new) = (objects.commit(base)?.tree, objects.commit(head)?.tree);
    Ok(Subject::Changes(restrict(changes::between(&objects, Some(old), new)?, below)))
}

/// The working tree below `start`, tracked files always.
pub fn tree(repository: Option<&Repository>, start: &Path) -> Result<Subject, CheckError> {
    let Some((repository, root)) = repository.and_then(|repository| Some((repository, repository.work_dir()?))) else {
        let root = if start.is_file() { start.parent().unwrap_or(start) } else { start };
        return Ok(Subject::Tree { root: root.to_path_buf(), start: start.to_path_buf(), tracked: Vec::new() });
    };
    let tracked = staged::tracked(&repository.index_file(None))?;
    Ok(Subject::Tree { root: root.to_path_buf(), start: start.to_path_buf(), tracked })
}

fn restrict(mut changes: Vec<Change>, below: &Name) -> Vec<Change> {
    changes.retain(|change| worktree::is_below(change.path.as_bytes(), below.as_bytes()));
    changes
}

impl Subject {
    /// Nothing to be read: no detectors are needed.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Changes(changes) if changes.is_empty())
    }
}

/// What the producer of jobs tells besides them.
#[derive(Default)]
struct Produced {
    directories: u64,
    warnings: Vec<String>,
    gaps: Vec<Gap>,
}

/// Reads the subject on `threads` threads and weighs what is found. The reporters are told
/// every item, with the findings that count.
pub fn check(
    repository: Option<&Repository>,
    subject: Subject,
    tools: &Tools,
    threads: usize,
    policy: &mut Policy,
    reporters: &mut [Box<dyn Reporter + '_>],
    interrupted: &Arc<AtomicBool>,
) -> Result<CheckReport, CheckError> {
    let started = Instant::now();
    let mut report = CheckReport { started: Timestamp::now().to_string(), ..CheckReport::default() };
    if let Some(repository) = repository {
        let head = revision::head(repository, &repository.objects())?;
        report.commit = head.map(|head| head.to_string());
    }
    let threads = match &subject {
        Subject::Changes(changes) => threads.min(changes.len()).max(1),
        Subject::Tree { .. } | Subject::History => threads.max(1),
    };
    let (jobs, queue) = bounded::<Job>(256);
    let (items, inbox) = bounded::<Vec<Item>>(256);
    for reporter in &mut *reporters {
        reporter.scan(&header(&report, policy, &subject)).map_err(CheckError::Report)?;
    }
    let mut written = Ok(());
    let produced = thread::scope(|scope| -> Result<_, CheckError> {
        for number in 0..threads {
            let (queue, items) = (queue.clone(), items.clone());
            thread::Builder::new()
                .name(format!("check {number}"))
                .stack_size(STACK)
                .spawn_scoped(scope, move || {
                    let objects = repository.map(|repository| repository.objects().with_bases());
                    for job in queue {
                        let mut tell = |read| items.send(read).is_ok();
                        if !read::read(job, tools, objects.as_ref(), interrupted, &mut tell) {
                            break;
                        }
                    }
                })
                .map_err(CheckError::Thread)?;
        }
        drop((queue, items));
        let producer = scope.spawn(|| produce(repository, subject, jobs, interrupted));
        for items in inbox {
            for item in items {
                if written.is_ok() {
                    written = policy.weigh(item, &mut report, reporters);
                }
            }
            if written.is_err() {
                // The workers end when nobody takes what they read.
                interrupted.store(true, Ordering::Relaxed);
            }
        }
        // Of a repository that breaks its reader nobody knows what was not told.
        producer.join().unwrap_or_else(|_| Ok(Produced { gaps: vec![broken()], ..Produced::default() }))
    })?;
    written.map_err(CheckError::Report)?;
    let Produced { warnings, gaps, directories } = produced;
    report.warnings.extend(warnings);
    report.gaps.extend(gaps);
    report.interrupted = interrupted.load(Ordering::Relaxed);
    report.seconds = started.elapsed().as_secs_f64();
    policy.finish(&mut report);
    let mut summary = policy.tally.summary(started.elapsed(), report.interrupted, directories);
    summary.complete = report.is_complete();
    for reporter in reporters {
        reporter.finish(&summary).map_err(CheckError::Report)?;
    }
    Ok(report)
}

fn broken() -> Gap {
    let message = "the repository could not be read to its end".to_owned();
    Gap { item: ItemPath::new(0, Name::from(".git")), reasons: vec![Reason::Crashed], message, counts: true }
}

fn header(report: &CheckReport, policy: &Policy, subject: &Subject) -> ScanRecord {
    let root = match subject {
        Subject::Tree { root, .. } => Name::from_path(root),
        Subject::Changes(_) | Subject::History => Name::from("."),
    };
    ScanRecord {
        tool: "plainsight",
        version: env!("CARGO_PKG_VERSION"),
        detectors_hash: policy.catalogue.hash(),
        started: report.started.clone(),
        roots: vec![root],
        shares: Vec::new(),
    }
}

fn produce(
    repository: Option<&Repository>,
    subject: Subject,
    jobs: Sender<Job>,
    interrupted: &AtomicBool,
) -> Result<Produced, CheckError> {
    let mut produced = Produced::default();
    let goes_on = |job| !interrupted.load(Ordering::Relaxed) && jobs.send(job).is_ok();
    match subject {
        Subject::Tree { root, start, tracked } => {
            produced.directories = worktree::walk(&root, &start, &tracked, &mut |event| {
                let job = match event {
                    Event::File(entry) => Job::File(entry),
                    Event::Skipped(entry, reason) => {
                        Job::Told(worker::unread(&entry, Outcome::Skipped, reason, String::new()))
                    }
                    Event::Unreadable(fault) => Job::Told(worker::faulty(fault)),
                };
                if goes_on(job) { Flow::Continue } else { Flow::Stop }
            });
        }
        Subject::Changes(changes) => {
            for Change { path, id, old } in changes {
                if !goes_on(Job::Content { path, id, old }) {
                    break;
                }
            }
        }
        Subject::History => {
            let Some(repository) = repository else { return Ok(produced) };
            let objects: Objects = repository.objects().with_bases();
            let walked = history::walk(repository, &objects, &mut |file| goes_on(Job::Versions(file)))?;
            let is_cut =
                repository.is_shallow().then(|| "the history is shallow: its older commits are not here".to_owned());
            for message in walked.faults.into_iter().chain(is_cut) {
                let item = ItemPath::new(0, Name::from(".git"));
                produced.gaps.push(Gap { item, reasons: vec![Reason::NotFound], message, counts: true });
            }
        }
    }
    Ok(produced)
}
