//! Text out of documents, each piece with its place.

pub mod pdf;
pub mod writer;
