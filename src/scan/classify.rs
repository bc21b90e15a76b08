//! Detection and judgement as the inspection of items: what a scan does with text.

use std::collections::VecDeque;

use crossbeam_channel::{Receiver, TryRecvError};

use crate::detect::Match;
use crate::detect::engine::Engine;
use crate::judge::{Case, ContentHasher, Judge, Judgement};
use crate::model::{Exposure, ItemPath, Place, Protection, Shape, Text};

use super::crash;
use super::helpers::{Done, Helpers};
use super::item::{Inspect, Inspection};

/// Bytes of text from which on other workers help with an item.
const LARGE: u64 = 4 << 20;

/// Runs the engine over every text and the judge over what it finds.
pub struct Classify<'a> {
    pub engine: &'a Engine,
    pub judge: &'a Judge,
    pub helpers: &'a Helpers,
}

impl Inspect for Classify<'_> {
    fn begin(&self, _item: &ItemPath) -> Box<dyn Inspection + '_> {
        Box::new(Classification { of: self, case: self.judge.case(), bytes: 0, pending: VecDeque::new() })
    }

    fn content_hasher(&self) -> Option<ContentHasher> {
        Some(self.judge.content_hasher())
    }
}

/// The name of an item as a record of its own.
pub(in crate::scan) fn name_as_text(item: &ItemPath) -> Text {
    // Underscores join what people mean as words.
    let name = String::from_utf8_lossy(item.name().file_name()).replace('_', " ");
    let mut text = Text::new(Shape::Rows);
    text.push(&name, Place::field("file name"), u64::MAX, None);
    text
}

/// A text on its way to the judge, who takes them in their order.
enum Pending {
    Found(Text, Vec<Match>),
    /// A helper looks at it.
    Asked(Receiver<Done>),
}

struct Classification<'a> {
    of: &'a Classify<'a>,
    case: Case<'a>,
    /// Of text so far.
    bytes: u64,
    pending: VecDeque<Pending>,
}

impl Classification<'_> {
    /// Gives the judge what is found at the front; waits until no more than `most` texts are left.
    fn settle(&mut self, most: usize) {
        while let Some(first) = self.pending.pop_front() {
            let (text, found) = match first {
                Pending::Found(text, found) => (text, Ok(found)),
                Pending::Asked(answer) => match answer.try_recv() {
                    Ok(done) => done,
                    Err(TryRecvError::Empty) if self.pending.len() < most => {
                        self.pending.push_front(Pending::Asked(answer));
                        return;
                    }
                    _ => self.wait(&answer),
                },
            };
            match found {
                Ok(found) => self.case.add(&text, found),
                Err(place) => crash::pass_on(place),
            }
        }
    }

    /// Does what waits for a helper until the answer is there.
    fn wait(&self, answer: &Receiver<Done>) -> Done {
        while answer.is_empty() {
            match self.of.helpers.inbox().try_recv() {
                Ok(job) => job.run(self.of.engine),
                Err(_) => break,
            }
        }
        answer.recv().unwrap_or_else(|_| (Text::default(), Err(String::new())))
    }
}

impl Inspection for Classification<'_> {
    fn text(&mut self, text: Text) {
        self.bytes += text.len() as u64;
        if self.bytes <= LARGE {
            let matches = self.of.engine.find(&text);
            self.case.add(&text, matches);
            return;
        }
        match self.of.helpers.ask(text) {
            Ok(answer) => self.pending.push_back(Pending::Asked(answer)),
            Err(text) => {
                let matches = self.of.engine.find(&text);
                self.pending.push_back(Pending::Found(text, matches));
            }
        }
        self.settle(self.of.helpers.most());
    }

    fn name(&mut self, item: &ItemPath) {
        self.settle(0);
        let text = name_as_text(item);
        let matches = self.of.engine.find(&text);
        self.case.add_name(&text, matches);
    }

    fn finish(mut self: Box<Self>, protection: &Protection, exposure: &Exposure) -> Judgement {
        self.settle(0);
        self.case.finish(protection, exposure)
    }
}
