//! Every detector against its own examples and counterexamples, and the folder patterns/ against the built-in list.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

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

/// What the program brings with it is not checked when it starts: here it is, as strictly as a user's own.
#[test]
fn what_is_built_in_is_what_lies_in_patterns() {
    let folder = Catalogue::default().with_user_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("patterns")).unwrap();
    let built_in = Catalogue::built_in().unwrap();
    let written = |catalogue: &Catalogue| -> Vec<serde_json::Value> {
        catalogue.detectors().iter().map(|detector| serde_json::to_value(&*detector.spec).unwrap()).collect()
    };
    assert_eq!(written(&built_in), written(&folder));
    assert_eq!(built_in.hash(), folder.hash());
}
