//! Pay that only the name of a file or of a sheet tells: `stipendi_marzo.csv`, and in it names and amounts.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use crate::detect::fold::fold;
use crate::detect::{Clear, DetectorSpec, Match};
use crate::model::{Category, Place, Shape, Text};

use super::link::STRONG_TERM;
use super::passage::{self, window};
use super::record::Hit;
use super::sale;
use super::words::{WordList, heading};

static NAMES: LazyLock<Option<WordList>> = LazyLock::new(|| WordList::of_headings(include_str!("pay_lists.txt")));

/// The detector that says pay by a word.
const DETECTOR: &str = "payroll.payslip";
/// Rows that a list of pay has at least.
const FEWEST: usize = 3;
/// Rows looked at: those of a list that holds amounts have them from the start.
const TRIED: usize = 64;
/// Cells before and behind a name among which its row is looked for.
const REACH: usize = 48;

/// The rows of an item, as far as they decide whether it holds a list of names with amounts.
#[derive(Default)]
pub(super) struct PayList {
    is_found: bool,
    /// What is counted: the sheet, and record and line of each row with an amount.
    sheet: Option<Arc<str>>,
    rows: BTreeSet<(u64, u64)>,
    tried: usize,
}

impl PayList {
    /// Looks at the row of a match that names somebody. What the name of its sheet says, once there are enough.
    pub(super) fn see(&mut self, text: &Text, hit: &Hit, detectors: &[Arc<DetectorSpec>]) -> Option<Match> {
        let is_person = hit.category == Category::Name && hit.opens && hit.found.confidence >= STRONG_TERM;
        if !is_person || hit.correspondent {
            return None;
        }
        if self.sheet != hit.found.place.sheet {
            *self = Self { is_found: self.is_found, sheet: hit.found.place.sheet.clone(), ..Self::default() };
        }
        if self.rows.len() >= FEWEST || self.tried >= TRIED {
            return None;
        }
        self.tried += 1;
        if !has_pay(text, &hit.found.span) {
            return None;
        }
        self.rows.insert((hit.found.record, hit.found.place.line.unwrap_or_default()));
        if self.rows.len() < FEWEST {
            return None;
        }
        self.is_found = true;
        let sheet = self.sheet.clone()?;
        let found = named(&sheet, detectors)?;
        let place = Place { sheet: Some(sheet), ..Place::default() };
        Some(Match { span: hit.found.span.clone(), place, record: hit.found.record, ..found })
    }

    /// Whether there is one.
    pub(super) fn is_found(&self) -> bool {
        self.is_found
    }
}

/// Whether a match is such a name: that of the file, or of the sheet and not of a cell.
pub(super) fn is_name(found: &Match) -> bool {
    let place = &found.place;
    match place.field.as_deref() {
        Some(field) => field == "file name",
        None => place.sheet.is_some() && place.cell.is_none(),
    }
}

/// The name of a file that speaks of pay.
pub(super) fn file_name(name: &Text, detectors: &[Arc<DetectorSpec>]) -> Option<Match> {
    let piece = name.pieces().first()?;
    let found = named(name.content(), detectors)?;
    Some(Match { place: piece.place.clone(), record: piece.record, ..found })
}

fn named(name: &str, detectors: &[Arc<DetectorSpec>]) -> Option<Match> {
    if !NAMES.as_ref()?.is_match(&heading(name)) {
        return None;
    }
    let detector = detectors.iter().position(|spec| spec.id == DETECTOR)?;
    Some(Match {
        detector,
        span: 0..name.len(),
        raw: Clear::new(name),
        value: Clear::new(name.to_lowercase()),
        confidence: detectors.get(detector)?.confidence.bare,
        evidence: Vec::new(),
        place: Place::default(),
        record: 0,
    })
}

/// Whether an amount stands in the row or the line of a name, which is no sale.
fn has_pay(text: &Text, span: &Range<usize>) -> bool {
    match text.shape() {
        Shape::Prose => {
            let content = text.content();
            let start = content.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
            let end =
                content.get(span.end..).and_then(|rest| rest.find('\n')).map_or(content.len(), |at| span.end + at);
            end - start <= 200 && is_sum(window(content, start, end))
        }
        Shape::Rows => {
            let (pieces, at) = (text.pieces(), text.pieces_until(span.start));
            let Some(record) = at.checked_sub(1).and_then(|at| pieces.get(at)).map(|piece| piece.record) else {
                return false;
            };
            let range = at.saturating_sub(REACH)..(at + REACH).min(pieces.len());
            let cells = || range.clone().filter(|at| pieces.get(*at).is_some_and(|piece| piece.record == record));
            let is_pay = cells().any(|at| {
                let start = pieces.get(at).map_or(0, |piece| piece.start);
                let end = pieces.get(at + 1).map_or(text.len(), |next| next.start);
                let label = pieces.get(at).and_then(|piece| piece.label.as_deref());
                let cell = window(text.content(), start, end).trim();
                is_sum(cell) || is_whole_sum(cell) && label.is_some_and(|label| !counts(label))
            });
            is_pay && !sale::is_of_sale(text, span.start)
        }
    }
}

/// An amount of a hundred or more: hours and prices of small things have cents too.
fn is_sum(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let has_currency = text.chars().any(|c| c.is_alphabetic() || matches!(c, '€' | '£'));
    digits >= if has_currency { 3 } else { 5 } && passage::is_amount(text)
}

/// A number of four to six digits and nothing else, as sheets hold amounts: `2140`, `2140.5`; no year.
fn is_whole_sum(cell: &str) -> bool {
    let (whole, decimals) = cell.split_once('.').unwrap_or((cell, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let number = whole.parse::<u32>().unwrap_or(0);
    (4..=6).contains(&whole.len())
        && decimals.len() <= 2
        && is_number(whole)
        && is_number(decimals)
        && !whole.starts_with('0')
        && !(1900..2100).contains(&number)
}

/// Whether a column is headed as one of numbers that are no amounts: of people, of telephones, of places.
fn counts(label: &str) -> bool {
    const PARTS: &[&str] = &[
        "tel",
        "phone",
        "fon",
        "plz",
        "post",
        "zip",
        "cap",
        "durchwahl",
        "konto",
        "conto",
        "account",
        "compte",
        "cuenta",
        "kostenst",
        "intern",
        "exten",
        "code",
    ];
    const WORDS: &[&str] =
        &["nr", "no", "num", "id", "cod", "mat", "matr", "matricola", "matricule", "kst", "cp", "mobil"];
    const ENDS: &[&str] = &["nr", "nummer", "number", "id", "numero", "num"];
    let label = fold(label);
    let any = |list: &[&str], is: &dyn Fn(&str, &str) -> bool| {
        label.split(|c: char| !c.is_alphanumeric()).any(|word| list.iter().any(|part| is(word, part)))
    };
    any(PARTS, &|word, part| word.starts_with(part))
        || any(WORDS, &|word, part| word == part)
        || any(ENDS, &|word, part| word.ends_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[(&str, &str)]) -> Text {
        let mut text = Text::new(Shape::Rows);
        for (label, value) in cells {
            text.push(&format!("{value}\t"), Place::line(2), 1, Some((*label).into()));
        }
        text.push("9.999,00\t", Place::line(3), 2, Some("Betrag".into()));
        text
    }

    #[test]
    fn a_sum_beside_a_name_is_pay_unless_something_is_sold() {
        let name = ("Name", "Maier Josef");
        let pays = |cells: &[(&str, &str)]| has_pay(&row(cells), &(0..11));
        assert!(pays(&[name, ("Betrag", "2.140,00")]));
        assert!(pays(&[name, ("Auszahlung", "400 EUR")]));
        assert!(!pays(&[name, ("Stunden", "12,50")]));
        assert!(!pays(&[name]), "the row below is another one");
        assert!(pays(&[name, ("Brutto", "2140")]) && pays(&[name, ("Mai", "2140.5")]));
        for (label, value) in [
            ("Durchwahl", "12140"),
            ("Personalnr.", "12140"),
            ("Matricola", "2140"),
            ("Cost code", "2140"),
            ("Konto", "4100"),
            ("Year", "2024"),
            ("Mai", "140"),
            ("Mai", "0214"),
        ] {
            assert!(!pays(&[name, (label, value)]), "{label} {value}");
        }
        assert!(!pays(&[name, ("Kunde", "7"), ("Betrag", "2.140,00")]));
        assert!(!pays(&[name, ("Vendor", "Zeitwerk"), ("Offer", "2.140,00")]));
    }

    #[test]
    fn a_line_of_prose_is_a_row() {
        let mut text = Text::new(Shape::Prose);
        text.push("Maier Josef\nHuk Oleksandra  3222,00\n", Place::line(1), 0, None);
        assert!(!has_pay(&text, &(0..11)));
        assert!(has_pay(&text, &(12..26)));
    }

    #[test]
    fn names_of_files() {
        let list = NAMES.as_ref().unwrap();
        for name in [
            "stipendi 2024.csv",
            "Lohnliste Mai.xlsx",
            "Nomina enero.xlsx",
            "payroll.csv",
            "mzdy 05.ods",
            "2023 paie mars.csv",
            "obracun place 3.csv",
        ] {
            assert!(list.is_match(&heading(name)), "{name}");
        }
        for name in [
            "wagesman.csv",
            "repaie.csv",
            "copaie.txt",
            "stipendium.csv",
            "best place.csv",
            "elenco nominativi.csv",
            "nominations.csv",
            "clientes ordenados.csv",
            "marketplace.csv",
            "elonen maria.csv",
        ] {
            assert!(!list.is_match(&heading(name)), "{name}");
        }
    }
}
