//! The detectors that are part of the program: what build.rs made of patterns/.

use serde::Deserialize;

use super::prepared::PreparedStart;
use super::spec::DetectorSpec;

/// All detectors, by file, in the order of the names.
pub(super) const DETECTORS: &str = include_str!(concat!(env!("OUT_DIR"), "/detectors.json"));

/// Where SHA-256 stands after the pattern files.
pub(super) const HASH_STATE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hash_state"));

#[derive(Deserialize)]
pub(super) struct Prepared {
    pub(super) spec: DetectorSpec,
    /// None for phrases.
    pub(super) start: Option<PreparedStart>,
}
