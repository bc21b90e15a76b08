//! What decoders of old archive formats share: bits, prefix codes, the window, and content that was promised.

pub(super) mod bits;
pub(super) mod history;
pub(super) mod lzw;
pub(super) mod prefix_code;
pub(super) mod promised;

pub(super) use bits::Bits;
pub(super) use history::History;
pub(super) use lzw::Lzw;
pub(super) use prefix_code::PrefixCode;
pub(super) use promised::Promised;

use std::io;

use crate::model::Reason;

use super::budget::Spent;

/// The bytes are not what they say.
pub(super) fn damaged(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Something that a decoder meets in the middle of the data and does not know: it ends the
/// member with this reason.
pub(super) fn ended_by(reason: Reason) -> io::Error {
    Spent(reason).into()
}
