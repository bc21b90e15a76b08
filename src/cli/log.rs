//! `--log json`: what happens, one JSON object a line on stderr, for the journal and a SIEM.

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::model::{ItemRecord, ScanRecord, Summary};
use crate::report::Reporter;

/// Names what is exposed and what failed, and shows no value, not even a masked one.
pub(super) struct Log<W, E> {
    out: W,
    exit: E,
}

impl<W: Write + Send, E: Fn(&Summary) -> u8 + Send> Log<W, E> {
    /// `exit` gives the exit code of a finished scan.
    pub(super) fn new(out: W, exit: E) -> Self {
        Self { out, exit }
    }

    /// A log that cannot be written does not end the scan: the reports do not depend on it.
    fn line(&mut self, level: &str, event: &str, mut fields: Value) {
        if let Some(fields) = fields.as_object_mut() {
            fields.insert("time".into(), Timestamp::now().to_string().into());
            fields.insert("level".into(), level.into());
            fields.insert("event".into(), event.into());
        }
        let _ = self.out.write_all(format!("{fields}\n").as_bytes());
    }
}

impl<W: Write + Send, E: Fn(&Summary) -> u8 + Send> Reporter for Log<W, E> {
    fn scan(&mut self, scan: &ScanRecord) -> io::Result<()> {
        let fields = json!({"version": scan.version, "roots": scan.roots, "detectors_hash": scan.detectors_hash});
        self.line("info", "scan_started", fields);
        Ok(())
    }

    fn record(&mut self, record: &ItemRecord) -> io::Result<()> {
        let place = |record: &ItemRecord| json!({"root": record.item.root, "path": record.item.path, "members": record.item.members});
        let mut add = |level, event, more: Value| {
            let mut fields = place(record);
            if let (Some(fields), Value::Object(more)) = (fields.as_object_mut(), more) {
                fields.extend(more);
            }
            self.line(level, event, fields);
        };
        if record.is_exposed() {
            let more = json!({
                "severity": record.severity, "categories": record.categories.keys().collect::<Vec<_>>(),
                "people": record.subject_count(), "access": record.exposure.access, "owner": record.exposure.owner,
            });
            add("warning", "exposed", more);
        }
        if record.is_gap() {
            add("notice", "not_read", json!({"outcome": record.outcome(), "reasons": record.reasons}));
        }
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        let exit = (self.exit)(summary);
        self.line("info", "scan_ended", json!({"exit": exit, "summary": summary}));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ItemPath, Severity};

    #[test]
    fn every_line_is_an_object_with_time_level_and_event() {
        let mut out = Vec::new();
        let mut log = Log::new(&mut out, |_: &Summary| 1);
        let item = ItemPath::new(0, "a\n.csv".into());
        log.record(&ItemRecord { item, severity: Severity::High, ..ItemRecord::default() }).unwrap();
        log.finish(&Summary::default()).unwrap();
        let lines: Vec<Value> =
            String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
        assert_eq!(events, ["exposed", "not_read", "scan_ended"]);
        assert!(lines.iter().all(|line| line["time"].is_string() && line["level"].is_string()));
        assert_eq!(lines[2]["exit"], 1);
    }
}
