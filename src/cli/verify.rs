//! `plainsight verify MANIFEST`: whether the reports of a scan are still those that were written.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context;

use crate::model::Name;
use crate::report::manifest::{Verdict, verify};

use super::exit::{self, Exit};

pub(super) fn run(manifest: &Path) -> anyhow::Result<Exit> {
    let verdicts = verify(manifest).with_context(|| format!("reading {}", Name::from_path(manifest)))?;
    let mut said = String::new();
    for (file, verdict) in &verdicts {
        let verdict = match verdict {
            Verdict::Same => "same",
            Verdict::Changed => "CHANGED",
            Verdict::Missing => "MISSING",
        };
        let _ = writeln!(said, "{verdict:8} {file}");
    }
    exit::print(&said)?;
    let all_same = verdicts.iter().all(|(_, verdict)| *verdict == Verdict::Same);
    Ok(if all_same { Exit::Clean } else { Exit::Findings })
}
