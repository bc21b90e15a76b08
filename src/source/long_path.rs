//! Reaches paths that are longer than the system takes in one call, step by step.

use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Keeps the directory open through which a long path is reached.
pub struct Handle {
    path: PathBuf,
    _directory: Option<File>,
}

impl Handle {
    /// A short path to the same entry, valid while the handle lives.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Bytes of path walked in one step; PATH_MAX is 4,096 on Linux.
const STEP: usize = 2048;

/// A handle to the entry at `path`.
#[cfg(target_os = "linux")]
pub fn resolve(path: &Path) -> io::Result<Handle> {
    let mut directory: Option<File> = None;
    let mut step = PathBuf::new();
    for component in path.components() {
        if step.as_os_str().len() > STEP {
            let file = File::open(below(directory.as_ref(), &step))?;
            directory = Some(file);
            step = PathBuf::new();
        }
        match component {
            Component::RootDir => step.push("/"),
            part => step.push(part),
        }
    }
    let path = below(directory.as_ref(), &step);
    Ok(Handle { path, _directory: directory })
}

#[cfg(target_os = "linux")]
fn below(directory: Option<&File>, step: &Path) -> PathBuf {
    use std::os::fd::AsRawFd;
    match directory {
        Some(file) => Path::new("/proc/self/fd").join(file.as_raw_fd().to_string()).join(step),
        None => step.to_path_buf(),
    }
}

#[cfg(not(target_os = "linux"))]
pub fn resolve(_path: &Path) -> io::Result<Handle> {
    Err(io::ErrorKind::Unsupported.into())
}
