//! One item before the judge: its texts come in order, its records leave as findings.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::detect::check::born::born;
use crate::detect::{DetectorSpec, Evidence, Match, Refusal, SubjectRole};
use crate::model::{Category, Exposure, Finding, Protection, Sample, Shape, Text};

use super::crowd::{Crowd, Who};
use super::kept::{Candidate, Kept};
use super::key::hex;
use super::link::{self, Document, Scene, Seen};
use super::pay_list::{self, PayList};
use super::record::{Hit, NEIGHBOURS, Record};
use super::register::Registers;
use super::severity::{Facts, severity};
use super::trace::{Explanation, Fate, Trace};
use super::{Judge, Judgement, against, conflict, fields, roll, things};

/// Bytes of text up to which a document may be about one person: about three pages.
const SMALL: u64 = 10_000;
/// Identities of one item that are told apart exactly.
const IDENTITIES: usize = 1_000_000;
/// Matches that may wait for their record or passage to be complete; more are judged without the rest.
const WAITING: usize = 1_000;
/// Bytes of prose that must have been seen after a match before it is judged.
const LOOKAHEAD: u64 = 1_000;
/// What a published sample value is worth.
const KNOWN_SAMPLE: f32 = 0.2;
/// What anything in data of an unknown format is worth at most.
const FRAGMENT: f32 = 0.6;
/// A password or key from here on is no placeholder.
const LIVE: f32 = 0.8;

/// The matches of one item, judged record by record in bounded memory.
pub struct Case<'j> {
    judge: &'j Judge,
    /// Bytes of the texts before.
    base: u64,
    records: VecDeque<Record>,
    /// Of `records`, those at the front that are judged and stay as neighbours.
    judged: usize,
    waiting: usize,
    /// Everything so far still waits: it may be a document about one person.
    small: bool,
    /// Some of its text is no more than runs of characters.
    fragments: bool,
    mail: bool,
    pay_list: PayList,
    anybody: bool,
    /// The lines of a small item that name people, once it is whole.
    lines: BTreeSet<u64>,
    crowd: Crowd,
    kept: Kept,
    categories: BTreeMap<Category, u64>,
    live_credentials: u64,
    /// Absent in a scan.
    trace: Option<Trace>,
}

impl<'j> Case<'j> {
    pub(super) fn new(judge: &'j Judge, trace: Option<Trace>) -> Self {
        Self {
            judge,
            base: 0,
            records: VecDeque::new(),
            judged: 0,
            waiting: 0,
            small: true,
            fragments: false,
            mail: false,
            pay_list: PayList::default(),
            anybody: false,
            lines: BTreeSet::new(),
            crowd: Crowd::new(IDENTITIES),
            kept: Kept::default(),
            categories: BTreeMap::new(),
            live_credentials: 0,
            trace,
        }
    }

    /// The name of the item, behind all its texts, and all matches in it.
    pub fn add_name(&mut self, name: &Text, mut matches: Vec<Match>) {
        let is_pay = |found: &Match| {
            self.judge.detectors.get(found.detector).is_some_and(|spec| spec.category == Category::Payroll)
        };
        if self.pay_list.is_found() && !matches.iter().any(is_pay) {
            matches.extend(pay_list::file_name(name, &self.judge.detectors));
        }
        if !matches.is_empty() {
            self.add(name, matches);
        }
    }

    /// The next text of the item and all matches in it.
    pub fn add(&mut self, text: &Text, mut matches: Vec<Match>) {
        let detectors = &self.judge.detectors;
        let mut members = Vec::new();
        if text.shape() == Shape::Rows {
            let mut telling: Vec<u64> = matches
                .iter()
                .filter(|m| detectors.get(m.detector).is_some_and(|spec| spec.subject != SubjectRole::None))
                .map(|m| m.record)
                .collect();
            telling.sort_unstable();
            let small = self.small && self.base + text.len() as u64 <= SMALL;
            let wanted = |record| small || telling.binary_search(&record).is_ok();
            let fields = self.judge.fields.matches(text, detectors, wanted);
            members = fields::names_in(&fields, &mut matches, detectors);
            matches.extend(fields);
        }
        self.small &= self.base + text.len() as u64 <= SMALL;
        self.fragments |= text.is_fragments();
        let (base, trace) = (self.base, &mut self.trace);
        let mut drop = |found: Match, fate: &dyn Fn() -> Fate| {
            if let Some(trace) = trace {
                trace.dropped(base + found.span.start as u64, found, fate());
            }
        };
        let id_of = |detector: usize| detectors.get(detector).map_or_else(String::new, |spec| spec.id.clone());
        let mut found = conflict::resolve(matches, |found, by| drop(found, &|| Fate::Covered(id_of(by))));
        if text.shape() == Shape::Rows {
            found.append(&mut members);
            found.sort_by_key(|found| found.span.start);
            found = fields::without_headings(text, found, detectors, |found| drop(found, &|| Fate::FieldName));
            found = fields::without_names(text, found, detectors, |found| drop(found, &|| Fate::FieldName));
            found = things::without_things(found, detectors, |found| drop(found, &|| Fate::Thing));
        }
        let registers = &mut Registers::default();
        found = against::without_refuted(text, found, detectors, registers, |found| drop(found, &|| Fate::Code));
        for found in found {
            let Some(spec) = detectors.get(found.detector) else { continue };
            let id = found.record;
            let hit = Hit::new(found, spec, text, self.base, registers);
            self.mail |= hit.correspondent && hit.category == Category::Email;
            let listed = self.pay_list.see(text, &hit, detectors);
            if self.waiting >= WAITING {
                self.small = false;
                self.judge_complete(id, hit.at);
                if self.waiting >= WAITING {
                    self.judge_until(|_| true, &Document::Crowd);
                }
            }
            self.push(id, text.shape(), hit);
            let spec = listed.as_ref().and_then(|found| detectors.get(found.detector));
            if let (Some(found), Some(spec)) = (listed, spec) {
                self.push(id, text.shape(), Hit::new(found, spec, text, self.base, registers));
            }
        }
        self.base += text.len() as u64;
        if !self.small {
            self.judge_complete(text.pieces().last().map_or(0, |piece| piece.record), self.base);
        }
    }

    fn push(&mut self, id: u64, shape: Shape, hit: Hit) {
        self.waiting += 1;
        let open = self.records.len() > self.judged;
        match self.records.back_mut() {
            Some(last) if open && last.id == id && last.shape == shape => last.hits.push(hit),
            _ => self.records.push_back(Record { id, shape, hits: vec![hit], people: None }),
        }
    }

    /// A value that is no match: told with the reasons, if they are asked for.
    pub fn refused(&mut self, found: Match, refusal: Refusal) {
        if let Some(trace) = &mut self.trace {
            trace.refused(found, refusal);
        }
    }

    /// Judges what has all its record and its passage: the item has come to this record and byte.
    fn judge_complete(&mut self, last: u64, at: u64) {
        self.judge_until(
            |record| match record.shape {
                Shape::Rows => record.id < last,
                Shape::Prose => record.id + NEIGHBOURS < last && record.end() + LOOKAHEAD < at,
            },
            &Document::Crowd,
        );
    }

    /// The end of the item.
    pub fn finish(self, protection: &Protection, exposure: &Exposure) -> Judgement {
        self.close(protection, exposure).0
    }

    /// The end of the item, and what was weighed for it: nothing unless the case was opened
    /// [with reasons](Judge::case_with_reasons).
    pub fn finish_with_reasons(self, protection: &Protection, exposure: &Exposure) -> (Judgement, Explanation) {
        let (judgement, explanation) = self.close(protection, exposure);
        (judgement, explanation.unwrap_or_default())
    }

    fn close(mut self, protection: &Protection, exposure: &Exposure) -> (Judgement, Option<Explanation>) {
        let document = if self.small { self.document() } else { Document::Crowd };
        if self.small {
            self.lines = roll::lines(self.records.iter());
        }
        self.judge_until(|_| true, &document);
        let best = self.crowd.best();
        let people = self.crowd.people(&best);
        let (candidates, findings_beyond) = self.kept.finish();
        let findings = candidates.into_iter().filter_map(|candidate| finding(self.judge, &best, candidate)).collect();
        let with = |all: &[&[Category]]| {
            let holds = |marks: u32| all.iter().all(|any| any.iter().any(|c| marks & bit(*c) != 0));
            people.marks.iter().filter(|marks| holds(**marks)).count() as u64
        };
        let sensitive: Vec<Category> =
            Category::ALL.into_iter().filter(|c| c.is_special() || *c == Category::Criminal).collect();
        let ids = [Category::IdentityDocument, Category::NationalId];
        let money = [Category::BankAccount, Category::PaymentCard, Category::Payroll];
        let usable = [Category::IdentityDocument, Category::BankAccount, Category::PaymentCard];
        let facts = Facts {
            subjects: people.subjects.len() as u64 + people.beyond,
            special_subjects: with(&[&sensitive]),
            special_and_document: with(&[&sensitive, &usable]),
            identity_kits: with(&[&ids, &money]),
            live_credentials: self.live_credentials,
            protection: protection.state,
            access: exposure.access,
            categories: self.categories,
        };
        let explanation = self.trace.map(|trace| trace.finish(self.judge, &best, &facts));
        let judgement = Judgement {
            findings,
            findings_beyond,
            severity: severity(&facts),
            categories: facts.categories,
            subjects: people.subjects,
            subjects_beyond: people.beyond,
        };
        (judgement, explanation)
    }

    /// Whom the whole document is about.
    fn document(&mut self) -> Document {
        for at in 0..self.records.len() {
            self.see(at);
        }
        let records: Vec<&Record> = self.records.iter().collect();
        link::document(&records, &self.judge.detectors, &self.judge.hasher, &mut self.crowd)
    }

    fn see(&mut self, at: usize) {
        let Some(record) = self.records.get_mut(at).filter(|record| record.people.is_none()) else { return };
        let people = link::see(record, &self.judge.detectors, &self.judge.hasher, &mut self.crowd);
        self.anybody |= people.iter().any(|person| person.strength >= super::person::Strength::Two);
        record.people = Some(people);
    }

    fn judge_until(&mut self, ready: impl Fn(&Record) -> bool, document: &Document) {
        while self.records.get(self.judged).is_some_and(&ready) {
            self.judge_next(document);
            self.judged += 1;
            self.forget();
        }
    }

    /// Lets go of judged records that are no longer anybody's neighbours.
    fn forget(&mut self) {
        let Some(last) = self.judged.checked_sub(1).and_then(|at| self.records.get(at)) else { return };
        let (id, end, rows) = (last.id, last.end(), last.shape == Shape::Rows);
        while let Some(first) = self.records.front().filter(|_| self.judged > 0) {
            let near = !rows
                && first.shape == Shape::Prose
                && (first.id + NEIGHBOURS > id || first.end() + LOOKAHEAD > end)
                && self.judged < 64;
            if near {
                break;
            }
            self.waiting = self.waiting.saturating_sub(first.hits.len());
            self.records.pop_front();
            self.judged -= 1;
        }
    }

    fn judge_next(&mut self, document: &Document) {
        let Some(here) = self.records.get(self.judged) else { return };
        let (id, end) = (here.id, here.end());
        let near = |record: &Record| {
            record.id == id
                || record.shape == Shape::Prose
                    && (record.id.abs_diff(id) <= NEIGHBOURS || record.end().abs_diff(end) <= LOOKAHEAD)
        };
        // A small document is seen whole; in a large one the passage is enough.
        let around: Vec<usize> = if self.small {
            (0..self.records.len()).collect()
        } else {
            let before = (0..self.judged).rev().take_while(|at| self.records.get(*at).is_some_and(near));
            let after = (self.judged..self.records.len()).take_while(|at| self.records.get(*at).is_some_and(near));
            let mut around: Vec<usize> = before.collect();
            around.reverse();
            around.extend(after);
            around
        };
        for at in &around {
            self.see(*at);
        }
        let detectors = &self.judge.detectors;
        let hasher = &self.judge.hasher;
        let records: Vec<&Record> = around.iter().filter_map(|at| self.records.get(*at)).collect();
        let Some(here) = self.records.get(self.judged) else { return };
        let pairs = link::pairs(records.iter().copied(), here, detectors, hasher, &mut self.crowd);
        let anybody = self.anybody || !pairs.is_empty();
        self.anybody = anybody;
        let lines = self.small.then_some(&self.lines);
        let pay_list = self.pay_list.is_found();
        let scene = Scene {
            records: &records,
            here,
            pairs: &pairs,
            document,
            lines,
            mail: self.mail,
            anybody,
            pay_list,
            detectors,
        };
        let min_confidence = self.judge.options.min_confidence;
        let most = if self.fragments { FRAGMENT } else { 1.0 };
        let trace = &mut self.trace;
        let mut tell = |hit: &Hit, verdict: Option<&Verdict>, fate: Fate| {
            if let Some(trace) = trace {
                trace.judged(hit.at, &hit.found, verdict, fate);
            }
        };
        for hit in &here.hits {
            let verdict = match verdict(&scene, hit, detectors) {
                Ok(verdict) => Verdict { confidence: verdict.confidence.min(most), ..verdict },
                Err(fate) => {
                    tell(hit, None, fate);
                    continue;
                }
            };
            if hit.found.evidence.contains(&Evidence::KnownSample) {
                tell(hit, Some(&verdict), Fate::KnownSample);
                self.kept.push(&hit.found, hit.category, KNOWN_SAMPLE, None, Who::Nameless);
                continue;
            }
            if verdict.confidence < min_confidence {
                tell(hit, Some(&verdict), Fate::BelowMinimum(min_confidence));
                continue;
            }
            tell(hit, Some(&verdict), Fate::Counts);
            *self.categories.entry(hit.category).or_default() += 1;
            self.crowd.mark(verdict.who, bit(hit.category));
            if hit.category == Category::Credential && verdict.confidence >= LIVE {
                self.live_credentials += 1;
            }
            self.kept.push(&hit.found, hit.category, verdict.confidence, verdict.why, verdict.who);
        }
    }
}

/// What a match is worth, if it may be a finding.
pub(super) struct Verdict {
    pub(super) confidence: f32,
    /// How it is linked to a person.
    pub(super) why: Option<String>,
    pub(super) who: Who,
    /// What its own weight did to the confidence.
    pub(super) note: Option<&'static str>,
}

/// Whether a match may be a finding, and whose; what is against it when it may not.
fn verdict(scene: &Scene<'_>, hit: &Hit, detectors: &[Arc<DetectorSpec>]) -> Result<Verdict, Fate> {
    let nameless = Verdict { confidence: hit.found.confidence, why: None, who: Who::Nameless, note: None };
    if hit.found.evidence.contains(&Evidence::KnownSample) {
        return Ok(nameless);
    }
    if hit.category == Category::Classified && scene.levels_around(hit) >= 3 {
        return Err(Fate::ManyCategories);
    }
    if !hit.category.needs_subject() {
        return Ok(Verdict { who: owner(scene, hit, detectors), ..nameless });
    }
    if let Some(link) = scene.in_pay_list(hit) {
        return Ok(Verdict { confidence: link.confidence, why: Some(link.why), who: link.who, note: None });
    }
    if hit.empty {
        return Err(if hit.blank { Fate::BlankForm } else { Fate::Condition });
    }
    if hit.price {
        return Err(Fate::Price);
    }
    if let Some(fate) = scene.policy(hit) {
        return Err(fate);
    }
    let link = scene.link(hit).ok_or(Fate::NoPerson)?;
    let weight = link::weight(hit);
    let strong = weight >= link::STRONG_TERM;
    let whole_document = link.why == "subject:one-person document" || link.why.ends_with("few people");
    let (confidence, note) = if strong {
        ((link.confidence + 0.1 * (weight - link::STRONG_TERM)).min(0.99), None)
    } else if scene.has_company(hit, whole_document) {
        (link.confidence - 0.05, Some("a weak word, with another of its kind near it"))
    } else if weight < hit.found.confidence {
        (link.confidence.min(weight), Some("a word of pay without an amount near it"))
    } else {
        (link.confidence.min(weight), Some("a weak word, and no other of its kind near it"))
    };
    Ok(Verdict { confidence, why: Some(link.why), who: link.who, note })
}

/// The person of a record to whom an identifier or an address belongs.
fn owner(scene: &Scene<'_>, hit: &Hit, detectors: &[Arc<DetectorSpec>]) -> Who {
    let people = || scene.here.people.iter().flatten();
    let at = |person: &Seen| scene.here.hits.get(person.hit);
    if detectors.get(hit.found.detector).is_some_and(|spec| spec.subject == SubjectRole::Strong) {
        let same = |person: &&Seen| at(person).is_some_and(|sign| sign.found.value == hit.found.value);
        if let Some(person) = people().find(same) {
            return person.who;
        }
    }
    people()
        .filter_map(|person| Some((person, at(person)?.distance(hit))))
        .min_by_key(|(_, distance)| *distance)
        .map_or(Who::Nameless, |(person, _)| person.who)
}

fn bit(category: Category) -> u32 {
    let position = Category::ALL.iter().position(|c| *c == category).unwrap_or(31);
    1u32.checked_shl(u32::try_from(position).unwrap_or(31)).unwrap_or(0)
}

fn finding(judge: &Judge, best: &super::crowd::Best, candidate: Candidate) -> Option<Finding> {
    let Candidate { found, category, confidence, linkage, who, .. } = candidate;
    let spec = judge.detectors.get(found.detector)?;
    let mut why: Vec<String> =
        found.evidence.iter().map(|evidence| evidence.shown(category, judge.options.reveal)).collect();
    why.extend(linkage);
    Some(Finding {
        sample: Sample::of(category, spec.mask, found.raw.expose()),
        fingerprint: hex(judge.hasher.hash(&[&spec.id, found.value.expose()])),
        subject: best.hash(who).map(hex),
        born: spec.check.and_then(|check| born(check, found.value.expose())),
        value: judge.options.reveal.then(|| found.raw.expose().to_owned()),
        place: found.place,
        detector: spec.id.clone(),
        category,
        // Two decimals say all that is known.
        confidence: (confidence * 100.0).round() / 100.0,
        why,
    })
}
