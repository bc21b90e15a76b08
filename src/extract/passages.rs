//! Cuts plain text into passages: what belongs to one person, one event or one thought.
//!
//! This is the one rule for all plain text (files, mail bodies, comments). A *block* is a run of
//! lines that ends at a blank line, a page break, a line of dashes, a change in the depth of
//! mail quotes, or the `BEGIN:`/`END:` of a card; also after 40 lines or 16 KiB. A block is one of:
//!
//! - **prose**: lines that were wrapped, or a few lines of any kind: one record;
//! - **form**: half of its lines are `Label: value`, or amounts below such lines (a payslip):
//!   one record, and a new one whenever its first label comes again;
//! - **list**: lines that look alike (the same columns, a time or number in front, the same
//!   sequence of names and numbers): each line is a record that stands for itself;
//! - **loose**: more than 12 lines of none of these (code, configuration): each line is a
//!   record, with its neighbours as context.
//!
//! A table in a block becomes labelled rows (`tabulated`), and so do the statements of a database
//! dump (`sql`). Another line that holds many tuples `(…),(…)` is cut between them.

use std::io::Read;

use crate::model::Place;
use crate::open::reader::ReadError;

use super::kinds::{Kind, LineOf, is_rule, kind_of, label, quote_depth, trim, tuples};
use super::lines::{KeptLine, Line, Lines};
use super::sql::{self, Dump, Step};
use super::tabulated::{self, Layout};
use super::writer::TextWriter;

const MAX_LINES: usize = 40;
const MAX_BYTES: usize = 16 * 1024;

/// Writes all lines as passages.
pub fn write<R: Read>(lines: &mut Lines<R>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let mut passages = Passages::default();
    let end = loop {
        match lines.next_line() {
            Ok(Some(line)) => passages.line(line, writer)?,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error.into()),
        }
    };
    passages.end_block(writer)?;
    end
}

/// Takes lines one after the other; call [`Passages::end_block`] at the end.
#[derive(Default)]
pub struct Passages {
    /// The lines of the block, with a line break between them.
    text: String,
    lines: Vec<LineOf>,
    bytes: usize,
    quotes: usize,
    /// The block is longer than is kept, and each of its further lines is a record.
    streaming: Option<Streaming>,
    /// Lines of dashes that may belong to a table.
    rules: usize,
    /// A console has announced a record, field by field.
    record: bool,
    dump: Dump,
}

enum Streaming {
    Lines(Kind),
    Table(Layout),
}

impl Passages {
    pub fn line(&mut self, line: Line<'_>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if !(self.dump.is_watching() || sql::may_begin(line.text)) {
            return self.text_line(line, writer);
        }
        let mut line = line;
        loop {
            if !self.dump.is_open() {
                if line.continues || !self.dump.opens(line.text) {
                    return self.text_line(line, writer);
                }
                self.end_lines(writer)?;
            }
            match self.dump.take(line, writer)? {
                Step::Taken => return Ok(()),
                Step::Rest(text) => line = Line { text, ..line },
                Step::Back(lines) => return self.text_lines(&lines, writer),
            }
        }
    }

    fn text_lines(&mut self, lines: &[KeptLine], writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        lines.iter().try_for_each(|line| self.text_line(line.as_line(), writer))
    }

    fn text_line(&mut self, line: Line<'_>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if memchr::memchr(0x0c, line.text.as_bytes()).is_some()
            && let Some((before, after)) = line.text.split_once('\u{c}')
        {
            let after = after.replace('\u{c}', " ");
            self.text_line(Line { text: before, ..line }, writer)?;
            self.end_lines(writer)?;
            return self.text_line(Line { text: &after, ..line }, writer);
        }
        let trimmed = trim(line.text);
        if trimmed.is_empty() {
            return self.end_lines(writer);
        }
        if tabulated::is_record_head(trimmed) {
            self.end_lines(writer)?;
            self.record = true;
            return writer.paragraph(Place::line(line.number), line.text);
        }
        let quotes = quote_depth(trimmed);
        let mut is_rule = is_rule(trimmed);
        if is_rule && self.may_be_of_table(trimmed) {
            self.rules += 1;
            is_rule = false;
        }
        if quotes != self.quotes || is_rule || trimmed.starts_with("BEGIN:") {
            self.end_lines(writer)?;
            self.quotes = quotes;
        }
        if line.continues || line.text.len() > MAX_BYTES {
            self.end_lines(writer)?;
            return write_long(line, writer);
        }
        if matches!(&self.streaming, Some(Streaming::Table(layout)) if !layout.holds(line.text)) {
            self.streaming = None;
        }
        match &self.streaming {
            Some(Streaming::Lines(kind)) => write_line(*kind, line.text, line.number, writer)?,
            Some(Streaming::Table(layout)) => layout.write(line.text, line.number, writer)?,
            None => {
                self.bytes += line.text.len();
                if !self.lines.is_empty() {
                    self.text.push('\n');
                }
                let start = self.text.len();
                self.text.push_str(line.text);
                self.lines.push(LineOf { start, end: self.text.len(), number: line.number });
            }
        }
        if is_rule || trimmed.starts_with("END:") {
            return self.end_lines(writer);
        }
        if self.lines.len() >= MAX_LINES || self.bytes >= MAX_BYTES {
            self.streaming = self.write_block(writer)?;
        }
        Ok(())
    }

    /// Whether a line of dashes stands below the names of columns, or around the rows of a table.
    fn may_be_of_table(&self, rule: &str) -> bool {
        match &self.streaming {
            Some(Streaming::Table(_)) => true,
            Some(Streaming::Lines(_)) => false,
            None => match self.lines.last() {
                Some(last) => tabulated::may_have_columns(last.of(&self.text)),
                None => rule.starts_with('+'),
            },
        }
    }

    pub fn end_block(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let unfinished = self.dump.end();
        self.text_lines(&unfinished, writer)?;
        self.end_lines(writer)
    }

    fn end_lines(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if !self.lines.is_empty() {
            self.write_block(writer)?;
        }
        self.streaming = None;
        self.record = false;
        Ok(())
    }

    /// What becomes of lines that go on with the block.
    fn write_block(&mut self, writer: &mut TextWriter<'_>) -> Result<Option<Streaming>, ReadError> {
        let table = if self.record { tabulated::record(&self.text, &self.lines) } else { None };
        let written = match table.or_else(|| tabulated::find(&self.text, &self.lines)) {
            Some(table) => {
                let (above, rest) = self.lines.split_at_checked(table.lines.start).unwrap_or((&[], &self.lines));
                let below = rest.get(table.lines.len()..).unwrap_or_default();
                write_lines(&self.text, above, writer)
                    .and_then(|_| table.write(&self.text, &self.lines, writer))
                    .and_then(|()| write_lines(&self.text, below, writer))
                    .map(|_| table.goes_on(self.lines.len()).map(Streaming::Table))
            }
            None if self.rules > 0 => {
                let mut start = 0;
                let mut ruled = |(at, line): (usize, &LineOf)| {
                    if is_rule(trim(line.of(&self.text))) {
                        write_lines(&self.text, self.lines.get(start..at).unwrap_or_default(), writer)?;
                        write_lines(&self.text, self.lines.get(at..=at).unwrap_or_default(), writer)?;
                        start = at + 1;
                    }
                    Ok(())
                };
                let before = self.lines.iter().enumerate().try_for_each(&mut ruled);
                before.and_then(|()| write_lines(&self.text, self.lines.get(start..).unwrap_or_default(), writer))
            }
            None => write_lines(&self.text, &self.lines, writer),
        };
        self.text.clear();
        self.lines.clear();
        self.bytes = 0;
        self.rules = 0;
        written
    }
}

/// Writes lines as what they look like.
fn write_lines(text: &str, lines: &[LineOf], writer: &mut TextWriter<'_>) -> Result<Option<Streaming>, ReadError> {
    if lines.is_empty() {
        return Ok(None);
    }
    let kind = kind_of(text, lines);
    match kind {
        Kind::Prose => write_paragraph(text, lines, writer)?,
        Kind::Form => {
            let first = lines.first().and_then(|line| label(line.of(text)));
            let mut start = 0;
            for (i, line) in lines.iter().enumerate().skip(1) {
                if first.is_some() && label(line.of(text)) == first {
                    write_paragraph(text, lines.get(start..i).unwrap_or_default(), writer)?;
                    start = i;
                }
            }
            write_paragraph(text, lines.get(start..).unwrap_or_default(), writer)?;
        }
        Kind::List | Kind::Loose => {
            lines.iter().try_for_each(|line| write_line(kind, line.of(text), line.number, writer))?;
        }
    }
    Ok(matches!(kind, Kind::List | Kind::Loose).then_some(Streaming::Lines(kind)))
}

/// `text` is that of the block.
fn write_paragraph(text: &str, lines: &[LineOf], writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return Ok(()) };
    if lines.iter().zip(first.number..).any(|(line, number)| line.number != number) {
        return writer.passage(lines.iter().map(|line| (Place::line(line.number), line.of(text))));
    }
    writer.paragraph(Place::line(first.number), text.get(first.start..last.end).unwrap_or_default())
}

fn write_line(kind: Kind, text: &str, number: u64, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    if kind == Kind::Loose {
        return writer.paragraph(Place::line(number), text);
    }
    for tuple in tuples(text) {
        writer.row([(Place::line(number), None, tuple)])?;
    }
    Ok(())
}

/// A line longer than a block may be.
fn write_long(line: Line<'_>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let kind = if tuples(line.text).nth(2).is_some() { Kind::List } else { Kind::Loose };
    write_line(kind, line.text, line.number, writer)
}

#[cfg(test)]
#[allow(clippy::format_collect, clippy::format_push_string, reason = "test inputs are short")]
mod tests {
    use super::*;
    use crate::extract::charset::TextStream;
    use crate::open::collect::Collected;

    /// The records of a text, each with the line on which it starts.
    fn records(text: &str) -> Vec<(u64, String)> {
        let mut collected = Collected::default();
        let mut writer = TextWriter::new(&mut collected);
        write(&mut Lines::new(TextStream::new(text.as_bytes())), &mut writer).unwrap();
        writer.finish().unwrap();
        let mut records = Vec::new();
        for text in &collected.texts {
            for piece in text.pieces() {
                let content = text.piece_content(piece.start).trim_end().to_owned();
                records.push((piece.place.line.unwrap(), content));
            }
        }
        records
    }

    fn check(text: &str, expected: &[(u64, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(line, text)| (*line, (*text).to_owned())).collect();
        assert_eq!(records(text), expected);
    }

    #[test]
    fn paragraphs_are_records() {
        check(
            "Egregio Sig. Rossi,\n\nla informiamo che il certificato del giorno\nè stato ricevuto.\n\nSaluti\n",
            &[
                (1, "Egregio Sig. Rossi,"),
                (3, "la informiamo che il certificato del giorno\nè stato ricevuto."),
                (6, "Saluti"),
            ],
        );
    }

    #[test]
    fn a_form_is_one_record_and_the_next_form_another() {
        check(
            "Nome: Mario\nCognome: Rossi\nDiagnosi: asma\nNome: Anna\nCognome: Verdi\n",
            &[(1, "Nome: Mario\nCognome: Rossi\nDiagnosi: asma"), (4, "Nome: Anna\nCognome: Verdi")],
        );
    }

    #[test]
    fn a_payslip_is_one_record() {
        let payslip = "CEDOLINO PAGA  GENNAIO 2026\nDipendente: Rossi Mario   C.F. RSSMRA80A01H501U\nMatricola: 00123\n\
            Retribuzione base  1.500,00\nScatti di anzianita  120,00\nTrattenuta sindacale CGIL  12,00\n\
            Addizionale regionale  33,10\nIRPEF  210,55\nNetto in busta  1.364,35\nIBAN: IT60X0542811101000000123456";
        check(payslip, &[(1, payslip)]);
    }

    #[test]
    fn lists_and_logs_are_a_record_a_line() {
        check("Rossi Mario\nBianchi Luca\nVerdi Anna\n", &[(1, "Rossi Mario"), (2, "Bianchi Luca"), (3, "Verdi Anna")]);
        check(
            "2026-01-02 10:00 user mario logged in\n2026-01-02 10:01 user anna logged in\n2026-01-03 backup finished\n",
            &[
                (1, "2026-01-02 10:00 user mario logged in"),
                (2, "2026-01-02 10:01 user anna logged in"),
                (3, "2026-01-03 backup finished"),
            ],
        );
    }

    #[test]
    fn a_long_list_never_becomes_one_record() {
        let text: String = (0..1000).map(|i| format!("Rossi Mario {i} RSSMRA80A01H501U\n")).collect();
        assert_eq!(records(&text).len(), 1000);
        assert_eq!(records(&text).last().unwrap().0, 1000);
    }

    #[test]
    fn wrapped_prose_stays_together() {
        let line = "il dipendente ha comunicato per iscritto la propria adesione al\n";
        let text = format!("Con la presente {}", line.repeat(20));
        assert_eq!(records(&text).len(), 1);
    }

    #[test]
    fn pages_rules_and_quotes_separate() {
        check(
            "a b\n\u{c}c d\n----------\ne\n> f\n>> g",
            &[(1, "a b"), (2, "c d"), (3, "----------"), (4, "e"), (5, "> f"), (6, ">> g")],
        );
    }

    #[test]
    fn cards_are_records() {
        let card = |name: &str| format!("BEGIN:VCARD\nFN:{name}\nTEL:+39 02 1234567\nEND:VCARD\n");
        let text = card("Mario Rossi") + &card("Anna Verdi");
        let got = records(&text);
        assert_eq!(got.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 5]);
    }

    #[test]
    fn tuples_of_a_dump_are_records() {
        let tuple = "(1,'Rossi','Mario','RSSMRA80A01H501U','Via Roma 1, 00100 Roma')";
        let text = format!("dipendenti = [{}]\n", [tuple; 6].join(","));
        assert_eq!(records(&text).len(), 6);
    }

    #[test]
    fn every_word_survives() {
        let text: String =
            (0..5000).map(|i| format!("w{i}{}", [" ", "\n", "\n\n", ": ", "\t", ";"][i * 7 % 6])).collect();
        let got: String = records(&text).into_iter().map(|(_, text)| text + "\n").collect();
        assert!((0..5000).all(|i| got.contains(&format!("w{i}"))));
    }
}
