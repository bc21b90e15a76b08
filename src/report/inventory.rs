//! What the reports for people are made from: the figures of all files, and the list of those that matter.

use super::coverage::Coverage;
use super::crowd::Crowd;
use super::enisa::Score;
use super::fate::Fate;
use super::files::{FileFacts, Files, year};
use super::layout::bytes;
use super::retention::{Kind, Terms};
use super::totals::Totals;
use super::tree::Tree;
use super::words::Language;
use crate::model::{Category, ItemRecord, Name, ScanRecord, Summary};

/// Files that are listed: the worst. All are counted.
const ROWS: usize = 100_000;
/// Findings that are listed, of all files together.
const SPOTS: usize = 200_000;

/// Collects a scan in bounded memory: sums over every file, and the files that hold something,
/// are sealed, were not read, or were left out, worst first.
pub struct Inventory {
    files: Files,
    pub scan: Option<ScanRecord>,
    pub totals: Totals,
    pub tree: Tree,
    pub coverage: Coverage,
    rows: Vec<Row>,
    limit: usize,
    /// Findings of the rows.
    spots: usize,
    /// Files that the list had no room for.
    pub left_out: u64,
}

/// A file of the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Without its people: they are counted below.
    pub file: FileFacts,
    pub people: u64,
    pub people_low: u64,
    pub at_least: bool,
    /// Two where it names a minor, one where it may.
    pub minors: u8,
    /// In months, and none where it is not known.
    pub age: Option<u32>,
    /// Of an exposed file.
    pub kind: Option<Kind>,
    pub past: bool,
}

impl Default for Inventory {
    fn default() -> Self {
        Self {
            files: Files::default(),
            scan: None,
            totals: Totals::new(""),
            tree: Tree::default(),
            coverage: Coverage::default(),
            rows: Vec::new(),
            limit: ROWS,
            spots: 0,
            left_out: 0,
        }
    }
}

impl Inventory {
    /// Counts, and lists no files.
    pub fn of_figures(terms: Terms) -> Self {
        Self { limit: 0, ..Self::new(terms) }
    }

    /// With these periods for which documents are kept.
    pub fn new(terms: Terms) -> Self {
        let mut inventory = Self::default();
        inventory.totals.terms = terms;
        inventory
    }

    pub fn scan(&mut self, scan: &ScanRecord) {
        self.files = Files::of_year(year(&scan.started));
        let terms = std::mem::take(&mut self.totals.terms);
        self.totals = Totals::new(&scan.started);
        self.totals.terms = terms;
        self.scan = Some(scan.clone());
    }

    /// `unchanged` says that the file was not read again.
    pub fn record(&mut self, record: &ItemRecord, unchanged: bool) {
        if let Some(file) = self.files.add(record) {
            self.coverage.add(&file, unchanged);
            self.add(file);
        }
    }

    /// Counts what an interruption left open, and puts the list in order.
    pub fn finish(&mut self) {
        for file in self.files.rest() {
            self.coverage.add(&file, false);
            self.add(file);
        }
        self.keep_worst();
    }

    /// Worst first; in order after [`Self::finish`].
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub fn roots(&self) -> &[Name] {
        self.scan.as_ref().map_or(&[], |scan| &scan.roots)
    }

    fn add(&mut self, mut file: FileFacts) {
        self.totals.add(&file);
        self.tree.add(&file);
        if file.fate == Fate::Read && !file.is_exposed() && file.states.is_empty() && file.gaps.is_empty() {
            return;
        }
        if self.limit == 0 {
            self.left_out += 1;
            return;
        }
        let (age, kind, past) = self.totals.age(&file);
        self.spots += file.spots.len();
        let is_exposed = file.is_exposed();
        let crowd = std::mem::replace(&mut file.crowd, Crowd::new(0, 4));
        self.rows.push(Row {
            people: crowd.high(),
            people_low: crowd.low(),
            at_least: crowd.all.at_least,
            minors: if crowd.minors.count() > 0 { 2 } else { u8::from(crowd.perhaps_minors.count() > 0) },
            age,
            kind: is_exposed.then_some(kind),
            past: is_exposed && past,
            file,
        });
        if self.rows.len() >= self.limit.saturating_mul(2) || self.spots >= SPOTS * 2 {
            self.keep_worst();
        }
    }

    fn keep_worst(&mut self) {
        self.rows.sort_unstable_by(|a, b| {
            let rank = |row: &Row| {
                let Row { file, people, .. } = row;
                (file.severity, file.score.map_or(0, Score::product), *people, file.fate != Fate::LeftOut)
            };
            let path = |row: &Row| (row.file.root, row.file.path.clone());
            rank(b).cmp(&rank(a)).then_with(|| path(a).cmp(&path(b)))
        });
        self.left_out += self.rows.len().saturating_sub(self.limit) as u64;
        self.rows.truncate(self.limit);
        self.spots = 0;
        for row in &mut self.rows {
            row.file.spots.truncate(SPOTS.saturating_sub(self.spots));
            row.file.spots.shrink_to_fit();
            self.spots += row.file.spots.len();
        }
    }

    /// The answer in a few sentences: what will be quoted, so it says of how many files it holds.
    pub fn headline(&self, language: Language, summary: &Summary) -> String {
        let said: Vec<_> = self.sentences(language, summary).into_iter().map(|(_, said)| said).collect();
        said.join(" ")
    }

    /// Its sentences, each with what its figure counts: `personal`, `people`, `special`, `secrets`,
    /// `unread`, `answered`; empty for one without such a figure.
    pub(super) fn sentences(&self, language: Language, summary: &Summary) -> Vec<(&'static str, String)> {
        let totals = &self.totals;
        let n = |n: u64| language.number(n);
        let (personal, looked_at, unread) = (totals.personal, totals.fates.looked_at(), totals.fates.unread());
        let mut said = Vec::new();
        if looked_at == 0 {
            said.push(("", language.text("answer.no_files")));
        } else if personal == 0 {
            said.push(("answered", language.say("answer.nothing", &[&n(looked_at - unread)])));
        } else {
            said.push(("personal", language.say("answer.found", &[&n(personal), &n(looked_at)])));
            let (low, high) = (totals.crowd.low(), totals.crowd.high());
            if high == 1 {
                said.push(("people", language.text("answer.one_person")));
            } else if high > 1 && low == high {
                said.push(("people", language.say("answer.people", &[&n(high)])));
            } else if high > 1 {
                said.push(("people", language.say("answer.people_between", &[&n(low), &n(high)])));
            }
            if totals.special > 0 {
                said.push(("special", language.say("answer.special", &[&n(totals.special)])));
            }
        }
        let others = totals.exposed_files() - personal;
        if others > 0 {
            said.push(("secrets", language.say("answer.others", &[&n(others)])));
        }
        if summary.interrupted {
            said.push(("", language.text("answer.interrupted")));
        }
        if unread > 0 {
            said.push(("unread", language.say("answer.unread", &[&n(unread)])));
        }
        said
    }

    /// A path, and its root where there are several.
    pub(super) fn shown(&self, root: usize, path: &Name) -> String {
        match self.roots().get(root) {
            Some(root) if self.roots().len() > 1 => format!("{root}/{path}"),
            _ => path.to_string(),
        }
    }

    /// The name of a folder with its root, where there are several.
    pub(super) fn place_name(&self, language: Language, (root, path): &(usize, Name)) -> String {
        let root = self.roots().get(*root).filter(|_| self.roots().len() > 1).map(|root| format!("{root}/"));
        let path = if path.is_empty() { language.text("ui.top") } else { format!("{path}/") };
        format!("{}{path}", root.unwrap_or_default())
    }

    /// What anybody can read, by category, worst kinds first.
    pub(super) fn categories(&self) -> Vec<Category> {
        Category::ALL.into_iter().filter(|category| self.totals.categories.contains_key(category)).collect()
    }

    /// The scan in a line: version, start, roots, how much.
    pub(super) fn scope(&self, language: Language, summary: &Summary) -> String {
        let roots: Vec<String> = self.roots().iter().map(Name::to_string).collect();
        let started = self.scan.as_ref().map_or("", |scan| scan.started.as_str());
        let started = started.split('.').next().unwrap_or_default().trim_end_matches('Z').replace('T', " ");
        let bytes = bytes(summary.bytes);
        let bytes = if language == Language::Italian { bytes.replace('.', ",") } else { bytes };
        format!("{} · {started} UTC · {bytes}", roots.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{begun, found, item, share, summary};
    use super::*;
    use crate::model::{Outcome, Reason, Severity};

    pub(crate) fn inventory(records: &[ItemRecord], limit: usize) -> Inventory {
        let mut inventory = Inventory { limit, ..Inventory::default() };
        inventory.scan(&begun(&["/srv"]));
        for record in records {
            inventory.record(record, false);
        }
        inventory.finish();
        inventory
    }

    #[test]
    fn what_matters_is_listed_worst_first_and_the_rest_is_counted() {
        let records = share();
        let paths = |inventory: &Inventory| -> Vec<String> {
            inventory.rows().iter().map(|row| row.file.path.to_string()).collect()
        };
        let all = inventory(&records, 100);
        assert_eq!(paths(&all)[..2], ["HR/medical/visits.xlsx", "HR/staff.csv"]);
        assert_eq!((all.rows().len(), all.left_out), (10, 0));
        assert_eq!(all.rows().last().unwrap().file.fate, Fate::LeftOut);
        let few = inventory(&records, 2);
        assert_eq!(paths(&few), ["HR/medical/visits.xlsx", "HR/staff.csv"]);
        assert_eq!(few.left_out, 8);
        assert_eq!(few.totals.fates.all(), all.totals.fates.all());
    }

    #[test]
    fn the_answer_says_what_it_rests_on() {
        let say = |records: &[ItemRecord], language| inventory(records, 9).headline(language, &summary(records));
        assert_eq!(
            say(&share(), Language::English),
            "3 of 11 files hold personal data that anybody who copies them can read. About 32 people are \
             affected. 1 of these files holds data of GDPR Article 9 or 10. 1 more file holds passwords, keys or \
             classification markings in clear. 4 files were not read, or only in part, and may hold more."
        );
        assert!(say(&share(), Language::Italian).starts_with("3 file su 11 contengono dati personali"));
        let unread = [item("a", Outcome::Unreadable, &[Reason::Malformed])];
        assert!(say(&unread, Language::English).contains("1 file was not read"));
        let one = [found("a", Severity::Low, &[Category::Email], &[1])];
        assert!(say(&one, Language::English).contains("One person is affected."));
    }
}
