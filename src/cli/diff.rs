//! `plainsight diff [OLD] [NEW]`: what appeared, changed and went away between two scans.

use std::fmt::Write as _;

use anyhow::Context;
use serde_json::json;

use crate::model::{Delta, Difference, Severity};

use super::args::state::{DiffArguments, Shape};
use super::exit::{Exit, print};
use super::state::{look, seconds};

/// Exit code 1 if something shows data now that did not before.
pub(super) fn run(arguments: &DiffArguments) -> anyhow::Result<Exit> {
    let store = look(&arguments.which)?;
    let new = match arguments.new {
        Some(new) => store.finished(new)?,
        None => store.last_finished(None)?.context("no scan of this state has come to its end")?,
    };
    let old = match arguments.old {
        Some(old) => store.finished(old)?,
        None => store.last_finished(Some(new.id))?.context("there is no earlier scan that came to its end")?,
    };
    anyhow::ensure!(old.id < new.id, "the older scan comes first: diff {} {}", new.id, old.id);
    let mut differences = Vec::new();
    let delta = store.diff(old.id, new.id, &mut |difference| differences.push(difference))?;
    differences.sort_by(|a, b| a.rank().cmp(&b.rank()));
    let mut text = String::new();
    for difference in &differences {
        let line = match arguments.format {
            Shape::Text => line(difference),
            Shape::Json => object(difference).to_string(),
        };
        let _ = writeln!(text, "{line}");
    }
    match arguments.format {
        Shape::Text => text.push_str(&closing(&delta, new.id)),
        Shape::Json => {
            let _ = writeln!(text, "{}", json!({"type": "delta", "old": old.id, "new": new.id, "since": delta}));
        }
    }
    print(&text)?;
    Ok(if delta.newly_exposed > 0 { Exit::Findings } else { Exit::Clean })
}

fn severity(severity: Option<Severity>) -> &'static str {
    severity.map_or("-", Severity::key)
}

fn line(difference: &Difference) -> String {
    let Difference { item, change, newly_exposed, newly_protected, severity: (before, now) } = difference;
    let note = match (newly_exposed, newly_protected) {
        (true, _) => "  EXPOSED",
        (_, true) => "  protected",
        _ => "",
    };
    format!("{:8}  {:>8} -> {:8}  {item}{note}", change.key(), severity(*before), severity(*now))
}

fn object(difference: &Difference) -> serde_json::Value {
    let Difference { item, change, newly_exposed, newly_protected, severity: (before, now) } = difference;
    json!({
        "type": "difference", "root": item.root, "path": item.path, "change": change.key(),
        "newly_exposed": newly_exposed, "newly_protected": newly_protected,
        "severity_before": before.map(Severity::key), "severity": now.map(Severity::key),
    })
}

fn closing(delta: &Delta, new: u64) -> String {
    let Delta { scan, started, new: appeared, changed, gone, newly_exposed, newly_protected, files: _ } = delta;
    format!(
        "From scan {scan} ({}) to scan {new}: {appeared} new, {changed} changed, {gone} gone; {newly_exposed} newly \
         exposed, {newly_protected} newly protected.\n",
        seconds(started)
    )
}
