//! The findings of one item that are kept in detail: the worst and surest of each category.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap};

use crate::detect::Match;
use crate::model::Category;

use super::crowd::Who;

/// Findings of one item that are kept.
pub(super) const KEPT: usize = 1_000;
/// Of each category so many are kept whatever the others bring.
const SHARE: usize = 40;

/// A finding before it is masked.
pub(super) struct Candidate {
    pub(super) found: Match,
    pub(super) category: Category,
    pub(super) confidence: f32,
    /// Reasons from the linkage, after the evidence of the match.
    pub(super) linkage: Option<String>,
    pub(super) who: Who,
    /// Number of the finding within its item.
    order: u64,
}

impl Candidate {
    /// Greater is better to keep.
    fn cmp(&self, other: &Self) -> Ordering {
        self.confidence.total_cmp(&other.confidence).then_with(|| other.order.cmp(&self.order))
    }
}

struct Ranked(Candidate);

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(Ord::cmp(self, other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        Ord::cmp(self, other) == Ordering::Equal
    }
}

impl Eq for Ranked {}

#[derive(Default)]
pub(super) struct Kept {
    of: BTreeMap<Category, BinaryHeap<Reverse<Ranked>>>,
    count: u64,
}

impl Kept {
    pub(super) fn push(
        &mut self,
        found: &Match,
        category: Category,
        confidence: f32,
        linkage: Option<String>,
        who: Who,
    ) {
        self.count += 1;
        let heap = self.of.entry(category).or_default();
        if heap.len() >= KEPT {
            // A full heap takes only what is better than its worst, and of two as good the one that came first.
            if heap.peek().is_some_and(|worst| worst.0.0.confidence.total_cmp(&confidence) != Ordering::Less) {
                return;
            }
            heap.pop();
        }
        let found = found.clone();
        heap.push(Reverse(Ranked(Candidate { found, category, confidence, linkage, who, order: self.count })));
    }

    /// The best of them, worst category first, and how many more there were.
    pub(super) fn finish(self) -> (Vec<Candidate>, u64) {
        let mut first = Vec::new();
        let mut rest = Vec::new();
        let mut of = self.of;
        for category in Category::ALL {
            let Some(heap) = of.remove(&category) else { continue };
            let mut best: Vec<Candidate> = heap.into_iter().map(|Reverse(Ranked(candidate))| candidate).collect();
            best.sort_unstable_by(|a, b| b.cmp(a));
            let mut tail = best.split_off(best.len().min(SHARE));
            first.append(&mut best);
            rest.append(&mut tail);
        }
        rest.truncate(KEPT.saturating_sub(first.len()));
        first.append(&mut rest);
        let position = |category: Category| Category::ALL.iter().position(|c| *c == category);
        first.sort_by(|a, b| position(a.category).cmp(&position(b.category)).then_with(|| b.cmp(a)));
        let beyond = self.count.saturating_sub(first.len() as u64);
        (first, beyond)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Clear;
    use crate::model::Place;

    fn found(detector: usize) -> Match {
        Match {
            detector,
            span: 0..1,
            raw: Clear::new("x"),
            value: Clear::new("x"),
            confidence: 0.9,
            evidence: Vec::new(),
            place: Place::default(),
            record: 0,
        }
    }

    #[test]
    fn a_flood_of_one_category_leaves_room_for_the_others() {
        let mut kept = Kept::default();
        for n in 0..5_000 {
            kept.push(&found(n), Category::Health, 0.9, None, Who::Nameless);
        }
        kept.push(&found(1), Category::Email, 0.6, None, Who::Nameless);
        let (findings, beyond) = kept.finish();
        assert_eq!(findings.len(), KEPT);
        assert_eq!(beyond, 4_001);
        assert_eq!(findings.last().unwrap().category, Category::Email);
        assert_eq!(findings.first().unwrap().found.detector, 0);
    }

    #[test]
    fn the_surest_are_kept() {
        let mut kept = Kept::default();
        for n in 0..2_000usize {
            let confidence = if n == 1_999 { 0.9 } else { 0.6 };
            kept.push(&found(n), Category::Email, confidence, None, Who::Nameless);
        }
        let (findings, _) = kept.finish();
        assert_eq!(findings[0].found.detector, 1_999);
        assert_eq!(findings[999].found.detector, 998);
    }
}
