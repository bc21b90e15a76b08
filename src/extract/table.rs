//! Finds the header of a table and writes its rows, each cell with the label of its column.
//!
//! A table of two columns whose first one holds labels is a form: one record of labelled values.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use crate::model::Place;
use crate::open::reader::ReadError;

use super::lines::is_blank;
use super::writer::TextWriter;

/// Rows that are kept until the header is known.
const SAMPLE_ROWS: usize = 12;
const SAMPLE_BYTES: usize = 256 * 1024;
/// Fields of a form after which a new record begins.
const FORM_FIELDS: usize = 60;

/// A cell with its place.
#[derive(Clone, Debug, Default)]
pub struct Field {
    pub place: Place,
    pub text: String,
}

impl Field {
    pub fn new(place: Place, text: impl Into<String>) -> Self {
        Self { place, text: text.into() }
    }
}

/// Takes rows one after the other; call [`Table::finish`] at the end.
#[derive(Default)]
pub struct Table {
    sample: Vec<Vec<Field>>,
    bytes: usize,
    layout: Layout,
    /// Fields of the record of a form.
    fields: usize,
}

#[derive(Default)]
enum Layout {
    #[default]
    Unknown,
    Columns(Vec<Option<Arc<str>>>),
    Form,
}

impl Table {
    pub fn row(&mut self, row: Vec<Field>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if row.iter().all(|field| is_blank(&field.text)) {
            return Ok(());
        }
        if !matches!(self.layout, Layout::Unknown) {
            return self.write(&row, writer);
        }
        self.bytes += row.iter().map(|field| field.text.len()).sum::<usize>();
        self.sample.push(row);
        if self.sample.len() >= SAMPLE_ROWS || self.bytes >= SAMPLE_BYTES {
            self.settle(writer)?;
        }
        Ok(())
    }

    /// A row whose cells lie in a text; as [`Table::row`].
    pub fn cells<'c>(
        &mut self,
        cells: impl Iterator<Item = (Place, &'c str)> + Clone,
        writer: &mut TextWriter<'_>,
    ) -> Result<(), ReadError> {
        let Layout::Columns(labels) = &self.layout else {
            return self.row(cells.map(|(place, text)| Field::new(place, text)).collect(), writer);
        };
        if cells.clone().all(|(_, text)| is_blank(text)) {
            return Ok(());
        }
        let mut labels = labels.iter();
        writer.row(cells.map(|(place, text)| (place, labels.next().cloned().flatten(), text)))
    }

    /// A row that the format itself marks as header.
    pub fn header(&mut self, row: Vec<Field>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.settle(writer)?;
        self.layout = Layout::Columns(Vec::new());
        self.write(&row, writer)?;
        self.layout = Layout::Columns(labels(&row));
        Ok(())
    }

    pub fn finish(mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.settle(writer)?;
        if self.fields > 0 { writer.end_record() } else { Ok(()) }
    }

    fn settle(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let sample = std::mem::take(&mut self.sample);
        if sample.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        let header = header_row(&sample);
        self.layout = if is_form(&sample) { Layout::Form } else { Layout::Columns(Vec::new()) };
        for (i, row) in sample.iter().enumerate() {
            self.write(row, writer)?;
            if header == Some(i) && !matches!(self.layout, Layout::Form) {
                self.layout = Layout::Columns(labels(row));
            }
        }
        Ok(())
    }

    fn write(&mut self, row: &[Field], writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        match &self.layout {
            Layout::Form => {
                if let [label, rest @ ..] = row {
                    let name: Arc<str> = label.text.trim().trim_end_matches(':').trim_end().into();
                    let value: Vec<&str> = rest.iter().map(|field| field.text.trim()).collect();
                    let place = rest.first().map_or(&label.place, |field| &field.place);
                    writer.field(place.clone(), &name, &value.join("\t"))?;
                }
                self.fields += 1;
                if self.fields >= FORM_FIELDS {
                    self.fields = 0;
                    writer.end_record()?;
                }
                Ok(())
            }
            Layout::Columns(labels) => writer.row(
                row.iter()
                    .enumerate()
                    .map(|(i, field)| (field.place.clone(), labels.get(i).cloned().flatten(), field.text.as_str())),
            ),
            Layout::Unknown => Ok(()),
        }
    }
}

fn labels(row: &[Field]) -> Vec<Option<Arc<str>>> {
    row.iter().map(|field| Some(field.text.trim()).filter(|text| !text.is_empty()).map(Arc::from)).collect()
}

/// The row that names the columns: among the first ones, after titles, short words that differ
/// from what stands below them.
pub fn header_row(rows: &[Vec<Field>]) -> Option<usize> {
    let filled = |row: &[Field]| row.iter().filter(|field| !field.text.trim().is_empty()).count();
    let width = rows.iter().map(|row| filled(row)).max()?;
    let wide = |row: &[Field]| filled(row) * 2 >= width && (width < 2 || filled(row) >= 2);
    let first = rows.iter().take(6).position(|row| wide(row))?;
    if names_the_columns(rows, first, filled) {
        return Some(first);
    }
    // A title may fill several cells: what names most columns below it is the header.
    (first + 1..rows.len().min(first + 3)).find(|at| {
        let row = rows.get(*at).map(Vec::as_slice).unwrap_or_default();
        let named = row.iter().filter(|field| names_a_column(&field.text)).count();
        let more = rows.iter().take(*at).all(|above| filled(above) <= filled(row));
        wide(row) && more && named >= 2 && named * 2 >= filled(row) && names_the_columns(rows, *at, filled)
    })
}

/// Whether the words of a row differ from what stands below them, or name columns.
fn names_the_columns(rows: &[Vec<Field>], index: usize, filled: impl Fn(&[Field]) -> usize) -> bool {
    let Some(row) = rows.get(index).filter(|row| may_be_header(row)) else { return false };
    let below = rows.get(index + 1..).unwrap_or_default();
    let named = row.iter().filter(|field| names_a_column(&field.text)).count();
    let differs = row.iter().enumerate().filter(|(_, field)| !field.text.trim().is_empty()).any(|(column, field)| {
        let values = || below.iter().filter_map(|row| row.get(column)).map(|f| f.text.trim()).filter(|t| !t.is_empty());
        let all = values().count();
        let typed = values().filter(|value| value.bytes().any(|b| b.is_ascii_digit()) || value.contains('@')).count();
        let is_typed = field.text.bytes().any(|b| b.is_ascii_digit());
        all > 0 && !is_typed && typed * 2 > all
    });
    let style = |text: &str| text.contains('_') || !text.chars().any(char::is_lowercase) || is_lower(text);
    let styled = row.iter().all(|field| style(&field.text))
        && below.first().is_some_and(|row| row.iter().any(|field| !style(&field.text)));
    differs || styled || named * 3 >= filled(row)
}

fn is_lower(text: &str) -> bool {
    !text.chars().any(char::is_uppercase)
}

fn may_be_header(row: &[Field]) -> bool {
    let mut seen: Vec<&str> = Vec::new();
    row.iter().map(|field| field.text.trim()).filter(|text| !text.is_empty()).all(|text| {
        let new = !seen.contains(&text);
        seen.push(text);
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        // A number at the end counts columns or names a year: `K1`, `RAL 2025`.
        let words = text.trim_end_matches(|c: char| c.is_ascii_digit());
        let numbered = digits <= 4 && text.len() - words.len() == digits && words.starts_with(char::is_alphabetic);
        new && text.chars().count() <= 60
            && text.chars().any(char::is_alphabetic)
            && (digits * 3 <= text.len() || numbered)
            && !text.contains('@')
    })
}

/// Words that name columns in office files, without diacritics.
static COLUMN_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("column_words.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
});

/// Whether a text is, or ends or begins with, a word that names a column.
fn names_a_column(text: &str) -> bool {
    let folded: String = text.chars().map(plain_letter).collect();
    let mut words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.clone().count() <= 5 && words.any(|word| COLUMN_WORDS.contains(word))
}

pub(super) fn plain_letter(c: char) -> char {
    match c.to_lowercase().next().unwrap_or(c) {
        'à' | 'á' | 'â' | 'ä' | 'ã' | 'ă' | 'ą' | 'å' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => 'e',
        'ì' | 'í' | 'î' => 'i',
        'ł' | 'ľ' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'ö' | 'õ' | 'ő' | 'ø' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ș' | 'ş' => 's',
        'ť' | 'ț' | 'ţ' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ů' | 'ű' => 'u',
        'ý' => 'y',
        'ź' | 'ž' | 'ż' => 'z',
        c => c,
    }
}

/// Two columns, of which the first holds labels.
pub(super) fn is_form(rows: &[Vec<Field>]) -> bool {
    let pairs: Vec<(&str, &str)> = rows
        .iter()
        .filter_map(|row| match row.as_slice() {
            [label, value] => Some((label.text.trim(), value.text.trim())),
            _ => None,
        })
        .collect();
    if pairs.len() < 2 || pairs.len() != rows.len() {
        return false;
    }
    let colons = pairs.iter().filter(|(label, _)| label.ends_with(':')).count();
    let named = pairs.iter().filter(|(label, _)| names_a_column(label)).count();
    let named_values = pairs.iter().filter(|(_, value)| names_a_column(value)).count();
    let mut labels: Vec<&str> = pairs.iter().map(|(label, _)| *label).collect();
    labels.sort_unstable();
    labels.dedup();
    labels.len() == pairs.len()
        && (colons * 2 > pairs.len() || (named >= 2 && named * 2 >= pairs.len() && named > 2 * named_values))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[&str]) -> Vec<Vec<Field>> {
        lines.iter().map(|line| line.split(';').map(|text| Field::new(Place::default(), text)).collect()).collect()
    }

    fn check(lines: &[&str], header: Option<usize>) {
        assert_eq!(header_row(&rows(lines)), header, "{lines:?}");
    }

    #[test]
    fn headers() {
        check(&["CF;Importo", "RSSMRA80A01H501U;12"], Some(0));
        check(&["Name;City", "Mario Rossi;Rome"], Some(0));
        check(&["foo_bar;baz", "Mario Rossi;Rome"], Some(0));
        check(&["Elenco dipendenti;;", ";;", "Cognome;Nome;Data di nascita", "Rossi;Mario;01/02/1980"], Some(2));
        check(&["email", "mario@example.org"], Some(0));
        check(&["K1;NAME;PAY_2026", "457685;Rossi;2.100,00"], Some(0));
        check(
            &["Parish of the Holy Oak;3rd year;Teacher: Pat Elm;", "Name;Nasc.;Obs;Turma", "Kim Ash;2014-05-06;S;"],
            Some(1),
        );
    }

    #[test]
    fn no_headers() {
        check(&["Mario Rossi;Rome", "Anna Verdi;Milan"], None);
        check(&["Rossi;01/02/1980", "Verdi;03/04/1990"], None);
        check(&["Mario Rossi;Rome;x", "Anna Verdi;Milan;name", "Piero Neri;Turin;y"], None);
        check(&["mario@example.org;x", "anna@example.org;y"], None);
    }

    #[test]
    fn forms() {
        assert!(is_form(&rows(&["Nome;Mario Rossi", "Data di nascita;01/02/1980", "Diagnosi;asma"])));
        assert!(is_form(&rows(&["Grado:;Capitano", "Reparto:;3a"])));
        assert!(!is_form(&rows(&["Rossi;12", "Verdi;13"])));
        assert!(!is_form(&rows(&["Nome;Cognome", "Mario;Rossi", "Anna;Verdi"])));
    }
}
