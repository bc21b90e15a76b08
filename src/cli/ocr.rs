//! Finds the models of text recognition, as the arguments and the environment say.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::ensure;

use crate::model::Name;
use crate::open::Recognition;
use crate::open::recognition::When;
use crate::scan::recognition;

use super::args::ocr::{Ocr, OcrArguments};

impl OcrArguments {
    pub(super) fn recognition(&self) -> anyhow::Result<Recognition> {
        let when = match self.ocr {
            Ocr::Auto => When::Auto,
            Ocr::Off => When::Off,
            Ocr::Always => When::Always,
        };
        let engine = self.models()?.and_then(|dir| recognition::engine(&dir));
        Ok(Recognition { when, engine, time: Duration::from_secs(self.max_ocr_seconds) })
    }

    /// The directory of the models, if pictures are read. Models that were named must be there; those at
    /// the usual place may be missing.
    pub(super) fn models(&self) -> anyhow::Result<Option<PathBuf>> {
        let Self { ocr, ocr_models, max_ocr_seconds: _ } = self;
        if *ocr == Ocr::Off {
            return Ok(None);
        }
        let are_in = |dir: &PathBuf| recognition::engine(dir).is_some();
        match ocr_models.clone().or_else(|| variable("PLAINSIGHT_OCR_MODELS").map(PathBuf::from)) {
            Some(dir) => {
                ensure!(are_in(&dir), "no models for text recognition are in {}", Name::from_path(&dir));
                Ok(Some(dir))
            }
            None => Ok(usual_place().filter(are_in)),
        }
    }
}

/// `plainsight/ocr` in the user's data directory.
fn usual_place() -> Option<PathBuf> {
    let data = variable("XDG_DATA_HOME").map(PathBuf::from);
    let local = || variable("LOCALAPPDATA").filter(|_| cfg!(windows)).map(PathBuf::from);
    let home = || variable("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    Some(data.or_else(local).or_else(home)?.join("plainsight").join("ocr"))
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
