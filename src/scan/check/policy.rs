//! Which findings of a check count: not what is known, what was allowed, and what weighs too little.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::detect::Catalogue;
use crate::model::{Category, Finding, ItemRecord, Reason, Severity};
use crate::report::check::{Accepted, CheckReport, Gap, Issue, Way};
use crate::report::{Reporter, Tally};

use super::baseline::{self, Baseline, Entry};
use super::look_alike::Surroundings;
use super::read::{Detail, Item};
use super::settings::{MustRead, Settings};
use super::weigh;

/// Accepted findings that are listed; more are counted nowhere but in the findings they came from.
const MOST_ACCEPTED: usize = 100_000;
/// Issues that are kept.
const MOST_ISSUES: usize = 100_000;

/// What decides, and what it has decided so far.
pub struct Policy {
    pub fail_on: Severity,
    pub settings: Settings,
    pub must_read: MustRead,
    pub count_tests: bool,
    pub baseline: Option<Baseline>,
    pub catalogue: Arc<Catalogue>,
    pub today: Date,
    /// Fingerprints say something beyond this run.
    pub is_salted: bool,
    /// Passwords in text that are less sure weigh too little.
    pub min_password: f32,
    pub tally: Tally,
}

/// What becomes of one finding.
enum Fate {
    Counts(Option<String>),
    Accepted { way: Way, reason: String, owner: Option<String>, expires: Option<String> },
    Sample,
    Unchanged,
    Unsure,
}

impl Policy {
    /// Adds the item to the report, and tells the reporters what counts of it.
    pub(super) fn weigh(
        &mut self,
        item: Item,
        report: &mut CheckReport,
        reporters: &mut [Box<dyn Reporter + '_>],
    ) -> io::Result<()> {
        let Item { mut record, details, commit, is_delicate: _ } = item;
        if record.item.members.is_empty() {
            report.files += 1;
        } else {
            report.members += 1;
        }
        self.note_gap(&record, report);
        let surroundings = (!self.count_tests).then(|| Surroundings::of(&record.item.path));
        let path = record.item.path.to_string();
        let mut counting: Vec<(Finding, Detail, Option<String>)> = Vec::new();
        for (finding, detail) in std::mem::take(&mut record.findings).into_iter().zip(details) {
            match self.fate(&finding, &detail, &record, &path, surroundings) {
                Fate::Counts(remark) => counting.push((finding, detail, remark)),
                Fate::Sample => report.samples += 1,
                Fate::Unchanged => report.unchanged += 1,
                Fate::Unsure => report.lower += 1,
                Fate::Accepted { way, reason, owner, expires } => {
                    // Nobody accepts what would not have counted.
                    let severity = weigh::alone(&finding, record.protection.state);
                    if severity >= self.fail_on && report.accepted.len() < MOST_ACCEPTED {
                        let issue = self.issue(&record, finding, detail, severity, commit.as_deref(), None);
                        report.accepted.push(Accepted { issue, way, reason, owner, expires });
                    } else {
                        report.lower += 1;
                    }
                }
            }
        }
        let findings: Vec<&Finding> = counting.iter().map(|(finding, ..)| finding).collect();
        let mut severity = weigh::together(&findings, record.protection.state);
        if record.findings_beyond > 0 {
            // Nobody looked at those that are not kept.
            severity = severity.max(record.severity);
        }
        record.severity = severity;
        record.findings = counting.iter().map(|(finding, ..)| finding.clone()).collect();
        record.categories = BTreeMap::new();
        for finding in &record.findings {
            *record.categories.entry(finding.category).or_default() += 1;
        }
        self.tally.add(&record);
        for reporter in reporters {
            reporter.record(&record)?;
        }
        self.take(counting, &record, commit.as_deref(), report);
        Ok(())
    }

    /// The issues of an item: those that weigh enough by themselves, or all as one.
    fn take(
        &self,
        counting: Vec<(Finding, Detail, Option<String>)>,
        record: &ItemRecord,
        commit: Option<&str>,
        report: &mut CheckReport,
    ) {
        let state = record.protection.state;
        let all = counting.len();
        let own = |finding: &Finding| weigh::alone(finding, state);
        if record.severity < self.fail_on || report.issues.len() >= MOST_ISSUES {
            report.lower += all as u64;
            return;
        }
        let (heavy, light): (Vec<_>, Vec<_>) = counting.into_iter().partition(|(f, ..)| own(f) >= self.fail_on);
        if heavy.is_empty() {
            let fingerprints = self.fingerprints(light.iter().map(|(finding, ..)| finding), record);
            let Some((finding, detail, remark)) = light.into_iter().next() else {
                let message = "more findings than are kept: those cannot be told from what is accepted".to_owned();
                let item = record.item.clone();
                report.gaps.push(Gap { item, reasons: vec![Reason::TooManyMembers], message, counts: true });
                return;
            };
            let people = record.subject_count().max(1);
            let together = format!("{all} findings of about {people} people together");
            let remark = remark.map_or(together.clone(), |remark| format!("{together}; {remark}"));
            let issue = self.issue(record, finding, detail, record.severity, commit, Some(remark));
            report.issues.push(Issue { fingerprints, ..issue });
            return;
        }
        report.lower += light.len() as u64;
        for (finding, detail, remark) in heavy {
            let severity = own(&finding);
            report.issues.push(self.issue(record, finding, detail, severity, commit, remark));
        }
    }

    fn fate(
        &mut self,
        finding: &Finding,
        detail: &Detail,
        record: &ItemRecord,
        path: &str,
        surroundings: Option<Surroundings>,
    ) -> Fate {
        if finding.why.iter().any(|why| why == "known_sample") {
            return Fate::Sample;
        }
        let is_password = finding.category == Category::Credential && is_text(record);
        if is_password && finding.confidence < self.min_password {
            return Fate::Unsure;
        }
        if detail.is_old {
            return Fate::Unchanged;
        }
        let accepted =
            |way, reason: &str| Fate::Accepted { way, reason: reason.to_owned(), owner: None, expires: None };
        if let Some(reason) = &detail.mark {
            return accepted(Way::Mark, reason);
        }
        if let Some(reason) = self.settings.path_reason(&record.item.path, Some(&finding.detector)) {
            return accepted(Way::Path, reason);
        }
        let fingerprint = baseline::fingerprint(finding, path);
        if let Some(reason) = self.settings.value_reason(&fingerprint, &finding.detector) {
            return accepted(Way::Value, reason);
        }
        let mut remark = None;
        let known = self.baseline.as_mut().and_then(|baseline| baseline.accepts(&fingerprint, self.today));
        if let Some((Entry { reason, owner, expires, .. }, holds)) = known {
            if holds {
                let (owner, expires) = (Some(owner.clone()), Some(expires.clone()));
                return Fate::Accepted { way: Way::Baseline, reason: reason.clone(), owner, expires };
            }
            remark = Some(format!("accepted by {owner} until {expires}, which is over"));
        }
        if let Some(reason) = surroundings.and_then(|surroundings| surroundings.against(finding, detail.example)) {
            return accepted(Way::LookAlike, reason);
        }
        if finding.category == Category::Credential && detail.is_filled_in {
            return accepted(Way::LookAlike, "the name of a value that is filled in later");
        }
        Fate::Counts(remark)
    }

    fn issue(
        &self,
        record: &ItemRecord,
        finding: Finding,
        detail: Detail,
        severity: Severity,
        commit: Option<&str>,
        remark: Option<String>,
    ) -> Issue {
        let title = self.catalogue.get(&finding.detector).map(|detector| detector.spec.title.clone());
        let fingerprints = self.fingerprints([&finding], record);
        Issue {
            item: record.item.clone(),
            line: detail.line.filter(|_| record.item.members.is_empty()),
            columns: detail.columns,
            title: title.unwrap_or_else(|| finding.detector.clone()),
            identity: String::new(),
            place: finding.place,
            detector: finding.detector,
            category: finding.category,
            severity,
            confidence: finding.confidence,
            sample: finding.sample,
            why: finding.why,
            fingerprints,
            commit: commit.map(str::to_owned),
            remark,
        }
    }

    /// What they are called in a baseline; nothing if that would say nothing after this run.
    fn fingerprints<'f>(&self, findings: impl IntoIterator<Item = &'f Finding>, record: &ItemRecord) -> Vec<String> {
        if !self.is_salted {
            return Vec::new();
        }
        let path = record.item.path.to_string();
        findings.into_iter().map(|finding| baseline::fingerprint(finding, &path)).collect()
    }

    fn note_gap(&self, record: &ItemRecord, report: &mut CheckReport) {
        if !record.is_gap() {
            return;
        }
        let reasons: Vec<Reason> = record.gap_reasons().collect();
        let is_foreign = !reasons.is_empty()
            && reasons.iter().all(|reason| matches!(reason, Reason::OcrUnavailable | Reason::UnsupportedFormat));
        let is_allowed = self.settings.path_reason(&record.item.path, None).is_some();
        let counts = !(is_allowed || is_foreign && self.must_read == MustRead::Readable);
        let message = record.problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
        report.gaps.push(Gap { item: record.item.clone(), reasons, message, counts });
    }

    /// Brings the report into its order and names its issues.
    pub(super) fn finish(&self, report: &mut CheckReport) {
        report.fail_on = self.fail_on;
        report
            .issues
            .sort_by(|a, b| (&a.item, a.line, a.columns, &a.detector).cmp(&(&b.item, b.line, b.columns, &b.detector)));
        report.accepted.sort_by(|a, b| {
            (&a.issue.item, a.issue.line, a.issue.columns).cmp(&(&b.issue.item, b.issue.line, b.issue.columns))
        });
        report.gaps.sort_by(|a, b| a.item.cmp(&b.item));
        identify(&mut report.issues);
    }
}

/// Text that people or programs write line by line, not a document.
fn is_text(record: &ItemRecord) -> bool {
    let media_type = &*record.media_type;
    media_type.starts_with("text/")
        || matches!(
            media_type.strip_prefix("application/"),
            Some("json" | "jsonl" | "xml" | "yaml" | "toml" | "sql" | "octet-stream")
        )
}

/// Gives every issue a name that stays when lines move: of its file, its detector, and its
/// value if there is a salt; else of its number among its like. Nothing of the value is in it.
fn identify(issues: &mut [Issue]) {
    let mut seen: BTreeMap<(String, String, String), u64> = BTreeMap::new();
    for issue in issues {
        let value = match &issue.fingerprints[..] {
            [one] => one.clone(),
            _ => String::new(),
        };
        let key = (issue.item.to_string(), issue.detector.clone(), value);
        let nth = seen.entry(key.clone()).or_default();
        *nth += 1;
        let mut digest = Sha256::new();
        for part in [key.0.as_bytes(), key.1.as_bytes(), key.2.as_bytes(), nth.to_string().as_bytes()] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        issue.identity = crate::model::hex(digest.finalize().get(..16).unwrap_or_default());
    }
}

impl Policy {
    /// Accepts in the baseline what counts now. Entries whose finding is gone go when the
    /// check saw everything.
    pub fn accept(&mut self, report: &CheckReport, reason: &str, owner: &str, expires: Date, saw_all: bool) {
        let Some(baseline) = self.baseline.as_mut() else { return };
        let entries = report.issues.iter().flat_map(|issue| {
            issue.fingerprints.iter().map(|fingerprint| {
                let entry = Entry {
                    detector: issue.detector.clone(),
                    fingerprint: fingerprint.clone(),
                    path: issue.item.to_string(),
                    reason: reason.to_owned(),
                    owner: owner.to_owned(),
                    expires: expires.to_string(),
                };
                (entry, expires)
            })
        });
        baseline.update(entries.collect(), saw_all);
    }
}
