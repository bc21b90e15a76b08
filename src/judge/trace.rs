//! Why each match of an item counts or does not: told to whoever asks for it, and kept by no scan.

use std::fmt;

use crate::detect::{Match, Refusal};
use crate::model::{Category, Place, Sample};

use super::crowd::{Best, Who};
use super::key::hex;
use super::severity::{self, Facts};
use super::{Judge, case};

/// Matches of one item that are told; more are counted.
const MOST: usize = 100_000;

/// What became of a match.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    Counts,
    KnownSample,
    BelowMinimum(f32),
    /// It needs a person, and there is none.
    NoPerson,
    DataProtection,
    ManyCategories,
    ManyOrganisations,
    Price,
    BlankForm,
    Condition,
    /// By a match of the detector of this id.
    Covered(String),
    FieldName,
    Thing,
    /// In program text, a list of changes or a law.
    Code,
}

impl Fate {
    pub fn counts(&self) -> bool {
        *self == Self::Counts
    }

    /// The name in JSON.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::KnownSample => "known_sample",
            Self::BelowMinimum(_) => "below_minimum",
            Self::NoPerson => "no_person",
            Self::DataProtection => "data_protection",
            Self::ManyCategories => "many_categories",
            Self::ManyOrganisations => "many_organisations",
            Self::Price => "price",
            Self::BlankForm => "blank_form",
            Self::Condition => "condition",
            Self::Covered(_) => "covered",
            Self::FieldName => "field_name",
            Self::Thing => "thing",
            Self::Code => "code",
        }
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counts => "counts",
            Self::KnownSample => "a published sample value: reported, never counted",
            Self::BelowMinimum(minimum) => return write!(f, "less sure than the minimum of {minimum:.2}"),
            Self::NoPerson => "nobody stands in its record, its passage or its document: a word is not a person",
            Self::DataProtection => "in a passage about data protection, not about somebody",
            Self::ManyCategories => "one of three or more categories named together: a list, not a statement",
            Self::Price => "gross or net in a table of sales: a price, no pay",
            Self::ManyOrganisations => "one of three or more abbreviations in a row: a list, not a membership",
            Self::BlankForm => "a label of a form that nobody filled in",
            Self::Condition => "says what may happen, not what has",
            Self::Covered(by) => return write!(f, "covered by a longer or surer match of {by}"),
            Self::FieldName => "the name of a field or column: its values say it themselves, or nothing",
            Self::Code => "program text, a list of changes, a law or a row of numbers: said of nobody",
            Self::Thing => "a name under a heading that things have too, and no other sign of a person in its record",
        })
    }
}

/// One match with what it is worth, masked.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    pub place: Place,
    /// Detector id.
    pub detector: String,
    /// What the detector finds.
    pub title: String,
    pub category: Category,
    pub sample: Sample,
    /// The clear value, only if the user wants it.
    pub value: Option<String>,
    /// After the linkage, where there is one.
    pub confidence: f32,
    /// Evidence of the match, then of its linkage.
    pub why: Vec<String>,
    /// What lowered or raised the confidence besides.
    pub note: Option<&'static str>,
    pub fate: Fate,
    /// Keyed hash of the person it is about.
    pub subject: Option<String>,
}

/// A value that looks like an identifier and is none, masked.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    pub place: Place,
    /// Id of the detector whose shape it has.
    pub detector: String,
    /// What the detector finds.
    pub title: String,
    pub sample: Sample,
    /// The clear value, only if the user wants it.
    pub value: Option<String>,
    pub refusal: Refusal,
}

/// Everything that was weighed for one item.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// By place.
    pub matches: Vec<Explained>,
    /// Further matches that are not kept.
    pub beyond: u64,
    /// The first values that are no match, by place.
    pub refused: Vec<Refused>,
    /// Every row of the table of severities that holds, worst first.
    pub severity: Vec<&'static str>,
}

struct Told {
    at: u64,
    found: Match,
    confidence: f32,
    linkage: Option<String>,
    note: Option<&'static str>,
    who: Who,
    fate: Fate,
}

/// What was said of matches so far.
#[derive(Default)]
pub(super) struct Trace {
    told: Vec<Told>,
    beyond: u64,
    refused: Vec<(Match, Refusal)>,
}

impl Trace {
    /// A match that never came to judgement. `at` is its byte offset within the item.
    pub(super) fn dropped(&mut self, at: u64, found: Match, fate: Fate) {
        let confidence = found.confidence;
        self.push(Told { at, found, confidence, linkage: None, note: None, who: Who::Nameless, fate });
    }

    /// A match that was judged; without a verdict where it is out of the question.
    pub(super) fn judged(&mut self, at: u64, found: &Match, verdict: Option<&case::Verdict>, fate: Fate) {
        self.push(Told {
            at,
            found: found.clone(),
            confidence: verdict.map_or(found.confidence, |verdict| verdict.confidence),
            linkage: verdict.and_then(|verdict| verdict.why.clone()),
            note: verdict.and_then(|verdict| verdict.note),
            who: verdict.map_or(Who::Nameless, |verdict| verdict.who),
            fate,
        });
    }

    /// A value that is no match.
    pub(super) fn refused(&mut self, found: Match, refusal: Refusal) {
        self.refused.push((found, refusal));
    }

    fn push(&mut self, told: Told) {
        if self.told.len() < MOST {
            self.told.push(told);
        } else {
            self.beyond += 1;
        }
    }

    pub(super) fn finish(mut self, judge: &Judge, best: &Best, facts: &Facts) -> Explanation {
        self.told.sort_by_key(|told| (told.at, told.found.detector, told.found.span.end));
        let matches = self.told.into_iter().filter_map(|told| explained(judge, best, told)).collect();
        let refused = self.refused.into_iter().filter_map(|(found, refusal)| refused(judge, found, refusal)).collect();
        Explanation { matches, beyond: self.beyond, refused, severity: severity::explain(facts) }
    }
}

fn refused(judge: &Judge, found: Match, refusal: Refusal) -> Option<Refused> {
    let spec = judge.detectors.get(found.detector)?;
    let clear = found.raw.expose();
    Some(Refused {
        sample: Sample::of(spec.category, spec.mask, clear),
        value: judge.options.reveal.then(|| clear.to_owned()),
        place: found.place,
        detector: spec.id.clone(),
        title: spec.title.clone(),
        refusal,
    })
}

fn explained(judge: &Judge, best: &Best, told: Told) -> Option<Explained> {
    let Told { found, confidence, linkage, note, who, fate, .. } = told;
    let spec = judge.detectors.get(found.detector)?;
    let clear = found.raw.expose();
    Some(Explained {
        sample: Sample::of(spec.category, spec.mask, clear),
        value: judge.options.reveal.then(|| clear.to_owned()),
        why: found
            .evidence
            .iter()
            .map(|evidence| evidence.shown(spec.category, judge.options.reveal))
            .chain(linkage)
            .collect(),
        place: found.place,
        detector: spec.id.clone(),
        title: spec.title.clone(),
        category: spec.category,
        confidence: (confidence * 100.0).round() / 100.0,
        note,
        subject: best.hash(who).map(hex).filter(|_| fate.counts()),
        fate,
    })
}
