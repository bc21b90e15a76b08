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
    /// Models that were named must be there; those at the usual place may be missing.
    pub(super) fn recognition(&self) -> anyhow::Result<Recognition> {
        let Self { ocr, ocr_models, max_ocr_seconds } = self;
        let when = match ocr {
            Ocr::Auto => When::Auto,
            Ocr::Off => When::Off,
            Ocr::Always => When::Always,
        };
        let named = ocr_models.clone().or_else(|| variable("PLAINSIGHT_OCR_MODELS").map(PathBuf::from));
        let engine = match (&named, when) {
            (_, When::Off) => None,
            (Some(dir), _) => {
                let engine = recognition::engine(dir);
                ensure!(engine.is_some(), "no models for text recognition are in {}", Name::from_path(dir));
                engine
            }
            (None, _) => usual_place().and_then(|dir| recognition::engine(&dir)),
        };
        Ok(Recognition { when, engine, time: Duration::from_secs(*max_ocr_seconds) })
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
