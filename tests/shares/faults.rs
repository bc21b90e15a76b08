//! The table of faults: each on a mount of its own, with good files beside it and a second root on the disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::{GOOD, Mount, Scanned, measure, outcomes};

/// Good files on the mount.
const BESIDE: usize = 8;

struct Fault {
    what: &'static str,
    /// The kind of `fault_fs.py`; a directory if `in_directory`.
    kind: &'static str,
    in_directory: bool,
    /// What becomes of the file, and whether the mount is dead for all afterwards.
    outcome: &'static str,
    kills_mount: bool,
}

const fn file(what: &'static str, kind: &'static str, outcome: &'static str) -> Fault {
    Fault { what, kind, in_directory: false, outcome, kills_mount: false }
}

const fn directory(what: &'static str, kind: &'static str, outcome: &'static str) -> Fault {
    Fault { in_directory: true, ..file(what, kind, outcome) }
}

const FAULTS: &[Fault] = &[
    file("none", "none", "read"),
    file("EIO from two reads, then none", "flaky", "read"),
    file("EIO from every read", "eio", "unreadable io_error"),
    file("EIO when its state is asked for", "blind", "unreadable io_error"),
    directory("EIO from a listing", "lost", "unreadable io_error"),
    file("ESTALE from the first read", "stale", "read"),
    file("ESTALE from every read", "aged", "unreadable io_error"),
    file("EACCES when it is opened", "closed", "unreadable permission_denied"),
    directory("EACCES from a listing", "barred", "unreadable permission_denied"),
    file("EHOSTDOWN when it is opened, for it alone", "gone", "unreadable share_unavailable"),
    file("EHOSTDOWN when its state is asked for after it was read", "mute", "read_in_part share_unavailable"),
    Fault {
        kills_mount: true,
        ..file("EHOSTDOWN from a read, then for all", "dies", "unreadable io_error share_unavailable")
    },
    file("a read that does not come back", "hang", "unreadable timeout"),
    Fault {
        kills_mount: true,
        ..directory("a listing that does not come back, then nothing does", "freezes", "unreadable share_unavailable")
    },
    file("cut to half while it is read", "shrink", "read"),
    file("touched while it is read", "grow", "read"),
    file("touched at every read", "ever", "read_in_part changed"),
    file("0.4 seconds for every read", "slow", "read"),
    file("a placeholder", "offline", "skipped offline"),
];

/// The columns of the table in docs/robustness.md, and whether it is right.
fn judge(fault: &Fault, scanned: &Scanned, told: &BTreeMap<String, String>) -> (String, bool) {
    let Scanned { lines, seconds, peak_mib } = scanned;
    let is_good = |path: &str| path.starts_with("0/good-") || path.starts_with("0/later/");
    let beside = told.iter().filter(|(path, outcome)| is_good(path) && *outcome == "read").count();
    let hit: BTreeSet<_> = told.iter().filter(|(path, _)| path.starts_with("0/") && !is_good(path)).collect();
    let outcomes: BTreeSet<_> = hit.iter().map(|(_, outcome)| outcome.as_str()).collect();
    // When the host is gone it depends on who was faster.
    let lost = told.iter().filter(|(path, outcome)| is_good(path) && outcome.contains("share_unavailable")).count();
    let is_right = outcomes == BTreeSet::from([fault.outcome])
        && told.get("1/good.txt").is_some_and(|outcome| outcome == "read")
        && if fault.kills_mount { beside + lost <= BESIDE } else { beside == BESIDE && hit.len() == 1 }
        && (lines.last().unwrap()["complete"] == false) == (fault.outcome != "read")
        && *peak_mib < 400
        && *seconds < 60.0;
    let outcomes = outcomes
        .into_iter()
        .map(|told| told.split(' ').map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join(", ");
    (format!("| {} | {outcomes} | {beside} of {BESIDE} | {seconds:.1} | {peak_mib} |", fault.what), is_right)
}

#[test]
fn each_fault_costs_its_file() {
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("good.txt"), GOOD).unwrap();
    let long = GOOD.repeat(200);
    let mut table = Vec::new();
    for fault in FAULTS {
        let path = format!("{}-a{}", fault.kind, if fault.in_directory { "/in.txt" } else { ".txt" });
        let beside: Vec<String> = (0..BESIDE)
            .map(|n| if n % 2 == 0 { format!("good-{n}.txt") } else { format!("later/good-{n}.txt") })
            .collect();
        let mut files: Vec<_> = beside.iter().map(|path| (path.as_str(), GOOD)).collect();
        files.push((&path, &long));
        let Some(mount) = Mount::new(&files, "filer:/faults") else { return };
        let root = mount.path().to_path_buf();
        let scanned = measure(&[&root, other.path()], &["--max-file-seconds", "6"], Some(mount), |_| ());
        let told = outcomes(&scanned.lines);
        let (line, is_right) = judge(fault, &scanned, &told);
        println!("{line}{}", if is_right { "" } else { "  WRONG" });
        table.push((line, is_right, told));
    }
    let wrong: Vec<_> = table.iter().filter(|(_, is_right, _)| !is_right).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
