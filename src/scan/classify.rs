//! Detection and judgement as the inspection of items: what a scan does with text.

use crate::detect::engine::Engine;
use crate::judge::{Case, Judge, Judgement};
use crate::model::{Exposure, ItemPath, Place, Protection, Shape, Text};

use super::item::{Inspect, Inspection};

/// Runs the engine over every text and the judge over what it finds.
pub struct Classify<'a> {
    pub engine: &'a Engine,
    pub judge: &'a Judge,
}

impl Inspect for Classify<'_> {
    fn begin(&self, _item: &ItemPath) -> Box<dyn Inspection + '_> {
        Box::new(Classification { engine: self.engine, case: self.judge.case() })
    }
}

/// The name of an item as a record of its own.
pub(super) fn name_as_text(item: &ItemPath) -> Text {
    // Underscores join what people mean as words.
    let name = String::from_utf8_lossy(item.name().file_name()).replace('_', " ");
    let mut text = Text::new(Shape::Rows);
    text.push(&name, Place::field("file name"), u64::MAX, None);
    text
}

struct Classification<'a> {
    engine: &'a Engine,
    case: Case<'a>,
}

impl Inspection for Classification<'_> {
    fn text(&mut self, text: &Text) {
        let matches = self.engine.find(text);
        self.case.add(text, matches);
    }

    fn name(&mut self, item: &ItemPath) {
        let text = name_as_text(item);
        let matches = self.engine.find(&text);
        if !matches.is_empty() {
            self.case.add(&text, matches);
        }
    }

    fn finish(self: Box<Self>, protection: &Protection, exposure: &Exposure) -> Judgement {
        self.case.finish(protection, exposure)
    }
}
