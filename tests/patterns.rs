//! Every detector against its own examples and counterexamples, and the folder patterns/ against the built-in list.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use plainsight::detect::built_in::FILES;
use plainsight::detect::example::failures;
use plainsight::detect::{Catalogue, Engine};

#[test]
fn every_example_is_found_and_no_counterexample() {
    let catalogue = Catalogue::built_in().unwrap();
    let engine = Engine::new(&catalogue);
    let failures: Vec<String> = failures(&catalogue, &engine, |_| true)
        .iter()
        .map(|failure| format!("{}: {:?} with {}:\n{}", failure.id, failure.kind, failure.confidence, failure.text))
        .collect();
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n----\n"));
}

#[test]
fn every_detector_has_three_examples_and_three_counterexamples() {
    for detector in Catalogue::built_in().unwrap().detectors() {
        let spec = &detector.spec;
        for texts in [&spec.examples, &spec.counterexamples] {
            let distinct: BTreeSet<_> = texts.iter().collect();
            assert!(distinct.len() >= 3, "{} has {} (distinct) of one kind", spec.id, distinct.len());
        }
    }
}

#[test]
fn every_pattern_file_is_built_in() {
    let patterns = Path::new(env!("CARGO_MANIFEST_DIR")).join("patterns");
    let mut files = BTreeSet::new();
    for folder in std::fs::read_dir(&patterns).unwrap() {
        let folder = folder.unwrap().path();
        if folder.is_dir() {
            for file in std::fs::read_dir(&folder).unwrap() {
                let file = file.unwrap().path();
                if file.extension().is_some_and(|extension| extension == "toml") {
                    files.insert(file.strip_prefix(&patterns).unwrap().to_string_lossy().replace('\\', "/"));
                }
            }
        }
    }
    let listed: BTreeSet<String> = FILES.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(listed, files);
    assert_eq!(listed.len(), FILES.len(), "a file is listed twice");
}
