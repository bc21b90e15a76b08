//! What each part of an Office Open XML package holds, by its content type, else by its name, and what it refers to.

use std::collections::HashMap;

use crate::extract::office_xml::{Markup, Token};
use crate::extract::package::Package;
use crate::open::reader::ReadError;

const LONGEST_DIRECTORY: u64 = 16 << 20;
const MOST_RELATIONSHIPS: usize = 200_000;

/// What a part holds. Formatting parts hold nothing that a person wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Main,
    Glossary,
    Slide,
    Sheet,
    Header,
    Footer,
    Footnotes,
    Endnotes,
    Notes,
    Comments,
    ThreadedComments,
    Chart,
    Diagram,
    Drawing,
    VmlDrawing,
    Master,
    Pivot,
    Properties,
    /// Settings that may hold data: merge sources, document variables, connections, custom XML.
    Data,
    Relationships,
    Formatting,
    /// XML of no known kind.
    Xml,
    /// Pictures, embedded documents, macros.
    Member,
}

/// The content types of a package: by part, then by extension.
pub(super) struct ContentTypes {
    parts: HashMap<String, String>,
    extensions: HashMap<String, String>,
}

impl ContentTypes {
    pub(super) fn read(package: &mut Package<'_, '_>) -> Result<(Self, Vec<u8>), ReadError> {
        let bytes = package.small("[Content_Types].xml", LONGEST_DIRECTORY)?.unwrap_or_default();
        if let Some(index) = package.find("[Content_Types].xml") {
            package.dismiss(index);
        }
        let mut types = Self { parts: HashMap::new(), extensions: HashMap::new() };
        let mut part = bytes.as_slice();
        let mut markup = Markup::new(&mut part);
        while let Ok(Some(token)) = markup.next() {
            let Token::Open(tag) = token else { continue };
            let Some(kind) = tag.attribute("ContentType") else { continue };
            match tag.name() {
                "Override" => {
                    if let Some(name) = tag.attribute("PartName") {
                        types.parts.insert(name.trim_start_matches('/').to_lowercase(), kind);
                    }
                }
                "Default" => {
                    if let Some(extension) = tag.attribute("Extension") {
                        types.extensions.insert(extension.to_lowercase(), kind);
                    }
                }
                _ => {}
            }
        }
        Ok((types, bytes))
    }

    fn of(&self, name: &str) -> &str {
        let name = name.to_lowercase();
        if let Some(kind) = self.parts.get(&name) {
            return kind;
        }
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        self.extensions.get(extension).map_or("", String::as_str)
    }

    /// The content type of the main part, if the package names it.
    pub(super) fn main(&self) -> Option<&str> {
        let is_main = |kind: &&String| is_main(kind);
        self.parts.values().find(is_main).or_else(|| self.extensions.values().find(is_main)).map(String::as_str)
    }

    pub(super) fn kind(&self, name: &str) -> Kind {
        let lower = name.to_lowercase();
        if lower.rsplit_once('.').is_some_and(|(_, extension)| extension == "rels") {
            return Kind::Relationships;
        }
        match by_content_type(self.of(name)) {
            // What is said of an extension is not said of this part: `bin` is more than printer settings.
            Some(Kind::Formatting) if !self.parts.contains_key(&lower) => by_name(&lower),
            Some(kind) => kind,
            None => by_name(&lower),
        }
    }
}

fn is_main(content_type: &str) -> bool {
    // The template and slide show of PowerPoint, and all macro-enabled variants, end alike.
    let kind = content_type.rsplit_once('.').map_or("", |(_, kind)| kind);
    matches!(kind, "main+xml" | "main") && !content_type.contains("glossary")
}

fn by_content_type(content_type: &str) -> Option<Kind> {
    if is_main(content_type) {
        return Some(Kind::Main);
    }
    let kind = content_type.rsplit_once('.').map_or(content_type, |(_, kind)| kind);
    let kind = kind.strip_suffix("+xml").unwrap_or(kind);
    Some(match kind {
        "glossary" => Kind::Glossary,
        "slide" => Kind::Slide,
        "worksheet" | "chartsheet" | "dialogsheet" | "macrosheet" | "intlmacrosheet" => Kind::Sheet,
        "header" => Kind::Header,
        "footer" => Kind::Footer,
        "footnotes" => Kind::Footnotes,
        "endnotes" => Kind::Endnotes,
        "notesSlide" => Kind::Notes,
        "comments" => Kind::Comments,
        "threadedcomments" => Kind::ThreadedComments,
        "chart" | "chartex" | "drawingml.chart" => Kind::Chart,
        "diagramData" => Kind::Diagram,
        "drawing" | "chartshapes" | "userShapes" => Kind::Drawing,
        "vmlDrawing" => Kind::VmlDrawing,
        "slideMaster" | "slideLayout" | "notesMaster" | "handoutMaster" => Kind::Master,
        "pivotCacheDefinition" | "pivotCacheRecords" | "pivotTable" | "externalLink" => Kind::Pivot,
        "core-properties" | "extended-properties" | "custom-properties" => Kind::Properties,
        "settings" | "connections" | "person" | "people" | "queryTable" | "commentAuthors" | "authors" | "tags" => {
            Kind::Data
        }
        "styles"
        | "stylesWithEffects"
        | "theme"
        | "themeManager"
        | "fontTable"
        | "webSettings"
        | "numbering"
        | "customXmlProperties"
        | "presProps"
        | "viewProps"
        | "tableStyles"
        | "calcChain"
        | "sharedStrings"
        | "diagramLayout"
        | "diagramStyle"
        | "diagramColors"
        | "drawingml.diagramDrawing"
        | "diagramDrawing"
        | "chartstyle"
        | "chartcolorstyle"
        | "printerSettings"
        | "table"
        | "commentsExtended"
        | "commentsIds"
        | "commentsExtensible"
        | "slicer"
        | "slicerCache"
        | "themeOverride"
        | "sheetMetadata" => Kind::Formatting,
        _ => return None,
    })
}

#[expect(clippy::match_same_arms, reason = "the first match counts: special names stand before general ones")]
fn by_name(lower: &str) -> Kind {
    let (folder, file) = lower.rsplit_once('/').unwrap_or(("", lower));
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    let stem = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let last_folder = folder.rsplit('/').next().unwrap_or_default();
    match (last_folder, stem, extension) {
        ("glossary", "document", "xml") => Kind::Glossary,
        ("word", "document", "xml") | ("xl", "workbook", "xml" | "bin") | ("ppt", "presentation", "xml") => Kind::Main,
        ("slides", "slide", "xml") => Kind::Slide,
        ("worksheets", "binaryindex", "bin") => Kind::Formatting,
        ("worksheets" | "chartsheets" | "macrosheets" | "dialogsheets", _, "xml" | "bin") => Kind::Sheet,
        ("word" | "glossary", "header", "xml") => Kind::Header,
        ("word" | "glossary", "footer", "xml") => Kind::Footer,
        ("word" | "glossary", "footnotes", "xml") => Kind::Footnotes,
        ("word" | "glossary", "endnotes", "xml") => Kind::Endnotes,
        ("notesslides", _, "xml") => Kind::Notes,
        ("threadedcomments", _, "xml") => Kind::ThreadedComments,
        (_, "comments" | "comment", "xml" | "bin") => Kind::Comments,
        ("charts", "chart" | "chartex", "xml") => Kind::Chart,
        ("diagrams", "data", "xml") => Kind::Diagram,
        (_, "drawing", "xml") if last_folder == "drawings" => Kind::Drawing,
        (_, _, "vml") => Kind::VmlDrawing,
        ("slidemasters" | "slidelayouts" | "notesmasters" | "handoutmasters", _, "xml") => Kind::Master,
        ("pivotcache" | "pivottables" | "externallinks", _, "xml") => Kind::Pivot,
        ("docprops", "core" | "app" | "custom", "xml") => Kind::Properties,
        ("customxml" | "persons" | "word" | "xl", "item" | "person" | "settings" | "people" | "connections", "xml") => {
            Kind::Data
        }
        ("theme" | "diagrams" | "tables", _, "xml") => Kind::Formatting,
        (
            "word" | "glossary" | "xl" | "ppt",
            "styles" | "fonttable" | "websettings" | "numbering" | "calcchain" | "sharedstrings" | "presprops"
            | "viewprops" | "tablestyles",
            "xml" | "bin",
        )
        | ("printersettings", _, "bin") => Kind::Formatting,
        // Fonts that travel with the document.
        (_, _, "odttf" | "fntdata" | "ttf") => Kind::Formatting,
        (_, _, "xml") => Kind::Xml,
        _ => Kind::Member,
    }
}

/// What a part refers to.
#[derive(Clone, Debug)]
pub(super) struct Relationship {
    pub(super) id: String,
    /// Last part of the type: `hyperlink`, `slide`, `comments` ...
    pub(super) kind: String,
    /// The name of a part of the package, or as written when external.
    pub(super) target: String,
    pub(super) external: bool,
}

/// Read from the relationships part of `name`; empty if there is none or it is damaged.
pub(super) fn relationships(package: &mut Package<'_, '_>, name: &str) -> Result<Vec<Relationship>, ReadError> {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    let Some(bytes) = package.small(&format!("{folder}/_rels/{file}.rels"), LONGEST_DIRECTORY)? else {
        return Ok(Vec::new());
    };
    Ok(parse_relationships(&bytes, folder))
}

pub(super) fn parse_relationships(bytes: &[u8], folder: &str) -> Vec<Relationship> {
    let mut part = bytes;
    let mut markup = Markup::new(&mut part);
    let mut relationships = Vec::new();
    while let Ok(Some(token)) = markup.next() {
        let Token::Open(tag) = token else { continue };
        if tag.name() != "Relationship" || relationships.len() >= MOST_RELATIONSHIPS {
            continue;
        }
        let Some(target) = tag.attribute("Target") else { continue };
        let external = tag.attribute("TargetMode").is_some_and(|mode| mode.eq_ignore_ascii_case("external"));
        let kind = tag.attribute("Type").unwrap_or_default();
        relationships.push(Relationship {
            id: tag.attribute("Id").unwrap_or_default(),
            kind: kind.rsplit('/').next().unwrap_or_default().to_owned(),
            target: if external { target } else { resolve(folder, &target) },
            external,
        });
    }
    relationships
}

/// `../media/a.png` seen from `word/charts`.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_resolved_against_their_part() {
        assert_eq!(resolve("word/charts", "../media/a.png"), "word/media/a.png");
        assert_eq!(resolve("word", "/xl/a.xml"), "xl/a.xml");
        assert_eq!(resolve("", "../../x"), "x");
    }

    #[test]
    fn parts_are_known_by_type_or_name() {
        let kind = |ct: &str| by_content_type(&format!("application/vnd.openxmlformats-officedocument.{ct}"));
        assert_eq!(kind("wordprocessingml.document.main+xml"), Some(Kind::Main));
        assert_eq!(kind("wordprocessingml.footnotes+xml"), Some(Kind::Footnotes));
        assert_eq!(kind("drawingml.chart+xml"), Some(Kind::Chart));
        assert_eq!(by_name("word/header12.xml"), Kind::Header);
        assert_eq!(by_name("xl/worksheets/sheet1.bin"), Kind::Sheet);
        assert_eq!(by_name("word/media/image1.png"), Kind::Member);
        assert_eq!(by_name("word/people.xml"), Kind::Data);
    }
}
