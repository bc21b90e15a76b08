//! Values that look like identifiers and are no match, with the reason: for whoever asks why nothing was found.

use std::fmt;
use std::ops::Range;

use crate::model::{Category, Text};

use super::catalogue::Detector;
use super::check::Verdict;
use super::edges::{ends_inside_word, is_fragment, may_begin_at};
use super::engine::Engine;
use super::normal::normalise;
use super::{Clear, Match};

/// Bytes of a text in which such values are looked for.
const LOOK: usize = 256 * 1024;

/// Digits of a value at least: shorter numbers are years, prices and counts.
const DIGITS: usize = 7;

/// Why a value is no match. Displays as a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It has the shape that needs no word beside it; the check of this name fails.
    Check(&'static str),
    /// The check holds, as it does for many numbers; so many more detectors would take it.
    NoWord { others: usize },
}

impl Refusal {
    /// The name in JSON.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Check(_) => "check_fails",
            Self::NoWord { .. } => "no_word",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Check(check) => write!(f, "the check {check} fails"),
            Self::NoWord { others } => {
                f.write_str("no word or heading near it says that it is one")?;
                match others {
                    0 => Ok(()),
                    1 => f.write_str("; one more kind of number looks like it"),
                    others => write!(f, "; {others} more kinds of numbers look like it"),
                }
            }
        }
    }
}

impl Engine {
    /// At most `most` values of a text with what refuses them, by place. `matches` are those that [`Engine::find`]
    /// gives for it. The confidence of a refused match is 0. Slow: every detector of identifiers is tried everywhere.
    pub fn refused(&self, text: &Text, matches: &[Match], most: usize) -> Vec<(Match, Refusal)> {
        let content = text.content();
        let mut refused: Vec<(Match, Refusal)> = Vec::new();
        let is_known = |span: &Range<usize>| matches.iter().any(|m| m.span.start < span.end && span.start < m.span.end);
        for start in 0..content.len().min(LOOK) {
            let byte = content.as_bytes().get(start).copied().unwrap_or_default();
            let after_last = refused.last().is_none_or(|(last, _)| last.span.end <= start);
            if refused.len() >= most && after_last {
                break;
            }
            if !after_last || !byte.is_ascii_alphanumeric() || !may_begin_at(content, start) {
                continue;
            }
            let mut here: Option<(Match, Refusal)> = None;
            for (index, detector) in self.detectors.iter().enumerate().filter(|(_, d)| is_identifier(d)) {
                let begins = detector.start.as_ref().is_some_and(|start| start.first.contains(byte));
                let Some((span, refusal)) = begins.then(|| refusal(detector, content, start)).flatten() else {
                    continue;
                };
                if is_known(&span) {
                    continue;
                }
                here = match here.take() {
                    // The check of a shape that is rare says more than any number of others.
                    Some((found, Refusal::NoWord { others })) if matches!(refusal, Refusal::NoWord { .. }) => {
                        Some((found, Refusal::NoWord { others: others + 1 }))
                    }
                    Some(known @ (_, Refusal::Check(_))) => Some(known),
                    _ => as_match(text, detector, index, span).map(|found| (found, refusal)),
                };
            }
            refused.extend(here);
        }
        refused
    }
}

fn is_identifier(detector: &Detector) -> bool {
    let category = matches!(
        detector.spec.category,
        Category::NationalId
            | Category::IdentityDocument
            | Category::BankAccount
            | Category::PaymentCard
            | Category::Vat
    );
    category && detector.spec.check.is_some() && detector.pattern.is_some()
}

/// What refuses the value that the detector's pattern sees at `start`.
fn refusal(detector: &Detector, content: &str, start: usize) -> Option<(Range<usize>, Refusal)> {
    let candidate = detector.pattern.as_ref()?.at(content, start)?;
    let span = candidate.value;
    if ends_inside_word(content, candidate.whole.end) || is_fragment(content, &span) {
        return None;
    }
    let raw = content.get(span.clone())?;
    if raw.bytes().filter(u8::is_ascii_digit).count() < DIGITS {
        return None;
    }
    let spec = &detector.spec;
    let check = spec.check?;
    let normal = normalise(detector.normal, raw);
    let holds = check.run(if check.reads_written() { raw } else { &normal }) == Verdict::Certain
        && spec.plausible.is_none_or(|check| check.run(&normal) != Verdict::Refuted);
    match (holds, detector.fires_without_context()) {
        (false, true) if spec.confidence.checked >= 0.5 => Some((span, Refusal::Check(check.name()))),
        (true, false) => Some((span, Refusal::NoWord { others: 0 })),
        _ => None,
    }
}

fn as_match(text: &Text, detector: &Detector, index: usize, span: Range<usize>) -> Option<Match> {
    let raw = text.content().get(span.clone())?;
    Some(Match {
        detector: index,
        raw: Clear::new(raw),
        value: Clear::new(normalise(detector.normal, raw)),
        confidence: 0.0,
        evidence: Vec::new(),
        place: text.place(span.start),
        record: text.record(span.start),
        span,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Catalogue;
    use crate::detect::example::example_text;

    #[test]
    fn what_is_refused_is_told_with_the_reason() {
        let catalogue = Catalogue::built_in().unwrap();
        let engine = Engine::new(&catalogue);
        let refused = |text: &str| {
            let text = example_text(text);
            let matches = engine.find(&text);
            let told = |(found, refusal): (Match, Refusal)| format!("{} {}", found.raw.expose(), refusal.code());
            engine.refused(&text, &matches, 3).into_iter().map(told).collect::<Vec<_>>()
        };
        // One digit of each is wrong.
        assert_eq!(
            refused("dati BNCLRA85C52L219A e IT61X0542811101000000123456"),
            ["BNCLRA85C52L219A check_fails", "IT61X0542811101000000123456 check_fails"]
        );
        assert_eq!(refused("see 61041203735 there"), ["61041203735 no_word"]);
        assert!(refused("PESEL 61041203735, tel. 12 and 2024").is_empty());
        assert_eq!(refused(&"61041203735 x ".repeat(9)).len(), 3, "bounded");
    }
}
