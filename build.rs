//! Reads the detectors of patterns/ when the program is built, so that it has not to when it starts.
//!
//! What is strict about a pattern file is checked by the tests, which load the folder as a user's own.
#![allow(clippy::print_stdout, reason = "this is how cargo is told")]

#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/bits.rs"]
mod bits;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/byte_set.rs"]
mod byte_set;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/expression.rs"]
mod expression;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/first_names.rs"]
mod first_names;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/first_number.rs"]
mod first_number;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/flat.rs"]
mod flat;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/fold.rs"]
mod fold;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/heads.rs"]
mod heads;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/initials.rs"]
mod initials;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/keys.rs"]
mod keys;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/letters.rs"]
mod letters;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/lexicon.rs"]
mod lexicon;
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
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/way.rs"]
mod way;
#[allow(dead_code, unreachable_pub, reason = "shared with the library")]
#[path = "src/detect/word.rs"]
mod word;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::digest::common::hazmat::SerializableState;
use sha2::{Digest, Sha256};
use toml::{Table, Value};

use first_names::first_names;
use flat::Flat;
use lexicon::{Lexicon, Written};
use start::Start;
use way::Sought;
use word::Role;

/// What is for people and tests to read, and kept apart: a scan begins sooner without it.
const DESCRIPTIVE: [&str; 3] = ["references", "examples", "counterexamples"];
/// Kept apart too: a scan has these put together, as a lexicon.
const WORDS: [(Role, &str); 4] = [
    (Role::Phrase, "phrases"),
    (Role::Context, "context"),
    (Role::ContextAfter, "context_after"),
    (Role::Veto, "veto"),
];

/// What is said of a detector, and what its pattern can begin with.
struct Read {
    spec: Value,
    start: Option<Start>,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    for file in [
        "automaton/make.rs",
        "bits.rs",
        "byte_set.rs",
        "expression.rs",
        "first_names.rs",
        "first_names.txt",
        "first_number.rs",
        "flat.rs",
        "fold.rs",
        "heads.rs",
        "initials.rs",
        "keys.rs",
        "letters.rs",
        "lexicon.rs",
        "opening.rs",
        "start.rs",
        "start_words.rs",
        "way.rs",
        "word.rs",
    ] {
        println!("cargo:rerun-if-changed=src/detect/{file}");
    }
    println!("cargo:rerun-if-changed=patterns");

    let patterns = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("patterns");
    let mut hash = Sha256::new();
    let mut detectors = Vec::new();
    let mut descriptions = Vec::new();
    let mut automata = Vec::new();
    let mut read = Vec::new();
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
                for spec in specs {
                    let fault = |error| format!("patterns/{name}: {error}");
                    let (detector, start) = detector(&spec, &mut automata).map_err(fault)?;
                    detectors.push(detector);
                    let lists = DESCRIPTIVE.into_iter().chain(WORDS.map(|(_, key)| key));
                    let lists = lists.map(|key| list(&spec, key).map(str::to_owned).collect());
                    descriptions.push(lists.collect::<Vec<Vec<String>>>());
                    read.push(Read { spec, start });
                }
            }
        }
    }
    let mut lexicon = Vec::new();
    words(&read).write(&mut lexicon);
    let out = PathBuf::from(variable("OUT_DIR")?);
    fs::write(out.join("detectors.json"), serde_json::to_vec(&detectors)?)?;
    fs::write(out.join("descriptions.json"), serde_json::to_vec(&descriptions)?)?;
    fs::write(out.join("lexicon"), lexicon)?;
    fs::write(out.join("automata"), automata)?;
    fs::write(out.join("hash_state"), hash.serialize())?;
    Ok(())
}

/// The detector as a run has it, with what its pattern can begin with and where its states stand in `automata`.
fn detector(written: &Value, automata: &mut Vec<u8>) -> Result<(serde_json::Value, Option<Start>), Box<dyn Error>> {
    let mut spec = written.clone();
    if let Some(spec) = spec.as_table_mut() {
        for key in DESCRIPTIVE {
            spec.insert(key.into(), Value::Array(Vec::new()));
        }
        for (_, key) in WORDS {
            spec.remove(key);
        }
    }
    let Some(pattern) = written.get("pattern").and_then(Value::as_str) else {
        return Ok((serde_json::json!({ "spec": spec, "start": null, "automaton": null }), None));
    };
    let start = Start::of(&expression::parse(pattern)?, flag(written, "holds_digit"));
    let automaton = make::table(&expression::expression(pattern))?.map(|table| {
        let from = automata.len();
        automata.extend(&table);
        serde_json::json!({ "from": from, "length": table.len() })
    });
    Ok((serde_json::json!({ "spec": spec, "start": start, "automaton": automaton }), Some(start)))
}

/// As `Engine::new` makes it of detectors that are not all of the program.
fn words(read: &[Read]) -> Lexicon {
    let ways = way::ways(read.iter().map(|Read { spec, start }| Sought {
        start: start.as_ref(),
        holds: spec.get("holds").and_then(Value::as_str),
        beside_name: flag(spec, "beside_name"),
        // It parts two ways from each other that have no words to begin with.
        fires_without_context: false,
    }));
    let starts = way::start_words(&ways, read.iter().map(|read| read.start.as_ref()));
    let mut written = Vec::new();
    for (detector, Read { spec, .. }) in read.iter().enumerate() {
        for (role, key) in WORDS {
            let exact = flag(spec, "exact_case") && role == Role::Phrase;
            written.extend(list(spec, key).map(|phrase| Written { detector, role, exact, phrase }));
        }
    }
    Lexicon::new(written.into_iter(), first_names().map(|(name, _)| name), &starts)
}

fn flag(spec: &Value, key: &str) -> bool {
    spec.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn list<'v>(spec: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    spec.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
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
