//! The report for code-scanning services: SARIF 2.1.0, one result a file and category.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::files::{FileFacts, Files, year};
use super::layout::{count, people};
use super::reporter::Reporter;
use super::target::Target;
use super::wording::unread_title;
use crate::model::{Category, ItemRecord, Name, Reason, ScanRecord, Severity, State, Summary};

/// What GitHub takes of one run; it shows the first 5,000.
pub(super) const RESULTS: usize = 25_000;
/// Files that were not read and are named; all are counted.
pub(super) const NOTIFICATIONS: usize = 1_000;

/// Results and notifications are held until the end, the worst up to the limits; the rest is
/// counted. <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>
pub struct Sarif {
    out: Target,
    files: Files,
    scan: Option<ScanRecord>,
    results: Vec<(Rank, String)>,
    left_out: u64,
    rules: BTreeSet<Category>,
    notifications: BTreeMap<(usize, Name), String>,
    unread: u64,
    limit: usize,
}

/// Worst first, then by path.
type Rank = (Reverse<Severity>, usize, Name, usize);

impl Sarif {
    pub fn new(out: Target) -> Self {
        Self {
            out,
            files: Files::default(),
            scan: None,
            results: Vec::new(),
            left_out: 0,
            rules: BTreeSet::new(),
            notifications: BTreeMap::new(),
            unread: 0,
            limit: RESULTS,
        }
    }

    fn roots(&self) -> &[Name] {
        self.scan.as_ref().map_or(&[], |scan| &scan.roots)
    }

    fn add(&mut self, file: &FileFacts) {
        if !file.gaps.is_empty() {
            self.unread += 1;
            let notification = self.notification(file).to_string();
            self.notifications.insert((file.root, file.path.clone()), notification);
            if self.notifications.len() > NOTIFICATIONS {
                self.notifications.pop_last();
            }
        }
        if !file.is_exposed() {
            return;
        }
        for (at, &category) in Category::ALL.iter().enumerate().filter(|(_, c)| file.categories.contains_key(c)) {
            self.rules.insert(category);
            let rank = (Reverse(file.severity), file.root, file.path.clone(), at);
            self.results.push((rank, self.result(file, category).to_string()));
        }
        if self.results.len() >= self.limit.saturating_mul(2) {
            self.keep_worst();
        }
    }

    fn keep_worst(&mut self) {
        self.results.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        self.left_out += self.results.len().saturating_sub(self.limit) as u64;
        self.results.truncate(self.limit);
    }

    fn result(&self, file: &FileFacts, category: Category) -> Value {
        let findings = file.categories.get(&category).copied().unwrap_or(0);
        let affected = file.crowd.by_category.get(&category).map_or(0, super::group::People::count);
        let mut message = format!("{} in clear: {}", sentence(category.title()), count(findings, "finding"));
        if affected > 0 {
            let _ = write!(message, " about {}", people(affected));
        }
        let spots = || file.spots.iter().filter(|spot| spot.category == category);
        let members: BTreeSet<&str> = spots().map(|spot| &*spot.member).filter(|m| !m.is_empty()).take(10).collect();
        if let Some(member) = members.first() {
            let _ = write!(message, ", in {member}");
        }
        message.push('.');
        let line = spots().filter(|spot| spot.member.is_empty()).find_map(|spot| spot.line);
        let logical: Vec<Value> = members
            .iter()
            .map(|member| json!({"fullyQualifiedName": format!("{}!/{member}", file.path), "kind": "member"}))
            .collect();
        let mut location = json!({"physicalLocation": {
            "artifactLocation": self.artifact(file),
            // Code-scanning services want a line of every result; what has no lines has its first.
            "region": {"startLine": line.unwrap_or(1).max(1)},
        }});
        if let (Some(map), false) = (location.as_object_mut(), logical.is_empty()) {
            map.insert("logicalLocations".into(), logical.into());
        }
        let fingerprint = file.fingerprint(self.roots(), category.key());
        json!({
            "ruleId": rule_id(category),
            "level": level(file.severity),
            "kind": "fail",
            "message": {"text": message},
            "locations": [location],
            "partialFingerprints": {
                "plainsightFileAndCategory/v1": fingerprint,
                // Where this one is missing, a service makes its own of the line.
                "primaryLocationLineHash": format!("{}:1", fingerprint.get(..16).unwrap_or_default()),
            },
            "properties": {
                "severity": file.severity.key(),
                "gdpr": category.gdpr(),
                "findings": findings,
                "people": affected,
                "protection": file.states.first().unwrap_or(&State::Plain).key(),
                "whoCanRead": file.access.key(),
            },
        })
    }

    fn notification(&self, file: &FileFacts) -> Value {
        let reasons: Vec<&str> = file.gaps.iter().map(|reason| unread_title(*reason)).collect();
        let first = file.gaps.first().copied().flatten().map_or("unexplained", Reason::key);
        json!({
            "level": "warning",
            "message": {"text": format!("Not read, or only in part: {}.", reasons.join("; "))},
            "descriptor": {"id": first},
            "locations": [{"physicalLocation": {"artifactLocation": self.artifact(file)}}],
        })
    }

    /// Relative to the root; with several roots, to the one that is named.
    fn artifact(&self, file: &FileFacts) -> Value {
        let uri = uri(&file.path);
        match self.roots().len() {
            0 | 1 => json!({"uri": uri}),
            _ => json!({"uri": uri, "uriBaseId": base(file.root)}),
        }
    }

    fn run_without_results(&self, summary: &Summary) -> Value {
        let scan = self.scan.as_ref();
        let rules: Vec<Value> = Category::ALL.into_iter().filter(|c| self.rules.contains(c)).map(rule).collect();
        let mut notifications: Vec<Value> =
            self.notifications.values().filter_map(|text| serde_json::from_str(text).ok()).collect();
        let unnamed = self.unread - notifications.len() as u64;
        for (left_out, what) in [(self.left_out, "result"), (unnamed, "file that was not read")] {
            if left_out > 0 {
                let text = format!("Left out of this report, which is full: {left_out} more ({what}).");
                notifications.push(json!({"level": "warning", "message": {"text": text}}));
            }
        }
        let mut run = json!({
            "columnKind": "unicodeCodePoints",
            "automationDetails": {"id": "plainsight/"},
            "invocations": [{
                // A file that cannot be read is no failure of the tool.
                "executionSuccessful": !summary.interrupted,
                "toolExecutionNotifications": notifications,
                "properties": {"complete": summary.complete, "files": summary.files, "unread": self.unread},
            }],
            "tool": {"driver": {
                "name": scan.map_or("plainsight", |scan| scan.tool),
                "version": scan.map_or("", |scan| scan.version),
                "rules": rules,
                "properties": {"detectorsHash": scan.map_or("", |scan| scan.detectors_hash.as_str())},
            }},
        });
        let started = scan.map(|scan| scan.started.as_str());
        if let (Some(started), Some(invocation)) = (started, run.pointer_mut("/invocations/0")) {
            invocation["startTimeUtc"] = started.into();
        }
        if self.roots().len() > 1 {
            let bases: serde_json::Map<String, Value> = self
                .roots()
                .iter()
                .enumerate()
                .map(|(i, root)| (base(i), json!({"description": {"text": root.to_string()}})))
                .collect();
            run["originalUriBaseIds"] = bases.into();
        }
        run
    }
}

impl Reporter for Sarif {
    fn scan(&mut self, scan: &ScanRecord) -> io::Result<()> {
        self.files.year = year(&scan.started);
        self.scan = Some(scan.clone());
        Ok(())
    }

    fn record(&mut self, record: &ItemRecord) -> io::Result<()> {
        if let Some(file) = self.files.add(record) {
            self.add(&file);
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        for file in self.files.rest() {
            self.add(&file);
        }
        self.keep_worst();
        let run = self.run_without_results(summary).to_string();
        self.out.write_all(
            br#"{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"results":["#,
        )?;
        for (i, (_, result)) in self.results.iter().enumerate() {
            self.out.write_all(if i > 0 { b",\n" } else { b"\n" })?;
            self.out.write_all(result.as_bytes())?;
        }
        self.out.write_all(b"\n],")?;
        // The run goes on behind its results.
        self.out.write_all(run.strip_prefix('{').unwrap_or(&run).as_bytes())?;
        self.out.write_all(b"]}\n")?;
        self.out.finish()
    }
}

fn rule_id(category: Category) -> String {
    format!("personal-data/{}", category.key())
}

fn rule(category: Category) -> Value {
    let title = sentence(category.title());
    json!({
        "id": rule_id(category),
        "name": camel(category.key()),
        "shortDescription": {"text": format!("{title} in clear")},
        "fullDescription": {"text": format!("{title} that anybody who copies the file can read.")},
        "help": {"text": "Move the file where only those who need it can read it, encrypt it, or delete it."},
        "defaultConfiguration": {"level": weight(category).1},
        "properties": properties(category),
    })
}

/// Services take the severity from the rule: that of the class of the data, for one person, as a
/// number of CVSS and as a level.
pub(super) fn weight(category: Category) -> (&'static str, &'static str) {
    use Category::{BankAccount, Classified, Credential, Criminal, IdentityDocument, NationalId, PaymentCard, Payroll};
    match category {
        special if special.is_special() || special == Criminal => ("8.0", "error"),
        Credential | Classified => ("8.0", "error"),
        NationalId | IdentityDocument | BankAccount | PaymentCard | Payroll => ("6.0", "warning"),
        _ => ("3.0", "note"),
    }
}

/// What services filter rules by.
pub(super) fn properties(category: Category) -> Value {
    let mut tags = vec!["security".to_owned(), "privacy".to_owned(), "gdpr".to_owned()];
    tags.extend(category.gdpr().iter().map(|article| format!("gdpr/{article}")));
    tags.extend(category.misp().map(|value| format!("gdpr:special-categories=\"{value}\"")));
    json!({"tags": tags, "precision": "high", "security-severity": weight(category).0})
}

pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::None => "note",
    }
}

fn base(root: usize) -> String {
    format!("ROOT{root}")
}

/// A relative reference by RFC 3986; what is not UTF-8 keeps its bytes.
pub(super) fn uri(path: &Name) -> String {
    let mut uri = String::new();
    for &byte in path.as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

pub(super) fn camel(key: &str) -> String {
    key.split('_').map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, item, share, tell};
    use super::*;
    use crate::model::Outcome;

    fn sarif(records: &[ItemRecord], roots: &[&str], limit: usize) -> Value {
        let (target, written) = Target::memory();
        let mut sarif = Sarif { limit, ..Sarif::new(target) };
        tell(&mut sarif, roots, records);
        serde_json::from_slice(&written.lock().unwrap()).unwrap()
    }

    #[test]
    fn one_result_a_file_and_category() {
        let sarif = sarif(&share(), &["/srv"], RESULTS);
        let run = &sarif["runs"][0];
        let results = run["results"].as_array().unwrap();
        let found: Vec<String> = results
            .iter()
            .map(|result| {
                let location = &result["locations"][0]["physicalLocation"]["artifactLocation"];
                assert!(location.get("uriBaseId").is_none());
                format!("{} {} {}", result["level"], result["ruleId"], location["uri"])
            })
            .collect();
        assert_eq!(found.len(), 9, "{found:#?}");
        assert_eq!(found[0], r#""error" "personal-data/health" "HR/medical/visits.xlsx""#);
        assert_eq!(results[0]["message"]["text"], "Health in clear: 31 findings about 31 people.");
        let mail = results.iter().find(|r| r["locations"][0].get("logicalLocations").is_some()).unwrap();
        assert_eq!(
            mail["locations"][0]["logicalLocations"][0]["fullyQualifiedName"],
            "mail/2024.zip!/offer.eml!/cv.pdf"
        );
        let rules: BTreeSet<&str> =
            run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
        assert!(results.iter().all(|result| rules.contains(result["ruleId"].as_str().unwrap())));
        let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
        assert_eq!(notifications.len(), 4, "{notifications:#?}");
    }

    #[test]
    fn fingerprints_depend_on_file_and_category_alone() {
        let print = |record: ItemRecord| {
            sarif(&[record], &["/srv"], 10)["runs"][0]["results"][0]["partialFingerprints"].to_string()
        };
        let one = print(found("a.csv", Severity::Low, &[Category::Email], &[1]));
        assert_eq!(one, print(found("a.csv", Severity::High, &[Category::Email], &[2, 3])));
        assert_ne!(one, print(found("b.csv", Severity::Low, &[Category::Email], &[1])));
    }

    #[test]
    fn a_full_report_keeps_the_worst_and_says_how_many_it_left_out() {
        let files: Vec<ItemRecord> = (0..10)
            .map(|i| {
                let severity = if i == 7 { Severity::Critical } else { Severity::Low };
                found(&format!("{i}.csv"), severity, &[Category::Email], &[i])
            })
            .collect();
        let sarif = sarif(&files, &["/srv"], 2);
        let run = &sarif["runs"][0];
        let uri = |i: usize| &run["results"][i]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!((uri(0), uri(1), run["results"].as_array().unwrap().len()), (&json!("7.csv"), &json!("0.csv"), 2));
        let said = run["invocations"][0]["toolExecutionNotifications"].to_string();
        assert!(said.contains("8 more (result)"), "{said}");
    }

    #[test]
    fn uris_are_relative_and_escaped() {
        assert_eq!(uri(&Name::from_bytes(&b"a b/c:d#\xe9%.txt"[..])), "a%20b/c%3Ad%23%E9%25.txt");
        let mut second = found("x", Severity::Low, &[Category::Email], &[1]);
        second.item.root = 1;
        let sarif = sarif(&[second, item("y", Outcome::Unreadable, &[])], &["/a", "/b"], 10);
        let run = &sarif["runs"][0];
        assert_eq!(run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"], "ROOT1");
        assert_eq!(run["originalUriBaseIds"]["ROOT1"]["description"]["text"], "/b");
    }
}
