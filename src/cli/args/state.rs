//! The arguments of all that has to do with a state: of `scan`, and of the commands that look at one.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{FailOn, Lang, Output, TrustArguments};
use crate::report::retention::Term;

#[derive(Debug, Args)]
#[command(next_help_heading = "State between scans")]
pub(in crate::cli) struct StateArguments {
    /// Keep what was read in this file, and read only what changed the next time; `auto` is a file
    /// in the user's state directory, named by the paths. Without it nothing is kept
    #[arg(long, value_name = "FILE|auto")]
    pub(in crate::cli) state: Option<PathBuf>,

    /// Keep nothing, whatever the configuration says
    #[arg(long)]
    pub(in crate::cli) no_state: bool,

    /// Read every file again
    #[arg(long)]
    pub(in crate::cli) full: bool,

    /// End in good order at this time, and say what is left: 06:00, or +8h from now; the next run
    /// with the same state goes on
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) end_by: Option<String>,
}

/// Which state is meant.
#[derive(Debug, Args)]
pub(in crate::cli) struct WhichState {
    /// The state [default: the only one in the user's state directory]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) state: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Shape {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ScansArguments {
    #[command(flatten)]
    pub(in crate::cli) which: WhichState,

    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: Shape,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DiffArguments {
    /// Number of the older scan [default: the last but one that came to its end]
    pub(in crate::cli) old: Option<u64>,

    /// Number of the newer scan [default: the last that came to its end]
    pub(in crate::cli) new: Option<u64>,

    #[command(flatten)]
    pub(in crate::cli) which: WhichState,

    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: Shape,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ReportArguments {
    /// Number of the scan [default: the last that came to its end]
    pub(in crate::cli) scan: Option<u64>,

    #[command(flatten)]
    pub(in crate::cli) which: WhichState,

    /// Write a report, as of `scan`; may be given several times
    #[arg(short, long, value_name = "FORMAT=FILE")]
    pub(in crate::cli) output: Vec<Output>,

    /// Language of the reports for people
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    pub(in crate::cli) lang: Lang,

    #[command(flatten)]
    pub(in crate::cli) trust: TrustArguments,

    /// How long documents are kept, as of `scan`
    #[arg(long, value_name = "KIND=YEARS")]
    pub(in crate::cli) retention: Vec<Term>,

    /// Exit with 1 from this severity on
    #[arg(long, value_name = "SEVERITY", default_value = "low")]
    pub(in crate::cli) fail_on: FailOn,

    /// Print no summary
    #[arg(short, long)]
    pub(in crate::cli) quiet: bool,
}

#[derive(Debug, Args)]
#[group(id = "what", required = true, multiple = false, args = ["scans", "keep", "subject", "all"])]
pub(in crate::cli) struct ForgetArguments {
    /// Numbers of scans
    pub(in crate::cli) scans: Vec<u64>,

    /// All scans but the last N that came to their end
    #[arg(long, value_name = "N")]
    pub(in crate::cli) keep: Option<usize>,

    /// A person, in all scans: the `subject` of a finding
    #[arg(long, value_name = "HASH")]
    pub(in crate::cli) subject: Option<String>,

    /// The whole state with its key
    #[arg(long)]
    pub(in crate::cli) all: bool,

    #[command(flatten)]
    pub(in crate::cli) which: WhichState,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ScheduleArguments {
    #[command(subcommand)]
    pub(in crate::cli) what: Schedule,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Schedule {
    /// The service of systemd, which may only read: /etc/systemd/system/plainsight-NAME.service
    Service(ScheduleOptions),
    /// The timer of systemd that starts it: /etc/systemd/system/plainsight-NAME.timer
    Timer(ScheduleOptions),
    /// A line for the crontab
    Cron(ScheduleOptions),
    /// A task for the Task Scheduler of Windows: schtasks /create /tn NAME /xml FILE
    Windows(ScheduleOptions),
    /// The service for every FILE.toml of /etc/plainsight, as the package installs it: plainsight@.service
    TemplateService,
    /// The timer of that: systemctl enable --now plainsight@FILE.timer
    TemplateTimer,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ScheduleOptions {
    /// The configuration with which to scan
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: PathBuf,

    /// Name of the task
    #[arg(long, default_value = "share")]
    pub(in crate::cli) name: String,

    /// When it starts every day
    #[arg(long, value_name = "HH:MM", default_value = "22:00")]
    pub(in crate::cli) at: String,

    /// When it ends at the latest; what is left is read in the next night
    #[arg(long, value_name = "HH:MM")]
    pub(in crate::cli) end_by: Option<String>,

    /// The account that scans: it may read the share and nothing else
    #[arg(long, default_value = "plainsight")]
    pub(in crate::cli) user: String,

    /// The program [default: this one]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) program: Option<PathBuf>,
}
