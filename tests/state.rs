//! Scans one night after the other: what is not read again, what a killed run leaves, what is new, and what starts it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, clippy::print_stderr, reason = "test code")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

const PLAINSIGHT: &str = env!("CARGO_BIN_EXE_plainsight");

/// An invented person for each number; the tax code has its check letter.
fn payslip(n: usize) -> String {
    let mut code = format!("BNCLRA{:02}C{:02}L219", 40 + n % 60, 41 + n / 60 % 30);
    code.push(check_letter(&code));
    format!("Busta paga\nDipendente: Laura Bianchi\nCodice fiscale: {code}\nIBAN: IT60X0542811101000000123456\n")
}

/// D.M. 23 December 1976, table of odd and even places.
fn check_letter(code: &str) -> char {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let sum: u32 = code
        .bytes()
        .enumerate()
        .map(|(at, byte)| {
            let value = if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' };
            if at % 2 == 0 { ODD[usize::from(value)] } else { u32::from(value) }
        })
        .sum();
    char::from(b'A' + u8::try_from(sum % 26).unwrap())
}

struct Share {
    dir: TempDir,
}

impl Share {
    fn new(files: &[(&str, &str)]) -> Self {
        let share = Self { dir: tempfile::tempdir().unwrap() };
        fs::create_dir(share.path().join("share")).unwrap();
        fs::write(share.path().join("key"), [7; 32]).unwrap();
        for (path, content) in files {
            share.write(path, content);
        }
        share
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.path().join("share").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn forget_state(&self) {
        for suffix in ["", "-wal", "-shm", ".lock"] {
            let _ = fs::remove_file(self.path().join(format!("state.sqlite{suffix}")));
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Nothing of the home of whoever runs the tests is looked at or written to.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PLAINSIGHT);
        command.args(arguments).current_dir(self.path());
        command.env("HOME", self.path().join("home")).env_remove("XDG_STATE_HOME");
        command
    }

    /// A scan with a state: its lines.
    fn scan(&self, more: &[&str]) -> Vec<Value> {
        let output = self.run(&[&SCAN[..], more].concat());
        assert!(output.status.code().is_some_and(|code| code != 2), "{output:?}");
        lines(&output.stdout)
    }
}

const SCAN: [&str; 8] = ["scan", "share", "--state", "state.sqlite", "-o", "jsonl=-", "-q", "--key-file=key"];
const PLAIN: [&str; 6] = ["scan", "share", "-o", "jsonl=-", "-q", "--key-file=key"];

fn lines(jsonl: &[u8]) -> Vec<Value> {
    String::from_utf8(jsonl.to_vec()).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// All that a scan says but the times and what only a state says, in an order of its own.
fn said(lines: &[Value]) -> Vec<String> {
    let mut said: Vec<String> = lines
        .iter()
        .map(|line| {
            let mut line = line.clone();
            let object = line.as_object_mut().unwrap();
            for key in ["started", "duration_seconds", "state", "isolation"] {
                object.remove(key);
            }
            line.to_string()
        })
        .collect();
    said.sort();
    said
}

fn summary(lines: &[Value]) -> &Value {
    lines.iter().find(|line| line["type"] == "summary").unwrap()
}

/// A file that was just written is read again: its time cannot tell a second change.
fn grow_old() {
    thread::sleep(Duration::from_millis(2100));
}

#[test]
fn three_nights() {
    let share =
        Share::new(&[("a.txt", "nothing"), ("hr/b.txt", &payslip(1)), ("hr/c.txt", "nothing"), ("d.bin", "\0\u{1}")]);
    std::os::unix::fs::symlink("a.txt", share.path().join("share/link")).unwrap();
    grow_old();
    let first = share.scan(&[]);
    assert_eq!(summary(&first)["state"]["unchanged"], 0);
    assert_eq!(said(&first), said(&lines(&share.run(&PLAIN).stdout)), "a state changes nothing of what is said");

    let second = share.scan(&[]);
    assert_eq!(said(&second), said(&first), "a file that is not read again is told whole");
    let state = &summary(&second)["state"];
    assert_eq!((&state["scan"], &state["unchanged"]), (&Value::from(2), &Value::from(4)), "all but the link");
    for change in ["new", "changed", "gone", "newly_exposed", "newly_protected"] {
        assert_eq!(state["since"][change], 0, "{change}");
    }

    // Of the same length, and with its old time: only the change time tells.
    let old = fs::metadata(share.path().join("share/hr/c.txt")).unwrap();
    fs::write(share.path().join("share/hr/c.txt"), "nothinG").unwrap();
    let file = fs::File::options().write(true).open(share.path().join("share/hr/c.txt")).unwrap();
    file.set_modified(old.modified().unwrap()).unwrap();
    fs::remove_file(share.path().join("share/a.txt")).unwrap();
    share.write("hr/e.txt", &payslip(2));
    let third = share.scan(&["--log=json"]);
    let state = &summary(&third)["state"];
    assert_eq!(state["unchanged"], 2);
    let since = &state["since"];
    let counts = ["new", "changed", "gone", "newly_exposed"].map(|change| since[change].as_u64().unwrap());
    assert_eq!(counts, [1, 0, 1, 1], "what was written anew says the same: {since}");
    assert_eq!(said(&third), said(&lines(&share.run(&PLAIN).stdout)));

    let diff = share.run(&["diff", "--state=state.sqlite"]);
    let text = String::from_utf8(diff.stdout).unwrap();
    assert_eq!(diff.status.code(), Some(1), "{text}");
    assert!(text.contains("new              - -> ") && text.contains("hr/e.txt  EXPOSED\n"), "{text}");
    assert!(text.contains("a.txt\n") && text.contains("From scan 2 "), "{text}");
    // An earlier scan can be told again, whatever came after.
    let again = share.run(&["report", "1", "--state=state.sqlite", "-q", "-o", "jsonl=-"]);
    assert_eq!(said(&lines(&again.stdout)), said(&first));
    let again = share.run(&["report", "--state=state.sqlite", "-q", "-o", "jsonl=-"]);
    assert_eq!(said(&lines(&again.stdout)), said(&third));
    // The manifest of such a report says how the scan was run, not the report.
    let manifest = share.run(&["report", "2", "--state=state.sqlite", "-q", "-o", "manifest=-"]);
    let manifest: Value = serde_json::from_slice(&manifest.stdout).unwrap();
    let configuration = manifest["configuration"].as_array().unwrap();
    assert!(configuration[0] == "scan" && configuration.contains(&"--key-file=key".into()), "{manifest}");
    assert_eq!(manifest["mounts"].as_array().is_some(), cfg!(target_os = "linux"), "{manifest}");
    let scans = String::from_utf8(share.run(&["scans", "--state=state.sqlite"]).stdout).unwrap();
    assert_eq!(scans.matches("finished").count(), 3, "{scans}");
    let page = String::from_utf8(share.run(&["report", "--state=state.sqlite"]).stdout).unwrap();
    assert!(page.contains("\nSince scan 2 ("), "{page}");
    assert!(share.run(&["forget", "--keep=1", "--state=state.sqlite"]).status.success());
    assert_eq!(share.run(&["report", "1", "--state=state.sqlite"]).status.code(), Some(2));
    assert_eq!(summary(&share.scan(&["--full"]))["state"]["unchanged"], 0);
    assert!(share.run(&["forget", "--all", "--state=state.sqlite"]).status.success());
    let left: Vec<_> = fs::read_dir(share.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "the share and our key: {left:?}");
}

#[test]
fn nothing_is_kept_unless_it_is_asked_for() {
    let share = Share::new(&[("a.txt", "nothing")]);
    assert_eq!(share.run(&["scan", "share"]).status.code(), Some(0));
    assert!(!share.path().join("home").exists());
    assert_eq!(share.run(&["scan", "share", "--full"]).status.code(), Some(2));
    assert_eq!(share.run(&["scan", "share", "--state=auto"]).status.code(), Some(0));
    let kept = share.path().join("home/.local/state/plainsight");
    assert!(fs::read_dir(kept).unwrap().any(|e| e.unwrap().file_name().to_str().unwrap().starts_with("share-")));
    let scans = share.run(&["scans"]);
    assert!(String::from_utf8(scans.stdout).unwrap().contains("finished"));
}

#[test]
fn a_state_on_the_share_is_no_part_of_it_and_serves_one_run() {
    let share = Share::new(&[("a.txt", "nothing")]);
    let scan = || share.run(&["scan", "share", "--state=share/s.sqlite", "-q", "-o", "jsonl=-"]);
    for _ in 0..2 {
        let all = lines(&scan().stdout);
        let read: Vec<_> = all.iter().filter(|line| line["outcome"] == "read").map(|line| &line["path"]).collect();
        assert_eq!(read, ["a.txt"]);
        assert_eq!(summary(&all)["complete"], true);
    }
    let lock = fs::File::open(share.path().join("share/s.sqlite.lock")).unwrap();
    lock.lock().unwrap();
    let second = scan();
    assert_eq!(second.status.code(), Some(2));
    assert!(String::from_utf8(second.stderr).unwrap().contains("another run uses the state"));
}

#[test]
fn a_configuration_sets_what_is_not_typed() {
    let share = Share::new(&[("a.txt", &payslip(3)), ("b.iso", "x")]);
    let write = |text: &str| fs::write(share.path().join("c.toml"), text).unwrap();
    write("paths = ['share']\nexclude = ['*.iso']\nfail_on = 'critical'\nstate = 'state.sqlite'\nquiet = true\n");
    let run = |more: &[&str]| share.run(&[&["scan", "--config=c.toml"], more].concat()).status.code();
    assert_eq!(run(&[]), Some(0));
    assert_eq!(run(&["--fail-on=low", "--no-state"]), Some(1));
    let mut command = share.command(&["scan", "--config=c.toml"]);
    assert_eq!(command.env("PLAINSIGHT_FAIL_ON", "low").status().unwrap().code(), Some(1));
    write("paths = ['share']\nfial_on = 'critical'\n");
    let wrong = share.run(&["scan", "--config=c.toml"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("unknown setting `fial_on`"));
}

#[test]
fn the_units_are_those_of_systemd() {
    let share = Share::new(&[("a.txt", "")]);
    fs::write(share.path().join("c.toml"), "paths = ['share']\n").unwrap();
    let print = |what: &str| {
        let output = share.run(&["schedule", what, "--config=c.toml", "--user=root", "--name=test", "--end-by=06:00"]);
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    assert!(print("cron").starts_with(b"0 22 * * * nice "));
    assert!(print("windows").starts_with(b"<?xml"));
    let units = ["service", "timer"].map(|kind| {
        let path = share.path().join(format!("plainsight-test.{kind}"));
        fs::write(&path, print(kind)).unwrap();
        path
    });
    // Those of the package, as one of their names; their program and their account are not here.
    for (unit, kind) in units.clone().iter().zip(["service", "timer"]) {
        let output = share.run(&["schedule", &format!("template-{kind}")]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("(%i)"), "{text}");
        let text = text.replace("/usr/bin/plainsight", "/bin/true").replace("User=plainsight", "User=root");
        fs::write(unit.with_file_name(format!("plainsight-test@.{kind}")), text).unwrap();
    }
    let instances = ["service", "timer"].map(|kind| share.path().join(format!("plainsight-test@hr.{kind}")));
    for (instance, kind) in instances.iter().zip(["service", "timer"]) {
        std::os::unix::fs::symlink(format!("plainsight-test@.{kind}"), instance).unwrap();
    }
    let mut units = units.to_vec();
    units.extend(instances);
    match Command::new("systemd-analyze").arg("verify").args(&units).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            // It looks at the units of the machine too.
            let ours: Vec<&str> = said.lines().filter(|line| line.contains("plainsight-test")).collect();
            assert!(ours.is_empty(), "{said}");
        }
        Err(_) => eprintln!("*** systemd-analyze CANNOT BE HAD: the units are NOT checked ***"),
    }
}

/// Enough that a debug build reads for some seconds.
fn large(files: usize) -> Share {
    let share = Share::new(&[]);
    for n in 0..files {
        let text = if n % 7 == 0 { payslip(n) } else { format!("note {n}\n").repeat(300) };
        share.write(&format!("{:02}/{n:05}.txt", n % 40), &text);
    }
    for n in 0..files / 50 {
        let name = share.path().join(format!("share/{:02}/{n}.zip", n % 40));
        let mut zip = zip::ZipWriter::new(fs::File::create(name).unwrap());
        for member in 0..20 {
            zip.start_file(format!("{member}.txt"), zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(payslip(n + member).as_bytes()).unwrap();
        }
        zip.finish().unwrap();
    }
    share
}

/// Killed at moments spread over the run, each time with a state of its own; then the next run
/// goes on. `PLAINSIGHT_KILLS` of them.
#[test]
fn a_killed_run_is_gone_on_with_and_ends_the_same() {
    let kills: u32 = std::env::var("PLAINSIGHT_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(5);
    let files: usize = std::env::var("PLAINSIGHT_KILL_FILES").ok().and_then(|files| files.parse().ok()).unwrap_or(600);
    let share = large(files);
    grow_old();
    let began = Instant::now();
    let undisturbed = said(&lines(&share.run(&PLAIN).stdout));
    let whole = began.elapsed();
    let (mut taken, mut killed) = (0, 0);
    for kill in 0..kills {
        let mut moment = whole * (2 * kill + 1) / (2 * kills);
        // Runs differ: one that ended before its moment is begun again, and killed earlier.
        let tries = (0..10).take_while(|_| {
            let mut child = share.command(&SCAN).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            thread::sleep(moment);
            let has_ended = child.try_wait().unwrap().is_some();
            // SIGKILL.
            child.kill().unwrap();
            child.wait().unwrap();
            if has_ended {
                share.forget_state();
                moment = moment * 9 / 10;
            }
            has_ended
        });
        killed += u32::from(tries.count() < 10);
        let state = share.path().join("state.sqlite");
        if state.exists() && fs::metadata(&state).unwrap().len() > 0 {
            let connection = rusqlite::Connection::open(&state).unwrap();
            let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(sound, "ok", "killed after {moment:?}");
        }
        let resumed = share.scan(&[]);
        assert_eq!(said(&resumed), undisturbed, "killed after {moment:?}");
        taken += summary(&resumed)["state"]["unchanged"].as_u64().unwrap();
        share.forget_state();
    }
    println!("{killed} of {kills} killed in a run of {whole:?}; {taken} files were not read again");
    assert_eq!(killed, kills, "the others ended before they were killed");
    if whole > Duration::from_secs(4) {
        assert!(taken > 0, "nothing was taken from the state of a killed run");
    } else {
        eprintln!("*** too fast for a killed run to have written much: what is taken from it is hardly tested ***");
    }
}

#[test]
fn a_run_that_must_end_ends_and_says_what_is_left() {
    let share = large(900);
    grow_old();
    let began = Instant::now();
    let first = share.scan(&["--end-by=+2s"]);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    if summary(&first)["interrupted"] == false {
        eprintln!("*** the scan was faster than its window: NOT tested ***");
        return;
    }
    assert_eq!(summary(&first)["complete"], false);
    let status = String::from_utf8(share.run(&["status", "--state=state.sqlite"]).stdout).unwrap();
    assert!(status.contains("interrupted"), "{status}");
    let second = share.scan(&[]);
    assert_eq!(summary(&second)["state"]["continued"], true);
    assert_eq!(said(&second), said(&lines(&share.run(&PLAIN).stdout)));
}
