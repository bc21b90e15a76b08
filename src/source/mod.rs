//! Where files come from: the parallel walk over directories and mounted shares.

pub mod entry;
pub mod fault;
pub mod file;
pub mod filter;
pub mod git;
pub mod health;
pub mod long_path;
pub mod mounts;
pub mod pace;
pub mod permissions;
pub mod shares;
pub mod walk;
pub mod watched;

pub use entry::{Entry, Kind};
pub use file::OpenFile;
pub use filter::{Excludes, FileId, FilterError};
pub use pace::{Pace, Rates};
pub use shares::Shares;
pub use walk::{Event, Fault, Flow, Walk};
