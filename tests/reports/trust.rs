//! Reports that are signed, sealed, or name people: checked with OpenSSH and age, which know nothing of this program.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::PLAINSIGHT;

/// Two copies of one document, and another one.
fn share() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let share = folder.path().join("share");
    fs::create_dir_all(share.join("old")).unwrap();
    let paper = "Name: Ada Provetti\nBorn: 03/05/2013\nCodice fiscale: PRVDAA13E43F205C\nDiagnosis: asthma\n";
    fs::write(share.join("visit.txt"), paper).unwrap();
    fs::write(share.join("old/visit.txt"), paper).unwrap();
    fs::write(share.join("note.txt"), "Write to ada.provetti@postaviva-mail.it, tel. +39 328 0091705\n").unwrap();
    folder
}

fn scan(folder: &Path, arguments: &[&str]) -> Output {
    fs::write(folder.join("key"), [7; 32]).unwrap();
    let fixed = ["scan", "share", "-q", "-j", "1", "--ocr", "off", "--key-file", "key"];
    Command::new(PLAINSIGHT).args(fixed).args(arguments).current_dir(folder).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// None where the program is not there, which is said.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> Option<Output> {
    let output = Command::new(program).args(arguments).current_dir(folder).stdin(Stdio::null()).output();
    if output.is_err() {
        eprintln!("*** {program} is not there: what it would check is NOT checked ***");
    }
    output.ok()
}

#[test]
fn a_signed_manifest_holds_for_its_key_alone() {
    let folder = share();
    let at = folder.path();
    for name in ["officer", "other"] {
        let Some(made) = run(at, "ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", name]) else { return };
        assert!(made.status.success(), "{}", text(&made));
    }
    let output = scan(at, &["-o", "csv=a.csv", "-o", "manifest=m.json", "--sign", "officer"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let verify = |signer: &str| {
        let output =
            Command::new(PLAINSIGHT).args(["verify", "m.json", "--signer", signer]).current_dir(at).output().unwrap();
        (output.status.code(), text(&output))
    };
    let (code, said) = verify("officer.pub");
    assert!(code == Some(0) && said.starts_with("signed "), "{said}");
    assert_eq!(verify("other.pub").0, Some(1));
    // The program that everybody has says the same.
    let public = fs::read_to_string(at.join("officer.pub")).unwrap();
    fs::write(at.join("allowed"), format!("officer@example.com {public}")).unwrap();
    let check = "ssh-keygen -Y verify -f allowed -I officer@example.com -n plainsight -s m.json.sig < m.json";
    assert!(run(at, "sh", &["-c", check]).unwrap().status.success());
    let manifest = fs::read_to_string(at.join("m.json")).unwrap();
    fs::write(at.join("m.json"), manifest.replace("\"csv\"", "\"CSV\"")).unwrap();
    let (code, said) = verify("officer.pub");
    assert!(code == Some(1) && said.starts_with("FORGED "), "{said}");
    assert!(!run(at, "sh", &["-c", check]).unwrap().status.success());
    fs::remove_file(at.join("m.json.sig")).unwrap();
    assert!(verify("officer.pub").1.starts_with("UNSIGNED"));
    let output = scan(at, &["-o", "csv=a.csv", "--sign", "officer"]);
    assert!(output.status.code() == Some(2) && text(&output).contains("manifest"), "{}", text(&output));
}

#[test]
fn a_sealed_report_is_opened_by_its_recipient_alone() {
    let folder = share();
    let at = folder.path();
    let Some(made) = run(at, "age-keygen", &["-o", "identity"]) else { return };
    let said = text(&made);
    let recipient = said.split_whitespace().find(|word| word.starts_with("age1")).unwrap();
    run(at, "age-keygen", &["-o", "stranger"]).unwrap();
    assert_eq!(scan(at, &["-o", "csv=clear.csv"]).status.code(), Some(1));
    let output = scan(
        at,
        &[
            "-o",
            "csv=a.csv",
            "-o",
            "html=a.html",
            "-o",
            "parquet=a.parquet",
            "-o",
            "manifest=m.json",
            "--seal",
            recipient,
        ],
    );
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(["a.csv", "a.html", "a.parquet"].iter().all(|name| !at.join(name).exists()));
    let opened = run(at, "age", &["-d", "-i", "identity", "a.csv.age"]).unwrap();
    let lines = |bytes: &[u8]| {
        let mut lines: Vec<String> = String::from_utf8(bytes.to_vec()).unwrap().lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert!(opened.status.success(), "{}", text(&opened));
    assert_eq!(lines(&opened.stdout), lines(&fs::read(at.join("clear.csv")).unwrap()));
    let page = run(at, "age", &["-d", "-i", "identity", "a.html.age"]).unwrap();
    assert!(page.stdout.starts_with(b"<!doctype html>"), "{}", String::from_utf8_lossy(&page.stderr));
    let parquet = run(at, "age", &["-d", "-i", "identity", "a.parquet.age"]).unwrap().stdout;
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
    assert!(!run(at, "age", &["-d", "-i", "stranger", "a.csv.age"]).unwrap().status.success());
    // The manifest is of what was written.
    let verified = Command::new(PLAINSIGHT).args(["verify", "m.json"]).current_dir(at).output().unwrap();
    assert_eq!((verified.status.code(), text(&verified).matches(".age").count()), (Some(0), 3));
    let output = scan(at, &["-o", "csv=-", "--seal", recipient]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn people_are_named_on_request_only() {
    let folder = share();
    let at = folder.path();
    for arguments in [&["-o", "subjects=s.csv"][..], &["--reveal", "-o", "subjects=-"]] {
        assert_eq!(scan(at, arguments).status.code(), Some(2));
        assert!(!at.join("s.csv").exists());
    }
    let output = scan(at, &["--reveal", "-o", "subjects=s.csv", "-o", "jsonl=a.jsonl"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert_eq!(fs::metadata(at.join("s.csv")).unwrap().permissions().mode() & 0o777, 0o600);
    let list = fs::read_to_string(at.join("s.csv")).unwrap();
    let ada = list.lines().find(|line| line.contains("PRVDAA13E43F205C")).unwrap_or_else(|| panic!("{list}"));
    assert!(
        ada.contains("Ada Provetti,") && ada.contains(",yes,") && ada.contains("old/visit.txt; visit.txt"),
        "{ada}"
    );
    // And the two papers are one document.
    let lines = fs::read_to_string(at.join("a.jsonl")).unwrap();
    let copies: Vec<&str> = lines.lines().filter(|line| line.contains("\"type\":\"copies\"")).collect();
    assert!(copies.len() == 1 && copies[0].contains("\"files\":2"), "{copies:?}");
}
