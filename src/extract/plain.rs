//! Reads plain text of any length and encoding: notes, letters, logs, lists, Markdown, source code, database dumps.

use crate::identify::Format;
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{ReadError, Reader, Sink};

use super::charset::TextStream;
use super::lines::Lines;
use super::passages;
use super::writer::TextWriter;

/// What a passage is: [`passages`].
pub struct Plain;

impl Reader for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn version(&self) -> u32 {
        2
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Text, Format::Markdown, Format::Sql]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, _budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut lines = Lines::new(TextStream::new(input));
        let mut writer = TextWriter::new(sink);
        let end = passages::write(&mut lines, &mut writer);
        writer.finish()?;
        lines.stream().report(sink);
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reason;
    use crate::open::collect::collect;
    use crate::open::reader::TEXT_CHUNK;

    #[test]
    fn any_encoding_gives_the_same_text() {
        let text = "Nicolò Dessì abita a Forlì.\r\n\r\nTel. 0543 123456";
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        for bytes in [text.as_bytes(), &wide, &latin] {
            let got = collect(&Plain, "a.txt", bytes);
            assert_eq!(got.content(), "Nicolò Dessì abita a Forlì.\nTel. 0543 123456\n");
            assert_eq!(got.texts[0].place(got.content().find("Tel").unwrap()).line, Some(3));
        }
    }

    #[test]
    fn nothing_in_nothing() {
        for bytes in [&b""[..], b"\n\n", b"\xff\xfe", b"\0\0\0\0\0"] {
            let got = collect(&Plain, "a.txt", bytes);
            assert!(got.error.is_none() && got.content().is_empty(), "{bytes:?}");
        }
    }

    #[test]
    fn a_line_without_end_is_bounded() {
        let text = "RSSMRA80A01H501U ".repeat(400_000);
        let got = collect(&Plain, "a.txt", text.as_bytes());
        assert!(got.texts.iter().all(|text| text.len() <= 3 * TEXT_CHUNK));
        let words: usize = got.texts.iter().map(|text| text.content().matches("RSSMRA80A01H501U").count()).sum();
        assert_eq!(words, 400_000);
    }

    #[test]
    fn what_cannot_be_decoded_is_a_gap() {
        let got = collect(&Plain, "a.txt", b"\xff\xfea\0b\0\x00\xd8c\0\x01");
        assert_eq!(got.gaps.first().map(|gap| gap.0), Some(Reason::UndecodedText));
    }
}
