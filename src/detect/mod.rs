//! The detectors of patterns/ against text.

pub mod check;
pub mod found;
pub mod spec;

pub use found::{Clear, Evidence, Match};
pub use spec::{DetectorSpec, SubjectRole};
