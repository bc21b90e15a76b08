//! Writes what pictures say into the text of an item, with its places, and tells what could not be read.

use std::collections::BTreeMap;

use crate::extract::writer::TextWriter;
use crate::model::{Place, Reason};
use crate::open::budget::Budget;
use crate::open::reader::{ReadError, Sink};
use crate::open::recognition::{Picture, Seen};

/// Pages that are named in the detail of a gap.
const NAMED: usize = 5;

/// What became of the pictures of one item.
#[derive(Debug, Default)]
pub(in crate::extract) struct Report {
    /// By reason the pages that were not read; 0 for a picture without a page.
    unread: BTreeMap<Reason, (Vec<u32>, String)>,
    lines: usize,
    illegible: usize,
    /// Lines of recognised text on the page at hand.
    page: Option<u32>,
    line: u64,
}

impl Report {
    /// Reads a picture and writes its text; a page may show several, and they count their lines on.
    pub(in crate::extract) fn read(
        &mut self,
        picture: &Picture,
        page: Option<u32>,
        budget: &Budget,
        writer: &mut TextWriter<'_>,
    ) -> Result<(), ReadError> {
        let recognised = match budget.recognise(picture)? {
            Seen::Read(recognised) => recognised,
            Seen::Unread(reason, detail) => {
                self.unread(reason, page.unwrap_or(0));
                if let Some((_, known)) = self.unread.get_mut(&reason) {
                    *known = detail;
                }
                return Ok(());
            }
        };
        self.lines += recognised.lines;
        self.illegible += recognised.illegible;
        if self.page != page {
            (self.page, self.line) = (page, 0);
        }
        for paragraph in &recognised.paragraphs {
            budget.check()?;
            writer.paragraph(Place { page, line: Some(self.line + 1), ..Place::default() }, paragraph)?;
            self.line += 1 + memchr::memchr_iter(b'\n', paragraph.as_bytes()).count() as u64;
        }
        Ok(())
    }

    /// A page with pictures that were not read.
    pub(in crate::extract) fn unread(&mut self, reason: Reason, page: u32) {
        let (pages, _) = self.unread.entry(reason).or_default();
        if pages.last() != Some(&page) {
            pages.push(page);
        }
    }

    /// Tells the gaps.
    pub(in crate::extract) fn finish(self, sink: &mut dyn Sink) {
        for (reason, (pages, detail)) in self.unread {
            let what = match (pages.as_slice(), reason) {
                ([0], _) => detail,
                (pages, Reason::Timeout) => {
                    format!("{} not read: the time for text recognition in one file is used up", counted(pages))
                }
                (pages, _) if detail.is_empty() => {
                    format!("{} not read: text recognition is switched off or not installed", counted(pages))
                }
                (pages, _) => format!("{} not read: {detail}", counted(pages)),
            };
            sink.gap(reason, &what);
        }
        // Some dust reads like a line.
        if self.illegible > 2 && self.illegible * 4 > self.lines {
            let detail = format!("{} of {} lines in pictures could not be read", self.illegible, self.lines);
            sink.gap(Reason::UndecodedText, &detail);
        }
    }
}

fn counted(pages: &[u32]) -> String {
    let named: Vec<String> = pages.iter().take(NAMED).map(ToString::to_string).collect();
    let more = if pages.len() > NAMED { ", …" } else { "" };
    match pages {
        [_] => format!("1 page with pictures ({}) was", named.join("")),
        pages => format!("{} pages with pictures ({}{more}) were", pages.len(), named.join(", ")),
    }
}
