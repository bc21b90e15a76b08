//! What a scan says at its end and on its way: for people on a terminal, for programs as lines of JSON.

pub mod check;
pub mod distinct;
pub mod file;
pub mod group;
mod headline;
pub mod jsonl;
pub mod layout;
pub mod overview;
pub mod reporter;
#[cfg(test)]
mod sample;
mod style;
pub mod summary;
pub mod terminal;
mod wording;

pub use distinct::Distinct;
pub use file::AtomicFile;
pub use jsonl::{JSONL_SCHEMA, Jsonl};
pub use overview::Overview;
pub use reporter::Reporter;
pub use summary::Tally;
pub use terminal::Terminal;
