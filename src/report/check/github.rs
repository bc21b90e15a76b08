//! A check as annotations of GitHub Actions: lines that its runner reads from a log and shows beside the code.
//!
//! Workflow commands: <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use std::io::{self, Write};

use super::{CheckReport, Issue};
use crate::model::Severity;

/// GitHub shows no more of each kind for a step.
const MOST: usize = 10;

/// Writes the worst findings as annotations, and a warning for what was not read.
pub fn write(out: &mut dyn Write, report: &CheckReport) -> io::Result<()> {
    let (errors, warnings): (Vec<&Issue>, Vec<&Issue>) =
        report.worst_first().into_iter().partition(|issue| issue.severity >= Severity::Medium);
    for (kind, issues) in [("error", &errors), ("warning", &warnings)] {
        for issue in issues.iter().take(MOST) {
            annotate(out, kind, issue)?;
        }
    }
    for gap in report.gaps.iter().filter(|gap| gap.counts).take(MOST.saturating_sub(warnings.len().min(MOST))) {
        let reasons: Vec<&str> = gap.reasons.iter().map(|reason| reason.title()).collect();
        let (file, says) = (property(&gap.item.path.to_string()), data(&reasons.join("; ")));
        writeln!(out, "::warning file={file},title=not read::{says}")?;
    }
    let shown = errors.len().min(MOST) + warnings.len().min(MOST);
    if report.issues.len() > shown {
        let (all, shown) = (report.issues.len(), shown);
        writeln!(out, "::notice title=plainsight::{all} findings, of which GitHub shows {shown}; see the log for all")?;
    }
    Ok(())
}

fn annotate(out: &mut dyn Write, kind: &str, issue: &Issue) -> io::Result<()> {
    let file = property(&issue.item.path.to_string());
    let place = match (issue.line, issue.columns) {
        (Some(line), Some((column, end))) => format!("file={file},line={line},col={column},endColumn={end}"),
        (Some(line), None) => format!("file={file},line={line}"),
        (None, _) => format!("file={file}"),
    };
    let inside = match (issue.line, issue.item.members.is_empty() && issue.place.is_empty()) {
        (None, false) => format!("{}: ", issue.location()),
        _ => String::new(),
    };
    let message = data(&format!("{inside}{}", issue.message()));
    writeln!(out, "::{kind} {place},title={}::{message}", property(&issue.detector))
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, in which colons and commas mean something too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::tests::{issue, report};
    use super::*;

    fn written(report: &CheckReport) -> String {
        let mut out = Vec::new();
        write(&mut out, report).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn paths_cannot_forge_properties() {
        let text = written(&report());
        assert!(
            text.contains("::error file=a/b%2C c%3A%25.csv,line=3,col=5,endColumn=21,title=it.codice_fiscale::"),
            "{text}"
        );
        assert!(text.contains("::warning file=broken.zip,title=not read::"), "{text}");
        let forged = CheckReport { issues: vec![issue("a\n::error::x", 1)], ..CheckReport::default() };
        assert_eq!(written(&forged).lines().count(), 1, "{}", written(&forged));
    }

    #[test]
    fn no_more_than_github_shows() {
        let many = CheckReport { issues: (1..=30).map(|n| issue("a", n)).collect(), ..CheckReport::default() };
        let text = written(&many);
        assert_eq!(text.matches("::error").count(), 10);
        assert!(text.contains("30 findings"), "{text}");
    }
}
