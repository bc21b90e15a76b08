//! Detection and judgement that say why: what `explain` does with text.

use std::cell::RefCell;

use crate::detect::engine::Engine;
use crate::judge::{Case, Explanation, Judge, Judgement};
use crate::model::{Exposure, ItemPath, Protection, Text};

use super::classify::name_as_text;
use super::item::{Inspect, Inspection};

/// As [`super::classify::Classify`], and keeps what was weighed for the item that ended last:
/// its record is the next one.
pub struct Explain<'a> {
    pub engine: &'a Engine,
    pub judge: &'a Judge,
    pub last: RefCell<Option<Explanation>>,
}

impl Inspect for Explain<'_> {
    fn begin(&self, _item: &ItemPath) -> Box<dyn Inspection + '_> {
        Box::new(Explaining { explain: self, case: self.judge.case_with_reasons(), refused: 0 })
    }
}

struct Explaining<'a> {
    explain: &'a Explain<'a>,
    case: Case<'a>,
    /// Values that were told though they are no match.
    refused: usize,
}

/// Such values of one item.
const MOST_REFUSED: usize = 50;

impl Inspection for Explaining<'_> {
    fn text(&mut self, text: Text) {
        let text = &text;
        let matches = self.explain.engine.find(text);
        if self.refused < MOST_REFUSED {
            let refused = self.explain.engine.refused(text, &matches, MOST_REFUSED - self.refused);
            self.refused += refused.len();
            for (found, refusal) in refused {
                self.case.refused(found, refusal);
            }
        }
        self.case.add(text, matches);
    }

    fn name(&mut self, item: &ItemPath) {
        let text = name_as_text(item);
        let matches = self.explain.engine.find(&text);
        self.case.add_name(&text, matches);
    }

    fn finish(self: Box<Self>, protection: &Protection, exposure: &Exposure) -> Judgement {
        let (judgement, explanation) = self.case.finish_with_reasons(protection, exposure);
        self.explain.last.replace(Some(explanation));
        judgement
    }
}
