//! Reads the properties of a document that stand beside its text: title, author, company, custom ones.
//!
//! Specification: [MS-OLEPS], [MS-OSHARED] 2.3.3.

use std::collections::HashMap;
use std::sync::Arc;

use crate::extract::writer::TextWriter;
use crate::model::Place;
use crate::open::reader::ReadError;

use super::storage::{Storage, narrow, u16_at, u32_at, wide};

const LONGEST_SET: u64 = 4 << 20;
const MOST_PROPERTIES: u32 = 10_000;

pub(super) fn read(storage: &Storage<'_>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    for name in ["\u{5}SummaryInformation", "\u{5}DocumentSummaryInformation"] {
        let Some(bytes) = storage.bytes(name, LONGEST_SET)? else { continue };
        let place = Place::field("properties");
        for (label, value) in properties(&bytes, name.starts_with("\u{5}S")) {
            if !value.trim().is_empty() {
                writer.field(place.clone(), &label, value.trim())?;
                writer.end_record()?;
            }
        }
    }
    Ok(())
}

fn properties(bytes: &[u8], is_summary: bool) -> Vec<(Arc<str>, String)> {
    let mut found = Vec::new();
    let sets = u32_at(bytes, 24).unwrap_or(0).min(2);
    for set in 0..usize::try_from(sets).unwrap_or(0) {
        let Some(start) = u32_at(bytes, 44 + set * 20).and_then(|n| usize::try_from(n).ok()) else { continue };
        let Some(section) = bytes.get(start..) else { continue };
        section_properties(section, is_summary, set == 1, &mut found);
    }
    found
}

fn section_properties(section: &[u8], is_summary: bool, is_custom: bool, found: &mut Vec<(Arc<str>, String)>) {
    let count = u32_at(section, 4).unwrap_or(0).min(MOST_PROPERTIES);
    let entries: Vec<(u32, usize)> = (0..usize::try_from(count).unwrap_or(0))
        .map_while(|i| Some((u32_at(section, 8 + i * 8)?, usize::try_from(u32_at(section, 12 + i * 8)?).ok()?)))
        .collect();
    let at = |id: u32| entries.iter().find(|(own, _)| *own == id).and_then(|(_, offset)| section.get(*offset..));
    let code_page = at(1).and_then(|value| u16_at(value, 4)).unwrap_or(1252);
    let names =
        if is_custom { at(0).map(|value| dictionary(value, code_page)).unwrap_or_default() } else { HashMap::new() };
    for (id, offset) in &entries {
        let label: Arc<str> = if is_custom {
            match names.get(id) {
                Some(name) => name.as_str().into(),
                None => continue,
            }
        } else {
            match title(*id, is_summary) {
                Some(title) => title.into(),
                None => continue,
            }
        };
        if let Some(value) = section.get(*offset..).and_then(|value| text(value, code_page)) {
            found.push((label, value));
        }
    }
}

fn title(id: u32, is_summary: bool) -> Option<&'static str> {
    Some(match (is_summary, id) {
        (true, 2) => "title",
        (true, 3) => "subject",
        (true, 4) => "author",
        (true, 5) => "keywords",
        (true, 6) => "comments",
        (true, 7) => "template",
        (true, 8) => "last saved by",
        (false, 2) => "category",
        (false, 14) => "manager",
        (false, 15) => "company",
        _ => return None,
    })
}

fn text(value: &[u8], code_page: u16) -> Option<String> {
    let length = || usize::try_from(u32_at(value, 4)?).ok();
    let text = match u32_at(value, 0)? & 0xFFFF {
        0x1E => {
            let bytes = value.get(8..)?;
            narrow(bytes.get(..length()?.min(bytes.len()))?, code_page)
        }
        0x1F => {
            let bytes = value.get(8..)?;
            wide(bytes.get(..length()?.checked_mul(2)?.min(bytes.len()))?)
        }
        0x03 => i32::from_le_bytes(value.get(4..8)?.try_into().ok()?).to_string(),
        _ => return None,
    };
    Some(text.split('\0').next().unwrap_or_default().to_owned())
}

fn dictionary(value: &[u8], code_page: u16) -> HashMap<u32, String> {
    let mut names = HashMap::new();
    let count = u32_at(value, 0).unwrap_or(0).min(MOST_PROPERTIES);
    let mut at = 4;
    for _ in 0..count {
        let (Some(id), Some(length)) = (u32_at(value, at), u32_at(value, at + 4)) else { break };
        let Ok(length) = usize::try_from(length) else { break };
        let bytes = if code_page == 1200 { length.saturating_mul(2) } else { length };
        let Some(name) = value.get(at + 8..).and_then(|rest| rest.get(..bytes)) else { break };
        let name = narrow(name, code_page);
        names.insert(id, name.trim_end_matches('\0').to_owned());
        at += 8 + if code_page == 1200 { bytes.next_multiple_of(4) } else { bytes };
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors_are_read() {
        let mut set = vec![0; 24];
        set.extend(1_u32.to_le_bytes());
        set.extend([0; 16]);
        set.extend(48_u32.to_le_bytes());
        let value = |text: &str| {
            let mut value = 0x1E_u32.to_le_bytes().to_vec();
            value.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
            value.extend(text.as_bytes());
            value
        };
        set.extend(0_u32.to_le_bytes());
        set.extend(1_u32.to_le_bytes());
        set.extend(4_u32.to_le_bytes());
        set.extend(16_u32.to_le_bytes());
        set.extend(value("Ada Prova\0"));
        assert_eq!(properties(&set, true), [("author".into(), "Ada Prova".to_owned())]);
        assert_eq!(properties(set.get(..50).unwrap(), true), []);
    }
}
