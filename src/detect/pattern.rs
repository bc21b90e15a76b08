//! A detector's regular expression, tried at one place of a text.

use std::ops::Range;
use std::sync::OnceLock;

use regex_automata::meta::{self, Regex};
use regex_automata::{Anchored, Input, PatternID};
use regex_syntax::hir::Hir;

use super::automaton::{Automaton, Prepared};
use super::expression::{expression, parse};

/// A regular expression. Its states are loaded, or it is compiled, when it is first tried: most texts need few.
#[derive(Debug)]
pub(super) struct Pattern {
    source: String,
    prepared: Option<Prepared>,
    automaton: OnceLock<Option<Automaton<'static>>>,
    compiled: OnceLock<Option<Compiled>>,
}

#[derive(Debug)]
struct Compiled {
    regex: Regex,
    /// The group named `value`.
    value: Option<usize>,
}

/// A place where the shape of a detector stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) whole: Range<usize>,
    /// The group `value`, or all of it.
    pub(super) value: Range<usize>,
}

/// Bytes that a compiled pattern may take.
const LARGEST: usize = 4 << 20;

impl Pattern {
    /// An expression that [`Pattern::parsed`] has taken.
    pub(super) fn known(source: &str, prepared: Option<Prepared>) -> Self {
        Self { source: source.to_owned(), prepared, automaton: OnceLock::new(), compiled: OnceLock::new() }
    }

    /// The expression read, if it can be a detector's; otherwise why it cannot.
    pub(super) fn parsed(source: &str) -> Result<Hir, String> {
        let hir = parse(source)?;
        if hir.properties().minimum_len() == Some(0) {
            return Err("the pattern matches the empty text".into());
        }
        Ok(hir)
    }

    /// Compiles now, and says why it cannot be.
    pub(super) fn compile(&self) -> Result<(), String> {
        let compiled = build(&self.source).map_err(|error| error.to_string())?;
        self.compiled.get_or_init(|| Some(compiled));
        Ok(())
    }

    pub(super) fn hir(&self) -> Option<Hir> {
        parse(&self.source).ok()
    }

    /// The match that begins at `start`; it ends where `content` ends, or before.
    pub(super) fn at(&self, content: &str, start: usize) -> Option<Candidate> {
        if start > content.len() {
            return None;
        }
        let input = || Input::new(content).range(start..).anchored(Anchored::Yes);
        let end = match self.automaton() {
            Some(automaton) => automaton.end_at(content.as_bytes(), start)?,
            None => self.compiled()?.regex.search_half(&input())?.offset(),
        };
        let whole = start..end;
        if !self.source.contains(VALUE) {
            return Some(Candidate { value: whole.clone(), whole });
        }
        let Compiled { regex, value } = self.compiled()?;
        let value = value.and_then(|group| {
            let mut groups = regex.create_captures();
            regex.search_captures(&input(), &mut groups);
            groups.get_group(group).map(|span| span.range())
        });
        Some(Candidate { value: value.unwrap_or_else(|| whole.clone()), whole })
    }

    fn automaton(&self) -> Option<&Automaton<'static>> {
        self.automaton.get_or_init(|| self.prepared.and_then(Automaton::load)).as_ref()
    }

    fn compiled(&self) -> Option<&Compiled> {
        self.compiled.get_or_init(|| build(&self.source).ok()).as_ref()
    }
}

/// How the group begins that is the value.
const VALUE: &str = "(?P<value>";

fn build(source: &str) -> Result<Compiled, Box<meta::BuildError>> {
    // A large table of states for a pattern pays only where it runs over whole texts.
    let config = Regex::config().nfa_size_limit(Some(LARGEST)).hybrid_cache_capacity(1 << 20).dfa(false);
    let regex = Regex::builder().configure(config).build(&expression(source)).map_err(Box::new)?;
    Ok(Compiled { value: regex.group_info().to_index(PatternID::ZERO, "value"), regex })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Catalogue;

    /// The engine and its slow twin both ask [`Pattern::at`]: here the tables are held against the expressions.
    #[test]
    fn the_states_made_when_built_match_what_the_expression_matches() {
        let catalogue = Catalogue::built_in().unwrap();
        let (mut loaded, mut matched) = (0, 0);
        for detector in catalogue.detectors() {
            let Some(pattern) = &detector.pattern else { continue };
            let Some(automaton) = pattern.automaton() else { continue };
            loaded += 1;
            let regex = &pattern.compiled().unwrap().regex;
            let spec = &detector.spec;
            for written in spec.examples.iter().chain(&spec.counterexamples) {
                // Ends of texts, other words, and a neighbour that touches.
                for text in [written.clone(), format!("é {written}, {written}"), format!("a{written}7\n{written}é")] {
                    for start in (0..=text.len()).filter(|start| text.is_char_boundary(*start)) {
                        let input = Input::new(&text).range(start..).anchored(Anchored::Yes);
                        let expected = regex.search_half(&input).map(|end| end.offset());
                        assert_eq!(
                            automaton.end_at(text.as_bytes(), start),
                            expected,
                            "{} at {start} of {text:?}",
                            spec.id
                        );
                        matched += usize::from(expected.is_some());
                    }
                }
            }
        }
        assert!(loaded > 300 && matched > 2000, "{loaded} tables, {matched} matches");
    }
}
