//! Where files come from: the parallel walk over directories and mounted shares.

pub mod entry;
pub mod filter;
pub mod git;
pub mod long_path;
pub mod walk;

pub use entry::{Entry, Kind};
pub use filter::{Excludes, FileId, FilterError};
pub use walk::{Event, Fault, Flow, Walk};
