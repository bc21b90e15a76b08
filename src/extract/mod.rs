//! Text out of documents, each piece with its place.

pub mod pdf;
pub mod charset;
pub mod csv;
pub mod encoding;
pub mod json;
pub mod lines;
pub mod nested;
pub mod passages;
pub mod plain;
pub mod table;
pub(crate) mod columns;
pub(crate) mod markup;

pub mod ooxml;
pub(crate) mod package;
pub(crate) mod sheet;
pub mod writer;
