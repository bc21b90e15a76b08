//! A small scan of invented files, for the tests of the reports.

use std::collections::BTreeMap;

use crate::model::finding::Mask;
use crate::model::{
    Category, Finding, ItemPath, ItemRecord, Outcome, Place, Protection, Reason, Sample, ScanRecord, Severity, Summary,
};
use crate::report::{Reporter, Tally};

/// The start of a scan of these roots.
pub(super) fn begun(roots: &[&str]) -> ScanRecord {
    ScanRecord {
        tool: "plainsight",
        version: "0.1.0",
        detectors_hash: "d41d8cd9".into(),
        started: "2026-01-31T08:00:00Z".into(),
        roots: roots.iter().map(|&root| root.into()).collect(),
        shares: Vec::new(),
    }
}

/// Tells the reporter a scan from its start to its end.
pub(super) fn tell(reporter: &mut dyn Reporter, roots: &[&str], records: &[ItemRecord]) {
    reporter.scan(&begun(roots)).unwrap();
    for record in records {
        reporter.record(record).unwrap();
    }
    reporter.finish(&summary(records)).unwrap();
}

/// `a.zip!/b.eml` is the member `b.eml` of `a.zip`, as it prints.
pub(super) fn item(path: &str, outcome: Outcome, reasons: &[Reason]) -> ItemRecord {
    let mut names = path.split("!/");
    let mut item = ItemPath::new(0, names.next().unwrap().into());
    for member in names {
        item = item.member(member.into());
    }
    ItemRecord { item, size: 1_000, outcome: Some(outcome), reasons: reasons.to_vec(), ..ItemRecord::default() }
}

pub(super) fn read(path: &str) -> ItemRecord {
    item(path, Outcome::Read, &[])
}

/// Every person has a finding of every category.
pub(super) fn found(path: &str, severity: Severity, categories: &[Category], people: &[u64]) -> ItemRecord {
    let finding = |category, person: u64| Finding {
        place: Place::default(),
        detector: "it.codice_fiscale".into(),
        category,
        confidence: 1.0,
        why: Vec::new(),
        sample: Sample::new(Mask::Code, "x"),
        fingerprint: person.to_string(),
        subject: Some(format!("{person:016x}{person:016x}")),
        born: None,
        value: None,
    };
    ItemRecord {
        severity,
        categories: categories.iter().map(|&category| (category, people.len() as u64)).collect::<BTreeMap<_, _>>(),
        subjects: people.to_vec(),
        findings: categories.iter().flat_map(|&c| people.iter().map(move |&p| finding(c, p))).collect(),
        ..read(path)
    }
}

pub(super) fn sealed(path: &str, protection: Protection) -> ItemRecord {
    ItemRecord { protection, ..item(path, Outcome::Unreadable, &[Reason::Encrypted]) }
}

/// A small company: something of every section.
pub(super) fn share() -> Vec<ItemRecord> {
    use Category::{Classified, Email, Health, Name, NationalId};
    let everybody: Vec<u64> = (0..31).collect();
    let mut weak = found("mail/2024.zip!/offer.eml!/cv.pdf", Severity::Medium, &[Name, Email], &[7]);
    weak.protection = Protection::weak("pdf-rc4-40", "/V 1");
    vec![
        found("HR/medical/visits.xlsx", Severity::Critical, &[Health, NationalId, Name], &everybody),
        found("HR/staff.csv", Severity::High, &[NationalId, Name, Email], &[1, 2, 3, 90]),
        weak,
        found("mail/2024.zip!/offer.eml", Severity::Low, &[Email], &[8]),
        read("mail/2024.zip"),
        found("projects/plan.docx", Severity::Medium, &[Classified], &[]),
        sealed("finance/payroll.7z", Protection::strong("7z-aes256", "header").with_names_exposed()),
        sealed("finance/old.zip", Protection::weak("zip-zipcrypto", "flag bit 0")),
        item("scans/a.tif", Outcome::Unreadable, &[Reason::OcrUnavailable]),
        item("scans/b.tif", Outcome::Unreadable, &[Reason::OcrUnavailable]),
        item("projects/frame.dwg", Outcome::Skipped, &[Reason::UnsupportedFormat]),
        item("latest", Outcome::Skipped, &[Reason::Symlink]),
        read("README.txt"),
        read("public/leaflet.pdf"),
    ]
}

pub(super) fn summary(records: &[ItemRecord]) -> Summary {
    let mut tally = Tally::new();
    for record in records {
        tally.add(record);
    }
    tally.summary(std::time::Duration::from_millis(420), false, 9)
}
