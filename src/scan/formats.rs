//! The list of formats, out of the registry of readers: what is read, by which code, by which specification; what is not.

use crate::identify::Format;
use crate::model::Reason;

use super::readers::{READERS, reader};

/// One line of the list.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// The formats in words.
    pub title: &'static str,
    /// What reads them; none if they are told apart and not read.
    pub reader: Option<ReaderFacts>,
    /// What the record of such a file says when it is not read.
    pub reason: Option<Reason>,
    formats: &'static [Format],
    single: Option<Format>,
}

/// What is known of a reader.
#[derive(Clone, Copy, Debug)]
pub struct ReaderFacts {
    pub name: &'static str,
    /// Counts up when what it extracts changes.
    pub version: u32,
    /// Names of the crates that do the decoding; empty where it is our own code.
    pub crates: &'static [&'static str],
    /// Address of the specification, or of the best description there is.
    pub specification: &'static str,
}

impl Listed {
    pub fn media_types(&self) -> impl Iterator<Item = &'static str> {
        self.formats.iter().copied().chain(self.single).map(Format::media_type)
    }

    pub fn formats(&self) -> impl Iterator<Item = Format> {
        self.formats.iter().copied().chain(self.single)
    }
}

/// Every reader in the order of the registry, then every format that is told apart and not read.
pub fn list() -> Vec<Listed> {
    let read = READERS.iter().map(|reader| {
        let (title, crates, specification) = facts(reader.name());
        let facts = ReaderFacts { name: reader.name(), version: reader.version(), crates, specification };
        Listed { title, reader: Some(facts), reason: None, formats: reader.formats(), single: None }
    });
    let unread = UNREAD.iter().filter(|(format, _)| reader(*format).is_none()).map(|(format, title)| Listed {
        title,
        reader: None,
        reason: Some(reason_of_unread(*format)),
        formats: &[],
        single: Some(*format),
    });
    read.chain(unread).collect()
}

/// Why a file of a format without a reader is not read.
pub(super) fn reason_of_unread(format: Format) -> Reason {
    match format {
        Format::DiskImage => Reason::DiskImage,
        _ => Reason::UnsupportedFormat,
    }
}

/// Formats that are told apart and not read, in words.
const UNREAD: &[(Format, &str)] = &[
    (Format::OtherImage, "Photoshop, JPEG 2000, JPEG XL, DjVu, GIMP, icons"),
    (Format::Audio, "Sound: MP3, FLAC, Ogg, WAVE, MIDI, AMR, AIFF, M4A"),
    (Format::Video, "Films: Matroska, MPEG, MP4, AVI, Flash, Windows Media"),
    (Format::Executable, "Programs and libraries; archives behind a program are read"),
    (Format::Database, "ORC, Arrow, HDF5, dumps of PostgreSQL, Jet Blue (with --strings on: runs of characters)"),
    (Format::Font, "Fonts"),
    (Format::DiskImage, "Disk images, file systems and backups: qcow2, VMDK, VHD, VDI, WIM, NTFS, FAT, EWF, AFF"),
    (Format::Binary, "Anything else that is no text, OneNote among it (with --strings on: runs of characters)"),
];

/// Title, crates and specification of a reader, by its name.
fn facts(name: &str) -> (&'static str, &'static [&'static str], &'static str) {
    const OFFICE: &[&str] = &["zip", "quick-xml"];
    match name {
        "plain" => (
            "Plain text, logs, Markdown, SQL in any encoding",
            &["encoding_rs", "chardetng"],
            "https://encoding.spec.whatwg.org/",
        ),
        "csv" => ("CSV, TSV", &["encoding_rs"], "https://www.rfc-editor.org/rfc/rfc4180"),
        "json" => ("JSON, JSON Lines", &[], "https://www.rfc-editor.org/rfc/rfc8259"),
        "xml" => ("XML", &[], "https://www.w3.org/TR/xml/"),
        "html" => ("HTML", &["html5ever"], "https://html.spec.whatwg.org/"),
        "rtf" => ("RTF", &["encoding_rs"], "https://www.loc.gov/preservation/digital/formats/fdd/fdd000473.shtml"),
        "mail" => ("Mail with attachments (eml)", &["mail-parser"], "https://www.rfc-editor.org/rfc/rfc5322"),
        "mbox" => ("Mailboxes (mbox)", &[], "https://www.rfc-editor.org/rfc/rfc4155"),
        "mail_store" => {
            ("Outlook stores (pst, ost)", &[], "https://learn.microsoft.com/openspecs/office_file_formats/ms-pst")
        }
        "tnef" => ("winmail.dat", &[], "https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxtnef"),
        "cards" => ("Contacts (vcf), calendars (ics)", &[], "https://www.rfc-editor.org/rfc/rfc6350"),
        "iwork" => (
            "Parts of Pages, Numbers, Keynote since 2013; not numbers in cells",
            &[],
            "https://github.com/obriensp/iWorkFileFormat",
        ),
        "epub" => ("E-books (epub)", OFFICE, "https://www.w3.org/TR/epub-33/"),
        "ooxml" => (
            "docx, xlsx, xlsb, pptx, vsdx, templates and macro variants",
            OFFICE,
            "https://ecma-international.org/publications-and-standards/standards/ecma-376/",
        ),
        "odf" => {
            ("odt, ods, odp, drawings and templates", OFFICE, "https://docs.oasis-open.org/office/OpenDocument/v1.3/")
        }
        "compound_file" => (
            "doc (6 to 2003), xls (5 to 2003), ppt (97 to 2003), msg, msi; Publisher, Works, Visio before 2013, Project, PowerPoint 95 are named only",
            &["encoding_rs"],
            "https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb",
        ),
        "pdf" => (
            "PDF with forms, notes and attachments",
            &["hayro-syntax", "hayro-font", "hayro-cmap"],
            "https://www.iso.org/standard/75839.html",
        ),
        "sqlite" => ("SQLite", &[], "https://www.sqlite.org/fileformat2.html"),
        "access" => ("Access (mdb, accdb)", &[], "https://github.com/mdbtools/mdbtools/blob/dev/HACKING.md"),
        "parquet" => ("Parquet", &[], "https://parquet.apache.org/docs/file-format/"),
        "avro" => ("Avro", &[], "https://avro.apache.org/docs/1.12.0/specification/"),
        "dbase" => (
            "dBase, FoxPro, Clipper and their memo files",
            &[],
            "https://www.loc.gov/preservation/digital/formats/fdd/fdd000325.shtml",
        ),
        "ldif" => ("LDIF", &[], "https://www.rfc-editor.org/rfc/rfc2849"),
        "yaml" => ("YAML", &[], "https://yaml.org/spec/1.2.2/"),
        "toml" => ("TOML", &[], "https://toml.io/en/v1.0.0"),
        "image" => (
            "JPEG, PNG, TIFF, GIF, WebP, BMP: text recognition, Exif, XMP, IPTC; of HEIF Exif only",
            &["zune-jpeg", "png", "tiff", "gif", "image-webp", "rten"],
            "https://www.w3.org/TR/png-3/",
        ),
        "zip" => (
            "zip (zip64, deflate64, split, AES)",
            &["zip"],
            "https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT",
        ),
        "7z" => ("7z", &["sevenz-rust2"], "https://www.7-zip.org/sdk.html"),
        "tar" => (
            "tar (v7, ustar, GNU, pax)",
            &["tar"],
            "https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html",
        ),
        "rar" => ("rar (1.5 to 7)", &[], "https://www.rarlab.com/technote.htm"),
        "gzip" => ("gzip", &["flate2"], "https://www.rfc-editor.org/rfc/rfc1952"),
        "bzip2" => ("bzip2", &["bzip2"], "https://sourceware.org/bzip2/"),
        "xz" => ("xz", &["lzma-rust2"], "https://tukaani.org/xz/xz-file-format.txt"),
        "lzma" => ("lzma", &["lzma-rust2"], "https://www.7-zip.org/sdk.html"),
        "lzip" => ("lzip", &["lzma-rust2"], "https://www.nongnu.org/lzip/manual/lzip_manual.html"),
        "zstd" => ("zstd", &["ruzstd"], "https://www.rfc-editor.org/rfc/rfc8878"),
        "lz4" => ("lz4", &["lz4_flex"], "https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md"),
        "compress" => {
            ("Unix compress (Z)", &[], "https://pubs.opengroup.org/onlinepubs/9699919799/utilities/compress.html")
        }
        "cab" => (
            "Cabinets (MSZIP, LZX; Quantum is named only)",
            &["flate2", "lzxd"],
            "https://learn.microsoft.com/previous-versions/bb417343(v=msdn.10)",
        ),
        "iso" => (
            "ISO 9660, Joliet, Rock Ridge; UDF is named only",
            &[],
            "https://ecma-international.org/publications-and-standards/standards/ecma-119/",
        ),
        "ar" => ("ar, deb", &[], "https://man7.org/linux/man-pages/man5/deb.5.html"),
        "cpio" => ("cpio", &[], "https://man.freebsd.org/cgi/man.cgi?query=cpio&sektion=5"),
        "rpm" => ("rpm", &[], "https://rpm-software-management.github.io/rpm/manual/format_v4.html"),
        "lha" => ("lha, lzh", &[], "https://github.com/jca02266/lha/blob/master/header.doc.md"),
        "openpgp" => ("OpenPGP messages: how well they are sealed", &[], "https://www.rfc-editor.org/rfc/rfc9580"),
        "sealed" => (
            "Keys, S/MIME, age, KeePass, LUKS, BitLocker and other sealed files: how well they are sealed",
            &[],
            "https://www.rfc-editor.org/rfc/rfc5652",
        ),
        "signed" => ("Signed documents (p7m)", &[], "https://www.rfc-editor.org/rfc/rfc5652"),
        _ => ("", &[], ""),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::identify::identify;
    use crate::model::Name;

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR"))
    }

    #[test]
    fn every_reader_is_described_by_crates_that_are_used() {
        let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        for listed in list() {
            let Some(facts) = listed.reader else { continue };
            assert!(!listed.title.is_empty() && facts.specification.starts_with("https://"), "{}", facts.name);
            for name in facts.crates {
                assert!(manifest.contains(&format!("\n{name} = ")), "{name} of {}", facts.name);
            }
        }
    }

    #[test]
    fn what_is_not_read_has_a_reason() {
        let unread: Vec<_> = list().into_iter().filter(|listed| listed.reader.is_none()).collect();
        assert_eq!(unread.len(), UNREAD.len(), "none of them has a reader");
        assert!(unread.iter().all(|listed| listed.reason.is_some()));
    }

    fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
        let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                files_below(&path, found);
            } else {
                found.push(path);
            }
        }
    }

    /// The formats of the files in fixtures/.
    fn fixtures() -> BTreeSet<Format> {
        let mut files = Vec::new();
        files_below(&root().join("fixtures"), &mut files);
        let formats = files.into_iter().map(|file| {
            let bytes = fs::read(&file).unwrap();
            let name = Name::from_path(Path::new(file.file_name().unwrap()));
            identify(bytes.get(..65_536).unwrap_or(&bytes), &name)
        });
        formats.collect()
    }

    /// The fuzz targets that feed a reader; `everything` feeds those without one of their own.
    fn targets(reader: &str) -> String {
        let mut files = Vec::new();
        files_below(&root().join("tests/fuzz/targets"), &mut files);
        let named = |file: &&PathBuf| fs::read_to_string(file).unwrap().contains(&format!("\"{reader}\""));
        let names = files.iter().filter(named).map(|file| file.file_stem().unwrap().to_string_lossy().into_owned());
        let names: Vec<_> = names.collect();
        if names.is_empty() { "everything".to_owned() } else { names.join(", ") }
    }

    fn document() -> String {
        let fixtures = fixtures();
        let mut page = String::from(
            "# Formats\n\nWritten from the registry of readers (`src/scan/formats.rs`); `plainsight formats` prints the same.\n\
             A test fails when this page is stale; `PLAINSIGHT_WRITE=1 cargo test --lib -- scan::formats` writes it anew.\n\n\
             ## Read\n\n| formats | reader | version | decoded by | fixtures | fuzz target |\n|---|---|---|---|---|---|\n",
        );
        let lists = list();
        for listed in &lists {
            let Some(facts) = listed.reader else { continue };
            let by = if facts.crates.is_empty() { "own code".to_owned() } else { facts.crates.join(", ") };
            let has_files = listed.formats().any(|format| fixtures.contains(&format));
            let fixtures = if has_files { "files" } else { "made by tests" };
            writeln!(
                page,
                "| [{}]({}) | `{}` | {} | {by} | {fixtures} | {} |",
                listed.title,
                facts.specification,
                facts.name,
                facts.version,
                targets(facts.name)
            )
            .unwrap();
        }
        page.push_str(
            "\n## Told apart, and not read\n\n| formats | media type | what the report says |\n|---|---|---|\n",
        );
        for listed in lists.iter().filter(|listed| listed.reader.is_none()) {
            let media_types: Vec<_> = listed.media_types().collect();
            let reason = listed.reason.unwrap();
            writeln!(
                page,
                "| {} | {} | `{}`: {} |",
                listed.title,
                media_types.join(", "),
                reason.key(),
                reason.title()
            )
            .unwrap();
        }
        page
    }

    #[test]
    fn the_page_is_what_the_code_says() {
        let path = root().join("docs/formats.md");
        let page = document();
        if std::env::var_os("PLAINSIGHT_WRITE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &page).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap_or_default(), page, "run it with PLAINSIGHT_WRITE=1");
    }
}
