//! The elements of WordprocessingML and DrawingML that matter to a reader, with the attributes they need.

use crate::extract::office_xml::Tag;

/// The elements that matter, of both vocabularies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    Paragraph,
    Text,
    Instruction,
    Tab,
    Break,
    Hyphen,
    Properties,
    Table,
    Row,
    Cell,
    Note,
    Alternative,
    Fallback,
    Shape,
    Placeholder,
    Cache,
    Value,
    Description,
    Ignored,
    Other,
}

impl From<&str> for Element {
    fn from(name: &str) -> Self {
        match name {
            // A comment of PowerPoint before 2019 is one text without paragraphs.
            "p" | "cm" => Self::Paragraph,
            "t" | "delText" | "text" => Self::Text,
            "instrText" | "delInstrText" => Self::Instruction,
            "tab" | "ptab" => Self::Tab,
            "br" | "cr" => Self::Break,
            "noBreakHyphen" => Self::Hyphen,
            "pPr" | "rPr" | "tblPr" | "tcPr" | "trPr" | "sectPr" | "bodyPr" | "lstStyle" | "defRPr" | "endParaRPr"
            | "spPr" => Self::Properties,
            "tbl" => Self::Table,
            "tr" => Self::Row,
            "tc" => Self::Cell,
            "footnote" | "endnote" | "comment" => Self::Note,
            "AlternateContent" => Self::Alternative,
            "Fallback" => Self::Fallback,
            "sp" => Self::Shape,
            "ph" => Self::Placeholder,
            "strCache" | "numCache" | "lvl" | "strLit" | "numLit" => Self::Cache,
            "v" => Self::Value,
            // What stands in attributes: other texts of pictures, forms, lists to choose from.
            "docPr" | "cNvPr" | "hyperlink" | "shape" | "rect" | "roundrect" | "oval" | "textpath" | "listItem"
            | "alias" | "tag" | "listEntry" | "helpText" | "statusText" | "default" => Self::Description,
            _ => Self::Other,
        }
    }
}

/// A tag with the attributes that its element needs.
pub(super) struct Opened {
    pub(super) element: Element,
    pub(super) author: Option<String>,
    pub(super) description: Option<String>,
    pub(super) span: u32,
    /// A placeholder whose text is only shown to the author of a slide.
    pub(super) placeholder: bool,
}

impl From<&Tag<'_>> for Opened {
    fn from(tag: &Tag<'_>) -> Self {
        let mut element = Element::from(tag.name());
        let mut opened = Self { element, author: None, description: None, span: 1, placeholder: false };
        match tag.name() {
            "ins" | "del" | "moveFrom" | "moveTo" | "comment" => opened.author = tag.attribute("author"),
            "docPr" | "cNvPr" => {
                let texts = [tag.attribute("title"), tag.attribute("descr")];
                opened.description =
                    texts.into_iter().flatten().reduce(|a, b| if a == b { a } else { format!("{a}\n{b}") });
            }
            "hyperlink" => opened.description = tag.attribute("tooltip"),
            "shape" | "rect" | "roundrect" | "oval" => opened.description = tag.attribute("alt"),
            "textpath" => opened.description = tag.attribute("string"),
            "listItem" => opened.description = tag.attribute("displayText").or_else(|| tag.attribute("value")),
            "alias" | "tag" | "listEntry" | "helpText" | "statusText" | "default" => {
                // The state of a check box is no text.
                opened.description = tag.attribute("val").filter(|text| text.len() > 1);
            }
            "tc" => opened.span = tag.attribute("gridSpan").and_then(|span| span.parse().ok()).unwrap_or(1).min(1000),
            "ph" => {
                let kind = tag.attribute("type").unwrap_or_default();
                opened.placeholder = !matches!(kind.as_str(), "ftr" | "hdr");
            }
            // In WordprocessingML: a table of a glossary's building blocks, not of cells.
            "docPartPr" => element = Element::Ignored,
            _ => {}
        }
        opened.element = element;
        opened
    }
}
