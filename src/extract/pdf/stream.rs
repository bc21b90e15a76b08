//! Decodes the streams of a PDF within bounds: a few kilobytes may claim to unpack to gigabytes.

use std::borrow::Cow;
use std::io::Read;

use hayro_syntax::Filter;
use hayro_syntax::object::{Dict, Stream};

/// Why a stream gave no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Damaged, or a filter for pictures.
    Undecodable,
    /// Would unpack to more than the limit.
    TooLarge,
}

/// The decoded bytes, at most `limit` of them: decoding that could pass the limit is
/// refused before it starts, save for plain deflate, which is stopped when it does.
pub(super) fn decode<'a>(stream: &Stream<'a>, limit: usize) -> Result<Cow<'a, [u8]>, Fault> {
    let filters = stream.filters();
    let raw = stream.raw_data();
    let worst = filters.iter().fold(raw.len(), |bytes, filter| bytes.saturating_mul(worst_ratio(*filter)));
    let decoded = if worst <= limit.max(64 << 20) {
        stream.decoded_data().map_err(|_| Fault::Undecodable)?
    } else if filters.as_slice() == [Filter::FlateDecode] && !has_predictor(stream.dict()) {
        inflate(&raw, limit)?
    } else {
        // Counted first: the decoder itself knows no limit.
        match filters.as_slice() {
            [Filter::FlateDecode] => {
                inflate(&raw, limit)?;
            }
            filters if filters.iter().filter(|filter| worst_ratio(**filter) > 4).count() > 1 => {
                return Err(Fault::TooLarge);
            }
            _ if raw.len() > limit / 16 => return Err(Fault::TooLarge),
            _ => {}
        }
        stream.decoded_data().map_err(|_| Fault::Undecodable)?
    };
    if decoded.len() > limit { Err(Fault::TooLarge) } else { Ok(decoded) }
}

/// How many bytes one byte can become.
fn worst_ratio(filter: Filter) -> usize {
    match filter {
        Filter::FlateDecode => 1032,
        Filter::LzwDecode => 2560,
        Filter::RunLengthDecode => 64,
        Filter::Ascii85Decode => 4,
        _ => 1,
    }
}

fn has_predictor(dict: &Dict<'_>) -> bool {
    dict.contains_key("DecodeParms") || dict.contains_key("DP")
}

pub(super) fn inflate(raw: &[u8], limit: usize) -> Result<Cow<'static, [u8]>, Fault> {
    let mut bytes = Vec::new();
    let mut decoder = flate2::read::ZlibDecoder::new(raw).take(limit as u64 + 1);
    // What came before a fault counts: the end of many streams is damaged.
    let fault = decoder.read_to_end(&mut bytes).is_err();
    match bytes.len() {
        0 if fault => Err(Fault::Undecodable),
        len if len > limit => Err(Fault::TooLarge),
        _ => Ok(Cow::Owned(bytes)),
    }
}
