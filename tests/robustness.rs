//! One hostile file costs one file: damaged copies of all fixtures, bombs, and entries that are no files, in one scan each.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "test code")]

mod bombs;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const GOOD: &str = "Dipendente: Laura Bianchi\nCodice fiscale: BNCLRA85C52L219K\n";

/// Scans the directory in a process of its own; it must end as a scan ends.
fn scan(dir: &Path, arguments: &[&str]) -> Vec<Value> {
    fs::write(dir.join("good.txt"), GOOD).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_plainsight"))
        .args(["scan", ".", "-q", "-o", "jsonl=-"])
        .args(arguments)
        .current_dir(dir)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "the good file has a finding: {stderr}");
    let lines: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.last().unwrap()["type"], "summary");
    let good = of(&lines, "good.txt");
    assert_eq!((good.len(), &good[0]["outcome"]), (1, &"read".into()));
    let crashed: Vec<_> = lines.iter().filter(|line| line["code"] == "crashed").map(ToString::to_string).collect();
    assert!(crashed.is_empty(), "{}", crashed.join("\n"));
    lines
}

/// The records of a file and its members.
fn of<'a>(lines: &'a [Value], path: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["type"] == "item" && line["path"] == path).collect()
}

fn is_file(item: &Value) -> bool {
    item["members"].as_array().is_none_or(Vec::is_empty)
}

fn reasons<'a>(items: &[&'a Value]) -> BTreeSet<&'a str> {
    items.iter().filter_map(|item| item["reasons"].as_array()).flatten().filter_map(Value::as_str).collect()
}

fn fixtures(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("labelled") && !path.ends_with("generator") {
            fixtures(&path, found);
        } else if path.is_file() && path.metadata().unwrap().len() < 128 * 1024 {
            found.push(path);
        }
    }
}

/// A fixed sequence that looks random.
fn next(seed: &mut u64) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    usize::try_from(*seed >> 33).unwrap()
}

#[test]
fn damaged_files_end_in_one_outcome_each() {
    let dir = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    fixtures(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), &mut paths);
    paths.sort();
    assert!(paths.len() > 200);
    let mut expected = 1;
    let mut seed = 0x9e37_79b9_7f4a_7c15;
    for (number, path) in paths.iter().enumerate() {
        let whole = fs::read(path).unwrap();
        let mut put = |kind: &str, bytes: &[u8]| {
            let name = format!("{number}-{kind}-{}", path.file_name().unwrap().to_string_lossy());
            fs::write(dir.path().join(name), bytes).unwrap();
            expected += 1;
        };
        put("half", &whole[..whole.len() / 2]);
        put("end", &whole[..whole.len() - whole.len().min(1 + next(&mut seed) % 40)]);
        for kind in ["flip", "zero"] {
            let mut bytes = whole.clone();
            for _ in 0..=bytes.len() / 512 {
                let at = next(&mut seed) % bytes.len().max(1);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = if kind == "zero" { 0 } else { *byte ^ (1 << (next(&mut seed) % 8)) };
                }
            }
            put(kind, &bytes);
        }
    }
    // Sealed fixtures are opened on the way.
    let passwords = tempfile::NamedTempFile::new().unwrap();
    fs::write(passwords.path(), "geheim\n").unwrap();
    let lines = scan(dir.path(), &["--password-file", passwords.path().to_str().unwrap()]);
    let files: Vec<_> = lines.iter().filter(|line| line["type"] == "item" && is_file(line)).collect();
    let names: BTreeSet<_> = files.iter().map(|item| item["path"].to_string()).collect();
    assert_eq!((files.len(), names.len()), (expected, expected));
}

/// What becomes of a bomb: the outcomes that the file itself may have, and a reason that it
/// or one of its members must give; none for what is harmless after all.
type Expected = (&'static str, &'static [&'static str], Option<&'static str>);

const ANY_BUT_SKIPPED: &[&str] = &["read", "read_in_part", "unreadable"];
const PART: &[&str] = &["read_in_part"];
const FAILED: &[&str] = &["read_in_part", "unreadable"];
const READ: &[&str] = &["read"];

#[test]
fn bombs_cost_one_file() {
    let dir = tempfile::tempdir().unwrap();
    bombs::write_all(dir.path());
    let lines = scan(dir.path(), &["--max-archive-bytes", "8M", "--max-member-bytes", "8M", "--max-members", "20000"]);
    let expected: &[Expected] = &[
        ("zeros.gz", ANY_BUT_SKIPPED, None),
        ("lines.gz", PART, Some("too_many_bytes")),
        ("declared.zip", READ, None),
        ("nested.zip", ANY_BUT_SKIPPED, Some("too_deep")),
        ("many.zip", PART, Some("too_many_members")),
        ("overlapping.zip", PART, Some("too_many_bytes")),
        ("laughs.xml", ANY_BUT_SKIPPED, None),
        ("laughs.docx", ANY_BUT_SKIPPED, None),
        ("dimension.xlsx", READ, None),
        ("repeated.ods", ANY_BUT_SKIPPED, None),
        ("loops.pdf", ANY_BUT_SKIPPED, None),
        ("deep.json", ANY_BUT_SKIPPED, None),
        ("deep.xml", ANY_BUT_SKIPPED, None),
        ("deep.html", ANY_BUT_SKIPPED, None),
        ("deep.rtf", ANY_BUT_SKIPPED, None),
        ("deep.pdf", ANY_BUT_SKIPPED, None),
        ("parts.eml", ANY_BUT_SKIPPED, None),
        ("nested.eml", ANY_BUT_SKIPPED, None),
        ("messages.eml", ANY_BUT_SKIPPED, Some("too_deep")),
        ("line.txt", READ, None),
        ("row.csv", ANY_BUT_SKIPPED, None),
        ("claims.tar", FAILED, Some("truncated")),
        ("dictionary.7z", ANY_BUT_SKIPPED, None),
        ("dictionary.lzma", FAILED, None),
    ];
    let mut wrong = Vec::new();
    for (path, outcomes, reason) in expected {
        let records = of(&lines, path);
        let files: Vec<_> = records.iter().filter(|item| is_file(item)).collect();
        let outcome = files.first().and_then(|item| item["outcome"].as_str()).unwrap_or("missing");
        let reasons = reasons(&records);
        if files.len() != 1 || !outcomes.contains(&outcome) || reason.is_some_and(|reason| !reasons.contains(reason)) {
            wrong.push(format!("{path}: {} times, {outcome}, {reasons:?}", files.len()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(lines.iter().filter(|line| line["type"] == "item" && is_file(line)).count(), expected.len() + 1);
    let is_found = |path: &str| lines.iter().any(|line| line["type"] == "finding" && line["path"] == path);
    assert!(is_found("dimension.xlsx") && is_found("repeated.ods"), "what the bombs hold is found");
}

#[test]
fn a_file_that_claims_a_terabyte_ends_by_its_budget() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sparse.txt");
    fs::write(&path, "Some words on a line.\n".repeat(8000)).unwrap();
    if fs::File::options().write(true).open(&path).unwrap().set_len(1 << 40).is_err() {
        // The file system cannot hold it, not even on paper.
        fs::remove_file(&path).unwrap();
        return;
    }
    let lines = scan(dir.path(), &["--max-file-seconds", "1"]);
    let sparse = of(&lines, "sparse.txt");
    assert_eq!((sparse[0]["outcome"].as_str(), reasons(&sparse).contains("timeout")), (Some("read_in_part"), true));
}

#[test]
fn entries_that_are_no_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    assert!(Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
    symlink("loop-b", path("loop-a")).unwrap();
    symlink("loop-a", path("loop-b")).unwrap();
    symlink(dir.path(), path("up")).unwrap();
    symlink("/no/such/file", path("dangling")).unwrap();
    fs::create_dir(path("closed")).unwrap();
    fs::write(path("closed/in.txt"), GOOD).unwrap();
    fs::write(path("secret.txt"), GOOD).unwrap();
    fs::set_permissions(path("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(path("secret.txt"), fs::Permissions::from_mode(0o000)).unwrap();
    fs::write(dir.path().join(OsStr::from_bytes(b"perch\xe9 \xff\n.txt")), GOOD).unwrap();
    let may_read_all = fs::read_dir(path("closed")).is_ok();
    let lines = scan(dir.path(), &[]);
    fs::set_permissions(path("closed"), fs::Permissions::from_mode(0o700)).unwrap();

    let check = |path: &str, outcome: &str, reason: &str| {
        let records = of(&lines, path);
        assert_eq!(records.len(), 1, "{path}");
        assert_eq!(
            (records[0]["outcome"].as_str(), reasons(&records)),
            (Some(outcome), BTreeSet::from([reason])),
            "{path}"
        );
    };
    check("pipe", "skipped", "fifo");
    check("socket", "skipped", "socket");
    for link in ["loop-a", "loop-b", "up", "dangling"] {
        check(link, "skipped", "symlink");
    }
    if !may_read_all {
        check("closed", "unreadable", "permission_denied");
        check("secret.txt", "unreadable", "permission_denied");
    }
    let by_bytes = lines.iter().filter(|line| line["type"] == "item" && line["path"]["bytes"].is_string());
    assert_eq!(by_bytes.map(|item| item["outcome"].as_str()).collect::<Vec<_>>(), [Some("read")]);
}
