//! When several detectors claim the same characters, one of them is right.

use std::cmp::Reverse;

use crate::detect::Match;

/// Confidence from which a longer match hides what it contains.
const SURE: f32 = 0.5;
/// Overlapping matches that are weighed against each other; more are weighed in turns.
const CLUSTER: usize = 64;

/// Drops the matches that overlap a better one: a longer one that contains it, else the
/// more confident, else the longer. What is left is in order of place; `dropped` is told of
/// the others, and of the detector whose match is better.
pub(super) fn resolve(mut matches: Vec<Match>, mut dropped: impl FnMut(Match, usize)) -> Vec<Match> {
    matches.sort_by_key(|m| (m.span.start, Reverse(m.span.end), m.detector));
    if matches.is_sorted_by(|a, b| a.span.end <= b.span.start) {
        return matches;
    }
    let mut kept = Vec::with_capacity(matches.len());
    let mut cluster: Vec<Match> = Vec::new();
    let mut end = 0;
    for found in matches {
        if found.span.start >= end || cluster.len() >= CLUSTER {
            settle(&mut cluster, &mut kept, &mut dropped);
        }
        end = end.max(found.span.end);
        cluster.push(found);
    }
    settle(&mut cluster, &mut kept, &mut dropped);
    kept
}

fn settle(cluster: &mut Vec<Match>, kept: &mut Vec<Match>, dropped: &mut impl FnMut(Match, usize)) {
    if cluster.len() < 2 {
        kept.append(cluster);
        return;
    }
    let hider = |inner: &Match| cluster.iter().find(|outer| contains(outer, inner)).map(|outer| outer.detector);
    let hiders: Vec<Option<usize>> = cluster.iter().map(hider).collect();
    let mut rivals: Vec<Match> = Vec::with_capacity(cluster.len());
    for (found, hider) in cluster.drain(..).zip(hiders) {
        match hider {
            Some(hider) => dropped(found, hider),
            None => rivals.push(found),
        }
    }
    rivals.sort_by(|a, b| {
        b.confidence
            .total_cmp(&a.confidence)
            .then_with(|| b.span.len().cmp(&a.span.len()))
            .then_with(|| a.span.start.cmp(&b.span.start))
            .then_with(|| a.detector.cmp(&b.detector))
    });
    let mut winners: Vec<Match> = Vec::with_capacity(rivals.len());
    for rival in rivals {
        let overlaps = |winner: &&Match| winner.span.end > rival.span.start && rival.span.end > winner.span.start;
        match winners.iter().find(overlaps).map(|winner| winner.detector) {
            Some(winner) => dropped(rival, winner),
            None => winners.push(rival),
        }
    }
    winners.sort_by_key(|found| found.span.start);
    kept.append(&mut winners);
}

fn contains(outer: &Match, inner: &Match) -> bool {
    outer.span.len() > inner.span.len()
        && outer.span.start <= inner.span.start
        && outer.span.end >= inner.span.end
        && (outer.confidence >= SURE || outer.confidence >= inner.confidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Clear;
    use crate::model::Place;

    fn check(spans: &[(std::ops::Range<usize>, f32)], expected: &[usize]) {
        let matches = spans.iter().enumerate().map(|(detector, (span, confidence))| Match {
            detector,
            span: span.clone(),
            raw: Clear::new(""),
            value: Clear::new(""),
            confidence: *confidence,
            evidence: Vec::new(),
            place: Place::default(),
            record: 0,
        });
        let mut dropped = Vec::new();
        let left = resolve(matches.collect(), |found, by| dropped.push((found.detector, by)));
        let left: Vec<usize> = left.iter().map(|m| m.detector).collect();
        assert_eq!(left, expected);
        // Every match is either left or told to be dropped, for one that is left or was itself hidden.
        let mut all: Vec<usize> = dropped.iter().map(|(found, _)| *found).chain(left).collect();
        all.sort_unstable();
        assert_eq!(all, (0..spans.len()).collect::<Vec<_>>());
        assert!(dropped.iter().all(|(found, by)| found != by));
    }

    #[test]
    fn the_longer_one_hides_what_it_contains() {
        check(&[(0..27, 0.9), (6..16, 0.95)], &[0]);
        check(&[(0..27, 0.3), (6..16, 0.95)], &[1]);
    }

    #[test]
    fn of_equals_the_more_confident_stays() {
        check(&[(0..11, 0.4), (0..11, 0.8), (20..25, 0.1)], &[1, 2]);
        check(&[(0..11, 0.6), (5..16, 0.8)], &[1]);
    }

    #[test]
    fn neighbours_do_not_compete() {
        check(&[(5..9, 0.4), (0..5, 0.8)], &[1, 0]);
    }
}
