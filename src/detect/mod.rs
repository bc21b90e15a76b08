//! The detectors of patterns/ against text.

mod automaton;
mod beginnings;
mod bits;
mod built_in;
mod byte_set;
mod candidates;
pub mod catalogue;
pub mod check;
mod column;
mod column_values;
mod context;
mod cover;
mod edges;
pub mod engine;
pub mod example;
mod expression;
mod first_names;
mod first_number;
#[cfg_attr(not(test), allow(dead_code, reason = "build.rs writes what is read here"))]
mod flat;
pub mod fold;
pub mod found;
#[cfg(test)]
mod header_tests;
mod heads;
mod high_runs;
mod initials;
mod keys;
mod letters;
mod lexicon;
pub mod normal;
mod numbers;
mod opening;
mod pattern;
#[cfg(test)]
mod reference;
pub mod refused;
mod shape;
pub mod spec;
mod start;
mod start_words;
mod text_labels;
mod tokens;
pub mod value;
mod way;
mod word;
mod words;

pub use catalogue::{Catalogue, CatalogueError, Detector};
pub use edges::opens_line;
pub use engine::Engine;
pub(crate) use expression::expression;
pub use found::{Clear, Evidence, Match};
pub use refused::Refusal;
pub use spec::{DetectorSpec, SubjectRole};
