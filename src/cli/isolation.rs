//! From the arguments to worker processes: what they are told, and the command that they are.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::Context;

use crate::judge::{Key, Options};
use crate::model::Name;
use crate::scan::process::{self, Launch, PatternSource, Spare};

use super::args::Switch;
use super::exit::Exit;

/// The first worker, which loads the detectors while the scan gets ready. If it cannot be started now, the scan will try
/// again, and say why not.
pub(super) fn spare(isolation: Switch) -> Option<Spare> {
    (isolation == Switch::On).then(Spare::start).and_then(Result::ok)
}

/// What workers are told; nothing if there shall be none.
pub(super) fn launch(
    isolation: Switch,
    spare: Option<Spare>,
    memory: u64,
    key: Key,
    options: Options,
    patterns: Option<&Path>,
    models: Option<PathBuf>,
) -> anyhow::Result<Option<Launch>> {
    if isolation == Switch::Off {
        return Ok(None);
    }
    let patterns = match patterns {
        Some(dir) => sources(dir).with_context(|| format!("reading {}", Name::from_path(dir)))?,
        None => Vec::new(),
    };
    Ok(Some(Launch { key, options, patterns, models, memory, spare: Mutex::new(spare) }))
}

/// Is a worker until the scan that started it is over.
pub(super) fn work() -> anyhow::Result<Exit> {
    process::run()?;
    Ok(Exit::Clean)
}

/// The files of [`crate::detect::Catalogue::with_user_dir`] in its order and under its names:
/// workers start while the scan goes on, and all have the detectors with which it began.
fn sources(dir: &Path) -> io::Result<Vec<PatternSource>> {
    let mut paths = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == "toml") {
                paths.push(entry.path());
            }
        }
    }
    paths.sort();
    paths.iter().map(|path| source(dir, path)).collect()
}

fn source(dir: &Path, path: &PathBuf) -> io::Result<PatternSource> {
    let folder = path.parent().filter(|parent| *parent != dir).and_then(Path::file_name);
    Ok(PatternSource {
        file: path.strip_prefix(dir).unwrap_or(path).to_string_lossy().replace('\\', "/"),
        folder: folder.map(|name| name.to_string_lossy().into_owned()),
        content: std::fs::read_to_string(path)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Catalogue;

    #[test]
    fn workers_have_the_detectors_of_the_scan() {
        let dir = tempfile::tempdir().unwrap();
        let detector = |id: &str| {
            format!(
                "[[detector]]\nid = \"{id}\"\ntitle = \"badge\"\ncategory = \"employee_number\"\nconfidence = {{ bare = 0.9 }}\npattern = 'Q[0-9]{{5}}'\n\
                 references = [\"https://example.org\"]\nexamples = [\"Q12345\"]\ncounterexamples = [\"Q1234\"]\n"
            )
        };
        std::fs::create_dir(dir.path().join("acme")).unwrap();
        std::fs::write(dir.path().join("zz.toml"), detector("zz.one")).unwrap();
        std::fs::write(dir.path().join("acme/b.toml"), detector("acme.two")).unwrap();
        std::fs::write(dir.path().join("notes.txt"), "no detectors").unwrap();
        let theirs = Catalogue::built_in().unwrap().with_user_dir(dir.path()).unwrap();
        let mut ours = Catalogue::built_in().unwrap();
        for source in sources(dir.path()).unwrap() {
            ours.add(&source.file, &source.content, source.folder.as_deref()).unwrap();
        }
        assert_eq!(ours.hash(), theirs.hash());
        assert_eq!(ours.detectors().len(), theirs.detectors().len());
    }
}
