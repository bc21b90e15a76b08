//! A check for code-scanning services: SARIF 2.1.0, one result an issue, one rule a detector.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>, within what GitHub takes of a run.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::{CheckReport, Gap, Issue};
use crate::model::Reason;
use crate::report::sarif::{NOTIFICATIONS, RESULTS, camel, level, properties, sentence, uri, weight};

/// Writes the issues that count, the worst first up to the limit; what was accepted is no result.
pub fn write(out: &mut dyn Write, report: &CheckReport, version: &str) -> io::Result<()> {
    let issues = report.worst_first();
    let (told, left_out) = issues.split_at(issues.len().min(RESULTS));
    let rules: BTreeMap<&str, &Issue> = told.iter().map(|issue| (&*issue.detector, *issue)).collect();
    let mut notifications: Vec<Value> = report.gaps.iter().take(NOTIFICATIONS).map(notification).collect();
    let unnamed = report.gaps.len() - notifications.len();
    for (count, what) in [(left_out.len(), "result"), (unnamed, "file that was not read")] {
        if count > 0 {
            let text = format!("Left out of this report, which is full: {count} more ({what}).");
            notifications.push(json!({"level": "warning", "message": {"text": text}}));
        }
    }
    notifications
        .extend(report.warnings.iter().map(|warning| json!({"level": "note", "message": {"text": sentence(warning)}})));
    let mut run = json!({
        "results": told.iter().map(|issue| result(issue)).collect::<Vec<_>>(),
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": "plainsight-check/"},
        "invocations": [{
            "executionSuccessful": !report.interrupted,
            "startTimeUtc": report.started,
            "toolExecutionNotifications": notifications,
            "properties": {"complete": report.is_complete(), "files": report.files, "accepted": report.accepted.len()},
        }],
        "tool": {"driver": {
            "name": "plainsight",
            "version": version,
            "rules": rules.into_values().map(rule).collect::<Vec<_>>(),
        }},
    });
    if let Some(commit) = &report.commit {
        run["properties"] = json!({"commit": commit});
    }
    let whole = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    serde_json::to_writer_pretty(&mut *out, &whole)?;
    writeln!(out)
}

fn result(issue: &Issue) -> Value {
    // Code-scanning services want a line of every result; what has no lines has its first.
    let mut region = json!({"startLine": issue.line.unwrap_or(1).max(1)});
    if let (Some(_), Some((start, end))) = (issue.line, issue.columns) {
        region["startColumn"] = start.into();
        region["endColumn"] = end.into();
    }
    let mut location = json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&issue.item.path)},
        "region": region,
    }});
    if !issue.item.members.is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": issue.item.to_string(), "kind": "member"}]);
    }
    let mut properties = json!({
        "severity": issue.severity.key(),
        "confidence": issue.confidence,
        "gdpr": issue.category.gdpr(),
        "why": issue.why,
    });
    if let Some(commit) = &issue.commit {
        properties["commit"] = commit.as_str().into();
    }
    json!({
        "ruleId": issue.detector,
        "level": level(issue.severity),
        "kind": "fail",
        "message": {"text": format!("{}.", issue.message())},
        "locations": [location],
        "partialFingerprints": {
            "plainsightIssue/v1": issue.identity,
            // Where this one is missing, a service makes its own of the line.
            "primaryLocationLineHash": format!("{}:1", issue.identity.get(..16).unwrap_or_default()),
        },
        "properties": properties,
    })
}

fn rule(issue: &Issue) -> Value {
    let text = format!("{} ({})", issue.title, issue.category.title());
    json!({
        "id": issue.detector,
        "name": camel(&issue.detector.replace('.', "_")),
        "shortDescription": {"text": text},
        "help": {"text": "Take it out of the repository and its history, or accept it in a baseline with a reason."},
        "defaultConfiguration": {"level": weight(issue.category).1},
        "properties": properties(issue.category),
    })
}

fn notification(gap: &Gap) -> Value {
    let reason = gap.reasons.first().map_or("unexplained", |reason: &Reason| reason.key());
    json!({
        "level": if gap.counts { "warning" } else { "note" },
        "message": {"text": format!("Not read, or only in part: {}.", if gap.message.is_empty() { reason } else { &gap.message })},
        "descriptor": {"id": reason},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(&gap.item.path)}}}],
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{issue, report};
    use super::*;

    fn sarif(report: &CheckReport) -> Value {
        let mut out = Vec::new();
        write(&mut out, report, "1.2.3").unwrap();
        assert!(!String::from_utf8_lossy(&out).contains("RSSMRA80A01H501U"));
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn one_result_an_issue_and_one_rule_a_detector() {
        let run = &sarif(&report())["runs"][0];
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), 2, "what is accepted is no result");
        assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 1);
        let place = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a/b%2C%20c%3A%25.csv");
        assert_eq!(place["region"], json!({"startLine": 3, "startColumn": 5, "endColumn": 21}));
        assert_eq!(results[0]["level"], "warning");
        let invocation = &run["invocations"][0];
        assert_eq!(invocation["properties"]["complete"], false);
        assert_eq!(invocation["toolExecutionNotifications"][0]["descriptor"]["id"], "malformed");
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let issues = (1..=RESULTS as u64 + 3).map(|line| issue("a", line)).collect();
        let run = &sarif(&CheckReport { issues, ..CheckReport::default() })["runs"][0];
        assert_eq!(run["results"].as_array().unwrap().len(), RESULTS);
        let told = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
        assert!(told.contains("3 more"), "{told}");
    }
}
