//! The detectors that are part of the program: what build.rs made of patterns/.

use serde::Deserialize;

use super::automaton;
use super::spec::DetectorSpec;
use super::start::Start;

/// All detectors, by file, in the order of the names, without what [`DESCRIPTIONS`] hold.
pub(super) const DETECTORS: &str = include_str!(concat!(env!("OUT_DIR"), "/detectors.json"));

/// The references, examples and counterexamples of each, in the same order.
pub(super) const DESCRIPTIONS: &str = include_str!(concat!(env!("OUT_DIR"), "/descriptions.json"));

/// Where SHA-256 stands after the pattern files.
pub(super) const HASH_STATE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/hash_state"));

#[derive(Deserialize)]
pub(super) struct Prepared {
    pub(super) spec: DetectorSpec,
    /// None for phrases.
    pub(super) start: Option<Start>,
    pub(super) automaton: Option<automaton::Prepared>,
}
