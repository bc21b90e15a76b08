//! Keeps one worker process busy: gives it units, takes its records, and answers for it when it dies.
//!
//! The worker is not trusted. A record must be of a file that it was given and has not
//! finished; anything else ends it. What it shows to have in hand decides only which file is
//! suspected, and it is watched by the clock of the scan.
//!
//! When it dies, the records of files that were finished stay, and the others of its units are
//! read again by the next worker. The file in hand is suspected: it is tried once more, alone, and
//! more often if something else killed the worker.
//! Members are told while their file is read; they are held back here, so that a second reading
//! does not tell them twice. A file with more members than are held back is not tried again:
//! what was told of them stays, and the file ends as read in part.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, TryRecvError};

use crate::model::ItemRecord;
use crate::scan::crew::{GRACE, SHOWN, Shared, allowed};
use crate::scan::supervise::{Message, UNIT_BYTES};
use crate::scan::worker;
use crate::source::Entry;

use super::Workers;
use super::child::{Child, Death, Heard};
use super::register::Mark;
use super::task::{Nonsense, Task, Unit};
use super::wire::{Reply, Request, WireEntry};

/// Units that a worker may have: it need not wait for the next.
const IN_FLIGHT: usize = 2;
const TICK: Duration = Duration::from_millis(100);
/// From then on a worker that is not set up may be waiting for a share.
const SLOW: Duration = Duration::from_secs(5);
/// Until a worker has taken up its first file.
const START: Duration = Duration::from_mins(2);
/// Workers that may die one after the other without having finished a file or having one in hand.
const FRUITLESS: u32 = 10;

/// Why a keeper stops before the work does.
pub(super) enum End {
    /// Nobody reads the records any more.
    Over,
    /// No worker can be started.
    Failed(io::Error),
}

pub(super) struct Keeper<'a> {
    shared: &'a Shared,
    workers: &'a Workers,
    child: Option<Child>,
    is_ready: bool,
    in_hand: VecDeque<Unit>,
    /// To be given before anything new.
    again: VecDeque<Vec<Task>>,
    given: u64,
    /// Units of the walk that are not yet done.
    taken: usize,
    /// What the worker shows to have in hand, and since when.
    mark: Option<Mark>,
    since: Instant,
    watched: Instant,
    helpers: usize,
    /// Whether this worker has finished a file.
    is_useful: bool,
    fruitless: u32,
    /// Roots that this worker was not given, for their share did not answer when it started.
    lacking: Vec<usize>,
    /// Until when an interrupted worker may answer.
    stop_by: Option<Instant>,
    ready: Vec<ItemRecord>,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(shared: &'a Shared, workers: &'a Workers) -> Self {
        let now = Instant::now();
        Self {
            shared,
            workers,
            child: None,
            is_ready: false,
            in_hand: VecDeque::new(),
            again: VecDeque::new(),
            given: 0,
            taken: 0,
            mark: None,
            since: now,
            watched: now,
            helpers: 0,
            is_useful: false,
            fruitless: 0,
            lacking: Vec::new(),
            stop_by: None,
            ready: Vec::new(),
        }
    }

    /// Reads units until there are no more.
    pub(super) fn run(mut self) -> Result<(), End> {
        while let Some(unit) = self.shared.next_unit() {
            self.take(unit);
            self.workers.busy.fetch_add(1, Ordering::Relaxed);
            let worked = self.work();
            self.workers.busy.fetch_sub(1, Ordering::Relaxed);
            worked?;
            for _ in 0..std::mem::take(&mut self.taken) {
                self.shared.units.done();
            }
        }
        Ok(())
    }

    fn take(&mut self, unit: Vec<Entry>) {
        if let Some(first) = unit.first() {
            self.shared.progress.set_current(&first.item);
        }
        let tasks = self.tasks(unit);
        self.again.extend(tasks);
    }

    /// The files of a unit when it is time for them.
    fn tasks(&mut self, unit: Vec<Entry>) -> Option<Vec<Task>> {
        self.taken += 1;
        self.shared.pace.before_unit(&self.shared.interrupted);
        self.answering(unit.into_iter().map(Task::new).collect())
    }

    /// What is to be read again.
    fn waiting(&mut self) -> Option<Vec<Task>> {
        while let Some(tasks) = self.again.pop_front() {
            let answering = self.answering(tasks);
            if answering.is_some() {
                return answering;
            }
        }
        None
    }

    /// All but the files of a share that does not answer, which end here.
    fn answering(&mut self, tasks: Vec<Task>) -> Option<Vec<Task>> {
        let health = &self.shared.shares.health;
        let is_down = |task: &Task| self.lacking.contains(&task.entry.item.root) || health.is_down(&task.entry.path);
        let (down, up): (Vec<_>, Vec<_>) = tasks.into_iter().partition(is_down);
        for task in down {
            task.unanswered(&mut self.ready);
        }
        Some(up).filter(|tasks| !tasks.is_empty())
    }

    /// Until nothing is left of what was taken.
    fn work(&mut self) -> Result<(), End> {
        loop {
            if self.shared.interrupted.load(Ordering::Relaxed) {
                self.interrupt()?;
            }
            self.give()?;
            if self.in_hand.is_empty() {
                return self.tell();
            }
            self.listen()?;
            self.tell()?;
            if self.watched.elapsed() >= TICK {
                self.watched = Instant::now();
                self.watch()?;
            }
        }
    }

    /// Hands units to the worker while it has room for them.
    fn give(&mut self) -> Result<(), End> {
        while self.in_hand.len() < IN_FLIGHT {
            let Some(tasks) = self.next_unit() else { return Ok(()) };
            self.given += 1;
            let number = self.given;
            let entries = tasks.iter().map(|task| WireEntry::new(&task.entry)).collect();
            self.helpers = self.workers.helpers();
            let request = Request::Unit { number, entries, helpers: self.helpers };
            if self.in_hand.is_empty() {
                self.since = Instant::now();
            }
            self.in_hand.push_back(Unit::new(number, tasks));
            let limits = &self.shared.config.limits;
            let threads = self.shared.config.threads.max(1) as u64;
            let processor = self.in_hand.iter().map(|unit| unit.allowed(limits)).sum::<Duration>() + GRACE;
            let child = match self.child.take() {
                Some(child) => child,
                None => self.start()?,
            };
            let child = self.child.insert(child);
            child.send(&request).map_err(End::Failed)?;
            child.grant_processor(processor.as_secs().saturating_mul(threads));
        }
        Ok(())
    }

    fn next_unit(&mut self) -> Option<Vec<Task>> {
        let Some(last) = self.in_hand.back() else { return self.waiting() };
        // What is suspected is alone in its worker; nothing waits behind what takes long, or
        // while others have nothing to do.
        let is_suspect = |tasks: &[Task]| tasks.iter().any(Task::is_suspect);
        if is_suspect(&last.tasks) || last.bytes() >= UNIT_BYTES {
            return None;
        }
        if let Some(next) = self.again.front() {
            return if is_suspect(next) { None } else { self.waiting() };
        }
        if self.shared.queue.len() <= self.workers.idle() {
            return None;
        }
        match self.shared.queue.try_recv() {
            Ok(unit) => self.tasks(unit),
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => None,
        }
    }

    fn start(&mut self) -> Result<Child, End> {
        let mut tries = 0;
        // A worker opens its roots when it starts, and would wait for one that does not answer.
        let roots = &self.shared.config.roots;
        let down = |root: &usize| roots.get(*root).is_some_and(|path| self.shared.shares.health.is_down(path));
        self.lacking = (0..roots.len()).filter(down).collect();
        let child = loop {
            tries += 1;
            match Child::start(&self.workers.setup, &self.lacking, self.workers.spare()) {
                Ok(child) => break child,
                // There may be too many processes for a moment.
                Err(error) if tries >= FRUITLESS => return Err(End::Failed(error)),
                Err(_) => thread::sleep(TICK * tries),
            }
        };
        (self.is_ready, self.is_useful, self.mark) = (false, false, None);
        self.since = Instant::now();
        Ok(child)
    }

    fn listen(&mut self) -> Result<(), End> {
        let Some(child) = &mut self.child else { return Ok(()) };
        match child.heard.recv_timeout(TICK) {
            Ok(Heard::Replies(replies)) => {
                for reply in replies {
                    if self.hear(reply).is_err() {
                        return self.kill(&Death::nonsense(), None);
                    }
                }
                Ok(())
            }
            Ok(Heard::Closed) | Err(RecvTimeoutError::Disconnected) => {
                let death = child.end();
                self.bury(&death, None)
            }
            Ok(Heard::Nonsense) => self.kill(&Death::nonsense(), None),
            Err(RecvTimeoutError::Timeout) => Ok(()),
        }
    }

    fn hear(&mut self, reply: Reply) -> Result<(), Nonsense> {
        match reply {
            Reply::Ready(walls) => {
                self.is_ready = true;
                self.since = Instant::now();
                self.workers.note(walls);
            }
            Reply::Told(told) => {
                let number = told.unit;
                let unit = self.in_hand.iter_mut().find(|unit| unit.number == number).ok_or(Nonsense)?;
                if let Some(task) = unit.tasks.get(told.at).filter(|_| told.is_file) {
                    self.shared.shares.health.heard(&task.entry.path, worker::share_fault(&told.record));
                }
                self.is_useful |= unit.hear(*told, &self.shared.config.limits, &mut self.ready)?;
                self.in_hand.retain(|unit| !unit.is_done());
            }
        }
        Ok(())
    }

    /// Hands on what can be told. While the writer takes its time, no file spends its own.
    fn tell(&mut self) -> Result<(), End> {
        if self.ready.is_empty() {
            return Ok(());
        }
        let began = Instant::now();
        let records = std::mem::take(&mut self.ready);
        self.shared.messages.send(Message::Records(records)).map_err(|_| End::Over)?;
        self.since += began.elapsed();
        Ok(())
    }

    /// Ends a worker that is past the deadline of the file it has in hand.
    fn watch(&mut self) -> Result<(), End> {
        let Some(child) = &mut self.child else { return Ok(()) };
        let now = Instant::now();
        // Marks go forward; what goes back is no mark of ours.
        let mark = child.mark().filter(|mark| self.in_hand.iter().any(|unit| unit.marked(*mark).is_some()));
        if mark.is_some() && mark > self.mark {
            (self.mark, self.since) = (mark, now);
        }
        let task = self.mark.and_then(|mark| self.in_hand.iter().find_map(|unit| unit.marked(mark)));
        let limits = &self.shared.config.limits;
        let between = || START.max(limits.time) + self.workers.longest_wait;
        let allowed = task.map_or_else(between, |task| allowed(&task.entry, limits));
        let spent = now.saturating_duration_since(self.since);
        if let Some(task) = task.filter(|task| task.entry.size >= SHOWN) {
            self.shared.progress.set_current(&task.entry.item);
        }
        if spent > allowed + GRACE {
            if let Some(task) = task {
                // Perhaps it is the share that did not come back.
                self.shared.shares.health.suspect(&task.entry.path);
            }
            // Not what it may have taken up in this moment.
            return self.kill(&Death::timeout(), self.mark);
        }
        if !self.is_ready && spent > SLOW {
            // It may be a root that does not come back.
            let roots = &self.shared.config.roots;
            let given = roots.iter().enumerate().filter(|(root, _)| !self.lacking.contains(root));
            let mut is_down = false;
            for (_, path) in given {
                self.shared.shares.health.suspect(path);
                is_down |= self.shared.shares.health.is_down(path);
            }
            if is_down {
                return self.kill(&Death::unanswered(), None);
            }
        }
        // What is in hand of a share that was given up meanwhile: each of its files would take its time to fail.
        let health = &self.shared.shares.health;
        if self.in_hand.iter().flat_map(Unit::left).any(|task| health.is_down(&task.entry.path)) {
            return self.kill(&Death::unanswered(), None);
        }
        let helpers = self.workers.helpers();
        if helpers != self.helpers {
            self.helpers = helpers;
            child.send(&Request::Helpers(helpers)).map_err(End::Failed)?;
        }
        Ok(())
    }

    fn kill(&mut self, death: &Death, guilty: Option<Mark>) -> Result<(), End> {
        if let Some(child) = &mut self.child {
            child.kill();
        }
        self.bury(death, guilty)
    }

    /// The worker is dead: what it had in hand is suspected, all else is read again. `guilty`
    /// is known to be; without it the worker's register tells.
    fn bury(&mut self, death: &Death, guilty: Option<Mark>) -> Result<(), End> {
        let Some(child) = self.child.take() else { return Ok(()) };
        let shown = guilty.or_else(|| child.mark());
        let shown = shown.filter(|mark| self.in_hand.iter().any(|unit| unit.marked(*mark).is_some()));
        let mut is_blamed = false;
        self.fruitless = if shown.is_some() || self.is_useful { 0 } else { self.fruitless + 1 };
        if self.fruitless > 0 {
            if self.fruitless >= FRUITLESS && !self.is_ready {
                let message = format!("workers end before they read anything: {}", death.message);
                return Err(End::Failed(io::Error::other(message)));
            }
            thread::sleep(TICK * self.fruitless);
        }
        // One that is ready and hides what it has in hand is not believed for ever.
        let blame_first = self.is_ready && (death.tries == 1 || self.fruitless >= FRUITLESS);
        let mut rest = Vec::new();
        let mut suspect = None;
        for unit in std::mem::take(&mut self.in_hand) {
            let number = unit.number;
            for (at, task) in unit.unfinished() {
                let is_shown = shown == Some(Mark { unit: number, at });
                if is_shown || (shown.is_none() && blame_first && !is_blamed) {
                    is_blamed = true;
                    suspect = task.suspect(death, &mut self.ready);
                } else if let Some(task) = task.requeue(death, &mut self.ready) {
                    rest.push(task);
                }
            }
        }
        if is_blamed {
            self.fruitless = 0;
        }
        if !rest.is_empty() {
            self.again.push_front(rest);
        }
        // It may cost another worker: last, and alone.
        self.again.extend(suspect.map(|task| vec![task]));
        self.tell()
    }

    /// What is not begun is not to be read, and what is begun has a moment to end.
    fn interrupt(&mut self) -> Result<(), End> {
        for task in self.again.drain(..).flatten() {
            task.interrupt(&mut self.ready);
        }
        if let (Some(child), false) = (&mut self.child, self.in_hand.is_empty()) {
            match self.stop_by {
                None => {
                    self.stop_by = Some(Instant::now() + GRACE);
                    child.send(&Request::Stop).map_err(End::Failed)?;
                }
                Some(until) if Instant::now() > until => {
                    child.kill();
                    self.child = None;
                    for (_, task) in std::mem::take(&mut self.in_hand).into_iter().flat_map(Unit::unfinished) {
                        task.interrupt(&mut self.ready);
                    }
                }
                Some(_) => {}
            }
        }
        self.tell()
    }
}
