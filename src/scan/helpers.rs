//! Lets workers that have no file of their own detect in the texts of one large file.

use std::sync::atomic::{AtomicUsize, Ordering};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::detect::Match;
use crate::detect::engine::Engine;
use crate::model::Text;

use super::crash;

/// A text in which somebody shall look, and where to send what is found.
pub struct Job {
    text: Text,
    done: Sender<Done>,
}

/// The text with its matches, or the place in the code where the detection stopped.
pub type Done = (Text, Result<Vec<Match>, String>);

impl Job {
    pub fn run(self, engine: &Engine) {
        let found = crash::catch(|| engine.find(&self.text));
        // Whoever asked may have been given up.
        let _ = self.done.send((self.text, found));
    }
}

/// Where texts wait for a worker; it holds few, and only while somebody is there to take them.
pub struct Helpers {
    jobs: Sender<Job>,
    inbox: Receiver<Job>,
    /// Workers that have no file of their own.
    waiting: AtomicUsize,
    /// Texts of one file that may be on their way.
    most: usize,
}

impl Helpers {
    pub fn new(threads: usize) -> Self {
        let (jobs, inbox) = bounded(threads.clamp(1, 32));
        Self { jobs, inbox, waiting: AtomicUsize::new(0), most: threads.clamp(1, 32) + 1 }
    }

    pub fn inbox(&self) -> &Receiver<Job> {
        &self.inbox
    }

    pub fn most(&self) -> usize {
        self.most
    }

    /// A worker has no file of its own.
    pub fn arrive(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// It has one again, or ends.
    pub fn leave(&self) {
        self.waiting.fetch_sub(1, Ordering::Relaxed);
    }

    /// So many threads take jobs from now on.
    pub fn set_waiting(&self, threads: usize) {
        self.waiting.store(threads, Ordering::Relaxed);
    }

    /// Hands the text to a worker without a file; gives it back when there is none, or enough waits.
    pub fn ask(&self, text: Text) -> Result<Receiver<Done>, Text> {
        if self.waiting.load(Ordering::Relaxed) == 0 {
            return Err(text);
        }
        let (done, answer) = bounded(1);
        match self.jobs.try_send(Job { text, done }) {
            Ok(()) => Ok(answer),
            Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => Err(job.text),
        }
    }
}
