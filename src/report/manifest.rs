//! A list of the reports of a scan with their SHA-256, by which anybody can tell later whether one was changed.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::file::AtomicFile;
use super::reporter::Reporter;
use super::signature::{PublicKey, SecretKey, SignatureError};
use super::target::{Target, signature_path};
use crate::model::{ItemRecord, MountRecord, Name, ScanRecord, Summary, hex};

const SCHEMA: u32 = 1;

/// Written last: it reads what the other reporters have written. Unless it is signed, who can
/// change a report can change it too.
pub struct Manifest {
    out: Target,
    directory: PathBuf,
    others: Vec<(&'static str, PathBuf)>,
    scan: Option<ScanRecord>,
    signer: Option<(SecretKey, AtomicFile)>,
    configuration: Vec<Name>,
    mounts: Vec<MountRecord>,
}

#[derive(Serialize)]
struct Written<'a> {
    manifest: u32,
    tool: &'a str,
    version: &'a str,
    detectors_hash: &'a str,
    started: &'a str,
    ended: String,
    roots: &'a [Name],
    #[serde(skip_serializing_if = "Option::is_none")]
    mounts: Option<&'a [MountRecord]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<&'a [Name]>,
    outputs: Vec<Output>,
    summary: &'a Summary,
}

#[derive(Serialize, Deserialize)]
struct Output {
    format: String,
    /// Beside the manifest, or absolute.
    file: Name,
    bytes: u64,
    sha256: String,
}

impl Manifest {
    /// `file` is that of the manifest itself; `others` are the formats and files of the reports.
    pub fn new(out: Target, file: Option<&Path>, others: Vec<(&'static str, PathBuf)>) -> Self {
        Self {
            out,
            directory: file.map(directory).unwrap_or_default(),
            others,
            scan: None,
            signer: None,
            configuration: Vec::new(),
            mounts: Vec::new(),
        }
    }

    /// The arguments of the scan, and the file systems that it read.
    pub fn of_scan(self, configuration: Vec<Name>, mounts: Vec<MountRecord>) -> Self {
        Self { configuration, mounts, ..self }
    }

    /// The key that signs it, and the file of the signature.
    pub fn signed(self, signer: Option<(SecretKey, AtomicFile)>) -> Self {
        Self { signer, ..self }
    }
}

impl Reporter for Manifest {
    fn scan(&mut self, scan: &ScanRecord) -> io::Result<()> {
        self.scan = Some(scan.clone());
        Ok(())
    }

    fn record(&mut self, _record: &ItemRecord) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let mut outputs = Vec::new();
        for (format, path) in &self.others {
            let (bytes, sha256) = digest(path)?;
            let beside = path.file_name().filter(|_| directory(path) == self.directory);
            let file = match beside {
                Some(name) => Name::from_path(Path::new(name)),
                None => Name::from_path(&path.canonicalize()?),
            };
            outputs.push(Output { format: (*format).to_owned(), file, bytes, sha256 });
        }
        let scan = self.scan.as_ref();
        let written = Written {
            manifest: SCHEMA,
            tool: scan.map_or("", |scan| scan.tool),
            version: scan.map_or("", |scan| scan.version),
            detectors_hash: scan.map_or("", |scan| &scan.detectors_hash),
            started: scan.map_or("", |scan| &scan.started),
            ended: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            roots: scan.map_or(&[], |scan| &scan.roots),
            // A state of an earlier version knows neither.
            mounts: Some(self.mounts.as_slice()).filter(|mounts| !mounts.is_empty()),
            configuration: Some(self.configuration.as_slice()).filter(|arguments| !arguments.is_empty()),
            outputs,
            summary,
        };
        let mut bytes = serde_json::to_vec_pretty(&written)?;
        bytes.push(b'\n');
        self.out.write_all(&bytes)?;
        self.out.finish()?;
        if let Some((key, mut file)) = self.signer.take() {
            file.write_all(key.sign(&bytes).as_bytes())?;
            file.commit()?;
        }
        Ok(())
    }
}

/// What became of a report of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Same,
    Changed,
    /// Not there, or not to be read.
    Missing,
}

/// Each report of the manifest, and whether it is the one that was written.
///
/// # Errors
/// The manifest cannot be read, or is none.
pub fn verify(manifest: &Path) -> io::Result<Vec<(Name, Verdict)>> {
    #[derive(Deserialize)]
    struct Kept {
        manifest: u32,
        outputs: Vec<Output>,
    }
    let kept: Kept = serde_json::from_slice(&bytes_of(manifest)?)?;
    if kept.manifest != SCHEMA {
        return Err(io::Error::other("a manifest of another version of this program"));
    }
    let directory = directory(manifest);
    let verdict = |output: Output| {
        let verdict = match digest(&directory.join(path(&output.file))) {
            Ok((bytes, sha256)) if bytes == output.bytes && sha256 == output.sha256 => Verdict::Same,
            Ok(_) => Verdict::Changed,
            Err(_) => Verdict::Missing,
        };
        (output.file, verdict)
    };
    Ok(kept.outputs.into_iter().map(verdict).collect())
}

/// Whether the signature beside a manifest is that of this key; none where there is no signature.
///
/// # Errors
/// The manifest cannot be read.
pub fn verify_signature(manifest: &Path, key: PublicKey) -> io::Result<Option<Result<(), SignatureError>>> {
    let Some(signature) = read_signature(manifest) else { return Ok(None) };
    Ok(Some(key.verify(&bytes_of(manifest)?, &signature)))
}

/// Whether a signature lies beside a manifest.
pub fn is_signed(manifest: &Path) -> bool {
    signature_path(manifest).exists()
}

fn read_signature(manifest: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(signature_path(manifest)).ok()?.take(64 << 10).read_to_string(&mut text).ok()?;
    Some(text)
}

fn bytes_of(manifest: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(manifest)?.take(16 << 20).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn directory(file: &Path) -> PathBuf {
    file.parent().map(Path::to_owned).unwrap_or_default()
}

#[cfg(unix)]
fn path(name: &Name) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(name.as_bytes()))
}

#[cfg(not(unix))]
fn path(name: &Name) -> PathBuf {
    PathBuf::from(name.to_str().unwrap_or_default())
}

fn digest(file: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(file)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(buffer.get(..read).unwrap_or_default());
        bytes += read as u64;
    }
    Ok((bytes, hex(&hash.finalize())))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::sample::{share, summary};
    use super::*;

    #[test]
    fn a_changed_report_and_a_missing_one_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["a.csv", "b.html", "c.md"] {
            fs::write(at(name), name).unwrap();
        }
        let target = Target::File(AtomicFile::create(&at("manifest.json")).unwrap());
        let others = vec![("csv", at("a.csv")), ("html", at("b.html")), ("markdown", at("c.md"))];
        let mut manifest = Manifest::new(target, Some(&at("manifest.json")), others);
        manifest.finish(&summary(&share())).unwrap();
        let verdicts = || -> Vec<Verdict> {
            verify(&at("manifest.json")).unwrap().into_iter().map(|(_, verdict)| verdict).collect()
        };
        assert_eq!(verdicts(), [Verdict::Same; 3]);
        fs::write(at("a.csv"), "A.csv").unwrap();
        fs::remove_file(at("c.md")).unwrap();
        assert_eq!(verdicts(), [Verdict::Changed, Verdict::Same, Verdict::Missing]);
        assert!(verify(&at("b.html")).is_err());
    }
}
