//! A detector as it is written in patterns/: the shape of the TOML.

use serde::{Deserialize, Serialize};

use crate::model::Category;
use crate::model::finding::Mask;

use super::check::Check;

/// One file of patterns/: any number of `[[detector]]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternFile {
    #[serde(default)]
    pub detector: Vec<DetectorSpec>,
}

/// A detector. Exactly one of `pattern` and `phrases` is given.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorSpec {
    /// `<country|eu|intl|special|payroll|defence|credential>.<name>`; never reused.
    pub id: String,
    /// What it finds, for a reader.
    pub title: String,
    pub category: Category,
    /// ISO 3166-1 alpha-2, where the data belong to one country.
    #[serde(default)]
    pub country: Option<String>,

    /// A regular expression over the text, in which `\p{L}`, `\p{Lu}` and `\p{Ll}` are letters of the Latin, Greek
    /// and Cyrillic scripts. A capture group named `value`, if there is one, is the value.
    #[serde(default)]
    pub pattern: Option<String>,
    /// Words and phrases, compared without regard to case and diacritics, at word
    /// boundaries; white space stands for any white space or hyphen. A `*` at the end
    /// of a word makes it a stem.
    #[serde(default)]
    pub phrases: Vec<String>,
    /// Compare phrases as written, in upper and lower case (for abbreviations such as `CGIL`).
    #[serde(default)]
    pub exact_case: bool,
    /// The match must be all of its line but for punctuation (classification markings).
    #[serde(default)]
    pub whole_line: bool,
    /// The match must open its line, but for a number, a bullet or a title, and a gap or a sign
    /// must follow it: an entry of a list.
    #[serde(default)]
    pub heads_line: bool,

    /// Decides on the value: certain, refuted or silent. A refuted match is dropped.
    #[serde(default)]
    pub check: Option<Check>,
    /// A further check, of what is likely rather than of the form: refuted, it drops the match;
    /// otherwise it says nothing. `detectors check` does not ask it.
    #[serde(default)]
    pub plausible: Option<Check>,
    /// A further check that many true values fail: refuted, the match weighs no more than one
    /// that no check has confirmed. `detectors check` does not ask it.
    #[serde(default)]
    pub doubt: Option<Check>,
    /// Signs that may stand between the characters of one value: `detectors check` takes them out
    /// and calls a value with any other sign invalid.
    #[serde(default = "default_separators")]
    pub separators: String,
    /// Modules of python-stdnum with which `check` agrees on every value: `stdnum.it.codicefiscale`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stdnum: Vec<String>,
    /// What every match must hold, as it is written: a shape without it is none.
    #[serde(default)]
    pub holds: Option<String>,
    /// Every match must hold a digit, though its shape alone does not say so.
    #[serde(default)]
    pub holds_digit: bool,
    /// Words that support the match within `distance` bytes before it or after it, or in the
    /// label of its column or field. Written as phrases are.
    #[serde(default)]
    pub context: Vec<String>,
    /// Column headers and keys that support the match, compared whole, without case,
    /// diacritics and punctuation: `CF`, `COD_FISC`.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Words in the same places that refute the match, unless a word of `context` stands nearer.
    #[serde(default)]
    pub veto: Vec<String>,
    /// Words that support the match when they follow it directly (`, nato a`).
    #[serde(default)]
    pub context_after: Vec<String>,
    /// Context counts only where nothing but punctuation and words such as `n.` and `di`
    /// stands between it and the match.
    #[serde(default)]
    pub adjacent: bool,
    /// Looked for only around known first names, besides its words and labels.
    #[serde(default)]
    pub beside_name: bool,
    /// No match where a different one of these phrases stands in the same or the next record
    /// or line: a text that names two levels is about them and bears none.
    #[serde(default)]
    pub alone: bool,
    /// The bytes that directly touch the match are no matter: for matches that end in the
    /// middle of a token.
    #[serde(default)]
    pub unbounded: bool,
    /// How two ways of writing one value become the same; by default what fits `mask`.
    #[serde(default)]
    pub normal: Option<Normal>,
    #[serde(default = "default_distance")]
    pub distance: usize,

    pub confidence: ConfidenceTable,
    /// What the value says about who the record is about.
    #[serde(default)]
    pub subject: SubjectRole,
    #[serde(default)]
    pub mask: Mask,

    /// Law, standard or registry that defines it; at least one.
    pub references: Vec<String>,
    /// Texts in which it must be found, with confidence of at least 0.5.
    pub examples: Vec<String>,
    /// Texts in which it must not be found, or only with less than 0.5.
    pub counterexamples: Vec<String>,
    /// Published sample values: reported as `known_sample`, never counted.
    #[serde(default)]
    pub known_samples: Vec<String>,
}

fn default_distance() -> usize {
    60
}

fn default_separators() -> String {
    " -./".to_owned()
}

/// What of a value counts when two are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Normal {
    /// Letters and digits, upper-case: `it 60 x05…` is `IT60X05…`.
    Code,
    /// Words without case and diacritics, in alphabetical order: `ROSSI Mario` is `mario rossi`.
    Name,
    /// Year, month, day.
    Date,
    /// Lower-case.
    Email,
    /// Digits, with the `+` of the international prefix.
    Phone,
    /// Characters without white space, upper-case: a machine-readable zone.
    Compact,
    /// Every character.
    Exact,
    /// Words without case and diacritics.
    Phrase,
}

impl Normal {
    pub fn of(mask: Mask) -> Self {
        match mask {
            Mask::Code | Mask::Card => Self::Code,
            Mask::Name => Self::Name,
            Mask::Date => Self::Date,
            Mask::Email => Self::Email,
            Mask::Secret => Self::Exact,
            Mask::Term => Self::Phrase,
        }
    }
}

/// Confidence by what supports the match. 0 means: no finding.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ConfidenceTable {
    /// The shape alone (or: the phrase alone).
    #[serde(default)]
    pub bare: f32,
    /// The check is certain.
    #[serde(default)]
    pub checked: f32,
    /// A context word or label supports it.
    #[serde(default)]
    pub in_context: f32,
    /// Both.
    #[serde(default)]
    pub checked_in_context: f32,
}

/// What a match says about the person whom its record is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectRole {
    /// Nothing.
    #[default]
    None,
    /// Two different ones of these in one record make a data subject: a name, a date of birth.
    Weak,
    /// Makes a data subject alone: a tax code, a passport's machine-readable zone.
    Strong,
}
