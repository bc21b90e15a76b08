//! A state over several scans, without any files.
#![allow(clippy::print_stdout, reason = "one prints what it measured")]

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::*;
use crate::model::finding::{Born, Mask};
use crate::model::{
    Category, Delta, Exposure, Finding, ItemPath, ItemRecord, Name, Outcome, Place, Protection, Reason, Sample,
    ScanRecord, Severity, Stamp, Standing, Summary, Trust,
};

const TRUST: Trust = Trust { ids: true, changes: true, local_clock: true };

fn stamp(time: i64) -> Stamp {
    let at = Some(time * 1_000_000_000);
    Stamp { size: 10, modified: at, changed: at, born: None, device: Some(1), id: Some(7) }
}

fn clean(path: &str, time: i64) -> ItemRecord {
    ItemRecord {
        item: ItemPath::new(0, path.into()),
        size: 10,
        modified: version::written(stamp(time).modified),
        media_type: "text/plain".into(),
        outcome: Some(Outcome::Read),
        exposure: Exposure { access: crate::model::Access::Group, owner: Some(5) },
        ..ItemRecord::default()
    }
}

fn found(path: &str, time: i64) -> ItemRecord {
    let finding = Finding {
        place: Place { sheet: Some("Mai".into()), ..Place::line(9) },
        detector: "it.codice_fiscale".into(),
        category: Category::NationalId,
        confidence: 0.95,
        why: vec!["checksum".into()],
        sample: Sample::new(Mask::Code, "RSSMRA80A01H501U"),
        fingerprint: "0f".into(),
        subject: Some("00000000000000070000000000000000".into()),
        born: Some(Born { year: 1980, is_certain: false }),
        value: Some("RSSMRA80A01H501U".into()),
    };
    ItemRecord {
        severity: Severity::High,
        content: Some("00112233445566778899aabbccddeeff".into()),
        categories: [(Category::NationalId, 1)].into(),
        subjects: vec![7, u64::MAX],
        findings: vec![finding],
        ..clean(path, time)
    }
}

fn begin_in(path: &Path, policy: &str, full: bool) -> Writer {
    let header = ScanRecord {
        tool: "plainsight",
        version: "1",
        detectors_hash: "d".into(),
        started: "2026-01-31T22:00:00Z".into(),
        roots: vec!["/srv".into()],
        shares: Vec::new(),
    };
    let plan = Plan { header: &header, roots: &[PathBuf::from("/srv")], policy, full, configuration: &[], mounts: &[] };
    Store::open(path).unwrap().begin(&plan).unwrap()
}

/// The walk and the writer in one hand: what is known and the same is not written again. Returns
/// how many files were taken from the state.
fn scan_with(mut writer: Writer, records: &[(ItemRecord, i64)], interrupted: bool) -> (u64, Option<Standing>) {
    let mut known = writer.lookup().open().unwrap();
    let terms = writer.terms();
    let mut unchanged = 0;
    for (record, time) in records {
        if !record.item.members.is_empty() {
            writer.put(record, None).unwrap();
            continue;
        }
        let earlier = known.find(0, &record.item.path).unwrap();
        let is_same = |version: &Version| {
            terms.accept(version)
                && stamp(*time).is_same(version.stamp(), TRUST)
                && version.exposure() == record.exposure
        };
        match earlier {
            Some(version) if is_same(&version) => {
                let mut told = Vec::new();
                known
                    .records(&version, record.item.clone(), record.exposure.clone(), &mut |record| told.push(record))
                    .unwrap();
                assert_eq!(told.last().unwrap(), &without_values(record), "out of the state as it was read");
                writer.unchanged(0, version.id()).unwrap();
                unchanged += 1;
            }
            earlier => {
                let is_faulty = record.outcome() == Outcome::Unreadable && !record.reasons.contains(&Reason::Encrypted);
                let stamp = if is_faulty { Stamp::default() } else { stamp(*time) };
                writer.put(record, Some(Ticket { stamp, is_racy: false, earlier })).unwrap();
            }
        }
    }
    let mut summary = Summary { interrupted, complete: true, ..Summary::default() };
    writer.finish(&mut summary).unwrap();
    (unchanged, summary.state)
}

fn without_values(record: &ItemRecord) -> ItemRecord {
    let mut record = record.clone();
    record.findings.iter_mut().for_each(|finding| finding.value = None);
    record.subjects.sort_by_key(|subject| subject.cast_signed());
    record
}

fn state() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.sqlite");
    (dir, path)
}

fn replayed(path: &Path, scan: u64) -> Vec<String> {
    let mut items = Vec::new();
    let store = Store::look(path).unwrap();
    store
        .replay(scan, &mut |record: ItemRecord| {
            items.push(format!("{} {}", record.item, record.findings.len()));
            Ok::<(), StoreError>(())
        })
        .unwrap();
    items
}

#[test]
fn three_nights_on_a_changing_tree() {
    let (_dir, path) = state();
    let first = [(clean("a.txt", 1), 1), (found("hr/b.csv", 1), 1), (clean("hr/c.txt", 1), 1)];
    let (unchanged, standing) = scan_with(begin_in(&path, "p", false), &first, false);
    assert_eq!((unchanged, standing.unwrap().since), (0, None));

    // b is sealed, c shows something now, d is new, a is the same.
    let protection = Protection::strong("7z-aes256", "header");
    let sealed = ItemRecord {
        outcome: Some(Outcome::Unreadable),
        reasons: vec![Reason::Encrypted],
        protection,
        ..clean("hr/b.csv", 2)
    };
    let second = [(clean("a.txt", 1), 1), (sealed, 2), (found("hr/c.txt", 2), 2), (clean("new/d.txt", 2), 2)];
    let (unchanged, standing) = scan_with(begin_in(&path, "p", false), &second, false);
    let since = standing.unwrap().since.unwrap();
    let expected = Delta { scan: 1, new: 1, changed: 2, newly_exposed: 1, newly_protected: 1, ..since.clone() };
    assert_eq!((unchanged, since), (1, expected));

    let third = [(clean("a.txt", 1), 1), (found("hr/c.txt", 2), 2)];
    let (unchanged, standing) = scan_with(begin_in(&path, "p", false), &third, false);
    let since = standing.unwrap().since.unwrap();
    assert_eq!((unchanged, since.gone, since.new, since.changed), (2, 2, 0, 0));

    // Each night can be told again.
    assert_eq!(replayed(&path, 1), ["a.txt 0", "hr/b.csv 1", "hr/c.txt 0"]);
    assert_eq!(replayed(&path, 2), ["a.txt 0", "hr/b.csv 0", "hr/c.txt 1", "new/d.txt 0"]);
    assert_eq!(replayed(&path, 3), ["a.txt 0", "hr/c.txt 1"]);
    let store = Store::look(&path).unwrap();
    let mut changes = Vec::new();
    store.diff(1, 3, &mut |d| changes.push(format!("{} {}", d.change.key(), d.item))).unwrap();
    changes.sort();
    assert_eq!(changes, ["changed hr/c.txt", "gone hr/b.csv"], "what came and went in between is not told");
}

#[test]
fn statements_are_planned_once() {
    let (_dir, path) = state();
    let records: Vec<(ItemRecord, i64)> = (1..50).map(|n| (found(&format!("{n:02}.csv"), n), n)).collect();
    scan_with(begin_in(&path, "p", false), &records, false);
    let connection = super::connect(&path, true).unwrap();
    // As large states have it: what SQLite knows of the values is why it would plan again.
    connection.execute_batch("ANALYZE").unwrap();
    let sql = "SELECT n, record, findings, subjects FROM item WHERE file = ? AND n >= ? AND n < ? ORDER BY n";
    let mut statement = connection.prepare(sql).unwrap();
    let mut files = connection.prepare("SELECT file FROM item").unwrap();
    let files: Vec<i64> = files.query_map([], |row| row.get(0)).unwrap().flatten().collect();
    assert_eq!(files.len(), 49);
    for file in files {
        let items: Vec<i64> = statement.query_map([file, 0, 257], |row| row.get(0)).unwrap().flatten().collect();
        assert_eq!(items, [0]);
    }
    assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
}

#[test]
fn no_clear_value_is_in_any_file_of_the_state() {
    let (dir, path) = state();
    scan_with(begin_in(&path, "p", false), &[(found("b.csv", 1), 1)], false);
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(16).any(|window| window == b"RSSMRA80A01H501U"));
    }
}

#[test]
fn other_settings_and_full_read_everything_again() {
    let (_dir, path) = state();
    let files = [(clean("a.txt", 1), 1), (found("b.csv", 1), 1)];
    let scan = |policy, full| scan_with(begin_in(&path, policy, full), &files, false);
    scan("p", false);
    assert_eq!(scan("p", false).0, 2);
    let (unchanged, standing) = scan("other", false);
    assert_eq!(unchanged, 0);
    // What is read again and found the same is no difference.
    assert_eq!(standing.unwrap().since.unwrap().changed, 0);
    assert_eq!(scan("other", false).0, 2);
    assert_eq!(scan("other", true).0, 0);
    let versions: i64 =
        Connection::open(&path).unwrap().query_row("SELECT count(*) FROM file", [], |row| row.get(0)).unwrap();
    assert_eq!(versions, 2);
}

#[test]
fn a_scan_that_was_ended_goes_on_and_concludes_nothing_before() {
    let (_dir, path) = state();
    scan_with(begin_in(&path, "p", false), &[(clean("a.txt", 1), 1), (clean("b.txt", 1), 1)], false);
    let unread =
        ItemRecord { outcome: Some(Outcome::Skipped), reasons: vec![Reason::Interrupted], ..clean("c.txt", 2) };
    let (_, standing) = scan_with(begin_in(&path, "p", false), &[(found("d.txt", 2), 2), (unread, 2)], true);
    let standing = standing.unwrap();
    assert_eq!((standing.scan, standing.left, standing.since), (2, 3, None), "a and b were not reached, c not read");
    let files = [(clean("a.txt", 1), 1), (found("d.txt", 2), 2), (clean("c.txt", 2), 2)];
    let (unchanged, standing) = scan_with(begin_in(&path, "p", false), &files, false);
    let standing = standing.unwrap();
    assert_eq!((unchanged, standing.scan, standing.continued), (2, 2, true));
    let since = standing.since.unwrap();
    assert_eq!((since.scan, since.new, since.gone), (1, 2, 1));
}

#[test]
fn nothing_is_gone_where_nobody_could_look() {
    let (_dir, path) = state();
    let files = ["a.txt", "hr/b.txt", "hr/x/c.txt", "it/d.txt"].map(|path| (clean(path, 1), 1));
    scan_with(begin_in(&path, "p", false), &files, false);
    let fault = ItemRecord {
        item: ItemPath::new(0, "hr".into()),
        outcome: Some(Outcome::Unreadable),
        reasons: vec![Reason::PermissionDenied],
        ..ItemRecord::default()
    };
    let (_, standing) = scan_with(begin_in(&path, "p", false), &[(clean("a.txt", 1), 1), (fault, 0)], false);
    let standing = standing.unwrap();
    assert_eq!((standing.since.unwrap().gone, standing.left), (1, 2), "it/d.txt alone");
    assert_eq!(replayed(&path, 2), ["a.txt 0", "hr 0"]);
    // A share that is not mounted is an empty directory.
    let writer = begin_in(&path, "p", false);
    let mut summary = Summary { complete: true, ..Summary::default() };
    writer.finish(&mut summary).unwrap();
    assert!(!summary.complete);
    assert_eq!(summary.state.unwrap().since.unwrap().gone, 0);
    assert_eq!(scan_with(begin_in(&path, "p", false), &files, false).0, 3);
    // The root itself cannot be listed: it is told under its own name.
    let fault = ItemRecord {
        item: ItemPath::new(0, "srv".into()),
        outcome: Some(Outcome::Unreadable),
        reasons: vec![Reason::IoError],
        ..ItemRecord::default()
    };
    let (_, standing) = scan_with(begin_in(&path, "p", false), &[(fault, 0)], false);
    assert_eq!(standing.unwrap().since.unwrap().gone, 0);
}

#[test]
fn members_come_back_with_their_file_and_a_file_without_its_end_is_forgotten() {
    let (_dir, path) = state();
    let archive = clean("a.zip", 1);
    let member = |n: usize| {
        let mut record = if n == 1 { found("a.zip", 1) } else { clean("a.zip", 1) };
        record.item = archive.item.member(Name::from(format!("{n}.txt")));
        record
    };
    let mut files: Vec<(ItemRecord, i64)> = (1..=600).map(|n| (member(n), 1)).collect();
    files.push((archive.clone(), 1));
    scan_with(begin_in(&path, "p", false), &files, false);
    let told = replayed(&path, 1);
    assert_eq!((told.len(), told[0].as_str(), told[600].as_str()), (601, "a.zip!/1.txt 1", "a.zip 0"));
    assert_eq!(scan_with(begin_in(&path, "p", false), &[(archive, 1)], false).0, 1);

    // Killed between a member and the file.
    let mut writer = begin_in(&path, "p", false);
    let mut torn = found("b.zip", 1);
    torn.item = torn.item.member("x".into());
    writer.put(&torn, None).unwrap();
    writer.commit().unwrap();
    drop(writer);
    let items = |path: &Path| -> i64 {
        Connection::open(path).unwrap().query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(items(&path), 602);
    drop(Store::open(&path).unwrap());
    assert_eq!(items(&path), 601);
}

/// What lies on the disk when the power fails: any beginning of the log, its end torn or not. The state opens, holds
/// whole files only, and the next run ends as one that nothing disturbed.
#[test]
fn no_cut_of_the_log_spoils_the_state() {
    let (dir, path) = state();
    let files: Vec<(ItemRecord, i64)> = (0..200)
        .map(|n| (if n % 3 == 0 { found(&format!("{n}.csv"), 1) } else { clean(&format!("{n}.txt"), 1) }, 1))
        .collect();
    let (_whole_dir, whole) = state();
    scan_with(begin_in(&whole, "p", false), &files, false);
    let expected = replayed(&whole, 1);

    let mut writer = begin_in(&path, "p", false);
    for (record, time) in &files {
        writer.put(record, Some(Ticket { stamp: stamp(*time), ..Ticket::default() })).unwrap();
        writer.commit().unwrap();
    }
    let wal = place::beside(&path, "-wal");
    let (database, log) = (std::fs::read(&path).unwrap(), std::fs::read(&wal).unwrap());
    assert!(log.len() > 1 << 20, "the log was written into the state: nothing to cut");
    let cut_path = dir.path().join("cut.sqlite");
    let mut taken = Vec::new();
    for cut in 0..120 {
        // Not at the borders of pages only; every other end is half a page of nothing.
        let mut kept = log[..log.len() * cut / 120 + cut % 3 * 7].to_vec();
        if cut % 2 == 1 {
            let end = kept.len();
            kept[end.saturating_sub(2048)..].fill(0);
        }
        std::fs::write(&cut_path, &database).unwrap();
        std::fs::write(place::beside(&cut_path, "-wal"), &kept).unwrap();
        let _ = std::fs::remove_file(place::beside(&cut_path, "-shm"));
        let connection = Connection::open(&cut_path).unwrap();
        let ask = |sql: &str| -> String { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
        assert_eq!(ask("PRAGMA integrity_check"), "ok", "cut {cut}");
        if ask("SELECT count(*) || '' FROM sqlite_schema") != "0" {
            // Bit 7: there are items.
            let torn = "SELECT count(*) || '' FROM file LEFT JOIN item ON file = id WHERE (verdict >> 7 & 1) <> (n IS NOT NULL)";
            assert_eq!(ask(torn), "0", "cut {cut}");
        }
        drop(connection);
        taken.push(scan_with(begin_in(&cut_path, "p", false), &files, false).0);
        assert_eq!(replayed(&cut_path, 1), expected, "cut {cut}");
        std::fs::remove_file(&cut_path).unwrap();
    }
    assert!(taken.is_sorted() && taken.first() == Some(&0) && taken.last() > Some(&150), "{taken:?}");
}

#[test]
fn what_is_forgotten_is_gone() {
    let (_dir, path) = state();
    scan_with(begin_in(&path, "p", false), &[(found("a.csv", 1), 1), (clean("b.txt", 1), 1)], false);
    scan_with(begin_in(&path, "p", false), &[(clean("a.csv", 2), 2), (found("b.txt", 2), 2)], false);
    let store = Store::open(&path).unwrap();
    assert!(store.forget_scans(&[9]).is_err());
    assert_eq!(store.forget_scans(&[1]).unwrap(), 2);
    assert_eq!(store.forget_subject("00000000000000070000000000000000").unwrap(), 1);
    store.compact().unwrap();
    // The other person of the two stays.
    let sql = "SELECT count(*) FROM item WHERE findings IS NOT NULL OR subjects != '[-1]'";
    let findings: i64 = store.connection.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(findings, 0);
    assert_eq!(store.scans().unwrap().len(), 1);
    drop(store);
    assert_eq!(replayed(&path, 2), ["a.csv 0", "b.txt 0"]);
}

/// A state whose findings and people were rows of their own tells the same.
#[test]
fn an_older_state_becomes_a_current_one() {
    let (_dir, path) = state();
    let mut older = Connection::open(&path).unwrap();
    for step in &schema::STEPS[..2] {
        older.execute_batch(step).unwrap();
    }
    older.pragma_update(None, "user_version", 2).unwrap();
    let expected = found("a.csv", 1);
    let finding = &expected.findings[0];
    let text = |value: serde_json::Value| value.to_string();
    older
        .execute(
            "INSERT INTO item VALUES (7, 0, ?)",
            [r#"{"size":3,"media_type":"text/csv","outcome":"read","categories":{}}"#],
        )
        .unwrap();
    let mut words = words::Words::default();
    let detector = words.id(&older, &finding.detector).unwrap();
    let why = words.id(&older, &text(serde_json::to_value(&finding.why).unwrap())).unwrap();
    for at in [1, 0] {
        older
            .execute(
                "INSERT INTO finding VALUES (7, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rusqlite::params![
                    at,
                    detector,
                    finding.category.key(),
                    f64::from(finding.confidence),
                    text(serde_json::to_value(&finding.place).unwrap()),
                    why,
                    format!("{at}{}", finding.sample.as_str()),
                    finding.fingerprint,
                    finding.subject,
                    1987
                ],
            )
            .unwrap();
    }
    older.execute("INSERT INTO subject VALUES (7, 0, -5), (7, 0, 9)", []).unwrap();
    schema::migrate(&mut older).unwrap();
    let mut records = Vec::new();
    let item = ItemPath::new(0, "a.csv".into());
    kept::read(&older, &mut words, 7, (&item, &Exposure::default()), &mut |record| records.push(record)).unwrap();
    let [record] = records.as_slice() else { panic!("{records:?}") };
    let samples: Vec<&str> = record.findings.iter().map(|finding| finding.sample.as_str()).collect();
    assert_eq!(samples, ["0", "1"].map(|at| format!("{at}{}", finding.sample.as_str())));
    assert_eq!(record.subjects, [(-5_i64).cast_unsigned(), 9]);
    for now in &record.findings {
        let sample = finding.sample.clone();
        let year = now.born.map(|born| (born.year, born.is_certain));
        assert_eq!(year, Some((1987, true)));
        assert_eq!(Finding { sample, born: finding.born, value: finding.value.clone(), ..now.clone() }, *finding);
    }
}

/// Memory, time and room for many files in a simulated share: `PLAINSIGHT_STATE_FILES` of them.
#[test]
fn cost_grows_with_the_number_of_files_only() {
    use std::time::Instant;
    let asked = std::env::var("PLAINSIGHT_STATE_FILES").ok().and_then(|files| files.parse().ok());
    let files: u64 = asked.unwrap_or(20_000);
    let (_dir, path) = state();
    let entry = |n: u64| {
        let mut record =
            clean(&format!("department{:03}/project{:05}/report of month {:07}.docx", n / 20_000, n / 20, n), 1);
        record.media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document".into();
        let stamp = Stamp { id: Some(n + 1_000_000), born: Some(1_700_000_000_123_456_789), ..stamp(1) };
        (record, stamp)
    };
    for round in 0..2 {
        let began = Instant::now();
        let mut writer = begin_in(&path, "p", false);
        let mut known = writer.lookup().open().unwrap();
        let terms = writer.terms();
        let mut unchanged = 0;
        for n in 0..files {
            let (record, stamp) = entry(n);
            match known.find(0, &record.item.path).unwrap() {
                Some(version) if terms.accept(&version) && stamp.is_same(version.stamp(), TRUST) => {
                    known
                        .records(&version, record.item.clone(), record.exposure.clone(), &mut |_| unchanged += 1)
                        .unwrap();
                    writer.unchanged(0, version.id()).unwrap();
                }
                earlier => writer.put(&record, Some(Ticket { stamp, is_racy: false, earlier })).unwrap(),
            }
        }
        let mut summary = Summary { complete: true, ..Summary::default() };
        writer.finish(&mut summary).unwrap();
        assert_eq!(unchanged, if round == 0 { 0 } else { files });
        let bytes = std::fs::metadata(&path).unwrap().len();
        assert!(bytes / files < 200, "{} bytes a clean file", bytes / files);
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
        println!(
            "round {round}: {files} files in {:.1} s, {:.1} bytes a file; {peak}",
            began.elapsed().as_secs_f64(),
            bytes as f64 / files as f64
        );
    }
}
