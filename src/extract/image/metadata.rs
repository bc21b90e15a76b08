//! What people and programs wrote into a picture: XMP packets and IPTC records, as labelled values.
//!
//! XMP is ISO 16684-1; the records are those of IPTC-IIM 4.2 within Photoshop's blocks.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::open::budget::Budget;
use crate::open::reader::ReadError;

/// Values of one picture.
const MOST: usize = 500;
/// Characters of one value.
const LONGEST: usize = 16 * 1024;

/// Vocabularies that describe the file and its making, and no content.
const TECHNICAL: &[&str] = &[
    "xmpMM", "stEvt", "stRef", "crs", "tiff", "exif", "exifEX", "aux", "x", "xml", "xmlns", "stDim", "stArea", "hdrgm",
    "GPano",
];
const TECHNICAL_NAMES: &[&str] = &[
    "CreateDate",
    "ModifyDate",
    "MetadataDate",
    "CreatorTool",
    "Rating",
    "format",
    "ColorMode",
    "ICCProfile",
    "DateCreated",
    "Toolkit",
    "about",
    "parseType",
    "lang",
];

/// The text of the elements and attributes of a packet that are not technical.
pub(super) fn xmp(packet: &[u8], budget: &Budget) -> Result<Vec<(String, String)>, ReadError> {
    let packet = crate::extract::charset::decode(packet);
    let mut reader = Reader::from_str(&packet);
    reader.config_mut().check_end_names = false;
    let mut found = Vec::new();
    // The property that the text belongs to: lists and structures stand between.
    let mut path: Vec<String> = Vec::new();
    let mut value = String::new();
    while found.len() < MOST {
        budget.check()?;
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                attributes(&element, &mut found);
                path.push(element.name().as_ref().to_owned());
                value.clear();
                if path.len() > 64 {
                    break;
                }
            }
            Ok(Event::Empty(element)) => attributes(&element, &mut found),
            Ok(Event::Text(text)) if value.len() < LONGEST => value.push_str(&text),
            Ok(Event::CData(text)) if value.len() < LONGEST => value.push_str(&text),
            Ok(Event::GeneralRef(reference)) => value.push(match reference.as_ref() {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                _ => reference.resolve_char_ref().ok().flatten().unwrap_or(' '),
            }),
            Ok(Event::End(_)) => {
                let property = path.iter().rev().find(|name| !name.starts_with("rdf:"));
                if let Some(property) = property {
                    push(property, &value, &mut found);
                }
                value.clear();
                path.pop();
            }
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    Ok(found)
}

fn attributes(element: &BytesStart<'_>, found: &mut Vec<(String, String)>) {
    for attribute in element.attributes().with_checks(false).flatten().take(100) {
        let value = attribute.value.replace("&amp;", "&").replace("&quot;", "\"").replace("&lt;", "<");
        push(attribute.key.as_ref(), &value, found);
    }
}

fn push(name: &str, value: &str, found: &mut Vec<(String, String)>) {
    let (vocabulary, local) = name.split_once(':').unwrap_or(("", name));
    let value = value.trim();
    let is_content = !TECHNICAL.contains(&vocabulary) && !TECHNICAL_NAMES.contains(&local) && vocabulary != "rdf";
    if is_content && value.chars().any(char::is_alphanumeric) && !value.starts_with("http") {
        found.push((local.to_owned(), value.to_owned()));
    }
}

/// Data sets of the second record of IPTC-IIM that hold text.
const DATA_SETS: &[(u8, &str)] = &[
    (5, "Title"),
    (25, "Keywords"),
    (40, "Instructions"),
    (80, "Author"),
    (85, "Role"),
    (90, "City"),
    (92, "Place"),
    (95, "Province"),
    (101, "Country"),
    (105, "Headline"),
    (110, "Credit"),
    (115, "Source"),
    (116, "Copyright"),
    (118, "Contact"),
    (120, "Description"),
    (122, "Author"),
];

/// The text of an IPTC record, or of the Photoshop blocks around one.
pub(super) fn iptc(block: &[u8]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut at = memchr::memmem::find(block, b"\x1c\x02").unwrap_or(block.len());
    while let Some([0x1c, record, set, high, low]) = block.get(at..at + 5)
        && found.len() < MOST
    {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(value) = block.get(at + 5..at + 5 + length) else { break };
        let label = DATA_SETS.iter().find(|(known, _)| (*record, set) == (2, known));
        let text = crate::extract::charset::decode(value);
        if let Some((_, label)) = label
            && text.chars().any(char::is_alphanumeric)
        {
            found.push(((*label).to_owned(), text.trim().to_owned()));
        }
        at += 5 + length;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::Limits;

    #[test]
    fn people_in_a_packet() {
        let budget = Budget::new(Limits::default(), 1, std::sync::Arc::default());
        let packet = br#"<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Core 5"><rdf:RDF>
            <rdf:Description rdf:about="" photoshop:City="Arezzo" xmp:CreatorTool="GIMP" tiff:Make="X">
            <dc:creator><rdf:Seq><rdf:li>Elisa Fiorvanti</rdf:li></rdf:Seq></dc:creator>
            <dc:description><rdf:Alt><rdf:li xml:lang="x-default">Visita &amp; cura</rdf:li></rdf:Alt></dc:description>
            <mwg-rs:Name>Marco Bardelloni</mwg-rs:Name><xmpMM:DocumentID>xmp.did:1</xmpMM:DocumentID>
            </rdf:Description></rdf:RDF></x:xmpmeta>"#;
        let found = xmp(packet, &budget).unwrap();
        let expected = [
            ("City", "Arezzo"),
            ("creator", "Elisa Fiorvanti"),
            ("description", "Visita & cura"),
            ("Name", "Marco Bardelloni"),
        ];
        assert_eq!(found, expected.map(|(label, value)| (label.to_owned(), value.to_owned())));
        for length in 0..packet.len() {
            assert!(xmp(&packet[..length], &budget).is_ok());
        }
    }

    #[test]
    fn people_in_a_record() {
        let mut block = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x30".to_vec();
        for (set, value) in [(0u8, "\u{2}"), (80, "Elisa Fiorvanti"), (90, "Arezzo"), (200, "x")] {
            block.extend([0x1c, 2, set, 0, u8::try_from(value.len()).unwrap()]);
            block.extend(value.as_bytes());
        }
        let expected = [("Author", "Elisa Fiorvanti"), ("City", "Arezzo")];
        assert_eq!(iptc(&block), expected.map(|(label, value)| (label.to_owned(), value.to_owned())));
        for length in 0..block.len() {
            iptc(&block[..length]);
        }
    }
}
