//! A file on its way through worker processes, and the unit in which it goes.

use std::time::Duration;

use crate::model::{ItemRecord, Outcome, Reason};
use crate::open::Limits;
use crate::scan::crew::allowed;
use crate::scan::worker;
use crate::source::Entry;

use super::child::Death;
use super::register::Mark;
use super::wire::Told;

/// Members of one file, and bytes of them, that are held back until it is finished.
const HELD: usize = 1024;
const HELD_BYTES: usize = 8 << 20;

/// What a worker told cannot be.
#[derive(Debug)]
pub(super) struct Nonsense;

pub(super) struct Task {
    pub(super) entry: Entry,
    finished: bool,
    /// Workers that died of it, and that something else killed while they had it in hand.
    strikes: [u8; 2],
    held: Vec<ItemRecord>,
    held_bytes: usize,
    /// Members were told already.
    released: bool,
    members: u64,
}

impl Task {
    pub(super) fn new(entry: Entry) -> Self {
        Self { entry, finished: false, strikes: [0; 2], held: Vec::new(), held_bytes: 0, released: false, members: 0 }
    }

    /// It killed a worker, and is given to one alone.
    pub(super) fn is_suspect(&self) -> bool {
        self.strikes != [0; 2]
    }

    /// Takes a record of the file; `ready` gets what can be told.
    fn hear(&mut self, told: Told, limits: &Limits, ready: &mut Vec<ItemRecord>) -> Result<(), Nonsense> {
        let Told { is_file, record, bytes, .. } = told;
        let (item, own) = (&record.item, &self.entry.item);
        let is_own = item.root == own.root && item.path == own.path && item.members.is_empty() == is_file;
        if self.finished || !is_own {
            return Err(Nonsense);
        }
        if is_file {
            self.finished = true;
            ready.append(&mut self.held);
            ready.push(record);
            return Ok(());
        }
        self.members += 1;
        // What is not read has a record too, and need not be spent.
        if self.members > limits.members.saturating_mul(2).saturating_add(1000) {
            return Err(Nonsense);
        }
        self.held.push(record);
        self.held_bytes = self.held_bytes.saturating_add(bytes);
        if self.released || self.held.len() >= HELD || self.held_bytes >= HELD_BYTES {
            self.released = true;
            ready.append(&mut self.held);
        }
        Ok(())
    }

    /// Ends the file without its own record; what is known of its members stays.
    fn give_up(mut self, outcome: Outcome, reason: Reason, message: &str, ready: &mut Vec<ItemRecord>) {
        let has_members = self.released || !self.held.is_empty();
        ready.append(&mut self.held);
        let mut record = worker::unread(&self.entry, outcome, reason, message.to_owned());
        if has_members {
            record.outcome = Some(Outcome::ReadInPart);
        }
        ready.push(record);
    }

    /// Its share does not answer.
    pub(super) fn unanswered(self, ready: &mut Vec<ItemRecord>) {
        self.give_up(Outcome::Unreadable, Reason::ShareUnavailable, "the share does not answer", ready);
    }

    pub(super) fn interrupt(self, ready: &mut Vec<ItemRecord>) {
        self.give_up(Outcome::Skipped, Reason::Interrupted, "", ready);
    }

    /// The worker died of it: ends it, or gives it back for another try.
    pub(super) fn suspect(mut self, death: &Death, ready: &mut Vec<ItemRecord>) -> Option<Self> {
        let [own, foreign] = &mut self.strikes;
        let strikes = if death.is_foreign() { foreign } else { own };
        *strikes += 1;
        if *strikes < death.tries && !self.released {
            return Some(self.begin_again());
        }
        self.give_up(Outcome::Unreadable, death.reason, &death.message, ready);
        None
    }

    /// The worker died of something else. What was told cannot be told twice.
    pub(super) fn requeue(self, death: &Death, ready: &mut Vec<ItemRecord>) -> Option<Self> {
        if self.released {
            self.give_up(Outcome::Unreadable, death.reason, &death.message, ready);
            return None;
        }
        Some(self.begin_again())
    }

    fn begin_again(mut self) -> Self {
        self.held.clear();
        self.held_bytes = 0;
        self.members = 0;
        self
    }
}

/// What a worker was given.
pub(super) struct Unit {
    pub(super) number: u64,
    pub(super) tasks: Vec<Task>,
    left: usize,
}

impl Unit {
    pub(super) fn new(number: u64, tasks: Vec<Task>) -> Self {
        Self { number, left: tasks.len(), tasks }
    }

    /// Whether the record ended a file.
    pub(super) fn hear(&mut self, told: Told, limits: &Limits, ready: &mut Vec<ItemRecord>) -> Result<bool, Nonsense> {
        let is_file = told.is_file;
        self.tasks.get_mut(told.at).ok_or(Nonsense)?.hear(told, limits, ready)?;
        self.left -= usize::from(is_file);
        Ok(is_file)
    }

    pub(super) fn is_done(&self) -> bool {
        self.left == 0
    }

    /// The file of this mark, if it is not finished.
    pub(super) fn marked(&self, mark: Mark) -> Option<&Task> {
        let at = usize::try_from(mark.at).ok().filter(|_| mark.unit == self.number)?;
        self.tasks.get(at).filter(|task| !task.finished)
    }

    /// Those that are not finished.
    pub(super) fn left(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| !task.finished)
    }

    pub(super) fn unfinished(self) -> impl Iterator<Item = (u64, Task)> {
        let numbered = (0_u64..).zip(self.tasks);
        numbered.filter(|(_, task)| !task.finished)
    }

    pub(super) fn bytes(&self) -> u64 {
        self.tasks.iter().fold(0, |bytes, task| bytes.saturating_add(task.entry.size))
    }

    /// What its files may take together.
    pub(super) fn allowed(&self, limits: &Limits) -> Duration {
        self.tasks.iter().filter(|task| !task.finished).map(|task| allowed(&task.entry, limits)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ItemPath, Name};

    fn unit(names: &[&str]) -> Unit {
        let dir = tempfile::tempdir().unwrap();
        let entry = |name: &str| {
            Entry::new(ItemPath::new(0, name.into()), dir.path().join(name), &dir.path().metadata().unwrap())
        };
        Unit::new(7, names.iter().map(|name| Task::new(entry(name))).collect())
    }

    fn told(at: usize, path: &str, member: Option<usize>) -> Told {
        let file = ItemPath::new(0, path.into());
        let item = member.map_or_else(|| file.clone(), |n| file.member(Name::from(n.to_string())));
        let record = ItemRecord { item, outcome: Some(Outcome::Read), ..ItemRecord::default() };
        Told { unit: 7, at, is_file: member.is_none(), record, bytes: 100 }
    }

    fn hear(unit: &mut Unit, told: Told, ready: &mut Vec<ItemRecord>) -> Result<bool, Nonsense> {
        unit.hear(told, &Limits::default(), ready)
    }

    #[test]
    fn members_wait_for_their_file() {
        let (mut unit, mut ready) = (unit(&["a.zip", "b"]), Vec::new());
        assert!(!hear(&mut unit, told(0, "a.zip", Some(1)), &mut ready).unwrap());
        assert!(ready.is_empty());
        assert!(hear(&mut unit, told(0, "a.zip", None), &mut ready).unwrap());
        assert_eq!(ready.len(), 2);
        assert!(!unit.is_done());
        assert_eq!(unit.unfinished().map(|(at, task)| (at, task.entry.item.to_string())).last(), Some((1, "b".into())));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let (mut unit, mut ready) = (unit(&["a", "b"]), Vec::new());
        let refused = |unit: &mut Unit, told| hear(unit, told, &mut Vec::new()).is_err();
        assert!(refused(&mut unit, told(2, "a", None)), "no such file");
        assert!(refused(&mut unit, told(1, "a", None)), "another file");
        let wrong = Told { is_file: true, ..told(0, "a", Some(1)) };
        assert!(refused(&mut unit, wrong), "a member for a file");
        hear(&mut unit, told(0, "a", None), &mut ready).unwrap();
        assert!(refused(&mut unit, told(0, "a", None)), "twice");
    }

    fn death(tries: u8) -> Death {
        Death { tries, ..Death::nonsense() }
    }

    #[test]
    fn a_file_may_kill_two_workers_and_its_members_are_told_once() {
        let (mut unit, mut ready) = (unit(&["a.zip"]), Vec::new());
        hear(&mut unit, told(0, "a.zip", Some(1)), &mut ready).unwrap();
        let task = unit.tasks.remove(0).suspect(&death(2), &mut ready).unwrap();
        assert!(ready.is_empty() && task.is_suspect(), "what was held will be told by the next worker");
        let mut unit = Unit::new(7, vec![task]);
        hear(&mut unit, told(0, "a.zip", Some(1)), &mut ready).unwrap();
        assert!(unit.tasks.remove(0).suspect(&death(2), &mut ready).is_none());
        let outcomes: Vec<_> = ready.iter().map(ItemRecord::outcome).collect();
        assert_eq!(outcomes, [Outcome::Read, Outcome::ReadInPart]);
        assert_eq!(ready[1].reasons, [Reason::Crashed]);
    }

    #[test]
    fn what_others_killed_is_not_held_against_a_file() {
        let (mut unit, mut ready) = (unit(&["a.zip"]), Vec::new());
        let mut task = unit.tasks.remove(0);
        for tries in [5, 5, 2, 5, 5] {
            task = task.suspect(&death(tries), &mut ready).unwrap();
        }
        assert!(task.suspect(&death(5), &mut ready).is_none());
        assert_eq!(ready.len(), 1);
    }

    #[test]
    fn a_file_whose_members_were_told_is_not_tried_again() {
        let (mut unit, mut ready) = (unit(&["a.zip", "b"]), Vec::new());
        for member in 0..HELD + 5 {
            hear(&mut unit, told(0, "a.zip", Some(member)), &mut ready).unwrap();
        }
        assert_eq!(ready.len(), HELD + 5);
        let b = unit.tasks.remove(1);
        assert!(unit.tasks.remove(0).suspect(&death(2), &mut ready).is_none());
        assert_eq!(ready.len(), HELD + 6);
        assert!(b.suspect(&death(1), &mut ready).is_none(), "some deaths are not worth another try");
        assert_eq!(ready.last().unwrap().outcome(), Outcome::Unreadable);
    }
}
