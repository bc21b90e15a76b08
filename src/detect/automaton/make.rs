//! Makes the table of states of a pattern, as small as can be; build.rs calls it.

use std::collections::HashMap;
use std::error::Error;

use regex_automata::Anchored;
use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;

/// Bytes that the states of a pattern may take while they are made.
const LARGEST_MADE: usize = 16 << 20;
/// Bytes of a table: a larger one would wait for memory.
const LARGEST: usize = 1500 << 10;
/// The ways to begin, by a byte that stands before: see `Before`.
const BEFORE: [Option<u8>; 5] = [None, Some(b'\n'), Some(b'\r'), Some(b'a'), Some(b' ')];

/// States by number: what follows each at each class, and whether a match has ended in it.
struct States {
    classes: usize,
    next: Vec<usize>,
    is_match: Vec<bool>,
    starts: Vec<usize>,
}

/// The table of a pattern; none if it has too many states.
pub(crate) fn table(pattern: &str) -> Result<Option<Vec<u8>>, Box<dyn Error>> {
    let config = dense::Config::new()
        .start_kind(StartKind::Anchored)
        .accelerate(false)
        .dfa_size_limit(Some(LARGEST_MADE))
        .determinize_size_limit(Some(LARGEST_MADE));
    // The expression itself was read before: what fails here are the limits.
    let Ok(dfa) = dense::Builder::new().configure(config).build(pattern) else { return Ok(None) };
    let (class, states) = read(&dfa)?;
    let states = states.smallest();
    let size = 256 + 2 * (2 + BEFORE.len() + states.next.len());
    if size > LARGEST || states.is_match.len() > usize::from(u16::MAX) {
        return Ok(None);
    }
    let mut bytes = class;
    let first_match = states.is_match.iter().position(|is_match| *is_match).unwrap_or(states.is_match.len());
    for number in [states.classes, first_match].iter().chain(&states.starts).chain(&states.next) {
        bytes.extend(u16::try_from(*number)?.to_le_bytes());
    }
    Ok(Some(bytes))
}

/// The class of each byte, and all states that can be reached. State 0 leads nowhere.
fn read(dfa: &dense::DFA<Vec<u32>>) -> Result<(Vec<u8>, States), Box<dyn Error>> {
    let by_class = dfa.byte_classes();
    let class: Vec<u8> = (0..=u8::MAX).map(|byte| by_class.get(byte)).collect();
    let count = class.iter().copied().max().map_or(0, usize::from) + 1;
    // A byte of each class.
    let mut bytes = vec![0; count];
    for (class, byte) in class.iter().zip(0..=u8::MAX) {
        if let Some(of) = bytes.get_mut(usize::from(*class)) {
            *of = byte;
        }
    }
    let mut numbers: HashMap<StateID, usize> = HashMap::new();
    let mut known: Vec<StateID> = Vec::new();
    let mut number = |id: StateID, known: &mut Vec<StateID>| {
        if dfa.is_dead_state(id) || dfa.is_quit_state(id) {
            return 0;
        }
        *numbers.entry(id).or_insert_with(|| {
            known.push(id);
            known.len()
        })
    };
    let mut starts = Vec::new();
    for before in BEFORE {
        let config = start::Config::new().anchored(Anchored::Yes).look_behind(before);
        starts.push(number(dfa.start_state(&config)?, &mut known));
    }
    let mut states = States { classes: count + 1, next: vec![0; count + 1], is_match: vec![false], starts };
    let mut done = 0;
    while let Some(&id) = known.get(done) {
        done += 1;
        for byte in &bytes {
            states.next.push(number(dfa.next_state(id, *byte), &mut known));
        }
        states.next.push(number(dfa.next_eoi_state(id), &mut known));
        states.is_match.push(dfa.is_match_state(id));
    }
    Ok((class, states))
}

impl States {
    /// One state for all from which the same follows, those in which a match has ended last.
    ///
    /// By Moore's partition: groups are split until all states of a group go on to the same groups.
    fn smallest(&self) -> Self {
        let rows = || self.next.chunks_exact(self.classes);
        let mut group: Vec<usize> = self.is_match.iter().map(|is_match| usize::from(*is_match)).collect();
        let mut groups = 0;
        loop {
            let mut known: HashMap<Vec<usize>, usize> = HashMap::new();
            let mut split = Vec::with_capacity(group.len());
            for (row, own) in rows().zip(&group) {
                let mut key: Vec<usize> = row.iter().filter_map(|to| group.get(*to).copied()).collect();
                key.push(*own);
                let next = known.len();
                split.push(*known.entry(key).or_insert(next));
            }
            group = split;
            if known.len() == groups {
                break;
            }
            groups = known.len();
        }
        // A state of each group, and the groups in the order of the table: 0, then those without a match.
        let mut of_group = vec![None; groups];
        for (state, group) in group.iter().enumerate() {
            if let Some(slot @ None) = of_group.get_mut(*group) {
                *slot = Some(state);
            }
        }
        let mut order: Vec<(bool, usize, usize)> = of_group
            .iter()
            .enumerate()
            .filter_map(|(group, state)| {
                let state = (*state)?;
                Some((self.is_match.get(state).copied()?, state, group))
            })
            .collect();
        order.sort_unstable();
        let mut place = vec![0; groups];
        for (i, (_, _, group)) in order.iter().enumerate() {
            if let Some(place) = place.get_mut(*group) {
                *place = i;
            }
        }
        let placed = |state: usize| group.get(state).and_then(|group| place.get(*group)).copied().unwrap_or(0);
        let mut next = Vec::with_capacity(groups * self.classes);
        for (_, state, _) in &order {
            let row = self.next.get(state * self.classes..(state + 1) * self.classes).unwrap_or_default();
            next.extend(row.iter().map(|to| placed(*to)));
        }
        Self {
            classes: self.classes,
            next,
            is_match: order.iter().map(|(is_match, ..)| *is_match).collect(),
            starts: self.starts.iter().map(|start| placed(*start)).collect(),
        }
    }
}
