//! Reads PowerPoint presentations: slides in their order with notes, comments, tables, charts and diagrams.

use std::collections::BTreeSet;

use crate::extract::office_xml::{Markup, Token};
use crate::extract::package::Package;
use crate::extract::writer::TextWriter;
use crate::model::Place;
use crate::open::reader::ReadError;

use super::parts::{ContentTypes, Kind, relationships};
use super::story::{Shapes, Spot};
use super::{read_story, write_authors};

const LONGEST_LIST: u64 = 64 << 20;

pub(super) fn read(
    package: &mut Package<'_, '_>,
    types: &ContentTypes,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let mut authors = BTreeSet::new();
    for (position, slide) in in_order(package, types)?.into_iter().enumerate() {
        let page = u32::try_from(position + 1).unwrap_or(u32::MAX);
        let name = package.name(slide).to_owned();
        read_story(package, slide, writer, Shapes::All, &mut authors, &|spot| place(page, "", spot))?;
        for relationship in relationships(package, &name)? {
            if relationship.external {
                continue;
            }
            let Some(index) = package.find(&relationship.target).filter(|&index| !package.is_taken(index)) else {
                continue;
            };
            let title = match types.kind(package.name(index)) {
                Kind::Notes => "notes",
                Kind::Comments => "comment",
                Kind::Chart => "chart",
                Kind::Diagram => "diagram",
                Kind::Drawing => "drawing",
                _ => continue,
            };
            read_story(package, index, writer, Shapes::All, &mut authors, &|spot| place(page, title, spot))?;
        }
    }
    write_authors(authors, writer)
}

fn place(page: u32, title: &str, spot: Spot) -> Place {
    let field = match (title, spot.table) {
        ("", 0) => None,
        ("", table) => Some(format!("table {table}, row {}", spot.row)),
        (title, _) => Some(title.to_owned()),
    };
    Place { field: field.map(Into::into), ..Place::page(page) }
}

/// Slides as the presentation lists them, then those that it does not list.
fn in_order(package: &mut Package<'_, '_>, types: &ContentTypes) -> Result<Vec<usize>, ReadError> {
    let parts = package.untaken();
    let main = parts.iter().copied().find(|&index| types.kind(package.name(index)) == Kind::Main);
    let mut slides = Vec::new();
    if let Some(main) = main {
        let name = package.name(main).to_owned();
        let relationships = relationships(package, &name)?;
        let list = package.small(&name, LONGEST_LIST)?.unwrap_or_default();
        let mut part = list.as_slice();
        let mut markup = Markup::new(&mut part);
        while let Ok(Some(token)) = markup.next() {
            let Token::Open(tag) = token else { continue };
            if tag.name() != "sldId" {
                continue;
            }
            let Some(id) = tag.prefixed_attribute("id") else { continue };
            let target = relationships.iter().find(|relationship| relationship.id == id);
            if let Some(index) = target.and_then(|relationship| package.find(&relationship.target))
                && !slides.contains(&index)
            {
                slides.push(index);
            }
        }
        package.dismiss(main);
    }
    let unlisted = parts.into_iter().filter(|index| types.kind(package.name(*index)) == Kind::Slide);
    let mut unlisted: Vec<usize> = unlisted.filter(|index| !slides.contains(index)).collect();
    unlisted.sort_by_key(|&index| (package.name(index).len(), package.name(index).to_owned()));
    slides.extend(unlisted);
    if slides.is_empty() && main.is_none() {
        return Err(ReadError::malformed("office document", "its main part is missing"));
    }
    Ok(slides)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{package, read_bytes};

    #[test]
    fn slides_come_in_the_order_of_the_show() {
        let slide = |text: &str| format!("<p:sld><p:sp><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sp></p:sld>");
        let (one, two, notes) = (slide("eins"), slide("zwei"), slide("nota"));
        let bytes = package(&[
            (
                "ppt/presentation.xml",
                "<p:presentation><p:sldId id='256' r:id='r2'/><p:sldId id='257' r:id='r1'/></p:presentation>",
            ),
            (
                "ppt/_rels/presentation.xml.rels",
                "<Relationships><Relationship Id='r1' Type='x/slide' Target='slides/slide1.xml'/>\
                 <Relationship Id='r2' Type='x/slide' Target='slides/slide2.xml'/></Relationships>",
            ),
            ("ppt/slides/slide1.xml", &one),
            ("ppt/slides/slide2.xml", &two),
            (
                "ppt/slides/_rels/slide2.xml.rels",
                "<Relationships><Relationship Id='r1' Type='x/notesSlide' Target='../notesSlides/notesSlide1.xml'/>\
                 <Relationship Id='r3' Type='x/hyperlink' Target='mailto:a@b.example' TargetMode='External'/></Relationships>",
            ),
            ("ppt/notesSlides/notesSlide1.xml", &notes),
        ]);
        let collected = read_bytes(&bytes);
        assert_eq!(collected.content(), "zwei\nnota\neins\nmailto:a@b.example\n");
        let places: Vec<String> = collected.texts[0].pieces().iter().map(|piece| piece.place.to_string()).collect();
        assert_eq!(places, ["page 1", "page 1, notes", "page 2", "link"]);
    }

    #[test]
    fn comments_without_paragraphs_and_data_called_bin() {
        let bytes = package(&[
            (
                "[Content_Types].xml",
                "<Types><Default Extension='bin' ContentType='application/vnd.openxmlformats-officedocument.presentationml.printerSettings'/></Types>",
            ),
            ("ppt/presentation.xml", "<p:presentation/>"),
            (
                "ppt/comments/comment1.xml",
                "<p:cmLst><p:cm><p:pos x='1'/><p:text>Mario</p:text></p:cm><p:cm><p:text>Anna</p:text></p:cm></p:cmLst>",
            ),
            ("ppt/printerSettings/printerSettings1.bin", "x"),
            ("ppt/media/data1.bin", "Mario"),
        ]);
        let collected = read_bytes(&bytes);
        assert_eq!(collected.content(), "Mario\nAnna\n");
        assert_eq!(collected.member_names(), ["ppt/media/data1.bin"]);
    }
}
