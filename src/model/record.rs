//! All that is known of one item, of one scan, and of its end: what reporters and the state receive.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::category::Category;
use super::finding::Finding;
use super::isolation::Isolation;
use super::location::ItemPath;
use super::name::Name;
use super::outcome::{Outcome, Problem, Reason};
use super::protection::{Protection, State};
use super::severity::Severity;
use super::standing::Standing;

/// Who can read a file on the share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    #[default]
    Unknown,
    Owner,
    Group,
    /// Every account of the domain: Authenticated Users, Domain Users and Users of Windows.
    Domain,
    Everyone,
}

impl Access {
    /// In the order in which states and reports number them: what came later stands at the end.
    pub const ALL: [Self; 5] = [Self::Unknown, Self::Owner, Self::Group, Self::Everyone, Self::Domain];

    /// Nobody who can log in is kept out.
    pub fn is_open(self) -> bool {
        self >= Self::Domain
    }

    pub fn key(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Owner => "owner",
            Self::Group => "group",
            Self::Everyone => "everyone",
            Self::Domain => "domain",
        }
    }
}

/// Who could have read the file where it lies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    pub access: Access,
    /// Numeric owner as the file system gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<u32>,
}

/// The first thing a scan says.
#[derive(Clone, Debug)]
pub struct ScanRecord {
    pub tool: &'static str,
    pub version: &'static str,
    pub detectors_hash: String,
    /// RFC 3339.
    pub started: String,
    pub roots: Vec<Name>,
    pub shares: Vec<ShareName>,
}

/// A mounted share at a root, or below it, under the name that people use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareName {
    /// Index into the roots.
    pub root: usize,
    /// Where it is mounted, relative to the root; empty for the root itself.
    pub path: Name,
    /// `\\server\share`, `server:/export`, or what the user called it.
    pub name: String,
    /// As the system calls it: `cifs`, `nfs4`.
    pub file_system: String,
}

/// The file system that a root lies on, or one that is mounted below it, as the system tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountRecord {
    /// Index into the roots.
    pub root: usize,
    /// Where it is mounted, relative to the root; empty for that of the root itself.
    pub path: Name,
    /// As the system calls it: `cifs`, `nfs4`, `ext4`.
    pub file_system: String,
    /// Those of the mount, then those of the file system, with commas: `ro,relatime,vers=3.1.1,cifsacl`.
    pub options: String,
}

/// One item and everything that is said of it. Its form in serde is that between processes and
/// in the state of a scan, not that of the JSON Lines: it may hold clear values ([`Finding::value`]).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ItemRecord {
    pub item: ItemPath,
    /// Bytes; for a member as it was unpacked, as far as it was.
    pub size: u64,
    /// RFC 3339.
    pub modified: Option<String>,
    pub media_type: Cow<'static, str>,
    /// Keyed hash of all bytes of a file that shows something (it or a member), 32 hexadecimal digits: two files with
    /// one hash are one document. None for members, for other files, and where they could not be read once more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    pub outcome: Option<Outcome>,
    pub reasons: Vec<Reason>,
    pub protection: Protection,
    pub exposure: Exposure,
    /// With the number of findings of each, those not kept in `findings` included.
    pub categories: BTreeMap<Category, u64>,
    pub severity: Severity,
    /// Keyed hashes of the people the item is about; the length is the number of people
    /// unless `subjects_beyond` says that more were seen than are kept.
    pub subjects: Vec<u64>,
    pub subjects_beyond: u64,
    pub findings: Vec<Finding>,
    pub findings_beyond: u64,
    pub problems: Vec<Problem>,
}

impl ItemRecord {
    /// Whether content that may hold personal data in plain sight stayed unread: any reason
    /// that is a gap, an encryption that does not hold, or an item not read without a reason.
    pub fn is_gap(&self) -> bool {
        let unexplained = self.reasons.is_empty() && self.outcome() != Outcome::Read;
        unexplained || self.gap_reasons().next().is_some()
    }

    /// The reasons that make the item a gap; none if it is one for want of a reason.
    pub fn gap_reasons(&self) -> impl Iterator<Item = Reason> {
        self.reasons.iter().copied().filter(|reason| match reason {
            Reason::Encrypted => self.protection.state != State::Strong,
            reason => reason.is_gap(),
        })
    }

    pub fn outcome(&self) -> Outcome {
        // An item that nobody gave an outcome was not read: fail closed.
        self.outcome.unwrap_or(Outcome::Unreadable)
    }

    /// Holds personal data (or a marking, or a credential) that anybody who copies it can read.
    pub fn is_exposed(&self) -> bool {
        self.severity > Severity::None && self.protection.state != State::Strong
    }

    /// What may end differently though the bytes stay the same: the share or the scan failed, or the password of a
    /// sealed file may by now lie beside it.
    pub fn may_end_otherwise(&self) -> bool {
        let failed = |reason: &Reason| {
            matches!(
                reason,
                Reason::Timeout
                    | Reason::PermissionDenied
                    | Reason::NotFound
                    | Reason::PathTooLong
                    | Reason::Loop
                    | Reason::IoError
                    | Reason::Changed
                    | Reason::ShareUnavailable
                    | Reason::Offline
                    | Reason::Crashed
                    | Reason::OutOfMemory
                    | Reason::Interrupted
            )
        };
        self.outcome.is_none()
            || self.protection.scheme.is_some()
            || self.protection.key.is_some()
            || self.reasons.iter().any(failed)
    }

    pub fn subject_count(&self) -> u64 {
        self.subjects.len() as u64 + self.subjects_beyond
    }
}

/// The counts of a scan.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Entries of the walk: files and what stands in for one (links, pipes, unreadable directories).
    pub files: u64,
    /// Members inside them, at any depth.
    pub members: u64,
    /// Directories listed.
    pub directories: u64,
    /// Bytes of the files that were opened.
    pub bytes: u64,
    pub findings: u64,
    /// Distinct people (by keyed hash).
    pub subjects: u64,
    pub outcomes: BTreeMap<&'static str, u64>,
    pub reasons: BTreeMap<&'static str, u64>,
    /// Items by category.
    pub categories: BTreeMap<&'static str, u64>,
    pub protection: BTreeMap<&'static str, u64>,
    pub severity: BTreeMap<&'static str, u64>,
    /// Items with a gap in their coverage.
    pub gaps: u64,
    pub interrupted: bool,
    pub duration_seconds: f64,
    pub complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub isolation: Option<Isolation>,
    /// Only for a scan with a state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<Standing>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Mask;
    use crate::model::{Cell, Place, Sample};

    #[test]
    fn gaps() {
        let record = |outcome, reasons: &[Reason], state| ItemRecord {
            outcome,
            reasons: reasons.to_vec(),
            protection: Protection { state, ..Protection::default() },
            ..ItemRecord::default()
        };
        let gap = |outcome, reasons: &[Reason], state| record(outcome, reasons, state).is_gap();
        assert!(!gap(Some(Outcome::Read), &[], State::Plain));
        assert!(gap(Some(Outcome::ReadInPart), &[Reason::Truncated], State::Plain));
        assert!(!gap(Some(Outcome::Skipped), &[Reason::Symlink], State::Plain));
        assert!(!gap(Some(Outcome::Unreadable), &[Reason::Encrypted], State::Strong));
        assert!(gap(Some(Outcome::Unreadable), &[Reason::Encrypted], State::Weak));
        // What nobody accounted for counts as unread.
        assert!(gap(None, &[], State::Plain));
        assert!(gap(Some(Outcome::Unreadable), &[], State::Strong));
    }

    #[test]
    fn a_record_comes_back_as_it_left() {
        let cell = Cell { row: 6, column: 27 };
        let record = ItemRecord {
            item: ItemPath::new(1, Name::from_bytes(&b"caf\xe9.zip"[..])).member("cv.xlsx".into()),
            size: 4096,
            media_type: "text/csv".into(),
            outcome: Some(Outcome::ReadInPart),
            reasons: vec![Reason::Truncated],
            categories: BTreeMap::from([(Category::Health, 2)]),
            subjects: vec![u64::MAX],
            findings: vec![Finding {
                place: Place { sheet: Some("Mai".into()), cell: Some(cell), ..Place::line(9) },
                detector: "it.codice_fiscale".into(),
                category: Category::NationalId,
                confidence: 0.95,
                why: vec!["checksum".into()],
                sample: Sample::new(Mask::Code, "RSSMRA80A01H501U"),
                fingerprint: "0f".into(),
                subject: None,
                born: None,
                value: None,
            }],
            ..ItemRecord::default()
        };
        let written = serde_json::to_vec(&record).unwrap();
        assert_eq!(serde_json::from_slice::<ItemRecord>(&written).unwrap(), record);
    }

    #[test]
    fn the_keys_are_those_of_the_json() {
        for access in Access::ALL {
            assert_eq!(serde_json::to_value(access).unwrap(), access.key());
        }
        for state in State::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.key());
        }
    }
}
