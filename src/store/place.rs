//! Where a state lies: its default path, its permissions, the lock that keeps two runs apart.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::StoreError;
use super::mount::{self, Mounts};

/// The directory for states of this user; none if the system names none.
pub fn default_directory() -> Option<PathBuf> {
    let named = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    // A relative path in it is to be ignored: https://specifications.freedesktop.org/basedir-spec/
    let base = named("XDG_STATE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| named("HOME").map(|home| home.join(".local/state")))
        .or_else(|| named("LOCALAPPDATA"))?;
    Some(base.join("plainsight"))
}

/// The name of the default state of these roots: the last part of the first, and a hash of all.
pub fn default_name(roots: &[PathBuf]) -> String {
    let mut sorted: Vec<_> = roots.iter().map(|root| root.as_os_str().as_encoded_bytes()).collect();
    sorted.sort_unstable();
    let mut hasher = Sha256::new();
    for root in sorted {
        hasher.update((root.len() as u64).to_le_bytes());
        hasher.update(root);
    }
    let hash = crate::model::hex(hasher.finalize().get(..5).unwrap_or_default());
    let last = roots.first().and_then(|root| root.file_name()).map(|name| name.to_string_lossy().into_owned());
    let plain: String = last.unwrap_or_default().chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect();
    let short: String = plain.chars().take(40).collect();
    if short.is_empty() { format!("{hash}.sqlite") } else { format!("{short}-{hash}.sqlite") }
}

/// A file beside the state: its key, its lock.
pub fn beside(state: &Path, suffix: &str) -> PathBuf {
    let mut name = state.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes the directory and the empty file, readable by their owner alone. SQLite gives its
/// other files the rights of this one.
pub(super) fn prepare(path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::File { path: path.to_owned(), source };
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_private_directory(parent).map_err(failed)?;
    let real = parent.canonicalize().map_err(failed)?;
    if let Some(kind) = Mounts::read().kind(&real).filter(|kind| mount::is_network(kind)) {
        return Err(StoreError::Network { path: real, kind: kind.to_owned() });
    }
    private(OpenOptions::new().write(true).create(true).truncate(false)).open(path).map_err(failed)?;
    Ok(())
}

/// Directories that are there already keep their rights.
fn make_private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Held as long as a run uses the state; the system lets go of it whatever ends the process.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "held, not read")] File);

impl Lock {
    pub fn take(state: &Path) -> Result<Self, StoreError> {
        let path = beside(state, ".lock");
        let failed = |source| StoreError::File { path: path.clone(), source };
        let file = private(OpenOptions::new().write(true).create(true).truncate(false)).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked(state.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Whether a run holds it now.
    pub fn is_held(state: &Path) -> bool {
        let Ok(file) = File::open(beside(state, ".lock")) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }
}

/// Takes away a state with its key, unless a run uses it.
pub fn remove(state: &Path) -> Result<(), StoreError> {
    let lock = Lock::take(state)?;
    for suffix in ["-wal", "-shm", "", ".key"] {
        let path = beside(state, suffix);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(StoreError::File { path, source }),
            _ => {}
        }
    }
    drop(lock);
    let _ = fs::remove_file(beside(state, ".lock"));
    Ok(())
}

/// The key of a state: read, or written with what `fresh` gives if there is none. 0600.
pub fn key(state: &Path, fresh: impl FnOnce() -> io::Result<[u8; 32]>) -> Result<[u8; 32], StoreError> {
    use std::io::Write;
    let path = beside(state, ".key");
    let failed = |source| StoreError::File { path: path.clone(), source };
    match fs::read(&path) {
        // Empty: the machine failed before it was written, and before anything was hashed with it.
        Ok(bytes) if !bytes.is_empty() => {
            let wrong = || failed(io::Error::new(io::ErrorKind::InvalidData, "a key has 32 bytes"));
            <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| wrong())
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        _ => {
            prepare(state)?;
            let key = fresh().map_err(failed)?;
            let mut file =
                private(OpenOptions::new().write(true).create(true).truncate(true)).open(&path).map_err(failed)?;
            file.write_all(&key).and_then(|()| file.sync_all()).map_err(failed)?;
            Ok(key)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_name_is_that_of_the_roots_in_any_order() {
        let name = |roots: &[&str]| default_name(&roots.iter().map(PathBuf::from).collect::<Vec<_>>());
        assert!(name(&["/srv/hr files"]).starts_with("hrfiles-"));
        assert_eq!(name(&["/a/x", "/b/x"]), name(&["/b/x", "/a/x"]));
        assert_ne!(name(&["/a/x"]), name(&["/b/x"]));
        assert!(name(&["/"]).ends_with(".sqlite"));
    }

    #[test]
    fn a_second_run_is_refused_and_the_key_stays() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("new/state.sqlite");
        prepare(&state).unwrap();
        assert!(!Lock::is_held(&state));
        let lock = Lock::take(&state).unwrap();
        assert!(matches!(Lock::take(&state), Err(StoreError::Locked(_))));
        assert!(Lock::is_held(&state));
        drop(lock);
        assert!(!Lock::is_held(&state));
        assert_eq!(key(&state, || Ok([5; 32])).unwrap(), [5; 32]);
        assert_eq!(key(&state, || Ok([6; 32])).unwrap(), [5; 32]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&state), 0o600);
            assert_eq!(mode(&beside(&state, ".key")), 0o600);
            assert_eq!(mode(state.parent().unwrap()), 0o700);
        }
    }
}
