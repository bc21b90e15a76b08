//! One hostile file costs one file: damaged copies of all fixtures, bombs, and entries that are no files.
#![cfg(unix)]
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "test code")]

mod bombs;
mod measured;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::Cursor;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use plainsight::judge::Judgement;
use plainsight::model::{Exposure, ItemPath, ItemRecord, Name, Outcome, Protection, Reason, Text};
use plainsight::open::passwords::{Passwords, Secret};
use plainsight::open::{Budget, Limits};
use plainsight::scan::item::{Content, Facts, Inspect, Inspection, Reading};
use serde_json::Value;

use measured::Measured;

const GOOD: &str = "Dipendente: Laura Bianchi\nCodice fiscale: BNCLRA85C52L219K\n";

/// Scans the directory in a process of its own; it must end as a scan ends.
fn scan(dir: &Path, arguments: &[&str]) -> Vec<Value> {
    measure(dir, arguments).0
}

/// The same, with what it cost.
fn measure(dir: &Path, arguments: &[&str]) -> (Vec<Value>, Measured) {
    fs::write(dir.join("good.txt"), GOOD).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_plainsight"));
    command.args(["scan", ".", "-q", "-o", "jsonl=-"]).args(arguments).current_dir(dir);
    let measured = measured::run(&mut command);
    assert_eq!(measured.code, Some(1), "{}: the good file has a finding: {}", dir.display(), measured.stderr);
    let lines: Vec<Value> = measured.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.last().unwrap()["type"], "summary");
    let good = of(&lines, "good.txt");
    assert_eq!((good.len(), &good[0]["outcome"]), (1, &"read".into()));
    let crashed: Vec<_> = lines.iter().filter(|line| line["code"] == "crashed").map(ToString::to_string).collect();
    assert!(crashed.is_empty(), "{}", crashed.join("\n"));
    (lines, measured)
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
        if path.is_dir() && !path.ends_with("generator") {
            fixtures(&path, found);
        } else if path.is_file() && path.metadata().unwrap().len() < 128 * 1024 {
            found.push(path);
        }
    }
}

/// The fixtures for the readers, and the texts for the detectors.
fn by_kind() -> (Vec<PathBuf>, Vec<PathBuf>) {
    let mut paths = Vec::new();
    fixtures(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), &mut paths);
    paths.sort();
    paths.into_iter().partition(|path| {
        !path.components().any(|part| matches!(part.as_os_str().to_str(), Some("heldout" | "labelled")))
    })
}

/// A fixed sequence that looks random.
fn next(seed: &mut u64) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    usize::try_from(*seed >> 33).unwrap()
}

/// Copies cut off and with bits turned over, the same ones every time.
fn damaged(whole: &[u8], seed: u64) -> Vec<(&'static str, Vec<u8>)> {
    let mut seed = 0x9e37_79b9_7f4a_7c15 ^ seed.wrapping_mul(0x2545_f491_4f6c_dd1d);
    let length = whole.len();
    let mut copies = vec![
        ("half", whole[..length / 2].to_vec()),
        ("tail", whole[length / 3..].to_vec()),
        ("end", whole[..length - length.min(1 + next(&mut seed) % 40)].to_vec()),
        ("cut", whole[..next(&mut seed) % length.max(1)].to_vec()),
    ];
    for kind in ["flip", "flips", "zero", "ones", "head"] {
        let mut bytes = whole.to_vec();
        // Headers lie in front: damage there goes deeper.
        let (spread, times) = match kind {
            "head" => (length.min(256), 2),
            "flips" => (length, 1 + length / 64),
            _ => (length, 1 + length / 512),
        };
        for _ in 0..times {
            let at = next(&mut seed) % spread.max(1);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = match kind {
                    "zero" => 0,
                    "ones" => 0xff,
                    _ => *byte ^ (1 << (next(&mut seed) % 8)),
                };
            }
        }
        copies.push((kind, bytes));
    }
    copies
}

/// Text goes nowhere: the readers are meant.
struct Readers;

impl Inspect for Readers {
    fn begin(&self, _item: &ItemPath) -> Box<dyn Inspection + '_> {
        Box::new(Self)
    }
}

impl Inspection for Readers {
    fn text(&mut self, text: Text) {
        std::hint::black_box(text);
    }

    fn name(&mut self, _item: &ItemPath) {}

    fn finish(self: Box<Self>, _protection: &Protection, _exposure: &Exposure) -> Judgement {
        Judgement::default()
    }
}

/// Reads the bytes as a file of that name, by the readers alone.
fn read(name: &str, bytes: &[u8], with_password: bool) -> Vec<ItemRecord> {
    let known = with_password.then(|| Secret::new("geheim"));
    let passwords = Passwords::new(known.into_iter().collect(), Vec::new);
    let limits = Limits { time: Duration::from_secs(20), ..Limits::default() };
    let budget = Budget::new(limits, bytes.len() as u64, Arc::default()).with_passwords(passwords);
    let mut records = Vec::new();
    let mut emit = |record| records.push(record);
    let mut reading = Reading { inspect: &Readers, budget: &budget, emit: &mut emit };
    let facts = Facts {
        item: ItemPath::new(0, Name::from(name)),
        size: bytes.len() as u64,
        modified: None,
        exposure: Exposure::default(),
        protection: None,
        declared: None,
        depth: 0,
    };
    let (record, _) = reading.read(facts, Content::Seekable(&mut Cursor::new(bytes), bytes.len() as u64));
    records.push(record);
    records
}

/// What is wrong with the records of one damaged file.
fn fault(records: &[ItemRecord], elapsed: Duration) -> Option<String> {
    let own = records.last()?;
    let is_bad = |record: &&ItemRecord| {
        record.reasons.contains(&Reason::Crashed) || (record.outcome() == Outcome::Read) != record.reasons.is_empty()
    };
    if let Some(bad) = records.iter().find(is_bad) {
        return Some(format!("{}: {:?} {:?} {:?}", bad.item, bad.outcome, bad.reasons, bad.problems));
    }
    (elapsed > Duration::from_secs(15) || own.outcome.is_none()).then(|| format!("{}: {elapsed:?}", own.item))
}

#[test]
fn damaged_files_end_in_one_outcome_each() {
    let (readers, texts) = by_kind();
    assert!(readers.len() > 200 && texts.len() > 500);
    // One text in ten: the others have the same reader.
    let paths: Vec<_> = readers.iter().chain(texts.iter().step_by(10)).collect();
    // More damage of every kind where there is time for it.
    let rounds: u64 = std::env::var("PLAINSIGHT_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
    let started = Instant::now();
    let (taken, read_copies) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let mut wrong = Vec::new();
        while let Some(path) = paths.get(taken.fetch_add(1, Ordering::Relaxed)) {
            let name = path.file_name().unwrap().to_string_lossy();
            let whole = fs::read(path).unwrap();
            let seeds = (0..rounds).map(|round| whole.len() as u64 + (round << 32));
            for (kind, bytes) in seeds.flat_map(|seed| damaged(&whole, seed)) {
                let started = Instant::now();
                // Sealed fixtures are opened on the way; that takes seconds, and is the same each time.
                let records = read(&name, &bytes, matches!(kind, "flip" | "end"));
                if started.elapsed() > Duration::from_secs(1) {
                    println!("{:.1} s for {kind} of {}", started.elapsed().as_secs_f32(), path.display());
                }
                read_copies.fetch_add(1, Ordering::Relaxed);
                wrong.extend(
                    fault(&records, started.elapsed()).map(|fault| format!("{kind} of {}: {fault}", path.display())),
                );
            }
        }
        wrong
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let start = || std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, work).unwrap();
        let threads = [start(), start()];
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let read_copies = read_copies.into_inner();
    println!("{read_copies} damaged files read in {:.0} s", started.elapsed().as_secs_f32());
    assert_eq!(read_copies as u64, paths.len() as u64 * 9 * rounds);
}

#[test]
fn damaged_texts_go_through_all_stages() {
    let dir = tempfile::tempdir().unwrap();
    let (readers, texts) = by_kind();
    let paths: Vec<_> = readers.iter().step_by(5).chain(texts.iter().step_by(25)).collect();
    for (number, path) in paths.iter().enumerate() {
        let whole = fs::read(path).unwrap();
        let (kind, bytes) = damaged(&whole, 7).swap_remove(number % 9);
        fs::write(dir.path().join(format!("{number}-{kind}-{}", path.file_name().unwrap().to_string_lossy())), bytes)
            .unwrap();
    }
    let lines = scan(dir.path(), &[]);
    let files: Vec<_> = lines.iter().filter(|line| line["type"] == "item" && is_file(line)).collect();
    let names: BTreeSet<_> = files.iter().map(|item| item["path"].to_string()).collect();
    assert_eq!((files.len(), names.len()), (paths.len() + 1, paths.len() + 1));
}

/// What any bomb may take, detectors and all.
const MEMORY_MIB: u64 = 400;
const SECONDS: u64 = 50;

#[test]
fn bombs_cost_one_file() {
    let limits =
        ["--max-archive-bytes", "2M", "--max-member-bytes", "32M", "--max-members", "2000", "--max-file-seconds", "8"];
    let taken = AtomicUsize::new(0);
    let work = || {
        let mut table = Vec::new();
        while let Some(bomb) = bombs::ALL.get(taken.fetch_add(1, Ordering::Relaxed)) {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join(bomb.name), (bomb.make)()).unwrap();
            let (lines, measured) = measure(dir.path(), &limits);
            table.push(judge(bomb, &lines, &measured));
        }
        table
    };
    let table: Vec<(String, bool)> = std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    println!("bomb                outcome       seconds  peak MiB  reasons");
    for (line, _) in &table {
        println!("{line}");
    }
    assert_eq!(table.len(), bombs::ALL.len());
    let wrong: Vec<_> = table.iter().filter(|(_, is_right)| !is_right).map(|(line, _)| line.as_str()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A line of the table, and whether the bomb ended as it must.
fn judge(bomb: &bombs::Bomb, lines: &[Value], measured: &Measured) -> (String, bool) {
    let records = of(lines, bomb.name);
    let files: Vec<_> = records.iter().filter(|item| is_file(item)).collect();
    let outcome = files.first().and_then(|item| item["outcome"].as_str()).unwrap_or("missing");
    let reasons = reasons(&records);
    let found = lines.iter().any(|line| line["type"] == "finding" && line["path"] == bomb.name);
    let is_right = files.len() == 1
        && bomb.outcomes.contains(&outcome)
        && (bomb.reasons.is_empty() || bomb.reasons.iter().any(|reason| reasons.contains(reason)))
        && (found || !bomb.finds)
        && (outcome == "read" || !reasons.is_empty())
        && measured.peak_kib >> 10 < MEMORY_MIB
        && measured.elapsed < Duration::from_secs(SECONDS);
    let reasons = reasons.into_iter().collect::<Vec<_>>().join(" ");
    let (seconds, peak) = (measured.elapsed.as_secs_f32(), measured.peak_kib >> 10);
    (format!("{:<19} {outcome:<13} {seconds:>7.1} {peak:>9}  {reasons}", bomb.name), is_right)
}

#[test]
fn what_lies_beside_bombs_in_an_archive_is_read() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("mixed.zip"), bombs::mixed(GOOD)).unwrap();
    let lines = scan(dir.path(), &["--max-archive-bytes", "64M"]);
    let is_found =
        |line: &&Value| line["type"] == "finding" && line["path"] == "mixed.zip" && line["members"][0] == "z.txt";
    assert!(lines.iter().any(|line| is_found(&line)), "the last member is read");
}

#[test]
fn a_row_of_two_gigabytes_ends_by_its_budget() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("row.csv");
    fs::write(&path, format!("name;code\n{}", "Mario;".repeat(20_000))).unwrap();
    // The rest of the row is not on the disk.
    fs::File::options().write(true).open(&path).unwrap().set_len(2 << 30).unwrap();
    let (lines, measured) = measure(dir.path(), &["--max-file-seconds", "2"]);
    let row = of(&lines, "row.csv");
    assert_eq!(row.len(), 1);
    let outcome = row[0]["outcome"].as_str();
    assert!(outcome == Some("read") || reasons(&row).contains("timeout"), "{}", row[0]);
    assert!(measured.peak_kib >> 10 < MEMORY_MIB, "{} KiB", measured.peak_kib);
    assert!(measured.elapsed < Duration::from_secs(SECONDS), "{:?}", measured.elapsed);
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
    let (lines, measured) = measure(dir.path(), &["--max-file-seconds", "1"]);
    assert!(measured.peak_kib >> 10 < MEMORY_MIB, "{} KiB", measured.peak_kib);
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
