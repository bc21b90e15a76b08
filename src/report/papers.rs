//! Papers for people: a summary, the facts for a breach notice (Art. 33 GDPR), and the register (Art. 30).

use std::io;

use super::document::{Block, markdown, page};
use super::enisa::{Band, Scenario};
use super::inventory::Inventory;
use super::queries::{self, Queries};
use super::register;
use super::wording::article_in;
use super::words::Language;
use super::xlsx::workbook;
use crate::model::{Delta, Reason, Severity, State, Summary};

/// Folders that a paper names; the page and the workbook list more.
const FOLDERS: usize = 20;
/// Places of a document that are named.
const PLACES: usize = 5;

/// Which paper, and in which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    Summary,
    /// The facts for a notice, if these roots had leaked: as Markdown, or as a page.
    Notice {
        page: bool,
    },
    /// The register of processing: as CSV, or as a workbook.
    Register {
        workbook: bool,
    },
}

/// The paper as it is written.
pub(super) fn whole(paper: Paper, inventory: &Inventory, summary: &Summary, language: Language) -> io::Result<Vec<u8>> {
    let writer = Writer { inventory, summary, language };
    Ok(match paper {
        Paper::Summary => markdown(&writer.summary()).into_bytes(),
        Paper::Notice { page: false } => markdown(&writer.notice()).into_bytes(),
        Paper::Notice { page: true } => page(&writer.notice(), language).into_bytes(),
        Paper::Register { workbook: true } => workbook(&[register::sheet(inventory, language)])?,
        Paper::Register { workbook: false } => register::csv(inventory, language).into_bytes(),
    })
}

struct Writer<'a> {
    inventory: &'a Inventory,
    summary: &'a Summary,
    language: Language,
}

impl Writer<'_> {
    fn text(&self, key: &str) -> String {
        self.language.text(key)
    }

    fn title(&self, key: &str) -> String {
        self.language.title(key)
    }

    fn number(&self, n: u64) -> String {
        self.language.number(n)
    }

    fn heads(&self, keys: &[&str]) -> Vec<String> {
        keys.iter().map(|key| self.title(key)).collect()
    }

    /// With a last column for the queries, where the rows have them.
    fn table(&self, heads: &[&str], rows: Vec<Vec<String>>, with_queries: bool) -> Block {
        let query = with_queries.then_some("art33.query");
        Block::Table(heads.iter().chain(&query).map(|key| self.title(key)).collect(), rows)
    }

    fn summary(&self) -> Vec<Block> {
        let mut blocks = vec![
            Block::Title(self.text("ui.title")),
            Block::Paragraph(self.inventory.scope(self.language, self.summary)),
            Block::Paragraph(self.inventory.headline(self.language, self.summary)),
        ];
        blocks.extend(self.changes());
        blocks.extend([Block::Heading(self.text("section.first")), self.folders(None)]);
        blocks.extend(self.folders_left());
        blocks.extend([
            Block::Heading(self.text("section.categories")),
            self.categories(None),
            Block::Heading(self.text("section.protection")),
            self.protection(None),
        ]);
        blocks.extend(self.copies());
        blocks.extend([
            Block::Heading(self.text("section.unread")),
            self.unread(None),
            Block::Paragraph(self.text("text.limits")),
            Block::Paragraph(self.text("text.people")),
            Block::Paragraph(self.text("ui.confidential")),
        ]);
        blocks
    }

    /// Since the last scan, if there was one.
    fn changes(&self) -> Vec<Block> {
        let Some((standing, since)) =
            self.summary.state.as_ref().and_then(|standing| Some((standing, standing.since.as_ref()?)))
        else {
            return Vec::new();
        };
        let Delta { scan, started, new, changed, gone, newly_exposed, newly_protected, files } = since;
        let day = started.get(..10).unwrap_or(started);
        let says = self.language.say("text.delta", &[&scan.to_string(), day, &self.number(standing.unchanged)]);
        let counts = [
            ("newly_exposed", newly_exposed),
            ("newly_protected", newly_protected),
            ("new", new),
            ("changed", changed),
            ("gone", gone),
        ];
        let counts = counts.map(|(key, files)| vec![self.title(&format!("delta.{key}")), self.number(*files)]);
        let severity = |severity: Option<Severity>| {
            severity.map_or_else(|| "–".to_owned(), |severity| self.text(&format!("severity.{}", severity.key())))
        };
        let telling = files.iter().filter(|file| file.newly_exposed || file.newly_protected).take(FOLDERS);
        let rows: Vec<Vec<String>> = telling
            .map(|file| {
                let delta = if file.newly_exposed { "delta.newly_exposed" } else { "delta.newly_protected" };
                let (before, now) = file.severity;
                let path = self.inventory.shown(file.item.root, &file.item.path);
                vec![
                    path,
                    self.text(&format!("change.{}", file.change.key())),
                    self.text(delta),
                    severity(before),
                    severity(now),
                ]
            })
            .collect();
        let mut blocks = vec![
            Block::Heading(self.text("section.delta")),
            Block::Paragraph(says),
            Block::Table(self.heads(&["ui.change", "ui.files"]), counts.into()),
        ];
        if !rows.is_empty() {
            blocks.push(Block::Table(
                self.heads(&["column.path", "ui.change", "ui.meaning", "ui.before", "ui.now"]),
                rows,
            ));
        }
        blocks
    }

    /// Documents that lie in several places, if there are any.
    fn copies(&self) -> Vec<Block> {
        let copies = &self.inventory.totals.copies;
        let (documents, files) = copies.count();
        if documents == 0 {
            return Vec::new();
        }
        let rows = copies.ranked().into_iter().take(FOLDERS).map(|(_, document)| {
            let mut places: Vec<String> =
                document.places.iter().take(PLACES).map(|(root, path)| self.inventory.shown(*root, path)).collect();
            if document.files > places.len() as u64 {
                places.push("…".to_owned());
            }
            vec![
                places.join("; "),
                self.text(&format!("severity.{}", document.worst.key())),
                self.number(document.files),
                self.number(document.people),
            ]
        });
        let rows = rows.collect();
        vec![
            Block::Heading(self.text("section.duplicates")),
            Block::Paragraph(self.language.say("text.duplicates", &[&self.number(documents), &self.number(files)])),
            Block::Table(self.heads(&["ui.document", "ui.worst", "ui.places", "ui.people"]), rows),
        ]
    }

    fn notice(&self) -> Vec<Block> {
        let totals = &self.inventory.totals;
        let yes_no = |yes: bool| self.text(if yes { "ui.yes" } else { "ui.no" });
        let (low, high) = (totals.crowd.low(), totals.crowd.high());
        let minors = totals.crowd.minors.count();
        let over = if low <= 100 && high > 100 { self.text("ui.possibly") } else { yes_no(low > 100) };
        let mut queries = Queries::default();
        let [personal, special] = [queries::personal(), queries::sensitive()].map(|query| queries.mark(query));
        let [fewest, most] = [queries::fewest_people(), queries::most_people()].map(|query| queries.mark(query));
        let figure = |key: &str, value: String, query: String| vec![self.title(key), value, query];
        let mut blocks = vec![
            Block::Title(self.text("art33.title")),
            Block::Paragraph(self.inventory.scope(self.language, self.summary)),
            Block::Paragraph(self.text("art33.lead")),
            Block::Heading(self.text("art33.nature")),
            Block::Table(
                self.heads(&["ui.figure", "ui.value", "art33.query"]),
                vec![
                    figure("tile.files", self.number(totals.personal), personal),
                    figure("filter.special", self.number(totals.special), special),
                    figure("art33.people_low", self.number(low), fewest.clone()),
                    figure("art33.people_high", self.number(high), most.clone()),
                    figure("art33.over_100", over, format!("{fewest}, {most}")),
                    figure(
                        "art33.minors",
                        self.language.bounds(minors, totals.crowd.perhaps_minors.count().max(minors)),
                        queries.mark(queries::minors()),
                    ),
                    figure("art33.records", self.number(self.records()), queries.mark(queries::findings())),
                    figure(
                        "art33.unintelligible",
                        yes_no(totals.exposed_files() == 0),
                        queries.mark(queries::exposed()),
                    ),
                ],
            ),
            Block::Heading(self.text("section.categories")),
            self.categories(Some(&mut queries)),
            Block::Heading(self.text("section.protection")),
            self.protection(Some(&mut queries)),
            Block::Heading(self.text("art33.consequences")),
            self.consequences(&mut queries),
            Block::Paragraph(self.text("text.enisa")),
            Block::Paragraph(self.text("art33.explain")),
            Block::Heading(self.text("section.folders")),
            self.folders(Some(&mut queries)),
        ];
        blocks.extend(self.folders_left());
        blocks.extend([
            Block::Heading(self.text("section.unread")),
            self.unread(Some(&mut queries)),
            Block::Heading(self.text("art33.to_fill")),
        ]);
        let blanks = ["aware", "what", "who", "recipients", "contact", "taken", "proposed", "told", "delay"];
        blocks.push(Block::List(blanks.iter().map(|key| self.text(&format!("art33.fill_{key}"))).collect()));
        blocks.push(Block::Paragraph(self.text("text.people")));
        blocks.push(Block::Paragraph(self.text("text.limits")));
        blocks.push(Block::Heading(self.text("art33.queries")));
        blocks.push(Block::Paragraph(self.text("art33.queries_say")));
        blocks.push(Block::Code(queries.lines()));
        blocks
    }

    fn records(&self) -> u64 {
        self.inventory.totals.categories.values().fold(0, |sum, of| sum.saturating_add(of.findings))
    }

    fn folders(&self, mut queries: Option<&mut Queries>) -> Block {
        let ranked = self.inventory.totals.ranked();
        let rows = ranked.into_iter().take(FOLDERS).map(|(path, place)| {
            let why: Vec<String> =
                place.why().into_iter().map(|(key, n)| self.language.count(&format!("why.{key}"), n)).collect();
            let mut row = vec![
                self.inventory.place_name(self.language, path),
                self.text(&format!("severity.{}", place.worst.key())),
                self.number(place.files),
                why.join("; "),
                self.text(&format!("action.{}", place.action().key())),
            ];
            let depth = self.inventory.totals.depth();
            row.extend(queries.as_mut().map(|queries| queries.mark(queries::folders(depth))));
            row
        });
        let rows = rows.collect();
        self.table(&["ui.folder", "ui.worst", "ui.files", "ui.reason", "ui.what_to_do"], rows, queries.is_some())
    }

    /// Where the rest of the folders stand, if there are more.
    fn folders_left(&self) -> Option<Block> {
        let all = self.inventory.totals.places.len();
        let numbers = [all, FOLDERS].map(|n| self.number(n as u64));
        let says = || self.language.say("paper.folders_left", &numbers.each_ref().map(String::as_str));
        (all > FOLDERS).then(|| Block::Paragraph(says()))
    }

    fn categories(&self, mut queries: Option<&mut Queries>) -> Block {
        let totals = &self.inventory.totals;
        let mut rows = Vec::new();
        for category in self.inventory.categories() {
            let of = totals.categories.get(&category).copied().unwrap_or_default();
            let (people, at_least) = totals.people_of(category);
            let people = match people {
                0 => "–".to_owned(),
                people => format!("{}{}", self.number(people), if at_least { "+" } else { "" }),
            };
            let mut row = vec![
                self.title(&format!("category.{}", category.key())),
                article_in(self.language, category),
                self.number(of.files),
                people,
                self.number(of.findings),
            ];
            row.extend(queries.as_mut().map(|queries| queries.mark(queries::of_category(category))));
            rows.push(row);
        }
        self.table(&["ui.category", "ui.article", "ui.files", "ui.people", "ui.findings"], rows, queries.is_some())
    }

    fn protection(&self, mut queries: Option<&mut Queries>) -> Block {
        let mut rows = Vec::new();
        for state in State::ALL {
            let files = self.inventory.totals.states.get(&state).copied().unwrap_or(0);
            if files == 0 {
                continue;
            }
            let key = state.key();
            let mut row =
                vec![self.title(&format!("state.{key}")), self.number(files), self.text(&format!("state_says.{key}"))];
            row.extend(queries.as_mut().map(|queries| queries.mark(queries::of_protection(state))));
            rows.push(row);
        }
        self.table(&["ui.protection", "ui.files", "ui.meaning"], rows, queries.is_some())
    }

    /// Files by the severity of a leak, for each thing that may have happened.
    fn consequences(&self, queries: &mut Queries) -> Block {
        let products = &self.inventory.totals.products;
        let mut heads = vec![self.title("ui.band")];
        heads.extend(Scenario::ALL.map(|scenario| self.text(&format!("scenario.{}", scenario.key()))));
        heads.extend(["ui.hint", "art33.query"].map(|key| self.title(key)));
        let mut rows = Vec::new();
        for band in Band::ALL.into_iter().rev() {
            let mut row = vec![self.title(&format!("band.{}", band.key()))];
            for scenario in Scenario::ALL {
                let of_band = (1_u8..).zip(products.iter().skip(1)).filter(|(product, _)| {
                    super::enisa::band_of(u16::from(*product) * 25 + scenario.circumstances()) == band
                });
                row.push(self.number(of_band.map(|(_, files)| files).sum()));
            }
            row.push(self.text(&format!("hint.{}", band as u8)));
            row.push(queries.mark(queries::of_band(band)));
            rows.push(row);
        }
        Block::Table(heads, rows)
    }

    fn unread(&self, mut queries: Option<&mut Queries>) -> Block {
        let gaps = &self.inventory.totals.gaps;
        if gaps.is_empty() {
            return Block::Paragraph(self.text("ui.all_read"));
        }
        let rows = gaps.iter().map(|(gap, files)| {
            let key = gap.map_or("unexplained", Reason::key);
            let mut row =
                vec![self.title(&format!("reason.{key}")), self.number(*files), self.title(&format!("advice.{key}"))];
            row.extend(queries.as_mut().map(|queries| queries.mark(queries::unread(*gap))));
            row
        });
        let rows = rows.collect();
        self.table(&["ui.reason", "ui.files", "ui.what_to_do"], rows, queries.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{share, tell};
    use super::*;
    use crate::report::retention::Terms;
    use crate::report::{AtEnd, Target};

    fn written(paper: Paper, language: Language) -> Vec<u8> {
        let (target, written) = Target::memory();
        let render =
            move |inventory: &Inventory, summary: &Summary, language| whole(paper, inventory, summary, language);
        let mut papers = AtEnd::new(target, language, Inventory::of_figures(Terms::default()), render);
        tell(&mut papers, &["/srv"], &share());
        written.lock().unwrap().clone()
    }

    #[track_caller]
    fn check(paper: Paper, language: Language, expected: &[&str]) {
        let text = String::from_utf8(written(paper, language)).unwrap();
        for line in expected {
            assert!(text.contains(line), "no {line:?} in\n{text}");
        }
        assert!(!text.contains("art30.") && !text.contains("art33.") && !text.contains("ui."), "{text}");
    }

    #[test]
    fn the_summary() {
        check(
            Paper::Summary,
            Language::English,
            &[
                "# Personal data that lie open\n",
                "| HR/medical/ | critical | 1 |",
                "| Health | Art. 9(1) | 1 | 31 | 31 |",
            ],
        );
    }

    #[test]
    fn the_facts_for_a_notice() {
        check(
            Paper::Notice { page: false },
            Language::English,
            &[
                "| People affected, at least | 32 | Q3 |",
                "| Very high | 1 | 1 | 1 |",
                "| HR/medical/ | critical | 1 |",
                "| Health | Art. 9(1) | 1 | 31 | 31 | Q8 |",
                "    CREATE VIEW files AS SELECT *, ",
                "    Q8: SELECT COUNT(DISTINCT root || '//' || path), COUNT(DISTINCT who), (SELECT SUM(n) FROM counted WHERE",
                "| More than 100 people | no | Q3, Q4 |",
            ],
        );
        check(
            Paper::Notice { page: true },
            Language::Italian,
            &["<html lang=\"it\">", "<th scope=\"row\">Salute</th>"],
        );
    }

    #[test]
    fn the_register() {
        check(Paper::Register { workbook: false }, Language::English, &["/srv/HR/medical,31,1,critical,0,0,\r\n"]);
        check(Paper::Register { workbook: false }, Language::Italian, &[";/srv/HR/medical;31;1;critica;0;0;\r\n"]);
        assert!(written(Paper::Register { workbook: true }, Language::English).starts_with(b"PK"));
    }
}
