//! The arguments of `plainsight check`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgGroup, Args, ValueEnum};
use jiff::civil::Date;

use crate::scan::check::settings::MustRead;

use super::detectors::CatalogueArguments;
use super::{BudgetArguments, Destination, FailOn, parse_confidence};

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("subject").args(["staged", "since", "diff", "history"]))]
pub(in crate::cli) struct CheckArguments {
    /// The repository, or a folder or file in it
    #[arg(value_name = "PATH", default_value = ".")]
    pub(in crate::cli) path: PathBuf,

    /// Only what is staged for the next commit
    #[arg(long, help_heading = "What")]
    pub(in crate::cli) staged: bool,

    /// Only what HEAD brings since it parted from this revision
    #[arg(long, value_name = "REV", help_heading = "What")]
    pub(in crate::cli) since: Option<String>,

    /// Only what a range brings: BASE...HEAD from where they parted, BASE..HEAD from BASE itself
    #[arg(long, value_name = "RANGE", help_heading = "What")]
    pub(in crate::cli) diff: Option<String>,

    /// Every content that a file ever had in the history, also of files that are gone
    #[arg(long, help_heading = "What")]
    pub(in crate::cli) history: bool,

    /// Exit with 1 from this severity on [default: medium]
    #[arg(long, value_name = "SEVERITY")]
    pub(in crate::cli) fail_on: Option<FailOn>,

    /// Leave out findings of lower confidence [default: 0.5, and 0.7 for passwords in text]
    #[arg(long, value_name = "0.0-1.0", value_parser = parse_confidence)]
    pub(in crate::cli) min_confidence: Option<f32>,

    /// What must have been read, or the check is incomplete [default: readable]
    #[arg(long, value_name = "WHAT")]
    pub(in crate::cli) must_read: Option<Everything>,

    /// Passwords in tests, and in examples of manuals, count as all others
    #[arg(long)]
    pub(in crate::cli) count_tests: bool,

    /// Allowed paths and values, and defaults for these flags: a TOML file, never looked for by itself
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,

    /// Accept the findings in this file, each with its reason, its owner and its last day
    #[arg(long, value_name = "FILE", help_heading = "Baseline")]
    pub(in crate::cli) baseline: Option<PathBuf>,

    /// Add what is found to the baseline; left alone if something was not read
    #[arg(long, requires_all = ["baseline", "reason", "owner"], help_heading = "Baseline")]
    pub(in crate::cli) update_baseline: bool,

    /// Why the new entries are accepted
    #[arg(long, value_name = "TEXT", requires = "update_baseline", help_heading = "Baseline")]
    pub(in crate::cli) reason: Option<String>,

    /// Who accepts them
    #[arg(long, value_name = "NAME", requires = "update_baseline", help_heading = "Baseline")]
    pub(in crate::cli) owner: Option<String>,

    /// The last day of the new entries [default: in 180 days]
    #[arg(long, value_name = "YYYY-MM-DD", requires = "update_baseline", help_heading = "Baseline")]
    pub(in crate::cli) expires: Option<Date>,

    /// Write a report: github, gitlab, gitlab-secrets, junit, sarif, text or jsonl, each =FILE or =- for stdout
    #[arg(short, long, value_name = "FORMAT=FILE")]
    pub(in crate::cli) output: Vec<CheckOutput>,

    /// Print nothing for people
    #[arg(short, long)]
    pub(in crate::cli) quiet: bool,

    /// List all: every look-alike, and what is in formats without text
    #[arg(short, long, conflicts_with = "quiet")]
    pub(in crate::cli) verbose: bool,

    /// Threads [default: one a processor]
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(in crate::cli) threads: Option<u16>,

    #[command(flatten)]
    pub(in crate::cli) catalogue: CatalogueArguments,

    #[command(flatten)]
    pub(in crate::cli) budgets: BudgetArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Everything {
    /// All but pictures and formats that nobody reads here
    Readable,
    Everything,
}

impl From<Everything> for MustRead {
    fn from(what: Everything) -> Self {
        match what {
            Everything::Readable => Self::Readable,
            Everything::Everything => Self::Everything,
        }
    }
}

/// A report that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct CheckOutput {
    pub(in crate::cli) format: CheckFormat,
    pub(in crate::cli) destination: Destination,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum CheckFormat {
    Text,
    Github,
    GitlabQuality,
    GitlabSecrets,
    Junit,
    Sarif,
    /// Told every item, as in a scan.
    Jsonl,
}

impl FromStr for CheckOutput {
    type Err = String;

    fn from_str(argument: &str) -> Result<Self, String> {
        let Some((format, destination)) = argument.split_once('=') else {
            return Err("expected FORMAT=FILE, as junit=report.xml".into());
        };
        let format = match format {
            "text" => CheckFormat::Text,
            "github" => CheckFormat::Github,
            "gitlab" => CheckFormat::GitlabQuality,
            "gitlab-secrets" => CheckFormat::GitlabSecrets,
            "junit" => CheckFormat::Junit,
            "sarif" => CheckFormat::Sarif,
            "jsonl" => CheckFormat::Jsonl,
            other => {
                return Err(format!(
                    "unknown format `{other}`; there is: github, gitlab, gitlab-secrets, junit, sarif, text, jsonl"
                ));
            }
        };
        let destination = match destination {
            "" => return Err("expected a file or - after the =".into()),
            "-" => Destination::Stdout,
            path => Destination::File(path.into()),
        };
        Ok(Self { format, destination })
    }
}
