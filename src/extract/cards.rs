//! Reads vCards (vcf) and calendars (ics): every contact, appointment and task is a record of labelled values.
//!
//! <https://www.rfc-editor.org/rfc/rfc6350> (vCard 4, and 2.1 and 3 before it), <https://www.rfc-editor.org/rfc/rfc5545>.

use std::sync::Arc;

use crate::identify::Format;
use crate::model::{Place, Reason};
use crate::open::reader::{ReadError, Reader, Sink};
use crate::open::{Access, Budget, Input, Member};

use super::charset::TextStream;
use super::content_lines::{Content, ContentLines, Property};
use super::lines::Lines;
use super::writer::TextWriter;

/// Components within components that are told apart.
const DEEPEST: usize = 64;

pub struct Cards;

impl Reader for Cards {
    fn name(&self) -> &'static str {
        "cards"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::VCard, Format::Calendar]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut writer = TextWriter::new(sink);
        let mut lines = ContentLines::new(Lines::new(TextStream::new(input)));
        let end = write(&mut lines, budget, &mut writer);
        writer.finish()?;
        lines.lines().stream().report(sink);
        end
    }
}

fn write<R: std::io::Read>(
    lines: &mut ContentLines<R>,
    budget: &Budget,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let mut open: Vec<String> = Vec::new();
    let mut files = 0_u64;
    while let Some(content) = lines.next()? {
        budget.check()?;
        let property = match content {
            Content::Property(property) => property,
            Content::Other(text, line) => {
                writer.paragraph(Place::line(line), &text)?;
                continue;
            }
        };
        match property.name.as_str() {
            "BEGIN" => {
                // What a calendar says of itself is a record of its own; an alarm belongs to its event.
                if !is_part(&property.value) {
                    writer.end_record()?;
                }
                if open.len() < DEEPEST {
                    open.push(property.value.trim().to_ascii_uppercase());
                }
            }
            "END" => {
                if !is_part(&property.value) {
                    writer.end_record()?;
                }
                open.pop();
            }
            // Rules of time zones: no text of anybody.
            _ if open.iter().any(|component| component == "VTIMEZONE") => {}
            name if property.is_file() => {
                if matches!(name, "PHOTO" | "LOGO" | "SOUND" | "KEY") {
                    continue;
                }
                files += 1;
                budget.spend_member()?;
                let own = property.parameter("X-FILENAME").or(property.parameter("FILENAME"));
                let mut member = Member::new(own.map_or_else(|| format!("attachment {files}"), str::to_owned));
                member.media_type = property.parameter("FMTTYPE").map(str::to_owned);
                if property.is_cut {
                    writer.sink()?.member_unread(member, Reason::MemberTooLarge, "an attachment of an appointment");
                } else {
                    writer.sink()?.member(member, &mut property.file())?;
                }
            }
            _ => write_property(&property, writer)?,
        }
        if property.is_cut && !property.is_file() {
            writer.sink()?.gap(Reason::MemberTooLarge, "the end of a long value");
        }
    }
    writer.end_record()?;
    if !open.is_empty() {
        writer.sink()?.gap(Reason::Truncated, "the last card or appointment has no end");
    }
    Ok(())
}

/// A component that belongs to the one around it.
fn is_part(component: &str) -> bool {
    let component = component.trim();
    ["VALARM", "STANDARD", "DAYLIGHT"].iter().any(|part| component.eq_ignore_ascii_case(part))
}

/// Parts of a name and of an address, as the specification orders them.
const NAME: [&str; 5] = ["surname", "given name", "middle name", "title", "suffix"];

fn write_property(property: &Property, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let parts = property.parts();
    let together = || {
        let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(", ")
    };
    let label = match property.name.as_str() {
        "VERSION" | "PRODID" | "CALSCALE" | "METHOD" | "REV" | "DTSTAMP" | "SEQUENCE" | "UID" | "TRANSP" => {
            return Ok(());
        }
        "N" => {
            for (label, part) in NAME.iter().zip(&parts) {
                field(property, label, part, writer)?;
            }
            return Ok(());
        }
        "FN" => "name",
        "TEL" => "phone",
        "EMAIL" => "email",
        "ADR" | "LABEL" => "address",
        "BDAY" => "date of birth",
        "ORG" => "company",
        "ATTENDEE" | "ORGANIZER" => {
            let address = parts.concat();
            let address = match address.get(..7) {
                Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => address.get(7..).unwrap_or_default(),
                _ => address.as_str(),
            };
            let name = property.parameter("CN").unwrap_or_default();
            let both =
                if name.is_empty() || name == address { address.to_owned() } else { format!("{name} <{address}>") };
            let label = if property.name == "ATTENDEE" { "attendee" } else { "organizer" };
            return field(property, label, &both, writer);
        }
        "NOTE" | "DESCRIPTION" | "SUMMARY" | "COMMENT" => {
            // Prose may hold semicolons.
            return field(property, &property.name.to_ascii_lowercase(), &parts.join(";"), writer);
        }
        name => return field(property, &name.to_ascii_lowercase(), &together(), writer),
    };
    field(property, label, &together(), writer)
}

fn field(property: &Property, label: &str, value: &str, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    if value.trim().is_empty() {
        return Ok(());
    }
    let label: Arc<str> = label.into();
    let place = Place { line: Some(property.line), field: Some(Arc::clone(&label)), ..Place::default() };
    writer.field(place, &label, value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::collect::{Collected, collect};

    fn check(text: &str, expected: &str) -> Collected {
        let got = collect(&Cards, "a.vcf", text.as_bytes());
        assert!(got.error.is_none(), "{:?}", got.error);
        assert_eq!(got.content(), expected);
        got
    }

    const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Bianchi;Laura;;Dott.ssa;\r\nFN:Laura Bianchi\r\n\
        item1.TEL;TYPE=CELL:+39 055 123\r\n 4567\r\nADR;TYPE=HOME:;;Via Roma\\, 1;Torino;TO;10100;Italia\r\n\
        BDAY:1985-03-12\r\nNOTE:allergica\\; in cura\\nda aprile\r\n\
        PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ\r\n AAAQABAAD\r\nEND:VCARD\r\n";

    #[test]
    fn every_card_is_a_record() {
        let got = check(
            &format!(
                "{CARD}BEGIN:VCARD\nVERSION:2.1\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Nicol=C3=B2 Rizzo\nEND:VCARD\n"
            ),
            "surname: Bianchi\ngiven name: Laura\ntitle: Dott.ssa\nname: Laura Bianchi\nphone: +39 055 1234567\n\
             address: Via Roma, 1, Torino, TO, 10100, Italia\ndate of birth: 1985-03-12\n\
             note: allergica; in cura\nda aprile\nname: Nicolò Rizzo\n",
        );
        let text = &got.texts[0];
        let record = |what: &str| text.record(text.content().find(what).unwrap());
        assert_eq!(record("surname"), record("note"));
        assert_ne!(record("note"), record("Nicolò"));
        assert_eq!(text.label(text.content().find("1985").unwrap()), Some("date of birth"));
        assert!(got.members.is_empty() && got.gaps.is_empty());
    }

    #[test]
    fn appointments_with_their_people_and_files() {
        let got = check(
            "BEGIN:VCALENDAR\nPRODID:x\nBEGIN:VTIMEZONE\nTZID:Rome\nBEGIN:STANDARD\nTZOFFSETFROM:+0200\nEND:STANDARD\n\
             END:VTIMEZONE\nBEGIN:VEVENT\nSUMMARY:Visita medica; Laura\nATTENDEE;CN=\"Laura Bianchi\":MAILTO:laura@example.org\n\
             ATTACH;ENCODING=BASE64;X-FILENAME=a.txt:TWFyaW8=\nBEGIN:VALARM\nDESCRIPTION:Chiama\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n",
            "summary: Visita medica; Laura\nattendee: Laura Bianchi <laura@example.org>\ndescription: Chiama\n",
        );
        assert_eq!(got.member_names(), ["a.txt"]);
        assert_eq!(got.members[0].1, b"Mario");
    }

    #[test]
    fn what_is_cut_is_told() {
        let got = collect(&Cards, "a.vcf", &CARD.as_bytes()[..CARD.len() / 2]);
        assert_eq!(got.gaps.first().map(|gap| gap.0), Some(Reason::Truncated));
        assert!(collect(&Cards, "a.vcf", b"").content().is_empty());
    }
}
