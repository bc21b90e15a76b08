//! The seam of a format, and the containers behind it.

pub mod ar;
pub mod budget;
pub mod cab;
#[cfg(test)]
pub mod collect;
pub mod compressed;
pub mod cpio;
mod decode;
pub mod error;
pub mod input;
pub mod iso;
pub mod lha;
pub mod openpgp;
pub mod passwords;
pub mod rar;
pub mod reader;
pub mod recognition;
pub mod rpm;
pub mod sealed;
pub mod sevenz;
pub mod signed;
pub mod tar;
pub mod zip;

pub use budget::{Budget, Limits};
pub use error::ReadError;
pub use input::{Access, Input};
pub use passwords::Passwords;
pub use reader::{Member, ReadItem, Reader, Sink};
pub use recognition::{Picture, Recognise, Recognition};
