//! `plainsight text FILE...`: what the scanner saw, for people who ask why.

use std::cell::RefCell;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context;

use crate::model::{ItemPath, ItemRecord, Name, Outcome};
use crate::open::Limits;
use crate::scan::dump::Dump;
use crate::scan::worker;
use crate::source::Entry;

use super::args::TextArguments;
use super::exit::{Exit, complain};
use super::scan::keyring;

pub(super) fn run(arguments: &TextArguments) -> anyhow::Result<Exit> {
    let TextArguments { files, plain, password_file, ocr, budgets } = arguments;
    let limits = Limits { recognition: ocr.recognition()?, ..budgets.limits() };
    let keyring = keyring(password_file.as_deref())?;
    let entries: Vec<Entry> = files.iter().map(|file| entry(file)).collect::<anyhow::Result<_>>()?;
    let out = BufWriter::new(io::stdout().lock());
    let dump = Dump { out: RefCell::new(out), places: !plain, failed: RefCell::new(None) };
    let interrupted = Arc::new(AtomicBool::new(false));
    let mut complete = true;
    let mut tell = |record: &ItemRecord| {
        complete &= !record.is_gap();
        say(record);
    };
    for entry in &entries {
        let record = worker::read_entry(entry, &limits, &keyring, &interrupted, &dump, &mut |record| tell(&record));
        tell(&record);
    }
    if let Some(error) = dump.failed.into_inner() {
        return Err(error.into());
    }
    dump.out.into_inner().flush()?;
    Ok(if complete { Exit::Clean } else { Exit::Incomplete })
}

/// The file as a scan would meet it.
pub(super) fn entry(file: &Path) -> anyhow::Result<Entry> {
    let opening = || format!("opening {}", Name::from_path(file));
    // A link that the user typed is meant; one in a directory is not.
    let path = file.canonicalize().with_context(opening)?;
    let metadata = path.metadata().with_context(opening)?;
    anyhow::ensure!(metadata.is_file(), "{} is not a file", Name::from_path(file));
    Ok(Entry::new(ItemPath::new(0, Name::from_path(file)), path, &metadata))
}

/// What did not come out, on stderr.
pub(super) fn say(record: &ItemRecord) {
    if record.outcome() == Outcome::Read {
        return;
    }
    let reasons: Vec<&str> = record.reasons.iter().map(|reason| reason.title()).collect();
    let state = record.outcome().key().replace('_', " ");
    complain(format_args!("{}: {state}: {}", record.item, reasons.join("; ")));
    for problem in &record.problems {
        complain(format_args!("  {}: {}", problem.code.key(), problem.message));
    }
}
