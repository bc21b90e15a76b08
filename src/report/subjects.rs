//! The list of the people, in clear: whom to write to after a breach. Only on request.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::crowd::{Ages, age};
use super::csv::push_cell;
use super::distinct::Distinct;
use super::files::year;
use super::overview::is_special;
use super::reporter::Reporter;
use super::target::Target;
use crate::model::{Category, Finding, ItemRecord, Name, ScanRecord, Summary};

/// People who are listed, about 1 KB each; the last row counts the others.
const PEOPLE: usize = 100_000;
/// Different values of one kind of one person, and files.
const VALUES: usize = 5;

const COLUMNS: [&str; 15] = [
    "kind",
    "person",
    "names",
    "births",
    "minor",
    "tax_codes_and_national_ids",
    "identity_documents",
    "emails",
    "phones",
    "addresses",
    "employee_numbers",
    "data",
    "art9_or_art10",
    "files",
    "first_files",
];

/// What a row says in clear, in the order of the columns; the age stands between the second and the third.
const CLEAR: [Category; 8] = [
    Category::Name,
    Category::Birth,
    Category::NationalId,
    Category::IdentityDocument,
    Category::Email,
    Category::Phone,
    Category::Address,
    Category::EmployeeNumber,
];

/// A row a person whose data anybody can read, made of the findings that carry clear values. What was found
/// of nobody in particular is in no row; people whose findings were counted and not kept, and people
/// beyond the first hundred thousand, are counted in the last one.
pub struct Subjects {
    out: Target,
    year: Option<u16>,
    roots: Vec<Name>,
    people: BTreeMap<String, Person>,
    /// All that the records name, kept or not.
    all: Distinct,
    /// Of some item more people were seen than its record keeps.
    beyond: u64,
    limit: usize,
}

#[derive(Default)]
struct Person {
    values: BTreeMap<Category, BTreeSet<String>>,
    ages: Ages,
    data: BTreeSet<Category>,
    files: BTreeSet<(usize, Name)>,
    /// Beyond those that are named; a file with members that name the person counts for each.
    more_files: u64,
}

impl Subjects {
    pub fn new(out: Target) -> Self {
        Self {
            out,
            year: None,
            roots: Vec::new(),
            people: BTreeMap::new(),
            all: Distinct::new(1_000_000, 14),
            beyond: 0,
            limit: PEOPLE,
        }
    }

    fn add(&mut self, record: &ItemRecord, subject: &str, finding: &Finding) {
        if !self.people.contains_key(subject) && self.people.len() >= self.limit {
            return;
        }
        let person = self.people.entry(subject.to_owned()).or_default();
        person.data.insert(finding.category);
        if let Some(age) = age(finding, self.year) {
            person.ages.add(age);
        }
        if let Some(value) = finding.value.as_deref().filter(|_| CLEAR.contains(&finding.category)) {
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            let values = person.values.entry(finding.category).or_default();
            if values.len() < VALUES {
                values.insert(value);
            }
        }
        let file = (record.item.root, record.item.path.clone());
        if !person.files.contains(&file) {
            if person.files.len() < VALUES {
                person.files.insert(file);
            } else {
                person.more_files += 1;
            }
        }
    }

    fn row(&mut self, cells: &[String]) -> io::Result<()> {
        let mut line = String::new();
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                line.push(',');
            }
            push_cell(&mut line, cell, ',');
        }
        line.push_str("\r\n");
        self.out.write_all(line.as_bytes())
    }

    fn cells(&self, subject: &str, person: &Person) -> Vec<String> {
        let mut cells = vec!["person".to_owned(), subject.to_owned()];
        for category in CLEAR {
            let values = person.values.get(&category).into_iter().flatten().cloned().collect::<Vec<_>>();
            cells.push(values.join("; "));
            if category == Category::Birth {
                cells.push(minor(person.ages).to_owned());
            }
        }
        let worst_first = Category::ALL.into_iter().filter(|category| person.data.contains(category));
        let data = worst_first.map(Category::key).collect::<Vec<_>>();
        cells.push(data.join(" "));
        cells.push(if person.data.iter().any(|category| is_special(*category)) { "yes" } else { "no" }.to_owned());
        cells.push((person.files.len() as u64 + person.more_files).to_string());
        let shown = |(root, path): &(usize, Name)| match self.roots.get(*root) {
            Some(root) if self.roots.len() > 1 => format!("{root}/{path}"),
            _ => path.to_string(),
        };
        cells.push(person.files.iter().map(shown).collect::<Vec<_>>().join("; "));
        cells
    }
}

fn minor(ages: Ages) -> &'static str {
    match (ages.is_minor(), ages.may_be_minor()) {
        (true, _) => "yes",
        (false, true) => "possibly",
        (false, false) if ages.is_known() => "no",
        (false, false) => "",
    }
}

impl Reporter for Subjects {
    fn scan(&mut self, scan: &ScanRecord) -> io::Result<()> {
        self.year = year(&scan.started);
        self.roots.clone_from(&scan.roots);
        self.out.write_all("\u{feff}".as_bytes())?;
        self.row(&COLUMNS.map(str::to_owned))
    }

    fn record(&mut self, record: &ItemRecord) -> io::Result<()> {
        if !record.is_exposed() {
            return Ok(());
        }
        record.subjects.iter().for_each(|&subject| self.all.insert(subject));
        self.beyond = self.beyond.max(record.subjects_beyond);
        for finding in &record.findings {
            if let Some(subject) = finding.subject.as_deref() {
                self.add(record, subject, finding);
            }
        }
        Ok(())
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        let people = std::mem::take(&mut self.people);
        let listed = people.len() as u64;
        let mut ordered: Vec<(&String, &Person)> = people.iter().collect();
        let name = |person: &Person| person.values.get(&Category::Name).and_then(|names| names.first().cloned());
        ordered.sort_by_cached_key(|(subject, person)| (name(person).is_none(), name(person), (*subject).clone()));
        for (subject, person) in ordered {
            let cells = self.cells(subject, person);
            self.row(&cells)?;
        }
        let missing = self.all.count().saturating_sub(listed).saturating_add(self.beyond);
        if missing > 0 {
            let mut cells = vec![String::new(); COLUMNS.len()];
            if let [kind, person, ..] = &mut cells[..] {
                "not_listed".clone_into(kind);
                *person = format!("about {missing} more people are known to be in these files, and not by name");
            }
            self.row(&cells)?;
        }
        self.out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, tell};
    use super::*;
    use crate::model::finding::Born;
    use crate::model::{Protection, Severity};

    fn written(records: &[ItemRecord], limit: usize) -> Vec<String> {
        let (target, written) = Target::memory();
        let mut subjects = Subjects { limit, ..Subjects::new(target) };
        tell(&mut subjects, &["/srv"], records);
        let text = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        text.lines().skip(1).map(str::to_owned).collect()
    }

    fn revealed(path: &str, category: Category, person: u64, value: &str) -> ItemRecord {
        let mut record = found(path, Severity::High, &[category], &[person]);
        record.findings[0].value = Some(value.into());
        record
    }

    #[test]
    fn a_person_is_one_row_with_what_is_needed_to_write_to_her() {
        let mut birth = revealed("a.csv", Category::Birth, 7, "01/02/2012");
        birth.findings[0].born = Some(Born { year: 2012, is_certain: true });
        let mut sealed = revealed("s.zip", Category::Name, 9, "Sealed Person");
        sealed.protection = Protection::strong("zip-aes256", "header");
        let rows = written(
            &[
                revealed("a.csv", Category::Name, 7, "Ada\n Prova"),
                birth,
                revealed("b.csv", Category::Email, 7, "=ada@example.com"),
                revealed("b.csv", Category::Health, 7, "asthma"),
                sealed,
            ],
            10,
        );
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!(
            rows[0],
            "person,00000000000000070000000000000007,Ada Prova,01/02/2012,yes,,,\"'=ada@example.com\",,,,health birth name email,yes,2,a.csv; b.csv"
        );
    }

    #[test]
    fn who_is_not_listed_is_counted() {
        let mut crowd = found("a.csv", Severity::High, &[Category::Name], &[1, 2, 3]);
        crowd.findings.truncate(1);
        crowd.subjects_beyond = 4;
        let rows = written(&[crowd.clone()], 10);
        assert!(rows[1].starts_with("not_listed,\"about 6 more people"), "{rows:?}");
        assert_eq!(written(&[found("a.csv", Severity::High, &[Category::Name], &[1, 2, 3])], 2).len(), 3);
    }
}
