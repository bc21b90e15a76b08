//! What a file is: its bytes first, its name second.

pub mod format;
pub mod magic;
pub mod package;

pub use format::Format;
pub use magic::identify;
pub use package::package_format;
