//! How gently a share is read: files and bytes in a second, hours of the day, and a pause when the server is slow.

use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Zoned;
use serde::{Deserialize, Serialize};

/// What the user allows; without any bound nothing is slowed down.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    pub bytes_per_second: Option<f64>,
    pub files_per_second: Option<f64>,
    pub window: Option<Window>,
}

impl Rates {
    /// The most that a worker with this part may wait before it begins a file.
    pub fn longest_wait(&self) -> Duration {
        let one = self.files_per_second.map_or(0.0, |rate| 1.0 / rate);
        Duration::try_from_secs_f64(one * 2.0).unwrap_or(Duration::MAX).min(Duration::from_hours(2)) + LONGEST_REST
    }

    /// The part of one of several workers that each keep their own time. The hours are the same.
    pub fn part_of(&self, workers: usize) -> Self {
        let part = |rate: Option<f64>| rate.map(|rate| rate / workers.max(1) as f64);
        Self {
            bytes_per_second: part(self.bytes_per_second),
            files_per_second: part(self.files_per_second),
            window: self.window,
        }
    }
}

/// Hours of the day, local time: from the first minute to before the last; over midnight if
/// the last is the earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    from: u16,
    to: u16,
}

impl Window {
    /// Whether the minute of the day lies in it.
    fn holds(self, minute: u16) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

impl FromStr for Window {
    type Err = String;

    /// `22:00-06:00`.
    fn from_str(window: &str) -> Result<Self, String> {
        let wrong = || "expected hours as 22:00-06:00".to_owned();
        let minute = |time: &str| {
            let (hour, minute) = time.trim().split_once(':').ok_or_else(wrong)?;
            match (hour.parse::<u16>(), minute.parse::<u16>()) {
                (Ok(hour @ 0..24), Ok(minute @ 0..60)) => Ok(hour * 60 + minute),
                _ => Err(wrong()),
            }
        };
        let (from, to) = window.split_once('-').ok_or_else(wrong)?;
        let (from, to) = (minute(from)?, minute(to)?);
        if from == to { Err("the window is empty".to_owned()) } else { Ok(Self { from, to }) }
    }
}

/// Pauses are cut into pieces, so that an interrupt is not waited for.
const PIECE: Duration = Duration::from_millis(100);
/// The longest pause that a slow server is given before one file.
const LONGEST_REST: Duration = Duration::from_secs(2);
/// Opening a file within this time is never slow.
const QUICK: f64 = 0.02;

/// Keeps the rates; shared by all threads that read.
#[derive(Debug, Default)]
pub struct Pace {
    rates: Rates,
    files: Turn,
    bytes: Turn,
    latency: Mutex<Latency>,
}

impl Pace {
    pub fn new(rates: Rates) -> Self {
        Self { rates, ..Self::default() }
    }

    /// Before a file is opened: waits for the hours, for its turn, and for a slow server.
    pub fn before_file(&self, stop: &AtomicBool) {
        if self.rates == Rates::default() {
            return;
        }
        self.before_unit(stop);
        if let Some(rate) = self.rates.files_per_second {
            pause(self.files.take(1.0 / rate), stop);
        }
        let rest = self.latency.lock().unwrap_or_else(PoisonError::into_inner).rest();
        pause(rest, stop);
    }

    /// Waits for the window alone: what hands out files that worker processes read at their own parts of the
    /// rates.
    pub fn before_unit(&self, stop: &AtomicBool) {
        while self.rates.window.is_some_and(|window| !window.holds(minute_of_day())) && !stop.load(Ordering::Relaxed) {
            pause(PIECE * 10, stop);
        }
    }

    /// After bytes were read.
    pub fn after_bytes(&self, bytes: usize, stop: &AtomicBool) {
        if let Some(rate) = self.rates.bytes_per_second {
            pause(self.bytes.take(bytes as f64 / rate), stop);
        }
    }

    /// How long the server took to open a file.
    pub fn opened_in(&self, time: Duration) {
        if self.rates != Rates::default() {
            self.latency.lock().unwrap_or_else(PoisonError::into_inner).saw(time.as_secs_f64());
        }
    }
}

/// When the next one may go on; everybody waits for what was taken before.
#[derive(Debug, Default)]
struct Turn(Mutex<Option<Instant>>);

impl Turn {
    /// Takes that many seconds, and says how long to wait for them.
    fn take(&self, seconds: f64) -> Duration {
        let now = Instant::now();
        let mut next = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = next.unwrap_or(now).max(now);
        let cost = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX).min(Duration::from_hours(1));
        *next = Some(start + cost);
        start + cost - now
    }
}

/// How long opening takes lately, and how long it takes when all is well.
#[derive(Debug, Default)]
struct Latency {
    recent: f64,
    usual: f64,
}

impl Latency {
    fn saw(&mut self, seconds: f64) {
        self.recent = if self.recent == 0.0 { seconds } else { self.recent * 0.8 + seconds * 0.2 };
        // What is usual follows a quicker server at once, a slower one over thousands of files.
        self.usual = if self.usual == 0.0 { self.recent } else { (self.usual * 1.001).min(self.recent) };
    }

    /// As long as the server takes for one file, once that is four times what is usual.
    fn rest(&self) -> Duration {
        let is_slow = self.recent > QUICK && self.recent > self.usual * 4.0;
        let rest = if is_slow { self.recent } else { 0.0 };
        Duration::try_from_secs_f64(rest).unwrap_or(LONGEST_REST).min(LONGEST_REST)
    }
}

/// Sleeps, but not longer than until somebody interrupts.
pub(super) fn pause(time: Duration, stop: &AtomicBool) {
    let end = Instant::now() + time;
    while !stop.load(Ordering::Relaxed) {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        thread::sleep(left.min(PIECE));
    }
}

fn minute_of_day() -> u16 {
    let now = Zoned::now();
    u16::try_from(i32::from(now.hour()) * 60 + i32::from(now.minute())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows() {
        let night: Window = "22:00-06:00".parse().unwrap();
        assert!(night.holds(22 * 60) && night.holds(0) && night.holds(359));
        assert!(!night.holds(360) && !night.holds(12 * 60));
        let day: Window = "09:30-17:00".parse().unwrap();
        assert!(day.holds(570) && !day.holds(569) && !day.holds(17 * 60));
        for wrong in ["", "22-6", "22:00", "24:00-06:00", "22:60-06:00", "06:00-06:00", "a:b-c:d"] {
            assert!(wrong.parse::<Window>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn turns_come_one_after_the_other() {
        let turn = Turn::default();
        let waits: Vec<_> = (0..4).map(|_| turn.take(10.0).as_secs_f64().round()).collect();
        assert_eq!(waits, [10.0, 20.0, 30.0, 40.0]);
    }

    #[test]
    fn bytes_take_their_time_and_an_interrupt_ends_it() {
        let pace = Pace::new(Rates { bytes_per_second: Some(1e6), ..Rates::default() });
        let started = Instant::now();
        pace.after_bytes(200_000, &AtomicBool::new(false));
        assert!(started.elapsed() >= Duration::from_millis(200));
        pace.after_bytes(1_000_000_000, &AtomicBool::new(true));
        assert!(started.elapsed() < Duration::from_mins(1));
    }

    #[test]
    fn a_server_that_becomes_slow_is_given_rest() {
        let mut latency = Latency::default();
        (0..100).for_each(|_| latency.saw(0.005));
        assert_eq!(latency.rest(), Duration::ZERO);
        (0..20).for_each(|_| latency.saw(0.5));
        assert!(latency.rest() > Duration::from_millis(300));
        (0..40).for_each(|_| latency.saw(0.005));
        assert_eq!(latency.rest(), Duration::ZERO);
    }

    #[test]
    fn rates_are_split_among_workers() {
        let rates = Rates { bytes_per_second: Some(8.0), files_per_second: Some(4.0), window: None };
        let expected = Rates { bytes_per_second: Some(4.0), files_per_second: Some(2.0), window: None };
        assert_eq!(rates.part_of(2), expected);
    }
}
