//! Bounds against hostile files: depth, members, bytes, ratio and time of one file on the share.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::model::Reason;

use super::passwords::Passwords;
use super::recognition::Recognition;

/// What one file on the share may cost.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// Containers within containers.
    pub depth: u32,
    /// Members of one file, at all depths together.
    pub members: u64,
    /// Unpacked bytes of one file, at all depths together.
    pub unpacked_bytes: u64,
    /// Unpacked bytes of one member that a reader needs whole or seekable.
    pub member_bytes: u64,
    /// Unpacked to packed bytes of one file, once `ratio_floor` bytes were unpacked.
    pub ratio: u64,
    pub ratio_floor: u64,
    /// Wall-clock time of one file, to which a second is added for every `bytes_per_second`.
    pub time: Duration,
    pub bytes_per_second: u64,
    /// Whether data that no reader knows is searched for runs of characters.
    pub strings: bool,
    /// Text recognition, and the time of its own that it has.
    pub recognition: Recognition,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 16,
            members: 1_000_000,
            unpacked_bytes: 64 << 30,
            member_bytes: 1 << 30,
            ratio: 250,
            ratio_floor: 256 << 20,
            time: Duration::from_mins(1),
            bytes_per_second: 4 << 20,
            strings: false,
            recognition: Recognition::default(),
        }
    }
}

/// The budget of one file on the share; spent by all its members together.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    packed: u64,
    members: Cell<u64>,
    unpacked: Cell<u64>,
    /// Spent on text recognition, and since when it is at a picture.
    recognised: Cell<Duration>,
    recognising: Cell<Option<Instant>>,
    deadline: Instant,
    interrupted: Arc<AtomicBool>,
    passwords: Passwords,
}

impl Budget {
    /// `size` is what the file takes on the share; `interrupted` is raised to end the scan.
    pub fn new(limits: Limits, size: u64, interrupted: Arc<AtomicBool>) -> Self {
        let extra = Duration::from_secs(size / limits.bytes_per_second.max(1));
        let deadline = Instant::now() + limits.time + extra;
        Self {
            limits,
            packed: size.max(1),
            members: Cell::new(0),
            unpacked: Cell::new(0),
            recognised: Cell::default(),
            recognising: Cell::default(),
            deadline,
            interrupted,
            passwords: Passwords::default(),
        }
    }

    pub fn with_passwords(self, passwords: Passwords) -> Self {
        Self { passwords, ..self }
    }

    /// What may be tried on sealed items of the file.
    pub fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether time is left and nobody interrupted.
    pub fn check(&self) -> Result<(), Reason> {
        if self.interrupted.load(Ordering::Relaxed) {
            return Err(Reason::Interrupted);
        }
        if Instant::now() >= self.deadline() {
            return Err(Reason::Timeout);
        }
        if self.recognising.get().is_some() && self.recognition_left().is_zero() {
            return Err(Reason::Timeout);
        }
        Ok(())
    }

    /// The moment from which [`Budget::check`] fails.
    pub fn deadline(&self) -> Instant {
        self.deadline + self.spent_on_recognition()
    }

    /// What is left for text recognition.
    pub(super) fn recognition_left(&self) -> Duration {
        self.limits.recognition.time.saturating_sub(self.spent_on_recognition())
    }

    /// From here on time is taken from that for text recognition, until [`Budget::end_recognition`].
    pub(super) fn begin_recognition(&self) {
        self.recognising.set(Some(Instant::now()));
    }

    pub(super) fn end_recognition(&self) {
        self.recognised.set(self.spent_on_recognition());
        self.recognising.set(None);
    }

    fn spent_on_recognition(&self) -> Duration {
        self.recognised.get() + self.recognising.get().map_or(Duration::ZERO, |since| since.elapsed())
    }

    pub fn spend_member(&self) -> Result<(), Reason> {
        self.members.set(self.members.get() + 1);
        if self.members.get() > self.limits.members {
            return Err(Reason::TooManyMembers);
        }
        self.check()
    }

    /// Spends unpacked bytes.
    pub fn spend_bytes(&self, bytes: u64) -> Result<(), Reason> {
        let unpacked = self.unpacked.get().saturating_add(bytes);
        self.unpacked.set(unpacked);
        if unpacked > self.limits.unpacked_bytes {
            return Err(Reason::TooManyBytes);
        }
        if unpacked > self.limits.ratio_floor && unpacked / self.packed > self.limits.ratio {
            return Err(Reason::RatioTooHigh);
        }
        self.check()
    }

    /// Whether a container at this depth (0 = the file on the share) may be opened.
    pub fn may_enter(&self, depth: u32) -> Result<(), Reason> {
        if depth >= self.limits.depth { Err(Reason::TooDeep) } else { Ok(()) }
    }
}

/// A spent budget on its way through a decoder that knows only I/O errors.
#[derive(Debug)]
pub struct Spent(pub Reason);

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "budget spent: {}", self.0.key())
    }
}

impl std::error::Error for Spent {}

impl From<Spent> for io::Error {
    fn from(spent: Spent) -> Self {
        Self::other(spent)
    }
}

/// The budget's reason inside an I/O error, however deep a decoder wrapped it.
pub fn reason_of(error: &io::Error) -> Option<Reason> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = error.get_ref().map(|e| e as _);
    while let Some(error) = cause {
        if let Some(Spent(reason)) = error.downcast_ref() {
            return Some(*reason);
        }
        cause = match error.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|e| e as _),
            None => error.source(),
        };
    }
    None
}

/// Charges what is unpacked through it: bytes, ratio and time.
pub struct Unpacked<'a, R: ?Sized> {
    budget: &'a Budget,
    inner: &'a mut R,
}

impl<'a, R: Read + ?Sized> Unpacked<'a, R> {
    pub fn new(budget: &'a Budget, inner: &'a mut R) -> Self {
        Self { budget, inner }
    }
}

impl<R: Read + ?Sized> Read for Unpacked<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.budget.spend_bytes(n as u64).map_err(|reason| io::Error::from(Spent(reason)))?;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(limits: Limits) -> Budget {
        Budget::new(limits, 10, Arc::default())
    }

    #[test]
    fn bytes_and_ratio_end_a_bomb() {
        let by_bytes = budget(Limits { unpacked_bytes: 100, ..Limits::default() });
        assert_eq!(by_bytes.spend_bytes(100), Ok(()));
        assert_eq!(by_bytes.spend_bytes(1), Err(Reason::TooManyBytes));
        let by_ratio = budget(Limits { ratio: 10, ratio_floor: 50, ..Limits::default() });
        assert_eq!(by_ratio.spend_bytes(109), Ok(()));
        assert_eq!(by_ratio.spend_bytes(1), Err(Reason::RatioTooHigh).or(by_ratio.spend_bytes(0)));
        assert_eq!(by_ratio.spend_bytes(10), Err(Reason::RatioTooHigh));
    }

    #[test]
    fn the_reason_survives_a_decoder_that_wraps_errors() {
        let spent = io::Error::from(Spent(Reason::Timeout));
        let wrapped = io::Error::new(io::ErrorKind::InvalidData, spent);
        assert_eq!(reason_of(&wrapped), Some(Reason::Timeout));
        assert_eq!(reason_of(&io::Error::other("else")), None);
    }

    #[test]
    fn an_interrupt_ends_every_loop() {
        let flag = Arc::new(AtomicBool::new(false));
        let budget = Budget::new(Limits::default(), 1, Arc::clone(&flag));
        assert_eq!(budget.check(), Ok(()));
        flag.store(true, Ordering::Relaxed);
        assert_eq!(budget.check(), Err(Reason::Interrupted));
    }
}
