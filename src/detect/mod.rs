//! The detectors of patterns/ against text.

pub mod built_in;
pub mod catalogue;
pub mod check;
mod context;
mod cover;
mod edges;
pub mod engine;
pub mod example;
pub mod fold;
pub mod found;
pub mod normal;
mod shape;
pub mod spec;
pub mod value;
mod words;

pub use catalogue::{Catalogue, CatalogueError, Detector};
pub use engine::Engine;
pub use found::{Clear, Evidence, Match};
pub use spec::{DetectorSpec, SubjectRole};
