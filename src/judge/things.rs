//! Names of things: what stands under a bare `name`, when nothing else in its record tells of a person.

use std::sync::Arc;

use crate::detect::fold::label_key;
use crate::detect::{DetectorSpec, Evidence, Match};
use crate::model::Category;

/// Labels under which people, products, styles and files have their names alike.
const AMBIGUOUS: &[&str] =
    &["name", "nom", "nome", "nombre", "naam", "nume", "nev", "ime", "navn", "namn", "nimi", "displayname"];

/// Without the names that only such a label supports, in records that hold no other sign of a
/// person: another kind of data, a name under another label, a first name that is known.
/// `dropped` is told of them.
pub(super) fn without_things(
    matches: Vec<Match>,
    detectors: &[Arc<DetectorSpec>],
    mut dropped: impl FnMut(Match),
) -> Vec<Match> {
    let category = |found: &Match| detectors.get(found.detector).map(|spec| spec.category);
    // `Name 2` says as little as `Name`.
    let is_ambiguous =
        |label: &str| AMBIGUOUS.contains(&label_key(label).trim_end_matches(|c: char| c.is_ascii_digit()));
    let is_doubtful = |found: &Match| {
        category(found) == Some(Category::Name)
            && !found.evidence.is_empty()
            && found.evidence.iter().all(|evidence| matches!(evidence, Evidence::Label(label) if is_ambiguous(label)))
    };
    let doubtful: Vec<bool> = matches.iter().map(is_doubtful).collect();
    if !doubtful.contains(&true) {
        return matches;
    }
    let mut sure: Vec<u64> = matches
        .iter()
        .zip(&doubtful)
        .filter(|(found, doubtful)| !**doubtful && category(found) != Some(Category::Vat))
        .map(|(found, _)| found.record)
        .collect();
    sure.sort_unstable();
    let mut kept = Vec::with_capacity(matches.len());
    for (found, doubtful) in matches.into_iter().zip(doubtful) {
        if doubtful && sure.binary_search(&found.record).is_err() {
            dropped(found);
        } else {
            kept.push(found);
        }
    }
    kept
}
