//! The fixtures through the program: coverage that adds up, output by its schema, no clear values, and
//! precision and recall against the labels.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test may stop and prints its tables")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A run of the program on one directory.
struct Run {
    lines: Vec<Value>,
    terminal: String,
    exit: i32,
}

fn scan(path: &str, arguments: &[&str]) -> Run {
    let directory = tempfile::tempdir().unwrap();
    let report = directory.path().join("report.jsonl");
    let output = Command::new(env!("CARGO_BIN_EXE_plainsight"))
        .args(["scan", path, "--output"])
        .arg(format!("jsonl={}", report.display()))
        .args(arguments)
        .output()
        .unwrap();
    let jsonl = fs::read_to_string(&report).unwrap_or_default();
    let terminal = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let lines = jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    Run { lines, terminal, exit: output.status.code().unwrap_or(-1) }
}

impl Run {
    fn of_type<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.lines.iter().filter(move |line| line["type"] == kind)
    }
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|v| v.as_str().unwrap_or_default().to_owned()).collect()
}

fn files_below(dir: &Path) -> BTreeSet<String> {
    fn walk(dir: &Path, root: &Path, files: &mut BTreeSet<String>) {
        for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                walk(&entry.path(), root, files);
            } else {
                files.insert(entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut files = BTreeSet::new();
    walk(dir, dir, &mut files);
    files
}

#[test]
fn every_file_of_the_walk_has_one_outcome_and_the_counts_add_up() {
    let run = scan("fixtures/share", &[]);
    assert_eq!(run.exit, 1, "{}", run.terminal);
    let files: Vec<&str> = run
        .of_type("item")
        .filter(|item| item["members"].as_array().unwrap().is_empty())
        .map(|item| item["path"].as_str().unwrap())
        .collect();
    let distinct: BTreeSet<String> = files.iter().map(|path| (*path).to_owned()).collect();
    assert_eq!(distinct.len(), files.len(), "a file has two outcomes");
    assert_eq!(distinct, files_below(Path::new("fixtures/share")));

    let summary = run.of_type("summary").next().unwrap();
    let items = run.of_type("item").count() as u64;
    assert_eq!(summary["files"].as_u64().unwrap(), files.len() as u64);
    assert_eq!(summary["files"].as_u64().unwrap() + summary["members"].as_u64().unwrap(), items);
    for counts in ["outcomes", "protection", "severity"] {
        let sum: u64 = summary[counts].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
        assert_eq!(sum, items, "{counts}");
    }
    for item in run.of_type("item") {
        let is_read = item["outcome"] == "read";
        assert_eq!(is_read, strings(&item["reasons"]).is_empty(), "only what was read whole needs no reason: {item}");
    }
}

#[test]
fn the_findings_do_not_depend_on_the_number_of_threads() {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key");
    fs::write(&key, "0123456789abcdef0123456789abcdef").unwrap();
    let lines = |threads: &str| {
        let run = scan("fixtures/share", &["--threads", threads, "--key-file", key.to_str().unwrap()]);
        let lines: BTreeSet<String> =
            run.lines.iter().filter(|l| l["type"] != "scan" && l["type"] != "summary").map(Value::to_string).collect();
        lines
    };
    assert_eq!(lines("1"), lines("8"));
}

#[test]
fn every_line_obeys_the_schema() {
    let output = Command::new(env!("CARGO_BIN_EXE_plainsight")).arg("schema").output().unwrap();
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for arguments in [&[][..], &["--reveal"]] {
        let run = scan("fixtures/share", arguments);
        assert!(run.lines.len() > 300);
        assert_eq!(run.lines.first().unwrap()["type"], "scan");
        assert_eq!(run.lines.last().unwrap()["type"], "summary");
        for line in &run.lines {
            if let Err(error) = validator.validate(line) {
                panic!("{error}\n{line}");
            }
        }
    }
    let mut broken = scan("fixtures/share", &[]).lines.swap_remove(1);
    broken["surprise"] = Value::Bool(true);
    assert!(!validator.is_valid(&broken));
}

#[test]
fn no_clear_value_leaves_without_reveal() {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("key");
    fs::write(&key, "0123456789abcdef0123456789abcdef").unwrap();
    let revealed = scan("fixtures/share", &["--reveal"]);
    let masked = scan("fixtures/share", &["--key-file", key.to_str().unwrap()]);
    // Six digits of a value turn up by chance in hashes and in the fractions of clock times.
    let jsonl: String = masked.lines.iter().map(|line| without_chance(line).to_string() + "\n").collect();
    let paths: Vec<String> =
        masked.of_type("item").map(|item| format!("{}{}", item["path"], item["members"])).collect();
    let mut checked = 0;
    for finding in revealed.of_type("finding") {
        let value = finding["value"].as_str().unwrap();
        // A word of a lexicon is no value of a person; short digits occur anywhere; a name in
        // a path is shown as part of the path.
        let is_term = finding["sample"].as_str().is_some_and(|sample| sample == value);
        if is_term || value.chars().count() < 6 || paths.iter().any(|path| path.contains(value)) {
            continue;
        }
        checked += 1;
        for (place, text) in [("JSON Lines", &jsonl), ("terminal", &masked.terminal)] {
            assert!(!text.contains(value), "a value of {} stands in the {place}", finding["detector"]);
        }
    }
    assert!(checked > 200, "only {checked} values to check");
    assert!(masked.of_type("finding").all(|finding| finding.get("value").is_none()));
}

/// A line of the report without its hashes and clock times.
fn without_chance(line: &Value) -> Value {
    let mut line = line.clone();
    for key in ["fingerprint", "subject", "modified", "started", "duration_seconds"] {
        if let Some(fields) = line.as_object_mut() {
            fields.remove(key);
        }
    }
    line
}

/// What was found and what should have been, by category.
#[derive(Default, Clone, Copy)]
struct Score {
    hit: u32,
    missed: u32,
    wrong: u32,
}

impl Score {
    fn precision(self) -> f64 {
        ratio(self.hit, self.wrong)
    }

    fn recall(self) -> f64 {
        ratio(self.hit, self.missed)
    }

    fn f1(self) -> f64 {
        let both = self.precision() + self.recall();
        if both == 0.0 { 0.0 } else { 2.0 * self.precision() * self.recall() / both }
    }
}

fn ratio(hit: u32, other: u32) -> f64 {
    if hit + other == 0 { 1.0 } else { f64::from(hit) / f64::from(hit + other) }
}

/// Which documents were wrong is told of those that one may learn from.
#[derive(Clone, Copy, PartialEq)]
enum Tell {
    Documents,
    Totals,
}

/// Scores by category and by language.
#[derive(Default)]
struct Scores {
    total: Score,
    categories: BTreeMap<String, Score>,
    languages: BTreeMap<String, Score>,
    /// Negative documents with a wrong finding.
    alarms: BTreeSet<String>,
}

impl Scores {
    fn count(&mut self, category: &str, language: &str, count: impl Fn(&mut Score)) {
        count(&mut self.total);
        count(self.categories.entry(category.to_owned()).or_default());
        count(self.languages.entry(language.to_owned()).or_default());
    }

    fn print(&self, dir: &str) {
        for (by, scores) in [("category", &self.categories), ("language", &self.languages)] {
            println!(
                "{dir}\n{by:<20} {:>5} {:>6} {:>5}  {:>9} {:>6} {:>6}",
                "hit", "missed", "wrong", "precision", "recall", "F1"
            );
            for (name, score) in scores {
                print_score(name, *score);
            }
            print_score("all", self.total);
        }
        println!("negative documents with a wrong finding: {}", self.alarms.len());
    }
}

/// Scores a directory against its labels and prints the tables.
fn evaluate(dir: &str, labels: &str, tell: Tell) -> Scores {
    let run = scan(dir, &[]);
    let labels: Vec<Value> = serde_json::from_str(&fs::read_to_string(labels).unwrap()).unwrap();
    let mut found: BTreeMap<(String, Vec<String>), BTreeSet<String>> = BTreeMap::new();
    for item in run.of_type("item") {
        let key = (item["path"].as_str().unwrap_or_default().to_owned(), strings(&item["members"]));
        found.entry(key).or_default().extend(strings(&item["categories"]));
    }
    let labelled: BTreeSet<(String, Vec<String>)> =
        labels.iter().map(|label| (label["path"].as_str().unwrap().to_owned(), strings(&label["members"]))).collect();
    let mut scores = Scores::default();
    for label in &labels {
        let path = label["path"].as_str().unwrap().to_owned();
        let members = strings(&label["members"]);
        let language = label["lang"].as_str().unwrap_or("-");
        let state = label["protection"]["state"].as_str().unwrap_or("plain");
        let is_unread = matches!(state, "strong" | "weak" | "unknown") || label["image_only"] == true;
        if label["container"] == true || is_unread {
            continue;
        }
        // What no label of its own speaks for counts for the item around it.
        let mut categories = BTreeSet::new();
        for ((found_path, found_members), found_categories) in &found {
            let is_this = *found_path == path
                && found_members.starts_with(&members)
                && (found_members.len() == members.len()
                    || !(members.len() + 1..=found_members.len())
                        .any(|n| labelled.contains(&(path.clone(), found_members[..n].to_vec()))));
            if is_this {
                categories.extend(found_categories.iter().cloned());
            }
        }
        let expected: BTreeSet<String> = strings(&label["categories"]).into_iter().collect();
        let allowed: BTreeSet<String> = strings(&label["allowed"]).into_iter().collect();
        for category in expected.union(&categories) {
            let fault = match (expected.contains(category), categories.contains(category)) {
                (true, true) => {
                    scores.count(category, language, |score| score.hit += 1);
                    continue;
                }
                (true, false) => {
                    scores.count(category, language, |score| score.missed += 1);
                    "missed"
                }
                (false, true) if !allowed.contains(category) => {
                    scores.count(category, language, |score| score.wrong += 1);
                    if label["negative"] == true {
                        scores.alarms.insert(path.clone());
                    }
                    "wrong "
                }
                _ => continue,
            };
            if tell == Tell::Documents {
                println!("{fault} {category}: {path} {}", members.join("!/"));
            }
        }
    }
    scores.print(dir);
    scores
}

fn print_score(name: &str, score: Score) {
    let Score { hit, missed, wrong } = score;
    let (precision, recall, f1) = (score.precision(), score.recall(), score.f1());
    println!("{name:<20} {hit:>5} {missed:>6} {wrong:>5}  {precision:>9.3} {recall:>6.3} {f1:>6.3}");
}

/// Floors a little below what was reached: they catch a fall, and are raised with every rise.
#[test]
fn the_labelled_corpus_is_classified() {
    let scores = evaluate("fixtures/labelled", "fixtures/labelled/labels.json", Tell::Documents);
    assert!(scores.total.recall() >= 0.89, "recall {:.3}", scores.total.recall());
    assert!(scores.total.precision() >= 0.985, "precision {:.3}", scores.total.precision());
    assert!(scores.categories["national_id"].recall() >= 0.91);
}

/// Nobody reads these documents, nor which of them are wrong: they tell what a change is worth
/// on documents that nobody has seen.
#[test]
fn the_held_out_corpus_is_classified() {
    let scores = evaluate("fixtures/heldout", "fixtures/heldout/labels.json", Tell::Totals);
    assert!(scores.total.recall() >= 0.775, "recall {:.3}", scores.total.recall());
    assert!(scores.total.precision() >= 0.965, "precision {:.3}", scores.total.precision());
}

#[test]
fn the_share_is_classified() {
    let Scores { total, .. } = evaluate("fixtures/share", "fixtures/share.labels.json", Tell::Documents);
    assert!(total.recall() >= 0.945, "recall {:.3}", total.recall());
    assert!(total.precision() >= 0.985, "precision {:.3}", total.precision());
}

#[test]
fn every_protection_verdict_is_right() {
    let run = scan("fixtures/share", &[]);
    let labels: Vec<Value> = serde_json::from_str(&fs::read_to_string("fixtures/share.labels.json").unwrap()).unwrap();
    let mut faults = Vec::new();
    let mut sealed = 0;
    for label in labels.iter().filter(|label| !label["protection"].is_null()) {
        let item =
            run.of_type("item").find(|item| item["path"] == label["path"] && item["members"] == label["members"]);
        let Some(item) = item else {
            faults.push(format!("no item for {} {}", label["path"], label["members"]));
            continue;
        };
        let (expected, got) = (&label["protection"], &item["protection"]);
        let is_scheme_right = expected["scheme"].is_null() || expected["scheme"] == got["scheme"];
        if expected["state"] != got["state"] || !is_scheme_right {
            faults.push(format!("{} {}: expected {expected}, got {got}", label["path"], label["members"]));
        }
        sealed += u32::from(expected["state"] != "plain");
        let outcomes = match &label["outcome"] {
            Value::Array(outcomes) => outcomes.clone(),
            Value::Null => continue,
            outcome => vec![outcome.clone()],
        };
        if !outcomes.contains(&item["outcome"]) {
            faults.push(format!("{} {}: outcome {}", label["path"], label["members"], item["outcome"]));
        }
    }
    assert!(sealed > 20, "only {sealed} sealed items are labelled");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
