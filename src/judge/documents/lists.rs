//! Lists of people under a heading, and lists that say nothing of those whom they name.

use super::*;
use crate::model::Category::{Payroll, PoliticalOpinion, Religion, TradeUnion};

/// Each line a piece with its number.
fn list(document: &str) -> Text {
    let mut text = Text::new(Shape::Prose);
    for (line, number) in document.trim_start().lines().zip(1u64..) {
        text.push(line, Place::line(number), number, None);
        text.push_more("\n");
    }
    text
}

#[track_caller]
fn check_list(document: &str, expected: &[Category]) {
    expect(document, &judge_texts(&[list(document)]), expected);
}

#[test]
fn a_heading_speaks_for_every_name_below_it() {
    check_list(
        "Elenco iscritti CGIL, sezione di Lodi\n\nBianchi Giulia   12,40\nNeri Paola   11,80\nVerdi Luca   12,10\n",
        &[TradeUnion],
    );
    check_list(
        "Lista membrilor, parohia ortodoxă din deal\n1. Popescu Maria - 50 lei\n2. Ionescu Elena - 50 lei\n3. Radu Mihai - 20 lei\n",
        &[Religion],
    );
    check_list(
        "Beitragsliste, Mitglied der SPD\nPetra Klein, Kasse\nJens Vogt, Schriftführer\nAnke Lorenz\n",
        &[PoliticalOpinion],
    );
}

#[test]
fn a_column_of_members_holds_names_too() {
    let judgement = judge_document("afiliado\tcuota\nLucía Gómez Ortiz\t14,93\nÁlvaro Prieto Lara\t9,41\n");
    assert_eq!(judgement.categories.get(&Category::Name), Some(&2), "{}", describe(&judgement));
    assert_eq!(judgement.categories.get(&TradeUnion), Some(&2), "{}", describe(&judgement));
}

#[test]
fn other_headings_and_other_lists_speak_for_nobody() {
    for document in [
        // Candidates want to be known.
        "Elenco candidati, parrocchia e moschea\nBianchi Giulia\nNeri Paola\nVerdi Luca\n",
        // Nobody belongs here.
        "Orario: moschea e sinagoga\nBianchi Giulia\nNeri Paola\nVerdi Luca\n",
    ] {
        check_list(document, &[]);
    }
}

/// A file of this name that holds the table.
fn judge_file(name: &str, table: &str) -> Judgement {
    let (_, engine, judge) = &*READY;
    let mut case = judge.case();
    let text = example_text(table);
    case.add(&text, engine.find(&text));
    let mut named = Text::new(Shape::Rows);
    named.push(name, Place::field("file name"), u64::MAX, None);
    case.add_name(&named, engine.find(&named));
    case.finish(&Protection::default(), &Exposure::default())
}

#[test]
fn the_name_of_a_file_says_that_amounts_are_pay() {
    let rows = "Laura Bianchi\t1.500,00\nAnna Greco\t1.720,50\nPaolo Ricci\t1.390,00\n";
    let table = format!("nome\timporto\n{rows}");
    for name in ["stipendi maggio.csv", "Lohnliste 05.csv", "payroll may.csv", "nominas.csv"] {
        expect(name, &judge_file(name, &table), &[Payroll]);
        // However long the list is.
        expect(name, &judge_file(name, &format!("nome\timporto\n{}", rows.repeat(400))), &[Payroll]);
    }
    for (name, table) in [
        ("elenco maggio.csv", table.as_str()),
        ("payroll.csv", &format!("vendor\toffer\n{rows}")),
        ("payroll.csv", "nome\tinterno\nLaura Bianchi\t12\nAnna Greco\t14\nPaolo Ricci\t15\n"),
        ("payroll.csv", "nome\timporto\nLaura Bianchi\t1.500,00\n"),
    ] {
        expect(name, &judge_file(name, table), &[]);
    }
}
