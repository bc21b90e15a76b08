//! What a PDF holds beside its pages: metadata, bookmarks, form values, notes, attached files.

use std::collections::HashSet;
use std::io::Cursor;
use std::sync::Arc;

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream, String as PdfString};

use crate::extract::writer::TextWriter;
use crate::model::{Name as MemberName, Place, Protection, Reason};
use crate::open::budget::Budget;
use crate::open::reader::{Member, ReadError};

use super::stream;
use super::string::decode;

/// Nodes of one tree (fields, bookmarks, names).
const MAX_NODES: usize = 200_000;
/// Levels of one tree.
const MAX_LEVELS: usize = 64;
/// Bytes of one XML form.
const MAX_XML: usize = 64 << 20;

/// Nodes still to visit, and those that were: trees in hostile files are no trees.
struct Tree<'a, T> {
    pending: Vec<(Dict<'a>, T, usize)>,
    seen: HashSet<ObjectIdentifier>,
    left: usize,
}

impl<'a, T> Tree<'a, T> {
    fn new() -> Self {
        Self { pending: Vec::new(), seen: HashSet::new(), left: MAX_NODES }
    }

    fn push(&mut self, node: Dict<'a>, with: T, level: usize) {
        let fresh = node.obj_id().is_none_or(|id| self.seen.insert(id));
        if fresh && level < MAX_LEVELS {
            self.pending.push((node, with, level));
        }
    }

    fn pop(&mut self) -> Option<(Dict<'a>, T, usize)> {
        self.left = self.left.checked_sub(1)?;
        self.pending.pop()
    }
}

/// Dictionaries of an array, each with its own object id where it has one.
fn dicts<'a>(pdf: &'a Pdf, array: &Array<'a>) -> Vec<Dict<'a>> {
    array
        .raw_iter()
        .take(MAX_NODES)
        .filter_map(|item| match item {
            MaybeRef::Ref(reference) => pdf.xref().get::<Dict<'a>>(reference.into()),
            MaybeRef::NotRef(object) => object.into_dict(),
        })
        .collect()
}

/// The catalog, from which everything else hangs.
pub(super) fn catalog(pdf: &Pdf) -> Option<Dict<'_>> {
    pdf.xref().get::<Dict<'_>>(pdf.xref().root_id())
}

/// Title, author, subject and keywords.
pub(super) fn metadata(pdf: &Pdf, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let metadata = pdf.metadata();
    let mut any = false;
    for (label, value) in [
        ("Title", &metadata.title),
        ("Author", &metadata.author),
        ("Subject", &metadata.subject),
        ("Keywords", &metadata.keywords),
    ] {
        let value = value.as_deref().map(decode).unwrap_or_default();
        if !value.trim().is_empty() {
            writer.field(Place::field(label), &label.into(), value.trim())?;
            any = true;
        }
    }
    if any { writer.end_record() } else { Ok(()) }
}

/// The titles of the bookmarks, in reading order.
pub(super) fn bookmarks<'a>(catalog: &Dict<'a>, budget: &Budget, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let mut tree = Tree::new();
    if let Some(first) = catalog.get::<Dict<'a>>("Outlines").and_then(|outlines| outlines.get::<Dict<'a>>("First")) {
        tree.push(first, (), 0);
    }
    while let Some((node, (), level)) = tree.pop() {
        budget.check()?;
        if let Some(title) = node.get::<PdfString<'_>>("Title") {
            writer.paragraph(Place::field("bookmark"), &decode(title.as_bytes()))?;
        }
        if let Some(next) = node.get::<Dict<'a>>("Next") {
            tree.push(next, (), level);
        }
        if let Some(child) = node.get::<Dict<'a>>("First") {
            tree.push(child, (), level + 1);
        }
    }
    Ok(())
}

/// The values of a form, each with the label that a reader of the form is shown, else its name.
pub(super) fn form<'a>(
    pdf: &'a Pdf,
    catalog: &Dict<'a>,
    budget: &Budget,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let Some(form) = catalog.get::<Dict<'a>>("AcroForm") else { return Ok(()) };
    let mut tree = Tree::new();
    if let Some(fields) = form.get::<Array<'a>>("Fields") {
        let mut fields = dicts(pdf, &fields);
        fields.reverse();
        for field in fields {
            tree.push(field, String::new(), 0);
        }
    }
    let mut any = false;
    while let Some((field, mut name, level)) = tree.pop() {
        budget.check()?;
        if let Some(part) = field.get::<PdfString<'_>>("T") {
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(&decode(part.as_bytes()));
        }
        let value = value(&field);
        if !value.trim().is_empty() {
            let shown = field.get::<PdfString<'_>>("TU").map(|label| decode(label.as_bytes()));
            let label = shown.filter(|label| !label.trim().is_empty()).unwrap_or_else(|| name.clone());
            writer.field(Place::field(&name), &Arc::from(label.trim()), value.trim())?;
            any = true;
        }
        if let Some(kids) = field.get::<Array<'a>>("Kids") {
            let mut kids = dicts(pdf, &kids);
            kids.reverse();
            for kid in kids {
                tree.push(kid, name.clone(), level + 1);
            }
        }
    }
    if any {
        writer.end_record()?;
    }
    xml_form(&form, budget, writer)
}

fn value(field: &Dict<'_>) -> String {
    match field.get::<Object<'_>>("V") {
        Some(Object::String(text)) => decode(text.as_bytes()),
        Some(Object::Stream(text)) => stream::decode(&text, MAX_XML).map(|text| decode(&text)).unwrap_or_default(),
        Some(Object::Array(items)) => {
            let items = items.iter::<PdfString<'_>>().take(10_000).map(|item| decode(item.as_bytes()));
            items.collect::<Vec<_>>().join("\n")
        }
        // Names are states of check boxes.
        _ => String::new(),
    }
}

/// The data of an XFA form (an XML form inside the PDF; the pages may show nothing of it).
fn xml_form(form: &Dict<'_>, budget: &Budget, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let streams: Vec<Stream<'_>> = match form.get::<Object<'_>>("XFA") {
        Some(Object::Stream(all)) => vec![all],
        Some(Object::Array(packets)) => {
            let mut wanted = false;
            let mut found = Vec::new();
            for packet in packets.iter::<Object<'_>>().take(1000) {
                match packet {
                    Object::String(name) => wanted = name.as_bytes() == b"datasets",
                    Object::Stream(packet) if wanted => found.push(packet),
                    _ => {}
                }
            }
            found
        }
        _ => return Ok(()),
    };
    for packet in streams {
        match stream::decode(&packet, MAX_XML) {
            Ok(xml) => super::xml::data_fields(&xml, budget, writer)?,
            Err(_) => writer.sink()?.gap(Reason::Malformed, "the data of an XML form does not decode"),
        }
    }
    Ok(())
}

/// The notes of one page: what was typed into them, and who wrote them.
pub(super) fn notes<'a>(
    page: &Dict<'a>,
    number: u32,
    budget: &Budget,
    files: &mut Vec<Dict<'a>>,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let Some(annotations) = page.get::<Array<'a>>("Annots") else { return Ok(()) };
    for annotation in annotations.iter::<Dict<'a>>().take(MAX_NODES) {
        budget.check()?;
        let subtype = annotation.get::<Name<'_>>("Subtype");
        match subtype.as_ref().map(AsRef::as_ref) {
            Some(b"FileAttachment") => files.extend(annotation.get::<Dict<'a>>("FS")),
            // A link names its target, which may be an address.
            Some(b"Link") => {
                let uri = annotation.get::<Dict<'_>>("A").and_then(|action| action.get::<PdfString<'_>>("URI"));
                if let Some(uri) = uri {
                    let place = Place { page: Some(number), ..Place::field("link") };
                    writer.paragraph(place, &String::from_utf8_lossy(uri.as_bytes()))?;
                }
            }
            _ => {}
        }
        let text =
            |key: &str| annotation.get::<PdfString<'_>>(key).map(|text| decode(text.as_bytes())).unwrap_or_default();
        let contents = text("Contents");
        if contents.trim().is_empty() {
            continue;
        }
        let author =
            if subtype.is_some_and(|subtype| subtype.as_ref() == b"Widget") { String::new() } else { text("T") };
        let place = Place { page: Some(number), ..Place::field("note") };
        let note = if author.trim().is_empty() { contents } else { format!("{author}\n{contents}") };
        writer.paragraph(place, &note)?;
    }
    Ok(())
}

/// Hands over the files inside: of the name tree, and those that notes carry. Those of a
/// document that encrypts nothing else are `sealed`.
pub(super) fn attachments<'a>(
    catalog: &Dict<'a>,
    pdf: &'a Pdf,
    mut files: Vec<Dict<'a>>,
    sealed: Option<Protection>,
    budget: &Budget,
    writer: &mut TextWriter<'_>,
) -> Result<(), ReadError> {
    let mut tree = Tree::new();
    let names = catalog.get::<Dict<'a>>("Names").and_then(|names| names.get::<Dict<'a>>("EmbeddedFiles"));
    if let Some(root) = names {
        tree.push(root, (), 0);
    }
    while let Some((node, (), level)) = tree.pop() {
        budget.check()?;
        if let Some(names) = node.get::<Array<'a>>("Names") {
            files.extend(dicts(pdf, &names));
        }
        if let Some(kids) = node.get::<Array<'a>>("Kids") {
            for kid in dicts(pdf, &kids) {
                tree.push(kid, (), level + 1);
            }
        }
    }
    if let Some(associated) = catalog.get::<Array<'a>>("AF") {
        files.extend(dicts(pdf, &associated));
    }
    let mut seen = HashSet::new();
    for file in files {
        let Some(content) = file.get::<Dict<'a>>("EF").and_then(|streams| {
            ["UF", "F", "Unix", "DOS", "Mac"].iter().find_map(|key| streams.get::<Stream<'a>>(key))
        }) else {
            continue;
        };
        if !seen.insert(content.obj_id()) {
            continue;
        }
        budget.spend_member()?;
        let name = ["UF", "F", "Unix", "DOS", "Mac"].iter().find_map(|key| file.get::<PdfString<'_>>(key));
        let name = name.map(|name| decode(name.as_bytes())).filter(|name| !name.trim().is_empty());
        let mut member = Member::new(MemberName::from(name.unwrap_or_else(|| "attachment".to_owned())));
        member.media_type = content.dict().get::<Name<'_>>("Subtype").map(|subtype| subtype.as_str().to_owned());
        member.packed_size = Some(content.raw_data().len() as u64);
        if sealed.is_some() {
            member.protection.clone_from(&sealed);
            writer.sink()?.member_unread(member, Reason::Encrypted, "an attached file that needs the password");
            continue;
        }
        let limit = usize::try_from(budget.limits().member_bytes).unwrap_or(usize::MAX);
        match stream::decode(&content, limit) {
            Ok(bytes) => {
                member.size = Some(bytes.len() as u64);
                writer.sink()?.member(member, &mut Cursor::new(bytes))?;
            }
            // An image filter: the stored bytes are the file.
            Err(stream::Fault::Undecodable) => {
                writer.sink()?.member_unread(member, Reason::Malformed, "an attached file does not decode");
            }
            Err(stream::Fault::TooLarge) => {
                writer.sink()?.member_unread(member, Reason::MemberTooLarge, "an attached file is too large");
            }
        }
    }
    Ok(())
}
