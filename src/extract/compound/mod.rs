//! Reads compound files: Word, Excel and PowerPoint before 2007, Outlook messages, and the shell of sealed Office documents.
//!
//! Specifications: [MS-CFB], [MS-DOC], [MS-XLS], [MS-PPT], [MS-OXMSG], [MS-OFFCRYPTO].

mod file;
mod installer;
mod macros;
mod message;
mod properties;
mod records;
mod seal;
mod sheets;
mod slides;
mod storage;
mod word;
mod word_encoding;

use crate::extract::writer::TextWriter;
use crate::identify::Format;
use crate::model::{Protection, Reason};
use crate::open::reader::{ReadError, Reader, Sink};
use crate::open::{Access, Budget, Input};

use storage::Storage;

pub(in crate::extract) use storage::{narrow, u16_at, u32_at, wide};
pub(in crate::extract) use word::code_page_of;

/// Objects within objects.
const DEEPEST: usize = 8;

/// Compound files, by what their directory says.
pub struct CompoundFile;

impl Reader for CompoundFile {
    fn name(&self) -> &'static str {
        "compound_file"
    }

    fn version(&self) -> u32 {
        3
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::CompoundFile]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut storage = Storage::open(input, budget)?;
        // Saved for PowerPoint 95 and 97 at once; the newer one says it all.
        if storage.has("PP97_DUALSTORAGE") {
            storage = storage.enter("PP97_DUALSTORAGE");
        }
        if storage.has("EncryptedPackage") {
            return seal::read_package(&mut storage, sink);
        }
        if storage.has("\u{9}DRMContent") {
            sink.protection(seal::rights_managed("a stream DRMContent"));
            return Err(ReadError::Encrypted);
        }
        let kind = Kind::of(&storage);
        if let Some(media_type) = kind.media_type(&storage) {
            sink.refine(media_type);
        }
        let mut writer = TextWriter::new(sink);
        let result = read_storage(&mut storage, kind, &mut writer, 0);
        // What was read before the end of a budget counts.
        writer.finish()?;
        result
    }
}

/// What a storage is, by the streams in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Word,
    Excel,
    PowerPoint,
    Message,
    /// A shell around one embedded file.
    Package,
    Macros,
    /// Of the Windows installer: tables, and cabinets with the files.
    Installer,
    Other,
}

impl Kind {
    fn of(storage: &Storage<'_>) -> Self {
        if storage.has("WordDocument") {
            Self::Word
        } else if storage.has("Workbook") || storage.has("Book") {
            Self::Excel
        } else if storage.has("PowerPoint Document") {
            Self::PowerPoint
        } else if storage.has("__properties_version1.0") {
            Self::Message
        } else if storage.has("\u{1}Ole10Native") || storage.has("Package") || storage.has("CONTENTS") {
            Self::Package
        } else if storage.has("PROJECT") && storage.has("VBA") {
            Self::Macros
        } else if storage.names().any(|name| name.starts_with('\u{4840}')) {
            Self::Installer
        } else {
            Self::Other
        }
    }

    fn media_type(self, storage: &Storage<'_>) -> Option<&'static str> {
        Some(match self {
            Self::Word => "application/msword",
            Self::Excel => "application/vnd.ms-excel",
            Self::PowerPoint => "application/vnd.ms-powerpoint",
            Self::Message => "application/vnd.ms-outlook",
            Self::Macros => "application/vnd.ms-office.vbaproject",
            Self::Package if storage.has("Quill") => "application/x-mspublisher",
            Self::Package if storage.has("\u{1}CompObj") && storage.has("MatOST") => "application/vnd.ms-works",
            _ if storage.has("VisioDocument") => "application/vnd.visio",
            _ if storage.has("Quill") => "application/x-mspublisher",
            _ if storage.names().any(|name| name.trim_start().starts_with("114")) => "application/vnd.ms-project",
            Self::Installer => "application/x-msi",
            _ if storage.has("Catalog") => "application/x-windows-thumbnails",
            _ => return None,
        })
    }

    /// What to say of a storage that is not read.
    fn title(media_type: Option<&str>) -> &'static str {
        match media_type {
            Some("application/x-mspublisher") => "a Publisher document",
            Some("application/vnd.ms-works") => "a Works document",
            Some("application/vnd.visio") => "a Visio drawing",
            Some("application/vnd.ms-project") => "a Project plan",
            Some("application/x-msi") => "an installer package",
            Some("application/x-windows-thumbnails") => "a thumbnail cache",
            _ => "this kind of compound file",
        }
    }
}

/// Reads the document in a storage, then the objects embedded in it.
fn read_storage(
    storage: &mut Storage<'_>,
    kind: Kind,
    writer: &mut TextWriter<'_>,
    depth: usize,
) -> Result<(), ReadError> {
    let result = match kind {
        Kind::Word => word::read(storage, writer, depth),
        Kind::Excel => sheets::read(storage, writer, depth),
        Kind::PowerPoint => slides::read(storage, writer, depth),
        Kind::Message => return message::read(storage, writer, depth),
        Kind::Package => push_package(storage, writer.sink()?),
        Kind::Macros => return macros::read(storage, writer),
        Kind::Installer => installer::read(storage, writer.sink()?),
        Kind::Other => Err(ReadError::Unsupported(Kind::title(kind.media_type(storage)))),
    };
    if let Err(error) = &result
        && crate::extract::package::ends_the_file(error)
    {
        return result;
    }
    properties::read(storage, writer)?;
    if matches!(result, Err(ReadError::Encrypted)) {
        return result;
    }
    read_embedded(storage, kind, writer, depth)?;
    result
}

/// Storages inside: objects of the pool of Word, of Excel (`MBD0001A2B3`), macros.
fn read_embedded(
    storage: &mut Storage<'_>,
    kind: Kind,
    writer: &mut TextWriter<'_>,
    depth: usize,
) -> Result<(), ReadError> {
    for name in storage.folders() {
        let lower = name.to_lowercase();
        if lower == "objectpool" {
            for object in storage.folders_in(&name) {
                read_object(storage, &object, writer, depth)?;
            }
        } else if lower.starts_with("mbd") {
            read_object(storage, &name, writer, depth)?;
        } else if matches!(lower.as_str(), "macros" | "_vba_project_cur") && kind != Kind::Other {
            macros::read(&storage.enter(&name), writer)?;
        }
    }
    Ok(())
}

/// The verdict on the file; an object inside that is sealed is a gap in it, and its end says so.
fn pronounce(protection: Protection, writer: &mut TextWriter<'_>, depth: usize) -> Result<(), ReadError> {
    if depth == 0 {
        writer.sink()?.protection(protection);
    }
    Ok(())
}

fn read_object(
    storage: &mut Storage<'_>,
    path: &str,
    writer: &mut TextWriter<'_>,
    depth: usize,
) -> Result<(), ReadError> {
    if depth >= DEEPEST {
        writer.sink()?.gap(Reason::TooDeep, "an embedded object is nested too deeply");
        return Ok(());
    }
    storage.budget().spend_member()?;
    let mut inner = storage.enter(path);
    let kind = Kind::of(&inner);
    // The picture that stands for an object is no object; one of an unknown program says nothing.
    let result = if kind == Kind::Other {
        // Formulas of the equation editor are numbers and letters without words.
        let is_empty = |name: &str| name.starts_with(['\u{1}', '\u{3}']) || name == "Equation Native";
        if inner.names().all(is_empty) {
            return Ok(());
        }
        Err(ReadError::Unsupported("an embedded object of an unknown program"))
    } else {
        read_storage(&mut inner, kind, writer, depth + 1)
    };
    match result {
        Err(error) if crate::extract::package::ends_the_file(&error) => Err(error),
        Err(error) => {
            writer.sink()?.gap(error.reason(), "an embedded object cannot be read");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// The file inside of an OLE package: as a stream of its own, or wrapped with its name.
fn push_package(storage: &mut Storage<'_>, sink: &mut dyn Sink) -> Result<(), ReadError> {
    use crate::open::Member;
    for name in ["Package", "CONTENTS"] {
        if let Some(mut stream) = storage.stream(name)? {
            let mut member = Member::new(storage.path_of(name));
            member.size = Some(stream.len());
            return sink.member(member, &mut stream);
        }
    }
    let Some(mut stream) = storage.stream("\u{1}Ole10Native")? else {
        return Err(ReadError::malformed("compound file", "the embedded file is missing"));
    };
    // [MS-OLEDS] 2.3.6 gives the size only; what programs put inside is customary: flags,
    // label, path, flags, path to a temporary copy, size, data.
    let mut head = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(&mut stream, 8192), &mut head)?;
    let packaged = storage::native_package(&head);
    let (name, start) = packaged.unwrap_or_else(|| ("embedded.bin".to_owned(), 4));
    std::io::Seek::seek(&mut stream, std::io::SeekFrom::Start(start))?;
    let name = name.rsplit(['\\', '/']).next().unwrap_or(&name).to_owned();
    sink.member(Member::new(name), &mut stream)
}

#[cfg(test)]
mod tests {
    use super::file::tests::compound;
    use super::*;
    use crate::model::State;
    use crate::open::collect::{Collected, collect};

    fn read(streams: &[(&str, &[u8])]) -> Collected {
        collect(&CompoundFile, "x", &compound(streams))
    }

    fn sealed(streams: &[(&str, &[u8])]) -> (State, String) {
        let collected = read(streams);
        assert!(matches!(collected.error, Some(ReadError::Encrypted)), "{:?}", collected.error);
        let protection = collected.protection.unwrap();
        (protection.state, protection.scheme.unwrap_or_default())
    }

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap();
        [&kind.to_le_bytes(), &length.to_le_bytes(), data].concat()
    }

    /// A workbook of one sheet, with `globals` before the end of its own records.
    fn xls(globals: &[u8], cells: &[u8]) -> Vec<u8> {
        let begin = |kind: u8| record(0x0809, &[0, 6, kind, 0]);
        [&begin(5), globals, &record(0x0A, &[]), &begin(0x10), cells, &record(0x0A, &[])].concat()
    }

    #[test]
    fn a_workbook_is_read_cell_by_cell() {
        let strings = record(0xFC, &[1, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, b'N', b'o', b'm', b'e']);
        let cells = [
            record(0xFD, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            record(0x0204, &[1, 0, 0, 0, 0, 0, 4, 0, 0, b'A', b'n', b'n', b'a']),
            record(0x027E, &[1, 0, 1, 0, 0, 0, 0x1E, 0, 0, 0]),
        ];
        let collected = read(&[("Workbook", &xls(&strings, &cells.concat()))]);
        assert_eq!(collected.content(), "Nome\nAnna\t7\n");
        assert_eq!(collected.media_type, Some("application/vnd.ms-excel"));
        let text = collected.texts.first().unwrap();
        assert_eq!((text.place(5).to_string().as_str(), text.label(5)), ("sheet 1, cell A2", Some("Nome")));
    }

    #[test]
    fn cells_kept_of_another_workbook_are_read() {
        let mut row = vec![3, 0, 7, 0, 2, 4, 0, 0];
        row.extend(b"Anna");
        row.push(1);
        row.extend(1850.5_f64.to_le_bytes());
        row.extend([4, 1, 0, 0, 0, 0, 0, 0, 0]);
        row.extend([2, 1, 0, 1, 0x42, 0x01]);
        let collected = read(&[("Workbook", &xls(&record(0x5A, &row), &[]))]);
        assert_eq!(collected.content(), "Anna\t1850.5\tł\n");
    }

    #[test]
    fn slides_behind_what_is_no_record_are_read() {
        let atom = |version: u16, kind: u16, data: &[u8]| {
            let length = u32::try_from(data.len()).unwrap();
            [&version.to_le_bytes()[..], &kind.to_le_bytes(), &length.to_le_bytes(), data].concat()
        };
        let mut stream = atom(0xF, 1000, &[]);
        stream.extend([0; 21]);
        let slide = u32::try_from(stream.len()).unwrap();
        stream.extend(atom(0xF, 1006, &atom(0, 4008, b"Anna Prova")));
        let directory = u32::try_from(stream.len()).unwrap();
        stream.extend(atom(0, 6002, &[1_u32 | 2 << 20, 0, slide].map(u32::to_le_bytes).concat()));
        let edit = u32::try_from(stream.len()).unwrap();
        stream.extend(atom(0, 4085, &[0, 0, 0, directory, 0, 0, 0].map(u32::to_le_bytes).concat()));
        let user = [vec![0; 16], edit.to_le_bytes().to_vec()].concat();
        let collected = read(&[("PowerPoint Document", &stream), ("Current User", &user)]);
        assert_eq!(collected.content(), "Anna Prova\n");
        assert!(collected.error.is_none(), "{:?}", collected.error);
    }

    #[test]
    fn old_seals_are_weak() {
        let mut fib = vec![0; 1024];
        fib.splice(0..4, [0xEC, 0xA5, 0xC1, 0]);
        fib.splice(10..12, [0x00, 0x81]);
        assert_eq!(sealed(&[("WordDocument", &fib)]), (State::Weak, "office-xor".into()));
        fib.splice(10..12, [0x00, 0x01]);
        let table: &[u8] = &[1, 0, 1, 0];
        assert_eq!(sealed(&[("WordDocument", &fib), ("0Table", table)]), (State::Weak, "office-rc4-40".into()));
        let xor = xls(&record(0x2F, &[0, 0, 1, 2, 3, 4]), &[]);
        assert_eq!(sealed(&[("Workbook", &xor)]), (State::Weak, "office-xor".into()));
        let user = [[0; 12], [0xDF, 0xC4, 0xD1, 0xF3, 0, 0, 0, 0, 0, 0, 0, 0]].concat();
        let ppt: &[u8] = &[0xF, 0, 0xE8, 3, 0, 0, 0, 0];
        let streams = [("PowerPoint Document", ppt), ("Current User", user.as_slice())];
        assert_eq!(sealed(&streams), (State::Weak, "office-rc4".into()));
    }

    #[test]
    fn sealed_packages_say_how() {
        let xml = "\u{4}\0\u{4}\0\u{40}\0\0\0<encryption><keyData cipherAlgorithm='AES' keyBits='256' hashAlgorithm='SHA512'/></encryption>";
        let package: (&str, &[u8]) = ("EncryptedPackage", b"x");
        assert_eq!(
            sealed(&[("EncryptionInfo", xml.as_bytes()), package]),
            (State::Strong, "ooxml-agile-aes256".into())
        );
        assert_eq!(sealed(&[package]).0, State::Unknown);
        assert_eq!(sealed(&[("\u{9}DRMContent", b"x")]), (State::Unknown, "ms-irm".into()));
    }

    #[test]
    fn what_is_not_read_says_so() {
        let collected = read(&[("VisioDocument", b"x")]);
        assert_eq!(collected.media_type, Some("application/vnd.visio"));
        assert_eq!(collected.error.map(|e| e.to_string()).as_deref(), Some("a Visio drawing is not supported"));
        assert!(collect(&CompoundFile, "x", b"").error.is_some());
    }

    #[test]
    fn wrapped_files_become_items() {
        let collected = read(&[("Package", b"PK")]);
        assert_eq!(collected.member_names(), ["Package"]);
    }
}
