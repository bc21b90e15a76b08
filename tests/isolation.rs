//! Worker processes: what they may do, what they cost when they die, and that nothing is lost or told twice.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, clippy::print_stdout, reason = "test code")]

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use plainsight::scan::process::walls;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

const PLAINSIGHT: &str = env!("CARGO_BIN_EXE_plainsight");
/// An invented person.
const PAYSLIP: &str =
    "Busta paga\nDipendente: Laura Bianchi\nCodice fiscale: BNCLRA85C52L219K\nIBAN: IT60X0542811101000000123456\n";
const INSIDE: &str = "PLAINSIGHT_TEST_INSIDE";

type Attempt<'a> = (&'a str, bool, Box<dyn Fn() -> io::Result<()> + 'a>);

/// What is tried from inside; `true` if it must succeed.
fn attempts(root: &Path, port: u16, other: Pid) -> Vec<Attempt<'_>> {
    let outside = std::env::temp_dir().join("plainsight-must-not-appear");
    let known = root.join("known.txt");
    let open = |path: PathBuf| File::open(path).map(drop);
    vec![
        (
            "read below the root",
            true,
            Box::new({
                let known = known.clone();
                move || open(known.clone())
            }),
        ),
        ("list the root", true, Box::new(move || fs::read_dir(root)?.try_for_each(|entry| entry.map(drop)))),
        (
            "start a thread",
            true,
            Box::new(|| {
                thread::Builder::new().name("x".into()).spawn(|| ())?.join().map_err(|_| io::ErrorKind::Other.into())
            }),
        ),
        (
            "take memory",
            true,
            Box::new(|| {
                std::hint::black_box(vec![1_u8; 64 << 20]);
                Ok(())
            }),
        ),
        ("connect", false, Box::new(move || TcpStream::connect(("127.0.0.1", port)).map(drop))),
        (
            "send a datagram",
            false,
            Box::new(|| UdpSocket::bind("127.0.0.1:0")?.send_to(b"x", "127.0.0.1:53").map(drop)),
        ),
        ("listen", false, Box::new(|| TcpListener::bind("127.0.0.1:0").map(drop))),
        ("connect to a local service", false, Box::new(|| UnixStream::pair().map(drop))),
        ("create a file on the root", false, Box::new(move || File::create(root.join("new.txt")).map(drop))),
        ("create a file elsewhere", false, Box::new(move || File::create(&outside).map(drop))),
        ("create a file without a name", false, Box::new(|| tempfile::tempfile().map(drop))),
        (
            "write to a file",
            false,
            Box::new({
                let known = known.clone();
                move || OpenOptions::new().write(true).open(&known).map(drop)
            }),
        ),
        (
            "append to a file",
            false,
            Box::new({
                let known = known.clone();
                move || OpenOptions::new().append(true).open(&known).map(drop)
            }),
        ),
        (
            "empty a file",
            false,
            Box::new({
                let known = known.clone();
                move || OpenOptions::new().write(true).truncate(true).open(&known).map(drop)
            }),
        ),
        (
            "remove a file",
            false,
            Box::new({
                let known = known.clone();
                move || fs::remove_file(&known)
            }),
        ),
        (
            "rename a file",
            false,
            Box::new({
                let known = known.clone();
                move || fs::rename(&known, root.join("x"))
            }),
        ),
        (
            "link a file",
            false,
            Box::new({
                let known = known.clone();
                move || fs::hard_link(&known, root.join("x"))
            }),
        ),
        (
            "change the rights of a file",
            false,
            Box::new({
                let known = known.clone();
                move || fs::set_permissions(&known, PermissionsExt::from_mode(0o777))
            }),
        ),
        (
            "touch a file",
            false,
            Box::new({
                let known = known.clone();
                move || File::open(&known)?.set_modified(std::time::SystemTime::UNIX_EPOCH)
            }),
        ),
        ("make a directory", false, Box::new(move || fs::create_dir(root.join("d")))),
        ("read a file of the system", false, Box::new(move || open("/etc/passwd".into()))),
        ("list a directory of the system", false, Box::new(|| fs::read_dir("/etc").map(drop))),
        (
            "read the memory of another process",
            false,
            Box::new(move || open(format!("/proc/{}/mem", other.as_raw_nonzero()).into())),
        ),
        (
            "read the environment of another process",
            false,
            Box::new(move || open(format!("/proc/{}/environ", other.as_raw_nonzero()).into())),
        ),
        ("start a program", false, Box::new(|| Command::new("/bin/true").status().map(drop))),
        ("kill another process", false, Box::new(move || Ok(kill_process(other, Signal::KILL)?))),
        (
            "take hold of another process",
            false,
            Box::new(move || Ok(rustix::process::pidfd_open(other, rustix::process::PidfdFlags::empty()).map(drop)?)),
        ),
        (
            "raise its own limits",
            false,
            Box::new(|| {
                Ok(rustix::process::setrlimit(
                    rustix::process::Resource::Core,
                    rustix::process::Rlimit { current: Some(0), maximum: Some(0) },
                )?)
            }),
        ),
    ]
}

/// The body of the process that shuts itself in as a worker does; does nothing in a run of the tests.
#[test]
fn inside() {
    let Some(inside) = std::env::var_os(INSIDE) else { return };
    let (root, rest) = inside.to_str().unwrap().split_once('|').unwrap();
    let (port, other) = rest.split_once('|').unwrap();
    let other = Pid::from_raw(other.parse().unwrap()).unwrap();
    let root = PathBuf::from(root);
    let attempts = attempts(&root, port.parse().unwrap(), other);
    walls::limit(1 << 30, 1 << 20);
    let walls = walls::close(std::slice::from_ref(&root));
    println!("WALLS {} {}", walls.landlock, walls.seccomp);
    for (what, _, attempt) in &attempts {
        match attempt() {
            Ok(()) => println!("TRIED {what}: done"),
            Err(error) => println!("TRIED {what}: refused: {error}"),
        }
    }
}

#[test]
fn a_worker_reads_below_its_roots_and_can_do_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("known.txt"), "known").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut victim = Command::new("sleep").arg("60").spawn().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "inside", "--nocapture", "--test-threads=1"])
        .env(INSIDE, format!("{}|{port}|{}", dir.path().display(), victim.id()))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_alive = victim.try_wait().unwrap().is_none();
    victim.kill().unwrap();
    victim.wait().unwrap();
    let walls = said.lines().find_map(|line| line.split("WALLS ").nth(1)).unwrap_or_else(|| panic!("{output:?}"));
    let (landlock, seccomp) = walls.split_once(' ').unwrap();
    if landlock == "0" || seccomp != "true" {
        eprintln!("*** THIS KERNEL CANNOT SHUT WORKERS IN (landlock {landlock}, seccomp {seccomp}): NOT TESTED ***");
        return;
    }
    let mut wrong = Vec::new();
    let expected = attempts(dir.path(), port, Pid::INIT);
    for (what, succeeds, _) in &expected {
        let line = said.lines().find_map(|line| line.split(&format!("TRIED {what}: ")).nth(1));
        if line.is_none_or(|line| (line == "done") != *succeeds) {
            wrong.push(format!("{what}: {line:?}"));
        }
    }
    assert!(wrong.is_empty(), "landlock {landlock}: {}", wrong.join("\n"));
    assert!(is_alive);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    assert_eq!(fs::read_to_string(dir.path().join("known.txt")).unwrap(), "known");
    eprintln!("{} things tried from inside: landlock ABI {landlock}, seccomp {seccomp}", expected.len());
}

fn scan_command(dir: &Path, out: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PLAINSIGHT);
    command.arg("scan").arg(".").args(["-q", "-o", &format!("jsonl={}", out.join("report.jsonl").display())]);
    command.args(arguments).current_dir(dir);
    command
}

fn key_file(out: &Path) -> String {
    let path = out.join("key");
    fs::write(&path, [7; 32]).unwrap();
    path.display().to_string()
}

fn report(out: &Path) -> Vec<Value> {
    let text = fs::read_to_string(out.join("report.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn item<'a>(lines: &'a [Value], path: &str) -> &'a Value {
    let mut items = lines.iter().filter(|line| line["type"] == "item" && line["path"] == path);
    let item = items
        .find(|item| item["members"].as_array().is_none_or(Vec::is_empty))
        .unwrap_or_else(|| panic!("{path} is missing"));
    assert!(items.next().is_none(), "{path} is told twice");
    item
}

/// All that is said of items, in an order that does not depend on who was faster.
fn said(lines: &[Value]) -> BTreeMap<String, u64> {
    let mut said = BTreeMap::new();
    for line in lines.iter().filter(|line| is_of_an_item(line)) {
        *said.entry(line.to_string()).or_default() += 1;
    }
    said
}

/// The others say when the scan began, and how long it took.
fn is_of_an_item(line: &Value) -> bool {
    !matches!(line["type"].as_str(), Some("scan" | "summary"))
}

/// How often each line that says something of an item stands in a report, which may be larger than memory.
fn counts(report: &Path) -> HashMap<u64, u64> {
    let mut counts = HashMap::new();
    for_each_said(report, |line| *counts.entry(hash_of(line)).or_default() += 1);
    counts
}

/// The first lines of a report that stand in it more or less often than in another one.
fn differing(report: &Path, own: &HashMap<u64, u64>, other: &HashMap<u64, u64>) -> Vec<String> {
    let mut differing = Vec::new();
    for_each_said(report, |line| {
        let hash = hash_of(line);
        if differing.len() < 5 && own.get(&hash) != other.get(&hash) {
            differing.push(line.to_owned());
        }
    });
    differing
}

fn for_each_said(report: &Path, mut each: impl FnMut(&str)) {
    for line in BufReader::new(File::open(report).unwrap()).lines().map(Result::unwrap) {
        if is_of_an_item(&serde_json::from_str(&line).unwrap()) {
            each(&line);
        }
    }
}

fn hash_of(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

/// The processes whose parent this is.
fn workers(parent: u32) -> Vec<u32> {
    let of = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let fields = stat.rsplit_once(')')?.1.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        (fields.get(1)?.parse::<u32>().ok()? == parent && fields.first()? != "Z").then_some(pid)
    };
    let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(of).collect()
}

/// The unit that the worker has in hand, and which of its files; a unit of 0 before the first.
fn in_hand(pid: u32) -> Option<(u64, u64)> {
    use std::os::unix::fs::FileExt;
    let mut bytes = [0; 16];
    File::open(format!("/proc/{pid}/fd/2")).ok()?.read_exact_at(&mut bytes, 0).ok()?;
    let number = |at: usize| bytes.iter().skip(at).take(8).rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
    Some((number(0), number(8)))
}

/// Only root sees what a worker has open: it cannot be looked into.
fn is_root() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        eprintln!("*** NOT ROOT: the deaths of workers are NOT TESTED ***");
    }
    is_root
}

fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // It may be gone.
        let _ = kill_process(pid, signal);
    }
}

fn await_that<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_mins(2);
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < until, "{what}: did not come");
        thread::sleep(Duration::from_millis(10));
    }
}

/// A text that takes for ever, among others.
fn endless() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for n in 0..40 {
        fs::write(dir.path().join(format!("{n:02}.txt")), PAYSLIP).unwrap();
    }
    let file = File::create(dir.path().join("endless.txt")).unwrap();
    io::Write::write_all(&mut &file, "Some words on a line.\n".repeat(8000).as_bytes()).unwrap();
    file.set_len(1 << 40).unwrap();
    dir
}

/// The worker that reads the endless text, when it does.
fn reader_of_endless(scan: &Child, except: &[u32]) -> u32 {
    await_that("a worker reads", || {
        workers(scan.id()).into_iter().find(|pid| {
            let open = fs::read_dir(format!("/proc/{pid}/fd"));
            !except.contains(pid)
                && open.is_ok_and(|mut open| {
                    open.any(|fd| {
                        fd.is_ok_and(|fd| fs::read_link(fd.path()).is_ok_and(|to| to.ends_with("endless.txt")))
                    })
                })
        })
    })
}

/// Sends the signal to the worker that reads the endless text as often as one takes it up.
#[track_caller]
fn check_death(by: Signal, times: usize, arguments: &[&str], reason: &str) {
    if !is_root() {
        return;
    }
    let (dir, out) = (endless(), tempfile::tempdir().unwrap());
    let mut scan = scan_command(dir.path(), out.path(), &[&["-j", "1"], arguments].concat()).spawn().unwrap();
    let mut dead = Vec::new();
    for _ in 0..times {
        let worker = reader_of_endless(&scan, &dead);
        signal(worker, by);
        dead.push(worker);
    }
    assert_eq!(scan.wait().unwrap().code(), Some(1));
    let lines = report(out.path());
    let endless = item(&lines, "endless.txt");
    assert_eq!((&endless["outcome"], &endless["reasons"][0]), (&"unreadable".into(), &reason.into()));
    for n in 0..40 {
        assert_eq!(item(&lines, &format!("{n:02}.txt"))["outcome"], "read");
    }
    let summary = lines.last().unwrap();
    assert_eq!((summary["files"].as_u64(), summary["gaps"].as_u64()), (Some(41), Some(1)));
}

#[test]
fn a_file_that_kills_two_workers_is_not_tried_again() {
    check_death(Signal::SEGV, 2, &[], "crashed");
}

#[test]
fn a_worker_killed_for_memory_costs_its_file() {
    check_death(Signal::KILL, 5, &[], "out_of_memory");
}

#[test]
fn a_worker_that_hangs_is_killed_at_the_deadline() {
    check_death(Signal::STOP, 1, &["--max-file-seconds", "2"], "timeout");
}

#[test]
fn a_worker_shows_no_secret_and_leaves_with_its_scan() {
    if !is_root() {
        return;
    }
    let (dir, out) = (endless(), tempfile::tempdir().unwrap());
    let key = key_file(out.path());
    fs::write(out.path().join("pw"), "Girandola388\n").unwrap();
    let passwords = out.path().join("pw").display().to_string();
    let arguments = ["-j", "1", "--key-file", &key, "--password-file", &passwords];
    let mut scan = scan_command(dir.path(), out.path(), &arguments).env("SOME_TOKEN", "Girandola388").spawn().unwrap();
    let worker = reader_of_endless(&scan, &[]);
    let of = |what: &str| String::from_utf8_lossy(&fs::read(format!("/proc/{worker}/{what}")).unwrap()).into_owned();
    assert_eq!(of("cmdline"), "plainsight\0worker\0");
    assert!(!of("environ").contains("Girandola388"));
    let status = of("status");
    let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    if field("Seccomp:") != "2" || field("NoNewPrivs:") != "1" {
        eprintln!("*** WORKERS ARE NOT SHUT IN ON THIS KERNEL ***");
    }
    assert!(of("limits").lines().any(|line| line.starts_with("Max core file size        0 ")), "{}", of("limits"));
    scan.kill().unwrap();
    scan.wait().unwrap();
    await_that("the worker ends", || (!Path::new(&format!("/proc/{worker}")).exists()).then_some(()));
}

/// Both ways say the same of every fixture.
#[test]
fn processes_change_nothing_in_what_is_found() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let scan = |isolation: &str| {
        let out = tempfile::tempdir().unwrap();
        let key = key_file(out.path());
        // The large ones of running text differ in nothing but their number.
        let arguments = ["--exclude", "labelled", "--exclude", "heldout", "--key-file", &key, "--isolation", isolation];
        scan_command(&fixtures, out.path(), &arguments).status().unwrap();
        report(out.path())
    };
    let (with, without) = (scan("on"), scan("off"));
    let (left, right) = (said(&with), said(&without));
    let differ = |a: &BTreeMap<String, u64>, b: &BTreeMap<String, u64>| {
        a.iter()
            .filter(|(line, times)| b.get(*line) != Some(times))
            .map(|(line, _)| line.clone())
            .take(5)
            .collect::<Vec<_>>()
    };
    assert!(left.len() > 1000);
    assert_eq!((differ(&left, &right), differ(&right, &left)), (vec![], vec![]));
    assert_eq!(without.last().unwrap()["isolation"]["processes"], false);
    let isolation = &with.last().unwrap()["isolation"];
    assert_eq!(isolation["processes"], true);
    eprintln!("isolation: {isolation}");
}

/// `PLAINSIGHT_KILL_SECONDS=180` makes the scan that long or longer.
#[test]
fn workers_killed_at_random_lose_nothing() {
    if !is_root() {
        return;
    }
    let seconds: u64 = std::env::var("PLAINSIGHT_KILL_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(4);
    let (dir, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/share");
    let key = key_file(out.path());
    // All copies, or none but the first would be taken apart.
    let arguments = ["-j", "2", "--key-file", &key, "--read-copies"];
    // As many copies as it takes for a scan of that long.
    let (mut copies, mut wanted) = (0, 4);
    let undisturbed = loop {
        for copy in copies..wanted {
            copy_tree(&fixtures, &dir.path().join(format!("share-{copy}")));
            for n in 0..300 {
                let folder = dir.path().join(format!("small-{copy}-{}", n / 50));
                fs::create_dir_all(&folder).unwrap();
                fs::write(folder.join(format!("{n}.txt")), format!("{PAYSLIP}Nummer {n}\n")).unwrap();
            }
        }
        copies = wanted;
        let began = Instant::now();
        assert_eq!(scan_command(dir.path(), out.path(), &arguments).status().unwrap().code(), Some(1));
        let took = began.elapsed();
        if took >= Duration::from_secs(seconds) {
            break took;
        }
        // More than what it takes at this pace: the start of a scan is no part of it.
        let times = (seconds * 1_600_000).div_ceil(u64::try_from(took.as_millis()).unwrap().max(1));
        wanted = (copies * usize::try_from(times).unwrap()).div_ceil(1000).max(copies + 1);
    };

    let (before, after) = (out.path().join("undisturbed.jsonl"), out.path().join("report.jsonl"));
    fs::rename(&after, &before).unwrap();

    let began = Instant::now();
    let mut scan = scan_command(dir.path(), out.path(), &arguments).spawn().unwrap();
    let mut kills = 0;
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    while scan.try_wait().unwrap().is_none() {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        // Slower than a worker starts, or none gets anywhere; in a long scan slower still, for among thousands of files that
        // take seconds some would meet five kills by chance, and be told as what nobody can read.
        thread::sleep(Duration::from_millis((500 + seed % 1500) * (1 + seconds / 120)));
        let mut workers = workers(scan.id());
        // Not one that only begins: a scan of which no worker ever begins has to fail.
        workers.retain(|worker| matches!(in_hand(*worker), Some((1.., _))));
        if let Some(worker) = workers.get(usize::try_from(seed >> 32).unwrap() % workers.len().max(1)) {
            signal(*worker, Signal::KILL);
            kills += 1;
        }
    }
    assert_eq!(scan.wait().unwrap().code(), Some(1));
    let took = began.elapsed();
    let (of_before, of_after) = (counts(&before), counts(&after));
    let lines: u64 = of_after.values().sum();
    eprintln!(
        "{lines} lines, {} of them different; undisturbed {undisturbed:.1?}, with {kills} workers killed {took:.1?}",
        of_after.len()
    );
    let missing = differing(&before, &of_before, &of_after);
    let surplus = differing(&after, &of_after, &of_before);
    assert!(missing.is_empty() && surplus.is_empty(), "missing {missing:#?}\nsurplus {surplus:#?}");
    assert!(of_before == of_after && lines > 100);
    assert!(kills > 0);
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            copy_tree(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// Every system call of the scan and its workers that opens a file or touches the network.
#[test]
fn a_scan_connects_to_nobody_and_writes_its_report_only() {
    if Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_err() {
        eprintln!("*** strace CANNOT BE HAD: what a scan opens and connects to is NOT TESTED ***");
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let trace = out.path().join("trace");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/share");
    let scan = scan_command(&fixtures, out.path(), &["-j", "2"]);
    let calls = "trace=%network,open,openat,openat2,creat,mkdir,mkdirat,unlink,unlinkat,rename,renameat,renameat2,link,\
                 linkat,symlink,symlinkat,mknod,mknodat,truncate,execve,execveat,chmod,fchmod,fchmodat,utimensat,setxattr";
    let status = Command::new("strace")
        .args(["-f", "-qq", "-s", "300", "-e", calls, "-e", "signal=none", "-o"])
        .arg(&trace)
        .arg(scan.get_program())
        .args(scan.get_args())
        .current_dir(&fixtures)
        .status()
        .unwrap();
    let trace = fs::read_to_string(trace).unwrap();
    if status.code() != Some(1) {
        eprintln!("*** strace CANNOT TRACE HERE: what a scan opens and connects to is NOT TESTED ***\n{trace}");
        return;
    }
    let own = out.path().display().to_string();
    let temporary = std::env::temp_dir().display().to_string();
    let is_fine = |call: &str| {
        let name = call.split('(').next().unwrap_or_default();
        match name {
            "open" | "openat" => {
                let reads =
                    !["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"].iter().any(|flag| call.contains(flag));
                // Scratch: no name, and not on the share.
                let nameless = call.contains("O_TMPFILE") && call.contains(&format!("\"{temporary}"));
                reads || nameless || call.contains(&own) || call.contains("\"/dev/null\"")
            }
            "execve" => call.contains(PLAINSIGHT) || call.contains("\"/proc/self/exe\""),
            // Of the report alone.
            _ => call.contains(&own),
        }
    };
    let mut seen = 0;
    let mut wrong = Vec::new();
    for line in trace.lines() {
        let call = line.split_once(' ').map_or("", |(_, call)| call.trim_start());
        // Ends of calls, exits.
        if call.starts_with("<...") || call.starts_with("+++") || call.starts_with("---") {
            continue;
        }
        seen += 1;
        if !is_fine(call) {
            wrong.push(line);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 150, "the trace holds the files of the share: {seen}");
    assert!(trace.contains("/proc/self/exe"), "and those of workers");
    eprintln!(
        "{seen} calls that open or connect: none of the network, nothing opened for writing but the report and scratch"
    );
}

/// What a reader allocates, it does not get beyond the limit; the rest of the scan goes on.
#[test]
fn a_file_that_needs_too_much_memory_costs_itself() {
    let (dir, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(dir.path().join("small.txt"), PAYSLIP).unwrap();
    // Its reader takes a file whole, and this one says that it is large.
    fs::write(dir.path().join("large.pdf"), "%PDF-1.7\n").unwrap();
    OpenOptions::new().write(true).open(dir.path().join("large.pdf")).unwrap().set_len(200 << 20).unwrap();
    let status = scan_command(dir.path(), out.path(), &["--worker-memory", "128M"]).status().unwrap();
    assert_eq!(status.code(), Some(1));
    let lines = report(out.path());
    assert_eq!(item(&lines, "small.txt")["outcome"], "read");
    let large = item(&lines, "large.pdf");
    assert_eq!((&large["outcome"], &large["reasons"][0]), (&"unreadable".into(), &"out_of_memory".into()));
}
