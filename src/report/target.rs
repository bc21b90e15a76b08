//! Where a report goes, and the one place that makes its reporter.

use std::fs::Metadata;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::at_end::AtEnd;
use super::csv::Csv;
use super::file::AtomicFile;
use super::html;
use super::inventory::Inventory;
use super::jsonl::Jsonl;
use super::manifest::Manifest;
use super::ocsf::Ocsf;
use super::papers::{self, Paper};
use super::parquet::Parquet;
use super::reporter::Reporter;
use super::retention::Terms;
use super::sarif::Sarif;
use super::seal::{Recipient, Sealed};
use super::signature::SecretKey;
use super::subjects::Subjects;
use super::words::Language;
use super::workbook;
use crate::model::{MountRecord, Name, Summary};

/// A file that appears whole at the end, or a stream.
pub enum Target {
    File(AtomicFile),
    /// The same, encrypted before it reaches the disk.
    Sealed(Box<Sealed<AtomicFile>>),
    Stream(Box<dyn Write + Send>),
}

impl Target {
    /// The last word: a file takes its place.
    pub fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.commit(),
            Self::Sealed(sealed) => sealed.finish()?.commit(),
            Self::Stream(stream) => stream.flush(),
        }
    }

    #[cfg(test)]
    pub(super) fn memory() -> (Self, std::sync::Arc<std::sync::Mutex<Vec<u8>>>) {
        use std::sync::{Arc, Mutex};
        struct Shared(Arc<Mutex<Vec<u8>>>);
        impl Write for Shared {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().extend_from_slice(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let written = Arc::new(Mutex::new(Vec::new()));
        (Self::Stream(Box::new(Shared(Arc::clone(&written)))), written)
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Sealed(sealed) => sealed.write(bytes),
            Self::Stream(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Sealed(sealed) => sealed.flush(),
            Self::Stream(stream) => stream.flush(),
        }
    }
}

/// The formats of `--output FORMAT=FILE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    Html,
    Jsonl,
    Csv,
    /// The rows of the CSV with columns of their kinds.
    Parquet,
    Xlsx,
    Markdown,
    Sarif,
    Ocsf,
    /// The register: a workbook if the file is called so, else CSV.
    Art30,
    /// The facts for a notice: a page if the file is called so, else Markdown.
    Art33,
    /// The list of the other files with their SHA-256; to be made last.
    Manifest,
    /// The people in clear, with `--reveal` only.
    Subjects,
}

impl Format {
    pub const ALL: [Self; 12] = [
        Self::Html,
        Self::Jsonl,
        Self::Csv,
        Self::Parquet,
        Self::Xlsx,
        Self::Markdown,
        Self::Sarif,
        Self::Ocsf,
        Self::Art30,
        Self::Art33,
        Self::Manifest,
        Self::Subjects,
    ];

    /// As it is typed.
    pub fn key(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Xlsx => "xlsx",
            Self::Markdown => "markdown",
            Self::Sarif => "sarif",
            Self::Ocsf => "ocsf",
            Self::Art30 => "art30",
            Self::Art33 => "art33",
            Self::Manifest => "manifest",
            Self::Subjects => "subjects",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(key: &str) -> Result<Self, String> {
        let all = Self::ALL.map(Self::key).join(", ");
        let found = Self::ALL.into_iter().find(|format| format.key() == key);
        found.ok_or_else(|| format!("unknown format `{key}`; there is: {all}"))
    }
}

/// What a report depends on besides the scan.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The findings carry clear values, and the user asked to see them.
    pub reveal: bool,
    /// Of the reports for people.
    pub language: Language,
    /// How long documents are kept.
    pub terms: Terms,
    /// Who can open the reports that go into files; with nobody they are written in clear. A manifest always is.
    pub seal: Vec<Recipient>,
    /// Signs the manifest.
    pub sign: Option<SecretKey>,
    /// The other reports, for the manifest.
    pub others: Vec<(Format, PathBuf)>,
    /// For the manifest: the arguments of the command, with those that a file and the environment gave.
    pub configuration: Vec<Name>,
    /// For the manifest.
    pub mounts: Vec<MountRecord>,
}

/// Makes the reporter that writes `format` to the file, or to stdout where there is none; and
/// says which files are being written, so that a scan does not read them.
///
/// # Errors
/// The file cannot be created: now rather than at the end of a long scan.
pub fn reporter(
    format: Format,
    file: Option<&Path>,
    options: &Options,
) -> io::Result<(Box<dyn Reporter>, Vec<Metadata>)> {
    let (target, mut written) = match file {
        Some(path) if options.seal.is_empty() || format == Format::Manifest => {
            let file = AtomicFile::create(path)?;
            let written = file.metadata();
            (Target::File(file), written)
        }
        Some(path) => {
            let file = AtomicFile::create(&sealed_path(path))?;
            let written = file.metadata();
            let random = |bytes: &mut [u8]| getrandom::fill(bytes).map_err(|error| io::Error::other(error.to_string()));
            (Target::Sealed(Box::new(Sealed::new(file, &options.seal, random)?)), written)
        }
        None => (Target::Stream(Box::new(BufWriter::new(io::stdout()))), Vec::new()),
    };
    let extension = file.and_then(Path::extension).map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    let is_called = |wanted: &[&str]| extension.as_deref().is_some_and(|extension| wanted.contains(&extension));
    let reporter: Box<dyn Reporter> = match format {
        Format::Html => Box::new(AtEnd::new(target, options.language, Inventory::new(options.terms), html::page)),
        Format::Jsonl => Box::new(Jsonl::to_target(target)),
        Format::Csv => Box::new(Csv::new(target, options.terms, options.reveal)),
        Format::Parquet => Box::new(Parquet::new(target, options.terms, options.reveal)),
        Format::Xlsx => Box::new(AtEnd::new(target, options.language, Inventory::new(options.terms), workbook::whole)),
        Format::Markdown => paper(Paper::Summary, target, options),
        Format::Sarif => Box::new(Sarif::new(target)),
        Format::Ocsf => Box::new(Ocsf::new(target)),
        Format::Art30 => paper(Paper::Register { workbook: is_called(&["xlsx"]) }, target, options),
        Format::Art33 => paper(Paper::Notice { page: is_called(&["html", "htm"]) }, target, options),
        Format::Subjects => Box::new(Subjects::new(target)),
        Format::Manifest => {
            let placed = |path: &PathBuf| if options.seal.is_empty() { path.clone() } else { sealed_path(path) };
            let others = options.others.iter().map(|(format, path)| (format.key(), placed(path))).collect();
            let (signer, metadata) = match (&options.sign, file) {
                (Some(key), Some(path)) => {
                    let signature = AtomicFile::create(&signature_path(path))?;
                    let metadata = signature.metadata();
                    (Some((key.clone(), signature)), metadata)
                }
                _ => (None, Vec::new()),
            };
            written.extend(metadata);
            let manifest = Manifest::new(target, file, others).signed(signer);
            Box::new(manifest.of_scan(options.configuration.clone(), options.mounts.clone()))
        }
    };
    Ok((reporter, written))
}

/// Where a sealed report lies: `report.html.age`.
pub fn sealed_path(path: &Path) -> PathBuf {
    if path.extension().is_some_and(|extension| extension == "age") {
        path.to_owned()
    } else {
        with_suffix(path, ".age")
    }
}

/// Where the signature of a manifest lies: `manifest.json.sig`.
pub fn signature_path(manifest: &Path) -> PathBuf {
    with_suffix(manifest, ".sig")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn paper(paper: Paper, target: Target, options: &Options) -> Box<dyn Reporter> {
    let render =
        move |inventory: &Inventory, summary: &Summary, language| papers::whole(paper, inventory, summary, language);
    Box::new(AtEnd::new(target, options.language, Inventory::of_figures(options.terms), render))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_typed_as_it_prints() {
        for format in Format::ALL {
            assert_eq!(format.key().parse(), Ok(format));
        }
        assert!("docx".parse::<Format>().unwrap_err().contains("jsonl, "));
    }
}
