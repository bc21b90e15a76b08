//! Where in a line a finding stands: the clear value is compared with the line here, and stays here.

use std::ops::Range;

use crate::detect::{Clear, Match};
use crate::model::{Finding, Place};

use super::Judge;
use super::key::hex;

/// A word of less confidence says something only in the company of others near by.
const FAR: f32 = 0.5;

/// A match that can be asked whether it became a finding, and where in a text its value stands.
pub struct Spot {
    detector: usize,
    place: Place,
    raw: Clear,
    value: Clear,
    confidence: f32,
}

impl Spot {
    pub fn new(found: &Match) -> Self {
        let Match { detector, raw, value, confidence, place, .. } = found;
        Self {
            detector: *detector,
            place: place.clone(),
            raw: raw.clone(),
            value: value.clone(),
            confidence: *confidence,
        }
    }

    /// Whether the finding is of this match, or of another of the same value at the same place.
    pub fn is_of(&self, finding: &Finding, judge: &Judge) -> bool {
        self.place == finding.place
            && judge.detectors.get(self.detector).is_some_and(|spec| {
                spec.id == finding.detector
                    && hex(judge.hasher.hash(&[&spec.id, self.value.expose()])) == finding.fingerprint
            })
    }

    /// Whether it counts only beside a person: what else the item says decides over it.
    pub fn is_delicate(&self, judge: &Judge) -> bool {
        let spec = judge.detectors.get(self.detector);
        self.confidence >= FAR && spec.is_some_and(|spec| spec.category.needs_subject())
    }

    /// The bytes of the value in `text`; of a value of several lines, those of its first.
    pub fn find_in(&self, text: &str) -> Option<Range<usize>> {
        let first = self.raw.expose().lines().map(str::trim).find(|line| !line.is_empty())?;
        text.find(first).map(|start| start..start + first.len())
    }
}
