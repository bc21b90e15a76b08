//! Whom a word is about: the person in its row, its paragraph, its passage or its document.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::detect::{DetectorSpec, Evidence};
use crate::model::{Category, Shape};

use super::crowd::{Crowd, Who};
use super::key::Hasher;
use super::passage::window;
use super::pay_list;
use super::person::{Sign, Strength, combined, sightings};
use super::record::{Hit, Record};
use super::register::Register;
use super::roll;
use super::trace::Fate;

/// Bytes within which a word and a person of one paragraph belong together.
const NEAR: u64 = 600;
/// Bytes within which a word follows the person of whom it is said.
const CLOSE: u64 = 200;
/// Bytes within which neighbouring paragraphs are one passage.
const PASSAGE: u64 = 1_500;
/// Bytes within which the parts of one row or object belong together.
const WIDE: u64 = 4_000;
/// Confidence from which a word stands for its category by itself.
pub(super) const STRONG_TERM: f32 = 0.5;

/// Confidence from which a word says by itself that somebody is meant.
const CLEAR_TERM: f32 = 0.6;

/// A person seen in a record.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) who: Who,
    pub(super) strength: Strength,
    /// Index into the hits of the record.
    pub(super) hit: usize,
    pub(super) detector: usize,
    pub(super) correspondent: bool,
}

/// The person of a one-person document.
#[derive(Clone, Debug)]
pub(super) enum Document {
    /// Nobody, or too many.
    Crowd,
    One(Who),
    /// Two or three people: a family, a doctor and a patient.
    Few,
}

/// That a word is about somebody.
pub(super) struct Link {
    pub(super) confidence: f32,
    pub(super) why: String,
    pub(super) who: Who,
}

/// The people of a record by its own signs.
pub(super) fn see(record: &Record, detectors: &[Arc<DetectorSpec>], hasher: &Hasher, crowd: &mut Crowd) -> Vec<Seen> {
    let (at, signs): (Vec<usize>, Vec<Sign<'_>>) = record
        .hits
        .iter()
        .enumerate()
        .filter(|(_, hit)| !hit.empty)
        .filter_map(|(at, hit)| Some((at, hit.sign(detectors)?)))
        .unzip();
    sightings(&signs, record.shape, hasher)
        .into_iter()
        .filter_map(|person| {
            let sign = signs.get(person.anchor)?;
            Some(Seen {
                who: crowd.person(&person.identities),
                strength: person.strength,
                hit: *at.get(person.anchor)?,
                detector: sign.found.detector,
                correspondent: sign.correspondent,
            })
        })
        .collect()
}

/// A name and another sign that stand in neighbouring paragraphs: somebody, though no
/// paragraph alone says so.
pub(super) fn pairs<'r>(
    records: impl Iterator<Item = &'r Record> + Clone,
    of: &Record,
    detectors: &[Arc<DetectorSpec>],
    hasher: &Hasher,
    crowd: &mut Crowd,
) -> Vec<(u64, usize, Who)> {
    if of.shape != Shape::Prose {
        return Vec::new();
    }
    let near = records.filter(|record| record.is_near(of));
    let signs: Vec<(u64, u64, Sign<'_>)> = near
        .flat_map(|record| record.hits.iter().map(move |hit| (record.id, hit)))
        .filter(|(_, hit)| !hit.correspondent && !hit.empty)
        .filter_map(|(id, hit)| Some((id, hit.at, hit.sign(detectors)?)))
        .take(256)
        .collect();
    let mut pairs = Vec::new();
    for (id, at, other) in signs.iter().filter(|(_, _, sign)| sign.spec.category != Category::Name) {
        let names = signs.iter().filter(|(_, _, sign)| sign.spec.category == Category::Name);
        let Some((name_id, name_at, name)) = names.min_by_key(|(_, name_at, _)| name_at.abs_diff(*at)) else {
            continue;
        };
        if name_at.abs_diff(*at) > PASSAGE || name_id == id {
            continue;
        }
        if let Some(identity) = combined(name, other, hasher) {
            pairs.push((*at, other.found.detector, crowd.person(&[identity])));
        }
    }
    pairs
}

/// Who a small document is about.
pub(super) fn document(
    records: &[&Record],
    detectors: &[Arc<DetectorSpec>],
    hasher: &Hasher,
    crowd: &mut Crowd,
) -> Document {
    let seen = records.iter().flat_map(|record| record.people.iter().flatten());
    let mut strong: Vec<Who> = Vec::new();
    for person in seen.filter(|person| person.strength == Strength::Strong && !person.correspondent) {
        if !strong.iter().any(|known| crowd.same(*known, person.who)) {
            strong.push(person.who);
        }
    }
    match strong[..] {
        [] => {}
        [one] => return Document::One(one),
        [_, _] | [_, _, _] => return Document::Few,
        _ => return Document::Crowd,
    }
    let hits = || records.iter().flat_map(|record| &record.hits).filter(|hit| !hit.correspondent && !hit.empty);
    let signs: Vec<(u64, Sign<'_>)> = hits().filter_map(|hit| Some((hit.at, hit.sign(detectors)?))).collect();
    for category in [Category::Birth, Category::EmployeeNumber] {
        let mut of: Vec<&(u64, Sign<'_>)> = signs.iter().filter(|(_, sign)| sign.spec.category == category).collect();
        of.dedup_by_key(|(_, sign)| sign.found.value.clone());
        let Some((at, sign)) = of.first() else { continue };
        if of.iter().any(|(_, other)| other.found.value != sign.found.value) {
            return Document::Crowd;
        }
        let names = signs.iter().filter(|(_, sign)| sign.spec.category == Category::Name);
        let nearest = names.min_by_key(|(name_at, _)| name_at.abs_diff(*at));
        if let Some(identity) = nearest.and_then(|(_, name)| combined(name, sign, hasher)) {
            return Document::One(crowd.person(&[identity]));
        }
    }
    Document::Crowd
}

/// The surroundings in which a word is judged.
pub(super) struct Scene<'s> {
    pub(super) records: &'s [&'s Record],
    pub(super) here: &'s Record,
    pub(super) pairs: &'s [(u64, usize, Who)],
    pub(super) document: &'s Document,
    /// The lines of a small item that name people.
    pub(super) lines: Option<&'s BTreeSet<u64>>,
    /// The item is a mail: whoever wrote it speaks of people he knows.
    pub(super) mail: bool,
    /// Somebody is named anywhere before.
    pub(super) anybody: bool,
    /// The item has rows of names with amounts.
    pub(super) pay_list: bool,
    pub(super) detectors: &'s [Arc<DetectorSpec>],
}

impl Scene<'_> {
    fn near(&self) -> impl Iterator<Item = &Record> {
        self.records.iter().copied().filter(|record| record.is_near(self.here))
    }

    fn id(&self, detector: usize) -> &str {
        self.detectors.get(detector).map_or("", |spec| &spec.id)
    }

    /// The best link of a word to a person; none when there is nobody.
    pub(super) fn link(&self, hit: &Hit) -> Option<Link> {
        let own = self.own(hit);
        if hit.register == Register::Code {
            // Every change has an author, and every manual somebody to write to.
            return own.filter(|link| link.confidence >= 0.8);
        }
        if own.as_ref().is_some_and(|link| link.confidence >= 0.8) {
            return own;
        }
        let mut links: Vec<Link> = own.into_iter().collect();
        match self.document {
            Document::One(who) => {
                links.push(Link { confidence: 0.75, why: "subject:one-person document".into(), who: *who });
            }
            Document::Few => {
                let strong = |person: &&Seen| person.strength == Strength::Strong && !person.correspondent;
                let people = self.records.iter().flat_map(|record| {
                    let people = record.people.iter().flatten().filter(strong);
                    people.filter_map(|person| Some((record.hits.get(person.hit)?.at, person.who)))
                });
                let nearest = people.min_by_key(|(at, _)| (*at > hit.at, at.abs_diff(hit.at)));
                let confidence = if hit.found.confidence >= 0.7 { 0.6 } else { 0.4 };
                if let Some((_, who)) = nearest {
                    links.push(Link { confidence, why: "subject:document about few people".into(), who });
                }
            }
            Document::Crowd => {}
        }
        links.extend(self.neighbours(hit));
        links.extend(self.statement(hit));
        links.extend(self.in_list(hit));
        if self.anybody {
            links.push(Link { confidence: 0.3, why: "subject:somewhere in the file".into(), who: Who::Nameless });
        }
        links.into_iter().reduce(|best, link| if link.confidence > best.confidence { link } else { best })
    }

    /// A person in the same record.
    fn own(&self, hit: &Hit) -> Option<Link> {
        let people = self.here.people.iter().flatten();
        let people = people.filter(|person| person.strength > Strength::One && !person.correspondent);
        let nearest = people
            .filter_map(|person| {
                // A document's person may carry several signs: the nearest of them counts.
                Some((person, self.here.hits.get(person.hit)?.distance(hit)))
            })
            .min_by_key(|(person, distance)| (*distance, std::cmp::Reverse(person.strength)))?;
        let (person, distance) = nearest;
        let rows = self.here.shape == Shape::Rows;
        let near = distance <= if rows { WIDE } else { NEAR };
        let place = if rows { "row" } else { "paragraph" };
        let confidence = match person.strength {
            // A weak word in a cell beside a name: `Lohit Tamil`.
            Strength::LabelledName if rows && !is_strong(hit) => 0.45,
            Strength::One | Strength::LabelledName => 0.62,
            // `Anna Bruni (anna@...) is ill`, but not `send the sick note to anna@...`.
            Strength::Contact => {
                let after = self.here.hits.get(person.hit).is_some_and(|sign| sign.at < hit.at);
                if after && distance <= CLOSE { 0.6 } else { 0.4 }
            }
            _ if near => 0.85,
            _ if distance <= 2 * WIDE => 0.65,
            _ => 0.3,
        };
        let why = format!("subject:{} in the same {place}", self.id(person.detector));
        Some(Link { confidence, why, who: person.who })
    }

    /// A person in the paragraphs around.
    fn neighbours(&self, hit: &Hit) -> Option<Link> {
        if self.here.shape != Shape::Prose {
            return None;
        }
        let seen = self.near().flat_map(|record| {
            let people = record.people.iter().flatten();
            let people = people.filter(|person| person.strength >= Strength::Two && !person.correspondent);
            people.filter_map(|person| Some((record.hits.get(person.hit)?.at, person.detector, person.who)))
        });
        let (at, detector, who) = seen.chain(self.pairs.iter().copied()).min_by_key(|(at, ..)| at.abs_diff(hit.at))?;
        let why = format!("subject:{} in the same passage", self.id(detector));
        (at.abs_diff(hit.at) <= PASSAGE).then_some(Link { confidence: 0.65, why, who })
    }

    /// In a list of people: those below its heading, or whom its line names.
    fn in_list(&self, hit: &Hit) -> Option<Link> {
        let is_sensitive = hit.category.is_special() || hit.category == Category::Criminal;
        if !is_sensitive || !roll::may_belong(hit) {
            return None;
        }
        let why = match self.lines {
            Some(lines) => roll::reason(hit, lines),
            None => roll::reason(hit, &roll::lines(self.records.iter().copied())),
        }?;
        Some(Link { confidence: 0.55, why: why.into(), who: Who::Nameless })
    }

    /// A word of pay in the name of a file or a sheet that lists names with amounts.
    pub(super) fn in_pay_list(&self, hit: &Hit) -> Option<Link> {
        let is_word = hit.category == Category::Payroll && pay_list::is_name(&hit.found);
        let why = "subject:names with amounts under this name";
        (is_word && self.pay_list).then(|| Link { confidence: 0.6, why: why.into(), who: Who::Nameless })
    }

    /// In a mail, a chat or a note: somebody named beside a clear word, or the writer himself.
    fn statement(&self, hit: &Hit) -> Option<Link> {
        if hit.found.confidence < STRONG_TERM || hit.statement.public || hit.register == Register::Law {
            return None;
        }
        let is_name = |other: &&Hit| {
            other.category == Category::Name
                && !other.correspondent
                && !other.in_charge
                && !other.empty
                && other.found.confidence >= STRONG_TERM
                && other.distance(hit) <= NEAR
        };
        let name = || self.near().flat_map(|record| &record.hits).any(|other| is_name(&other));
        // Whoever writes a mail speaks of people he knows.
        let familiar = hit.statement.familiar || self.mail;
        let named = hit.statement.named || hit.statement.called;
        let is_close = |other: &Hit| is_name(&other) && other.distance(hit) <= CLOSE;
        let (confidence, why) = if self.mail && self.here.hits.iter().any(|other| is_name(&other)) {
            (0.6, "subject:name in a mail")
        } else if familiar && (named || name()) {
            (0.55, "subject:somebody named in a note")
        } else if hit.statement.casework && (named || self.near().flat_map(|record| &record.hits).any(is_close)) {
            (0.55, "subject:somebody named in a paper about him")
        } else if self.near().flat_map(|record| &record.hits).any(|other| {
            // Somebody is born on a day, whatever his name.
            let is_born = other.category == Category::Birth && other.found.confidence >= 0.7;
            let lives = other.category == Category::Address && self.here.hits.iter().any(|other| is_name(&other));
            !other.empty && (is_born || lives) && other.distance(hit) <= NEAR
        }) {
            (0.55, "subject:somebody who was born or lives somewhere")
        } else if self.here.hits.iter().any(|other| {
            let follows = other.at < hit.at && hit.at - other.at <= CLOSE;
            other.leads && follows && is_name(&other) && hit.found.confidence >= CLEAR_TERM
        }) {
            (0.55, "subject:somebody named at the head of the line")
        } else if hit.found.confidence >= CLEAR_TERM
            && (hit.statement.called
                || self.here.hits.iter().any(|other| other.at < hit.at && other.piece == hit.piece && is_close(other)))
        {
            (0.52, "subject:somebody named before it")
        } else if self.is_addressed(hit) {
            (0.55, "subject:the one to whom it is written")
        } else if familiar && hit.statement.own && (self.mail || self.anybody || name()) {
            (0.55, "subject:the writer")
        } else {
            return None;
        };
        Some(Link { confidence, why: why.into(), who: Who::Nameless })
    }

    /// A sum of pay in a letter: one person alone is named before it, with a title.
    fn is_addressed(&self, hit: &Hit) -> bool {
        if hit.category != Category::Payroll || !hit.amount || self.here.shape != Shape::Prose {
            return false;
        }
        let has_title = |other: &Hit| other.found.evidence.iter().any(|e| matches!(e, Evidence::Context(_)));
        let named = self.records.iter().flat_map(|record| &record.hits).filter(|other| {
            let before = other.at < hit.at && hit.at - other.at <= PASSAGE;
            before && other.category == Category::Name && has_title(other)
        });
        let mut values = named.filter(|name| !name.empty && !name.in_charge).map(|name| name.found.value.expose());
        values.next().is_some_and(|first| values.all(|other| first.contains(other) || other.contains(first)))
    }

    /// Why a word is said of a category and not of a person: one of many categories in a
    /// notice, or of many unions in a list; none when it is not.
    pub(super) fn policy(&self, hit: &Hit) -> Option<Fate> {
        if !hit.category.is_special() && hit.category != Category::Criminal {
            return None;
        }
        let person_here = self.here.people.iter().flatten().any(|person| {
            let near = self.here.hits.get(person.hit).is_some_and(|sign| sign.distance(hit) <= 300);
            person.strength == Strength::Strong && near
        });
        if !person_here && hit.policy {
            return Some(Fate::DataProtection);
        }
        // Of one person much may be said at once, but not in a list of what is special.
        let is_about_one = matches!(self.document, Document::One(_));
        if !person_here && !is_about_one && self.kinds_around(hit) >= 3 && self.statement(hit).is_none() {
            return Some(Fate::ManyCategories);
        }
        (self.organisations_around(hit) >= 3).then_some(Fate::ManyOrganisations)
    }

    /// The same cell, or the passage of prose.
    fn around<'a>(&'a self, hit: &'a Hit, reach: u64) -> impl Iterator<Item = &'a Hit> {
        let rows = self.here.shape == Shape::Rows;
        self.records
            .iter()
            .filter(move |record| if rows { record.id == self.here.id } else { record.shape == Shape::Prose })
            .flat_map(|record| &record.hits)
            .filter(move |other| other.at.abs_diff(hit.at) <= reach && (!rows || other.piece == hit.piece))
    }

    fn kinds_around(&self, hit: &Hit) -> usize {
        let mut kinds: Vec<Category> = Vec::new();
        for other in self.around(hit, 600).filter(|other| other.category.is_special()) {
            if !kinds.contains(&other.category) {
                kinds.push(other.category);
            }
        }
        kinds.len()
    }

    /// Different levels of classification around this marking: a text about them names several.
    pub(super) fn levels_around(&self, hit: &Hit) -> usize {
        let mut levels: Vec<&str> = Vec::new();
        for other in self.around(hit, PASSAGE).filter(|other| other.category == Category::Classified) {
            let level = other.found.value.expose();
            if !levels.contains(&level) {
                levels.push(level);
            }
        }
        levels.len()
    }

    /// Different abbreviations (of unions, of parties) in a row around this one, itself included.
    fn organisations_around(&self, hit: &Hit) -> usize {
        let is_sigla = |hit: &Hit| self.detectors.get(hit.found.detector).is_some_and(|spec| spec.exact_case);
        if !is_sigla(hit) {
            return 0;
        }
        let mut values: Vec<&str> = Vec::new();
        for other in self.around(hit, 90).filter(|other| other.category == hit.category && is_sigla(other)) {
            let value = other.found.value.expose();
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values.len()
    }

    /// Whether a weak word has company: another word of its category near.
    pub(super) fn has_company(&self, hit: &Hit, strong_only: bool) -> bool {
        let stem = |hit: &Hit| window(hit.found.value.expose(), 0, 5).to_lowercase();
        let reach = if self.here.shape == Shape::Rows { WIDE } else { NEAR };
        self.near().flat_map(|record| &record.hits).any(|other| {
            other.category == hit.category
                && !other.empty
                && other.at.abs_diff(hit.at) <= reach
                && if strong_only { is_strong(other) } else { is_strong(other) || stem(other) != stem(hit) }
        })
    }
}

pub(super) fn is_strong(hit: &Hit) -> bool {
    weight(hit) >= STRONG_TERM
}

/// What a word weighs: its confidence; words of pay weigh little without an amount.
pub(super) fn weight(hit: &Hit) -> f32 {
    let labelled = hit.found.evidence.iter().any(|e| matches!(e, Evidence::Label(_)));
    if hit.category == Category::Payroll && !hit.amount && !labelled {
        hit.found.confidence * 0.5
    } else {
        hit.found.confidence
    }
}
