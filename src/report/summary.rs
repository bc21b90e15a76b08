//! The counts of a scan: every item once, by how it ended and what it holds.

use std::collections::BTreeMap;
use std::time::Duration;

use super::distinct::Distinct;
use crate::model::{Category, ItemRecord, Outcome, Reason, Severity, State, Summary};

/// People counted exactly up to this many (about 17 MB), beyond it to 0.8 %.
const EXACT_PEOPLE: usize = 1_000_000;
const PRECISION: u8 = 14;

/// Folds the records of a scan into its [`Summary`], in memory that does not grow with it.
#[derive(Debug)]
pub struct Tally {
    files: u64,
    members: u64,
    bytes: u64,
    findings: u64,
    gaps: u64,
    people: Distinct,
    /// The most people of one item: a floor where not all of an item's people were kept.
    most_people: u64,
    outcomes: BTreeMap<Outcome, u64>,
    reasons: BTreeMap<Reason, u64>,
    categories: BTreeMap<Category, u64>,
    protection: BTreeMap<State, u64>,
    severity: BTreeMap<Severity, u64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self::new()
    }
}

impl Tally {
    pub fn new() -> Self {
        Self {
            files: 0,
            members: 0,
            bytes: 0,
            findings: 0,
            gaps: 0,
            people: Distinct::new(EXACT_PEOPLE, PRECISION),
            most_people: 0,
            // These name every value, so that a reader of the JSON need not know the zeros.
            outcomes: Outcome::ALL.map(|outcome| (outcome, 0)).into(),
            protection: State::ALL.map(|state| (state, 0)).into(),
            severity: Severity::ALL.map(|severity| (severity, 0)).into(),
            reasons: BTreeMap::new(),
            categories: BTreeMap::new(),
        }
    }

    pub fn add(&mut self, record: &ItemRecord) {
        if record.item.members.is_empty() {
            self.files += 1;
            if was_opened(record) {
                self.bytes = self.bytes.saturating_add(record.size);
            }
        } else {
            self.members += 1;
        }
        let findings = (record.findings.len() as u64).saturating_add(record.findings_beyond);
        self.findings = self.findings.saturating_add(findings);
        self.gaps += u64::from(record.is_gap());
        record.subjects.iter().for_each(|&subject| self.people.insert(subject));
        self.most_people = self.most_people.max(record.subject_count());
        *self.outcomes.entry(record.outcome()).or_default() += 1;
        *self.protection.entry(record.protection.state).or_default() += 1;
        *self.severity.entry(record.severity).or_default() += 1;
        for (i, &reason) in record.reasons.iter().enumerate() {
            // An item counts once for a reason however often it was met.
            if !record.reasons.iter().take(i).any(|&earlier| earlier == reason) {
                *self.reasons.entry(reason).or_default() += 1;
            }
        }
        for &category in record.categories.keys() {
            *self.categories.entry(category).or_default() += 1;
        }
    }

    /// The scan so far. It is complete when nothing interrupted it and no item is a gap.
    pub fn summary(&self, duration: Duration, interrupted: bool, directories: u64) -> Summary {
        Summary {
            files: self.files,
            members: self.members,
            directories,
            bytes: self.bytes,
            findings: self.findings,
            subjects: self.people.count().max(self.most_people),
            outcomes: named(&self.outcomes, Outcome::key),
            reasons: named(&self.reasons, Reason::key),
            categories: named(&self.categories, Category::key),
            protection: named(&self.protection, State::key),
            severity: named(&self.severity, Severity::key),
            gaps: self.gaps,
            interrupted,
            // Milliseconds: more digits are noise.
            duration_seconds: (duration.as_secs_f64() * 1000.0).round() / 1000.0,
            complete: !interrupted && self.gaps == 0,
            isolation: None,
            state: None,
        }
    }
}

fn named<K: Copy>(counts: &BTreeMap<K, u64>, key: fn(K) -> &'static str) -> BTreeMap<&'static str, u64> {
    counts.iter().map(|(&k, &count)| (key(k), count)).collect()
}

fn was_opened(record: &ItemRecord) -> bool {
    let refused = |reason: &Reason| {
        matches!(reason, Reason::PermissionDenied | Reason::NotFound | Reason::PathTooLong | Reason::Loop)
    };
    record.outcome() != Outcome::Skipped && !record.reasons.iter().any(refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ItemPath;

    fn record(path: &str, outcome: Outcome, reasons: &[Reason], subjects: &[u64]) -> ItemRecord {
        let mut item = ItemPath::default();
        for (i, name) in path.split("!/").enumerate() {
            item = if i == 0 { ItemPath::new(0, name.into()) } else { item.member(name.into()) };
        }
        ItemRecord {
            item,
            size: 100,
            outcome: Some(outcome),
            reasons: reasons.to_vec(),
            subjects: subjects.to_vec(),
            ..ItemRecord::default()
        }
    }

    fn tally(records: &[ItemRecord]) -> Summary {
        let mut tally = Tally::new();
        for record in records {
            tally.add(record);
        }
        tally.summary(Duration::from_millis(1500), false, 7)
    }

    #[test]
    fn counts_add_up() {
        let mut found = record("a.zip!/b.csv", Outcome::Read, &[], &[1, 2]);
        found.categories = BTreeMap::from([(Category::Health, 3)]);
        found.severity = Severity::High;
        found.findings_beyond = 3;
        let summary = tally(&[
            found,
            record("a.zip", Outcome::Read, &[], &[]),
            record("c.txt", Outcome::Read, &[], &[2, 3]),
            record("d.pdf", Outcome::ReadInPart, &[Reason::Malformed, Reason::Timeout, Reason::Malformed], &[]),
            record("link", Outcome::Skipped, &[Reason::Symlink], &[]),
            record("e.txt", Outcome::Unreadable, &[Reason::PermissionDenied], &[]),
        ]);
        assert_eq!((summary.files, summary.members, summary.directories), (5, 1, 7));
        assert_eq!(summary.bytes, 300, "the link and the refused file were not opened");
        assert_eq!((summary.findings, summary.subjects, summary.gaps), (3, 3, 2));
        assert_eq!(summary.outcomes.values().sum::<u64>(), summary.files + summary.members);
        assert_eq!(summary.severity.values().sum::<u64>(), summary.files + summary.members);
        assert_eq!(summary.protection.values().sum::<u64>(), summary.files + summary.members);
        assert_eq!(summary.reasons.get("malformed"), Some(&1));
        assert_eq!(summary.categories, BTreeMap::from([("health", 1)]));
        assert_eq!((summary.duration_seconds, summary.complete), (1.5, false));
    }

    #[test]
    fn people_that_were_not_kept_still_count() {
        let mut many = record("a.csv", Outcome::Read, &[], &[1, 2]);
        many.subjects_beyond = 40;
        assert_eq!(tally(&[many, record("b.csv", Outcome::Read, &[], &[3])]).subjects, 42);
    }

    #[test]
    fn complete_means_nothing_was_left_unread() {
        let clean = [record("a", Outcome::Read, &[], &[]), record("l", Outcome::Skipped, &[Reason::Symlink], &[])];
        assert!(tally(&clean).complete);
        let mut interrupted = Tally::new();
        interrupted.add(&clean[0]);
        assert!(!interrupted.summary(Duration::ZERO, true, 0).complete);
        assert!(!tally(&[ItemRecord::default()]).complete, "an item without an outcome was not read");
    }
}
