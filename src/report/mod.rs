//! What a scan says at its end and on its way: for people on a terminal, for programs as lines of JSON.

pub mod csv;
pub mod distinct;
pub mod enisa;
pub mod file;
pub mod files;
pub mod group;
mod headline;
pub mod jsonl;
pub mod layout;
pub mod overview;
pub mod reporter;
#[cfg(test)]
mod sample;
pub mod sarif;
mod since;
mod style;
pub mod summary;
pub mod target;
pub mod terminal;
mod wording;

pub use csv::Csv;
pub use distinct::Distinct;
pub use file::AtomicFile;
pub use jsonl::{JSONL_SCHEMA, Jsonl};
pub use overview::Overview;
pub use reporter::Reporter;
pub use sarif::Sarif;
pub use summary::Tally;
pub use target::{Format, Options, Target, reporter};
pub use terminal::Terminal;
