//! What a file is: its bytes first, its name second.

pub mod format;
pub mod magic;

pub use format::Format;
pub use magic::identify;
