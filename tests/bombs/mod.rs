//! Writes the files that attack a scanner: small on the disk, endless when they are believed.

mod endless;
mod quine;

use std::fmt::Write as _;
use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, ZipWriter};

/// A file that attacks a scanner, and how it must end.
pub(crate) struct Bomb {
    pub(crate) name: &'static str,
    pub(crate) make: fn() -> Vec<u8>,
    /// The outcomes that the file itself may have.
    pub(crate) outcomes: &'static [&'static str],
    /// One of these it or one of its members must give; none for what is harmless after all.
    pub(crate) reasons: &'static [&'static str],
    /// What it holds is found.
    pub(crate) finds: bool,
}

const ANY_BUT_SKIPPED: &[&str] = &["read", "read_in_part", "unreadable"];
const PART: &[&str] = &["read_in_part"];
const FAILED: &[&str] = &["read_in_part", "unreadable"];
const READ: &[&str] = &["read"];
// A slow machine meets the end of the time first.
const UNPACKS: &[&str] = &["too_many_bytes", "ratio_too_high", "timeout"];
const MANY: &[&str] = &["too_many_members", "timeout"];

const fn bomb(
    name: &'static str,
    make: fn() -> Vec<u8>,
    outcomes: &'static [&'static str],
    reasons: &'static [&'static str],
) -> Bomb {
    Bomb { name, make, outcomes, reasons, finds: false }
}

const fn found(name: &'static str, make: fn() -> Vec<u8>, outcomes: &'static [&'static str]) -> Bomb {
    Bomb { name, make, outcomes, reasons: &[], finds: true }
}

pub(crate) const ALL: &[Bomb] = &[
    // What unpacks without end.
    bomb("zeros.gz", endless::zeros, ANY_BUT_SKIPPED, &[]),
    bomb("lines.gz", endless::lines, FAILED, UNPACKS),
    bomb("row.csv.gz", endless::row, FAILED, UNPACKS),
    bomb("42.zip", endless::forty_two, PART, UNPACKS),
    bomb("quine.zip", quine::quine_zip, ANY_BUT_SKIPPED, &["too_deep"]),
    bomb("overlapping.zip", overlapping, PART, UNPACKS),
    bomb("nested.zip", || nested_zip(1000), ANY_BUT_SKIPPED, &["too_deep"]),
    bomb("nested.gz", endless::nested_gzip, ANY_BUT_SKIPPED, &["too_deep"]),
    bomb("million.zip", endless::million, FAILED, MANY),
    bomb("messages.eml", messages, ANY_BUT_SKIPPED, &["too_deep"]),
    bomb("parts.eml", || parts(10_000).into(), ANY_BUT_SKIPPED, MANY),
    // What claims sizes that it does not have.
    bomb("declared.zip", declared, READ, &[]),
    bomb("claims.tar", claims, FAILED, &["truncated"]),
    bomb("dictionary.7z", dictionary_7z, ANY_BUT_SKIPPED, &[]),
    bomb("dictionary.xz", endless::dictionary_xz, ANY_BUT_SKIPPED, &["out_of_memory"]),
    bomb("dictionary.lzma", dictionary_lzma, FAILED, &["out_of_memory"]),
    bomb("picture.png", endless::picture, &["skipped", "read", "read_in_part", "unreadable"], &[]),
    found("dimension.xlsx", dimension, READ),
    found("repeated.ods", repeated, ANY_BUT_SKIPPED),
    // What refers to itself, or to ten of each.
    bomb("laughs.xml", || laughs("lolz").into(), ANY_BUT_SKIPPED, &[]),
    bomb("laughs.docx", || package(&[("word/document.xml", &laughs("w:document"))]), ANY_BUT_SKIPPED, &[]),
    bomb("quadratic.docx", endless::quadratic, ANY_BUT_SKIPPED, &[]),
    bomb("loops.pdf", || LOOPS.into(), ANY_BUT_SKIPPED, &[]),
    bomb("pages.pdf", endless::pages, ANY_BUT_SKIPPED, &[]),
    Bomb { reasons: &["too_many_bytes"], ..found("objects.pdf", endless::objects, PART) },
    Bomb { reasons: &["too_many_bytes"], ..found("objects-twice.pdf", endless::objects_twice, PART) },
    // What is deep or wide.
    bomb("deep.json", || "[".repeat(1_000_000).into(), ANY_BUT_SKIPPED, &[]),
    bomb("deep.yaml", || "a: [{b: ".repeat(200_000).into(), ANY_BUT_SKIPPED, &[]),
    bomb("deep.xml", || "<a>".repeat(300_000).into(), ANY_BUT_SKIPPED, &[]),
    bomb("deep.html", || format!("<html><body>{}", "<div>".repeat(100_000)).into(), ANY_BUT_SKIPPED, &[]),
    bomb("deep.rtf", || format!("{{\\rtf1{}", "{".repeat(1_000_000)).into(), ANY_BUT_SKIPPED, &[]),
    bomb("deep.pdf", || deep_pdf().into(), ANY_BUT_SKIPPED, &[]),
    bomb("nested.eml", || nested_multiparts(2_000).into(), ANY_BUT_SKIPPED, &[]),
    bomb("line.txt", || "word ".repeat(600_000).into(), READ, &[]),
    bomb("row.csv", || format!("a;b\n{}", "x;".repeat(500_000)).into(), ANY_BUT_SKIPPED, &[]),
];

/// An archive of bombs that cost themselves only, and a good file behind them.
pub(crate) fn mixed(good: &str) -> Vec<u8> {
    let harmless =
        ["deep.json", "loops.pdf", "dictionary.lzma", "claims.tar", "laughs.docx", "declared.zip", "deep.pdf"];
    let bad: Vec<_> =
        ALL.iter().filter(|bomb| harmless.contains(&bomb.name)).map(|bomb| (bomb.name, (bomb.make)())).collect();
    assert_eq!(bad.len(), harmless.len());
    endless::mixed(&bad, good)
}

fn declared() -> Vec<u8> {
    raw_zip(&[Raw { name: "a.txt", declared: 10 << 30, content: b"short", at: None }])
}

fn messages() -> Vec<u8> {
    let head = "From: a@example.org\nTo: b@example.org\nContent-Type: message/rfc822\n\n";
    format!("{}text", head.repeat(200)).into()
}

fn dictionary_lzma() -> Vec<u8> {
    [&[0x5d, 0, 0, 0, 0x40], [0xff; 8].as_slice(), &[0, 1, 2, 3, 4, 5, 6, 7].repeat(8)].concat()
}

fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A stored member of a zip written byte by byte, with the size that it claims.
struct Raw<'a> {
    name: &'a str,
    declared: u64,
    content: &'a [u8],
    /// The local header to point to in place of its own.
    at: Option<u32>,
}

fn raw_zip(members: &[Raw<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for member in members {
        let start = member.at.unwrap_or(u32::try_from(bytes.len()).unwrap());
        let mut crc = flate2::Crc::new();
        crc.update(member.content);
        let packed = u32::try_from(member.content.len()).unwrap();
        let name = u16::try_from(member.name.len()).unwrap();
        let extra = [&[1, 0, 8, 0], member.declared.to_le_bytes().as_slice()].concat();
        let common = [
            &[45, 0, 0, 0, 0, 0, 0, 0, 0x21, 0],
            crc.sum().to_le_bytes().as_slice(),
            &packed.to_le_bytes(),
            &[0xff; 4],
            &name.to_le_bytes(),
            &12_u16.to_le_bytes(),
        ]
        .concat();
        if member.at.is_none() {
            bytes.extend([b"PK\x03\x04", common.as_slice(), member.name.as_bytes(), &extra, member.content].concat());
        }
        directory.extend([b"PK\x01\x02\x2d\0", common.as_slice(), &[0; 10], &start.to_le_bytes()].concat());
        directory.extend([member.name.as_bytes(), &extra].concat());
    }
    let count = u16::try_from(members.len()).unwrap().to_le_bytes();
    let (size, start) = (u32::try_from(directory.len()).unwrap(), u32::try_from(bytes.len()).unwrap());
    bytes.extend(directory);
    bytes.extend(
        [b"PK\x05\x06\0\0\0\0", count.as_slice(), &count, &size.to_le_bytes(), &start.to_le_bytes(), &[0, 0]].concat(),
    );
    bytes
}

/// One member of 64 KiB, claimed by a thousand entries.
fn overlapping() -> Vec<u8> {
    let content = "the same bytes\n".repeat(4400);
    let size = content.len() as u64;
    let member = |at| Raw { name: "a.txt", declared: size, content: content.as_bytes(), at };
    let members: Vec<_> = std::iter::once(member(None)).chain((1..1000).map(|_| member(Some(0)))).collect();
    raw_zip(&members)
}

fn nested_zip(levels: usize) -> Vec<u8> {
    let mut bytes = b"the innermost file".to_vec();
    for level in 0..levels {
        let size = bytes.len() as u64;
        let name = if level == 0 { "a.txt" } else { "a.zip" };
        bytes = raw_zip(&[Raw { name, declared: size, content: &bytes, at: None }]);
    }
    bytes
}

/// Entities that stand for ten of each other: a billion of the innermost.
fn laughs(root: &str) -> String {
    let mut text = format!("<?xml version=\"1.0\"?>\n<!DOCTYPE {root} [\n<!ENTITY l0 \"lol\">\n");
    for level in 1..10 {
        let inner = format!("&l{};", level - 1).repeat(10);
        writeln!(text, "<!ENTITY l{level} \"{inner}\">").unwrap();
    }
    writeln!(text, "]>\n<{root}><p><t>&l9;</t></p></{root}>").unwrap();
    text
}

const PERSON: &str = "RSSMRA85T10A562S";

/// A sheet that claims all cells there can be, and strings without number.
fn dimension() -> Vec<u8> {
    let sheet = format!(
        "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"1048576\" spans=\"1:16384\">\
         <c r=\"XFD1048576\" t=\"inlineStr\"><is><t>Codice fiscale {PERSON}</t></is></c></row>\
         <row r=\"4294967295\"><c r=\"ZZZZZZZ4294967295\" t=\"s\"><v>4294967295</v></c></row></sheetData>\
         <mergeCells count=\"4294967295\"><mergeCell ref=\"A1:XFD1048576\"/></mergeCells></worksheet>"
    );
    package(&[
        ("xl/workbook.xml", "<workbook><sheets><sheet name=\"A\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/sharedStrings.xml", "<sst count=\"4294967295\" uniqueCount=\"4294967295\"><si><t>x</t></si></sst>"),
        ("xl/worksheets/sheet1.xml", &sheet),
    ])
}

/// One cell, repeated over all columns and rows there can be.
fn repeated() -> Vec<u8> {
    let content = format!(
        "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
         <table:table table:name=\"A\"><table:table-row table:number-rows-repeated=\"1048576\">\
         <table:table-cell table:number-columns-repeated=\"1000000000\"><text:p>Codice fiscale {PERSON}</text:p>\
         </table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"
    );
    package(&[("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", &content)])
}

/// Pages that hold their parents, lengths and streams that are themselves, a form that paints itself.
const LOOPS: &str = "%PDF-1.7
1 0 obj <</Type/Catalog/Pages 2 0 R/Outlines 8 0 R/AcroForm<</Fields[9 0 R]>>>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R 2 0 R 4 0 R]/Count 2147483647/Parent 2 0 R>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/Contents[5 0 R 5 0 R]/Resources<</XObject<</X 6 0 R>>/Font<</F 7 0 R>>>>/Annots[3 0 R]>> endobj
4 0 obj <</Type/Pages/Kids[2 0 R]/Count -1/Parent 4 0 R>> endobj
5 0 obj <</Length 5 0 R>> stream
BT /F 10 Tf (Ciao) Tj ET /X Do /X Do
endstream endobj
6 0 obj <</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>/Length 12>> stream
/X Do /X Do 
endstream endobj
7 0 obj <</Type/Font/Subtype/Type0/BaseFont/F/ToUnicode 7 0 R/DescendantFonts[7 0 R]>> endobj
8 0 obj <</Title(a)/First 8 0 R/Next 8 0 R>> endobj
9 0 obj <</T(a)/V 9 0 R/Kids[9 0 R]/Parent 9 0 R>> endobj
10 0 obj <</Type/ObjStm/N 2147483647/First 0/Extends 10 0 R/Length 4>> stream
10 0
endstream endobj
xref
0 1
0000000000 65535 f 
trailer <</Root 1 0 R/Size 2147483647/Prev 0/XRefStm 0>>
startxref
0
%%EOF
";

fn deep_pdf() -> String {
    let arrays = "[".repeat(200_000);
    let dictionaries = "<</A".repeat(100_000);
    let content = "q ".repeat(200_000);
    format!(
        "%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n\
         3 0 obj <</Type/Page/Parent 2 0 R/Contents 4 0 R>> endobj\n\
         4 0 obj <</Length {}>> stream\n{content}{arrays}\nendstream endobj\n5 0 obj {arrays}\nendobj\n6 0 obj {dictionaries}\nendobj\n\
         trailer <</Root 1 0 R/Info 6 0 R>>\nstartxref\n0\n%%EOF\n",
        content.len() + arrays.len()
    )
}

fn parts(count: usize) -> String {
    let mut mail =
        "From: a@example.org\nTo: b@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n"
            .to_owned();
    for number in 0..count {
        writeln!(mail, "\n--b\nContent-Type: application/octet-stream; name=a{number}\n\nx").unwrap();
    }
    mail
}

fn nested_multiparts(levels: usize) -> String {
    let mut mail = "From: a@example.org\nTo: b@example.org\nMIME-Version: 1.0\n".to_owned();
    for level in 0..levels {
        writeln!(mail, "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}").unwrap();
    }
    mail + "Content-Type: text/plain\n\ntext\n"
}

/// A tar archive whose member claims a petabyte.
fn claims() -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path("a.txt").unwrap();
    header.set_size(1 << 50);
    header.set_cksum();
    [header.as_bytes().as_slice(), b"short"].concat()
}

/// A 7z archive whose LZMA2 decoder asks for a dictionary of four gigabytes.
fn dictionary_7z() -> Vec<u8> {
    let packed = [1, 0, 0, b'x', 0];
    let name: Vec<u8> = "a.txt\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let header = [
        &[1, 4, 6, 0, 1, 9, 5, 0][..],
        &[7, 11, 1, 0, 1, 0x21, 0x21, 1, 40, 12, 1, 0, 8, 0, 0],
        &[5, 1, 17, u8::try_from(name.len() + 1).unwrap(), 0],
        &name,
        &[0, 0],
    ]
    .concat();
    let crc = |bytes: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        crc.sum().to_le_bytes()
    };
    let start = [&5_u64.to_le_bytes()[..], &(header.len() as u64).to_le_bytes(), &crc(&header)].concat();
    [b"7z\xbc\xaf\x27\x1c\0\x04".as_slice(), &crc(&start), &start, &packed, &header].concat()
}
