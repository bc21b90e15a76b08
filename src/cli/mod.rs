//! The command line: arguments in, exit code out.

mod args;
mod check;
mod detectors;
mod diff;
mod end;
pub mod exit;
mod explain;
mod formats;
mod generate;
mod gentle;
mod isolation;
mod log;
mod ocr;
mod progress;
mod scan;
mod schedule;
mod settings;
mod state;
mod text;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::report::JSONL_SCHEMA;

use self::args::{Arguments, Command};
use self::exit::Exit;

/// Runs the program with these arguments, the first being its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match settings::with_file(arguments.into_iter().collect()) {
        Ok(arguments) => arguments,
        Err(error) => {
            exit::complain(format_args!("error: {error:#}"));
            return Exit::Fatal.into();
        }
    };
    let effective = arguments.clone();
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to stdout and are no error.
            let _ = error.print();
            return if error.use_stderr() { Exit::Fatal } else { Exit::Clean }.into();
        }
    };
    let result = match arguments.command {
        Command::Scan(mut arguments) => {
            arguments.effective = effective.into_iter().skip(1).collect();
            scan::run(*arguments)
        }
        Command::Check(arguments) => check::run(*arguments),
        Command::Text(arguments) => text::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Detectors(arguments) => detectors::run(arguments),
        Command::Formats { format } => formats::run(format),
        Command::Worker => isolation::work(),
        Command::Scans(arguments) => state::scans(&arguments),
        Command::Status(arguments) => state::status(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Report(arguments) => state::report(&arguments),
        Command::Forget(arguments) => state::forget(&arguments),
        Command::Schedule(arguments) => schedule::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Completions { shell } => generate::completions(shell),
        Command::Man { command } => generate::man(command.as_deref()),
        Command::Schema => exit::print(JSONL_SCHEMA).map(|()| Exit::Clean),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) if exit::is_broken_pipe(&error) => Exit::Fatal.into(),
        Err(error) => {
            exit::complain(format_args!("error: {error:#}"));
            Exit::Fatal.into()
        }
    }
}
