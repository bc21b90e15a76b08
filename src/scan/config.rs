//! What a scan is asked to do, checked and complete.

use std::path::PathBuf;
use std::sync::Arc;

use crate::detect::catalogue::Catalogue;
use crate::judge::Judge;
use crate::open::Limits;
use crate::source::{Excludes, Rates};

use super::keyring::Keyring;
use super::process::Launch;
use super::state::State;

/// Everything the conductor needs; made once by the command line.
pub struct Config {
    pub roots: Vec<PathBuf>,
    pub excludes: Excludes,
    pub same_file_system: bool,
    pub threads: usize,
    pub limits: Limits,
    /// How gently the shares are read.
    pub rates: Rates,
    /// What the user calls the shares, root by root.
    pub share_names: Vec<String>,
    pub keyring: Arc<Keyring>,
    pub catalogue: Arc<Catalogue>,
    pub judge: Arc<Judge>,
    /// Takes every file apart, a copy of what was just read too.
    pub read_copies: bool,
    /// To read files in worker processes; without it they are read here.
    pub isolation: Option<Launch>,
    /// What is known from earlier scans, and takes what is read now.
    pub state: Option<State>,
}
