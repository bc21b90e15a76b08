//! What a file is: its bytes first, its name second.

mod armor;
mod dbase;
pub mod format;
pub mod magic;
mod openpgp;
pub mod package;
mod text;
mod zip_family;

pub use format::Format;
pub use magic::identify;
pub use package::package_format;
pub use zip_family::{is_zip_family, kind_of_members};
