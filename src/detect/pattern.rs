//! A detector's regular expression, tried at one place of a text.

use std::ops::Range;
use std::sync::{Mutex, OnceLock};

use regex_automata::hybrid::dfa::{self, Cache, DFA};
use regex_automata::meta::{self, Regex};
use regex_automata::nfa::thompson::backtrack::{self, BoundedBacktracker};
use regex_automata::nfa::thompson::pikevm::{self, PikeVM};
use regex_automata::nfa::thompson::{self, NFA, WhichCaptures};
use regex_automata::{Anchored, Input, MatchError, PatternID};
use regex_syntax::hir::Hir;

use super::automaton::{Automaton, Prepared};
use super::expression::{expression, parse};

/// A regular expression. Its states are loaded, or it is compiled, when it is first tried: most texts need few.
#[derive(Debug)]
pub(super) struct Pattern {
    source: String,
    /// Whether only a part of a match is the value.
    has_value: bool,
    prepared: Option<Prepared>,
    automaton: OnceLock<Option<Automaton<'static>>>,
    lazy: OnceLock<Option<Lazy>>,
    groups: OnceLock<Option<Groups>>,
    compiled: OnceLock<Option<Regex>>,
}

/// Tells the group named `value` within a match whose ends are known: of so few bytes slow machines are fast enough,
/// and they need only half of what a whole expression is compiled to.
#[derive(Debug)]
struct Groups {
    /// For what it has room for; the other takes any length.
    quick: BoundedBacktracker,
    any: PikeVM,
    value: usize,
    /// What no thread uses at the moment.
    caches: Mutex<Vec<(backtrack::Cache, pikevm::Cache)>>,
}

impl Groups {
    fn new(source: &str) -> Option<Self> {
        let limit = thompson::Config::new().nfa_size_limit(Some(LARGEST));
        let states: NFA = thompson::Compiler::new().configure(limit).build(&expression(source)).ok()?;
        let value = states.group_info().to_index(PatternID::ZERO, "value")?;
        let quick = BoundedBacktracker::new_from_nfa(states.clone()).ok()?;
        let any = PikeVM::new_from_nfa(states).ok()?;
        Some(Self { quick, any, value, caches: Mutex::default() })
    }

    fn value(&self, input: &Input<'_>) -> Option<Range<usize>> {
        let cached = self.caches.lock().ok().and_then(|mut caches| caches.pop());
        let (mut quick, mut any) = cached.unwrap_or_else(|| (self.quick.create_cache(), self.any.create_cache()));
        let mut groups = self.any.create_captures();
        if self.quick.try_captures(&mut quick, input.clone(), &mut groups).is_err() {
            self.any.captures(&mut any, input.clone(), &mut groups);
        }
        if let Ok(mut caches) = self.caches.lock() {
            caches.push((quick, any));
        }
        groups.get_group(self.value).map(|span| span.range())
    }
}

/// The states of a pattern, made as they are met. It tells where a match ends and nothing else: the whole expression
/// takes many times as long to compile.
#[derive(Debug)]
struct Lazy {
    states: DFA,
    /// What no thread uses at the moment.
    caches: Mutex<Vec<Cache>>,
}

impl Lazy {
    fn new(source: &str) -> Option<Self> {
        let limits = thompson::Config::new().which_captures(WhichCaptures::None).nfa_size_limit(Some(LARGEST));
        let config = dfa::Config::new().cache_capacity(STATES);
        let states = dfa::Builder::new().thompson(limits).configure(config).build(&expression(source)).ok()?;
        Some(Self { states, caches: Mutex::default() })
    }

    /// Where the match ends that begins where `input` does, if there is one; fails if it cannot tell.
    fn end_at(&self, input: &Input<'_>) -> Result<Option<usize>, MatchError> {
        let mut cache =
            self.caches.lock().ok().and_then(|mut caches| caches.pop()).unwrap_or_else(|| self.states.create_cache());
        let found = self.states.try_search_fwd(&mut cache, input);
        if let Ok(mut caches) = self.caches.lock() {
            caches.push(cache);
        }
        Ok(found?.map(|end| end.offset()))
    }
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
/// Bytes of states that are kept of one that is made as it is met.
const STATES: usize = 1 << 20;

impl Pattern {
    /// An expression that [`Pattern::parsed`] has taken.
    pub(super) fn known(source: &str, prepared: Option<Prepared>) -> Self {
        Self {
            source: source.to_owned(),
            has_value: source.contains(VALUE),
            prepared,
            automaton: OnceLock::new(),
            lazy: OnceLock::new(),
            groups: OnceLock::new(),
            compiled: OnceLock::new(),
        }
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
            None => match self.lazy().map(|lazy| lazy.end_at(&input())) {
                Some(Ok(end)) => end?,
                _ => self.compiled()?.search_half(&input())?.offset(),
            },
        };
        let whole = start..end;
        if !self.has_value {
            return Some(Candidate { value: whole.clone(), whole });
        }
        let value = self.groups().and_then(|groups| groups.value(&input().range(whole.clone())));
        Some(Candidate { value: value.unwrap_or_else(|| whole.clone()), whole })
    }

    fn automaton(&self) -> Option<&Automaton<'static>> {
        self.automaton.get_or_init(|| self.prepared.and_then(Automaton::load)).as_ref()
    }

    fn lazy(&self) -> Option<&Lazy> {
        self.lazy.get_or_init(|| Lazy::new(&self.source)).as_ref()
    }

    fn groups(&self) -> Option<&Groups> {
        self.groups.get_or_init(|| Groups::new(&self.source)).as_ref()
    }

    fn compiled(&self) -> Option<&Regex> {
        self.compiled.get_or_init(|| build(&self.source).ok()).as_ref()
    }
}

/// How the group begins that is the value.
const VALUE: &str = "(?P<value>";

fn build(source: &str) -> Result<Regex, Box<meta::BuildError>> {
    // A large table of states for a pattern pays only where it runs over whole texts.
    let config = Regex::config().nfa_size_limit(Some(LARGEST)).hybrid_cache_capacity(STATES).dfa(false);
    Regex::builder().configure(config).build(&expression(source)).map_err(Box::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Catalogue;

    /// The engine and its slow twin both ask [`Pattern::at`]: here tables and states are held against the expressions.
    #[test]
    fn the_states_made_when_built_or_met_match_what_the_expression_matches() {
        let catalogue = Catalogue::built_in().unwrap();
        let (mut loaded, mut matched, mut valued) = (0, 0, 0);
        for detector in catalogue.detectors() {
            let Some(pattern) = &detector.pattern else { continue };
            let automaton = pattern.automaton();
            loaded += usize::from(automaton.is_some());
            let regex = pattern.compiled().unwrap();
            let spec = &detector.spec;
            for written in spec.examples.iter().chain(&spec.counterexamples) {
                // Ends of texts, other words, and a neighbour that touches.
                for text in [written.clone(), format!("é {written}, {written}"), format!("a{written}7\n{written}é")] {
                    for start in (0..=text.len()).filter(|start| text.is_char_boundary(*start)) {
                        let input = Input::new(&text).range(start..).anchored(Anchored::Yes);
                        let expected = regex.search_half(&input).map(|end| end.offset());
                        let end = match automaton {
                            Some(automaton) => automaton.end_at(text.as_bytes(), start),
                            None => pattern.lazy().unwrap().end_at(&input).unwrap(),
                        };
                        assert_eq!(end, expected, "{} at {start} of {text:?}", spec.id);
                        let group = regex.group_info().to_index(PatternID::ZERO, "value");
                        if let (Some(end), Some(group)) = (end, group) {
                            let mut groups = regex.create_captures();
                            regex.search_captures(&input.clone().range(start..end), &mut groups);
                            let value = groups.get_group(group).map(|span| span.range());
                            let found = pattern.at(&text, start).unwrap();
                            assert_eq!(found.value, value.unwrap_or(start..end), "{} at {start} of {text:?}", spec.id);
                            valued += 1;
                        }
                        matched += usize::from(expected.is_some());
                    }
                }
            }
        }
        assert!(loaded > 300 && matched > 2000 && valued > 300, "{loaded} tables, {matched} matches, {valued} values");
    }
}
