//! All that is known of one item, of one scan, and of its end: what reporters and the state receive.

use std::collections::BTreeMap;

use serde::Serialize;

use super::category::Category;
use super::finding::Finding;
use super::location::ItemPath;
use super::name::Name;
use super::outcome::{Outcome, Problem, Reason};
use super::protection::{Protection, State};
use super::severity::Severity;

/// Who can read a file on the share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    #[default]
    Unknown,
    Owner,
    Group,
    Everyone,
}

/// Who could have read the file where it lies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Exposure {
    pub access: Access,
    /// Numeric owner as the file system gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
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
}

/// One item and everything that is said of it.
#[derive(Clone, Debug, Default)]
pub struct ItemRecord {
    pub item: ItemPath,
    /// Bytes; for a member as it was unpacked, as far as it was.
    pub size: u64,
    /// RFC 3339.
    pub modified: Option<String>,
    pub media_type: &'static str,
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
    /// that is a gap, or an encryption that does not hold.
    pub fn is_gap(&self) -> bool {
        self.reasons.iter().any(|reason| match reason {
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
}
