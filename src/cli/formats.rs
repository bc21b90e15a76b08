//! `plainsight formats`: what is read, by which code and which specification, and what is only told apart.

use serde_json::json;

use crate::model::Reason;
use crate::scan::formats::{Listed, list};

use super::args::detectors::Format;
use super::exit::{Exit, print};

pub(super) fn run(format: Format) -> anyhow::Result<Exit> {
    let listed = list();
    match format {
        Format::Json => {
            let lines: Vec<String> = listed.iter().map(|one| object(one).to_string()).collect();
            print(&format!("[\n{}\n]\n", lines.join(",\n")))?;
        }
        Format::Text => print(&listed.iter().map(line).collect::<String>())?,
    }
    Ok(Exit::Clean)
}

fn object(listed: &Listed) -> serde_json::Value {
    let media_types: Vec<&str> = listed.media_types().collect();
    match (&listed.reader, listed.reason) {
        (Some(reader), _) => json!({
            "title": listed.title, "media_types": media_types, "reader": reader.name, "version": reader.version,
            "crates": reader.crates, "specification": reader.specification,
        }),
        (None, reason) => json!({
            "title": listed.title, "media_types": media_types, "reader": null, "reason": reason.map(Reason::key),
        }),
    }
}

fn line(listed: &Listed) -> String {
    match (&listed.reader, listed.reason) {
        (Some(reader), _) => {
            let by = if reader.crates.is_empty() { "own code".to_owned() } else { reader.crates.join(", ") };
            format!("{:<14} {}\n{:15}{by}; {}\n", reader.name, listed.title, "", reader.specification)
        }
        (None, reason) => {
            format!("{:<14} {}\n{:15}{}\n", "not read", listed.title, "", reason.map_or("", |reason| reason.title()))
        }
    }
}
