//! What a workbook says beside its cells: names, lists to choose from, hints, filters, scenarios.

use crate::extract::office_xml::{Markup, Tag, Token};
use crate::extract::writer::TextWriter;
use crate::model::Place;
use crate::open::reader::ReadError;

/// Bytes of one name with what it stands for.
const LONGEST_NAME: usize = 64 << 10;

/// Where a tag of a sheet says something in its attributes, and what.
pub(super) fn said_by(tag: &Tag<'_>) -> Vec<(&'static str, String)> {
    let (title, keys): (_, &[&str]) = match tag.name() {
        "dataValidation" => ("hint", &["promptTitle", "prompt", "errorTitle", "error"]),
        "filter" | "customFilter" => ("filter", &["val"]),
        "hyperlink" => ("hint", &["tooltip"]),
        "scenario" => ("scenario", &["name", "user", "comment"]),
        "inputCells" => ("scenario", &["val"]),
        "cfRule" => ("rule", &["text"]),
        "protectedRange" => ("protected range", &["name"]),
        _ => return Vec::new(),
    };
    let texts = keys.iter().filter_map(|key| tag.attribute(key)).filter(|text| !text.trim().is_empty());
    texts.map(|text| (title, text)).collect()
}

/// Names for cells and values, and who keeps the workbook for writing.
pub(super) fn write_names(workbook: &[u8], writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let mut part = workbook;
    let mut markup = Markup::new(&mut part);
    let mut name: Option<String> = None;
    let label = "defined name".into();
    let place = Place::field("names");
    // The fault of the workbook itself is told with its list of sheets.
    while let Ok(Some(token)) = markup.next() {
        match token {
            Token::Open(tag) if tag.name() == "definedName" => {
                let own = tag.attribute("name").filter(|name| !name.starts_with("_xl"));
                name = own.map(|name| match tag.attribute("comment") {
                    Some(comment) => format!("{name} ({comment}) "),
                    None => format!("{name} "),
                });
            }
            Token::Open(tag) if tag.name() == "fileSharing" => {
                if let Some(user) = tag.attribute("userName") {
                    writer.field(place.clone(), &"user".into(), &user)?;
                    writer.end_record()?;
                }
            }
            Token::Text(text) => {
                if let Some(name) = name.as_mut().filter(|name| name.len() < LONGEST_NAME) {
                    name.push_str(&text);
                }
            }
            Token::Close(end) if end.name() == "definedName" => {
                if let Some(name) = name.take() {
                    writer.field(place.clone(), &label, &name)?;
                    writer.end_record()?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{package, read_bytes};

    #[test]
    fn what_stands_beside_the_cells_is_read() {
        let bytes = package(&[
            (
                "xl/workbook.xml",
                "<workbook><fileSharing userName='Ada Prova'/><definedNames>\
                 <definedName name='Stipendio_Rossi' comment='riservato'>\"1900\"</definedName>\
                 <definedName name='_xlnm.Print_Area'>A1</definedName></definedNames></workbook>",
            ),
            (
                "xl/worksheets/sheet1.xml",
                "<worksheet><sheetData/><autoFilter><filterColumn><filters><filter val='Bianchi'/></filters></filterColumn>\
                 </autoFilter><dataValidations><dataValidation prompt='Codice fiscale'><formula1>\"Laura,Dario\"</formula1>\
                 </dataValidation><dataValidation><formula1>$A$1</formula1></dataValidation></dataValidations>\
                 <extLst><ext><x14:dataValidation><x14:formula1><xm:f>\"Ugo\"</xm:f></x14:formula1></x14:dataValidation></ext>\
                 </extLst></worksheet>",
            ),
        ]);
        let content = read_bytes(&bytes).content();
        for said in [
            "user: Ada Prova",
            "defined name: Stipendio_Rossi (riservato)",
            "Bianchi",
            "Codice fiscale",
            "Laura,Dario",
            "Ugo",
        ] {
            assert!(content.contains(said), "{said}: {content}");
        }
        assert!(!content.contains("Print_Area") && !content.contains("$A$1"), "{content}");
    }
}
