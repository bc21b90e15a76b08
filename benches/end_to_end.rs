//! Whole scans against their yardsticks in one run: ripgrep, a plain walk and read, one thread, memory, start-up.
//!
//! `cargo bench --bench end_to_end` prints the ratios; `-- --huge` adds a text file of 8 GB and a line
//! of 2 GB, `-- --megabytes N` sets the size of the mixed tree. Everything is generated in the
//! temporary directory and removed at the end. CPU times are those of the system's ledger (Linux).
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, reason = "a bench tells and may fail")]

mod corpus;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use corpus::{Dice, Kind};
use plainsight::detect::Catalogue;

const PROGRAM: &str = env!("CARGO_BIN_EXE_plainsight");
const REPETITIONS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let after =
        |flag: &str| arguments.iter().position(|a| a == flag).and_then(|at| arguments.get(at + 1)?.parse().ok());
    let megabytes: usize = after("--megabytes").unwrap_or(1000);
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    start_up(dir);
    small_files(dir);
    mixed_tree(dir, megabytes);
    if arguments.iter().any(|a| a == "--huge") {
        huge_files(dir);
    }
}

/// `--version`, and a scan of one small file.
fn start_up(dir: &Path) {
    let one = dir.join("one.txt");
    fs::write(&one, "Mario Rossi, codice fiscale RSSMRA80A01H501U\n").unwrap();
    for (what, arguments, limit) in [
        ("--version", vec!["--version".into()], 10.0),
        ("scan of one small file", vec!["scan".into(), one.as_os_str().to_owned()], 30.0),
    ] {
        let once = |_| {
            let started = Instant::now();
            Command::new(PROGRAM).args(&arguments).stdout(Stdio::null()).status().unwrap();
            started.elapsed().as_secs_f64()
        };
        println!("{what}: {:.1} ms (at most {limit})", median((0..15).map(once)) * 1000.0);
    }
}

/// 50,000 files of 0.5 to 7.5 KB against a walk and read of the same.
fn small_files(dir: &Path) {
    const FILES: usize = 50_000;
    let tree = dir.join("small");
    let mut dice = Dice::new(7);
    let texts: Vec<(Kind, String)> =
        Kind::SHARES.iter().map(|(kind, _)| (*kind, corpus::of_kind(*kind, 4 << 20, 7))).collect();
    for at in 0..FILES {
        let kind = Kind::any(&mut dice);
        let (_, text) = texts.iter().find(|(other, _)| *other == kind).unwrap();
        let start = line_from(text, dice.below(text.len() - 16_000));
        let end = line_from(text, start + 500 + dice.below(7_000));
        let folder = tree.join(format!("{:03}", at % 250));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{at}.{}", kind.extension())), &text[start..end]).unwrap();
    }
    walk_and_read(&tree);
    let plain = median((0..REPETITIONS).map(|_| walk_and_read(&tree)));
    let scans: Vec<Run> = (0..REPETITIONS).map(|_| run(scan(&tree))).collect();
    let cpu = median(scans.iter().map(|run| run.cpu));
    let micros = |seconds: f64| seconds * 1e6 / FILES as f64;
    println!(
        "50,000 small files, CPU: scan {:.1} us a file, walk and read {:.1}: {:.1} times (at most 3); wall {:.2} s",
        micros(cpu),
        micros(plain),
        cpu / plain,
        median(scans.iter().map(|run| run.wall)),
    );
    fs::remove_dir_all(&tree).unwrap();
}

/// Mixed text in files of about 1 MB: all cores against ripgrep, two threads against one.
fn mixed_tree(dir: &Path, megabytes: usize) {
    let tree = dir.join("mixed");
    fs::create_dir_all(&tree).unwrap();
    let mut dice = Dice::new(3);
    for seed in 0..megabytes as u64 {
        let kind = Kind::any(&mut dice);
        fs::write(tree.join(format!("{seed}.{}", kind.extension())), corpus::of_kind(kind, 1_000_000, seed)).unwrap();
    }
    walk_and_read(&tree);
    let rate = |seconds: f64| megabytes as f64 / seconds;
    let all = median((0..REPETITIONS).map(|_| run(scan(&tree)).wall));
    println!("{megabytes} MB of mixed text, all cores: {:.0} MB/s", rate(all));
    let with = |threads: &str| {
        let wall = |_| run(scan(&tree).args(["--threads", threads])).wall;
        median((0..REPETITIONS).map(wall))
    };
    let (one, two) = (with("1"), with("2"));
    println!("two threads against one: {:.2} times (at least 1.8)", one / two);
    match ripgrep(dir, &tree) {
        Ok((patterns, seconds)) => println!(
            "rg --no-unicode -c, {patterns} identifiers: {:.0} MB/s; plainsight is {:.2} times as fast (at least 2)",
            rate(seconds),
            seconds / all
        ),
        Err(why) => println!("SKIPPED, no comparison with ripgrep: {why}"),
    }
    fs::remove_dir_all(&tree).unwrap();
}

/// The number of patterns and the seconds.
fn ripgrep(dir: &Path, tree: &Path) -> Result<(usize, f64), String> {
    let catalogue = Catalogue::built_in().unwrap();
    let is_plain = |pattern: &&str| !pattern.contains(['\n', '#']) && !pattern.contains("\\p") && pattern.is_ascii();
    let patterns: Vec<String> = catalogue
        .detectors()
        .iter()
        .filter_map(|detector| detector.spec.pattern.as_deref())
        .filter(is_plain)
        .map(|pattern| pattern.replace("(?P<value>", "(?:").replace("(?<value>", "(?:"))
        .take(150)
        .collect();
    let file = dir.join("patterns");
    fs::write(&file, patterns.join("\n")).unwrap();
    let once = || {
        let mut command = Command::new("rg");
        command.args(["--no-unicode", "--no-config", "-uuu", "-c", "-f"]).arg(&file).arg(tree);
        let started = Instant::now();
        let output = command.stdout(Stdio::null()).output().map_err(|error| error.to_string())?;
        if output.status.code() == Some(2) {
            return Err(String::from_utf8_lossy(&output.stderr).chars().take(300).collect());
        }
        Ok(started.elapsed().as_secs_f64())
    };
    let times = (0..REPETITIONS).map(|_| once()).collect::<Result<Vec<f64>, String>>()?;
    Ok((patterns.len(), median(times)))
}

/// Peak memory and speed of one file of 8 GB, of one line of 2 GB, and of a payroll of 256 MB.
fn huge_files(dir: &Path) {
    let file = dir.join("huge");
    let block = corpus::mixed(64_000_000, 11);
    let line = block.replace('\n', " ");
    let payroll = corpus::payroll(256_000_000, 5);
    for (what, text, times, name) in [
        ("8 GB of text", &block, 125, "huge.txt"),
        ("one line of 2 GB", &line, 32, "line.txt"),
        ("a payroll of 256 MB", &payroll, 1, "payroll.csv"),
    ] {
        let path = file.with_file_name(name);
        let mut out = File::create(&path).unwrap();
        for _ in 0..times {
            out.write_all(text.as_bytes()).unwrap();
        }
        drop(out);
        let run = run(&mut scan(&path));
        println!(
            "{what}: peak {} MB (at most 200), {:.0} MB/s, {:.2} cores",
            run.peak / 1000,
            text.len() as f64 * f64::from(times) / 1e6 / run.wall,
            run.cpu / run.wall
        );
        fs::remove_file(&path).unwrap();
    }
}

fn scan(path: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("scan").arg(path).args(["--progress", "never"]);
    command
}

struct Run {
    wall: f64,
    cpu: f64,
    /// KB, of all its processes together: what each had at most, of those that were there at one time.
    peak: u64,
}

/// KB that a process and its children had at most so far.
fn memory_of(process: u32) -> u64 {
    let of = |what: &str| fs::read_to_string(format!("/proc/{process}/{what}")).unwrap_or_default();
    let status = of("status");
    let high =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let children = threads.flat_map(|thread| {
        let list = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        list.split_whitespace().filter_map(|child| child.parse().ok()).collect::<Vec<u32>>()
    });
    high.unwrap_or(0) + children.map(memory_of).sum::<u64>()
}

fn run(mut command: impl std::borrow::BorrowMut<Command>) -> Run {
    let before = cpu_of_children();
    let started = Instant::now();
    let mut child = command.borrow_mut().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut peak = 0;
    let mut pause = Duration::from_micros(200);
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(memory_of(child.id()));
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
    Run { wall: started.elapsed().as_secs_f64(), cpu: cpu_of_children() - before, peak }
}

/// Seconds that the children of this process used which have ended.
fn cpu_of_children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    fields.skip(13).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// CPU seconds of listing the tree and reading each file into one buffer.
fn walk_and_read(tree: &Path) -> f64 {
    let cpu = || {
        let ledger = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        ledger.split_whitespace().next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
    };
    let before = cpu();
    let mut buffer = vec![0; 256 * 1024];
    let mut folders = vec![tree.to_path_buf()];
    let mut sum = 0usize;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let mut file = File::open(entry.path()).unwrap();
            loop {
                let n = file.read(&mut buffer).unwrap();
                if n == 0 {
                    break;
                }
                sum += n;
            }
        }
    }
    assert!(sum > 0);
    cpu() - before
}

/// The first start of a line at or after `at`.
fn line_from(text: &str, at: usize) -> usize {
    text.as_bytes()[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |n| at + n + 1)
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
