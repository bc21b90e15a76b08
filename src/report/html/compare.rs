//! What the page compares: documents that lie in several places, and this scan with the one before.

use std::collections::HashMap;

use serde::Serialize;

use crate::model::{Change, Delta, Severity, Summary};
use crate::report::copies::number;
use crate::report::inventory::Inventory;

/// Documents that are listed, and places of each; the list of files has all.
const DOCUMENTS: usize = 300;
const PLACES: usize = 20;
/// Files of the list of changes.
const CHANGES: usize = 300;

/// Documents with more than one place.
#[derive(Serialize)]
pub(super) struct Duplicates {
    documents: u64,
    files: u64,
    at_least: bool,
    listed: Vec<Duplicate>,
}

#[derive(Serialize)]
struct Duplicate {
    worst: u8,
    files: u64,
    people: u64,
    people_at_least: bool,
    size: u64,
    /// Root and path.
    places: Vec<(usize, String)>,
}

/// The documents; and of each content that lies in several places its number, from one: the first ones are listed.
pub(super) fn duplicates(inventory: &Inventory) -> (Option<Duplicates>, HashMap<u128, usize>) {
    let copies = &inventory.totals.copies;
    let (documents, files) = copies.count();
    if documents == 0 {
        return (None, HashMap::new());
    }
    let ranked = copies.ranked();
    let numbers = (1..).zip(&ranked).map(|(at, (content, _))| (*content, at)).collect();
    let listed = ranked.iter().take(DOCUMENTS).map(|(_, document)| Duplicate {
        worst: document.worst as u8,
        files: document.files,
        people: document.people,
        people_at_least: document.at_least,
        size: document.size,
        places: document.places.iter().take(PLACES).map(|(root, path)| (*root, path.to_string())).collect(),
    });
    (Some(Duplicates { documents, files, at_least: copies.at_least, listed: listed.collect() }), numbers)
}

/// The number of the document that a content is; zero for one that lies in one place.
pub(super) fn document(numbers: &HashMap<u128, usize>, content: Option<&str>) -> usize {
    content.and_then(number).and_then(|content| numbers.get(&content)).copied().unwrap_or(0)
}

/// What became different since the last scan.
#[derive(Serialize)]
pub(super) struct Changes<'a> {
    scan: u64,
    started: &'a str,
    new: u64,
    changed: u64,
    gone: u64,
    newly_exposed: u64,
    newly_protected: u64,
    unchanged: u64,
    kinds: [&'static str; 3],
    listed: Vec<Changed>,
    left: u64,
}

#[derive(Serialize)]
struct Changed {
    root: usize,
    path: String,
    change: u8,
    exposed: bool,
    protected: bool,
    /// Severities before and now; -1 where the file is not there.
    before: i8,
    now: i8,
}

/// None for a scan without an earlier one.
pub(super) fn changes(summary: &Summary) -> Option<Changes<'_>> {
    let standing = summary.state.as_ref()?;
    let delta = standing.since.as_ref()?;
    let Delta { scan, started, new, changed, gone, newly_exposed, newly_protected, files } = delta;
    let severity = |severity: Option<Severity>| severity.map_or(-1, |severity| severity as i8);
    let listed: Vec<Changed> = files
        .iter()
        .take(CHANGES)
        .map(|file| Changed {
            root: file.item.root,
            path: file.item.path.to_string(),
            change: file.change as u8,
            exposed: file.newly_exposed,
            protected: file.newly_protected,
            before: severity(file.severity.0),
            now: severity(file.severity.1),
        })
        .collect();
    Some(Changes {
        scan: *scan,
        started,
        new: *new,
        changed: *changed,
        gone: *gone,
        newly_exposed: *newly_exposed,
        newly_protected: *newly_protected,
        unchanged: standing.unchanged,
        kinds: Change::ALL.map(Change::key),
        left: delta.all().saturating_sub(listed.len() as u64),
        listed,
    })
}
