//! Every format that is read, one line each.

use crate::extract::access::Access;
use crate::extract::avro::Avro;
use crate::extract::cards::Cards;
use crate::extract::compound::CompoundFile;
use crate::extract::csv::Csv;
use crate::extract::dbase::Dbase;
use crate::extract::epub::Epub;
use crate::extract::html::Html;
use crate::extract::image::Image;
use crate::extract::iwork::IWork;
use crate::extract::json::Json;
use crate::extract::ldif::Ldif;
use crate::extract::mail::Mail;
use crate::extract::mbox::Mbox;
use crate::extract::odf::Odf;
use crate::extract::ooxml::Ooxml;
use crate::extract::parquet::Parquet;
use crate::extract::pdf::Pdf;
use crate::extract::plain::Plain;
use crate::extract::pst::MailStore;
use crate::extract::rtf::Rtf;
use crate::extract::sqlite::Sqlite;
use crate::extract::tnef::Tnef;
use crate::extract::toml::Toml;
use crate::extract::xml::Xml;
use crate::extract::yaml::Yaml;
use crate::identify::Format;
use crate::open::Reader;
use crate::open::ar::Ar;
use crate::open::cab::Cab;
use crate::open::compressed::Compressed;
use crate::open::cpio::Cpio;
use crate::open::iso::Iso;
use crate::open::lha::Lha;
use crate::open::openpgp::OpenPgp;
use crate::open::rar::Rar;
use crate::open::rpm::Rpm;
use crate::open::sealed::Sealed;
use crate::open::sevenz::SevenZip;
use crate::open::signed::Signed;
use crate::open::tar::Tar;
use crate::open::zip::Zip;

/// All readers. A format belongs to one of them at most.
pub static READERS: &[&dyn Reader] = &[
    &Plain,
    &Csv,
    &Json,
    &Xml,
    &Html,
    &Rtf,
    &Mail,
    &Mbox,
    &MailStore,
    &Tnef,
    &Cards,
    &IWork,
    &Epub,
    &Ooxml,
    &Odf,
    &CompoundFile,
    &Pdf,
    &Sqlite,
    &Access,
    &Parquet,
    &Avro,
    &Dbase,
    &Ldif,
    &Yaml,
    &Toml,
    &Image,
    &Zip,
    &SevenZip,
    &Tar,
    &Rar,
    &Compressed::Gzip,
    &Compressed::Bzip2,
    &Compressed::Xz,
    &Compressed::Lzma,
    &Compressed::Lzip,
    &Compressed::Zstd,
    &Compressed::Lz4,
    &Compressed::Compress,
    &Cab,
    &Iso,
    &Ar,
    &Cpio,
    &Rpm,
    &Lha,
    &OpenPgp,
    &Sealed,
    &Signed,
];

/// The reader of a format; none if it is not read.
pub fn reader(format: Format) -> Option<&'static dyn Reader> {
    READERS.iter().copied().find(|reader| reader.formats().contains(&format))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_format_has_two_readers_and_no_two_readers_one_name() {
        let mut formats: Vec<_> = READERS.iter().flat_map(|reader| reader.formats()).collect();
        let mut names: Vec<_> = READERS.iter().map(|reader| reader.name()).collect();
        let counts = (formats.len(), names.len());
        formats.sort();
        formats.dedup();
        names.sort_unstable();
        names.dedup();
        assert_eq!((formats.len(), names.len()), counts);
    }
}
