//! The arguments of `plainsight explain`.

use std::path::PathBuf;

use clap::Args;

use super::detectors::{CatalogueArguments, Format};
use super::ocr::OcrArguments;
use super::{BudgetArguments, parse_confidence};

#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArguments {
    /// The file
    pub(in crate::cli) file: PathBuf,

    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: Format,

    /// Findings of lower confidence do not count
    #[arg(long, value_name = "0.0-1.0", default_value_t = 0.5, value_parser = parse_confidence)]
    pub(in crate::cli) min_confidence: f32,

    /// Show clear personal values; without it they are masked
    #[arg(long)]
    pub(in crate::cli) reveal: bool,

    /// Known passwords, one a line, to be tried on what is sealed
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) password_file: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) catalogue: CatalogueArguments,

    #[command(flatten)]
    pub(in crate::cli) ocr: OcrArguments,

    #[command(flatten)]
    pub(in crate::cli) budgets: BudgetArguments,
}
