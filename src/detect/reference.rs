//! The obvious way to find what the engine finds: every word by a search, every detector at every place.

use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::Match;
use super::candidates::Candidate;
use super::check::person::known_first_names;
use super::engine::Engine;
use super::fold::{Folded, fold};
use super::words::{Found, Hit};
use crate::model::Text;

/// All matches of the engine's catalogue, slowly.
pub(super) struct Reference<'a> {
    engine: &'a Engine,
    words: Vec<Slow>,
    automaton: AhoCorasick,
    first_names: std::collections::HashSet<&'static str>,
}

struct Slow {
    /// Parts of the folded phrase; between two of them a word may go on.
    parts: Vec<String>,
    stem: bool,
    exact: Option<String>,
}

impl<'a> Reference<'a> {
    pub(super) fn new(engine: &'a Engine) -> Self {
        let words: Vec<Slow> = engine
            .written()
            .iter()
            .map(|(phrase, exact)| {
                let folded = fold(phrase);
                let parts = folded.split('*').map(str::to_owned).filter(|part| !part.is_empty()).collect();
                Slow { parts, stem: folded.ends_with('*'), exact: exact.then(|| letters(phrase)) }
            })
            .collect();
        let automaton = AhoCorasick::new(words.iter().map(|word| word.parts.first().unwrap())).unwrap();
        Self { engine, words, automaton, first_names: known_first_names().collect() }
    }

    pub(super) fn find(&self, text: &Text) -> Vec<Match> {
        let content = text.content();
        let mut found = Found::default();
        found.hits = self.hits(content);
        found.first_names = self.first_names(content);
        let mut candidates = Vec::new();
        for start in (0..content.len()).filter(|at| content.is_char_boundary(*at)) {
            for (index, detector) in self.engine.detectors.iter().enumerate() {
                if detector.pattern.is_some() {
                    candidates.push(Candidate::new(start, index));
                }
            }
        }
        self.engine.matches(text, &found, &self.engine.read_labels(text), &candidates)
    }

    pub(super) fn hits(&self, content: &str) -> Vec<Hit> {
        let folded = Folded::new(content);
        let text = folded.as_str();
        let mut hits = Vec::new();
        for head in self.automaton.find_overlapping_iter(text) {
            if text[..head.start()].ends_with(char::is_alphanumeric) {
                continue;
            }
            let index = head.pattern().as_usize();
            let word = &self.words[index];
            let Some(end) = word.end(text, head.end()) else { continue };
            let span = folded.original(head.start())..folded.original(end);
            if word.is_as_written(&content[span.clone()]) {
                hits.push(Hit { span, word: index });
            }
        }
        hits.sort_by(|a, b| (a.span.start, b.span.end, a.word).cmp(&(b.span.start, a.span.end, b.word)));
        hits
    }

    fn first_names(&self, content: &str) -> Vec<Range<usize>> {
        let folded = Folded::new(content);
        let text = folded.as_str();
        let mut names = Vec::new();
        let mut start = 0;
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            let end = start + word.len();
            let span = folded.original(start)..folded.original(end);
            if self.first_names.contains(word) && content[span.clone()].starts_with(char::is_uppercase) {
                names.push(span);
            }
            start = end + text[end..].chars().next().map_or(0, char::len_utf8);
        }
        names
    }
}

impl Slow {
    fn end(&self, text: &str, head: usize) -> Option<usize> {
        let mut end = head;
        for part in &self.parts[1..] {
            end += word_rest(&text[end..]);
            end += text[end..].starts_with(part.as_str()).then_some(part.len())?;
        }
        let rest = word_rest(&text[end..]);
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

fn word_rest(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len())
}

mod tests {
    use super::*;
    use crate::detect::Catalogue;
    use crate::detect::example::example_text;
    use crate::model::{Place, Shape};

    /// A small generator of numbers: the same ones in every run.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap() % sides
        }

        fn pick<'t>(&mut self, list: &[&'t str]) -> &'t str {
            list[self.roll(list.len())]
        }
    }

    fn shown(engine: &Engine, found: &[Match]) -> Vec<String> {
        let line = |m: &Match| {
            let id = &engine.detectors[m.detector].spec.id;
            let why: Vec<String> = m.evidence.iter().map(ToString::to_string).collect();
            format!("{id} {:?} {:?} {} {}", m.span, m.raw.expose(), m.confidence, why.join(" "))
        };
        found.iter().map(line).collect()
    }

    fn compare(engine: &Engine, reference: &Reference<'_>, text: &Text) {
        let content = text.content();
        assert_eq!(engine.hits(content), reference.hits(content), "words of {content:?}");
        assert_eq!(shown(engine, &engine.find(text)), shown(engine, &reference.find(text)), "{content:?}");
    }

    fn written() -> (Catalogue, Vec<String>) {
        let catalogue = Catalogue::built_in().unwrap();
        let mut texts: Vec<String> = Vec::new();
        for detector in catalogue.detectors() {
            texts.extend(detector.spec.examples.iter().chain(&detector.spec.counterexamples).cloned());
        }
        (catalogue, texts)
    }

    #[test]
    fn the_engine_finds_what_the_obvious_way_finds_in_the_examples() {
        let (catalogue, texts) = written();
        let engine = Engine::new(&catalogue);
        let reference = Reference::new(&engine);
        for text in &texts {
            compare(&engine, &reference, &example_text(text));
        }
    }

    /// Examples cut to pieces and joined by every kind of sign: words that touch, break, and end where texts end.
    #[test]
    fn the_engine_finds_what_the_obvious_way_finds_in_scrambled_text() {
        const JOINTS: &[&str] = &[
            " ", " ", " ", "\n", "\n\n", "\t", ", ", ".", "-", "_", "/", "(", ") ", ": ", "\"", "“", "’", "'",
            "\u{a0}", "\u{ad}", "–", "°", "é", "ß", "+", "@", "<", "<<", "=", "#", "", "", "7", "00", "a", "X",
            "C.F. ", "S.p.A. ", "Mario ", "ROSSI ", "n. ", "\u{feff}", "\u{301}", "字", "Ž", "😀", "\0",
        ];
        let (catalogue, texts) = written();
        let engine = Engine::new(&catalogue);
        let reference = Reference::new(&engine);
        let mut dice = Dice(20_261_122);
        for _ in 0..400 {
            let mut content = String::new();
            for _ in 0..=dice.roll(6) {
                let text = &texts[dice.roll(texts.len())];
                let cut = |at: usize| (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap();
                let (one, other) = (cut(dice.roll(text.len() + 1)), cut(dice.roll(text.len() + 1)));
                let part = if dice.roll(3) == 0 { &text[one.min(other)..one.max(other)] } else { text };
                content.push_str(part);
                content.push_str(dice.pick(JOINTS));
            }
            let mut text = Text::new(if dice.roll(2) == 0 { Shape::Prose } else { Shape::Rows });
            if dice.roll(2) == 0 {
                text.push(&content, Place::line(1), 0, None);
            } else {
                let labels = ["codice fiscale", "nome", "IBAN_DIP", "tel", "note", "rows[3].geburtsdatum", "password"];
                for (record, part) in content.split_inclusive([' ', '\n']).enumerate() {
                    let label = (dice.roll(2) == 0).then(|| dice.pick(&labels).into());
                    text.push(part, Place::line(1), (record / 3) as u64, label);
                }
            }
            compare(&engine, &reference, &text);
        }
    }

    #[test]
    fn the_engine_finds_what_the_obvious_way_finds_in_documents() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/labelled");
        let (catalogue, _) = written();
        let engine = Engine::new(&catalogue);
        let reference = Reference::new(&engine);
        let mut files: Vec<_> = ignore::Walk::new(folder)
            .flatten()
            .map(ignore::DirEntry::into_path)
            .filter(|path| path.is_file())
            .collect();
        files.sort();
        let mut seen = 0;
        // Trying everything everywhere is slow: one document in six, and of each the beginning.
        for file in files.iter().step_by(6) {
            let Ok(content) = std::fs::read_to_string(file) else { continue };
            let content: String = content.chars().take(1500).collect();
            compare(&engine, &reference, &example_text(&content));
            seen += 1;
        }
        assert!(seen > 60, "{seen} documents");
    }
}
