//! `plainsight scan PATH...`: from the arguments to the exit code.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use sha2::{Digest, Sha256};

use crate::judge::{Judge, Key, Options};
use crate::model::{Name, Severity, Summary};
use crate::open::Limits;
use crate::report::retention::Term;
use crate::report::signature::SecretKey;
use crate::report::target::sealed_path;
use crate::report::{self, Format, Reporter, Terminal};
use crate::scan::{self, Config, Keyring, Progress};
use crate::source::{Excludes, FileId, Shares};

use super::args::{BudgetArguments, Destination, Lang, LogFormat, Output, ScanArguments, Switch, TrustArguments, When};
use super::exit::{Exit, complain, terminal_width};
use super::isolation::{launch, spare};
use super::log::Log;
use super::progress::Bar;
use super::{detectors, end, state};

pub(super) fn run(arguments: ScanArguments) -> anyhow::Result<Exit> {
    // Every field by name: a new flag does not compile until it is used.
    let ScanArguments {
        paths,
        output,
        lang,
        trust,
        retention,
        fail_on,
        min_confidence,
        reveal,
        key_file,
        patterns,
        password_file,
        quiet,
        progress,
        exclude,
        same_file_system,
        threads,
        ocr,
        strings,
        read_copies,
        isolation,
        worker_memory,
        // Read before the arguments were complete.
        config: _,
        effective,
        log,
        state,
        budgets,
        gentle,
    } = arguments;

    // What it starts has its priority.
    gentle.lower_priority();
    let spare = spare(isolation);
    let end = state.end_by.as_deref().map(end::parse).transpose()?;
    let catalogue = detectors::catalogue_to_run(patterns.as_deref())?;
    let roots = roots(paths)?;
    let state_path = state::path_for(&state, &roots)?;
    let key = match (key_file, &state_path) {
        (Some(path), _) => read_key(&path)?,
        (None, Some(state)) => state::key(state)?,
        (None, None) => Key::random().context("asking the system for random bytes")?,
    };
    let excludes = Excludes::new(&exclude)?;
    let mut reports = Vec::new();
    let options = report::Options {
        configuration: effective.iter().map(|argument| Name::from_path(Path::new(argument))).collect(),
        mounts: Shares::of_system().mounts(&roots),
        ..options(&output, reveal, lang, &retention, &trust)?
    };
    let mut reporters = reporters(&output, &options, &mut reports)?;
    let state = match &state_path {
        Some(path) => {
            // Clear values are in no state: to reveal them the files are read again.
            let settings = format!("{min_confidence} {}", file_hash(password_file.as_deref())?);
            let (opened, files) = state::open(path, state.full || reveal, &key, &settings)?;
            reports.extend(files);
            Some(opened.of_scan(options.configuration.clone(), options.mounts.clone()))
        }
        None => None,
    };
    let judging = Options { min_confidence, reveal };
    let isolation = launch(isolation, spare, worker_memory, key.clone(), judging, patterns.as_deref(), ocr.models()?)?;
    let threads = threads.map_or_else(processors, usize::from);
    let config = Arc::new(Config {
        roots,
        excludes: excludes.with_files(reports),
        same_file_system,
        threads,
        limits: gentle.granted(
            Limits { strings: strings == Switch::On, recognition: ocr.recognition()?, ..budgets.limits() },
            threads,
        ),
        rates: gentle.rates(),
        read_copies,
        share_names: gentle.share_name,
        keyring: keyring(password_file.as_deref())?,
        isolation,
        judge: Arc::new(Judge::new(&catalogue, key, judging)),
        catalogue: Arc::new(catalogue),
        state,
    });

    if !quiet {
        reporters.push(summary(&output, !trust.seal.is_empty(), fail_on.into()));
    }
    if log == Some(LogFormat::Json) {
        reporters.push(Box::new(Log::new(io::stderr(), move |summary| Exit::of(summary, fail_on.into()) as u8)));
    }

    let interrupted = Arc::new(AtomicBool::new(false));
    listen_for_interrupts(&interrupted)?;
    if let Some(end) = end {
        end::at(end, &interrupted).context("starting the clock")?;
    }
    let shown = Arc::new(Progress::default());
    let is_drawn = match progress {
        When::Auto => !quiet && io::stderr().is_terminal(),
        When::Always => true,
        When::Never => false,
    };
    let bar = is_drawn.then(|| Bar::start(Arc::clone(&shown)));
    let summary = scan::scan(config, &mut reporters, &shown, &interrupted, || drop(bar))?;
    Ok(Exit::of(&summary, fail_on.into()))
}

/// The reports that were asked for.
pub(super) fn reporters(
    outputs: &[Output],
    options: &report::Options,
    reports: &mut Vec<FileId>,
) -> anyhow::Result<Vec<Box<dyn Reporter>>> {
    let to_stdout = outputs.iter().filter(|output| output.destination == Destination::Stdout).count();
    ensure!(to_stdout <= 1, "two reports cannot both go to stdout");
    let mut ordered: Vec<&Output> = outputs.iter().collect();
    // A manifest lists what the others have written.
    ordered.sort_by_key(|output| output.format == Format::Manifest);
    ordered.into_iter().map(|output| reporter(output, options, reports)).collect()
}

/// What the reports depend on besides the scan.
pub(super) fn options(
    outputs: &[Output],
    reveal: bool,
    lang: Lang,
    retention: &[Term],
    trust: &TrustArguments,
) -> anyhow::Result<report::Options> {
    for output in outputs.iter().filter(|output| output.format == Format::Subjects) {
        ensure!(reveal, "the report `subjects` names people in clear: it is made by `scan`, with --reveal");
        ensure!(output.destination != Destination::Stdout, "the report `subjects` is written to a file only");
    }
    let terms = retention.iter().copied().collect();
    let is_signed = |output: &Output| output.format == Format::Manifest && output.destination != Destination::Stdout;
    ensure!(
        trust.sign.is_none() || outputs.iter().any(is_signed),
        "--sign signs the manifest: add --output manifest=FILE"
    );
    let in_clear = outputs.iter().any(|output| output.destination == Destination::Stdout);
    ensure!(trust.seal.is_empty() || !in_clear, "--seal is about files: a report to stdout would be in clear");
    let sign = trust.sign.as_deref().map(secret_key).transpose()?;
    Ok(report::Options {
        reveal,
        language: lang.into(),
        terms,
        seal: trust.seal.clone(),
        sign,
        others: others(outputs),
        ..report::Options::default()
    })
}

fn secret_key(path: &Path) -> anyhow::Result<SecretKey> {
    let reading = || format!("reading the key {}", Name::from_path(path));
    SecretKey::parse(&std::fs::read_to_string(path).with_context(reading)?).with_context(reading)
}

/// Other known passwords open other files.
fn file_hash(path: Option<&Path>) -> anyhow::Result<String> {
    let Some(path) = path else { return Ok(String::new()) };
    let bytes = std::fs::read(path).with_context(|| format!("reading the password file {}", Name::from_path(path)))?;
    Ok(format!("{:?}", Sha256::digest(bytes)))
}

impl BudgetArguments {
    pub(super) fn limits(&self) -> Limits {
        let Self { max_depth, max_members, max_archive_bytes, max_member_bytes, max_ratio, max_file_seconds } = *self;
        Limits {
            depth: max_depth,
            members: max_members,
            unpacked_bytes: max_archive_bytes,
            member_bytes: max_member_bytes,
            ratio: max_ratio,
            time: Duration::from_secs(max_file_seconds),
            ..Limits::default()
        }
    }
}

pub(super) fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// The roots, each to be walked once.
fn roots(paths: Vec<PathBuf>) -> anyhow::Result<Vec<PathBuf>> {
    let mut roots: Vec<(PathBuf, PathBuf)> = Vec::new();
    for path in paths {
        // A link given as a root is meant; links below it are not followed.
        let real = path.canonicalize().with_context(|| format!("opening {}", Name::from_path(&path)))?;
        if let Some((_, other)) = roots.iter().find(|(other, _)| real.starts_with(other)) {
            let (path, other) = (Name::from_path(&path), Name::from_path(other));
            complain(format_args!("warning: {path} lies in {other} and is scanned once"));
            continue;
        }
        roots.retain(|(other, _)| !other.starts_with(&real));
        roots.push((real, path));
    }
    Ok(roots.into_iter().map(|(real, path)| if path.is_symlink() { real } else { path }).collect())
}

fn read_key(path: &Path) -> anyhow::Result<Key> {
    let bytes = std::fs::read(path).with_context(|| format!("reading the key file {}", Name::from_path(path)))?;
    ensure!(bytes.len() >= 32, "the key file {} is shorter than 32 bytes", Name::from_path(path));
    Ok(Key::derive(&bytes))
}

/// The known passwords. Those in another encoding than UTF-8 are taken for Windows-1252.
pub(super) fn keyring(path: Option<&Path>) -> anyhow::Result<Arc<Keyring>> {
    let Some(path) = path else { return Ok(Arc::default()) };
    let bytes = std::fs::read(path).with_context(|| format!("reading the password file {}", Name::from_path(path)))?;
    let text = match encoding_rs::UTF_8.decode(&bytes) {
        (text, _, false) => text,
        _ => encoding_rs::WINDOWS_1252.decode(&bytes).0,
    };
    Ok(Arc::new(Keyring::new(&text)))
}

/// A report that was asked for, its file opened now: not at the end of a long scan.
/// `reports` takes the files that the scan writes: they are not part of the share.
fn reporter(
    output: &Output,
    options: &report::Options,
    reports: &mut Vec<FileId>,
) -> anyhow::Result<Box<dyn Reporter>> {
    let file = match &output.destination {
        Destination::Stdout => None,
        Destination::File(path) => Some(path.as_path()),
    };
    let (reporter, written) = report::reporter(output.format, file, options)
        .with_context(|| format!("creating {}", Name::from_path(file.unwrap_or(Path::new("-")))))?;
    reports.extend(written.iter().filter_map(FileId::of));
    Ok(reporter)
}

/// The reports that a manifest lists: those in files.
fn others(outputs: &[Output]) -> Vec<(Format, PathBuf)> {
    let file = |output: &Output| match &output.destination {
        Destination::File(path) if output.format != Format::Manifest => Some((output.format, path.clone())),
        _ => None,
    };
    outputs.iter().filter_map(file).collect()
}

/// The summary for a person: on stdout, or on stderr when a report has stdout.
pub(super) fn summary(outputs: &[Output], is_sealed: bool, fail_on: Severity) -> Box<dyn Reporter> {
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let exit = move |summary: &Summary| Exit::of(summary, fail_on).sentence(fail_on);
    let with_findings = [Format::Jsonl, Format::Csv, Format::Parquet, Format::Html, Format::Xlsx];
    let details = outputs.iter().find_map(|output| match &output.destination {
        Destination::File(path) if with_findings.contains(&output.format) => {
            let path = if is_sealed { sealed_path(path) } else { path.clone() };
            Some(Name::from_path(&path).to_string())
        }
        _ => None,
    });
    let dressed = |out: Box<dyn Write + Send>, colour| {
        let terminal = Terminal::new(out, colour && !is_plain, terminal_width()).with_exit(exit);
        match details {
            Some(path) => terminal.with_details(path),
            None => terminal,
        }
    };
    if outputs.iter().any(|output| output.destination == Destination::Stdout) {
        Box::new(dressed(Box::new(io::stderr()), io::stderr().is_terminal()))
    } else {
        Box::new(dressed(Box::new(BufWriter::new(io::stdout())), io::stdout().is_terminal()))
    }
}

/// The first interrupt ends the scan cleanly, the second at once.
pub(super) fn listen_for_interrupts(interrupted: &Arc<AtomicBool>) -> anyhow::Result<()> {
    let flag = Arc::clone(interrupted);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(2);
        }
        let _ = io::stderr().write_all(b"\nplainsight: ending; once more to stop at once\n");
    })
    .context("listening for interrupts")
}
