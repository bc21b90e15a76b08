//! `plainsight detectors test`: every detector against its own examples and counterexamples.

use std::fmt::Write;

use crate::cli::args::detectors::TestArguments;
use crate::cli::exit::{Exit, print};
use crate::detect::example::{Failure, Kind, examples, failures};
use crate::detect::{Detector, Engine};

pub(super) fn run(arguments: &TestArguments) -> anyhow::Result<Exit> {
    let TestArguments { ids, catalogue } = arguments;
    let catalogue = super::catalogue(catalogue.patterns.as_deref())?;
    for id in ids {
        super::detector(&catalogue, id)?;
    }
    let wanted = |detector: &Detector| ids.is_empty() || ids.contains(&detector.spec.id);
    let engine = Engine::new(&catalogue);
    let failures = failures(&catalogue, &engine, wanted);
    let tested: Vec<&Detector> = catalogue.detectors().iter().filter(|detector| wanted(detector)).collect();
    let texts: usize = tested.iter().map(|detector| examples(&detector.spec).count()).sum();
    let (detectors, texts) = (counted(tested.len(), "detector"), counted(texts, "example"));
    if failures.is_empty() {
        print(&format!("{detectors}, {texts}: all as they should be.\n"))?;
        return Ok(Exit::Clean);
    }
    let mut report: String = failures.iter().map(describe).collect();
    let _ = writeln!(report, "{detectors}, {texts}: {} not as they should be.", failures.len());
    print(&report)?;
    Ok(Exit::Findings)
}

fn counted(n: usize, thing: &str) -> String {
    format!("{n} {thing}{}", if n == 1 { "" } else { "s" })
}

fn describe(failure: &Failure<'_>) -> String {
    let Failure { id, kind, text, confidence } = failure;
    let what = match kind {
        Kind::Example if *confidence > 0.0 => format!("example found with {confidence:.2} only"),
        Kind::Example => "example not found".to_owned(),
        Kind::Counterexample => format!("counterexample found with {confidence:.2}"),
    };
    let text = text.trim_matches('\n').replace('\n', "\n    ");
    format!("{id}: {what}\n    {text}\n")
}
