//! Copies of what this worker has just read: the same bytes under the same name are not taken apart once more.
//!
//! A share holds the same documents many times. What took long to read, and is not large, is kept for a while, with the hash of its bytes;
//! of a file of that name and size the bytes are hashed first, and if they are the same, what was said of the
//! other file is said of this one. Nothing is kept of which more than bytes and name decide: what is sealed (a password
//! may lie beside it), and what failed.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::model::{Exposure, ItemPath, ItemRecord, Name};
use crate::source::Entry;

/// To read a file again costs less than to look it up, unless it took so long.
const WORTH: Duration = Duration::from_millis(5);
/// Larger files are read once and not hashed for this: their bytes would come from the share again.
const LARGEST: u64 = 16 << 20;
/// What is kept in all: documents, and the records and findings of them.
const DOCUMENTS: usize = 4096;
const PARTS: usize = 20_000;
/// And of one.
const PARTS_OF_ONE: usize = 2000;

/// What one worker has read and may meet again.
pub struct Copies {
    worth: Duration,
    known: VecDeque<Document>,
    /// How many of them have a size: most files are like none.
    sizes: HashMap<u64, usize>,
    /// Of all that are known.
    parts: usize,
}

/// What was said of a file.
struct Document {
    name: Box<[u8]>,
    size: u64,
    /// A part of the severity.
    exposure: Exposure,
    /// Of its bytes.
    hash: String,
    /// Of its members.
    records: Vec<ItemRecord>,
    /// Its own, the last.
    own: ItemRecord,
}

impl Default for Copies {
    fn default() -> Self {
        Self::worth(WORTH)
    }
}

impl Copies {
    /// Keeps what took so long to read, or longer.
    pub fn worth(worth: Duration) -> Self {
        Self { worth, known: VecDeque::new(), sizes: HashMap::new(), parts: 0 }
    }

    /// Keeps what is worth it, or nothing where every copy is to be read.
    pub fn of_scan(read_copies: bool) -> Self {
        if read_copies { Self::none() } else { Self::default() }
    }

    /// Keeps nothing: every file is read.
    pub fn none() -> Self {
        Self::worth(Duration::MAX)
    }

    /// What took so long to read is kept, if its hash is known.
    pub(super) fn least(&self, entry: &Entry) -> Duration {
        if entry.size <= LARGEST { self.worth } else { Duration::MAX }
    }

    /// Whether it may be a copy, so that its hash is worth the reading.
    pub(super) fn may_have(&self, entry: &Entry) -> bool {
        self.sizes.contains_key(&entry.size) && self.known.iter().any(|document| document.is_like(entry))
    }

    /// What is to be said of a file with these bytes: the records of its members, and its own.
    pub(super) fn told(&self, entry: &Entry, hash: &str) -> Option<(Vec<ItemRecord>, ItemRecord)> {
        let known = self.known.iter().find(|document| document.is_like(entry) && document.hash == hash)?;
        let records = known.records.iter().map(|record| moved(record, entry)).collect();
        let own = ItemRecord { modified: entry.modified(), ..moved(&known.own, entry) };
        Some((records, own))
    }

    /// Takes in what was said of a file.
    pub(super) fn keep(&mut self, entry: &Entry, hash: String, said: Said, own: &ItemRecord) {
        let Some(records) = said.finish(own) else { return };
        if self.told(entry, &hash).is_some() {
            return;
        }
        let own = own.clone();
        let name = name_of(entry).into();
        let document = Document { name, size: entry.size, exposure: entry.exposure.clone(), hash, records, own };
        self.parts += document.parts();
        *self.sizes.entry(document.size).or_default() += 1;
        self.known.push_back(document);
        while self.known.len() > DOCUMENTS || self.parts > PARTS {
            let Some(first) = self.known.pop_front() else { break };
            self.parts -= first.parts();
            if let Some(left) = self.sizes.get_mut(&first.size) {
                *left -= 1;
                if *left == 0 {
                    self.sizes.remove(&first.size);
                }
            }
        }
    }
}

impl Document {
    fn is_like(&self, entry: &Entry) -> bool {
        self.size == entry.size && *self.name == *name_of(entry) && self.exposure == entry.exposure
    }

    fn parts(&self) -> usize {
        self.records.iter().map(parts).sum::<usize>() + parts(&self.own)
    }
}

/// What is said of the members of a file while it is read; nothing once it cannot be said of a copy.
pub(super) struct Said {
    records: Option<Vec<ItemRecord>>,
    parts: usize,
}

impl Said {
    pub(super) fn new() -> Self {
        Self { records: Some(Vec::new()), parts: 0 }
    }

    pub(super) fn add(&mut self, record: &ItemRecord) {
        self.parts += parts(record);
        if self.parts > PARTS_OF_ONE || record.may_end_otherwise() {
            self.records = None;
        }
        if let Some(records) = &mut self.records {
            records.push(record.clone());
        }
    }

    fn finish(self, own: &ItemRecord) -> Option<Vec<ItemRecord>> {
        self.records.filter(|_| !own.may_end_otherwise() && self.parts + parts(own) <= PARTS_OF_ONE)
    }
}

fn parts(record: &ItemRecord) -> usize {
    1 + record.findings.len() + record.problems.len() + record.subjects.len() / 8
}

fn name_of(entry: &Entry) -> &[u8] {
    entry.item.path.file_name()
}

/// The same said of another file.
fn moved(record: &ItemRecord, to: &Entry) -> ItemRecord {
    let item = |members: &[Name]| ItemPath { members: members.to_vec(), ..to.item.clone() };
    let mut record = record.clone();
    record.item = item(&record.item.members);
    for problem in &mut record.problems {
        problem.item = item(&problem.item.members);
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Catalogue;
    use crate::detect::engine::Engine;
    use crate::judge::{Judge, Key, Options};
    use crate::model::{Access, Outcome};
    use crate::open::Limits;
    use crate::scan::classify::Classify;
    use crate::scan::helpers::Helpers;
    use crate::scan::item::{Inspect, Inspection};
    use crate::scan::worker::{Tools, read_gently};
    use crate::source::Pace;
    use std::cell::Cell;
    use std::path::Path;

    /// Counts the items that are looked at.
    struct Counted<'a>(&'a Classify<'a>, Cell<u64>);

    impl Inspect for Counted<'_> {
        fn begin(&self, item: &ItemPath) -> Box<dyn Inspection + '_> {
            self.1.set(self.1.get() + 1);
            self.0.begin(item)
        }

        fn content_hasher(&self) -> Option<crate::judge::ContentHasher> {
            self.0.content_hasher()
        }
    }

    const NOTE: &str = "Dipendente: Laura Bianchi\nCodice fiscale: BNCLRA80C41L219Z\n";

    fn zip(content: &str) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for name in ["a.txt", "b.txt"] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut zip, content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn entry(dir: &Path, path: &str, content: &[u8]) -> Entry {
        let place = dir.join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(&place, content).unwrap();
        Entry::new(ItemPath::new(0, Name::from(path)), place.clone(), &place.metadata().unwrap())
    }

    /// The records of each file, and how many items were looked at for it.
    fn read(copies: &mut Copies, entries: &[&Entry]) -> Vec<(Vec<ItemRecord>, u64)> {
        let catalogue = Catalogue::built_in().unwrap();
        let (engine, helpers) = (Engine::new(&catalogue), Helpers::new(1));
        let judge = Judge::new(&catalogue, Key::from_bytes([7; 32]), Options::default());
        let counted = Counted(&Classify { engine: &engine, judge: &judge, helpers: &helpers }, Cell::default());
        let tools = Tools {
            limits: &Limits::default(),
            keyring: &std::sync::Arc::default(),
            interrupted: &std::sync::Arc::default(),
            pace: &Pace::default(),
            inspect: &counted,
        };
        let each = |entry: &&Entry| {
            let mut records = Vec::new();
            let own = read_gently(entry, &tools, copies, &mut |record| records.push(record)).0;
            records.push(own);
            (records, counted.1.replace(0))
        };
        entries.iter().map(each).collect()
    }

    #[test]
    fn a_copy_is_told_and_not_taken_apart() {
        let dir = tempfile::tempdir().unwrap();
        let first = entry(dir.path(), "hr/notes.zip", &zip(NOTE));
        let copy = entry(dir.path(), "old/hr/notes.zip", &zip(NOTE));
        let told = read(&mut Copies::worth(Duration::ZERO), &[&first, &copy]);
        let [(first, 3), (told, 0)] = &told[..] else { panic!("{told:?}") };
        assert_eq!(first[0].outcome(), Outcome::Read);
        assert!(!first[0].findings.is_empty() && first[2].content.is_some());
        // Nothing is said of the copy that would not be said if it was read.
        let alone = read(&mut Copies::none(), &[&copy]);
        assert_eq!((told, 3), (&alone[0].0, alone[0].1));
        assert!(told.iter().all(|record| record.item.path == copy.item.path));
    }

    #[test]
    fn what_is_not_the_same_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let first = entry(dir.path(), "a/note.txt", NOTE.as_bytes());
        let name = entry(dir.path(), "b/other.txt", NOTE.as_bytes());
        let content = entry(dir.path(), "c/note.txt", NOTE.replace("Laura", "Lauro").as_bytes());
        let mut open = entry(dir.path(), "d/note.txt", NOTE.as_bytes());
        open.exposure.access = if open.exposure.access == Access::Everyone { Access::Owner } else { Access::Everyone };
        let told = read(&mut Copies::worth(Duration::ZERO), &[&first, &name, &content, &open]);
        assert_eq!(told.iter().map(|(_, looked)| *looked).collect::<Vec<_>>(), [1, 1, 1, 1]);
        // What was quickly read is not kept.
        let copy = entry(dir.path(), "e/note.txt", NOTE.as_bytes());
        let told = read(&mut Copies::worth(Duration::from_hours(1)), &[&first, &copy]);
        assert_eq!(told[1].1, 1);
    }

    #[test]
    fn what_may_end_otherwise_is_read() {
        let dir = tempfile::tempdir().unwrap();
        // Cut short: an outcome for the bytes alone, which a copy shares.
        let half = zip(NOTE);
        let cut = [entry(dir.path(), "a/x.zip", &half[..60]), entry(dir.path(), "b/x.zip", &half[..60])];
        let told = read(&mut Copies::worth(Duration::ZERO), &[&cut[0], &cut[1]]);
        assert_ne!(told[0].0.last().unwrap().outcome(), Outcome::Read);
        assert_eq!(told[1].1, 0);
        assert!(told[1].0.iter().flat_map(|record| &record.problems).all(|p| p.item.path == cut[1].item.path));
        // Sealed: the password may lie beside the copy.
        let mut sealed = zip(NOTE);
        let at = sealed.windows(4).position(|bytes| bytes == b"PK\x03\x04").unwrap();
        sealed[at + 6] |= 1;
        let central = sealed.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
        sealed[central + 8] |= 1;
        let sealed = [entry(dir.path(), "a/y.zip", &sealed), entry(dir.path(), "b/y.zip", &sealed)];
        let told = read(&mut Copies::worth(Duration::ZERO), &[&sealed[0], &sealed[1]]);
        assert!(told[1].1 > 0, "{told:?}");
    }

    #[test]
    fn large_files_are_not_read_twice() {
        let dir = tempfile::tempdir().unwrap();
        let mut large = entry(dir.path(), "a", b"");
        let copies = Copies::worth(Duration::ZERO);
        assert_eq!(copies.least(&large), Duration::ZERO);
        large.size = LARGEST + 1;
        assert_eq!(copies.least(&large), Duration::MAX);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let dir = tempfile::tempdir().unwrap();
        let mut copies = Copies::worth(Duration::ZERO);
        let own = ItemRecord { outcome: Some(Outcome::Read), ..ItemRecord::default() };
        let entry = entry(dir.path(), "a", b"");
        for n in 0..DOCUMENTS + 10 {
            copies.keep(&entry, n.to_string(), Said::new(), &own);
        }
        assert_eq!((copies.known.len(), copies.parts, copies.sizes[&0]), (DOCUMENTS, DOCUMENTS, DOCUMENTS));
        let mut said = Said::new();
        (0..PARTS_OF_ONE).for_each(|_| said.add(&own));
        assert!(said.finish(&own).is_none());
    }
}
