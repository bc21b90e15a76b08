//! Checks of values by rule: check digits, dates, code tables. Named in patterns/, tri-state.

pub mod date;

use serde::{Deserialize, Serialize};

/// What a check says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The value obeys a rule that chance seldom obeys.
    Certain,
    /// The value cannot be one of these.
    Refuted,
    /// Nothing speaks for or against it.
    Silent,
}

/// The checks that a detector can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// ISO/IEC 7812-1 Annex B.
    Luhn,
    /// A day between 1900 and today.
    Birth,
}

impl Check {
    pub fn name(self) -> &'static str {
        match self {
            Self::Luhn => "luhn",
            Self::Birth => "birth",
        }
    }

    /// Judges a normalised value.
    pub fn run(self, value: &str) -> Verdict {
        match self {
            Self::Luhn => Verdict::Silent,
            Self::Birth => date::birth(value),
        }
    }
}
