//! The baseline: findings that are known, each with who accepted it, why, and until when.
//!
//! A fingerprint is keyed BLAKE3 over detector and value, under a salt that stands in the same
//! file: it survives moved lines and renamed files, and two repositories cannot be compared.
//! It is no secret: a value with few possibilities can be found by trying all of them. Whoever
//! has the baseline has the repository and with it the value itself; keep it nowhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::judge::Key;
use crate::model::{Finding, hex};
use crate::report::AtomicFile;

const VERSION: u32 = 2;
const SALT_BYTES: usize = 32;
const HEADER: &str = "\
# Findings that `plainsight check --baseline` accepts. Reasons, owners and dates are yours to edit.
# A fingerprint stands for a value; whoever has this file should have no more than the repository.

";

#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    #[error("reading the baseline")]
    Read(#[source] io::Error),
    #[error("the baseline is not written as it should be")]
    Form(#[from] toml::de::Error),
    #[error("the baseline is of version {0}; this program knows {VERSION}")]
    Version(u32),
    #[error("the salt of the baseline is not {SALT_BYTES} bytes in hexadecimal digits")]
    Salt,
    #[error("the entry for {0} in the baseline: `{1}` is empty")]
    Empty(String, &'static str),
    #[error("the entry for {0} in the baseline: `expires` is no date")]
    Date(String),
    #[error("asking the system for random bytes")]
    Random(#[source] io::Error),
    #[error("writing the baseline")]
    Write(#[source] io::Error),
}

/// One finding that is accepted, wherever its value stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub detector: String,
    pub fingerprint: String,
    /// Where it was when it was accepted: for people, and not compared.
    pub path: String,
    pub reason: String,
    pub owner: String,
    /// The last day on which it is accepted.
    pub expires: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    salt: String,
    #[serde(default, rename = "accepted")]
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
pub struct Baseline {
    salt: [u8; SALT_BYTES],
    /// By fingerprint.
    entries: BTreeMap<String, (Entry, Date)>,
    /// Fingerprints that were met.
    met: BTreeSet<String>,
}

impl Baseline {
    /// An empty one with a salt of its own.
    pub fn new() -> Result<Self, BaselineError> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|error| BaselineError::Random(io::Error::other(error.to_string())))?;
        Ok(Self { salt, entries: BTreeMap::new(), met: BTreeSet::new() })
    }

    /// None if there is no such file.
    pub fn read(path: &Path) -> Result<Option<Self>, BaselineError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(BaselineError::Read(error)),
        }
    }

    fn parse(text: &str) -> Result<Self, BaselineError> {
        let File { version, salt, entries } = toml::from_str(text)?;
        if version != VERSION {
            return Err(BaselineError::Version(version));
        }
        let salt = parse_salt(&salt).ok_or(BaselineError::Salt)?;
        let entries = entries.into_iter().map(|entry| {
            for (key, value) in [("reason", &entry.reason), ("owner", &entry.owner)] {
                if value.trim().is_empty() {
                    return Err(BaselineError::Empty(entry.path.clone(), key));
                }
            }
            let expires = entry.expires.parse().map_err(|_| BaselineError::Date(entry.path.clone()))?;
            Ok((entry.fingerprint.clone(), (entry, expires)))
        });
        Ok(Self { salt, entries: entries.collect::<Result<_, _>>()?, met: BTreeSet::new() })
    }

    /// The key of the fingerprints.
    pub fn key(&self) -> Key {
        Key::from_bytes(self.salt)
    }

    pub fn salt(&self) -> [u8; 32] {
        self.salt
    }

    /// The entry for this finding, and whether it still holds.
    pub(super) fn accepts(&mut self, fingerprint: &str, today: Date) -> Option<(&Entry, bool)> {
        let (entry, expires) = self.entries.get(fingerprint)?;
        self.met.insert(fingerprint.to_owned());
        Some((entry, *expires >= today))
    }

    /// Entries whose finding was not met: it is gone, or was not looked for.
    pub fn unused(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().map(|(entry, _)| entry).filter(|entry| !self.met.contains(&entry.fingerprint))
    }

    /// Takes the new entries in; those that were not met go when `forgets`.
    pub fn update(&mut self, new: Vec<(Entry, Date)>, forgets: bool) {
        if forgets {
            let met = &self.met;
            self.entries.retain(|fingerprint, _| met.contains(fingerprint));
        }
        for (entry, expires) in new {
            self.entries.entry(entry.fingerprint.clone()).or_insert((entry, expires));
        }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Puts the file in its place whole, or not at all.
    pub fn write(&self, path: &Path) -> Result<(), BaselineError> {
        let text = self.text().map_err(|error| BaselineError::Write(io::Error::other(error)))?;
        let mut file = AtomicFile::create(path).map_err(BaselineError::Write)?;
        file.write_all(text.as_bytes()).and_then(|()| file.commit()).map_err(BaselineError::Write)
    }

    fn text(&self) -> Result<String, toml::ser::Error> {
        let mut entries: Vec<Entry> = self.entries.values().map(|(entry, _)| entry.clone()).collect();
        entries.sort_by(|a, b| (&a.path, &a.detector, &a.fingerprint).cmp(&(&b.path, &b.detector, &b.fingerprint)));
        let salt = hex(&self.salt);
        Ok(format!("{HEADER}{}", toml::to_string(&File { version: VERSION, salt, entries })?))
    }
}

/// 64 hexadecimal digits.
pub(super) fn parse_salt(digits: &str) -> Option<[u8; SALT_BYTES]> {
    let mut salt = [0; SALT_BYTES];
    if digits.len() != 2 * SALT_BYTES || !digits.is_ascii() {
        return None;
    }
    for (at, byte) in salt.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(salt)
}

/// What stands for the finding in a baseline. A word of Art. 9 is the same word everywhere:
/// there the person belongs to it, or the file if nobody is known.
pub(super) fn fingerprint(finding: &Finding, path: &str) -> String {
    let own = &finding.fingerprint;
    match &finding.subject {
        _ if !finding.category.needs_subject() => own.clone(),
        Some(subject) => format!("{own}-{}", subject.get(..16).unwrap_or(subject)),
        None => format!("{own}-{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(fingerprint: &str, expires: &str) -> (Entry, Date) {
        let entry = Entry {
            detector: "credential.password".into(),
            fingerprint: fingerprint.into(),
            path: "src/a.py".into(),
            reason: "known \"and\" revoked".into(),
            owner: "ops".into(),
            expires: expires.into(),
        };
        (entry, expires.parse().unwrap())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("baseline.toml");
        assert!(Baseline::read(&path).unwrap().is_none());
        let mut baseline = Baseline::new().unwrap();
        baseline.update(vec![entry("ab", "2026-12-31"), entry("cd", "2026-01-01")], false);
        baseline.write(&path).unwrap();
        let mut again = Baseline::read(&path).unwrap().unwrap();
        assert_eq!((again.salt, again.len()), (baseline.salt, 2));
        let today = "2026-11-22".parse().unwrap();
        assert_eq!(again.accepts("ab", today).map(|(_, holds)| holds), Some(true));
        assert_eq!(again.accepts("cd", today).map(|(_, holds)| holds), Some(false));
        assert!(again.accepts("ef", today).is_none());
        again.met.remove("cd");
        again.update(Vec::new(), true);
        assert_eq!(again.len(), 1);
    }

    #[test]
    fn an_entry_says_who_why_and_until_when() {
        let salt = "00".repeat(32);
        let text = |reason: &str, owner: &str, expires: &str, extra: &str| {
            format!(
                "version = 2\nsalt = \"{salt}\"\n[[accepted]]\ndetector = \"d\"\nfingerprint = \"f\"\npath = \"p\"\n\
                 reason = \"{reason}\"\nowner = \"{owner}\"\nexpires = \"{expires}\"\n{extra}"
            )
        };
        assert!(Baseline::parse(&text("r", "o", "2027-01-01", "")).is_ok());
        for wrong in [
            text(" ", "o", "2027-01-01", ""),
            text("r", "", "2027-01-01", ""),
            text("r", "o", "soon", ""),
            text("r", "o", "2027-01-01", "line = 3\n"),
            text("r", "o", "2027-01-01", "").replace("version = 2", "version = 3"),
            text("r", "o", "2027-01-01", "").replace(&salt, "00"),
        ] {
            assert!(Baseline::parse(&wrong).is_err(), "{wrong}");
        }
    }
}
