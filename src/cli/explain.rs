//! `plainsight explain FILE`: every match in one file, and why it counts or does not.

mod json;
mod leak;
mod text;

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context;

use crate::detect::Engine;
use crate::judge::{Explanation, Judge, Key, Options};
use crate::model::{ItemRecord, Severity};
use crate::open::Limits;
use crate::scan::explain::Explain;
use crate::scan::worker;

use super::args::detectors::Format;
use super::args::explain::ExplainArguments;
use super::detectors;
use super::exit::{Exit, terminal_width};
use super::scan::keyring;
use super::text::{entry, say};

pub(super) fn run(arguments: &ExplainArguments) -> anyhow::Result<Exit> {
    let ExplainArguments { file, format, min_confidence, reveal, catalogue, password_file, ocr, budgets } = arguments;
    let limits = Limits { recognition: ocr.recognition()?, ..budgets.limits() };
    let keyring = keyring(password_file.as_deref())?;
    let entry = entry(file)?;
    let catalogue = detectors::catalogue(catalogue.patterns.as_deref())?;
    let engine = Engine::new(&catalogue);
    let options = Options { min_confidence: *min_confidence, reveal: *reveal };
    let judge = Judge::new(&catalogue, Key::random().context("asking the system for random bytes")?, options);
    let explain = Explain { engine: &engine, judge: &judge, last: None.into() };
    let interrupted = Arc::new(AtomicBool::new(false));

    let mut out = BufWriter::new(io::stdout().lock());
    let mut failed: io::Result<()> = Ok(());
    let mut worst = Severity::None;
    let mut complete = true;
    let mut items = 0;
    let mut tell = |record: &ItemRecord| {
        worst = worst.max(record.severity);
        complete &= !record.is_gap();
        let explanation = explain.last.take().unwrap_or_default();
        if failed.is_ok() {
            failed = match format {
                Format::Text => text::write(&mut out, record, &explanation, terminal_width()),
                Format::Json => json::write(&mut out, record, &explanation, items),
            };
        }
        if *format == Format::Json {
            say(record);
        }
        items += 1;
    };
    let record = worker::read_entry(&entry, &limits, &keyring, &interrupted, &explain, &mut |record| tell(&record));
    tell(&record);
    failed?;
    if *format == Format::Json {
        json::finish(&mut out)?;
    }
    out.flush()?;
    Ok(match (worst, complete) {
        (Severity::None, true) => Exit::Clean,
        (Severity::None, false) => Exit::Incomplete,
        _ => Exit::Findings,
    })
}

/// How many matches count.
fn counting(explanation: &Explanation) -> usize {
    explanation.matches.iter().filter(|explained| explained.fate.counts()).count()
}
