//! The formats we tell apart, each with its media type.

/// Closed: a file is one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    Empty,
    // Text and what is written as text
    Text,
    Csv,
    Tsv,
    Json,
    JsonLines,
    Xml,
    Html,
    Markdown,
    Sql,
    Mail,
    Mbox,
    // Documents
    Docx,
    Xlsx,
    Xlsb,
    Pptx,
    /// A drawing of Visio.
    Vsdx,
    Epub,
    Odt,
    Ods,
    Odp,
    Pdf,
    Rtf,
    /// JPEG, PNG, TIFF, GIF, WebP, a Windows bitmap, or HEIF.
    Image,
    /// A compound file whose kind its directory tells: doc, xls, ppt, msg, or an encrypted docx.
    CompoundFile,
    // Tables
    Sqlite,
    Access,
    Parquet,
    Avro,
    Dbase,
    /// Long texts of a table beside it: dbt, fpt.
    DbaseMemo,
    Ldif,
    Yaml,
    Toml,
    // Outlook and its kin
    /// pst and ost.
    MailStore,
    /// winmail.dat.
    Tnef,
    VCard,
    Calendar,
    /// A part of a Pages, Numbers or Keynote document.
    IWork,
    // Containers
    Zip,
    SevenZip,
    Tar,
    Gzip,
    Bzip2,
    Xz,
    Lzma,
    Lzip,
    Zstd,
    Rar,
    Cab,
    Iso,
    /// Ar archives that are no libraries: Debian packages.
    Ar,
    Cpio,
    Rpm,
    Lha,
    Lz4,
    /// What the old Unix program compress made: `.Z`.
    Compress,
    /// A CMS signature around its content: `.p7m`.
    Signed,
    // Sealed
    OpenPgp,
    OpenPgpArmor,
    Age,
    /// Any other encrypted file that says what it is: key, password safe, volume, S/MIME.
    Sealed,
    // Known, not read here
    /// Pictures of kinds that are not decoded: drawings of programs, JPEG 2000, icons.
    OtherImage,
    Audio,
    Video,
    Executable,
    Database,
    Font,
    DiskImage,
    /// Neither text nor anything known.
    Binary,
}

impl Format {
    /// IANA media type where one is registered, else the customary one.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Empty => "application/x-empty",
            Self::Text => "text/plain",
            Self::Csv => "text/csv",
            Self::Tsv => "text/tab-separated-values",
            Self::Json => "application/json",
            Self::JsonLines => "application/jsonl",
            Self::Xml => "application/xml",
            Self::Html => "text/html",
            Self::Markdown => "text/markdown",
            Self::Sql => "application/sql",
            Self::Mail => "message/rfc822",
            Self::Mbox => "application/mbox",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Xlsb => "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Vsdx => "application/vnd.ms-visio.drawing.main+xml",
            Self::Epub => "application/epub+zip",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Odp => "application/vnd.oasis.opendocument.presentation",
            Self::Pdf => "application/pdf",
            Self::Rtf => "application/rtf",
            Self::CompoundFile => "application/x-ole-storage",
            Self::Sqlite => "application/vnd.sqlite3",
            Self::Access => "application/vnd.ms-access",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Avro => "application/vnd.apache.avro",
            Self::Dbase => "application/vnd.dbf",
            Self::DbaseMemo => "application/x-dbase-memo",
            Self::Ldif => "text/ldif",
            Self::Yaml => "application/yaml",
            Self::Toml => "application/toml",
            Self::MailStore => "application/vnd.ms-outlook-pst",
            Self::Tnef => "application/vnd.ms-tnef",
            Self::VCard => "text/vcard",
            Self::Calendar => "text/calendar",
            Self::IWork => "application/vnd.apple.iwork",
            Self::Zip => "application/zip",
            Self::SevenZip => "application/x-7z-compressed",
            Self::Tar => "application/x-tar",
            Self::Gzip => "application/gzip",
            Self::Bzip2 => "application/x-bzip2",
            Self::Xz => "application/x-xz",
            Self::Lzma => "application/x-lzma",
            Self::Lzip => "application/lzip",
            Self::Zstd => "application/zstd",
            Self::Rar => "application/vnd.rar",
            Self::Cab => "application/vnd.ms-cab-compressed",
            Self::Iso => "application/x-iso9660-image",
            Self::Ar => "application/x-archive",
            Self::Cpio => "application/x-cpio",
            Self::Rpm => "application/x-rpm",
            Self::Lha => "application/x-lzh-compressed",
            Self::Lz4 => "application/x-lz4",
            Self::Compress => "application/x-compress",
            Self::OpenPgp | Self::OpenPgpArmor => "application/pgp-encrypted",
            Self::Signed => "application/pkcs7-mime",
            Self::Age => "application/x-age-encryption",
            Self::Sealed => "application/x-encrypted",
            Self::Image | Self::OtherImage => "image/*",
            Self::Audio => "audio/*",
            Self::Video => "video/*",
            Self::Executable => "application/x-executable",
            Self::Database => "application/x-database",
            Self::Font => "font/*",
            Self::DiskImage => "application/x-disk-image",
            Self::Binary => "application/octet-stream",
        }
    }
}
