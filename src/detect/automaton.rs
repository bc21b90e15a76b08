//! A pattern as a table of states that was made when the program was built: it costs nothing to start with.

use regex_automata::dfa::{Automaton as _, dense, sparse};
use regex_automata::{Anchored, Input};
use serde::Deserialize;

/// The tables of all patterns, each at a multiple of eight bytes.
struct Tables<B: ?Sized> {
    _align: [u64; 0],
    bytes: B,
}

static TABLES: &Tables<[u8]> = &Tables { _align: [], bytes: *include_bytes!(concat!(env!("OUT_DIR"), "/automata")) };

/// Where the table of a pattern stands among [`TABLES`].
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Prepared {
    from: usize,
    length: usize,
    /// Larger tables are packed: smaller, and a little slower.
    packed: bool,
}

/// The states of one pattern.
#[derive(Debug)]
pub(super) enum Automaton {
    Dense(dense::DFA<&'static [u32]>),
    Sparse(sparse::DFA<&'static [u8]>),
}

impl Automaton {
    pub(super) fn load(prepared: Prepared) -> Option<Self> {
        let bytes = TABLES.bytes.get(prepared.from..prepared.from + prepared.length)?;
        if prepared.packed {
            Some(Self::Sparse(sparse::DFA::from_bytes(bytes).ok()?.0))
        } else {
            Some(Self::Dense(dense::DFA::from_bytes(bytes).ok()?.0))
        }
    }

    /// Where the match that begins at `start` ends.
    #[inline]
    pub(super) fn end_at(&self, content: &str, start: usize) -> Option<usize> {
        let input = Input::new(content).range(start..).anchored(Anchored::Yes);
        // It fails only on bytes that a table is told to give up at, and none is.
        let found = match self {
            Self::Dense(dfa) => dfa.try_search_fwd(&input),
            Self::Sparse(dfa) => dfa.try_search_fwd(&input),
        };
        Some(found.ok()??.offset())
    }
}
