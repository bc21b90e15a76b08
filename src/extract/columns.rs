//! Tells which rows of a table name its columns, so that every cell can carry the name of its column.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest text that names a column.
const LONGEST_LABEL: usize = 64;
/// Columns that are remembered; wider tables keep their text and lose labels.
const MOST_COLUMNS: usize = 4096;

/// What is known of the columns of one table, row after row.
#[derive(Default)]
pub(super) struct Columns {
    labels: BTreeMap<u32, Arc<str>>,
    /// Whether the last row that filled the column held a value there (digits, an address), not words.
    values: BTreeMap<u32, bool>,
    /// Cells of the previous row if it named columns.
    previous_header: usize,
    settled: bool,
}

impl Columns {
    /// Takes in the next row that is not empty; true if it names columns. `after_gap` says that
    /// an empty row was before it: a new table may begin.
    pub(super) fn row<'c>(&mut self, after_gap: bool, cells: impl IntoIterator<Item = (u32, &'c str)> + Clone) -> bool {
        let filled = || cells.clone().into_iter().filter(|(_, text)| !text.trim().is_empty());
        let count = filled().count();
        let named = filled().filter(|(_, text)| is_label(text)).count();
        let all = named == count && count > 0;
        let mostly = named * 3 >= count * 2 && named > 0;
        let is_header = if !self.settled {
            // A title names nothing twice: below it a single cell is a value of a one-column list.
            mostly && (count > 1 || filled().any(|(column, _)| !self.labels.contains_key(&column)))
        } else if self.previous_header > 0 && all && count > self.previous_header {
            // A second, finer row of headers below merged ones.
            true
        } else {
            after_gap
                && all
                && count > 1
                && filled()
                    .any(|(column, _)| self.values.get(&column) == Some(&true) || !self.labels.contains_key(&column))
        };
        if is_header {
            let title = count == 1 && !self.settled;
            for (column, text) in filled().filter(|(_, text)| is_label(text)) {
                let label = text.split_whitespace().collect::<Vec<_>>().join(" ");
                if self.labels.len() >= MOST_COLUMNS {
                    continue;
                }
                self.labels.insert(column, label.into());
                self.values.remove(&column);
            }
            self.settled |= !title;
            self.previous_header = count;
        } else {
            self.settled |= count > 1;
            self.previous_header = 0;
            for (column, text) in filled() {
                if self.values.len() < MOST_COLUMNS {
                    self.values.insert(column, is_value(text));
                }
            }
        }
        is_header
    }

    pub(super) fn label(&self, column: u32) -> Option<Arc<str>> {
        self.labels.get(&column).cloned()
    }
}

/// Short, worded, no value: `Codice fiscale`, `Reddito 2023`, `COD_FISC`.
pub(super) fn is_label(text: &str) -> bool {
    let text = text.trim();
    if text.len() > LONGEST_LABEL * 4 || text.chars().count() > LONGEST_LABEL {
        return false;
    }
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    letters > 0 && digits <= 4 && digits <= letters && !text.contains('@')
}

fn is_value(text: &str) -> bool {
    text.chars().filter(char::is_ascii_digit).take(2).count() == 2 || text.contains('@')
}

/// Whether a table of two columns is a form: the left cell names what the right cell holds.
pub(super) fn is_form(rows: &[(String, String)]) -> bool {
    let left_named = rows.iter().filter(|(left, _)| is_label(left)).count();
    if rows.is_empty() || left_named * 4 < rows.len() * 3 {
        return false;
    }
    let colons = rows.iter().filter(|(left, _)| left.trim_end().ends_with(':')).count();
    if colons * 2 > rows.len() || rows.len() == 1 {
        return true;
    }
    // Below a header the right column is alike; in a form it is words here and numbers there.
    let values = rows.iter().skip(1).filter(|(_, right)| is_value(right)).count();
    let first_is_value = rows.first().is_some_and(|(_, right)| is_value(right));
    first_is_value || (values > 0 && values < rows.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as `a|b`; an empty one is a gap. Gives the label of each cell of the last row.
    fn labels(rows: &[&str]) -> String {
        let mut columns = Columns::default();
        let mut gap = false;
        let mut last = Vec::new();
        for row in rows {
            if row.is_empty() {
                gap = true;
                continue;
            }
            let cells = || row.split('|').enumerate().map(|(i, text)| (u32::try_from(i).unwrap(), text));
            let header = columns.row(gap, cells().collect::<Vec<_>>());
            gap = false;
            last = cells().map(|(i, _)| columns.label(i).filter(|_| !header)).collect();
        }
        last.into_iter().map(|l| l.unwrap_or_default().to_string()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn the_first_row_of_words_names_the_columns() {
        assert_eq!(labels(&["Nome|CF", "Anna|RSSNNA80A41H501X"]), "Nome|CF");
        assert_eq!(labels(&["1|2", "3|4"]), "|");
        assert_eq!(labels(&["Nome|2023|Codice  fiscale", "Anna|1|X"]), "Nome||Codice fiscale");
    }

    #[test]
    fn a_title_above_gives_way_to_the_header() {
        assert_eq!(labels(&["Elenco dipendenti", "", "Nome|CF", "Anna|RSSNNA80A41H501X"]), "Nome|CF");
        assert_eq!(labels(&["Nome", "Anna", "Bruno"]), "Nome");
    }

    #[test]
    fn a_second_table_has_its_own_header() {
        assert_eq!(labels(&["Nome|Nato", "Anna|1.2.1980", "", "Sede|Tel", "Roma|06 1234"]), "Sede|Tel");
        assert_eq!(labels(&["Nome|Sede", "Anna|Roma", "", "Bruno|Bari"]), "Nome|Sede");
    }

    #[test]
    fn a_finer_header_below_merged_cells_wins() {
        assert_eq!(labels(&["Anagrafica|Dati", "Nome|Cognome|CF", "Anna|Rossi|X"]), "Nome|Cognome|CF");
    }

    #[test]
    fn forms_are_told_from_lists() {
        let form = |rows: &[(&str, &str)]| {
            is_form(&rows.iter().map(|(l, r)| ((*l).to_owned(), (*r).to_owned())).collect::<Vec<_>>())
        };
        assert!(form(&[("Cognome:", "Rossi"), ("Nome:", "Anna")]));
        assert!(form(&[("Cognome", "Rossi"), ("Codice fiscale", "RSSNNA80A41H501X"), ("Sede", "Roma")]));
        assert!(!form(&[("Nome", "CF"), ("Anna", "RSSNNA80A41H501X"), ("Bruno", "BRNXXX70A01H501X")]));
        assert!(!form(&[("1", "2"), ("3", "4")]));
    }
}
