//! The walk over several roots, of which one may stop answering: its listing is given up, and the others are walked.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::model::{ItemPath, Name, Reason};

use super::walk::{Event, Fault, Flow, Visitor, Walk};

/// How long a listing may say nothing before its mount is asked for, and how much longer
/// before it is given up though the mount answers.
const QUIET: Duration = Duration::from_secs(20);
const STUCK: u32 = 15;
/// How long it may say nothing once the scan is interrupted.
const PATIENCE: Duration = Duration::from_secs(2);
const WATCH: Duration = Duration::from_millis(500);

/// What a thread of the walk and the watch over it share. The visitor lies here, so that what
/// it holds is not lost with a thread that hangs.
struct Seat<V> {
    visitor: Mutex<Option<V>>,
}

struct Watched<V> {
    seat: Arc<Seat<V>>,
    gate: Arc<Gate>,
}

struct Gate {
    /// Nobody listens to this root any more.
    closed: AtomicBool,
    /// Visits under way: they wait for the scan, not for the share.
    visiting: AtomicU64,
    /// When the walk of the root began, and how many milliseconds later the last visit ended.
    began: Instant,
    last: AtomicU64,
}

impl Gate {
    fn new() -> Self {
        Self {
            closed: AtomicBool::new(false),
            visiting: AtomicU64::new(0),
            began: Instant::now(),
            last: AtomicU64::new(0),
        }
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn silent(&self) -> Duration {
        Duration::from_millis(self.milliseconds().saturating_sub(self.last.load(Ordering::Acquire)))
    }
}

impl<V: Visitor> Visitor for Watched<V> {
    fn visit(&mut self, event: Event) -> Flow {
        self.gate.visiting.fetch_add(1, Ordering::AcqRel);
        let flow = match self.seat.visitor.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(visitor) if !self.gate.closed.load(Ordering::Acquire) => visitor.visit(event),
            _ => Flow::Stop,
        };
        self.gate.last.store(self.gate.milliseconds(), Ordering::Release);
        self.gate.visiting.fetch_sub(1, Ordering::AcqRel);
        flow
    }
}

impl<V> Drop for Watched<V> {
    fn drop(&mut self) {
        self.seat.visitor.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Walk {
    /// As [`Walk::run`], but a root that does not come back is told as unavailable. A thread
    /// that hangs in the system cannot be ended; it is left behind.
    pub fn run_watched<V, F>(&self, stop: &Arc<AtomicBool>, visitor: F) -> u64
    where
        V: Visitor + 'static,
        F: Fn() -> V + Send + Sync + 'static,
    {
        self.run_within(stop, visitor, QUIET)
    }

    fn run_within<V, F>(&self, stop: &Arc<AtomicBool>, visitor: F, quiet: Duration) -> u64
    where
        V: Visitor + 'static,
        F: Fn() -> V + Send + Sync + 'static,
    {
        let (directories, visitor) = (Arc::new(AtomicU64::new(0)), Arc::new(visitor));
        for root in 0..self.roots.len() {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let gate = Arc::new(Gate::new());
            let seats: Arc<Mutex<Vec<Arc<Seat<V>>>>> = Arc::default();
            let (done, ended) = channel::<()>();
            let work = {
                let (walk, stop, directories) = (self.clone(), Arc::clone(stop), Arc::clone(&directories));
                let (gate, seats, visitor) = (Arc::clone(&gate), Arc::clone(&seats), Arc::clone(&visitor));
                move || {
                    let sit = || {
                        let seat = Arc::new(Seat { visitor: Mutex::new(Some(visitor())) });
                        seats.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&seat));
                        Watched { seat, gate: Arc::clone(&gate) }
                    };
                    walk.run_root(root, &stop, &directories, &sit);
                    drop(done);
                }
            };
            if thread::Builder::new().name("walk root".into()).spawn(work).is_err() {
                visitor().visit(self.lost(root, "a thread for the listing could not be started".into()));
                continue;
            }
            if let Some(message) = self.watch(root, &gate, &ended, stop, quiet) {
                gate.closed.store(true, Ordering::Release);
                for seat in seats.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                    seat.visitor.lock().unwrap_or_else(PoisonError::into_inner).take();
                }
                visitor().visit(self.lost(root, message));
            }
        }
        directories.load(Ordering::Relaxed)
    }

    /// Waits for the end of the listing; why it is given up, if it is.
    fn watch(
        &self,
        root: usize,
        gate: &Gate,
        ended: &Receiver<()>,
        stop: &AtomicBool,
        quiet: Duration,
    ) -> Option<String> {
        let path = self.roots.get(root)?;
        loop {
            match ended.recv_timeout(WATCH.min(quiet)) {
                Err(RecvTimeoutError::Timeout) => {}
                _ => return None,
            }
            if gate.visiting.load(Ordering::Acquire) > 0 {
                continue;
            }
            let silent = gate.silent();
            if stop.load(Ordering::Relaxed) && silent > PATIENCE {
                return Some("interrupted while a listing did not come back".into());
            }
            if silent < quiet {
                continue;
            }
            self.shares.health.suspect(path);
            if self.shares.health.is_down(path) {
                return Some("the share does not answer; what was not listed by then is unknown".into());
            }
            if silent > quiet * STUCK {
                return Some(format!("a listing did not come back within {} seconds", silent.as_secs()));
            }
        }
    }

    fn lost(&self, root: usize, message: String) -> Event {
        let path = self.roots.get(root).map(|path| Name::from_path(path)).unwrap_or_default();
        let name = Name::from_bytes(path.file_name());
        Event::Unreadable(Fault { item: ItemPath::new(root, name), reason: Reason::ShareUnavailable, message })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Keep {
        seen: Arc<Mutex<Vec<String>>>,
        held: Vec<String>,
    }

    impl Visitor for Keep {
        fn visit(&mut self, event: Event) -> Flow {
            self.held.push(match event {
                Event::File(entry) => format!("file {}", entry.item.root),
                Event::Skipped(entry, reason) => format!("{} {}", reason.key(), entry.item.root),
                Event::Unreadable(fault) => format!("{} {}", fault.reason.key(), fault.item.root),
            });
            Flow::Continue
        }
    }

    impl Drop for Keep {
        fn drop(&mut self) {
            self.seen.lock().unwrap().append(&mut self.held);
        }
    }

    fn walk(roots: Vec<std::path::PathBuf>) -> Walk {
        Walk {
            roots,
            excludes: super::super::Excludes::default(),
            same_file_system: false,
            threads: 2,
            shares: Arc::default(),
        }
    }

    #[test]
    fn every_root_is_walked_and_what_visitors_hold_is_told() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(one.path().join("a"), "x").unwrap();
        std::fs::write(two.path().join("b"), "x").unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let directories = walk(vec![one.path().into(), two.path().into()])
            .run_watched(&Arc::default(), move || Keep { seen: Arc::clone(&kept), held: Vec::new() });
        let mut told = seen.lock().unwrap().clone();
        told.sort();
        assert_eq!((directories, told), (2, vec!["file 0".to_owned(), "file 1".to_owned()]));
    }

    #[test]
    fn a_listing_that_hangs_is_given_up_and_loses_nothing() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let gate = Gate::new();
        let (_hangs, ended) = channel::<()>();
        let walk = walk(vec!["/no/such/root".into()]);
        let message = walk.watch(0, &gate, &ended, &AtomicBool::new(false), Duration::from_millis(10));
        assert!(message.is_some_and(|message| message.contains("did not come back")));
        let seat =
            Arc::new(Seat { visitor: Mutex::new(Some(Keep { seen: Arc::clone(&seen), held: vec!["file 0".into()] })) });
        seat.visitor.lock().unwrap().take();
        let mut late = Watched { seat, gate: Arc::new(gate) };
        assert_eq!(late.visit(walk.lost(0, String::new())), Flow::Stop, "what comes late is not heard");
        assert_eq!(*seen.lock().unwrap(), ["file 0"]);
    }
}
