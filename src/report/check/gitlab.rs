//! A check as GitLab reads it: the report of code quality that every merge request shows, and that of secret detection.
//!
//! Code quality: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.
//! Secret detection, schema 15: <https://gitlab.com/gitlab-org/security-products/security-report-schemas>.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;

use super::{CheckReport, Issue};
use crate::model::{Category, Severity};

#[derive(Serialize)]
struct Quality<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
}

/// The report of code quality: compared with that of the target branch by fingerprint.
pub fn write_code_quality(out: &mut dyn Write, report: &CheckReport) -> io::Result<()> {
    let issues: Vec<Quality<'_>> = report
        .issues
        .iter()
        .map(|issue| Quality {
            description: issue.message(),
            check_name: &issue.detector,
            fingerprint: &issue.identity,
            severity: match issue.severity {
                Severity::Critical => "blocker",
                Severity::High => "critical",
                Severity::Medium => "major",
                Severity::Low => "minor",
                Severity::None => "info",
            },
            location: Location { path: issue.item.path.to_string(), lines: Lines { begin: issue.line.unwrap_or(1) } },
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

/// The report of secret detection: passwords and keys only, and never the value.
pub fn write_secret_detection(out: &mut dyn Write, report: &CheckReport, version: &str) -> io::Result<()> {
    let secrets = report.issues.iter().filter(|issue| issue.category == Category::Credential);
    let head = report.commit.as_deref().unwrap_or("0000000000000000000000000000000000000000");
    let vulnerabilities: Vec<_> = secrets.map(|issue| vulnerability(issue, head)).collect();
    // GitLab takes times without their zone.
    let time: String = report.started.chars().take(19).collect();
    let tool = json!({
        "id": "plainsight", "name": "Plainsight", "version": version, "vendor": {"name": "Plainsight"},
    });
    let status = if report.is_complete() { "success" } else { "failure" };
    let whole = json!({
        "version": "15.0.2",
        "scan": {
            "type": "secret_detection", "status": status, "start_time": time, "end_time": time,
            "analyzer": tool, "scanner": tool,
        },
        "vulnerabilities": vulnerabilities,
    });
    serde_json::to_writer_pretty(&mut *out, &whole)?;
    writeln!(out)
}

fn vulnerability(issue: &Issue, head: &str) -> serde_json::Value {
    let severity = match issue.severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::None => "Info",
    };
    let name: String = issue.title.chars().take(255).collect();
    let line = issue.line.unwrap_or(1);
    json!({
        "id": issue.identity,
        "name": name,
        "description": issue.message(),
        "severity": severity,
        "identifiers": [{"type": "plainsight", "name": issue.detector, "value": issue.detector}],
        "location": {
            "file": issue.item.path.to_string(),
            "start_line": line,
            "end_line": line,
            "commit": {"sha": issue.commit.as_deref().unwrap_or(head)},
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{issue, report};
    use super::*;

    fn value(write: impl Fn(&mut Vec<u8>) -> io::Result<()>) -> serde_json::Value {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn code_quality_has_what_gitlab_requires() {
        let written = value(|out| write_code_quality(out, &report()));
        let first = &written[0];
        assert_eq!(first["severity"], "major");
        assert_eq!(first["check_name"], "it.codice_fiscale");
        assert_eq!(first["location"]["lines"]["begin"], 3);
        assert!(first["fingerprint"].as_str().is_some_and(|print| print.len() == 32));
        assert_eq!(value(|out| write_code_quality(out, &CheckReport::default())), json!([]));
    }

    #[test]
    fn only_secrets_go_to_secret_detection() {
        let mut report = report();
        report.issues.push(Issue { category: Category::Credential, ..issue("k.pem", 1) });
        let written = value(|out| write_secret_detection(out, &report, "1.0"));
        assert_eq!(written["vulnerabilities"].as_array().map(Vec::len), Some(1));
        assert_eq!(written["vulnerabilities"][0]["location"]["commit"]["sha"].as_str().map(str::len), Some(40));
        assert_eq!(written["scan"]["start_time"], "2026-11-22T10:00:00");
        assert_eq!(written["scan"]["status"], "failure");
    }
}
