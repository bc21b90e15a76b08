//! Reads Word documents: body, headers and footers, notes and comments, in the order a reader meets them.

use std::collections::BTreeSet;

use crate::extract::package::Package;
use crate::extract::writer::TextWriter;
use crate::model::Place;
use crate::open::reader::ReadError;

use super::parts::{ContentTypes, Kind};
use super::story::{Shapes, Spot};
use super::{read_story, write_authors};

pub(super) fn read(
    package: &mut Package<'_, '_>,
    types: &ContentTypes,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let mut parts: Vec<(Kind, usize)> = package
        .untaken()
        .into_iter()
        .map(|index| (types.kind(package.name(index)), index))
        .filter(|(kind, _)| part_title(*kind).is_some())
        .collect();
    parts.sort_by_key(|(kind, _)| *kind);
    if parts.first().is_none_or(|(kind, _)| *kind != Kind::Main) {
        return Err(ReadError::malformed("office document", "its main part is missing"));
    }
    let mut authors = BTreeSet::new();
    for (kind, index) in parts {
        let title = part_title(kind).unwrap_or_default();
        let place = |spot: Spot| Place::field(&describe(title, spot));
        read_story(package, index, writer, Shapes::All, &mut authors, &place)?;
    }
    write_authors(authors, writer)
}

fn part_title(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Main => "",
        Kind::Glossary => "building blocks",
        Kind::Header => "header",
        Kind::Footer => "footer",
        Kind::Footnotes => "footnote",
        Kind::Endnotes => "endnote",
        Kind::Comments => "comment",
        _ => return None,
    })
}

/// Word shows neither line nor page numbers of its file; paragraphs and tables can be counted.
fn describe(title: &str, spot: Spot) -> String {
    let Spot { paragraph, table, row, note } = spot;
    let within = match (table, row) {
        (0, _) if title.is_empty() => format!("paragraph {paragraph}"),
        (0, _) => String::new(),
        (table, row) => format!("table {table}, row {row}"),
    };
    match (title, note) {
        ("", _) => within,
        (title, 0) if within.is_empty() => title.to_owned(),
        (title, 0) => format!("{title}, {within}"),
        (title, note) => format!("{title} {note}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{docx, read_bytes};
    use crate::model::Reason;

    fn check(body: &str, expected: &str) {
        let collected = read_bytes(&docx(body, &[]));
        assert_eq!(collected.error.map(|e| e.to_string()), None);
        assert_eq!(collected.texts.iter().map(crate::model::Text::content).collect::<String>(), expected);
    }

    #[test]
    fn runs_join_without_spaces() {
        check(
            "<w:p><w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr><w:r><w:t>RSSMRA</w:t></w:r>\
             <w:r><w:rPr><w:b/></w:rPr><w:t>80A01</w:t></w:r><w:ins w:author=''><w:r><w:t>H501U</w:t></w:r></w:ins>\
             <w:r><w:tab/><w:t>x</w:t><w:br/><w:t>y</w:t></w:r></w:p>",
            "RSSMRA80A01H501U\tx\ny\n",
        );
    }

    #[test]
    fn deleted_text_is_in_plain_sight() {
        check(
            "<w:p><w:r><w:t>a</w:t></w:r><w:del w:author='Ugo Prova'><w:r><w:delText>b</w:delText></w:r></w:del></w:p>",
            "ab\nauthor: Ugo Prova\n",
        );
    }

    #[test]
    fn a_text_box_is_read_once() {
        check(
            "<w:p><w:r><w:t>out</w:t></w:r><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:txbxContent>\
             <w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>\
             <w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>",
            "box\nout\n",
        );
    }

    fn table(rows: &[&[&str]]) -> String {
        let cell = |text: &&str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
        let row = |row: &&[&str]| format!("<w:tr>{}</w:tr>", row.iter().map(cell).collect::<String>());
        format!("<w:tbl>{}</w:tbl>", rows.iter().map(row).collect::<String>())
    }

    fn labels(body: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let collected = read_bytes(&docx(body, &[]));
        let text = collected.texts.first().unwrap();
        text.pieces()
            .iter()
            .map(|p| {
                let content = text.piece_content(p.start).trim().to_owned();
                (content, p.label.as_deref().map(str::to_owned), p.place.field.as_deref().map(str::to_owned))
            })
            .collect()
    }

    #[test]
    fn table_cells_carry_their_headers() {
        let pieces = labels(&table(&[&["Nome", "CF", "Sede"], &["Anna", "X1", "Roma"]]));
        let cell = |i: usize| pieces.get(i).cloned().unwrap();
        assert_eq!(cell(0), ("Nome".into(), None, Some("table 1, row 1".into())));
        assert_eq!(cell(4), ("X1".into(), Some("CF".into()), Some("table 1, row 2".into())));
    }

    #[test]
    fn forms_name_their_right_cells() {
        let pieces = labels(&table(&[&["Cognome:", "Rossi"], &["Matricola:", "00123"]]));
        assert_eq!(pieces.get(3).cloned().unwrap().1.as_deref(), Some("Matricola"));
    }

    #[test]
    fn a_truncated_body_keeps_what_was_read() {
        let collected = read_bytes(&docx("<w:p><w:r><w:t>kept</w:t></w:r></w:p><w:p><w:r><w:t>", &[]));
        assert_eq!(collected.content(), "kept\n");
        assert_eq!(collected.gaps.iter().map(|(r, _)| *r).collect::<Vec<_>>(), [Reason::Malformed]);
    }

    #[test]
    fn what_stands_in_attributes_is_read() {
        check(
            "<w:p><w:r><w:drawing><wp:docPr title='Foto' descr='di Anna'/></w:drawing><w:pict><v:shape alt='firma'/>\
             <v:textpath string='BOZZA'/></w:pict><w:fldChar><w:ffData><w:checkBox><w:default w:val='0'/></w:checkBox>\
             <w:textInput><w:default w:val='Rossi'/></w:textInput></w:ffData></w:fldChar>\
             <w:instrText>XE \"Bianchi, Laura\"</w:instrText><w:instrText> </w:instrText></w:r></w:p>\
             <w:sdt><w:sdtPr><w:listItem w:displayText='Ugo' w:value='1'/></w:sdtPr></w:sdt>\
             <w:tbl><w:tblPr><w:tblCaption w:val='Paghe'/></w:tblPr></w:tbl>",
            "Foto\ndi Anna\nfirma\nBOZZA\nRossi\nXE \"Bianchi, Laura\"\nUgo\nPaghe\n",
        );
    }

    #[test]
    fn other_parts_and_members_are_kept() {
        let parts: [(&str, &str); 4] = [
            ("word/header1.xml", "<w:hdr><w:p><w:r><w:t>RISERVATO</w:t></w:r></w:p></w:hdr>"),
            (
                "word/comments.xml",
                "<w:comments><w:comment w:author='Ada'><w:p><w:r><w:t>nota</w:t></w:r></w:p></w:comment></w:comments>",
            ),
            ("word/media/image1.png", "png"),
            ("docProps/core.xml", "<cp:coreProperties><dc:creator>Eva Prova</dc:creator></cp:coreProperties>"),
        ];
        let collected = read_bytes(&docx("<w:p/>", &parts));
        assert_eq!(collected.content(), "RISERVATO\nnota\nauthor: Ada\ncreator: Eva Prova\n");
        assert_eq!(collected.member_names(), ["word/media/image1.png"]);
    }
}
