//! The detectors that are part of the program: what build.rs made of patterns/.

use serde::Deserialize;

use super::automaton;
use super::flat::Flat;
use super::lexicon::Lexicon;
use super::spec::DetectorSpec;
use super::start::Start;

/// All detectors, by file, in the order of the names, without what [`DESCRIPTIONS`] hold.
pub(super) const DETECTORS: &str = include_str!(concat!(env!("OUT_DIR"), "/detectors.json"));

/// What [`describe`] adds to each, in the same order.
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

/// What a scan does not read: for people and tests, and the words that stand in the lexicon.
pub(super) type Description = [Vec<String>; 7];

/// Completes a detector, with the lists in the order in which build.rs writes them.
pub(super) fn describe(spec: &mut DetectorSpec, description: Description) {
    [spec.references, spec.examples, spec.counterexamples, spec.phrases, spec.context, spec.context_after, spec.veto] =
        description;
}

/// The words of all of them.
///
/// # Panics
///
/// If the program is damaged: build.rs wrote them, and a test reads them.
#[allow(clippy::expect_used, reason = "to go on without words would find nothing and say so")]
pub(super) fn lexicon() -> Lexicon {
    let mut bytes: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lexicon"));
    Lexicon::read(&mut bytes).expect("the words of the detectors are those that build.rs wrote")
}
