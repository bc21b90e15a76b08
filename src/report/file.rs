//! A report file that appears whole or not at all, and that only its owner can read.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Collects a report beside its destination and takes its place on [`AtomicFile::commit`].
/// Dropped before that, it leaves nothing behind and the destination as it was. What is no
/// regular file (a pipe, `/dev/null`) is written straight through: it must not be replaced.
pub struct AtomicFile {
    inner: Inner,
}

enum Inner {
    Temporary { file: BufWriter<NamedTempFile>, target: PathBuf },
    Through(BufWriter<File>),
    Committed,
}

impl AtomicFile {
    /// Fails if the directory does not exist or may not be written to: before the scan
    /// rather than at its end.
    pub fn create(target: &Path) -> io::Result<Self> {
        // A link is followed, so that the file it points to is replaced and not the link.
        let target = match fs::canonicalize(target) {
            Ok(existing) => existing,
            Err(error) if error.kind() == io::ErrorKind::NotFound => target.to_owned(),
            Err(error) => return Err(error),
        };
        let inner = match fs::metadata(&target) {
            Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(metadata) if !metadata.is_file() => {
                Inner::Through(BufWriter::new(OpenOptions::new().write(true).open(&target)?))
            }
            _ => Inner::Temporary { file: BufWriter::new(beside(&target)?), target },
        };
        Ok(Self { inner })
    }

    /// What the system says of the files that belong to this report: the one being written,
    /// and the one it will replace.
    pub fn metadata(&self) -> Vec<Metadata> {
        match &self.inner {
            Inner::Temporary { file, target } => {
                file.get_ref().as_file().metadata().into_iter().chain(fs::metadata(target)).collect()
            }
            Inner::Through(_) | Inner::Committed => Vec::new(),
        }
    }

    /// Puts the file in its place, replacing what was there. Once only.
    pub fn commit(&mut self) -> io::Result<()> {
        match std::mem::replace(&mut self.inner, Inner::Committed) {
            Inner::Temporary { file, target } => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                // Without this a crash of the machine could leave an empty report of the right name.
                file.as_file().sync_all()?;
                file.persist(&target).map_err(|failed| failed.error)?;
                Ok(())
            }
            Inner::Through(mut file) => file.flush(),
            Inner::Committed => Err(committed()),
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.inner {
            Inner::Temporary { file, .. } => file.write(bytes),
            Inner::Through(file) => file.write(bytes),
            Inner::Committed => Err(committed()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.inner {
            Inner::Temporary { file, .. } => file.flush(),
            Inner::Through(file) => file.flush(),
            Inner::Committed => Ok(()),
        }
    }
}

fn committed() -> io::Error {
    io::Error::other("the report was already finished")
}

/// A hidden file in the directory of `target`: a rename must not cross file systems.
fn beside(target: &Path) -> io::Result<NamedTempFile> {
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".plainsight-").suffix(".partial");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o600));
    }
    builder.tempfile_in(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(directory).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_report_appears_whole() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("report.jsonl");
        fs::write(&target, "yesterday").unwrap();
        let mut file = AtomicFile::create(&target).unwrap();
        file.write_all(b"today").unwrap();
        file.flush().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"yesterday");
        file.commit().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"today");
        assert_eq!(names(directory.path()), ["report.jsonl"]);
        assert!(file.write_all(b"more").is_err());
        assert!(file.commit().is_err());
    }

    #[test]
    fn a_report_that_was_not_finished_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let mut file = AtomicFile::create(&directory.path().join("report.jsonl")).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert!(names(directory.path()).is_empty());
    }

    #[test]
    fn a_missing_directory_and_a_directory_are_refused_at_once() {
        let directory = tempfile::tempdir().unwrap();
        assert!(AtomicFile::create(&directory.path().join("none/report.jsonl")).is_err());
        assert!(AtomicFile::create(directory.path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("report.jsonl");
        fs::write(&target, "").unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o644)).unwrap();
        let mut file = AtomicFile::create(&target).unwrap();
        let partial = directory.path().join(names(directory.path()).first().unwrap());
        assert_eq!(fs::metadata(partial).unwrap().permissions().mode() & 0o777, 0o600);
        file.commit().unwrap();
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_and_a_device_is_not_replaced() {
        use std::os::unix::fs::{FileTypeExt, symlink};
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("real"), "old").unwrap();
        symlink("real", directory.path().join("link")).unwrap();
        let mut file = AtomicFile::create(&directory.path().join("link")).unwrap();
        file.write_all(b"new").unwrap();
        file.commit().unwrap();
        assert_eq!(fs::read(directory.path().join("real")).unwrap(), b"new");
        assert!(fs::symlink_metadata(directory.path().join("link")).unwrap().is_symlink());

        symlink("/dev/null", directory.path().join("null")).unwrap();
        let mut null = AtomicFile::create(&directory.path().join("null")).unwrap();
        null.write_all(b"gone").unwrap();
        null.commit().unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    }
}
