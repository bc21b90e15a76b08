//! The words with which the matches of a pattern begin, where they are a short list.

use std::collections::BTreeSet;

use regex_syntax::hir::{Hir, HirKind};
use serde::{Deserialize, Serialize};

use super::fold::fold;
use super::start::for_each_range;

/// No stem is shorter.
pub(super) const SHORTEST_STEM: usize = 3;
/// More often than this nothing is repeated at the start of a short list of words.
const MOST_TIMES: u32 = 8;
/// More words than this at the start of a pattern are no short list.
const MOST_WORDS: usize = 300;

/// A word with which a match begins, folded.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct StartWord {
    /// Bytes of the match before it: punctuation.
    pub(super) lead: usize,
    pub(super) text: String,
    /// The word may go on.
    pub(super) stem: bool,
}

/// The words with which a match can begin, while they are read.
#[derive(Clone, Default)]
struct Reading {
    /// Still in the first word, or before it.
    open: BTreeSet<(usize, String)>,
    done: BTreeSet<StartWord>,
}

pub(super) fn start_words(hir: &Hir) -> Option<Vec<StartWord>> {
    let mut first = Reading::default();
    first.open.insert((0, String::new()));
    let read = read_words(&first, hir)?;
    // What is still open is the whole match: the word ends with it.
    let open = read.open.into_iter().map(|(lead, text)| StartWord { lead, text, stem: false });
    let words: Vec<StartWord> = read.done.into_iter().chain(open).collect();
    words.iter().all(|word| word.text.len() >= if word.stem { SHORTEST_STEM } else { 1 }).then_some(words)
}

/// Reads on; none if the words are too many, or too short to tell anything.
fn read_words(reading: &Reading, hir: &Hir) -> Option<Reading> {
    if reading.open.is_empty() {
        return Some(reading.clone());
    }
    let reading = match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => reading.clone(),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            let mut reading = reading.clone();
            for c in text.chars() {
                reading = read_char(&reading, &[c]);
            }
            reading
        }
        HirKind::Class(class) => {
            let mut chars = Vec::new();
            let mut many = false;
            for_each_range(class, |from, to| {
                if to - from > 8 || chars.len() > 12 {
                    many = true;
                } else {
                    chars.extend((from..=to).filter_map(char::from_u32));
                }
            });
            if many { cut_off(reading)? } else { read_char(reading, &chars) }
        }
        HirKind::Repetition(repetition) => {
            if repetition.min > MOST_TIMES {
                cut_off(reading)?
            } else {
                let mut last = reading.clone();
                for _ in 0..repetition.min {
                    last = read_words(&last, &repetition.sub)?;
                }
                let mut all = last.clone();
                let mut more = repetition.max.map_or(u32::MAX, |max| max - repetition.min);
                let mut times = 0;
                while more > 0 && !last.open.is_empty() {
                    if times == MOST_TIMES {
                        // Those that go on and on are stems; the others end somewhere before.
                        all.done.extend(cut_off(&last)?.done);
                        break;
                    }
                    last = read_words(&last, &repetition.sub)?;
                    all.open.extend(last.open.iter().cloned());
                    all.done.extend(last.done.iter().cloned());
                    more -= 1;
                    times += 1;
                }
                all
            }
        }
        HirKind::Capture(capture) => read_words(reading, &capture.sub)?,
        HirKind::Concat(parts) => {
            let mut reading = reading.clone();
            for part in parts {
                reading = read_words(&reading, part)?;
            }
            reading
        }
        HirKind::Alternation(parts) => {
            let mut all = Reading { open: BTreeSet::new(), done: reading.done.clone() };
            for part in parts {
                let read = read_words(reading, part)?;
                all.open.extend(read.open);
                all.done.extend(read.done);
            }
            all
        }
    };
    (reading.open.len() + reading.done.len() <= MOST_WORDS).then_some(reading)
}

/// What comes next is not known: the words so far are stems.
fn cut_off(reading: &Reading) -> Option<Reading> {
    let mut done = reading.done.clone();
    for (lead, text) in &reading.open {
        if text.is_empty() {
            return None;
        }
        done.insert(StartWord { lead: *lead, text: text.clone(), stem: true });
    }
    Some(Reading { open: BTreeSet::new(), done })
}

fn read_char(reading: &Reading, chars: &[char]) -> Reading {
    let mut next = Reading { open: BTreeSet::new(), done: reading.done.clone() };
    for (lead, text) in &reading.open {
        for c in chars {
            if c.is_alphanumeric() {
                next.open.insert((*lead, format!("{text}{}", fold(&c.to_string()))));
            } else if text.is_empty() {
                next.open.insert((lead + c.len_utf8(), String::new()));
            } else {
                next.done.insert(StartWord { lead: *lead, text: text.clone(), stem: false });
            }
        }
    }
    next
}
