//! How a scan stands beside the ones before it: what came out of the state, and what is new since.

use serde::{Deserialize, Serialize};

use super::location::ItemPath;
use super::severity::Severity;

/// What the state adds to the summary of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Number of the scan in its state.
    pub scan: u64,
    /// It went on with a scan that had not come to its end.
    pub continued: bool,
    /// Files that were not read again, for they have not changed; what is said of them is what was read then.
    pub unchanged: u64,
    /// Files known from earlier, or met now, that this run did not come to.
    pub left: u64,
    /// Roots in which nothing was met though files of theirs are known: a share that is not mounted
    /// looks so. Nothing of them counts as gone.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unreached_roots: u64,
    /// Against the last scan that came to its end; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Delta>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What became different between two scans, in files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// Number of the earlier scan.
    pub scan: u64,
    /// RFC 3339: when the earlier scan began.
    pub started: String,
    pub new: u64,
    /// Files that were there and of which something else is said now.
    pub changed: u64,
    pub gone: u64,
    /// Files, new or changed, that show personal data (or a marking, or a credential) and did not before.
    pub newly_exposed: u64,
    /// Files that did and no longer do, for they are sealed now.
    pub newly_protected: u64,
    /// The first of these files, what matters most first ([`Delta::keep`]). The state tells them again
    /// whenever they are asked for, and keeps no list of them.
    #[serde(skip)]
    pub files: Vec<Difference>,
}

impl Delta {
    /// Files that are listed; all are counted.
    const LISTED: usize = 1_000;

    pub fn count(&mut self, difference: &Difference) {
        match difference.change {
            Change::New => self.new += 1,
            Change::Changed => self.changed += 1,
            Change::Gone => self.gone += 1,
        }
        self.newly_exposed += u64::from(difference.newly_exposed);
        self.newly_protected += u64::from(difference.newly_protected);
    }

    /// Puts it on the list, from which what matters less falls off.
    pub fn keep(&mut self, difference: Difference) {
        self.files.push(difference);
        if self.files.len() >= 2 * Self::LISTED {
            self.settle();
        }
    }

    /// Puts the list in order.
    pub fn settle(&mut self) {
        self.files.sort_unstable_by(|a, b| a.rank().cmp(&b.rank()));
        self.files.truncate(Self::LISTED);
    }

    /// Files of which something is told.
    pub fn all(&self) -> u64 {
        self.new + self.changed + self.gone
    }
}

/// How a file stands in the newer of two scans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    New,
    Changed,
    Gone,
}

impl Change {
    pub const ALL: [Self; 3] = [Self::New, Self::Changed, Self::Gone];

    pub fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Gone => "gone",
        }
    }
}

/// One file that is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its root is an index into the roots of the newer scan.
    pub item: ItemPath,
    pub change: Change,
    /// It shows what it should not, and did not before.
    pub newly_exposed: bool,
    /// It did, and is sealed now.
    pub newly_protected: bool,
    /// The worst of the file and its members: before, and now.
    pub severity: (Option<Severity>, Option<Severity>),
}

impl Difference {
    /// What matters most first: the order of every list of differences.
    pub fn rank(&self) -> impl Ord + '_ {
        let Self { item, change, newly_exposed, newly_protected, severity: (before, now) } = self;
        (!newly_exposed, !newly_protected, std::cmp::Reverse((*now).max(*before)), *change, item)
    }
}
