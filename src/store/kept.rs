//! How a record lies in the state, and how it comes out again: masked samples and keyed hashes, never a clear value.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::error::StoreError;
use super::words::Words;
use crate::model::finding::Born;
use crate::model::{
    Category, Exposure, Finding, ItemPath, ItemRecord, Name, Outcome, Place, Problem, Protection, Reason, Sample,
    Severity,
};

/// What of a record is one text; findings and people are two more beside it, problems have rows of their own, and
/// path and exposure are those of the file.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    members: Vec<Name>,
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Reason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    protection: Option<Protection>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    categories: BTreeMap<Category, u64>,
    #[serde(default, skip_serializing_if = "is_none")]
    severity: Severity,
    #[serde(default, skip_serializing_if = "is_zero")]
    subjects_beyond: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    findings_beyond: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_none(severity: &Severity) -> bool {
    *severity == Severity::None
}

/// A record in the form in which it is written.
pub(super) struct Written<'a> {
    record: String,
    findings: Vec<WrittenFinding<'a>>,
    problems: Vec<(String, String, String, String)>,
    subjects: Vec<i64>,
}

/// Detector and reason are words of the state; category, confidence, place, sample, fingerprint, subject and year of
/// birth stand as they are. Thus the findings of an item are one column: a row for each would cost more than finding it.
type KeptFinding = (i64, Category, f32, Place, i64, Sample, String, Option<String>, Option<i64>);

struct WrittenFinding<'a> {
    detector: &'a str,
    category: &'static str,
    confidence: f32,
    place: String,
    why: String,
    sample: &'a str,
    fingerprint: &'a str,
    subject: Option<&'a str>,
    born: Option<i64>,
}

impl<'a> Written<'a> {
    pub(super) fn new(record: &'a ItemRecord) -> Result<Self, StoreError> {
        let kept = Kept {
            members: record.item.members.clone(),
            size: record.size,
            modified: record.modified.clone(),
            media_type: record.media_type.clone().into_owned(),
            content: record.content.clone(),
            outcome: record.outcome,
            reasons: record.reasons.clone(),
            protection: Some(&record.protection).filter(|protection| **protection != Protection::default()).cloned(),
            categories: record.categories.clone(),
            severity: record.severity,
            subjects_beyond: record.subjects_beyond,
            findings_beyond: record.findings_beyond,
        };
        let mut subjects: Vec<i64> = record.subjects.iter().map(|subject| subject.cast_signed()).collect();
        subjects.sort_unstable();
        subjects.dedup();
        Ok(Self {
            record: serde_json::to_string(&kept)?,
            findings: record.findings.iter().map(written_finding).collect::<Result<_, _>>()?,
            problems: record.problems.iter().map(written_problem).collect::<Result<_, _>>()?,
            subjects,
        })
    }

    /// A number that is another one when anything of this is another.
    pub(super) fn digest(&self) -> i64 {
        let mut hasher = Sha256::new();
        let mut add = |text: &str| {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        };
        add(&self.record);
        for finding in &self.findings {
            let WrittenFinding { detector, category, confidence, place, why, sample, fingerprint, subject, born } =
                finding;
            for text in [*detector, *category, place.as_str(), why.as_str(), *sample, *fingerprint] {
                add(text);
            }
            add(&f64::from(*confidence).to_string());
            add(subject.unwrap_or_default());
            add(&born.map(|born| born.to_string()).unwrap_or_default());
        }
        for (stage, code, message, members) in &self.problems {
            for text in [stage, code, message, members] {
                add(text);
            }
        }
        for subject in &self.subjects {
            hasher.update(subject.to_le_bytes());
        }
        let mut first = [0; 8];
        first.iter_mut().zip(hasher.finalize()).for_each(|(to, from)| *to = from);
        i64::from_le_bytes(first)
    }

    /// Writes it as item `n` of a version of a file.
    pub(super) fn insert(
        &self,
        connection: &Connection,
        words: &mut Words,
        file: i64,
        n: i64,
    ) -> Result<(), StoreError> {
        let findings = if self.findings.is_empty() { None } else { Some(self.listed(connection, words)?) };
        let subjects = if self.subjects.is_empty() { None } else { Some(serde_json::to_string(&self.subjects)?) };
        let mut item = connection.prepare_cached("INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?, ?)")?;
        item.execute(params![file, n, self.record, findings, subjects])?;
        for (at, (stage, code, message, members)) in (0_i64..).zip(&self.problems) {
            let mut row = connection.prepare_cached("INSERT OR REPLACE INTO problem VALUES (?, ?, ?, ?, ?, ?, ?)")?;
            row.execute(params![file, n, at, stage, code, message, members])?;
        }
        Ok(())
    }

    /// The findings as [`KeptFinding`]s.
    fn listed(&self, connection: &Connection, words: &mut Words) -> Result<String, StoreError> {
        let mut list = String::with_capacity(self.findings.len() * 256);
        for finding in &self.findings {
            let WrittenFinding { detector, category, confidence, place, why, sample, fingerprint, subject, born } =
                finding;
            let (detector, why) = (words.id(connection, detector)?, words.id(connection, why)?);
            list.push(if list.is_empty() { '[' } else { ',' });
            // The place is JSON already, a category is a plain word.
            let _ = write!(list, "[{detector},\"{category}\",{confidence:?},{place},{why}");
            for text in [Some(*sample), Some(*fingerprint), *subject] {
                list.push(',');
                list.push_str(&serde_json::to_string(&text)?);
            }
            match born {
                Some(born) => {
                    let _ = write!(list, ",{born}]");
                }
                None => list.push_str(",null]"),
            }
        }
        list.push(']');
        Ok(list)
    }
}

fn written_finding(finding: &Finding) -> Result<WrittenFinding<'_>, StoreError> {
    // Every field by name; `value` is clear and stays out of every state.
    let Finding { place, detector, category, confidence, why, sample, fingerprint, subject, born, value: _ } = finding;
    Ok(WrittenFinding {
        detector,
        category: category.key(),
        confidence: *confidence,
        place: serde_json::to_string(place)?,
        why: serde_json::to_string(why)?,
        sample: sample.as_str(),
        fingerprint,
        subject: subject.as_deref(),
        // Negative where the century is not certain.
        born: born.map(|born| if born.is_certain { i64::from(born.year) } else { -i64::from(born.year) }),
    })
}

fn born(number: i64) -> Option<Born> {
    Some(Born { year: u16::try_from(number.unsigned_abs()).ok()?, is_certain: number > 0 })
}

fn written_problem(problem: &Problem) -> Result<(String, String, String, String), StoreError> {
    let Problem { item, stage, code, message } = problem;
    Ok((word(stage)?, word(code)?, message.clone(), serde_json::to_string(&item.members)?))
}

/// The name of a variant as it is in JSON.
fn word(value: &impl Serialize) -> Result<String, StoreError> {
    Ok(serde_json::to_value(value)?.as_str().unwrap_or_default().to_owned())
}

fn variant<T: serde::de::DeserializeOwned>(word: String) -> Result<T, StoreError> {
    Ok(serde_json::from_value(serde_json::Value::String(word))?)
}

/// Takes a version of a file away, with all that is below it.
pub(super) fn delete(connection: &Connection, file: i64) -> Result<(), StoreError> {
    for sql in ["DELETE FROM item WHERE file = ?", "DELETE FROM problem WHERE file = ?"] {
        connection.prepare_cached(sql)?.execute([file])?;
    }
    Ok(())
}

/// The items of a version of a file, members first and the file last.
pub(super) fn read(
    connection: &Connection,
    words: &mut Words,
    file: i64,
    place: (&ItemPath, &Exposure),
    to: &mut dyn FnMut(ItemRecord),
) -> Result<(), StoreError> {
    // Files with very many members are read in steps.
    const STEP: i64 = 256;
    // Locks are taken once, not for each of the statements.
    let transaction = if connection.is_autocommit() { Some(connection.unchecked_transaction()?) } else { None };
    let mut from = 1;
    loop {
        let found = items(connection, words, file, (from, from + STEP), place)?;
        let is_last = found.is_empty();
        found.into_iter().for_each(&mut *to);
        from += STEP;
        if is_last {
            break;
        }
    }
    items(connection, words, file, (0, 1), place)?.into_iter().for_each(to);
    transaction.map_or(Ok(()), rusqlite::Transaction::commit)?;
    Ok(())
}

fn items(
    connection: &Connection,
    words: &mut Words,
    file: i64,
    (from, to): (i64, i64),
    (item, exposure): (&ItemPath, &Exposure),
) -> Result<Vec<ItemRecord>, StoreError> {
    let range = [file, from, to];
    let mut records = Vec::new();
    let mut places: HashMap<i64, usize> = HashMap::new();
    let mut rows = connection.prepare_cached(
        "SELECT n, record, findings, subjects FROM item WHERE file = ? AND n >= ? AND n < ? ORDER BY n",
    )?;
    let mut rows = rows.query(range)?;
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from);
        let kept: Kept = serde_json::from_str(text(1)?.unwrap_or_default())?;
        let mut record = record(kept, item, exposure);
        for kept in serde_json::from_str::<Vec<KeptFinding>>(text(2)?.unwrap_or("[]"))? {
            record.findings.push(finding(connection, words, kept)?);
        }
        let subjects: Vec<i64> = serde_json::from_str(text(3)?.unwrap_or("[]"))?;
        record.subjects = subjects.into_iter().map(i64::cast_unsigned).collect();
        places.insert(row.get(0)?, records.len());
        records.push(record);
    }
    if records.is_empty() {
        return Ok(records);
    }
    let mut rows = connection.prepare_cached(
        "SELECT n, stage, code, message, members FROM problem WHERE file = ? AND n >= ? AND n < ? ORDER BY n, at",
    )?;
    let mut rows = rows.query(range)?;
    while let Some(row) = rows.next()? {
        let members = serde_json::from_str(&row.get::<_, String>(4)?)?;
        let problem = Problem {
            item: ItemPath { members, ..item.clone() },
            stage: variant(row.get(1)?)?,
            code: variant(row.get(2)?)?,
            message: row.get(3)?,
        };
        if let Some(record) = places.get(&row.get(0)?).and_then(|&at| records.get_mut(at)) {
            record.problems.push(problem);
        }
    }
    Ok(records)
}

fn finding(connection: &Connection, words: &mut Words, kept: KeptFinding) -> Result<Finding, StoreError> {
    let (detector, category, confidence, place, why, sample, fingerprint, subject, year) = kept;
    Ok(Finding {
        detector: words.word(connection, detector)?.to_string(),
        category,
        confidence,
        place,
        why: serde_json::from_str(&words.word(connection, why)?)?,
        sample,
        fingerprint,
        subject,
        born: year.and_then(born),
        value: None,
    })
}

/// Takes the findings of a person out of those of an item, as it keeps them; how many went, and what is left.
pub(super) fn without(findings: &str, subject: &str) -> Result<(usize, Option<String>), StoreError> {
    let mut kept: Vec<KeptFinding> = serde_json::from_str(findings)?;
    let before = kept.len();
    kept.retain(|finding| finding.7.as_deref() != Some(subject));
    let left = if kept.is_empty() { None } else { Some(serde_json::to_string(&kept)?) };
    Ok((before - kept.len(), left))
}

fn record(kept: Kept, item: &ItemPath, exposure: &Exposure) -> ItemRecord {
    let Kept {
        members,
        size,
        modified,
        media_type,
        content,
        outcome,
        reasons,
        protection,
        categories,
        severity,
        subjects_beyond,
        findings_beyond,
    } = kept;
    ItemRecord {
        item: ItemPath { members, ..item.clone() },
        size,
        modified,
        media_type: media_type.into(),
        content,
        outcome,
        reasons,
        protection: protection.unwrap_or_default(),
        exposure: exposure.clone(),
        categories,
        severity,
        subjects: Vec::new(),
        subjects_beyond,
        findings: Vec::new(),
        findings_beyond,
        problems: Vec::new(),
    }
}
