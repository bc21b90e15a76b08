//! How a scan stands beside the ones before it: what came out of the state, and what is new since.

use serde::{Deserialize, Serialize};

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
}
