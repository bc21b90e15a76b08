//! The detectors of patterns/ against text.

mod bits;
mod built_in;
mod candidates;
pub mod catalogue;
pub mod check;
mod column;
mod context;
mod cover;
mod edges;
pub mod engine;
pub mod example;
pub mod fold;
pub mod found;
#[cfg(test)]
mod header_tests;
mod initials;
mod keys;
pub mod normal;
mod pattern;
mod prepared;
#[cfg(test)]
mod reference;
pub mod refused;
mod shape;
pub mod spec;
mod start;
mod start_words;
mod tokens;
pub mod value;
mod word;
mod words;

pub use catalogue::{Catalogue, CatalogueError, Detector};
pub use engine::Engine;
pub use found::{Clear, Evidence, Match};
pub use refused::Refusal;
pub use spec::{DetectorSpec, SubjectRole};
