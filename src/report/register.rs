//! The register of processing (Art. 30 GDPR), as far as a scan can fill it in: a row a folder.

use super::csv::push_cell;
use super::inventory::Inventory;
use super::totals::Place;
use super::words::Language;
use super::workbook::category_names;
use super::xlsx::{Cell, Sheet};
use crate::model::{Category, Name};

/// A row a folder, in the columns of the authorities' templates; what no scan can know is
/// left empty for the controller.
pub(super) fn sheet(inventory: &Inventory, language: Language) -> Sheet {
    let columns = [
        ("art30.activity", 24, true),
        ("art30.purpose", 24, true),
        ("art30.basis", 18, true),
        ("art30.subjects", 22, true),
        ("art30.data", 44, false),
        ("art30.special", 18, false),
        ("art30.recipients", 20, true),
        ("art30.transfers", 18, true),
        ("art30.erasure", 20, true),
        ("art30.measures", 36, false),
        ("art30.location", 44, false),
        ("art30.people", 14, false),
        ("art30.files", 10, false),
        ("art30.worst", 12, false),
        ("art30.everyone", 14, false),
        ("art30.past", 14, false),
        ("art30.owner", 18, true),
    ];
    let blank = language.text("art30.to_fill");
    let heads = columns
        .iter()
        .map(|(key, width, is_blank)| {
            let head = language.text(key);
            (if *is_blank { format!("{head} ({blank})") } else { head }, *width)
        })
        .collect();
    let rows = inventory.totals.ranked().into_iter().map(|(path, place)| row(inventory, language, path, place));
    Sheet { name: language.text("art30.title"), columns: heads, rows: rows.collect() }
}

fn row(inventory: &Inventory, language: Language, path: &(usize, Name), place: &Place) -> Vec<Cell> {
    let empty = || Cell::text("");
    let special: Vec<&Category> =
        place.categories.keys().filter(|c| c.is_special() || **c == Category::Criminal).collect();
    let measures = match place.hollow {
        0 => language.text("art30.none"),
        hollow => language.count("why.hollow", hollow),
    };
    let root = inventory.roots().get(path.0).map(Name::to_string).unwrap_or_default();
    let location = if path.1.is_empty() { root } else { format!("{root}/{}", path.1) };
    vec![
        empty(),
        empty(),
        empty(),
        empty(),
        Cell::text(category_names(language, place.categories.keys())),
        Cell::text(if special.is_empty() {
            language.text("ui.no")
        } else {
            format!("{}: {}", language.text("ui.yes"), category_names(language, special.into_iter()))
        }),
        empty(),
        empty(),
        empty(),
        Cell::text(measures),
        Cell::text(location),
        Cell::Number(place.people.count()),
        Cell::Number(place.files),
        Cell::text(language.text(&format!("severity.{}", place.worst.key()))),
        Cell::Number(place.everyone),
        Cell::Number(place.past),
        empty(),
    ]
}

/// With the separator that the spreadsheet programs of the language expect.
pub(super) fn csv(inventory: &Inventory, language: Language) -> String {
    let separator = if language == Language::Italian { ';' } else { ',' };
    let sheet = sheet(inventory, language);
    let heads: Vec<Cell> = sheet.columns.iter().map(|(head, _)| Cell::text(head)).collect();
    let mut csv = String::from("\u{feff}");
    for row in std::iter::once(&heads).chain(&sheet.rows) {
        for (i, cell) in row.iter().enumerate() {
            if i > 0 {
                csv.push(separator);
            }
            push_cell(&mut csv, &cell.plain(), separator);
        }
        csv.push_str("\r\n");
    }
    csv
}
