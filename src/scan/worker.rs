//! One file on the share through all stages, within its budget.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::model::{ItemRecord, Outcome, Problem, Protection, Reason, Stage};
use crate::open::{Budget, Limits};
use crate::source::{Entry, Fault, entry};

use super::item::{Content, Facts, Inspect, Reading};
use super::keyring::Keyring;

/// Reads the file; records of its members go to `emit`, its own is returned.
pub fn read_entry(
    entry: &Entry,
    limits: &Limits,
    keyring: &Arc<Keyring>,
    interrupted: &Arc<AtomicBool>,
    inspect: &dyn Inspect,
    emit: &mut dyn FnMut(ItemRecord),
) -> ItemRecord {
    let mut file = match entry.open() {
        Ok(file) => file,
        Err(error) => {
            let message = error.kind().to_string();
            return unread(entry, Outcome::Unreadable, entry::reason(&error), message);
        }
    };
    let budget =
        Budget::new(limits.clone(), entry.stored, Arc::clone(interrupted)).with_passwords(keyring.passwords(entry));
    let mut reading = Reading { inspect, budget: &budget, emit };
    let facts = Facts {
        item: entry.item.clone(),
        size: entry.size,
        modified: entry.modified.clone(),
        exposure: entry.exposure.clone(),
        protection: None,
        declared: None,
        depth: 0,
    };
    let (mut record, _) = reading.read(facts, Content::Seekable(&mut file, entry.size));
    if !entry.is_unchanged(&file) {
        record.reasons.push(Reason::Changed);
        if record.outcome() == Outcome::Read {
            record.outcome = Some(Outcome::ReadInPart);
        }
    }
    record
}

/// The record of an entry that is not read.
pub fn unread(entry: &Entry, outcome: Outcome, reason: Reason, message: String) -> ItemRecord {
    let problems = match outcome {
        Outcome::Unreadable => {
            vec![Problem { item: entry.item.clone(), stage: Stage::Open, code: reason, message }]
        }
        _ => Vec::new(),
    };
    ItemRecord {
        item: entry.item.clone(),
        size: entry.size,
        modified: entry.modified.clone(),
        media_type: "application/octet-stream".into(),
        outcome: Some(outcome),
        reasons: vec![reason],
        protection: if outcome == Outcome::Unreadable || reason.is_gap() {
            Protection::unknown("the content was not read")
        } else {
            Protection::default()
        },
        exposure: entry.exposure.clone(),
        problems,
        ..ItemRecord::default()
    }
}

/// The record of what the walk could not examine or list.
pub fn faulty(fault: Fault) -> ItemRecord {
    let Fault { item, reason, message } = fault;
    ItemRecord {
        media_type: "application/octet-stream".into(),
        outcome: Some(Outcome::Unreadable),
        reasons: vec![reason],
        protection: Protection::unknown("the content was not read"),
        problems: vec![Problem { item: item.clone(), stage: Stage::Walk, code: reason, message }],
        item,
        ..ItemRecord::default()
    }
}
