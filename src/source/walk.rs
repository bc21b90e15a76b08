//! Walks the roots in parallel and reports every entry, and every directory that it could not list.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ignore::{ParallelVisitor, ParallelVisitorBuilder, WalkBuilder, WalkState};

use crate::model::{ItemPath, Name, Reason};

use super::entry::{Entry, Kind};
use super::fault;
use super::filter::Excludes;
use super::long_path;
use super::shares::Shares;

/// What is walked and how.
#[derive(Clone, Debug)]
pub struct Walk {
    pub roots: Vec<PathBuf>,
    pub excludes: Excludes,
    pub same_file_system: bool,
    pub threads: usize,
    pub shares: Arc<Shares>,
}

/// What the walk says. Every entry below the roots comes as exactly one of these, except
/// directories that were listed, which are only counted.
#[derive(Debug)]
pub enum Event {
    File(Entry),
    /// Not a regular file, or left out on request.
    Skipped(Entry, Reason),
    Unreadable(Fault),
}

/// An entry that could not be examined, or a directory that could not be listed.
#[derive(Debug)]
pub struct Fault {
    pub item: ItemPath,
    pub reason: Reason,
    pub message: String,
}

/// Whether the walk goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    Continue,
    Stop,
}

/// Receives events from one thread of the walk.
pub trait Visitor: Send {
    fn visit(&mut self, event: Event) -> Flow;
}

impl Walk {
    /// Blocks until the walk ends; `visitor` is called once for each thread. Returns the
    /// number of directories met.
    pub fn run<V: Visitor>(&self, stop: &AtomicBool, visitor: impl Fn() -> V + Sync) -> u64 {
        let directories = AtomicU64::new(0);
        for root in 0..self.roots.len() {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            self.run_root(root, stop, &directories, &visitor);
        }
        directories.into_inner()
    }

    /// Walks one of the roots; adds the number of directories met.
    pub(super) fn run_root<V: Visitor>(
        &self,
        root: usize,
        stop: &AtomicBool,
        directories: &AtomicU64,
        visitor: &(impl Fn() -> V + Sync),
    ) {
        let Some(path) = self.roots.get(root) else { return };
        let mut builder = WalkBuilder::new(path);
        // Every file counts: no ignore rules, hidden files included, links not followed.
        builder.standard_filters(false).follow_links(false).threads(self.threads.max(1));
        let device = if self.same_file_system { device_of(path) } else { None };
        let mut threads = Threads { walk: self, root, path, device, stop, directories, visitor };
        builder.build_parallel().visit(&mut threads);
    }
}

struct Threads<'a, F> {
    walk: &'a Walk,
    root: usize,
    path: &'a Path,
    device: Option<u64>,
    stop: &'a AtomicBool,
    directories: &'a AtomicU64,
    visitor: &'a F,
}

impl<'s, V: Visitor + 's, F: Fn() -> V + Sync> ParallelVisitorBuilder<'s> for Threads<'s, F> {
    fn build(&mut self) -> Box<dyn ParallelVisitor + 's> {
        Box::new(Thread {
            walk: self.walk,
            root: self.root,
            path: self.path,
            device: self.device,
            stop: self.stop,
            directories: self.directories,
            visitor: (self.visitor)(),
            folder: PathBuf::new(),
            mount: None,
        })
    }
}

struct Thread<'a, V> {
    walk: &'a Walk,
    root: usize,
    path: &'a Path,
    device: Option<u64>,
    stop: &'a AtomicBool,
    directories: &'a AtomicU64,
    visitor: V,
    /// The directory of the last file, and the mount that it lies on.
    folder: PathBuf,
    mount: Option<usize>,
}

impl<V: Visitor> ParallelVisitor for Thread<'_, V> {
    fn visit(&mut self, entry: Result<ignore::DirEntry, ignore::Error>) -> WalkState {
        if self.stop.load(Ordering::Relaxed) {
            return WalkState::Quit;
        }
        match entry {
            Ok(entry) => {
                if self.walk.shares.health.is_down(entry.path()) {
                    return self.unavailable(entry.path());
                }
                let stat = || fault::retried(self.stop, |_| entry.path().symlink_metadata());
                let metadata = match stat() {
                    Ok(metadata) => metadata,
                    // A directory that is too far down fails to be listed too, and is told then.
                    Err(error)
                        if fault::reason(&error) == Reason::PathTooLong
                            && entry.file_type().is_some_and(|kind| kind.is_dir()) =>
                    {
                        return WalkState::Continue;
                    }
                    Err(error) => return self.failed(entry.path(), &error),
                };
                self.met(entry.path(), &metadata)
            }
            Err(error) => {
                let path = path_of(&error).unwrap_or(self.path).to_path_buf();
                let is_loop = matches!(innermost(&error), ignore::Error::Loop { .. });
                match error.into_io_error() {
                    _ if is_loop => self.fault(&path, Reason::Loop, "a directory contains itself".into()),
                    Some(error) => self.failed(&path, &error),
                    None => self.fault(&path, Reason::IoError, "the directory could not be walked".into()),
                }
            }
        }
    }
}

impl<V: Visitor> Thread<'_, V> {
    fn met(&mut self, path: &Path, metadata: &std::fs::Metadata) -> WalkState {
        let relative = below(self.path, path);
        let mut entry = Entry::new(self.item(path, relative), path.to_path_buf(), metadata);
        let is_dir = entry.kind == Kind::Directory;
        let is_root = relative.as_os_str().is_empty();
        if (!is_root && self.walk.excludes.matches(relative, is_dir)) || self.walk.excludes.is_file(metadata) {
            return self.skip(entry, Reason::Excluded);
        }
        if is_dir && self.device.is_some_and(|device| device_in(metadata) != Some(device)) {
            return self.skip(entry, Reason::OtherFileSystem);
        }
        match entry.kind {
            Kind::File => {
                let (mount, shares) = (self.mount_of(path), &self.walk.shares);
                if shares.is_elsewhere(path, mount, metadata) {
                    return self.skip(entry, Reason::Offline);
                }
                entry.exposure = shares.exposure(path, mount, entry.exposure);
                self.tell(Event::File(entry))
            }
            Kind::Special(reason) => self.tell(Event::Skipped(entry, reason)),
            Kind::Directory => {
                self.directories.fetch_add(1, Ordering::Relaxed);
                WalkState::Continue
            }
        }
    }

    fn mount_of(&mut self, file: &Path) -> Option<usize> {
        let folder = file.parent().unwrap_or(file);
        if self.folder.as_os_str() != folder.as_os_str() {
            self.folder = folder.to_path_buf();
            self.mount = self.walk.shares.mount_of(folder);
        }
        self.mount
    }

    /// An entry that is left out, a directory with all below it.
    fn skip(&mut self, entry: Entry, reason: Reason) -> WalkState {
        match self.tell(Event::Skipped(entry, reason)) {
            WalkState::Continue => WalkState::Skip,
            quit => quit,
        }
    }

    /// What lies on a mount that does not answer, a directory with all below it.
    fn unavailable(&mut self, path: &Path) -> WalkState {
        match self.fault(path, Reason::ShareUnavailable, "the share does not answer".into()) {
            WalkState::Continue => WalkState::Skip,
            quit => quit,
        }
    }

    fn failed(&mut self, path: &Path, error: &io::Error) -> WalkState {
        let reason = fault::reason(error);
        self.walk.shares.health.heard(path, Some(reason));
        if reason == Reason::PathTooLong && self.walk_long(path) == Some(WalkState::Continue) {
            return WalkState::Continue;
        }
        self.fault(path, reason, describe(error))
    }

    /// Walks what lies below a path that is longer than the system takes in one call; none
    /// if that fails here.
    fn walk_long(&mut self, path: &Path) -> Option<WalkState> {
        let mut pending = vec![path.to_path_buf()];
        while let Some(path) = pending.pop() {
            if self.stop.load(Ordering::Relaxed) {
                return Some(WalkState::Quit);
            }
            let handle = long_path::resolve(&path).ok()?;
            match handle.path().symlink_metadata() {
                Ok(metadata) => {
                    if self.met(&path, &metadata) == WalkState::Continue && metadata.is_dir() {
                        self.list_long(&path, &handle, &mut pending);
                    }
                }
                Err(error) => {
                    self.fault(&path, fault::reason(&error), describe(&error));
                }
            }
        }
        Some(WalkState::Continue)
    }

    fn list_long(&mut self, path: &Path, handle: &long_path::Handle, pending: &mut Vec<PathBuf>) {
        match std::fs::read_dir(handle.path()) {
            Ok(entries) => {
                for entry in entries {
                    match entry {
                        Ok(entry) => pending.push(path.join(entry.file_name())),
                        Err(error) => {
                            self.fault(path, fault::reason(&error), describe(&error));
                        }
                    }
                }
            }
            Err(error) => {
                self.fault(path, fault::reason(&error), describe(&error));
            }
        }
    }

    fn fault(&mut self, path: &Path, reason: Reason, message: String) -> WalkState {
        let item = self.item(path, below(self.path, path));
        self.tell(Event::Unreadable(Fault { item, reason, message }))
    }

    fn tell(&mut self, event: Event) -> WalkState {
        match self.visitor.visit(event) {
            Flow::Continue => WalkState::Continue,
            Flow::Stop => WalkState::Quit,
        }
    }

    /// The path as it is reported: relative to the root; for a root that is a file, its name.
    fn item(&self, path: &Path, relative: &Path) -> ItemPath {
        let relative =
            if relative.as_os_str().is_empty() { path.file_name().map_or(Path::new("."), Path::new) } else { relative };
        ItemPath::new(self.root, Name::from_path(relative))
    }
}

/// The path below the root, or whole if it lies elsewhere. Nearly all paths are that of the root and more, byte for
/// byte: to compare them part by part is much of what a walk costs.
#[cfg(unix)]
fn below<'p>(root: &Path, path: &'p Path) -> &'p Path {
    use std::os::unix::ffi::OsStrExt;
    let (start, whole) = (root.as_os_str().as_bytes(), path.as_os_str().as_bytes());
    match whole.strip_prefix(start).and_then(|rest| rest.strip_prefix(b"/")) {
        Some(rest) if !start.is_empty() && !rest.is_empty() && !rest.starts_with(b"/") => {
            Path::new(std::ffi::OsStr::from_bytes(rest))
        }
        _ => path.strip_prefix(root).unwrap_or(path),
    }
}

#[cfg(not(unix))]
fn below<'p>(root: &Path, path: &'p Path) -> &'p Path {
    path.strip_prefix(root).unwrap_or(path)
}

/// The system's words for an error, without the path, which the record holds already.
fn describe(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code).to_string(),
        None => error.kind().to_string(),
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child),
        ignore::Error::Partial(errors) => errors.first().and_then(path_of),
        _ => None,
    }
}

fn innermost(error: &ignore::Error) -> &ignore::Error {
    match error {
        ignore::Error::WithPath { err, .. }
        | ignore::Error::WithDepth { err, .. }
        | ignore::Error::WithLineNumber { err, .. } => innermost(err),
        error => error,
    }
}

fn device_of(path: &Path) -> Option<u64> {
    device_in(&path.metadata().ok()?)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems do not tell")]
fn device_in(metadata: &std::fs::Metadata) -> Option<u64> {
    Some(std::os::unix::fs::MetadataExt::dev(metadata))
}

#[cfg(not(unix))]
fn device_in(_metadata: &std::fs::Metadata) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn what_is_below_a_root_is_what_the_library_says() {
        for root in ["/", "/srv", "/srv/", "srv", ".", "../a", ""] {
            for path in ["/srv", "/srv/a", "/srv/a/b c", "/srvx/a", "srv/a", "./a", "../a/b", "/", "", "/srv//a"] {
                let (root, path) = (Path::new(root), Path::new(path));
                assert_eq!(below(root, path), path.strip_prefix(root).unwrap_or(path), "{root:?} {path:?}");
            }
        }
    }

    struct Keep(Arc<Mutex<Vec<String>>>);

    impl Visitor for Keep {
        fn visit(&mut self, event: Event) -> Flow {
            let line = match event {
                Event::File(entry) => format!("file {}", entry.item),
                Event::Skipped(entry, reason) => format!("{} {}", reason.key(), entry.item),
                Event::Unreadable(fault) => format!("{} {}", fault.reason.key(), fault.item),
            };
            self.0.lock().unwrap().push(line);
            Flow::Continue
        }
    }

    fn walk(root: &Path, globs: &[&str]) -> (u64, Vec<String>) {
        let globs: Vec<String> = globs.iter().map(ToString::to_string).collect();
        let walk = Walk {
            roots: vec![root.to_path_buf()],
            excludes: Excludes::new(&globs).unwrap(),
            same_file_system: false,
            threads: 2,
            shares: Arc::default(),
        };
        let seen = Arc::new(Mutex::new(Vec::new()));
        let directories = walk.run(&AtomicBool::new(false), || Keep(Arc::clone(&seen)));
        let mut lines = seen.lock().unwrap().clone();
        lines.sort();
        (directories, lines)
    }

    #[test]
    fn every_entry_is_told_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path();
        std::fs::create_dir_all(path.join("a/.hidden")).unwrap();
        std::fs::write(path.join("a/.hidden/x.txt"), "x").unwrap();
        std::fs::write(path.join("b.iso"), "x").unwrap();
        std::fs::write(path.join(".gitignore"), "*").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(path, path.join("a/loop")).unwrap();
        let (directories, lines) = walk(path, &["*.iso"]);
        assert_eq!(directories, 3);
        let expected = ["excluded b.iso", "file .gitignore", "file a/.hidden/x.txt", "symlink a/loop"];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_root_may_be_a_file() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("x.txt"), "x").unwrap();
        assert_eq!(walk(&dir.path().join("x.txt"), &[]).1, ["file x.txt"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_path_longer_than_the_system_takes_is_told() {
        use std::process::Command;
        let dir = tempfile::tempdir().unwrap();
        // 30 levels of 200 bytes: deeper than PATH_MAX, made step by step.
        let script = "n=$(printf 'd%.0s' $(seq 200)); for i in $(seq 30); do mkdir $n && cd $n || exit 1; done; echo x > deep.txt";
        assert!(Command::new("bash").args(["-c", script]).current_dir(dir.path()).status().unwrap().success());
        std::fs::write(dir.path().join("top.txt"), "x").unwrap();
        let (directories, lines) = walk(dir.path(), &[]);
        assert_eq!(directories, 31);
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines.iter().any(|line| line == "file top.txt"));
        assert!(lines.iter().any(|line| line.starts_with("file d") && line.ends_with("/deep.txt")), "{lines:?}");
    }
}
