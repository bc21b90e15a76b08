//! How the files of a scan ended, counted: what every summary and report begins with.

use std::collections::BTreeMap;

/// How a file ended, with everything inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    Read,
    ReadInPart,
    NotRead,
    /// Sealed well, or holds something that is.
    Sealed,
    /// No file with content of its own, or left out on request.
    LeftOut,
}

/// Files by their fate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fates(BTreeMap<Fate, u64>);

impl Fates {
    pub fn add(&mut self, fate: Fate) {
        *self.0.entry(fate).or_default() += 1;
    }

    pub fn all(&self) -> u64 {
        self.0.values().sum()
    }

    pub fn of(&self, fate: Fate) -> u64 {
        self.0.get(&fate).copied().unwrap_or(0)
    }

    /// Files with content of their own that were not left out on request.
    pub fn looked_at(&self) -> u64 {
        self.all() - self.of(Fate::LeftOut)
    }

    /// Files in which something may have been missed.
    pub fn unread(&self) -> u64 {
        self.of(Fate::NotRead) + self.of(Fate::ReadInPart)
    }
}

impl FromIterator<Fate> for Fates {
    fn from_iter<I: IntoIterator<Item = Fate>>(all: I) -> Self {
        let mut fates = Self::default();
        all.into_iter().for_each(|fate| fates.add(fate));
        fates
    }
}
