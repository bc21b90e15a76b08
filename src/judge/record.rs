//! Records on their way to judgement: the matches of a row, an object or a paragraph, and what stands around them.

use std::ops::Range;
use std::sync::Arc;

use crate::detect::check::Verdict;
use crate::detect::{DetectorSpec, Evidence, Match};
use crate::model::{Category, Shape, Text};

use super::link::STRONG_TERM;
use super::person::{Sign, is_in_charge, is_mail_header};
use super::register::{Register, Registers};
use super::statement::{self, Statement};
use super::{called, passage, roll, sale};

/// A match with what its surroundings say.
pub(super) struct Hit {
    pub(super) found: Match,
    pub(super) category: Category,
    /// Byte offset within the item.
    pub(super) at: u64,
    /// Number of its cell or field within the item.
    pub(super) piece: u64,
    /// The label of an empty form, or what may happen: said of nobody.
    pub(super) empty: bool,
    /// Of these, the label of an empty form.
    pub(super) blank: bool,
    /// In a passage about data protection.
    pub(super) policy: bool,
    /// An amount of money stands near.
    pub(super) amount: bool,
    /// Under a head of gross or net in a table of sales.
    pub(super) price: bool,
    /// In the head of a mail.
    pub(super) correspondent: bool,
    /// How the text around a sensitive word speaks.
    pub(super) statement: Statement,
    /// All that its cell holds, under a heading that puts nobody in charge.
    pub(super) alone: bool,
    /// A name of whom one asks, hears or reads: `Referent: ...`.
    pub(super) in_charge: bool,
    /// A name that opens its line, before a colon, a dash, a bracket or a comma.
    pub(super) leads: bool,
    /// A name with which its line begins, whatever follows, or that its row is about.
    pub(super) opens: bool,
    /// A word in the heading of a list of those who belong.
    pub(super) heads: bool,
    /// How the passage around a word is written.
    pub(super) register: Register,
}

impl Hit {
    pub(super) fn new(
        mut found: Match,
        spec: &DetectorSpec,
        text: &Text,
        base: u64,
        registers: &mut Registers,
    ) -> Self {
        weigh_doubt(&mut found, spec);
        weigh_label(&mut found, spec, text);
        let content = text.content();
        let at = base + found.span.start as u64;
        let number = text.pieces_until(found.span.start);
        let piece = number.checked_sub(1).and_then(|i| text.pieces().get(i)).map_or(base, |p| base + p.start as u64);
        let category = spec.category;
        let needs_subject = category.needs_subject();
        let labelled = text.label(found.span.start);
        let correspondent = matches!(category, Category::Email | Category::Name)
            && (labelled.is_some_and(is_mail_header)
                || labelled.is_none() && follows_mail_header(content, found.span.start));
        let register = if needs_subject && text.shape() == Shape::Prose {
            registers.of(content, &found.span)
        } else {
            Register::Plain
        };
        let blank = needs_subject && passage::is_blank(content, &found.span, text.shape() == Shape::Rows);
        let alone = category == Category::Name && is_alone(text, &found.span);
        Self {
            blank,
            empty: blank || needs_subject && passage::is_conditional(content, &found.span),
            policy: category.is_special() && passage::speaks_of_data_protection(content, &found.span),
            price: category == Category::Payroll && labelled.is_some() && sale::is_price(text, &found.span),
            amount: category == Category::Payroll && passage::has_amount(content, &found.span),
            statement: if (category.is_special() || category == Category::Criminal) && found.confidence >= STRONG_TERM {
                statement_of(text, &found.span, labelled.is_some() || found.place.cell.is_some())
            } else {
                Statement::default()
            },
            alone,
            opens: category == Category::Name && roll::opens(text, &found.span, alone),
            heads: roll::is_heading(text, &found, category),
            in_charge: category == Category::Name && called::is_in_charge(content, found.span.start),
            leads: category == Category::Name && text.shape() == Shape::Prose && leads_line(content, &found.span),
            register,
            category,
            at,
            piece,
            correspondent,
            found,
        }
    }

    pub(super) fn sign<'h>(&'h self, detectors: &'h [Arc<DetectorSpec>]) -> Option<Sign<'h>> {
        let spec = detectors.get(self.found.detector)?;
        Sign::new(&self.found, spec, self.piece, self.correspondent, self.alone)
    }

    /// How far two hits stand apart; nothing on one line.
    pub(super) fn distance(&self, other: &Self) -> u64 {
        let (one, two) = (&self.found.place, &other.found.place);
        if one.line.is_some() && one == two { 0 } else { self.at.abs_diff(other.at) }
    }
}

/// A match that the further check of its detector refutes weighs what it would without a check.
fn weigh_doubt(found: &mut Match, spec: &DetectorSpec) {
    let Some(doubt) = spec.doubt.filter(|doubt| doubt.run(found.value.expose()) == Verdict::Refuted) else { return };
    let supported =
        found.evidence.iter().any(|e| matches!(e, Evidence::Context(_) | Evidence::Label(_) | Evidence::Share { .. }));
    let unchecked = if supported { spec.confidence.in_context } else { spec.confidence.bare };
    found.confidence = found.confidence.min(unchecked);
    found.evidence.push(Evidence::Doubt(doubt.name()));
}

/// A label supports the value of a field, not every word of a long text in it: the `operazione` in the reason of a
/// payment is none of a surgeon.
fn weigh_label(found: &mut Match, spec: &DetectorSpec, text: &Text) {
    const LONG_VALUE: usize = 80;
    let labelled = found.evidence.iter().any(|evidence| matches!(evidence, Evidence::Label(_)));
    if !labelled || !spec.category.needs_subject() || spec.pattern.is_some() || text.shape() != Shape::Rows {
        return;
    }
    let (_, cell) = cell(text, &found.span);
    if cell.len() > LONG_VALUE && found.span.len() * 4 < cell.len() {
        found.confidence = found.confidence.min(spec.confidence.bare);
    }
}

/// The cell or field around a match, and where it starts.
fn cell<'t>(text: &'t Text, span: &Range<usize>) -> (usize, &'t str) {
    let next = text.pieces_until(span.start);
    let start = next.checked_sub(1).and_then(|at| text.pieces().get(at)).map_or(0, |piece| piece.start);
    let end = text.pieces().get(next).map_or(text.len(), |piece| piece.start);
    (start, text.content().get(start..end).unwrap_or_default())
}

/// Whether a name is all that its cell or field holds.
fn is_alone(text: &Text, span: &Range<usize>) -> bool {
    text.shape() == Shape::Rows
        && text.label(span.start).is_some_and(|label| !is_in_charge(label))
        && cell(text, span).1.trim().len() <= span.len() + 1
}

/// How the paragraph or the long field around a match speaks.
fn statement_of(text: &Text, span: &Range<usize>, in_cell: bool) -> Statement {
    const LONG_FIELD: usize = 40;
    // The lines of a chat are records of their own; the cells of a table say little of each other.
    if text.shape() == Shape::Prose || !in_cell {
        return statement::read(text.content(), span);
    }
    let (start, cell) = cell(text, span);
    if cell.len() < LONG_FIELD || span.end > start + cell.len() {
        return Statement::default();
    }
    statement::read(cell, &(span.start - start..span.end - start))
}

/// Whether a name opens its line and what is said of somebody follows: `- Anna Bruni: ...`.
fn leads_line(content: &str, span: &Range<usize>) -> bool {
    const BULLET: usize = 12;
    let before = passage::window(content, span.start.saturating_sub(2 * BULLET), span.start);
    let bullet = before.rsplit('\n').next().unwrap_or_default();
    let opens = bullet.len() <= BULLET && !bullet.chars().any(char::is_alphabetic);
    let after = passage::window(content, span.end, span.end.saturating_add(8));
    let after = after.trim_start_matches(['*', '_', ' ']);
    opens && after.starts_with([':', '(', '-', '–', '—', ','])
}

/// Whether the line starts as the head of a mail does: `Da:`, `From:`, `An:`.
fn follows_mail_header(content: &str, start: usize) -> bool {
    let before = passage::window(content, start.saturating_sub(300), start);
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.split_once(':')
        .is_some_and(|(label, _)| label.len() <= 12 && is_mail_header(label.trim_matches(['*', ' ', '>'])))
}

/// The matches of one record.
pub(super) struct Record {
    pub(super) id: u64,
    pub(super) shape: Shape,
    pub(super) hits: Vec<Hit>,
    /// The people in it, once they are looked for.
    pub(super) people: Option<Vec<super::link::Seen>>,
}

impl Record {
    pub(super) fn end(&self) -> u64 {
        self.hits.last().map_or(0, |hit| hit.at)
    }

    /// Whether the other record stands near enough to say whom this one is about.
    pub(super) fn is_near(&self, other: &Self) -> bool {
        self.id == other.id
            || self.shape == Shape::Prose && other.shape == Shape::Prose && self.id.abs_diff(other.id) <= NEIGHBOURS
    }
}

/// Paragraphs before and after that belong to the passage.
pub(super) const NEIGHBOURS: u64 = 2;
