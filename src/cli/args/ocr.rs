//! The arguments of text recognition.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
#[command(next_help_heading = "Text in pictures")]
pub(in crate::cli) struct OcrArguments {
    /// Read the text in pictures and scans
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(in crate::cli) ocr: Ocr,

    /// The models [default: $PLAINSIGHT_OCR_MODELS, else plainsight/ocr in the user's data directory]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) ocr_models: Option<PathBuf>,

    /// Seconds of text recognition in one file, on top of --max-file-seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(in crate::cli) max_ocr_seconds: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Ocr {
    /// Pictures, and PDF pages that show one and have no text
    Auto,
    Off,
    /// Also large pictures on PDF pages with text
    Always,
}
