//! Bombs of archives and pictures: what unpacks to terabytes, and what claims a window of four gigabytes.

use std::fmt::Write as _;
use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::{PERSON, package};

const MIB: usize = 1 << 20;

type Archive = ZipWriter<Cursor<Vec<u8>>>;

/// Sixteen archives in each of sixteen, five levels down, each of the innermost with a file of
/// 256 MB: 268 terabytes.
pub(super) fn forty_two() -> Vec<u8> {
    let wrap = |name: &str, content: &dyn Fn(&mut Archive), count: usize| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for number in 0..count {
            zip.start_file(format!("{name} {number:x}.zip"), SimpleFileOptions::default()).unwrap();
            content(&mut zip);
        }
        zip.finish().unwrap().into_inner()
    };
    let zeros = vec![0; MIB];
    let mut bytes = wrap("file", &|zip| (0..256).for_each(|_| zip.write_all(&zeros).unwrap()), 1);
    for name in ["page", "chapter", "doc", "book", "lib"] {
        bytes = wrap(name, &|zip| zip.write_all(&bytes).unwrap(), 16);
    }
    bytes
}

/// Ten gigabytes: members of a gzip file one after the other.
pub(super) fn zeros() -> Vec<u8> {
    gzip(&vec![0; 16 * MIB]).repeat(640)
}

pub(super) fn lines() -> Vec<u8> {
    gzip("one line of many\n".repeat(MIB).as_bytes()).repeat(128)
}

/// Zeros, packed by what compresses a PDF.
fn deflated(mib: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![b'0'; MIB];
    (0..mib).for_each(|_| encoder.write_all(&zeros).unwrap());
    encoder.finish().unwrap()
}

/// A page, and streams of objects beside it.
fn with_objects(filter: &str, stream: &[u8], times: usize) -> Vec<u8> {
    let text = format!("BT /F 10 Tf 9 9 Td (Codice fiscale {PERSON}) Tj ET");
    let mut pdf = format!(
        "%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n\
         3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>> endobj\n\
         4 0 obj <</Length {}>> stream\n{text}\nendstream endobj\n\
         5 0 obj <</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>> endobj\n",
        text.len()
    )
    .into_bytes();
    for number in 0..times {
        let (number, length) = (number + 6, stream.len());
        writeln!(pdf, "{number} 0 obj <</Type/ObjStm/N 1/First 4/Filter{filter}/Length {length}>> stream").unwrap();
        pdf.extend_from_slice(stream);
        pdf.extend_from_slice(b"\nendstream endobj\n");
    }
    pdf.extend_from_slice(b"trailer <</Root 1 0 R/Size 20>>\nstartxref\n0\n%%EOF\n");
    pdf
}

/// Five streams of 100 MiB.
pub(super) fn objects() -> Vec<u8> {
    with_objects("/FlateDecode", &deflated(100), 5)
}

/// One of 600 MiB, in two kilobytes.
pub(super) fn objects_twice() -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&deflated(600)).unwrap();
    with_objects("[/FlateDecode/FlateDecode]", &encoder.finish().unwrap(), 1)
}

/// One row of a table, of two gigabytes.
pub(super) fn row() -> Vec<u8> {
    [gzip(b"name;code\n"), gzip("Mario;".repeat(2 * MIB).as_bytes()).repeat(171)].concat()
}

/// A thousand streams, each in the next.
pub(super) fn nested_gzip() -> Vec<u8> {
    // Not compressed: each level would make it longer.
    (0..1000).fold(b"the innermost file\n".to_vec(), |bytes, _| gzip_at(Compression::none(), &bytes))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    gzip_at(Compression::fast(), bytes)
}

fn gzip_at(level: Compression, bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A million empty members, byte by byte: a writer of archives would take longer than the test.
pub(super) fn million() -> Vec<u8> {
    let count = 1_000_000_u32;
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for number in 0..count {
        let start = u32::try_from(bytes.len()).unwrap();
        let name: Vec<u8> = (0..4).map(|shift| b'0' + (number >> (5 * shift) & 31).to_le_bytes()[0]).collect();
        let common = [[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0, 0, 0, 0], [0; 13]].concat();
        let common = [&common[..22], &[4, 0, 0, 0]].concat();
        bytes.extend_from_slice(b"PK\x03\x04");
        bytes.extend_from_slice(&common);
        bytes.extend_from_slice(&name);
        directory.extend_from_slice(b"PK\x01\x02\x14\0");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&start.to_le_bytes());
        directory.extend_from_slice(&name);
    }
    let (start, size) = (bytes.len() as u64, directory.len() as u64);
    let count = u64::from(count).to_le_bytes();
    bytes.extend(directory);
    let at = bytes.len() as u64;
    // The record, its locator and the old record that points to them (APPNOTE 4.3.14 to 4.3.16).
    bytes.extend([b"PK\x06\x06", 44_u64.to_le_bytes().as_slice(), &[45, 0, 45, 0], &[0; 8]].concat());
    bytes.extend([count, count, size.to_le_bytes(), start.to_le_bytes()].concat());
    bytes.extend([b"PK\x06\x07\0\0\0\0".as_slice(), &at.to_le_bytes(), &[1, 0, 0, 0]].concat());
    bytes.extend([b"PK\x05\x06\0\0\0\0".as_slice(), &[0xff; 12], &[0, 0]].concat());
    bytes
}

/// An xz stream that asks for a dictionary of four gigabytes, and needs a few bytes of it.
pub(super) fn dictionary_xz() -> Vec<u8> {
    let crc = |bytes: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum().to_le_bytes()
    };
    let content = b"Mario Rossi\n";
    let flags = [0, 1];
    // One filter, LZMA2, with its dictionary of 4 GiB - 1; the size counts in fours.
    let header = [2, 0, 0x21, 1, 40, 0, 0, 0];
    let header = [&header[..], &crc(&header)].concat();
    let data = [&[1, 0, 11][..], content, &[0]].concat();
    let unpadded = u8::try_from(header.len() + data.len() + 4).unwrap();
    let index = [0, 1, unpadded, 12];
    let footer = [1, 0, 0, 0, 0, 1];
    [
        b"\xfd7zXZ\0",
        &flags[..],
        &crc(&flags),
        &header,
        &data,
        &crc(content),
        &index,
        &crc(&index),
        &crc(&footer),
        &footer,
        b"YZ",
    ]
    .concat()
}

/// A picture of 100,000 by 100,000 dots, all white: it is small on the disk and complete.
pub(super) fn picture() -> Vec<u8> {
    let rows = 100_000_u32;
    let size = u64::from(rows) * u64::from(rows / 8 + 1);
    // One piece again and again: it refers to nothing before it.
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&vec![0; 16 * MIB]).unwrap();
    encoder.flush().unwrap();
    let piece = encoder.get_ref().clone();
    let pieces = usize::try_from(size / (16 * MIB as u64)).unwrap() + 1;
    let adler = [u8::try_from((size % 65521) >> 8).unwrap(), (size % 65521).to_le_bytes()[0], 0, 1];
    let data = [&[0x78, 1][..], &piece.repeat(pieces), &[3, 0], &adler].concat();
    let chunk = |name: &[u8; 4], data: &[u8]| {
        let named = [name, data].concat();
        let mut crc = flate2::Crc::new();
        crc.update(&named);
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &named, &crc.sum().to_be_bytes()].concat()
    };
    let header = [&rows.to_be_bytes()[..], &rows.to_be_bytes(), &[1, 0, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &data), chunk(b"IEND", &[])].concat()
}

/// A document of 100,000 pages that all show the same.
pub(super) fn pages() -> Vec<u8> {
    let count = 100_000;
    let content = format!("BT /F 10 Tf 72 700 Td (Codice fiscale {PERSON}) Tj ET");
    let mut pdf = "%PDF-1.7\n".to_owned();
    let mut places = Vec::new();
    let mut put = |pdf: &mut String, object: &str| {
        places.push(pdf.len());
        writeln!(pdf, "{} 0 obj {object} endobj", places.len()).unwrap();
    };
    let kids: Vec<_> = (0..count).map(|page| format!("{} 0 R", page + 5)).collect();
    put(&mut pdf, "<</Type/Catalog/Pages 2 0 R>>");
    put(&mut pdf, &format!("<</Type/Pages/Count {count}/Kids[{}]>>", kids.join(" ")));
    put(&mut pdf, &format!("<</Length {}>> stream\n{content}\nendstream", content.len()));
    put(&mut pdf, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
    for _ in 0..count {
        put(
            &mut pdf,
            "<</Type/Page/Parent 2 0 R/Contents 3 0 R/Resources<</Font<</F 4 0 R>>>>/MediaBox[0 0 595 842]>>",
        );
    }
    let start = pdf.len();
    write!(pdf, "xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).unwrap();
    for place in &places {
        writeln!(pdf, "{place:010} 00000 n ").unwrap();
    }
    write!(pdf, "trailer <</Root 1 0 R/Size {}>>\nstartxref\n{start}\n%%EOF\n", places.len() + 1).unwrap();
    pdf.into_bytes()
}

/// Archives and documents that break a careless reader, with a good file behind them: the rest
/// of the container is read.
pub(super) fn mixed(bad: &[(&str, Vec<u8>)], good: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in
        bad.iter().map(|(name, content)| (*name, content.as_slice())).chain([("z.txt", good.as_bytes())])
    {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Entities of a hundred thousand letters, called a hundred thousand times.
pub(super) fn quadratic() -> Vec<u8> {
    let text = format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE d [<!ENTITY a \"{}\">]>\n<w:document><w:body><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:body></w:document>",
        "a".repeat(100_000),
        "&a;".repeat(100_000)
    );
    package(&[("word/document.xml", &text)])
}
