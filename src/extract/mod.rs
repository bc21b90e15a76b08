//! Text out of documents, each piece with its place.

pub mod charset;
pub(crate) mod columns;
pub mod csv;
pub mod encoding;
pub mod json;
pub mod lines;
pub(crate) mod markup;
pub mod nested;
pub mod passages;
pub mod pdf;
pub mod plain;
pub mod table;

pub mod compound;
pub(crate) mod markup;
pub mod odf;
pub mod office_encryption;
pub mod ooxml;
pub(crate) mod package;
pub(crate) mod sheet;
pub mod writer;
