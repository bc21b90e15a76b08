//! The exit codes, and what is said on the terminal outside of reports.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::model::{Severity, Summary};

/// The table of exit codes. Findings win over an incomplete scan; the report says both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing found, and everything was read.
    Clean = 0,
    /// Findings at or above `--fail-on`.
    Findings = 1,
    /// Wrong usage, or an error that ended the scan.
    Fatal = 2,
    /// Finished, but something was not read.
    Incomplete = 3,
}

impl Exit {
    /// The code of a finished scan.
    pub fn of(summary: &Summary, fail_on: Severity) -> Self {
        let found = Severity::ALL
            .iter()
            .filter(|severity| **severity >= fail_on)
            .any(|severity| summary.severity.get(severity.key()).is_some_and(|&items| items > 0));
        match (found, summary.complete) {
            (true, _) => Self::Findings,
            (false, true) => Self::Clean,
            (false, false) => Self::Incomplete,
        }
    }
}

impl Exit {
    /// What the code says, for the end of the summary.
    pub fn sentence(self, fail_on: Severity) -> String {
        let code = self as u8;
        match self {
            Self::Clean => format!("Exit code {code}: nothing found, and everything was read."),
            Self::Findings => format!("Exit code {code}: findings of severity {} or worse.", fail_on.key()),
            Self::Fatal => format!("Exit code {code}: the scan failed."),
            Self::Incomplete => {
                format!(
                    "Exit code {code}: no findings of severity {} or worse, but something was not read.",
                    fail_on.key()
                )
            }
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A line for the person at the terminal.
pub(super) fn complain(message: fmt::Arguments<'_>) {
    // If stderr is gone there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "plainsight: {message}");
}

/// A result on stdout.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Characters in a line of what is printed for people.
pub(super) fn terminal_width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.unwrap_or(100).clamp(60, 160)
}

/// Whether somebody stopped reading our output, as `head` does.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(severity: Option<Severity>, complete: bool, fail_on: Severity) -> Exit {
        let mut summary = Summary { complete, ..Summary::default() };
        summary.severity = Severity::ALL.map(|s| (s.key(), 0)).into();
        if let Some(severity) = severity {
            summary.severity.insert(severity.key(), 1);
        }
        Exit::of(&summary, fail_on)
    }

    #[test]
    fn the_table() {
        assert_eq!(check(None, true, Severity::Low), Exit::Clean);
        assert_eq!(check(Some(Severity::None), true, Severity::Low), Exit::Clean);
        assert_eq!(check(Some(Severity::Low), true, Severity::Low), Exit::Findings);
        assert_eq!(check(Some(Severity::Low), false, Severity::Low), Exit::Findings);
        assert_eq!(check(Some(Severity::Medium), true, Severity::High), Exit::Clean);
        assert_eq!(check(Some(Severity::Medium), false, Severity::High), Exit::Incomplete);
        assert_eq!(check(None, false, Severity::Low), Exit::Incomplete);
    }
}
