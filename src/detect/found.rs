//! A match: what a detector found in one text, with the clear value. It never leaves detect and judge.

use std::fmt;
use std::ops::Range;

use crate::model::{Category, Place};

/// A clear personal value. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Clear(String);

impl Clear {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself: for checks, hashes and masks only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Clear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clear({} bytes)", self.0.len())
    }
}

/// What supports a match. Displays as it stands in `why`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The check of this name was certain.
    Check(&'static str),
    /// This context word stands near.
    Context(String),
    /// This is the label of its column or field.
    Label(String),
    /// Nothing names its column, but so many of so many different values in it pass the same check.
    Share { passed: usize, of: usize },
    /// A published sample value.
    KnownSample,
    /// The further check of this name was refuted: speaks against the match.
    Doubt(&'static str),
}

impl Evidence {
    /// As it leaves the program. Beside a word of Articles 9 and 10 the words near it may say the same (`hiv`): they
    /// are named only if values are shown in clear.
    pub fn shown(&self, category: Category, reveal: bool) -> String {
        match self {
            Self::Context(_) if category.is_sensitive() && !reveal => "context".to_owned(),
            evidence => evidence.to_string(),
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Check(name) => write!(f, "check:{name}"),
            Self::Context(word) => write!(f, "context:{word}"),
            Self::Label(label) => write!(f, "label:{label}"),
            Self::Share { passed, of } => write!(f, "column:{passed} of {of} values pass"),
            Self::KnownSample => f.write_str("known_sample"),
            Self::Doubt(name) => write!(f, "doubt:{name}"),
        }
    }
}

/// One match of one detector in one text.
#[derive(Clone, Debug)]
pub struct Match {
    /// Index into the catalogue.
    pub detector: usize,
    /// Bytes of the text's content.
    pub span: Range<usize>,
    /// As it stands in the text.
    pub raw: Clear,
    /// Normalised: the same for every way of writing the same value.
    pub value: Clear,
    /// From the detector's table; above 0.
    pub confidence: f32,
    pub evidence: Vec<Evidence>,
    pub place: Place,
    /// Record of the item in which it stands.
    pub record: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_near_a_diagnosis_are_not_named() {
        let shown = |category, reveal| Evidence::Context("hiv".into()).shown(category, reveal);
        assert_eq!(shown(Category::SexLife, false), "context");
        assert_eq!(shown(Category::SexLife, true), "context:hiv");
        assert_eq!(shown(Category::BankAccount, false), "context:hiv");
    }
}
