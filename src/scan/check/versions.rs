//! The versions of one file in a history: each is read as far as what changed can bring something.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::{Finding, ItemPath, ItemRecord, Severity};
use crate::open::passwords::Passwords;
use crate::scan::crash;
use crate::source::git::history::{Version, Versions};
use crate::source::git::{ObjectId, Objects};

use super::brought::{Brought, Last, brought, text_of};
use super::read::{Item, Tools, content, crashed};
use super::weigh;

/// Contents that are read ahead, and their bytes together, at most.
const MOST_AHEAD: usize = 64;
const BYTES_AHEAD: usize = 16 << 20;
/// What a part shows from this on is looked for in the whole text.
const CONFIRMED: Severity = Severity::Medium;

/// Reads the versions in their order and tells each as an item, whose findings are old if a version before had
/// them; `tell` says whether to go on.
pub(super) fn read(
    file: Versions,
    tools: &Tools,
    objects: &Objects,
    interrupted: &Arc<AtomicBool>,
    tell: &mut dyn FnMut(Vec<Item>) -> bool,
) -> bool {
    let item = ItemPath::new(0, file.path);
    let mut known = Known { before: file.before, findings: HashSet::new() };
    let mut last: Option<Last> = None;
    let mut ahead = Ahead::default();
    for (at, version) in file.contents.iter().enumerate() {
        if interrupted.load(Ordering::Relaxed) {
            return false;
        }
        ahead.read(file.contents.get(at..).unwrap_or_default(), &item, objects);
        let commit = Some(version.commit.to_string());
        let read = crash::catch(|| {
            let bytes = ahead.take().map_or_else(|| content(&item, version.id, objects), Ok)?;
            let like = last.as_ref().and_then(|last| Some((last, last.text.as_ref()?)));
            let brought = like.map_or(Brought::Whole, |(last, record)| {
                brought(&tools.engine, last, &record.media_type, &bytes, item.name())
            });
            let judge = |bytes: &[u8]| tools.judge(item.clone(), bytes, None, Passwords::default(), interrupted);
            let mut items = match (brought, like) {
                (Brought::Nothing, Some((_, record))) => {
                    let record = ItemRecord { size: bytes.len() as u64, ..record.clone() };
                    return Ok::<_, Box<Item>>((bytes, vec![Item::plain(record, None)]));
                }
                (Brought::Part(part), Some(_)) => match part.judge(&bytes, judge) {
                    items if known.weight_of_new(&items) >= CONFIRMED => judge(&bytes),
                    items => items,
                },
                _ => judge(&bytes),
            };
            known.mark(&mut items, |before| {
                let before = content(&item, before, objects).unwrap_or_default();
                judge(&before)
            });
            Ok((bytes, items))
        });
        let items = match read {
            Ok(Ok((bytes, items))) => {
                let text = items.last().and_then(|item| text_of(&item.record));
                let is_delicate =
                    [last.as_ref().map(|last| last.is_delicate), items.last().map(|item| item.is_delicate)];
                last = Some(Last { bytes, text, is_delicate: is_delicate.into_iter().flatten().any(|it| it) });
                items
            }
            Ok(Err(item)) => vec![*item],
            Err(place) => vec![crashed(item.clone(), place)],
        };
        if !tell(items.into_iter().map(|item| Item { commit: commit.clone(), ..item }).collect()) {
            return false;
        }
    }
    true
}

/// Contents that come next, taken out of the repository newest first: an older one is stored as what differs from a
/// newer one, which is then at hand.
#[derive(Default)]
struct Ahead {
    /// The next one last; none for one that is to be read in its turn.
    contents: Vec<Option<Vec<u8>>>,
}

impl Ahead {
    fn read(&mut self, next: &[Version], item: &ItemPath, objects: &Objects) {
        if !self.contents.is_empty() {
            return;
        }
        let mut room = BYTES_AHEAD;
        let mut read = |version: &Version| {
            if room == 0 {
                return None;
            }
            // What cannot be read is told in its turn.
            let bytes = crash::catch(|| content(item, version.id, objects)).ok()?.ok()?;
            let left = room.checked_sub(bytes.len());
            room = left.unwrap_or(0);
            left.map(|_| bytes)
        };
        self.contents.extend(next.iter().take(MOST_AHEAD).rev().map(&mut read));
    }

    fn take(&mut self) -> Option<Vec<u8>> {
        self.contents.pop().flatten()
    }
}

/// What was found in the versions so far.
struct Known {
    /// A version that was told elsewhere; looked at when something is found.
    before: Option<ObjectId>,
    findings: HashSet<(ItemPath, String)>,
}

impl Known {
    /// The severity of what no version before had.
    fn weight_of_new(&self, items: &[Item]) -> Severity {
        let weight = |item: &Item| {
            let record = &item.record;
            let is_new =
                |finding: &&Finding| !self.findings.contains(&(record.item.clone(), finding.fingerprint.clone()));
            weigh::together(&record.findings.iter().filter(is_new).collect::<Vec<_>>(), record.protection.state)
        };
        items.iter().map(weight).max().unwrap_or(Severity::None)
    }

    fn mark(&mut self, items: &mut [Item], read: impl FnOnce(ObjectId) -> Vec<Item>) {
        if items.iter().all(|item| item.record.findings.is_empty()) {
            return;
        }
        if let Some(before) = self.before.take() {
            self.findings.extend(read(before).iter().flat_map(findings));
        }
        for item in &mut *items {
            for (finding, detail) in item.record.findings.iter().zip(&mut item.details) {
                detail.is_old = self.findings.contains(&(item.record.item.clone(), finding.fingerprint.clone()));
            }
        }
        self.findings.extend(items.iter().flat_map(findings));
    }
}

fn findings(item: &Item) -> impl Iterator<Item = (ItemPath, String)> {
    item.record.findings.iter().map(|finding| (item.record.item.clone(), finding.fingerprint.clone()))
}
