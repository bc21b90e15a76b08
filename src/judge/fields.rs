//! Columns and fields whose name alone says what stands in them: `Diagnosi`, `Sigla sindacale`, `Konfession`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::detect::fold::{core_label, label_key, label_keys, last_field};
use crate::detect::{Clear, DetectorSpec, Evidence, Match};
use crate::model::{Category, Piece, Text};

use super::passage::window;

/// The labels of the detectors whose category needs a data subject: a value under such a
/// label is a match whatever its words.
pub(super) struct Fields(HashMap<String, usize>);

/// Longer values are prose, in which the detectors find words themselves.
const LONGEST: usize = 200;
/// Columns of a row whose order is remembered.
const LONGEST_ROW: usize = 4096;

impl Fields {
    pub(super) fn new(detectors: &[Arc<DetectorSpec>]) -> Self {
        let mut labels = HashMap::new();
        for (index, spec) in detectors.iter().enumerate().filter(|(_, spec)| spec.category.needs_subject()) {
            for label in &spec.labels {
                labels.entry(label_key(label)).or_insert(index);
            }
        }
        Self(labels)
    }

    /// The values of such fields in the records for which `wanted` holds.
    pub(super) fn matches(
        &self,
        text: &Text,
        detectors: &[Arc<DetectorSpec>],
        wanted: impl Fn(u64) -> bool,
    ) -> Vec<Match> {
        let mut found = Vec::new();
        // Rows share the labels of their columns: each is looked up once.
        let mut known: HashMap<usize, Option<usize>> = HashMap::new();
        // Their order is that of the row before, mostly.
        let mut row: Vec<(usize, Option<usize>)> = Vec::new();
        let mut expected = 0;
        let pieces = text.pieces();
        for (at, piece) in pieces.iter().enumerate() {
            let Some(label) = &piece.label else { continue };
            let address = Arc::as_ptr(label).cast::<u8>() as usize;
            let detector = match row.get(expected).or(row.first()) {
                Some((same, detector)) if *same == address => {
                    expected = if row.get(expected).is_some() { expected + 1 } else { 1 };
                    *detector
                }
                _ => {
                    let detector = *known.entry(address).or_insert_with(|| {
                        let whole = label_keys(label).find_map(|key| self.0.get(&key));
                        whole.or_else(|| self.0.get(&core_label(last_field(label))?)).copied()
                    });
                    row.truncate(expected);
                    if row.len() >= LONGEST_ROW {
                        row.clear();
                    }
                    row.push((address, detector));
                    expected = row.len();
                    detector
                }
            };
            let Some(detector) = detector else { continue };
            if !wanted(piece.record) {
                continue;
            }
            let end = pieces.get(at + 1).map_or(text.len(), |next| next.start);
            let value = window(text.content(), piece.start, end);
            let clear = value.trim();
            if clear.len() > LONGEST || says_nothing(clear) {
                continue;
            }
            let Some(spec) = detectors.get(detector) else { continue };
            let start = piece.start + (value.len() - value.trim_start().len());
            found.push(Match {
                detector,
                span: start..start + clear.len(),
                raw: Clear::new(clear),
                value: Clear::new(clear.to_lowercase()),
                confidence: spec.confidence.in_context.max(0.7),
                evidence: vec![Evidence::Label(label.to_string())],
                place: piece.place.clone(),
                record: piece.record,
            });
        }
        found
    }
}

/// Takes out the surest name of those that fill a field whose label says more of them: below `afiliado` stands who
/// he is, and that he is a member.
pub(super) fn names_in(fields: &[Match], matches: &mut Vec<Match>, detectors: &[Arc<DetectorSpec>]) -> Vec<Match> {
    let filled: HashSet<(usize, usize)> = fields.iter().map(|field| (field.span.start, field.span.end)).collect();
    let is_name = |found: &Match| {
        filled.contains(&(found.span.start, found.span.end))
            && detectors.get(found.detector).is_some_and(|spec| spec.category == Category::Name)
    };
    if filled.is_empty() || !matches.iter().any(is_name) {
        return Vec::new();
    }
    let (mut names, rest): (Vec<Match>, Vec<Match>) = std::mem::take(matches).into_iter().partition(is_name);
    *matches = rest;
    names.sort_by(|a, b| a.span.start.cmp(&b.span.start).then_with(|| b.confidence.total_cmp(&a.confidence)));
    names.dedup_by_key(|name| name.span.start);
    names
}

/// Without the matches in the names of fields (`diagnosi: asma`) whose value says nothing, or
/// says of the same category what it is; `dropped` is told of them.
pub(super) fn without_names(
    text: &Text,
    matches: Vec<Match>,
    detectors: &[Arc<DetectorSpec>],
    mut dropped: impl FnMut(Match),
) -> Vec<Match> {
    let category = |found: &Match| detectors.get(found.detector).map(|spec| spec.category);
    let pieces = text.pieces();
    let redundant = |found: &Match| {
        let after = text.pieces_until(found.span.start);
        let (Some(name), Some(value)) = (after.checked_sub(1).and_then(|at| pieces.get(at)), pieces.get(after)) else {
            return false;
        };
        let Some(label) = value.label.as_deref().filter(|_| name.label.is_none() && name.record == value.record) else {
            return false;
        };
        if window(text.content(), name.start, value.start).strip_suffix(": ") != Some(label) {
            return false;
        }
        let end = pieces.get(after + 1).map_or(text.len(), |next| next.start);
        let first = matches.partition_point(|other| other.span.start < value.start);
        let mut inside = matches.iter().skip(first).take_while(|other| other.span.start < end);
        says_nothing(window(text.content(), value.start, end).trim())
            || inside.any(|other| category(other) == category(found))
    };
    let needs = |found: &Match| category(found).is_some_and(Category::needs_subject);
    let keep: Vec<bool> = matches.iter().map(|found| !(needs(found) && redundant(found))).collect();
    let mut kept = Vec::with_capacity(matches.len());
    for (found, keep) in matches.into_iter().zip(keep) {
        if keep { kept.push(found) } else { dropped(found) }
    }
    kept
}

/// Without the matches in a row of headings, or in the head of a statement of a dump: each heading
/// is the label of the cells below it, which say more. `dropped` is told of them.
pub(super) fn without_headings(
    text: &Text,
    matches: Vec<Match>,
    detectors: &[Arc<DetectorSpec>],
    mut dropped: impl FnMut(Match),
) -> Vec<Match> {
    let pieces = text.pieces();
    let is_word = |found: &Match| {
        detectors.get(found.detector).is_some_and(|spec| spec.category.needs_subject())
            && text.label(found.span.start).is_none()
    };
    if !matches.iter().any(is_word) {
        return matches;
    }
    let mut seen: HashSet<usize> = HashSet::new();
    let labels = pieces.iter().filter_map(|piece| piece.label.as_deref());
    let keys: HashSet<String> =
        labels.filter(|label| seen.insert(label.as_ptr() as usize)).take(LONGEST_ROW).map(label_key).collect();
    let is_heading = |found: &Match| {
        if !is_word(found) {
            return false;
        }
        let after = text.pieces_until(found.span.start);
        let Some(piece) = after.checked_sub(1).and_then(|at| pieces.get(at)).filter(|piece| piece.label.is_none())
        else {
            return false;
        };
        let same = |other: &&Piece| other.record == piece.record;
        let before = pieces.iter().take(after).rev().take_while(same);
        let mut row = before.chain(pieces.iter().skip(after).take_while(same));
        let end = pieces.get(after).map_or(text.len(), |next| next.start);
        let cell = window(text.content(), piece.start, end);
        (keys.contains(&label_key(cell)) || keys.contains(&label_key(found.raw.expose())))
            && row.all(|piece| piece.label.is_none())
    };
    let (headings, kept): (Vec<Match>, Vec<Match>) = matches.into_iter().partition(is_heading);
    headings.into_iter().for_each(&mut dropped);
    kept
}

/// An empty value, or one that stands for it. A "no" says something.
fn says_nothing(value: &str) -> bool {
    const NOTHING: &[&str] = &[
        "",
        "-",
        "--",
        "---",
        "/",
        "//",
        ".",
        "...",
        "0",
        "0,00",
        "0.00",
        "n/a",
        "na",
        "n.a.",
        "n.d.",
        "nd",
        "null",
        "none",
        "nil",
        "false",
        "undefined",
        "?",
        "k.a.",
        "k. a.",
        "entfällt",
        "[]",
        "{}",
        "0%",
        "0 %",
        "nan",
        "n/d",
        "b/d",
        "brak danych",
        "nie dotyczy",
        "nvt",
        "n.v.t.",
        "n.v.t",
        "niet van toepassing",
        "geen gegevens",
        "não aplicável",
        "sem dados",
        "nu e cazul",
        "nu este cazul",
        "neuvedeno",
        "neuvedené",
        "nincs adat",
        "ei tietoa",
    ];
    let lower = value.to_lowercase();
    NOTHING.contains(&lower.as_str()) || lower.chars().all(|c| "_-.–… \u{a0}".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing() {
        for value in ["", "-", "n.d.", "____", "0", "n.v.t.", "Nie dotyczy"] {
            assert!(says_nothing(value), "{value}");
        }
        for value in ["CGIL", "no", "nessuna", "1"] {
            assert!(!says_nothing(value), "{value}");
        }
    }
}
