//! `plainsight scans`, `status`, `forget`, `report`: a state as people look at it and clear it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::judge::Key;
use crate::model::{Name, Standing, hex};
use crate::report::{self, Reporter, Tally, layout};
use crate::scan::State;
use crate::source::FileId;
use crate::store::{Replayed, Status, Store, StoreError, place};

use super::args::state::{ForgetArguments, ReportArguments, ScansArguments, Shape, StateArguments, WhichState};
use super::exit::{Exit, complain, print};
use super::scan;

/// Where the state of a scan lies; none if it is to have none.
pub(super) fn path_for(arguments: &StateArguments, roots: &[PathBuf]) -> anyhow::Result<Option<PathBuf>> {
    let Some(path) = arguments.state.as_ref().filter(|_| !arguments.no_state) else {
        ensure!(!arguments.full || arguments.no_state, "--full is about a state: give --state too");
        return Ok(None);
    };
    if path.as_os_str() != "auto" {
        return Ok(Some(path.clone()));
    }
    let directory = place::default_directory().context("no directory for states is known: give --state FILE")?;
    let real: Vec<PathBuf> = roots.iter().map(|root| root.canonicalize().unwrap_or_else(|_| root.clone())).collect();
    Ok(Some(directory.join(place::default_name(&real))))
}

/// The key of the hashes: that of `--key-file`, else that of the state.
pub(super) fn key(path: &Path) -> anyhow::Result<Key> {
    let fresh = || Key::random().map(|key| *key.as_bytes());
    Ok(Key::from_bytes(place::key(path, fresh).context("the key of the state")?))
}

/// Opens the state of a scan; with the files that are its own. `settings` is what decides, besides
/// detectors, readers and budgets, what is said of a file.
pub(super) fn open(path: &Path, full: bool, key: &Key, settings: &str) -> anyhow::Result<(State, Vec<FileId>)> {
    let store = Store::open(path).with_context(|| format!("opening the state {}", Name::from_path(path)))?;
    let files = store.files().iter().filter_map(|file| FileId::of(&file.metadata().ok()?)).collect();
    // Hashes of another key cannot stand beside these in one report.
    let mut hasher = Sha256::new();
    hasher.update(b"which key this is");
    hasher.update(key.as_bytes());
    let named = hex(hasher.finalize().get(..8).unwrap_or_default());
    Ok((State::new(store, full, format!("{settings} {named}")), files))
}

/// The state that a command looks at.
pub(super) fn which(arguments: &WhichState) -> anyhow::Result<PathBuf> {
    if let Some(path) = arguments.state.as_ref().filter(|path| path.as_os_str() != "auto") {
        return Ok(path.clone());
    }
    let directory = place::default_directory().context("no directory for states is known: give --state FILE")?;
    let entries = std::fs::read_dir(&directory).into_iter().flatten().filter_map(Result::ok);
    let mut states: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "sqlite")).collect();
    states.sort();
    match states.as_slice() {
        [only] => Ok(only.clone()),
        [] => bail!("there is no state in {}: give --state FILE", Name::from_path(&directory)),
        several => {
            let names: Vec<String> = several.iter().map(|path| format!("  --state {}", path.display())).collect();
            bail!("there are several states, give one:\n{}", names.join("\n"))
        }
    }
}

pub(super) fn look(arguments: &WhichState) -> anyhow::Result<Store> {
    let path = which(arguments)?;
    Store::look(&path).with_context(|| format!("opening the state {}", Name::from_path(&path)))
}

pub(super) fn scans(arguments: &ScansArguments) -> anyhow::Result<Exit> {
    let store = look(&arguments.which)?;
    let running = store.running()?;
    let mut text = String::new();
    for scan in store.scans()? {
        let status = match scan.status {
            Status::Running if running.is_none() => "killed",
            status => status.key(),
        };
        let number = |key: &str| scan.summary.as_ref().and_then(|s| s.get(key)).and_then(serde_json::Value::as_u64);
        if arguments.format == Shape::Json {
            let line = json!({
                "scan": scan.id, "started": scan.started, "ended": scan.ended, "status": status,
                "runs": scan.runs, "full": scan.full, "summary": scan.summary,
            });
            let _ = writeln!(text, "{line}");
            continue;
        }
        let count = |key: &str| number(key).map_or_else(|| "-".into(), layout::number);
        let _ = writeln!(
            text,
            "{:>5}  {}  {:11}  {:>12} files  {:>10} findings  {:>8} gaps{}",
            scan.id,
            seconds(&scan.started),
            status,
            count("files"),
            count("findings"),
            count("gaps"),
            if scan.full { "  (full)" } else { "" },
        );
    }
    print(&text)?;
    Ok(Exit::Clean)
}

/// A time without its fractions.
pub(super) fn seconds(time: &str) -> &str {
    time.split('.').next().unwrap_or(time).trim_end_matches('Z')
}

pub(super) fn status(arguments: &ScansArguments) -> anyhow::Result<Exit> {
    let store = look(&arguments.which)?;
    let running = store.running()?;
    let text = match (&running, arguments.format) {
        (None, Shape::Json) => "{\"running\":false}\n".to_owned(),
        (Some(run), Shape::Json) => {
            let line = json!({
                "running": true, "scan": run.scan, "process": run.process, "started": run.started,
                "updated": run.updated, "files": run.files, "unchanged": run.unchanged, "bytes": run.bytes,
                "exposed": run.found,
            });
            format!("{line}\n")
        }
        (None, Shape::Text) => {
            let last = store.scans()?.pop();
            last.map_or_else(
                || "No scan runs, and none ran before.\n".to_owned(),
                |scan| match scan.status {
                    Status::Running => {
                        format!("No scan runs. Scan {} was killed; the next run goes on with it.\n", scan.id)
                    }
                    status => format!("No scan runs. The last one, {}, is {}.\n", scan.id, status.key()),
                },
            )
        }
        (Some(run), Shape::Text) => format!(
            "Scan {} runs in process {} since {}.\nAt {} it was through {} files, {} of them unchanged and not read \
             again; it read {} and found something in {} files.\n",
            run.scan,
            run.process,
            seconds(&run.started),
            seconds(&run.updated),
            layout::number(run.files),
            layout::number(run.unchanged),
            layout::bytes(run.bytes),
            layout::number(run.found),
        ),
    };
    print(&text)?;
    Ok(Exit::Clean)
}

pub(super) fn forget(arguments: &ForgetArguments) -> anyhow::Result<Exit> {
    let path = which(&arguments.which)?;
    if arguments.all {
        place::remove(&path).with_context(|| format!("removing the state {}", Name::from_path(&path)))?;
        print("The state is gone.\n")?;
        return Ok(Exit::Clean);
    }
    ensure!(path.exists(), "there is no state {}", Name::from_path(&path));
    let store = Store::open(&path).with_context(|| format!("opening the state {}", Name::from_path(&path)))?;
    let text = if let Some(subject) = &arguments.subject {
        let findings = store.forget_subject(subject)?;
        ensure!(findings > 0, "nothing in the state is about the person {subject}");
        format!(
            "Findings forgotten: {findings}. While the data lies on the share, the next scan that reads it finds it.\n"
        )
    } else {
        let scans = match arguments.keep {
            Some(keep) => {
                let all = store.scans()?;
                let finished: Vec<u64> =
                    all.iter().filter(|scan| scan.status == Status::Finished).map(|scan| scan.id).collect();
                let first_kept = finished.len().checked_sub(keep).and_then(|at| finished.get(at)).copied();
                // Fewer than are to be kept: all stay.
                let first_kept = first_kept.unwrap_or(if finished.len() < keep { 0 } else { u64::MAX });
                all.iter().map(|scan| scan.id).filter(|&id| id < first_kept).collect()
            }
            None => arguments.scans.clone(),
        };
        let versions = store.forget_scans(&scans)?;
        format!("Scans forgotten: {}, and {versions} earlier versions of files.\n", scans.len())
    };
    store.compact()?;
    print(&text)?;
    Ok(Exit::Clean)
}

enum Ended {
    State(StoreError),
    Report(std::io::Error),
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::State(error)
    }
}

pub(super) fn report(arguments: &ReportArguments) -> anyhow::Result<Exit> {
    let ReportArguments { scan, which, output, lang, trust, retention, fail_on, quiet } = arguments;
    let store = look(which)?;
    let number = match scan {
        Some(number) => *number,
        None => store.last_finished(None)?.context("no scan of this state has come to its end: name one")?.id,
    };
    let Replayed { header, configuration, mounts, directories, duration_seconds, interrupted, summary: kept } =
        store.replayed(number)?;
    let options = report::Options { configuration, mounts, ..scan::options(output, false, *lang, retention, trust)? };
    let mut reporters = scan::reporters(output, &options, &mut Vec::new())?;
    if !quiet {
        reporters.push(scan::summary(output, !trust.seal.is_empty(), (*fail_on).into()));
    }
    if interrupted {
        complain(format_args!(
            "scan {number} has not come to its end: what it had not reached is not in the report, or as it was before"
        ));
    }
    let mut tally = Tally::new();
    let told = reporters.iter_mut().try_for_each(|reporter| reporter.scan(&header)).map_err(Ended::Report);
    let told = told.and_then(|()| {
        store.replay(number, &mut |record| {
            tally.add(&record);
            reporters.iter_mut().try_for_each(|reporter| reporter.record(&record)).map_err(Ended::Report)
        })
    });
    match told {
        Ok(()) => {}
        Err(Ended::State(error)) => return Err(error).context("reading the state"),
        Err(Ended::Report(error)) => return Err(error).context("a report could not be written"),
    }
    let duration = Duration::try_from_secs_f64(duration_seconds).unwrap_or_default();
    let mut summary = tally.summary(duration, interrupted, directories);
    let kept = kept.unwrap_or_default();
    // What a share that was not there left unread is in no record.
    summary.complete &= kept.get("complete").and_then(serde_json::Value::as_bool).unwrap_or(false);
    summary.state = kept.get("state").and_then(|state| serde_json::from_value(state.clone()).ok());
    if let Some(since) = summary.state.as_mut().and_then(|state: &mut Standing| state.since.as_mut())
        && let Ok(earlier) = store.finished(since.scan)
    {
        // Counted then, and listed again now; an earlier scan that was forgotten leaves the counts.
        since.files = store.delta(earlier.id, number).context("reading the state")?.files;
    }
    reporters.iter_mut().try_for_each(|reporter: &mut Box<dyn Reporter>| reporter.finish(&summary))?;
    Ok(Exit::of(&summary, (*fail_on).into()))
}
