//! Columns whose heading says nothing, judged by their values: those of one kind, told by a check that chance would not pass.
//!
//! A check digit proves nothing for one number: one in ten passes. A column in which nearly all
//! numbers pass is another matter. How much a check is worth is measured on the column itself: a few digits
//! of its values are drawn anew, so that a date or a prefix that all of them share is no evidence.
//! Numbers that count up, and those of things (goods, books, devices), are no identifiers of people.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use crate::model::{Category, Piece, Shape, Text};

use super::catalogue::Detector;
use super::check::{Check, Verdict};
use super::column_values::{are_things, counts_up, first_shape, is_code};
use super::context::Label;
use super::fold::fold;
use super::normal::normalise;
use super::spec::Normal;
use super::text_labels::TextLabels;
use super::{Clear, Evidence, Match};

/// Values that a column has at least.
const FEWEST: usize = 5;
/// Different values by which a column is judged.
const SAMPLE: usize = 64;
/// Cells that are looked at, and those after which a column of words is given up.
const LOOK: usize = 4 * SAMPLE;
const FIRST_LOOK: usize = 8;
/// Columns that are looked at.
const MOST_COLUMNS: usize = 1024;
/// That a column passes by chance, over all checks that were tried.
const CHANCE: f64 = 1e-6;
/// No check is taken to be better than this: the draws are few.
const BEST_RATE: f64 = 0.02;
const DRAWS: usize = 400;
const FEW_DRAWS: usize = 32;

/// The cells of one column.
struct Column {
    pieces: Vec<usize>,
    /// Of the first cells, those that hold something, and codes.
    filled: usize,
    code: usize,
    /// Words, or a heading that says what it is.
    rejected: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    /// Where its label lies in memory: rows share it.
    Label(usize),
    /// Without a label, its place in the row.
    Place(usize),
}

/// The detectors that a column can be told to hold.
#[derive(Debug)]
pub(super) struct Kinds {
    /// Places in the catalogue.
    eligible: Vec<usize>,
    /// How many different checks they have.
    checks: usize,
}

impl Kinds {
    pub(super) fn new(detectors: &[Detector]) -> Self {
        let eligible = detectors.iter().enumerate().filter(|(_, detector)| is_eligible(detector));
        let mut checks: Vec<Check> = Vec::new();
        let eligible = eligible.map(|(index, detector)| {
            checks.extend(detector.spec.check.filter(|check| !checks.contains(check)));
            index
        });
        Self { eligible: eligible.collect(), checks: checks.len() }
    }
}

/// Adds the matches of identifiers in columns that only their values tell. `known` are the matches so far.
pub(super) fn add_matches(
    text: &Text,
    detectors: &[Detector],
    kinds: &Kinds,
    labels: &TextLabels<'_>,
    known: &mut Vec<Match>,
) {
    for column in columns(text, labels) {
        let label = column.pieces.first().and_then(|at| labels.of_piece(*at));
        let cells = || column.pieces.iter().filter_map(|at| cell(text, *at));
        let values: Vec<&str> = cells().take(LOOK).filter_map(|cell| text.content().get(cell)).collect();
        let Some((index, passed, of)) = kind(&values, detectors, kinds, label) else {
            continue;
        };
        let Some(detector) = detectors.get(index) else { continue };
        for cell in cells() {
            let Some(found) = matched(text, detector, index, cell) else { continue };
            let share = Evidence::Share { passed, of };
            let found = Match { evidence: found.evidence.into_iter().chain([share]).collect(), ..found };
            let at = known.iter().position(|other| other.detector == index && other.span.start == found.span.start);
            match at.and_then(|at| known.get_mut(at)) {
                Some(other) if other.confidence < found.confidence => *other = found,
                Some(_) => {}
                None => known.push(found),
            }
        }
    }
}

/// The columns in which codes stand and whose label supports no detector.
fn columns(text: &Text, labels: &TextLabels<'_>) -> Vec<Column> {
    let pieces = text.pieces();
    if text.shape() != Shape::Rows || pieces.len() < FEWEST {
        return Vec::new();
    }
    let mut columns: Vec<(Key, Column)> = Vec::new();
    let mut places: HashMap<Key, usize> = HashMap::new();
    let (mut record, mut place, mut expected) = (None, 0, 0);
    for (at, piece) in pieces.iter().enumerate() {
        if record.replace(piece.record) != Some(piece.record) {
            (place, expected) = (0, 0);
        }
        let key = key(piece, place);
        place += 1;
        // Rows are alike, mostly.
        let index = match columns.get(expected) {
            Some((same, _)) if *same == key => expected,
            _ => *places.entry(key).or_insert_with(|| {
                let rejected = columns.len() >= MOST_COLUMNS || is_told(piece, labels.of_piece(at));
                columns.push((key, Column { pieces: Vec::new(), filled: 0, code: 0, rejected }));
                columns.len() - 1
            }),
        };
        expected = index + 1;
        let Some((_, column)) = columns.get_mut(index).filter(|(_, column)| !column.rejected) else { continue };
        column.pieces.push(at);
        if column.filled >= LOOK {
            continue;
        }
        let Some(value) = cell(text, at).and_then(|cell| text.content().get(cell)) else { continue };
        column.filled += 1;
        column.code += usize::from(is_code(value));
        if column.filled == FIRST_LOOK && column.code * 10 < FIRST_LOOK * 6 {
            column.rejected = true;
            column.pieces = Vec::new();
        }
    }
    let is_of_codes =
        |column: &Column| !column.rejected && column.filled >= FEWEST && column.code * 10 >= column.filled * 8;
    columns.into_iter().map(|(_, column)| column).filter(is_of_codes).collect()
}

fn key(piece: &Piece, place: usize) -> Key {
    piece.label.as_ref().map_or(Key::Place(place), |label| Key::Label(label.as_ptr() as usize))
}

/// Whether the label of a column says what stands in it.
fn is_told(piece: &Piece, says: Option<&Label>) -> bool {
    says.is_some_and(|label| label.supported().next().is_some()) || piece.label.as_deref().is_some_and(names_a_thing)
}

/// Words, or beginnings of them, of headings above the numbers of things. Folded.
const THINGS: &[&str] = &[
    "ean",
    "gtin",
    "upc",
    "isbn",
    "issn",
    "barcode",
    "strichcode",
    "imei",
    "iccid",
    "imsi",
    "sku",
    "asin",
    "ordin",
    "order",
    "bestell",
    "auftrag",
    "commande",
    "pedido",
    "zamowien",
    "comanda",
    "encomenda",
    "fattur",
    "invoice",
    "rechnung",
    "facture",
    "factur",
    "faktur",
    "articol",
    "article",
    "artikel",
    "articulo",
    "artigo",
    "produ",
    "product",
    "item",
    "lott",
    "lot",
    "batch",
    "charge",
    "serial",
    "serien",
    "seriale",
    "track",
    "spedizion",
    "shipment",
    "sendung",
    "envio",
    "timestamp",
    "epoch",
    "unix",
    "time",
    "hash",
    "checksum",
    "crc",
    "md5",
    "uuid",
    "guid",
    "version",
    "build",
    "revision",
    "commit",
    "port",
    "size",
    "bytes",
    "offset",
    "address",
    "protocollo",
    "ticket",
    "device",
    "geraet",
    "gerat",
    "dispositivo",
    "meter",
    "zahler",
    "contatore",
    "pod",
    "pdr",
    "cig",
    "cup",
];

fn names_a_thing(label: &str) -> bool {
    let folded = fold(label);
    folded
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| THINGS.iter().any(|thing| if thing.len() <= 4 { word == *thing } else { word.starts_with(thing) }))
}

/// What the cell holds, if it holds anything.
fn cell(text: &Text, at: usize) -> Option<Range<usize>> {
    let start = text.pieces().get(at)?.start;
    let end = text.pieces().get(at + 1).map_or(text.len(), |next| next.start);
    let around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
    let content = text.content().get(start..end)?.trim_end_matches(around);
    let value = content.trim_start_matches(around);
    let empty = !value.contains(|c: char| c.is_alphanumeric()) || value.eq_ignore_ascii_case("null");
    let start = start + content.len() - value.len();
    (!empty).then(|| start..start + value.len())
}

/// The detector that a column supports; how many values passed, of how many.
fn kind(
    values: &[&str],
    detectors: &[Detector],
    kinds: &Kinds,
    label: Option<&Label>,
) -> Option<(usize, usize, usize)> {
    let mut seen = BTreeSet::new();
    let distinct: Vec<&str> = values.iter().copied().filter(|value| seen.insert(*value)).take(SAMPLE).collect();
    // A column that says the same again and again is no column of identifiers.
    if distinct.len() < FEWEST || (distinct.len() < SAMPLE && distinct.len() * 3 < values.len()) {
        return None;
    }
    if counts_up(&distinct) || are_things(&distinct) {
        return None;
    }
    let mut normals: Vec<(Normal, Vec<String>)> = Vec::new();
    let mut tried: Vec<(Check, Option<usize>)> = Vec::new();
    let mut passing: Vec<(usize, usize)> = Vec::new();
    let shapes: Vec<(usize, usize)> = distinct.iter().map(|value| first_shape(value)).collect();
    for &index in &kinds.eligible {
        let Some(detector) = detectors.get(index) else { continue };
        let Some(check) = detector.spec.check else { continue };
        // Most have their digits in other places.
        let fitting = shapes.iter().filter(|(digits, length)| may_have(detector, *digits, *length)).count();
        if (shapes.len() - fitting) > most_failed(shapes.len()) {
            continue;
        }
        let known = tried.iter().find(|(other, _)| *other == check).map(|(_, passed)| *passed);
        let passed = known.unwrap_or_else(|| {
            let passed = passed(detector, &distinct, normal_forms(&mut normals, detector.normal, &distinct));
            tried.push((check, passed));
            passed
        });
        if let Some(passed) = passed
            && label.is_none_or(|label| !label.refutes(index))
        {
            passing.push((index, passed));
        }
    }
    let all = distinct.len();
    let mut no_chance = passing;
    no_chance.retain(|(index, passed)| {
        let Some(detector) = detectors.get(*index) else { return false };
        let is_chance = |rate: f64| by_chance(all, *passed, rate.max(BEST_RATE)) * (kinds.checks as f64) >= CHANCE;
        // A few draws tell most that are; half of what they say allows for how few they are.
        let some = rate(detector, &distinct, Part::Last, FEW_DRAWS);
        if is_chance(some / 2.0) {
            return false;
        }
        let enough = fewest(DRAWS, |passing| is_chance(passing as f64 / DRAWS as f64));
        LOCAL.iter().all(|part| !reaches(enough, detector, &distinct, *part, DRAWS))
    });
    if let [(index, passed)] = no_chance[..] {
        return Some((index, passed, all));
    }
    no_chance
        .into_iter()
        .filter_map(|(index, passed)| Some((index, passed, detectors.get(index)?)))
        // Of several the one that fewest numbers pass: an IdNr is an OIB as well, not the other way round.
        .map(|(index, passed, detector)| (rate(detector, &distinct, Part::All, DRAWS), index, passed))
        .min_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, index, passed)| (index, passed, all))
}

/// The least number up to `most` for which `is` holds, as it does for all that are greater; else one more than `most`.
fn fewest(most: usize, is: impl Fn(usize) -> bool) -> usize {
    let (mut from, mut to) = (0, most + 1);
    while from < to {
        let middle = usize::midpoint(from, to);
        if is(middle) { to = middle } else { from = middle + 1 }
    }
    from
}

/// Numbers of people and accounts that a check tells, and that no match would show without context.
fn is_eligible(detector: &Detector) -> bool {
    let spec = &detector.spec;
    let wanted = matches!(
        spec.category,
        Category::NationalId
            | Category::IdentityDocument
            | Category::BankAccount
            | Category::PaymentCard
            | Category::Vat
            | Category::EmployeeNumber
    );
    wanted && detector.pattern.is_some() && spec.confidence.checked < 0.5 && spec.confidence.checked_in_context >= 0.5
}

/// The values in a form that many checks read.
fn normal_forms<'n>(known: &'n mut Vec<(Normal, Vec<String>)>, normal: Normal, values: &[&str]) -> &'n [String] {
    let at = known.iter().position(|(other, _)| *other == normal).unwrap_or_else(|| {
        known.push((normal, values.iter().map(|value| normalise(normal, value)).collect()));
        known.len() - 1
    });
    known.get(at).map_or(&[], |(_, forms)| forms)
}

/// Whether the first number of a match of the detector can have this shape.
fn may_have(detector: &Detector, digits: usize, length: usize) -> bool {
    let number = detector.start.as_ref().and_then(|start| start.number.as_ref());
    number.is_none_or(|number| number.may_be(digits, length))
}

/// So many values of a column may be something else.
fn most_failed(values: usize) -> usize {
    values / 5
}

/// How many of the values pass; none if too few do.
fn passed(detector: &Detector, values: &[&str], forms: &[String]) -> Option<usize> {
    let most = most_failed(values.len());
    let mut failed = 0;
    for (value, form) in values.iter().zip(forms) {
        failed += usize::from(!passes_as(detector, value, form));
        if failed > most {
            return None;
        }
    }
    Some(values.len() - failed)
}

fn passes(detector: &Detector, value: &str) -> bool {
    passes_as(detector, value, &normalise(detector.normal, value))
}

fn passes_as(detector: &Detector, value: &str, form: &str) -> bool {
    let Some(check) = detector.spec.check else { return false };
    check.run(if check.reads_written() { value } else { form }) == Verdict::Certain
        && detector.spec.plausible.is_none_or(|check| check.run(form) != Verdict::Refuted)
}

/// Which digits of a value are drawn anew.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    First,
    Middle,
    Last,
    All,
}

const LOCAL: [Part; 3] = [Part::First, Part::Middle, Part::Last];

/// The share of values that still pass when some of their digits are drawn anew.
fn rate(detector: &Detector, values: &[&str], part: Part, draws: usize) -> f64 {
    let passing = drawn(detector, values, part, draws).filter(|passes| *passes).count();
    passing as f64 / draws as f64
}

/// Whether so many of them pass; ends when that is certain.
fn reaches(enough: usize, detector: &Detector, values: &[&str], part: Part, draws: usize) -> bool {
    let mut passing = 0;
    for (left, passes) in (0..draws).rev().zip(drawn(detector, values, part, draws)) {
        passing += usize::from(passes);
        if passing >= enough || passing + left < enough {
            break;
        }
    }
    passing >= enough
}

/// Values with some of their digits drawn anew, one after the other: whether each passes.
fn drawn(detector: &Detector, values: &[&str], part: Part, draws: usize) -> impl Iterator<Item = bool> {
    const DIGITS: usize = 4;
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'0' + u8::try_from((seed >> 33) % 10).unwrap_or(0))
    };
    let mut other = String::new();
    values.iter().cycle().take(draws).map(move |value| {
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let from = match part {
            Part::First | Part::All => 0,
            Part::Middle => (digits / 2).saturating_sub(DIGITS / 2),
            Part::Last => digits.saturating_sub(DIGITS),
        };
        let drawn = from..if part == Part::All { digits } else { from + DIGITS };
        let mut at = 0;
        other.clear();
        other.extend(value.chars().map(|c| {
            let here = c.is_ascii_digit() && drawn.contains(&at);
            at += usize::from(c.is_ascii_digit());
            if here { draw() } else { c }
        }));
        passes(detector, &other)
    })
}

/// That at least `passed` of `all` pass when each does with this rate.
fn by_chance(all: usize, passed: usize, rate: f64) -> f64 {
    let mut ways = 1.0;
    let mut sum = 0.0;
    for failed in 0..=all - passed.min(all) {
        if failed > 0 {
            ways *= (all - failed + 1) as f64 / failed as f64;
        }
        let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        sum += ways * rate.powi(count(all - failed)) * (1.0 - rate).powi(count(failed));
    }
    sum
}

/// The match in a cell that holds the value and nothing else.
fn matched(text: &Text, detector: &Detector, index: usize, cell: Range<usize>) -> Option<Match> {
    let candidate = detector.pattern.as_ref()?.at(text.content(), cell.start)?;
    if candidate.whole.end != cell.end {
        return None;
    }
    let raw = text.content().get(candidate.value.clone())?;
    if !passes(detector, raw) {
        return None;
    }
    let value = normalise(detector.normal, raw);
    let mut evidence = vec![Evidence::Check(detector.spec.check?.name())];
    if detector.spec.known_samples.iter().any(|sample| normalise(detector.normal, sample) == value) {
        evidence.push(Evidence::KnownSample);
    }
    Some(Match {
        detector: index,
        raw: Clear::new(raw),
        value: Clear::new(value),
        confidence: detector.spec.confidence.checked_in_context,
        evidence,
        place: text.place(candidate.value.start),
        record: text.record(candidate.value.start),
        span: candidate.value,
    })
}

#[cfg(test)]
#[path = "column_tests.rs"]
mod tests;
