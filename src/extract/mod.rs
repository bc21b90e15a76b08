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
pub mod writer;
