//! One worker process as the scan sees it: started, fed, listened to, ended, and why it ended.
//!
//! Three threads of the scan belong to it: one writes what it is to do, one reads what it
//! answers, and the keeper decides. So neither a worker that does not read nor one that does
//! not write can stop the keeper.

use std::io::{self, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use crate::model::Reason;

use super::register::{Mark, Register};
use super::walls;
use super::wire::{self, Reply, Request, Setup};

/// The hidden subcommand that makes the program a worker.
pub const SUBCOMMAND: &str = "worker";
/// How long a killed process may take to go; one that hangs in a dead mount may stay.
const LEAVING: Duration = Duration::from_secs(2);
/// Bytes of answers read at once, and answers handed on at once.
const CHUNK: usize = 256 << 10;
const TOGETHER: usize = 64;

/// What the listening thread tells.
pub(super) enum Heard {
    Replies(Vec<Reply>),
    /// The pipe is closed.
    Closed,
    /// What came is no answer.
    Nonsense,
}

/// Why a worker ended, in the words of the coverage ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Death {
    pub(super) reason: Reason,
    pub(super) message: String,
    /// With so many workers dead of it, the file in hand is not tried any more.
    pub(super) tries: u8,
}

/// A file may kill two workers.
const OWN: u8 = 2;
/// What kills from outside may mean another process, or another worker that took the memory.
const FOREIGN: u8 = 5;

impl Death {
    pub(super) fn timeout() -> Self {
        Self { reason: Reason::Timeout, message: "the reader did not come back from this file".into(), tries: 1 }
    }

    /// Its files lie on a share that was given up; no file is to blame.
    pub(super) fn unanswered() -> Self {
        Self { reason: Reason::ShareUnavailable, message: "the share does not answer".into(), tries: FOREIGN }
    }

    pub(super) fn nonsense() -> Self {
        Self { reason: Reason::Crashed, message: "the worker answered what cannot be".into(), tries: 1 }
    }

    /// Something else may have killed the worker.
    pub(super) fn is_foreign(&self) -> bool {
        self.tries > OWN
    }

    /// `words` are compared and never shown: they may quote content.
    fn of(status: Option<ExitStatus>, words: &str) -> Self {
        let death = |reason, message: &str| Self { reason, message: message.to_owned(), tries: OWN };
        if words.contains("memory allocation of ") {
            return death(Reason::OutOfMemory, "the reader needs more memory than a worker may have");
        }
        if words.contains("has overflowed its stack") {
            return death(Reason::Crashed, "the reader overflowed its stack");
        }
        #[cfg(unix)]
        if let Some(signal) = status.and_then(|status| std::os::unix::process::ExitStatusExt::signal(&status)) {
            return match signal {
                libc::SIGKILL => Self {
                    tries: FOREIGN,
                    ..death(
                        Reason::OutOfMemory,
                        "the worker was killed from outside, as the system does when memory runs out",
                    )
                },
                libc::SIGXCPU => Self { tries: 1, ..death(Reason::Timeout, "more processor time than allowed") },
                signal => death(Reason::Crashed, &format!("the reader ended by signal {signal}")),
            };
        }
        match status.and_then(|status| status.code()) {
            Some(code) => death(Reason::Crashed, &format!("the reader ended its process with code {code}")),
            None => death(Reason::Crashed, "the reader ended its process"),
        }
    }
}

pub(super) struct Child {
    process: std::process::Child,
    register: Register,
    requests: Sender<Vec<u8>>,
    pub(super) heard: Receiver<Heard>,
}

/// A worker that was started and has been told nothing yet.
struct Started {
    process: std::process::Child,
    register: Register,
}

impl Started {
    fn new() -> io::Result<Self> {
        let register = Register::create()?;
        let mut command = command()?;
        // Of what may be written all counts as used: the allocator must not reserve it in advance.
        command.env("MIMALLOC_ARENA_EAGER_COMMIT", "0");
        command.arg(SUBCOMMAND).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(register.to_worker()?);
        Ok(Self { process: command.spawn()?, register })
    }
}

/// A worker that loads the detectors while the scan gets ready itself: one small file need not wait for both.
pub struct Spare(Option<Started>);

impl Spare {
    pub fn start() -> io::Result<Self> {
        Started::new().map(|started| Self(Some(started)))
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        if let Some(Started { mut process, .. }) = self.0.take() {
            // It has nothing in hand.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Child {
    /// The secrets of the setup go through the pipe: no argument and no variable holds any.
    /// It is not given the roots with these numbers. It is `spare`, if there is one.
    pub(super) fn start(setup: &Setup, lacking: &[usize], spare: Option<Spare>) -> io::Result<Self> {
        let started = spare.and_then(|mut spare| spare.0.take());
        let Started { mut process, register } = started.map_or_else(Started::new, Ok)?;
        let (Some(mut to), Some(from)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(io::Error::other("the pipes of a worker are missing"));
        };
        let (requests, pending) = unbounded::<Vec<u8>>();
        let (answers, heard) = bounded(4);
        // Its death is for the listening thread to tell.
        let feed = move || pending.iter().all(|frame| io::Write::write_all(&mut to, &frame).is_ok());
        thread::Builder::new().name("feed".into()).spawn(feed)?;
        thread::Builder::new().name("listen".into()).spawn(move || listen(from, &answers))?;
        let mut child = Self { process, register, requests, heard };
        let mut setup = setup.clone();
        let mut root = 0;
        setup.roots.retain(|_| {
            root += 1;
            !lacking.contains(&(root - 1))
        });
        child.send_frame(&setup)?;
        Ok(child)
    }

    pub(super) fn send(&mut self, request: &Request) -> io::Result<()> {
        self.send_frame(request)
    }

    fn send_frame(&mut self, frame: &impl serde::Serialize) -> io::Result<()> {
        let mut bytes = Vec::new();
        wire::append(frame, &mut bytes)?;
        // If the feeding thread is gone, so is the worker, and that is heard.
        let _ = self.requests.send(bytes);
        Ok(())
    }

    /// What it shows to have in hand.
    pub(super) fn mark(&self) -> Option<Mark> {
        self.register.read()
    }

    pub(super) fn grant_processor(&self, seconds: u64) {
        walls::grant_processor(self.process.id(), seconds);
    }

    /// Ends it, and says why it had ended if it had.
    pub(super) fn end(&mut self) -> Death {
        // A worker that closed its pipe is about to be gone: its own reason is the better one. On a machine with too much
        // to do that takes its time.
        let own = self.wait(LEAVING);
        let _ = self.process.kill();
        let status = own.or_else(|| self.wait(LEAVING));
        match own {
            Some(_) => Death::of(status, &self.register.last_words()),
            None => Death {
                reason: Reason::Crashed,
                message: "the reader closed the pipe of its worker".into(),
                tries: OWN,
            },
        }
    }

    fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + patience;
        let mut pause = Duration::from_micros(200);
        loop {
            match self.process.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < until => thread::sleep(pause),
                _ => return None,
            }
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }

    /// Ends it without asking why.
    pub(super) fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.wait(LEAVING);
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The program itself, with none of the environment but what it takes to run and to find room for scratch.
fn command() -> io::Result<Command> {
    // The program on disk may be replaced while a long scan runs.
    #[cfg(target_os = "linux")]
    let mut command = match std::path::Path::new("/proc/self/exe") {
        exe if exe.exists() => Command::new(exe),
        _ => Command::new(std::env::current_exe()?),
    };
    #[cfg(not(target_os = "linux"))]
    let mut command = Command::new(std::env::current_exe()?);
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        command.env_clear();
        for name in ["TMPDIR", "LD_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        // An interrupt typed at the terminal is for the scan, which ends its workers.
        command.arg0("plainsight").process_group(0);
    }
    Ok(command)
}

fn listen(from: impl Read, answers: &Sender<Heard>) {
    let mut from = BufReader::with_capacity(CHUNK, from);
    let mut buffer = Vec::new();
    let mut replies = Vec::new();
    loop {
        let end = match wire::read(&mut from, &mut buffer) {
            Ok(Some(mut reply)) => {
                if let Reply::Told(told) = &mut reply {
                    told.bytes = buffer.len();
                }
                replies.push(reply);
                if replies.len() < TOGETHER && buffer.len() < CHUNK && !from.buffer().is_empty() {
                    continue;
                }
                None
            }
            Ok(None) => Some(Heard::Closed),
            // Cut in the middle of a frame: it died there.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Some(Heard::Closed),
            Err(_) => Some(Heard::Nonsense),
        };
        let told = replies.is_empty() || answers.send(Heard::Replies(std::mem::take(&mut replies))).is_ok();
        if let Some(end) = end {
            let _ = answers.send(end);
            return;
        }
        if !told {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_worker_died_of() {
        let check = |words: &str, reason| {
            let death = Death::of(None, words);
            assert_eq!((death.reason, death.tries), (reason, OWN));
            assert!(!death.message.contains("secret"));
        };
        check("memory allocation of 5000000000 bytes failed", Reason::OutOfMemory);
        check("thread 'read' (9) has overflowed its stack\nfatal runtime error", Reason::Crashed);
        check("secret", Reason::Crashed);
    }

    #[test]
    #[cfg(unix)]
    fn signals_tell_more() {
        use std::os::unix::process::ExitStatusExt;
        let of = |signal| Death::of(Some(ExitStatus::from_raw(signal)), "").reason;
        assert_eq!(of(libc::SIGSEGV), Reason::Crashed);
        assert_eq!(of(libc::SIGKILL), Reason::OutOfMemory);
        assert_eq!(of(libc::SIGXCPU), Reason::Timeout);
    }

    #[test]
    fn answers_are_heard_until_the_pipe_ends_or_makes_no_sense() {
        let ready = Reply::Ready(wire::Walls::default());
        let mut bytes = Vec::new();
        for _ in 0..3 {
            wire::append(&ready, &mut bytes).unwrap();
        }
        let hear = |bytes: Vec<u8>| {
            let (answers, heard) = bounded(16);
            listen(bytes.as_slice(), &answers);
            drop(answers);
            heard.iter().collect::<Vec<_>>()
        };
        let heard = hear(bytes.clone());
        assert!(matches!(&heard[..], [Heard::Replies(replies), Heard::Closed] if replies.len() == 3));
        let cut = hear(bytes[..bytes.len() - 3].to_vec());
        assert!(matches!(&cut[..], [Heard::Replies(replies), Heard::Closed] if replies.len() == 2), "a frame is cut");
        bytes.extend_from_slice(&[0xff; 8]);
        assert!(matches!(hear(bytes).last(), Some(Heard::Nonsense)));
    }
}
