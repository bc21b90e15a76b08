//! The command line: arguments in, exit code out.

mod args;
mod check;
mod detectors;
pub mod exit;
mod explain;
mod generate;
mod progress;
mod scan;
mod text;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::report::JSONL_SCHEMA;

use self::args::{Arguments, Command};
use self::exit::Exit;

/// Runs the program with these arguments, the first being its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to stdout and are no error.
            let _ = error.print();
            return if error.use_stderr() { Exit::Fatal } else { Exit::Clean }.into();
        }
    };
    let result = match arguments.command {
        Command::Scan(arguments) => scan::run(*arguments),
        Command::Check(arguments) => check::run(*arguments),
        Command::Text(arguments) => text::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Detectors(arguments) => detectors::run(arguments),
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
