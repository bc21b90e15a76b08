//! The arguments as they are typed.

pub(super) mod check;
pub(super) mod detectors;
pub(super) mod explain;
pub(super) mod ocr;
pub(super) mod state;

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::model::Severity;
use crate::report::retention::Term;
use crate::report::seal::Recipient;
use crate::report::{Format, Language};

use self::check::CheckArguments;
use self::detectors::DetectorsArguments;
use self::explain::ExplainArguments;
use self::ocr::OcrArguments;
use self::state::{DiffArguments, ForgetArguments, ReportArguments, ScansArguments, ScheduleArguments, StateArguments};
use super::gentle::GentleArguments;

/// Finds the personal data that lies unencrypted on file shares.
///
/// Exit codes: 0 clean and complete; 1 findings at or above --fail-on; 2 wrong usage or a
/// fatal error; 3 finished, but something was not read.
#[derive(Debug, Parser)]
#[command(name = "plainsight", version, max_term_width = 100)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Scan directories or mounted shares
    Scan(Box<ScanArguments>),
    /// Check a git repository before a commit, or in a pipeline
    ///
    /// Without --staged, --since, --diff or --history: the files of the working tree, as git would
    /// take them, and all that it tracks.
    ///
    /// Exit codes: 0 no findings, and all was read that must be; 1 findings at or above --fail-on;
    /// 2 wrong usage or a fatal error; 3 no findings, but something was not read.
    Check(Box<CheckArguments>),
    /// Print the text of files with its places, as the scanner sees it (clear values included)
    Text(TextArguments),
    /// Say of every match in a file, and of its members, why it counts or does not
    ///
    /// Exit codes: 0 nothing counts, and everything was read; 1 something counts; 2 wrong usage
    /// or a fatal error; 3 nothing counts, but something was not read.
    Explain(ExplainArguments),
    /// The catalogue: list and show its detectors, test them, put values to their checks
    Detectors(DetectorsArguments),
    /// List the scans that a state knows
    Scans(ScansArguments),
    /// Say how far the scan is that runs now
    Status(ScansArguments),
    /// Say what is new, changed, gone, exposed or protected between two scans
    ///
    /// Exit codes: 0 nothing shows data now that did not before; 1 something does; 2 wrong usage
    /// or a fatal error.
    Diff(DiffArguments),
    /// Make the reports of a scan once more, from its state
    Report(ReportArguments),
    /// Take scans, or a person, out of a state
    Forget(ForgetArguments),
    /// Print what starts a scan every night: units of systemd, a line for cron, a task for Windows
    Schedule(ScheduleArguments),
    /// Say whether the reports that a manifest lists are still those that were written
    ///
    /// Exit codes: 0 all are the same, and signed by --signer if that is given; 1 one was changed or is missing, or
    /// the signature does not hold; 2 the manifest or the key cannot be read.
    Verify(VerifyArguments),
    /// List the formats: what is read, by which code and specification, and what is only told apart
    Formats {
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: self::detectors::Format,
    },
    /// Print the completions for a shell
    Completions { shell: clap_complete::Shell },
    /// Print the manual page of the program, or of one of its commands
    Man { command: Option<String> },
    /// Print the JSON Schema of the JSON Lines output
    Schema,
    /// Read files for a scan: how the program starts its own workers
    #[command(hide = true)]
    Worker,
}

#[derive(Debug, Args)]
#[command(args_override_self = true)]
pub(super) struct ScanArguments {
    /// Directories, mounted shares or files
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// All arguments, with those that the configuration file and the environment gave
    #[arg(skip)]
    pub(super) effective: Vec<OsString>,

    /// Write a report; - for stdout; may be given several times
    ///
    /// Formats: html, jsonl, csv, parquet, xlsx, markdown, sarif, ocsf (lines of JSON), art30 (the register: .csv or .xlsx),
    /// art33 (facts for a breach notice: .md or .html), manifest (SHA-256 of the others, for `plainsight verify`),
    /// subjects (CSV of the people in clear, whom to write to: with --reveal only).
    #[arg(short, long, value_name = "FORMAT=FILE")]
    pub(super) output: Vec<Output>,

    /// Language of the reports for people
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub(super) lang: Lang,

    #[command(flatten)]
    pub(super) trust: TrustArguments,

    /// How long documents are kept, as payroll=7 (years) or cv=6m (months): advice, to be checked
    ///
    /// Kinds, and the customary periods: payroll 5, cv 2, health 10, accounts 10, staff 10, other 10 years.
    #[arg(long, value_name = "KIND=YEARS")]
    pub(super) retention: Vec<Term>,

    /// Exit with 1 from this severity on
    #[arg(long, value_name = "SEVERITY", default_value = "low")]
    pub(super) fail_on: FailOn,

    /// Leave out findings of lower confidence
    #[arg(long, value_name = "0.0-1.0", default_value_t = 0.5, value_parser = parse_confidence)]
    pub(super) min_confidence: f32,

    /// Put clear personal values into the reports; without it they hold masked samples only
    #[arg(long)]
    pub(super) reveal: bool,

    /// Key of the hashes that stand for people and values (32 bytes or more): scans with one key can be compared
    #[arg(long, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,

    /// Further detectors: a directory of TOML files
    #[arg(long, value_name = "DIR")]
    pub(super) patterns: Option<PathBuf>,

    /// Known passwords, one a line, to be tried on what is sealed: what opens is read, and reported as weak
    #[arg(long, value_name = "FILE")]
    pub(super) password_file: Option<PathBuf>,

    /// Print no summary
    #[arg(short, long)]
    pub(super) quiet: bool,

    /// Show the progress bar
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) progress: When,

    /// Leave out what matches, as in a .gitignore; it is counted as skipped
    #[arg(long, value_name = "GLOB", help_heading = "Walk")]
    pub(super) exclude: Vec<String>,

    /// Stay on the file system of each PATH
    #[arg(long, help_heading = "Walk")]
    pub(super) same_file_system: bool,

    /// Worker threads [default: one a processor]
    #[arg(short = 'j', long, value_name = "N", help_heading = "Walk", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) threads: Option<u16>,

    /// Search data of unknown formats for runs of characters; what is found there is worth little
    #[arg(long, value_name = "WHEN", default_value = "off", help_heading = "Reading")]
    pub(super) strings: Switch,

    /// Take every copy of a document apart: without, one of the same bytes and name as what was read a moment ago is not
    #[arg(long, help_heading = "Reading")]
    pub(super) read_copies: bool,

    /// Read files in processes of their own, on Linux shut in: without, a hostile file can end the scan
    #[arg(long, value_name = "WHEN", default_value = "on", help_heading = "Reading")]
    pub(super) isolation: Switch,

    /// Memory of one such process, 128M or more (suffixes as below)
    #[arg(long, value_name = "BYTES", default_value = "2G", value_parser = parse_memory, help_heading = "Reading")]
    pub(super) worker_memory: u64,

    #[command(flatten)]
    pub(super) ocr: OcrArguments,
    /// Settings in TOML, named as the flags; `paths` names what is scanned if no PATH is given.
    /// Flags win over PLAINSIGHT_FLAG in the environment, and these over the file
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,

    /// Say on stderr what happens, in lines for a log collector
    #[arg(long, value_name = "FORMAT")]
    pub(super) log: Option<LogFormat>,

    #[command(flatten)]
    pub(super) state: StateArguments,

    #[command(flatten)]
    pub(super) budgets: BudgetArguments,

    #[command(flatten)]
    pub(super) gentle: GentleArguments,
}

#[derive(Clone, Debug, Args)]
pub(super) struct TrustArguments {
    /// Sign the manifest with this key of OpenSSH (Ed25519, without a passphrase), into FILE.sig beside it
    #[arg(long, value_name = "KEY")]
    pub(super) sign: Option<PathBuf>,

    /// Encrypt every report that goes into a file, but for the manifest, to this recipient of age; FILE.age is
    /// what is written. May be given several times
    #[arg(long, value_name = "AGE1...")]
    pub(super) seal: Vec<Recipient>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// One JSON object a line
    Json,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Budgets of one file")]
#[expect(clippy::struct_field_names, reason = "the fields are the flags")]
pub(super) struct BudgetArguments {
    /// Containers within containers
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub(super) max_depth: u32,

    /// Members, at all depths together
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    pub(super) max_members: u64,

    /// Unpacked bytes, at all depths together (suffixes K, M, G, T: powers of 1024)
    #[arg(long, value_name = "BYTES", default_value = "64G", value_parser = parse_bytes)]
    pub(super) max_archive_bytes: u64,

    /// Bytes of a member that must be unpacked before it can be read
    #[arg(long, value_name = "BYTES", default_value = "1G", value_parser = parse_bytes)]
    pub(super) max_member_bytes: u64,

    /// Unpacked to packed bytes, beyond the first 256 MiB
    #[arg(long, value_name = "N", default_value_t = 250)]
    pub(super) max_ratio: u64,

    /// Seconds, and one more for every 4 MiB of the file
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(super) max_file_seconds: u64,
}

#[derive(Debug, Args)]
pub(super) struct TextArguments {
    /// The files; all must be there before the first is read
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,

    /// Print the text alone
    #[arg(long)]
    pub(super) plain: bool,

    /// Known passwords, one a line, to be tried on what is sealed
    #[arg(long, value_name = "FILE")]
    pub(super) password_file: Option<PathBuf>,

    #[command(flatten)]
    pub(super) ocr: OcrArguments,

    #[command(flatten)]
    pub(super) budgets: BudgetArguments,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// The manifest, written by `scan --output manifest=FILE`
    pub(super) manifest: PathBuf,

    /// The public key of who must have signed it: a .pub file of OpenSSH, or a line of allowed signers
    #[arg(long, value_name = "FILE")]
    pub(super) signer: Option<PathBuf>,
}

/// Where a report goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    Stdout,
    File(PathBuf),
}

/// A report that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) destination: Destination,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(argument: &str) -> Result<Self, String> {
        let Some((format, destination)) = argument.split_once('=') else {
            return Err("expected FORMAT=FILE, as jsonl=findings.jsonl".into());
        };
        let format = format.parse()?;
        let destination = match destination {
            "" => return Err("expected a file or - after the =".into()),
            "-" => Destination::Stdout,
            path => Destination::File(path.into()),
        };
        Ok(Self { format, destination })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    Low,
    Medium,
    High,
    Critical,
}

impl From<FailOn> for Severity {
    fn from(level: FailOn) -> Self {
        match level {
            FailOn::Low => Self::Low,
            FailOn::Medium => Self::Medium,
            FailOn::High => Self::High,
            FailOn::Critical => Self::Critical,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Lang {
    En,
    It,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::English,
            Lang::It => Self::Italian,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Switch {
    On,
    Off,
}

fn parse_confidence(argument: &str) -> Result<f32, String> {
    match argument.parse::<f32>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("expected a number from 0.0 to 1.0".into()),
    }
}

fn parse_bytes(argument: &str) -> Result<u64, String> {
    let shift = match argument.bytes().last().map(|b| b.to_ascii_uppercase()) {
        Some(b'K') => 10,
        Some(b'M') => 20,
        Some(b'G') => 30,
        Some(b'T') => 40,
        _ => 0,
    };
    let digits = if shift == 0 { argument } else { argument.get(..argument.len() - 1).unwrap_or_default() };
    let number: u64 = digits.parse().map_err(|_| "expected bytes, as 500M or 64G".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "too many bytes".to_owned())
}

/// With less a worker could not even begin.
fn parse_memory(argument: &str) -> Result<u64, String> {
    let bytes = parse_bytes(argument)?;
    if bytes >= 128 << 20 { Ok(bytes) } else { Err("a worker needs 128M at least".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    use crate::report::retention::Kind;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_help_names_the_customary_periods() {
        let scan = Arguments::command();
        let help = scan.find_subcommand("scan").unwrap().clone().render_long_help().to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for kind in Kind::ALL {
            assert!(help.contains(&format!("{} {}", kind.key(), kind.years())), "{}", kind.key());
            assert_eq!(kind.years() * 12, kind.months());
        }
    }

    #[test]
    fn bytes_take_suffixes() {
        assert_eq!(parse_bytes("512"), Ok(512));
        assert_eq!(parse_bytes("4k"), Ok(4096));
        assert_eq!(parse_bytes("64G"), Ok(64 << 30));
        assert!(parse_bytes("G").is_err());
        assert!(parse_bytes("99999999T").is_err());
        assert!(parse_memory("63M").is_err());
        assert_eq!(parse_memory("1G"), Ok(1 << 30));
    }

    #[test]
    fn outputs_name_a_format_and_a_place() {
        assert_eq!("jsonl=-".parse::<Output>().unwrap().destination, Destination::Stdout);
        assert_eq!("jsonl=a=b".parse::<Output>().unwrap().destination, Destination::File("a=b".into()));
        for wrong in ["jsonl", "jsonl=", "docx=a"] {
            assert!(wrong.parse::<Output>().is_err(), "{wrong}");
        }
    }
}
