//! What `explain` says, for tools: one JSON document with an object for every item.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::leak::{self, Enisa};
use crate::judge::{Explained, Explanation, Refused};
use crate::model::{Category, ItemRecord, Name, Outcome, Place, Protection, Reason, Sample, Severity};

#[derive(Serialize)]
struct Item<'a> {
    path: &'a Name,
    members: &'a [Name],
    media_type: &'a str,
    outcome: Outcome,
    reasons: &'a [Reason],
    protection: &'a Protection,
    severity: Severity,
    severity_reasons: &'a [&'static str],
    /// Findings of each that count.
    categories: &'a BTreeMap<Category, u64>,
    subjects: u64,
    /// How bad a leak would be; null where there is nothing to assess, or nothing can be.
    enisa: Option<Enisa>,
    matches: Vec<Match<'a>>,
    matches_beyond: u64,
    /// The first values that look like identifiers and are no match.
    refused: Vec<NoMatch<'a>>,
}

#[derive(Serialize)]
struct NoMatch<'a> {
    place: &'a Place,
    detector: &'a str,
    title: &'a str,
    sample: &'a Sample,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    code: &'static str,
    reason: String,
}

impl<'a> NoMatch<'a> {
    fn new(refused: &'a Refused) -> Self {
        let Refused { place, detector, title, sample, value, refusal } = refused;
        let (code, reason) = (refusal.code(), refusal.to_string());
        Self { place, detector, title, sample, value: value.as_deref(), code, reason }
    }
}

#[derive(Serialize)]
struct Match<'a> {
    place: &'a Place,
    detector: &'a str,
    title: &'a str,
    category: Category,
    sample: &'a Sample,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    confidence: f32,
    why: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
    counts: bool,
    code: &'static str,
    reason: String,
    subject: Option<&'a str>,
}

impl<'a> Match<'a> {
    fn new(explained: &'a Explained) -> Self {
        let Explained { place, detector, title, category, sample, value, confidence, why, note, fate, subject } =
            explained;
        Self {
            place,
            detector,
            title,
            category: *category,
            sample,
            value: value.as_deref(),
            confidence: *confidence,
            why,
            note: *note,
            counts: fate.counts(),
            code: fate.code(),
            reason: fate.to_string(),
            subject: subject.as_deref(),
        }
    }
}

/// Writes the item; `before` is the number of those before it.
pub(super) fn write(
    out: &mut impl Write,
    record: &ItemRecord,
    explanation: &Explanation,
    before: usize,
) -> io::Result<()> {
    out.write_all(if before == 0 { b"{\"schema\":1,\"items\":[\n" } else { b",\n" })?;
    let item = Item {
        path: &record.item.path,
        members: &record.item.members,
        media_type: &record.media_type,
        outcome: record.outcome(),
        reasons: &record.reasons,
        protection: &record.protection,
        severity: record.severity,
        severity_reasons: &explanation.severity,
        categories: &record.categories,
        subjects: record.subject_count(),
        enisa: leak::json(record),
        matches: explanation.matches.iter().map(Match::new).collect(),
        matches_beyond: explanation.beyond,
        refused: explanation.refused.iter().map(NoMatch::new).collect(),
    };
    Ok(serde_json::to_writer(out, &item)?)
}

pub(super) fn finish(out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"\n]}\n")
}
