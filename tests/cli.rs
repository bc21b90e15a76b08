//! The program as people and schedulers call it: exit codes, outputs, interrupts, and its own files on the share.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

const PLAINSIGHT: &str = env!("CARGO_BIN_EXE_plainsight");
/// An invented person.
const PAYSLIP: &str =
    "Busta paga\nDipendente: Laura Bianchi\nCodice fiscale: BNCLRA85C52L219K\nIBAN: IT60X0542811101000000123456\n";

fn share(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    dir
}

fn scan(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(PLAINSIGHT).arg("scan").arg(".").args(arguments).current_dir(dir).output().unwrap()
}

#[track_caller]
fn check_exit(files: &[(&str, &str)], arguments: &[&str], expected: i32) {
    let output = scan(share(files).path(), arguments);
    assert_eq!(output.status.code(), Some(expected), "{output:?}");
}

fn lines(jsonl: &[u8]) -> Vec<Value> {
    String::from_utf8(jsonl.to_vec()).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn items(lines: &[Value]) -> Vec<&Value> {
    lines.iter().filter(|line| line["type"] == "item" && line["members"].as_array().is_none_or(Vec::is_empty)).collect()
}

fn item<'a>(lines: &'a [Value], path: &str) -> &'a Value {
    items(lines).into_iter().find(|item| item["path"] == path).unwrap_or_else(|| panic!("{path} is missing"))
}

const CLEAN: (&str, &str) = ("note.txt", "Nothing to see.\n");
const FOUND: (&str, &str) = ("paga.txt", PAYSLIP);
const UNREAD: (&str, &str) = ("damaged.zip", "PK\u{3}\u{4} and nothing else");

#[test]
fn exit_codes() {
    check_exit(&[CLEAN], &[], 0);
    check_exit(&[CLEAN, FOUND], &[], 1);
    check_exit(&[CLEAN, UNREAD], &[], 3);
    check_exit(&[], &[], 0);
}

#[test]
fn findings_win_over_what_was_not_read() {
    check_exit(&[FOUND, UNREAD], &[], 1);
    check_exit(&[FOUND, UNREAD], &["--fail-on", "critical"], 3);
    check_exit(&[FOUND], &["--fail-on", "critical"], 0);
}

#[test]
fn wrong_usage_is_2() {
    check_exit(&[CLEAN], &["no-such-directory"], 2);
    check_exit(&[CLEAN], &["--no-such-flag"], 2);
    check_exit(&[CLEAN], &["--exclude", "{"], 2);
    check_exit(&[CLEAN], &["-o", "jsonl=no/such/directory.jsonl"], 2);
    check_exit(&[CLEAN], &["-o", "docx=a"], 2);
    check_exit(&[CLEAN], &["--key-file", "note.txt"], 2);
    check_exit(&[CLEAN], &["--password-file", "no-such-file"], 2);
}

#[test]
fn a_report_that_cannot_be_written_fails_before_the_scan() {
    let dir = share(&[FOUND]);
    let output = scan(dir.path(), &["-o", "jsonl=none/report.jsonl"]);
    assert!(output.stdout.is_empty(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("none/report.jsonl"));
}

#[test]
fn what_is_excluded_is_counted() {
    let dir = share(&[CLEAN, FOUND, ("backup/a.txt", PAYSLIP)]);
    let output = scan(dir.path(), &["-q", "-o", "jsonl=-", "--exclude", "backup/", "--exclude", "paga.*"]);
    let lines = lines(&output.stdout);
    let summary = lines.last().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(summary["reasons"]["excluded"], 2);
    assert_eq!(summary["complete"], true);
    assert_eq!(item(&lines, "backup")["outcome"], "skipped");
}

#[test]
fn several_roots_and_a_root_that_is_a_file() {
    let dir = share(&[("a/one.txt", PAYSLIP), ("b/two.txt", "x"), ("b/three.txt", "x")]);
    let output = Command::new(PLAINSIGHT)
        .args(["scan", "a", "b/two.txt", "b/../a", "-q", "-o", "jsonl=-"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    let lines = lines(&output.stdout);
    let mut found: Vec<_> = items(&lines).iter().map(|item| (item["root"].clone(), item["path"].clone())).collect();
    found.sort_by_key(|(root, _)| root.as_u64());
    assert_eq!(found, [(0.into(), "one.txt".into()), (1.into(), "two.txt".into())]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("scanned once"), "{output:?}");
}

#[test]
fn results_on_stdout_and_all_else_on_stderr() {
    let dir = share(&[FOUND]);
    let plain = scan(dir.path(), &[]);
    assert!(String::from_utf8_lossy(&plain.stdout).contains("Exit code 1"));
    assert!(plain.stderr.is_empty(), "{plain:?}");
    let piped = scan(dir.path(), &["-o", "jsonl=-"]);
    assert_eq!(lines(&piped.stdout).last().unwrap()["type"], "summary");
    assert!(String::from_utf8_lossy(&piped.stderr).contains("Exit code 1"));
    let quiet = scan(dir.path(), &["-q"]);
    assert!(quiet.stdout.is_empty() && quiet.stderr.is_empty(), "{quiet:?}");
    for output in [plain, piped] {
        let all = [output.stdout, output.stderr].concat();
        assert!(!String::from_utf8_lossy(&all).contains("BNCLRA85C52L219K"), "a clear value left the program");
    }
}

#[test]
fn a_reader_that_stops_ends_the_scan_quietly() {
    let dir = share(&[]);
    for n in 0..400 {
        fs::write(dir.path().join(format!("{n}.txt")), PAYSLIP).unwrap();
    }
    let mut child = Command::new(PLAINSIGHT)
        .args(["scan", ".", "-q", "-o", "jsonl=-"])
        .current_dir(dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.stderr.is_empty(), "{output:?}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_report_is_for_its_owner_and_no_part_of_the_share() {
    let dir = share(&[FOUND, ("report.jsonl", PAYSLIP)]);
    for _ in 0..2 {
        let output = scan(dir.path(), &["-q", "-o", "jsonl=report.jsonl"]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let report = dir.path().join("report.jsonl");
        assert_eq!(fs::metadata(&report).unwrap().permissions().mode() & 0o777, 0o600);
        let lines = lines(&fs::read(&report).unwrap());
        // The report of yesterday and the one that is being written.
        assert_eq!(lines.last().unwrap()["reasons"]["excluded"], 2);
        assert_eq!(item(&lines, "report.jsonl")["outcome"], "skipped");
        assert_eq!(lines.last().unwrap()["complete"], true);
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing but the report stays behind");
}

/// A share with a text so large that its scan does not end by itself, and the file.
fn endless() -> TempDir {
    let dir = share(&[FOUND]);
    let mut file = fs::File::create(dir.path().join("endless.txt")).unwrap();
    file.write_all("Some words on a line.\n".repeat(8000).as_bytes()).unwrap();
    file.set_len(1 << 36).unwrap();
    dir
}

fn start(dir: &Path, out: &Path, arguments: &[&str]) -> std::process::Child {
    let report = format!("jsonl={}", out.join("report.jsonl").display());
    let child = Command::new(PLAINSIGHT)
        .args(["scan", ".", "-q", "-j", "2", "-o", &report])
        .args(arguments)
        .current_dir(dir)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The report is opened when the arguments are checked.
    while fs::read_dir(out).unwrap().count() == 0 {
        thread::sleep(Duration::from_millis(20));
    }
    child
}

#[test]
fn an_interrupt_ends_the_scan_with_every_file_accounted_for() {
    let dir = endless();
    for n in 0..100 {
        fs::write(dir.path().join(format!("{n}.txt")), "x").unwrap();
    }
    let out = tempfile::tempdir().unwrap();
    let child = start(dir.path(), out.path(), &[]);
    thread::sleep(Duration::from_secs(1));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let lines = lines(&fs::read(out.path().join("report.jsonl")).unwrap());
    let summary = lines.last().unwrap();
    assert_eq!((&summary["interrupted"], &summary["complete"]), (&true.into(), &false.into()));
    assert!(matches!(output.status.code(), Some(1 | 3)), "{output:?}");
    assert_eq!(items(&lines).len() as u64, summary["files"].as_u64().unwrap());
    if let Some(endless) = items(&lines).into_iter().find(|item| item["path"] == "endless.txt") {
        assert_eq!(endless["reasons"][0], "interrupted");
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_told() {
    let dir = endless();
    let out = tempfile::tempdir().unwrap();
    let mut child = start(dir.path(), out.path(), &["--max-file-seconds", "2"]);
    let mut file = fs::File::options().write(true).open(dir.path().join("endless.txt")).unwrap();
    while child.try_wait().unwrap().is_none() {
        file.seek(SeekFrom::End(0)).unwrap();
        file.write_all(b"more\n").unwrap();
        thread::sleep(Duration::from_millis(100));
    }
    let lines = lines(&fs::read(out.path().join("report.jsonl")).unwrap());
    let endless = item(&lines, "endless.txt");
    let reasons: Vec<_> = endless["reasons"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(reasons.contains(&"changed") && reasons.contains(&"timeout"), "{endless}");
    assert_eq!(endless["outcome"], "read_in_part");
    assert_eq!(item(&lines, "paga.txt")["outcome"], "read");
}

#[test]
fn messages_of_a_mailbox_are_mail() {
    let mailbox = format!(
        "From a@example.org Thu Jan  1 10:00:00 2026\nFrom: a@example.org\nTo: b@example.org\nSubject: uno\n\n{PAYSLIP}\n\
         From a@example.org Thu Jan  1 11:00:00 2026\nX-Odd: y\n\ndue\n"
    );
    let dir = share(&[("archive.mbox", &mailbox)]);
    let output = scan(dir.path(), &["-q", "-o", "jsonl=-"]);
    let lines = lines(&output.stdout);
    let kinds: Vec<_> = lines.iter().filter(|line| line["type"] == "item").map(|l| l["media_type"].clone()).collect();
    assert_eq!(kinds, ["message/rfc822", "message/rfc822", "application/mbox"]);
    assert_eq!(lines.last().unwrap()["complete"], true);
}

/// The outcome of the file, and how many findings it has with its members.
#[track_caller]
fn check_found(name: &str, bytes: &[u8]) {
    let dir = share(&[]);
    fs::write(dir.path().join(name), bytes).unwrap();
    let output = scan(dir.path(), &["-q", "-o", "jsonl=-"]);
    let lines = lines(&output.stdout);
    assert!(lines.iter().any(|line| line["detector"] == "it.codice_fiscale"), "{name}: {}", lines.last().unwrap());
}

#[test]
fn nothing_hides_beside_the_content() {
    let fixture = |path: &str| fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path)).unwrap();
    let (zip, tar) = (fixture("zip/plain.zip"), fixture("tar/ustar.tar"));
    let mut commented = zip.clone();
    let length = commented.len() - 2;
    commented[length..].copy_from_slice(&u16::try_from(PAYSLIP.len()).unwrap().to_le_bytes());
    let mut payslip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    payslip.start_file("paga.txt", zip::write::SimpleFileOptions::default()).unwrap();
    payslip.write_all(PAYSLIP.as_bytes()).unwrap();
    let payslip = payslip.finish().unwrap().into_inner();
    let pdf =
        b"%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n\
        3 0 obj <</Type/Page/Parent 2 0 R>> endobj\ntrailer <</Root 1 0 R>>\nstartxref\n0\n%%EOF\n";
    let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9";
    let text = PAYSLIP.as_bytes();
    check_found("comment.zip", &[&commented, text].concat());
    check_found("appended.zip", &[&zip, text].concat());
    check_found("prepended.zip", &[text, &zip].concat());
    check_found("appended.pdf", &[pdf, text].concat());
    check_found("archive.pdf", &[pdf, payslip.as_slice()].concat());
    check_found("prepended.pdf", &[text, pdf].concat());
    check_found("archive.jpg", &[jpeg, payslip.as_slice()].concat());
    check_found("setup.exe", &[b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0", payslip.as_slice()].concat());
    let mut second = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(text.len() as u64);
    second.append_data(&mut header, "paga.txt", text).unwrap();
    check_found("joined.tar", &[tar, second.into_inner().unwrap()].concat());
}

/// Runs the program with this on stdin.
fn plainsight(arguments: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(PLAINSIGHT)
        .args(arguments)
        .env("COLUMNS", "80")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let stdin = stdin.to_owned();
    let writer = thread::spawn(move || input.write_all(stdin.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    output
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

const BADGE: &str = r#"
    [[detector]]
    id = "user.badge"
    title = "Badge of the works"
    category = "employee_number"
    country = "AT"
    pattern = '(?-u:\b)BDG-[0-9]{6}(?-u:\b)'
    confidence = { bare = 0.9 }
    references = ["the badge office"]
    examples = ["BDG-123456"]
    counterexamples = ["BDG-12"]
"#;

#[test]
fn detectors_are_listed_for_tools_and_for_people() {
    let listed = plainsight(&["detectors", "list", "--format", "json"], "");
    let detectors: Vec<Value> = serde_json::from_slice(&listed.stdout).unwrap();
    let iban = detectors.iter().find(|detector| detector["id"] == "eu.iban").unwrap();
    assert_eq!(iban["category"], "bank_account");
    assert_eq!(iban["country"], Value::Null);
    assert_eq!(iban["check"], "iban");
    assert_eq!(iban["stdnum"], serde_json::json!(["stdnum.iban"]));
    assert_eq!(iban["subject"], "weak");
    assert!(iban["references"].as_array().unwrap().contains(&"ISO 13616-1".into()));
    assert!(iban["known_samples"].as_array().unwrap().contains(&"DE89370400440532013000".into()));
    assert_eq!(iban["confidence"]["checked_in_context"], 0.98);
    for detector in &detectors {
        assert!(detector["title"].is_string() && detector["stdnum"].is_array(), "{detector}");
    }

    let table = stdout(&plainsight(&["detectors", "list"], ""));
    assert_eq!(table.lines().count(), detectors.len() + 1);
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");

    let of = |arguments: &[&str]| -> Vec<Value> {
        let all = [&["detectors", "list", "--format", "json"], arguments].concat();
        serde_json::from_slice(&plainsight(&all, "").stdout).unwrap()
    };
    let health = of(&["--category", "health"]);
    assert!(!health.is_empty() && health.iter().all(|detector| detector["category"] == "health"));
    let italian = of(&["--country", "it"]);
    assert!(!italian.is_empty() && italian.iter().all(|detector| detector["country"] == "IT"));
    assert!(of(&["--country", "ZZ"]).is_empty());
    let wrong = plainsight(&["detectors", "list", "--category", "illness"], "");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("trade_union"));
}

#[test]
fn a_detector_is_shown_whole() {
    let text = stdout(&plainsight(&["detectors", "show", "it.codice_fiscale"], ""));
    for part in ["DM 23.12.1976 n. 13813", "COD_FISC", "cod fisc*", "BNCLCU75D52F205M", "Art. 87", "RSSMRA80A01H501U"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let json: Value =
        serde_json::from_slice(&plainsight(&["detectors", "show", "eu.iban", "--format", "json"], "").stdout).unwrap();
    assert_eq!((&json["id"], &json["separators"]), (&"eu.iban".into(), &" -.".into()));
    assert!(json["examples"].as_array().is_some_and(|examples| examples.len() >= 3));

    let unknown = plainsight(&["detectors", "show", "it.codicefiscale"], "");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(unknown.stdout.is_empty());
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("it.codice_fiscale"), "{unknown:?}");
}

#[test]
fn detectors_are_tested_with_their_own_examples() {
    let all = plainsight(&["detectors", "test"], "");
    assert_eq!(all.status.code(), Some(0), "{all:?}");
    assert!(stdout(&all).contains("all as they should be"));

    let dir = share(&[("badge.toml", BADGE)]);
    let patterns = ["--patterns", dir.path().to_str().unwrap()];
    let good = plainsight(&[&["detectors", "test", "user.badge"], &patterns[..]].concat(), "");
    assert_eq!((good.status.code(), stdout(&good).starts_with("1 detector, 2 examples")), (Some(0), true));

    let wrong = BADGE.replace("\"BDG-12\"", "\"lost: BDG-654321\"").replace("\"BDG-123456\"", "\"no badge\"");
    fs::write(dir.path().join("badge.toml"), wrong).unwrap();
    let bad = plainsight(&[&["detectors", "test"], &patterns[..]].concat(), "");
    assert_eq!(bad.status.code(), Some(1));
    assert!(stdout(&bad).contains("user.badge: example not found\n    no badge\n"), "{bad:?}");
    assert!(stdout(&bad).contains("user.badge: counterexample found with 0.90\n    lost: BDG-654321\n"), "{bad:?}");
    // Only what is asked for is tested.
    let other = plainsight(&[&["detectors", "test", "eu.iban"], &patterns[..]].concat(), "");
    assert_eq!(other.status.code(), Some(0));

    fs::write(dir.path().join("badge.toml"), BADGE.replace("title", "titel")).unwrap();
    let broken = plainsight(&[&["detectors", "list"], &patterns[..]].concat(), "");
    assert_eq!(broken.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&broken.stderr).contains("titel"), "{broken:?}");
}

#[test]
fn values_are_put_to_the_check_of_a_detector() {
    let values = "DE89370400440532013000\n de89 3704-0044.0532 0130 00\nDE89370400440532013001\n\nDE89/370400440532013000\nＤＥ89370400440532013000\nDE８9370400440532013000\nDE٨9370400440532013000";
    let output = plainsight(&["detectors", "check", "eu.iban"], values);
    assert_eq!(output.status.code(), Some(0));
    let told = stdout(&output);
    let (echoed, verdicts): (Vec<&str>, Vec<&str>) = told.lines().map(|line| line.rsplit_once('\t').unwrap()).unzip();
    assert_eq!(echoed, values.split('\n').collect::<Vec<_>>());
    assert_eq!(verdicts, ["valid", "valid", "invalid", "invalid", "invalid", "invalid", "valid", "invalid"]);

    // Many, in order; a detector without a check only knows the shape.
    let dir = share(&[("badge.toml", BADGE)]);
    let values: Vec<String> = (0..50_000).map(|n| format!("BDG-{n:05}{}", "7".repeat(n % 2))).collect();
    let arguments = ["detectors", "check", "user.badge", "--patterns", dir.path().to_str().unwrap()];
    let told = stdout(&plainsight(&arguments, &values.join("\n")));
    let verdict = |value: &str| if value.len() == 10 { "unknown" } else { "invalid" };
    let expected: Vec<String> = values.iter().map(|value| format!("{value}\t{}", verdict(value))).collect();
    assert!(told.lines().eq(expected));

    let unknown = plainsight(&["detectors", "check", "iban"], "");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("eu.iban"), "{unknown:?}");
}

#[test]
fn a_file_is_explained_match_by_match() {
    let dir = share(&[("paga.txt", PAYSLIP), CLEAN, UNREAD]);
    let explain = |file: &str, arguments: &[&str]| {
        let path = dir.path().join(file);
        plainsight(&[&["explain", path.to_str().unwrap()], arguments].concat(), "")
    };
    let output = explain("paga.txt", &[]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = stdout(&output);
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "+ line 3: BNCL…19K, Italian tax code (codice fiscale) (it.codice_fiscale, 1.00) counts; check:codice_fiscale",
        "- line 4: IT60…456, Italian or San Marino IBAN (it.iban, 0.99) does not count: a published sample value",
        "does not count: less sure than the minimum of 0.50; a word of pay without an amount near it",
        "person 1 of this item",
        "Severity: medium, for a national id or identity document",
    ] {
        assert!(flat.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("BNCLRA85C52L219K") && text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(stdout(&explain("paga.txt", &["--reveal"])).contains("BNCLRA85C52L219K"));

    fs::write(dir.path().join("wrong.txt"), "c.f. BNCLRA85C52L219A, rif. 61041203735\n").unwrap();
    let wrong = stdout(&explain("wrong.txt", &[]));
    let flat = wrong.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("BNCL…19A, Italian tax code (codice fiscale) (it.codice_fiscale): the check"), "{wrong}");
    assert!(flat.contains("no word or heading near it says that it is one"), "{wrong}");

    let clean = explain("note.txt", &[]);
    assert_eq!((clean.status.code(), stdout(&clean).contains("No detector finds anything.")), (Some(0), true));
    let unread = explain("damaged.zip", &[]);
    assert_eq!(unread.status.code(), Some(3));
    assert!(stdout(&unread).contains("damaged.zip"), "{unread:?}");
    assert_eq!(explain("missing.txt", &[]).status.code(), Some(2));
    let sure = stdout(&explain("paga.txt", &["--min-confidence", "0.9"]));
    assert!(sure.contains("less sure than the minimum of 0.90") && sure.contains("1 of 5 matches count"), "{sure}");
}

#[test]
fn members_are_explained_too_and_tools_can_read_it() {
    let dir = share(&[("badge.toml", BADGE)]);
    let mut zip = zip::ZipWriter::new(fs::File::create(dir.path().join("a.zip")).unwrap());
    for (name, content) in [("paga.txt", PAYSLIP), ("badge.txt", "lost: BDG-123456")] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let archive = dir.path().join("a.zip");
    let arguments =
        ["explain", archive.to_str().unwrap(), "--format", "json", "--patterns", dir.path().to_str().unwrap()];
    let output = plainsight(&arguments, "");
    assert_eq!(output.status.code(), Some(1));
    assert!(!stdout(&output).contains("BNCLRA85C52L219K"), "a clear value left the program");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["schema"], 1);
    let items = told["items"].as_array().unwrap();
    let members: Vec<&Value> = items.iter().map(|item| &item["members"]).collect();
    assert_eq!(members, [&serde_json::json!(["paga.txt"]), &serde_json::json!(["badge.txt"]), &serde_json::json!([])]);
    let of = |item: usize, detector: &str| {
        let matches = items[item]["matches"].as_array().unwrap();
        matches.iter().find(|found| found["detector"] == detector).unwrap().clone()
    };
    let code = of(0, "it.codice_fiscale");
    assert_eq!(
        (&code["counts"], &code["place"]["line"], &code["sample"]),
        (&true.into(), &3.into(), &"BNCL…19K".into())
    );
    assert_eq!(code["why"], serde_json::json!(["check:codice_fiscale", "context:Codice fiscale"]));
    assert!(code["subject"].is_string() && code.get("value").is_none(), "{code}");
    let sample = of(0, "it.iban");
    assert_eq!((&sample["counts"], &sample["code"]), (&false.into(), &"known_sample".into()));
    assert_eq!(items[0]["severity"], "medium");
    assert_eq!(items[0]["categories"]["national_id"], 1);
    assert_eq!(of(1, "user.badge")["counts"], true);

    let revealed = plainsight(&[&arguments[..], &["--reveal"]].concat(), "");
    let revealed: Value = serde_json::from_slice(&revealed.stdout).unwrap();
    let values: Vec<&Value> = revealed["items"][0]["matches"].as_array().unwrap().iter().map(|m| &m["value"]).collect();
    assert!(values.contains(&&"BNCLRA85C52L219K".into()), "{values:?}");
}
