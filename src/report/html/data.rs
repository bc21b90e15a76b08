//! The data of the page: columns of numbers and of texts that are named once, small when packed.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::compare::{Changes, Duplicates, changes, document, duplicates};
use crate::model::{Access, Category, Name, Reason, Severity, State, Summary};
use crate::report::coverage::Covered;
use crate::report::enisa::{self, Score, Why};
use crate::report::fate::Fate;
use crate::report::files::Spot;
use crate::report::inventory::{Inventory, Row};
use crate::report::overview::Opener;
use crate::report::retention::{Kind, age_class};
use crate::report::wording::article_in;
use crate::report::words::{Language, table};

/// Folders of the list of what to do first and of the heat map.
const PLACES: usize = 60;
/// Folders of the table of what became of the files.
const COVERED: usize = 500;

/// What html/base.js unpacks. Numbers of categories, states and so on are places in the lists of
/// their keys.
#[derive(Serialize)]
pub(super) struct Data<'a> {
    delta: Option<Changes<'a>>,
    duplicates: Option<Duplicates>,
    words: &'static BTreeMap<String, (String, String)>,
    tool: &'static str,
    version: &'static str,
    detectors_hash: String,
    started: String,
    duration: f64,
    complete: bool,
    interrupted: bool,
    roots: Vec<String>,
    /// Sentences, each with the condition of html/list.js that its figure leads to.
    headline: [Vec<(&'static str, String)>; 2],
    rows_left: u64,
    categories: Vec<&'static str>,
    /// In English and in Italian.
    articles: Vec<[String; 2]>,
    /// Bits of the categories of Articles 9 and 10, and of those that are personal data.
    special: u32,
    personal: u32,
    states: Vec<&'static str>,
    access: Vec<&'static str>,
    reasons: Vec<&'static str>,
    kinds: Vec<&'static str>,
    whys: Vec<&'static str>,
    totals: Totals,
    places_at_risk: Vec<PlaceAtRisk>,
    places_left: usize,
    place_depth: usize,
    tree: TreeColumns,
    coverage: CoverageColumns,
    folders: Vec<String>,
    days: Vec<String>,
    media: Vec<String>,
    schemes: Vec<String>,
    members: Vec<String>,
    places: Vec<String>,
    samples: Vec<String>,
    detectors: Vec<String>,
    files: FileColumns,
    spots: SpotColumns,
}

#[derive(Serialize)]
struct Totals {
    files: u64,
    members: u64,
    bytes: u64,
    looked_at: u64,
    /// Read in full, or sealed well.
    answered: u64,
    read: u64,
    sealed: u64,
    unread: u64,
    files_left_out: u64,
    personal: u64,
    special: u64,
    people_low: u64,
    people_high: u64,
    minors_low: u64,
    minors_high: u64,
    categories: Vec<OfCategory>,
    states: [u64; 5],
    openers: [u64; 3],
    names_exposed: u64,
    /// By who can read it, then by severity.
    access: [[u64; 5]; 5],
    gaps: Vec<(usize, u64)>,
    left_out: Vec<(usize, u64)>,
    kinds: Vec<OfKind>,
    ages: [u64; 6],
    products: [u64; 17],
}

#[derive(Serialize)]
struct OfCategory {
    category: usize,
    weight: u8,
    files: u64,
    findings: u64,
    people: u64,
    at_least: bool,
}

#[derive(Serialize)]
struct OfKind {
    files: u64,
    past: u64,
    oldest: Option<String>,
    months: u32,
    is_set: bool,
}

#[derive(Serialize)]
struct PlaceAtRisk {
    root: usize,
    path: String,
    worst: u8,
    files: u64,
    people: u64,
    action: &'static str,
    why: Vec<(&'static str, u64)>,
    categories: BTreeMap<usize, u64>,
}

#[derive(Default, Serialize)]
struct TreeColumns {
    parent: Vec<i64>,
    root: Vec<usize>,
    name: Vec<String>,
    files: Vec<u64>,
    worst: Vec<u8>,
    people: Vec<u64>,
}

/// What became of the files of folders: by fate, and what lies inside them, and those not read again.
#[derive(Default, Serialize)]
struct CoverageColumns {
    depth: usize,
    root: Vec<usize>,
    path: Vec<String>,
    counts: Vec<[u64; 7]>,
    /// Folders beyond these, and their sum.
    left: u64,
    rest: [u64; 7],
}

#[derive(Default, Serialize)]
struct FileColumns {
    root: Vec<usize>,
    folder: Vec<usize>,
    name: Vec<String>,
    severity: Vec<u8>,
    people: Vec<u64>,
    at_least: Vec<u8>,
    categories: Vec<u32>,
    states: Vec<u8>,
    access: Vec<usize>,
    gaps: Vec<Vec<usize>>,
    fate: Vec<u8>,
    score: Vec<u16>,
    kind: Vec<i8>,
    past: Vec<u8>,
    age: Vec<i8>,
    modified: Vec<usize>,
    size: Vec<u64>,
    findings: Vec<u64>,
    opener: Vec<i8>,
    /// Sealed, and the names in it can be read.
    names: Vec<u8>,
    /// One where it may name a minor, two where it does.
    minors: Vec<u8>,
    /// Why it was left out.
    left: Vec<i8>,
    scheme: Vec<usize>,
    media: Vec<usize>,
    /// Number of the document among those that lie in several places, from one.
    copy: Vec<usize>,
    spots: Vec<usize>,
}

#[derive(Default, Serialize)]
struct SpotColumns {
    category: Vec<usize>,
    member: Vec<usize>,
    place: Vec<usize>,
    sample: Vec<usize>,
    detector: Vec<usize>,
    confidence: Vec<u8>,
}

/// Texts, each once.
#[derive(Default)]
struct Texts {
    places: HashMap<String, usize>,
    list: Vec<String>,
}

impl Texts {
    fn place(&mut self, text: String) -> usize {
        if let Some(&place) = self.places.get(&text) {
            return place;
        }
        let place = self.list.len();
        self.list.push(text.clone());
        self.places.insert(text, place);
        place
    }

    /// Counted from one; zero for no text.
    fn optional(&mut self, text: Option<&str>) -> usize {
        text.filter(|text| !text.is_empty()).map_or(0, |text| self.place(text.to_owned()) + 1)
    }
}

impl<'a> Data<'a> {
    pub(super) fn new(inventory: &Inventory, summary: &'a Summary) -> Self {
        let scan = inventory.scan.as_ref();
        let (duplicates, documents) = duplicates(inventory);
        let mut texts = Columns { documents, ..Columns::default() };
        for row in inventory.rows() {
            texts.add(row);
        }
        let ranked = inventory.totals.ranked();
        let bits = |wanted: fn(Category) -> bool| {
            Category::ALL.into_iter().enumerate().filter(|(_, c)| wanted(*c)).fold(0, |bits, (i, _)| bits | 1 << i)
        };
        Self {
            delta: changes(summary),
            duplicates,
            words: table(),
            tool: scan.map_or("", |scan| scan.tool),
            version: scan.map_or("", |scan| scan.version),
            detectors_hash: scan.map_or_else(String::new, |scan| scan.detectors_hash.clone()),
            started: scan.map_or_else(String::new, |scan| scan.started.clone()),
            duration: summary.duration_seconds,
            complete: summary.complete,
            interrupted: summary.interrupted,
            roots: inventory.roots().iter().map(Name::to_string).collect(),
            headline: Language::ALL.map(|language| inventory.sentences(language, summary)),
            rows_left: inventory.left_out,
            categories: Category::ALL.map(Category::key).to_vec(),
            articles: Category::ALL
                .map(|category| Language::ALL.map(|language| article_in(language, category)))
                .to_vec(),
            special: bits(|category| category.is_special() || category == Category::Criminal),
            personal: bits(|category| !matches!(category, Category::Credential | Category::Classified)),
            states: State::ALL.map(State::key).to_vec(),
            access: Access::ALL.map(Access::key).to_vec(),
            reasons: Reason::ALL.map(Reason::key).into_iter().chain(["unexplained"]).collect(),
            kinds: Kind::ALL.map(Kind::key).to_vec(),
            whys: Why::ALL.map(Why::key).to_vec(),
            totals: Totals::new(inventory, summary),
            place_depth: inventory.totals.depth(),
            places_left: ranked.len().saturating_sub(PLACES),
            places_at_risk: ranked
                .into_iter()
                .take(PLACES)
                .map(|((root, path), place)| PlaceAtRisk {
                    root: *root,
                    path: path.to_string(),
                    worst: severity(place.worst),
                    files: place.files,
                    people: place.people.count(),
                    action: place.action().key(),
                    why: place.why(),
                    categories: place.categories.iter().map(|(category, files)| (at(*category), *files)).collect(),
                })
                .collect(),
            tree: tree(inventory),
            coverage: coverage(inventory),
            folders: texts.folders.list,
            days: texts.days.list,
            media: texts.media.list,
            schemes: texts.schemes.list,
            members: texts.members.list,
            places: texts.places.list,
            samples: texts.samples.list,
            detectors: texts.detectors.list,
            files: texts.files,
            spots: texts.spots,
        }
    }
}

impl Totals {
    fn new(inventory: &Inventory, summary: &Summary) -> Self {
        let totals = &inventory.totals;
        let reason = |wanted: Option<Reason>| {
            Reason::ALL.iter().position(|reason| Some(*reason) == wanted).unwrap_or(Reason::ALL.len())
        };
        let mut gaps: Vec<_> = totals.gaps.iter().map(|(gap, files)| (reason(*gap), *files)).collect();
        gaps.sort_by_key(|(_, files)| std::cmp::Reverse(*files));
        let mut access = [[0; 5]; 5];
        for (i, who) in Access::ALL.into_iter().enumerate() {
            for (j, severity) in Severity::ALL.into_iter().enumerate() {
                let files = totals.access.get(&(who, severity)).copied().unwrap_or(0);
                if let Some(cell) = access.get_mut(i).and_then(|row| row.get_mut(j)) {
                    *cell = files;
                }
            }
        }
        Self {
            files: summary.files,
            members: summary.members,
            bytes: summary.bytes,
            looked_at: totals.fates.looked_at(),
            answered: totals.fates.looked_at() - totals.fates.unread(),
            read: totals.fates.of(Fate::Read),
            sealed: totals.fates.of(Fate::Sealed),
            unread: totals.fates.unread(),
            files_left_out: totals.fates.of(Fate::LeftOut),
            personal: totals.personal,
            special: totals.special,
            people_low: totals.crowd.low(),
            people_high: totals.crowd.high(),
            minors_low: totals.crowd.minors.count(),
            minors_high: totals.crowd.perhaps_minors.count().max(totals.crowd.minors.count()),
            categories: totals
                .categories
                .iter()
                .map(|(&category, of)| {
                    let (people, at_least) = totals.people_of(category);
                    let weight = enisa::class(category).unwrap_or(2);
                    let (files, findings) = (of.files, of.findings);
                    OfCategory { category: at(category), weight, files, findings, people, at_least }
                })
                .collect(),
            states: State::ALL.map(|state| totals.states.get(&state).copied().unwrap_or(0)),
            openers: Opener::ALL.map(|opener| totals.openers.get(&opener).copied().unwrap_or(0)),
            names_exposed: totals.names_exposed,
            access,
            gaps,
            left_out: totals.left_out.iter().map(|(why, files)| (reason(Some(*why)), *files)).collect(),
            kinds: Kind::ALL
                .map(|kind| {
                    let of = totals.kinds.get(&kind).cloned().unwrap_or_default();
                    OfKind {
                        files: of.files,
                        past: of.past,
                        oldest: of.oldest,
                        months: totals.terms.months(kind),
                        is_set: totals.terms.is_set(kind),
                    }
                })
                .into(),
            ages: totals.ages,
            products: totals.products,
        }
    }
}

fn coverage(inventory: &Inventory) -> CoverageColumns {
    let counts = |covered: Covered| {
        let [read, in_part, not_read, sealed, left_out] = covered.fates;
        [read, in_part, not_read, sealed, left_out, covered.members, covered.unchanged]
    };
    let (rows, (left, rest)) = inventory.coverage.rows(COVERED);
    let depth = inventory.coverage.depth();
    let mut columns = CoverageColumns { depth, left, rest: counts(rest), ..CoverageColumns::default() };
    for ((root, path), covered) in rows {
        columns.root.push(*root);
        columns.path.push(path.to_string());
        columns.counts.push(counts(covered));
    }
    columns
}

fn tree(inventory: &Inventory) -> TreeColumns {
    let mut columns = TreeColumns::default();
    for row in inventory.tree.rows() {
        columns.parent.push(row.parent.and_then(|parent| i64::try_from(parent).ok()).unwrap_or(-1));
        columns.root.push(row.root);
        columns.name.push(row.name.to_string());
        columns.files.push(row.files);
        columns.worst.push(severity(row.worst));
        columns.people.push(row.people);
    }
    columns
}

#[derive(Default)]
struct Columns {
    documents: HashMap<u128, usize>,
    files: FileColumns,
    spots: SpotColumns,
    folders: Texts,
    days: Texts,
    media: Texts,
    schemes: Texts,
    members: Texts,
    places: Texts,
    samples: Texts,
    detectors: Texts,
}

impl Columns {
    fn add(&mut self, row: &Row) {
        let file = &row.file;
        let path = file.path.to_string();
        let (folder, name) = path.rsplit_once('/').map_or(("", &*path), |(folder, name)| (folder, name));
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let columns = &mut self.files;
        columns.root.push(file.root);
        columns.folder.push(self.folders.place(folder));
        columns.name.push(name.to_owned());
        columns.severity.push(severity(file.severity));
        columns.people.push(row.people);
        columns.at_least.push(u8::from(row.at_least));
        columns.categories.push(file.categories.keys().fold(0, |bits, category| bits | 1 << at(*category)));
        let state = |state: &State| State::ALL.iter().position(|other| other == state).unwrap_or(0);
        columns.states.push(file.states.iter().fold(0, |bits, of| bits | 1 << state(of)));
        columns.access.push(Access::ALL.iter().position(|access| *access == file.access).unwrap_or(0));
        let gap = |gap: &Option<Reason>| Reason::ALL.iter().position(|r| Some(*r) == *gap).unwrap_or(Reason::ALL.len());
        columns.gaps.push(file.gaps.iter().map(gap).collect());
        columns.fate.push(file.fate as u8);
        columns.score.push(file.score.map_or(0, packed));
        let small = |place: Option<usize>| place.and_then(|place| i8::try_from(place).ok()).unwrap_or(-1);
        columns.kind.push(small(row.kind.and_then(|kind| Kind::ALL.iter().position(|other| *other == kind))));
        columns.past.push(u8::from(row.past));
        columns.age.push(small(row.kind.map(|_| age_class(row.age))));
        columns.modified.push(self.days.optional(file.modified.as_deref().and_then(|time| time.get(..10))));
        columns.size.push(file.size);
        columns.findings.push(file.findings);
        columns
            .opener
            .push(small(file.opener.and_then(|opener| Opener::ALL.iter().position(|other| *other == opener))));
        columns.names.push(u8::from(file.names_exposed));
        columns.minors.push(row.minors);
        columns.left.push(small(file.left_out.and_then(|left| Reason::ALL.iter().position(|reason| *reason == left))));
        columns.scheme.push(self.schemes.optional(file.scheme.as_deref()));
        columns.media.push(self.media.optional(Some(&file.media_type)));
        columns.copy.push(document(&self.documents, file.content.as_deref()));
        columns.spots.push(file.spots.len());
        for spot in &file.spots {
            self.add_spot(spot);
        }
    }

    fn add_spot(&mut self, spot: &Spot) {
        self.spots.category.push(at(spot.category));
        self.spots.member.push(self.members.place(Name::from(&*spot.member).to_string()));
        self.spots.place.push(self.places.place(spot.place.clone()));
        self.spots.sample.push(self.samples.place(Name::from(&*spot.sample).to_string()));
        self.spots.detector.push(self.detectors.place(spot.detector.clone()));
        self.spots.confidence.push(spot.confidence);
    }
}

/// Five bits of the product, three of the context, three of the ease, and what moved it.
fn packed(score: Score) -> u16 {
    let why = Why::ALL.iter().position(|why| *why == score.why).and_then(|at| u16::try_from(at).ok()).unwrap_or(0);
    u16::from(score.product()) | u16::from(score.context) << 5 | u16::from(score.ease) << 8 | why << 11
}

fn severity(severity: Severity) -> u8 {
    severity as u8
}

fn at(category: Category) -> usize {
    Category::ALL.iter().position(|other| *other == category).unwrap_or(0)
}
