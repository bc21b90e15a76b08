//! Finds every phrase, context word and veto word of the catalogue in one pass over the folded text.

use std::collections::HashMap;
use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::catalogue::Detector;
use super::fold::{Folded, fold};

/// What a word is to a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Phrase,
    Context,
    ContextAfter,
    Veto,
}

/// A word at a place.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    /// Bytes of the original text.
    pub(super) span: Range<usize>,
    pub(super) word: usize,
}

/// One way of writing something.
#[derive(Debug)]
pub(super) struct Word {
    /// Parts of the folded phrase; between two of them a word may go on.
    parts: Vec<String>,
    /// The last word is a stem.
    stem: bool,
    /// Letters and digits as they must be written.
    exact: Option<String>,
    pub(super) uses: Vec<(usize, Role)>,
}

impl Word {
    pub(super) fn role(&self, detector: usize, role: Role) -> bool {
        self.uses.contains(&(detector, role))
    }
}

#[derive(Debug)]
pub(super) struct Words {
    all: Vec<Word>,
    /// Words by the pattern of the automaton with which they begin.
    by_head: Vec<Vec<usize>>,
    automaton: Option<AhoCorasick>,
}

impl Words {
    pub(super) fn new(detectors: &[Detector]) -> Self {
        let mut words: Vec<Word> = Vec::new();
        let mut known: HashMap<(String, bool), usize> = HashMap::new();
        for (index, detector) in detectors.iter().enumerate() {
            let spec = &detector.spec;
            let lists = [
                (Role::Phrase, &spec.phrases),
                (Role::Context, &spec.context),
                (Role::ContextAfter, &spec.context_after),
                (Role::Veto, &spec.veto),
            ];
            for (role, list) in lists {
                let exact = spec.exact_case && role == Role::Phrase;
                for phrase in list {
                    let key = if exact { phrase.clone() } else { fold(phrase) };
                    let word = *known.entry((key, exact)).or_insert_with(|| {
                        words.push(Word::new(phrase, exact));
                        words.len() - 1
                    });
                    if let Some(word) = words.get_mut(word)
                        && !word.role(index, role)
                    {
                        word.uses.push((index, role));
                    }
                }
            }
        }
        let mut heads: Vec<&str> = Vec::new();
        let mut head_ids: HashMap<&str, usize> = HashMap::new();
        let mut by_head: Vec<Vec<usize>> = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let Some(head) = word.parts.first() else { continue };
            let id = *head_ids.entry(head).or_insert_with(|| {
                heads.push(head);
                by_head.push(Vec::new());
                heads.len() - 1
            });
            if let Some(list) = by_head.get_mut(id) {
                list.push(index);
            }
        }
        // Without an automaton nothing would ever be found: it fails only beyond billions of states.
        let automaton = AhoCorasick::new(&heads).ok();
        Self { all: words, by_head, automaton }
    }

    pub(super) fn get(&self, word: usize) -> Option<&Word> {
        self.all.get(word)
    }

    /// All hits, by start, then the longer first.
    pub(super) fn find(&self, original: &str) -> Vec<Hit> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let folded = Folded::new(original);
        let text = folded.as_str();
        let mut hits = Vec::new();
        for head in automaton.find_overlapping_iter(text) {
            if ends_in_word(text.get(..head.start()).unwrap_or_default()) {
                continue;
            }
            for &index in self.by_head.get(head.pattern().as_usize()).map_or(&[][..], Vec::as_slice) {
                let Some(word) = self.all.get(index) else { continue };
                let Some(end) = word.end(text, head.end()) else { continue };
                let span = folded.original(head.start())..folded.original(end);
                if word.is_as_written(original.get(span.clone()).unwrap_or_default()) {
                    hits.push(Hit { span, word: index });
                }
            }
        }
        hits.sort_by(|a, b| (a.span.start, b.span.end, a.word).cmp(&(b.span.start, a.span.end, b.word)));
        hits
    }
}

impl Word {
    fn new(phrase: &str, exact: bool) -> Self {
        // A star is no letter: folding keeps it.
        let folded = fold(phrase);
        let stem = folded.ends_with('*');
        let parts: Vec<String> = folded.split('*').map(str::to_owned).filter(|part| !part.is_empty()).collect();
        Self { parts, stem, exact: exact.then(|| letters(phrase)), uses: Vec::new() }
    }

    /// Where the word ends whose head ends at `head`, if all of it stands there.
    fn end(&self, text: &str, head: usize) -> Option<usize> {
        let mut end = head;
        for part in self.parts.get(1..).unwrap_or_default() {
            end += word_rest(text.get(end..)?);
            end += text.get(end..)?.starts_with(part.as_str()).then_some(part.len())?;
        }
        let rest = word_rest(text.get(end..)?);
        if self.stem { Some(end + rest) } else { (rest == 0).then_some(end) }
    }

    fn is_as_written(&self, original: &str) -> bool {
        match &self.exact {
            None => true,
            Some(exact) if self.stem => letters(original).starts_with(exact.as_str()),
            Some(exact) => letters(original) == *exact,
        }
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}

/// Length of the letters and digits at the start.
fn word_rest(text: &str) -> usize {
    text.char_indices().find(|(_, c)| !c.is_alphanumeric()).map_or(text.len(), |(at, _)| at)
}
