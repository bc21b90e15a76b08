//! The answer on the terminal, for a reader who is responsible for the data and is no engineer.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::fate::Fate;
use super::group::Group;
use super::headline::{headline, verdict};
use super::layout::{bytes, count, duration, list, number, people, shorten, wrap};
use super::overview::{Examples, Opener, Overview};
use super::reporter::Reporter;
use super::since::since;
use super::style::{FIGURE, Style};
use super::wording::{advice, article, isolation, opened, people_cell, protection_note, sealed, unread_title};
use crate::model::{Category, ItemPath, ItemRecord, Name, Reason, ScanRecord, State, Summary};

/// Rows shown of what is ranked; all of it is in the JSON Lines.
const ROWS: usize = 10;
/// Examples shown of each reason.
const EXAMPLES: usize = 3;
/// The tables need this much.
const NARROWEST: usize = 70;
/// Below the severity of a file.
const INDENT: usize = 12;

/// Says nothing until the end of the scan, and then everything.
pub struct Terminal<W> {
    out: W,
    style: Style,
    roots: Vec<Name>,
    overview: Overview,
    exit: Option<Explain>,
    details: Option<String>,
}

type Explain = Box<dyn Fn(&Summary) -> String + Send>;

impl<W: Write> Terminal<W> {
    /// `width` in characters; paths are shortened to it.
    pub fn new(out: W, colour: bool, width: usize) -> Self {
        Self {
            out,
            style: Style { colour, width: width.max(NARROWEST) },
            roots: Vec::new(),
            overview: Overview::default(),
            exit: None,
            details: None,
        }
    }

    /// A sentence about the exit code, which only the command line knows.
    pub fn with_exit(mut self, explain: impl Fn(&Summary) -> String + Send + 'static) -> Self {
        self.exit = Some(Box::new(explain));
        self
    }

    /// Where the report with every finding was written; without it the reader is told how to get one.
    pub fn with_details(mut self, path: impl Into<String>) -> Self {
        self.details = Some(path.into());
        self
    }

    pub fn into_inner(self) -> W {
        self.out
    }

    fn page(&self, summary: &Summary) -> String {
        let mut page = self.style.emphasise(&self.style.paragraph(&headline(&self.overview, summary)));
        page.push('\n');
        page.push_str(&self.figures(summary));
        let copies = self.overview.copies.shown(self.style, &|item| self.path(item));
        let since = since(self.style, summary, &|item| self.path(item));
        for section in [
            since,
            self.categories(),
            self.folders(),
            self.worst(),
            copies,
            self.sealed(),
            self.unread(),
            self.coverage(),
        ] {
            if !section.is_empty() {
                page.push('\n');
                page.push_str(&section);
            }
        }
        page.push('\n');
        page.push_str(&self.closing(summary));
        page
    }

    fn figures(&self, summary: &Summary) -> String {
        let overview = &self.overview;
        let mut text = String::new();
        let looked_at = overview.fates.looked_at();
        let mut looked = format!("{} looked at", if looked_at == 1 { "file" } else { "files" });
        if summary.members > 0 {
            let _ = write!(looked, ", and {} more packed inside them", number(summary.members));
        }
        let _ = write!(looked, " ({})", bytes(summary.bytes));
        figure(&mut text, looked_at, &looked);
        let exposed = overview.exposed.iter().rev().map(|(&severity, &files)| {
            let word = self.style.severity(severity, severity.key().len());
            format!("{} {word}", number(files))
        });
        let exposed: Vec<String> = exposed.collect();
        let breakdown = if exposed.is_empty() { String::new() } else { format!(": {}", exposed.join(", ")) };
        figure(&mut text, overview.exposed_files(), &format!("with data in plain sight{breakdown}"));
        // Data of people who could not be told apart is no reason to say that nobody is affected.
        let affected = overview.people.count();
        if affected > 0 {
            let who = if affected == 1 { "person" } else { "people" };
            let more = if overview.people.at_least { ", at least" } else { "" };
            figure(&mut text, affected, &format!("{who} affected{more}"));
        }
        figure(&mut text, overview.fates.unread(), "not read, or only in part");
        text
    }

    fn categories(&self) -> String {
        let groups = &self.overview.categories;
        if groups.is_empty() {
            return String::new();
        }
        let widest = groups.keys().map(|category| category.title().len()).max().unwrap_or(0);
        let mut text = self.style.heading("What lies in plain sight");
        text.push_str(&self.style.columns("kind of data"));
        for category in Category::ALL {
            if let Some(group) = groups.get(&category) {
                let line = format!("{:widest$}  {}", category.title(), article(category));
                self.group(&mut text, group, line.trim_end());
            }
        }
        text
    }

    fn folders(&self) -> String {
        let folders = self.overview.folders.ranked();
        if folders.is_empty() {
            return String::new();
        }
        let mut text = self.style.heading("Where: folders, the worst first");
        text.push_str(&self.style.columns("folder"));
        for ((root, path), group) in folders.iter().take(ROWS) {
            let path = match (self.root(*root), path.is_empty()) {
                (Some(root), true) => format!("{root}/"),
                (Some(root), false) => format!("{root}/{path}/"),
                (None, true) => "(the top folder itself)".to_owned(),
                (None, false) => format!("{path}/"),
            };
            self.group(&mut text, group, &shorten(&path, self.style.width.saturating_sub(2 * FIGURE + 12)));
        }
        more(&mut text, folders.len() as u64, ROWS, "folder");
        text
    }

    fn worst(&self) -> String {
        let worst = &self.overview.worst;
        if worst.is_empty() {
            return String::new();
        }
        let mut text = self.style.heading("Worst files");
        for exposed in worst.iter().take(ROWS) {
            let path = shorten(&self.path(&exposed.item), self.style.width.saturating_sub(INDENT));
            let _ = writeln!(text, "  {}  {path}", self.style.severity(exposed.severity(), 8));
            let titles: Vec<String> = exposed.categories.iter().map(|category| category.title().to_owned()).collect();
            let mut notes = vec![titles.join(", ")];
            if exposed.people() > 0 {
                let at_least = if exposed.people_at_least { "at least " } else { "" };
                notes.push(format!("{at_least}{}", people(exposed.people())));
            }
            notes.push(protection_note(exposed.protection, exposed.scheme.as_deref(), exposed.opener));
            if exposed.others > 0 {
                notes.push(format!("also in {} of this file", count(exposed.others, "other part")));
            }
            notes.retain(|note| !note.is_empty());
            let notes = wrap(&notes.join("; "), self.style.text_width(), INDENT);
            let _ = writeln!(text, "{:INDENT$}{notes}", "");
        }
        more(&mut text, self.overview.exposed_files(), ROWS, "file");
        text
    }

    fn sealed(&self) -> String {
        let overview = &self.overview;
        if overview.sealed.is_empty() && overview.keys.is_empty() {
            return String::new();
        }
        let mut text = self.style.heading("Sealed files");
        for state in [State::Strong, State::Weak, State::OpensWithoutPassword, State::Unknown] {
            if let Some(examples) = overview.sealed.get(&state) {
                self.examples(&mut text, examples, sealed(state));
            }
        }
        for opener in Opener::ALL {
            if let Some(examples) = overview.keys.get(&opener) {
                self.examples(&mut text, examples, opened(opener));
            }
        }
        if overview.names_exposed.files > 0 {
            let title = "of these show the names of what is inside to anybody, without the password";
            self.examples(&mut text, &overview.names_exposed, title);
        }
        text
    }

    fn unread(&self) -> String {
        let gaps = &self.overview.gaps;
        if gaps.is_empty() {
            return String::new();
        }
        let mut text = self.style.heading("Not read, or only in part");
        let mut gaps: Vec<_> = gaps.iter().collect();
        gaps.sort_by_key(|(reason, examples)| (std::cmp::Reverse(examples.files), **reason));
        for (&reason, examples) in gaps {
            let mut title = unread_title(reason).to_owned();
            if reason == Some(Reason::UnsupportedFormat) {
                title.push_str(&self.formats());
            }
            self.examples(&mut text, examples, &title);
            let advice = format!("What to do: {}", advice(reason));
            text.push_str(&self.style.indented(&advice));
        }
        text
    }

    /// The commonest formats that were not read, by their extension.
    fn formats(&self) -> String {
        let mut formats: Vec<(&String, u64)> =
            self.overview.unread_formats.iter().filter(|(e, _)| !e.is_empty()).map(|(e, &n)| (e, n)).collect();
        formats.sort_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then_with(|| a.cmp(b)));
        let named: Vec<String> = formats.iter().take(5).map(|(e, n)| format!("{} .{e}", number(*n))).collect();
        if named.is_empty() { String::new() } else { format!(": {}", list(&named)) }
    }

    fn coverage(&self) -> String {
        let overview = &self.overview;
        let mut text = self.style.heading("Coverage");
        for (fate, title) in [
            (Fate::Read, "read in full"),
            (Fate::Sealed, "sealed well, or with something inside that is"),
            (Fate::ReadInPart, "read in part"),
            (Fate::NotRead, "not read"),
        ] {
            if overview.fates.of(fate) > 0 {
                figure(&mut text, overview.fates.of(fate), title);
            }
        }
        for (reason, &files) in &overview.left_out {
            figure(&mut text, files, &format!("left out: {}", reason.title()));
        }
        figure(&mut text, overview.fates.all(), "in all");
        text
    }

    fn closing(&self, summary: &Summary) -> String {
        let mut text = self.style.emphasise(&self.style.paragraph(&verdict(&self.overview, summary)));
        if let Some(weakness) = summary.isolation.as_ref().and_then(isolation) {
            text.push_str(&self.style.paragraph(&weakness));
        }
        let _ = writeln!(text, "It took {}.", duration(summary.duration_seconds));
        if let Some(explain) = &self.exit {
            text.push_str(&self.style.paragraph(&explain(summary)));
        }
        // On a line of its own and not broken: to be copied.
        let (hint, what) = match &self.details {
            Some(path) => ("Every file, and every finding with its place:", Name::from(path.as_str()).to_string()),
            None => {
                ("For every file, and every finding with its place, add:", "--output jsonl=report.jsonl".to_owned())
            }
        };
        let _ = writeln!(text, "{hint}\n  {what}");
        text
    }

    fn examples(&self, text: &mut String, examples: &Examples, title: &str) {
        figure(text, examples.files, &wrap(title, self.style.text_width(), FIGURE + 2));
        for example in examples.paths.iter().take(EXAMPLES) {
            let scheme = example.scheme.as_ref().map(|scheme| format!(" ({scheme})")).unwrap_or_default();
            let room = self.style.width.saturating_sub(FIGURE + 4 + scheme.chars().count());
            let _ = writeln!(text, "{:2$}{}{scheme}", "", shorten(&self.path(&example.item), room), FIGURE + 4);
        }
        let rest = examples.files.saturating_sub(EXAMPLES as u64);
        if rest > 0 {
            let _ = writeln!(text, "{:1$}and {2} more", "", FIGURE + 4, number(rest));
        }
    }

    fn group(&self, text: &mut String, group: &Group, name: &str) {
        let people = people_cell(group.people.count(), group.people.at_least);
        let severity = self.style.severity(group.worst, 8);
        let _ = writeln!(text, "{:>FIGURE$}{people:>FIGURE$}  {severity}  {name}", number(group.files));
    }

    /// The root to print before a path: needed only where there are several.
    fn root(&self, root: usize) -> Option<String> {
        if self.roots.len() < 2 {
            return None;
        }
        self.roots.get(root).map(|name| name.to_string().trim_end_matches('/').to_owned())
    }

    fn path(&self, item: &ItemPath) -> String {
        match self.root(item.root) {
            Some(root) => format!("{root}/{item}"),
            None => item.to_string(),
        }
    }
}

impl<W: Write + Send> Reporter for Terminal<W> {
    fn scan(&mut self, scan: &ScanRecord) -> io::Result<()> {
        self.roots.clone_from(&scan.roots);
        Ok(())
    }

    fn record(&mut self, record: &ItemRecord) -> io::Result<()> {
        self.overview.add(record);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> io::Result<()> {
        self.overview.close_all();
        let page = self.page(summary);
        self.out.write_all(page.as_bytes())?;
        self.out.flush()
    }
}

fn figure(text: &mut String, n: u64, what: &str) {
    let _ = writeln!(text, "{:>FIGURE$}  {what}", number(n));
}

fn more(text: &mut String, all: u64, shown: usize, thing: &str) {
    let rest = all.saturating_sub(shown as u64);
    if rest > 0 {
        let plural = if rest == 1 { "" } else { "s" };
        let _ = writeln!(text, "{:>FIGURE$}  more {thing}{plural}", number(rest));
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, item, read, share, tell};
    use super::*;
    use crate::model::{Category, Outcome, Severity};

    fn render(records: &[ItemRecord], colour: bool, width: usize, roots: &[&str]) -> String {
        let mut terminal = Terminal::new(Vec::new(), colour, width).with_exit(|s| format!("Gaps: {}.", s.gaps));
        tell(&mut terminal, roots, records);
        String::from_utf8(terminal.into_inner()).unwrap()
    }

    /// Read it as its reader would before accepting a change.
    const ANSWER: &str = include_str!("terminal.golden.txt");

    #[test]
    fn the_answer() {
        let answer = render(&share(), false, 80, &["/srv"]);
        assert_eq!(answer, ANSWER, "\n{answer}");
        for width in [0, 70, 80, 200] {
            let answer = render(&share(), false, width, &["/srv"]);
            assert_eq!(answer.lines().find(|line| line.chars().count() > width.max(NARROWEST)), None);
        }
    }

    #[test]
    fn colours_change_nothing_but_colours() {
        let coloured = render(&share(), true, 80, &["/srv"]);
        let stripped: String = coloured
            .split('\u{1b}')
            .enumerate()
            .map(|(i, part)| if i == 0 { part } else { part.split_once('m').unwrap().1 })
            .collect();
        assert_eq!(stripped, ANSWER);
        assert!(coloured.contains("\u{1b}[1;31mcritical\u{1b}[0m  HR/medical/visits.xlsx"));
        for line in coloured.lines() {
            assert_eq!(line.matches("[0m").count() * 2, line.matches('\u{1b}').count(), "{line}");
        }
    }

    fn check(records: &[ItemRecord], roots: &[&str], expected: &[&str]) {
        let answer = render(records, false, 80, roots);
        for line in expected {
            assert!(answer.lines().any(|l| l == *line), "{line}\n---\n{answer}");
        }
    }

    #[test]
    fn nothing_found_has_no_empty_tables() {
        let answer = render(&[read("a"), read("b")], false, 80, &["/srv"]);
        let expected = "\
No personal data was found in any of the 2 files. This is no proof that there is
none: a scan finds only the kinds of data it knows.

        2  files looked at (2.0 kB)
        0  with data in plain sight
        0  not read, or only in part

Coverage
        2  read in full
        2  in all

The scan is complete: every file was read, is sealed well, or was left out as
listed.
It took 0.4 seconds.
Gaps: 0.
For every file, and every finding with its place, add:
  --output jsonl=report.jsonl
";
        assert_eq!(answer, expected, "\n{answer}");
    }

    #[test]
    fn several_roots_are_told_apart() {
        let mut second = found("b/x.csv", Severity::High, &[Category::Name], &[1]);
        second.item.root = 1;
        check(
            &[found("a.csv", Severity::High, &[Category::Name], &[1, 2]), second],
            &["/srv/a/", "/srv/b"],
            &[
                "        1        2  high      /srv/a/",
                "        1        1  high      /srv/b/b/",
                "  high      /srv/a/a.csv",
                "  high      /srv/b/b/x.csv",
                "            names; 1 person",
            ],
        );
        check(
            &[found("a.csv", Severity::High, &[Category::Name], &[1])],
            &["/srv"],
            &["        1        1  high      (the top folder itself)"],
        );
    }

    #[test]
    fn people_who_cannot_be_told_apart_are_not_nobody() {
        let records = [found("a.csv", Severity::High, &[Category::BankAccount], &[])];
        check(&records, &["/srv"], &["        1        -  high      bank accounts  Art. 4(1)"]);
        assert!(!render(&records, false, 80, &["/srv"]).contains("affected"));
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        let mut records = Vec::new();
        for i in 0..12 {
            records.push(found(&format!("d{i:02}/f"), Severity::Low, &[Category::Email], &[i]));
            records.push(item(&format!("s{i:02}"), Outcome::Unreadable, &[Reason::IoError]));
        }
        let cut = ItemRecord {
            subjects_beyond: 2_000,
            findings_beyond: 9,
            ..found("big", Severity::Low, &[Category::Phone], &[1])
        };
        records.push(cut);
        check(
            &records,
            &["/srv"],
            &[
                "    2,001  people affected, at least",
                "        1       1+  low       phone numbers     Art. 4(1)",
                "        3  more folders",
                "        3  more files",
                "             s02",
                "             and 9 more",
            ],
        );
    }

    #[test]
    fn hostile_and_long_names() {
        let long = format!("{}/visits.xlsx", "very long folder name/".repeat(9));
        check(
            &[
                found("a\u{1b}[2J\n.csv", Severity::High, &[Category::Name], &[1]),
                found(&long, Severity::Low, &[Category::Name], &[1]),
            ],
            &["/srv"],
            &[
                r"  high      a\u{1b}[2J\n.csv",
                "  low       very long folder name/…older name/very long folder name//visits.xlsx",
            ],
        );
    }
}
