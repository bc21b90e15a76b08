//! Where a report goes, and the one place that makes its reporter.

use std::fs::Metadata;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::str::FromStr;

use super::csv::Csv;
use super::file::AtomicFile;
use super::jsonl::Jsonl;
use super::reporter::Reporter;
use super::sarif::Sarif;

/// A file that appears whole at the end, or a stream.
pub enum Target {
    File(AtomicFile),
    Stream(Box<dyn Write + Send>),
}

impl Target {
    /// The last word: a file takes its place.
    pub fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.commit(),
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
            Self::Stream(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stream(stream) => stream.flush(),
        }
    }
}

/// The formats of `--output FORMAT=FILE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    Jsonl,
    Csv,
    Sarif,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Jsonl, Self::Csv, Self::Sarif];

    /// As it is typed.
    pub fn key(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Sarif => "sarif",
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
    let (target, written) = match file {
        Some(path) => {
            let file = AtomicFile::create(path)?;
            let written = file.metadata();
            (Target::File(file), written)
        }
        None => (Target::Stream(Box::new(BufWriter::new(io::stdout()))), Vec::new()),
    };
    let reporter: Box<dyn Reporter> = match format {
        Format::Jsonl => Box::new(Jsonl::to_target(target)),
        Format::Csv => Box::new(Csv::new(target, options.reveal)),
        Format::Sarif => Box::new(Sarif::new(target)),
    };
    Ok((reporter, written))
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
