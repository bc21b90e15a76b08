//! Reads Visio drawings: the texts of shapes, what is known of them (shape data), links, and the names of pages.
//!
//! Specification: [MS-VSDX].

use crate::extract::office_xml::{Markup, Token};
use crate::extract::package::{Package, tolerate};
use crate::extract::writer::TextWriter;
use crate::model::Place;
use crate::open::reader::ReadError;

/// Bytes of the text of one shape that are kept together.
const LONGEST: usize = 1 << 20;

pub(super) fn read(package: &mut Package<'_, '_>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let mut names: Vec<(String, usize)> =
        package.untaken().into_iter().map(|index| (package.name(index).to_lowercase(), index)).collect();
    // Page 2 before page 10.
    names.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
    for (name, index) in names {
        let Some(rest) = name.strip_prefix("visio/") else { continue };
        let is_xml = rest.rsplit_once('.').is_some_and(|(_, extension)| extension == "xml");
        match rest.split_once('/') {
            Some(("pages", _)) if is_xml => read_shapes(package, index, "page", writer)?,
            Some(("masters", _)) if is_xml => read_shapes(package, index, "master", writer)?,
            // Rows of a database that shapes are linked to: XML of another kind.
            Some(("data", _)) if is_xml => package.push_member(index, writer.sink()?)?,
            Some(("theme", _)) => package.dismiss(index),
            None if matches!(rest, "document.xml" | "windows.xml") => package.dismiss(index),
            _ => {}
        }
    }
    Ok(())
}

fn read_shapes(
    package: &mut Package<'_, '_>,
    index: usize,
    title: &str,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let name = package.name(index).to_owned();
    let number: String = name.chars().filter(char::is_ascii_digit).collect();
    let place = Place::field(format!("{title} {number}").trim_end());
    let result =
        package.part(index).and_then(|mut part| write_shapes(&mut Markup::new(&mut part), &place, title, writer));
    tolerate(result, &name, writer).map(drop)
}

fn write_shapes(
    markup: &mut Markup<'_>,
    place: &Place,
    title: &str,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let mut text: Option<String> = None;
    let mut section = String::new();
    // Label and value of a row of shape data.
    let mut row = (String::new(), String::new());
    while let Some(token) = markup.next()? {
        match token {
            Token::Text(more) => {
                if let Some(text) = text.as_mut().filter(|text| text.len() < LONGEST) {
                    text.push_str(&more);
                }
            }
            Token::Open(tag) => match tag.name() {
                "Text" => text = Some(String::new()),
                "Page" if title == "page" => {
                    if let Some(name) = tag.attribute("Name") {
                        writer.paragraph(place.clone(), &name)?;
                    }
                }
                "Section" => section = tag.attribute("N").unwrap_or_default(),
                "Row" => row = (String::new(), String::new()),
                "Cell" => {
                    let value = || tag.attribute("V").unwrap_or_default();
                    match (section.as_str(), tag.attribute("N").as_deref()) {
                        ("Property", Some("Label")) => row.0 = value(),
                        ("Property", Some("Value")) => row.1 = value(),
                        ("Hyperlink", Some("Address" | "Description")) => writer.paragraph(place.clone(), &value())?,
                        _ => {}
                    }
                }
                _ => {}
            },
            Token::Close(end) => match end.name() {
                "Text" => {
                    let text = text.take().unwrap_or_default();
                    text.lines().try_for_each(|line| writer.paragraph(place.clone(), line))?;
                }
                "Section" => section.clear(),
                "Row" if section == "Property" && !row.1.trim().is_empty() => {
                    let label = if row.0.is_empty() { "value" } else { row.0.as_str() };
                    writer.field(place.clone(), &label.into(), &row.1)?;
                }
                "Shape" => writer.end_record()?,
                _ => {}
            },
            Token::Other => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{package, read_bytes};

    #[test]
    fn texts_data_and_links_of_shapes() {
        let bytes = package(&[
            ("[Content_Types].xml", "<Types/>"),
            ("visio/document.xml", "<VisioDocument><StyleSheet Name='x'/></VisioDocument>"),
            ("visio/pages/pages.xml", "<Pages><Page ID='0' Name='Organigramma'/></Pages>"),
            (
                "visio/pages/page1.xml",
                "<PageContents><Shapes><Shape><Cell N='PinX' V='6.984375'/><Text><cp IX='0'/>Laura <cp IX='1'/>Bianchi\n\
                 Direttrice</Text><Section N='Property'><Row N='Row_1'><Cell N='Value' V='4711'/><Cell N='Label' V='Matricola'/>\
                 </Row></Section><Section N='Hyperlink'><Row><Cell N='Address' V='mailto:laura@example.org'/></Row></Section>\
                 </Shape></Shapes></PageContents>",
            ),
            ("visio/media/image1.png", "png"),
        ]);
        let collected = read_bytes(&bytes);
        assert!(collected.error.is_none(), "{:?}", collected.error);
        let content = collected.content();
        for said in ["Organigramma\n", "Laura Bianchi\nDirettrice\n", "Matricola: 4711\n", "mailto:laura@example.org\n"]
        {
            assert!(content.contains(said), "{said}: {content}");
        }
        assert!(!content.contains("6.98"), "{content}");
        assert_eq!(collected.member_names(), ["visio/media/image1.png"]);
    }
}
