//! Of matches that cover each other, which one is left out: the digits of a phone number inside an IBAN.

use super::catalogue::Detector;
use super::{Evidence, Match};

/// How far before a match one may begin that covers it.
const FARTHEST: usize = 400;

/// Drops a match that lies within the span of a surer one of another detector: the digits
/// of a phone number inside an IBAN, a date inside a machine-readable zone.
pub(super) fn without_covered(detectors: &[Detector], matches: Vec<Match>) -> Vec<Match> {
    // A known first name is no proof: a label beside the name says more.
    let strong = |found: &Match| matches!(found.evidence.first(), Some(Evidence::Check(check)) if !check.starts_with("known_name"));
    let is_value = |found: &Match| detectors.get(found.detector).is_some_and(|d| d.pattern.is_some());
    let covered: Vec<bool> = matches
        .iter()
        .enumerate()
        .map(|(i, found)| {
            let covers = |other: &Match| {
                other.detector != found.detector
                    && other.span.start <= found.span.start
                    && found.span.end <= other.span.end
                    && is_value(other)
                    && if other.span == found.span {
                        (strong(other), other.confidence) > (strong(found), found.confidence)
                    } else {
                        strong(other) && (!strong(found) || other.confidence >= found.confidence)
                    }
            };
            let near = |other: &&Match| other.span.start + FARTHEST > found.span.start;
            is_value(found)
                && (matches.iter().take(i).rev().take_while(near).any(covers)
                    || matches.iter().skip(i + 1).take_while(|other| other.span.start == found.span.start).any(covers))
        })
        .collect();
    matches.into_iter().zip(covered).filter(|(_, covered)| !covered).map(|(found, _)| found).collect()
}
