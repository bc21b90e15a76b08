//! Every detector against its own examples and counterexamples, and the folder patterns/ against the built-in list.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use plainsight::detect::built_in::FILES;
use plainsight::detect::example::example_text;
use plainsight::detect::{Catalogue, Engine};

/// The confidence from which a match counts.
const COUNTS: f32 = 0.5;

#[test]
fn every_example_is_found_and_no_counterexample() {
    let catalogue = Catalogue::built_in().unwrap();
    let engine = Engine::new(&catalogue);
    let mut failures = Vec::new();
    for (index, detector) in catalogue.detectors().iter().enumerate() {
        let best = |text: &str| {
            let found = engine.find(&example_text(text));
            found.iter().filter(|m| m.detector == index).map(|m| m.confidence).fold(0.0, f32::max)
        };
        for example in &detector.spec.examples {
            let best = best(example);
            if best < COUNTS {
                failures.push(format!("{}: example not found ({best}):\n{example}", detector.spec.id));
            }
        }
        for counterexample in &detector.spec.counterexamples {
            let best = best(counterexample);
            if best >= COUNTS {
                failures.push(format!("{}: counterexample found ({best}):\n{counterexample}", detector.spec.id));
            }
        }
    }
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
