//! What a check found, ready to be told: to a person, to GitHub, to GitLab, to whatever reads JUnit or SARIF.

pub mod github;
pub mod gitlab;
pub mod junit;
pub mod sarif;
pub mod terminal;

use std::collections::BTreeMap;

use crate::model::{Category, ItemPath, Name, Place, Reason, Sample, Severity};

/// A finding that counts.
#[derive(Clone, Debug)]
pub struct Issue {
    pub item: ItemPath,
    /// From one; what has no lines has none.
    pub line: Option<u64>,
    /// Characters from one: where the value begins, and the first one behind it.
    pub columns: Option<(u64, u64)>,
    /// Within what has no lines: page, sheet, cell.
    pub place: Place,
    pub detector: String,
    /// What the detector finds.
    pub title: String,
    pub category: Category,
    pub severity: Severity,
    pub confidence: f32,
    pub sample: Sample,
    pub why: Vec<String>,
    /// Stays the same when lines move; says nothing of the value unless there is a salt.
    pub identity: String,
    /// Under which a baseline accepts it, or all that it stands for; none without a salt.
    pub fingerprints: Vec<String>,
    /// The first commit that holds it, in a check of the history.
    pub commit: Option<String>,
    /// What else is to be said: an acceptance that has expired, others of its kind.
    pub remark: Option<String>,
}

impl Issue {
    /// `src/a.py:12:8`, or as much of it as there is.
    pub fn location(&self) -> String {
        let item = &self.item;
        match (self.line, self.columns) {
            (Some(line), Some((column, _))) => format!("{item}:{line}:{column}"),
            (Some(line), None) => format!("{item}:{line}"),
            (None, _) if !self.place.is_empty() => format!("{item} ({})", self.place),
            (None, _) => item.to_string(),
        }
    }

    /// One sentence without the value.
    pub fn message(&self) -> String {
        let remark = self.remark.as_ref().map(|remark| format!("; {remark}")).unwrap_or_default();
        let commit = self.commit.as_ref().map(|commit| format!("; since {commit:.12}")).unwrap_or_default();
        let Self { title, sample, detector, confidence, .. } = self;
        format!("{title}: {} ({detector}, {confidence:.2}){commit}{remark}", printable(sample.as_str()))
    }
}

/// Without signs that would drive a terminal.
fn printable(text: &str) -> String {
    Name::from(text).to_string()
}

/// How a finding came to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// By a mark beside it.
    Mark,
    Baseline,
    Path,
    Value,
    /// What looks like it in tests, examples and lists that machines write.
    LookAlike,
}

impl Way {
    pub fn title(self) -> &'static str {
        match self {
            Self::Mark => "a mark beside it",
            Self::Baseline => "the baseline",
            Self::Path => "its path, in the configuration",
            Self::Value => "its value, in the configuration",
            Self::LookAlike => "where it stands",
        }
    }
}

/// A finding that was accepted, and who says so.
#[derive(Clone, Debug)]
pub struct Accepted {
    pub issue: Issue,
    pub way: Way,
    pub reason: String,
    pub owner: Option<String>,
    pub expires: Option<String>,
}

/// An item of which something was not read.
#[derive(Clone, Debug)]
pub struct Gap {
    pub item: ItemPath,
    pub reasons: Vec<Reason>,
    pub message: String,
    /// Whether the check is incomplete for it.
    pub counts: bool,
}

/// A check from its beginning to its end.
#[derive(Clone, Debug, Default)]
pub struct CheckReport {
    /// What was checked, in words: `the staged changes`.
    pub what: String,
    /// By path, then line.
    pub issues: Vec<Issue>,
    pub accepted: Vec<Accepted>,
    pub gaps: Vec<Gap>,
    /// Findings that weigh less than the threshold, and published sample values.
    pub lower: u64,
    pub samples: u64,
    /// Findings on lines that were there before.
    pub unchanged: u64,
    pub files: u64,
    pub members: u64,
    /// What the user should know about the check itself.
    pub warnings: Vec<String>,
    pub interrupted: bool,
    pub fail_on: Severity,
    /// RFC 3339.
    pub started: String,
    pub seconds: f64,
    /// The commit that is checked out.
    pub commit: Option<String>,
}

impl CheckReport {
    /// Whether all was read that must be.
    pub fn is_complete(&self) -> bool {
        !self.interrupted && !self.gaps.iter().any(|gap| gap.counts)
    }

    /// The issues of each file.
    pub fn by_file(&self) -> BTreeMap<&Name, Vec<&Issue>> {
        let mut files: BTreeMap<&Name, Vec<&Issue>> = BTreeMap::new();
        for issue in &self.issues {
            files.entry(&issue.item.path).or_default().push(issue);
        }
        files
    }

    /// The worst first; within a severity the surest.
    pub fn worst_first(&self) -> Vec<&Issue> {
        let mut issues: Vec<&Issue> = self.issues.iter().collect();
        issues.sort_by(|a, b| b.severity.cmp(&a.severity).then(b.confidence.total_cmp(&a.confidence)));
        issues
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::finding::Mask;

    pub(in crate::report) fn issue(path: &str, line: u64) -> Issue {
        Issue {
            item: ItemPath::new(0, path.into()),
            line: Some(line),
            columns: Some((5, 21)),
            place: Place::line(line),
            detector: "it.codice_fiscale".into(),
            title: "Italian tax code".into(),
            category: Category::NationalId,
            severity: Severity::Medium,
            confidence: 0.97,
            sample: Sample::new(Mask::Code, "RSSMRA80A01H501U"),
            why: vec!["check:codice_fiscale".into()],
            identity: "0123456789abcdef0123456789abcdef".into(),
            fingerprints: Vec::new(),
            commit: None,
            remark: None,
        }
    }

    pub(in crate::report) fn report() -> CheckReport {
        let gap = Gap {
            item: ItemPath::new(0, "broken.zip".into()),
            reasons: vec![Reason::Malformed],
            message: "no end of the directory".into(),
            counts: true,
        };
        CheckReport {
            what: "the working tree".into(),
            issues: vec![issue("a/b, c:%.csv", 3), issue("z.txt", 1)],
            accepted: vec![Accepted {
                issue: issue("t.txt", 9),
                way: Way::Mark,
                reason: "an invented person".into(),
                owner: None,
                expires: None,
            }],
            gaps: vec![gap],
            files: 4,
            fail_on: Severity::Medium,
            started: "2026-11-22T10:00:00Z".into(),
            ..CheckReport::default()
        }
    }

    #[test]
    fn a_location_is_what_editors_open() {
        assert_eq!(issue("a.csv", 3).location(), "a.csv:3:5");
        let without = Issue { line: None, place: Place::page(2), ..issue("a.pdf", 1) };
        assert_eq!(without.location(), "a.pdf (page 2)");
        assert!(!issue("a", 1).message().contains("RSSMRA80A01H501U"));
    }
}
