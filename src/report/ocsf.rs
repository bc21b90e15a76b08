//! The report for security monitoring: one OCSF Data Security Finding a file, as JSON Lines.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::enisa::{Band, Scenario};
use super::files::{FileFacts, Files, year};
use super::layout::people;
use super::reporter::Reporter;
use super::target::Target;
use crate::model::{Category, ItemRecord, Name, ScanRecord, Severity, State, Summary};

/// The version whose words are used; the fields are those of 1.4 and later.
const VERSION: &str = "1.8.0";

/// Writes an event for every file that holds something in clear and for every file that is
/// sealed, as it comes. Class 2006 of <https://schema.ocsf.io>.
pub struct Ocsf {
    out: Target,
    files: Files,
    scan: Option<ScanRecord>,
    /// Milliseconds since 1970.
    time: i64,
}

impl Ocsf {
    pub fn new(out: Target) -> Self {
        Self { out, files: Files::default(), scan: None, time: 0 }
    }

    fn write(&mut self, file: &FileFacts) -> io::Result<()> {
        let is_sealed = file.states.contains(&State::Strong) && !file.is_exposed();
        if !file.is_exposed() && !is_sealed {
            return Ok(());
        }
        let event = self.event(file, is_sealed);
        serde_json::to_writer(&mut self.out, &event)?;
        self.out.write_all(b"\n")
    }

    fn event(&self, file: &FileFacts, is_sealed: bool) -> Value {
        let roots = self.scan.as_ref().map_or(&[][..], |scan| &scan.roots);
        let version = self.scan.as_ref().map_or("", |scan| scan.version);
        let (low, high) = (file.crowd.low(), file.crowd.high());
        let severity = match file.severity {
            Severity::None => 1,
            Severity::Low => 2,
            Severity::Medium => 3,
            Severity::High => 4,
            Severity::Critical => 5,
        };
        let message = match (is_sealed, high) {
            (true, _) => "Sealed well; the content was not searched".to_owned(),
            (false, 0) => "Personal data or secrets in clear".to_owned(),
            (false, high) => format!("Personal data in clear, about {}", people(high)),
        };
        let worst = Category::ALL.into_iter().find(|category| file.categories.contains_key(category));
        let articles: std::collections::BTreeSet<&str> =
            file.categories.keys().flat_map(|category| category.gdpr()).copied().collect();
        let tags: Vec<Value> = file
            .categories
            .keys()
            .filter_map(|category| category.misp())
            .map(|value| json!({"name": "misp", "values": [format!("gdpr:special-categories=\"{value}\"")]}))
            .collect();
        let read = match file.fate {
            super::fate::Fate::Read => (1, "Complete"),
            _ => (2, "Partial"),
        };
        let classification = json!({
            "category_id": worst.map_or(0, ocsf_category),
            "confidentiality_id": if file.is_exposed() { 6 } else { 0 },
            "status_id": read.0,
            "status": read.1,
            "total": file.findings,
            "classifier_details": {"type": "rule", "name": "plainsight", "uid": self.scan.as_ref().map_or("", |scan| scan.detectors_hash.as_str())},
            "discovery_details": file.categories.iter().map(|(category, count)| json!({"type": category.key(), "count": count})).collect::<Vec<_>>(),
        });
        let name = Name::from_bytes(file.path.file_name()).to_string();
        let mut described = json!({
            "name": name,
            "path": file.shown(roots),
            "type_id": 1,
            "size": file.size,
            "is_encrypted": !file.states.is_empty(),
            "data_classifications": [classification],
        });
        if let Some(modified) = file.modified.as_deref().and_then(milliseconds) {
            described["modified_time"] = modified.into();
        }
        let extension = file.path.extension();
        if !extension.is_empty() {
            described["ext"] = extension.into();
        }
        let mut event = json!({
            "class_uid": 2006, "class_name": "Data Security Finding",
            "category_uid": 2, "category_name": "Findings",
            "activity_id": 1, "activity_name": "Create", "type_uid": 200_601,
            "type_name": "Data Security Finding: Create",
            "time": self.time, "severity_id": severity, "status_id": 1,
            "is_alert": file.severity >= Severity::High, "confidence_id": 3, "message": message,
            "metadata": {
                "version": VERSION, "profiles": ["data_classification"],
                "product": {"name": "Plainsight", "vendor_name": "Plainsight", "version": version},
            },
            "finding_info": {
                "uid": file.fingerprint(roots, ""),
                "title": if is_sealed { "Sealed file" } else { "Personal data in clear" },
                "types": articles.iter().map(|article| format!("gdpr/{article}")).collect::<Vec<_>>(),
            },
            "file": described,
            "data_security": {
                "category_id": worst.map_or(0, ocsf_category),
                "detection_system_id": 4,
                "data_lifecycle_state_id": 1,
                "policy": {"name": "GDPR", "desc": articles.into_iter().collect::<Vec<_>>().join(" ")},
            },
            "unmapped": {
                "plainsight": {
                    "severity": file.severity.key(), "people_low": low, "people_high": high,
                    "access": file.access.key(), "protection": file.states.iter().map(|state| state.key()).collect::<Vec<_>>(),
                },
            },
        });
        if !tags.is_empty() {
            event["finding_info"]["tags"] = tags.into();
        }
        if let Some(score) = file.score {
            let risk = match score.band(Scenario::Published) {
                Band::Low => 1,
                Band::Medium => 2,
                Band::High => 3,
                Band::VeryHigh => 4,
            };
            event["risk_level_id"] = risk.into();
            event["unmapped"]["enisa"] = json!({
                "dpc": score.context, "ei": f64::from(score.ease) / 4.0,
                "cb": f64::from(Scenario::Published.circumstances()) / 100.0,
                "se": f64::from(score.hundredths(Scenario::Published)) / 100.0,
                "scenario": Scenario::Published.key(), "note": score.why.key(),
            });
        }
        event
    }
}

impl Reporter for Ocsf {
    fn scan(&mut self, scan: &ScanRecord) -> io::Result<()> {
        self.files.year = year(&scan.started);
        self.time = milliseconds(&scan.started).unwrap_or(0);
        self.scan = Some(scan.clone());
        Ok(())
    }

    fn record(&mut self, record: &ItemRecord) -> io::Result<()> {
        match self.files.add(record) {
            Some(file) => self.write(&file),
            None => Ok(()),
        }
    }

    fn finish(&mut self, _summary: &Summary) -> io::Result<()> {
        for file in self.files.rest() {
            self.write(&file)?;
        }
        self.out.finish()
    }
}

fn milliseconds(time: &str) -> Option<i64> {
    time.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond)
}

/// `data_classification.category_id`: 1 personal, 2 governmental, 3 financial, 4 business, 5 law
/// enforcement, 6 security.
fn ocsf_category(category: Category) -> u8 {
    match category {
        Category::NationalId | Category::IdentityDocument => 2,
        Category::BankAccount | Category::PaymentCard => 3,
        Category::Payroll | Category::EmployeeNumber | Category::Vat => 4,
        Category::Criminal | Category::Classified => 5,
        Category::Credential => 6,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{share, tell};
    use super::*;

    #[test]
    fn an_event_for_every_file_in_clear_or_sealed() {
        let (target, written) = Target::memory();
        let mut ocsf = Ocsf::new(target);
        tell(&mut ocsf, &["/srv"], &share());
        let text = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(events.len(), 5, "{text}");
        let first = &events[0];
        for required in ["activity_id", "category_uid", "class_uid", "type_uid", "time", "severity_id", "metadata"] {
            assert!(first.get(required).is_some(), "{required}");
        }
        assert_eq!(first["time"], 1_769_846_400_000_i64);
        assert_eq!((&first["severity_id"], &first["risk_level_id"]), (&json!(5), &json!(4)));
        assert_eq!(first["unmapped"]["enisa"]["se"], 4.5);
        assert_eq!(first["finding_info"]["tags"][0]["values"][0], "gdpr:special-categories=\"health\"");
        let sealed = events.iter().find(|event| event["file"]["path"] == "finance/payroll.7z").unwrap();
        assert_eq!((&sealed["severity_id"], &sealed["is_alert"]), (&json!(1), &json!(false)));
        assert!(sealed.get("risk_level_id").is_none(), "what was not read has no severity");
        assert!(!text.contains("\"value\""));
    }
}
