//! Documents that lie in several places: files with the same bytes, told by the keyed hash of their content.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use super::group::People;
use super::layout::{self, shorten};
use super::style::{FIGURE, Style};
use crate::model::{ItemPath, Name, Severity};

/// Contents that are told apart, about 200 bytes each. Of a content that is met later, copies are not seen.
const CONTENTS: usize = 200_000;
/// Places that are named of one document; all are counted.
const PLACES: usize = 100;
/// Documents that the terminal shows, and places of each.
const SHOWN: (usize, usize) = (3, 3);

/// Finds the copies among the exposed files of a scan, in bounded memory.
#[derive(Debug, Default)]
pub struct Copies {
    documents: HashMap<u128, Document>,
    /// There were more contents than can be told apart.
    pub at_least: bool,
}

/// One content and where it lies.
#[derive(Clone, Debug)]
pub struct Document {
    pub files: u64,
    /// Bytes of one of them.
    pub size: u64,
    pub worst: Severity,
    pub people: u64,
    pub at_least: bool,
    /// The first of the places in their order: root and path.
    pub places: BTreeSet<(usize, Name)>,
}

/// What of a file concerns its copies.
pub struct Copy<'a> {
    pub content: Option<&'a str>,
    pub root: usize,
    pub path: &'a Name,
    pub size: u64,
    pub severity: Severity,
    pub people: &'a People,
}

/// The number that the hash of a content stands for.
pub fn number(content: &str) -> Option<u128> {
    u128::from_str_radix(content, 16).ok()
}

impl Copies {
    /// Takes in an exposed file; whether the same content was met before.
    pub fn add(&mut self, file: &Copy<'_>) -> bool {
        let Some(content) = file.content.and_then(number) else { return false };
        let place = (file.root, file.path.clone());
        if let Some(document) = self.documents.get_mut(&content) {
            document.files += 1;
            document.worst = document.worst.max(file.severity);
            document.people = document.people.max(file.people.count());
            document.at_least |= file.people.at_least;
            document.places.insert(place);
            if document.places.len() > PLACES {
                document.places.pop_last();
            }
            return true;
        }
        if self.documents.len() >= CONTENTS {
            self.at_least = true;
            return false;
        }
        let document = Document {
            files: 1,
            size: file.size,
            worst: file.severity,
            people: file.people.count(),
            at_least: file.people.at_least,
            places: BTreeSet::from([place]),
        };
        self.documents.insert(content, document);
        false
    }

    /// Documents with more than one place: the worst first, then those in most places.
    pub fn ranked(&self) -> Vec<(u128, &Document)> {
        let several = self.documents.iter().filter(|(_, document)| document.files > 1);
        let mut ranked: Vec<_> = several.map(|(content, document)| (*content, document)).collect();
        let rank = |document: &Document| (document.worst, document.files, document.people);
        ranked.sort_by(|(_, a), (_, b)| rank(b).cmp(&rank(a)).then_with(|| a.places.cmp(&b.places)));
        ranked
    }

    /// For the terminal; nothing where there are none.
    pub(super) fn shown(&self, style: Style, path: &dyn Fn(&ItemPath) -> String) -> String {
        let (documents, files) = self.count();
        if documents == 0 {
            return String::new();
        }
        let mut text = style.heading("The same document in several places");
        let which = if documents == 1 { "document lies" } else { "documents lie" };
        let at_least = if self.at_least { ", at least" } else { "" };
        let files = layout::number(files);
        let documents = layout::number(documents);
        let _ = writeln!(text, "{documents:>FIGURE$}  {which} in several places: {files} files in all{at_least}");
        for (_, document) in self.ranked().into_iter().take(SHOWN.0) {
            let mut places = document.places.iter().map(|(root, of)| path(&ItemPath::new(*root, of.clone())));
            let room = style.width.saturating_sub(FIGURE + 16);
            let first = shorten(&places.next().unwrap_or_default(), room);
            let severity = style.severity(document.worst, 8);
            let _ = writeln!(text, "  {severity}  {first}  ({} places)", layout::number(document.files));
            for place in places.take(SHOWN.1 - 1) {
                let _ = writeln!(text, "{:1$}{2}", "", 12, shorten(&place, room));
            }
        }
        text
    }

    /// Documents in more than one place, and the files that they are.
    pub fn count(&self) -> (u64, u64) {
        let several = self.documents.values().filter(|document| document.files > 1);
        several.fold((0, 0), |(documents, files), document| (documents + 1, files + document.files))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(copies: &mut Copies, content: &str, path: &str, severity: Severity) -> bool {
        let (path, people) = (Name::from(path), People::default());
        copies.add(&Copy { content: Some(content), root: 0, path: &path, size: 9, severity, people: &people })
    }

    #[test]
    fn copies_are_one_document_with_its_places_in_any_order() {
        let mut copies = Copies::default();
        assert!(!add(&mut copies, "0a", "b/pay.pdf", Severity::Low));
        assert!(!add(&mut copies, "0b", "alone.pdf", Severity::Critical));
        assert!(add(&mut copies, "0a", "a/pay.pdf", Severity::High));
        assert!(!add(&mut copies, "0c", "x", Severity::Low) && add(&mut copies, "0c", "y", Severity::Low));
        assert!(!add(&mut copies, "no hash", "n", Severity::Low) && !add(&mut copies, "no hash", "m", Severity::Low));
        assert_eq!(copies.count(), (2, 4));
        let ranked = copies.ranked();
        let shown: Vec<String> = ranked[0].1.places.iter().map(|(_, path)| path.to_string()).collect();
        let text = copies.shown(Style { colour: false, width: 80 }, &|item| item.to_string());
        assert!(text.contains("2  documents lie in several places: 4 files in all"), "{text}");
        assert!(text.contains("  high      a/pay.pdf  (2 places)\n            b/pay.pdf\n"), "{text}");
        assert_eq!(
            (ranked[0].0, shown, ranked[0].1.worst),
            (10, vec!["a/pay.pdf".into(), "b/pay.pdf".into()], Severity::High)
        );
    }

    #[test]
    fn the_first_places_are_named_and_all_are_counted() {
        let mut copies = Copies::default();
        for n in (0..500).rev() {
            add(&mut copies, "0a", &format!("{n:03}"), Severity::Low);
        }
        let ranked = copies.ranked();
        assert_eq!((ranked[0].1.files, ranked[0].1.places.len()), (500, PLACES));
        assert_eq!(ranked[0].1.places.last().unwrap().1.to_string(), "099");
    }
}
