//! Tells the format of a file from its first bytes, and from its name where they leave a choice.

use crate::model::Name;

use super::format::Format;
use super::{armor, dbase, openpgp, text, zip_family};

/// Bytes that stand at a fixed place in every file of a format. The longer and
/// surer ones come first; each is from the format's own specification.
const MAGIC: &[(usize, &[u8], Format)] = &[
    (0, b"7z\xbc\xaf\x27\x1c", Format::SevenZip),
    (0, b"Rar!\x1a\x07\x00", Format::Rar),
    (0, b"Rar!\x1a\x07\x01\x00", Format::Rar),
    (0, b"MSCF\0\0\0\0", Format::Cab),
    (0, b"ISc(", Format::Cab),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format::CompoundFile),
    (0, b"{\\rtf", Format::Rtf),
    (0, b"!BDN", Format::MailStore),
    (0, b"\x78\x9f\x3e\x22", Format::Tnef),
    (0, b"\xfd7zXZ\0", Format::Xz),
    (0, b"\x28\xb5\x2f\xfd", Format::Zstd),
    (0, b"LZIP\x01", Format::Lzip),
    (0, b"\x04\x22\x4d\x18", Format::Lz4),
    (0, b"\x02\x21\x4c\x18", Format::Lz4),
    (0, b"\xed\xab\xee\xdb", Format::Rpm),
    // sealed
    (0, b"age-encryption.org/v1\n", Format::Age),
    (0, b"LUKS\xba\xbe", Format::Sealed),
    (0, b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5", Format::Sealed),
    (0, b"\x03\xd9\xa2\x9a\x66\xfb\x4b\xb5", Format::Sealed),
    (0, b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5", Format::Sealed),
    (0, b"Salted__", Format::Sealed),
    (0, b"\0GITCRYPT\0", Format::Sealed),
    (0, b"encrcdsa", Format::Sealed),
    (3, b"-FVE-FS-", Format::Sealed),
    (424, b"\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01", Format::Sealed),
    (0, b"\xc0\xb9\x07\x2e\x4f\x93\xf1\x46\xa0\x15\x79\x2c\xa1\xd9\xe8\x21", Format::Sealed),
    (0, b"AES\x02\0", Format::Sealed),
    (0, b"AES\x03\0", Format::Sealed),
    (0, b"RCLONE\0\0", Format::Sealed),
    (0, b"\x76\xe8\x04\x60\xc4\x11\xe3\x86", Format::Sealed),
    (0, b".pfile\x02\0\0\0", Format::Sealed),
    (0, b".pfile\x03\0\0\0", Format::Sealed),
    // pictures, sound, film
    (0, b"\x89PNG\r\n\x1a\n", Format::Image),
    (0, b"\xff\xd8\xff", Format::Image),
    (0, b"GIF87a", Format::Image),
    (0, b"GIF89a", Format::Image),
    (0, b"II*\0", Format::Image),
    (0, b"MM\0*", Format::Image),
    (0, b"II+\0", Format::Image),
    (0, b"MM\0+", Format::Image),
    (0, b"8BPS\0\x01", Format::OtherImage),
    (0, b"8BPS\0\x02", Format::OtherImage),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", Format::OtherImage),
    (0, b"\xff\x4f\xff\x51", Format::OtherImage),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", Format::OtherImage),
    (0, b"AT&TFORM", Format::OtherImage),
    (0, b"gimp xcf ", Format::OtherImage),
    (0, b"\0\0\x01\0\x01\0", Format::OtherImage),
    (0, b"ID3", Format::Audio),
    (0, b"fLaC", Format::Audio),
    (0, b"OggS", Format::Audio),
    (0, b"MThd", Format::Audio),
    (0, b"#!AMR", Format::Audio),
    (0, b"\x1a\x45\xdf\xa3", Format::Video),
    (0, b"FLV\x01", Format::Video),
    (0, b"\0\0\x01\xba", Format::Video),
    (0, b"\0\0\x01\xb3", Format::Video),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Format::Video),
    // programs
    (0, b"\x7fELF", Format::Executable),
    (0, b"\xfe\xed\xfa\xce", Format::Executable),
    (0, b"\xfe\xed\xfa\xcf", Format::Executable),
    (0, b"\xce\xfa\xed\xfe", Format::Executable),
    (0, b"\xcf\xfa\xed\xfe", Format::Executable),
    (0, b"\xca\xfe\xba\xbe", Format::Executable),
    (0, b"dex\n03", Format::Executable),
    (0, b"\0asm\x01\0\0\0", Format::Executable),
    (0, b"!<arch>\n", Format::Ar),
    (0, b"!<arch>\n/  ", Format::Executable), // a library: its table of symbols
    (0, b"!<arch>\n/SYM64/", Format::Executable),
    (0, b"!<arch>\n__.SYMDEF", Format::Executable),
    (0, b"!<thin>\n", Format::Executable),
    // fonts
    (0, b"\0\x01\0\0\0", Format::Font),
    (0, b"OTTO\0", Format::Font),
    (0, b"ttcf\0", Format::Font),
    (0, b"true\0", Format::Font),
    (0, b"wOFF", Format::Font),
    (0, b"wOF2", Format::Font),
    // databases and columns
    (0, b"SQLite format 3\0", Format::Sqlite),
    (0, b"\0\x01\0\0Standard Jet DB\0", Format::Access),
    (0, b"\0\x01\0\0Standard ACE DB\0", Format::Access),
    (0, b"PAR1", Format::Parquet),
    (0, b"PARE", Format::Parquet),
    (0, b"Obj\x01", Format::Avro),
    (0, b"ORC\n", Format::Database),
    (0, b"ARROW1\0\0", Format::Database),
    (0, b"\x89HDF\r\n\x1a\n", Format::Database),
    (0, b"PGDMP", Format::Database),
    (4, b"\xef\xcd\xab\x89", Format::Database),
    (4, b"Standard Jet DB\0", Format::Access),
    (4, b"Standard ACE DB\0", Format::Access),
    // disks
    (0, b"QFI\xfb", Format::DiskImage),
    (0, b"KDMV", Format::DiskImage),
    (0, b"# Disk DescriptorFile", Format::DiskImage),
    (0, b"vhdxfile", Format::DiskImage),
    (0, b"conectix", Format::DiskImage),
    (0, b"MSWIM\0\0\0", Format::DiskImage),
    (0, b"COWD\x01\0\0\0", Format::DiskImage),
    (0, b"cxsparse", Format::DiskImage),
    (0, b"WithoutFreeSpace", Format::DiskImage),
    (0, b"WithouFreSpacExt", Format::DiskImage),
    (0, b"AFF10\r\n\0", Format::DiskImage),
    (3, b"NTFS    ", Format::DiskImage),
    (82, b"FAT32   ", Format::DiskImage),
    (54, b"FAT16   ", Format::DiskImage),
    (0, b"EVF\x09\x0d\x0a\xff\0", Format::DiskImage),
    (64, b"\x7f\x10\xda\xbe", Format::DiskImage),
    (32769, b"CD001", Format::Iso),
    (32769, b"BEA01", Format::Iso),
    // short magics last
    (0, b"\x1f\x8b\x08", Format::Gzip),
];

/// The format of a file by its first bytes (the more the better, up to 64 KiB) and its name.
pub fn identify(head: &[u8], name: &Name) -> Format {
    if head.is_empty() {
        return Format::Empty;
    }
    if let Some(format) = zip_family::sniff(head) {
        return format;
    }
    // The fonts' version number also opens Access databases: the longer bytes win.
    let by_magic =
        MAGIC.iter().filter(|(at, magic, _)| at_is(head, *at, magic)).max_by_key(|(_, magic, _)| magic.len());
    if let Some((_, _, format)) = by_magic {
        return *format;
    }
    if is_pdf(head) {
        return Format::Pdf;
    }
    if is_tar(head) {
        return Format::Tar;
    }
    if let Some(format) = media(head).or_else(|| short_magic(head, name)) {
        return format;
    }
    if let Some(format) = armor::sniff(head) {
        return format;
    }
    if openpgp::is_message(head, name) {
        return Format::OpenPgp;
    }
    if let Some(format) = cms(head) {
        return format;
    }
    text::sniff(head, name).unwrap_or_else(|| by_name(name))
}

fn at_is(head: &[u8], at: usize, magic: &[u8]) -> bool {
    head.get(at..).is_some_and(|rest| rest.starts_with(magic))
}

/// The header may stand anywhere in the first 1024 bytes (ISO 32000, annex H): mail
/// gateways and web servers put lines before it. In a text that only speaks of it,
/// no object follows.
fn is_pdf(head: &[u8]) -> bool {
    let start = head.get(..1024).unwrap_or(head);
    let Some(at) = memchr::memmem::find(start, b"%PDF-") else { return false };
    let version = head.get(at + 5).is_some_and(u8::is_ascii_digit);
    version && (at == 0 || memchr::memmem::find(head, b" obj").is_some())
}

/// A header block whose checksum is right: the octal sum of its bytes, with the
/// checksum's own field taken as spaces (POSIX.1, ustar; older tars have no magic).
pub(super) fn is_tar(head: &[u8]) -> bool {
    let Some(block) = head.get(..512) else { return false };
    let Some(field) = block.get(148..156) else { return false };
    if block.first() == Some(&0) {
        return false;
    }
    let digits: Vec<u8> = field.iter().copied().filter(u8::is_ascii_digit).collect();
    let declared = std::str::from_utf8(&digits).ok().and_then(|d| u64::from_str_radix(d, 8).ok());
    let sum: u64 =
        block.iter().enumerate().map(|(i, b)| u64::from(if (148..156).contains(&i) { b' ' } else { *b })).sum();
    declared == Some(sum)
}

/// Containers of pictures, sound and film that say what they hold a few bytes later.
fn media(head: &[u8]) -> Option<Format> {
    if at_is(head, 0, b"RIFF") {
        return match head.get(8..12)? {
            b"WEBP" => Some(Format::Image),
            b"WAVE" | b"RMID" => Some(Format::Audio),
            b"AVI " => Some(Format::Video),
            _ => None,
        };
    }
    if at_is(head, 0, b"FORM") && matches!(head.get(8..12), Some(b"AIFF" | b"AIFC")) {
        return Some(Format::Audio);
    }
    if at_is(head, 4, b"ftyp") {
        return match head.get(8..12)? {
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"mif1" | b"msf1" | b"avif" | b"avis" | b"crx " => {
                Some(Format::Image)
            }
            b"M4A " | b"M4B " | b"F4A " => Some(Format::Audio),
            _ => Some(Format::Video),
        };
    }
    if matches!(head.get(4..8), Some(b"moov" | b"mdat" | b"wide")) && head.first() == Some(&0) {
        return Some(Format::Video);
    }
    // MPEG audio frames: twelve bits of sync, a valid layer, bit rate and sampling rate.
    if let Some([0xff, b, c, ..]) = head.get(..4)
        && b & 0xe0 == 0xe0
        && b & 0x18 != 0x08
        && b & 0x06 != 0
        && c & 0xf0 != 0xf0
        && c & 0x0c != 0x0c
        && !matches!(head.get(..2), Some(b"\xff\xfe"))
    {
        return Some(Format::Audio);
    }
    None
}

/// Magics of two or three bytes, each with a second look.
fn short_magic(head: &[u8], name: &Name) -> Option<Format> {
    if at_is(head, 0, b"BZh") && head.get(3).is_some_and(|b| (b'1'..=b'9').contains(b)) {
        let block = head.get(4..10);
        if matches!(block, Some(b"\x31\x41\x59\x26\x53\x59" | b"\x17\x72\x45\x38\x50\x90")) {
            return Some(Format::Bzip2);
        }
    }
    if at_is(head, 0, b"MZ") {
        let at = head.get(0x3c..0x40).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
        let pe = at.and_then(|at| usize::try_from(at).ok()).is_some_and(|at| {
            [&b"PE\0\0"[..], b"NE", b"LE", b"LX"].iter().any(|magic| at_is(head, at, magic)) || at >= head.len()
        });
        if pe || head.contains(&0) {
            return Some(Format::Executable);
        }
    }
    if at_is(head, 0, b"BM") {
        // The size of the information header is one of few.
        let header = head.get(14..18).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
        if matches!(header, Some(12 | 40 | 52 | 56 | 64 | 108 | 124)) {
            return Some(Format::Image);
        }
    }
    // Skippable zstd frames may come first.
    if let Some([a, 0x2a, 0x4d, 0x18]) = head.get(..4)
        && a & 0xf0 == 0x50
    {
        return Some(Format::Zstd);
    }
    if let Some([0x1f, 0x9d, flags]) = head.get(..3)
        && (9..=16).contains(&(flags & 0x1f))
    {
        return Some(Format::Compress);
    }
    if is_lha(head) {
        return Some(Format::Lha);
    }
    if is_cpio(head) {
        return Some(Format::Cpio);
    }
    // Blocks of Snappy begin with a zero and a length; only the name says whose they are.
    if head.first() == Some(&0) && name.extension() == "iwa" {
        return Some(Format::IWork);
    }
    if is_lzma_alone(head) && (name.extension() == "lzma" || name.extension() == "tlz" || head.len() > 512) {
        return Some(Format::Lzma);
    }
    dbase::sniff(head, name)
}

/// `.lzma` has no magic: properties below 225, a power-of-two dictionary, and a size
/// that is unknown or believable.
fn is_lzma_alone(head: &[u8]) -> bool {
    let Some(header) = head.get(..14) else { return false };
    let dictionary = header.get(1..5).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
    let size = header.get(5..13).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
    let power =
        dictionary.is_power_of_two() || dictionary.checked_add(dictionary / 2).is_some_and(u32::is_power_of_two);
    header.first().is_some_and(|p| *p < 225)
        && power
        && dictionary >= 4096
        && (size == u64::MAX || (1..1 << 40).contains(&size))
        && header.get(13) == Some(&0)
}

/// The first header of a cpio archive: nothing but digits and a name that ends where it says, or
/// the old binary numbers with the type of a file and such a name.
fn is_cpio(head: &[u8]) -> bool {
    let digits = |length: usize, is_digit: fn(&u8) -> bool| {
        head.get(..length).is_some_and(|header| header.iter().all(is_digit)) && head.len() > length
    };
    match head.get(..6) {
        Some(b"070701" | b"070702") => digits(110, u8::is_ascii_hexdigit),
        Some(b"070707") => digits(76, |digit| (b'0'..=b'7').contains(digit)),
        Some([a @ (0xc7 | 0x71), b @ (0xc7 | 0x71), ..]) if a != b => {
            let number = |at: usize| {
                let bytes = head.get(at..at + 2).and_then(|b| b.try_into().ok()).unwrap_or_default();
                if *a == 0xc7 { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) }
            };
            matches!(number(6) >> 12, 4 | 8 | 10)
                && number(20) > 1
                && head.get(25 + usize::from(number(20))) == Some(&0)
        }
        _ => false,
    }
}

/// A method such as `-lh5-`, a level, and for the older levels the sum of the header.
fn is_lha(head: &[u8]) -> bool {
    let method = matches!(head.get(2..7), Some([b'-', b'l' | b'p', b'h' | b'z' | b'm', _, b'-']));
    let Some(level) = head.get(20).filter(|_| method) else { return false };
    let length = usize::from(head.first().copied().unwrap_or(0));
    match level {
        0 | 1 => {
            let sum = head.get(2..2 + length).map(|own| own.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)));
            sum.is_some() && sum.as_ref() == head.get(1)
        }
        level => *level <= 3,
    }
}

/// The object identifier of PKCS #7, one byte short.
const PKCS7: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07";

/// A DER or BER sequence that opens with a content type of CMS (RFC 5652), or a PKCS #12.
fn cms(head: &[u8]) -> Option<Format> {
    if head.first() != Some(&0x30) {
        return None;
    }
    let start = head.get(..64).unwrap_or(head);
    let has = |oid: &[u8]| memchr::memmem::find(start, oid).is_some_and(|at| at <= 12);
    let with = |last: u8| [PKCS7, &[last]].concat();
    if has(&with(2)) {
        return Some(Format::Signed);
    }
    let authenticated = b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17";
    if has(&with(3)) || has(&with(4)) || has(&with(6)) || has(authenticated) {
        return Some(Format::Sealed);
    }
    let pkcs12 = memchr::memmem::find(start, &with(1)).is_some_and(|at| at <= 24);
    let version_3 = memchr::memmem::find(start, b"\x02\x01\x03\x30").is_some_and(|at| at <= 8);
    // PKCS #8 with password-based encryption: SEQUENCE { SEQUENCE { pkcs-5 ...
    let pkcs5 = memchr::memmem::find(start, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05");
    let pkcs12_pbe = memchr::memmem::find(start, b"\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01");
    if (pkcs12 && version_3) || pkcs5.or(pkcs12_pbe).is_some_and(|at| at <= 10) {
        return Some(Format::Sealed);
    }
    None
}

/// Formats that no bytes at the front give away; the rest is only known not to be text.
fn by_name(name: &Name) -> Format {
    match name.extension().as_str() {
        "iso" | "udf" => Format::Iso,
        "vhd" | "vhdx" | "avhd" | "avhdx" | "vmdk" | "vdi" | "hdd" | "qcow" | "qcow2" | "dmg" | "sparseimage"
        | "img" | "ima" | "raw" | "dd" | "e01" | "ex01" | "wim" | "esd" | "swm" | "nrg" | "toast" | "mdx" | "tib"
        | "tibx" | "vbk" | "gho" => Format::DiskImage,
        "dbf" | "mdf" | "ldf" | "ibd" | "myd" | "frm" => Format::Database,
        _ => Format::Binary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &[u8], name: &str, expected: Format) {
        assert_eq!(identify(head, &Name::from(name)), expected, "{name}: {:?}", head.get(..24.min(head.len())));
    }

    fn fixture(path: &str) -> Vec<u8> {
        let mut bytes = std::fs::read(format!("{}/fixtures/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        bytes.truncate(64 << 10);
        bytes
    }

    #[test]
    fn content_wins_over_the_name() {
        for (path, name, expected) in [
            ("zip/plain.zip", "scan.pdf", Format::Zip),
            ("sevenz/plain.7z", "a.txt", Format::SevenZip),
            ("sevenz/header-encrypted.7z", "a", Format::SevenZip),
            ("tar/gnu.tar", "a.bin", Format::Tar),
            ("tar/v7.tar", "a", Format::Tar),
            ("tar/pax.tar", "a", Format::Tar),
            ("tar/docs.tar.gz", "a.zip", Format::Gzip),
            ("tar/docs.tar.bz2", "a", Format::Bzip2),
            ("tar/docs.tar.xz", "a", Format::Xz),
            ("tar/docs.tar.zst", "a", Format::Zstd),
            ("compressed/people.csv.lzma", "people.csv.lzma", Format::Lzma),
            ("sealed/symmetric.gpg", "a.dat", Format::OpenPgp),
            ("sealed/symmetric-3des.gpg", "a", Format::OpenPgp),
            ("sealed/symmetric-no-mdc.gpg", "a", Format::OpenPgp),
            ("sealed/recipient.gpg", "a", Format::OpenPgp),
            ("sealed/recipient-and-password.gpg", "a", Format::OpenPgp),
            ("sealed/signed.gpg", "a", Format::OpenPgp),
            ("sealed/signed-uncompressed.gpg", "a", Format::OpenPgp),
            ("sealed/stored.gpg", "a.gpg", Format::OpenPgp),
            ("sealed/symmetric.asc", "a.txt", Format::OpenPgpArmor),
            ("sealed/public-key.gpg", "a.gpg", Format::Binary),
            ("sealed/secret-key.gpg", "a.gpg", Format::Binary),
            ("sealed/public-key.asc", "a.asc", Format::Text),
            ("sealed/clearsigned.asc", "a.asc", Format::Text),
            ("sealed/recipient.age", "a", Format::Age),
            ("sealed/recipient-armor.age", "a", Format::Age),
            ("sealed/openssl.enc", "a", Format::Sealed),
            ("sealed/openssl-base64.enc", "a", Format::Sealed),
            ("sealed/luks1.img", "a", Format::Sealed),
            ("sealed/luks2.img", "a", Format::Sealed),
            ("sealed/aes256.p7m", "a", Format::Sealed),
            ("sealed/des3.p7m", "a", Format::Sealed),
            ("sealed/enveloped.pem", "a", Format::Sealed),
            ("sealed/signed.p7m", "a", Format::Signed),
            ("sealed/aes256.p12", "a", Format::Sealed),
            ("sealed/pkcs8-encrypted.key", "a", Format::Sealed),
            ("sealed/legacy-des3.key", "a", Format::Sealed),
            ("sealed/openssh-encrypted.key", "a", Format::Sealed),
            ("sealed/openssh-plain.key", "a", Format::Text),
            ("sealed/pkcs8-plain.key", "a", Format::Text),
        ] {
            check(&fixture(path), name, expected);
        }
    }

    #[test]
    fn fixed_bytes() {
        check(b"", "a.docx", Format::Empty);
        check(b"%PDF-1.7\n", "a", Format::Pdf);
        check(b"HTTP/1.1 200 OK\r\n\r\n%PDF-1.4\n1 0 obj\n", "a.txt", Format::Pdf);
        check(b"A text that mentions %PDF-1.4 only.\n", "a.txt", Format::Text);
        check(b"{\\rtf1\\ansi x}", "a.doc", Format::Rtf);
        check(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc", Format::CompoundFile);
        check(b"\x89PNG\r\n\x1a\n....", "a.txt", Format::Image);
        check(b"RIFF\x10\0\0\0WEBPVP8 ", "a", Format::Image);
        check(b"\0\0\0\x18ftypheic\0\0\0\0", "a", Format::Image);
        check(b"\0\0\0\x18ftypisom\0\0\0\0", "a", Format::Video);
        check(b"\xff\xfb\x90\x44\0\0\0\0", "a", Format::Audio);
        check(b"SQLite format 3\0....", "a", Format::Sqlite);
        check(b"\0\x01\0\0Standard Jet DB\0", "a", Format::Access);
        check(b"\0\x01\0\0\0\x0f\0\x80", "a", Format::Font);
        check(b"\x7fELF\x02", "a", Format::Executable);
        check(b"Rar!\x1a\x07\x01\0", "a", Format::Rar);
        check(b"!<arch>\ndebian-binary   1700000000", "a", Format::Ar);
        check(b"!<arch>\n/               0    ", "a.a", Format::Executable);
        check(&[b"070701".as_slice(), &[b'0'; 104], b"a\0"].concat(), "a", Format::Cpio);
        check(b"\xed\xab\xee\xdb\x03\0", "a", Format::Rpm);
        check(b"\x04\x22\x4d\x18\x64\x40\xa7", "a", Format::Lz4);
        check(b"\x1f\x9d\x90\x61\0", "a", Format::Compress);
        check(b"\x22\0-lh5-\x1a\0\0\0\x1a\0\0\0\0\0\0\0 \x02\0\0U", "a", Format::Lha);
        check(b"\xeb\x52\x90NTFS    \0", "a", Format::DiskImage);
        check(&[0; 4096], "server.vhd", Format::DiskImage);
        check(&[0; 4096], "a.txt", Format::Binary);
        check(&[0; 4096], "backup.iso", Format::Iso);
        let mut iso = vec![0; 40000];
        iso.splice(32769..32774, *b"CD001");
        check(&iso, "a", Format::Iso);
    }

    #[test]
    fn words_that_look_like_magic_stay_text() {
        check(b"MZ is how programs begin\n", "a.txt", Format::Text);
        check(b"BMW series 3: rate card\n", "a.txt", Format::Text);
        check(b"of -lh5- and others we know nothing\n", "a.txt", Format::Text);
        check(b"070701 and other days of that year\n", "a.txt", Format::Text);
        check(b"BZh is short for something\n", "a.txt", Format::Text);
        check(b"PK is a postal code prefix\n", "a.zip", Format::Text);
    }

    #[test]
    fn high_entropy_is_binary() {
        let mut state = 1u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .take(4096)
        .collect();
        check(&noise, "notes.txt", Format::Binary);
    }
}
