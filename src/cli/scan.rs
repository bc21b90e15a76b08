//! `plainsight scan PATH...`: from the arguments to the exit code.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail, ensure};

use crate::detect::catalogue::Catalogue;
use crate::judge::{Judge, Key, Options};
use crate::model::Name;
use crate::open::Limits;
use crate::report::{AtomicFile, Jsonl, Reporter, Terminal};
use crate::scan::{self, Config, Progress};
use crate::source::Excludes;

use super::args::{BudgetArguments, Destination, Output, OutputFormat, ScanArguments, When};
use super::exit::{Exit, complain};
use super::progress::Bar;

pub(super) fn run(arguments: ScanArguments) -> anyhow::Result<Exit> {
    // Every field by name: a new flag does not compile until it is used.
    let ScanArguments {
        paths,
        output,
        fail_on,
        min_confidence,
        reveal,
        key_file,
        patterns,
        quiet,
        progress,
        exclude,
        same_file_system,
        threads,
        budgets,
    } = arguments;

    let key = match key_file {
        Some(path) => read_key(&path)?,
        None => Key::random().context("asking the system for random bytes")?,
    };
    let mut catalogue = Catalogue::built_in().context("loading the built-in detectors")?;
    if let Some(dir) = patterns {
        catalogue = catalogue.with_user_dir(&dir).with_context(|| format!("loading {}", Name::from_path(&dir)))?;
    }
    let specs: Vec<_> = catalogue.detectors().iter().map(|detector| detector.spec.clone()).collect();
    let config = Arc::new(Config {
        roots: roots(paths)?,
        excludes: Excludes::new(&exclude)?,
        same_file_system,
        threads: threads.map_or_else(processors, usize::from),
        limits: budgets.limits(),
        catalogue: Arc::new(catalogue),
        judge: Arc::new(Judge::new(specs, &key, Options { min_confidence, reveal })),
    });

    let mut outputs = open_outputs(&output)?;
    let stdout_is_taken = output.iter().any(|output| output.destination == Destination::Stdout);
    let mut reporters: Vec<Box<dyn Reporter + '_>> = outputs.iter_mut().map(OutputFile::reporter).collect();
    if !quiet {
        reporters.push(summary_reporter(stdout_is_taken));
    }

    let interrupted = Arc::new(AtomicBool::new(false));
    listen_for_interrupts(&interrupted)?;
    let shown = Arc::new(Progress::default());
    let is_drawn = match progress {
        When::Auto => !quiet && io::stderr().is_terminal(),
        When::Always => true,
        When::Never => false,
    };
    let bar = is_drawn.then(|| Bar::start(Arc::clone(&shown)));
    let result = scan::scan(config, &mut reporters, &shown, &interrupted, || drop(bar));
    drop(reporters);
    let summary = result?;
    for file in outputs {
        file.commit()?;
    }
    Ok(Exit::of(&summary, fail_on.into()))
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

fn processors() -> usize {
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

/// A report on its way to its place.
struct OutputFile {
    format: OutputFormat,
    target: Target,
}

enum Target {
    Stdout,
    File(PathBuf, AtomicFile),
}

fn open_outputs(outputs: &[Output]) -> anyhow::Result<Vec<OutputFile>> {
    let mut opened: Vec<OutputFile> = Vec::new();
    for Output { format, destination } in outputs {
        let target = match destination {
            Destination::Stdout if opened.iter().any(|other| matches!(other.target, Target::Stdout)) => {
                bail!("two reports cannot both go to stdout");
            }
            Destination::Stdout => Target::Stdout,
            Destination::File(path) => {
                let file = AtomicFile::create(path).with_context(|| format!("creating {}", Name::from_path(path)))?;
                Target::File(path.clone(), file)
            }
        };
        opened.push(OutputFile { format: *format, target });
    }
    Ok(opened)
}

impl OutputFile {
    fn reporter(&mut self) -> Box<dyn Reporter + '_> {
        let Self { format: OutputFormat::Jsonl, target } = self;
        match target {
            Target::Stdout => Box::new(Jsonl::new(BufWriter::new(io::stdout()))),
            Target::File(_, file) => Box::new(Jsonl::new(file)),
        }
    }

    fn commit(self) -> anyhow::Result<()> {
        match self.target {
            Target::Stdout => Ok(()),
            Target::File(path, mut file) => {
                file.commit().with_context(|| format!("writing {}", Name::from_path(&path)))
            }
        }
    }
}

/// The summary goes to stdout, or to stderr when a report has stdout.
fn summary_reporter(stdout_is_taken: bool) -> Box<dyn Reporter> {
    let width = terminal_width();
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if stdout_is_taken {
        Box::new(Terminal::new(io::stderr(), !is_plain && io::stderr().is_terminal(), width))
    } else {
        Box::new(Terminal::new(BufWriter::new(io::stdout()), !is_plain && io::stdout().is_terminal(), width))
    }
}

fn terminal_width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.unwrap_or(100).clamp(60, 160)
}

/// The first interrupt ends the scan cleanly, the second at once.
fn listen_for_interrupts(interrupted: &Arc<AtomicBool>) -> anyhow::Result<()> {
    let flag = Arc::clone(interrupted);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(2);
        }
        let _ = io::stderr().write_all(b"\nplainsight: ending; once more to stop at once\n");
    })
    .context("listening for interrupts")
}
