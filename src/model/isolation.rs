//! What kept the readers of a scan away from the rest of the machine.

use serde::Serialize;

/// How files were read. What is absent is not known: no worker was needed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Isolation {
    /// In worker processes: what breaks a reader ends one of them, not the scan.
    pub processes: bool,
    /// What keeps workers to reading below the roots: `landlock-abi-N` (Linux), or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filesystem: Option<String>,
    /// What keeps workers from the network and from other programs: `seccomp` (Linux), or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_calls: Option<String>,
}

impl Isolation {
    /// What it is called where there is nothing of the kind.
    pub const NONE: &'static str = "none";

    /// Whether something that keeps readers in is missing.
    pub fn is_weak(&self) -> bool {
        let is_none = |what: &Option<String>| what.as_deref() == Some(Self::NONE);
        !self.processes || is_none(&self.filesystem) || is_none(&self.system_calls)
    }
}
