//! Looks at the bytes of a PDF before the library does: whether its end is there, and whether the streams that the
//! library unpacks by itself, and keeps, stay within bounds.
//!
//! Those are streams of objects and of cross-references. What they unpack to is counted here first, without keeping it. Of
//! an encrypted document it cannot be counted; there one byte becomes a thousand at most, and the memory of the worker is the bound.

use std::io::Read;

use flate2::read::{DeflateDecoder, ZlibDecoder};
use memchr::memmem;

/// What all streams of objects of a document may unpack to.
const UNPACKED: u64 = 128 << 20;
/// How many bytes one byte can become in the filter that unpacks furthest.
const WORST: u64 = 2560;

/// Whether the file ends as PDF files do: what follows the marker is little.
pub(super) fn has_end(file: &[u8]) -> bool {
    let tail = file.get(file.len().saturating_sub(4096)..).unwrap_or_default();
    [&b"startxref"[..], b"%%EOF"].iter().any(|mark| memmem::find(tail, mark).is_some())
}

/// Takes the dictionaries from streams that would unpack to too much, so that they are not unpacked; how many.
pub(super) fn disarm(file: &mut [u8]) -> usize {
    let mut disarmed = 0;
    // What a small file unpacks to need not be counted, if it is packed once.
    let is_small = file.len() as u64 * WORST <= UNPACKED;
    let (mut from, mut left) = (0, if is_small { u64::MAX } else { UNPACKED });
    // Where the next stream ends: a file of beginnings is gone through once.
    let mut end = 0;
    while let Some(found) = file.get(from..).and_then(|rest| memmem::find(rest, b"stream")) {
        let at = from + found;
        let head = file.get(from..at).unwrap_or_default();
        from = at + b"stream".len();
        if head.ends_with(b"end") || !file.get(from).is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
            continue;
        }
        if end < from {
            let rest = file.get(from..).unwrap_or_default();
            end = memmem::find(rest, b"endstream").map_or(file.len(), |found| from + found);
        }
        // What is deflated says itself where it ends, and may hold the word.
        let (rest, length) = (file.get(from..).unwrap_or_default(), end.saturating_sub(from));
        let start = memmem::rfind(head, b"obj").unwrap_or(0);
        let dictionary = head.get(start..).unwrap_or_default();
        if is_too_much(dictionary, (rest, length), &mut left) {
            let dictionary = at - dictionary.len()..at;
            disarmed += usize::from(file.get_mut(dictionary).is_some_and(empty));
        }
    }
    disarmed
}

/// Whether the library would unpack more than is `left`, of which this is taken, of a stream that begins with these
/// bytes and seems to have so many.
fn is_too_much(dictionary: &[u8], (body, length): (&[u8], usize), left: &mut u64) -> bool {
    let has = |name: &[u8]| memmem::find(dictionary, name).is_some();
    let times = |name: &[u8]| memmem::find_iter(dictionary, name).count();
    // A thousand times a thousand: nothing that is wanted is packed twice, and of nothing else it is unpacked.
    let deflated = times(b"/FlateDecode") + times(b"/Fl]") + times(b"/Fl ") + times(b"/Fl/");
    let packed = deflated + times(b"/LZW");
    if packed > 1 {
        return true;
    }
    if packed == 0 || *left == u64::MAX || !(has(b"ObjStm") || has(b"XRef")) {
        return false;
    }
    let unpacked = if deflated == 0 { length as u64 * WORST } else { count(body.trim_ascii_start(), *left) };
    let is_too_much = unpacked > *left;
    if !is_too_much {
        *left -= unpacked;
    }
    is_too_much
}

/// The bytes that it unpacks to, counted to just beyond the limit. The library tries both ways.
fn count(raw: &[u8], limit: u64) -> u64 {
    fn read(mut decoder: impl Read) -> u64 {
        let mut buffer = vec![0; 64 << 10];
        let mut total = 0;
        while let Ok(length @ 1..) = decoder.read(&mut buffer) {
            total += length as u64;
        }
        total
    }
    read(ZlibDecoder::new(raw).take(limit + 1)).max(read(DeflateDecoder::new(raw).take(limit + 1)))
}

/// Blanks what stands between the first and the last brackets.
fn empty(dictionary: &mut [u8]) -> bool {
    let (Some(start), Some(end)) = (memmem::find(dictionary, b"<<"), memmem::rfind(dictionary, b">>")) else {
        return false;
    };
    dictionary.get_mut(start + 2..end).is_some_and(|inside| {
        inside.fill(b' ');
        true
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// How many of the streams are disarmed; the file keeps its length.
    fn disarmed(entries: &str, body: &[u8], times: usize) -> usize {
        let head = format!("1 0 obj\n<<{entries}/Length {}>>\nstream\r\n", body.len());
        let one = [head.as_bytes(), body, b"\r\nendstream\nendobj\n"].concat();
        let (mut file, whole) = (one.repeat(times), one.len() * times);
        let count = disarm(&mut file);
        assert_eq!(file.len(), whole);
        assert_eq!(memmem::find(&file, b"/Length").is_some(), count < times);
        count
    }

    #[test]
    fn streams_of_objects_are_counted() {
        let small = deflated(&[b' '; 5000]);
        let large = deflated(&vec![b' '; 100 << 20]);
        let objects = "/Type/ObjStm/N 1/First 4/Filter/FlateDecode";
        assert_eq!(disarmed(objects, &small, 50), 0);
        assert_eq!(disarmed(objects, &large, 1), 0);
        assert_eq!(disarmed(objects, &large, 5), 4);
        assert_eq!(disarmed("/Type /XRef /Filter [/FlateDecode]", &large, 4), 3);
        // Our own reading bounds the others.
        assert_eq!(disarmed("/Filter/FlateDecode", &large, 5), 0);
        assert_eq!(disarmed("", &small, 5), 0);
    }

    #[test]
    fn what_is_packed_twice_is_not_unpacked() {
        let body = deflated(&deflated(&vec![b' '; 1 << 20]));
        for filters in ["/Filter[/FlateDecode/FlateDecode]", "/Filter[/Fl /LZWDecode]", "/Filter [/Fl/Fl]"] {
            assert_eq!(disarmed(filters, &body, 1), 1, "{filters}");
        }
        assert_eq!(disarmed("/Filter[/ASCII85Decode/FlateDecode]/Flags 4", &body, 1), 0);
    }

    #[test]
    fn what_is_no_stream_is_left_alone() {
        let mut file = b"endstream\n (stream) stream\n stream".to_vec();
        assert_eq!(disarm(&mut file), 0);
        assert_eq!(disarm(&mut []), 0);
    }
}
