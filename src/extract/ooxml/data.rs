//! Reads what the main text of an office document does not hold: properties, links, charts, caches, settings, embedded files.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::extract::office_xml::{Markup, Token};
use crate::extract::package::{Package, ends_the_file, tolerate};
use crate::extract::writer::TextWriter;
use crate::model::Place;
use crate::open::reader::ReadError;

use super::parts::{ContentTypes, Kind, parse_relationships};
use super::read_story;
use super::story::{Shapes, Spot};

/// Longest text of one property or setting.
const LONGEST_VALUE: usize = 1 << 20;

/// Takes every part that nobody took: nothing in the package stays unread without a word.
pub(super) fn read_rest(
    package: &mut Package<'_, '_>,
    types: &ContentTypes,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let mut unused = BTreeSet::new();
    let mut parts: Vec<(Kind, usize)> =
        package.untaken().into_iter().map(|index| (types.kind(package.name(index)), index)).collect();
    parts.sort_by_key(|(kind, _)| *kind);
    for (kind, index) in parts {
        let mut story = |package: &mut Package<'_, '_>, shapes: Shapes, title: &str| {
            read_story(package, index, writer, shapes, &mut unused, &|spot| titled(title, spot)).map(drop)
        };
        match kind {
            Kind::Chart => story(package, Shapes::All, "chart")?,
            Kind::Diagram => story(package, Shapes::All, "diagram")?,
            Kind::Drawing => story(package, Shapes::All, "drawing")?,
            Kind::Master => story(package, Shapes::WithoutPlaceholders, "master")?,
            Kind::Slide => story(package, Shapes::All, "slide")?,
            Kind::Notes => story(package, Shapes::All, "notes")?,
            Kind::Comments | Kind::ThreadedComments => story(package, Shapes::All, "comment")?,
            Kind::Glossary | Kind::Header | Kind::Footer | Kind::Footnotes | Kind::Endnotes => {
                story(package, Shapes::All, "document")?;
            }
            Kind::Properties => read_fields(package, index, writer, "properties", false)?,
            Kind::Pivot => read_fields(package, index, writer, "cached data", true)?,
            Kind::Data => read_fields(package, index, writer, "settings", true)?,
            Kind::Main | Kind::Sheet | Kind::Xml => read_fields(package, index, writer, "other data", true)?,
            Kind::VmlDrawing => read_vml(package, index, writer)?,
            Kind::Relationships => read_links(package, index, writer)?,
            Kind::Formatting => package.dismiss(index),
            Kind::Member => package.push_member(index, writer.sink()?)?,
        }
    }
    Ok(())
}

fn titled(title: &str, spot: Spot) -> Place {
    match spot.note {
        0 => Place::field(title),
        note => Place::field(&format!("{title} {note}")),
    }
}

/// Text boxes of old drawings. Programs write them with HTML that is not well-formed, and read them as such.
fn read_vml(package: &mut Package<'_, '_>, index: usize, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let result = package.part(index).and_then(|mut part| {
        let mut markup = Markup::new(&mut part);
        let mut text = String::new();
        let mut within = 0_usize;
        while let Some(token) = markup.next()? {
            match token {
                Token::Open(tag) if tag.name() == "textbox" => within += 1,
                Token::Close(end) if end.name() == "textbox" => {
                    within = within.saturating_sub(1);
                    writer.paragraph(Place::field("drawing"), text.trim())?;
                    text.clear();
                }
                Token::Text(more) if within > 0 && text.len() < LONGEST_VALUE => text.push_str(&more),
                _ => {}
            }
        }
        Ok(())
    });
    writer.flush()?;
    match result {
        Err(error) if ends_the_file(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Text of elements as `element: text`, and of the attributes that hold data in settings and caches.
fn read_fields(
    package: &mut Package<'_, '_>,
    index: usize,
    writer: &mut TextWriter<'_>,
    title: &str,
    attributes: bool,
) -> Result<(), ReadError> {
    let name = package.name(index).to_owned();
    let result = package
        .part(index)
        .and_then(|mut part| write_fields(&mut Markup::new(&mut part), writer, &Place::field(title), attributes));
    tolerate(result, &name, writer).map(drop)
}

fn write_fields(
    markup: &mut Markup<'_>,
    writer: &mut TextWriter<'_>,
    place: &Place,
    attributes: bool,
) -> Result<(), ReadError> {
    // The name of a custom property, of a cached column, of a document variable.
    let mut named: Option<Arc<str>> = None;
    let mut element = String::new();
    let mut text = String::new();
    let mut titles = false;
    loop {
        match markup.next()? {
            None => return Ok(()),
            Some(Token::Other) => {}
            Some(Token::Text(more)) => {
                if text.len() < LONGEST_VALUE {
                    text.push_str(&more);
                }
            }
            // Titles of the sheets and headings, which the document itself has.
            Some(Token::Open(tag)) if matches!(tag.name(), "TitlesOfParts" | "HeadingPairs") => {
                text.clear();
                titles = true;
            }
            Some(Token::Close(end)) if matches!(end.name(), "TitlesOfParts" | "HeadingPairs") => titles = false,
            Some(_) if titles => {}
            Some(Token::Open(tag)) => {
                element.clear();
                element.push_str(tag.name());
                text.clear();
                let mut values = Vec::new();
                match tag.name() {
                    "property" | "cacheField" | "docVar" => named = tag.attribute("name").map(Into::into),
                    _ => {}
                }
                if attributes {
                    let data: &[&str] = match tag.name() {
                        // Cached items: texts, dates, numbers.
                        "s" | "d" | "n" => &["v"],
                        "docVar" | "connectString" | "query" | "udl" | "dataSource" | "tag" | "sheetName" => &["val"],
                        "dbPr" => &["connection", "command"],
                        "connection" => &["name", "description", "sourceFile", "odcFile"],
                        "webPr" => &["url"],
                        "person" => &["displayName", "userId", "author"],
                        "cmAuthor" | "author" => &["name", "userId"],
                        "presenceInfo" => &["userId"],
                        // Names given to items of a pivot table, entries of a list to choose from.
                        "item" => &["n", "val"],
                        "ocxPr" => &["value"],
                        "definedName" | "userInfo" => &["name"],
                        "pivotCacheDefinition" => &["refreshedBy"],
                        _ => &[],
                    };
                    values.extend(data.iter().filter_map(|key| Some((*key, tag.attribute(key)?))));
                }
                for (key, value) in values.into_iter().filter(|(_, value)| !value.trim().is_empty()) {
                    let label = match (&named, key) {
                        (Some(named), "v" | "val") => Arc::clone(named),
                        _ => format!("{element} {key}").into(),
                    };
                    writer.field(place.clone(), &label, &value)?;
                    writer.end_record()?;
                }
            }
            Some(Token::Close(end)) => {
                let own = end.name() == element;
                if own && !text.trim().is_empty() && !is_statistic(&element) {
                    let label = match &named {
                        Some(named) => Arc::clone(named),
                        None => element.as_str().into(),
                    };
                    writer.field(place.clone(), &label, text.trim())?;
                    writer.end_record()?;
                } else if !own && !text.trim().is_empty() {
                    // Mixed content: text after a child.
                    writer.paragraph(place.clone(), text.trim())?;
                }
                if matches!(end.name(), "property" | "cacheField" | "docVar") {
                    named = None;
                }
                text.clear();
            }
        }
    }
}

/// Counts and dates that programs keep about a document and nobody wrote into it.
fn is_statistic(element: &str) -> bool {
    matches!(
        element,
        "TotalTime"
            | "Pages"
            | "Words"
            | "Characters"
            | "CharactersWithSpaces"
            | "Lines"
            | "Paragraphs"
            | "Slides"
            | "Notes"
            | "HiddenSlides"
            | "MMClips"
            | "ScaleCrop"
            | "LinksUpToDate"
            | "SharedDoc"
            | "HyperlinksChanged"
            | "AppVersion"
            | "Application"
            | "DocSecurity"
            | "revision"
            | "created"
            | "modified"
            | "lastPrinted"
            | "i4"
            | "bool"
    )
}

/// Where the document points outside: addresses of people, servers and files.
fn read_links(package: &mut Package<'_, '_>, index: usize, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let name = package.name(index).to_owned();
    package.dismiss(index);
    let Some(bytes) = package.small(&name, 16 << 20)? else {
        writer.sink()?.gap(crate::model::Reason::Malformed, &format!("the part {name} is damaged"));
        return Ok(());
    };
    let mut seen = BTreeSet::new();
    for relationship in parse_relationships(&bytes, "") {
        if relationship.external && seen.insert(relationship.target.clone()) {
            writer.paragraph(Place::field("link"), &relationship.target)?;
        }
    }
    Ok(())
}
