//! Reads the detectors of patterns/ when the program is built, so that it has not to when it starts.
//!
//! What is strict about a pattern file is checked by the tests, which load the folder as a user's own.
#![allow(clippy::print_stdout, reason = "this is how cargo is told")]

#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/byte_set.rs"]
mod byte_set;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/expression.rs"]
mod expression;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/first_number.rs"]
mod first_number;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/fold.rs"]
mod fold;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/letters.rs"]
mod letters;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/automaton/make.rs"]
mod make;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/opening.rs"]
mod opening;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/start.rs"]
mod start;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/start_words.rs"]
mod start_words;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::digest::common::hazmat::SerializableState;
use sha2::{Digest, Sha256};
use toml::{Table, Value};

use start::Start;

/// What is for people and tests to read, and kept apart: a scan begins sooner without it.
const DESCRIPTIVE: [&str; 3] = ["references", "examples", "counterexamples"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    for file in [
        "automaton/make",
        "byte_set",
        "expression",
        "first_number",
        "fold",
        "letters",
        "opening",
        "start",
        "start_words",
    ] {
        println!("cargo:rerun-if-changed=src/detect/{file}.rs");
    }
    println!("cargo:rerun-if-changed=patterns");

    let patterns = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("patterns");
    let mut hash = Sha256::new();
    let mut detectors = Vec::new();
    let mut descriptions = Vec::new();
    let mut automata = Vec::new();
    for folder in entries(&patterns)?.into_iter().filter(|path| path.is_dir()) {
        for path in entries(&folder)? {
            if path.extension().is_none_or(|extension| extension != "toml") {
                continue;
            }
            let name = path.strip_prefix(&patterns)?.to_string_lossy().replace('\\', "/");
            let content = fs::read_to_string(&path)?;
            // As `Catalogue::add` does.
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(&name);
            hash.update((content.len() as u64).to_le_bytes());
            hash.update(&content);
            let file: Table = toml::from_str(&content).map_err(|error| format!("patterns/{name}: {error}"))?;
            for (key, value) in file {
                let Value::Array(specs) = value else { return Err(format!("patterns/{name}: what is {key}?").into()) };
                for mut spec in specs {
                    descriptions.push(DESCRIPTIVE.map(|key| spec.get(key).cloned()));
                    if let Some(spec) = spec.as_table_mut() {
                        for key in DESCRIPTIVE {
                            spec.insert(key.into(), Value::Array(Vec::new()));
                        }
                    }
                    detectors
                        .push(detector(&spec, &mut automata).map_err(|error| format!("patterns/{name}: {error}"))?);
                }
            }
        }
    }
    let out = PathBuf::from(variable("OUT_DIR")?);
    fs::write(out.join("detectors.json"), serde_json::to_vec(&detectors)?)?;
    fs::write(out.join("descriptions.json"), serde_json::to_vec(&descriptions)?)?;
    fs::write(out.join("automata"), automata)?;
    fs::write(out.join("hash_state"), hash.serialize())?;
    Ok(())
}

/// The detector as it is written, what its pattern can begin with, and where its states stand in `automata`.
fn detector(spec: &Value, automata: &mut Vec<u8>) -> Result<serde_json::Value, Box<dyn Error>> {
    let key = |key: &str| spec.get(key);
    let Some(pattern) = key("pattern").and_then(Value::as_str) else {
        return Ok(serde_json::json!({ "spec": spec, "start": null, "automaton": null }));
    };
    let holds_digit = key("holds_digit").and_then(Value::as_bool).unwrap_or(false);
    let start = Start::of(&expression::parse(pattern)?, holds_digit);
    let automaton = make::table(&expression::expression(pattern))?.map(|table| {
        let from = automata.len();
        automata.extend(&table);
        serde_json::json!({ "from": from, "length": table.len() })
    });
    Ok(serde_json::json!({ "spec": spec, "start": start, "automaton": automaton }))
}

fn variable(name: &str) -> Result<String, Box<dyn Error>> {
    std::env::var(name).map_err(|error| format!("{name}: {error}").into())
}

/// What lies in a folder, by name.
fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}
