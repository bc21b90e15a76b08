//! How the places of each detector are found.

use super::bits::MOST;
use super::start::Start;
use super::start_words::StartWord;

/// More bytes before the first digit than this, and the detector is not looked for by its numbers.
pub(super) const FARTHEST_LEAD: usize = 64;

/// How the places of a detector are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It is no pattern.
    Phrases,
    /// By the run that holds its first digit; the place of its bit.
    Number(usize),
    /// By the words with which it begins.
    Word,
    /// By what it must hold.
    Holds(String),
    /// Around first names, and by context and labels.
    Name,
    /// By context and labels only.
    Context,
    /// At every word.
    Everywhere,
}

/// What of a detector tells its way.
pub(super) struct Sought<'a> {
    /// None of phrases.
    pub(super) start: Option<&'a Start>,
    pub(super) holds: Option<&'a str>,
    pub(super) beside_name: bool,
    pub(super) fires_without_context: bool,
}

/// The way of each, in order.
pub(super) fn ways<'a>(all: impl Iterator<Item = Sought<'a>>) -> Vec<Way> {
    let mut bits = 0;
    let way = |sought| {
        let way = way(sought, bits);
        bits += usize::from(matches!(way, Way::Number(_)));
        way
    };
    all.map(way).collect()
}

fn way(sought: Sought<'_>, bits: usize) -> Way {
    let Some(start) = sought.start else { return Way::Phrases };
    if let Some(part) = sought.holds {
        return Way::Holds(part.into());
    }
    if start.number.as_ref().is_some_and(|number| number.lead <= FARTHEST_LEAD) && bits < MOST {
        return Way::Number(bits);
    }
    if sought.beside_name {
        return Way::Name;
    }
    if start.words.is_some() {
        return Way::Word;
    }
    if sought.fires_without_context { Way::Everywhere } else { Way::Context }
}

/// The words with which patterns begin that are found by them, each with its detector.
pub(super) fn start_words<'a>(
    ways: &[Way],
    starts: impl Iterator<Item = Option<&'a Start>>,
) -> Vec<(usize, StartWord)> {
    let words = |(detector, (way, start)): (usize, (&Way, Option<&Start>))| {
        let words = start.filter(|_| *way == Way::Word).and_then(|start| start.words.clone());
        words.into_iter().flatten().map(move |word| (detector, word))
    };
    ways.iter().zip(starts).enumerate().flat_map(words).collect()
}
