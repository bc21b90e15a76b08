//! The people of a file, or of many: how many they are at least and at most, and how many of them are minors.

use std::collections::BTreeMap;

use super::distinct::Distinct;
use super::group::People;
use crate::model::finding::{Age, Born};
use crate::model::{Category, Finding, ItemRecord};

/// People are counted exactly up to the first, then to the precision of the second: of a file as of all together, for
/// the union of a rough count and an exact one is rough. Few files are open at a time.
const EXACT: (usize, u8) = (100_000, 14);

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

    /// Of one file.
    pub fn of_file() -> Self {
        Self::new(EXACT.0, EXACT.1)
    }

    /// Takes in an item; whether it names somebody who is certainly a minor.
    pub(super) fn add(&mut self, record: &ItemRecord, year: Option<u16>) -> bool {
        self.all.add(record);
        self.beyond = self.beyond.saturating_add(record.subjects_beyond);
        for &category in record.categories.keys() {
            self.by_category.entry(category).or_default().at_least |= record.findings_beyond > 0;
        }
        for finding in &record.findings {
            let Some(person) = finding.subject.as_deref().map(person) else { continue };
            // One of those whom the record counts and does not keep may still have a finding.
            self.all.distinct.insert(person);
            self.by_category.entry(finding.category).or_default().distinct.insert(person);
            match finding.category {
                Category::NationalId | Category::IdentityDocument => self.certain.insert(person),
                _ => {}
            }
        }
        let mut names_minor = false;
        for (person, ages) in ages(record, year) {
            if ages.is_minor() {
                names_minor = true;
                self.minors.insert(person);
            }
            if ages.may_be_minor() {
                self.perhaps_minors.insert(person);
            }
        }
        names_minor
    }
}

/// What the findings of an item say of the age of each person, by the key that records list.
pub(super) fn ages(record: &ItemRecord, year: Option<u16>) -> BTreeMap<u64, Ages> {
    let mut ages: BTreeMap<u64, Ages> = BTreeMap::new();
    for finding in &record.findings {
        if let (Some(subject), Some(age)) = (finding.subject.as_deref(), age(finding, year)) {
            ages.entry(person(subject)).or_default().add(age);
        }
    }
    ages
}

/// The key of a person as records list it: the first half of the key in a finding.
pub(super) fn person(subject: &str) -> u64 {
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

    /// None where nothing is known.
    pub(super) fn key(self) -> Option<&'static str> {
        if self.is_minor() {
            Some("minor")
        } else if self.may_be_minor() {
            Some("perhaps_minor")
        } else {
            self.is_known().then_some("adult")
        }
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

/// Whether a person of the item is certainly a minor in that year.
pub fn has_minors(record: &ItemRecord, year: Option<u16>) -> bool {
    ages(record, year).values().any(|ages| ages.is_minor())
}

/// The year that it is now.
pub fn this_year() -> Option<u16> {
    u16::try_from(jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year()).ok()
}

#[cfg(test)]
mod tests {
    use super::super::files::{FileFacts, Files};
    use super::super::sample::found;
    use super::*;
    use crate::model::finding::Mask;
    use crate::model::{Sample, Severity};

    fn files(records: &[ItemRecord]) -> Vec<FileFacts> {
        let mut files = Files::of_year(Some(2026));
        records.iter().filter_map(|record| files.add(record)).collect()
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
