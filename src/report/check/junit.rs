//! A check as JUnit XML: one test for every file with findings and for every one that was not read.
//!
//! The form that Jenkins, GitLab and Azure DevOps read: <https://github.com/testmoapp/junitxml>.

use std::io::{self, Write};

use super::{CheckReport, Gap};

/// Findings of one file whose text is written.
const MOST: usize = 100;

pub fn write(out: &mut dyn Write, report: &CheckReport) -> io::Result<()> {
    let files = report.by_file();
    let gaps: Vec<&Gap> = report.gaps.iter().filter(|gap| gap.counts).collect();
    // A file of which nothing is to be said passes, all of them as one.
    let tests = files.len() + gaps.len() + 1;
    let counts = format!(
        "tests=\"{tests}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" time=\"{:.3}\"",
        files.len(),
        gaps.len(),
        report.seconds
    );
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites {counts}>")?;
    writeln!(out, "  <testsuite name=\"plainsight check\" timestamp=\"{}\" {counts}>", escape(&report.started))?;
    for (path, issues) in files {
        let name = escape(&path.to_string());
        let worst = issues.iter().map(|issue| issue.severity).max().unwrap_or_default();
        writeln!(out, "    <testcase classname=\"plainsight\" name=\"{name}\" file=\"{name}\">")?;
        writeln!(out, "      <failure message=\"{} findings\" type=\"{}\">", issues.len(), worst.key())?;
        for issue in issues.iter().take(MOST) {
            let text = format!("{}: {}: {}", issue.location(), issue.severity.key(), issue.message());
            writeln!(out, "{}", escape(&text))?;
        }
        writeln!(out, "      </failure>\n    </testcase>")?;
    }
    for gap in gaps {
        let name = escape(&gap.item.to_string());
        let reasons: Vec<&str> = gap.reasons.iter().map(|reason| reason.title()).collect();
        let says = escape(&format!("{}. {}", reasons.join("; "), gap.message));
        writeln!(out, "    <testcase classname=\"plainsight\" name=\"{name}\" file=\"{name}\">")?;
        writeln!(out, "      <error message=\"not read\" type=\"unread\">{says}</error>\n    </testcase>")?;
    }
    let name = format!("{} files checked ({})", report.files, report.what);
    writeln!(out, "    <testcase classname=\"plainsight\" name=\"{}\"/>", escape(&name))?;
    writeln!(out, "  </testsuite>\n</testsuites>")
}

/// As text or attribute of XML 1.0, which has no place for most control characters.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::tests::{issue, report};
    use super::*;

    #[test]
    fn counts_agree_and_names_are_escaped() {
        let mut report = report();
        report.issues.push(issue("<a\u{1}\"&.txt", 1));
        let mut out = Vec::new();
        write(&mut out, &report).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("tests=\"5\" failures=\"3\" errors=\"1\""), "{text}");
        assert_eq!(text.matches("<testcase").count(), 5);
        assert!(text.contains("&lt;a\\u{1}&quot;&amp;.txt"), "{text}");
        let mut reader = quick_xml::Reader::from_str(&text);
        while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
    }
}
