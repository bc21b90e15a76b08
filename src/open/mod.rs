//! The seam of a format, and the containers behind it.

pub mod budget;
#[cfg(test)]
pub mod collect;
pub mod compressed;
pub mod error;
pub mod input;
pub mod openpgp;
pub mod rar;
pub mod reader;
pub mod sealed;
pub mod sevenz;
pub mod signed;
pub mod tar;
pub mod zip;

pub use budget::{Budget, Limits};
pub use error::ReadError;
pub use input::{Access, Input};
pub use reader::{Member, ReadItem, Reader, Sink};
