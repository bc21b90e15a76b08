//! Reads tables that are written as text: CSV of any dialect, TSV, exports of spreadsheets and databases.
//!
//! <https://www.rfc-editor.org/rfc/rfc4180>, and what programs write instead of it: other separators,
//! `sep=;` lines, ragged rows, titles above the header, quotes that never close. Nothing is refused.

use std::io::Read;

use crate::identify::Format;
use crate::model::{Cell, Place};
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use super::charset::TextStream;
use super::lines::{KeptLine, Line, Lines, is_blank};
use super::passages;
use super::table::Table;
use super::writer::TextWriter;

/// Lines over which the separator is found.
const SAMPLE_LINES: usize = 40;
/// Lines and bytes that a quoted field may span.
const RECORD_LINES: usize = 200;
const RECORD_BYTES: usize = 64 * 1024;
/// Quotes that never closed, after which no field may span lines.
const UNCLOSED: u32 = 16;

pub struct Csv;

impl Reader for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn version(&self) -> u32 {
        2
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Csv, Format::Tsv]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, _budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut lines = Lines::new(TextStream::new(input));
        let mut writer = TextWriter::new(sink);
        let end = write(&mut lines, &mut writer);
        writer.finish()?;
        lines.stream().report(sink);
        end
    }
}

fn write<R: Read>(lines: &mut Lines<R>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let mut sample = Vec::new();
    let mut bytes = 0;
    while sample.len() < SAMPLE_LINES
        && bytes < 2 * RECORD_BYTES
        && let Some(line) = lines.next_line()?
    {
        bytes += line.text.len();
        sample.push(line.to_kept());
    }
    let separator = separator(&sample);
    let quote = separator.map_or(b'"', |separator| quote(&sample, separator));
    lines.put_back(sample.into_iter());
    let Some(separator) = separator else {
        return passages::write(lines, writer);
    };
    let mut table = Table::default();
    let end = write_rows(separator, quote, lines, &mut table, writer);
    table.finish(writer)?;
    end
}

fn write_rows<R: Read>(
    separator: char,
    quote: u8,
    lines: &mut Lines<R>,
    table: &mut Table,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let mut row = 0;
    let mut unclosed = 0;
    let mut cells = Cells::default();
    while let Some(line) = lines.next_line()? {
        if is_blank(line.text) {
            row += u32::from(row > 0);
            continue;
        }
        let number = line.number;
        let place = move |offset: u64, column| Place {
            line: Some(number + offset),
            cell: Some(Cell { row, column }),
            ..Place::default()
        };
        if memchr::memchr(quote, line.text.as_bytes()).is_none() {
            let texts = Plain { rest: Some(line.text), separator }.zip(0..);
            table.cells(texts.map(|(text, column)| (place(0, column), text)), writer)?;
        } else {
            if !cells.split(line.text, separator, Quotes::Close(quote)) {
                record(line.to_kept(), (separator, quote), &mut unclosed, lines, &mut cells)?;
            }
            table.cells(cells.iter().zip(0..).map(|((offset, text), column)| (place(offset, column), text)), writer)?;
        }
        row = row.saturating_add(1);
    }
    Ok(())
}

/// Splits the record that starts on this line, which leaves a quote open.
fn record<R: Read>(
    first: KeptLine,
    (separator, quote): (char, u8),
    unclosed: &mut u32,
    lines: &mut Lines<R>,
    cells: &mut Cells,
) -> Result<(), ReadError> {
    let mut text = first.text.clone();
    let mut more = Vec::new();
    while *unclosed < UNCLOSED && more.len() < RECORD_LINES && text.len() < RECORD_BYTES {
        let Some(line) = lines.next_line()?.map(Line::to_kept) else { break };
        text.push('\n');
        text.push_str(&line.text);
        let may_close = line.text.contains(char::from(quote));
        more.push(line);
        if may_close && cells.split(&text, separator, Quotes::Close(quote)) {
            return Ok(());
        }
    }
    *unclosed += 1;
    lines.put_back(more.into_iter());
    cells.split(&first.text, separator, Quotes::AreText);
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    /// A field that starts with this quote ends with one.
    Close(u8),
    /// Quotes mean nothing.
    AreText,
}

/// The cells of a line without quotes.
#[derive(Clone)]
struct Plain<'t> {
    rest: Option<&'t str>,
    separator: char,
}

impl<'t> Iterator for Plain<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let rest = self.rest.take()?;
        let at = if self.separator.is_ascii() {
            let at = memchr::memchr(self.separator as u8, rest.as_bytes());
            at.and_then(|at| Some((rest.get(..at)?, rest.get(at + 1..)?)))
        } else {
            rest.split_once(self.separator)
        };
        let (cell, after) = at.map_or((rest, None), |(cell, after)| (cell, Some(after)));
        self.rest = after;
        Some(cell)
    }
}

/// The cells of one record, without their quotes.
#[derive(Default)]
struct Cells {
    text: String,
    /// The line breaks before each cell, and where it ends in `text`.
    ends: Vec<(u64, usize)>,
}

impl Cells {
    /// Each with the number of line breaks before it.
    fn iter(&self) -> impl Iterator<Item = (u64, &str)> + Clone {
        self.ends.iter().scan(0, |start, (line, end)| {
            let cell = self.text.get(*start..*end).unwrap_or_default();
            *start = *end;
            Some((*line, cell))
        })
    }

    /// False if a quote is left open.
    fn split(&mut self, text: &str, separator: char, quotes: Quotes) -> bool {
        self.text.clear();
        self.ends.clear();
        let mut letter = [0; 4];
        let separator = separator.encode_utf8(&mut letter).as_bytes();
        let quote = if let Quotes::Close(quote) = quotes { quote } else { b'"' };
        let (mut line, mut start) = (0u64, 0u64);
        let mut cell = 0;
        let mut quoted = false;
        let mut blank = true;
        let mut rest = text;
        while let Some(first) = rest.bytes().next() {
            let bytes = rest.as_bytes();
            let is_end = |rest: &[u8]| rest.starts_with(separator) || rest.first() == Some(&b'\n');
            if quoted {
                let run = memchr::memchr2(quote, b'\\', bytes).unwrap_or(bytes.len());
                if run > 0 {
                    line += memchr::memchr_iter(b'\n', bytes.get(..run).unwrap_or_default()).count() as u64;
                    self.text.push_str(rest.get(..run).unwrap_or_default());
                    rest = rest.get(run..).unwrap_or_default();
                    continue;
                }
                let next = bytes.get(1).copied();
                let mut taken = 1;
                match first {
                    _ if first == quote && next == Some(quote) => {
                        taken = 2;
                        self.text.push(char::from(quote));
                    }
                    _ if first == quote => quoted = false,
                    _ if next == Some(quote) => {
                        taken = 2;
                        // An escaped quote, unless it ends the cell: a path may end in a backslash.
                        if bytes.get(2..).is_none_or(|after| after.is_empty() || is_end(after)) {
                            self.text.push('\\');
                            quoted = false;
                        } else {
                            self.text.push(char::from(quote));
                        }
                    }
                    _ => self.text.push('\\'),
                }
                rest = rest.get(taken..).unwrap_or_default();
            } else if bytes.starts_with(separator) {
                self.ends.push((start, self.text.len()));
                cell = self.text.len();
                start = line;
                blank = true;
                rest = rest.get(separator.len()..).unwrap_or_default();
            } else if first == quote && blank && quotes != Quotes::AreText {
                quoted = true;
                blank = false;
                self.text.truncate(cell);
                rest = rest.get(1..).unwrap_or_default();
            } else if blank && first == b' ' {
                self.text.push(' ');
                rest = rest.get(1..).unwrap_or_default();
            } else {
                // Up to the separator quotes are text.
                blank = false;
                let run = match separator {
                    [byte] => memchr::memchr(*byte, bytes),
                    _ => memchr::memmem::find(bytes, separator),
                };
                let run = run.unwrap_or(bytes.len());
                line += memchr::memchr_iter(b'\n', bytes.get(..run).unwrap_or_default()).count() as u64;
                self.text.push_str(rest.get(..run).unwrap_or_default());
                rest = rest.get(run..).unwrap_or_default();
            }
        }
        self.ends.push((start, self.text.len()));
        !quoted
    }
}

/// The sign that encloses fields: `'` if fields begin and end with it and none does with `"`.
fn quote(sample: &[KeptLine], separator: char) -> u8 {
    let count = |quote: char| {
        let fields = sample.iter().flat_map(|line| line.text.split(separator)).map(str::trim);
        let open = fields.clone().filter(|field| field.starts_with(quote)).count();
        let closed = fields.filter(|field| field.len() > 1 && field.starts_with(quote) && field.ends_with(quote));
        (open, closed.count())
    };
    let (open, closed) = count('\'');
    if closed >= 2 && closed * 2 > open && count('"').0 == 0 { b'\'' } else { b'"' }
}

/// The separator on which the lines agree; none for what is no table.
fn separator(sample: &[KeptLine]) -> Option<char> {
    let told = sample.first().and_then(|line| line.text.trim().strip_prefix("sep="));
    if let Some(told) = told.and_then(|rest| rest.chars().next()) {
        return Some(told);
    }
    let lines: Vec<&str> =
        sample.iter().map(|line| line.text.as_str()).filter(|text| !text.trim().is_empty()).collect();
    let agreement = |separator: char| {
        // Lines within a quoted field say nothing.
        let mut open = false;
        let mut counts: Vec<usize> = Vec::new();
        for line in &lines {
            let starts_open = open;
            let mut count = 0;
            for c in line.chars() {
                open ^= c == '"';
                count += usize::from(c == separator && !open);
            }
            if !starts_open && !open {
                counts.push(count);
            }
        }
        if counts.is_empty() {
            counts = lines.iter().map(|line| line.matches(separator).count()).collect();
        }
        counts.sort_unstable();
        let same = counts.chunk_by(|a, b| a == b).filter(|same| same.first() > Some(&0));
        let best =
            same.max_by_key(|same| same.len()).map_or((0, 0), |same| (same.len(), same.first().copied().unwrap_or(0)));
        // Ragged rows still hold the separator.
        let some = counts.iter().filter(|count| **count > 0).count();
        (best.0 * 100 / counts.len().max(1), some * 100 / counts.len().max(1), best.1)
    };
    let best = [';', '\t', '|', ',']
        .into_iter()
        .map(|separator| (agreement(separator), separator))
        .filter(|((same, some, count), separator)| {
            *same >= 60 || (*some >= 80 && *count >= 2 && (*same >= 30 || *separator == '\t'))
        })
        .max_by_key(|((same, some, count), _)| (same + some, *count));
    if let Some((_, separator)) = best {
        return Some(separator);
    }
    // Rarer ones must part almost every line alike.
    let rare = ['^', '~', '§', '¬', '#', '¦', ':'].into_iter().find(|separator| {
        let (same, _, count) = agreement(*separator);
        same >= 90 && count >= if matches!(separator, ':' | '#') { 2 } else { 1 }
    });
    if rare.is_some() && lines.len() >= 2 {
        return rare;
    }
    // One column: short lines.
    let words = lines.iter().map(|line| line.split_whitespace().count()).max().unwrap_or(0);
    let tabular = lines.len() >= 2 && words <= 4 && !lines.iter().any(|line| line.ends_with(['.', ':']));
    tabular.then_some('\t')
}

#[cfg(test)]
#[allow(clippy::format_collect, clippy::format_push_string, reason = "test inputs are short")]
mod tests {
    use super::*;
    use crate::model::Text;
    use crate::open::collect::collect;

    /// Every cell as `place label=text`.
    fn cells(csv: &[u8]) -> Vec<String> {
        let got = collect(&Csv, "a.csv", csv);
        assert!(got.error.is_none() && got.gaps.is_empty());
        let mut cells = Vec::new();
        for text in &got.texts {
            for piece in text.pieces() {
                let content = text.piece_content(piece.start).trim_end_matches(['\t', '\n']);
                let label = piece.label.as_deref().unwrap_or("-");
                cells.push(format!("{} {} {label}={content}", piece.place.line.unwrap(), piece.place.cell.unwrap()));
            }
        }
        cells
    }

    fn check(csv: &str, expected: &[&str]) {
        assert_eq!(cells(csv.as_bytes()), expected);
    }

    #[test]
    fn a_semicolon_table_with_decimal_commas() {
        check(
            "Nome;Importo\nMario;1,5\nAnna;2,5\n",
            &[
                "1 A1 -=Nome",
                "1 B1 -=Importo",
                "2 A2 Nome=Mario",
                "2 B2 Importo=1,5",
                "3 A3 Nome=Anna",
                "3 B3 Importo=2,5",
            ],
        );
    }

    #[test]
    fn quoted_line_breaks_keep_the_line_numbers() {
        check(
            "name,note\n\"Rossi, Mario\",\"one\ntwo \"\"x\"\"\"\nAnna,three\n",
            &[
                "1 A1 -=name",
                "1 B1 -=note",
                "2 A2 name=Rossi, Mario",
                "2 B2 note=one\ntwo \"x\"",
                "4 A3 name=Anna",
                "4 B3 note=three",
            ],
        );
    }

    #[test]
    fn a_quote_that_never_closes_costs_one_line() {
        let mut csv = "name,note\n\"Mario,x\n".to_owned();
        for i in 0..1000 {
            csv.push_str(&format!("Anna,{i}\n"));
        }
        let got = cells(csv.as_bytes());
        assert_eq!(got.len(), 2004);
        assert_eq!(got.get(2..4).unwrap(), ["2 A2 name=\"Mario", "2 B2 note=x"]);
        assert_eq!(got.last().unwrap(), "1002 B1002 note=999");
    }

    #[test]
    fn dialects() {
        check(
            "sep=;\nCF;X\nRSSMRA80A01H501U;1\n",
            &["1 A1 -=sep=", "1 B1 -=", "2 A2 -=CF", "2 B2 -=X", "3 A3 CF=RSSMRA80A01H501U", "3 B3 X=1"],
        );
        check("cf\nRSSMRA80A01H501U\n", &["1 A1 -=cf", "2 A2 cf=RSSMRA80A01H501U"]);
        check(
            "Mario\tRossi\nAnna\tVerdi\tMilano\n",
            &["1 A1 -=Mario", "1 B1 -=Rossi", "2 A2 -=Anna", "2 B2 -=Verdi", "2 C2 -=Milano"],
        );
        let wide: Vec<u8> = "città;n\nForlì;1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(cells(&wide).last().unwrap(), "2 B2 n=1");
    }

    #[test]
    fn rare_separators_and_quotes() {
        check("CF^X\nRSSMRA80A01H501U^1\n", &["1 A1 -=CF", "1 B1 -=X", "2 A2 CF=RSSMRA80A01H501U", "2 B2 X=1"]);
        check(
            "a:b:cf\nx:y:RSSMRA80A01H501U\n",
            &["1 A1 -=a", "1 B1 -=b", "1 C1 -=cf", "2 A2 a=x", "2 B2 b=y", "2 C2 cf=RSSMRA80A01H501U"],
        );
        check(
            "VN#NN#REL\nAnna#Alt#rk\nUwe#Bach#\n",
            &[
                "1 A1 -=VN",
                "1 B1 -=NN",
                "1 C1 -=REL",
                "2 A2 VN=Anna",
                "2 B2 NN=Alt",
                "2 C2 REL=rk",
                "3 A3 VN=Uwe",
                "3 B3 NN=Bach",
                "3 C3 REL=",
            ],
        );
        check(
            "'nome';'note'\n'D''Angelo';'a; b'\nl'Aquila;'70\n",
            &[
                "1 A1 -=nome",
                "1 B1 -=note",
                "2 A2 nome=D'Angelo",
                "2 B2 note=a; b",
                "3 A3 nome=l'Aquila",
                "3 B3 note='70",
            ],
        );
    }

    #[test]
    fn prose_that_is_called_csv_is_read_as_prose() {
        let got = collect(&Csv, "a.csv", b"Dear Mr Rossi,\n\nthis is a letter that goes on and on.\nYours\n");
        assert_eq!(got.texts.iter().flat_map(Text::pieces).count(), 2);
        assert!(collect(&Csv, "a.csv", b"").content().is_empty());
    }

    #[test]
    fn every_word_survives() {
        let mut seed = 7u64;
        for _ in 0..50 {
            let mut csv = String::new();
            for i in 0..200 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let between =
                    ["\"", "\n", ",", ";", "\"\n", ",\"", " ", "\\\"", "\t"][usize::try_from(seed >> 33).unwrap() % 9];
                csv.push_str(&format!("w{i}{between}"));
            }
            let got = collect(&Csv, "a.csv", csv.as_bytes()).content();
            assert!((0..200).all(|i| got.contains(&format!("w{i}"))), "{csv}");
        }
    }
}
