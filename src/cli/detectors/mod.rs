//! `plainsight detectors`: the catalogue as people and tools look at it, test it and put values to it.

mod check;
mod list;
mod nearest;
mod show;
mod test;

use std::path::Path;

use anyhow::{Context, bail};

use crate::detect::{Catalogue, CatalogueError, Detector};
use crate::model::Name;

use super::args::detectors::{DetectorsArguments, DetectorsCommand};
use super::exit::Exit;

pub(super) fn run(arguments: DetectorsArguments) -> anyhow::Result<Exit> {
    match arguments.command {
        DetectorsCommand::List(arguments) => list::run(&arguments),
        DetectorsCommand::Show(arguments) => show::run(&arguments),
        DetectorsCommand::Test(arguments) => test::run(&arguments),
        DetectorsCommand::Check(arguments) => check::run(&arguments),
    }
}

/// The built-in detectors and those of the user's own directory.
pub(super) fn catalogue(patterns: Option<&Path>) -> anyhow::Result<Catalogue> {
    with_own(Catalogue::built_in(), patterns)
}

/// The same for a run, which shows nobody their references and examples.
pub(super) fn catalogue_to_run(patterns: Option<&Path>) -> anyhow::Result<Catalogue> {
    with_own(Catalogue::built_in_to_run(), patterns)
}

fn with_own(built_in: Result<Catalogue, CatalogueError>, patterns: Option<&Path>) -> anyhow::Result<Catalogue> {
    let catalogue = built_in.context("loading the built-in detectors")?;
    match patterns {
        None => Ok(catalogue),
        Some(dir) => catalogue.with_user_dir(dir).with_context(|| format!("loading {}", Name::from_path(dir))),
    }
}

/// The detector of this id; the error names those that may be meant.
fn detector<'c>(catalogue: &'c Catalogue, id: &str) -> anyhow::Result<&'c Detector> {
    if let Some(detector) = catalogue.get(id) {
        return Ok(detector);
    }
    let ids: Vec<&str> = catalogue.detectors().iter().map(|detector| detector.spec.id.as_str()).collect();
    let id = Name::from(id);
    match nearest::nearest(&ids, &id.to_string())[..] {
        [] => bail!("there is no detector {id}; `plainsight detectors list` names all"),
        ref near => bail!("there is no detector {id}; perhaps {}?", near.join(", ")),
    }
}
