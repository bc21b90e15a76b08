//! Reads XML of any size as labelled values: element and attribute names are the labels, and what
//! repeats below the root is a record.
//!
//! <https://www.w3.org/TR/xml/>. Invoices, payment files, exports. Broken XML is read as far as it has text.

use std::io::Read;

use crate::identify::Format;
use crate::model::Place;
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use super::charset::TextStream;
use super::lines::Line;
use super::markup::{Dialect, Markup, Token};
use super::nested::{Kind, Nested, Step};
use super::passages::Passages;
use super::writer::TextWriter;

/// Elements within elements that are told apart; deeper ones are read flat.
const MAX_DEPTH: usize = 256;
/// Bytes of the text of one element after which it comes in pieces.
const MAX_TEXT: usize = 64 * 1024;

pub struct Xml;

impl Reader for Xml {
    fn name(&self) -> &'static str {
        "xml"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Xml]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, _budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut writer = TextWriter::new(sink);
        let mut markup = Markup::new(TextStream::new(input), Dialect::Xml);
        let mut document = Document { nested: Nested::new(""), stack: Vec::new(), beyond: 0 };
        let end = document.run(&mut markup, &mut writer);
        document.end(&mut writer)?;
        writer.finish()?;
        markup.report(sink);
        end
    }
}

struct Element {
    name: String,
    text: String,
    /// Where its text starts.
    line: u64,
    /// It holds elements or attributes: not a mere value.
    opened: bool,
    /// Part of the running text of what encloses it.
    inline: bool,
}

struct Document {
    nested: Nested,
    stack: Vec<Element>,
    beyond: u64,
}

impl Document {
    fn run<R: Read>(&mut self, markup: &mut Markup<R>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        while let Some(token) = markup.next_token()? {
            let line = markup.line();
            match token {
                Token::Start { name, attributes, closed } => {
                    self.start(name, line, attributes, writer)?;
                    if closed {
                        self.close(writer)?;
                    }
                }
                Token::End(name) => self.end_element(&name, writer)?,
                Token::Text(text) | Token::Script(text) => self.text(&text, line, writer)?,
                Token::Aside(text) => aside(&text, line, writer)?,
            }
        }
        Ok(())
    }

    fn start(
        &mut self,
        name: String,
        line: u64,
        attributes: Vec<(String, String)>,
        writer: &mut TextWriter<'_>,
    ) -> Result<(), ReadError> {
        if self.stack.len() >= MAX_DEPTH {
            self.beyond += 1;
        } else {
            // A child amid running text is part of it.
            let inline = self.stack.last().is_some_and(|parent| parent.inline || !parent.text.trim().is_empty());
            if !inline {
                self.open_top(writer)?;
            }
            self.stack.push(Element { name, text: String::new(), line, opened: false, inline });
        }
        for (name, value) in attributes {
            if name.starts_with("xmlns") || value.trim().is_empty() {
                continue;
            }
            self.open_top(writer)?;
            self.nested.value(Some(line), Some(&name), Step::Attribute(&name), &value, writer)?;
        }
        Ok(())
    }

    /// The innermost element is a container.
    fn open_top(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let is_root = self.stack.len() == 1;
        let Some(top) = self.stack.last_mut().filter(|top| !top.opened && !top.inline) else { return Ok(()) };
        top.opened = true;
        let (name, line) = (top.name.as_str(), top.line);
        // The children of the root are records when they repeat: `Nested` sees to it.
        self.nested.open(Kind::Group, Some(name), Step::Child(name), writer)?;
        if !is_root {
            self.nested.heading(line, writer)?;
        }
        Ok(())
    }

    fn text(&mut self, text: &str, line: u64, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let Some(at) = self.stack.iter().rposition(|element| !element.inline) else {
            return aside(text, line, writer);
        };
        let is_top = at + 1 == self.stack.len();
        let Some(element) = self.stack.get_mut(at) else { return Ok(()) };
        if element.text.trim().is_empty() {
            let start = text.len() - text.trim_start().len();
            let breaks = text.get(..start).unwrap_or_default().matches('\n').count();
            if start == text.len() {
                return Ok(());
            }
            element.line = line + breaks as u64;
            element.text.clear();
            element.text.push_str(text.trim_start());
        } else {
            element.text.push_str(text);
        }
        if element.text.len() > MAX_TEXT && (is_top || element.text.len() > 4 * MAX_TEXT) {
            let text = std::mem::take(&mut element.text);
            let (name, line, opened) = (element.name.clone(), element.line, element.opened);
            let step = if opened { Step::Nothing } else { Step::Child(&name) };
            self.nested.value(Some(line), Some(&name), step, &text, writer)?;
        }
        Ok(())
    }

    fn end_element(&mut self, name: &str, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if let Some(beyond) = self.beyond.checked_sub(1) {
            self.beyond = beyond;
            return Ok(());
        }
        // An end without a start ends nothing.
        let Some(at) = self.stack.iter().rposition(|element| element.name == name) else { return Ok(()) };
        while self.stack.len() > at {
            self.close(writer)?;
        }
        Ok(())
    }

    /// Closes the innermost element.
    fn close(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if let Some(beyond) = self.beyond.checked_sub(1) {
            self.beyond = beyond;
            return Ok(());
        }
        let Some(element) = self.stack.pop() else { return Ok(()) };
        if element.inline {
            return Ok(());
        }
        let Element { name, mut text, line, opened, .. } = element;
        text.truncate(text.trim_end().len());
        if !opened {
            return self.nested.value(Some(line), Some(&name), Step::Child(&name), &text, writer);
        }
        if !text.is_empty() {
            self.nested.value(Some(line), Some(&name), Step::Nothing, &text, writer)?;
        }
        self.nested.close(writer)
    }

    fn end(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.beyond = 0;
        while !self.stack.is_empty() {
            self.close(writer)?;
        }
        self.nested.end(writer)
    }
}

/// Comments, instructions and text outside the root.
fn aside(text: &str, line: u64, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    if !text.contains('\n') {
        return writer.paragraph(Place::line(line), text);
    }
    let mut passages = Passages::default();
    for (text, number) in text.split('\n').zip(line..) {
        passages.line(Line { text, number, continues: false }, writer)?;
    }
    passages.end_block(writer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::collect::collect;

    fn records(xml: &str) -> Vec<String> {
        let got = collect(&Xml, "a.xml", xml.as_bytes());
        assert!(got.error.is_none() && got.gaps.is_empty(), "{:?}", got.gaps);
        let mut records: Vec<(u64, String)> = Vec::new();
        for text in &got.texts {
            for piece in text.pieces() {
                let content = text.piece_content(piece.start).trim_end_matches(['\t', '\n']);
                if content.ends_with(": ") {
                    continue;
                }
                let shown = format!("{}={content}", piece.place.field.as_deref().unwrap_or("-"));
                match records.last_mut() {
                    Some((record, all)) if *record == piece.record => *all = format!("{all}|{shown}"),
                    _ => records.push((piece.record, shown)),
                }
            }
        }
        records.into_iter().map(|(_, shown)| shown).collect()
    }

    #[test]
    fn children_that_repeat_are_records() {
        assert_eq!(
            records(
                "<staff>\n<p><n>Mario</n><cf>X1</cf></p>\n<p><n>Anna</n><cf>X2</cf></p>\n<p><n>Eva</n><cf>X3</cf></p></staff>"
            ),
            [
                "/staff/p=|/staff/p/n=Mario|/staff/p/cf=X1",
                "/staff/p=|/staff/p/n=Anna|/staff/p/cf=X2",
                "/staff/p=|/staff/p/n=Eva|/staff/p/cf=X3",
            ]
        );
    }

    #[test]
    fn a_document_about_one_person_is_one_record() {
        let got = records(
            "<paziente><nome>Mario</nome><diagnosi><c>C50</c></diagnosi><diagnosi><c>F32</c></diagnosi></paziente>",
        );
        assert_eq!(got.len(), 1, "{got:?}");
    }

    #[test]
    fn payments_of_people_are_records_of_their_own() {
        let payment = |name: &str| {
            format!(
                "<CdtTrfTxInf><Amt><InstdAmt Ccy=\"EUR\">12</InstdAmt></Amt><Cdtr><Nm>{name}</Nm></Cdtr></CdtTrfTxInf>"
            )
        };
        let xml =
            format!("<Document><C><PmtInf><Id>1</Id>{}{}</PmtInf></C></Document>", payment("Mario"), payment("Anna"));
        let got = records(&xml);
        assert!(!got.iter().any(|record| record.contains("Mario") && record.contains("Anna")), "{got:#?}");
        assert!(got.iter().any(|record| record.contains("InstdAmt=12") && record.contains("Nm=Anna")), "{got:#?}");
    }

    #[test]
    fn running_text_with_elements_in_it_is_one_value() {
        assert_eq!(
            records("<d><t>Il sig. RSS<b>MRA</b>80 e <i>altri</i>.</t></d>"),
            ["/d/t=Il sig. RSSMRA80 e altri."]
        );
    }

    #[test]
    fn attributes_comments_and_lines() {
        let got = collect(&Xml, "a.xml", b"<a>\n<!-- Mario -->\n<b cf=\"X1\" e='1'/>\n<c>\n\n  x</c></a>");
        assert!(got.content().contains("Mario") && got.content().contains("cf: X1"));
        let text = got.texts.iter().find(|text| text.content().contains("c: ")).unwrap();
        let at = text.content().find("c: ").unwrap() + 3;
        assert_eq!((text.place(at).line, text.label(at)), (Some(6), Some("c")));
    }

    #[test]
    fn broken_deep_and_empty() {
        for xml in ["", "<", "<a", "<a><b>Mario</a>", "</a>Mario", "Mario", "<a>Mario", "<a x='Mario"] {
            let got = collect(&Xml, "a.xml", xml.as_bytes());
            assert!(got.error.is_none());
            assert_eq!(got.content().contains("Mario"), xml.contains("Mario"), "{xml}");
        }
        let deep = format!("{}Mario", "<a>".repeat(300_000));
        assert!(collect(&Xml, "a.xml", deep.as_bytes()).content().contains("Mario"));
        let bomb = "<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;&x;\">]><a>&y;&y;</a>";
        assert!(collect(&Xml, "a.xml", bomb.as_bytes()).content().len() < 200);
    }
}
