//! How fast a scan of a mounted share is beside `tar` that reads the same files through the same mount:
//! `PLAINSIGHT_SHARE_SPEED=5 cargo test --release --test shares speed -- --nocapture` runs each five times, in turns.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use super::samba::{ALONE, Share, copy};
use super::{GOOD, nfs};

/// What is served, and what makes it; each in a directory of its own.
type Tree = (&'static str, fn(&Path));

const TREES: [Tree; 3] = [
    ("4,000 texts of 4 KiB", |tree| {
        for number in 0..4000 {
            let folder = tree.join(format!("{}", number / 100));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(format!("{number}.txt")), prose(number, 4 << 10)).unwrap();
        }
    }),
    ("8 texts of 16 MiB", |tree| {
        for number in 0..8 {
            fs::write(tree.join(format!("{number}.txt")), prose(number, 16 << 20)).unwrap();
        }
    }),
    ("the demonstration share, 10 times", |tree| {
        for number in 0..10 {
            let share = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/share");
            copy(&share, &tree.join(format!("{number}")));
        }
    }),
];

/// Words, numbers and now and then a person, of about this length.
fn prose(seed: usize, length: usize) -> String {
    const WORDS: [&str; 12] = [
        "verbale", "riunione", "the", "delivery", "of", "Rechnung", "offen", "allegato", "progetto", "is", "late",
        "und",
    ];
    let mut text = String::with_capacity(length + 200);
    let mut state = seed as u64 + 0x9e37_79b9_7f4a_7c15;
    let mut line = 0_u32;
    while text.len() < length {
        for _ in 0..10 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let word = WORDS[usize::try_from(state % 12).unwrap()];
            let _ = if state.is_multiple_of(7) { write!(text, "{} ", state >> 44) } else { write!(text, "{word} ") };
        }
        text.push('\n');
        line += 1;
        if line.is_multiple_of(50) {
            text.push_str(GOOD);
        }
    }
    text
}

fn bytes(tree: &Path) -> u64 {
    let of = |entry: fs::DirEntry| match entry.metadata().unwrap() {
        found if found.is_dir() => bytes(&entry.path()),
        found => found.len(),
    };
    fs::read_dir(tree).unwrap().map(|entry| of(entry.unwrap())).sum()
}

fn fill(data: &Path) {
    for (number, (_, make)) in TREES.iter().enumerate() {
        let tree = data.join(number.to_string());
        fs::create_dir(&tree).unwrap();
        make(&tree);
    }
}

/// The seconds of a scan that nobody looks at.
fn scan(tree: &Path) -> f32 {
    let started = Instant::now();
    let mut scan = Command::new(super::program());
    assert_eq!(scan.args(["scan", "-q", "-o", "jsonl=/dev/null"]).arg(tree).status().unwrap().code(), Some(1));
    started.elapsed().as_secs_f32()
}

fn median(mut seconds: Vec<f32>) -> f32 {
    seconds.sort_by(f32::total_cmp);
    seconds[seconds.len() / 2]
}

/// Rows of the table in docs/robustness.md.
fn compare(client: &str, mount: &Path, data: &Path, times: usize) {
    for (number, (what, _)) in TREES.iter().enumerate() {
        let (tree, mib) = (mount.join(number.to_string()), bytes(&data.join(number.to_string())) as f32 / 1_048_576.0);
        let (mut tar, mut scans, mut disk) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..times {
            let started = Instant::now();
            // Into a pipe: tar does not read what goes to /dev/null.
            let read = Command::new("sh").args(["-c", "tar cf - -C \"$0\" . | cat >/dev/null"]).arg(&tree).status();
            assert!(read.unwrap().success());
            tar.push(started.elapsed().as_secs_f32());
            scans.push(scan(&tree));
            disk.push(scan(&data.join(number.to_string())));
        }
        let (tar, scan, disk) = (median(tar), median(scans), median(disk));
        println!(
            "| {client} | {what} | {mib:.0} | {tar:.1} | {scan:.1} | {disk:.1} | {:.2} | {:.2} |",
            scan / tar,
            scan / disk
        );
    }
}

#[test]
fn speed_beside_tar_of_the_same_mount() {
    let Some(times) = std::env::var("PLAINSIGHT_SHARE_SPEED").ok().and_then(|times| times.parse().ok()) else { return };
    println!("| mount | files | MiB | tar, s | scan, s | scan of the disk, s | scan / tar | scan / disk |");
    {
        let _alone = ALONE.lock().unwrap();
        if let Some(share) = Share::new(fill) {
            compare("Samba, rclone", share.mount.path(), &share.data(), times);
        }
    }
    if let Some(export) = nfs::Export::new("12051", fill) {
        compare("NFS-Ganesha, libnfs", export.mount.path(), &export.data(), times);
    }
}
