//! The data of an XML form (XFA) inside a PDF, as labelled fields.

use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::extract::writer::TextWriter;
use crate::model::{Place, Reason};
use crate::open::budget::Budget;
use crate::open::reader::ReadError;

/// Text of the elements below `data` (XFA 3.3, `xfa:datasets`), each under the name of its element.
pub(super) fn data_fields(xml: &[u8], budget: &Budget, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    const MAX_DEPTH: usize = 256;
    let xml = String::from_utf8_lossy(xml);
    let mut reader = Reader::from_str(&xml);
    reader.config_mut().check_end_names = false;
    let mut path: Vec<String> = Vec::new();
    let mut value = String::new();
    let mut any = false;
    loop {
        budget.check()?;
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                if path.len() >= MAX_DEPTH {
                    writer.sink()?.gap(Reason::TooDeep, "an XML form nested too deep");
                    break;
                }
                path.push(element.local_name().as_ref().to_owned());
                value.clear();
            }
            Ok(Event::Text(text)) => value.push_str(&text),
            Ok(Event::CData(text)) => value.push_str(&text),
            Ok(Event::GeneralRef(reference)) => value.push(match reference.as_ref() {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                _ => reference.resolve_char_ref().ok().flatten().unwrap_or(' '),
            }),
            Ok(Event::End(_)) => {
                let inside = path.iter().any(|name| name == "datasets") || !path.iter().any(|name| name == "xdp");
                let label = path.pop().unwrap_or_default();
                let text = value.trim();
                if inside && !text.is_empty() {
                    writer.field(Place::field(&label), &Arc::from(label.as_str()), text)?;
                    any = true;
                }
                value.clear();
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) => {
                writer.sink()?.gap(Reason::Malformed, "the data of an XML form is damaged");
                break;
            }
        }
    }
    if any { writer.end_record() } else { Ok(()) }
}
