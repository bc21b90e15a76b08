//! The verdict on files that real tools seal: each tool makes its file now, with a known password, and the scan must say what it is.
//!
//! A tool that is not installed costs a loud line and its cases; `tests/run` installs them all.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "test code")]

mod cases;
mod known;
mod office;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use cases::{CASES, Case};
use office::OFFICE;

/// An invented person; long enough that what is made of it has blocks to look at.
const ROW: &str = "Laura Bianchi;BNCLRA85C52L219K;IT60X0542811101000000123456;2850,00\n";
const NOTE: &str = "Busta paga\nDipendente: Laura Bianchi\nCodice fiscale: BNCLRA85C52L219K\n";

/// What the tools seal.
fn write_documents(dir: &Path) {
    fs::create_dir_all(dir.join("docs")).unwrap();
    fs::write(dir.join("docs/note.txt"), NOTE).unwrap();
    let mut rows = "N;Nome;CF;IBAN;Netto\n".to_owned();
    (0..400).for_each(|number| write!(rows, "{number};{ROW}").unwrap());
    fs::write(dir.join("docs/people.csv"), rows).unwrap();
    fs::write(dir.join("docs/empty.txt"), "").unwrap();
    fs::write(dir.join("plain.pdf"), pdf()).unwrap();
}

/// A document of one page whose cross-references are right.
fn pdf() -> Vec<u8> {
    let content = "BT /F 12 Tf 72 720 Td (Codice fiscale: BNCLRA85C52L219K) Tj ET";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        write!(file, "{} 0 obj\n{object}\nendobj\n", number + 1).unwrap();
    }
    let start = file.len();
    file.push_str("xref\n0 6\n0000000000 65535 f \n");
    for place in places {
        writeln!(file, "{place:010} 00000 n ").unwrap();
    }
    write!(file, "trailer<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").unwrap();
    file.into_bytes()
}

/// The Python in which `tests/run` installs msoffcrypto-tool, pykeepass and openpyxl.
fn python() -> String {
    std::env::var("PROTECTION_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// Runs a line of shell in the directory; what it said, if it failed.
fn shell(dir: &Path, line: &str) -> Result<(), String> {
    let output = Command::new("sh")
        .args(["-euc", line])
        .current_dir(dir)
        .env("PYTHON", python())
        .env("LIBREOFFICE", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protection/libreoffice.py"))
        .env("GNUPGHOME", dir.join("gnupg"))
        .env("LC_ALL", "C.UTF-8")
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    Err(said.chars().skip(said.chars().count().saturating_sub(400)).collect())
}

/// Whether a tool can be had: a program, or a module of Python.
fn has(tool: &str) -> bool {
    let line = match tool.split_once(':') {
        Some((_, "uno")) => "/usr/bin/python3 -c 'import uno' && command -v soffice".to_owned(),
        Some((_, module)) => format!("$PYTHON -c 'import {module}'"),
        None => format!("PATH=$PATH:/usr/sbin command -v {tool}"),
    };
    shell(Path::new("/"), &line).is_ok()
}

/// Scans the directory; all lines of the report.
fn scan(dir: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_plainsight"))
        .args(["scan", ".", "-q", "-o", "jsonl=-"])
        .args(arguments)
        .current_dir(dir)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The files of a scan by their paths; members are left out.
fn files(lines: &[Value]) -> BTreeMap<String, &Value> {
    lines
        .iter()
        .filter(|line| line["type"] == "item" && line["members"].as_array().is_none_or(Vec::is_empty))
        .map(|item| (item["path"].as_str().unwrap_or_default().to_owned(), item))
        .collect()
}

/// Makes the files of all cases whose tools are there; the cases that were made.
fn make<'c>(dir: &Path, cases: &'c [Case]) -> Vec<&'c Case> {
    let mut there: BTreeMap<&str, bool> = BTreeMap::new();
    let mut made = Vec::new();
    for case in cases {
        if !*there.entry(case.tool).or_insert_with(|| has(case.tool)) {
            continue;
        }
        match shell(dir, case.make) {
            Ok(()) => made.push(case),
            // Newer versions of a tool no longer make everything.
            Err(said) => eprintln!("PROTECTION: NOT MADE: {} by {}: {said}", case.file, case.tool),
        }
    }
    for (tool, _) in there.iter().filter(|(_, there)| !**there) {
        let lost = cases.iter().filter(|case| case.tool == *tool).count();
        eprintln!("PROTECTION: {tool} IS NOT INSTALLED: {lost} cases are not checked");
    }
    made
}

#[test]
fn files_of_real_tools_are_judged_right() {
    let dir = tempfile::tempdir().unwrap();
    write_documents(dir.path());
    fs::create_dir(dir.path().join("out")).unwrap();
    shell(dir.path(), "mkdir -m 700 gnupg").unwrap();
    let made = [make(dir.path(), CASES), make(dir.path(), OFFICE)].concat();
    let _ = shell(dir.path(), "gpgconf --homedir gnupg --kill all");
    let lines = scan(&dir.path().join("out"), &[]);
    let files = files(&lines);
    let mut wrong = Vec::new();
    for case in &made {
        let Some(item) = files.get(case.file) else {
            wrong.push(format!("{}: no record", case.file));
            continue;
        };
        let found = &item["protection"];
        let said = (
            found["state"].as_str().unwrap_or_default(),
            found["scheme"].as_str(),
            found["names_exposed"].as_bool().unwrap_or_default(),
        );
        if said != (case.state, case.scheme, case.names) {
            wrong.push(format!(
                "{}: {said:?} instead of {:?}: {}",
                case.file,
                (case.state, case.scheme, case.names),
                found["evidence"]
            ));
        }
        // What is sealed tells why, and is not called read.
        if case.state != "plain" && found["evidence"].as_str().unwrap_or_default().is_empty() {
            wrong.push(format!("{}: without evidence", case.file));
        }
        if matches!(case.state, "strong" | "weak") && item["outcome"] == "read" {
            wrong.push(format!("{}: called read", case.file));
        }
    }
    eprintln!("protection: {} of {} files of real tools judged right", made.len() - wrong.len(), made.len());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
