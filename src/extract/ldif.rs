//! Reads LDIF, the exports of directories: each entry a record, each value with the name of its attribute.
//!
//! <https://www.rfc-editor.org/rfc/rfc2849>

use std::io::{Cursor, Read};
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::identify::{Format, identify};
use crate::model::{Name, Place, Reason};
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{Member, ReadError, Reader, Sink};

use super::charset::{TextStream, decode};
use super::lines::{Line, Lines};
use super::writer::TextWriter;

/// Bytes of one value with all its folded lines.
const LONGEST_VALUE: usize = 32 << 20;
/// Attribute names that are kept; more are made anew.
const MOST_NAMES: usize = 4096;

pub struct Ldif;

impl Reader for Ldif {
    fn name(&self) -> &'static str {
        "ldif"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Ldif]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut lines = Lines::new(TextStream::new(input));
        let mut writer = TextWriter::new(sink);
        let end = read(&mut lines, budget, &mut writer);
        writer.finish()?;
        lines.stream().report(sink);
        end
    }
}

fn read<R: Read>(lines: &mut Lines<R>, budget: &Budget, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let mut entry = Entry { names: Vec::new(), number: 0, is_empty: true, is_name: false };
    // A line and those that go on with it.
    let mut logical = String::new();
    let mut number = 0;
    let mut cut = false;
    while let Some(line) = lines.next_line()? {
        if let Some(more) = line.text.strip_prefix(' ').filter(|_| !logical.is_empty() && !line.continues) {
            cut |= !append(&mut logical, more);
            continue;
        }
        if line.continues {
            let Line { text, .. } = line;
            cut |= !append(&mut logical, text);
            continue;
        }
        entry.line(&logical, number, budget, writer)?;
        logical.clear();
        number = line.number;
        if line.text.trim().is_empty() {
            entry.end(writer)?;
        } else {
            logical.push_str(line.text);
        }
    }
    entry.line(&logical, number, budget, writer)?;
    entry.end(writer)?;
    if cut {
        writer.sink()?.gap(Reason::MemberTooLarge, "a value is too long");
    }
    Ok(())
}

/// False if there is no more room.
fn append(logical: &mut String, more: &str) -> bool {
    let fits = logical.len() + more.len() <= LONGEST_VALUE;
    if fits {
        logical.push_str(more);
    }
    fits
}

struct Entry {
    names: Vec<Arc<str>>,
    /// Counts entries, for the names of members.
    number: u64,
    is_empty: bool,
    /// The next value names the entry: a record of its own.
    is_name: bool,
}

impl Entry {
    fn end(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if std::mem::replace(&mut self.is_empty, true) {
            return Ok(());
        }
        writer.end_record()
    }

    fn line(&mut self, text: &str, number: u64, budget: &Budget, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if text.is_empty() || text == "-" {
            return Ok(());
        }
        if let Some(comment) = text.strip_prefix('#') {
            return self.push("#", comment.trim(), number, writer);
        }
        let Some((name, value)) = text.split_once(':').filter(|(name, _)| is_attribute(name)) else {
            return self.push("", text, number, writer);
        };
        if name.eq_ignore_ascii_case("dn") {
            self.number += 1;
            // Where an entry stands, a ward in a hospital, is not what it says of a person.
            self.is_name = true;
        }
        // `cn;lang-de`: the options are no part of the name.
        let attribute = name.split(';').next().unwrap_or(name);
        let Some(encoded) = value.strip_prefix(':') else {
            return self.push(attribute, value.strip_prefix('<').unwrap_or(value).trim(), number, writer);
        };
        let encoded: Vec<u8> = encoded.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let lenient = GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true);
        let Ok(bytes) = GeneralPurpose::new(&STANDARD, lenient).decode(&encoded) else {
            return self.push(attribute, value.trim_start_matches(':').trim(), number, writer);
        };
        if let Ok(text) = std::str::from_utf8(&bytes)
            && !text.contains('\0')
        {
            return self.push(attribute, text, number, writer);
        }
        match identify(&bytes, &Name::default()) {
            Format::Text => self.push(attribute, &decode(&bytes), number, writer),
            // An identifier, a hash of a password.
            Format::Binary | Format::Empty if bytes.len() <= 1024 => Ok(()),
            _ => {
                budget.spend_member()?;
                let name = format!("entry {}/{attribute}", self.number);
                let member = Member { size: Some(bytes.len() as u64), ..Member::new(name) };
                writer.sink()?.member(member, &mut Cursor::new(bytes))
            }
        }
    }

    fn push(&mut self, label: &str, value: &str, line: u64, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if value.is_empty() {
            return Ok(());
        }
        self.is_empty = false;
        let known = self.names.iter().find(|name| ***name == *label);
        let label: Arc<str> = if let Some(name) = known {
            Arc::clone(name)
        } else {
            if self.names.len() >= MOST_NAMES {
                self.names.clear();
            }
            let new: Arc<str> = label.into();
            self.names.push(Arc::clone(&new));
            new
        };
        writer.field(Place::line(line), &label, value)?;
        if std::mem::take(&mut self.is_name) { self.end(writer) } else { Ok(()) }
    }
}

fn is_attribute(name: &str) -> bool {
    !name.is_empty() && name.len() <= 256 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-;._".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::collect::collect;

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/fixtures/ldif/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn entries_are_records_with_attributes_as_labels() {
        let got = collect(&Ldif, "a.ldif", &fixture("people.ldif"));
        assert!(got.error.is_none() && got.gaps.is_empty());
        let mut values = Vec::new();
        for text in &got.texts {
            for piece in text.pieces().iter().filter(|piece| piece.label.is_some()) {
                let content = text.piece_content(piece.start).trim_end();
                let place = piece.place.line.unwrap();
                values.push(format!("{} {place} {}={content}", piece.record, piece.label.as_deref().unwrap()));
            }
        }
        for expected in [
            "0 1 version=1",
            "1 4 dn=cn=Laura Bianchi,ou=people,dc=example,dc=org",
            "2 6 cn=Laura Bianchi",
            "2 7 sn=Bianchi",
            "2 8 description=una descrizione lunga che va a capo",
            "2 10 street=Via Nicolò 3, Forlì",
            "3 14 dn=cn=Jörg Ångström,dc=example,dc=org",
            "4 15 mail=joerg@example.org",
        ] {
            assert!(values.iter().any(|value| value == expected), "{expected}: {values:#?}");
        }
        assert_eq!(got.member_names(), ["entry 2/jpegPhoto"]);
    }

    #[test]
    fn what_is_no_ldif_is_text() {
        let got = collect(&Ldif, "a.ldif", b"some words\n\xff::\nname:: not base64!\n a: b");
        assert!(got.content().contains("some words") && got.content().contains("not base64!"));
        assert!(collect(&Ldif, "a.ldif", b"").content().is_empty());
    }
}
