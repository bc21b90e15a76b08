//! Values, records and damaged text of YAML.

#![allow(clippy::format_push_string, reason = "test inputs are short")]

use super::*;
use crate::open::collect::collect;

/// Every record as `path label=text|…`; headings left out.
fn records(yaml: &str) -> Vec<String> {
    let got = collect(&Yaml, "a.yaml", yaml.as_bytes());
    assert!(got.error.is_none() && got.gaps.is_empty());
    let mut records: Vec<(u64, String)> = Vec::new();
    for text in &got.texts {
        for piece in text.pieces() {
            let content = text.piece_content(piece.start).trim_end_matches(['\t', '\n']);
            if content.ends_with(": ") || content.is_empty() {
                continue;
            }
            let shown = format!("{}={content}", piece.place.field.as_deref().unwrap_or("-"));
            match records.last_mut() {
                Some((record, all)) if *record == piece.record => *all = format!("{all}|{shown}"),
                _ => records.push((piece.record, shown)),
            }
        }
    }
    records.into_iter().map(|(_, shown)| shown).collect()
}

#[test]
fn items_of_a_list_are_records() {
    let yaml = "- name: Laura\n  cf: BNCLRA85C52L219K\n  tags: [a, b]\n- name: Anna\n  born:\n    year: 1980\n";
    assert_eq!(
        records(yaml),
        [
            "$[0].name=Laura|$[0].cf=BNCLRA85C52L219K|$[0].tags[0]=a|$[0].tags[1]=b",
            "$[1].name=Anna|$[1].born.year=1980"
        ]
    );
}

#[test]
fn a_list_may_stand_below_its_key_without_indent() {
    let yaml = "firm: X\nstaff:\n- nome: Mario\n- nome: Anna\n  note: >\n    una riga\n    e due\nn: 2\n";
    assert_eq!(
        records(yaml),
        ["$.staff[0].nome=Mario", "$.staff[1].nome=Anna|$.staff[1].note=una riga\ne due", "$.firm=X|$.n=2"]
    );
}

#[test]
fn scalars_of_every_style() {
    for (yaml, expected) in [
        ("a: 'it''s' # why\n", "$.a=it's|$=why"),
        ("a: \"x\\ty \\u00e8\"\n", "$.a=x\ty è"),
        ("a: http://x.org:80/#top\n", "$.a=http://x.org:80/#top"),
        ("\"two words\": 1\n", "$[\"two words\"]=1"),
        ("a: &x one\nb: *x\nc: !!str 3\n", "$.a=one|$.b=*x|$.c=3"),
        ("a: {b: 1, c: {d: 'x, y'}}\n", "$.a.b=1|$.a.c.d=x, y"),
        ("a: [\n  1,\n  2 # two\n]\nb: 3\n", "$.a[0]=1|$.a[1]=2|$.a[2]=two|$.b=3"),
        ("a: one\n  and more\nb: 2\n", "$.a=one|$=and more|$.b=2"),
        ("a:\nb: |-\n  x\n\n  y\nc: 1\n", "$.b=x\n\ny|$.c=1"),
        ("- - 1\n  - 2\n- 3\n", "$[0][0]=1|$[0][1]=2"),
        ("a: \"never closed\nb: 2\n", "$.a=never closed\nb: 2\n"),
        ("plain words\n", "$=plain words"),
        ("? key\n: value\n", "$=? key"),
    ] {
        let got = records(yaml);
        assert_eq!(got.first().map(String::as_str), Some(expected.trim_end()), "{yaml:?}: {got:?}");
    }
}

#[test]
fn documents_are_records() {
    assert_eq!(records("---\na: 1\n---\na: 2\n...\n"), ["$.a=1", "$.a=2"]);
}

#[test]
fn laughs_are_not_expanded_and_depth_is_bounded() {
    let laughs = "a: &a [lol, lol]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    assert_eq!(collect(&Yaml, "a", laughs.as_bytes()).content().matches("lol").count(), 2);
    let deep = "- ".repeat(50_000) + "end";
    assert!(collect(&Yaml, "a", deep.as_bytes()).content().contains("end"));
    let open = "[".repeat(100_000) + "end";
    assert!(collect(&Yaml, "a", open.as_bytes()).content().contains("end"));
}

#[test]
fn every_word_survives() {
    let mut seed = 7u64;
    for _ in 0..80 {
        let mut yaml = String::new();
        for i in 0..200 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let all =
                ["\"", "\n", ": ", "\n- ", "\n  ", "{", "]", ", ", " #", ": |\n   ", "'", "\n    - ", "\t", ":\n", "["];
            let between = all[usize::try_from(seed >> 33).unwrap() % all.len()];
            yaml.push_str(&format!("w{i}{between}"));
        }
        let got = collect(&Yaml, "a.yaml", yaml.as_bytes()).content();
        for i in 0..200 {
            assert!(got.contains(&format!("w{i}")), "w{i} in {yaml}\n=====\n{got}");
        }
    }
}
