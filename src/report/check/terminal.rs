//! A check on a terminal: one line a finding, as compilers write it, then what was accepted and what was not read.

use std::io::{self, Write};

use super::{Accepted, CheckReport, Gap, Issue};
use crate::model::Severity;

/// Findings of one file that are shown.
const MOST_OF_A_FILE: usize = 10;
/// Accepted findings and gaps that are shown one by one, unless all are asked for.
const MOST_LISTED: usize = 20;

#[derive(Clone, Copy, Debug, Default)]
pub struct Terminal {
    pub colour: bool,
    /// List everything, however much it is.
    pub verbose: bool,
}

impl Terminal {
    /// Nothing at all is written for a check without findings, gaps and warnings, unless `verbose`.
    pub fn write(self, out: &mut dyn Write, report: &CheckReport) -> io::Result<()> {
        for issues in report.by_file().values() {
            let shown = if self.verbose { issues.len() } else { MOST_OF_A_FILE };
            for issue in issues.iter().take(shown) {
                self.issue(out, issue)?;
            }
            if let Some(first) = issues.first().filter(|_| issues.len() > shown) {
                writeln!(out, "{}: and {} more", first.item.path, issues.len() - shown)?;
            }
        }
        let (counting, others): (Vec<&Gap>, Vec<&Gap>) = report.gaps.iter().partition(|gap| gap.counts);
        let most = if self.verbose { usize::MAX } else { MOST_LISTED };
        for gap in counting.iter().take(most) {
            writeln!(out, "{}: {}: {}", gap.item, self.paint("not read", "33"), describe(gap))?;
        }
        if counting.len() > most {
            writeln!(out, "and {} more that were not read", counting.len() - most)?;
        }
        if !report.accepted.is_empty() {
            self.accepted(out, report, most)?;
        }
        if self.verbose {
            for gap in &others {
                writeln!(out, "{}: left out: {}", gap.item, describe(gap))?;
            }
        }
        let is_quiet = report.issues.is_empty() && report.accepted.is_empty() && report.is_complete();
        if is_quiet && !self.verbose {
            return Ok(());
        }
        writeln!(out, "{}", summary(report, others.len()))
    }

    fn issue(self, out: &mut dyn Write, issue: &Issue) -> io::Result<()> {
        let code = match issue.severity {
            Severity::Critical | Severity::High => "1;31",
            Severity::Medium => "33",
            Severity::Low | Severity::None => "36",
        };
        writeln!(out, "{}: {}: {}", issue.location(), self.paint(issue.severity.key(), code), issue.message())
    }

    fn accepted(self, out: &mut dyn Write, report: &CheckReport, most: usize) -> io::Result<()> {
        let (plain, alike): (Vec<&Accepted>, Vec<&Accepted>) =
            report.accepted.iter().partition(|accepted| accepted.way != super::Way::LookAlike);
        // Whoever accepted something is always told; look-alikes are many.
        let listed = plain.iter().take(most.max(MOST_LISTED)).chain(alike.iter().filter(|_| self.verbose));
        for Accepted { issue, way, reason, owner, expires } in listed {
            let owner = owner.as_ref().map(|owner| format!(", {owner}")).unwrap_or_default();
            let expires = expires.as_ref().map(|date| format!(", until {date}")).unwrap_or_default();
            let says = format!("accepted by {}{owner}{expires}: {}", way.title(), super::printable(reason));
            writeln!(out, "{}: {}: {says}", issue.location(), issue.detector)?;
        }
        if plain.len() > most {
            writeln!(out, "and {} more that were accepted", plain.len() - most)?;
        }
        Ok(())
    }

    fn paint(self, text: &str, code: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

fn describe(gap: &Gap) -> String {
    let reasons: Vec<&str> = gap.reasons.iter().map(|reason| reason.title()).collect();
    if gap.message.is_empty() { reasons.join("; ") } else { format!("{} ({})", reasons.join("; "), gap.message) }
}

fn summary(report: &CheckReport, left_out: usize) -> String {
    let count = |n: usize, one: &str, many: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {many}") };
    let findings = count(report.issues.len(), "finding", "findings");
    let files = count(report.by_file().len(), "file", "files");
    let mut parts = vec![format!(
        "{findings} of severity {} or worse in {files}, of {} checked ({})",
        report.fail_on.key(),
        report.files,
        report.what
    )];
    let alike = report.accepted.iter().filter(|accepted| accepted.way == super::Way::LookAlike).count();
    let accepted = report.accepted.len() - alike;
    let others = [
        (accepted as u64, "accepted"),
        (alike as u64, "look-alikes in tests, examples and lists that machines write"),
        (report.lower, "of less weight"),
        (report.unchanged, "on lines that did not change"),
        (report.samples, "published sample values"),
        (report.gaps.iter().filter(|gap| gap.counts).count() as u64, "not read"),
        (left_out as u64, "in formats without text, left out"),
    ];
    parts.extend(others.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
    if report.interrupted {
        parts.push("INTERRUPTED".to_owned());
    }
    format!("plainsight check: {}", parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::super::tests::report;
    use super::*;

    fn written(report: &CheckReport, verbose: bool) -> String {
        let mut out = Vec::new();
        Terminal { colour: false, verbose }.write(&mut out, report).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn findings_as_compilers_write_them_and_what_was_accepted() {
        let text = written(&report(), false);
        assert!(text.contains("z.txt:1:5: medium: Italian tax code: RSSM…01U"), "{text}");
        assert!(text.contains("broken.zip: not read: damaged, or not what it says it is"), "{text}");
        assert!(
            text.contains("t.txt:9:5: it.codice_fiscale: accepted by a mark beside it: an invented person"),
            "{text}"
        );
        assert!(text.contains("2 findings of severity medium or worse in 2 files, of 4 checked"), "{text}");
    }

    #[test]
    fn quiet_when_clean() {
        assert_eq!(written(&CheckReport::default(), false), "");
        assert!(written(&CheckReport::default(), true).contains("0 findings"));
    }
}
