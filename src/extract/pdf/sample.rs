//! Builds small PDF documents for the tests of the reader.
#![cfg(test)]
#![allow(clippy::format_push_string, reason = "test code")]

use std::fmt::Write;

/// Objects, numbered from one; the first is the catalog, the second the page tree.
pub(super) struct Sample {
    objects: Vec<String>,
    trailer: String,
    pages: Vec<usize>,
    catalog: String,
}

impl Sample {
    pub(super) fn new() -> Self {
        Self {
            objects: vec![
                String::new(),
                String::new(),
                "<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>".to_owned(),
            ],
            trailer: String::new(),
            pages: Vec::new(),
            catalog: String::new(),
        }
    }

    /// A document of pages with this content, whose font `/F` is Courier: 0.6 of its size wide.
    pub(super) fn pages(contents: &[&str]) -> Self {
        contents.iter().fold(Self::new(), |sample, content| sample.page(content, ""))
    }

    /// Adds an object and gives its number.
    pub(super) fn add(&mut self, object: &str) -> usize {
        self.objects.push(object.to_owned());
        self.objects.len()
    }

    /// The number that the next object will have.
    pub(super) fn next_number(&self) -> usize {
        self.objects.len() + 1
    }

    pub(super) fn stream(&mut self, entries: &str, data: &str) -> usize {
        self.add(&format!("<<{entries}/Length {}>>\nstream\n{data}\nendstream", data.len()))
    }

    pub(super) fn page(mut self, content: &str, entries: &str) -> Self {
        let content = self.stream("", content);
        let resources = if entries.contains("/Resources") { "" } else { "/Resources<</Font<</F 3 0 R>>>>" };
        let page = self.add(&format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {content} 0 R{resources}{entries}>>"
        ));
        self.pages.push(page);
        self
    }

    pub(super) fn catalog(mut self, entries: &str) -> Self {
        self.catalog.push_str(entries);
        self
    }

    pub(super) fn trailer(mut self, entries: &str) -> Self {
        self.trailer.push_str(entries);
        self
    }

    pub(super) fn bytes(mut self) -> Vec<u8> {
        let kids: String = self.pages.iter().fold(String::new(), |mut kids, page| {
            write!(kids, "{page} 0 R ").unwrap_or_default();
            kids
        });
        self.objects[0] = format!("<</Type/Catalog/Pages 2 0 R{}>>", self.catalog);
        self.objects[1] = format!("<</Type/Pages/Kids[{kids}]/Count {}>>", self.pages.len());
        let mut file = "%PDF-1.7\n".to_owned();
        let mut offsets = Vec::new();
        for (index, object) in self.objects.iter().enumerate() {
            offsets.push(file.len());
            file += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
        }
        let start = file.len();
        file += &format!("xref\n0 {}\n0000000000 65535 f \n", self.objects.len() + 1);
        for offset in offsets {
            file += &format!("{offset:010} 00000 n \n");
        }
        let size = self.objects.len() + 1;
        file += &format!("trailer\n<</Size {size}/Root 1 0 R{}>>\nstartxref\n{start}\n%%EOF\n", self.trailer);
        file.into_bytes()
    }
}
