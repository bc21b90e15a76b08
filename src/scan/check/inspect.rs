//! Detection and judgement as in a scan, with the matches kept: a check tells the column of a finding.

use std::cell::RefCell;

use crate::detect::Engine;
use crate::judge::{Case, Judge, Judgement, Spot};
use crate::model::{Exposure, ItemPath, Protection, Text};
use crate::scan::classify::name_as_text;
use crate::scan::item::{Inspect, Inspection};

/// Matches of one item whose place is kept.
const MOST: usize = 20_000;

pub(super) struct Inspecting<'a> {
    pub(super) engine: &'a Engine,
    pub(super) judge: &'a Judge,
    /// The matches of the item that ended last: its record is the next one.
    pub(super) last: RefCell<Vec<Spot>>,
}

impl Inspect for Inspecting<'_> {
    fn begin(&self, item: &ItemPath) -> Box<dyn Inspection + '_> {
        let keeps = item.members.is_empty();
        Box::new(Item { of: self, case: self.judge.case(), spots: Vec::new(), keeps })
    }
}

struct Item<'a> {
    of: &'a Inspecting<'a>,
    case: Case<'a>,
    spots: Vec<Spot>,
    /// Members have no lines to look into.
    keeps: bool,
}

impl Inspection for Item<'_> {
    fn text(&mut self, text: Text) {
        let matches = self.of.engine.find(&text);
        if self.keeps {
            let room = MOST.saturating_sub(self.spots.len());
            self.spots.extend(matches.iter().take(room).map(Spot::new));
        }
        self.case.add(&text, matches);
    }

    fn name(&mut self, item: &ItemPath) {
        let text = name_as_text(item);
        let matches = self.of.engine.find(&text);
        self.case.add_name(&text, matches);
    }

    fn finish(self: Box<Self>, protection: &Protection, exposure: &Exposure) -> Judgement {
        self.of.last.replace(self.spots);
        self.case.finish(protection, exposure)
    }
}
