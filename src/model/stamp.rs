//! What a file system says of a file without its being read: the key that tells whether it changed.

use serde::{Deserialize, Serialize};

/// Times in nanoseconds since 1970; none where the file system does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    pub size: u64,
    /// When the content was written; anybody who may write the file may set it.
    pub modified: Option<i64>,
    /// When the file or its attributes changed last; set by the system alone.
    pub changed: Option<i64>,
    pub born: Option<i64>,
    /// Number of the device in this run of the system; says which mount the file is on.
    pub device: Option<u64>,
    /// Number of the file on its file system.
    pub id: Option<u64>,
}

/// How far the stamps of a mount can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// File numbers stay with their files.
    pub ids: bool,
    /// The change time is that of the server and cannot be set by users.
    pub changes: bool,
    /// The clock of the stamps is that of this machine.
    pub local_clock: bool,
}

impl Trust {
    /// Nothing but size and times that users can set.
    pub fn is_weak(self) -> bool {
        !self.changes
    }
}

impl Stamp {
    /// Whether the file can be taken for what it was. What only one of the two knows does not count.
    pub fn is_same(&self, earlier: &Self, trust: Trust) -> bool {
        let both = |now: Option<i64>, then: Option<i64>| now.is_none() || then.is_none() || now == then;
        let id = !trust.ids || self.id.is_none() || earlier.id.is_none() || self.id == earlier.id;
        // A file without any time cannot be told from one that was written anew.
        self.size == earlier.size
            && self.modified.is_some()
            && self.modified == earlier.modified
            && both(self.changed, earlier.changed)
            && both(self.born, earlier.born)
            && id
    }

    /// Whether the file was written so short a time before `now` (nanoseconds since 1970) that
    /// a second change may bear the same time.
    pub fn is_racy(&self, now: i64, trust: Trust) -> bool {
        let margin = if trust.local_clock { 2_000_000_000 } else { 60_000_000_000 };
        let latest = match self.changed {
            Some(changed) if trust.changes => Some(changed),
            _ => self.changed.max(self.modified),
        };
        latest.is_none_or(|latest| latest > now.saturating_sub(margin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;
    const LOCAL: Trust = Trust { ids: true, changes: true, local_clock: true };

    fn stamp() -> Stamp {
        let at = Some(1000 * SECOND);
        Stamp { size: 7, modified: at, changed: at, born: at, device: Some(3), id: Some(9) }
    }

    #[test]
    fn every_part_of_the_key_counts() {
        let earlier = stamp();
        assert!(stamp().is_same(&earlier, LOCAL));
        assert!(!Stamp { size: 8, ..stamp() }.is_same(&earlier, LOCAL));
        assert!(!Stamp { modified: Some(1), ..stamp() }.is_same(&earlier, LOCAL));
        // The same length was written over it and the time put back.
        assert!(!Stamp { changed: Some(1), ..stamp() }.is_same(&earlier, LOCAL));
        // Another file took its place by a rename.
        assert!(!Stamp { id: Some(10), ..stamp() }.is_same(&earlier, LOCAL));
        assert!(!Stamp { born: Some(1), ..stamp() }.is_same(&earlier, LOCAL));
        assert!(Stamp { device: Some(4), ..stamp() }.is_same(&earlier, LOCAL), "mounted again");
        assert!(Stamp { born: None, ..stamp() }.is_same(&earlier, LOCAL));
        let invented = Trust { ids: false, ..LOCAL };
        assert!(Stamp { id: Some(10), ..stamp() }.is_same(&earlier, invented));
        assert!(!Stamp { modified: None, ..stamp() }.is_same(&Stamp { modified: None, ..earlier }, LOCAL));
    }

    #[test]
    fn what_was_just_written_is_not_trusted() {
        let network = Trust { local_clock: false, ..LOCAL };
        assert!(stamp().is_racy(1001 * SECOND, LOCAL));
        assert!(!stamp().is_racy(1003 * SECOND, LOCAL));
        assert!(stamp().is_racy(1003 * SECOND, network));
        assert!(!stamp().is_racy(1061 * SECOND, network));
        // A time in the future, which a user may set, does not matter where the system's own is known.
        let future = Stamp { modified: Some(i64::MAX), ..stamp() };
        assert!(!future.is_racy(1003 * SECOND, LOCAL));
        assert!(future.is_racy(1003 * SECOND, Trust { changes: false, ..LOCAL }));
        assert!(Stamp::default().is_racy(0, LOCAL));
    }
}
