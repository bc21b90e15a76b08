//! Text out of documents, each piece with its place.

pub mod bytes;
pub mod charset;
pub mod cms;
pub mod csv;
pub mod encoding;
pub mod entities;
pub mod flow;
pub mod html;
pub mod json;
pub mod lines;
pub mod mail;
pub mod markup;
pub mod mbox;
pub mod mime;
pub mod nested;
pub mod novelty;
pub mod passages;
pub mod plain;
pub mod rtf;
pub mod rtf_bytes;
pub mod rtf_words;
pub mod table;
pub mod writer;
pub mod xml;
