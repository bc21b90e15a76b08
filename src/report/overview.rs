//! The scan as its owner thinks of it: whole files, the folders they lie in, the people in them, what is sealed or unread.

use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::copies::{Copies, Copy};
use super::fate::{Fate, Fates};
use super::group::{Folders, Group, People};
use crate::model::{Category, ItemPath, ItemRecord, KeyFound, KeyPlace, Name, Outcome, Reason, Severity, State};

/// Kept of the files with the worst findings.
const WORST: usize = 25;
/// Paths kept as examples of a reason or a protection.
const EXAMPLES: usize = 5;
/// Kinds of files that are not read yet: those told apart by their extension.
const EXTENSIONS: usize = 1_000;

/// What [`super::Terminal`] shows. Every file of the walk counts once, with what lies inside
/// it; memory is bounded but for the files that are being read at the same time.
#[derive(Debug, Default)]
pub struct Overview {
    /// Files whose members have arrived and they themselves not yet.
    open: HashMap<(usize, Name), File>,
    pub fates: Fates,
    /// Why files were left out.
    pub left_out: BTreeMap<Reason, u64>,
    /// Files that anybody who copies them can read, by severity.
    pub exposed: BTreeMap<Severity, u64>,
    /// Those of them with personal data, and not only passwords or classification markings.
    pub personal: u64,
    /// Those of them with data of Articles 9 or 10.
    pub special: u64,
    pub people: People,
    pub categories: BTreeMap<Category, Group>,
    pub folders: Folders,
    pub copies: Copies,
    /// Worst first.
    pub worst: BTreeSet<Exposed>,
    pub sealed: BTreeMap<State, Examples>,
    /// Sealed files to which a password was found.
    pub keys: BTreeMap<Opener, Examples>,
    /// Sealed files whose members' names can be read.
    pub names_exposed: Examples,
    /// Files that were not read, or not whole, by reason; none where no reason was given.
    pub gaps: BTreeMap<Option<Reason>, Examples>,
    /// Extensions of what is in a format that is not read.
    pub unread_formats: BTreeMap<String, u64>,
}

/// Whose password opens a sealed file, or may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Opener {
    /// One of the list of known ones.
    Known,
    /// One that lies beside it.
    Nearby,
    /// One that lies beside it and could not be tried.
    Untried,
}

impl Opener {
    pub const ALL: [Self; 3] = [Self::Known, Self::Nearby, Self::Untried];

    pub(super) fn of(key: &KeyFound) -> Self {
        match (key.opens, key.place) {
            (false, _) => Self::Untried,
            (true, KeyPlace::PasswordList) => Self::Known,
            (true, _) => Self::Nearby,
        }
    }
}

/// How many files, and the first few of them by name.
#[derive(Clone, Debug, Default)]
pub struct Examples {
    pub files: u64,
    pub paths: BTreeSet<Example>,
}

/// An item and the scheme it is sealed with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Example {
    pub item: ItemPath,
    pub scheme: Option<String>,
}

impl Examples {
    fn add(&mut self, example: Example) {
        self.files += 1;
        keep_first(&mut self.paths, example, EXAMPLES);
    }
}

/// A file that anybody who copies it can read, and its worst item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exposed {
    // In this order, reversed where more is worse, so that the worst file is the first.
    rank: (Reverse<Severity>, Reverse<u64>, Reverse<u64>),
    /// The file, or the member in it that is worst.
    pub item: ItemPath,
    pub people_at_least: bool,
    pub categories: Vec<Category>,
    /// Of the worst item: not plain where it looks sealed and is not.
    pub protection: State,
    pub scheme: Option<String>,
    pub opener: Option<Opener>,
    /// Members with findings besides the worst one, and the file itself.
    pub others: u64,
}

impl Exposed {
    pub fn severity(&self) -> Severity {
        self.rank.0.0
    }

    pub fn people(&self) -> u64 {
        self.rank.1.0
    }
}

fn keep_first<T: Ord>(set: &mut BTreeSet<T>, value: T, limit: usize) {
    set.insert(value);
    if set.len() > limit {
        set.pop_last();
    }
}

/// A file of the walk while its members arrive.
#[derive(Debug, Default)]
struct File {
    /// The worst exposed item; its rank counts the people of that item alone.
    worst: Option<Exposed>,
    exposed_items: u64,
    people: People,
    categories: BTreeMap<Category, People>,
    sealed: BTreeMap<State, Example>,
    keys: BTreeMap<Opener, Example>,
    names_exposed: Option<Example>,
    gaps: BTreeMap<Option<Reason>, ItemPath>,
    encrypted: bool,
    unread_formats: BTreeMap<String, u64>,
}

impl File {
    fn add(&mut self, record: &ItemRecord) {
        let example = || Example { item: record.item.clone(), scheme: record.protection.scheme.clone() };
        if record.is_exposed() {
            self.add_exposed(record);
        }
        if record.protection.state != State::Plain {
            let opener = record.protection.key.as_ref().map(Opener::of);
            if let Some(opener) = opener {
                keep_least(self.keys.entry(opener), example());
            }
            // What a password opened is told there.
            if opener.is_none_or(|opener| opener == Opener::Untried) {
                keep_least(self.sealed.entry(record.protection.state), example());
            }
            if record.protection.names_exposed && self.names_exposed.as_ref().is_none_or(|kept| example() < *kept) {
                self.names_exposed = Some(example());
            }
        }
        self.encrypted |= record.reasons.contains(&Reason::Encrypted);
        for reason in record.gap_reasons() {
            keep_least(self.gaps.entry(Some(reason)), record.item.clone());
            if reason == Reason::UnsupportedFormat && self.unread_formats.len() < EXTENSIONS {
                *self.unread_formats.entry(extension(record.item.name())).or_default() += 1;
            }
        }
        if record.is_gap() && record.gap_reasons().next().is_none() {
            keep_least(self.gaps.entry(None), record.item.clone());
        }
    }

    fn add_exposed(&mut self, record: &ItemRecord) {
        self.exposed_items += 1;
        self.people.add(record);
        for &category in record.categories.keys() {
            self.categories.entry(category).or_default().at_least |= record.findings_beyond > 0;
        }
        for finding in &record.findings {
            if let Some(subject) = &finding.subject {
                self.categories.entry(finding.category).or_default().distinct.insert(fnv1a(subject.as_bytes()));
            }
        }
        let exposed = Exposed {
            rank: (Reverse(record.severity), Reverse(record.subject_count()), Reverse(record.size)),
            item: record.item.clone(),
            people_at_least: false,
            categories: Vec::new(),
            protection: record.protection.state,
            scheme: record.protection.scheme.clone(),
            opener: record.protection.key.as_ref().map(Opener::of),
            others: 0,
        };
        if self.worst.as_ref().is_none_or(|worst| exposed < *worst) {
            self.worst = Some(exposed);
        }
    }
}

fn keep_least<K: Ord, V: Ord>(entry: Entry<'_, K, V>, value: V) {
    match entry {
        Entry::Vacant(vacant) => {
            vacant.insert(value);
        }
        Entry::Occupied(mut kept) => {
            if value < *kept.get() {
                kept.insert(value);
            }
        }
    }
}

/// Empty for what does not look like an extension: it is printed and counted.
fn extension(name: &Name) -> String {
    let extension = name.extension();
    let plausible = extension.len() <= 8 && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    if plausible { extension } else { String::new() }
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

impl Overview {
    /// The members of a file before the file itself; files in any order.
    pub fn add(&mut self, record: &ItemRecord) {
        let key = (record.item.root, record.item.path.clone());
        if record.item.members.is_empty() {
            let mut file = self.open.remove(&key).unwrap_or_default();
            file.add(record);
            self.close(file, key, Some(record));
        } else {
            self.open.entry(key).or_default().add(record);
        }
    }

    /// Counts the files that an interruption left without their own record.
    pub fn close_all(&mut self) {
        let mut open: Vec<_> = self.open.drain().collect();
        open.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (key, file) in open {
            self.close(file, key, None);
        }
    }

    pub fn exposed_files(&self) -> u64 {
        self.exposed.values().sum()
    }

    fn close(&mut self, file: File, key: (usize, Name), record: Option<&ItemRecord>) {
        let fate = fate(&file, record);
        self.fates.add(fate);
        if fate == Fate::LeftOut
            && let Some(&reason) = record.and_then(|record| record.reasons.first())
        {
            *self.left_out.entry(reason).or_default() += 1;
        }
        for (state, example) in file.sealed {
            self.sealed.entry(state).or_default().add(example);
        }
        for (opener, example) in file.keys {
            self.keys.entry(opener).or_default().add(example);
        }
        if let Some(example) = file.names_exposed {
            self.names_exposed.add(example);
        }
        for (reason, item) in file.gaps {
            self.gaps.entry(reason).or_default().add(Example { item, scheme: None });
        }
        for (extension, count) in file.unread_formats {
            if self.unread_formats.len() < EXTENSIONS || self.unread_formats.contains_key(&extension) {
                *self.unread_formats.entry(extension).or_default() += count;
            }
        }
        // What was found with a password that was given us is not in plain sight.
        let sealed = record.is_some_and(|record| record.protection.state == State::Strong);
        let Some(mut worst) = file.worst.filter(|_| !sealed) else { return };

        let severity = worst.severity();
        *self.exposed.entry(severity).or_default() += 1;
        // Without a category (a contradiction) rather too many than too few.
        let personal = file.categories.is_empty() || file.categories.keys().any(|&category| is_personal(category));
        self.personal += u64::from(personal);
        self.special += u64::from(file.categories.keys().any(|&category| is_special(category)));
        self.people.merge(&file.people);
        self.copies.add(&Copy {
            content: record.and_then(|record| record.content.as_deref()),
            root: key.0,
            path: &key.1,
            size: record.map_or(0, |record| record.size),
            severity,
            people: &file.people,
        });
        self.folders.add(key.0, &key.1, severity, &file.people);
        worst.categories = Category::ALL.into_iter().filter(|c| file.categories.contains_key(c)).collect();
        for (category, people) in &file.categories {
            self.categories.entry(*category).or_default().add(severity, people);
        }
        worst.rank.1 = Reverse(file.people.count());
        worst.people_at_least = file.people.at_least;
        worst.others = file.exposed_items - 1;
        keep_first(&mut self.worst, worst, WORST);
    }
}

fn is_personal(category: Category) -> bool {
    !matches!(category, Category::Credential | Category::Classified)
}

pub(super) fn is_special(category: Category) -> bool {
    category.is_special() || category == Category::Criminal
}

fn fate(file: &File, record: Option<&ItemRecord>) -> Fate {
    let Some(record) = record else { return Fate::ReadInPart };
    match record.outcome() {
        Outcome::Skipped | Outcome::Unreadable if record.is_gap() => Fate::NotRead,
        _ if !file.gaps.is_empty() => Fate::ReadInPart,
        Outcome::Skipped => Fate::LeftOut,
        _ if file.encrypted => Fate::Sealed,
        Outcome::Read => Fate::Read,
        // Every other reason is a gap, unless the record contradicts itself: then fail closed.
        Outcome::ReadInPart | Outcome::Unreadable => Fate::ReadInPart,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, item, read, sealed, share};
    use super::*;
    use crate::model::Protection;

    fn overview(records: &[ItemRecord]) -> Overview {
        let mut overview = Overview::default();
        for record in records {
            overview.add(record);
        }
        overview.close_all();
        overview
    }

    #[test]
    fn a_file_counts_once_with_its_worst_member() {
        let overview = overview(&[
            found("a.zip!/b.eml!/cv.pdf", Severity::High, &[Category::Health], &[1]),
            found("other.csv", Severity::Low, &[Category::Email], &[1, 2]),
            found("a.zip!/b.eml", Severity::Medium, &[Category::Email], &[1, 3]),
            item("a.zip!/c.doc", Outcome::Unreadable, &[Reason::Malformed]),
            read("a.zip"),
        ]);
        assert_eq!(overview.fates.all(), 2);
        assert_eq!(overview.exposed, BTreeMap::from([(Severity::High, 1), (Severity::Low, 1)]));
        assert_eq!(overview.people.count(), 3);
        assert_eq!((overview.fates.of(Fate::Read), overview.fates.of(Fate::ReadInPart)), (1, 1));
        let worst = overview.worst.first().unwrap();
        assert_eq!(worst.item.to_string(), "a.zip!/b.eml!/cv.pdf");
        assert_eq!((worst.people(), worst.others), (2, 1));
        assert_eq!(worst.categories, [Category::Health, Category::Email]);
        let health = &overview.categories[&Category::Health];
        assert_eq!((health.files, health.people.count()), (1, 1), "the second person has no health finding");
    }

    #[test]
    fn the_order_of_files_does_not_matter() {
        let records = share();
        let mut reversed: Vec<ItemRecord> = records.iter().rev().cloned().collect();
        // Members still come before their file.
        reversed.sort_by_key(|record| record.item.members.is_empty());
        let show = |overview: Overview| {
            let folders = format!("{:?}", overview.folders.ranked().iter().map(|(path, _)| path).collect::<Vec<_>>());
            let Overview { fates, worst, sealed, gaps, exposed, .. } = &overview;
            format!("{fates:?} {worst:?} {sealed:?} {gaps:?} {exposed:?} {folders}")
        };
        assert_eq!(show(overview(&records)), show(overview(&reversed)));
    }

    #[test]
    fn what_is_sealed_well_is_not_in_plain_sight() {
        let strong = Protection::strong("7z-aes256", "header");
        let known_password = ItemRecord { protection: strong.clone(), ..read("b.7z") };
        let overview = overview(&[
            sealed("a.7z", strong),
            found("b.7z!/staff.csv", Severity::High, &[Category::Name], &[1]),
            known_password,
            sealed("c.zip!/secret.pdf", Protection::strong("pdf-aes256", "/V 5")),
            read("c.zip"),
        ]);
        assert_eq!((overview.exposed_files(), overview.people.count()), (0, 0));
        assert_eq!(
            (overview.fates.of(Fate::Sealed), overview.fates.of(Fate::Read), overview.fates.unread()),
            (2, 1, 0)
        );
        assert_eq!(overview.sealed[&State::Strong].files, 3);
    }

    #[test]
    fn what_a_password_opened_is_told_by_whose_it_was() {
        let key = |place, opens| KeyFound { place, file: None, opens };
        let strong = || Protection::strong("7z-aes256", "header");
        let known = key(KeyPlace::PasswordList, true).weaken(strong());
        let mut member = found("a.7z!/staff.csv", Severity::High, &[Category::Name], &[1]);
        member.protection = known.clone();
        let overview = overview(&[
            member,
            ItemRecord { protection: known, ..read("a.7z") },
            sealed("b.kdbx", key(KeyPlace::Folder, false).weaken(strong())),
        ]);
        let keys: Vec<_> = overview.keys.iter().map(|(opener, examples)| (*opener, examples.files)).collect();
        assert_eq!(keys, [(Opener::Known, 1), (Opener::Untried, 1)]);
        let states: Vec<_> = overview.sealed.iter().map(|(state, examples)| (*state, examples.files)).collect();
        assert_eq!(states, [(State::Strong, 1)]);
        assert_eq!((overview.exposed_files(), overview.fates.of(Fate::Read)), (1, 1));
    }

    #[test]
    fn every_file_has_one_fate() {
        let check = |outcome, reasons: &[Reason], expected| {
            assert_eq!(overview(&[item("a", outcome, reasons)]).fates, Fates::from_iter([expected]), "{reasons:?}");
        };
        check(Outcome::Read, &[], Fate::Read);
        check(Outcome::ReadInPart, &[Reason::TooDeep], Fate::ReadInPart);
        check(Outcome::Unreadable, &[Reason::Crashed], Fate::NotRead);
        check(Outcome::Skipped, &[Reason::UnsupportedFormat], Fate::NotRead);
        check(Outcome::Skipped, &[Reason::Symlink], Fate::LeftOut);
        check(Outcome::Unreadable, &[Reason::Encrypted], Fate::NotRead);
        check(Outcome::Unreadable, &[], Fate::NotRead);
        assert_eq!(overview(&[read("a.zip!/b")]).fates, Fates::from_iter([Fate::ReadInPart]), "its end never came");
    }

    #[test]
    fn memory_is_bounded_by_keeping_the_first_and_worst() {
        let records: Vec<ItemRecord> = (0..100)
            .flat_map(|i| {
                let bad = item(&format!("bad{i:02}"), Outcome::Unreadable, &[Reason::Malformed]);
                [found(&format!("f{i:02}"), Severity::High, &[Category::Name], &(0..=i).collect::<Vec<_>>()), bad]
            })
            .collect();
        let overview = overview(&records);
        assert_eq!(overview.worst.len(), WORST);
        assert_eq!(overview.worst.first().map(Exposed::people), Some(100));
        let malformed = &overview.gaps[&Some(Reason::Malformed)];
        assert_eq!((malformed.files, malformed.paths.len()), (100, EXAMPLES));
        assert_eq!(malformed.paths.first().unwrap().item.to_string(), "bad00");
    }
}
