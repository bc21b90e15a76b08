//! The report for programs: one JSON object a line, its form fixed by `jsonl.schema.json`.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::copies::{Copies, Copy};
use super::group::People;
use super::reporter::Reporter;
use super::target::Target;
use crate::model::{
    Category, Exposure, Finding, ItemRecord, Name, Outcome, Place, Problem, Protection, Reason, Sample, ScanRecord,
    Severity, ShareName, Stage, Summary,
};

/// The JSON Schema (2020-12) of every line.
pub const JSONL_SCHEMA: &str = include_str!("jsonl.schema.json");

/// The version of the contract; it changes only if a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// Writes the lines; each with one `write_all`, so that a reader at the other end of a pipe
/// sees whole lines.
pub struct Jsonl<W> {
    out: W,
    line: Vec<u8>,
    copies: Copies,
    at_end: fn(&mut W) -> io::Result<()>,
}

impl<W: Write> Jsonl<W> {
    /// The end of the scan flushes `out`.
    pub fn new(out: W) -> Self {
        Self { out, line: Vec::new(), copies: Copies::default(), at_end: W::flush }
    }

    pub fn into_inner(self) -> W {
        self.out
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)?;
        self.line.push(b'\n');
        self.out.write_all(&self.line)
    }
}

impl Jsonl<Target> {
    /// The end of the scan puts a file in its place; without it no report appears.
    pub fn to_target(target: Target) -> Self {
        Self { out: target, line: Vec::new(), copies: Copies::default(), at_end: Target::finish }
    }
}

impl<W: Write + Send> Reporter for Jsonl<W> {
    fn scan(&mut self, scan: &ScanRecord) -> io::Result<()> {
        let ScanRecord { tool, version, detectors_hash, started, roots, shares } = scan;
        self.line(&Scan { kind: "scan", schema: SCHEMA, tool, version, detectors_hash, started, roots, shares })
    }

    fn record(&mut self, record: &ItemRecord) -> io::Result<()> {
        self.line(&Item::new(record))?;
        if record.content.is_some() {
            let mut people = People::small();
            people.add(record);
            self.copies.add(&Copy {
                content: record.content.as_deref(),
                root: record.item.root,
                path: &record.item.path,
                size: record.size,
                severity: record.severity,
                people: &people,
            });
        }
        for finding in &record.findings {
            self.line(&FindingLine::new(record, finding))?;
        }
        for problem in &record.problems {
            self.line(&ProblemLine::new(problem))?;
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let copies = std::mem::take(&mut self.copies);
        for (content, document) in copies.ranked() {
            let at = document.places.iter().map(|(root, path)| At { root: *root, path }).collect();
            self.line(&CopiesLine { kind: "copies", content: format!("{content:032x}"), files: document.files, at })?;
        }
        self.line(&SummaryLine { kind: "summary", summary })?;
        (self.at_end)(&mut self.out)
    }
}

#[derive(Serialize)]
struct Scan<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    schema: u32,
    tool: &'a str,
    version: &'a str,
    detectors_hash: &'a str,
    started: &'a str,
    roots: &'a [Name],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    shares: &'a [ShareName],
}

#[derive(Serialize)]
struct Item<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    root: usize,
    path: &'a Name,
    members: &'a [Name],
    size: u64,
    modified: Option<&'a str>,
    /// Null for what was not identified.
    media_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    outcome: Outcome,
    reasons: &'a [Reason],
    protection: &'a Protection,
    exposure: &'a Exposure,
    categories: Vec<Category>,
    severity: Severity,
    subjects: u64,
    /// All findings of the item; the lines that follow may be fewer.
    findings: u64,
}

impl<'a> Item<'a> {
    fn new(record: &'a ItemRecord) -> Self {
        Self {
            kind: "item",
            root: record.item.root,
            path: &record.item.path,
            members: &record.item.members,
            size: record.size,
            modified: record.modified.as_deref(),
            media_type: Some(&*record.media_type).filter(|media_type| !media_type.is_empty()),
            content: record.content.as_deref(),
            outcome: record.outcome(),
            reasons: &record.reasons,
            protection: &record.protection,
            exposure: &record.exposure,
            categories: record.categories.keys().copied().collect(),
            severity: record.severity,
            subjects: record.subject_count(),
            findings: (record.findings.len() as u64).saturating_add(record.findings_beyond),
        }
    }
}

#[derive(Serialize)]
struct FindingLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    root: usize,
    path: &'a Name,
    members: &'a [Name],
    place: &'a Place,
    detector: &'a str,
    category: Category,
    gdpr: &'static [&'static str],
    /// Tags of the MISP taxonomy `gdpr`.
    misp: Vec<String>,
    #[serde(serialize_with = "two_decimals")]
    confidence: f32,
    why: &'a [String],
    sample: &'a Sample,
    fingerprint: &'a str,
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
}

impl<'a> FindingLine<'a> {
    fn new(record: &'a ItemRecord, finding: &'a Finding) -> Self {
        let tag = |value| format!("gdpr:special-categories=\"{value}\"");
        Self {
            kind: "finding",
            root: record.item.root,
            path: &record.item.path,
            members: &record.item.members,
            place: &finding.place,
            detector: &finding.detector,
            category: finding.category,
            gdpr: finding.category.gdpr(),
            misp: finding.category.misp().into_iter().map(tag).collect(),
            confidence: finding.confidence,
            why: &finding.why,
            sample: &finding.sample,
            fingerprint: &finding.fingerprint,
            subject: finding.subject.as_deref(),
            value: finding.value.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct ProblemLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    root: usize,
    path: &'a Name,
    members: &'a [Name],
    stage: Stage,
    code: Reason,
    message: &'a str,
}

impl<'a> ProblemLine<'a> {
    fn new(problem: &'a Problem) -> Self {
        let Problem { item, stage, code, message } = problem;
        Self {
            kind: "problem",
            root: item.root,
            path: &item.path,
            members: &item.members,
            stage: *stage,
            code: *code,
            message,
        }
    }
}

/// A document that lies in several places.
#[derive(Serialize)]
struct CopiesLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    content: String,
    /// All of them; `at` names the first hundred.
    files: u64,
    at: Vec<At<'a>>,
}

#[derive(Serialize)]
struct At<'a> {
    root: usize,
    path: &'a Name,
}

#[derive(Serialize)]
struct SummaryLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    summary: &'a Summary,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn two_decimals<S: Serializer>(confidence: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    // NaN has no JSON; as no confidence at all it is 0.
    let clamped = if confidence.is_nan() { 0.0 } else { f64::from(confidence.clamp(0.0, 1.0)) };
    serializer.serialize_f64((clamped * 100.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;
    use crate::model::finding::Mask;
    use crate::model::{Access, Cell, ItemPath, KeyFound, KeyPlace, State};
    use crate::report::Tally;

    fn scan() -> ScanRecord {
        ScanRecord {
            tool: "plainsight",
            version: "0.1.0",
            detectors_hash: "d41d8cd9".into(),
            started: "2026-01-31T08:00:00Z".into(),
            roots: vec!["/srv/share".into(), Name::from_bytes(&b"/srv/caf\xe9"[..])],
            shares: vec![ShareName {
                root: 0,
                path: Name::default(),
                name: r"\\fs1\hr".into(),
                file_system: "cifs".into(),
            }],
        }
    }

    fn record() -> ItemRecord {
        let item = ItemPath::new(0, "HR/a.zip".into()).member(Name::from_bytes(&b"b\xff.xlsx"[..]));
        let finding = Finding {
            place: Place { sheet: Some("Staff".into()), cell: Some(Cell { row: 6, column: 1 }), ..Place::default() },
            detector: "special.health".into(),
            category: Category::Health,
            confidence: 0.85,
            why: vec!["label:Diagnosi".into()],
            sample: Sample::new(Mask::Term, "asma"),
            fingerprint: "5f1e".into(),
            subject: Some("77aa".into()),
            born: None,
            value: None,
        };
        let revealed = Finding {
            place: Place::default(),
            detector: "it.codice_fiscale".into(),
            category: Category::NationalId,
            subject: None,
            value: Some("RSSMRA80A01H501U".into()),
            ..finding.clone()
        };
        ItemRecord {
            item: item.clone(),
            size: 4_096,
            modified: Some("2025-12-01T10:00:00Z".into()),
            media_type: "text/csv".into(),
            content: None,
            outcome: Some(Outcome::ReadInPart),
            reasons: vec![Reason::Truncated],
            protection: Protection::weak("zip-zipcrypto", "flag bit 0, no AES extra field").with_names_exposed(),
            exposure: Exposure { access: Access::Group, owner: Some(1000) },
            categories: BTreeMap::from([(Category::NationalId, 1), (Category::Health, 3)]),
            severity: Severity::High,
            subjects: vec![1, 2],
            subjects_beyond: 1,
            findings: vec![finding, revealed],
            findings_beyond: 2,
            problems: vec![Problem {
                item,
                stage: Stage::Extract,
                code: Reason::Truncated,
                message: "sheet 2 ends early".into(),
            }],
        }
    }

    fn lines() -> Vec<String> {
        let key = KeyFound { place: KeyPlace::Folder, file: Some("pw.txt".into()), opens: true };
        let protection = key.weaken(Protection::strong("7z-aes256", "header"));
        let (record, nothing) = (record(), ItemRecord { protection, ..ItemRecord::default() });
        let mut tally = Tally::new();
        tally.add(&record);
        let mut jsonl = Jsonl::new(Vec::new());
        jsonl.scan(&scan()).unwrap();
        jsonl.record(&record).unwrap();
        jsonl.record(&nothing).unwrap();
        jsonl.finish(&tally.summary(Duration::from_secs(1), false, 2)).unwrap();
        let text = String::from_utf8(jsonl.into_inner()).unwrap();
        assert!(text.ends_with('\n'));
        text.lines().map(Into::into).collect()
    }

    fn validator() -> jsonschema::Validator {
        let schema: Value = serde_json::from_str(JSONL_SCHEMA).unwrap();
        jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
    }

    #[test]
    fn the_lines_are_those_of_the_contract() {
        let lines = lines();
        let member = r#""members":[{"bytes":"Yv8ueGxzeA=="}]"#;
        assert_eq!(
            lines[0],
            r#"{"type":"scan","schema":1,"tool":"plainsight","version":"0.1.0","detectors_hash":"d41d8cd9","started":"2026-01-31T08:00:00Z","roots":["/srv/share",{"bytes":"L3Nydi9jYWbp"}],"shares":[{"root":0,"path":"","name":"\\\\fs1\\hr","file_system":"cifs"}]}"#
        );
        let item = r#""size":4096,"modified":"2025-12-01T10:00:00Z","media_type":"text/csv","outcome":"read_in_part","reasons":["truncated"],"protection":{"state":"weak","scheme":"zip-zipcrypto","names_exposed":true,"evidence":"flag bit 0, no AES extra field"},"exposure":{"access":"group","owner":1000},"categories":["national_id","health"],"severity":"high","subjects":3,"findings":4}"#;
        assert_eq!(lines[1], format!(r#"{{"type":"item","root":0,"path":"HR/a.zip",{member},{item}"#));
        let finding = r#""place":{"sheet":"Staff","cell":"B7"},"detector":"special.health","category":"health","gdpr":["art9.1"],"misp":["gdpr:special-categories=\"health\""],"confidence":0.85,"why":["label:Diagnosi"],"sample":"asma","fingerprint":"5f1e","subject":"77aa"}"#;
        assert_eq!(lines[2], format!(r#"{{"type":"finding","root":0,"path":"HR/a.zip",{member},{finding}"#));
        assert!(lines[3].ends_with(r#""subject":null,"value":"RSSMRA80A01H501U"}"#), "{}", lines[3]);
        let problem = r#""stage":"extract","code":"truncated","message":"sheet 2 ends early"}"#;
        assert_eq!(lines[4], format!(r#"{{"type":"problem","root":0,"path":"HR/a.zip",{member},{problem}"#));
        assert!(lines[5].contains(r#""modified":null,"media_type":null,"outcome":"unreadable","reasons":[]"#));
        assert!(lines[5].contains(r#""key":{"place":"folder","file":"pw.txt","opens":true}}"#), "{}", lines[5]);
        assert!(lines[6].starts_with(r#"{"type":"summary","files":0,"members":1,"directories":2,"#), "{}", lines[6]);
        assert!(lines[6].ends_with(r#""gaps":1,"interrupted":false,"duration_seconds":1.0,"complete":false}"#));
        assert_eq!(lines.len(), 7);
    }

    #[test]
    fn copies_are_told_together() {
        let copy = |path: &str| ItemRecord {
            item: ItemPath::new(1, path.into()),
            content: Some("00112233445566778899aabbccddeeff".into()),
            severity: Severity::Low,
            media_type: "text/csv".into(),
            ..ItemRecord::default()
        };
        let mut jsonl = Jsonl::new(Vec::new());
        jsonl.record(&copy("b")).unwrap();
        jsonl.record(&copy("a")).unwrap();
        jsonl.finish(&Tally::new().summary(Duration::ZERO, false, 0)).unwrap();
        let text = String::from_utf8(jsonl.into_inner()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].contains(r#""media_type":"text/csv","content":"00112233445566778899aabbccddeeff","outcome""#));
        assert_eq!(
            lines[2],
            r#"{"type":"copies","content":"00112233445566778899aabbccddeeff","files":2,"at":[{"root":1,"path":"a"},{"root":1,"path":"b"}]}"#
        );
        let validator = validator();
        for line in lines {
            assert!(validator.is_valid(&serde_json::from_str(line).unwrap()), "{line}");
        }
        assert!(!validator.is_valid(&json!({"type": "copies", "content": "ff", "files": 2, "at": []})));
    }

    #[test]
    fn confidence_has_two_decimals() {
        let check = |confidence: f32| {
            let mut json = serde_json::Serializer::new(Vec::new());
            two_decimals(&confidence, &mut json).unwrap();
            String::from_utf8(json.into_inner()).unwrap()
        };
        assert_eq!(check(0.333_333), "0.33");
        assert_eq!(check(1.5), "1.0");
        assert_eq!(check(f32::NAN), "0.0");
    }

    #[test]
    fn every_kind_of_line_is_valid() {
        let validator = validator();
        let mut kinds = BTreeSet::new();
        for line in lines() {
            let value: Value = serde_json::from_str(&line).unwrap();
            let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{line}\n{errors:?}");
            kinds.insert(value["type"].as_str().unwrap().to_owned());
        }
        assert_eq!(kinds.len(), 5);
    }

    /// Each field taken away, each field spoilt, a field too many: not one passes.
    #[test]
    fn a_broken_line_is_not_valid() {
        let validator = validator();
        for line in lines() {
            let value: Value = serde_json::from_str(&line).unwrap();
            let broken = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
                let mut broken = value.clone();
                change(broken.as_object_mut().unwrap());
                !validator.is_valid(&broken)
            };
            assert!(broken(&|object| drop(object.insert("surprise".into(), json!(1)))), "{line}");
            for key in value.as_object().unwrap().keys() {
                assert!(broken(&|object| drop(object.insert(key.clone(), json!([{}])))), "{key} spoilt in {line}");
                if key != "value" && key != "shares" {
                    assert!(broken(&|object| drop(object.remove(key))), "without {key}: {line}");
                }
            }
        }
        for (line, key, value) in [
            (0, "schema", json!(2)),
            (0, "started", json!("yesterday")),
            (1, "outcome", json!("fine")),
            (1, "reasons", json!(["tired"])),
            (1, "size", json!(-1)),
            (1, "protection", json!({"state": "plain", "names_exposed": false, "password": "x"})),
            (1, "path", json!({"bytes": "%"})),
            (2, "confidence", json!(1.01)),
            (2, "category", json!("mood")),
            (2, "place", json!({"line": 0})),
            (6, "outcomes", json!({"fine": 1})),
        ] {
            let mut object: Value = serde_json::from_str(&lines()[line]).unwrap();
            object[key] = value.clone();
            assert!(!validator.is_valid(&object), "{key} = {value}");
        }
    }

    #[test]
    fn the_schema_knows_every_word_of_the_model() {
        let schema: Value = serde_json::from_str(JSONL_SCHEMA).unwrap();
        let check = |name: &str, keys: Vec<&str>| {
            let listed: BTreeSet<&str> =
                schema["$defs"][name]["enum"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
            assert_eq!(listed, keys.into_iter().collect(), "{name}");
        };
        check("outcome", Outcome::ALL.map(Outcome::key).to_vec());
        check("reason", Reason::ALL.map(Reason::key).to_vec());
        check("stage", Stage::ALL.map(Stage::key).to_vec());
        check("state", State::ALL.map(State::key).to_vec());
        check("access", Access::ALL.map(Access::key).to_vec());
        check("severity", Severity::ALL.map(Severity::key).to_vec());
        check("category", Category::ALL.map(Category::key).to_vec());
    }
}
