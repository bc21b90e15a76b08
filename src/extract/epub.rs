//! Reads e-books (epub): chapters in their reading order, and what the book says of itself.
//!
//! <https://www.w3.org/TR/epub-33/>. Pictures and other files of the book become items.

use std::collections::HashMap;

use crate::identify::Format;
use crate::model::{Place, Protection};
use crate::open::reader::{ReadError, Reader, Sink};
use crate::open::{Access, Budget, Input};

use super::charset::TextStream;
use super::html;
use super::office_xml::{Markup, Token};
use super::package::{Package, tolerate};
use super::writer::TextWriter;

const LONGEST_LIST: u64 = 16 << 20;
const MOST_CHAPTERS: usize = 100_000;

pub struct Epub;

impl Reader for Epub {
    fn name(&self) -> &'static str {
        "epub"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Epub]
    }

    fn access(&self) -> Access {
        Access::Seek
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut package = Package::open(input, budget, "e-book")?;
        if let Some(protection) = sealed(&mut package)? {
            sink.protection(protection);
            return Err(ReadError::Encrypted);
        }
        let mut writer = TextWriter::new(sink);
        let result = read_book(&mut package, &mut writer);
        // What was read before the end of a budget counts.
        writer.finish()?;
        result
    }
}

/// The verdict on a book whose files are encrypted (XML Encryption). Fonts alone may be, too, against
/// being copied: with a key that stands in the book.
fn sealed(package: &mut Package<'_, '_>) -> Result<Option<Protection>, ReadError> {
    let Some(list) = package.small("META-INF/encryption.xml", LONGEST_LIST)? else { return Ok(None) };
    let mut part = list.as_slice();
    let mut markup = Markup::new(&mut part);
    let mut cipher = None;
    while let Ok(Some(token)) = markup.next() {
        let Token::Open(tag) = token else { continue };
        match tag.name() {
            "EncryptedData" => cipher = None,
            "EncryptionMethod" => {
                let algorithm = tag.attribute("Algorithm").unwrap_or_default();
                cipher =
                    algorithm.rsplit_once('#').map(|(_, name)| name.to_owned()).filter(|name| name.contains("aes"));
            }
            "CipherReference" => {
                let target = tag.attribute("URI").unwrap_or_default().to_lowercase();
                let extension = target.rsplit('.').next().unwrap_or_default();
                if let Some(cipher) = cipher.as_ref().filter(|_| matches!(extension, "html" | "xhtml" | "htm")) {
                    let evidence = format!("META-INF/encryption.xml: a chapter is encrypted ({cipher})");
                    return Ok(Some(Protection::strong("epub-aes", evidence).with_names_exposed()));
                }
            }
            _ => {}
        }
    }
    Ok(None)
}

fn read_book(package: &mut Package<'_, '_>, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let list = match package.small("META-INF/container.xml", LONGEST_LIST)? {
        Some(container) => root_file(&container).filter(|path| package.find(path).is_some()),
        None => None,
    };
    let mut chapters = Vec::new();
    if let Some(path) = list
        && let Some(bytes) = package.small(&path, LONGEST_LIST)?
    {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        chapters = read_list(&bytes, folder, writer)?;
        for name in ["META-INF/container.xml", path.as_str(), "mimetype"] {
            if let Some(index) = package.find(name) {
                package.dismiss(index);
            }
        }
    }
    for chapter in chapters {
        if let Some(index) = package.find(&chapter).filter(|index| !package.is_taken(*index)) {
            read_chapter(package, index, writer)?;
        }
    }
    for index in package.untaken() {
        let name = package.name(index).to_lowercase();
        match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
            // Not in the order, but part of the book: notes, tables of contents.
            "xhtml" | "html" | "htm" => read_chapter(package, index, writer)?,
            // Layout.
            "css" | "ttf" | "otf" | "woff" | "woff2" | "ncx" => package.dismiss(index),
            _ => package.push_member(index, writer.sink()?)?,
        }
    }
    Ok(())
}

fn read_chapter(package: &mut Package<'_, '_>, index: usize, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let name = package.name(index).to_owned();
    let result = package.part(index).and_then(|part| {
        let (end, markup) = html::write(TextStream::new(part), 1, writer);
        markup.report(writer.sink()?);
        end
    });
    tolerate(result, &name, writer).map(drop)
}

/// Where the list of the book's files is.
fn root_file(container: &[u8]) -> Option<String> {
    let mut part = container;
    let mut markup = Markup::new(&mut part);
    while let Ok(Some(token)) = markup.next() {
        if let Token::Open(tag) = token
            && tag.name() == "rootfile"
        {
            return tag.attribute("full-path");
        }
    }
    None
}

/// Writes what the book says of itself; gives the names of its chapters in their order.
fn read_list(list: &[u8], folder: &str, writer: &mut TextWriter<'_>) -> Result<Vec<String>, ReadError> {
    let mut part = list;
    let mut markup = Markup::new(&mut part);
    let mut files: HashMap<String, String> = HashMap::new();
    let mut order = Vec::new();
    let mut in_head = false;
    let mut said: Option<(String, String)> = None;
    // A damaged list leaves the order open; all chapters are read.
    while let Ok(Some(token)) = markup.next() {
        match token {
            Token::Open(tag) => match tag.name() {
                "metadata" => in_head = true,
                "item" => {
                    if let (Some(id), Some(target)) = (tag.attribute("id"), tag.attribute("href"))
                        && files.len() < MOST_CHAPTERS
                    {
                        files.insert(id, resolve(folder, &target));
                    }
                }
                "itemref" if order.len() < MOST_CHAPTERS => order.extend(tag.attribute("idref")),
                name if in_head => said = Some((name.to_owned(), String::new())),
                _ => {}
            },
            Token::Text(text) => {
                if let Some((_, value)) = &mut said {
                    value.push_str(&text);
                }
            }
            Token::Close(end) if end.name() == "metadata" => in_head = false,
            Token::Close(_) => {
                let wanted = |name: &str| {
                    matches!(
                        name,
                        "title" | "creator" | "contributor" | "publisher" | "description" | "subject" | "rights"
                    )
                };
                if let Some((name, value)) =
                    said.take().filter(|(name, value)| wanted(name) && !value.trim().is_empty())
                {
                    writer.field(Place::field("properties"), &name.as_str().into(), value.trim())?;
                    writer.end_record()?;
                }
            }
            Token::Other => {}
        }
    }
    Ok(order.into_iter().filter_map(|id| files.get(&id).cloned()).collect())
}

/// The name of a file of the book as its list writes it.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.split('#').next().unwrap_or_default();
    let mut bytes = Vec::new();
    let mut rest = target.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let code = digit(0).zip(digit(1)).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
        let (byte, used) = code.filter(|_| *first == b'%').map_or((*first, 0), |code| (code, 2));
        bytes.push(byte);
        rest = after.get(used..).unwrap_or_default();
    }
    let target = String::from_utf8_lossy(&bytes);
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
    use std::io::{Cursor, Write};

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;
    use crate::open::collect::collect;

    fn book(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn chapters_in_their_order() {
        let bytes = book(&[
            ("mimetype", "application/epub+zip"),
            (
                "META-INF/container.xml",
                "<container><rootfiles><rootfile full-path='OPS/book.opf'/></rootfiles></container>",
            ),
            (
                "OPS/book.opf",
                "<package><metadata><dc:title>Memorie</dc:title><dc:creator>Ada Prova</dc:creator></metadata><manifest>\
                 <item id='a' href='text/a%20b.xhtml'/><item id='b' href='text/b.xhtml'/></manifest>\
                 <spine><itemref idref='b'/><itemref idref='a'/></spine></package>",
            ),
            ("OPS/text/a b.xhtml", "<html><body><p>Fine</p></body></html>"),
            ("OPS/text/b.xhtml", "<html><body><p>Inizio</p></body></html>"),
            ("OPS/notes.xhtml", "<html><body><p>Nota</p></body></html>"),
            ("OPS/style.css", "p {}"),
            ("OPS/cover.png", "png"),
        ]);
        let got = collect(&Epub, "a.epub", &bytes);
        assert!(got.error.is_none() && got.gaps.is_empty(), "{:?} {:?}", got.error, got.gaps);
        assert_eq!(got.content(), "title: Memorie\ncreator: Ada Prova\nInizio\nFine\nNota\n");
        assert_eq!(got.member_names(), ["OPS/cover.png"]);
    }

    #[test]
    fn sealed_chapters_seal_the_book_and_fonts_do_not() {
        let sealed = |algorithm: &str, target: &str| {
            let list = format!(
                "<encryption><EncryptedData><EncryptionMethod Algorithm='{algorithm}'/><CipherData>\
                 <CipherReference URI='{target}'/></CipherData></EncryptedData></encryption>"
            );
            collect(&Epub, "a.epub", &book(&[("META-INF/encryption.xml", &list), ("a.xhtml", "<html/>")])).protection
        };
        let verdict = sealed("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OPS/a.xhtml").unwrap();
        assert_eq!((verdict.state, verdict.scheme.as_deref()), (crate::model::State::Strong, Some("epub-aes")));
        assert_eq!(sealed("http://www.idpf.org/2008/embedding", "OPS/a.otf"), None);
    }

    #[test]
    fn a_book_without_a_list_is_read_whole() {
        let got = collect(&Epub, "a.epub", &book(&[("a.html", "<html><body><p>Mario</p></body></html>")]));
        assert_eq!(got.content(), "Mario\n");
        assert!(collect(&Epub, "a.epub", b"PK").error.is_some());
    }
}
