//! The state alone, with simulated shares: what a night costs a file, the most memory, and the bytes of the state.
//!
//! `cargo bench --bench state` simulates one night that reads everything and one on which nothing has changed, on 1
//! and 2 million files; `-- --millions 10` on so many as well. A simulated file is a record as a worker gives it;
//! nothing is read. The walk asks from as many threads as a scan has. Memory is that of this process (Linux).
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench tells and may fail")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Instant;

use plainsight::model::finding::Mask;
use plainsight::model::{
    Category, Finding, ItemPath, ItemRecord, Name, Outcome, Place, Sample, ScanRecord, Stamp, Summary,
};
use plainsight::store::{Plan, Store, Ticket, Version};

/// Files of a directory, and one file among so many that shows something.
const IN_DIRECTORY: u64 = 100;
const SHOWS: u64 = 10;
const THREADS: u64 = 2;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let at = arguments.iter().position(|argument| argument == "--millions");
    let more = at.and_then(|at| arguments.get(at + 1)?.parse::<u64>().ok());
    println!(
        "{:>12}{:>12}{:>12}{:>14}{:>12}{:>14}",
        "files", "night", "seconds", "us a file", "peak MiB", "bytes a file"
    );
    for millions in [1, 2].into_iter().chain(more) {
        let files = millions * 1_000_000;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.sqlite");
        let mut bytes = 0;
        for night in ["first", "second"] {
            forget_peak();
            let started = Instant::now();
            let read = simulate(&path, files);
            let seconds = started.elapsed().as_secs_f64();
            assert_eq!(read, if night == "first" { files } else { 0 }, "files read in the {night} night");
            // Of the first night: what a second one adds is one row.
            bytes = if night == "first" { fs::metadata(&path).unwrap().len() } else { bytes };
            println!(
                "{files:>12}{night:>12}{seconds:>12.1}{:>14.2}{:>12}{:>14.0}",
                seconds * 1e6 / files as f64,
                peak() >> 10,
                bytes as f64 / files as f64
            );
        }
    }
}

/// What a thread of the walk has to say of a file.
enum Met {
    Read(Box<(ItemRecord, Ticket)>),
    Known(i64),
}

/// One night; how many files were read.
fn simulate(path: &Path, files: u64) -> u64 {
    let header = ScanRecord {
        tool: "plainsight",
        version: "1",
        detectors_hash: "0".into(),
        started: "2026-11-23T22:00:00Z".into(),
        roots: vec!["/srv/share".into()],
        shares: Vec::new(),
    };
    let plan = Plan {
        header: &header,
        roots: &[PathBuf::from("/srv/share")],
        policy: "1",
        full: false,
        configuration: &[],
        mounts: &[],
    };
    let mut writer = Store::open(path).unwrap().begin(&plan).unwrap();
    let (lookup, terms) = (writer.lookup(), writer.terms());
    let (send, receive) = sync_channel::<Vec<Met>>(64);
    let mut read = 0;
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (send, lookup) = (send.clone(), lookup.clone());
            scope.spawn(move || {
                let mut known = lookup.open().unwrap();
                for directory in (0..files / IN_DIRECTORY).filter(|directory| directory % THREADS == thread) {
                    let met = (0..IN_DIRECTORY).map(|i| {
                        let number = directory * IN_DIRECTORY + i;
                        let record = record(directory, number);
                        let stamp = stamp(number);
                        let earlier = known.find(0, &record.item.path).unwrap();
                        let is_same = |version: &&Version| terms.accept(version) && *version.stamp() == stamp;
                        if let Some(version) = earlier.as_ref().filter(is_same) {
                            let (item, exposure) = (record.item, record.exposure);
                            known.records(version, item, exposure, &mut drop).unwrap();
                            return Met::Known(version.id());
                        }
                        Met::Read(Box::new((record, Ticket { stamp, is_racy: false, earlier })))
                    });
                    send.send(met.collect()).unwrap();
                }
            });
        }
        drop(send);
        for met in receive.into_iter().flatten() {
            match met {
                Met::Read(file) => {
                    let (record, ticket) = *file;
                    read += 1;
                    writer.put(&record, Some(ticket)).unwrap();
                    writer.commit_if_due().unwrap();
                }
                Met::Known(id) => writer.unchanged(0, id).unwrap(),
            }
        }
    });
    writer.finish(&mut Summary::default()).unwrap();
    read
}

fn stamp(number: u64) -> Stamp {
    let time = i64::try_from(number).unwrap() * 1_000_003 + 1_700_000_000_000_000_000;
    Stamp {
        size: number % 100_000,
        modified: Some(time),
        changed: Some(time),
        born: Some(time),
        device: None,
        id: Some(number + 12),
    }
}

fn record(directory: u64, number: u64) -> ItemRecord {
    let path =
        format!("department {}/year {}/project {directory}/letter {number}.docx", directory % 40, directory % 17);
    let mut record = ItemRecord {
        item: ItemPath::new(0, Name::from(path.as_str())),
        size: number % 100_000,
        modified: stamp(number)
            .modified
            .and_then(|time| Some(jiff::Timestamp::from_nanosecond(time.into()).ok()?.to_string())),
        media_type: "text/plain".into(),
        outcome: Some(Outcome::Read),
        ..ItemRecord::default()
    };
    if number.is_multiple_of(SHOWS) {
        record.subjects = vec![number];
        record.categories.insert(Category::Email, 1);
        record.findings.push(Finding {
            place: Place::line(3),
            detector: "intl.email".into(),
            category: Category::Email,
            confidence: 0.8,
            why: vec!["check:email".into()],
            sample: Sample::new(Mask::Email, "someone@firm.example"),
            fingerprint: format!("{number:032x}"),
            subject: Some(format!("{number:016x}")),
            born: None,
            value: None,
        });
    }
    record
}

/// Kilobytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}
