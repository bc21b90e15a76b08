//! A detector's regular expression, tried at one place of a text.

use std::ops::Range;
use std::sync::OnceLock;

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::meta::{self, Regex};
use regex_automata::nfa::thompson;
use regex_automata::{Anchored, Input, MatchKind, PatternID, PatternSet};
use regex_syntax::hir::Hir;

/// A regular expression that is compiled when it is first tried: most texts need few of them.
#[derive(Debug)]
pub(super) struct Pattern {
    source: String,
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
    pub(super) fn known(source: &str) -> Self {
        Self { source: source.to_owned(), compiled: OnceLock::new() }
    }

    /// The expression read, if it can be a detector's; otherwise why it cannot.
    pub(super) fn parsed(source: &str) -> Result<Hir, String> {
        let hir = regex_syntax::parse(source).map_err(|error| error.to_string())?;
        if hir.properties().minimum_len() == Some(0) {
            return Err("the pattern matches the empty text".into());
        }
        Ok(hir)
    }

    /// Compiles now, and says why it cannot be.
    pub(super) fn compile(&self) -> Result<(), String> {
        let regex = build(&self.source).map_err(|error| error.to_string())?;
        let value = value_group(&regex);
        self.compiled.get_or_init(|| Some(Compiled { regex, value }));
        Ok(())
    }

    pub(super) fn hir(&self) -> Option<Hir> {
        regex_syntax::parse(&self.source).ok()
    }

    /// The match that begins at `start`; it ends where `content` ends, or before.
    pub(super) fn at(&self, content: &str, start: usize) -> Option<Candidate> {
        let compiled = self
            .compiled
            .get_or_init(|| build(&self.source).ok().map(|regex| Compiled { value: value_group(&regex), regex }));
        let Compiled { regex, value } = compiled.as_ref()?;
        if start > content.len() {
            return None;
        }
        let input = Input::new(content).range(start..).anchored(Anchored::Yes);
        let end = regex.search_half(&input)?.offset();
        let whole = start..end;
        let value = value.and_then(|group| {
            let mut groups = regex.create_captures();
            regex.search_captures(&input, &mut groups);
            groups.get_group(group).map(|span| span.range())
        });
        Some(Candidate { value: value.unwrap_or_else(|| whole.clone()), whole })
    }
}

fn build(source: &str) -> Result<Regex, Box<meta::BuildError>> {
    // A large table of states for a pattern pays only where it runs over whole texts.
    let config = Regex::config().nfa_size_limit(Some(LARGEST)).hybrid_cache_capacity(1 << 20).dfa(false);
    Regex::builder().configure(config).build(source).map_err(Box::new)
}

fn value_group(regex: &Regex) -> Option<usize> {
    regex.group_info().to_index(PatternID::ZERO, "value")
}

/// Many patterns as one automaton: which of them match at a place, at the cost of one.
#[derive(Debug)]
pub(super) struct Union {
    /// The detector of each pattern.
    detectors: Vec<usize>,
    sources: Vec<String>,
    automaton: OnceLock<Option<DFA>>,
}

/// What a thread needs to run a [`Union`].
#[derive(Debug, Default)]
pub(super) struct UnionState {
    cache: Option<(Cache, PatternSet)>,
}

impl Union {
    pub(super) fn new(patterns: impl Iterator<Item = (usize, String)>) -> Self {
        let (detectors, sources) = patterns.unzip();
        Self { detectors, sources, automaton: OnceLock::new() }
    }

    /// Calls `each` with every detector whose pattern matches at `start`.
    pub(super) fn at(&self, state: &mut UnionState, content: &str, start: usize, mut each: impl FnMut(usize)) {
        let automaton = self.automaton.get_or_init(|| {
            let config =
                DFA::config().match_kind(MatchKind::All).cache_capacity(24 << 20).skip_cache_capacity_check(true);
            let nfa = thompson::Config::new().nfa_size_limit(Some(64 << 20));
            DFA::builder().configure(config).thompson(nfa).build_many(&self.sources).ok()
        });
        let searched = automaton.as_ref().and_then(|automaton| {
            let (cache, set) =
                state.cache.get_or_insert_with(|| (automaton.create_cache(), PatternSet::new(automaton.pattern_len())));
            set.clear();
            let input = Input::new(content).range(start..).anchored(Anchored::Yes);
            automaton.try_which_overlapping_matches(cache, &input, set).ok()?;
            Some(&*set)
        });
        match searched {
            Some(set) => {
                for detector in set.iter().filter_map(|pattern| self.detectors.get(pattern.as_usize())) {
                    each(*detector);
                }
            }
            // Without an automaton each pattern says for itself.
            None => self.detectors.iter().copied().for_each(each),
        }
    }
}
