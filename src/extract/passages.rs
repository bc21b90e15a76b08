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
//! A line that holds many tuples `(…),(…)`, as database dumps do, is cut between them.

use std::io::Read;

use crate::model::Place;
use crate::open::reader::ReadError;

use super::lines::{Line, Lines};
use super::writer::TextWriter;

const MAX_LINES: usize = 40;
const MAX_BYTES: usize = 16 * 1024;
const FEW_LINES: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Prose,
    Form,
    List,
    Loose,
}

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
    block: Vec<Line>,
    bytes: usize,
    quotes: usize,
    /// The block is longer than is kept, and each of its further lines is a record.
    streaming: Option<Kind>,
}

impl Passages {
    pub fn line(&mut self, line: Line, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if let Some((before, after)) = line.text.split_once('\u{c}') {
            let before = Line { text: before.to_owned(), ..line };
            let after = Line { text: after.replace('\u{c}', " "), ..line };
            self.line(before, writer)?;
            self.end_block(writer)?;
            return self.line(after, writer);
        }
        let trimmed = line.text.trim();
        if trimmed.is_empty() {
            return self.end_block(writer);
        }
        let quotes = quote_depth(trimmed);
        if quotes != self.quotes || trimmed.starts_with("BEGIN:") || is_rule(trimmed) {
            self.end_block(writer)?;
            self.quotes = quotes;
        }
        let last = trimmed.starts_with("END:") || is_rule(trimmed);
        if line.continues || line.text.len() > MAX_BYTES {
            self.end_block(writer)?;
            return write_long(&line, writer);
        }
        if let Some(kind) = self.streaming {
            write_line(kind, &line, writer)?;
        } else {
            self.bytes += line.text.len();
            self.block.push(line);
        }
        if last {
            return self.end_block(writer);
        }
        if self.block.len() >= MAX_LINES || self.bytes >= MAX_BYTES {
            let kind = self.write_block(writer)?;
            if matches!(kind, Kind::List | Kind::Loose) {
                self.streaming = Some(kind);
            }
        }
        Ok(())
    }

    pub fn end_block(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.streaming = None;
        self.write_block(writer)?;
        Ok(())
    }

    fn write_block(&mut self, writer: &mut TextWriter<'_>) -> Result<Kind, ReadError> {
        let block = std::mem::take(&mut self.block);
        self.bytes = 0;
        let kind = kind_of(&block);
        match kind {
            Kind::Prose => write_paragraph(&block, writer)?,
            Kind::Form => {
                let first = block.first().and_then(|line| label(&line.text));
                let mut start = 0;
                for (i, line) in block.iter().enumerate().skip(1) {
                    if first.is_some() && label(&line.text) == first {
                        write_paragraph(block.get(start..i).unwrap_or_default(), writer)?;
                        start = i;
                    }
                }
                write_paragraph(block.get(start..).unwrap_or_default(), writer)?;
            }
            Kind::List | Kind::Loose => {
                for line in &block {
                    write_line(kind, line, writer)?;
                }
            }
        }
        Ok(kind)
    }
}

fn write_paragraph(lines: &[Line], writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let Some(first) = lines.first() else { return Ok(()) };
    if lines.iter().zip(first.number..).any(|(line, number)| line.number != number) {
        return writer.passage(lines.iter().map(|line| (Place::line(line.number), line.text.as_str())));
    }
    let text: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    writer.paragraph(Place::line(first.number), &text.join("\n"))
}

fn write_line(kind: Kind, line: &Line, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    if kind == Kind::Loose {
        return writer.paragraph(Place::line(line.number), &line.text);
    }
    for tuple in tuples(&line.text) {
        writer.row([(Place::line(line.number), None, tuple)])?;
    }
    Ok(())
}

/// A line longer than a block may be.
fn write_long(line: &Line, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let kind = if tuples(&line.text).nth(2).is_some() { Kind::List } else { Kind::Loose };
    write_line(kind, line, writer)
}

/// The line, cut between its tuples if it is a long list of them.
fn tuples(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    let cut = line.len() > 256;
    std::iter::from_fn(move || {
        let text = rest?;
        match memchr::memmem::find(text.as_bytes(), b"),(").filter(|_| cut) {
            Some(at) => {
                let (tuple, after) = text.split_at(at + 2);
                rest = Some(after);
                Some(tuple)
            }
            None => rest.take(),
        }
    })
}

fn kind_of(block: &[Line]) -> Kind {
    let n = block.len();
    if n < 2 {
        let tuples = block.first().is_some_and(|line| tuples(&line.text).nth(1).is_some());
        return if tuples { Kind::List } else { Kind::Prose };
    }
    let most = |count: usize, share: usize| count * 100 >= n * share;
    let labelled = block.iter().filter(|line| label(&line.text).is_some()).count();
    let timed = block.iter().filter(|line| starts_with_time_or_number(&line.text)).count();
    if n >= 3 && most(timed, 70) {
        return Kind::List;
    }
    if is_wrapped(block) {
        return Kind::Prose;
    }
    let alike = most(most_common(block.iter().filter_map(|line| columns(&line.text))), 70);
    if n >= 3 && alike {
        return Kind::List;
    }
    let amounts = block.iter().filter(|line| ends_in_amount(&line.text)).count();
    if most(labelled, 50) || (labelled >= 2 && most(labelled + amounts, 60)) {
        return Kind::Form;
    }
    if n >= 3 && most(most_common(block.iter().filter_map(|line| signature(&line.text))), 70) {
        return Kind::List;
    }
    if n > FEW_LINES { Kind::Loose } else { Kind::Prose }
}

/// How often the most common value occurs.
fn most_common<T: Ord>(values: impl Iterator<Item = T>) -> usize {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values.chunk_by(|a, b| a == b).map(<[T]>::len).max().unwrap_or(0)
}

/// Prose with line breaks put in by a program: long lines of like length, of which the next goes on in lower case.
fn is_wrapped(block: &[Line]) -> bool {
    let Some((last, body)) = block.split_last() else { return false };
    let width = body.iter().map(|line| line.text.chars().count()).max().unwrap_or(0);
    let full = body.iter().filter(|line| line.text.chars().count() * 10 >= width * 7).count();
    let goes_on = block.iter().skip(1).filter(|line| {
        let text = line.text.trim_start_matches(['>', ' ', '\t', '*', '#', '/']);
        text.chars().next().is_some_and(char::is_lowercase) && label(text).is_none() && !text.contains(['{', ';', '='])
    });
    let goes_on = goes_on.count();
    (35..=160).contains(&width)
        && last.text.len() <= 4 * width
        && full * 10 >= body.len() * 7
        && goes_on * 2 >= body.len()
}

/// The label of a line `Label: value`: a few words before a colon, equals sign, tab or run of dots.
fn label(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(['>', ' ', '\t', '-', '*', '|', '"']);
    if !line.chars().next()?.is_alphabetic() {
        return None;
    }
    let end = line.char_indices().take(48).find_map(|(i, c)| {
        let after = line.get(i..)?;
        match c {
            // Not a time of day, nor the scheme of an address.
            ':' => (!after.starts_with("://")).then_some(i),
            '=' | '\t' | '\u{2026}' => Some(i),
            '.' => (after.starts_with("...") || after.starts_with(". . ")).then_some(i),
            _ => None,
        }
    })?;
    let label = line.get(..end)?.trim();
    let words = label.split_whitespace().count();
    (words <= 6 && !label.contains(['{', '(', ';', '"', '<'])).then_some(label)
}

/// A time stamp, a date, a running number or the start of a log or dump line.
fn starts_with_time_or_number(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t', '[', '(', '<', '#', '"', '|']);
    let first = line.split([' ', '\t', ']', ')', ';', ',', '|']).next().unwrap_or_default();
    let digits = first.bytes().filter(u8::is_ascii_digit).count();
    let starts = line.bytes().next().is_some_and(|b| b.is_ascii_digit());
    let words = || {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let rest = line.get(3..).unwrap_or_default().trim_start();
        let month = line.get(..3).is_some_and(|start| MONTHS.contains(&start));
        (month && rest.bytes().next().is_some_and(|b| b.is_ascii_digit()))
            || ["INSERT INTO", "insert into", "(NULL", "VALUES ("].iter().any(|word| line.starts_with(word))
    };
    (starts && digits * 2 >= first.len()) || words()
}

/// A word and then a number at the end: a line of a payslip or an invoice.
fn ends_in_amount(line: &str) -> bool {
    let line = line.trim_end().trim_end_matches(['€', '%', '-', ' ', '|']);
    let last = line.rsplit([' ', '\t', '.', ':']).next().unwrap_or_default();
    line.chars().next().is_some_and(char::is_alphabetic)
        && last.bytes().any(|b| b.is_ascii_digit())
        && last.bytes().all(|b| b.is_ascii_digit() || b",.'".contains(&b))
}

/// The separator of columns and their number, for a line that has some.
fn columns(line: &str) -> Option<(char, usize)> {
    [('\t', 1), (';', 2), ('|', 1), (',', 3)].into_iter().find_map(|(separator, least)| {
        let n = line.trim().trim_end_matches(separator).matches(separator).count();
        (n >= least).then_some((separator, n))
    })
}

/// The sequence of kinds of words, such as name, name, number; none for lines of plain words.
fn signature(line: &str) -> Option<Vec<u8>> {
    let mut kinds: Vec<u8> = Vec::new();
    for word in line.split(|c: char| c.is_whitespace() || ",;:()[]|\"".contains(c)).filter(|w| !w.is_empty()).take(24) {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        let kind = if word.contains('@') {
            b'@'
        } else if digits == 0 && word.chars().any(char::is_alphabetic) {
            if word.chars().next().is_some_and(char::is_uppercase) { b'N' } else { b'w' }
        } else if digits > 0 && word.bytes().any(|b| b.is_ascii_alphabetic()) {
            b'x'
        } else if digits > 0 {
            b'9'
        } else {
            continue;
        };
        if kinds.last() != Some(&kind) {
            kinds.push(kind);
        }
    }
    let plain = kinds.iter().all(|kind| *kind == b'w') || kinds == b"Nw";
    (!plain && kinds.len() <= 8).then_some(kinds)
}

/// The number of `>` in front of a quoted line of a mail.
fn quote_depth(line: &str) -> usize {
    line.bytes().take_while(|b| matches!(b, b'>' | b' ')).filter(|b| *b == b'>').count()
}

/// A line of dashes or the like, which separates.
fn is_rule(line: &str) -> bool {
    line.len() >= 4 && line.chars().all(|c| "-=_*~#+ ─━═".contains(c))
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
        let text = format!("INSERT INTO dipendenti VALUES {};\n", [tuple; 6].join(","));
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
