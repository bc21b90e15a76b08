//! Text out of documents, each piece with its place.

pub(crate) mod columns;
pub mod compound;
pub(crate) mod markup;
pub mod odf;
pub mod office_encryption;
pub mod ooxml;
pub(crate) mod package;
pub(crate) mod sheet;
pub mod writer;
