//! Notices that a share is gone, so that its files are not waited for one by one, and that it is back.
//!
//! An error alone proves little: a disk has bad sectors, one file can hang. So suspicion only
//! starts a probe of the mount, on a thread of its own that may never come back.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::model::Reason;

use super::fault::{self, Class};
use super::mounts::Mounts;

/// Failures in a row that are no accident.
const FAILURES: u32 = 3;
/// A healthy mount answers within this time.
const PATIENCE: Duration = Duration::from_secs(5);
/// A mount that answered is not asked again so soon; one that is down is asked again after it.
const PAUSE: Duration = Duration::from_secs(15);
/// Probes of one mount that may hang at the same time.
const MOST_HANGING: u32 = 4;

/// The breaker of every mount.
#[derive(Debug, Default)]
pub struct Health {
    mounts: Mounts,
    /// Some mount has failed lately; without it nothing is looked up.
    is_worried: AtomicBool,
    states: Mutex<HashMap<usize, State>>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    is_down: bool,
    probe: Option<Probe>,
    /// When the last probe ended.
    probed: Option<Instant>,
    hanging: u32,
}

#[derive(Debug)]
struct Probe {
    started: Instant,
    /// Whether the mount answered.
    answer: Arc<OnceLock<bool>>,
}

impl Health {
    pub fn new(mounts: Mounts) -> Self {
        Self { mounts, ..Self::default() }
    }

    pub fn mounts(&self) -> &Mounts {
        &self.mounts
    }

    /// Whether the mount under the path is known not to answer.
    pub fn is_down(&self, path: &Path) -> bool {
        if !self.is_worried.load(Ordering::Relaxed) {
            return false;
        }
        self.with(path, |state, point| {
            state.settle();
            if state.is_down && state.probed.is_none_or(|at| at.elapsed() > PAUSE) {
                state.start_probe(point);
            }
            state.is_down
        })
        .unwrap_or(false)
    }

    /// What reading the file came to: the fault of the share, if there was one.
    pub fn heard(&self, path: &Path, fault: Option<Reason>) {
        match fault {
            None | Some(Reason::PermissionDenied | Reason::NotFound) => {
                if self.is_worried.load(Ordering::Relaxed) {
                    self.with(path, |state, _| {
                        state.failures = 0;
                        if state.is_down {
                            // Or that was read before it went down: the next suspicion is to ask at once.
                            (state.is_down, state.probed) = (false, None);
                        }
                    });
                }
            }
            Some(Reason::ShareUnavailable) => self.suspect(path),
            Some(Reason::IoError) => {
                self.is_worried.store(true, Ordering::Relaxed);
                let too_many = self.with(path, |state, _| {
                    state.failures += 1;
                    state.failures >= FAILURES
                });
                if too_many == Some(true) {
                    self.suspect(path);
                }
            }
            Some(_) => {}
        }
    }

    /// Something says that the mount under the path does not answer: asks it.
    pub fn suspect(&self, path: &Path) {
        self.is_worried.store(true, Ordering::Relaxed);
        self.with(path, |state, point| {
            state.settle();
            if !state.is_down && state.probed.is_none_or(|at| at.elapsed() > PAUSE) {
                state.start_probe(point);
            }
        });
    }

    fn with<T>(&self, path: &Path, look: impl FnOnce(&mut State, &Path) -> T) -> Option<T> {
        let path = std::path::absolute(path).ok()?;
        let index = self.mounts.of(&path)?;
        let point = &self.mounts.get(index)?.point;
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        Some(look(states.entry(index).or_default(), point))
    }
}

impl State {
    /// Takes the answer of the probe, if there is one or none is to be expected.
    fn settle(&mut self) {
        let Some(probe) = &self.probe else { return };
        let answered = match probe.answer.get() {
            Some(answered) => *answered,
            None if probe.started.elapsed() < PATIENCE => return,
            None => {
                self.hanging += 1;
                false
            }
        };
        self.is_down = !answered;
        if answered {
            (self.failures, self.hanging) = (0, 0);
        }
        self.probe = None;
        self.probed = Some(Instant::now());
    }

    fn start_probe(&mut self, point: &Path) {
        if self.probe.is_some() || self.hanging >= MOST_HANGING {
            return;
        }
        let answer = Arc::new(OnceLock::new());
        let (told, point) = (Arc::clone(&answer), point.to_path_buf());
        let started = thread::Builder::new().name("probe".into()).spawn(move || told.set(answers(&point)));
        if started.is_ok() {
            self.probe = Some(Probe { started: Instant::now(), answer });
        }
    }
}

/// Asks the server rather than what the system remembers of it: the space that is left, and a
/// name from the topmost directory.
fn answers(point: &PathBuf) -> bool {
    #[cfg(unix)]
    if rustix::fs::statvfs(point).is_err_and(|error| fault::class(&error.into()) == Class::Down) {
        return false;
    }
    let is_down = |error: &std::io::Error| matches!(fault::class(error), Class::Down | Class::Passing);
    match std::fs::read_dir(point) {
        Ok(mut names) => !matches!(names.next(), Some(Err(error)) if is_down(&error)),
        Err(error) => !is_down(&error),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    /// The health of one mount that lies at a directory.
    fn health(point: &Path) -> Health {
        let table = format!("1 0 0:1 / {} rw - nfs fs:/a rw\n", point.display());
        Health::new(Mounts::parse(table.as_bytes()))
    }

    fn wait_for(health: &Health, path: &Path, expected: bool) {
        let started = Instant::now();
        while health.is_down(path) != expected {
            assert!(started.elapsed() < Duration::from_mins(1));
            thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn a_mount_that_answers_is_not_given_up() {
        let dir = tempfile::tempdir().unwrap();
        let (health, path) = (health(dir.path()), dir.path().join("a"));
        for _ in 0..9 {
            health.heard(&path, Some(Reason::IoError));
        }
        thread::sleep(Duration::from_millis(200));
        assert!(!health.is_down(&path));
        assert!(!health.is_down(Path::new("/elsewhere")));
    }

    #[test]
    fn a_probe_without_an_answer_is_one() {
        let (health, path) = (health(Path::new("/no/such/mount")), Path::new("/no/such/mount/a"));
        let answer = Arc::new(OnceLock::new());
        let long_ago = Instant::now().checked_sub(PATIENCE * 2).unwrap();
        health.suspect(path);
        health.with(path, |state, _| state.probe = Some(Probe { started: long_ago, answer })).unwrap();
        wait_for(&health, path, true);
        assert!(!health.is_down(Path::new("/elsewhere")));
        // A file that can be read proves the contrary.
        health.heard(path, None);
        wait_for(&health, path, false);
        // And if it was the last one, the mount is asked again at once.
        health.suspect(path);
        assert!(health.with(path, |state, _| state.probe.is_some()).unwrap());
    }
}
