//! The figures of a report: counted over every file, also over those that no list has room for.

use std::collections::{BTreeMap, HashMap};

use super::copies::{Copies, Copy};
use super::crowd::Crowd;
use super::distinct::Distinct;
use super::enisa::Score;
use super::fate::Fates;
use super::files::FileFacts;
use super::group::People;
use super::overview::Opener;
use super::retention::{Kind, Terms, age_class, is_past, months_between};
use crate::model::{Access, Category, Name, Reason, Severity, State};

/// Folders at risk are told apart down to this depth, or less deep if there are more of them than
/// a person can deal with; not less deep than those of a root, unless there are very many.
const PLACE_DEPTH: usize = 3;
const PLACES: usize = 300;
const TOP_PLACES: usize = 20_000;
/// People of a folder are counted exactly up to the first, then to the precision of the second; and where there are more
/// than `PLACES`.
const EXACT: (usize, u8) = (1_000, 12);
const COARSE: (usize, u8) = (64, 10);

/// Sums over the files of a scan, in bounded memory.
#[derive(Debug)]
pub struct Totals {
    pub fates: Fates,
    pub exposed: BTreeMap<Severity, u64>,
    pub personal: u64,
    pub special: u64,
    pub crowd: Crowd,
    pub categories: BTreeMap<Category, OfCategory>,
    /// Exposed files without any protection, under `Plain`; files with each other protection.
    pub states: BTreeMap<State, u64>,
    pub openers: BTreeMap<Opener, u64>,
    pub names_exposed: u64,
    pub access: BTreeMap<(Access, Severity), u64>,
    pub gaps: BTreeMap<Option<Reason>, u64>,
    pub left_out: BTreeMap<Reason, u64>,
    pub kinds: BTreeMap<Kind, OfKind>,
    pub ages: [u64; 6],
    /// Files by the product of ENISA's method, in quarters.
    pub products: [u64; 17],
    pub places: HashMap<(usize, Name), Place>,
    pub copies: Copies,
    /// How long documents are kept.
    pub terms: Terms,
    depth: usize,
    /// There are more than `PLACES`.
    coarse: bool,
    /// RFC 3339, for ages.
    pub started: String,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct OfCategory {
    pub files: u64,
    pub findings: u64,
    pub worst: Severity,
}

#[derive(Clone, Debug, Default)]
pub struct OfKind {
    pub files: u64,
    /// Older than is customary.
    pub past: u64,
    /// RFC 3339, of the last change.
    pub oldest: Option<String>,
}

/// A folder with exposed files, those of deeper folders included where it is as deep as folders
/// are told apart.
#[derive(Clone, Debug)]
pub struct Place {
    pub files: u64,
    pub worst: Severity,
    pub score: Option<Score>,
    pub people: People,
    pub minors: Distinct,
    pub special: u64,
    pub everyone: u64,
    pub domain: u64,
    pub past: u64,
    pub credentials: u64,
    /// Sealed only in name, weakly, or with the password beside them.
    pub hollow: u64,
    pub categories: BTreeMap<Category, u64>,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            files: 0,
            worst: Severity::None,
            score: None,
            people: People::new(EXACT.0, EXACT.1),
            minors: Distinct::new(EXACT.0, EXACT.1),
            special: 0,
            everyone: 0,
            domain: 0,
            past: 0,
            credentials: 0,
            hollow: 0,
            categories: BTreeMap::new(),
        }
    }
}

/// What to do first about a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Keys and passwords lie open.
    Rotate,
    /// Everybody can read it, or every user of the domain.
    Restrict,
    /// Most of it is older than is customary.
    Delete,
    /// What else there is.
    Encrypt,
}

impl Action {
    pub const ALL: [Self; 4] = [Self::Rotate, Self::Restrict, Self::Delete, Self::Encrypt];

    pub fn key(self) -> &'static str {
        match self {
            Self::Rotate => "rotate",
            Self::Restrict => "restrict",
            Self::Delete => "delete",
            Self::Encrypt => "encrypt",
        }
    }
}

impl Place {
    fn add(&mut self, file: &FileFacts, past: bool) {
        self.files += 1;
        self.worst = self.worst.max(file.severity);
        self.score = self.score.max(file.score);
        self.people.merge(&file.crowd.all);
        self.minors.merge(&file.crowd.minors);
        self.special += u64::from(file.is_special());
        self.everyone += u64::from(file.access == Access::Everyone);
        self.domain += u64::from(file.access == Access::Domain);
        self.past += u64::from(past);
        self.credentials += u64::from(file.categories.contains_key(&Category::Credential));
        self.hollow += u64::from(!file.states.is_empty());
        for category in file.categories.keys() {
            *self.categories.entry(*category).or_default() += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.files += other.files;
        self.worst = self.worst.max(other.worst);
        self.score = self.score.max(other.score);
        self.people.merge(&other.people);
        self.minors.merge(&other.minors);
        self.special += other.special;
        self.everyone += other.everyone;
        self.domain += other.domain;
        self.past += other.past;
        self.credentials += other.credentials;
        self.hollow += other.hollow;
        for (category, files) in &other.categories {
            *self.categories.entry(*category).or_default() += files;
        }
    }

    fn coarsen(&mut self) {
        self.people.coarsen(COARSE.0, COARSE.1);
        self.minors.coarsen(COARSE.0, COARSE.1);
    }

    pub fn action(&self) -> Action {
        let only_credentials = self.credentials > 0 && self.people.count() == 0;
        if only_credentials {
            Action::Rotate
        } else if self.everyone + self.domain > 0 && self.worst >= Severity::Medium {
            Action::Restrict
        } else if self.past * 2 > self.files {
            Action::Delete
        } else {
            Action::Encrypt
        }
    }

    /// Why it is in the list, strongest first: keys of `why.*` with their numbers.
    pub fn why(&self) -> Vec<(&'static str, u64)> {
        let all = [
            ("special", self.special),
            ("people", self.people.count()),
            ("minors", self.minors.count()),
            ("everyone", self.everyone),
            ("domain", self.domain),
            ("credentials", self.credentials),
            ("past", self.past),
            ("hollow", self.hollow),
        ];
        all.into_iter().filter(|(_, n)| *n > 0).collect()
    }
}

impl Totals {
    pub fn new(started: &str) -> Self {
        Self {
            fates: Fates::default(),
            exposed: BTreeMap::new(),
            personal: 0,
            special: 0,
            crowd: Crowd::of_file(),
            categories: BTreeMap::new(),
            states: BTreeMap::new(),
            openers: BTreeMap::new(),
            names_exposed: 0,
            access: BTreeMap::new(),
            gaps: BTreeMap::new(),
            left_out: BTreeMap::new(),
            kinds: BTreeMap::new(),
            ages: [0; 6],
            products: [0; 17],
            places: HashMap::new(),
            copies: Copies::default(),
            terms: Terms::default(),
            depth: PLACE_DEPTH,
            coarse: false,
            started: started.to_owned(),
        }
    }

    /// The age of a file in months, its kind, and whether it is older than is customary.
    pub fn age(&self, file: &FileFacts) -> (Option<u32>, Kind, bool) {
        let months = file.modified.as_deref().and_then(|modified| months_between(modified, &self.started));
        let kind = Kind::of(file);
        (months, kind, is_past(file, &self.started, &self.terms))
    }

    pub fn add(&mut self, file: &FileFacts) {
        self.fates.add(file.fate);
        for gap in &file.gaps {
            *self.gaps.entry(*gap).or_default() += 1;
        }
        for state in &file.states {
            *self.states.entry(*state).or_default() += 1;
        }
        if let Some(opener) = file.opener {
            *self.openers.entry(opener).or_default() += 1;
        }
        self.names_exposed += u64::from(file.names_exposed);
        if let Some(reason) = file.left_out {
            *self.left_out.entry(reason).or_default() += 1;
        }
        if !file.is_exposed() {
            return;
        }
        *self.exposed.entry(file.severity).or_default() += 1;
        self.personal += u64::from(file.is_personal());
        self.special += u64::from(file.is_special());
        let is_copy = self.copies.add(&Copy {
            content: file.content.as_deref(),
            root: file.root,
            path: &file.path,
            size: file.size,
            severity: file.severity,
            people: &file.crowd.all,
        });
        if is_copy {
            self.crowd.merge_copy(&file.crowd);
        } else {
            self.crowd.merge(&file.crowd);
        }
        for (&category, &findings) in &file.categories {
            let sum = self.categories.entry(category).or_default();
            sum.files += 1;
            sum.findings = sum.findings.saturating_add(findings);
            sum.worst = sum.worst.max(file.severity);
        }
        if file.states.is_empty() {
            *self.states.entry(State::Plain).or_default() += 1;
        }
        *self.access.entry((file.access, file.severity)).or_default() += 1;
        let (months, kind, past) = self.age(file);
        if let Some(class) = self.ages.get_mut(age_class(months)) {
            *class += 1;
        }
        let of_kind = self.kinds.entry(kind).or_default();
        of_kind.files += 1;
        of_kind.past += u64::from(past);
        if let Some(modified) = &file.modified
            && of_kind.oldest.as_ref().is_none_or(|oldest| modified < oldest)
        {
            of_kind.oldest = Some(modified.clone());
        }
        let product = file.score.map_or(0, |score| usize::from(score.product()));
        if let Some(files) = self.products.get_mut(product) {
            *files += 1;
        }
        let key = (file.root, ancestor(&file.folder(), self.depth));
        let coarse = self.coarse;
        let fresh = || {
            let mut place = Place::default();
            if coarse {
                place.coarsen();
            }
            place
        };
        self.places.entry(key).or_insert_with(fresh).add(file, past);
        while self.depth > 0 && self.places.len() > if self.depth > 1 { PLACES } else { TOP_PLACES } {
            self.depth -= 1;
            let mut shallower: HashMap<(usize, Name), Place> = HashMap::new();
            for ((root, path), place) in self.places.drain() {
                shallower.entry((root, ancestor(&path, self.depth))).or_default().merge(&place);
            }
            self.places = shallower;
        }
        if !self.coarse && self.places.len() > PLACES {
            self.coarse = true;
            self.places.values_mut().for_each(Place::coarsen);
        }
    }

    pub fn exposed_files(&self) -> u64 {
        self.exposed.values().sum()
    }

    /// People of one category, and whether there are more than could be kept.
    pub fn people_of(&self, category: Category) -> (u64, bool) {
        let people = self.crowd.by_category.get(&category);
        people.map_or((0, false), |people| (people.count(), people.at_least))
    }

    /// How deep folders at risk are told apart.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Most at risk first: by the severity of a leak, by whether more than a hundred people are
    /// concerned, by our own severity, by people, by files.
    pub fn ranked(&self) -> Vec<(&(usize, Name), &Place)> {
        let mut places: Vec<_> = self.places.iter().collect();
        let rank = |place: &Place| {
            let people = place.people.count();
            (place.worst, place.score.map_or(0, Score::product), people > 100, people, place.files)
        };
        places.sort_by(|(a_path, a), (b_path, b)| rank(b).cmp(&rank(a)).then_with(|| a_path.cmp(b_path)));
        places
    }
}

/// The first `depth` parts of the path of a folder.
pub(super) fn ancestor(folder: &Name, depth: usize) -> Name {
    let parts: Vec<&[u8]> = folder.as_bytes().split(|&b| b == b'/').take(depth).collect();
    Name::from_bytes(parts.join(&b'/'))
}

#[cfg(test)]
mod tests {
    use super::super::files::Files;
    use super::super::sample::{found, share};
    use super::*;
    use crate::model::ItemRecord;

    fn totals(records: &[ItemRecord]) -> Totals {
        let mut totals = Totals::new("2026-01-31T08:00:00Z");
        let mut files = Files::default();
        for record in records {
            if let Some(file) = files.add(record) {
                totals.add(&file);
            }
        }
        totals
    }

    #[test]
    fn figures_add_up() {
        let totals = totals(&share());
        assert_eq!(totals.fates.all(), share().iter().filter(|record| record.item.members.is_empty()).count() as u64);
        assert_eq!(totals.exposed_files(), totals.access.values().sum::<u64>());
        assert_eq!(totals.exposed_files(), totals.ages.iter().sum::<u64>());
        assert_eq!(totals.exposed_files(), totals.kinds.values().map(|kind| kind.files).sum::<u64>());
        assert_eq!(totals.exposed_files(), totals.places.values().map(|place| place.files).sum::<u64>());
        assert_eq!(totals.exposed_files(), totals.products.iter().sum::<u64>());
    }

    #[test]
    fn folders_are_as_many_as_a_person_can_deal_with() {
        let paths = |depth: usize| {
            let file = |at| found(&format!("{}/{at}/x/f", at % depth), Severity::Low, &[Category::Email], &[1]);
            totals(&(0..2_000).map(file).collect::<Vec<_>>())
        };
        assert_eq!((paths(20).places.len(), paths(20).depth()), (20, 1));
        assert_eq!((paths(400).places.len(), paths(400).depth()), (400, 1));
    }

    #[test]
    fn people_of_copies_are_counted_once() {
        let copy = |path: &str| {
            let mut record = found(path, Severity::High, &[Category::Health], &[1, 2]);
            record.subjects_beyond = 50;
            record.content = Some("0a".into());
            record
        };
        let totals = totals(&[copy("a/list.csv"), copy("b/list.csv"), copy("c/list.csv")]);
        assert_eq!((totals.crowd.low(), totals.crowd.high()), (52, 52));
        assert_eq!((totals.exposed_files(), totals.copies.count()), (3, (1, 3)));
    }

    #[test]
    fn the_worst_folder_is_first_and_says_why() {
        let mut open = found("HR/a/b/c/visits.xlsx", Severity::Critical, &[Category::Health], &[1, 2]);
        open.exposure.access = Access::Everyone;
        let mut old = found("old/mail.txt", Severity::Low, &[Category::Email], &[3]);
        old.modified = Some("2010-01-01T00:00:00Z".into());
        let totals = totals(&[old, open]);
        let ranked = totals.ranked();
        assert_eq!(ranked[0].0.1.to_string(), "HR/a/b");
        assert_eq!(ranked[0].1.action(), Action::Restrict);
        assert_eq!(ranked[0].1.why(), [("special", 1), ("people", 2), ("everyone", 1)]);
        assert_eq!(ranked[1].1.action(), Action::Delete);
        assert_eq!(totals.kinds[&Kind::Other].past, 1);
    }
}
