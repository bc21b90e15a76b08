//! Tests of the RTF reader: code pages, tables, what stands beside the text, damage.
use super::*;
use crate::open::collect::{Collected, collect};

fn read(rtf: &str) -> Collected {
    collect(&Rtf, "a.rtf", rtf.as_bytes())
}

fn check(rtf: &str, expected: &str) {
    let got = read(rtf);
    assert_eq!(got.content(), expected);
    assert!(got.gaps.is_empty() && got.error.is_none(), "{:?}", got.gaps);
}

#[test]
fn paragraphs_and_words_across_runs() {
    check(
        r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Times;}}{\colortbl;\red0;}\f0 CF: RSS{\b MRA}80\par\par citt\'e0 \u8364?1\par}",
        "CF: RSSMRA80\ncittà €1\n",
    );
}

#[test]
fn code_pages_and_fonts() {
    check(r"{\rtf1\ansi\ansicpg1251 \'c8\'e2\'e0\'ed\par}", "Иван\n");
    check(r"{\rtf1\ansi{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset238 B;}}\f1 \'b3\f0  \'e0\par}", "ł à\n");
    check(r"{\rtf1\uc1 \u-10179?\u-8704?x\uc0\u233 y\par}", "😀xéy\n");
    check(r"{\rtf1\ansi\ansicpg932 \'8e\'52\'93\'63\par}", "山田\n");
}

#[test]
fn tables_are_rows_with_headers() {
    let row = |cells: [&str; 2]| format!(r"\trowd\pard\intbl {}\cell {}\cell\row ", cells[0], cells[1]);
    let rtf = format!(r"{{\rtf1 {}{}\pard after\par}}", row(["Nome", "CF"]), row(["Mario", "X1"]));
    let got = read(&rtf);
    assert_eq!(got.content(), "Nome\tCF\nMario\tX1\nafter\n");
    let at = got.texts[0].content().find("X1").unwrap();
    assert_eq!(got.texts[0].label(at), Some("CF"));
}

#[test]
fn what_stands_beside_the_text() {
    let got = read(
        r#"{\rtf1{\info{\author Mario Rossi}}{\*\generator Word;}{\header Testata\par}Uno{\footnote nota}{\field{\*\fldinst HYPERLINK "mailto:m@x.org"}{\fldrslt due}}\par}"#,
    );
    for word in ["Mario Rossi", "Testata", "Uno", "nota", "mailto:m@x.org", "due"] {
        assert!(got.content().contains(word), "{word}: {}", got.content());
    }
    assert!(!got.content().contains("Word"));
}

#[test]
fn pictures_and_cut_files_are_gaps() {
    let got = read(r"{\rtf1 a{\pict\bin3 }}}x}\par Mario");
    assert!(got.content().contains("Mario"));
    let reasons: Vec<_> = got.gaps.iter().map(|gap| gap.0).collect();
    assert_eq!(reasons.first(), Some(&Reason::OcrUnavailable));
    assert_eq!(read(r"{\rtf1 Mario").gaps[0].0, Reason::Truncated);
    assert!(read("").content().is_empty());
}

#[test]
fn depth_is_bounded() {
    let got = read(&format!(r"{{\rtf1 {}Mario", "{".repeat(200_000)));
    assert!(got.content().contains("Mario"));
}
