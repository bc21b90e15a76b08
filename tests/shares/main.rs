//! Shares that misbehave: a file system that fails on purpose is mounted and scanned, bounds on the pace are kept, and
//! real servers of SMB and NFS are scanned. `PLAINSIGHT_PROGRAM` names another build of the program than that of the test.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used, reason = "test code")]

mod faults;
#[path = "../measured/mod.rs"]
mod measured;
mod nfs;
mod samba;
mod speed;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

pub(crate) const GOOD: &str = "Dipendente: Laura Bianchi\nCodice fiscale: BNCLRA85C52L219K\n";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shares/fault_fs.py");

/// A mount of the failing file system; taken down at the end, whatever happens.
pub(crate) struct Mount {
    point: tempfile::TempDir,
    server: Child,
    log: PathBuf,
    /// What it shows; deleted at the end.
    source: Option<tempfile::TempDir>,
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        self.source = None;
        let _ = Command::new("fusermount3").args(["-u", "-z"]).arg(self.point.path()).stderr(Stdio::null()).status();
    }
}

impl Mount {
    /// None, with a loud line, where there is no FUSE.
    fn new(files: &[(&str, &str)], name: &str) -> Option<Self> {
        let has_module = Command::new("/usr/bin/python3").args(["-c", "import fusepy"]).stderr(Stdio::null()).status();
        if fs::File::options().read(true).write(true).open("/dev/fuse").is_err()
            || !has_module.is_ok_and(|s| s.success())
        {
            eprintln!("*** NO FUSE, OR NO python3-fusepy: SHARES THAT MISBEHAVE ARE NOT TESTED ***");
            return None;
        }
        let source = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = source.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        let mut command = Command::new("/usr/bin/python3");
        let point = tempfile::tempdir().unwrap();
        command.arg(SCRIPT).arg(source.path()).arg(point.path()).arg(name);
        let mut mount = Self::serve(command, point)?;
        mount.source = Some(source);
        Some(mount)
    }

    /// Waits until the command has mounted something there.
    pub(crate) fn serve(mut command: Command, point: tempfile::TempDir) -> Option<Self> {
        let log = tempfile::NamedTempFile::new().unwrap().into_temp_path().keep().unwrap();
        let out = fs::File::create(&log).unwrap();
        let server = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(out).spawn().unwrap();
        let mut mount = Self { point, server, log, source: None };
        let started = Instant::now();
        let is_mounted = |point: &Path| {
            fs::read_to_string("/proc/self/mountinfo").unwrap().contains(&format!(" {} ", point.display()))
        };
        while !is_mounted(mount.point.path()) {
            if mount.server.try_wait().unwrap().is_some() || started.elapsed() > Duration::from_secs(30) {
                let said = fs::read_to_string(&mount.log).unwrap();
                eprintln!("*** NOTHING CAN BE MOUNTED HERE: SHARES ARE NOT TESTED: {said} ***");
                return None;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(mount)
    }

    pub(crate) fn path(&self) -> &Path {
        self.point.path()
    }
}

pub(crate) fn program() -> std::ffi::OsString {
    std::env::var_os("PLAINSIGHT_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_plainsight").into())
}

/// What a scan said and cost.
pub(crate) struct Scanned {
    pub(crate) lines: Vec<Value>,
    pub(crate) seconds: f32,
    /// Of the scan and its workers together.
    pub(crate) peak_mib: u64,
}

/// The lines of a scan, and the seconds until its last one.
pub(crate) fn scan(roots: &[&Path], arguments: &[&str], mount: Option<Mount>) -> (Vec<Value>, f32) {
    let scanned = measure(roots, arguments, mount, |_| ());
    (scanned.lines, scanned.seconds)
}

/// The same with its cost; `meanwhile` is called again and again with what was said so far. The mount is
/// taken down after the last line: a process is not gone while the system waits for a file system in its name, and that
/// wait cannot be ended from outside.
pub(crate) fn measure(
    roots: &[&Path],
    arguments: &[&str],
    mount: Option<Mount>,
    mut meanwhile: impl FnMut(&str),
) -> Scanned {
    let started = Instant::now();
    let out = tempfile::NamedTempFile::new().unwrap();
    let mut scan = Command::new(program())
        .args(["scan", "-q", "-o", "jsonl=-"])
        .args(arguments)
        .args(roots)
        .stdout(out.reopen().unwrap())
        .spawn()
        .unwrap();
    let mut peak_kib = 0;
    loop {
        let said = fs::read_to_string(out.path()).unwrap();
        let is_over = said.contains("\n{\"type\":\"summary\"") || scan.try_wait().unwrap().is_some();
        if is_over || started.elapsed() > Duration::from_mins(2) {
            break;
        }
        meanwhile(&said);
        peak_kib = peak_kib.max(measured::peak_kib(scan.id()));
        std::thread::sleep(Duration::from_millis(20));
    }
    let seconds = started.elapsed().as_secs_f32();
    drop(mount);
    assert_eq!(scan.wait().unwrap().code(), Some(1), "there is a finding");
    let text = fs::read_to_string(out.path()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    Scanned { lines, seconds, peak_mib: peak_kib >> 10 }
}

/// Outcome and reasons of each file.
pub(crate) fn outcomes(lines: &[Value]) -> BTreeMap<String, String> {
    let items = lines.iter().filter(|line| line["type"] == "item");
    let told = |item: &Value| {
        let reasons: Vec<_> = item["reasons"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let path = format!("{}/{}", item["root"], item["path"].as_str().unwrap());
        (path, format!("{} {}", item["outcome"].as_str().unwrap(), reasons.join(" ")).trim_end().to_owned())
    };
    items.map(told).collect()
}

#[test]
fn faults_cost_the_files_that_they_hit() {
    let long = GOOD.repeat(200);
    let files = [
        ("good.txt", GOOD, "read"),
        ("eio-a.txt", GOOD, "unreadable io_error"),
        ("flaky-a.txt", GOOD, "read"),
        ("stale-a.txt", GOOD, "read"),
        ("closed-a.txt", GOOD, "unreadable permission_denied"),
        ("gone-a.txt", GOOD, "unreadable share_unavailable"),
        ("hang-a.txt", GOOD, "unreadable timeout"),
        ("slow-a.txt", GOOD, "read"),
        ("shrink-a.txt", &long, "read"),
        ("grow-a.txt", GOOD, "read"),
        ("offline-a.txt", GOOD, "skipped offline"),
        ("lost-a/in.txt", GOOD, "unreadable io_error"),
        ("after/good.txt", GOOD, "read"),
    ];
    let content: Vec<_> = files.iter().map(|(path, content, _)| (*path, *content)).collect();
    let Some(mount) = Mount::new(&content, "//fs1.lab/hr") else { return };
    let (root, log) = (mount.path().to_path_buf(), mount.log.clone());
    let (lines, seconds) = scan(&[&root], &["--max-file-seconds", "6"], Some(mount));
    assert_eq!(lines[0]["shares"][0]["name"], r"\\fs1.lab\hr");
    let told = outcomes(&lines);
    println!("share that misbehaves: {seconds:.1} s");
    let mut expected: BTreeMap<String, String> = BTreeMap::new();
    for (path, _, outcome) in files {
        // A directory that cannot be listed stands for what is in it.
        let path = path.strip_suffix("/in.txt").unwrap_or(path);
        println!("  {path:<16} {}", told.get(&format!("0/{path}")).map_or("missing", String::as_str));
        expected.insert(format!("0/{path}"), outcome.to_owned());
    }
    assert_eq!(told, expected);
    assert!(!fs::read_to_string(log).unwrap().contains("placeholder"), "a placeholder is not fetched back");
    assert!(seconds < 40.0, "{seconds}");
}

#[test]
fn a_host_that_dies_is_told_and_the_other_root_is_read() {
    let many: Vec<String> = (0..300).map(|number| format!("files/{number}.txt")).collect();
    let mut files: Vec<_> = many.iter().map(|path| (path.as_str(), GOOD)).collect();
    // Among them, so that others are under way when it happens.
    files.push(("files/dies-a.txt", GOOD));
    let Some(mount) = Mount::new(&files, "filer:/export") else { return };
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("good.txt"), GOOD).unwrap();
    let root = mount.path().to_path_buf();
    let (lines, seconds) = scan(&[&root, other.path()], &[], Some(mount));
    assert_eq!(lines[0]["shares"][0]["name"], "filer:/export");
    let told = outcomes(&lines);
    let unavailable = told.values().filter(|outcome| outcome.contains("share_unavailable")).count();
    println!("host that dies: {seconds:.1} s, {} entries, {unavailable} unavailable", told.len());
    assert_eq!(told["1/good.txt"], "read");
    assert!(unavailable > 0, "{told:?}");
    let is_known = |outcome: &String| outcome == "read" || outcome.contains("share_unavailable");
    let unknown: Vec<_> = told.iter().filter(|(_, outcome)| !is_known(outcome)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert_eq!(lines.last().unwrap()["complete"], false);
    // Without the breaker every file is tried four times: 300 files of 1.3 seconds.
    assert!(seconds < 60.0, "{seconds}");
}

#[test]
fn a_mount_that_freezes_is_given_up_and_the_other_root_is_read() {
    let Some(mount) = Mount::new(&[("good.txt", GOOD), ("freezes-a/in.txt", GOOD)], "filer:/frozen") else { return };
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("good.txt"), GOOD).unwrap();
    let root = mount.path().to_path_buf();
    let (lines, seconds) = scan(&[&root, other.path()], &["--max-file-seconds", "2"], Some(mount));
    let told = outcomes(&lines);
    println!("mount that freezes: {seconds:.1} s, {told:?}");
    assert_eq!(told["1/good.txt"], "read");
    assert!(told.values().any(|outcome| outcome == "unreadable share_unavailable"), "{told:?}");
    assert_eq!(lines.last().unwrap()["complete"], false);
    assert!(seconds < 60.0, "{seconds}");
}

#[test]
fn a_mount_that_fails_when_it_is_asked_for_lists_is_asked_once() {
    let names: Vec<String> = (0..40).map(|number| format!("{number}.txt")).collect();
    let mut files: Vec<_> = names.iter().map(|name| (name.as_str(), GOOD)).collect();
    files.push(("unasked-a.txt", GOOD));
    let Some(mount) = Mount::new(&files, "filer:/lists") else { return };
    // A group that reads: there may be a list.
    for (name, _) in &files {
        let source = mount.source.as_ref().unwrap().path().join(name);
        fs::set_permissions(source, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    }
    let (root, log) = (mount.path().to_path_buf(), mount.log.clone());
    let (lines, _) = scan(&[&root], &[], Some(mount));
    let items: Vec<_> = lines.iter().filter(|line| line["type"] == "item").collect();
    assert_eq!(items.len(), files.len());
    for item in items {
        assert_eq!((&item["outcome"], &item["exposure"]["access"]), (&"read".into(), &"unknown".into()), "{item}");
    }
    let asked = fs::read_to_string(log).unwrap().matches("asked for an attribute").count();
    println!("a mount without answers: asked {asked} times");
    // Threads that begin together may each ask.
    assert!((1..=16).contains(&asked), "{asked}");
}

#[test]
fn nothing_is_read_outside_the_window() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("good.txt"), GOOD).unwrap();
    // Hours that are over, however long the test waits.
    let hour = i32::from(jiff::Zoned::now().hour());
    let window = format!("{:02}:00-{:02}:00", (hour + 20) % 24, (hour + 22) % 24);
    let scan = Command::new(program())
        .args(["scan", "-q", "-o", "jsonl=-", "--end-by=+3s", "--window", &window])
        .arg(dir.path())
        .output()
        .unwrap();
    let lines: Vec<Value> =
        String::from_utf8(scan.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(outcomes(&lines)["0/good.txt"], "skipped interrupted", "{window}");
}

/// On a disk of this machine; on shares nobody can promise it.
#[test]
fn the_access_time_of_a_file_on_the_disk_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let accessed = |name: &str| dir.path().join(name).metadata().unwrap().accessed().unwrap();
    for name in ["scanned.txt", "read.txt"] {
        fs::write(dir.path().join(name), GOOD).unwrap();
        let path = dir.path().join(name);
        assert!(Command::new("touch").args(["-a", "-d", "3 days ago"]).arg(path).status().unwrap().success());
    }
    let before = accessed("scanned.txt");
    scan(&[dir.path()], &["--exclude", "read.txt"], None);
    fs::read(dir.path().join("read.txt")).unwrap();
    if accessed("read.txt") <= before + Duration::from_mins(1) {
        eprintln!("*** THIS DISK KEEPS NO ACCESS TIMES: that a scan leaves them alone is NOT TESTED ***");
    }
    assert_eq!(accessed("scanned.txt"), before);
}

#[test]
fn a_pace_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    for number in 0..30 {
        fs::write(dir.path().join(format!("{number}.txt")), GOOD).unwrap();
    }
    let (lines, seconds) = scan(&[dir.path()], &["--max-files-per-second", "10", "--io-priority", "idle"], None);
    assert_eq!(outcomes(&lines).len(), 30);
    assert!(seconds > 2.9, "{seconds}");
    // Long lines of nothing: cheap to look through.
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("good.txt"), format!("{GOOD}{}", ".".repeat(1 << 20))).unwrap();
    let (_, seconds) = scan(&[dir.path()], &["--max-read-mib-per-second", "0.5"], None);
    assert!(seconds > 2.0, "{seconds}");
}
