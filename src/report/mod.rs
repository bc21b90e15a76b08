//! What a scan says at its end and on its way: for people on a terminal, a page or paper, and for other programs.

pub mod csv;
pub mod distinct;
pub mod document;
pub mod enisa;
pub mod file;
pub mod files;
pub mod group;
mod headline;
pub mod html;
pub mod inventory;
pub mod jsonl;
pub mod layout;
pub mod manifest;
pub mod ocsf;
pub mod overview;
pub mod papers;
pub mod reporter;
pub mod retention;
#[cfg(test)]
mod sample;
pub mod sarif;
mod style;
pub mod summary;
pub mod target;
pub mod terminal;
pub mod totals;
pub mod tree;
mod wording;
pub mod words;
pub mod workbook;
pub mod xlsx;

pub use csv::Csv;
pub use distinct::Distinct;
pub use file::AtomicFile;
pub use html::Html;
pub use jsonl::{JSONL_SCHEMA, Jsonl};
pub use ocsf::Ocsf;
pub use overview::Overview;
pub use papers::{Paper, Papers};
pub use reporter::Reporter;
pub use sarif::Sarif;
pub use summary::Tally;
pub use target::{Format, Options, Target, reporter};
pub use terminal::Terminal;
pub use words::Language;
pub use workbook::Workbook;
