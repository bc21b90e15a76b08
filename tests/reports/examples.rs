//! The reports in docs/examples: made by this test when it is asked to, and otherwise held to the form of today's.
//!
//! `PLAINSIGHT_WRITE_EXAMPLES=1 cargo test --test reports examples` makes them again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{PLAINSIGHT, data, lines, tables, visible};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples");
const REPORTS: [&str; 13] = [
    "html=report.html",
    "jsonl=report.jsonl",
    "csv=report.csv",
    "parquet=report.parquet",
    "xlsx=report.xlsx",
    "markdown=report.md",
    "sarif=report.sarif",
    "ocsf=report.ocsf.jsonl",
    "art30=art30.csv",
    "art30=art30.xlsx",
    "art33=art33.md",
    "art33=art33.html",
    "manifest=manifest.json",
];

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Two scans of two folders of the share; between them something appears that lay there already, and something goes.
pub(super) fn make(folder: &Path) {
    let share = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/share"));
    for name in ["Risorse Umane", "Paghe"] {
        copy(&share.join(name), &folder.join("share").join(name));
    }
    fs::write(folder.join("key"), [7; 32]).unwrap();
    let scan = |reports: &[&str]| {
        let fixed = ["scan", "share", "-j", "1", "--ocr", "off", "--key-file", "key", "--state", "state.sqlite"];
        let mut command = Command::new(PLAINSIGHT);
        command.args(fixed).current_dir(folder).env("COLUMNS", "100");
        for report in reports {
            command.args(["-o", report]);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    // What was changed a moment ago is read again.
    thread::sleep(Duration::from_millis(2100));
    scan(&[]);
    let [staff, moved] = ["Risorse Umane/elenco dipendenti 2026.xlsx", "Paghe/copia di elenco dipendenti.xlsx"];
    fs::copy(folder.join("share").join(staff), folder.join("share").join(moved)).unwrap();
    fs::remove_file(folder.join("share/Paghe/cedolino 2026-03 SERRAGLINI.docx")).unwrap();
    let summary = scan(&REPORTS);
    fs::write(folder.join("terminal.txt"), summary).unwrap();
    // What is in clear on request only: the people are invented.
    let revealed = ["scan", "share", "-q", "-j", "1", "--ocr", "off", "--key-file", "key", "--reveal"];
    let mut command = Command::new(PLAINSIGHT);
    let status = command.args(revealed).args(["-o", "subjects=subjects.csv"]).current_dir(folder).status().unwrap();
    assert_eq!(status.code(), Some(1));
    // How the disk of whoever makes the examples is mounted is of no use to others.
    let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
    if let Some((before, options)) = manifest.split_once("\"options\": \"") {
        let (_, after) = options.split_once('"').unwrap();
        fs::write(folder.join("manifest.json"), format!("{before}\"options\": \"ro,relatime\"{after}")).unwrap();
    }
}

/// What stays as it is though the figures change: columns, headings, kinds of lines and their fields.
fn form(path: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut form: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |of: &str, what: String| {
        form.entry(of.to_owned()).or_default().insert(what);
    };
    let keys = |value: &Value| value.as_object().into_iter().flat_map(|of| of.keys().cloned()).collect::<Vec<_>>();
    let name = path.file_name().unwrap().to_str().unwrap();
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let bytes = bytes.as_slice();
    let text = || String::from_utf8(bytes.to_vec()).unwrap();
    match name.rsplit('.').next().unwrap() {
        "parquet" => {
            let text = tables::text(path);
            let cells = text.lines().filter_map(|line| line.strip_prefix("[cell ")?.split_once("] "));
            let heads = cells.filter(|(cell, _)| cell.trim_start_matches(char::is_alphabetic) == "1");
            heads.for_each(|(cell, head)| add("columns", format!("{cell} {head}")));
        }
        "xlsx" => {
            let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            let mut text = String::new();
            zip.by_name("xl/workbook.xml").unwrap().read_to_string(&mut text).unwrap();
            let sheets = text.split("<sheet name=\"").skip(1).filter_map(|rest| rest.split('"').next());
            sheets.for_each(|sheet| add("sheets", sheet.to_owned()));
        }
        "csv" => add("columns", text().lines().next().unwrap().to_owned()),
        "md" => {
            let is_form = |line: &&str| line.starts_with('#');
            text().lines().filter(is_form).for_each(|line| add("headings", line.to_owned()));
        }
        "txt" => {
            let is_heading =
                |line: &&str| line.starts_with(char::is_alphabetic) && line.len() < 40 && !line.contains('.');
            text().lines().filter(is_heading).for_each(|line| {
                // Without the day.
                add("headings", line.split('(').next().unwrap().trim().to_owned());
            });
        }
        "jsonl" => {
            for line in lines(bytes) {
                let kind = line["type"].as_str().unwrap_or("event").to_owned();
                for key in keys(&line) {
                    add(&kind, key);
                }
            }
        }
        "json" | "sarif" => {
            for key in keys(&serde_json::from_slice(bytes).unwrap()) {
                add("fields", key);
            }
        }
        "html" => {
            let page = text();
            match data(&page) {
                Some((_, data, _)) => {
                    let data: Value = serde_json::from_str(&data).unwrap();
                    for (of, part) in [("data", &data), ("totals", &data["totals"]), ("files", &data["files"])] {
                        for key in keys(part) {
                            add(of, key);
                        }
                    }
                }
                None => page.match_indices("<h2").for_each(|(at, _)| {
                    add("headings", page[at..].split("</h2>").next().unwrap().to_owned());
                }),
            }
        }
        _ => {}
    }
    form
}

#[test]
fn the_examples_are_of_the_form_of_today() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path());
    let names: Vec<&str> = REPORTS
        .iter()
        .map(|report| report.split_once('=').unwrap().1)
        .chain(["subjects.csv", "terminal.txt"])
        .collect();
    if std::env::var_os("PLAINSIGHT_WRITE_EXAMPLES").is_some() {
        fs::create_dir_all(EXAMPLES).unwrap();
        for name in names {
            fs::copy(folder.path().join(name), PathBuf::from(EXAMPLES).join(name)).unwrap();
        }
        return;
    }
    for name in names {
        let (kept, made) = (form(&Path::new(EXAMPLES).join(name)), form(&folder.path().join(name)));
        assert_eq!(kept, made, "{name}: PLAINSIGHT_WRITE_EXAMPLES=1 makes it again");
        assert!(!made.is_empty(), "{name}");
        // Of the machine that made them the examples say nothing.
        let path = Path::new(EXAMPLES).join(name);
        let said = match name {
            // Our own reader names the file that it reads.
            "report.parquet" => tables::text(&path).replace(EXAMPLES, ""),
            name => visible(name, &fs::read(path).unwrap()),
        };
        let home = std::env::var("HOME").unwrap_or_default();
        for place in [env!("CARGO_MANIFEST_DIR"), &std::env::temp_dir().to_string_lossy(), home.trim_end_matches('/')] {
            assert!(place.is_empty() || !said.contains(place), "{name}: {place}");
        }
    }
}
