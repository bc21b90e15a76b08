//! The end of the time window: a run that must end by a time ends at that time.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use jiff::civil::Time;
use jiff::{SignedDuration, Zoned};

use super::exit::complain;

/// How long until a time that is written as `06:00` (the next time the clock shows it) or `+8h`.
pub(super) fn parse(text: &str) -> anyhow::Result<Duration> {
    until(text, &Zoned::now())
}

fn until(text: &str, now: &Zoned) -> anyhow::Result<Duration> {
    let wrong = || format!("`{text}` is no time: give 06:00, or +8h, +30m, +90s");
    if let Some(length) = text.strip_prefix('+') {
        let digits = length.trim_end_matches(['h', 'm', 's']);
        let number: u64 = digits.parse().with_context(wrong)?;
        let seconds = match length.get(digits.len()..) {
            Some("h") => 3600,
            Some("m") => 60,
            Some("s") => 1,
            _ => bail!(wrong()),
        };
        return Ok(Duration::from_secs(number.checked_mul(seconds).with_context(wrong)?));
    }
    let Some((hour, minute)) = text.split_once(':') else { bail!(wrong()) };
    let time =
        Time::new(hour.parse().with_context(wrong)?, minute.parse().with_context(wrong)?, 0, 0).with_context(wrong)?;
    let today = now.date().to_datetime(time).to_zoned(now.time_zone().clone())?;
    let end = if today > *now {
        today
    } else {
        now.date().tomorrow()?.to_datetime(time).to_zoned(now.time_zone().clone())?
    };
    let left: SignedDuration = now.duration_until(&end);
    Duration::try_from(left).with_context(wrong)
}

/// Interrupts the scan when the time has come.
pub(super) fn at(end: Duration, interrupted: &Arc<AtomicBool>) -> io::Result<()> {
    let flag = Arc::clone(interrupted);
    thread::Builder::new().name("end".into()).spawn(move || {
        thread::sleep(end);
        complain(format_args!("the time is over: ending"));
        flag.store(true, Ordering::Relaxed);
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_time_the_clock_shows_it() {
        let now: Zoned = "2026-03-01T22:00:00[UTC]".parse().unwrap();
        let check = |text: &str, hours: u64| assert_eq!(until(text, &now).unwrap(), Duration::from_secs(hours * 3600));
        check("06:00", 8);
        check("23:00", 1);
        check("22:00", 24);
        check("+8h", 8);
        for wrong in ["6", "25:00", "+8", "+h", "soon", "06:61", "+99999999999999999999h"] {
            assert!(until(wrong, &now).is_err(), "{wrong}");
        }
    }
}
