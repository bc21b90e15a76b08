//! Text out of documents, each piece with its place.

pub mod writer;
