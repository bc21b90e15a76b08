//! Every word of the detectors, first name, and word with which a pattern begins, ready to be looked up.
//!
//! build.rs makes it of the detectors of patterns/ and writes it down (`detect::flat`): a scan begins sooner than if
//! each made it anew, which only those do that have detectors of their own.

use super::heads::{Grouped, Heads, Index};
use super::keys::{ByText, by_text, key_of};
use super::start_words::StartWord;
use super::word::{Role, Word};

/// A word as one detector has it.
pub(super) struct Written<'a> {
    pub(super) detector: usize,
    pub(super) role: Role,
    /// It must stand as it is written.
    pub(super) exact: bool,
    pub(super) phrase: &'a str,
}

#[derive(Debug, PartialEq)]
pub(super) struct Lexicon {
    pub(super) all: Vec<Word>,
    /// What each word is to which detectors.
    pub(super) uses: Grouped<(usize, Role)>,
    pub(super) index: Index,
}

impl Lexicon {
    /// Of the words of all detectors, first names, and words with which the pattern of a detector begins.
    pub(super) fn new<'a>(
        written: impl Iterator<Item = Written<'a>>,
        first_names: impl Iterator<Item = &'static str>,
        starts: &[(usize, StartWord)],
    ) -> Self {
        let mut all: Vec<Word> = Vec::new();
        let mut known: ByText<u64> = by_text(0);
        let mut uses: Vec<(usize, (usize, Role))> = Vec::new();
        for Written { detector, role, exact, phrase } in written {
            let word = Word::new(phrase, exact);
            let place = *known.entry(key_of(word.text.as_bytes())).or_insert(all.len());
            match all.get(place) {
                Some(known) if *known == word => uses.push((place, (detector, role))),
                _ => {
                    uses.push((all.len(), (detector, role)));
                    all.push(word);
                }
            }
        }
        let mut heads = Heads::new(all.len());
        for (index, word) in all.iter().enumerate() {
            let (text, stem) = word.head();
            let single = word.lead == 0 && word.exact.is_none() && text.len() == word.text.len();
            let head = heads.of(text, stem);
            if single {
                heads.alone.push((head, index));
            } else {
                heads.longer.push((head, (word.next_two(), index)));
            }
        }
        for name in first_names {
            heads.add_first_name(name);
        }
        for (detector, start) in starts {
            let head = heads.of(&start.text, start.stem);
            heads.starts.push((head, (*detector, start.lead)));
        }
        let index = heads.build();
        let uses = Grouped::new(&uses, all.len());
        Self { all, uses, index }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Catalogue;
    use crate::detect::candidates::start_words;
    use crate::detect::check::person::known_first_names;
    use crate::detect::words::written;

    #[test]
    fn what_the_program_brings_with_it_is_what_it_would_make() {
        let catalogue = Catalogue::built_in().unwrap();
        let detectors = catalogue.detectors();
        let made = Lexicon::new(written(detectors), known_first_names(), &start_words(detectors));
        assert!(catalogue.lexicon().unwrap() == made);
        assert!(made.all.len() > 20_000 && Catalogue::built_in_to_run().unwrap().lexicon() == catalogue.lexicon());
    }

    #[test]
    fn a_changed_catalogue_has_all_words_again() {
        let whole = Catalogue::built_in().unwrap();
        let mut changed = Catalogue::built_in_to_run().unwrap();
        changed.retain(|_| true).unwrap();
        assert!(changed.lexicon().is_none());
        for (one, other) in whole.detectors().iter().zip(changed.detectors()) {
            assert_eq!(one.spec.phrases, other.spec.phrases);
            assert_eq!((&one.spec.context, &one.spec.veto), (&other.spec.context, &other.spec.veto));
        }
    }
}
