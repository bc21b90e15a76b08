//! Whole files as the reports list them: each with everything that lies inside it, once its own record has come.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::crowd::Crowd;
use super::enisa::{self, Score};
use super::fate::Fate;
use super::overview::Opener;
use crate::model::{Access, Category, Finding, ItemRecord, Name, Outcome, Reason, Severity, State, hex};

/// Findings kept of a file, and of one category of it; all are counted.
const SPOTS: usize = 120;
const SPOTS_OF_A_CATEGORY: usize = 20;

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
            crowd: Crowd::of_file(),
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
        let names_minor = self.crowd.add(record, year);
        for (&category, &count) in &record.categories {
            let sum = self.categories.entry(category).or_default();
            *sum = sum.saturating_add(count);
        }
        let findings = (record.findings.len() as u64).saturating_add(record.findings_beyond);
        self.findings = self.findings.saturating_add(findings);
        self.score = self.score.max(enisa::score(record.categories.keys().copied(), names_minor));
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
            self.crowd = Crowd::of_file();
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
    /// Of a scan of this year.
    pub fn of_year(year: Option<u16>) -> Self {
        Self { year, ..Self::default() }
    }

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

/// The year of an RFC 3339 time.
pub fn year(time: &str) -> Option<u16> {
    time.get(..4).and_then(|year| year.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, item, read, sealed, share};
    use super::*;
    use crate::model::Protection;
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
}
