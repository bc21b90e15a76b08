//! The passwords that a scan was given, and those that lie in small files beside a sealed one.
//!
//! A folder is looked at when something sealed was met in it, once, and not beyond its first
//! names and a few small files.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{ItemPath, KeyPlace, Name};
use crate::open::passwords::{Hint, Passwords, Secret, phrase};
use crate::source::Entry;
use crate::source::entry::Kind;

/// Names of a folder that are looked at.
const MOST_NAMES: usize = 4096;
/// Files of a folder that are read, and the bytes of one.
const MOST_NOTES: usize = 24;
const LONGEST_NOTE: u64 = 16 << 10;
/// Folders that are remembered.
const MOST_FOLDERS: usize = 256;
/// Extensions of what people write notes in; none is one too.
const NOTES: &[&str] = &["txt", "text", "md", "nfo", "ini", "cfg", "log", "csv", "asc", "me", "pwd", ""];

/// Shared by all workers of a scan.
#[derive(Default)]
pub struct Keyring {
    known: Arc<[Secret]>,
    folders: Mutex<HashMap<PathBuf, Arc<Vec<Note>>>>,
}

/// A small text and what it may give away.
struct Note {
    file: Name,
    /// It is there for its passwords, or to be read first.
    telling: bool,
    /// Lower case.
    text: String,
    phrases: Vec<Secret>,
    lines: Vec<Secret>,
}

impl Keyring {
    /// One password a line; lines end as they do on any system.
    pub fn new(passwords: &str) -> Self {
        let lines = passwords.trim_start_matches('\u{feff}').split('\n').map(|line| line.trim_end_matches('\r'));
        let known = lines.filter(|line| !line.is_empty()).map(Secret::new).collect();
        Self { known, folders: Mutex::default() }
    }

    /// The passwords that the user knows.
    pub(super) fn known(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(Secret::reveal)
    }

    /// Of these known passwords.
    pub(super) fn of(passwords: &[String]) -> Self {
        Self { known: passwords.iter().map(|password| Secret::new(password)).collect(), folders: Mutex::default() }
    }

    /// What may be tried on the sealed items of a file.
    pub fn passwords(self: &Arc<Self>, entry: &Entry) -> Passwords {
        let (ring, path) = (Arc::clone(self), entry.path.clone());
        Passwords::new(Arc::clone(&self.known), move || ring.around(&path))
    }

    /// The nearest first: the name of the file, the files beside it, the name of the folder.
    fn around(&self, path: &Path) -> Vec<Hint> {
        let name_of =
            |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let own = name_of(path);
        let named = |name: &str, place| {
            phrase::in_name(name).into_iter().map(move |secret| Hint { secret, place, file: None }).collect::<Vec<_>>()
        };
        let mut hints = named(&own, KeyPlace::FileName);
        let Some(folder) = path.parent() else { return hints };
        let own = own.to_lowercase();
        let stem = own.rsplit_once('.').map_or(own.as_str(), |(stem, _)| stem).to_owned();
        for note in self.notes(folder).iter() {
            let file = note.file.to_string().to_lowercase();
            let note_stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
            let speaks_of_it = note.text.contains(&own) || stem.len() >= 4 && note.text.contains(&stem);
            if file == own || !(note.telling || speaks_of_it || note_stem == stem) {
                continue;
            }
            let lines: &[Secret] = if note.telling || note_stem == stem { &note.lines } else { &[] };
            hints.extend(note.phrases.iter().chain(lines).map(|secret| Hint {
                secret: secret.clone(),
                place: KeyPlace::Folder,
                file: Some(note.file.clone()),
            }));
        }
        hints.extend(named(&name_of(folder), KeyPlace::Folder));
        hints
    }

    fn notes(&self, folder: &Path) -> Arc<Vec<Note>> {
        let known = self.folders.lock().unwrap_or_else(PoisonError::into_inner).get(folder).cloned();
        known.unwrap_or_else(|| {
            // Two workers may look at once; the lock is not held while the share is read.
            let notes = Arc::new(read_notes(folder));
            let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
            if folders.len() >= MOST_FOLDERS {
                folders.clear();
            }
            folders.insert(folder.to_path_buf(), Arc::clone(&notes));
            notes
        })
    }
}

/// What the first small texts of a folder say, the telling ones first.
fn read_notes(folder: &Path) -> Vec<Note> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<(bool, std::ffi::OsString)> = entries
        .take(MOST_NAMES)
        .filter_map(Result::ok)
        .map(|entry| entry.file_name())
        .filter(|name| NOTES.contains(&Name::from_path(Path::new(name)).extension().as_str()))
        .map(|name| (!phrase::is_telling(&name.to_string_lossy()), name))
        .collect();
    names.sort();
    names.into_iter().take(MOST_NOTES).filter_map(|(other, name)| read_note(folder, Path::new(&name), !other)).collect()
}

fn read_note(folder: &Path, name: &Path, telling: bool) -> Option<Note> {
    let path = folder.join(name);
    let metadata = path.symlink_metadata().ok()?;
    let file = Name::from_path(name);
    let entry = Entry::new(ItemPath::new(0, file.clone()), path, &metadata);
    if entry.kind != Kind::File || entry.size == 0 || entry.size > LONGEST_NOTE {
        return None;
    }
    let mut bytes = Vec::new();
    entry.open().ok()?.take(LONGEST_NOTE).read_to_end(&mut bytes).ok()?;
    let text = match encoding_rs::UTF_8.decode(&bytes) {
        (text, _, false) => text,
        _ => encoding_rs::WINDOWS_1252.decode(&bytes).0,
    };
    if text.contains('\0') {
        return None;
    }
    let lines = if telling { phrase::in_lines(&text) } else { Vec::new() };
    Some(Note { file, telling, phrases: phrase::in_text(&text), lines, text: text.to_lowercase() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(files: &[(&str, &str)], sealed: &str) -> Vec<(String, KeyPlace, Option<String>)> {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            std::fs::write(dir.path().join(name), content).unwrap();
        }
        let ring = Keyring::new("");
        let hints = ring.around(&dir.path().join(sealed));
        hints
            .into_iter()
            .map(|hint| (hint.secret.reveal().to_owned(), hint.place, hint.file.map(|file| file.to_string())))
            .collect()
    }

    fn check(files: &[(&str, &str)], sealed: &str, expected: Option<(&str, KeyPlace, Option<&str>)>) {
        let found = around(files, sealed);
        let first = found.first().map(|(secret, place, file)| (secret.as_str(), *place, file.as_deref()));
        assert_eq!(first, expected, "{files:?}");
    }

    #[test]
    fn notes_beside_a_sealed_file() {
        let readme = ("leggimi.txt", "Per aprire pratica.zip la password è Girandola#388");
        check(&[readme], "pratica.zip", Some(("Girandola#388", KeyPlace::Folder, Some("leggimi.txt"))));
        check(
            &[("Passwort.txt", "Sommer2024\r\n")],
            "a.7z",
            Some(("Sommer2024", KeyPlace::Folder, Some("Passwort.txt"))),
        );
        let naming = ("brief.txt", "Anbei gehalt.zip, Passwort: Herbst99");
        check(&[naming], "gehalt.zip", Some(("Herbst99", KeyPlace::Folder, Some("brief.txt"))));
        check(&[naming], "anderes.7z", None);
        check(&[("pratica.txt", "tramonto")], "pratica.zip", None);
        check(&[], "x (pw Sommer2024).zip", Some(("Sommer2024", KeyPlace::FileName, None)));
        check(&[("gross passwort.txt", &"x".repeat(20_000))], "a.zip", None);
    }

    #[test]
    fn the_list_is_one_password_a_line() {
        let ring = Keyring::new("\u{feff}eins\r\n zwei \n\ndrei");
        let known: Vec<&str> = ring.known.iter().map(Secret::reveal).collect();
        assert_eq!(known, ["eins", " zwei ", "drei"]);
    }
}
