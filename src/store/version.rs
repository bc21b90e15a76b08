//! One version of a file in the state: its change key, and its verdict in a few integers.

use jiff::Timestamp;

use crate::model::{Access, Exposure, ItemRecord, Outcome, Severity, Stamp, State};

/// A row of the table of files.
#[derive(Clone, Debug)]
pub struct Version {
    pub(super) directory: i64,
    pub(super) id: i64,
    pub(super) since: i64,
    pub(super) stamp: Stamp,
    pub(super) owner: Option<u32>,
    pub(super) media_type: i64,
    pub(super) verdict: Verdict,
    pub(super) policy: i64,
    /// The scan that read the file last.
    pub(super) read_in: i64,
    pub(super) digest: Option<i64>,
}

impl Version {
    /// The number under which a writer marks the file as seen.
    pub fn id(&self) -> i64 {
        self.id
    }

    pub fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    pub fn exposure(&self) -> Exposure {
        Exposure { access: self.verdict.access, owner: self.owner }
    }

    /// The scan that read it last.
    pub fn read_in(&self) -> i64 {
        self.read_in
    }
}

/// What is said of a file, in the bits of one integer:
/// outcome 2, severity 3, access 2, one each for the fields that follow, and the third of access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) outcome: u8,
    pub(super) severity: u8,
    pub(super) access: Access,
    /// There are rows in `item`.
    pub(super) has_items: bool,
    /// The file or a member shows what it should not.
    pub(super) is_exposed: bool,
    /// The file or a member is sealed well.
    pub(super) is_sealed: bool,
    /// What was read cannot stand for the next time.
    pub(super) again: bool,
}

impl Verdict {
    pub(super) fn packed(self) -> i64 {
        let access = Access::ALL.iter().position(|&access| access == self.access).unwrap_or(0);
        i64::from(self.outcome)
            | i64::from(self.severity) << 2
            // Two bits here; the third came later.
            | i64::try_from(access & 3).unwrap_or(0) << 5
            | i64::from(self.has_items) << 7
            | i64::from(self.is_exposed) << 8
            | i64::from(self.is_sealed) << 9
            | i64::from(self.again) << 10
            | i64::try_from(access >> 2).unwrap_or(0) << 11
    }

    pub(super) fn unpacked(bits: i64) -> Self {
        let part = |shift: u32, mask: i64| u8::try_from((bits >> shift) & mask).unwrap_or(0);
        Self {
            outcome: part(0, 3),
            severity: part(2, 7),
            access: Access::ALL.get(usize::from(part(5, 3) | part(11, 1) << 2)).copied().unwrap_or_default(),
            has_items: part(7, 1) == 1,
            is_exposed: part(8, 1) == 1,
            is_sealed: part(9, 1) == 1,
            again: part(10, 1) == 1,
        }
    }

    /// Takes in one record of the file, its own or that of a member.
    pub(super) fn add(&mut self, record: &ItemRecord) {
        self.severity = self.severity.max(place_in(&Severity::ALL, &record.severity));
        self.is_exposed |= record.is_exposed();
        self.is_sealed |= record.protection.state == State::Strong;
        self.again |= record.may_end_otherwise();
        if record.item.members.is_empty() {
            self.outcome = place_in(&Outcome::ALL, &record.outcome());
            self.access = record.exposure.access;
        }
    }

    pub(super) fn severity(self) -> Severity {
        Severity::ALL.get(usize::from(self.severity)).copied().unwrap_or_default()
    }
}

fn place_in<T: PartialEq>(all: &[T], value: &T) -> u8 {
    all.iter().position(|other| other == value).and_then(|place| u8::try_from(place).ok()).unwrap_or(0)
}

/// The record of a file of which the row says everything.
pub(super) fn is_clean(record: &ItemRecord, stamp: &Stamp) -> bool {
    let ItemRecord {
        item: _,
        size,
        modified,
        media_type: _,
        content,
        outcome,
        reasons,
        protection,
        exposure: _,
        categories,
        severity,
        subjects,
        subjects_beyond,
        findings,
        findings_beyond,
        problems,
    } = record;
    *outcome == Some(Outcome::Read)
        && *size == stamp.size
        && *modified == written(stamp.modified)
        && content.is_none()
        && reasons.is_empty()
        && *protection == crate::model::Protection::default()
        && categories.is_empty()
        && *severity == Severity::None
        && subjects.is_empty()
        && *subjects_beyond == 0
        && findings.is_empty()
        && *findings_beyond == 0
        && problems.is_empty()
}

/// RFC 3339, as entries have it.
pub(super) fn written(nanoseconds: Option<i64>) -> Option<String> {
    nanoseconds.and_then(|time| Timestamp::from_nanosecond(i128::from(time)).ok()).map(|time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reason;

    #[test]
    fn a_verdict_comes_back_from_its_bits() {
        let all = Verdict {
            outcome: 3,
            severity: 4,
            access: Access::Everyone,
            has_items: true,
            is_exposed: true,
            is_sealed: true,
            again: true,
        };
        assert_eq!(Verdict::unpacked(all.packed()), all);
        for access in Access::ALL {
            let one = Verdict { is_sealed: true, access, ..Verdict::default() };
            assert_eq!(Verdict::unpacked(one.packed()), one);
        }
        // As states of before wrote it.
        assert_eq!(Verdict::unpacked(3 << 5).access, Access::Everyone);
    }

    #[test]
    fn a_failure_does_not_stand_for_the_next_time() {
        let mut verdict = Verdict::default();
        verdict.add(&ItemRecord { outcome: Some(Outcome::Read), ..ItemRecord::default() });
        assert!(!verdict.again);
        let reasons = vec![Reason::IoError];
        verdict.add(&ItemRecord { outcome: Some(Outcome::Unreadable), reasons, ..ItemRecord::default() });
        assert!(verdict.again);
    }
}
