//! A report of 100,000 findings about invented people, without scanning for them.

use std::collections::BTreeMap;
use std::path::Path;

use plainsight::model::finding::{Born, Mask};
use plainsight::model::{
    Access, Category, Cell, Exposure, Finding, ItemPath, ItemRecord, Outcome, Place, Protection, Reason, Sample,
    ScanRecord, Severity,
};
use plainsight::report::{Format, Options, Tally, reporter};

const FILES: usize = 20_000;
const DEPARTMENTS: [&str; 8] = ["Personale", "Paghe", "Clienti", "Legale", "Medicina", "Archivio", "Posta", "IT"];

pub(crate) fn write(path: &Path) {
    let (mut html, _) = reporter(Format::Html, Some(path), &Options::default()).unwrap();
    html.scan(&ScanRecord {
        tool: "plainsight",
        version: "0.1.0",
        detectors_hash: "0".into(),
        started: "2026-01-31T08:00:00Z".into(),
        roots: vec!["/srv/share".into()],
        shares: Vec::new(),
    })
    .unwrap();
    let mut tally = Tally::new();
    for at in 0..FILES {
        let record = record(at);
        tally.add(&record);
        html.record(&record).unwrap();
    }
    html.finish(&tally.summary(std::time::Duration::from_mins(1), false, 400)).unwrap();
}

fn record(at: usize) -> ItemRecord {
    let department = DEPARTMENTS[at % DEPARTMENTS.len()];
    let path = format!("{department}/{}/pratica {}/documento {at:05}.xlsx", 2010 + at % 17, at % 97);
    let item = ItemPath::new(0, path.into());
    if at % 50 == 49 {
        let reasons = vec![Reason::Malformed];
        return ItemRecord { item, size: 900, outcome: Some(Outcome::Unreadable), reasons, ..ItemRecord::default() };
    }
    let kinds = [Category::NationalId, Category::Name, Category::Email, Category::Health, Category::BankAccount];
    let of_file = &kinds[..2 + at % 4];
    let mut categories = BTreeMap::new();
    let mut findings = Vec::new();
    // A little over five a file: the files that were not read have none.
    for number in 0..5 + usize::from(at.is_multiple_of(9)) {
        let category = of_file[number % of_file.len()];
        *categories.entry(category).or_default() += 1;
        let person = (at * 7 + number) % 30_000;
        findings.push(Finding {
            place: Place {
                sheet: Some("Foglio1".into()),
                cell: Some(Cell { row: u32::try_from(number).unwrap() + 1, column: 3 }),
                ..Place::default()
            },
            detector: "it.codice_fiscale".into(),
            category,
            confidence: 0.9,
            why: Vec::new(),
            sample: Sample::new(Mask::Code, &format!("AAABBB{person:05}C")),
            fingerprint: format!("{person:032x}"),
            subject: Some(format!("{person:016x}{person:016x}")),
            // One in a thousand files is about a child.
            born: (number == 0 && at.is_multiple_of(1_000)).then_some(Born { year: 2015, is_certain: true }),
            value: None,
        });
    }
    ItemRecord {
        item,
        size: 4_000 + at as u64,
        modified: Some(format!("{}-0{}-11T09:00:00Z", 2010 + at % 16, 1 + at % 9)),
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".into(),
        outcome: Some(Outcome::Read),
        protection: if at.is_multiple_of(40) { Protection::weak("zip-zipcrypto", "x") } else { Protection::default() },
        exposure: Exposure { access: Access::ALL[at % 5], owner: None },
        severity: Severity::ALL[1 + at % 4],
        subjects: (0..5).map(|number| ((at * 7 + number) % 30_000) as u64).collect(),
        categories,
        findings,
        ..ItemRecord::default()
    }
}
