//! Mail stores against libpff, an independent reader: the same messages and attachments in every layout.
//!
//! Needs a Python with libpff (`PLAINSIGHT_PYPFF`, set by tests/run); without one it says so and checks nothing.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "test code")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Prints how many messages and attachments there are, and all their names as JSON.
const SCRIPT: &str = r#"
import json, sys
import pypff
store = pypff.file()
store.open(sys.argv[1])
messages, files = [], 0
def see(message):
    global files
    messages.append((message.subject or "").strip())
    files += message.number_of_attachments
def walk(folder):
    for message in folder.sub_messages:
        see(message)
    for inner in folder.sub_folders:
        walk(inner)
walk(store.get_root_folder())
for at in range(store.get_number_of_orphan_items()):
    see(store.get_orphan_item(at))
print(json.dumps([sorted(messages), files]))
"#;

/// Subjects of messages, and how many things are attached to them.
type Content = (Vec<String>, u64);

fn by_libpff(python: &str, store: &Path) -> Content {
    let output = Command::new(python).arg("-c").arg(SCRIPT).arg(store).output().unwrap();
    assert!(output.status.success(), "{}: {}", store.display(), String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn by_us(store: &Path) -> Content {
    let output = Command::new(env!("CARGO_BIN_EXE_plainsight"))
        .args(["scan", "-q", "-o", "jsonl=-"])
        .arg(store)
        .output()
        .unwrap();
    let mut members: BTreeSet<Vec<String>> = BTreeSet::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line["type"] == "item" && line["members"].as_array().is_some_and(|members| !members.is_empty()) {
            assert_eq!(line["outcome"], "read", "{line}");
            members.insert(serde_json::from_value(line["members"].clone()).unwrap());
        }
    }
    let messages = members.iter().filter(|members| members.len() == 1 && !members[0].contains("(associated)"));
    let mut subjects: Vec<String> =
        messages.map(|members| members[0].rsplit('/').next().unwrap_or_default().to_owned()).collect();
    subjects.sort();
    (subjects, members.iter().filter(|members| members.len() == 2).count() as u64)
}

#[test]
fn libpff_finds_the_same_messages() {
    let Ok(python) = std::env::var("PLAINSIGHT_PYPFF") else {
        eprintln!("\n*** NOT CHECKED: mail stores against libpff; PLAINSIGHT_PYPFF names no Python with libpff ***\n");
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pst");
    let mut stores: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    stores.sort();
    assert_eq!(stores.len(), 4);
    for store in stores {
        assert_eq!(by_us(&store), by_libpff(&python, &store), "{}", store.display());
    }
}
