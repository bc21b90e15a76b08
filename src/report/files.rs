//! Whole files as the reports list them: each with everything that lies inside it, once its own record has come.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::distinct::Distinct;
use super::enisa::{self, Score};
use super::fate::Fate;
use super::group::People;
use super::overview::Opener;
use crate::model::finding::{Age, Born};
use crate::model::{Access, Category, Finding, ItemRecord, Name, Outcome, Reason, Severity, State, hex};

/// Findings kept of a file, and of one category of it; all are counted.
const SPOTS: usize = 120;
const SPOTS_OF_A_CATEGORY: usize = 20;
/// People of one file are counted exactly up to the first, then to the precision of the second.
const SMALL: (usize, u8) = (256, 10);

/// Puts the members of a file together with the file.
#[derive(Debug, Default)]
pub struct Files {
    open: HashMap<(usize, Name), FileFacts>,
    /// The year in which the scan was made: who is a minor depends on it.
    pub year: Option<u16>,
}

/// One file and what is known of it, its members included.
#[derive(Clone, Debug)]
pub struct FileFacts {
    pub root: usize,
    pub path: Name,
    pub size: u64,
    /// RFC 3339.
    pub modified: Option<String>,
    pub media_type: Cow<'static, str>,
    pub fate: Fate,
    /// Why something in it was not read; none in it for want of a reason.
    pub gaps: BTreeSet<Option<Reason>>,
    /// Why it was left out, where it was.
    pub left_out: Option<Reason>,
    /// Every protection met in it but `Plain`.
    pub states: BTreeSet<State>,
    /// Of the file itself, else of the first sealed member.
    pub scheme: Option<String>,
    pub opener: Option<Opener>,
    pub names_exposed: bool,
    pub access: Access,
    /// Of what in it anybody can read who copies it.
    pub severity: Severity,
    /// Findings by category in what can be read.
    pub categories: BTreeMap<Category, u64>,
    pub score: Option<Score>,
    pub members: u64,
    pub findings: u64,
    pub spots: Vec<Spot>,
    pub crowd: Crowd,
    /// The hash of its content, if it shows something.
    pub content: Option<String>,
    encrypted: bool,
}

/// One finding, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The members it lies in, as `b.eml!/cv.pdf`; empty for the file itself.
    pub member: String,
    pub place: String,
    pub line: Option<u64>,
    pub detector: String,
    pub category: Category,
    /// 0 to 100.
    pub confidence: u8,
    /// Masked.
    pub sample: String,
}

/// The people of a file, or of many, by what is known of them.
#[derive(Clone, Debug)]
pub struct Crowd {
    pub all: People,
    /// Those with a tax code, a national id or an identity document: no two of them are one.
    pub certain: Distinct,
    /// Those whose year of birth was found and makes them younger than eighteen.
    pub minors: Distinct,
    /// These, and those who may be: they turn eighteen this year, or two digits leave the century open.
    pub perhaps_minors: Distinct,
    pub by_category: BTreeMap<Category, People>,
    /// People whom the records count and do not keep.
    pub beyond: u64,
}

impl Crowd {
    pub fn new(limit: usize, precision: u8) -> Self {
        Self {
            all: People::new(limit, precision),
            certain: Distinct::new(limit, precision),
            minors: Distinct::new(limit, precision),
            perhaps_minors: Distinct::new(limit, precision),
            by_category: BTreeMap::new(),
            beyond: 0,
        }
    }

    pub fn merge(&mut self, other: &Self) {
        self.all.merge(&other.all);
        self.certain.merge(&other.certain);
        self.minors.merge(&other.minors);
        self.perhaps_minors.merge(&other.perhaps_minors);
        for (category, people) in &other.by_category {
            self.by_category.entry(*category).or_default().merge(people);
        }
        self.beyond = self.beyond.saturating_add(other.beyond);
    }

    /// As few as it can be: those who are certainly different, or the most in one item.
    pub fn low(&self) -> u64 {
        self.certain.count().max(self.all.most()).min(self.high())
    }

    /// As many as it can be: every key somebody else, and so is everybody who was not kept.
    pub fn high(&self) -> u64 {
        self.all.count().max(self.all.distinct.count().saturating_add(self.beyond))
    }

    /// The people of one more copy of a document: they are the same ones.
    pub fn merge_copy(&mut self, other: &Self) {
        let beyond = self.beyond;
        self.merge(other);
        self.beyond = beyond.max(other.beyond);
    }

    fn add(&mut self, record: &ItemRecord, year: Option<u16>) {
        self.all.add(record);
        self.beyond = self.beyond.saturating_add(record.subjects_beyond);
        for &category in record.categories.keys() {
            self.by_category.entry(category).or_insert_with(small).at_least |= record.findings_beyond > 0;
        }
        let mut ages: BTreeMap<u64, Ages> = BTreeMap::new();
        for finding in &record.findings {
            let Some(person) = finding.subject.as_deref().map(person) else { continue };
            self.by_category.entry(finding.category).or_insert_with(small).distinct.insert(person);
            match finding.category {
                Category::NationalId | Category::IdentityDocument => self.certain.insert(person),
                _ => {}
            }
            if let Some(age) = age(finding, year) {
                ages.entry(person).or_default().add(age);
            }
        }
        for (person, ages) in ages {
            if ages.is_minor() {
                self.minors.insert(person);
            }
            if ages.may_be_minor() {
                self.perhaps_minors.insert(person);
            }
        }
    }
}

fn small() -> People {
    People::new(SMALL.0, SMALL.1)
}

/// The key of a person as records list it: the first half of the key in a finding.
fn person(subject: &str) -> u64 {
    let half = subject.get(..16).and_then(|half| u64::from_str_radix(half, 16).ok());
    half.unwrap_or_else(|| {
        subject.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
    })
}

/// What the values of one person say of his age: a full year weighs more than two digits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ages {
    minor: bool,
    perhaps: bool,
    adult: bool,
}

impl Ages {
    pub(super) fn add(&mut self, age: Age) {
        match age {
            Age::Minor => self.minor = true,
            Age::PerhapsMinor => self.perhaps = true,
            Age::Adult => self.adult = true,
        }
    }

    pub(super) fn is_minor(self) -> bool {
        self.minor && !self.adult
    }

    pub(super) fn may_be_minor(self) -> bool {
        self.minor || self.perhaps && !self.adult
    }

    pub(super) fn is_known(self) -> bool {
        self.minor || self.perhaps || self.adult
    }
}

/// How old a finding says its person is; in records of earlier versions a date says it by its
/// sample, which is masked to the year: `…2012`.
pub(super) fn age(finding: &Finding, year: Option<u16>) -> Option<Age> {
    let sampled = || {
        let year = finding.sample.as_str().trim_start_matches('…').parse().ok();
        year.filter(|_| finding.category == Category::Birth).map(|year| Born { year, is_certain: true })
    };
    finding.born.or_else(sampled)?.age(year?)
}

impl FileFacts {
    fn new(record: &ItemRecord) -> Self {
        Self {
            root: record.item.root,
            path: record.item.path.clone(),
            size: 0,
            modified: None,
            media_type: Cow::Borrowed(""),
            // Until its own record comes: then it is said.
            fate: Fate::ReadInPart,
            gaps: BTreeSet::new(),
            left_out: None,
            states: BTreeSet::new(),
            scheme: None,
            opener: None,
            names_exposed: false,
            access: Access::Unknown,
            severity: Severity::None,
            categories: BTreeMap::new(),
            score: None,
            members: 0,
            findings: 0,
            spots: Vec::new(),
            crowd: Crowd::new(SMALL.0, SMALL.1),
            content: None,
            encrypted: false,
        }
    }

    /// Holds something that anybody who copies it can read.
    pub fn is_exposed(&self) -> bool {
        self.severity > Severity::None
    }

    /// Personal data, and not only passwords or classification markings.
    pub fn is_personal(&self) -> bool {
        let personal = |category: &Category| !matches!(category, Category::Credential | Category::Classified);
        self.is_exposed() && (self.categories.is_empty() || self.categories.keys().any(personal))
    }

    /// Articles 9 and 10.
    pub fn is_special(&self) -> bool {
        self.is_exposed() && self.categories.keys().any(|category| super::overview::is_special(*category))
    }

    /// The folder, without a slash at its end; empty for the root.
    pub fn folder(&self) -> Name {
        let bytes = self.path.as_bytes();
        let end = bytes.iter().rposition(|&b| b == b'/').unwrap_or(0);
        Name::from_bytes(bytes.get(..end).unwrap_or_default())
    }

    /// The path, and the roots where there are several.
    pub fn shown(&self, roots: &[Name]) -> String {
        match roots.get(self.root) {
            Some(root) if roots.len() > 1 => format!("{root}/{}", self.path),
            _ => self.path.to_string(),
        }
    }

    /// The same for the same file and part of it in every scan: neither counts nor values are in it.
    pub fn fingerprint(&self, roots: &[Name], part: &str) -> String {
        let mut hash = Sha256::new();
        if let (Some(root), true) = (roots.get(self.root), roots.len() > 1) {
            hash.update(root.as_bytes());
        }
        for bytes in [self.path.as_bytes(), part.as_bytes()] {
            hash.update([0]);
            hash.update(bytes);
        }
        hex(hash.finalize().get(..16).unwrap_or_default())
    }

    fn add(&mut self, record: &ItemRecord, year: Option<u16>) {
        let state = record.protection.state;
        if state != State::Plain {
            self.states.insert(state);
            if self.scheme.is_none() || record.item.members.is_empty() {
                self.scheme.clone_from(&record.protection.scheme);
            }
            let opener = record.protection.key.as_ref().map(Opener::of);
            self.opener = self.opener.min(opener).or(self.opener).or(opener);
            self.names_exposed |= record.protection.names_exposed;
        }
        self.encrypted |= record.reasons.contains(&Reason::Encrypted);
        self.gaps.extend(record.gap_reasons().map(Some));
        if record.is_gap() && record.gap_reasons().next().is_none() {
            self.gaps.insert(None);
        }
        if !record.is_exposed() {
            return;
        }
        self.severity = self.severity.max(record.severity);
        self.crowd.add(record, year);
        for (&category, &count) in &record.categories {
            let sum = self.categories.entry(category).or_default();
            *sum = sum.saturating_add(count);
        }
        let findings = (record.findings.len() as u64).saturating_add(record.findings_beyond);
        self.findings = self.findings.saturating_add(findings);
        let minors = self.crowd.minors.count() > 0;
        self.score = self.score.max(enisa::score(record.categories.keys().copied(), minors));
        let member = record.item.members.iter().map(Name::to_string).collect::<Vec<_>>().join("!/");
        for finding in &record.findings {
            let of_category = self.spots.iter().filter(|spot| spot.category == finding.category).count();
            if self.spots.len() < SPOTS && of_category < SPOTS_OF_A_CATEGORY {
                self.spots.push(Spot::new(finding, &member));
            }
        }
    }

    /// What is known at the end; without a record of its own it was interrupted.
    fn close(mut self, record: Option<&ItemRecord>) -> Self {
        let Some(record) = record else {
            self.gaps.insert(Some(Reason::Interrupted));
            return self;
        };
        self.size = record.size;
        self.modified.clone_from(&record.modified);
        self.media_type.clone_from(&record.media_type);
        self.access = record.exposure.access;
        self.content.clone_from(&record.content);
        self.fate = match record.outcome() {
            Outcome::Skipped | Outcome::Unreadable if record.is_gap() => Fate::NotRead,
            _ if !self.gaps.is_empty() => Fate::ReadInPart,
            Outcome::Skipped => Fate::LeftOut,
            _ if self.encrypted => Fate::Sealed,
            Outcome::Read => Fate::Read,
            Outcome::ReadInPart | Outcome::Unreadable => Fate::ReadInPart,
        };
        if self.fate == Fate::LeftOut {
            self.left_out = record.reasons.first().copied();
        }
        // What was found with a password that was given us is not in plain sight.
        if record.protection.state == State::Strong {
            self.severity = Severity::None;
            self.categories.clear();
            self.spots.clear();
            self.findings = 0;
            self.score = None;
            self.crowd = Crowd::new(SMALL.0, SMALL.1);
        }
        self
    }
}

impl Spot {
    fn new(finding: &Finding, member: &str) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 100")]
        let confidence = (finding.confidence.clamp(0.0, 1.0) * 100.0).round() as u8;
        Self {
            member: member.to_owned(),
            place: finding.place.to_string(),
            line: finding.place.line,
            detector: finding.detector.clone(),
            category: finding.category,
            confidence,
            sample: finding.sample.as_str().to_owned(),
        }
    }
}

impl Files {
    /// The file, when its own record comes; its members come before it.
    pub fn add(&mut self, record: &ItemRecord) -> Option<FileFacts> {
        let key = (record.item.root, record.item.path.clone());
        let year = self.year;
        if !record.item.members.is_empty() {
            let file = self.open.entry(key).or_insert_with(|| FileFacts::new(record));
            file.members += 1;
            file.add(record, year);
            return None;
        }
        let mut file = self.open.remove(&key).unwrap_or_else(|| FileFacts::new(record));
        file.add(record, year);
        Some(file.close(Some(record)))
    }

    /// The files that an interruption left without their own record.
    pub fn rest(&mut self) -> Vec<FileFacts> {
        let mut rest: Vec<_> = self.open.drain().map(|(_, file)| file.close(None)).collect();
        rest.sort_by(|a, b| (a.root, &a.path).cmp(&(b.root, &b.path)));
        rest
    }
}

/// Whether a person of the item is certainly a minor in that year.
pub fn has_minors(record: &ItemRecord, year: Option<u16>) -> bool {
    let mut crowd = Crowd::new(SMALL.0, SMALL.1);
    crowd.add(record, year);
    crowd.minors.count() > 0
}

/// The year that it is now.
pub fn this_year() -> Option<u16> {
    u16::try_from(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year()).ok()
}

/// The year of an RFC 3339 time.
pub fn year(time: &str) -> Option<u16> {
    time.get(..4).and_then(|year| year.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, item, read, sealed, share};
    use super::*;
    use crate::model::finding::Mask;
    use crate::model::{Protection, Sample};
    use crate::report::Overview;

    fn files(records: &[ItemRecord]) -> Vec<FileFacts> {
        let mut files = Files { year: Some(2026), ..Files::default() };
        let mut closed: Vec<_> = records.iter().filter_map(|record| files.add(record)).collect();
        closed.extend(files.rest());
        closed
    }

    #[test]
    fn the_figures_are_those_of_the_terminal() {
        let records = share();
        let mut overview = Overview::default();
        for record in &records {
            overview.add(record);
        }
        let files = files(&records);
        assert_eq!(files.len() as u64, overview.fates.all());
        assert_eq!(files.iter().filter(|file| file.is_personal()).count() as u64, overview.personal);
        assert_eq!(files.iter().filter(|file| file.is_special()).count() as u64, overview.special);
        for fate in [Fate::Read, Fate::ReadInPart, Fate::NotRead, Fate::Sealed, Fate::LeftOut] {
            assert_eq!(
                files.iter().filter(|file| file.fate == fate).count() as u64,
                overview.fates.of(fate),
                "{fate:?}"
            );
        }
    }

    #[test]
    fn a_file_holds_what_its_members_hold() {
        let files = files(&[
            found("a.zip!/b.eml!/cv.pdf", Severity::High, &[Category::Health], &[1]),
            item("a.zip!/c.doc", Outcome::Unreadable, &[Reason::Malformed]),
            read("a.zip"),
            found("b.zip!/x", Severity::High, &[Category::Health], &[1]),
            sealed("b.zip", Protection::strong("zip-aes256", "header")),
            found("c.zip!/x", Severity::Low, &[Category::Email], &[4]),
        ]);
        let [a, b, c] = &files[..] else { panic!("{files:?}") };
        assert_eq!((a.severity, a.fate, a.members), (Severity::High, Fate::ReadInPart, 2));
        assert_eq!(a.spots.first().unwrap().member, "b.eml!/cv.pdf");
        assert_eq!((b.severity, b.crowd.high()), (Severity::None, 0));
        assert_eq!(c.gaps, BTreeSet::from([Some(Reason::Interrupted)]));
    }

    #[test]
    fn people_have_a_low_and_a_high_bound() {
        let mut with_id = found("a", Severity::Low, &[Category::NationalId], &[1, 2]);
        with_id.findings.truncate(1);
        let mut big = found("b", Severity::Low, &[Category::Email], &[3, 4, 5]);
        big.subjects_beyond = 2;
        let mut crowd = Crowd::new(100, 10);
        for file in files(&[with_id, big]) {
            crowd.merge(&file.crowd);
        }
        // Five in one file; two more in another, who may be among them.
        assert_eq!((crowd.low(), crowd.high()), (5, 7));
        assert_eq!(crowd.certain.count(), 1);
    }

    #[test]
    fn minors_are_those_whose_year_of_birth_says_so() {
        let born = |date: &str, person: &str| {
            let mut record = found("a", Severity::Low, &[Category::Birth], &[1]);
            record.findings[0].sample = Sample::new(Mask::Date, date);
            record.findings[0].subject = Some(person.to_owned());
            record
        };
        let minors = |record: ItemRecord| files(&[record])[0].crowd.minors.count();
        assert_eq!(minors(born("01/02/2012", "a")), 1);
        assert_eq!(minors(born("01/02/2008", "a")), 0);
        assert_eq!(minors(born("01/02/80", "a")), 0);
        assert_eq!(minors(born("01/02/2050", "a")), 0);

        let coded = |year, is_certain, person: &str| {
            let mut record = born("x", person);
            record.findings[0].born = Some(Born { year, is_certain });
            record
        };
        let bounds = |record: ItemRecord| {
            let file = &files(&[record])[0];
            (file.crowd.minors.count(), file.crowd.perhaps_minors.count())
        };
        assert_eq!(bounds(coded(2012, true, "a")), (1, 1));
        assert_eq!(bounds(coded(2012, false, "a")), (0, 1), "1912 or 2012");
        assert_eq!(bounds(coded(2008, true, "a")), (0, 1), "eighteen this year");
        // The code may be that of a centenarian; a full date beside it says that it is.
        let mut both = coded(2012, false, "a");
        both.findings.extend(coded(1912, true, "a").findings);
        assert_eq!(bounds(both), (0, 0));
    }
}
