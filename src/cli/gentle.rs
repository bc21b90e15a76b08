//! The flags that keep a scan from getting into the way of those who work on the share.

use std::process::{Command, Stdio};

use clap::{Args, ValueEnum};

use crate::open::Limits;
use crate::source::Rates;
use crate::source::pace::Window;

use super::exit::complain;

#[derive(Debug, Args)]
#[command(next_help_heading = "Shares")]
pub(super) struct GentleArguments {
    /// Read at most so much from the shares, over all threads
    #[arg(long, value_name = "MIB", value_parser = parse_rate)]
    pub(super) max_read_mib_per_second: Option<f64>,

    /// Open at most so many files, over all threads
    #[arg(long, value_name = "N", value_parser = parse_rate)]
    pub(super) max_files_per_second: Option<f64>,

    /// Read only when nobody else wants to; of use on disks of this machine, not on shares
    #[arg(long, value_name = "CLASS", default_value = "normal")]
    pub(super) io_priority: IoPriority,

    /// Read only in these hours of the day, local time, as 22:00-06:00; outside of them the scan waits
    #[arg(long, value_name = "HOURS")]
    pub(super) window: Option<Window>,

    /// What people call the share, where the system does not know; once for each PATH, in their order
    #[arg(long, value_name = "NAME")]
    pub(super) share_name: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum IoPriority {
    Normal,
    Idle,
}

impl GentleArguments {
    pub(super) fn rates(&self) -> Rates {
        Rates {
            bytes_per_second: self.max_read_mib_per_second.map(|mib| mib * 1_048_576.0),
            files_per_second: self.max_files_per_second,
            window: self.window,
        }
    }

    /// The time of a file must suffice at the pace that is allowed: every thread has its part
    /// of it, and some bytes are read more than once.
    pub(super) fn granted(&self, limits: Limits, threads: usize) -> Limits {
        let Some(rate) = self.rates().bytes_per_second else { return limits };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate above zero")]
        let own = (rate / (4 * threads.max(1)) as f64) as u64;
        Limits { bytes_per_second: limits.bytes_per_second.min(own.max(1)), ..limits }
    }

    /// For this process before it has threads: they all, and its children, take it over.
    pub(super) fn lower_priority(&self) {
        if self.io_priority == IoPriority::Normal {
            return;
        }
        let own = std::process::id().to_string();
        let lowered = Command::new("ionice")
            .args(["-c", "3", "-p", &own])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !lowered {
            complain(format_args!("warning: --io-priority idle needs the program ionice; the scan goes on without it"));
        }
    }
}

fn parse_rate(argument: &str) -> Result<f64, String> {
    match argument.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        _ => Err("expected a number above 0".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_pace_gives_files_more_time() {
        let flags = |rate| GentleArguments {
            max_read_mib_per_second: rate,
            max_files_per_second: None,
            io_priority: IoPriority::Normal,
            window: None,
            share_name: Vec::new(),
        };
        let granted = |rate| flags(rate).granted(Limits::default(), 2).bytes_per_second;
        assert_eq!(granted(None), 4 << 20);
        assert_eq!(granted(Some(1000.0)), 4 << 20);
        assert_eq!(granted(Some(8.0)), 1 << 20);
        assert!(parse_rate("0").is_err() && parse_rate("-1").is_err() && parse_rate("inf").is_err());
    }
}
