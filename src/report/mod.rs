pub mod distinct;
pub mod file;
pub mod jsonl;
pub mod reporter;
pub mod summary;

pub use distinct::Distinct;
pub use file::AtomicFile;
pub use jsonl::{JSONL_SCHEMA, Jsonl};
pub use reporter::Reporter;
pub use summary::Tally;
