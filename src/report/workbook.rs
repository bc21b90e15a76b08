//! The report as a workbook: figures, folders, files, findings, and what was not read.

use std::io;

use super::enisa::{Scenario, decimal};
use super::inventory::{Inventory, Row};
use super::words::Language;
use super::xlsx::{Cell, Sheet, workbook};
use crate::model::{Category, Reason, State, Summary};

/// The workbook. Its list of files has the worst of them.
pub(super) fn whole(inventory: &Inventory, summary: &Summary, language: Language) -> io::Result<Vec<u8>> {
    let sheets = [
        figures(inventory, summary, language),
        folders(inventory, language),
        files(inventory, language),
        findings(inventory, language),
        copies(inventory, language),
        unread(inventory, language),
    ];
    workbook(&sheets)
}

fn sheet(language: Language, name: &str, columns: &[(&str, u32)], rows: Vec<Vec<Cell>>) -> Sheet {
    let columns = columns.iter().map(|(key, width)| (language.title(key), *width)).collect();
    Sheet { name: language.title(name), columns, rows }
}

fn figures(inventory: &Inventory, summary: &Summary, language: Language) -> Sheet {
    let totals = &inventory.totals;
    let line = |key: &str, value: Cell| vec![Cell::text(language.title(key)), value];
    let mut rows = vec![
        line("section.answer", Cell::text(inventory.headline(language, summary))),
        line("ui.roots", Cell::text(inventory.scope(language, summary))),
        line("tile.files", Cell::Number(totals.personal)),
        line("filter.special", Cell::Number(totals.special)),
        line("tile.people", Cell::text(language.bounds(totals.crowd.low(), totals.crowd.high()))),
        line("filter.unread", Cell::Number(totals.fates.unread())),
    ];
    for category in inventory.categories() {
        let of = totals.categories.get(&category).copied().unwrap_or_default();
        rows.push(line(&format!("category.{}", category.key()), Cell::Number(of.files)));
    }
    rows.push(vec![Cell::text(language.title("ui.confidential"))]);
    sheet(language, "section.answer", &[("ui.figure", 44), ("ui.value", 90)], rows)
}

fn folders(inventory: &Inventory, language: Language) -> Sheet {
    let mut rows = Vec::new();
    for (path, place) in inventory.totals.ranked() {
        let why: Vec<String> =
            place.why().into_iter().map(|(key, n)| language.count(&format!("why.{key}"), n)).collect();
        rows.push(vec![
            Cell::text(inventory.place_name(language, path)),
            Cell::text(language.text(&format!("severity.{}", place.worst.key()))),
            Cell::Number(place.files),
            Cell::Number(place.people.count()),
            Cell::text(place.score.map_or(String::new(), |score| decimal(score.hundredths(Scenario::Published)))),
            Cell::text(why.join("; ")),
            Cell::text(language.text(&format!("action.{}", place.action().key()))),
        ]);
    }
    let columns = [
        ("ui.folder", 50),
        ("ui.worst", 12),
        ("ui.files", 9),
        ("ui.people", 9),
        ("ui.enisa_column", 16),
        ("ui.reason", 60),
        ("ui.what_to_do", 60),
    ];
    sheet(language, "ui.folders", &columns, rows)
}

/// The names of categories, worst kinds first.
pub(super) fn category_names<'a>(language: Language, categories: impl Iterator<Item = &'a Category>) -> String {
    let mut categories: Vec<&Category> = categories.collect();
    categories.sort_by_key(|category| Category::ALL.iter().position(|other| other == *category));
    categories.iter().map(|c| language.text(&format!("category.{}", c.key()))).collect::<Vec<_>>().join(", ")
}

/// Why a file is what it is: its protection, and what was not read of it.
fn reason_key(reason: Option<Reason>) -> String {
    format!("reason.{}", reason.map_or("unexplained", Reason::key))
}

fn files(inventory: &Inventory, language: Language) -> Sheet {
    let mut rows = Vec::new();
    // What was left out on purpose is counted in the summary.
    for row in inventory.rows().iter().filter(|row| row.file.left_out.is_none()) {
        let file = &row.file;
        let states: Vec<String> = file.states.iter().map(|s| language.text(&format!("state.{}", s.key()))).collect();
        let plain = language.text(&format!("state.{}", State::Plain.key()));
        let kind = row.kind.map_or(String::new(), |kind| language.text(&format!("kind.{}", kind.key())));
        rows.push(vec![
            Cell::text(file.shown(inventory.roots())),
            Cell::text(language.text(&format!("severity.{}", file.severity.key()))),
            Cell::text(category_names(language, file.categories.keys())),
            Cell::Number(row.people),
            Cell::Number(file.findings),
            Cell::text(file.score.map_or(String::new(), |score| decimal(score.hundredths(Scenario::Published)))),
            Cell::text(if states.is_empty() { plain } else { states.join(", ") }),
            Cell::text(language.text(&format!("access.{}", file.access.key()))),
            Cell::text(file.modified.as_deref().and_then(|time| time.get(..10)).unwrap_or_default()),
            Cell::text(kind),
            Cell::text(if row.past { language.text("ui.past_term") } else { String::new() }),
            Cell::Number(file.size),
            Cell::text(gaps(language, row)),
        ]);
    }
    let columns = [
        ("column.path", 60),
        ("ui.severity", 11),
        ("column.categories", 40),
        ("ui.people", 9),
        ("ui.findings", 9),
        ("ui.enisa_column", 12),
        ("ui.protection", 20),
        ("ui.access", 16),
        ("ui.age", 12),
        ("ui.kind", 20),
        ("ui.term", 22),
        ("column.size", 12),
        ("ui.unread", 40),
    ];
    sheet(language, "ui.files", &columns, rows)
}

fn gaps(language: Language, row: &Row) -> String {
    row.file.gaps.iter().map(|gap| language.text(&reason_key(*gap))).collect::<Vec<_>>().join("; ")
}

fn findings(inventory: &Inventory, language: Language) -> Sheet {
    let mut rows = Vec::new();
    for row in inventory.rows() {
        for spot in &row.file.spots {
            rows.push(vec![
                Cell::text(row.file.shown(inventory.roots())),
                Cell::text(&spot.member),
                Cell::text(&spot.place),
                Cell::text(language.text(&format!("category.{}", spot.category.key()))),
                Cell::text(spot.category.gdpr().join(" ")),
                Cell::text(&spot.sample),
                Cell::text(&spot.detector),
                Cell::Number(u64::from(spot.confidence)),
            ]);
        }
    }
    let columns = [
        ("column.path", 60),
        ("ui.members", 30),
        ("ui.place", 24),
        ("ui.category", 26),
        ("ui.article", 12),
        ("ui.sample", 24),
        ("ui.detector", 26),
        ("ui.confidence", 12),
    ];
    sheet(language, "ui.findings", &columns, rows)
}

/// A row a place, as far as they are named.
fn copies(inventory: &Inventory, language: Language) -> Sheet {
    let mut rows = Vec::new();
    for (at, (_, document)) in (1_u64..).zip(inventory.totals.copies.ranked()) {
        for (root, path) in &document.places {
            rows.push(vec![
                Cell::Number(at),
                Cell::text(inventory.shown(*root, path)),
                Cell::text(language.text(&format!("severity.{}", document.worst.key()))),
                Cell::Number(document.files),
                Cell::Number(document.people),
                Cell::Number(document.size),
            ]);
        }
    }
    let columns = [
        ("ui.document", 11),
        ("column.path", 60),
        ("ui.worst", 12),
        ("ui.places", 9),
        ("ui.people", 9),
        ("column.size", 12),
    ];
    sheet(language, "ui.copies", &columns, rows)
}

fn unread(inventory: &Inventory, language: Language) -> Sheet {
    let mut rows = Vec::new();
    for row in inventory.rows() {
        for gap in &row.file.gaps {
            let key = gap.map_or("unexplained", Reason::key);
            rows.push(vec![
                Cell::text(row.file.shown(inventory.roots())),
                Cell::text(language.text(&reason_key(*gap))),
                Cell::text(language.text(&format!("advice.{key}"))),
            ]);
        }
    }
    sheet(language, "section.unread", &[("column.path", 60), ("ui.reason", 50), ("ui.what_to_do", 60)], rows)
}
