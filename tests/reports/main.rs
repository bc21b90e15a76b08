//! The reports of the demonstration share: no clear value in any, valid by the schemas of their formats, opened by other programs.
//!
//! What needs a tool that is not there says so and is skipped; `tests/run` installs the tools:
//! `PLAINSIGHT_SARIF_SCHEMA` (a file), `PLAINSIGHT_OCSF_PYTHON` (a Python with ocsf-json-schema),
//! `PLAINSIGHT_PYARROW` (one with pyarrow), `PROTECTION_PYTHON` (one with openpyxl), `PLAINSIGHT_PLAYWRIGHT` (a
//! node_modules with playwright-core and axe-core), and chromium, pdftoppm and soffice on the path.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "test code")]

mod examples;
mod large;
mod tables;
mod trust;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use serde_json::Value;

const PLAINSIGHT: &str = env!("CARGO_BIN_EXE_plainsight");
const REPORTS: [&str; 13] = [
    "html=share.html",
    "jsonl=share.jsonl",
    "csv=share.csv",
    "parquet=share.parquet",
    "xlsx=share.xlsx",
    "markdown=share.md",
    "sarif=share.sarif",
    "ocsf=share.ocsf.jsonl",
    "art30=art30.csv",
    "art30=art30.xlsx",
    "art33=art33.md",
    "art33=art33.html",
    "manifest=manifest.json",
];

/// Where the reports of one scan of the share lie.
static REPORT: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reports");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let mut command = Command::new(PLAINSIGHT);
    command.args(["scan", "-q", concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/share")]).current_dir(&folder);
    for report in REPORTS {
        command.args(["-o", report]);
    }
    let status = command.status().unwrap();
    assert_eq!(status.code(), Some(1));
    folder
});

fn read(name: &str) -> Vec<u8> {
    fs::read(REPORT.join(name)).unwrap()
}

fn files() -> Vec<String> {
    REPORTS.iter().map(|report| report.split_once('=').unwrap().1.to_owned()).collect()
}

/// A variable of the environment that tests/run sets; without it the test says what it leaves out.
fn tool(variable: &str, what: &str) -> Option<String> {
    let found = std::env::var(variable).ok().filter(|value| !value.is_empty());
    if found.is_none() {
        eprintln!("*** {variable} is not set: {what} ***");
    }
    found
}

/// What a reader of the report can see, unpacked.
fn visible(name: &str, bytes: &[u8]) -> String {
    let extension = Path::new(name).extension().unwrap().to_str().unwrap();
    match extension {
        "xlsx" => {
            let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            let mut text = String::new();
            for at in 0..zip.len() {
                zip.by_index(at).unwrap().read_to_string(&mut text).unwrap();
            }
            unescaped(&text)
        }
        "html" => {
            let page = String::from_utf8(bytes.to_vec()).unwrap();
            let whole = data(&page).map(|(before, data, after)| format!("{before}{data}{after}"));
            unescaped(&whole.unwrap_or(page))
        }
        // As our own reader shows it; and as it is, with the least and greatest value of each column.
        "parquet" => tables::text(&REPORT.join(name)) + &String::from_utf8_lossy(bytes),
        "md" => String::from_utf8(bytes.to_vec()).unwrap().replace('\\', "").replace("&#64;", "@"),
        _ => String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

/// The data of a page, unpacked, and what stands before and behind them; none on a page without.
fn data(page: &str) -> Option<(&str, String, &str)> {
    let (before, behind) = page.split_once("id=\"data\">")?;
    let (packed, after) = behind.split_once('<').unwrap();
    let packed = base64::engine::general_purpose::STANDARD.decode(packed).unwrap();
    let mut data = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut data).unwrap();
    Some((before, data, after))
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

fn lines(text: &[u8]) -> Vec<Value> {
    String::from_utf8(text.to_vec()).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Names of files, folders and members: shown on purpose, and themselves able to name somebody.
fn names(lines: &[Value]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for line in lines.iter().filter(|line| line["type"] == "item") {
        let members = line["members"].as_array().unwrap().iter().filter_map(Value::as_str);
        for name in line["path"].as_str().into_iter().chain(members) {
            names.insert(name.to_owned());
            names.extend(name.split('/').filter(|part| part.chars().count() > 3).map(str::to_owned));
        }
    }
    names
}

#[test]
fn no_clear_value_of_the_fixtures_is_in_any_report() {
    let share = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/share");
    let output = Command::new(PLAINSIGHT).args(["scan", "-q", "--reveal", "-o", "jsonl=-", share]).output().unwrap();
    let revealed = lines(&output.stdout);
    let names = names(&revealed);
    let mut values = BTreeSet::new();
    for finding in revealed.iter().filter(|line| line["type"] == "finding") {
        let value = finding["value"].as_str().unwrap().trim();
        // A word of a lexicon is a sample of itself; a number is not.
        let is_word = finding["sample"] == value && value.chars().filter(char::is_ascii_digit).count() < 4;
        // What Articles 9 and 10 protect is no such word: nothing of it is shown.
        let articles = finding["gdpr"].as_array().unwrap();
        if articles.iter().any(|article| article == "art9.1" || article == "art10") {
            assert_eq!(finding["sample"], "…");
            continue;
        }
        if value.chars().count() >= 5 && !is_word {
            values.insert(value.to_owned());
            // As it would be written without its spaces, or in capitals.
            values.insert(value.to_uppercase());
            values.insert(value.replace(' ', ""));
        }
    }
    assert!(values.len() > 800, "only {} values", values.len());
    let near = |finding: &&Value| finding["why"].to_string().contains("\"context:");
    let masked = lines(&read("share.jsonl"));
    let sensitive = masked.iter().filter(|line| line["gdpr"].to_string().contains("art9.1"));
    assert_eq!(sensitive.filter(near).count(), 0, "words near what Article 9 protects");

    let names = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&names).unwrap();
    let values: Vec<String> = values.into_iter().collect();
    let find = AhoCorasick::new(&values).unwrap();
    let mut leaks = Vec::new();
    for name in files() {
        let text = visible(&name, &read(&name));
        let blanks = vec!["\u{1f}"; names.patterns_len()];
        let text = names.replace_all(&text, &blanks);
        for found in find.find_iter(&text) {
            // A word within a longer one is not that value.
            let around = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            if around(text[..found.start()].chars().next_back()) && around(text[found.end()..].chars().next()) {
                let from = text[..found.start()].char_indices().rev().nth(60).map_or(0, |(at, _)| at);
                leaks.push(format!("{name}: {:?} in …{}", values[found.pattern()], &text[from..found.end()]));
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks\n{}", leaks.len(), leaks[..leaks.len().min(20)].join("\n"));
    // The test can fail: with --reveal the values are there.
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(find.find_iter(&text).count() > 800);
}

#[test]
fn every_report_is_whole_and_only_its_owner_can_read_it() {
    for name in files() {
        let metadata = fs::metadata(REPORT.join(&name)).unwrap();
        assert!(metadata.len() > 300, "{name}");
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
    let left: Vec<_> = fs::read_dir(&*REPORT).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("partial")), "{left:?}");
}

#[test]
fn the_manifest_is_verified() {
    let folder = tempfile::tempdir().unwrap();
    for name in files() {
        fs::copy(REPORT.join(&name), folder.path().join(&name)).unwrap();
    }
    let verify = || Command::new(PLAINSIGHT).arg("verify").arg(folder.path().join("manifest.json")).output().unwrap();
    let output = verify();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!((output.status.code(), said.matches("same ").count()), (Some(0), REPORTS.len() - 1), "{said}");
    let manifest: Value = serde_json::from_slice(&read("manifest.json")).unwrap();
    let configuration = manifest["configuration"].as_array().unwrap();
    assert!(configuration[0] == "scan" && configuration.contains(&"html=share.html".into()), "{configuration:?}");
    if cfg!(target_os = "linux") {
        let mount = &manifest["mounts"][0];
        assert!(mount["root"] == 0 && mount["file_system"] != "" && mount["options"].as_str().unwrap().len() > 1);
    }
    fs::write(folder.path().join("share.csv"), "something else").unwrap();
    let output = verify();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("CHANGED  share.csv"));
}

/// The first few faults by the schema.
fn faults(schema: &Value, instance: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    validator.iter_errors(instance).take(5).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn sarif_is_valid() {
    let Some(schema) = tool("PLAINSIGHT_SARIF_SCHEMA", "SARIF is NOT checked against its schema") else { return };
    let mut schema: Value = serde_json::from_slice(&fs::read(schema).unwrap()).unwrap();
    // A pattern of the published schema is no regular expression: a bracket too many.
    for of in ["run", "toolComponent"] {
        schema["definitions"][of]["properties"]["language"].as_object_mut().unwrap().remove("pattern");
    }
    let share = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/share");
    let check = Command::new(env!("CARGO_BIN_EXE_plainsight")).args(["check", "-q", "-o", "sarif=-", share]).output();
    let check: Value = serde_json::from_slice(&check.unwrap().stdout).unwrap();
    let sarif: Value = serde_json::from_slice(&read("share.sarif")).unwrap();
    for (sarif, most) in [(&sarif, 100), (&check, 50)] {
        assert!(faults(&schema, sarif).is_empty(), "{:#?}", faults(&schema, sarif));
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        assert!(results.len() > most, "{}", results.len());
    }
    let mut wrong = sarif.clone();
    wrong["runs"][0]["results"][0]["level"] = "dreadful".into();
    assert!(!faults(&schema, &wrong).is_empty(), "the schema checks something");
}

#[test]
fn ocsf_is_valid() {
    let Some(python) = tool("PLAINSIGHT_OCSF_PYTHON", "OCSF is NOT checked against its schema") else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reports/ocsf_schema.py");
    let output = Command::new(python).arg(script).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    let events = lines(&read("share.ocsf.jsonl"));
    assert!(events.len() > 50);
    for event in &events {
        assert!(faults(&schema, event).is_empty(), "{:#?}\n{event:#}", faults(&schema, event));
    }
    let mut wrong = events[0].clone();
    wrong["surprise"] = 1.into();
    assert!(!faults(&schema, &wrong).is_empty(), "the schema allows nothing it does not know");
}

#[test]
fn workbooks_open_in_other_programs() {
    const SCRIPT: &str = "
import sys, openpyxl
for path in sys.argv[1:]:
    book = openpyxl.load_workbook(path)
    for sheet in book:
        assert all(cell.data_type != 'f' for row in sheet.iter_rows() for cell in row)
        print(path.rsplit('/', 1)[-1], sheet.title, sheet.max_row, sheet.max_column)
";
    let paths = [REPORT.join("share.xlsx"), REPORT.join("art30.xlsx")];
    if let Some(python) = tool("PROTECTION_PYTHON", "workbooks are NOT opened by openpyxl") {
        let output = Command::new(python).args(["-c", SCRIPT]).args(&paths).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(said.lines().count(), 7, "{said}");
    }
    let folder = tempfile::tempdir().unwrap();
    let profile = format!("-env:UserInstallation=file://{}", folder.path().join("profile").display());
    let converted = Command::new("soffice")
        // The filter for text, with commas and quotes, in UTF-8.
        .args([&profile, "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir"])
        .arg(folder.path())
        .args(&paths)
        .output();
    if converted.is_err() {
        eprintln!("*** soffice is not there: workbooks are NOT opened by LibreOffice ***");
        return;
    }
    for (name, expected) in [("share.csv", "85 of 153 files"), ("art30.csv", "/fixtures/share/Paghe")] {
        let text = fs::read_to_string(folder.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(text.contains(expected), "{name}: {text}");
    }
}

#[test]
fn the_page_in_a_browser() {
    let Some(modules) = tool("PLAINSIGHT_PLAYWRIGHT", "the page is NOT opened in a browser") else { return };
    let large = REPORT.join("large.html");
    large::write(&large);
    let size = fs::metadata(&large).unwrap().len();
    eprintln!("100,000 findings: {} kB", size / 1000);
    assert!(size < 15_000_000);
    let second = tempfile::tempdir().unwrap();
    examples::make(second.path());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reports/page.mjs");
    let shots = std::env::var("PLAINSIGHT_SCREENSHOTS").unwrap_or_default();
    let status = Command::new("node")
        .arg(script)
        .args([Path::new(&modules), &REPORT.join("share.html"), &large, &REPORT.join("art33.html")])
        .args([&second.path().join("report.html"), Path::new(&shots)])
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
fn nothing_of_the_page_is_grossly_broken() {
    let Some(modules) = tool("PLAINSIGHT_PLAYWRIGHT", "the page is NOT looked at in a browser") else { return };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reports/breakage.mjs");
    let shots = std::env::var("PLAINSIGHT_SCREENSHOTS").unwrap_or_default();
    let italian = REPORT.join("art33.it.html");
    let share = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/share");
    let mut command = Command::new(PLAINSIGHT);
    command.args(["scan", "-q", share, "--lang", "it", "-o"]).arg(format!("art33={}", italian.display()));
    assert_eq!(command.status().unwrap().code(), Some(1));
    let [page, notice] = ["share.html", "art33.html"].map(|name| REPORT.join(name));
    let arguments = [Path::new(&modules), &page, &notice, &italian, Path::new(&shots)];
    assert!(Command::new("node").arg(script).args(arguments).status().unwrap().success());
}
