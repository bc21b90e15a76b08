//! From matches to a judgement: whose data it is, how sure that is, and how bad.

mod against;
mod called;
mod case;
mod conflict;
mod crowd;
#[cfg(test)]
mod documents;
mod fields;
mod kept;
mod key;
mod link;
mod named;
mod passage;
mod pay_list;
mod person;
mod record;
mod register;
mod roll;
mod sale;
pub mod severity;
mod spot;
mod statement;
mod things;
mod trace;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::detect::{Catalogue, DetectorSpec};
use crate::model::{Category, Finding, Severity};

pub use case::Case;
pub use key::{ContentHasher, KEYED_HASH, Key};
pub use spot::Spot;
pub use trace::{Explained, Explanation, Fate, Refused};

/// What the user decides about findings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Findings below are neither reported nor counted.
    pub min_confidence: f32,
    /// Findings carry the clear value.
    pub reveal: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { min_confidence: 0.5, reveal: false }
    }
}

/// Judges the matches of items. One for the whole scan, shared by the threads.
pub struct Judge {
    detectors: Arc<[Arc<DetectorSpec>]>,
    fields: fields::Fields,
    hasher: key::Hasher,
    options: Options,
}

impl Judge {
    /// The catalogue is the one that the matches come from.
    pub fn new(catalogue: &Catalogue, key: Key, options: Options) -> Self {
        let detectors: Arc<[Arc<DetectorSpec>]> = catalogue.detectors().iter().map(|d| d.spec.clone()).collect();
        Self { fields: fields::Fields::new(&detectors), detectors, hasher: key::Hasher::new(&key), options }
    }

    /// Opens the case of one item. Feed it every text of the item, in order.
    pub fn case(&self) -> Case<'_> {
        Case::new(self, None)
    }

    /// The same, and every match is told with what became of it.
    pub fn case_with_reasons(&self) -> Case<'_> {
        Case::new(self, Some(trace::Trace::default()))
    }

    /// Says which files hold the same bytes, to whoever has the key.
    pub fn content_hasher(&self) -> ContentHasher {
        ContentHasher::new(&self.hasher)
    }
}

/// What is said of one item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// At most 1,000, the worst categories first, the surest first within each.
    pub findings: Vec<Finding>,
    pub findings_beyond: u64,
    /// With the number of findings of each, those beyond included.
    pub categories: BTreeMap<Category, u64>,
    /// Keyed hashes of the people, ascending.
    pub subjects: Vec<u64>,
    /// People beyond those, counted to within about two per cent.
    pub subjects_beyond: u64,
    pub severity: Severity,
}
