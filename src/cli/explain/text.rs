//! What `explain` says, for people: a paragraph for every match, then what follows for the item.

use std::io::{self, Write};

use crate::judge::{Explained, Explanation, Refused};
use crate::model::{ItemRecord, Name, Outcome, Protection, Severity, State};
use crate::report::layout::{list, people, wrap};

use super::counting;
use super::leak::lines;

/// Where the reasons below a match begin.
const INDENT: usize = 6;

/// Writes the item in lines of at most `width` characters.
pub(super) fn write(
    out: &mut impl Write,
    record: &ItemRecord,
    explanation: &Explanation,
    width: usize,
) -> io::Result<()> {
    writeln!(out, "== {}", record.item)?;
    let state = record.outcome().key().replace('_', " ");
    let reasons: Vec<&str> = record.reasons.iter().map(|reason| reason.title()).collect();
    if record.outcome() != Outcome::Read || !reasons.is_empty() {
        writeln!(out, "{}", wrap(&format!("{state}: {}", reasons.join("; ")), width, 0))?;
    }
    let Protection { state, scheme, evidence, .. } = &record.protection;
    if *state != State::Plain {
        let scheme = scheme.as_ref().map(|scheme| format!(" ({scheme})")).unwrap_or_default();
        let says = format!("protection: {}{scheme}: {evidence}", state.key().replace('_', " "));
        writeln!(out, "{}", wrap(&says, width, 0))?;
    }
    for problem in &record.problems {
        writeln!(out, "{}", wrap(&format!("{}: {}", problem.code.key(), problem.message), width, 0))?;
    }
    let mut known: Vec<&str> = Vec::new();
    for explained in &explanation.matches {
        let person = explained.subject.as_deref().map(|subject| {
            let at = known.iter().position(|other| *other == subject);
            at.unwrap_or_else(|| {
                known.push(subject);
                known.len() - 1
            }) + 1
        });
        describe(out, explained, person, width)?;
    }
    if explanation.beyond > 0 {
        writeln!(out, "\nand {} more", explanation.beyond)?;
    }
    if !explanation.refused.is_empty() {
        writeln!(out, "\n{}", wrap("These values look like identifiers and are no match:", width, 0))?;
        for Refused { place, detector, title, sample, value, refusal } in &explanation.refused {
            let value = printable(value.as_deref().unwrap_or(sample.as_str()));
            let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
            let says = format!("{place}{value}, {title} ({detector}): {refusal}");
            writeln!(out, "  - {}", wrap(&says, width, 4))?;
        }
    }
    writeln!(out, "\n{}", wrap(&conclusion(record, explanation), width, 0))?;
    for (at, line) in lines(record).iter().enumerate() {
        let indent = if at == 0 { 0 } else { 4 };
        writeln!(out, "{}{}", if at == 0 { "\n" } else { "" }, wrap(line, width, indent))?;
    }
    writeln!(out)
}

fn describe(out: &mut impl Write, explained: &Explained, person: Option<usize>, width: usize) -> io::Result<()> {
    let Explained { place, detector, title, category: _, sample, value, confidence, why, note, fate, subject: _ } =
        explained;
    let mark = if fate.counts() { '+' } else { '-' };
    let value = printable(value.as_deref().unwrap_or(sample.as_str()));
    let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
    let found = format!("{place}{value}, {title} ({detector}, {confidence:.2})");
    writeln!(out, "\n  {mark} {}", wrap(&found, width, 4))?;
    let verdict = if fate.counts() { "counts".to_owned() } else { format!("does not count: {fate}") };
    let reasons = why.iter().map(|reason| printable(reason));
    let person = person.map(|number| format!("person {number} of this item"));
    let all: Vec<String> =
        std::iter::once(verdict).chain(note.map(str::to_owned)).chain(reasons).chain(person).collect();
    writeln!(out, "{:INDENT$}{}", "", wrap(&all.join("; "), width, INDENT))
}

/// On one line, and without signs that would drive the terminal.
fn printable(text: &str) -> String {
    Name::from(text.split_whitespace().collect::<Vec<_>>().join(" ")).to_string()
}

fn conclusion(record: &ItemRecord, explanation: &Explanation) -> String {
    let all = explanation.matches.len();
    if all == 0 {
        return "No detector finds anything.".to_owned();
    }
    let mut says = vec![format!("{} of {all} matches count.", counting(explanation))];
    let categories: Vec<String> =
        record.categories.iter().map(|(category, n)| format!("{} ({n})", category.title())).collect();
    if !categories.is_empty() {
        says.push(format!("Found: {}.", list(&categories)));
    }
    if record.subject_count() > 0 {
        says.push(format!("About {}.", people(record.subject_count())));
    }
    says.push(match explanation.severity[..] {
        _ if record.severity == Severity::None => "Severity: none.".to_owned(),
        [] => format!("Severity: {}.", record.severity.key()),
        ref reasons => format!("Severity: {}, for {}.", record.severity.key(), reasons.join("; ")),
    });
    says.join(" ")
}
