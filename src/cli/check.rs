//! `plainsight check`: a repository before a commit or in a pipeline, from the arguments to the exit code.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, bail, ensure};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::detect::Engine;
use crate::judge::{Judge, Key, Options};
use crate::model::{Name, Severity};
use crate::report::check::{CheckReport, github, gitlab, junit, sarif, terminal};
use crate::report::{AtomicFile, Jsonl, Reporter, Tally, Target};
use crate::scan::Keyring;
use crate::scan::check::baseline::Baseline;
use crate::scan::check::settings::Settings;
use crate::scan::check::{self, Policy, Subject, Tools};
use crate::source::git::{GitError, Repository};

use super::args::Destination;
use super::args::check::{CheckArguments, CheckFormat, CheckOutput};
use super::detectors;
use super::exit::{Exit, complain};
use super::scan::{listen_for_interrupts, processors};

const FAIL_ON: Severity = Severity::Medium;
/// As in a scan.
const MIN_CONFIDENCE: f32 = 0.5;
/// Of passwords in text: in programs, what stands behind the word is seldom one.
const MIN_PASSWORD: f32 = 0.7;
const ACCEPTED_DAYS: i64 = 180;
/// Names that a configuration would have if it were looked for.
const UNUSED_CONFIGS: &[&str] = &["plainsight.toml", ".plainsight.toml"];

pub(super) fn run(arguments: CheckArguments) -> anyhow::Result<Exit> {
    let settings = settings(arguments.config.as_deref())?;
    let start = arguments.path.canonicalize();
    let start = start.with_context(|| format!("opening {}", Name::from_path(&arguments.path)))?;
    let (repository, subject) = subject(&arguments, &start)?;
    let mut warnings = unused_config(repository.as_ref(), &start, arguments.config.as_deref());
    let outputs = arguments.output.iter().filter(|output| output.destination == Destination::Stdout).count();
    ensure!(outputs <= 1, "two reports cannot both go to stdout");
    // The files of reports are opened now: not at the end of a long check.
    let (mut reporters, mut files) = (Vec::new(), Vec::new());
    for output in &arguments.output {
        match output.format {
            CheckFormat::Jsonl => reporters.push(reporter(output)?),
            _ => files.push((output.format, Out::open(&output.destination)?)),
        }
    }
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let baseline = baseline(&arguments)?;
    let fail_on = arguments.fail_on.map(Severity::from).or(settings.fail_on).unwrap_or(FAIL_ON);

    let what = what(&arguments);
    let mut exit_baseline = None;
    let report = if subject.is_empty() && reporters.is_empty() && !arguments.update_baseline {
        CheckReport { fail_on, started: Timestamp::now().to_string(), ..CheckReport::default() }
    } else {
        let interrupted = Arc::new(AtomicBool::new(false));
        listen_for_interrupts(&interrupted)?;
        let saw_all = matches!(&subject, Subject::Tree { root, start, .. } if root == start);
        let (tools, mut policy) = equip(&arguments, settings, baseline, fail_on, today)?;
        let threads = arguments.threads.map_or_else(processors, usize::from);
        let report =
            check::check(repository.as_ref(), subject, &tools, threads, &mut policy, &mut reporters, &interrupted)?;
        if saw_all
            && let Some(unused) = policy.baseline.as_ref().map(|baseline| baseline.unused().count()).filter(|n| *n > 0)
        {
            warnings.push(format!("{unused} entries of the baseline match nothing any more"));
        }
        if arguments.update_baseline {
            exit_baseline = Some(update(&arguments, &mut policy, &report, today, saw_all)?);
        }
        report
    };
    let mut report = CheckReport { what, ..report };
    report.warnings.extend(warnings);
    finish(&arguments, &report, files)?;
    Ok(exit_baseline.unwrap_or_else(|| exit(&report)))
}

/// The whole run decides.
fn exit(report: &CheckReport) -> Exit {
    match (report.issues.is_empty(), report.is_complete()) {
        (false, _) => Exit::Findings,
        (true, true) => Exit::Clean,
        (true, false) => Exit::Incomplete,
    }
}

fn what(arguments: &CheckArguments) -> String {
    match (&arguments.since, &arguments.diff) {
        _ if arguments.staged => "the staged changes".to_owned(),
        _ if arguments.history => "the history".to_owned(),
        (Some(since), _) => format!("the changes since {}", Name::from(since.as_str())),
        (_, Some(range)) => format!("the changes of {}", Name::from(range.as_str())),
        (None, None) => "the working tree".to_owned(),
    }
}

fn subject(arguments: &CheckArguments, start: &Path) -> anyhow::Result<(Option<Repository>, Subject)> {
    let is_tree = !(arguments.staged || arguments.history || arguments.since.is_some() || arguments.diff.is_some());
    let repository = match Repository::discover(start) {
        Ok(repository) => Some(repository),
        Err(GitError::NoRepository(_)) if is_tree => None,
        Err(error) => return Err(error.into()),
    };
    let Some(of) = repository.as_ref().filter(|_| !is_tree) else {
        let subject = check::tree(repository.as_ref(), start)?;
        return Ok((repository, subject));
    };
    let below = of.work_dir().and_then(|root| start.strip_prefix(root).ok()).map(Name::from_path).unwrap_or_default();
    let subject = if arguments.staged {
        // Set by git while a commit is made: with `commit -a` the index is another one.
        let index = std::env::var_os("GIT_INDEX_FILE");
        check::staged(of, index.as_deref().map(Path::new), &below)?
    } else if let Some(since) = &arguments.since {
        check::range(of, &format!("{since}...HEAD"), &below)?
    } else if let Some(range) = &arguments.diff {
        check::range(of, range, &below)?
    } else {
        Subject::History
    };
    Ok((repository, subject))
}

/// What finds and what decides.
fn equip(
    arguments: &CheckArguments,
    settings: Settings,
    baseline: Option<Baseline>,
    fail_on: Severity,
    today: Date,
) -> anyhow::Result<(Tools, Policy)> {
    let salt = match (baseline.as_ref().map(Baseline::salt), settings.salt) {
        (Some(one), Some(other)) => {
            ensure!(one == other, "the salts of the baseline and of the configuration differ");
            Some(one)
        }
        (one, other) => one.or(other),
    };
    let key = match salt {
        Some(salt) => Key::from_bytes(salt),
        None => Key::random().context("asking the system for random bytes")?,
    };
    let catalogue = Arc::new(detectors::catalogue_to_run(arguments.catalogue.patterns.as_deref())?);
    let given = arguments.min_confidence.or(settings.min_confidence);
    let min_confidence = given.unwrap_or(MIN_CONFIDENCE);
    let tools = Tools {
        engine: Engine::new(&catalogue),
        judge: Arc::new(Judge::new(&catalogue, key, Options { min_confidence, reveal: false })),
        limits: arguments.budgets.limits(),
        keyring: Arc::new(Keyring::default()),
    };
    let policy = Policy {
        fail_on,
        must_read: arguments.must_read.map(Into::into).or(settings.must_read).unwrap_or_default(),
        count_tests: arguments.count_tests || settings.count_tests.unwrap_or_default(),
        settings,
        baseline,
        catalogue,
        today,
        is_salted: salt.is_some(),
        min_password: given.unwrap_or(MIN_PASSWORD),
        tally: Tally::new(),
    };
    Ok((tools, policy))
}

fn settings(path: Option<&Path>) -> anyhow::Result<Settings> {
    let Some(path) = path else { return Ok(Settings::default()) };
    let reading = || format!("reading {}", Name::from_path(path));
    let text = std::fs::read_to_string(path).with_context(reading)?;
    Settings::parse(&text).with_context(reading)
}

fn baseline(arguments: &CheckArguments) -> anyhow::Result<Option<Baseline>> {
    let Some(path) = &arguments.baseline else { return Ok(None) };
    match Baseline::read(path).with_context(|| format!("reading {}", Name::from_path(path)))? {
        Some(baseline) => Ok(Some(baseline)),
        None if arguments.update_baseline => Ok(Some(Baseline::new()?)),
        None => bail!("there is no baseline {}; --update-baseline makes one", Name::from_path(path)),
    }
}

fn update(
    arguments: &CheckArguments,
    policy: &mut Policy,
    report: &CheckReport,
    today: Date,
    saw_all: bool,
) -> anyhow::Result<Exit> {
    let (Some(path), Some(reason), Some(owner)) = (&arguments.baseline, &arguments.reason, &arguments.owner) else {
        bail!("--update-baseline needs --baseline, --reason and --owner");
    };
    ensure!(!reason.trim().is_empty() && !owner.trim().is_empty(), "--reason and --owner must say something");
    if !report.is_complete() {
        complain(format_args!("warning: something was not read; {} is left as it is", Name::from_path(path)));
        return Ok(Exit::Incomplete);
    }
    let expires = match arguments.expires {
        Some(date) => date,
        None => today.checked_add(jiff::Span::new().days(ACCEPTED_DAYS)).context("the last day of an entry")?,
    };
    // What an expired entry accepted is not accepted again by itself.
    policy.accept(report, reason, owner, expires, saw_all);
    let Some(baseline) = &policy.baseline else { return Ok(Exit::Clean) };
    baseline.write(path)?;
    complain(format_args!("{} entries in {}", baseline.len(), Name::from_path(path)));
    Ok(Exit::Clean)
}

/// A configuration that lies in the tree exempts nobody, and its author should know.
fn unused_config(repository: Option<&Repository>, start: &Path, used: Option<&Path>) -> Vec<String> {
    let root = repository.and_then(Repository::work_dir).unwrap_or(start);
    let used = used.and_then(|path| path.canonicalize().ok());
    let unused = UNUSED_CONFIGS.iter().map(|name| root.join(name)).filter(|path| path.is_file());
    unused
        .filter(|path| path.canonicalize().ok() != used)
        .map(|path| format!("{} is not used; --config names a configuration", Name::from_path(&path)))
        .collect()
}

/// Reports that are told every item.
fn reporter(output: &CheckOutput) -> anyhow::Result<Box<dyn Reporter>> {
    Ok(match &output.destination {
        Destination::Stdout => Box::new(Jsonl::new(BufWriter::new(io::stdout()))),
        Destination::File(path) => {
            let file = AtomicFile::create(path).with_context(|| format!("creating {}", Name::from_path(path)))?;
            Box::new(Jsonl::to_target(Target::File(file)))
        }
    })
}

/// Where a report goes that is written at the end.
enum Out {
    Stdout,
    File(Box<AtomicFile>),
}

impl Out {
    fn open(destination: &Destination) -> anyhow::Result<Self> {
        Ok(match destination {
            Destination::Stdout => Self::Stdout,
            Destination::File(path) => {
                let file = AtomicFile::create(path).with_context(|| format!("creating {}", Name::from_path(path)))?;
                Self::File(Box::new(file))
            }
        })
    }
}

fn finish(arguments: &CheckArguments, report: &CheckReport, files: Vec<(CheckFormat, Out)>) -> anyhow::Result<()> {
    let stdout_is_taken = arguments.output.iter().any(|output| output.destination == Destination::Stdout);
    for warning in &report.warnings {
        complain(format_args!("warning: {warning}"));
    }
    for (format, out) in files {
        match out {
            Out::Stdout => write(format, &mut io::stdout().lock(), report)?,
            Out::File(mut file) => {
                write(format, &mut *file, report)?;
                file.commit()?;
            }
        }
    }
    if arguments.quiet {
        return Ok(());
    }
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let person = |colour: bool| terminal::Terminal { colour: colour && !is_plain, verbose: arguments.verbose };
    if stdout_is_taken {
        person(io::stderr().is_terminal()).write(&mut io::stderr().lock(), report)?;
    } else {
        let mut out = BufWriter::new(io::stdout().lock());
        person(io::stdout().is_terminal()).write(&mut out, report)?;
        out.flush()?;
    }
    Ok(())
}

fn write(format: CheckFormat, out: &mut dyn Write, report: &CheckReport) -> io::Result<()> {
    match format {
        CheckFormat::Text => terminal::Terminal { colour: false, verbose: true }.write(out, report)?,
        CheckFormat::Github => github::write(out, report)?,
        CheckFormat::GitlabQuality => gitlab::write_code_quality(out, report)?,
        CheckFormat::GitlabSecrets => gitlab::write_secret_detection(out, report, env!("CARGO_PKG_VERSION"))?,
        CheckFormat::Junit => junit::write(out, report)?,
        CheckFormat::Sarif => sarif::write(out, report, env!("CARGO_PKG_VERSION"))?,
        // Told while the check runs.
        CheckFormat::Jsonl => {}
    }
    out.flush()
}
