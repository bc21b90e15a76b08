//! The rows of the CSV and Parquet reports, said once: their columns, and which rows a scan has.

use std::collections::{BTreeSet, HashSet};
use std::io;

use jiff::Timestamp;

use super::crowd::{ages, person};
use super::files::{FileFacts, Files, year};
use super::retention::{Terms, is_past};
use super::totals::ancestor;
use crate::model::{Finding, ItemRecord, Name, Reason, ScanRecord, State};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Truth,
    Integer,
    /// Microseconds since 1970, UTC.
    Moment,
    Real,
    Text,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Missing,
    Truth(bool),
    /// Of a column of numbers or of moments.
    Integer(i64),
    Real(f32),
    Text(String),
}

impl Cell {
    /// Missing if it is empty.
    pub(super) fn text(text: &str) -> Self {
        if text.is_empty() { Self::Missing } else { Self::Text(text.to_owned()) }
    }

    /// Missing if there is none, or it is larger than the column can hold.
    pub(super) fn number(number: Option<impl TryInto<i64>>) -> Self {
        number.and_then(|number| number.try_into().ok()).map_or(Self::Missing, Self::Integer)
    }
}

/// Every column may be null: what does not apply to a row, or is not known. `value` is there with `--reveal` only.
pub(super) const COLUMNS: [(&str, Kind); 36] = [
    // `finding`; `person`, one whom no finding of the rows names; `sealed`; `not_read`; `file`, a whole file in
    // which anybody can read something; `interrupted` in a last row of nothing else.
    ("kind", Kind::Text),
    ("root", Kind::Text),
    ("path", Kind::Text),
    // Within containers, outermost first, with `!/` between them.
    ("members", Kind::Text),
    // As a person turns to it; its line and page, from one, stand alone, too.
    ("place", Kind::Text),
    ("line", Kind::Integer),
    ("page", Kind::Integer),
    ("category", Kind::Text),
    // With spaces between them; of a file all that are met in it.
    ("gdpr", Kind::Text),
    ("severity", Kind::Text),
    ("detector", Kind::Text),
    // 0 to 1.
    ("confidence", Kind::Real),
    ("sample", Kind::Text),
    // Keyed hash; in rows of the kind `person` its first half, by which people are told apart.
    ("person", Kind::Text),
    ("people_in_item", Kind::Integer),
    // Of a file the least that is met in it; `plain` where there is none.
    ("protection", Kind::Text),
    ("scheme", Kind::Text),
    // Whether anybody who copies the item can read what was found in it.
    ("exposed", Kind::Truth),
    // Whether the names of what is sealed can be read.
    ("names_exposed", Kind::Truth),
    ("outcome", Kind::Text),
    ("reasons", Kind::Text),
    ("who_can_read", Kind::Text),
    // Bytes.
    ("size", Kind::Integer),
    ("modified", Kind::Moment),
    ("media_type", Kind::Text),
    // Keyed hash.
    ("content", Kind::Text),
    // Number of the item among those with rows: names within a container need not differ.
    ("item", Kind::Integer),
    // The folder of the file, not deeper than one, two and three levels below the root; none for a file in the root.
    ("folder_1", Kind::Text),
    ("folder_2", Kind::Text),
    ("folder_3", Kind::Text),
    // Findings of this category in the item, with those beyond the thousand that have rows; none where the finding
    // counts for nothing, such as a card number that is published as a sample.
    ("of_category", Kind::Integer),
    // `minor`, `perhaps_minor`, `adult`: what this item says of the person in the year of the scan.
    ("age", Kind::Text),
    // Of a file: context times ease of identification, 1 to 16, as `plainsight explain` shows it.
    ("enisa", Kind::Integer),
    // Of a file: people who were counted, and of whom no key was kept.
    ("people_beyond", Kind::Integer),
    // Of a file: `past` if it is older than documents of its kind are customarily kept, else `within`.
    ("term", Kind::Text),
    ("value", Kind::Text),
];

/// The rows of a scan, in order. A file comes behind everything that lies in it.
pub(super) struct Rows {
    reveal: bool,
    terms: Terms,
    started: String,
    roots: Vec<String>,
    files: Files,
    items: i64,
}

/// Takes a row.
pub(super) type Write<'a> = dyn FnMut(&[Cell]) -> io::Result<()> + 'a;

impl Rows {
    /// With `reveal` a last column holds the clear values that the findings carry.
    pub(super) fn new(terms: Terms, reveal: bool) -> Self {
        Self { reveal, terms, started: String::new(), roots: Vec::new(), files: Files::default(), items: 0 }
    }

    pub(super) fn columns(&self) -> &'static [(&'static str, Kind)] {
        COLUMNS.get(..COLUMNS.len() - usize::from(!self.reveal)).unwrap_or(&COLUMNS)
    }

    pub(super) fn scan(&mut self, scan: &ScanRecord) {
        self.roots = scan.roots.iter().map(Name::to_string).collect();
        self.files = Files::of_year(year(&scan.started));
        self.started.clone_from(&scan.started);
    }

    /// The rows of an item, and of its file if it is one.
    pub(super) fn record(&mut self, record: &ItemRecord, write: &mut Write<'_>) -> io::Result<()> {
        // What is sealed with findings (its names, or what a known password opened) has its rows.
        let is_sealed = record.protection.scheme.is_some() || record.protection.state != State::Plain;
        let other = if record.is_gap() {
            Some("not_read")
        } else {
            is_sealed.then_some("sealed").filter(|_| record.findings.is_empty())
        };
        if !record.findings.is_empty() || other.is_some() || !record.subjects.is_empty() {
            self.items += 1;
        }
        let ages = ages(record, self.files.year);
        for finding in &record.findings {
            let age = finding.subject.as_deref().and_then(|subject| ages.get(&person(subject))?.key());
            self.put(self.of_item("finding", record, Some(finding), None, age), write)?;
        }
        let named: HashSet<u64> =
            record.findings.iter().filter_map(|finding| finding.subject.as_deref().map(person)).collect();
        for unnamed in record.subjects.iter().filter(|subject| !named.contains(subject)) {
            self.put(self.of_item("person", record, None, Some(*unnamed), None), write)?;
        }
        if let Some(kind) = other {
            self.put(self.of_item(kind, record, None, None, None), write)?;
        }
        match self.files.add(record) {
            Some(file) => self.file(&file, write),
            None => Ok(()),
        }
    }

    /// The files that an interruption left without an end.
    pub(super) fn finish(&mut self, interrupted: bool, write: &mut Write<'_>) -> io::Result<()> {
        for file in self.files.rest() {
            let mut cells = self.of_file("not_read", &file);
            set(&mut cells, "reasons", Cell::text(Reason::Interrupted.key()));
            self.put(cells, write)?;
            self.file(&file, write)?;
        }
        if interrupted { self.put(vec![Cell::text("interrupted")], write) } else { Ok(()) }
    }

    fn put(&self, mut cells: Vec<Cell>, write: &mut Write<'_>) -> io::Result<()> {
        cells.resize(self.columns().len(), Cell::Missing);
        write(&cells)
    }

    fn file(&self, file: &FileFacts, write: &mut Write<'_>) -> io::Result<()> {
        if !file.is_exposed() {
            return Ok(());
        }
        let past = is_past(file, &self.started, &self.terms);
        let mut cells = self.of_file("file", file);
        let articles: BTreeSet<&str> = file.categories.keys().flat_map(|category| category.gdpr()).copied().collect();
        let articles: Vec<&str> = articles.into_iter().collect();
        set(&mut cells, "gdpr", Cell::text(&articles.join(" ")));
        set(&mut cells, "severity", Cell::text(file.severity.key()));
        set(&mut cells, "exposed", Cell::Truth(true));
        set(&mut cells, "enisa", Cell::number(file.score.map(super::enisa::Score::product)));
        set(&mut cells, "people_beyond", Cell::number(Some(file.crowd.beyond)));
        set(&mut cells, "term", Cell::text(if past { "past" } else { "within" }));
        self.put(cells, write)
    }

    /// What a row says of a whole file.
    fn of_file(&self, kind: &str, file: &FileFacts) -> Vec<Cell> {
        let mut cells = vec![Cell::Missing; COLUMNS.len()];
        let reasons: Vec<&str> = file.gaps.iter().flatten().map(|reason| reason.key()).collect();
        let state = file.states.first().copied().unwrap_or(State::Plain);
        let said = [
            ("kind", Cell::text(kind)),
            ("root", self.root(file.root)),
            ("path", Cell::text(&file.path.to_string())),
            ("protection", Cell::text(state.key())),
            ("scheme", Cell::text(file.scheme.as_deref().unwrap_or_default())),
            ("names_exposed", Cell::Truth(file.names_exposed)),
            ("reasons", Cell::text(&reasons.join(" "))),
            ("who_can_read", Cell::text(file.access.key())),
            ("size", Cell::number(Some(file.size))),
            ("modified", moment(file.modified.as_deref())),
            ("media_type", Cell::text(&file.media_type)),
            ("content", Cell::text(file.content.as_deref().unwrap_or_default())),
        ];
        for (name, cell) in said.into_iter().chain(folders(&file.path)) {
            set(&mut cells, name, cell);
        }
        cells
    }

    /// What a row says of an item, and of a finding or a person in it.
    fn of_item(
        &self,
        kind: &str,
        record: &ItemRecord,
        finding: Option<&Finding>,
        unnamed: Option<u64>,
        age: Option<&str>,
    ) -> Vec<Cell> {
        let members: Vec<String> = record.item.members.iter().map(Name::to_string).collect();
        let reasons: Vec<&str> = record.reasons.iter().map(|reason| reason.key()).collect();
        let place = finding.map(|finding| &finding.place);
        let subject = unnamed.map(|person| format!("{person:016x}"));
        let [one, two, three] = folders(&record.item.path).map(|(_, cell)| cell);
        vec![
            Cell::text(kind),
            self.root(record.item.root),
            Cell::text(&record.item.path.to_string()),
            Cell::text(&members.join("!/")),
            Cell::text(&place.map(ToString::to_string).unwrap_or_default()),
            Cell::number(place.and_then(|place| place.line)),
            Cell::number(place.and_then(|place| place.page)),
            Cell::text(finding.map_or("", |finding| finding.category.key())),
            Cell::text(&finding.map(|finding| finding.category.gdpr().join(" ")).unwrap_or_default()),
            Cell::text(record.severity.key()),
            Cell::text(finding.map_or("", |finding| &finding.detector)),
            finding.map_or(Cell::Missing, |finding| Cell::Real(finding.confidence)),
            Cell::text(finding.map_or("", |finding| finding.sample.as_str())),
            Cell::text(
                finding.and_then(|finding| finding.subject.as_deref()).or(subject.as_deref()).unwrap_or_default(),
            ),
            Cell::number(Some(record.subject_count())),
            Cell::text(record.protection.state.key()),
            Cell::text(record.protection.scheme.as_deref().unwrap_or_default()),
            Cell::Truth(record.is_exposed()),
            Cell::Truth(record.protection.names_exposed),
            Cell::text(record.outcome().key()),
            Cell::text(&reasons.join(" ")),
            Cell::text(record.exposure.access.key()),
            Cell::number(Some(record.size)),
            moment(record.modified.as_deref()),
            Cell::text(&record.media_type),
            Cell::text(record.content.as_deref().unwrap_or_default()),
            Cell::Integer(self.items),
            one,
            two,
            three,
            Cell::number(finding.and_then(|finding| record.categories.get(&finding.category)).copied()),
            Cell::text(age.unwrap_or_default()),
            Cell::Missing,
            Cell::Missing,
            Cell::Missing,
            Cell::text(finding.and_then(|finding| finding.value.as_deref()).unwrap_or_default()),
        ]
    }

    fn root(&self, root: usize) -> Cell {
        Cell::text(self.roots.get(root).map_or("", String::as_str))
    }
}

fn set(cells: &mut [Cell], name: &str, cell: Cell) {
    let at = COLUMNS.iter().position(|(column, _)| *column == name);
    if let Some(place) = at.and_then(|at| cells.get_mut(at)) {
        *place = cell;
    }
}

/// The folders of a file, as deep as the folders at risk are told apart.
fn folders(path: &Name) -> [(&'static str, Cell); 3] {
    let bytes = path.as_bytes();
    let end = bytes.iter().rposition(|&b| b == b'/').unwrap_or(0);
    let folder = Name::from_bytes(bytes.get(..end).unwrap_or_default());
    [("folder_1", 1), ("folder_2", 2), ("folder_3", 3)]
        .map(|(name, depth)| (name, Cell::text(&ancestor(&folder, depth).to_string())))
}

fn moment(time: Option<&str>) -> Cell {
    let time = time.and_then(|time| time.parse::<Timestamp>().ok());
    Cell::number(time.map(Timestamp::as_microsecond))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{begun, found, item};
    use super::*;
    use crate::model::finding::Born;
    use crate::model::{Category, Outcome, Protection, Severity};

    fn rows(records: &[ItemRecord]) -> Vec<Vec<Cell>> {
        let mut all = Vec::new();
        let mut rows = Rows::new(Terms::default(), false);
        let mut write = |cells: &[Cell]| {
            all.push(cells.to_vec());
            Ok(())
        };
        rows.scan(&begun(&["/srv"]));
        for record in records {
            rows.record(record, &mut write).unwrap();
        }
        rows.finish(true, &mut write).unwrap();
        all
    }

    /// These columns of the rows, as text.
    fn check(records: &[ItemRecord], columns: &[&str], expected: &[&str]) {
        let shown: Vec<String> = rows(records)
            .iter()
            .map(|row| {
                let cell = |name: &&str| match &row[COLUMNS.iter().position(|(column, _)| column == name).unwrap()] {
                    Cell::Missing => "-".to_owned(),
                    Cell::Text(text) => text.clone(),
                    Cell::Integer(number) => number.to_string(),
                    Cell::Truth(is) => is.to_string(),
                    Cell::Real(real) => real.to_string(),
                };
                columns.iter().map(cell).collect::<Vec<_>>().join(" ")
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn people_whom_no_finding_names_have_rows_and_their_file_has_one() {
        let mut list = found("a/b/c/d/list.csv", Severity::High, &[Category::Health, Category::NationalId], &[1]);
        list.findings[0].born = Some(Born { year: 2015, is_certain: true });
        list.subjects.push(2);
        list.subjects_beyond = 5;
        list.categories.insert(Category::Health, 7);
        check(
            &[list],
            &["kind", "item", "folder_1", "folder_3", "person", "of_category", "age", "enisa", "people_beyond"],
            &[
                "finding 1 a a/b/c 00000000000000010000000000000001 7 minor - -",
                "finding 1 a a/b/c 00000000000000010000000000000001 1 minor - -",
                "person 1 a a/b/c 0000000000000002 - - - -",
                "file - a a/b/c - - - 12 5",
                "interrupted - - - - - - - -",
            ],
        );
    }

    #[test]
    fn an_interrupted_file_has_its_row_and_a_sealed_one_none_of_a_file() {
        let mut sealed = item("s.zip", Outcome::Unreadable, &[Reason::Encrypted]);
        sealed.protection = Protection::strong("zip-aes256", "header");
        check(
            &[
                found("x.zip!/a", Severity::Low, &[Category::Email], &[1]),
                found("s.zip!/a", Severity::Low, &[Category::Email], &[2]),
                sealed,
            ],
            &["kind", "path", "reasons", "severity", "term"],
            &[
                "finding x.zip - low -",
                "finding s.zip - low -",
                "sealed s.zip encrypted none -",
                "not_read x.zip interrupted - -",
                "file x.zip interrupted low within",
                "interrupted - - - -",
            ],
        );
    }
}
