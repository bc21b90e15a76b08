//! `plainsight verify MANIFEST`: whether the reports of a scan are still those that were written, and by whom.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context;

use crate::model::Name;
use crate::report::manifest::{Verdict, is_signed, verify, verify_signature};
use crate::report::signature::PublicKey;

use super::args::VerifyArguments;
use super::exit::{self, Exit};

pub(super) fn run(arguments: &VerifyArguments) -> anyhow::Result<Exit> {
    let VerifyArguments { manifest, signer } = arguments;
    let verdicts = verify(manifest).with_context(|| format!("reading {}", Name::from_path(manifest)))?;
    let (mut said, is_theirs) = signature(manifest, signer.as_deref())?;
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
    Ok(if all_same && is_theirs { Exit::Clean } else { Exit::Findings })
}

/// What is said of the signature; false if it was asked for and does not hold.
fn signature(manifest: &Path, signer: Option<&Path>) -> anyhow::Result<(String, bool)> {
    let Some(signer) = signer else {
        let says = "The manifest is signed; --signer FILE checks by whom.\n";
        return Ok((if is_signed(manifest) { says.to_owned() } else { String::new() }, true));
    };
    let named = || format!("reading the public key {}", Name::from_path(signer));
    let key = PublicKey::parse(&std::fs::read_to_string(signer).with_context(named)?).with_context(named)?;
    Ok(match verify_signature(manifest, key)? {
        Some(Ok(())) => ("signed   the manifest, by this key\n".to_owned(), true),
        Some(Err(error)) => (format!("FORGED   the manifest: {error}\n"), false),
        None => ("UNSIGNED the manifest has no signature beside it\n".to_owned(), false),
    })
}
