//! The files of a working tree: what git would take into a commit, and what it tracks already whatever is ignored.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::model::{ItemPath, Name, Reason};
use crate::source::fault as share_fault;
use crate::source::walk::{Event, Fault, Flow};
use crate::source::{Entry, Kind};

/// Tells every file below `start`, which lies in `root` (both canonical), under its path from there. Ignored
/// files are left out, as git leaves them out, unless they stand in `tracked`. Links are told
/// as skipped. Returns the number of folders.
pub fn walk(root: &Path, start: &Path, tracked: &[Vec<u8>], tell: &mut dyn FnMut(Event) -> Flow) -> u64 {
    let mut met: HashSet<Vec<u8>> = HashSet::new();
    let mut folders = 0;
    let mut builder = WalkBuilder::new(start);
    builder.hidden(false).ignore(false).require_git(false).follow_links(false);
    builder.filter_entry(|entry| entry.file_name() != ".git");
    for entry in builder.build() {
        let flow = match entry {
            Ok(found) => {
                let path = found.path();
                match path.symlink_metadata() {
                    Ok(metadata) => {
                        let entry = Entry::new(item(root, path), path.to_path_buf(), &metadata);
                        if entry.kind == Kind::Directory {
                            folders += 1;
                            continue;
                        }
                        met.insert(entry.item.path.as_bytes().to_vec());
                        tell(event(entry))
                    }
                    Err(error) => tell(fault(root, path, share_fault::reason(&error), error.kind().to_string())),
                }
            }
            Err(error) => {
                let path = path_of(&error).unwrap_or(start).to_path_buf();
                match error.into_io_error() {
                    Some(error) => tell(fault(root, &path, share_fault::reason(&error), error.kind().to_string())),
                    None => Flow::Continue,
                }
            }
        };
        if flow == Flow::Stop {
            return folders;
        }
    }
    let below = item(root, start).path;
    for name in tracked.iter().filter(|name| is_below(name, below.as_bytes()) && !met.contains(*name)) {
        let path = root.join(to_path(name));
        if !lies_in(&path, root) {
            continue;
        }
        // What is tracked and not there is deleted, or a part of the tree that is not checked out.
        if let Ok(metadata) = path.symlink_metadata() {
            let entry = Entry::new(ItemPath::new(0, Name::from_bytes(name.clone())), path, &metadata);
            if entry.kind != Kind::Directory && tell(event(entry)) == Flow::Stop {
                break;
            }
        }
    }
    folders
}

/// Whether the path is `folder` or lies in it.
pub fn is_below(path: &[u8], folder: &[u8]) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// Whether the folder of `path` is one of `root`, and not behind a link or above.
fn lies_in(path: &Path, root: &Path) -> bool {
    path.parent().is_some_and(|folder| folder.canonicalize().is_ok_and(|folder| folder.starts_with(root)))
}

fn event(entry: Entry) -> Event {
    match entry.kind {
        Kind::Special(reason) => Event::Skipped(entry, reason),
        Kind::File | Kind::Directory => Event::File(entry),
    }
}

fn fault(root: &Path, path: &Path, reason: Reason, message: String) -> Event {
    Event::Unreadable(Fault { item: item(root, path), reason, message })
}

fn item(root: &Path, path: &Path) -> ItemPath {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let name = if relative.as_os_str().is_empty() && path.is_file() {
        path.file_name().map_or(relative, Path::new)
    } else {
        relative
    };
    ItemPath::new(0, Name::from_path(name))
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

#[cfg(unix)]
fn to_path(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(name))
}

#[cfg(not(unix))]
fn to_path(name: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(name).into_owned())
}
